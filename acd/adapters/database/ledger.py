"""Writes down every notice, and what calls and shifts have become by it; never makes a call wait.

`hear` only remembers; a task writes what was heard in batches, each one transaction. When the database
is away, what was heard waits in memory, up to a bound, and is written when it is back. A fact has its
name, (epoch, n), before it is written, so a batch of which we do not know whether it arrived is simply
written again.
"""

import asyncio
import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
import sqlalchemy as sa

from acd.adapters.database.connection import (
    REFUSED_DATA,
    Database,
    DatabaseError,
    storable,
)
from acd.adapters.database.numbers import read_number
from acd.adapters.database.tables import agent_shifts, calls, facts
from acd.core.agent import AgentState
from acd.core.customer import CAN_REPEAT, Identity
from acd.core.events import RestoredAgent
from acd.core.ids import AgentId, CallId, NodeId, node_of
from acd.core.notices import (
    AgentStateChanged,
    CallConnected,
    CallEnded,
    CallerRecognised,
    CallOffered,
    CallQueued,
    CallStarted,
    Ending,
    Notice,
    OutcomeRecorded,
)

log = logging.getLogger(__name__)

CallChanges: TypeAlias = Mapping[str, Any]  # Column of `calls` → its new value.

GATHER_S = 0.05  # How long a fact may wait for others to share its transaction.
BATCH = 500  # So many do not wait.
CAPACITY = 100_000  # A quarter of an hour of a very large centre; about 100 MB.

_CALL_COLUMNS = tuple(column.name for column in calls.columns)


@dataclass(slots=True)
class _Batch:
    """What was heard and is not known to be written."""

    facts: list[tuple[int, Notice]] = field(default_factory=list)
    calls: dict[CallId, dict[str, Any]] = field(default_factory=dict)
    shifts: dict[AgentId, dict[str, Any]] = field(default_factory=dict)


