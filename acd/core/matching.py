"""Which waiting call is offered to which agent, after every input; knows nothing of how it is carried out.

Before an input, no fit pair of a waiting call and a routable agent is left over. So only the calls that
have just begun to wait and the agents who have just become routable need a look: a freed agent takes
the first call by the one global order over all his queues, a new call the first agent by its queue's
strategy. Both are the head of a sorted list, which holds only what can be reached; what is passed over
are pairs that spare each other.
"""

from collections.abc import Iterator
from heapq import merge
from typing import TypeAlias

from acd.core.agent import Agent, AgentState
from acd.core.call import Call, CallState, Hearing
from acd.core.commands import AnswerCall, Command, RingAgent, StartHoldMusic, StartRinging
from acd.core.ids import offer_to
from acd.core.notices import CallOffered, Notice
from acd.core.offer import Offer
from acd.core.state import State
from acd.core.timers import RingTimeout

Output: TypeAlias = Command | Notice


def match(state: State, at: int) -> Iterator[Output]:
    """Offer what can be offered; let those who go on waiting hear something."""
    calls = [state.calls[name] for name in state.calls_to_match]
    agents = [state.agents[name] for name in state.agents_to_match]
    for agent in sorted(agents, key=lambda agent: (agent.idle_since, agent.id)):
        # The phone that he shares may have begun to ring for another a moment ago.
        if agent.id in state.agents_to_match and (call := _first_call(state, agent, at)):
            yield from _offer(state, call, agent, at)
    state.agents_to_match.clear()
    state.calls_to_match.clear()
    for call in sorted(calls, key=lambda call: call.rank):
        if call.state is CallState.WAITING and (idle := _first_agent(state, call, at)) is not None:
            yield from _offer(state, call, idle, at)
        yield from _comfort(state, call)


def _first_call(state: State, agent: Agent, at: int) -> Call | None:
    for _, name in merge(*(queue.waiting() for queue in state.queues_of(agent))):
        call = state.calls[name]
        if not call.spares_agent(agent.id, at):
            return call
    return None


def _first_agent(state: State, call: Call, at: int) -> Agent | None:
    assert call.queue is not None
    for name in state.queues[call.queue].idle():
        if not call.spares_agent(name, at):
            return state.agents[name]
    return None


def _offer(state: State, call: Call, agent: Agent, at: int) -> Iterator[Output]:
    assert call.queue is not None and call.joined_at is not None
    rules = state.queues[call.queue].rules
    call.attempts += 1
    offer = Offer(
        id=offer_to(call.id, agent.id, at),
        call=call.id,
        agent=agent.id,
        queue=call.queue,
        offered_at=at,
    )
    state.offers[offer.id] = offer
    state.stop_waiting(call)
    call.move(CallState.OFFERED)
    call.offer = offer.id
    agent.move(AgentState.OFFERED)
    agent.offer = offer.id
    state.timers.set(RingTimeout(offer.id), at + rules.ring_timeout_ms)
    yield CallOffered(
        at=at,
        call=call.id,
        offer=offer.id,
        agent=agent.id,
        queue=call.queue,
        number=call.number,
        name=call.name,
        identity=call.identity,
        waited_ms=at - call.joined_at,
        attempt=call.attempts,
    )
    yield state.settle(agent, at)
    yield RingAgent(
        call=call.id,
        offer=offer.id,
        agent=agent.id,
        device=agent.profile.device,
        timeout_ms=rules.ring_timeout_ms,
        number=call.number,
        name=call.name,
    )


def _comfort(state: State, call: Call) -> Iterator[Output]:
    """A caller who waits hears music; one for whom a phone rings at once hears it ring, and pays nothing."""
    if call.state is CallState.WAITING and call.hearing is not Hearing.MUSIC:
        assert call.queue is not None
        if not call.answered:
            call.answered = True
            yield AnswerCall(call=call.id)
        call.hearing = Hearing.MUSIC
        yield StartHoldMusic(call=call.id, music=state.queues[call.queue].rules.hold_music)
    elif call.state is CallState.OFFERED and call.hearing not in (Hearing.MUSIC, Hearing.RINGING):
        call.hearing = Hearing.RINGING
        yield StartRinging(call=call.id)
