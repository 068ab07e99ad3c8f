"""What callers were asked after their calls, and what they answered."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Nothing that is there is changed."""
    op.create_table(
        "surveys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Text()),
        sa.Column("number", sa.Text()),
        sa.Column("call", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("agent", sa.Text()),
        sa.Column("question", sa.Text()),
        sa.Column("scale", sa.Text()),
        sa.Column("score", sa.BigInteger()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
    )
    op.create_index("ix_surveys_customer_id_at", "surveys", ["customer_id", "at"])
    op.create_index("ix_surveys_number_at", "surveys", ["number", "at"])
    op.create_index("ix_surveys_at", "surveys", ["at"])


def downgrade() -> None:
    """The version before knows no surveys; that there were scores stays in the facts."""
    op.drop_table("surveys")
