"""A caller gives up his line and keeps his place: at his turn, when an agent has picked up for him, he is called.

Until then he is a call in the queue as any other, but nobody is on it. Each time that he is called it ends as any call
that an agent makes, and if he was not reached, the next one takes its place. A number is owed one call at most, and
whoever calls himself meanwhile has his place, and is not called.
"""

from collections.abc import Iterator
from dataclasses import replace

from acd.core import owing
from acd.core.agent import AgentState
from acd.core.call import IN_QUEUE, UNOFFERED, Call, CallState, Hearing
from acd.core.callback import (
    CALLBACK,
    Callback,
    CallbackId,
    CallbackOutcome,
    CallbacksRestored,
    CancelCallback,
    NumberRead,
    RegisterCallback,
)
from acd.core.commands import ReadNumber
from acd.core.events import Entry
from acd.core.handlers.answers import Refusal, accept
from acd.core.handlers.arrivals import admit
from acd.core.handlers.dialling import (
    BUSY,
    NO_ANSWER,
    REJECTED,
    UNKNOWN_NUMBER,
    UNREACHABLE,
    dial,
)
from acd.core.handlers.offers import withdraw
from acd.core.handlers.waiting import forget_waiting, join, release
from acd.core.handlers.walking import enter, facts_of, follow, menu_of
from acd.core.ids import NodeId, QueueId, callback_call, callback_of, caller_leg, uniqueid_of
from acd.core.matching import Output, stop_announcement
from acd.core.notices import Reason
from acd.core.offer import Offer, OfferOutcome
from acd.core.outbound import Allowed, Denied, Number, NumberKind, decide
from acd.core.state import State
from acd.core.timers import CallbackDue, CallbackOver
from acd.core.ways_out import may_dial
from acd.core.wishes import NO_WISHES
from ivr import walk

# Why he was not reached, as it counts for him; anything else was our own doing.
_COUNTED = (BUSY, NO_ANSWER, REJECTED, UNKNOWN_NUMBER, UNREACHABLE)
_SOON_MS = 5_000


# A caller asks for it.


def key_pressed(state: State, call: Call, at: int) -> Iterator[Output]:
    """He has pressed the key for it while he waited: in a menu he hears what that means, or it is done at once."""
    rule = owing.rule_of(state, call)
    menu = state.configuration.menus.get(rule.menu) if rule.menu is not None else None
    if menu is None:
        assert call.queue is not None
        call.wants_back = call.queue
        yield ReadNumber(call=call.id, text=call.identity.number or call.number)
        return
    yield from _stop_ringing(state, call, at)
    yield from forget_waiting(state, call, at)
    if call.hearing is Hearing.ANNOUNCEMENT:
        yield stop_announcement(state, call)
    call.move(CallState.IN_MENU)
    yield from enter(state, call, menu, at)


def number_read(state: State, event: NumberRead) -> Iterator[Output]:
    """What he is to be called by is known: he is called back, or hears that it cannot be."""
    call = state.calls.get(event.call)
    if call is None or call.wants_back is None:
        return
    queue, call.wants_back = call.wants_back, None
    if not call.keeps_place and call.state is not CallState.IN_MENU:
        return  # An agent has picked up for him meanwhile.
    typed, rules = bool(call.typed), state.queues.get(queue)
    rule = rules.callback if rules is not None else None
    may = rule is not None and (rule.other_number or not typed)
    number = event.number if may and call.state is not CallState.CONNECTING else None
    if number is not None and _why_not(state, number, event.at) is None:
        callback = _of_caller(call, queue, number, event.at)
        number = callback.number
        call.result = CALLBACK
        yield from _stand(state, callback, event.at)
    else:
        number = None
    if call.place is not None:
        step = walk.called_back(
            menu_of(state, call), call.place, number is not None, facts_of(call)
        )
        yield from follow(state, call, step, event.at)
    elif number is not None:
        yield from _stop_ringing(state, call, event.at)
        yield from release(state, call, CALLBACK, event.at)


def _of_caller(call: Call, queue: QueueId, number: Number, at: int) -> Callback:
    customer = call.identity.customer
    waited = call.keeps_place and call.queue == queue
    return Callback(
        id=CallbackId(uniqueid_of(call.id)),
        node=call.node,
        queue=queue,
        number=number,
        name=call.name,
        customer=customer.id if customer is not None else None,
        asked_at=at,
        origin=call.id,
        arrived_at=call.arrived_at,
        joined_at=call.joined_at if waited and call.joined_at is not None else at,
        placed_at=call.placed_at if waited else None,
        priority=call.priority,
        requires=call.requires,
        reason=call.reason,
        data=call.data,
    )


