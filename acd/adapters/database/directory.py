"""Knows who has a number, and when he last called; reads only, but for listing customers; judges nothing.

The caller of a phone call waits for `identify`: one hop to a thread, two index look-ups, written out as
SQL because more than half of his wait was spent on the layers above. What the ledger has heard and not yet written is
laid over what is in the tables, so a call that began a millisecond ago counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import sqlalchemy as sa

from acd.adapters.database.connection import Database, LookUp, storable
from acd.adapters.database.ledger import CallChanges, Ledger
from acd.adapters.database.numbers import Reading, read_number
from acd.adapters.database.tables import customer_numbers, customers
from acd.core.customer import (
    CAN_REPEAT,
    Confidence,
    Contact,
    Customer,
    Identity,
    earlier_contacts,
)
from acd.core.ids import AgentId, CallId, CustomerId

Numbers: TypeAlias = Mapping[str, Confidence]  # As people write them, and whose they are.

# What a list of customers may say of a number; the rest is found out when it calls.
LISTABLE = frozenset({Confidence.OWN, Confidence.WORK, Confidence.SHARED, Confidence.SWITCHBOARD})

MOST_CONTACTS = 50  # Newest first: enough for any screen, and a dialler gone mad stays cheap.
_MOST_CANDIDATES = 100  # Rows: a switchboard may be a whole town's.

# Everybody who has the number, and each with the numbers that are his and nobody else's.
_CANDIDATES = f"""
    SELECT listed.kind, customers.id, name, segment, language, notes, his.e164
    FROM customer_numbers AS listed
    JOIN customers ON customers.id = listed.customer_id
    LEFT JOIN customer_numbers AS his ON his.customer_id = customers.id
        AND his.kind IN ('{Confidence.OWN}', '{Confidence.WORK}')
        AND NOT EXISTS (
            SELECT 1 FROM customer_numbers AS others
            WHERE others.e164 = his.e164 AND others.customer_id <> his.customer_id
        )
    WHERE listed.e164 = :number
    ORDER BY customers.id, his.e164
    LIMIT {_MOST_CANDIDATES}
"""  # noqa: S608 # Of our own words alone, as those below.

_CONTACT = ("id", "started_at", "number", "customer_id", "confidence", "queue", "agent", "outcome")


def _contacts_where(condition: str) -> str:
    """The newest calls of the window for which this is true; each such query is one range of an index."""
    return f"""
        SELECT {", ".join(_CONTACT)} FROM calls
        WHERE {condition} AND started_at >= :since AND started_at < :at
        ORDER BY started_at DESC LIMIT {MOST_CONTACTS}
    """  # noqa: S608


@lru_cache(maxsize=_MOST_CANDIDATES)
def _of_numbers(count: int) -> str:
    """Nobody's calls from :number0, :number1 …: whoever had a number before, took his calls with him."""
    listed = ", ".join(f":number{n}" for n in range(count))
    # Not `customer_id IS NULL`: with statistics SQLite would rather read all strangers' calls of the window
    # by the index of customers (measured at 1,000,000 calls: 1.7 ms instead of 0.13).
    return _contacts_where(
        f"number IN ({listed}) AND COALESCE(customer_id, '') = ''"
        f" AND (confidence IS NULL OR confidence = '{Confidence.UNLISTED}')"
    )


@lru_cache(maxsize=_MOST_CANDIDATES)
def _of_customer_or_numbers(count: int) -> str:
    # Each half sorts its own range, so neither reads more than it may return.
    his = _contacts_where("customer_id = :customer")
    nobodys = _of_numbers(count)
    return f"SELECT * FROM ({his}) AS his UNION ALL SELECT * FROM ({nobodys}) AS nobodys"  # noqa: S608


