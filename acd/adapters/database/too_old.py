"""What may not be kept any longer, and how it is forgotten, a piece at a time; never what is younger."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, TypeAlias

import sqlalchemy as sa

from acd.adapters.database.one_person import doom, erase, person_of
from acd.adapters.database.tables import (
    FORGOTTEN,
    OF_THE_CALLER,
    called_out,
    calls,
    case_changes,
    complaints,
    contacts,
    customers,
    facts,
    promises,
    recordings,
    surveys,
    tasks,
    webhook_deliveries,
)
from acd.core.ids import CustomerId

Keys: TypeAlias = Sequence[tuple[Any, ...]]  # Of rows of one table.

DAY_MS = 24 * 60 * 60 * 1000
PIECE = 1_000  # Rows in one statement of a purge, so that nobody waits for it.
_KEY_OF_FACT = ("kind", "began_at", "subject")
LOOKED_UP = 50_000  # Rows that are to go, in one look through a table: what one day brings, at most centres.


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how many days what is kept; 0: for good."""

    callers_days: int = 0  # Who called: numbers and names in calls, persons in facts.
    # By other channels, who was called, what he thought and complained of, who changed it.
    contacts_days: int = 0
    recordings_days: int = 0  # What was said; never longer than who called.
    customers_days: int = 0  # Customers who have not been in touch since.

    def __str__(self) -> str:
        """What is not kept for good: `callers 30 days`."""
        limits = ((one.name.removesuffix("_days"), getattr(self, one.name)) for one in fields(self))
        return ", ".join(f"{what} {days} days" for what, days in limits if days)


def too_old(keep: Retention, at: int) -> Iterator[tuple[str, sa.Select[Any]]]:
    """What may not be kept any longer: its table, and the keys of its rows."""
    limits = [days for days in (keep.recordings_days, keep.callers_days) if days]
    if limits:  # Whose voice it is must not be forgotten before the voice.
        old = recordings.c.started_at < at - min(limits) * DAY_MS
        yield "recordings", sa.select(recordings.c.id).where(old, recordings.c.doomed_at.is_(None))
    if keep.callers_days:
        before = at - keep.callers_days * DAY_MS
        said = [calls.c[name].is_not(None) for name in OF_THE_CALLER]
        yield "calls", sa.select(calls.c.id).where(calls.c.started_at < before, sa.or_(*said))
        dialled = sa.and_(called_out(facts.c.conversation), facts.c.dialled.is_not(None))
        known = sa.or_(facts.c.person.is_not(None), dialled)
        yield (
            "facts",
            sa.select(*(facts.c[name] for name in _KEY_OF_FACT)).where(
                facts.c.began_at < before, known
            ),
        )
        untold = webhook_deliveries.c.at < before  # Whatever nobody has taken says who called.
        yield "webhook_deliveries", sa.select(webhook_deliveries.c.id).where(untold)
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


def _still(connection: sa.Connection, too_old: sa.Select[Any], keys: Keys) -> Sequence[str]:
    """Those of these that are too old yet: they were looked up a moment ago."""
    asked = too_old.where(too_old.selected_columns[0].in_([name for (name,) in keys]))
    return connection.execute(asked).scalars().all()


def _purge_calls(connection: sa.Connection, too_old: sa.Select[Any], keys: Keys) -> int:
    mine = calls.c.id.in_(_still(connection, too_old, keys))
    return connection.execute(sa.update(calls).where(mine).values(FORGOTTEN)).rowcount


def _purge_recordings(connection: sa.Connection, too_old: sa.Select[Any], keys: Keys) -> int:
    return connection.execute(doom(recordings.c.id.in_(_still(connection, too_old, keys)))).rowcount


def _purge_facts(connection: sa.Connection, _: sa.Select[Any], keys: Keys) -> int:
    # One by one: for a list of keys of several columns SQLite reads the whole table.
    named = [facts.c[name] == sa.bindparam(f"its_{name}") for name in _KEY_OF_FACT]
    dialled = sa.case((called_out(facts.c.conversation), None), else_=facts.c.dialled)
    connection.execute(
        sa.update(facts).where(*named).values(person=None, dialled=dialled),
        [dict(zip((f"its_{name}" for name in _KEY_OF_FACT), key, strict=True)) for key in keys],
    )
    return len(keys)


def _purge_rows(
    table: sa.Table, connection: sa.Connection, too_old: sa.Select[Any], keys: Keys
) -> int:
    mine = table.c.id.in_(_still(connection, too_old, keys))
    return connection.execute(sa.delete(table).where(mine)).rowcount


def _purge_customers(connection: sa.Connection, too_old: sa.Select[Any], keys: Keys) -> int:
    ids = _still(connection, too_old, keys)
    for name in ids:
        erase(connection, person_of(connection, CustomerId(name)))
    return len(ids)


PURGES: Mapping[str, Callable[[sa.Connection, sa.Select[Any], Keys], int]] = {
    "recordings": _purge_recordings,
    "calls": _purge_calls,
    "facts": _purge_facts,
    "webhook_deliveries": partial(_purge_rows, webhook_deliveries),
    "contacts": partial(_purge_rows, contacts),
    "surveys": partial(_purge_rows, surveys),
    "complaints": partial(_purge_rows, complaints),
    "tasks": partial(_purge_rows, tasks),
    "case_changes": partial(_purge_rows, case_changes),
    "customers": _purge_customers,
}
