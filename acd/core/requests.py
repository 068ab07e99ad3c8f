"""What people ask of us; each is accepted or refused, with a reason from `notices.Reason`.

Every request carries `at` like an event, `request` (a name for it, chosen at the edge, under which the
answer comes back), `by` (the user who asks: who may ask what is settled at the edge) and `by_another`
(he is not the agent himself, so it is written down).
"""

from typing import TypeAlias

from acd.core.call_data import WriteData as WriteData
from acd.core.callback import CallbackRequest
from acd.core.callback import CancelCallback as CancelCallback
from acd.core.callback import RegisterCallback as RegisterCallback
from acd.core.configuration import Duties
from acd.core.deflection import AnswerOffer as AnswerOffer
from acd.core.deflection import DeflectToAgent as DeflectToAgent
from acd.core.deflection import DeflectToNumber as DeflectToNumber
from acd.core.deflection import DeflectToQueue as DeflectToQueue
from acd.core.deflection import DeflectWaiting as DeflectWaiting
from acd.core.deflection import OfOffer as OfOffer
from acd.core.deflection import RejectOffer as RejectOffer
from acd.core.ids import AgentId, CallId, DeskId, QueueId
from acd.core.outbound import MakeCall as MakeCall
from acd.core.outbound import SwitchOutbound as SwitchOutbound
from acd.core.outsider import ConsultNumber as ConsultNumber
from acd.core.outsider import MuteNumber as MuteNumber
from acd.core.outsider import NumberRequest
from acd.core.outsider import RemoveNumber as RemoveNumber
from acd.core.outsider import TransferToNumber as TransferToNumber
from acd.core.preview import PreviewRequest as PreviewRequest
from acd.core.record import record
from acd.core.recording import BeginRecording as BeginRecording
from acd.core.recording import ContinueRecording as ContinueRecording
from acd.core.recording import EndRecording as EndRecording
from acd.core.recording import SuspendRecording as SuspendRecording
from acd.core.supervision import FollowAgent as FollowAgent
from acd.core.supervision import StopFollowing as StopFollowing
from acd.core.supervision import StopSupervising as StopSupervising
from acd.core.supervision import SuperviseCall as SuperviseCall
from acd.core.supervision import TakeOverCall as TakeOverCall


@record
class _Request:
    at: int
    request: str
    by: str
    agent: AgentId
    by_another: bool = False


@record
class LogIn(_Request):
    """Begin a shift, not ready, with cause `manual` and reason `logged-in`; or sit down at another desk in it."""

    desk: DeskId | None = None  # None: at his own phone; of one who is on shift: where he is.


@record
class LogOut(_Request):
    """End a shift: at once, or when the call in hand, or a locked wrap-up, is over."""


@record
class BecomeReady(_Request):
    """Lift his own pause and those for calls let go. Ends an optional wrap-up. During a call: ready after it."""


@record
class BecomeNotReady(_Request):
    """Take no calls, for this reason: at once when free, or after the call in hand."""

    reason: str


@record
class SetDoNotDisturb(_Request):
    """Do not ring the agent. It stands beside all else, and `ready` does not lift it."""


@record
class LiftDoNotDisturb(_Request):
    """The agent may be rung again."""


@record
class FinishWrapUp(_Request):
    """The work after the call is done before its time is up."""


@record
class ExtendWrapUp(_Request):
    """The work after the call takes longer: once, by what the call's queue grants."""


@record
class RecordOutcome(_Request):
    """What came of a call, such as `solved` or `not-solved`; the next agent will read it."""

    call: CallId
    outcome: str


@record
class _Forced(_Request):
    by_another: bool = True
    reason: str = ""


@record
class ForceReady(_Forced):
    """A supervisor lifts every cause that people set, and ends wrap-up. During a call: ready after it."""


@record
class ForceNotReady(_Forced):
    """A supervisor pauses the agent, who cannot lift it: at once when free, or after the call in hand."""


@record
class ForceFinishWrapUp(_Forced):
    """A supervisor ends the agent's wrap-up, also a locked one."""


@record
class ForceLogOut(_Forced):
    """A supervisor ends the agent's shift: now, or after the call. Now: only a conversation is waited for."""

    after_call: bool = False


@record
class ChangeDuties(_Forced):
    """A supervisor gives the agent other queues and skills; those of the centre's file with empty duties."""

    duties: Duties


