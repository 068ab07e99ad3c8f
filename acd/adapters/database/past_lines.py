"""The past as lines of a queue_log, out of the ledger; reads only."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.tables import calls, facts
from acd.core.ids import CallId, Direction, direction_of
from acd.queue_log.line import Line
from acd.queue_log.scribe import Scribe
from acd.reports.calendar import Interval
from acd.reports.facts import Fact, Kind

# How long after a span what began in it may end.
_LATER_MS = 24 * 3_600_000
# Things of one moment, as they follow each other: a talk ends before its caller waits again.
_ORDER = {Kind.STATE: 0, Kind.TALK: 1, Kind.STAY: 3, Kind.OFFER: 4, Kind.CALL: 5}
_ENTERS = 2


async def lines_of(database: Database, span: Interval, agents: Mapping[str, str]) -> list[str]:
    """All of those who came into a queue then, and of agents' time; in order. Raises DatabaseError."""
    return await database.report(_lines, span, Scribe(agents))


def _lines(connection: sa.Connection, span: Interval, scribe: Scribe) -> list[str]:
    numbers = _numbers(connection, span)
    happened: list[tuple[int, int, int, Fact]] = []
    joined: set[str | None] = set()
    for n, fact in enumerate(_facts(connection, span)):
        if fact.kind is Kind.STAY:
            if fact.began_at >= span.ended_at:
                continue
            joined.add(fact.conversation)
            happened.append((fact.began_at, _ENTERS, n, fact))
        elif fact.kind is Kind.STATE:
            if fact.began_at >= span.ended_at:
                continue
            happened.append((fact.began_at, _ORDER[fact.kind], n, fact))
            continue
        happened.append((fact.ended_at, _ORDER[fact.kind], n, fact))
    told: list[Line] = []
    for at, order, _, fact in sorted(happened, key=lambda one: one[:3]):
        if fact.kind is not Kind.STATE and fact.conversation not in joined:
            continue  # It began before the span, and is with the day before.
        if order == _ENTERS:
            number, dialled = numbers.get(fact.conversation or "", ("", None))
            told += scribe.enters(at, fact.conversation or "", fact.queue or "", number, dialled)
        elif fact.kind is Kind.STATE:
            told += scribe.worked(fact)
        else:
            told += scribe.over(fact)
    told += scribe.all_go_home()
    # Python keeps the order of what is of one second; a line that speaks of earlier goes there.
    return [line.written() for line in sorted(told, key=lambda line: line.at // 1000)]


def _facts(connection: sa.Connection, span: Interval) -> Iterator[Fact]:
    names = ("kind", "began_at", "ended_at", "subject", "conversation", "queue", "agent")
    columns = [facts.c[name] for name in (*names, "result", "detail")]
    for kind in _ORDER:
        later = 0 if kind in (Kind.STAY, Kind.STATE) else _LATER_MS
        asked = (
            sa.select(*columns)
            .where(
                facts.c.kind == sa.literal_column(f"'{kind}'"),
                facts.c.began_at >= span.began_at,
                facts.c.began_at < span.ended_at + later,
            )
            .order_by(facts.c.began_at, facts.c.subject)
        )
        for row in connection.execute(asked).mappings():
            call = row["conversation"]
            if call is None or direction_of(CallId(call)) is Direction.IN or kind is Kind.STATE:
                yield Fact(**{**row, "kind": kind})


def _numbers(connection: sa.Connection, span: Interval) -> dict[str, tuple[str, str | None]]:
    """Of the calls that may have joined a queue then."""
    asked = sa.select(calls.c.id, calls.c.number_raw, calls.c.number, calls.c.dialled).where(
        calls.c.started_at >= span.began_at - _LATER_MS, calls.c.started_at < span.ended_at
    )
    return {
        row.id: (row.number_raw or row.number or "", row.dialled)
        for row in connection.execute(asked)
    }
