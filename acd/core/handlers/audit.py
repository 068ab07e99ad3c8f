"""Looks, while anybody waits, whether what must never be is: a fit pair left over; mends it and says so.

It should find nothing, ever. But a caller who waits beside a free agent is the worst that an ACD can do,
and a fault of ours that leaves one behind must cost him seconds, not his patience.
"""

from collections.abc import Iterator

from acd.core.matching import Output, first_agent
from acd.core.notices import Repaired
from acd.core.state import State
from acd.core.timers import AuditDue

AUDIT_MS = 2_000


def expect(state: State, at: int) -> None:
    """While anybody waits, it is looked again and again."""
    if state.lines.anybody() or state.ringing.anybody():
        state.timers.ensure(AuditDue(), at + AUDIT_MS)


def audit_due(state: State, _deadline: AuditDue, _at: int) -> Iterator[Output]:
    """It is time to look: when this step is over, not before."""
    state.audit_wanted = True
    yield from ()


def audit(state: State, at: int) -> Iterator[Output]:
    """Look at the head of every line: if nobody is there for the first, nobody is for those behind."""
    state.audit_wanted = False
    for queue in state.queues:
        for line in (*state.lines.of(queue).values(), *state.ringing.of(queue).values()):
            call = state.calls[line[0][2]]
            agent = first_agent(state, call, at)
            if agent is not None:
                state.calls_to_match[call.id] = None
                yield Repaired(
                    at=at, call=call.id, problem=f"waited beside {agent.id}, who is free"
                )
