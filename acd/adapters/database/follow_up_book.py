"""Keeps lists of those who are to be called: hands the next one out, never twice, and writes down what came of it.

Every change of hands is one statement that asks for the state before: who comes second finds nothing to change.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

import sqlalchemy as sa

from acd.adapters.database.case_book import Row, new_id
from acd.adapters.database.connection import Database, storable
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.numbers import read_number
from acd.adapters.database.tables import (
    call_lists,
    calls,
    customer_numbers,
    do_not_call,
    facts,
    tasks,
)
from acd.adapters.database.task_book import task_news
from acd.cases.follow_up import FollowUpRule, Outcome, next_state
from acd.cases.news import CaseTeller
from acd.cases.refused import CaseRefusedError, Why
from acd.core.customer import Confidence
from acd.reports.calendar import span
from acd.reports.facts import Kind

KIND, PROMISE = "follow-up", "promise"
# By which clock, None: the centre's; whose, None: anybody's.
Due: TypeAlias = tuple[str | None, str | None]
OPEN, OFFERED, CALLING, DONE, DROPPED = "open", "offered", "calling", "done", "dropped"
UNCALLED = (
    OPEN,
    OFFERED,
)  # Who has become pointless is not to be called; a call that is made is a call.
_MOST_LISTED = 1_000
_MOST_FILLED = 100_000
_AT_ONCE = 200
OWNERS_MS = 3_600_000  # So long after it has lapsed a promise is its owner's; then it is anybody's, for it is late.
# Before the number was dialled: the customer has noticed nothing of it.
_NO_ATTEMPT = ("agent-no-answer", "agent-unreachable", "outbound-stopped", "agent-gave-up")
_OWN_FIRST = (Confidence.OWN.value, Confidence.HOME.value, Confidence.WORK.value)


class FollowUpBook:
    """The lists of the centre."""

    def __init__(
        self,
        database: Database,
        ledger: LastMoments,
        *,
        region: str,
        zone: ZoneInfo,
        rules: Callable[[], Mapping[str, FollowUpRule]],
        teller: CaseTeller | None = None,
    ) -> None:
        self._teller = teller or CaseTeller()
        self.rules = rules  # As the centre's file is now.
        self._zone = zone
        self._database = database
        self._ledger = ledger
        self._region = region

    # Lists.

    async def create(self, rule: FollowUpRule, name: str, *, by: str, at: int) -> Row:
        """A list with nobody on it."""
        row: Row = {"id": new_id("l"), "rule": rule.id, "name": storable(name), "created_at": at}
        await self._database.write(
            lambda connection: connection.execute(
                call_lists.insert().values({**row, "created_by": by})
            )
        )
        return await self.find(row["id"])

    async def make_of_day(self, rule: FollowUpRule, day: date, *, at: int) -> None:
        """The list of those whom the rule wants to be called of that day, as far as it is not there yet."""
        name = f"l-{rule.id}-{day.isoformat()}"
        new = {"id": name, "rule": rule.id, "name": f"{rule.why} {day}", "created_at": at}
        insert = self._database.insert(call_lists).on_conflict_do_nothing()
        await self._database.write(
            lambda connection: connection.execute(insert.values({**new, "created_by": ""}))
        )
        drawn = await self.drawn(rule, day)
        for first in range(0, len(drawn), _AT_ONCE):  # Others want to write, too.
            await self.add(name, rule, drawn[first : first + _AT_ONCE], at=at)

    async def find(self, name: str) -> Row:
        """One list, with how many are on it and how they stand. Raises CaseRefusedError."""
        found = await self._database.read(_lists, call_lists.c.id == name)
        if not found:
            raise CaseRefusedError(Why.UNKNOWN_LIST)
        return found[0]

    async def lists(self) -> Sequence[Row]:
        """All of them, the newest first."""
        return await self._database.read(_lists, sa.true())

    async def close(self, name: str, *, at: int) -> Row:
        """Nobody on it is called any more; who is being called, is. Raises CaseRefusedError."""
        await self.find(name)
        await self._database.write(_close, name, at)
        return await self.find(name)

    async def entries(self, name: str, *, state: str | None) -> Sequence[Row]:
        """Who is on a list, in the order in which they are due, 1,000 at most."""
        asked = sa.select(tasks).where(tasks.c.list == name)
        if state is not None:
            asked = asked.where(tasks.c.state == state)
        ordered = asked.order_by(tasks.c.due_at, tasks.c.id).limit(_MOST_LISTED)
        return await self._database.read(
            lambda connection: [dict(row) for row in connection.execute(ordered).mappings()]
        )

    async def add(
        self, name: str, rule: FollowUpRule, rows: Sequence[Mapping[str, Any]], *, at: int
    ) -> tuple[int, list[str]]:
        """Put these on a list: `number` or `customer`, `what`, `data`; returns how many are new, and what is wrong.

        Who is on it already, or does not want to be called, is passed over. Raises CaseRefusedError.
        """
        if (await self.find(name))["closed_at"] is not None:
            raise CaseRefusedError(Why.NOT_NOW, "it is closed")
        return await self._database.write(self._add, name, rule, rows, at)

    async def drawn(self, rule: FollowUpRule, day: date) -> Sequence[Row]:
        """Whom the rule wants to be called of those whose call began that day: the same ones each time."""
        await self._ledger.flush()
        since, until = span(day, day, self._zone)
        return await self._database.read(_sample, rule, since, until)

    # One after the other.

    async def adopt(self, rule: FollowUpRule, *, at: int) -> None:
        """Put on this rule's own list whoever is to be called for a promise that has lapsed, and can be."""
        waiting = _unadopted(_list_of(rule))
        if await self._database.read(lambda connection: connection.execute(waiting).first()):
            await self._database.write(self._adopt, rule, at)

    async def due(self, rules: Collection[str], at: int) -> Mapping[str, Sequence[Due]]:
        """The rules for which somebody is due now, each with by which clocks they may be called, and whose they are."""
        return await self._database.read(_due, list(rules), at)

    async def take(
        self, rule: str, agent: str, zones: Collection[str | None], at: int
    ) -> Row | None:
        """The one who has been due longest, for this agent and nobody else; None if there is none."""
        return await self._database.write(_take, rule, agent, list(zones), at)

    async def give_back(self, task: str, *, due_at: int) -> None:
        """It came to nothing, and nobody has been called."""
        await self._database.write(_move, task, OFFERED, {"state": OPEN, "due_at": due_at})

    async def begin(self, task: str, call: str, *, at: int) -> None:
        """The agent calls him."""
        attempt = {"state": CALLING, "call": call, "tried_at": at}
        attempt["attempts"] = sa.func.coalesce(tasks.c.attempts, 0) + 1
        await self._database.write(_move, task, OFFERED, attempt)

    async def take_back(self, shown: Collection[str], *, before: int) -> None:
        """Whoever is with an agent since then, and no agent is shown him any more: somebody else may be."""
        lost = sa.and_(
            tasks.c.state == OFFERED, tasks.c.tried_at < before, tasks.c.id.not_in(list(shown))
        )
        asked = sa.select(tasks.c.id).where(lost).limit(1)
        if await self._database.read(lambda connection: connection.execute(asked).first()):
            statement = sa.update(tasks).where(lost).values(state=OPEN)
            await self._database.write(lambda connection: connection.execute(statement))

    async def offered(self, shown: Collection[str]) -> Collection[str]:
        """Those of them who are to be called still: the others are settled, barred, erased, or their list is closed."""
        asked = sa.select(tasks.c.id).where(tasks.c.id.in_(list(shown)), tasks.c.state == OFFERED)
        return await self._database.read(
            lambda connection: connection.execute(asked).scalars().all()
        )

    async def under_way(self) -> Sequence[Row]:
        """Who is being called, or was and nobody has said what came of it."""
        asked = sa.select(tasks).where(tasks.c.state == CALLING).order_by(tasks.c.id)
        return await self._database.read(
            lambda connection: [dict(row) for row in connection.execute(asked).mappings()]
        )

    async def ended(self, call: str) -> tuple[Outcome, int] | None:
        """What the ledger says of a call that is over, and since when; None if it does not know it."""
        await self._ledger.flush()
        asked = sa.select(facts.c.result, facts.c.detail, facts.c.ended_at).where(
            facts.c.conversation == call, facts.c.kind == Kind.CALL_OUT.value
        )
        row = await self._database.read(lambda connection: connection.execute(asked).first())
        if row is None:
            return None
        if row.result == "completed":
            return Outcome.REACHED, row.ended_at
        gave_up = row.detail in _NO_ATTEMPT
        return (Outcome.GIVEN_UP if gave_up else Outcome.NOT_REACHED), row.ended_at

    async def settle(
        self,
        task: str,
        outcome: Outcome,
        rules: Mapping[str, FollowUpRule],
        *,
        by: str | None,
        at: int,
        again_at: int | None = None,
        note: str | None = None,
        team: str | None = None,
    ) -> Row:
        """This came of the attempt. Raises CaseRefusedError."""
        row = await self._database.write(
            _settle, task, outcome, rules, by, at, again_at, note, team
        )
        self._teller.tell([task_news(row, at)])
        return row

    # Who does not want to be called.

    async def bar(self, number: str, *, by: str, at: int) -> None:
        """No list calls this number any more; who is on one is taken off."""
        await self._database.write(self._bar, number, by, at)

    async def unbar(self, number: str) -> None:
        """Lists may call it again. Raises CaseRefusedError."""
        gone = sa.delete(do_not_call).where(do_not_call.c.number == number)
        if not await self._database.write(lambda connection: connection.execute(gone).rowcount):
            raise CaseRefusedError(Why.NOT_LISTED)

    async def barred(self) -> Sequence[Row]:
        """The numbers that no list calls, the newest first, 1,000 at most."""
        asked = sa.select(do_not_call).order_by(do_not_call.c.at.desc(), do_not_call.c.number)
        return await self._database.read(
            lambda connection: [
                dict(row) for row in connection.execute(asked.limit(_MOST_LISTED)).mappings()
            ]
        )

    def _adopt(self, connection: sa.Connection, rule: FollowUpRule, at: int) -> None:
        name = _list_of(rule)
        new = {"id": name, "rule": rule.id, "name": rule.why, "created_at": at, "created_by": ""}
        insert = self._database.insert(call_lists).on_conflict_do_nothing()
        connection.execute(insert.values(new))
        for row in connection.execute(_unadopted(name).limit(_AT_ONCE)).all():
            on = {"list": name, "queue": rule.queue, "attempts": 0}
            of = {"number": _number_of(connection, row.customer_id)}
            data = {"data": {"promise": row.subject}}
            _move(connection, row.id, OPEN, {**on, **of, **data})

    def _bar(self, connection: sa.Connection, number: str, by: str, at: int) -> None:
        row = {"number": number, "at": at, "by": by}
        connection.execute(self._database.insert(do_not_call).on_conflict_do_nothing().values(row))
        _drop_barred(connection, number, at)

    def _add(
        self,
        connection: sa.Connection,
        name: str,
        rule: FollowUpRule,
        rows: Sequence[Mapping[str, Any]],
        at: int,
    ) -> tuple[int, list[str]]:
        taken, problems = 0, []
        for n, row in enumerate(rows):
            number = row.get("number")
            customer = row.get("customer")
            e164 = read_number(number, self._region).e164 if number else None
            if e164 is None and customer is not None and not number:
                e164 = _number_of(connection, customer)
            if (zone := row.get("zone")) is not None and zone not in available_timezones():
                problems.append(f"row {n}: there is no time zone of this name")
                continue
            if e164 is None:
                problems.append(f"row {n}: there is no number that could be called")
                continue
            if _is_barred(connection, e164) or _is_on(connection, name, e164):
                continue
            taken += 1
            connection.execute(
                tasks.insert().values(
                    id=new_id("t"),
                    kind=KIND,
                    list=name,
                    customer_id=customer or _owner_of(connection, e164),
                    number=e164,
                    what=storable(row.get("what") or rule.why),
                    subject=row.get("call"),
                    queue=rule.queue,
                    state=OPEN,
                    due_at=at,
                    attempts=0,
                    zone=row.get("zone"),
                    data=dict(row.get("data") or {}),
                    created_at=at,
                    changed_at=at,
                )
            )
        return taken, problems


