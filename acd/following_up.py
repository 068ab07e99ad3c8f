"""Hands those who are to be called to agents who have nothing to do, beside all calls: no caller ever waits for it.

What the engine does not show is given back; what became of a call is read from the ledger, so a crash loses nothing
but the preview that was on a screen.
"""

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from acd.adapters.database.case_book import Row
from acd.adapters.database.connection import DatabaseError
from acd.adapters.database.directory import Directory
from acd.adapters.database.follow_up_book import FollowUpBook
from acd.again import again_and_again
from acd.cases.follow_up import FollowUpRule, Outcome
from acd.cases.refused import CaseRefusedError
from acd.centre.hours import Schedule, expand
from acd.core.agent import AgentState
from acd.core.board_views import AgentView
from acd.core.customer import DAY_MS, UNIDENTIFIED
from acd.core.hours import is_open
from acd.core.ids import AgentId, CallId, CustomerId
from acd.core.notices import Notice, PreviewEnded, Reason
from acd.core.outbound import Number
from acd.core.preview import PreviewOutcome, Work, WorkOffered, WorkWithdrawn
from acd.pop import Backgrounds
from acd.switchboard import Switchboard

log = logging.getLogger(__name__)

EVERY_S = 1.0
_MOMENT_MS = 5_000
SKIPPED_MS = 10 * 60_000  # Then he is shown again to whoever is idle.
BARRED_MS = 60_000  # Calling out is closed, stopped, or as much as it may be.
# An agent who has reached somebody says by then what came of it, or it is `reached`.
SAY_WITHIN_MS = 10 * 60_000
LOST_MS = 5 * 60_000  # A call of which the ledger knows no end by then was none.

ReadNumber = Callable[[str], Number | None]


