"""An agent: on shift or not, why he is not ready, which offer or call he has; never picks a call for himself.

An agent has one slot, whatever queues he serves. Why he is not ready is a set of causes, each with its
own removal: he is ready when the set is empty. A cause that comes during a call takes effect after it,
so "break after this call" survives whatever happens in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.core.configuration import AgentProfile
from acd.core.events import DeviceState
from acd.core.ids import AgentId, OfferId, QueueId
from acd.core.moves import check_move


class AgentState(StrEnum):
    """What an agent is doing, in the words of the outside world."""

    LOGGED_OUT = "logged-out"
    NOT_READY = "not-ready"
    READY = "ready"
    OFFERED = "offered"
    TALKING = "busy-acd"
    WRAP_UP = "wrap-up"


class PauseCause(StrEnum):
    """Who or what keeps an agent from being ready."""

    MANUAL = "manual"
    RING_NO_ANSWER = "ring-no-answer"


_FREE = frozenset({AgentState.READY, AgentState.NOT_READY, AgentState.LOGGED_OUT})

MOVES: Mapping[AgentState, frozenset[AgentState]] = {
    AgentState.LOGGED_OUT: frozenset({AgentState.NOT_READY, AgentState.READY, AgentState.TALKING}),
    AgentState.NOT_READY: frozenset(
        {
            AgentState.READY,
            AgentState.LOGGED_OUT,
            AgentState.TALKING,
        }  # Talking: found so after our restart.
    ),
    AgentState.READY: frozenset(
        {AgentState.NOT_READY, AgentState.LOGGED_OUT, AgentState.OFFERED, AgentState.TALKING}
    ),
    AgentState.OFFERED: _FREE | {AgentState.TALKING},
    AgentState.TALKING: _FREE | {AgentState.WRAP_UP},
    AgentState.WRAP_UP: _FREE,
}

ENGAGED = frozenset({AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP})

# A phone in one of these states can be rung. Unknown is no veto: our own ledger decides first.
DEVICE_CAN_RING = frozenset({DeviceState.NOT_INUSE, DeviceState.UNKNOWN})


@dataclass(slots=True, kw_only=True)
class Agent:
    """One agent. Only `state` and the handlers change it."""

    profile: AgentProfile
    state: AgentState = AgentState.LOGGED_OUT
    causes: dict[PauseCause, str] = field(default_factory=dict)  # Cause → reason.
    leaving: bool = False  # Wants to log out when the call in hand is over.
    offer: OfferId | None = None
    idle_since: int = 0
    shift_since: int = 0
    calls: int = 0  # Conversations in this shift.
    busy_ms: int = 0  # Talking and wrap-up in this shift.
    busy_since: int | None = None
    busy_for: QueueId | None = None
    last_rung: int = 0
    wrap_up_until: int | None = None
    cooling_until: int = 0

    @property
    def id(self) -> AgentId:
        """The agent's id."""
        return self.profile.id

    @property
    def logged_in(self) -> bool:
        """Whether he is on shift."""
        return self.state is not AgentState.LOGGED_OUT

    @property
    def state_when_free(self) -> AgentState:
        """The state he is in, or will be in, with no call in hand."""
        if self.leaving or not self.logged_in:
            return AgentState.LOGGED_OUT
        return AgentState.NOT_READY if self.causes else AgentState.READY

    def routable(self, at: int) -> bool:
        """Whether a call may be offered to him now, as far as he is concerned; his phone may say no."""
        return self.state is AgentState.READY and self.cooling_until <= at

    def move(self, new: AgentState) -> None:
        """Go to another state; an illegal move is our fault and fails."""
        check_move(MOVES, f"agent {self.id}", self.state, new)
        self.state = new
