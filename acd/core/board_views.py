"""How calls, agents and queues are shown to people: the shapes that the board keeps; never how they come about."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TypeAlias

from acd.core import notices
from acd.core.agent import DEVICE_CAN_RING, AgentState
from acd.core.callback import Callback, CallbackNotice
from acd.core.configuration import AgentProfile, Desk, Duties, RemoteAnswer, WrapUpMode
from acd.core.customer import UNIDENTIFIED, Identity
from acd.core.disposition import Disposition
from acd.core.estimate import Forecast
from acd.core.events import DeviceState
from acd.core.ids import AgentId, CallId, Direction, MenuId, QueueId
from acd.core.party import PartyState
from acd.core.permits import Standing
from acd.core.preview import PreviewOffered
from acd.core.record import record
from acd.core.recording import RecordingState
from acd.core.supervision import SupervisionNotice
from acd.core.supervision_views import FollowingView, SupervisionView


@record
class PartyView:
    """An agent beside the one who has a call."""

    agent: AgentId
    state: PartyState = PartyState.RINGING
    muted: bool = False


@record
class OutsiderView:
    """A number beside a call; `transfer`: the caller is handed on to it."""

    number: str
    transfer: bool = False
    state: PartyState = PartyState.RINGING
    muted: bool = False


@record
class RecordingView:
    """The recording of a call that may be recorded."""

    part: int
    state: RecordingState
    withheld: bool = False


@record
class CallView:
    """A live call. `phase`: arrived, menu, waiting, offered, talking, outside, survey; placed, dialling; and paused."""

    id: CallId
    phase: str
    number: str
    name: str
    dialled: str
    started_at: int
    identity: Identity = UNIDENTIFIED
    queue: QueueId | None = None
    priority: int = 0
    requires: tuple[str, ...] = ()
    reason: str | None = None  # Why he calls, as far as that is known.
    joined_at: int | None = None
    # As when he was queued; None: nobody knows, or not well enough.
    expected: Forecast | None = None
    resumed: CallId | None = None  # The earlier call whose place he has again.
    menus: tuple[MenuId, ...] = ()  # Those that he has been in, in order.
    agent: AgentId | None = None  # Who talks; else the first of those whose phones ring.
    ringing: tuple[AgentId, ...] = ()
    attempts: int = 0
    connected_at: int | None = None
    held_since: int | None = None
    handed_on_by: tuple[AgentId, ...] = ()  # The agents who had him before.
    parties: tuple[PartyView, ...] = ()  # Beside the agent, in the order of their coming.
    outsiders: tuple[OutsiderView, ...] = ()  # Numbers, the same.
    supervisors: tuple[SupervisionView, ...] = ()  # In the order of their coming.
    recording: RecordingView | None = None  # None: it may not be recorded, or nobody has it yet.
    direction: Direction = Direction.IN
    data: Mapping[str, str] = field(default_factory=dict)  # As whoever had it made wrote it.
    callback: Callback | None = None  # What it pays, until it is paid.

    @property
    def beside(self) -> tuple[PartyView | OutsiderView, ...]:
        """All who are beside the one who has it."""
        return (*self.parties, *self.outsiders)


@record
class AgentView:
    """An agent, on shift or not."""

    id: AgentId
    name: str
    device: str  # His own phone.
    queues: tuple[QueueId, ...]
    state: AgentState = AgentState.LOGGED_OUT
    since: int = 0
    causes: tuple[tuple[str, str], ...] = ()
    pending: AgentState | None = None
    device_state: DeviceState = DeviceState.UNKNOWN
    call: CallId | None = None
    until: int | None = None
    wrap_up: WrapUpMode | None = None
    extensible: bool = False
    undisposed: CallId | None = None
    outbound: bool = False  # Whether there are routes by which he could call out.
    barred: bool = False  # He can call nobody: it is stopped, or he has called as often as he may.
    remote_answer: bool = False  # Whether his phone picks up when it is told to.
    follows: FollowingView | None = None
    preview: PreviewOffered | None = None
    desk: Desk | None = None  # Where he sits, unless it is at his own phone.
    own_call: AgentState | None = None
    skills: Mapping[str, int] = field(default_factory=dict)
    # What of queues and skills is not as the file says.
    duties: Duties = field(default_factory=Duties)

    @property
    def standing(self) -> Standing:
        """What matters of how he is for what may be asked of him."""
        return Standing(
            state=self.state,
            to_come=self.pending or self.state,
            causes=frozenset(cause for cause, _ in self.causes),
            wrap_up=self.wrap_up,
            extensible=self.extensible,
            owes=self.undisposed is not None,
            previews=self.preview is not None,
        )

    @property
    def phone(self) -> str:
        """The phone that rings for him."""
        return self.desk.device if self.desk is not None else self.device

    @property
    def calls_out(self) -> bool:
        """Whether he could call somebody now: he has nothing in hand, and his phone can be rung for it."""
        idle = self.state in (AgentState.READY, AgentState.NOT_READY)
        may = self.outbound and not self.barred
        return may and idle and self.device_state in DEVICE_CAN_RING


@record
class QueueView:
    """A queue and what it has done since we started. Counts are of calls that have left it."""

    id: QueueId
    name: str
    waiting: int = 0  # Those for whom a phone rings included.
    longest_since: int | None = None  # When the one who waits longest began to.
    answered: int = 0
    abandoned: int = 0
    estimates_good: bool = False  # Whether callers may be told how long it will take.


@record
class QueueDispositions:
    """What may come of a queue's calls; whatever is above another comes first."""

    required: bool = False
    tree: tuple[Disposition, ...] = ()  # Empty: whatever an agent writes.


def begun(notice: notices.CallStarted) -> CallView:
    """How a call stands that has just come to us."""
    return CallView(
        id=notice.call,
        phase="arrived",
        number=notice.number,
        name=notice.name,
        dialled=notice.dialled,
        started_at=notice.at,
        direction=notice.direction,
    )


def owed(view: CallView, notice: CallbackNotice) -> CallView:
    """How a call stands by which somebody is to be called back."""
    if isinstance(notice, notices.CallbackEnded):
        return replace(view, callback=None)
    callback, phase = notice.callback, view.phase
    if phase in ("arrived", "waiting", "paused"):
        phase = "paused" if callback.due_at > notice.at else "waiting"
    return replace(
        view,
        phase=phase,
        callback=callback,
        queue=callback.queue,
        priority=callback.priority,
        requires=callback.requires,
        reason=callback.reason,
        data=callback.data,
        joined_at=callback.joined_at,
    )


def renamed(
    view: AgentView | None, profile: AgentProfile, duties: Duties, *, outbound: bool
) -> AgentView:
    """What goes on with this agent stays; what his file says of him is another."""
    return replace(
        view or AgentView(id=profile.id, name="", device="", queues=()),
        name=profile.name,
        device=profile.device,
        queues=profile.queues,
        skills=profile.skills,
        remote_answer=profile.remote_answer is not RemoteAnswer.NO,
        duties=duties,
        outbound=outbound,
    )


# What is told of the centre, and of agents but for their states.
NotOfCalls: TypeAlias = (
    notices.PreviewOffered
    | notices.PreviewEnded
    | notices.DutiesChanged
    | CallbackNotice
    | SupervisionNotice
    | notices.Supervised
    | notices.Repaired
    | notices.NodeStateChanged
    | notices.OutcomeRecorded
    | notices.SurveyAnswered
    | notices.RecordingKept
    | notices.RouteRequested
    | notices.RouteEnded
    | notices.CallOverflowed
    | notices.Accepted
    | notices.Refused
    | notices.Misconfigured
)
