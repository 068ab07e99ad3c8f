"""A fact is something that is over, with its own columns, instead of a notice as it was heard."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_TEXTS = ("conversation", "queue", "agent", "team", "dialled", "person", "result", "detail")
_COLUMNS = ("kind", "began_at", "subject", "ended_at", *_TEXTS, "body")
_NUMBERS = ("began_at", "ended_at")

# What the version before had no columns for waits in `body` of its table, under this name.
_PACKED = "0003"

# Calls of which the version before had heard the end, as facts. It kept no offers and no states that
# could be told from their repetitions.
_FROM_CALLS = (
    """
    INSERT INTO facts (kind, began_at, subject, ended_at, conversation, queue, agent, dialled, person,
        result)
    SELECT 'call', started_at, id, ended_at, id, queue, agent, dialled,
        COALESCE(customer_id, CASE WHEN confidence = 'unlisted' THEN number END), ending
    FROM calls WHERE ended_at IS NOT NULL AND id IN (
        SELECT call FROM facts_old WHERE kind = 'CallEnded')
    """,
    """
    INSERT INTO facts (kind, began_at, subject, ended_at, conversation, queue, agent, dialled, person,
        result)
    SELECT 'stay', COALESCE(answered_at, ended_at) - COALESCE(waited_ms, 0), id || '@' || queue,
        COALESCE(answered_at, ended_at), id, queue, agent, dialled,
        COALESCE(customer_id, CASE WHEN confidence = 'unlisted' THEN number END),
        CASE WHEN answered_at IS NOT NULL THEN 'answered' ELSE ending END
    FROM calls WHERE ended_at IS NOT NULL AND queue IS NOT NULL AND id IN (
        SELECT call FROM facts_old WHERE kind = 'CallQueued')
    """,
    """
    INSERT INTO facts (kind, began_at, subject, ended_at, conversation, queue, agent, dialled, person,
        result)
    SELECT 'talk', answered_at, id || '~' || agent || '~' || answered_at, ended_at, id, queue, agent,
        dialled, COALESCE(customer_id, CASE WHEN confidence = 'unlisted' THEN number END), 'ended'
    FROM calls WHERE ended_at >= answered_at AND agent IS NOT NULL AND id IN (
        SELECT call FROM facts_old WHERE kind = 'CallEnded')
    """,
)


def upgrade() -> None:
    """What had happened before becomes facts, as far as the calls tell it."""
    op.add_column("calls", sa.Column("queued_at", sa.BigInteger()))
    for name in ("state", "detail", "conversation", "queue"):
        op.add_column("agent_shifts", sa.Column(name, sa.Text()))
    op.add_column("agent_shifts", sa.Column("since", sa.BigInteger()))
    _set_aside("facts", "facts_old", ("ix_facts_at", "ix_facts_call"))
    op.create_table(
        "facts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in _TEXTS),
        sa.Column("body", _JSON),
        sa.PrimaryKeyConstraint("kind", "began_at", "subject", name="pk_facts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_facts_conversation", "facts", ["conversation"])
    op.create_index(
        "ix_facts_person_began_at",
        "facts",
        ["person", "began_at"],
        sqlite_where=sa.text("kind = 'call'"),
        postgresql_where=sa.text("kind = 'call'"),
    )
    names = ", ".join(_COLUMNS)
    values = ", ".join(_unpacked(name) for name in _COLUMNS)
    op.execute(
        f"INSERT INTO facts ({names}) SELECT {values} FROM facts_old WHERE epoch = '{_PACKED}'"  # noqa: S608
    )
    for statement in _FROM_CALLS:
        op.execute(statement)
    op.drop_table("facts_old")


def downgrade() -> None:
    """The facts are kept for the way up again; the version before reads only its own."""
    _set_aside("facts", "facts_new", ("ix_facts_conversation", "ix_facts_person_began_at"))
    op.create_table(
        "facts",
        sa.Column(
            "serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True
        ),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("call", sa.Text()),
        sa.Column("agent", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("body", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_facts"),
        sa.UniqueConstraint("epoch", "n", name="uq_facts_epoch_n"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_facts_at", "facts", ["at"])
    op.create_index("ix_facts_call", "facts", ["call"])
    pairs = ", ".join(f"'{name}', {_packable(name)}" for name in _COLUMNS)
    make = "jsonb_build_object" if _postgresql() else "json_object"
    op.execute(
        f"""
        INSERT INTO facts (epoch, n, at, kind, call, agent, queue, body)
        SELECT '{_PACKED}', ROW_NUMBER() OVER (ORDER BY kind, began_at, subject), began_at, kind,
            conversation, agent, queue, {make}({pairs}) FROM facts_new
        """  # noqa: S608
    )
    op.drop_table("facts_new")
    for name in ("since", "queue", "conversation", "detail", "state"):
        op.drop_column("agent_shifts", name)
    op.drop_column("calls", "queued_at")


def _set_aside(table: str, name: str, indexes: tuple[str, ...]) -> None:
    """Under another name, and without names that the new table of this name needs."""
    for index in indexes:
        op.drop_index(index, table)
    op.rename_table(table, name)
    if _postgresql():
        op.execute(f"ALTER INDEX pk_{table} RENAME TO pk_{name}")


def _postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _packable(name: str) -> str:
    return "json(body)" if name == "body" and not _postgresql() else name


def _unpacked(name: str) -> str:
    if not _postgresql():
        return f"json_extract(body, '$.{name}')"
    if name == "body":
        return "NULLIF(body -> 'body', 'null'::jsonb)"
    return f"(body ->> '{name}')::bigint" if name in _NUMBERS else f"body ->> '{name}'"
