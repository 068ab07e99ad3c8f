"""What happens to a caller in a menu: a key, the end of a prompt, silence; and a key of one who waits."""

from collections.abc import Iterator

from acd.core.call import UNOFFERED, Call, CallState, Hearing
from acd.core.events import KeyPressed, PromptsFinished
from acd.core.handlers import calling_back
from acd.core.handlers.announcing import announcement_finished
from acd.core.handlers.offers import withdraw
from acd.core.handlers.waiting import MENU_TIMEOUT, release
from acd.core.handlers.walking import facts_of, follow, leave, menu_of
from acd.core.ids import call_of
from acd.core.matching import Output
from acd.core.offer import OfferOutcome
from acd.core.state import State
from acd.core.timers import MenuOverdue, MenuTimeout
from ivr import walk


def key_pressed(state: State, event: KeyPressed) -> Iterator[Output]:
    """A key: in a menu it chooses, in a queue it may be a way out, elsewhere it means nothing."""
    call = state.calls.get(call_of(event.channel))
    if call is None:
        return
    if call.place is None:
        yield from _leave_queue(state, call, event.key, event.at)
        return
    step = walk.key_pressed(menu_of(state, call), call.place, event.key, facts_of(call))
    yield from follow(state, call, step, event.at)


def _leave_queue(state: State, call: Call, key: str, at: int) -> Iterator[Output]:
    rules = state.queues.get(call.queue) if call.queue is not None else None
    if rules is None or call.state not in (*UNOFFERED, CallState.OFFERED):
        return  # Who is just being connected has what he waited for.
    if rules.callback is not None and key == rules.callback.key:
        yield from calling_back.key_pressed(state, call, at)
        return
    result = rules.exit_keys.get(key)
    if result is None:
        return
    for offer in [state.offers[name] for name in call.offers.values()]:
        yield from withdraw(state, offer, OfferOutcome.CALLER_LEFT, at)
    yield from release(state, call, result, at)


def prompts_finished(state: State, event: PromptsFinished) -> Iterator[Output]:
    """The prompts have been heard; those of an earlier playback are late and mean nothing."""
    call = state.calls.get(event.call)
    if call is not None and call.place is None:
        yield from announcement_finished(state, call, event)
    if call is None or call.place is None or event.playback != call.playback:
        return
    call.hearing = Hearing.NOTHING
    step = walk.prompts_finished(menu_of(state, call), call.place, facts_of(call))
    yield from follow(state, call, step, event.at)


def menu_timeout(state: State, deadline: MenuTimeout, at: int) -> Iterator[Output]:
    """The caller has pressed nothing in time."""
    call = state.calls[deadline.call]
    assert call.place is not None
    step = walk.timed_out(menu_of(state, call), call.place, facts_of(call))
    yield from follow(state, call, step, at)


def menu_overdue(state: State, deadline: MenuOverdue, at: int) -> Iterator[Output]:
    """Whoever is still in a menu after so long is helped better by the dialplan."""
    yield from leave(state, state.calls[deadline.call], MENU_TIMEOUT, at)
