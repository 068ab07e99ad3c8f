"""Agents have duties that supervisors gave them, and their work after a call outlives our restart."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Nothing that is there is changed."""
    op.add_column("agent_shifts", sa.Column("wrap_up", sa.Text()))
    op.add_column("agent_shifts", sa.Column("wrap_up_until", sa.BigInteger()))
    op.create_table(
        "agent_duties",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("queues", _JSON),
        sa.Column("skills", _JSON),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name="pk_agent_duties"),
    )


def downgrade() -> None:
    """Agents have the duties of the centre's file again."""
    op.drop_table("agent_duties")
    op.drop_column("agent_shifts", "wrap_up_until")
    op.drop_column("agent_shifts", "wrap_up")
