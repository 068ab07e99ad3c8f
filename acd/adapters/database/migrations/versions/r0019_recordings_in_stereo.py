"""Recordings have one channel or two; all from before have one."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Nothing that is there is changed."""
    op.add_column(
        "recordings", sa.Column("channels", sa.BigInteger(), nullable=False, server_default="1")
    )


def downgrade() -> None:
    """The version before finds no sound of those in stereo. Their files stay."""
    op.drop_column("recordings", "channels")