def _stop_ringing(state: State, call: Call, at: int) -> Iterator[Output]:
    call.overdue = False  # However long he has waited, he is not sent home for it now.
    for offer in [state.offers[name] for name in call.offers.values()]:
        yield from withdraw(state, offer, OfferOutcome.CALLER_LEFT, at)


def _why_not(state: State, number: Number, at: int) -> Reason | None:
    """Why we do not owe this number a call; what only the hour or a cap forbids, we do.

    Nobody has himself called back by 110, whoever may call it.
    """
    if number.digits in state.callbacks:
        return Reason.CALLED_BACK_ALREADY
    way = decide(state.configuration.outbound.routes, number, lambda name: True)
    if isinstance(way, Denied):
        return Reason(way.why.value)
    service = way.emergency or number.kind is NumberKind.SHORT
    return Reason.NO_ROUTE if service else None


# It stands in the queue, and its turn comes.


def _stand(state: State, callback: Callback, at: int) -> Iterator[Output]:
    """It takes its place in the queue, or, if it is not due yet, keeps it."""
    call = Call(
        id=callback_call(callback.node, callback.id, at),
        number=callback.number.digits,
        name=callback.name,
        dialled=callback.number.digits,
        entry=Entry.QUEUE,
        target=callback.queue,
        arrived_at=callback.arrived_at,
        state=CallState.WAITING,
        queue=callback.queue,
        came_to=callback.queue,
        priority=callback.priority,
        requires=callback.requires,
        reason=callback.reason,
        data=callback.data,
        joined_at=callback.joined_at,
        placed_at=callback.placed_at,
        customer=callback.customer,
        callback=callback,
    )
    state.callbacks[callback.number.digits] = call.id
    yield from admit(state, call, NO_WISHES, at)
    keep_ms = owing.rule_of(state, call).keep_ms
    since = callback.asked_at if callback.tries else max(callback.asked_at, callback.due_at)
    state.timers.set(CallbackOver(call.id), max(at, since + keep_ms))
    due = max(callback.due_at, owing.opens_at(state, call, at))
    if due > at:
        yield from owing.pause(state, call, due, at)
    else:
        yield from join(state, call, at)


def callback_due(state: State, deadline: CallbackDue, at: int) -> Iterator[Output]:
    """He may be called again, if it is open."""
    call = state.calls[deadline.call]
    if call.queue not in state.queues:
        yield from _call_off(state, call, CallbackOutcome.GIVEN_UP, at, reason="unknown-queue")
        return
    call.move(CallState.WAITING)
    opens = owing.opens_at(state, call, at)
    if opens > at:
        yield from owing.pause(state, call, opens, at)
    else:
        yield from join(state, call, at)


def callback_over(state: State, deadline: CallbackOver, at: int) -> Iterator[Output]:
    """It is too late for it; who is just being called is called for the last time."""
    call = state.calls[deadline.call]
    if call.state is CallState.PAUSED or call.state in IN_QUEUE:
        yield from _call_off(state, call, CallbackOutcome.EXPIRED, at)


def agent_picked_up(state: State, call: Call, offer: Offer, at: int) -> Iterator[Output]:
    """An agent is there for him: from now on it is a call that this agent makes."""
    assert call.callback is not None
    way = may_dial(state, offer.agent, call.callback.number, at)
    if not isinstance(way, Allowed):  # Since his phone began to ring.
        yield from withdraw(state, offer, OfferOutcome.WITHDRAWN, at)
        return
    yield from forget_waiting(state, call, at)
    state.forget_spares(call)
    offer.placed = True
    agent = state.agents[offer.agent]
    agent.move(AgentState.DIALLING)
    call.way, call.served_by = way, agent.id
    call.callback = replace(call.callback, tries=call.callback.tries + 1)
    state.usage.begin(caller_leg(call.id), agent.id, at)
    yield owing.told(call, at)
    yield state.settle(agent, at)
    yield from dial(state, call, offer, at)


