"""Knows who has a number, and when he last called; reads only, but for listing customers; judges nothing.

The caller of a phone call waits for `identify`: one hop to a thread, two index look-ups. What the ledger
has heard and not yet written is laid over what is in the tables, so a call that began a millisecond ago
counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from acd.adapters.database.connection import Database, storable
from acd.adapters.database.ledger import CallChanges, Ledger
from acd.adapters.database.numbers import Reading, read_number
from acd.adapters.database.tables import calls, customer_numbers, customers
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

_UNTOLD = sa.or_(calls.c.confidence.is_(None), calls.c.confidence == Confidence.UNLISTED.value)

_his = customer_numbers.alias("his")
_others = customer_numbers.alias("others")

# Everybody who has the number, and each with the numbers that are his and nobody else's.
_CANDIDATES = (
    sa.select(customer_numbers.c.kind, *customers.c, _his.c.e164.label("his_number"))
    .select_from(
        customer_numbers.join(customers).outerjoin(
            _his,
            sa.and_(
                _his.c.customer_id == customers.c.id,
                _his.c.kind.in_([Confidence.OWN.value, Confidence.WORK.value]),
                ~sa.exists().where(
                    _others.c.e164 == _his.c.e164, _others.c.customer_id != _his.c.customer_id
                ),
            ),
        )
    )
    .where(customer_numbers.c.e164 == sa.bindparam("number"))
    .order_by(customers.c.id, _his.c.e164)
    .limit(_MOST_CANDIDATES)
)


def _contacts_where(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The newest calls of the window for which this is true; each such query is one range of an index."""
    return (
        sa.select(
            calls.c.id,
            calls.c.started_at,
            calls.c.number,
            calls.c.customer_id,
            calls.c.confidence,
            calls.c.queue,
            calls.c.agent,
            calls.c.outcome,
        )
        .where(
            *conditions,
            calls.c.started_at >= sa.bindparam("since"),
            calls.c.started_at < sa.bindparam("at"),
        )
        .order_by(calls.c.started_at.desc())
        .limit(MOST_CONTACTS)
    )


# Whoever had the number when it was somebody's, took his calls with him.
_OF_NUMBER = _contacts_where(
    calls.c.number == sa.bindparam("number"), calls.c.customer_id.is_(None), _UNTOLD
)
_OF_CUSTOMER = _contacts_where(calls.c.customer_id == sa.bindparam("customer"))

_OF_HIS_NUMBERS = _contacts_where(
    calls.c.number.in_(sa.bindparam("numbers", expanding=True)),
    calls.c.customer_id.is_(None),
    _UNTOLD,
)
# Each half sorts its own range, so neither reads more than it may return.
_OF_CUSTOMER_OR_NUMBERS = sa.union_all(
    sa.select(_OF_CUSTOMER.subquery()), sa.select(_OF_HIS_NUMBERS.subquery())
)


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
        found = await self._database.read(_look_up, reading, since=at - window_ms, at=at)
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

    def __init__(self, reading: Reading, candidates: Sequence[Any]) -> None:
        by_id = {row.id: row for row in candidates}
        self.customers = tuple(
            Customer(
                id=CustomerId(row.id),
                name=row.name,
                segment=row.segment,
                language=row.language,
                notes=row.notes,
            )
            for row in by_id.values()
        )
        kinds = [Confidence(row.kind) for row in by_id.values()]
        self.customer: CustomerId | None = None
        self.numbers: Sequence[str] = [reading.e164] if reading.e164 else []
        self.calls: dict[CallId, CallChanges] = {}
        if not kinds:
            self.confidence = reading.confidence
        elif len(kinds) == 1:
            self.confidence = kinds[0]
            self.customer = self.customers[0].id
            self.numbers = [row.his_number for row in candidates if row.his_number]
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


def _look_up(connection: sa.Connection, reading: Reading, *, since: int, at: int) -> _Found:
    candidates = connection.execute(_CANDIDATES, {"number": reading.e164}).all()
    found = _Found(reading, candidates)
    if found.confidence not in CAN_REPEAT:
        return found
    span = {"since": since, "at": at}
    if found.customer is None:
        rows = connection.execute(_OF_NUMBER, {"number": reading.e164, **span})
    else:
        his = {"customer": found.customer, "numbers": found.numbers}
        rows = connection.execute(_OF_CUSTOMER_OR_NUMBERS, {**his, **span})
    found.calls = {CallId(row["id"]): dict(row) for row in rows.mappings()}
    return found
