"""A caller walks through a menu: what the walker says is turned into commands; no menu's content is known here."""

from collections.abc import Iterator

from acd.core.call import Call, CallState, Hearing
from acd.core.commands import AnswerCall, HangUp, PlayPrompts, StopPrompts
from acd.core.events import KeyPressed, PromptsFinished
from acd.core.handlers.waiting import enqueue, release
from acd.core.ids import MenuId, QueueId, call_of, caller_leg
from acd.core.matching import Output
from acd.core.notices import MenuEntered
from acd.core.state import State
from acd.core.timers import LeaveOverdue, MenuTimeout
from ivr import walk
from ivr.steps import Facts, Menu


def begin(state: State, call: Call, menu: Menu, at: int) -> Iterator[Output]:
    """The caller hears the menu's first words."""
    call.move(CallState.IN_MENU)
    yield MenuEntered(at=at, call=call.id, menu=MenuId(menu.id))
    if not call.answered:
        call.answered = True
        yield AnswerCall(call=call.id)
    yield from _follow(state, call, walk.enter(menu, facts_of(call)), at)


def key_pressed(state: State, event: KeyPressed) -> Iterator[Output]:
    """A key: it means something only in a menu."""
    call = state.calls.get(call_of(event.channel))
    if call is None or call.place is None:
        return
    menu = _menu_of(state, call)
    if menu is not None:
        step = walk.key_pressed(menu, call.place, event.key, facts_of(call))
        yield from _follow(state, call, step, event.at)


def prompts_finished(state: State, event: PromptsFinished) -> Iterator[Output]:
    """The prompts have been heard; those of an earlier playback are late and mean nothing."""
    call = state.calls.get(event.call)
    if call is None or call.place is None or event.playback != call.playback:
        return
    call.hearing = Hearing.NOTHING
    menu = _menu_of(state, call)
    if menu is not None:
        step = walk.prompts_finished(menu, call.place, facts_of(call))
        yield from _follow(state, call, step, event.at)


def menu_timeout(state: State, deadline: MenuTimeout, at: int) -> Iterator[Output]:
    """The caller has pressed nothing in time."""
    call = state.calls.get(deadline.call)
    if call is None or call.place is None:
        return
    menu = _menu_of(state, call)
    if menu is not None:
        yield from _follow(state, call, walk.timed_out(menu, call.place, facts_of(call)), at)


def facts_of(call: Call) -> Facts:
    """What a menu may know about this caller."""
    customer = call.identity.customer
    return Facts(
        repeat_count=call.identity.repeats,
        known_customer=customer is not None,
        segment=customer.segment if customer else None,
        language=(customer.language if customer else None) or "en",
    )


def _menu_of(state: State, call: Call) -> Menu | None:
    assert call.place is not None
    return state.configuration.menus.get(MenuId(call.place.menu))


def _follow(state: State, call: Call, step: walk.Walk, at: int) -> Iterator[Output]:
    if step.place != call.place or step.actions:
        state.timers.cancel(MenuTimeout(call.id))
    call.place = step.place
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
            case walk.QueueCall(queue=queue, priority=priority):
                yield from enqueue(state, call, QueueId(queue), priority, at)
            case walk.LeaveToDialplan(result=result):
                yield from release(state, call, result, at)
            case walk.EndCall():
                call.move(CallState.LEAVING)
                limits = state.configuration.limits
                state.timers.set(LeaveOverdue(call.id), at + limits.release_ms)
                yield HangUp(call=call.id, channel=caller_leg(call.id))
