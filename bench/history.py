"""A long history for a bench: customers, their calls and the facts of those; made by the database itself."""

import sqlalchemy as sa

EACH = 10  # Calls by one caller.
LISTED = 5  # One caller of so many is a customer; the rest are strangers.
MONTH_MS = 30 * 24 * 3_600_000

_SERIES = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
# Kind, subject, agent, result and body of what is written down of one call; see `acd.reports.bookkeeping`.
_FACTS = (
    ("stay", "@support", "ana", "answered", '{"priority": 0, "bonus_ms": 0}'),
    ("forecast", "@support", None, "within-median", '{"median_ms": 8000, "upper_ms": 20000}'),
    ("offer", "~ana", "ana", "answered", None),
    ("talk", "~ana", "ana", "ended", None),
    ("call", "", "ana", "completed", '{"waited_ms": 4000, "talked_ms": 90000, "repeats": 0}'),
)


def number_of(caller: int) -> str:
    """E.164, of the caller of this number in the history."""
    return f"+86138{10_000_000 + caller}"


def fill(connection: sa.Connection, calls: int, upto: int, facts: bool = False) -> None:
    """So many calls of a month, the newest just before `upto`, every fifth caller a customer of two numbers.

    `facts`: with what the ledger has of each of them.
    """
    callers = calls // EACH
    customers = {"last": callers // LISTED - 1}
    connection.execute(
        sa.text(
            "INSERT INTO customers (id, name, segment, language, notes, created_at)"
            f" {_SERIES} SELECT 'C-' || i, '王芳', 'gold', 'zh', 'Air conditioner, May.', 0 FROM n"
        ),
        customers,
    )
    for first, kind in ((10_000_000, "own"), (50_000_000, "work")):
        connection.execute(
            sa.text(
                f"INSERT INTO customer_numbers (e164, customer_id, kind) {_SERIES}"
                f" SELECT '+86138' || ({first} + i), 'C-' || i, '{kind}' FROM n"
            ),
            customers,
        )
    began = f"{upto} - 1 - CAST(i AS BIGINT) * {MONTH_MS // calls}"
    customer = f"CASE WHEN i % {callers} < {callers // LISTED} THEN 'C-' || (i % {callers}) END"
    connection.execute(
        sa.text(
            f"""
            INSERT INTO calls (id, started_at, number, customer_id, confidence, queue, agent, outcome, ended_at)
            {_SERIES}
            SELECT 'pbx1:fill.' || i,
                   {began},
                   '+86138' || (10000000 + i % {callers}),
                   {customer},
                   CASE WHEN i % {callers} < {callers // LISTED} THEN 'own' ELSE 'unlisted' END,
                   'support', 'ana', 'solved', {upto}
            FROM n
            """
        ),
        {"last": calls - 1},
    )
    for kind, suffix, agent, result, body in _FACTS if facts else ():
        # In the order of the key, which is that of time: nobody writes a ledger backwards.
        connection.execute(
            sa.text(
                f"""
                INSERT INTO facts (kind, began_at, subject, ended_at, conversation, queue, agent, team,
                    dialled, person, result, detail, body)
                {_SERIES}
                SELECT :kind, {began}, 'pbx1:fill.' || i || :suffix, {began} + 94000,
                    'pbx1:fill.' || i, 'support', :agent, NULL, '4001',
                    COALESCE({customer}, '+86138' || (10000000 + i % {callers})),
                    :result, NULL, CAST(:body AS {_json(connection)})
                FROM (SELECT {calls - 1} - i AS i FROM n) AS n
                """
            ),
            {
                "last": calls - 1,
                "kind": kind,
                "suffix": suffix,
                "agent": agent,
                "result": result,
                "body": body,
            },
        )
    connection.execute(sa.text("ANALYZE"))


def _json(connection: sa.Connection) -> str:
    return "JSONB" if connection.dialect.name == "postgresql" else "TEXT"
