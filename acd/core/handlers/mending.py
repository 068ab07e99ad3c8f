"""After a fault of ours: brings what is kept in two places in line again, and says so; decides nothing anew.

A handler that fails has done a part of what it was to do, and what it had said by then is carried out. What is
left is as if commands and events had been lost on the way, and those we live with: deadlines end what hangs,
and a look at what Asterisk has finds the rest. What may not be is a state that contradicts itself: who stands in
which line and pool is put in order here, and if the rest is not whole, the fault goes up and the process ends.
"""

from collections.abc import Iterator
from traceback import extract_tb

from acd.core.handlers.audit import AUDIT_MS
from acd.core.handlers.lasting import give_deadlines
from acd.core.lines import Lines, Pools, Watch
from acd.core.matching import Output
from acd.core.notices import Repaired
from acd.core.state import State
from acd.core.timers import AuditDue
from acd.core.whole import check


def mend(state: State, fault: Exception, during: str, at: int) -> Iterator[Output]:
    """Go on after this fault. Raises it, if the state is not whole."""
    state.lines, state.ringing, state.held = Lines(), Lines(), Lines()
    state.watch, state.pools, state.stands = Watch(), Pools(), {}
    for agent in state.agents.values():
        state.place(agent, at)
    for call in state.calls.values():
        state.line_up(call)
    list(give_deadlines(state, at))  # Some may have gone with what failed, which is told.
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


def where(fault: Exception) -> str:
    """What failed in which function; not with what words, for these may name a caller."""
    return f"{type(fault).__name__} in {extract_tb(fault.__traceback__)[-1].name}"
