"""What people are told; ledger, WebSocket, Redis and metrics are built from notices and nothing else.

Times are milliseconds since 1970 in UTC, durations are milliseconds.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from acd.core.agent import AgentState
from acd.core.call_data import DataChanged as DataChanged
from acd.core.callback import CallbackChanged as CallbackChanged
from acd.core.callback import CallbackEnded as CallbackEnded
from acd.core.callback import CallbackNotice
from acd.core.configuration import Desk, Duties, WrapUpMode
from acd.core.customer import Identity
from acd.core.estimate import Forecast
from acd.core.events import DeviceState, Entry
from acd.core.ids import AgentId, CallId, Direction, MenuId, NodeId, OfferId, QueueId
from acd.core.offer import OfferOutcome
from acd.core.outbound import CallPlaced as CallPlaced
from acd.core.outbound import NumberDialled as NumberDialled
from acd.core.outsider import CallHandedOut as CallHandedOut
from acd.core.outsider import OutsiderChanged as OutsiderChanged
from acd.core.outsider import OutsiderDialled as OutsiderDialled
from acd.core.outsider import OutsiderLeft as OutsiderLeft
from acd.core.party import CallTakenOver as CallTakenOver
from acd.core.party import PartyChanged as PartyChanged
from acd.core.party import PartyLeft as PartyLeft
from acd.core.party import PartyNotice
from acd.core.party import PartyOffered as PartyOffered
from acd.core.preview import PreviewEnded as PreviewEnded
from acd.core.preview import PreviewOffered as PreviewOffered
from acd.core.reasons import Reason as Reason
from acd.core.record import record
from acd.core.recording import RecordingChanged as RecordingChanged
from acd.core.recording import RecordingKept as RecordingKept
from acd.core.route import RouteEnded as RouteEnded
from acd.core.route import RouteRequested as RouteRequested
from acd.core.supervision import FollowingChanged as FollowingChanged
from acd.core.supervision import SupervisionChanged as SupervisionChanged
from acd.core.supervision import SupervisionEnded as SupervisionEnded
from acd.core.supervision import SupervisionNotice
from acd.core.survey import SurveyAnswered as SurveyAnswered
from acd.core.survey import SurveyBegan as SurveyBegan


class Change(StrEnum):
    """What a person has changed of a waiting call."""

    REQUIREMENT = "requirement"
    PRIORITY = "priority"
    QUEUE = "queue"
    FRONT = "front"


class Ending(StrEnum):
    """How a call ended, as far as we had it."""

    COMPLETED = "completed"  # Caller and agent have talked, and one of them hung up.
    ABANDONED = "abandoned"  # The caller hung up while waiting in a queue.
    LEFT_MENU = "left-menu"  # The caller hung up before he was in any queue.
    RELEASED = "released"  # Given back to the dialplan.
    TAKEN_BACK = "taken-back"  # By Asterisk: the dead man's switch, or somebody's redirect.
    LOST = "lost"  # It was gone when we heard Asterisk again.
    NOT_REACHED = "not-reached"  # An agent's call to somebody who was not heard; `detail` says why.


@record
class CallStarted:
    """A call is with us."""

    at: int
    call: CallId
    number: str
    name: str
    dialled: str
    entry: Entry
    target: str
    direction: Direction = Direction.IN


@record
class CallerRecognised:
    """The directory has answered; `late` if the call had already gone on without it."""

    at: int
    call: CallId
    identity: Identity
    late: bool


@record
class MenuEntered:
    """The caller hears a menu."""

    at: int
    call: CallId
    menu: MenuId


@record
class CallQueued:
    """The caller waits. `joined_at` is when his waiting began; it survives our restarts."""

    at: int
    call: CallId
    queue: QueueId
    priority: int
    joined_at: int
    # Why he may be served before or after his turn:
    placed_at: int | None = None  # From when his place counts, if not from `joined_at`.
    requires: tuple[str, ...] = ()  # What the call asks of agents by itself; all must hold.
    forecast: Forecast | None = None  # How long it will take; None where nothing is known.
    forecast_good: bool = False  # Whether this queue's forecasts hold often enough to be told.
    bonus_ms: int = 0  # As if he had waited this much longer.
    weight: int = 1  # Of the queue: so many times as fast he ages.
    last_agent: AgentId | None = None  # For whom he is kept for a while.
    reason: str | None = None  # Why he calls, as the dialplan says or a menu has learned.


@record
class PlaceResumed:
    """A caller who hung up while he waited has called again in time: he has his old place."""

    at: int
    call: CallId
    queue: QueueId
    earlier: CallId  # In which he had that place.
    placed_at: int  # From when it counts.
    away_ms: int


@record
class CallOverflowed:
    """A step of a queue's overflow was done for a caller: one of `also`, `to` and `result` says which kind."""

    at: int
    call: CallId
    queue: QueueId  # Where he waited.
    step: int  # The first is 1.
    also: tuple[QueueId, ...] = ()  # Agents of these queues are asked too, from now on.
    to: QueueId | None = None  # He waits on there.
    result: str | None = None  # With this he is given back to the dialplan.


@record
class CallChanged:
    """A person has changed what a waiting call asks for, or its place in the order; this is how it is now."""

    at: int
    call: CallId
    by: str
    change: Change
    queue: QueueId
    priority: int
    requires: tuple[str, ...]


