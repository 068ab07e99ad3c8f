"""Lists of those who are to be called, and what comes of each attempt."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"

_TEXTS = ("list", "zone", "tried_by", "call", "note")
_NUMBERS = ("attempts", "tried_at")


def upgrade() -> None:
    """Tasks that are there are on no list."""
    with op.batch_alter_table("tasks") as batch:
        for name in _TEXTS:
            batch.add_column(sa.Column(name, sa.Text()))
        for name in _NUMBERS:
            batch.add_column(sa.Column(name, sa.BigInteger()))
        batch.add_column(sa.Column("data", sa.JSON().with_variant(JSONB(), "postgresql")))
    op.create_index("ix_tasks_list_state_due_at", "tasks", ["list", "state", "due_at"])
    op.create_table(
        "call_lists",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_call_lists"),
    )
    op.create_table(
        "do_not_call",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_do_not_call"),
    )


def downgrade() -> None:
    """Who is on a list stays to be called, by whoever looks at the tasks."""
    op.drop_table("do_not_call")
    op.drop_table("call_lists")
    op.execute(sa.text("UPDATE tasks SET state = 'open' WHERE state IN ('offered', 'calling')"))
    op.drop_index("ix_tasks_list_state_due_at", "tasks")
    with op.batch_alter_table("tasks") as batch:
        for name in (*_TEXTS, *_NUMBERS, "data"):
            batch.drop_column(name)
