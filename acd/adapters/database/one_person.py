"""All that is kept of one person: which rows are his, and how he is shown and forgotten; never anybody else's."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.customer_book import record_of
from acd.adapters.database.tables import (
    DETAILS,
    FORGOTTEN,
    callbacks,
    called_out,
    calls,
    case_changes,
    complaints,
    contacts,
    customer_changes,
    customer_numbers,
    customers,
    do_not_call,
    facts,
    recordings,
    surveys,
    tasks,
    webhook_deliveries,
)
from acd.cases.refused import Why
from acd.core.ids import CustomerId

MOVING = (customer_numbers, *DETAILS)  # What belongs to a customer by its key.
# Of these nothing is left when he is erased.
_HIS_ALONE = (contacts, surveys, tasks, complaints, case_changes, webhook_deliveries)
FOLLOWING = (calls, callbacks, *_HIS_ALONE)  # What only names him.


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


def person_of(connection: sa.Connection, customer: CustomerId) -> Person:
    """The customer, with the numbers that are his and nobody else's."""
    own, others = customer_numbers.alias(), customer_numbers.alias()
    shared = sa.exists().where(
        others.c.e164 == own.c.e164, others.c.customer_id != own.c.customer_id
    )
    asked = (
        sa.select(own.c.e164)
        .where(own.c.customer_id == customer, own.c.kind.in_(("own", "home", "work")), ~shared)
        .order_by(own.c.e164)
    )
    return Person(customer=customer, numbers=tuple(connection.execute(asked).scalars()))


def his(table: sa.Table, person: Person) -> sa.ColumnElement[bool]:
    """His rows of `FOLLOWING`: those that name him, and nobody's with his numbers."""
    if "number" not in table.c:
        return table.c.customer_id == person.customer if person.customer else sa.false()
    nobodys = sa.and_(table.c.customer_id.is_(None), table.c.number.in_(person.numbers))
    return sa.or_(table.c.customer_id == person.customer, nobodys) if person.customer else nobodys


def _calls_of(person: Person) -> sa.Select[Any]:
    return sa.select(calls.c.id).where(his(calls, person))


def doom(which: sa.ColumnElement[bool]) -> sa.Update:
    """Nobody may hear these any more, and their files are to go."""
    condemned = sa.and_(which, recordings.c.doomed_at.is_(None))
    return sa.update(recordings).where(condemned).values(doomed_at=recordings.c.started_at)


def hide_numbers(connection: sa.Connection, which: sa.Select[Any] | Sequence[str]) -> None:
    """In the facts of these calls, as far as they are calls out: it is the customer's number that was dialled."""
    dialled = called_out(facts.c.conversation), facts.c.dialled.is_not(None)
    connection.execute(
        sa.update(facts).where(facts.c.conversation.in_(which), *dialled).values(dialled=None)
    )


def everything_of(connection: sa.Connection, person: Person) -> dict[str, Any]:
    """All that is kept of him, each table by its name."""
    record = record_of(connection, person.customer) if person.customer is not None else None
    told: dict[str, Any] = dict(record or {})
    told["numbers_alone"] = list(person.numbers)
    for table in FOLLOWING:
        rows = connection.execute(sa.select(table).where(his(table, person)).order_by(table.c.id))
        told[table.name] = [dict(row) for row in rows.mappings()]
    said = (
        sa.select(recordings)
        .where(recordings.c.call.in_(_calls_of(person)))
        .order_by(recordings.c.started_at, recordings.c.id)
    )
    told["recordings"] = [dict(row) for row in connection.execute(said).mappings()]
    barred = sa.select(do_not_call).where(do_not_call.c.number.in_(person.numbers))
    told["do_not_call"] = [dict(row) for row in connection.execute(barred).mappings()]
    named = sa.select(facts).where(facts.c.person.in_(person.names))
    asked = named.order_by(facts.c.began_at, facts.c.kind, facts.c.subject)
    told["facts"] = [dict(row) for row in connection.execute(asked).mappings()]
    return told


def erase(connection: sa.Connection, person: Person) -> dict[str, int]:
    """Forget him; returns how many rows of each table were touched."""
    nobody = f"erased-{secrets.token_hex(8)}"  # Reports still see that these were one person's.
    hide_numbers(connection, _calls_of(person))
    counts = {  # Recordings first: by his calls they are known to be his.
        "recordings": connection.execute(doom(recordings.c.call.in_(_calls_of(person)))).rowcount,
        "facts": connection.execute(
            sa.update(facts).where(facts.c.person.in_(person.names)).values(person=nobody)
        ).rowcount,
        "calls": connection.execute(
            sa.update(calls).where(his(calls, person)).values({**FORGOTTEN, "erased_as": nobody})
        ).rowcount,
        "callbacks": connection.execute(
            sa.update(callbacks)
            .where(his(callbacks, person))
            .values(number="", customer_id=None, body={})
        ).rowcount,
        **{
            table.name: connection.execute(sa.delete(table).where(his(table, person))).rowcount
            for table in _HIS_ALONE
        },
    }
    if person.customer is not None:
        for table in (*MOVING, customers):
            column = table.c.id if table is customers else table.c.customer_id
            counts[table.name] = connection.execute(
                sa.delete(table).where(column == person.customer)
            ).rowcount
        names = _names_of(connection, person.customer)
        named = sa.or_(customer_changes.c.kept.in_(names), customer_changes.c.gone.in_(names))
        counts["customer_changes"] = connection.execute(
            sa.delete(customer_changes).where(named)
        ).rowcount
    return counts


def _names_of(connection: sa.Connection, customer: CustomerId) -> list[str]:
    """His own, and of whoever was made one with him, and with them: the way back to each says who he was."""
    names: list[str] = [customer]
    for name in names:
        asked = sa.select(customer_changes.c.gone).where(
            customer_changes.c.kept == name,
            customer_changes.c.what == "merge",
            customer_changes.c.undone_at.is_(None),
        )
        names += [gone for gone in connection.execute(asked).scalars() if gone not in names]
    return names
