"""A caller walks through a menu: what the walker says is turned into commands; no menu's content is known here."""

from collections.abc import Iterator

from acd.core.call import Call, CallState, Hearing
from acd.core.commands import AnswerCall, HangUp, PlayPrompts, ReadNumber, StopPrompts
from acd.core.handlers.waiting import DONE, enqueue, release
from acd.core.ids import MenuId, QueueId, caller_leg
from acd.core.matching import Output
from acd.core.notices import MenuEntered
from acd.core.state import State
from acd.core.survey import SurveyAnswered, teller
from acd.core.timers import LeaveOverdue, MenuOverdue, MenuTimeout
from ivr import walk
from ivr.steps import Facts, Menu


def begin(state: State, call: Call, menu: Menu, at: int) -> Iterator[Output]:
    """The caller hears the menu's first words."""
    call.move(CallState.IN_MENU)
    yield MenuEntered(at=at, call=call.id, menu=MenuId(menu.id))
    if not call.answered:
        call.answered = True
        yield AnswerCall(call=call.id)
    yield from enter(state, call, menu, at)


def enter(state: State, call: Call, menu: Menu, at: int) -> Iterator[Output]:
    """He stands at the menu's door."""
    state.timers.set(MenuOverdue(call.id), at + state.configuration.limits.menu_ms)
    yield from follow(state, call, walk.enter(menu, facts_of(call)), at)


def leave(state: State, call: Call, result: str, at: int) -> Iterator[Output]:
    """Take the caller out of the menu, wherever he stands in it, and give him back.

    Who has talked to an agent is not asked for any more: whatever went wrong with his survey, he is done.
    """
    state.timers.cancel(call.id, MenuTimeout, MenuOverdue)
    call.place = None
    if call.hearing is Hearing.PROMPTS:
        call.hearing = Hearing.NOTHING
        yield StopPrompts(call=call.id, playback=call.playback)
    yield from release(state, call, result if call.over_at is None else DONE, at)


def facts_of(call: Call) -> Facts:
    """What a menu may know about this caller."""
    customer = call.identity.customer
    return Facts(
        repeat_count=call.identity.repeats,
        known_customer=customer is not None,
        segment=customer.segment if customer else None,
        language=call.language or (customer.language if customer else None) or "en",
    )


def menu_of(state: State, call: Call) -> Menu:
    assert call.place is not None
    return state.configuration.menus[MenuId(call.place.menu)]


def follow(state: State, call: Call, step: walk.Walk, at: int) -> Iterator[Output]:
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
            case walk.Scored() as scored:
                yield answered(call, scored, at)
            case walk.Typed(digits=digits):
                call.typed = digits
            case walk.AskCallBack(queue=queue):
                call.wants_back = QueueId(queue)
                text = call.typed or call.identity.number or call.number
                yield ReadNumber(call=call.id, text=text)
            case walk.QueueCall() if call.over_at is not None:
                # The menu is another since he came to it.
                yield from release(state, call, DONE, at)
            case walk.QueueCall(queue=queue, priority=priority, requires=requires) as queued:
                call.reason = queued.reason or call.reason
                call.consent = call.consent if queued.consent is None else queued.consent
                yield from enqueue(state, call, QueueId(queue), priority, at, requires=requires)
            case walk.LeaveToDialplan(result=result):
                yield from release(state, call, result, at)
            case walk.EndCall():
                if call.keeps_place and call.joined_at is not None:
                    call.waited_ms = at - call.joined_at
                call.move(CallState.LEAVING)
                limits = state.configuration.limits
                state.timers.set(LeaveOverdue(call.id), at + limits.release_ms)
                yield HangUp(call=call.id, channel=caller_leg(call.id))


def answered(call: Call, scored: walk.Scored, at: int) -> SurveyAnswered:
    """What he says of the conversation that he has had."""
    customer, number = teller(call.identity)
    return SurveyAnswered(
        at=at,
        call=call.id,
        queue=call.queue,
        agent=call.served_by,
        question=scored.question,
        scale=scored.scale,
        score=scored.score,
        customer=customer,
        number=number,
    )
