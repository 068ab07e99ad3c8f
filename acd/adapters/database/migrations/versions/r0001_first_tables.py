"""Customers and their numbers, calls, shifts, the ledger of facts, log-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """From an empty database."""
    op.create_table(
        "customers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("notes", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_table(
        "customer_numbers",
        sa.Column("e164", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name="fk_customer_numbers_customer_id_customers",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("e164", "customer_id", name="pk_customer_numbers"),
    )
    op.create_index("ix_customer_numbers_customer_id", "customer_numbers", ["customer_id"])
    op.create_table(
        "calls",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text()),
        sa.Column("number_raw", sa.Text()),
        sa.Column("caller_name", sa.Text()),
        sa.Column("dialled", sa.Text()),
        sa.Column("confidence", sa.Text()),
        sa.Column("customer_id", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("agent", sa.Text()),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ending", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.Column("waited_ms", sa.BigInteger()),
        sa.Column("talked_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_number_started_at", "calls", ["number", "started_at"])
    op.create_index("ix_calls_customer_id_started_at", "calls", ["customer_id", "started_at"])
    op.create_index(
        "ix_calls_open",
        "calls",
        ["started_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "agent_shifts",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("logged_in", sa.Boolean(), nullable=False),
        sa.Column("causes", _JSON, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name="pk_agent_shifts"),
    )
    op.create_table(
        "facts",
        sa.Column(
            "serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True
        ),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("call", sa.Text()),
        sa.Column("agent", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("body", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_facts"),
        sa.UniqueConstraint("epoch", "n", name="uq_facts_epoch_n"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_facts_at", "facts", ["at"])
    op.create_index("ix_facts_call", "facts", ["call"])
    op.create_table(
        "tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("hash", name="pk_tokens"),
    )
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])


def downgrade() -> None:
    """To an empty database."""
    for table in (
        "tokens",
        "facts",
        "agent_shifts",
        "calls",
        "customer_numbers",
        "customers",
    ):
        op.drop_table(table)
