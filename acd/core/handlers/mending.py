"""After a fault of ours: brings what is kept in two places in line again, and says so; decides nothing anew.

A handler that fails has done a part of what it was to do, and what it had said by then is carried out. What is
left is as if commands and events had been lost on the way, and those we live with: deadlines end what hangs,
and a look at what Asterisk has finds the rest. What may not be is a state that contradicts itself: who stands in
which line and pool is put in order here, and if the rest is not whole, the fault goes up and the process ends.
"""

from collections.abc import Callable, Iterator, Mapping
from traceback import extract_tb

from acd.core.call import CallState
from acd.core.ids import CallId, OfferId
from acd.core.lines import Lines, Pools, Watch
from acd.core.matching import AUDIT_MS, Output
from acd.core.notices import Repaired
from acd.core.offer import OfferState
from acd.core.state import State
from acd.core.timers import (
    AuditDue,
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
from acd.core.whole import check


def mend(state: State, fault: Exception, during: str, at: int) -> Iterator[Output]:
    """Go on after this fault. Raises it, if the state is not whole."""
    state.lines, state.ringing, state.held = Lines(), Lines(), Lines()
    state.watch, state.pools, state.stands = Watch(), Pools(), {}
    for agent in state.agents.values():
        state.place(agent, at)
    for call in state.calls.values():
        state.line_up(call)
    _see_that_all_ends(state, at)
    # Whatever was being looked at has failed, and would again with the next input: the audit looks at it.
    for to_do in (
        state.agents_to_match,
        state.calls_to_match,
        state.queues_to_review,
        state.queues_to_relieve,
    ):
        to_do.clear()
    state.audit_wanted = False
    state.timers.set(AuditDue(), at + AUDIT_MS)
    try:
        check(state)
    except Exception as broken:
        raise broken from fault
    yield Repaired(at=at, call=None, problem=f"{during} failed: {where(fault)}")


def _see_that_all_ends(state: State, at: int) -> None:
    """Nothing may hang for ever because its deadline went with what failed."""
    limits = state.configuration.limits
    due = at + limits.release_ms
    for offer in state.offers.values():
        if offer.state in _ENDS_OFFER:
            state.timers.ensure(_ENDS_OFFER[offer.state](offer.id), due)
    for call in state.calls.values():
        if call.needs_us:
            state.timers.ensure(RenewDue(call.id), at)
        if call.state in _ENDS_CALL:
            state.timers.ensure(_ENDS_CALL[call.state](call.id), due)
        if call.callback is not None:
            state.timers.ensure(CallbackOver(call.id), due)
        for one in call.outsiders.values():
            if one.since is None:
                state.timers.ensure(OutsiderOverdue(call.id, one.number), due)
    for pair in state.joining:
        state.timers.ensure(JoinOverdue(pair), due)
    for agent in state.agents.values():
        if agent.wrap_up is not None:
            state.timers.ensure(WrapUpOver(agent.id), max(at, agent.wrap_up.until))
        if agent.resting_until > at:
            state.timers.ensure(RestOver(agent.id), agent.resting_until)


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


def where(fault: Exception) -> str:
    """What failed in which function; not with what words, for these may name a caller."""
    return f"{type(fault).__name__} in {extract_tb(fault.__traceback__)[-1].name}"
