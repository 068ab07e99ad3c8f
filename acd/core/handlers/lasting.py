"""Sees that nothing lasts for ever: whoever rings, or works after a call, has a deadline; it is a fault of ours if not.

A deadline that is missing is set, so what hangs comes to its end by the rules; an agent who is engaged in nothing is
free. It is a walk over all agents and calls: made when an Asterisk is looked over anyway, and after a fault.
"""

from collections.abc import Callable, Iterator, Mapping

from acd.core.agent import ENGAGED, Agent, AgentState
from acd.core.call import Call, CallState
from acd.core.handlers.freeing import become_free
from acd.core.ids import CallId, OfferId
from acd.core.matching import Output
from acd.core.notices import Repaired
from acd.core.offer import Offer, OfferState
from acd.core.state import State
from acd.core.timers import (
    CallbackDue,
    CallbackOver,
    ConnectOverdue,
    Deadline,
    DialOverdue,
    IdentifyOverdue,
    JoinOverdue,
    LeaveOverdue,
    MenuOverdue,
    OutsiderOverdue,
    ReleaseOverdue,
    RenewDue,
    RestOver,
    RingTimeout,
    RouteDue,
    WhisperOver,
    WrapUpOver,
)


def see_that_all_ends(state: State, at: int) -> Iterator[Output]:
    """Mend what would hang for ever, and say so."""
    for call, what in give_deadlines(state, at):
        yield Repaired(at=at, call=call, problem=f"{what} was due at no time")
    for agent in list(state.agents.values()):  # Whoever is to leave does, once he is free.
        if _hangs(state, agent):
            yield Repaired(at=at, call=None, problem=f"{agent.id} was {agent.state}, with nothing")
            agent.offer = None
            yield become_free(state, agent, at)


def _hangs(state: State, agent: Agent) -> bool:
    """Whether he has nothing of what he is said to be engaged in."""
    if agent.state is AgentState.WRAP_UP:
        return agent.wrap_up is None
    return agent.state in ENGAGED and agent.offer not in state.offers


def give_deadlines(state: State, at: int) -> Iterator[tuple[CallId | None, str]]:
    """Set each deadline that is missing, and name what it is, and of which call."""
    for call, deadline, due in _owed(state, at):
        if state.timers.ensure(deadline, due):
            yield call, type(deadline).__name__


def _owed(state: State, at: int) -> Iterator[tuple[CallId | None, Deadline, int]]:
    due = at + state.configuration.limits.release_ms
    for offer in state.offers.values():
        if offer.state in _ENDS_OFFER and not _is_dialling(state.calls.get(offer.call), offer):
            yield offer.call, _ENDS_OFFER[offer.state](offer.id), due
    for call in state.calls.values():
        for deadline in _of_call(call):
            yield call.id, deadline, due
    for pair in state.joining:
        yield None, JoinOverdue(pair), due
    for agent in state.agents.values():
        if agent.wrap_up is not None:
            yield None, WrapUpOver(agent.id), max(at, agent.wrap_up.until)
        if agent.resting_until > at:
            yield None, RestOver(agent.id), agent.resting_until


def _is_dialling(call: Call | None, offer: Offer) -> bool:
    """Whether an agent waits for somebody whom he calls to pick up: he does so by the deadline of that."""
    waits = call is not None and call.state is CallState.DIALLING and not call.answered
    return waits and offer.state is OfferState.ANSWERED


def _of_call(call: Call) -> Iterator[Deadline]:
    if call.needs_us:
        yield RenewDue(call.id)
    if call.state in _ENDS_CALL and not (call.state is CallState.DIALLING and call.answered):
        yield _ENDS_CALL[call.state](call.id)
    if call.callback is not None:
        yield CallbackOver(call.id)
    for one in call.outsiders.values():
        if one.since is None:
            yield OutsiderOverdue(call.id, one.number)


_ENDS_OFFER: Mapping[OfferState, Callable[[OfferId], Deadline]] = {
    OfferState.RINGING: RingTimeout,
    OfferState.WHISPERING: WhisperOver,
    OfferState.ANSWERED: ConnectOverdue,
    OfferState.WITHDRAWN: ReleaseOverdue,
}
_ENDS_CALL: Mapping[CallState, Callable[[CallId], Deadline]] = {
    CallState.ARRIVED: IdentifyOverdue,
    CallState.IN_MENU: MenuOverdue,
    CallState.ROUTING: RouteDue,
    CallState.PAUSED: CallbackDue,
    CallState.DIALLING: DialOverdue,
    CallState.LEAVING: LeaveOverdue,
}
