"""Hands out who is to be called next, never twice, and writes down what came of it.

Every change of hands is one statement that asks for the state before: who comes second finds nothing to change.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa

from acd.adapters.database.case_book import Row
from acd.adapters.database.connection import storable
from acd.adapters.database.do_not_call import drop_barred, is_barred, others_with
from acd.adapters.database.tables import call_lists, do_not_call, facts, tasks
from acd.cases.follow_up import CALLING, DROPPED, OFFERED, OPEN, FollowUpRule, Outcome, next_state
from acd.cases.refused import CaseRefusedError, Why
from acd.reports.facts import Kind

# By which clock, None: the centre's; whose, None: anybody's.
Due: TypeAlias = tuple[str | None, str | None]
OWNERS_MS = 3_600_000  # So long after it has lapsed a promise is its owner's; then it is anybody's, for it is late.


def _waiting(rules: list[str], at: int) -> sa.ColumnElement[bool]:
    lists = sa.select(call_lists.c.id).where(
        call_lists.c.rule.in_(rules), call_lists.c.closed_at.is_(None)
    )
    return sa.and_(tasks.c.list.in_(lists), tasks.c.state == OPEN, tasks.c.due_at <= at)


def _owner(at: int) -> sa.ColumnElement[Any]:
    """Whose it is yet."""
    return sa.case((tasks.c.created_at > at - OWNERS_MS, tasks.c.agent))


def due(connection: sa.Connection, rules: list[str], at: int) -> dict[str, list[Due]]:
    """The rules for which somebody is due now, each with by which clocks, and whose they are."""
    asked = (
        sa.select(call_lists.c.rule, tasks.c.zone, _owner(at))
        .select_from(tasks.join(call_lists, call_lists.c.id == tasks.c.list))
        .where(_waiting(rules, at))
        .distinct()
    )
    found: dict[str, list[Due]] = {}
    for rule, zone, owner in connection.execute(asked):
        found.setdefault(rule, []).append((zone, owner))
    return found


def take(
    connection: sa.Connection, rule: str, agent: str, zones: list[str | None], at: int
) -> Row | None:
    """The one who has been due longest, for this agent, and how many others have his number, as `others`.

    None if there is none, or somebody was first.
    """
    named = [zone for zone in zones if zone is not None]
    clock: sa.ColumnElement[bool] = tasks.c.zone.in_(named)
    if None in zones:
        clock = sa.or_(clock, tasks.c.zone.is_(None))
    asked = (
        sa.select(tasks)
        .where(_waiting([rule], at), clock, sa.func.coalesce(_owner(at), agent) == agent)
        .order_by(tasks.c.due_at, tasks.c.id)
        .limit(1)
    )
    row = connection.execute(asked).mappings().first()
    if row is None:
        return None
    if is_barred(connection, row["number"]):
        drop_barred(connection, row["number"], at)
        return None
    new = {"state": OFFERED, "tried_by": agent, "tried_at": at}
    if not move(connection, row["id"], OPEN, new):
        return None
    whose = row["customer_id"]
    return {**row, "others": others_with(connection, row["number"], whose) if whose else 0}


def move(connection: sa.Connection, task: str, state: str, new: Mapping[str, Any]) -> bool:
    """It stands so now, if it stood as said before; whether it did."""
    statement = sa.update(tasks).where(tasks.c.id == task, tasks.c.state == state).values(**new)
    return bool(connection.execute(statement).rowcount)


def settle(
    connection: sa.Connection,
    task: str,
    outcome: Outcome,
    rules: Mapping[str, FollowUpRule],
    by: str | None,
    at: int,
    again_at: int | None,
    note: str | None,
    team: str | None,
) -> Row:
    """This came of the attempt: what becomes of the task. Raises CaseRefusedError."""
    asked = sa.select(tasks).where(tasks.c.id == task)
    found = connection.execute(asked).mappings().first()
    if found is None:
        raise CaseRefusedError(Why.UNKNOWN_TASK)
    row = dict(found)
    before = OFFERED if outcome is Outcome.NOT_ALLOWED else CALLING
    if row["state"] != before:
        raise CaseRefusedError(Why.NOT_NOW, f"it is {row['state']}")
    named = sa.select(call_lists).where(call_lists.c.id == row["list"])
    on = connection.execute(named).mappings().one()
    attempts = row["attempts"] or 0
    state, due_at = next_state(rules.get(on["rule"]), outcome, attempts, again_at, at)
    if state == OPEN and on["closed_at"] is not None:
        state = DROPPED
    new: dict[str, Any] = {"state": state, "changed_at": at}
    if outcome is Outcome.GIVEN_UP:
        new["attempts"] = max(0, attempts - 1)
    else:
        new["outcome"] = outcome.value
    if due_at is not None:
        new["due_at"] = due_at
    if note is not None:
        new["note"] = storable(note)
    if not move(connection, task, before, new):
        raise CaseRefusedError(Why.NOT_NOW, "somebody was first")
    if outcome is Outcome.DO_NOT_CALL:
        known = is_barred(connection, row["number"])
        if not known:
            connection.execute(
                do_not_call.insert().values(number=row["number"], at=at, by=by or row["tried_by"])
            )
        drop_barred(connection, row["number"], at)
    if before == CALLING and outcome is not Outcome.GIVEN_UP:
        _write_fact(connection, row, outcome, team, at)
    return dict(connection.execute(asked).mappings().one())


def _write_fact(
    connection: sa.Connection, row: Mapping[str, Any], outcome: Outcome, team: str | None, at: int
) -> None:
    connection.execute(
        facts.insert().values(
            kind=Kind.ATTEMPT.value,
            began_at=row["tried_at"],
            ended_at=max(at, row["tried_at"]),
            subject=f"{row['id']} {row['attempts']}",
            conversation=row["call"],
            queue=row["queue"],
            agent=row["tried_by"],
            team=team,
            person=row["customer_id"] or row["number"],
            result=outcome.value,
            detail=row["list"],
            body={"attempt": row["attempts"]},
        )
    )
