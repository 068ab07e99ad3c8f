"""The search for an agent widens: first who served the caller last, then ring after ring; rings nobody.

Within a ring it widens to the agents who take only callers who have waited for a while.

A ring for which nobody is on shift is skipped at once, when the search begins and whenever somebody
goes off shift. On the last ring the search stays.
"""

from bisect import bisect_right
from collections.abc import Iterator

from acd.core.agent import AgentState
from acd.core.call import Call
from acd.core.configuration import WhenUnstaffed
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.matching import Output
from acd.core.state import State
from acd.core.timers import DelayOver, LastAgentOver, WidenDue


def begin(state: State, call: Call, at: int) -> None:
    """The search begins anew, for a call that has just come to its queue."""
    assert call.queue is not None
    rules = state.queues[call.queue]
    _enter_ring(state, call, _staffed_ring(state, call, 0), at)
    count_wait(state, call, at)
    call.last_agent = _last_agent(state, call, at) if rules.last_agent_ms else None
    if call.last_agent is not None:
        state.timers.set(LastAgentOver(call.id), at + rules.last_agent_ms)


def delay_over(state: State, deadline: DelayOver, at: int) -> Iterator[Output]:
    """He has waited long enough for some more agents."""
    look_again(state, state.calls[deadline.call], at)
    yield from ()


def look_again(state: State, call: Call, at: int) -> None:
    """The agents may be others, or he has waited longer: the search goes on where it was."""
    count_wait(state, call, at)
    state.wait(call)


def count_wait(state: State, call: Call, at: int) -> None:
    """For which agents he has waited long enough, and when for the next."""
    assert call.queue is not None and call.joined_at is not None
    delays = state.delays_for(call)
    passed = bisect_right(delays, at - call.joined_at)
    call.waited_for_ms = delays[passed - 1] if passed else 0
    if passed < len(delays):
        state.timers.set(DelayOver(call.id), call.joined_at + delays[passed])
    else:
        state.timers.cancel(call.id, DelayOver)


def widen_due(state: State, deadline: WidenDue, at: int) -> Iterator[Output]:
    """Nobody of this ring has taken the call in its time."""
    call = state.calls[deadline.call]
    _enter_ring(state, call, _staffed_ring(state, call, call.ring + 1), at)
    if call.last_agent is not None and not _may_take(state, call, call.last_agent):
        forget_last_agent(state, call)
    state.wait(call)
    yield from ()


def last_agent_over(state: State, deadline: LastAgentOver, at: int) -> Iterator[Output]:
    """He has not become free in time: now everybody."""
    forget_last_agent(state, state.calls[deadline.call])
    yield from ()


def forget_last_agent(state: State, call: Call) -> None:
    """This call, which is in a queue, is not kept for anybody any more."""
    call.last_agent = None
    state.timers.cancel(call.id, LastAgentOver)
    state.wait(call)


def anybody_staffed(state: State, call: Call) -> bool:
    """Whether in any ring somebody is on shift who could take this call."""
    assert call.queue is not None
    rings = len(state.queues[call.queue].rings) or 1
    return any(state.staffed(state.demand_of(call, ring)) for ring in range(rings))


def review(state: State, queue: QueueId, at: int) -> list[CallId]:
    """Move on those who wait for somebody who has gone; returns the calls for which nobody is left at all."""
    leaving: list[CallId] = []
    for demand, line in list(state.lines.of(queue).items()):
        if demand.only is None and state.staffed(demand):
            continue
        calls = [state.calls[name] for *_, name in line]  # They all ask the same.
        if demand.only is not None and _may_take(state, calls[0], demand.only):
            continue
        for call in calls:
            if demand.only is not None:
                forget_last_agent(state, call)
            ring = _staffed_ring(state, call, call.ring)
            if leaves(state, call):
                leaving.append(call.id)
            elif ring != call.ring:
                _enter_ring(state, call, ring, at)
                state.wait(call)
    return leaving


def leaves(state: State, call: Call) -> bool:
    """Whether nobody waits in this call's queue where nobody is on shift for him, and nobody is."""
    assert call.queue is not None
    leave = state.queues[call.queue].when_unstaffed is WhenUnstaffed.LEAVE and not call.absent
    return leave and not anybody_staffed(state, call)


def _enter_ring(state: State, call: Call, ring: int, at: int) -> None:
    assert call.queue is not None
    call.ring = ring
    rings = state.queues[call.queue].rings
    if ring + 1 < len(rings) and rings[ring].for_ms:
        state.timers.set(WidenDue(call.id), at + rings[ring].for_ms)
    else:
        state.timers.cancel(call.id, WidenDue)


def _staffed_ring(state: State, call: Call, first: int) -> int:
    """The first ring from here on for which somebody is on shift; the last one if there is none."""
    assert call.queue is not None
    rings = state.queues[call.queue].rings
    for ring in range(first, len(rings)):
        if state.staffed(state.demand_of(call, ring)):
            return ring
    return max(0, len(rings) - 1)


def _last_agent(state: State, call: Call, at: int) -> AgentId | None:
    """Who served this caller last within the window, if he can take the call and may be free soon."""
    served = (contact.agent for contact in call.identity.repeated if contact.agent is not None)
    # Only the last one counts; who came before him is a stranger again.
    last = next(served, None)
    if last is None or call.spares_agent(last, at) or not _may_take(state, call, last):
        return None
    return last


def _may_take(state: State, call: Call, name: AgentId) -> bool:
    """Whether this agent of the call's own queue is, or may soon be, free, and fits its ring."""
    agent = state.agents.get(name)
    if agent is None or call.queue is None or call.queue not in agent.profile.queues:
        return False
    ability = state.abilities.of(agent.profile, call.queue)
    fits = state.fitness.fits(state.demand_of(call, call.ring), ability)
    return fits and agent.state_when_free is AgentState.READY
