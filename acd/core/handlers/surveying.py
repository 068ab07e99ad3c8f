"""The agent has hung up and the caller is still there: he is asked what he thinks of it; no agent waits for it."""

from collections.abc import Iterator

from acd.core.call import Call, CallState, Hearing
from acd.core.commands import HoldLeg
from acd.core.handlers import recorder, walking
from acd.core.handlers.holding import wind_up
from acd.core.handlers.saving import save
from acd.core.handlers.waiting import DONE, release
from acd.core.ids import Direction, caller_leg
from acd.core.matching import Output
from acd.core.state import State
from acd.core.survey import SurveyBegan, is_asked, teller
from ivr.steps import Menu


def after_talk(state: State, call: Call, at: int) -> Iterator[Output]:
    """His conversation is over: a survey, if his queue has one and it is his turn; else back to the dialplan."""
    menu = _menu_for(state, call, at)
    if menu is None:
        yield from release(state, call, DONE, at)
    else:
        yield from _ask(state, call, menu, at)


def _menu_for(state: State, call: Call, at: int) -> Menu | None:
    rules = state.queues.get(call.queue) if call.queue is not None else None
    if rules is None or rules.survey is None or call.direction is Direction.OUT:
        return None
    if not state.hears(call.node) or not is_asked(rules.survey, call.id, call.identity, at):
        return None
    return state.configuration.menus.get(rules.survey.menu)


def _ask(state: State, call: Call, menu: Menu, at: int) -> Iterator[Output]:
    """Out of the bridge, and without music: what he hears next is the question."""
    assert call.bridge is not None
    rule = state.queues[call.queue].survey if call.queue is not None else None
    assert rule is not None
    yield from recorder.talk_ends(call, at)
    call.over_at = at
    yield save(call)  # First: from now on he is done, whatever becomes of us.
    yield HoldLeg(call=call.id, channel=caller_leg(call.id), offer=call.bridge, music="")
    call.hearing = Hearing.NOTHING
    call.move(CallState.IN_MENU)
    customer, number = teller(call.identity)
    yield SurveyBegan(
        at=at,
        call=call.id,
        menu=rule.menu,
        queue=call.queue,
        agent=call.served_by,
        customer=customer,
        number=number,
        talked_ms=call.talked_ms,
        held_ms=call.held_ms,
    )
    yield wind_up(state, call, at)
    yield from walking.enter(state, call, menu, at)
