"""An agent sends away what rings at his phone: back into the line, to a queue, agent or number; nobody is lost by it.

To reject counts as the red button of the phone does. To deflect is held against nobody.
"""

from collections.abc import Iterator
from dataclasses import replace

from acd.core.call import Call
from acd.core.deflection import (
    DeflectToAgent,
    DeflectToNumber,
    DeflectToQueue,
    OfOffer,
    RejectOffer,
)
from acd.core.handlers import outsiders, search, waiting
from acd.core.handlers.answers import Refusal, accept
from acd.core.handlers.interventions import changed
from acd.core.handlers.offers import withdraw
from acd.core.matching import Output, offer
from acd.core.notices import Change, Reason
from acd.core.offer import Offer, OfferOutcome, OfferState
from acd.core.outbound import Allowed
from acd.core.state import State

_RINGS = (OfferState.RINGING, OfferState.WHISPERING)


def reject_offer(state: State, request: RejectOffer) -> Iterator[Output]:
    """Let this phone ring no more."""
    mine = _ringing(state, request)
    yield accept(request)
    yield from withdraw(state, mine, OfferOutcome.REJECTED, request.at)


def deflect_to_queue(state: State, request: DeflectToQueue) -> Iterator[Output]:
    """The caller waits on there; as when he is moved, it may be full or closed."""
    mine = _ringing(state, request)
    call = state.calls[request.call]
    if request.queue not in state.queues:
        raise Refusal(Reason.UNKNOWN_QUEUE)
    if search.leaves(state, replace(call, queue=request.queue)):
        raise Refusal(Reason.QUEUE_REFUSES)
    yield accept(request)
    if call.queue == request.queue:
        yield from _all_stop_ringing(state, call, mine, request.at)
        return
    # From here on his own queue has no say: it may be gone, or he has waited there as long as he may.
    call.queue, call.ring, call.overdue = request.queue, 0, False
    yield from _all_stop_ringing(state, call, mine, request.at)
    yield changed(call, request.by, Change.QUEUE, request.at)
    yield from waiting.join(state, call, request.at)


def deflect_to_agent(state: State, request: DeflectToAgent) -> Iterator[Output]:
    """The other one's phone rings; if he does not answer, the caller waits where he did."""
    mine, other = _ringing(state, request), state.agents.get(request.to)
    call = state.calls[request.call]
    if other is None:
        raise Refusal(Reason.UNKNOWN_AGENT)
    if not state.may_be_named(other, call, request.at):
        raise Refusal(Reason.AGENT_NOT_FREE)
    if call.queue not in state.queues:  # It was taken away, and he could not wait on there.
        raise Refusal(Reason.UNKNOWN_QUEUE)
    yield accept(request)
    overdue, call.overdue = call.overdue, False  # This one phone is to ring for him yet.
    yield from _all_stop_ringing(state, call, mine, request.at)
    call.overdue = overdue
    yield from offer(state, call, other, request.at)


def deflect_to_number(state: State, request: DeflectToNumber) -> Iterator[Output]:
    """A number rings for him; if nobody picks up there, he waits where he did, from when he began to."""
    mine = _ringing(state, request)
    call = state.calls[request.call]
    way = outsiders.way_out(state, call, request.agent, request.number, request.at)
    if not isinstance(way, Allowed):
        raise Refusal(way)
    yield accept(request)
    if request.by_another:
        yield outsiders.sent_on(call, request.by, request.agent, request.at)
    call.overdue = False
    yield from _all_stop_ringing(state, call, mine, request.at)
    yield from outsiders.deflect(state, call, request.number, way, request.agent, request.at)


def _ringing(state: State, request: OfOffer) -> Offer:
    call = state.calls.get(request.call)
    if call is None:
        raise Refusal(Reason.UNKNOWN_CALL)
    mine = state.offers.get(call.offers[request.agent]) if request.agent in call.offers else None
    if mine is None or mine.placed or mine.state not in _RINGS:
        raise Refusal(Reason.NOT_RINGING)
    return mine


def _all_stop_ringing(state: State, call: Call, mine: Offer, at: int) -> Iterator[Output]:
    """His own the last: until then the caller is offered; then he waits, unless his queue will not have him."""
    others = [state.offers[name] for name in call.offers.values() if name != mine.id]
    for one in (*others, mine):
        yield from withdraw(state, one, OfferOutcome.WITHDRAWN, at)
