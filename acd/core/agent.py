"""An agent: on shift or not, why he is not ready, which offer or call he has; never picks a call for himself.

An agent has one slot, whatever queues he serves. Why he is not ready is a set of causes, each with its
own removal: he is ready when the set is empty. A cause that comes during a call takes effect after it,
so "break after this call" survives whatever happens in between. What he may ask for is in `permits`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.core.configuration import AgentProfile, Desk, WrapUpMode
from acd.core.events import DeviceState
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.moves import check_move
from acd.core.offer import OfferOutcome
from acd.core.preview import Work
from acd.core.record import record


class AgentState(StrEnum):
    """What an agent is doing, in the words of the outside world."""

    LOGGED_OUT = "logged-out"
    NOT_READY = "not-ready"
    READY = "ready"
    OFFERED = "offered"
    DIALLING = "dialling"  # He calls somebody, and they do not hear each other yet.
    TALKING = "busy-acd"
    CONSULTED = "busy-consult"  # Beside another agent who has the call.
    SUPERVISING = "busy-supervising"  # Hears another agent's call, or is rung for it.
    WRAP_UP = "wrap-up"
    # His phone is in a call that is none of ours.
    BUSY_INBOUND = "busy-inbound"
    BUSY_OUTBOUND = "busy-outbound"
    BUSY_OTHER = "busy-other"  # Who began it is not known.


class PauseCause(StrEnum):
    """Who or what keeps an agent from being ready; ARCHITECTURE.md says who sets and who lifts each."""

    MANUAL = "manual"
    RING_NO_ANSWER = "ring-no-answer"
    REJECTED = "rejected"
    DO_NOT_DISTURB = "do-not-disturb"
    SUPERVISOR = "supervisor"
    DEVICE_LOST = "device-lost"
    CLIENT_LOST = "client-lost"


# What the agent's own `ready` lifts, and what a supervisor's does.
HIS_TO_LIFT = (PauseCause.MANUAL, PauseCause.RING_NO_ANSWER, PauseCause.REJECTED)
SUPERVISORS_TO_LIFT = (*HIS_TO_LIFT, PauseCause.DO_NOT_DISTURB, PauseCause.SUPERVISOR)
# What people have said holds over a restart; what is lost is looked at anew.
RESTORED = SUPERVISORS_TO_LIFT

RESTING = frozenset({AgentState.READY, AgentState.NOT_READY, AgentState.LOGGED_OUT})
OUTSIDE = frozenset({AgentState.BUSY_INBOUND, AgentState.BUSY_OUTBOUND, AgentState.BUSY_OTHER})
IN_CALL = frozenset({AgentState.TALKING, AgentState.CONSULTED})

MOVES: Mapping[AgentState, frozenset[AgentState]] = {
    AgentState.LOGGED_OUT: IN_CALL | {AgentState.NOT_READY},
    AgentState.NOT_READY: frozenset(
        {
            AgentState.READY,
            AgentState.LOGGED_OUT,
            AgentState.WRAP_UP,  # Found so after our restart, as is who is in a call.
        }
    )
    | {AgentState.DIALLING, AgentState.SUPERVISING}
    | IN_CALL
    | OUTSIDE,
    AgentState.READY: frozenset({AgentState.NOT_READY, AgentState.LOGGED_OUT, AgentState.OFFERED})
    | {AgentState.DIALLING, AgentState.SUPERVISING}
    | IN_CALL
    | OUTSIDE,
    AgentState.OFFERED: RESTING | IN_CALL | {AgentState.DIALLING},  # To call one back.
    AgentState.DIALLING: RESTING | {AgentState.TALKING},
    AgentState.TALKING: RESTING | {AgentState.WRAP_UP},
    AgentState.CONSULTED: RESTING | {AgentState.TALKING},
    AgentState.SUPERVISING: RESTING | {AgentState.TALKING},
    AgentState.WRAP_UP: RESTING | OUTSIDE | IN_CALL,
} | {outside: RESTING | OUTSIDE - {outside} | IN_CALL for outside in sorted(OUTSIDE)}

ENGAGED = IN_CALL | {
    AgentState.OFFERED,
    AgentState.DIALLING,
    AgentState.SUPERVISING,
    AgentState.WRAP_UP,
}

# A phone in one of these states can be rung. Unknown is no veto: our own ledger decides first.
DEVICE_CAN_RING = frozenset({DeviceState.NOT_INUSE, DeviceState.UNKNOWN})
DEVICE_LOST = frozenset({DeviceState.UNAVAILABLE, DeviceState.INVALID})
DEVICE_IN_CALL = frozenset(set(DeviceState) - DEVICE_CAN_RING - DEVICE_LOST)


@record
class WrapUp:
    """The agent's work after a call, by the rules of that call's queue as they were when it began."""

    mode: WrapUpMode
    until: int
    extension_ms: int = 0  # What he may still ask for.
    call: CallId | None = None  # After which; None: it is not known any more.
    queue: QueueId | None = None
    owes: bool = False  # A disposition of that call: until it is chosen, he cannot end this.


@dataclass(slots=True, kw_only=True)
class OwnCall:
    """A phone is in use, for what seems to be no call of ours; `sure` when it has been so for a moment."""

    kind: AgentState
    sure: bool = False


@dataclass(slots=True, kw_only=True)
class Agent:
    """One agent. Only `state` and the handlers change it."""

    profile: AgentProfile  # With the duties and the phone that he has now.
    id: AgentId = field(init=False)  # As in any profile that he will ever have.
    state: AgentState = AgentState.LOGGED_OUT
    causes: dict[PauseCause, str] = field(default_factory=dict)  # Cause → reason.
    leaving: bool = False  # Wants to log out when the call in hand is over.
    removed: bool = False  # No longer one of ours, but for the call in hand.
    desk: Desk | None = None  # Where he sits in this shift; None: at his own phone.
    unseated: bool = False  # His phone is none any more: he has it for what he has in hand.
    # His phone's call that is none of ours, as he is shown by it.
    outside: AgentState | None = None
    offer: OfferId | None = None
    wrap_up: WrapUp | None = None
    # Offers in a row that he let ring out, and that he refused, whatever the queue.
    unanswered: int = 0
    rejected: int = 0
    preview: Work | None = None  # Who is to be called, as he is shown it.
    barred: bool = False  # Calling out is stopped, or he has called as often as he may.
    reserved_for: CallId | None = None  # While a router is asked whether he is to have this call.
    idle_since: int = 0
    shift_since: int = 0
    calls: int = 0  # Conversations in this shift.
    busy_ms: int = 0  # Talking and wrap-up in this shift.
    busy_since: int | None = None
    busy_for: QueueId | None = None
    last_rung: int = 0
    resting_until: int = 0  # Not rung before, because of how his last offer ended.
    rests_after: OfferOutcome | None = None

    def __post_init__(self) -> None:
        self.id = self.profile.id

    @property
    def logged_in(self) -> bool:
        """Whether he is on shift."""
        return self.state is not AgentState.LOGGED_OUT

    @property
    def undisposed(self) -> CallId | None:
        """The call for which he owes a disposition now."""
        return self.wrap_up.call if self.wrap_up is not None and self.wrap_up.owes else None

    @property
    def own_call(self) -> AgentState | None:
        """What he is by his phone's own call, or will be when the work after ours is over; None: it has none."""
        return self.outside if self.logged_in and self.offer is None else None

    @property
    def state_to_come(self) -> AgentState:
        """What he is, or will be when no call and no work after one is left: off shift, not ready, ready."""
        if self.leaving or self.removed or self.unseated or not self.logged_in:
            return AgentState.LOGGED_OUT
        return AgentState.NOT_READY if self.causes else AgentState.READY

    @property
    def state_when_free(self) -> AgentState:
        """The state he is in, or will be in, with no call of ours in hand."""
        to_come = self.state_to_come
        if self.outside is None or to_come is AgentState.LOGGED_OUT:
            return to_come
        return self.outside

    def next_ring(self, at: int) -> int:
        """When he is rung next, as his leg's name and that of a call of his say it: no two of them say the same."""
        return max(at, self.last_rung + 1)

    def lift(self, causes: Iterable[PauseCause]) -> None:
        """These no longer keep him from being ready."""
        for cause in causes:
            self.causes.pop(cause, None)

    def answers_again(self) -> None:
        """What he let go before does not count any more."""
        self.unanswered = self.rejected = 0

    def routable(self, at: int) -> bool:
        """Whether a call may be offered to him now, as far as he is concerned; his phone may say no."""
        return self.idle(at) and self.reserved_for is None

    def idle(self, at: int) -> bool:
        """Whether he has nothing in hand, and no rest from an offer that came to nothing."""
        return self.state is AgentState.READY and self.resting_until <= at

    def move(self, new: AgentState) -> None:
        """Go to another state; an illegal move is our fault and fails."""
        check_move(MOVES, "agent", self.id, self.state, new)
        self.state = new
