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
from acd.core.handlers.interventions import changed
from acd.core.handlers.offers import withdraw
from acd.core.matching import Output, offer
from acd.core.notices import Accepted, Change, Reason, Refused
from acd.core.offer import Offer, OfferOutcome, OfferState
from acd.core.outbound import Allowed
from acd.core.state import State

_RINGS = (OfferState.RINGING, OfferState.WHISPERING)


def reject_offer(state: State, request: RejectOffer) -> Iterator[Output]:
    """Let this phone ring no more."""
    mine = _ringing(state, request)
    if isinstance(mine, Refused):
        yield mine
        return
    yield _accepted(request)
    yield from withdraw(state, mine, OfferOutcome.REJECTED, request.at)


def deflect_to_queue(state: State, request: DeflectToQueue) -> Iterator[Output]:
    """The caller waits on there; as when he is moved, it may be full or closed."""
    mine = _ringing(state, request)
    if isinstance(mine, Refused):
        yield mine
        return
    call = state.calls[request.call]
    if request.queue not in state.queues:
        yield _refused(request, Reason.UNKNOWN_QUEUE)
        return
    if search.leaves(state, replace(call, queue=request.queue)):
        yield _refused(request, Reason.QUEUE_REFUSES)
        return
    yield _accepted(request)
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
    if isinstance(mine, Refused):
        yield mine
        return
    call = state.calls[request.call]
    if other is None:
        yield _refused(request, Reason.UNKNOWN_AGENT)
        return
    if not state.may_be_named(other, call, request.at):
        yield _refused(request, Reason.AGENT_NOT_FREE)
        return
    if call.queue not in state.queues:  # It was taken away, and he could not wait on there.
        yield _refused(request, Reason.UNKNOWN_QUEUE)
        return
    yield _accepted(request)
    overdue, call.overdue = call.overdue, False  # This one phone is to ring for him yet.
    yield from _all_stop_ringing(state, call, mine, request.at)
    call.overdue = overdue
    yield from offer(state, call, other, request.at)


def deflect_to_number(state: State, request: DeflectToNumber) -> Iterator[Output]:
    """A number rings for him; if nobody picks up there, he waits where he did, from when he began to."""
    mine = _ringing(state, request)
    if isinstance(mine, Refused):
        yield mine
        return
    call = state.calls[request.call]
    way = outsiders.way_out(state, call, request.agent, request.number, request.at)
    if not isinstance(way, Allowed):
        yield _refused(request, way)
        return
    yield _accepted(request)
    if request.by_another:
        yield outsiders.sent_on(call, request.by, request.agent, request.at)
    call.overdue = False
    yield from _all_stop_ringing(state, call, mine, request.at)
    yield from outsiders.deflect(state, call, request.number, way, request.agent, request.at)


def _ringing(state: State, request: OfOffer) -> Offer | Refused:
    call = state.calls.get(request.call)
    if call is None:
        return _refused(request, Reason.UNKNOWN_CALL)
    mine = state.offers.get(call.offers[request.agent]) if request.agent in call.offers else None
    if mine is None or mine.placed or mine.state not in _RINGS:
        return _refused(request, Reason.NOT_RINGING)
    return mine


def _all_stop_ringing(state: State, call: Call, mine: Offer, at: int) -> Iterator[Output]:
    """His own the last: until then the caller is offered; then he waits, unless his queue will not have him."""
    others = [state.offers[name] for name in call.offers.values() if name != mine.id]
    for one in (*others, mine):
        yield from withdraw(state, one, OfferOutcome.WITHDRAWN, at)


def _accepted(request: OfOffer) -> Accepted:
    return Accepted(at=request.at, request=request.request)


def _refused(request: OfOffer, reason: Reason) -> Refused:
    return Refused(at=request.at, request=request.request, reason=reason)
