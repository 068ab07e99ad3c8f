"""A person steps in for a waiting call: what it asks for, its priority, its queue, its place; rings nobody.

Only a call that waits can be changed. One for which a phone just rings is as good as served, and who asks
for it is told so.
"""

from collections.abc import Iterator
from dataclasses import replace

from acd.core import router
from acd.core.call import UNOFFERED, Call, CallState
from acd.core.handlers import outsiders, search, waiting
from acd.core.handlers.answers import Refusal, accept
from acd.core.handlers.saving import keep
from acd.core.matching import Output
from acd.core.notices import CallChanged, Change, Reason
from acd.core.outbound import Allowed
from acd.core.requests import (
    CallRequest,
    DeflectWaiting,
    MoveCall,
    MoveToFront,
    SetPriority,
    SetRequirement,
)
from acd.core.state import State
from acd.core.wishes import BadWish, requirement_of


def set_requirement(state: State, request: SetRequirement) -> Iterator[Output]:
    """Ask something else of agents: in place of all that dialplan and menu have asked, never of what the queue asks."""
    call = _waiting_call(state, request)
    try:
        text = requirement_of(request.requires, state.skills)
    except BadWish as bad:
        raise Refusal(Reason.BAD_REQUIREMENT, str(bad)) from bad
    yield from _ask_anew(state, call, request.at)
    call.requires = (text,) if text else ()
    search.forget_last_agent(state, call)  # He was chosen for what was asked before.
    # It may be that nobody on shift can take it now, in this ring or in any.
    assert call.queue is not None
    state.queues_to_review[call.queue] = None
    yield from _changed(state, call, request, Change.REQUIREMENT)


def set_priority(state: State, request: SetPriority) -> Iterator[Output]:
    """Serve this call before, or after, those of another priority."""
    call = _waiting_call(state, request, or_later=True)
    yield from _ask_anew(state, call, request.at)
    call.priority = request.priority
    yield from _changed(state, call, request, Change.PRIORITY)


def move_to_front(state: State, request: MoveToFront) -> Iterator[Output]:
    """The next of his queue. By a priority, so that the one order over all queues goes on to be the only one."""
    call = _waiting_call(state, request)
    yield from _ask_anew(state, call, request.at)
    assert call.queue is not None
    first = state.first_in(call.queue)
    if first is not None and first[2] != call.id:
        priority = -first[0]
        call.priority = priority + 1
    yield from _changed(state, call, request, Change.FRONT)


def move_call(state: State, request: MoveCall) -> Iterator[Output]:
    """Wait on in another queue, from when he began to; a person may do so even where it is full or closed.

    Not where nobody is on shift and nobody waits for that: he would be sent home at once.
    """
    call = _waiting_call(state, request)
    if request.queue not in state.queues:
        raise Refusal(Reason.UNKNOWN_QUEUE)
    if call.queue == request.queue:
        yield from _ask_anew(state, call, request.at)
        yield from _changed(state, call, request, Change.QUEUE)
        return
    if search.leaves(state, replace(call, queue=request.queue)):
        raise Refusal(Reason.QUEUE_REFUSES)
    yield from _ask_anew(state, call, request.at)
    call.queue = request.queue
    yield from _told(call, request, Change.QUEUE)
    yield from waiting.join(state, call, request.at)


def deflect_waiting(state: State, request: DeflectWaiting) -> Iterator[Output]:
    """Send him on to a number that some route allows."""
    call = _waiting_call(state, request)
    way = outsiders.way_out(state, call, request.agent, request.number, request.at)
    if not isinstance(way, Allowed):
        raise Refusal(way)
    yield from _ask_anew(state, call, request.at)
    yield accept(request)
    yield outsiders.sent_on(call, request.by, request.agent, request.at)
    yield from outsiders.deflect(state, call, request.number, way, request.agent, request.at)


def _waiting_call(state: State, request: CallRequest, *, or_later: bool = False) -> Call:
    """The call, if it waits; `or_later`: or will, when it is time to call him back."""
    call = state.calls.get(request.call)
    if call is None:
        raise Refusal(Reason.UNKNOWN_CALL)
    if call.state in UNOFFERED or (or_later and call.state is CallState.PAUSED):
        return call
    raise Refusal(Reason.NOT_WAITING)


def _ask_anew(state: State, call: Call, at: int) -> Iterator[Output]:
    """What a router was asked, if it was, is not so any more."""
    if call.state is CallState.ROUTING:
        yield from router.withdraw(state, call, at)
        state.wait(call)


def _changed(state: State, call: Call, request: CallRequest, change: Change) -> Iterator[Output]:
    if call.state in UNOFFERED:  # Who is to be called later stands in no line yet.
        state.wait(call)
    yield from _told(call, request, change)
    yield keep(call, request.at)


def _told(call: Call, request: CallRequest, change: Change) -> Iterator[Output]:
    yield accept(request)
    yield changed(call, request.by, change, request.at)


def changed(call: Call, by: str, change: Change, at: int) -> CallChanged:
    """How he waits from now on, and who has said so."""
    assert call.queue is not None
    return CallChanged(
        at=at,
        call=call.id,
        by=by,
        change=change,
        queue=call.queue,
        priority=call.priority,
        requires=call.requires,
    )