def _lists(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Row]:
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


def _close(connection: sa.Connection, name: str, at: int) -> None:
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


def _number_of(connection: sa.Connection, customer: str) -> str | None:
    """One of his numbers that are nobody else's, his own first; and none that no list may call."""
    asked = sa.select(customer_numbers.c.e164, customer_numbers.c.kind).where(
        customer_numbers.c.customer_id == customer,
        customer_numbers.c.kind.in_(_OWN_FIRST),
        ~sa.exists().where(do_not_call.c.number == customer_numbers.c.e164),
    )
    found = [(_OWN_FIRST.index(row.kind), row.e164) for row in connection.execute(asked)]
    return min(found)[1] if found else None


def _owner_of(connection: sa.Connection, e164: str) -> str | None:
    asked = sa.select(customer_numbers.c.customer_id).where(customer_numbers.c.e164 == e164)
    owners = connection.execute(asked.limit(2)).scalars().all()
    return owners[0] if len(owners) == 1 else None


def _is_barred(connection: sa.Connection, e164: str) -> bool:
    asked = sa.select(do_not_call.c.number).where(do_not_call.c.number == e164)
    return connection.execute(asked).first() is not None


def _is_on(connection: sa.Connection, name: str, e164: str) -> bool:
    asked = sa.select(tasks.c.id).where(tasks.c.list == name, tasks.c.number == e164)
    return connection.execute(asked.limit(1)).first() is not None