class FollowingUp:
    """One for each engine."""

    def __init__(
        self,
        book: FollowUpBook,
        switchboard: Switchboard,
        directory: Directory,
        backgrounds: Backgrounds,
        *,
        schedules: Callable[[], Mapping[str, Schedule]],
        teams: Callable[[AgentId], str | None],
        zone: ZoneInfo,
        read_number: ReadNumber,
        start: Callable[[Coroutine[Any, Any, object]], None],
    ) -> None:
        self._book = book
        self._switchboard = switchboard
        self._directory = directory
        self._backgrounds = backgrounds
        self._rules = book.rules
        self._schedules = schedules
        self._teams = teams
        self._zone = zone
        self._read_number = read_number
        self._start = start
        self._made: dict[str, date] = {}  # By rule: of which day its newest list is.
        self._unwritten: dict[str, PreviewEnded] = {}

    async def work_on(self) -> None:
        """For as long as the process is there."""
        await again_and_again("following up", self.look, EVERY_S)

    async def look(self) -> None:
        """Settle what is over, then show the next ones to who has nothing to do."""
        at = self._switchboard.now_ms()
        if not self._rules():
            return
        await self._write_down()
        await self._settle_what_is_over(at)
        await self._make_lists_of_the_day(at)
        shown = [view.preview for view in self._switchboard.board.agents.values()]
        tasks = [*self._unwritten, *(one.work.task for one in shown if one is not None)]
        await self._withdraw_what_is_settled(at)
        # Of this moment it may not be told yet; after a restart nobody is shown anything.
        await self._book.take_back(tasks, before=at - _MOMENT_MS)
        for rule in self._rules().values():
            if rule.promises:
                await self._book.adopt(rule, at=at)
        rules = {name: rule for name, rule in self._rules().items() if self._is_open(rule, at)}
        busy = [name for name, view in self._switchboard.board.queues().items() if view.waiting]
        idle = [
            view
            for view in self._switchboard.board.agents.values()
            if self._is_idle(view) and not any(queue in busy for queue in view.queues)
        ]
        if not rules or not idle:
            return
        idle.sort(key=lambda view: (view.since, view.id))  # Who has had nothing to do for longest.
        due = await self._book.due(list(rules), at)
        for name in due:
            now = [one for one in due[name] if self._may_call(rules[name], one[0], at)]
            for view in idle if now else ():
                zones = [zone for zone, owner in now if owner in (None, view.id)]
                if not zones:
                    continue
                if rules[name].queue in view.queues and at - view.since >= rules[name].idle_ms:
                    await self._show(rules[name], view.id, zones)

    async def _withdraw_what_is_settled(self, at: int) -> None:
        """Nobody is left looking at one who need not be called any more."""
        agents = self._switchboard.board.agents.values()
        shown = {view.preview.work.task: view.id for view in agents if view.preview is not None}
        offered = await self._book.offered(list(shown)) if shown else ()
        for task, agent in shown.items():
            if task not in offered:
                self._switchboard.deliver(WorkWithdrawn(at=at, agent=agent, task=task))

    async def _make_lists_of_the_day(self, at: int) -> None:
        """Once a day, and again after a restart, for it may have been cut short: nobody is on a list twice."""
        yesterday = datetime.fromtimestamp(at / 1000, self._zone).date() - timedelta(days=1)
        for rule in self._rules().values():
            if rule.every_day and self._made.get(rule.id) != yesterday:
                with suppress(CaseRefusedError):  # Somebody has closed it.
                    await self._book.make_of_day(rule, yesterday, at=at)
                self._made[rule.id] = yesterday

    def hear(self, notices: Sequence[Notice]) -> None:
        """A preview is over."""
        for notice in notices:
            if isinstance(notice, PreviewEnded):
                self._unwritten[notice.task] = notice
                self._start(self._write_soon())

    async def _write_soon(self) -> None:
        try:
            await self._write_down()
        except DatabaseError as error:
            log.warning("what came of a preview is not written down yet: %s", error)

    async def _write_down(self) -> None:
        """What came of previews; until it is written, they are nobody else's."""
        for task, notice in list(self._unwritten.items()):
            await self._heed(notice)
            if self._unwritten.get(task) is notice:
                del self._unwritten[task]

    async def _heed(self, notice: PreviewEnded) -> None:
        at = notice.at
        if notice.outcome is PreviewOutcome.ACCEPTED and notice.call is not None:
            await self._book.begin(notice.task, notice.call, at=at)
        elif notice.reason in ("no-route", "premium-number", "satellite-number"):
            await self._settle(notice.task, Outcome.NOT_ALLOWED, None, at)
        elif notice.outcome in (PreviewOutcome.SKIPPED, PreviewOutcome.EXPIRED):
            await self._book.give_back(notice.task, due_at=at + SKIPPED_MS)
        else:
            barred = bool(notice.reason) and notice.reason != Reason.AGENT_NOT_FREE
            await self._book.give_back(notice.task, due_at=at + BARRED_MS * barred)

    async def _show(self, rule: FollowUpRule, agent: AgentId, zones: Sequence[str | None]) -> None:
        view = self._switchboard.board.agents.get(agent)
        if view is None or not self._is_idle(view):
            return  # Something has come meanwhile.
        row = await self._book.take(rule.id, agent, zones, self._switchboard.now_ms())
        if row is None:
            return
        number = self._read_number(row["number"])
        at = self._switchboard.now_ms()
        if number is None:
            await self._settle(row["id"], Outcome.NOT_ALLOWED, None, at)
            return
        identity = UNIDENTIFIED
        customer = CustomerId(row["customer_id"]) if row["customer_id"] else None
        try:
            # Whom we want is known, whoever else has his number, or has it by now.
            found = await self._directory.recognise(
                row["number"], at=at, window_ms=DAY_MS, told=customer
            )
            identity = found.identity
            self._backgrounds.know(CallId(row["id"]), found.background)
        except DatabaseError as error:
            log.warning("who is to be called was not looked up: %s", error)
        work = Work(
            task=row["id"],
            list=row["list"],
            queue=rule.queue,
            number=number,
            customer=customer,
            identity=identity,
            why=row["what"],
            data={**(row["data"] or {}), **_others(row), "task": row["id"], "list": row["list"]},
        )
        self._switchboard.deliver(
            WorkOffered(
                at=self._switchboard.now_ms(),
                agent=agent,
                work=work,
                idle_ms=rule.idle_ms,
                answer_ms=rule.answer_ms,
            )
        )

    async def _settle_what_is_over(self, at: int) -> None:
        for row in await self._book.under_way():
            if CallId(row["call"]) in self._switchboard.board.calls:
                continue
            said = await self._book.ended(row["call"])
            if said is None:
                if at - row["tried_at"] > LOST_MS:
                    await self._settle(row["id"], Outcome.GIVEN_UP, row, at)
                continue
            outcome, ended_at = said
            if outcome is not Outcome.REACHED or at - ended_at > SAY_WITHIN_MS:
                await self._settle(row["id"], outcome, row, at)

    async def _settle(self, task: str, outcome: Outcome, row: Row | None, at: int) -> None:
        agent = AgentId(row["tried_by"]) if row is not None and row["tried_by"] else None
        team = self._teams(agent) if agent is not None else None
        with suppress(CaseRefusedError):  # The agent was first to say it.
            await self._book.settle(task, outcome, self._rules(), by=None, at=at, team=team)

    def _is_idle(self, view: AgentView) -> bool:
        """Whether he might be shown somebody; the engine has the last word."""
        return view.state is AgentState.READY and view.preview is None

    def _is_open(self, rule: FollowUpRule, at: int) -> bool:
        schedule = self._schedules().get(rule.hours) if rule.hours else None
        return schedule is None or is_open(expand(schedule, at - DAY_MS, 3), at)

    def _may_call(self, rule: FollowUpRule, zone: str | None, at: int) -> bool:
        clock = ZoneInfo(zone) if zone is not None else self._zone
        now = datetime.fromtimestamp(at / 1000, UTC).astimezone(clock)
        return rule.may_call_at(60 * now.hour + now.minute)


def _others(row: Row) -> dict[str, str]:
    """For the agent's screen: somebody else may pick up, who is to hear nothing of it."""
    return {"others_with_this_number": str(row["others"])} if row["others"] else {}
