"""An agent who owes the disposition of a call owes it still after our restart."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nothing that is there is changed."""
    op.add_column("agent_shifts", sa.Column("undisposed", sa.Text()))


def downgrade() -> None:
    """Nobody owes anything."""
    op.drop_column("agent_shifts", "undisposed")
