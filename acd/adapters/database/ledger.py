"""Writes down what is over, and what calls and shifts have become; never makes a call wait.

`hear` only remembers; a task writes what was heard in batches, each one transaction. When the database
is away, what was heard waits in memory, up to a bound, and is written when it is back. A fact has its
name before it is written, so a batch of which we do not know whether it arrived is simply written again.

A crash of ours loses what was heard in the last quarter of a second. Of calls that go on, Asterisk tells
the next start again, and what had begun is read from the tables; one whose end was lost is closed as
lost. But nobody tells again what a person was told is done: that an agent has gone home or on a break, that an
outcome was noted. Such a promise takes everything heard so far along to the database within a twentieth of a second.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.connection import REFUSED_DATA, Database, DatabaseError
from acd.adapters.database.erased_or_merged import follow_merged, forget_erased
from acd.adapters.database.had_begun import (
    agents_on_shift,
    calls_out,
    calls_owed,
    changed_duties,
    data_of_open_calls,
    open_calls,
    outbound_stopped,
    what_had_begun,
)
from acd.adapters.database.last_moments import CallChanges
from acd.adapters.database.ledger_rows import (
    Shift,
    call_changes,
    call_row,
    callback_row,
    duties_row,
    fact_row,
    note_recording,
    recording_row,
    shift_after,
    shift_row,
    statements_of,
    survey_row,
)
from acd.adapters.database.numbers import read_number
from acd.adapters.database.tables import (
    agent_duties,
    agent_shifts,
    callbacks,
    calls,
    facts,
    recordings,
    surveys,
)
from acd.core.callback import Callback, CallbackId
from acd.core.configuration import AgentProfile, Duties
from acd.core.events import RestoredAgent
from acd.core.ids import AgentId, CallId, NodeId, node_of, recording_name
from acd.core.notices import (
    AgentStateChanged,
    CallbackChanged,
    CallbackEnded,
    CallConnected,
    CallEnded,
    CallStarted,
    DataChanged,
    DutiesChanged,
    Ending,
    Notice,
    OutcomeRecorded,
    RecordingChanged,
    Supervised,
    SurveyAnswered,
    SurveyBegan,
)
from acd.core.outbound import HOUR_MS
from acd.reports.bookkeeping import Bookkeeper
from acd.reports.facts import Fact
from acd.reports.going_on import OpenState

log = logging.getLogger(__name__)

# How long a fact may wait for others to share its transaction. A transaction costs as much as forty facts.
GATHER_S = 0.25
SOON_S = 0.05  # And so long if it is a promise; a room that logs in together is a few transactions.
BATCH = 500  # So many do not wait.
CAPACITY = 100_000  # A quarter of an hour of a very large centre; about 100 MB.


@dataclass(slots=True)
class _Batch:
    """What was heard and is not known to be written."""

    facts: list[Fact] = field(default_factory=list)
    calls: dict[CallId, dict[str, Any]] = field(default_factory=dict)
    shifts: dict[AgentId, tuple[AgentStateChanged, OpenState]] = field(default_factory=dict)
    duties: dict[AgentId, DutiesChanged] = field(default_factory=dict)
    recordings: dict[str, dict[str, Any]] = field(default_factory=dict)
    surveys: list[SurveyBegan | SurveyAnswered] = field(default_factory=list)
    owed: dict[CallbackId, CallbackChanged | CallbackEnded] = field(default_factory=dict)
    written: asyncio.Event = field(default_factory=asyncio.Event)


def _nothing() -> _Batch:
    nothing = _Batch()
    nothing.written.set()
    return nothing


class Ledger:
    """The append-only record of what was, and how things stand. `agents` say who is in which team now."""

    def __init__(
        self,
        database: Database,
        *,
        region: str,
        agents: Mapping[AgentId, AgentProfile] | None = None,
        overhears: Callable[[Notice, Sequence[Fact]], None] | None = None,
        capacity: int = CAPACITY,
        gather_s: float = GATHER_S,
        soon_s: float = SOON_S,
        retry_s: tuple[float, float] = (0.1, 5.0),
    ) -> None:
        self.lost = 0  # Heard while the memory was full, and gone.
        self.refused = 0  # The database would not have them, whatever we did.
        self.waits = False  # For the database, which is away.
        self._database = database
        self._region = region
        self._overhears = overhears
        self._capacity = capacity
        self._gather_s = gather_s
        self._soon_s = min(soon_s, gather_s)
        self._retry_s = retry_s
        self._books = Bookkeeper({name: one.team for name, one in (agents or {}).items()})
        self._full = False
        self._heard = _Batch()
        self._in_hand = _nothing()
        self._shifts: dict[AgentId, Shift] = {}
        self._statements = statements_of(database)
        self._something = asyncio.Event()
        self._promised = asyncio.Event()
        self._hurry = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    @property
    def behind(self) -> int:
        """How many facts are heard and not yet written."""
        return len(self._heard.facts) + len(self._in_hand.facts)

    def hear(self, notice: Notice) -> None:
        """Remember it, to be written soon. Never waits, and never fails for the database's sake."""
        told = self._books.hear(notice)
        if self._overhears is not None:
            self._overhears(notice, told)
        room = self._capacity - self.behind
        self._heard.facts += told[: max(0, room)]
        if len(told) > room:
            # How things stand is small and still follows: a repeat caller stays one, a shift is not lost.
            if not self._full:
                log.error("The ledger's memory is full: facts are lost until the database is back.")
            self._full = True
            self.lost += len(told) - max(0, room)
        self._project(notice)
        self._something.set()
        if self._promises(notice):
            self._promised.set()
        if len(self._heard.facts) >= BATCH:
            self._write_now()

    def unwritten_calls(self) -> Sequence[Mapping[CallId, CallChanges]]:
        """What the table `calls` does not say yet, the oldest first.

        Whoever takes this and then reads the table misses nothing: these stay as they are, or grow,
        when their content is written.
        """
        return (self._in_hand.calls, self._heard.calls)

    async def start(self) -> None:
        """Read what had begun when we last stopped, or fell, and begin to write. Raises DatabaseError."""
        assert self._writing is None
        self._books.resume(*await self._database.read(what_had_begun))
        self._writing = asyncio.create_task(self._write_on(), name="ledger")

    async def note(self, act: Supervised) -> None:
        """Somebody has done this: it is on record when this returns."""
        self.hear(act)
        await self.flush()

    async def flush(self) -> None:
        """Return when all that was heard by now is written, whatever is heard meanwhile."""
        if self._something.is_set():
            self._write_now()
            await self._heard.written.wait()
        else:
            await self._in_hand.written.wait()

    async def stop(self, *, timeout_s: float = 10) -> None:
        """Write the rest and end; give up after the timeout, and say how much was lost by it."""
        if self._writing is None:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self.flush(), timeout_s)
        self._writing.cancel()
        with suppress(asyncio.CancelledError):
            await self._writing
        self._writing = None
        if self.behind:
            log.error("%d facts could not be written before the end.", self.behind)

    async def restored_data(self) -> Mapping[CallId, Mapping[str, str]]:
        """What was noted with calls that had not ended when we last stopped, or fell."""
        return await self._database.read(data_of_open_calls)

    async def restored_callbacks(self) -> tuple[Callback, ...]:
        """Who was to be called back when we last stopped, or fell."""
        return await self._database.read(calls_owed)

    async def restored_shift(self) -> tuple[RestoredAgent, ...]:
        """Who was logged in when we last stopped, or fell."""
        return await self._database.read(agents_on_shift)

    async def restored_duties(self) -> Mapping[AgentId, Duties]:
        """What supervisors have put in the place of the centre file's word."""
        return await self._database.read(changed_duties)

    async def restored_calls_out(self, at: int) -> tuple[tuple[int, AgentId], ...]:
        """Who had called somebody in the hour before `at`, and when; without what has not ended."""
        return await self._database.read(calls_out, since=at - HOUR_MS)

    async def outbound_stopped(self) -> bool:
        """Whether the last word of an admin is that nobody calls out."""
        return await self._database.read(outbound_stopped)

    async def close_orphans(
        self, known: Collection[CallId], *, at: int, node: NodeId
    ) -> tuple[CallId, ...]:
        """Say of every open call on `node` which is not `known` there that it was lost; returns them.

        Call it when the node was found again, with the calls that are there. It tells the ledger a
        fact like any other, so the reports agree with the table.
        """
        ended = {
            call
            for layer in self.unwritten_calls()
            for call, changes in layer.items()
            if "ended_at" in changes
        }
        orphans = [
            row
            for row in await self._database.read(open_calls, before=at)
            if row.id not in known and row.id not in ended and node_of(row.id) == node
        ]
        for row in orphans:
            self.hear(
                CallEnded(
                    at=at,
                    call=CallId(row.id),
                    ending=Ending.LOST,
                    queue=row.queue,
                    agent=row.agent,
                    waited_ms=row.waited_ms or 0,
                    talked_ms=row.talked_ms or 0,
                    detail="not there after a restart",
                )
            )
        return tuple(CallId(row.id) for row in orphans)

    def _project(self, notice: Notice) -> None:
        """Note what becomes of the call, or of the agent's shift."""
        if isinstance(notice, AgentStateChanged):
            self._heard.shifts[notice.agent] = notice, self._books.agents.now[notice.agent]
            return
        if isinstance(notice, DutiesChanged):
            self._heard.duties[notice.agent] = notice
            return
        if isinstance(notice, RecordingChanged):
            if notice.part:
                name = recording_name(notice.call, notice.part)
                note_recording(self._heard.recordings.setdefault(name, {"id": name}), notice)
            return
        if isinstance(notice, CallbackChanged | CallbackEnded):
            self._heard.owed[notice.callback.id] = notice
            return
        if isinstance(notice, SurveyBegan | SurveyAnswered):
            self._heard.surveys.append(notice)
            return
        changes = call_changes(notice)
        if changes is None:
            return
        call, new = changes
        if isinstance(notice, CallStarted):
            new["number"] = read_number(notice.number, self._region).e164
        known = self._heard.calls.setdefault(call, {"heard_at": notice.at})
        if isinstance(notice, CallConnected) and known.get("agent") == notice.agent:
            new["answered_at"] = known.get("answered_at", notice.connected_at)
        known.update(new)

    def _promises(self, notice: Notice) -> bool:
        """Whether a person was told that this is done. An agent's state during calls is no promise."""
        if isinstance(notice, AgentStateChanged):
            before = self._shifts.get(notice.agent)
            self._shifts[notice.agent] = after = shift_after(notice)
            return after != before
        promises = OutcomeRecorded | Supervised | DutiesChanged | DataChanged | CallbackChanged
        return isinstance(notice, promises)

    def _write_now(self) -> None:
        self._promised.set()
        self._hurry.set()

    async def _write_on(self) -> None:
        while True:
            await self._something.wait()
            await _up_to(self._gather_s - self._soon_s, self._promised)
            await _up_to(self._soon_s, self._hurry)
            for event in (self._something, self._promised, self._hurry):
                event.clear()
            self._in_hand, self._heard = self._heard, _Batch()
            await self._write_in_hand()
            self._in_hand.written.set()
            self._in_hand = _nothing()

    async def _write_in_hand(self) -> None:
        pause, longest = self._retry_s
        while True:
            try:
                await self._database.write(self._store, self._in_hand)
            except DatabaseError as error:
                if not self.waits:
                    log.error("The ledger waits for the database. %s", error)
                self.waits = True
                await asyncio.sleep(pause)
                pause = min(pause * 2, longest)
            except Exception:
                # Our own mistake, and the same again at every attempt: the ledger must go on without it.
                log.exception("%d facts cannot be written.", len(self._in_hand.facts))
                self.refused += len(self._in_hand.facts)
                return
            else:
                self._full = False
                if self.waits:
                    log.warning("The ledger writes again; %d facts were lost so far.", self.lost)
                self.waits = False
                return

    def _store(self, connection: sa.Connection, batch: _Batch) -> None:
        """Within one transaction."""
        try:
            with connection.begin_nested():
                for table, rows in self._rows(batch):
                    connection.exec_driver_sql(self._statements[table], rows)
        except REFUSED_DATA:
            # Some row is to blame, and must not keep the others out.
            for table, rows in self._rows(batch):
                self._store_halves(connection, table, rows)
        over = [name for name, one in batch.owed.items() if isinstance(one, CallbackEnded)]
        if over:
            connection.execute(sa.delete(callbacks).where(callbacks.c.id.in_(over)))
        told = dict.fromkeys((*batch.calls, *(one.conversation for one in batch.facts)))
        forget_erased(connection, [name for name in told if name is not None])
        follow_merged(connection, batch.facts, batch.calls)

    def _rows(self, batch: _Batch) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        # In pieces: after an outage a batch is all that was heard, and rows are much larger than notices.
        for first in range(0, len(batch.facts), BATCH):
            piece = batch.facts[first : first + BATCH]
            yield facts.name, [fact_row(fact) for fact in piece]
        if batch.calls:
            yield calls.name, [call_row(call, changes) for call, changes in batch.calls.items()]
        if batch.shifts:
            yield agent_shifts.name, [shift_row(*shift) for shift in batch.shifts.values()]
        if batch.duties:
            yield agent_duties.name, [duties_row(notice) for notice in batch.duties.values()]
        if batch.recordings:
            yield recordings.name, [recording_row(known) for known in batch.recordings.values()]
        owed = [one for one in batch.owed.values() if isinstance(one, CallbackChanged)]
        if owed:
            yield callbacks.name, [callback_row(one) for one in owed]
        if batch.surveys:
            yield surveys.name, [survey_row(notice) for notice in batch.surveys]

    def _store_halves(
        self, connection: sa.Connection, table: str, rows: list[dict[str, Any]]
    ) -> None:
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(self._statements[table], rows)
        except REFUSED_DATA as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                self._store_halves(connection, table, rows[:middle])
                self._store_halves(connection, table, rows[middle:])
                return
            self.refused += 1
            # Without the row itself: it holds what a log must not.
            log.error("The database refused a row of %s: %s", table, type(error.orig).__name__)


async def _up_to(seconds: float, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
