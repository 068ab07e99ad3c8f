"""Writes down what is over, and what calls and shifts have become; never makes a call wait.

`hear` only remembers; a task writes what was heard in batches, each one transaction. When the database
is away, what was heard waits in memory, up to a bound, and is written when it is back. A fact has its
name before it is written, so a batch of which we do not know whether it arrived is simply written again.

A crash of ours loses what was heard in the last quarter of a second. Of calls that go on, Asterisk tells
the next start again, and what had begun is read from the tables; one whose end was lost is closed as
lost. But nobody tells again what a person was
told is done: that an agent has gone home or on a break, that an outcome was noted. Such a promise takes
everything heard so far along to the database within a twentieth of a second.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
from acd.adapters.database.last_moments import CallChanges
from acd.adapters.database.numbers import read_number
from acd.adapters.database.tables import (
    OF_THE_CALLER,
    agent_duties,
    agent_shifts,
    calls,
    customer_changes,
    customers,
    facts,
    recordings,
    surveys,
)
from acd.core.agent import AgentState
from acd.core.configuration import AgentProfile, Duties
from acd.core.customer import CAN_REPEAT, Confidence
from acd.core.events import RestoredAgent
from acd.core.ids import AgentId, CallId, NodeId, QueueId, node_of, recording_name
from acd.core.notices import (
    AgentStateChanged,
    CallConnected,
    CallEnded,
    CallerRecognised,
    CallPlaced,
    CallQueued,
    CallStarted,
    CallTakenOver,
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
from acd.core.outbound import ALLOWED, STOPPED
from acd.core.recording import UNDER_WAY, RecordingState
from acd.reports.bookkeeping import KEYS, Bookkeeper, OpenCall, OpenState
from acd.reports.facts import Fact, Kind

log = logging.getLogger(__name__)

_Shift: TypeAlias = tuple[bool, tuple[tuple[str, str], ...]]  # Logged in; why he is not ready.

# How long a fact may wait for others to share its transaction. A transaction costs as much as forty facts.
GATHER_S = 0.25
SOON_S = 0.05  # And so long if it is a promise; a room that logs in together is a few transactions.
BATCH = 500  # So many do not wait.
CAPACITY = 100_000  # A quarter of an hour of a very large centre; about 100 MB.

CALL_COLUMNS = tuple(column.name for column in calls.columns)
_FACT_COLUMNS = tuple(column.name for column in facts.columns)
_SHIFT_COLUMNS = tuple(column.name for column in agent_shifts.columns)
_RECORDING_COLUMNS = tuple(
    column.name
    for column in recordings.columns
    if column.name not in ("bytes", "sha256", "doomed_at")
)
_SURVEY_COLUMNS = tuple(column.name for column in surveys.columns)
_DUTIES_COLUMNS = tuple(column.name for column in agent_duties.columns)

_NOTHING_KNOWN: CallChanges = dict.fromkeys(CALL_COLUMNS)
_LONGEST_PLAIN = 4_000  # Bytes of JSON in which no text can be longer than `storable` leaves it.


@dataclass(slots=True)
class _Batch:
    """What was heard and is not known to be written."""

    facts: list[Fact] = field(default_factory=list)
    calls: dict[CallId, dict[str, Any]] = field(default_factory=dict)
    shifts: dict[AgentId, tuple[AgentStateChanged, OpenState]] = field(default_factory=dict)
    duties: dict[AgentId, DutiesChanged] = field(default_factory=dict)
    recordings: dict[str, dict[str, Any]] = field(default_factory=dict)
    surveys: list[SurveyBegan | SurveyAnswered] = field(default_factory=list)


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
        self._in_hand = _Batch()
        self._shifts: dict[AgentId, _Shift] = {}
        self._statements = statements_of(database)
        self._something = asyncio.Event()
        self._promised = asyncio.Event()
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
        self._written.clear()
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
        self._books.resume(*await self._database.read(_read_what_had_begun))
        self._writing = asyncio.create_task(self._write_on(), name="ledger")

    async def note(self, act: Supervised) -> None:
        """Somebody has done this: it is on record when this returns."""
        self.hear(act)
        await self.flush()

    async def flush(self) -> None:
        """Return when all that was heard is written."""
        self._write_now()
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

    async def restored_data(self) -> Mapping[CallId, Mapping[str, str]]:
        """What was noted with calls that had not ended when we last stopped, or fell."""
        return await self._database.read(_read_data)

    async def restored_shift(self) -> tuple[RestoredAgent, ...]:
        """Who was logged in when we last stopped, or fell."""
        return await self._database.read(_read_shift)

    async def restored_duties(self) -> Mapping[AgentId, Duties]:
        """What supervisors have put in the place of the centre file's word."""
        return await self._database.read(_read_duties)

    async def outbound_stopped(self) -> bool:
        """Whether the last word of an admin is that nobody calls out."""
        return await self._database.read(_read_outbound_stopped)

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
            self._heard.shifts[notice.agent] = notice, self._books.states[notice.agent]
            return
        if isinstance(notice, DutiesChanged):
            self._heard.duties[notice.agent] = notice
            return
        if isinstance(notice, RecordingChanged):
            if notice.part:
                name = recording_name(notice.call, notice.part)
                _note_recording(self._heard.recordings.setdefault(name, {"id": name}), notice)
            return
        if isinstance(notice, SurveyBegan | SurveyAnswered):
            self._heard.surveys.append(notice)
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

    def _promises(self, notice: Notice) -> bool:
        """Whether a person was told that this is done. An agent's state during calls is no promise."""
        if isinstance(notice, AgentStateChanged):
            before = self._shifts.get(notice.agent)
            self._shifts[notice.agent] = after = _shift_after(notice)
            return after != before
        return isinstance(notice, OutcomeRecorded | Supervised | DutiesChanged | DataChanged)

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
        """Within one transaction."""
        try:
            with connection.begin_nested():
                for table, rows in self._rows(batch):
                    connection.exec_driver_sql(self._statements[table], rows)
                _forget_erased(connection, batch)
                _follow_merged(connection, batch)
        except REFUSED_DATA:
            # Some row is to blame, and must not keep the others out.
            for table, rows in self._rows(batch):
                self._store_halves(connection, table, rows)
            _forget_erased(connection, batch)
            _follow_merged(connection, batch)

    def _rows(self, batch: _Batch) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        # In pieces: after an outage a batch is all that was heard, and rows are much larger than notices.
        for first in range(0, len(batch.facts), BATCH):
            piece = batch.facts[first : first + BATCH]
            yield facts.name, [fact_row(fact) for fact in piece]
        if batch.calls:
            yield calls.name, [_call_row(call, changes) for call, changes in batch.calls.items()]
        if batch.shifts:
            yield agent_shifts.name, [_shift_row(*shift) for shift in batch.shifts.values()]
        if batch.duties:
            yield agent_duties.name, [_duties_row(notice) for notice in batch.duties.values()]
        if batch.recordings:
            nothing = dict.fromkeys(_RECORDING_COLUMNS)
            yield recordings.name, [nothing | row for row in batch.recordings.values()]
        if batch.surveys:
            yield surveys.name, [_survey_row(notice) for notice in batch.surveys]

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