@record
class CallOffered:
    """An agent is about to be rung for this call: the screen pop, before the phone rings."""

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    queue: QueueId
    number: str
    name: str
    identity: Identity
    waited_ms: int
    attempt: int  # 1 for the first agent rung for this call.


@record
class OfferEnded:
    """An offer that did not become a conversation is over."""

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    outcome: OfferOutcome
    rang_ms: int


@record
class CallConnected:
    """Caller and agent hear each other: both legs have been seen in one bridge."""

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    queue: QueueId
    connected_at: int  # When that began; it survives our restarts, after which it is told again.
    waited_ms: int


@record
class CallHeld:
    """The caller hears music, the agent nothing."""

    at: int
    call: CallId
    agent: AgentId


@record
class CallRetrieved:
    """Caller and agent hear each other again, after `held_ms`."""

    at: int
    call: CallId
    agent: AgentId
    held_ms: int


@record
class CallTransferred:
    """An agent has handed the caller on, after `talked_ms` of which the caller was held `held_ms`.

    The caller waits again: a CallQueued follows, and, if he was handed to an agent, a CallOffered.
    """

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId  # Who had him.
    queue: QueueId  # For which he had him.
    to_queue: QueueId
    to_agent: AgentId | None
    talked_ms: int
    held_ms: int


@record
class CallEnded:
    """A call is no longer with us, as the last who had it left it.

    `waited_ms` counts the last queue only; `talked_ms` and, within it, `held_ms` the last conversation
    only, 0 if there was none: what went before was told by CallTransferred.
    """

    at: int
    call: CallId
    ending: Ending
    queue: QueueId | None
    agent: AgentId | None
    waited_ms: int
    talked_ms: int
    held_ms: int = 0
    detail: str = ""


@record
class OutcomeRecorded:
    """An agent has said what came of a call; or his time for it is up, and it is `undisposed`."""

    at: int
    call: CallId
    agent: AgentId
    outcome: str
    reason: str | None = None  # Why he called, where the outcome says so.


@record
class AgentStateChanged:
    """An agent is now in this state; `pending` follows the call in hand, the work after it and his `own_call`."""

    at: int
    agent: AgentId
    state: AgentState
    causes: tuple[tuple[str, str], ...]  # Why he is, or will be, not ready: (cause, reason).
    pending: AgentState | None
    device: DeviceState
    call: CallId | None
    until: int | None  # When wrap-up ends by itself.
    wrap_up: WrapUpMode | None = None
    extensible: bool = False  # He may still ask for a longer wrap-up.
    undisposed: CallId | None = None  # He owes a disposition of this call before he can end it.
    desk: Desk | None = None  # Where he sits, unless it is at his own phone.
    barred: bool = False  # He can call nobody: it is stopped, or he has called as often as he may.
    own_call: AgentState | None = None  # By a call of his phone's own: now, or after his wrap-up.


@record
class DutiesChanged:
    """An agent has other queues and skills now: those given here, of which `duties` are not the file's."""

    at: int
    agent: AgentId
    by: str
    duties: Duties
    queues: tuple[QueueId, ...]
    skills: Mapping[str, int]


@record
class Supervised:
    """Somebody has acted on an agent who is not himself, or on the whole centre: who, on whom, what, and why."""

    at: int
    by: str
    agent: AgentId | None
    action: str
    reason: str
    detail: str = ""  # What is different by it, where the action alone does not say it.


@record
class NodeStateChanged:
    """We hear this Asterisk, or we do not."""

    at: int
    node: NodeId
    connected: bool


@record
class Accepted:
    """A request was carried out."""

    at: int
    request: str


@record
class Refused:
    """A request was not carried out, for this reason; nothing has changed."""

    at: int
    request: str
    reason: Reason
    detail: str = ""  # What would have been taken, where the reason alone does not say it.


@record
class Misconfigured:
    """The dialplan or the configuration asks for something that does not exist: somebody must look."""

    at: int
    call: CallId | None
    problem: str


@record
class Repaired:
    """Something was as it must never be, and was mended: a fault of ours, to be counted and looked into."""

    at: int
    call: CallId | None
    problem: str


Notice: TypeAlias = (
    CallStarted
    | CallerRecognised
    | MenuEntered
    | CallQueued
    | PlaceResumed
    | CallOverflowed
    | CallChanged
    | RouteRequested
    | RouteEnded
    | CallOffered
    | OfferEnded
    | CallPlaced
    | NumberDialled
    | CallConnected
    | CallHeld
    | CallRetrieved
    | CallTransferred
    | PartyNotice
    | OutsiderDialled
    | OutsiderChanged
    | OutsiderLeft
    | CallHandedOut
    | SupervisionNotice
    | RecordingChanged
    | RecordingKept
    | PreviewOffered
    | PreviewEnded
    | CallbackNotice
    | SurveyBegan
    | SurveyAnswered
    | DataChanged
    | CallEnded
    | OutcomeRecorded
    | AgentStateChanged
    | DutiesChanged
    | Supervised
    | NodeStateChanged
    | Accepted
    | Refused
    | Misconfigured
    | Repaired
)