def try_over(state: State, call: Call, at: int) -> Iterator[Output]:
    """The call by which we meant to pay is over and he was not reached: another takes its place, or we give up."""
    callback = call.callback
    if callback is None:
        return
    rule = owing.rule_of(state, call)
    counted = call.result in _COUNTED
    if call.queue not in state.queues or (counted and callback.tries >= rule.attempts):
        yield owing.ended(state, call, CallbackOutcome.GIVEN_UP, at, reason=call.result)
        return
    pause_ms = rule.again_ms if counted else _SOON_MS
    tries = callback.tries if counted or call.dialled_at is None else callback.tries - 1
    call.callback = None
    due_at = max(callback.due_at, at + pause_ms)
    yield from _stand(state, replace(callback, tries=tries, due_at=due_at), at)


def may_still_ring(call: Call) -> None:
    """Nobody has told that his phone rings no more: he is called again when Asterisk has given up by itself."""
    if call.callback is not None:
        assert call.dialled_at is not None and call.way is not None
        given_up_at = call.dialled_at + call.way.route.ring_ms + _SOON_MS
        call.callback = replace(call.callback, due_at=given_up_at)


def resumed(state: State, at: int) -> Iterator[Output]:
    """Those whose callers have called themselves are not owed any more."""
    names = list(state.callbacks_to_end)
    state.callbacks_to_end.clear()
    for name in names:
        yield from _call_off(state, state.calls[name], CallbackOutcome.RESUMED, at)


def paid_meanwhile(state: State, call: Call, at: int) -> Iterator[Output]:
    """A restart finds them talking: what was owed is paid."""
    name = callback_of(call.id)
    for owed in list(state.callbacks.values()):
        other = state.calls[owed]
        if other.callback is not None and other.callback.id == name and owed != call.id:
            yield from _call_off(state, other, CallbackOutcome.REACHED, at)


def callbacks_restored(state: State, event: CallbacksRestored) -> Iterator[Output]:
    """What was owed is owed still; in a moment, when what is there has been seen."""
    for callback in event.callbacks:
        if callback.number.digits not in state.callbacks:
            due_at = max(callback.due_at, event.at + _SOON_MS)
            yield from _stand(state, replace(callback, due_at=due_at), event.at)


def _call_off(
    state: State,
    call: Call,
    outcome: CallbackOutcome,
    at: int,
    *,
    by: str = "",
    reason: str = "",
) -> Iterator[Output]:
    """It ends, whatever is being done for it."""
    yield owing.ended(state, call, outcome, at, by=by, reason=reason)
    call.result = reason or outcome.value
    for offer in [state.offers[name] for name in call.offers.values()]:
        yield from withdraw(state, offer, OfferOutcome.WITHDRAWN, at)
    if call.state in (*UNOFFERED, CallState.PAUSED):
        yield from release(state, call, call.result, at)


# People ask for it, and against it.


def register_callback(state: State, request: RegisterCallback) -> Iterator[Output]:
    """Somebody is to be called when it would be his turn if he had called now."""
    rules = state.queues.get(request.queue)
    node = _node_for(state, request.queue)
    why: Reason | None = None
    if rules is None:
        why = Reason.UNKNOWN_QUEUE
    elif rules.callback is None or node is None:
        why = Reason.NO_CALLBACKS
    why = why or _why_not(state, request.number, request.at)
    if why is not None or node is None:
        raise Refusal(why or Reason.NO_CALLBACKS)
    yield accept(request)
    begins = max(request.at, request.due_at)
    callback = Callback(
        id=CallbackId(f"{request.at}-{request.request}"),
        node=node,
        queue=request.queue,
        number=request.number,
        name=request.name,
        customer=request.customer,
        asked_at=request.at,
        by=request.by,
        arrived_at=request.at,
        joined_at=begins,
        priority=request.priority,
        data=request.data,
        due_at=request.due_at,
    )
    yield from _stand(state, callback, request.at)


def _node_for(state: State, queue: QueueId) -> NodeId | None:
    """From which Asterisk this queue's agents call."""
    profiles = (agent.profile for agent in state.agents.values())
    return next((profile.node for profile in profiles if queue in profile.queues), None)


def cancel_callback(state: State, request: CancelCallback) -> Iterator[Output]:
    """He is not called any more; if he is being called, that ends."""
    owed = [state.calls[name] for name in state.callbacks.values()]
    named = (
        one for one in owed if one.callback is not None and one.callback.id == request.callback
    )
    call = next(named, None)
    if call is None:
        raise Refusal(Reason.UNKNOWN_CALLBACK)
    yield accept(request)
    outcome = CallbackOutcome.CANCELLED
    yield from _call_off(state, call, outcome, request.at, by=request.by, reason=request.reason)
