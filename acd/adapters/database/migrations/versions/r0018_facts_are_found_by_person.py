"""All facts of one person are found by him, and not only his calls."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_CALLS = sa.text("kind = 'call'")
_NAMED = sa.text("person IS NOT NULL")


def upgrade() -> None:
    """The one serves whoever asked the other."""
    op.drop_index("ix_facts_person_began_at", "facts")
    op.create_index(
        "ix_facts_person_kind_began_at",
        "facts",
        ["person", "kind", "began_at"],
        sqlite_where=_NAMED,
        postgresql_where=_NAMED,
    )


def downgrade() -> None:
    """Who is erased is looked for in all facts again."""
    op.drop_index("ix_facts_person_kind_began_at", "facts")
    op.create_index(
        "ix_facts_person_began_at",
        "facts",
        ["person", "began_at"],
        sqlite_where=_CALLS,
        postgresql_where=_CALLS,
    )
