"""What people and systems note with a call."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Of the calls that are there nothing was noted."""
    json = sa.JSON(none_as_null=True)
    json = json.with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    op.add_column("calls", sa.Column("data", json))


def downgrade() -> None:
    """The version before knows no notes."""
    op.drop_column("calls", "data")
