"""The number is dialled when the agent has picked up his phone; and how a call that came to nothing leaves.

The agent is in the bridge before the number is dialled, so he hears what anybody hears who calls: ringing, busy, or a
voice that says that there is no such number.
"""

from collections.abc import Iterator, Mapping

from acd.core.call import Call, CallState
from acd.core.commands import DialNumber
from acd.core.handlers.holding import join_leg
from acd.core.handlers.waiting import release
from acd.core.ids import agent_leg, caller_leg
from acd.core.matching import Output
from acd.core.notices import NumberDialled
from acd.core.offer import Offer, OfferOutcome, OfferState
from acd.core.state import State
from acd.core.timers import DialOverdue, RingTimeout

# Why somebody was not reached.
BUSY = "busy"
REJECTED = "rejected"
NO_ANSWER = "no-answer"
UNKNOWN_NUMBER = "unknown-number"
UNREACHABLE = "unreachable"  # The trunk is down, full, or has no way there.
AGENT_GAVE_UP = "agent-gave-up"
AGENT_NO_ANSWER = "agent-no-answer"  # His own phone was not picked up.
AGENT_UNREACHABLE = "agent-unreachable"
STOPPED_MEANWHILE = "outbound-stopped"

# Q.850: busy; call rejected; unallocated, no route, number changed, invalid format; no answer and normal clearing.
_BY_CAUSE: Mapping[int, str] = {17: BUSY, 21: REJECTED} | dict.fromkeys(
    (1, 2, 3, 22, 28), UNKNOWN_NUMBER
)
_RANG_OUT = (0, 16, 18, 19)
_BY_OUTCOME: Mapping[OfferOutcome, str] = {
    OfferOutcome.NO_ANSWER: AGENT_NO_ANSWER,
    OfferOutcome.UNREACHABLE: AGENT_UNREACHABLE,
}


def not_reached(cause: int) -> str:
    """What the Q.850 cause of a leg that ended before it was picked up says."""
    return _BY_CAUSE.get(cause, NO_ANSWER if cause in _RANG_OUT else UNREACHABLE)


def dial(state: State, call: Call, offer: Offer, at: int) -> Iterator[Output]:
    """The agent has picked up: call the one whom he wants to talk to."""
    assert call.way is not None and call.absent
    route = call.way.route
    offer.move(OfferState.ANSWERED)
    call.move(CallState.DIALLING)
    call.picked_up = call.bridge = offer.id
    call.dialled_at = at
    state.timers.cancel(offer.id, RingTimeout)
    state.timers.set(DialOverdue(call.id), at + route.ring_ms)
    yield NumberDialled(at=at, call=call.id, agent=offer.agent, route=route.name)
    yield join_leg(state, call, agent_leg(offer.id))
    yield DialNumber(
        call=call.id,
        leg=caller_leg(call.id),
        sake=agent_leg(offer.id),
        offer=offer.id,
        endpoint=route.endpoint,
        digits=call.way.dialled,
        number=call.number,
        caller_id=route.caller_id,
        timeout_ms=route.ring_ms,
    )


def come_to_nothing(
    state: State, call: Call, offer: Offer, outcome: OfferOutcome, at: int
) -> Iterator[Output]:
    """The agent is not there, or not any more: who is called need not be either."""
    del call.offers[offer.agent]
    call.picked_up = None
    call.answered = False  # Or by nobody who would have heard him: he was not reached.
    state.timers.cancel(call.id, DialOverdue)
    result = call.result or _BY_OUTCOME.get(outcome, AGENT_GAVE_UP)
    yield from release(state, call, result, at)