class Ledger:
    """The append-only record of a run of the program, and the projections that routing needs of it."""

    def __init__(
        self,
        database: Database,
        *,
        region: str,
        capacity: int = CAPACITY,
        gather_s: float = GATHER_S,
        retry_s: tuple[float, float] = (0.1, 5.0),
    ) -> None:
        self.epoch = secrets.token_hex(8)
        self.lost = 0  # Heard while the memory was full, and gone.
        self.refused = 0  # The database would not have them, whatever we did.
        self._database = database
        self._region = region
        self._capacity = capacity
        self._gather_s = gather_s
        self._retry_s = retry_s
        self._n = 0
        self._full = False
        self._heard = _Batch()
        self._in_hand = _Batch()
        self._something = asyncio.Event()
        self._hurry = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()
        self._writing: asyncio.Task[None] | None = None

    @property
    def behind(self) -> int:
        """How many facts are heard and not yet written."""
        return len(self._heard.facts) + len(self._in_hand.facts)

    def hear(self, notice: Notice) -> None:
        """Remember it, to be written soon. Never waits, and never fails for the database's sake."""
        if self.behind >= self._capacity:
            # The projections are small and still follow: a repeat caller stays one, a shift is not lost.
            if not self._full:
                log.error("The ledger's memory is full: facts are lost until the database is back.")
            self._full = True
            self.lost += 1
        else:
            self._heard.facts.append((self._n, notice))
        self._n += 1
        self._project(notice)
        self._written.clear()
        self._something.set()
        if len(self._heard.facts) >= BATCH:
            self._hurry.set()

    def unwritten_calls(self) -> Sequence[Mapping[CallId, CallChanges]]:
        """What the table `calls` does not say yet, the oldest first.

        Whoever takes this and then reads the table misses nothing: these stay as they are, or grow,
        when their content is written.
        """
        return (self._in_hand.calls, self._heard.calls)

    async def start(self) -> None:
        """Begin to write."""
        assert self._writing is None
        self._writing = asyncio.create_task(self._write_on(), name="ledger")

    async def flush(self) -> None:
        """Return when all that was heard is written."""
        self._hurry.set()
        await self._written.wait()

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

    async def restored_shift(self) -> tuple[RestoredAgent, ...]:
        """Who was logged in when we last stopped, or fell."""
        return await self._database.read(_read_shift)

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
        open_calls = await self._database.read(_read_open_calls, before=at)
        orphans = [
            row
            for row in open_calls
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
            self._heard.shifts[notice.agent] = _shift_after(notice)
            return
        changes = _call_changes(notice)
        if changes is None:
            return
        call, new = changes
        if isinstance(notice, CallStarted):
            new["number"] = read_number(notice.number, self._region).e164
        known = self._heard.calls.setdefault(call, {"heard_at": notice.at})
        if isinstance(notice, CallConnected) and known.get("agent") == notice.agent:
            new["answered_at"] = known.get("answered_at", notice.connected_at)
        known.update(new)

    async def _write_on(self) -> None:
        while True:
            await self._something.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), self._gather_s)
            self._something.clear()
            self._hurry.clear()
            self._in_hand, self._heard = self._heard, _Batch()
            await self._write_in_hand()
            self._in_hand = _Batch()
            if not self._something.is_set():
                self._written.set()

    async def _write_in_hand(self) -> None:
        pause, longest = self._retry_s
        away = False
        while True:
            try:
                await self._database.write(self._store, self._in_hand)
            except DatabaseError as error:
                if not away:
                    log.error("The ledger waits for the database. %s", error)
                away = True
                await asyncio.sleep(pause)
                pause = min(pause * 2, longest)
            except Exception:
                # Our own mistake, and the same again at every attempt: the ledger must go on without it.
                log.exception("%d facts cannot be written.", len(self._in_hand.facts))
                self.refused += len(self._in_hand.facts)
                return
            else:
                self._full = False
                if away:
                    log.warning("The ledger writes again; %d facts were lost so far.", self.lost)
                return

    def _store(self, connection: sa.Connection, batch: _Batch) -> None:
        """In a thread, within one transaction."""
        # In pieces: after an outage a batch is all that was heard, and rows are much larger than notices.
        for first in range(0, len(batch.facts), BATCH):
            self._insert(
                connection,
                self._database.insert(facts).on_conflict_do_nothing(),
                [_fact(self.epoch, n, notice) for n, notice in batch.facts[first : first + BATCH]],
            )
        insert = self._database.insert(calls)
        # What is known of a call only grows, except for when it began.
        grown: dict[str, sa.ColumnElement[Any]] = {
            name: sa.func.coalesce(insert.excluded[name], calls.c[name])
            for name in _CALL_COLUMNS
            if name not in ("id", "started_at")
        }
        # Nor does a talk begin anew because it is told again: what a restart finds may be a guess.
        grown["answered_at"] = sa.case(
            (
                calls.c.agent == insert.excluded.agent,
                sa.func.coalesce(calls.c.answered_at, insert.excluded.answered_at),
            ),
            else_=grown["answered_at"],
        )
        self._insert(
            connection,
            insert.on_conflict_do_update(index_elements=["id"], set_=grown),
            [_call_row(call, changes) for call, changes in batch.calls.items()],
        )
        insert = self._database.insert(agent_shifts)
        self._insert(
            connection,
            insert.on_conflict_do_update(
                index_elements=["agent"],
                set_={
                    name: insert.excluded[name] for name in ("logged_in", "causes", "changed_at")
                },
                where=agent_shifts.c.changed_at <= insert.excluded.changed_at,
            ),
            list(batch.shifts.values()),
        )

    def _insert(
        self, connection: sa.Connection, statement: sa.Insert, rows: list[dict[str, Any]]
    ) -> None:
        """Write the rows; one that the database refuses must not keep the others out."""
        if not rows:
            return
        try:
            with connection.begin_nested():
                connection.execute(statement, rows)
        except REFUSED_DATA as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                self._insert(connection, statement, rows[:middle])
                self._insert(connection, statement, rows[middle:])
                return
            self.refused += 1
            # Without the row itself: it holds what a log must not.
            log.error(
                "The database refused a row of %s: %s",
                statement.table.name,
                type(error.orig).__name__,
            )


