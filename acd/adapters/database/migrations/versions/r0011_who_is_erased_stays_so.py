"""Who is erased while he talks is not written again."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Of nobody's calls it is known that he was erased: those are over."""
    op.add_column("calls", sa.Column("erased_as", sa.Text()))


def downgrade() -> None:
    """The version before does not know it."""
    op.drop_column("calls", "erased_as")
