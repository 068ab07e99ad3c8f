"""Writes down what was before us: facts and calls out of another system's log; never touches how things stand now."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.connection import Database, storable
from acd.adapters.database.erased_or_merged import forget_erased
from acd.adapters.database.ledger_rows import CALL_COLUMNS, fact_row, statements_of
from acd.adapters.database.numbers import read_number
from acd.adapters.database.tables import calls, customer_numbers, facts
from acd.core.customer import CAN_REPEAT, Confidence
from acd.core.ids import NodeId
from acd.queue_log.history import PastCall, Who
from acd.reports.facts import Fact

_PIECE = 500  # Names in one question.
_ROWS = 5_000  # In one statement.


@dataclass(slots=True)
class Written:
    """What came of it: rows that are new, of so many."""

    facts: int = 0
    new: int = 0
    calls: int = 0

    def __iadd__(self, other: "Written") -> "Written":
        self.facts += other.facts
        self.new += other.new
        self.calls += other.calls
        return self


class HistoryBook:
    """A past that is written where the present is; the same again is written once."""

    def __init__(self, database: Database, *, region: str) -> None:
        self._database = database
        self._region = region
        self._statements = statements_of(database)

    async def whose(self, numbers: Collection[str]) -> dict[str, Who]:
        """Who has these numbers, as their callers' switch has told them, by what customers are listed now."""
        read = {number: read_number(number, self._region) for number in numbers}
        wanted = sorted({one.e164 for one in read.values() if one.e164 is not None})
        listed = await self._database.read(_listed, wanted) if wanted else {}
        found = {}
        for number, reading in read.items():
            confidence, customer = reading.confidence, None
            if confidence is Confidence.UNLISTED and reading.e164 in listed:
                confidence, customer = _whose(listed[reading.e164])
            told = confidence in CAN_REPEAT
            found[number] = Who(
                number=reading.e164,
                person=(customer or reading.e164) if told else None,
                customer=customer if told else None,
                confidence=confidence.value,
            )
        return found

    async def known(self, uniqueids: Collection[str], node: NodeId) -> frozenset[str]:
        """Those of Asterisk's calls that the ledger has because we had them ourselves."""
        names = {f"{node}:{uniqueid}": uniqueid for uniqueid in uniqueids}
        there = await self._database.read(_there, sorted(names)) if names else []
        return frozenset(names[name] for name in there)

    async def keep(self, told: Sequence[Fact | PastCall]) -> Written:
        """Write all of this, in one transaction. Raises DatabaseError."""
        return await self._database.write(self._keep, told)

    def _keep(self, connection: sa.Connection, told: Sequence[Fact | PastCall]) -> Written:
        rows = [fact_row(one) for one in told if isinstance(one, Fact)]
        past = [_call_row(one) for one in told if isinstance(one, PastCall)]
        done = Written(facts=len(rows), calls=len(past))
        for piece in _pieces(rows, _ROWS):
            written = connection.exec_driver_sql(self._statements[facts.name], piece)
            done.new += max(0, written.rowcount)
        for piece in _pieces(past, _ROWS):
            connection.exec_driver_sql(self._statements[calls.name], piece)
        forget_erased(connection, [row["id"] for row in past])
        return done


def _call_row(one: PastCall) -> dict[str, Any]:
    row = dict.fromkeys(CALL_COLUMNS)
    return row | {
        "id": storable(one.id),
        "started_at": one.started_at,
        "number": one.who.number,
        "number_raw": storable(one.number_raw),
        "dialled": storable(one.dialled),
        "confidence": one.who.confidence,
        "customer_id": one.who.customer,
        "queue": storable(one.queue),
        "queued_at": one.queued_at,
        "agent": storable(one.agent),
        "answered_at": one.answered_at,
        "ended_at": one.ended_at,
        "ending": one.ending,
        "waited_ms": one.waited_ms,
        "talked_ms": one.talked_ms,
    }


def _listed(
    connection: sa.Connection, numbers: Sequence[str]
) -> dict[str, list[tuple[str, Confidence]]]:
    found: dict[str, list[tuple[str, Confidence]]] = {}
    for piece in _pieces(numbers, _PIECE):
        asked = sa.select(customer_numbers).where(customer_numbers.c.e164.in_(piece))
        for row in connection.execute(asked):
            found.setdefault(row.e164, []).append((row.customer_id, Confidence(row.kind)))
    return found


def _whose(owners: Sequence[tuple[str, Confidence]]) -> tuple[Confidence, str | None]:
    """As the directory would say it of a caller."""
    kinds = [kind for _, kind in owners]
    if Confidence.SWITCHBOARD in kinds:
        return Confidence.SWITCHBOARD, None
    if len(owners) > 1 or Confidence.SHARED in kinds:
        return Confidence.SHARED, None
    ((customer, kind),) = owners
    return kind, customer


def _there(connection: sa.Connection, names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for piece in _pieces(names, _PIECE):
        found += connection.execute(sa.select(calls.c.id).where(calls.c.id.in_(piece))).scalars()
    return found


def _pieces(rows: Sequence[Any], length: int) -> Iterator[list[Any]]:
    for first in range(0, len(rows), length):
        yield list(rows[first : first + length])
