"""What is kept of one person: shown, erased, moved to another customer and back; and what is too old is purged.

Counts and durations stay, for they are nobody's; numbers, names, notes and texts go, and whoever's facts they were
becomes somebody without a name. What is done leaves a record that holds none of it but, for a merge, the way back.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import record_of, write_cards
from acd.adapters.database.numbers import masked, read_number
from acd.adapters.database.tables import (
    DETAILS,
    OF_THE_CALLER,
    calls,
    case_changes,
    complaints,
    contacts,
    customer_changes,
    customer_numbers,
    customers,
    facts,
    promises,
    recordings,
    surveys,
    tasks,
    webhook_deliveries,
)
from acd.adapters.sound import SoundAwayError, Sounds, copied
from acd.cases.refused import Why
from acd.core.ids import CustomerId

DAY_MS = 24 * 60 * 60 * 1000
_CHANGE = ("serial", "at", "what", "kept", "gone", "undone_at")
_MOST_CHANGES = 100
_PIECE = 1_000  # Rows in one statement of a purge, so that nobody waits for it.

_MOVING = (customer_numbers, *DETAILS)  # What belongs to a customer by its key.
_FOLLOWING = (
    calls,
    contacts,
    surveys,
    tasks,
    complaints,
    case_changes,
    webhook_deliveries,
)  # What only names him.
_HIS_ALONE = (
    contacts,
    surveys,
    tasks,
    complaints,
    case_changes,
    webhook_deliveries,
)  # Of these nothing is left when he is erased.


class PrivacyError(Exception):
    """It cannot be done; the text says why, and what to do. `why` is that in a word, if somebody asked amiss."""

    def __init__(self, text: str, why: Why | None = None) -> None:
        super().__init__(text)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whose data we keep: a customer, or whoever has a number that no customer has."""

    customer: CustomerId | None
    numbers: tuple[str, ...]  # E.164; of a customer those that are his alone.

    @property
    def names(self) -> tuple[str, ...]:
        """How facts call him."""
        return (*((self.customer,) if self.customer is not None else ()), *self.numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how many days what is kept; 0: for good."""

    callers_days: int = 0  # Who called: numbers and names in calls, persons in facts.
    contacts_days: int = (
        0  # By other channels, who was called, what he thought and complained of, who changed it.
    )
    recordings_days: int = 0  # What was said; never longer than who called.
    customers_days: int = 0  # Customers who have not been in touch since.


class Privacy:
    """Works on the database alone, whether or not the server runs."""

    def __init__(self, database: Database, *, region: str, sounds: Sounds) -> None:
        self._database = database
        self._region = region
        self._sounds = sounds

    async def whose(self, *, customer: str | None, number: str | None) -> Person:
        """The person who is meant. Raises PrivacyError."""
        return await self._database.read(self._whose, customer, number)

    async def export(self, person: Person) -> dict[str, Any]:
        """All that is kept of this person, each table by its name."""
        return await self._database.read(_export, person)

    async def copy_sounds(self, names: Sequence[str], folder: Path) -> None:
        """Copy these recordings into a folder, as far as there are files. Raises SoundAwayError."""
        for name in names:
            await copied(self._sounds, name, folder)

    async def erase(self, person: Person) -> dict[str, int]:
        """Forget this person; returns how many rows of each table were touched."""
        counts = await self._database.write(_erase, person)
        await self.remove_the_doomed()
        return counts

    async def remove_the_doomed(self) -> None:
        """Remove the files of recordings that nobody may hear any more, then what says that there were any.

        Raises PrivacyError if a file stays: what says so stays too, and the next purge tries again.
        """
        doomed = sa.select(recordings.c.id).where(recordings.c.doomed_at.is_not(None))
        names = await self._database.read(
            lambda connection: connection.execute(doomed).scalars().all()
        )
        for name in names:
            try:
                await self._sounds.remove(name)
            except SoundAwayError as error:
                raise PrivacyError(
                    f"recordings are still there, which nobody can hear any more by us: {error}. "
                    "When that is mended, run `cordboard privacy purge --really`"
                ) from error
            gone = sa.delete(recordings).where(recordings.c.id == name)
            await self._database.write(partial(_rows_of, gone))

    async def merge(self, kept: str, gone: str, *, at: int) -> int:
        """Two customers are one and the same: all that was the second's is the first's. Returns the change's number."""
        if kept == gone:
            raise PrivacyError("a customer cannot be merged with himself", Why.SAME_CUSTOMER)
        return await self._database.write(_merge, CustomerId(kept), CustomerId(gone), at)

    async def split(
        self, customer: str, new: str, name: str, numbers: Sequence[str], *, at: int
    ) -> int:
        """These numbers are another customer's, with the calls that came from them. Returns the change's number."""
        readable = [read_number(number, self._region).e164 for number in numbers]
        return await self._database.write(_split, customer, new, name, readable, at)

    async def undo(self, change: int, *, at: int) -> None:
        """Take a merge or a split back, as far as what was moved is still where it was moved to."""
        await self._database.write(_undo, change, at)

    async def changes(self, customer: str) -> list[dict[str, Any]]:
        """The merges and splits that this customer was part of, newest first."""
        asked = (
            sa.select(*(customer_changes.c[name] for name in _CHANGE))
            .where(sa.or_(customer_changes.c.kept == customer, customer_changes.c.gone == customer))
            .order_by(customer_changes.c.serial.desc())
            .limit(_MOST_CHANGES)
        )
        rows = await self._database.read(
            lambda connection: connection.execute(asked).mappings().all()
        )
        return [
            {"change" if name == "serial" else name: row[name] for name in _CHANGE} for row in rows
        ]

    async def purge(self, keep: Retention, *, at: int, really: bool) -> dict[str, int]:
        """Forget what is older than it may be, a piece at a time; returns how many rows of each table."""
        counts: dict[str, int] = {}
        for what, query in _too_old(keep, at):
            if not really:
                count = sa.select(sa.func.count()).select_from(query.subquery())
                counts[what] = await self._database.read(_scalar, count)
                continue
            counts[what] = 0
            while done := await self._database.write(_PURGES[what], query.limit(_PIECE)):
                counts[what] += done
        if really:
            await self.remove_the_doomed()
        return counts

    def _whose(self, connection: sa.Connection, customer: str | None, number: str | None) -> Person:
        if customer is not None:
            found = connection.execute(sa.select(customers.c.id).where(customers.c.id == customer))
            if found.scalar() is None:
                raise PrivacyError(f"there is no customer {customer}", Why.UNKNOWN_CUSTOMER)
            return _person(connection, CustomerId(customer))
        e164 = read_number(number or "", self._region).e164
        if e164 is None:
            raise PrivacyError(
                "that is no subscriber's number: write it with its area or country code"
            )
        owners = (
            connection.execute(
                sa.select(customer_numbers.c.customer_id)
                .where(customer_numbers.c.e164 == e164)
                .order_by(customer_numbers.c.customer_id)
                .limit(10)
            )
            .scalars()
            .all()
        )
        if len(owners) > 1:
            raise PrivacyError(
                f"{masked(e164)} is the number of several customers ({', '.join(owners)} …): name one of them"
            )
        if owners:
            return _person(connection, CustomerId(owners[0]))
        return Person(customer=None, numbers=(e164,))


def _person(connection: sa.Connection, customer: CustomerId) -> Person:
    his, others = customer_numbers.alias(), customer_numbers.alias()
    shared = sa.exists().where(
        others.c.e164 == his.c.e164, others.c.customer_id != his.c.customer_id
    )
    asked = (
        sa.select(his.c.e164)
        .where(his.c.customer_id == customer, his.c.kind.in_(("own", "home", "work")), ~shared)
        .order_by(his.c.e164)
    )
    return Person(customer=customer, numbers=tuple(connection.execute(asked).scalars()))


def _his(table: sa.Table, person: Person) -> sa.ColumnElement[bool]:
    """His rows of `_FOLLOWING`: those that name him, and nobody's with his numbers."""
    if "number" not in table.c:
        return table.c.customer_id == person.customer if person.customer else sa.false()
    nobodys = sa.and_(table.c.customer_id.is_(None), table.c.number.in_(person.numbers))
    return sa.or_(table.c.customer_id == person.customer, nobodys) if person.customer else nobodys


def _calls_of(person: Person) -> sa.Select[Any]:
    return sa.select(calls.c.id).where(_his(calls, person))


def _doom(which: sa.ColumnElement[bool]) -> sa.Update:
    """Nobody may hear these any more, and their files are to go."""
    condemned = sa.and_(which, recordings.c.doomed_at.is_(None))
    return sa.update(recordings).where(condemned).values(doomed_at=recordings.c.started_at)


def _rows_of(statement: sa.Delete, connection: sa.Connection) -> int:
    return connection.execute(statement).rowcount


def _export(connection: sa.Connection, person: Person) -> dict[str, Any]:
    record = record_of(connection, person.customer) if person.customer is not None else None
    told: dict[str, Any] = dict(record or {})
    told["numbers_alone"] = list(person.numbers)
    for table in _FOLLOWING:
        rows = connection.execute(sa.select(table).where(_his(table, person)).order_by(table.c.id))
        told[table.name] = [dict(row) for row in rows.mappings()]
    said = (
        sa.select(recordings)
        .where(recordings.c.call.in_(_calls_of(person)))
        .order_by(recordings.c.started_at, recordings.c.id)
    )
    told["recordings"] = [dict(row) for row in connection.execute(said).mappings()]
    asked = sa.select(facts).where(facts.c.person.in_(person.names)).order_by(facts.c.began_at)
    told["facts"] = [dict(row) for row in connection.execute(asked).mappings()]
    return told


def _erase(connection: sa.Connection, person: Person) -> dict[str, int]:
    nobody = f"erased-{secrets.token_hex(8)}"  # Reports still see that these were one person's.
    counts = {  # Recordings first: by his calls they are known to be his.
        "recordings": connection.execute(_doom(recordings.c.call.in_(_calls_of(person)))).rowcount,
        "facts": connection.execute(
            sa.update(facts).where(facts.c.person.in_(person.names)).values(person=nobody)
        ).rowcount,
        "calls": connection.execute(
            sa.update(calls)
            .where(_his(calls, person))
            .values({**OF_THE_CALLER, "erased_as": nobody})
        ).rowcount,
        **{
            table.name: connection.execute(sa.delete(table).where(_his(table, person))).rowcount
            for table in _HIS_ALONE
        },
    }
    if person.customer is not None:
        for table in (*_MOVING, customers):
            column = table.c.id if table is customers else table.c.customer_id
            counts[table.name] = connection.execute(
                sa.delete(table).where(column == person.customer)
            ).rowcount
        named = sa.or_(
            customer_changes.c.kept == person.customer, customer_changes.c.gone == person.customer
        )
        counts["customer_changes"] = connection.execute(
            sa.delete(customer_changes).where(named)
        ).rowcount
    return counts


def _merge(connection: sa.Connection, kept: CustomerId, gone: CustomerId, at: int) -> int:
    row = connection.execute(sa.select(customers).where(customers.c.id == gone)).mappings().first()
    there = connection.execute(sa.select(customers.c.id).where(customers.c.id == kept)).scalar()
    for name, found in ((kept, there), (gone, row)):
        if found is None:
            raise PrivacyError(f"there is no customer {name}", Why.UNKNOWN_CUSTOMER)
    assert row is not None
    moved = _move(connection, gone, kept, None)
    connection.execute(sa.delete(customers).where(customers.c.id == gone))
    write_cards(connection, [kept])
    return _note(connection, "merge", kept, gone, {"customer": dict(row), "moved": moved}, at)


def _split(
    connection: sa.Connection,
    customer: str,
    new: str,
    name: str,
    numbers: Sequence[str | None],
    at: int,
) -> int:
    row = (
        connection.execute(sa.select(customers).where(customers.c.id == customer))
        .mappings()
        .first()
    )
    if row is None:
        raise PrivacyError(f"there is no customer {customer}", Why.UNKNOWN_CUSTOMER)
    if connection.execute(sa.select(customers.c.id).where(customers.c.id == new)).scalar():
        raise PrivacyError(
            f"there is a customer {new} already: choose another id", Why.CUSTOMER_EXISTS
        )
    his = (
        connection.execute(
            sa.select(customer_numbers.c.e164).where(customer_numbers.c.customer_id == customer)
        )
        .scalars()
        .all()
    )
    if not numbers or any(number not in his for number in numbers):
        raise PrivacyError(f"these are not all numbers of customer {customer}", Why.NOT_HIS_NUMBERS)
    connection.execute(
        customers.insert().values({**row, "id": new, "name": name, "notes": None, "card": None})
    )
    moved = _move(connection, CustomerId(customer), CustomerId(new), [n for n in numbers if n])
    write_cards(connection, [CustomerId(customer), CustomerId(new)])
    return _note(connection, "split", CustomerId(new), CustomerId(customer), {"moved": moved}, at)


def _move(
    connection: sa.Connection, giver: CustomerId, taker: CustomerId, numbers: list[str] | None
) -> dict[str, list[Any]]:
    """Give what is the one's to the other: all, or these numbers and what came from them. Returns what was moved."""
    moved: dict[str, list[Any]] = {}
    for table in _MOVING if numbers is None else (customer_numbers,):
        key = table.c.e164 if table is customer_numbers else table.c.id
        mine = sa.select(table).where(table.c.customer_id == giver)
        if numbers is not None:
            mine = mine.where(key.in_(numbers))
        rows = [dict(row) for row in connection.execute(mine).mappings()]
        theirs = frozenset(
            connection.execute(sa.select(key).where(table.c.customer_id == taker)).scalars()
        )
        for row in rows:
            if row[key.name] not in theirs:
                row = {**row, "customer_id": taker}
                connection.execute(table.insert().values(row))
        connection.execute(
            sa.delete(table).where(
                table.c.customer_id == giver, key.in_([r[key.name] for r in rows])
            )
        )
        # What both had stays the taker's, and is the giver's again when this is undone.
        moved[table.name] = [{**row, "both": row[key.name] in theirs} for row in rows]
    for table in _FOLLOWING:
        his = sa.select(table.c.id).where(table.c.customer_id == giver)
        if numbers is not None:
            his = his.where(table.c.number.in_(numbers) if "number" in table.c else sa.false())
        ids = list(connection.execute(his.order_by(table.c.id)).scalars())
        _rename(connection, table, ids, taker)
        moved[table.name] = ids
    if numbers is None:
        named = facts.c.person == giver
        moved["facts"] = [
            list(row)
            for row in connection.execute(
                sa.select(facts.c.kind, facts.c.began_at, facts.c.subject).where(named)
            )
        ]
        connection.execute(sa.update(facts).where(named).values(person=taker))
    return moved


def _rename(connection: sa.Connection, table: sa.Table, ids: Sequence[str], to: str) -> None:
    if ids:
        connection.execute(
            sa.update(table).where(table.c.id == sa.bindparam("which")).values(customer_id=to),
            [{"which": name} for name in ids],
        )


def _undo(connection: sa.Connection, number: int, at: int) -> None:
    asked = sa.select(customer_changes).where(customer_changes.c.serial == number)
    change = connection.execute(asked).mappings().first()
    if change is None:
        raise PrivacyError(f"there is no change {number}", Why.UNKNOWN_CHANGE)
    if change["undone_at"] is not None:
        raise PrivacyError(f"change {number} is undone already", Why.UNDONE_ALREADY)
    kept, gone = CustomerId(change["kept"]), CustomerId(change["gone"])
    before = msgspec.json.decode(change["before"])
    if "customer" in before:
        if connection.execute(sa.select(customers.c.id).where(customers.c.id == gone)).scalar():
            raise PrivacyError(
                f"a customer {gone} was listed again meanwhile: merge him anew instead",
                Why.CUSTOMER_EXISTS,
            )
        connection.execute(customers.insert().values(before["customer"]))
    moved = before["moved"]
    for table in _MOVING:
        key = table.c.e164 if table is customer_numbers else table.c.id
        for row in moved.get(table.name, ()):
            both = row.pop("both")
            still = sa.and_(table.c.customer_id == kept, key == row[key.name])
            found = connection.execute(sa.select(key).where(still)).first()
            if found is None and not both:
                continue  # It was taken from him since.
            if not both:
                connection.execute(sa.delete(table).where(still))
            connection.execute(table.insert().values(row))
    for table in _FOLLOWING:
        _rename(connection, table, moved.get(table.name, ()), gone)
    if "customer" in before:  # What was told of these calls since the merge is his too.
        for name in moved.get(calls.name, ()):
            told = facts.c.conversation == name, facts.c.person == kept
            connection.execute(sa.update(facts).where(*told).values(person=gone))
    for kind, began_at, subject in moved.get("facts", ()):
        key_of = (facts.c.kind == kind, facts.c.began_at == began_at, facts.c.subject == subject)
        connection.execute(sa.update(facts).where(*key_of).values(person=gone))
    if "customer" not in before:  # A split: who was made by it is gone again.
        connection.execute(
            sa.delete(customers).where(
                customers.c.id == kept,
                ~sa.exists().where(customer_numbers.c.customer_id == kept),
            )
        )
    write_cards(connection, [kept, gone])
    connection.execute(
        sa.update(customer_changes)
        .where(customer_changes.c.serial == number)
        .values(undone_at=at, before="{}")
    )


def _note(
    connection: sa.Connection,
    what: str,
    kept: CustomerId,
    gone: CustomerId,
    before: dict[str, Any],
    at: int,
) -> int:
    row = {
        "at": at,
        "what": what,
        "kept": kept,
        "gone": gone,
        "before": msgspec.json.encode(before).decode(),
    }
    number: int = connection.execute(
        customer_changes.insert().values(row).returning(customer_changes.c.serial)
    ).scalar_one()
    return number


def _too_old(keep: Retention, at: int) -> Iterator[tuple[str, sa.Select[Any]]]:
    """What may not be kept any longer: its table, and the keys of its rows."""
    limits = [days for days in (keep.recordings_days, keep.callers_days) if days]
    if limits:  # Whose voice it is must not be forgotten before the voice.
        old = recordings.c.started_at < at - min(limits) * DAY_MS
        yield "recordings", sa.select(recordings.c.id).where(old, recordings.c.doomed_at.is_(None))
    if keep.callers_days:
        before = at - keep.callers_days * DAY_MS
        said = [calls.c[name].is_not(None) for name in OF_THE_CALLER]
        yield "calls", sa.select(calls.c.id).where(calls.c.started_at < before, sa.or_(*said))
        key = (facts.c.kind, facts.c.began_at, facts.c.subject)
        known = facts.c.person.is_not(None)
        yield "facts", sa.select(*key).where(facts.c.began_at < before, known)
    if keep.contacts_days:
        before = at - keep.contacts_days * DAY_MS
        yield "contacts", sa.select(contacts.c.id).where(contacts.c.at < before)
        yield "surveys", sa.select(surveys.c.id).where(surveys.c.at < before)
        over = sa.and_(tasks.c.state != "open", tasks.c.changed_at < before)
        yield "tasks", sa.select(tasks.c.id).where(over)
        ended = complaints.c.ended_at < before
        yield "complaints", sa.select(complaints.c.id).where(ended)
        yield "case_changes", sa.select(case_changes.c.id).where(case_changes.c.at < before)
    if keep.customers_days:
        before = at - keep.customers_days * DAY_MS
        called = sa.exists().where(
            calls.c.customer_id == customers.c.id, calls.c.started_at >= before
        )
        wrote = sa.exists().where(contacts.c.customer_id == customers.c.id, contacts.c.at >= before)
        owed = sa.exists().where(
            promises.c.customer_id == customers.c.id, promises.c.state.in_(("open", "lapsed"))
        )
        complains = sa.exists().where(
            complaints.c.customer_id == customers.c.id, complaints.c.ended_at.is_(None)
        )
        yield (
            "customers",
            sa.select(customers.c.id).where(
                customers.c.created_at < before, ~called, ~wrote, ~owed, ~complains
            ),
        )


def _purge_calls(connection: sa.Connection, too_old: sa.Select[Any]) -> int:
    ids = connection.execute(too_old).scalars().all()
    connection.execute(sa.update(calls).where(calls.c.id.in_(ids)).values(OF_THE_CALLER))
    return len(ids)


def _purge_recordings(connection: sa.Connection, too_old: sa.Select[Any]) -> int:
    ids = connection.execute(too_old).scalars().all()
    return connection.execute(_doom(recordings.c.id.in_(ids))).rowcount


def _purge_facts(connection: sa.Connection, too_old: sa.Select[Any]) -> int:
    rows = connection.execute(too_old).all()
    key = sa.tuple_(facts.c.kind, facts.c.began_at, facts.c.subject)
    connection.execute(
        sa.update(facts).where(key.in_([tuple(row) for row in rows])).values(person=None)
    )
    return len(rows)


def _purge_rows(table: sa.Table, connection: sa.Connection, too_old: sa.Select[Any]) -> int:
    ids = connection.execute(too_old).scalars().all()
    connection.execute(sa.delete(table).where(table.c.id.in_(ids)))
    return len(ids)


def _purge_customers(connection: sa.Connection, too_old: sa.Select[Any]) -> int:
    ids = connection.execute(too_old).scalars().all()
    for name in ids:
        _erase(connection, _person(connection, CustomerId(name)))
    return len(ids)


_PURGES: Mapping[str, Callable[[sa.Connection, sa.Select[Any]], int]] = {
    "recordings": _purge_recordings,
    "calls": _purge_calls,
    "facts": _purge_facts,
    "contacts": partial(_purge_rows, contacts),
    "surveys": partial(_purge_rows, surveys),
    "complaints": partial(_purge_rows, complaints),
    "tasks": partial(_purge_rows, tasks),
    "case_changes": partial(_purge_rows, case_changes),
    "customers": _purge_customers,
}


def _scalar(connection: sa.Connection, query: sa.Select[Any]) -> int:
    found: int = connection.execute(query).scalar_one()
    return found