class Directory:
    """Who has a number. `agent_names` may be replaced when the configuration is."""

    def __init__(
        self,
        database: Database,
        *,
        region: str,
        ledger: Ledger,
        agent_names: Mapping[AgentId, str],
    ) -> None:
        self.agent_names = agent_names
        self._database = database
        self._region = region
        self._ledger = ledger

    async def identify(self, number: str, *, at: int, window_ms: int) -> Identity:
        """Who calls from `number` at `at`, and his calls in the window before. Raises DatabaseError."""
        reading = read_number(number, self._region)
        if reading.e164 is None:
            return Identity(confidence=reading.confidence, window_ms=window_ms)
        # Taken before the tables are read: what leaves the ledger's hands meanwhile is in one or both.
        unwritten = self._ledger.unwritten_calls()
        found = await self._database.look_up(_look_up, reading, since=at - window_ms, at=at)
        found.lay_over(unwritten)
        earlier = earlier_contacts(
            found.confidence, self._contacts(found.calls), at=at, window_ms=window_ms
        )
        return Identity(
            number=reading.e164,
            confidence=found.confidence,
            customers=found.customers,
            earlier=earlier[:MOST_CONTACTS],
            window_ms=window_ms,
        )

    async def add_customer(
        self, customer: Customer, numbers: Numbers, *, at: int
    ) -> tuple[str, ...]:
        """List or correct one customer; see `add_customers`."""
        return await self.add_customers([(customer, numbers)], at=at)

    async def add_numbers(self, customer: CustomerId, numbers: Numbers) -> tuple[str, ...]:
        """List more numbers of a customer. Returns those that cannot be read, which are left out."""
        rows, unreadable = self._rows_of(customer, numbers)
        await self._database.write(self._store, [], rows)
        return unreadable

    async def add_customers(
        self, listed: Iterable[tuple[Customer, Numbers]], *, at: int
    ) -> tuple[str, ...]:
        """List customers, or correct those already listed, all or none; their other numbers stay.

        Returns the numbers that cannot be read, which are left out.
        """
        people: dict[CustomerId, dict[str, Any]] = {}
        numbers: list[dict[str, Any]] = []
        unreadable: list[str] = []
        for customer, theirs in listed:
            people[customer.id] = {
                "id": customer.id,
                "name": storable(customer.name),
                "segment": storable(customer.segment),
                "language": storable(customer.language),
                "notes": storable(customer.notes),
                "created_at": at,
            }
            rows, bad = self._rows_of(customer.id, theirs)
            numbers += rows
            unreadable += bad
        await self._database.write(self._store, list(people.values()), numbers)
        return tuple(unreadable)

    def _rows_of(
        self, customer: CustomerId, numbers: Numbers
    ) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        rows: list[dict[str, Any]] = []
        unreadable: list[str] = []
        for raw, kind in numbers.items():
            if kind not in LISTABLE:
                raise ValueError(f"a number cannot be listed as {kind}")
            e164 = read_number(raw, self._region).e164
            if e164 is None:
                unreadable.append(raw)
            else:
                rows.append({"e164": e164, "customer_id": customer, "kind": kind.value})
        return rows, tuple(unreadable)

    def _store(
        self,
        connection: sa.Connection,
        people: list[dict[str, Any]],
        numbers: list[dict[str, Any]],
    ) -> None:
        insert = self._database.insert(customers)
        if people:
            corrected = {
                name: insert.excluded[name] for name in ("name", "segment", "language", "notes")
            }
            connection.execute(
                insert.on_conflict_do_update(index_elements=["id"], set_=corrected), people
            )
        insert = self._database.insert(customer_numbers)
        if numbers:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["e164", "customer_id"], set_={"kind": insert.excluded.kind}
                ),
                numbers,
            )

    def _contacts(self, rows: Mapping[CallId, CallChanges]) -> list[Contact]:
        return [
            Contact(
                call=call,
                at=row["started_at"],
                queue=row.get("queue"),
                agent=row.get("agent"),
                agent_name=self.agent_names.get(row["agent"]) if row.get("agent") else None,
                outcome=row.get("outcome"),
            )
            for call, row in rows.items()
        ]


class _Found:
    """What the tables say about one number, and then what the ledger has not written yet."""

    def __init__(self, reading: Reading, candidates: Sequence[tuple[Any, ...]]) -> None:
        by_id: dict[str, Customer] = {}
        kinds: list[Confidence] = []
        numbers: list[str] = []
        for kind, customer, name, segment, language, notes, number in candidates:
            if customer not in by_id:
                kinds.append(Confidence(kind))
                by_id[customer] = Customer(
                    id=CustomerId(customer),
                    name=name,
                    segment=segment,
                    language=language,
                    notes=notes,
                )
            if number is not None:
                numbers.append(number)
        self.customers = tuple(by_id.values())
        self.customer: CustomerId | None = None
        self.numbers: Sequence[str] = [reading.e164] if reading.e164 else []
        self.calls: dict[CallId, CallChanges] = {}
        if not kinds:
            self.confidence = reading.confidence
        elif len(kinds) == 1:
            self.confidence = kinds[0]
            self.customer = self.customers[0].id
            self.numbers = numbers
        elif Confidence.SWITCHBOARD in kinds:
            self.confidence = Confidence.SWITCHBOARD
        else:
            self.confidence = Confidence.SHARED

    def lay_over(self, layers: Iterable[Mapping[CallId, CallChanges]]) -> None:
        """Add the calls that are his, and what is new of those already found, the oldest layer first."""
        if self.confidence not in CAN_REPEAT:
            return
        for layer in layers:
            for call, changes in layer.items():
                if call in self.calls:
                    self.calls[call] = {**self.calls[call], **changes}
                elif "started_at" in changes and self._is_his(changes):
                    self.calls[call] = changes

    def _is_his(self, changes: CallChanges) -> bool:
        customer = changes.get("customer_id")
        if customer is not None:
            return bool(customer == self.customer)
        untold = changes.get("confidence") in (None, Confidence.UNLISTED.value)
        return untold and changes.get("number") in self.numbers


def _look_up(connection: LookUp, reading: Reading, *, since: int, at: int) -> _Found:
    found = _Found(reading, connection.rows(_CANDIDATES, number=reading.e164))
    if found.confidence not in CAN_REPEAT:
        return found
    asked = _of_numbers if found.customer is None else _of_customer_or_numbers
    values = {f"number{n}": number for n, number in enumerate(found.numbers)}
    rows = connection.rows(
        asked(len(found.numbers)), customer=found.customer, since=since, at=at, **values
    )
    found.calls = {CallId(row[0]): dict(zip(_CONTACT, row, strict=True)) for row in rows}
    return found
