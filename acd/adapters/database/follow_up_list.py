"""Who is on a list of those who are to be called, and who is to be put there; calls nobody."""

from typing import Any

import sqlalchemy as sa

from acd.adapters.database.case_book import Row
from acd.adapters.database.do_not_call import OWN_FIRST
from acd.adapters.database.tables import call_lists, calls, customer_numbers, do_not_call, tasks
from acd.cases.follow_up import DROPPED, OPEN, UNCALLED, FollowUpRule
from acd.core.customer import Confidence

PROMISE = "promise"
_MOST_FILLED = 100_000


def lists_of(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Row]:
    """These lists, the newest first, with how many are on each and how they stand."""
    found = connection.execute(
        sa.select(call_lists).where(which).order_by(call_lists.c.created_at.desc(), call_lists.c.id)
    ).mappings()
    rows = {row["id"]: {**row, "states": {}, "outcomes": {}} for row in found}
    count = sa.func.count()
    for column, name in ((tasks.c.state, "states"), (tasks.c.outcome, "outcomes")):
        counted = (
            sa.select(tasks.c.list, column, count)
            .where(tasks.c.list.in_(list(rows)), column.is_not(None))
            .group_by(tasks.c.list, column)
        )
        for which_list, value, n in connection.execute(counted):
            rows[which_list][name][value] = n
    return list(rows.values())


def close(connection: sa.Connection, name: str, at: int) -> None:
    """Nobody on it is called any more; who is being called, is."""
    connection.execute(
        sa.update(call_lists)
        .where(call_lists.c.id == name, call_lists.c.closed_at.is_(None))
        .values(closed_at=at)
    )
    connection.execute(
        sa.update(tasks)
        .where(tasks.c.list == name, tasks.c.state.in_(UNCALLED))
        .values(state=DROPPED, changed_at=at)
    )


def list_of_promises(rule: FollowUpRule) -> str:
    """On which promises that have lapsed are worked off."""
    return f"l-promises-{rule.id}"


def unadopted(name: str) -> sa.Select[Any]:
    """Tasks of promises that are on no list, of who has a number that may be called; none if this one is closed."""
    closed = sa.exists().where(call_lists.c.id == name, call_lists.c.closed_at.is_not(None))
    callable_number = sa.exists().where(
        customer_numbers.c.customer_id == tasks.c.customer_id,
        customer_numbers.c.kind.in_(OWN_FIRST),
        ~sa.exists().where(do_not_call.c.number == customer_numbers.c.e164),
    )
    return (
        sa.select(tasks.c.id, tasks.c.customer_id, tasks.c.subject)
        .where(tasks.c.state == OPEN, tasks.c.list.is_(None), tasks.c.kind == PROMISE)
        .where(callable_number, ~closed)
        .order_by(tasks.c.due_at, tasks.c.id)
    )


def is_on(connection: sa.Connection, name: str, e164: str) -> bool:
    """Whether this number is on the list already."""
    asked = sa.select(tasks.c.id).where(tasks.c.list == name, tasks.c.number == e164)
    return connection.execute(asked.limit(1)).first() is not None


def owner_of(connection: sa.Connection, e164: str) -> str | None:
    """Whose number it is, if it is one customer's alone."""
    asked = sa.select(customer_numbers.c.customer_id).where(customer_numbers.c.e164 == e164)
    owners = connection.execute(asked.limit(2)).scalars().all()
    return owners[0] if len(owners) == 1 else None


def sample(connection: sa.Connection, rule: FollowUpRule, since: int, until: int) -> list[Row]:
    """Each once, whose number can be called and was his to call from."""
    asked = (
        sa.select(calls.c.id, calls.c.customer_id, calls.c.number)
        .where(
            calls.c.started_at >= since,
            calls.c.started_at < until,
            calls.c.queue == rule.of_queue,
            calls.c.answered_at.is_not(None),
            calls.c.number.is_not(None),
            calls.c.confidence.in_((*OWN_FIRST, Confidence.UNLISTED.value)),
            ~calls.c.id.contains("dialled~", autoescape=True),
        )
        .order_by(calls.c.started_at, calls.c.id)
        .limit(_MOST_FILLED)
    )
    if rule.outcomes:
        asked = asked.where(calls.c.outcome.in_(rule.outcomes))
    return [
        {"number": row.number, "customer": row.customer_id, "call": row.id}
        for row in connection.execute(asked)
        if rule.draws(row.id)
    ]