def _forget_erased(connection: sa.Connection, batch: _Batch) -> None:
    told = dict.fromkeys((*batch.calls, *(one.conversation for one in batch.facts)))
    forget_erased(connection, [name for name in told if name is not None])


def forget_erased(connection: sa.Connection, names: Sequence[str]) -> None:
    """Who was erased while he talked, or was written about, stays so: what was told since knows him still."""
    for first in range(0, len(names), BATCH):
        piece = names[first : first + BATCH]
        asked = sa.select(calls.c.id, calls.c.erased_as).where(
            calls.c.id.in_(piece), calls.c.erased_as.is_not(None)
        )
        for call, nobody in connection.execute(asked).all():
            mine = facts.c.conversation == call, facts.c.person.is_not(None)
            connection.execute(sa.update(facts).where(*mine).values(person=nobody))
            connection.execute(sa.update(calls).where(calls.c.id == call).values(OF_THE_CALLER))
            connection.execute(sa.delete(surveys).where(surveys.c.call == call))


def _follow_merged(connection: sa.Connection, batch: _Batch) -> None:
    """Who was made one with another customer while he talked is him: what was told since calls him as before."""
    people = dict.fromkeys(one.person for one in batch.facts if one.person is not None)
    people |= dict.fromkeys(
        changes["customer_id"] for changes in batch.calls.values() if changes.get("customer_id")
    )
    for gone, kept in _merged(connection, list(people)).items():
        names = [one.conversation for one in batch.facts if one.person == gone]
        for first in range(0, len(names), BATCH):
            his = facts.c.conversation.in_(names[first : first + BATCH]), facts.c.person == gone
            connection.execute(sa.update(facts).where(*his).values(person=kept))
        for call in batch.calls:
            mine = calls.c.id == call, calls.c.customer_id == gone
            connection.execute(sa.update(calls).where(*mine).values(customer_id=kept))