def _call_changes(notice: Notice) -> tuple[CallId, dict[str, Any]] | None:
    """The call that this notice changes, and the columns by which."""
    match notice:
        case CallStarted():
            return notice.call, {
                "started_at": notice.at,
                "number_raw": storable(notice.number),
                "caller_name": storable(notice.name),
                "dialled": storable(notice.dialled),
            }
        case CallerRecognised(identity=identity):
            told = identity.confidence in CAN_REPEAT and identity.customer is not None
            return notice.call, {
                "confidence": identity.confidence.value,
                **({"number": identity.number} if identity.number else {}),
                **({"customer_id": identity.customer.id} if told and identity.customer else {}),
            }
        case CallQueued():
            return notice.call, {"queue": storable(notice.queue)}
        case CallConnected():
            return notice.call, {
                "queue": storable(notice.queue),
                "agent": notice.agent,
                "answered_at": notice.connected_at,
                "waited_ms": notice.waited_ms,
            }
        case CallEnded():
            return notice.call, {
                "ended_at": notice.at,
                "ending": notice.ending.value,
                "waited_ms": notice.waited_ms,
                "talked_ms": notice.talked_ms,
                **({"queue": storable(notice.queue)} if notice.queue else {}),
                **({"agent": notice.agent} if notice.agent else {}),
            }
        case OutcomeRecorded():
            return notice.call, {"outcome": storable(notice.outcome)}
        case _:
            return None


def _call_row(call: CallId, changes: CallChanges) -> dict[str, Any]:
    """A whole row of `calls`: every row has the same columns, or they could not go in one statement."""
    row = {name: changes.get(name) for name in _CALL_COLUMNS}
    # We first heard of it in the middle, as when another version of us began it.
    return {**row, "id": call, "started_at": changes.get("started_at", changes["heard_at"])}


def _shift_after(notice: AgentStateChanged) -> dict[str, Any]:
    # Who is to log out after his call has gone home, if we fall during it.
    logged_in = AgentState.LOGGED_OUT not in (notice.state, notice.pending)
    return {
        "agent": notice.agent,
        "logged_in": logged_in,
        "causes": _storable_tree([list(cause) for cause in notice.causes]),
        "changed_at": notice.at,
    }


def _fact(epoch: str, n: int, notice: Notice) -> dict[str, Any]:
    body = msgspec.to_builtins(notice)
    if isinstance(notice, CallerRecognised | CallOffered):
        body["identity"] = _who(notice.identity)
    return {
        "epoch": epoch,
        "n": n,
        "at": body.pop("at"),
        "kind": type(notice).__name__,
        "call": body.get("call"),
        "agent": body.get("agent"),
        "queue": storable(body.get("queue")),
        "body": _storable_tree(body),
    }


def _who(identity: Identity) -> dict[str, Any]:
    """Whom an identity names, without what he is called: that can be corrected and deleted, a fact not."""
    return {
        "number": identity.number,
        "confidence": identity.confidence.value,
        "customers": [customer.id for customer in identity.customers],
        "repeats": identity.repeats,
        "window_ms": identity.window_ms,
    }


def _storable_tree(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case dict():
            return {key: _storable_tree(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_storable_tree(inner) for inner in value]
        case _:
            return value


def _read_shift(connection: sa.Connection) -> tuple[RestoredAgent, ...]:
    rows = connection.execute(
        sa.select(agent_shifts.c.agent, agent_shifts.c.causes)
        .where(agent_shifts.c.logged_in)
        .order_by(agent_shifts.c.agent)
    )
    return tuple(
        RestoredAgent(
            agent=AgentId(row.agent), causes=tuple((cause, reason) for cause, reason in row.causes)
        )
        for row in rows
    )


def _read_open_calls(connection: sa.Connection, *, before: int) -> Sequence[Any]:
    return connection.execute(
        sa.select(calls.c.id, calls.c.queue, calls.c.agent, calls.c.waited_ms, calls.c.talked_ms)
        .where(calls.c.ended_at.is_(None), calls.c.started_at < before)
        .order_by(calls.c.started_at, calls.c.id)
    ).all()
