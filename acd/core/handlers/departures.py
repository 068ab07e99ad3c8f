"""A call leaves: hung up, given back, taken back; whatever it was doing ends with it."""

from collections.abc import Iterator

from acd.core.call import Call, CallState
from acd.core.callback import CALLBACK
from acd.core.commands import HangUp
from acd.core.events import CallLeft, LegEnded
from acd.core.handlers import calling_back, outsiders, recorder
from acd.core.handlers.dialling import not_reached
from acd.core.handlers.offers import agent_leg_gone, dismiss, withdraw
from acd.core.handlers.overhearing import ear_gone
from acd.core.handlers.waiting import DONE, forget_waiting, remember_place
from acd.core.ids import Direction, OfferId, call_of, caller_leg, read_ear
from acd.core.matching import Output
from acd.core.notices import CallEnded, Ending
from acd.core.offer import OfferOutcome, OfferState
from acd.core.state import State
from acd.core.timers import LeaveOverdue


def leg_ended(state: State, event: LegEnded) -> Iterator[Output]:
    """A channel is gone: a caller's, an agent's, or one that we have already done with."""
    call = state.calls.get(call_of(event.channel))
    if call is not None:
        if call.absent:
            return  # Late: of when he was called before.
        if call.state is CallState.DIALLING:
            call.result = not_reached(event.cause)
        yield from caller_hung_up(state, call, event.at)
        return
    if (outside := outsiders.on_leg(state, event.channel)) is not None:
        yield from outsiders.gone(state, *outside, not_reached(event.cause), event.at)
        return
    if (supervisors := read_ear(event.channel)) is not None:
        yield from ear_gone(state, supervisors, event.at)
        return
    offer = state.offers.get(OfferId(event.channel))
    if offer is not None:
        yield from agent_leg_gone(state, offer, event.cause, event.at)


def caller_hung_up(state: State, call: Call, at: int) -> Iterator[Output]:
    """The caller has gone, at whatever moment."""
    if call.connected_at is not None or (call.state is CallState.OUTSIDE and not call.deflected):
        ending = Ending.COMPLETED
    elif call.state is CallState.IN_MENU and call.result == CALLBACK:
        ending = Ending.RELEASED
    elif call.keeps_place or call.state is CallState.OUTSIDE:
        ending = Ending.ABANDONED
    elif _never_heard(call):
        ending = Ending.NOT_REACHED
    elif call.state is CallState.LEAVING:
        ending = Ending.RELEASED
    else:
        ending = Ending.LEFT_MENU
    yield from end(state, call, ending, at)


def lose(state: State, call: Call, at: int) -> Iterator[Output]:
    """The caller is not there, and nobody has told when he left."""
    yield from end(state, call, Ending.NOT_REACHED if _never_heard(call) else Ending.LOST, at)


def _never_heard(call: Call) -> bool:
    """Whether an agent has called somebody who has not picked up, or has just done so."""
    unheard = not call.answered or call.state is CallState.DIALLING
    return call.direction is Direction.OUT and unheard


def call_left(state: State, event: CallLeft) -> Iterator[Output]:
    """The caller is back in the dialplan: because we gave him back, or because Asterisk took him."""
    call = state.calls.get(call_of(event.channel))
    if call is None or call.absent:
        return
    if call.state is CallState.LEAVING:
        talked = call.connected_at is not None or call.result == DONE
        ending = Ending.COMPLETED if talked else Ending.RELEASED
    else:
        ending = Ending.TAKEN_BACK
    yield from end(state, call, ending, event.at)


def leave_overdue(state: State, deadline: LeaveOverdue, at: int) -> Iterator[Output]:
    """The caller should have left us long ago: let him go, so that no call stays for ever."""
    call = state.calls.get(deadline.call)
    if call is not None:
        if call.dialled_at is not None:  # Once more, in case the first word was lost.
            yield HangUp(call=call.id, channel=caller_leg(call.id))
            calling_back.may_still_ring(call)
        yield from lose(state, call, at)


def end(state: State, call: Call, ending: Ending, at: int) -> Iterator[Output]:
    """This call is over for us: nobody waits, rings or talks for it any more."""
    yield from forget_waiting(state, call, at)
    if (call.keeps_place or call.deflected) and call.joined_at is not None:
        call.waited_ms = at - call.joined_at
    if call.state is CallState.TALKING:
        call.stop_talking(at)
    if ending is Ending.ABANDONED and call.queue is not None:
        state.experience_of(call.queue).left(gave_up=True)
    if ending is Ending.ABANDONED:
        remember_place(state, call, at)
    yield from recorder.call_ends(call, at)
    call.move(CallState.ENDED)
    yield from dismiss(state, call, at)
    state.forget_spares(call)
    state.timers.forget(call.id)
    state.usage.end(caller_leg(call.id))
    del state.calls[call.id]
    yield CallEnded(
        at=at,
        call=call.id,
        ending=ending,
        queue=call.queue,
        agent=call.served_by,
        waited_ms=call.waited_ms,
        talked_ms=call.talked_ms,
        held_ms=call.held_ms,
        detail=call.result,
    )
    for offer in [state.offers[name] for name in call.offers.values()]:
        connected = offer.state is OfferState.CONNECTED
        yield from withdraw(state, offer, None if connected else OfferOutcome.CALLER_LEFT, at)
    yield from calling_back.try_over(state, call, at)
