"""Makes rows of what the ledger has heard, each text as the databases can hold it; never says when to write them."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
import sqlalchemy as sa

from acd.adapters.database.connection import Database, storable
from acd.adapters.database.last_moments import CallChanges
from acd.adapters.database.tables import (
    agent_duties,
    agent_shifts,
    callbacks,
    calls,
    facts,
    recordings,
    surveys,
)
from acd.core.agent import AgentState
from acd.core.customer import CAN_REPEAT
from acd.core.ids import CallId
from acd.core.notices import (
    AgentStateChanged,
    CallbackChanged,
    CallConnected,
    CallEnded,
    CallerRecognised,
    CallPlaced,
    CallQueued,
    CallStarted,
    CallTakenOver,
    DataChanged,
    DutiesChanged,
    Notice,
    OutcomeRecorded,
    RecordingChanged,
    SurveyAnswered,
    SurveyBegan,
)
from acd.core.recording import UNDER_WAY, RecordingState
from acd.reports.call_facts import KEYS
from acd.reports.facts import Fact
from acd.reports.going_on import OpenState

# Logged in; why he is not ready; at which desk.
Shift: TypeAlias = tuple[bool, tuple[tuple[str, str], ...], str | None]

CALL_COLUMNS = tuple(column.name for column in calls.columns)
_FACT_COLUMNS = tuple(column.name for column in facts.columns)
_SHIFT_COLUMNS = tuple(column.name for column in agent_shifts.columns)
_RECORDING_COLUMNS = tuple(
    column.name
    for column in recordings.columns
    if column.name not in ("bytes", "sha256", "doomed_at")
)
_CALLBACK_COLUMNS = tuple(column.name for column in callbacks.columns)
_SURVEY_COLUMNS = tuple(column.name for column in surveys.columns)
_DUTIES_COLUMNS = tuple(column.name for column in agent_duties.columns)
_NO_RECORDING: Mapping[str, Any] = dict.fromkeys(_RECORDING_COLUMNS)
_NOTHING_KNOWN: CallChanges = dict.fromkeys(CALL_COLUMNS)
_LONGEST_PLAIN = 4_000  # Bytes of JSON in which no text can be longer than `storable` leaves it.


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
    owed = database.insert(callbacks)
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
        callbacks.name: database.spoken(
            owed.on_conflict_do_update(
                index_elements=["id"],
                set_={name: owed.excluded[name] for name in _CALLBACK_COLUMNS if name != "id"},
                where=callbacks.c.number
                != sa.literal_column("''"),  # Who was erased is not written down again.
            ),
            _CALLBACK_COLUMNS,
        ),
        agent_duties.name: database.spoken(
            duties.on_conflict_do_update(
                index_elements=["agent"],
                set_={name: duties.excluded[name] for name in _DUTIES_COLUMNS if name != "agent"},
            ),
            _DUTIES_COLUMNS,
        ),
    }


def callback_row(notice: CallbackChanged) -> dict[str, Any]:
    """A row of `callbacks`: what a restart must know of a call that we owe."""
    owed = notice.callback
    return {
        "id": owed.id,
        "number": owed.number.digits,
        "customer_id": owed.customer,
        "body": _storable_json(owed),
    }


def survey_row(notice: SurveyBegan | SurveyAnswered) -> dict[str, Any]:
    """A row of `surveys`: that he was asked, or what he has answered."""
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


def recording_row(known: Mapping[str, Any]) -> dict[str, Any]:
    """A whole row of `recordings` of what is known of a part."""
    return {**_NO_RECORDING, **known}


def note_recording(row: dict[str, Any], notice: RecordingChanged) -> None:
    """Of a part, what was known first stays: when it began and ended, who had the call."""
    row.setdefault("call", notice.call)
    row.setdefault("part", notice.part)
    row.setdefault("started_at", notice.at)
    row.setdefault("queue", storable(notice.queue) if notice.queue is not None else None)
    row.setdefault("agent", notice.agent)
    row.setdefault("consent", notice.consent)
    row.setdefault("channels", 2 if notice.stereo else 1)
    if notice.state not in UNDER_WAY and "ended_at" not in row:
        row["ended_at"] = notice.at
        row["failed"] = notice.state is RecordingState.FAILED


def call_changes(notice: Notice) -> tuple[CallId, dict[str, Any]] | None:
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


def call_row(call: CallId, changes: CallChanges) -> dict[str, Any]:
    """A whole row of `calls`: every row has the same columns, or they could not go in one statement."""
    row = {**_NOTHING_KNOWN, **changes, "id": call}
    heard_at = row.pop("heard_at")
    if "started_at" not in changes:
        # We first heard of it in the middle, as when another version of us began it.
        row["started_at"] = heard_at
    return row


def shift_after(notice: AgentStateChanged) -> Shift:
    """What a restart is to find of this agent."""
    # Who is to log out after his call has gone home, if we fall during it.
    on_shift = AgentState.LOGGED_OUT not in (notice.state, notice.pending)
    return on_shift, notice.causes, notice.desk.id if notice.desk is not None else None


def shift_row(notice: AgentStateChanged, open_state: OpenState) -> dict[str, Any]:
    """A row of `agent_shifts`: what he does, and what a restart is to find."""
    logged_in, causes, desk = shift_after(notice)
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
        "desk": desk,
    }


def duties_row(notice: DutiesChanged) -> dict[str, Any]:
    """A row of `agent_duties`; null is what the centre's file says."""
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
