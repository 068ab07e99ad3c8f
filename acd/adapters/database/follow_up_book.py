"""Keeps lists of those who are to be called, for people and for whoever works them off; decides nobody's turn itself.

Who is on a list is in `follow_up_list`, whose turn it is and what came of it in `follow_up_attempt`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import sqlalchemy as sa

from acd.adapters.database.case_book import Row, new_id
from acd.adapters.database.connection import Database, storable
from acd.adapters.database.do_not_call import drop_barred, is_barred, number_of
from acd.adapters.database.follow_up_attempt import Due, due, move, settle, take
from acd.adapters.database.follow_up_list import (
    close,
    is_on,
    list_of_promises,
    lists_of,
    owner_of,
    sample,
    unadopted,
)
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.numbers import read_number
from acd.adapters.database.tables import (
    call_lists,
    do_not_call,
    facts,
    tasks,
)
from acd.adapters.database.task_book import task_news
from acd.cases.follow_up import CALLING, OFFERED, OPEN, FollowUpRule, Outcome
from acd.cases.news import CaseTeller
from acd.cases.refused import CaseRefusedError, Why
from acd.reports.calendar import span
from acd.reports.facts import Kind

KIND = "follow-up"
_MOST_LISTED = 1_000
_AT_ONCE = 200
# Before the number was dialled: the customer has noticed nothing of it.
_NO_ATTEMPT = ("agent-no-answer", "agent-unreachable", "outbound-stopped", "agent-gave-up")


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
        found = await self._database.read(lists_of, call_lists.c.id == name)
        if not found:
            raise CaseRefusedError(Why.UNKNOWN_LIST)
        return found[0]

    async def lists(self) -> Sequence[Row]:
        """All of them, the newest first."""
        return await self._database.read(lists_of, sa.true())

    async def close(self, name: str, *, at: int) -> Row:
        """Nobody on it is called any more; who is being called, is. Raises CaseRefusedError."""
        await self.find(name)
        await self._database.write(close, name, at)
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
        return await self._database.read(sample, rule, since, until)

    # One after the other.

    async def adopt(self, rule: FollowUpRule, *, at: int) -> None:
        """Put on this rule's own list whoever is to be called for a promise that has lapsed, and can be."""
        waiting = unadopted(list_of_promises(rule))
        if await self._database.read(lambda connection: connection.execute(waiting).first()):
            await self._database.write(self._adopt, rule, at)

    async def due(self, rules: Collection[str], at: int) -> Mapping[str, Sequence[Due]]:
        """The rules for which somebody is due now, each with by which clocks they may be called, and whose they are."""
        return await self._database.read(due, list(rules), at)

    async def take(
        self, rule: str, agent: str, zones: Collection[str | None], at: int
    ) -> Row | None:
        """The one who has been due longest, for this agent and nobody else; None if there is none."""
        return await self._database.write(take, rule, agent, list(zones), at)

    async def give_back(self, task: str, *, due_at: int) -> None:
        """It came to nothing, and nobody has been called."""
        await self._database.write(move, task, OFFERED, {"state": OPEN, "due_at": due_at})

    async def begin(self, task: str, call: str, *, at: int) -> None:
        """The agent calls him."""
        attempt = {"state": CALLING, "call": call, "tried_at": at}
        attempt["attempts"] = sa.func.coalesce(tasks.c.attempts, 0) + 1
        await self._database.write(move, task, OFFERED, attempt)

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
        row = await self._database.write(settle, task, outcome, rules, by, at, again_at, note, team)
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
        name = list_of_promises(rule)
        new = {"id": name, "rule": rule.id, "name": rule.why, "created_at": at, "created_by": ""}
        insert = self._database.insert(call_lists).on_conflict_do_nothing()
        connection.execute(insert.values(new))
        for row in connection.execute(unadopted(name).limit(_AT_ONCE)).all():
            on = {"list": name, "queue": rule.queue, "attempts": 0}
            of = {"number": number_of(connection, row.customer_id)}
            data = {"data": {"promise": row.subject}}
            move(connection, row.id, OPEN, {**on, **of, **data})

    def _bar(self, connection: sa.Connection, number: str, by: str, at: int) -> None:
        row = {"number": number, "at": at, "by": by}
        connection.execute(self._database.insert(do_not_call).on_conflict_do_nothing().values(row))
        drop_barred(connection, number, at)

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
                e164 = number_of(connection, customer)
            if (zone := row.get("zone")) is not None and zone not in available_timezones():
                problems.append(f"row {n}: there is no time zone of this name")
                continue
            if e164 is None:
                problems.append(f"row {n}: there is no number that could be called")
                continue
            if is_barred(connection, e164) or is_on(connection, name, e164):
                continue
            taken += 1
            connection.execute(
                tasks.insert().values(
                    id=new_id("t"),
                    kind=KIND,
                    list=name,
                    customer_id=customer or owner_of(connection, e164),
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