def _merged(connection: sa.Connection, people: Sequence[str]) -> dict[str, str]:
    """Those of them who are another customer now, and which. Who was listed again since is himself."""
    listed = sa.exists().where(customers.c.id == customer_changes.c.gone)
    found: dict[str, str] = {}
    for first in range(0, len(people), BATCH):
        asked = (
            sa.select(customer_changes.c.gone, customer_changes.c.kept)
            .where(
                customer_changes.c.gone.in_(people[first : first + BATCH]),
                customer_changes.c.what == "merge",
                customer_changes.c.undone_at.is_(None),
                ~listed,
            )
            .order_by(customer_changes.c.serial)
        )
        found |= {row.gone: row.kept for row in connection.execute(asked)}
    further = _merged(connection, list(found.values())) if found else {}
    return {gone: further.get(kept, kept) for gone, kept in found.items()}


async def _up_to(seconds: float, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def statements_of(database: Database) -> Mapping[str, str]:
    """What is said to the database for a row of each table: made once, as making it costs more than rows."""
    told = database.insert(facts).on_conflict_do_nothing()
    call = database.insert(calls)
    # What is known of a call only grows, except for when it began.
    grown: dict[str, sa.ColumnElement[Any]] = {
        name: sa.func.coalesce(call.excluded[name], calls.c[name])
        for name in CALL_COLUMNS
        if name not in ("id", "started_at")
    }
    # Nor does a talk begin anew because it is told again: what a restart finds may be a guess.
    grown["answered_at"] = sa.case(
        (
            calls.c.agent == call.excluded.agent,
            sa.func.coalesce(calls.c.answered_at, call.excluded.answered_at),
        ),
        else_=grown["answered_at"],
    )
    duties = database.insert(agent_duties)
    part = database.insert(recordings)
    known = {
        name: sa.func.coalesce(recordings.c[name], part.excluded[name])
        for name in _RECORDING_COLUMNS
        if name != "id"
    }
    shift = database.insert(agent_shifts)
    latest = {name: shift.excluded[name] for name in _SHIFT_COLUMNS if name != "agent"}
    return {
        facts.name: database.spoken(told, _FACT_COLUMNS),
        calls.name: database.spoken(
            call.on_conflict_do_update(index_elements=["id"], set_=grown), CALL_COLUMNS
        ),
        agent_shifts.name: database.spoken(
            shift.on_conflict_do_update(
                index_elements=["agent"],
                set_=latest,
                where=agent_shifts.c.changed_at <= shift.excluded.changed_at,
            ),
            _SHIFT_COLUMNS,
        ),
        recordings.name: database.spoken(
            part.on_conflict_do_update(index_elements=["id"], set_=known), _RECORDING_COLUMNS
        ),
        surveys.name: database.spoken(
            database.insert(surveys).on_conflict_do_nothing(), _SURVEY_COLUMNS
        ),
        agent_duties.name: database.spoken(
            duties.on_conflict_do_update(
                index_elements=["agent"],
                set_={name: duties.excluded[name] for name in _DUTIES_COLUMNS if name != "agent"},
            ),
            _DUTIES_COLUMNS,
        ),
    }


def _survey_row(notice: SurveyBegan | SurveyAnswered) -> dict[str, Any]:
    answer = notice if isinstance(notice, SurveyAnswered) else None
    return {
        "id": f"{notice.call} {answer.question if answer else ''}".strip(),
        "at": notice.at,
        "customer_id": notice.customer,
        "number": notice.number,
        "call": notice.call,
        "queue": storable(notice.queue) if notice.queue is not None else None,
        "agent": notice.agent,
        "question": answer.question if answer else None,
        "scale": answer.scale if answer else None,
        "score": answer.score if answer else None,
        "source": KEYS,
        "given_by": None,
    }


def _note_recording(row: dict[str, Any], notice: RecordingChanged) -> None:
    """Of a part, what was known first stays: when it began and ended, who had the call."""
    row.setdefault("call", notice.call)
    row.setdefault("part", notice.part)
    row.setdefault("started_at", notice.at)
    row.setdefault("queue", storable(notice.queue) if notice.queue is not None else None)
    row.setdefault("agent", notice.agent)
    row.setdefault("consent", notice.consent)
    if notice.state not in UNDER_WAY and "ended_at" not in row:
        row["ended_at"] = notice.at
        row["failed"] = notice.state is RecordingState.FAILED


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
            return notice.call, {
                "queue": storable(notice.queue),
                "queued_at": notice.joined_at,
                **({"reason": notice.reason} if notice.reason else {}),
            }
        case CallConnected():
            return notice.call, {
                "queue": storable(notice.queue),
                "agent": notice.agent,
                "answered_at": notice.connected_at,
                "waited_ms": notice.waited_ms,
            }
        case CallTakenOver():
            return notice.call, {"agent": notice.agent}
        case CallEnded():
            return notice.call, {
                "ended_at": notice.at,
                "ending": notice.ending.value,
                "waited_ms": notice.waited_ms,
                "talked_ms": notice.talked_ms,
                **({"queue": storable(notice.queue)} if notice.queue else {}),
                **({"agent": notice.agent} if notice.agent else {}),
            }
        case CallPlaced() | DataChanged():
            return notice.call, {"data": _storable_json(notice.data)}
        case OutcomeRecorded():
            return notice.call, {
                "outcome": storable(notice.outcome),
                **({"reason": notice.reason} if notice.reason else {}),
            }
        case _:
            return None


def _read_data(connection: sa.Connection) -> Mapping[CallId, Mapping[str, str]]:
    asked = sa.select(calls.c.id, calls.c.data).where(
        calls.c.ended_at.is_(None), calls.c.data.is_not(None)
    )
    return {CallId(row.id): row.data for row in connection.execute(asked) if row.data}


def _call_row(call: CallId, changes: CallChanges) -> dict[str, Any]:
    """A whole row of `calls`: every row has the same columns, or they could not go in one statement."""
    row = {**_NOTHING_KNOWN, **changes, "id": call}
    heard_at = row.pop("heard_at")
    if "started_at" not in changes:
        # We first heard of it in the middle, as when another version of us began it.
        row["started_at"] = heard_at
    return row


def _shift_after(notice: AgentStateChanged) -> _Shift:
    # Who is to log out after his call has gone home, if we fall during it.
    return AgentState.LOGGED_OUT not in (notice.state, notice.pending), notice.causes


def _shift_row(notice: AgentStateChanged, open_state: OpenState) -> dict[str, Any]:
    logged_in, causes = _shift_after(notice)
    return {
        "agent": notice.agent,
        "logged_in": logged_in,
        "causes": _storable_json(causes),
        "changed_at": notice.at,
        "state": open_state.state,
        "since": open_state.since,
        "detail": storable(open_state.detail),
        "conversation": open_state.conversation,
        "queue": storable(open_state.queue),
        "wrap_up": notice.wrap_up,
        "wrap_up_until": notice.until,
        "undisposed": notice.undisposed,
    }


def _duties_row(notice: DutiesChanged) -> dict[str, Any]:
    duties = notice.duties
    return {
        "agent": notice.agent,
        "queues": None if duties.queues is None else _storable_json(duties.queues),
        "skills": None if duties.skills is None else _storable_json(duties.skills),
        "changed_at": notice.at,
    }


def fact_row(fact: Fact) -> dict[str, Any]:
    """As it stands in the table."""
    row: dict[str, Any] = {}
    for name in _FACT_COLUMNS:
        value = getattr(fact, name)
        row[name] = storable(str(value)) if isinstance(value, str) else value
    row["body"] = None if fact.body is None else _storable_json(fact.body)
    return row


def _storable_json(value: Any) -> str:
    """The value as JSON, with each text as both databases can hold it."""
    try:
        plain = msgspec.json.encode(value)
    except UnicodeEncodeError:  # Half of a character.
        plain = b""
    if plain and len(plain) <= _LONGEST_PLAIN and rb"\u0000" not in plain:
        return plain.decode()
    return msgspec.json.encode(_storable_tree(msgspec.to_builtins(value))).decode()


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
        sa.select(agent_shifts).where(agent_shifts.c.logged_in).order_by(agent_shifts.c.agent)
    )
    return tuple(
        RestoredAgent(
            agent=AgentId(row.agent),
            causes=tuple((cause, reason) for cause, reason in row.causes),
            wrap_up=row.wrap_up,
            wrap_up_until=row.wrap_up_until or 0,
            wrap_up_call=row.undisposed or row.conversation if row.wrap_up else None,
            wrap_up_queue=row.queue if row.wrap_up else None,
            undisposed=row.undisposed is not None,
        )
        for row in rows
    )


