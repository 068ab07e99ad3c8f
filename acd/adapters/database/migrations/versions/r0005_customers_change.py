"""Customers are merged and split, and can be put back as they were."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing that is there is changed."""
    op.create_table(
        "customer_changes",
        sa.Column(
            "serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("gone", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("serial", name="pk_customer_changes"),
        sqlite_autoincrement=True,
    )
    for name in ("kept", "gone"):
        op.create_index(f"ix_customer_changes_{name}", "customer_changes", [name])


def downgrade() -> None:
    """Who is merged stays so."""
    op.drop_table("customer_changes")