@record
class SelectRoute:
    """The answer to RouteRequested number `route`: the first of these who still can; none: ask again later."""

    at: int
    request: str
    by: str
    call: CallId
    route: int
    agents: tuple[AgentId, ...] = ()
    again_ms: int = 1_000


@record
class SetRequirement:
    """Ask something else of the agents for a waiting call: an expression over skills; empty for nothing."""

    at: int
    request: str
    by: str
    call: CallId
    requires: str


@record
class SetPriority:
    """Give a waiting call another priority, 0 to 100; a higher one is served first, in every queue."""

    at: int
    request: str
    by: str
    call: CallId
    priority: int


@record
class MoveCall:
    """Let a waiting call wait on in another queue, from when its waiting began."""

    at: int
    request: str
    by: str
    call: CallId
    queue: QueueId


@record
class MoveToFront:
    """Let a waiting call be the next of its queue: its priority becomes higher than all that wait there."""

    at: int
    request: str
    by: str
    call: CallId


@record
class HoldCall:
    """Let the caller hear music, and the agent nothing, until he is retrieved."""

    at: int
    request: str
    by: str
    call: CallId


@record
class RetrieveCall:
    """End the hold: caller and agent hear each other again."""

    at: int
    request: str
    by: str
    call: CallId


@record
class ClearCall:
    """The agent hangs up: his leg ends, the caller goes back to the dialplan."""

    at: int
    request: str
    by: str
    call: CallId


@record
class SendTones:
    """Let the caller's side hear these keys (0-9, *, #, A-D) as DTMF."""

    at: int
    request: str
    by: str
    call: CallId
    keys: str


@record
class TransferToQueue:
    """Hand the caller on, unannounced: he waits in this queue, the agent has done with him."""

    at: int
    request: str
    by: str
    call: CallId
    queue: QueueId


@record
class TransferToAgent:
    """Hand the caller on, unannounced, to an agent who is free; if he does not answer, to the queue as before."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId


@record
class ConsultAgent:
    """Ring an agent who is free, to be asked in private; the caller hears music meanwhile."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId


@record
class ConsultQueue:
    """The same with whoever of this queue is free and next."""

    at: int
    request: str
    by: str
    call: CallId
    queue: QueueId


@record
class Alternate:
    """Back to the caller, or to whom is consulted; the other one hears music."""

    at: int
    request: str
    by: str
    call: CallId


@record
class CompleteConsult:
    """Who was consulted has the call from now on, or who has been in conference longest; the agent has done with it."""

    at: int
    request: str
    by: str
    call: CallId


@record
class CancelConsult:
    """Let go whoever is consulted: agent and caller are together again."""

    at: int
    request: str
    by: str
    call: CallId


@record
class StartConference:
    """Bring the consulted and the caller together, with the agent."""

    at: int
    request: str
    by: str
    call: CallId


@record
class RemoveParty:
    """Let go one who is beside the call."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId


@record
class MuteParty:
    """Let one who is beside the call be heard no more, or again."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId
    muted: bool


AgentRequest: TypeAlias = (
    LogIn
    | LogOut
    | BecomeReady
    | BecomeNotReady
    | SetDoNotDisturb
    | LiftDoNotDisturb
    | FinishWrapUp
    | ExtendWrapUp
    | RecordOutcome
    | ForceReady
    | ForceNotReady
    | ForceFinishWrapUp
    | ForceLogOut
    | ChangeDuties
)
CallRequest: TypeAlias = SetRequirement | SetPriority | MoveCall | MoveToFront | DeflectWaiting
CallControl: TypeAlias = (
    HoldCall
    | RetrieveCall
    | ClearCall
    | SendTones
    | TransferToQueue
    | TransferToAgent
    | ConsultAgent
    | ConsultQueue
    | Alternate
    | CompleteConsult
    | CancelConsult
    | StartConference
    | RemoveParty
    | MuteParty
    | NumberRequest
    | BeginRecording
    | EndRecording
    | SuspendRecording
    | ContinueRecording
)
InCall: TypeAlias = SuperviseCall | StopSupervising | TakeOverCall
SupervisorsRequest: TypeAlias = InCall | FollowAgent | StopFollowing
Outwards: TypeAlias = MakeCall | SwitchOutbound | PreviewRequest | CallbackRequest
Request: TypeAlias = (
    AgentRequest
    | CallRequest
    | CallControl
    | SupervisorsRequest
    | Outwards
    | SelectRoute
    | WriteData
    | OfOffer
)