def _read_duties(connection: sa.Connection) -> dict[AgentId, Duties]:
    rows = connection.execute(sa.select(agent_duties).order_by(agent_duties.c.agent))
    return {
        AgentId(row.agent): Duties(
            queues=None if row.queues is None else tuple(QueueId(queue) for queue in row.queues),
            skills=row.skills,
        )
        for row in rows
        if row.queues is not None or row.skills is not None
    }


def _read_outbound_stopped(connection: sa.Connection) -> bool:
    said = (
        sa.select(facts.c.result)
        .where(facts.c.kind == Kind.ACT.value, facts.c.result.in_((STOPPED, ALLOWED)))
        .order_by(facts.c.began_at.desc())
        .limit(1)
    )
    return bool(connection.execute(said).scalar() == STOPPED)


def _read_open_calls(connection: sa.Connection, *, before: int) -> Sequence[Any]:
    return connection.execute(
        sa.select(calls.c.id, calls.c.queue, calls.c.agent, calls.c.waited_ms, calls.c.talked_ms)
        .where(calls.c.ended_at.is_(None), calls.c.started_at < before)
        .order_by(calls.c.started_at, calls.c.id)
    ).all()


def _read_what_had_begun(
    connection: sa.Connection,
) -> tuple[Sequence[OpenCall], Mapping[AgentId, OpenState]]:
    parts: dict[str, list[Fact]] = {}
    of_open_calls = (
        sa.select(facts)
        .join(calls, calls.c.id == facts.c.conversation)
        .where(calls.c.ended_at.is_(None), facts.c.kind.in_((Kind.STAY, Kind.TALK, Kind.TALK_OUT)))
    )
    for row in connection.execute(of_open_calls).mappings():
        fact = Fact(**{**row, "kind": Kind(row["kind"])})
        parts.setdefault(row["conversation"], []).append(fact)
    open_calls = [
        OpenCall(
            call=CallId(row.id),
            started_at=row.started_at,
            queue=row.queue,
            queued_at=row.queued_at,
            agent=row.agent,
            answered_at=row.answered_at,
            dialled=row.dialled,
            person=row.customer_id
            or (row.number if row.confidence == Confidence.UNLISTED else None),
            written=tuple(parts.get(row.id, ())),
        )
        for row in connection.execute(sa.select(calls).where(calls.c.ended_at.is_(None)))
    ]
    shifts = connection.execute(sa.select(agent_shifts)).all()
    seen_at = last_sign_of_life(connection)
    states = {
        AgentId(row.agent): OpenState(
            state=row.state,
            since=row.since,
            detail=row.detail,
            conversation=row.conversation,
            queue=row.queue,
            seen_at=max(seen_at, row.since),
        )
        for row in shifts
        if row.state is not None and row.since is not None
    }
    return open_calls, states


def last_sign_of_life(connection: sa.Connection) -> int:
    """About when the ledger was last written: what is open then, was still so."""
    newest = [sa.select(sa.func.max(facts.c.began_at)).where(facts.c.kind == kind) for kind in Kind]
    newest += [sa.select(sa.func.max(agent_shifts.c.changed_at))]
    newest += [sa.select(sa.func.max(calls.c.started_at)).where(calls.c.ended_at.is_(None))]
    return max(connection.execute(one).scalar() or 0 for one in newest)