def _sample(connection: sa.Connection, rule: FollowUpRule, since: int, until: int) -> list[Row]:
    """Each once, whose number can be called and was his to call from."""
    asked = (
        sa.select(calls.c.id, calls.c.customer_id, calls.c.number)
        .where(
            calls.c.started_at >= since,
            calls.c.started_at < until,
            calls.c.queue == rule.of_queue,
            calls.c.answered_at.is_not(None),
            calls.c.number.is_not(None),
            calls.c.confidence.in_((*_OWN_FIRST, Confidence.UNLISTED.value)),
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


def _list_of(rule: FollowUpRule) -> str:
    """On which promises that have lapsed are worked off."""
    return f"l-promises-{rule.id}"


def _unadopted(name: str) -> sa.Select[Any]:
    """Tasks of promises that are on no list, of who has a number that may be called; none if this one is closed."""
    closed = sa.exists().where(call_lists.c.id == name, call_lists.c.closed_at.is_not(None))
    callable_number = sa.exists().where(
        customer_numbers.c.customer_id == tasks.c.customer_id,
        customer_numbers.c.kind.in_(_OWN_FIRST),
        ~sa.exists().where(do_not_call.c.number == customer_numbers.c.e164),
    )
    return (
        sa.select(tasks.c.id, tasks.c.customer_id, tasks.c.subject)
        .where(tasks.c.state == OPEN, tasks.c.list.is_(None), tasks.c.kind == PROMISE)
        .where(callable_number, ~closed)
        .order_by(tasks.c.due_at, tasks.c.id)
    )


def _waiting(rules: list[str], at: int) -> sa.ColumnElement[bool]:
    lists = sa.select(call_lists.c.id).where(
        call_lists.c.rule.in_(rules), call_lists.c.closed_at.is_(None)
    )
    return sa.and_(tasks.c.list.in_(lists), tasks.c.state == OPEN, tasks.c.due_at <= at)


def _owner(at: int) -> sa.ColumnElement[Any]:
    """Whose it is yet."""
    return sa.case((tasks.c.created_at > at - OWNERS_MS, tasks.c.agent))


def _due(connection: sa.Connection, rules: list[str], at: int) -> dict[str, list[Due]]:
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


def _take(
    connection: sa.Connection, rule: str, agent: str, zones: list[str | None], at: int
) -> Row | None:
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
    if _is_barred(connection, row["number"]):
        _drop_barred(connection, row["number"], at)
        return None
    new = {"state": OFFERED, "tried_by": agent, "tried_at": at}
    return dict(row) if _move(connection, row["id"], OPEN, new) else None


def _move(connection: sa.Connection, task: str, state: str, new: Mapping[str, Any]) -> bool:
    statement = sa.update(tasks).where(tasks.c.id == task, tasks.c.state == state).values(**new)
    return bool(connection.execute(statement).rowcount)


def _drop_barred(connection: sa.Connection, number: str, at: int) -> None:
    connection.execute(
        sa.update(tasks)
        .where(tasks.c.list.is_not(None), tasks.c.number == number, tasks.c.state.in_(UNCALLED))
        .values(state=DROPPED, outcome=Outcome.DO_NOT_CALL.value, changed_at=at)
    )


def _settle(
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
    if not _move(connection, task, before, new):
        raise CaseRefusedError(Why.NOT_NOW, "somebody was first")
    if outcome is Outcome.DO_NOT_CALL:
        known = _is_barred(connection, row["number"])
        if not known:
            connection.execute(
                do_not_call.insert().values(number=row["number"], at=at, by=by or row["tried_by"])
            )
        _drop_barred(connection, row["number"], at)
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
