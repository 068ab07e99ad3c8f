"""Promises can be moved, closed and opened again; who is to be called for one; who has changed what."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_NEW = ("made_by", "call", "closed_at", "moved", "reopened")


def upgrade() -> None:
    """What is owed stays owed; of what was closed before, nobody knows when."""
    op.add_column("promises", sa.Column("made_by", sa.Text()))
    op.add_column("promises", sa.Column("call", sa.Text()))
    op.add_column("promises", sa.Column("closed_at", sa.BigInteger()))
    for name in ("moved", "reopened"):
        op.add_column(
            "promises", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        )
    op.create_index(
        "ix_promises_due",
        "promises",
        ["due_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text()),
        sa.Column("number", sa.Text()),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("agent", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_customer_id", "tasks", ["customer_id"])
    op.create_index("ix_tasks_state_due_at", "tasks", ["state", "due_at"])
    op.create_table(
        "case_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("by", sa.Text()),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("call", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_case_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_changes_customer_id_at", "case_changes", ["customer_id", "at"])


def downgrade() -> None:
    """A lapsed promise is owed still, and the version before knows only `open`."""
    op.drop_table("case_changes")
    op.drop_table("tasks")
    op.drop_index("ix_promises_due", "promises")
    op.execute("UPDATE promises SET state = 'open' WHERE state = 'lapsed'")
    for name in _NEW:
        op.drop_column("promises", name)
