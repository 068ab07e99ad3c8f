"""What people ask of us: each is accepted or refused, with a reason from `notices.Reason`. `asked` is what all have."""

from typing import TypeAlias

from acd.core.asked import AskedOfAgent, AskedOfCall
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
class LogIn(AskedOfAgent):
    """Begin a shift, not ready, with cause `manual` and reason `logged-in`; or sit down at another desk in it."""

    desk: DeskId | None = None  # None: at his own phone; of one who is on shift: where he is.


@record
class LogOut(AskedOfAgent):
    """End a shift: at once, or when the call in hand, or a locked wrap-up, is over."""


@record
class BecomeReady(AskedOfAgent):
    """Lift his own pause and those for calls let go. Ends an optional wrap-up. During a call: ready after it."""


@record
class BecomeNotReady(AskedOfAgent):
    """Take no calls, for this reason: at once when free, or after the call in hand."""

    reason: str


@record
class SetDoNotDisturb(AskedOfAgent):
    """Do not ring the agent. It stands beside all else, and `ready` does not lift it."""


@record
class LiftDoNotDisturb(AskedOfAgent):
    """The agent may be rung again."""


@record
class FinishWrapUp(AskedOfAgent):
    """The work after the call is done before its time is up."""


@record
class ExtendWrapUp(AskedOfAgent):
    """The work after the call takes longer: once, by what the call's queue grants."""


@record
class RecordOutcome(AskedOfAgent):
    """What came of a call, such as `solved` or `not-solved`; the next agent will read it."""

    call: CallId
    outcome: str


@record
class _Forced(AskedOfAgent):
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
class SelectRoute(AskedOfCall):
    """The answer to RouteRequested number `route`: the first of these who still can; none: ask again later."""

    route: int
    agents: tuple[AgentId, ...] = ()
    again_ms: int = 1_000


@record
class SetRequirement(AskedOfCall):
    """Ask something else of the agents for a waiting call: an expression over skills; empty for nothing."""

    requires: str


@record
class SetPriority(AskedOfCall):
    """Give a waiting call another priority, 0 to 100; a higher one is served first, in every queue."""

    priority: int


@record
class MoveCall(AskedOfCall):
    """Let a waiting call wait on in another queue, from when its waiting began."""

    queue: QueueId


@record
class MoveToFront(AskedOfCall):
    """Let a waiting call be the next of its queue: its priority becomes higher than all that wait there."""


@record
class HoldCall(AskedOfCall):
    """Let the caller hear music, and the agent nothing, until he is retrieved."""


@record
class RetrieveCall(AskedOfCall):
    """End the hold: caller and agent hear each other again."""


@record
class ClearCall(AskedOfCall):
    """The agent hangs up: his leg ends, the caller goes back to the dialplan."""


@record
class SendTones(AskedOfCall):
    """Let the caller's side hear these keys (0-9, *, #, A-D) as DTMF."""

    keys: str


@record
class TransferToQueue(AskedOfCall):
    """Hand the caller on, unannounced: he waits in this queue, the agent has done with him."""

    queue: QueueId


@record
class TransferToAgent(AskedOfCall):
    """Hand the caller on, unannounced, to an agent who is free; if he does not answer, to the queue as before."""

    agent: AgentId


@record
class ConsultAgent(AskedOfCall):
    """Ring an agent who is free, to be asked in private; the caller hears music meanwhile."""

    agent: AgentId


@record
class ConsultQueue(AskedOfCall):
    """The same with whoever of this queue is free and next."""

    queue: QueueId


@record
class Alternate(AskedOfCall):
    """Back to the caller, or to whom is consulted; the other one hears music."""


@record
class CompleteConsult(AskedOfCall):
    """Who was consulted has the call from now on, or who has been in conference longest; the agent has done with it."""


@record
class CancelConsult(AskedOfCall):
    """Let go whoever is consulted: agent and caller are together again."""


@record
class StartConference(AskedOfCall):
    """Bring the consulted and the caller together, with the agent."""


@record
class RemoveParty(AskedOfCall):
    """Let go one who is beside the call."""

    agent: AgentId


@record
class MuteParty(AskedOfCall):
    """Let one who is beside the call be heard no more, or again."""

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
