"""Systems have keys, which are log-ins with a name and a longer life."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Who is logged in has no key."""
    op.add_column("tokens", sa.Column("key_name", sa.Text()))


def downgrade() -> None:
    """To the version before a key is a long log-in; it stays good."""
    op.drop_column("tokens", "key_name")
