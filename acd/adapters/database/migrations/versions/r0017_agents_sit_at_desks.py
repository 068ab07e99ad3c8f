"""Agents sit at desks that are not their own, and sit there still after a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Everybody on shift is at his own phone."""
    op.add_column("agent_shifts", sa.Column("desk", sa.Text()))


def downgrade() -> None:
    """The version before knows no desks: who is on shift is at his own phone."""
    op.drop_column("agent_shifts", "desk")
