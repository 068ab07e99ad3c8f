"""A caller walks through a menu: what the walker says is turned into commands; no menu's content is known here."""

from collections.abc import Iterator

from acd.core.call import UNOFFERED, Call, CallState, Hearing
from acd.core.commands import AnswerCall, HangUp, PlayPrompts, StopPrompts
from acd.core.events import KeyPressed, PromptsFinished
from acd.core.handlers.announcing import announcement_finished
from acd.core.handlers.offers import withdraw
from acd.core.handlers.waiting import MENU_TIMEOUT, enqueue, release
from acd.core.ids import MenuId, QueueId, call_of, caller_leg
from acd.core.matching import Output
from acd.core.notices import MenuEntered
from acd.core.offer import OfferOutcome
from acd.core.state import State
from acd.core.timers import LeaveOverdue, MenuOverdue, MenuTimeout
from ivr import walk
from ivr.steps import Facts, Menu


def begin(state: State, call: Call, menu: Menu, at: int) -> Iterator[Output]:
    """The caller hears the menu's first words."""
    call.move(CallState.IN_MENU)
    state.timers.set(MenuOverdue(call.id), at + state.configuration.limits.menu_ms)
    yield MenuEntered(at=at, call=call.id, menu=MenuId(menu.id))
    if not call.answered:
        call.answered = True
        yield AnswerCall(call=call.id)
    yield from _follow(state, call, walk.enter(menu, facts_of(call)), at)


def key_pressed(state: State, event: KeyPressed) -> Iterator[Output]:
    """A key: in a menu it chooses, in a queue it may be a way out, elsewhere it means nothing."""
    call = state.calls.get(call_of(event.channel))
    if call is None:
        return
    if call.place is None:
        yield from _leave_queue(state, call, event.key, event.at)
        return
    step = walk.key_pressed(_menu_of(state, call), call.place, event.key, facts_of(call))
    yield from _follow(state, call, step, event.at)


def _leave_queue(state: State, call: Call, key: str, at: int) -> Iterator[Output]:
    rules = state.queues.get(call.queue) if call.queue is not None else None
    result = rules.exit_keys.get(key) if rules is not None else None
    if result is None or call.state not in (*UNOFFERED, CallState.OFFERED):
        return  # Who is just being connected has what he waited for.
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
    step = walk.prompts_finished(_menu_of(state, call), call.place, facts_of(call))
    yield from _follow(state, call, step, event.at)


def menu_timeout(state: State, deadline: MenuTimeout, at: int) -> Iterator[Output]:
    """The caller has pressed nothing in time."""
    call = state.calls[deadline.call]
    assert call.place is not None
    step = walk.timed_out(_menu_of(state, call), call.place, facts_of(call))
    yield from _follow(state, call, step, at)


def menu_overdue(state: State, deadline: MenuOverdue, at: int) -> Iterator[Output]:
    """Whoever is still in a menu after so long is helped better by the dialplan."""
    yield from leave(state, state.calls[deadline.call], MENU_TIMEOUT, at)


def leave(state: State, call: Call, result: str, at: int) -> Iterator[Output]:
    """Take the caller out of the menu, wherever he stands in it, and give him back."""
    state.timers.cancel(call.id, MenuTimeout, MenuOverdue)
    call.place = None
    if call.hearing is Hearing.PROMPTS:
        call.hearing = Hearing.NOTHING
        yield StopPrompts(call=call.id, playback=call.playback)
    yield from release(state, call, result, at)


def facts_of(call: Call) -> Facts:
    """What a menu may know about this caller."""
    customer = call.identity.customer
    return Facts(
        repeat_count=call.identity.repeats,
        known_customer=customer is not None,
        segment=customer.segment if customer else None,
        language=call.language or (customer.language if customer else None) or "en",
    )


def _menu_of(state: State, call: Call) -> Menu:
    assert call.place is not None
    return state.configuration.menus[MenuId(call.place.menu)]


def _follow(state: State, call: Call, step: walk.Walk, at: int) -> Iterator[Output]:
    if step.actions:
        state.timers.cancel(call.id, MenuTimeout)
    call.place = step.place
    if call.place is None:
        state.timers.cancel(call.id, MenuOverdue)
    for action in step.actions:
        match action:
            case walk.Play(prompts=prompts):
                call.playback += 1
                call.hearing = Hearing.PROMPTS
                yield PlayPrompts(call=call.id, playback=call.playback, prompts=prompts)
            case walk.StopPrompts():
                yield StopPrompts(call=call.id, playback=call.playback)
                call.playback += 1  # Its end, when told, is no longer the end of anything.
                call.hearing = Hearing.NOTHING
            case walk.Listen(timeout_ms=timeout_ms):
                state.timers.set(MenuTimeout(call.id), at + timeout_ms)
            case walk.QueueCall(queue=queue, priority=priority, requires=requires) as queued:
                call.reason = queued.reason or call.reason
                call.consent = call.consent if queued.consent is None else queued.consent
                yield from enqueue(state, call, QueueId(queue), priority, at, requires=requires)
            case walk.LeaveToDialplan(result=result):
                yield from release(state, call, result, at)
            case walk.EndCall():
                call.move(CallState.LEAVING)
                limits = state.configuration.limits
                state.timers.set(LeaveOverdue(call.id), at + limits.release_ms)
                yield HangUp(call=call.id, channel=caller_leg(call.id))
