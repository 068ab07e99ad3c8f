"""An offer: one call offered to one agent; the fact that settles every "who was first?"; never two for one agent.

A call may have several offers at once, where all phones ring. The first that is picked up is the call's; the
others ring on until the two hear each other, for until then nobody knows that they will.

The offer lives as long as the agent's leg does, so the agent is free again only when the leg is known
to be gone, and a phone that is still being cancelled is not rung for the next call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.moves import check_move


class OfferState(StrEnum):
    """What became of it so far."""

    RINGING = "ringing"
    WHISPERING = "whispering"  # Picked up; he hears who calls, and the caller does not hear him.
    ANSWERED = "answered"  # Picked up; the legs are being bridged.
    CONNECTED = "connected"
    WITHDRAWN = "withdrawn"  # The leg was told to end, and is not gone yet.
    ENDED = "ended"


class OfferOutcome(StrEnum):
    """How an offer ended without a conversation."""

    NO_ANSWER = "no-answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CALLER_LEFT = "caller-left"
    WITHDRAWN = "withdrawn"  # Taken back, as when the agent was logged out by a supervisor.
    FAILED = "failed"  # Picked up, but the legs could not be connected.
    # Another phone that rang for the call was first: nobody's fault.
    ELSEWHERE = "answered-elsewhere"


MOVES: Mapping[OfferState, frozenset[OfferState]] = {
    OfferState.RINGING: frozenset(
        {OfferState.WHISPERING, OfferState.ANSWERED, OfferState.WITHDRAWN, OfferState.ENDED}
    ),
    OfferState.WHISPERING: frozenset({OfferState.ANSWERED, OfferState.WITHDRAWN, OfferState.ENDED}),
    OfferState.ANSWERED: frozenset({OfferState.CONNECTED, OfferState.WITHDRAWN, OfferState.ENDED}),
    OfferState.CONNECTED: frozenset({OfferState.WITHDRAWN, OfferState.ENDED}),
    OfferState.WITHDRAWN: frozenset({OfferState.ENDED}),
    OfferState.ENDED: frozenset(),
}

# Q.850 causes with which a phone says no by itself: busy, call rejected.
_REJECTING = frozenset({17, 21})
# User not responding, no answer, and what Asterisk says for a ring that ran out: normal clearing, nothing.
_RANG_OUT = frozenset({0, 16, 18, 19})


def outcome_of(cause: int) -> OfferOutcome:
    """What the Q.850 cause of a leg that ended while it rang says about the agent."""
    if cause in _REJECTING:
        return OfferOutcome.REJECTED
    return OfferOutcome.NO_ANSWER if cause in _RANG_OUT else OfferOutcome.UNREACHABLE


@dataclass(slots=True, kw_only=True)
class Offer:
    """One call offered to one agent; `connected_at` is when he came to have it."""

    id: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId
    offered_at: int
    state: OfferState = OfferState.RINGING
    caller_bridged: bool = False
    agent_bridged: bool = False
    connected_at: int | None = None
    disposed: bool = False  # The agent has said already what comes of the call.
    outcome: OfferOutcome | None = None  # Known once it can no longer become a conversation.
    beside: bool = False  # For a party: another agent has the call.
    placed: bool = False  # He makes the call himself, so nothing is held against him.
    supervises: bool = False  # Another agent has the call, and he is to hear it.

    @property
    def open(self) -> bool:
        """Whether it is, or can still become, a conversation."""
        return self.state not in (OfferState.WITHDRAWN, OfferState.ENDED)

    @property
    def aside(self) -> bool:
        """Whether another agent has the call."""
        return self.beside or self.supervises

    def move(self, new: OfferState) -> None:
        """Go to another state; an illegal move is our fault and fails."""
        check_move(MOVES, "offer", self.id, self.state, new)
        self.state = new
