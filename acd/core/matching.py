"""Which waiting call is offered to which agent, after every input; knows nothing of how it is carried out.

Before an input, no fit pair of a waiting call and a routable agent is left over. So only the calls that
have just begun to wait and the agents who have just become routable need a look: calls come first by
the one global order over all queues, and each goes to the first agent by its queue's strategy. Both are
the head of a sorted list, which holds only what can be reached; what is passed over are pairs that spare
each other.
"""

from collections.abc import Iterator
from dataclasses import replace
from heapq import heappop, heappush, merge
from typing import TypeAlias

from acd.core import owing, router
from acd.core.agent import Agent, AgentState
from acd.core.call import Call, CallState, Hearing
from acd.core.commands import (
    AnswerCall,
    Command,
    RingAgent,
    StartHoldMusic,
    StartRinging,
    StopPrompts,
)
from acd.core.configuration import QueueRules
from acd.core.demand import Demand
from acd.core.ids import AgentId, QueueId, offer_to
from acd.core.lines import Rank
from acd.core.notices import CallOffered, Notice
from acd.core.offer import Offer
from acd.core.state import State
from acd.core.strategies import Key
from acd.core.timers import AnnouncementOverdue, RingTimeout

Output: TypeAlias = Command | Notice

_MUSICAL = (Hearing.MUSIC, Hearing.ANNOUNCEMENT)


def match(state: State, at: int) -> Iterator[Output]:
    """Offer what can be offered; let those who go on waiting hear something."""
    calls = sorted([_order(state, state.calls[name], at) for name in state.calls_to_match])
    yield from _take_turns(state, calls, at)
    for *_, name in calls:
        state.calls[name].routed = False
        yield from _comfort(state, state.calls[name])


def _take_turns(state: State, new: list[Rank], at: int) -> Iterator[Output]:
    """Whoever is first of all who can be served is served, by him whose turn it is; then the next.

    A turn is the order of a call, and the freed agent whose first call it is, if it is for his sake.
    """
    turns: list[tuple[Rank, str]] = [(order, "") for order in new]  # In order: a heap already.
    for agent in state.agents_to_match:
        _line_up(state, turns, agent, at)
    while turns:
        (*_, name), freed = heappop(turns)
        if freed and freed not in state.agents_to_match:
            continue  # He has a call, or the phone that he shares rings for another.
        call = state.calls[name]
        if state.wants_phones(call):
            idle = first_agent(state, call, at)
            assert idle is not None or not freed, "he can take it, and nobody can"
            if idle is not None:
                yield from _decide(state, call, idle, at)
                if state.wants_phones(call):  # One more.
                    heappush(turns, (_order(state, call, at), ""))
        if freed in state.agents_to_match:
            _line_up(state, turns, AgentId(freed), at)
    state.agents_to_match.clear()
    state.calls_to_match.clear()


def _line_up(state: State, turns: list[tuple[Rank, str]], agent: AgentId, at: int) -> None:
    call = first_call(state, state.agents[agent], at)
    if call is not None:
        heappush(turns, (_order(state, call, at), agent))


def first_call(state: State, agent: Agent, at: int) -> Call | None:
    """The call that this idle agent is to take: the first in the one global order of those he fits."""
    best: tuple[Rank, Call] | None = None
    for lines in (state.lines, state.ringing):
        if not lines.anybody():
            continue
        for queue in state.queues_of(agent):
            demands = lines.of(queue)
            if not demands:
                continue
            ability = state.abilities.of(agent.profile, queue)
            for demand, line in demands.items():
                if demand.only not in (None, agent.id) or not state.fitness.fits(demand, ability):
                    continue
                for rank in line:
                    call = state.calls[rank[2]]
                    if call.spares_agent(agent.id, at):
                        continue
                    order = state.order_of(demand.queue, rank, at)
                    if best is None or order < best[0]:
                        best = (order, call)
                    break
    return best[1] if best is not None else None


def first_agent(state: State, call: Call, at: int) -> Agent | None:
    """The idle agent who is to take this call: the first who fits by strategy, those of its own queue before others."""
    demand = state.demand_of(call)
    if demand.only is not None:
        idle = state.pools.key_of(demand.only, demand.queue) is not None
        return state.agents[demand.only] if idle else None
    for queue in demand.queues:
        agent = _first_in(state, call, demand, queue, at)
        if agent is not None:
            return agent
    return None


def anybody_idle(state: State, call: Call, queue: QueueId, at: int) -> Agent | None:
    """Whose turn it would be in this queue to be asked about this call; None if nobody is idle who could."""
    asked = replace(call, queue=queue)
    return _first_in(state, asked, state.demand_of(asked, ring=-1), queue, at)


def _first_in(state: State, call: Call, demand: Demand, queue: QueueId, at: int) -> Agent | None:
    best: Key | None = None
    pools = state.pools.of(queue)
    for first in state.pools.by_first(queue):
        if best is not None and best < first:
            break
        ability = first[4]
        if not state.fitness.fits(demand, ability):
            continue
        for key in pools[ability]:
            if call.spares_agent(key[3], at):
                continue
            if best is None or key < best:
                best = key
            break
    return state.agents[best[3]] if best is not None else None


def _order(state: State, call: Call, at: int) -> Rank:
    assert call.queue is not None
    return state.order_of(call.queue, state.rank_of(call), at)


def _decide(state: State, call: Call, agent: Agent, at: int) -> Iterator[Output]:
    """The queue's own strategy means this agent; whether it is he, a router may have to say."""
    if call.absent:
        yield from owing.put_off(state, call, agent, at)
        if call.state is CallState.PAUSED or call.spares_agent(agent.id, at):
            return
    if router.is_asked(state, call, at):
        yield from router.ask(state, call, _candidates(state, call, agent, at), at)
    else:
        yield from offer(state, call, agent, at)


def _candidates(state: State, call: Call, first: Agent, at: int) -> list[Agent]:
    """Those of its queue who are idle and fit, in the order of its strategy; if there are none, `first`.

    It is this call's turn: none before it in the one order can be waiting for any of them.
    """
    demand = state.demand_of(call)
    pools = [
        pool
        for ability, pool in state.pools.of(demand.queue).items()
        if state.fitness.fits(demand, ability)
    ]
    found: list[Agent] = []
    for *_, name in merge(*pools):
        if not call.spares_agent(name, at):
            found.append(state.agents[name])
        if len(found) == router.MOST_CANDIDATES:
            break
    return found or [first]  # None of its own queue: he is one whom overflow asks too.


def offer(state: State, call: Call, agent: Agent, at: int) -> Iterator[Output]:
    """Ring this agent, who is free, for this call, which is in a queue."""
    assert call.queue is not None and call.joined_at is not None
    rules = state.queues[call.queue]
    call.attempts += 1
    made = reserve(state, call, agent, rules, at)
    call.offers[agent.id] = made.id
    if call.state is CallState.WAITING:
        call.move(CallState.OFFERED)
    state.line_up(call)
    yield CallOffered(
        at=at,
        call=call.id,
        offer=made.id,
        agent=agent.id,
        queue=call.queue,
        number=call.number,
        name=call.name,
        identity=call.identity,
        waited_ms=at - call.joined_at,
        attempt=call.attempts,
    )
    yield state.settle(agent, at)
    yield ring(call, agent, made, rules)
    if call.hearing is Hearing.ANNOUNCEMENT:  # What it says of his place is not true any more.
        yield stop_announcement(state, call)
        yield from start_music(state, call)


def reserve(
    state: State,
    call: Call,
    agent: Agent,
    rules: QueueRules,
    at: int,
    *,
    beside: bool = False,
    placed: bool = False,
    supervises: bool = False,
) -> Offer:
    """The agent is rung from now on and free for nothing else.

    `beside`: to be asked by who has the call; `placed`: so that he calls somebody; `supervises`: to hear it.
    """
    agent.last_rung = agent.next_ring(at)
    made = Offer(
        id=offer_to(call.id, agent.id, agent.last_rung),
        call=call.id,
        agent=agent.id,
        queue=rules.id,
        offered_at=at,
        beside=beside,
        placed=placed,
        supervises=supervises,
    )
    state.offers[made.id] = made
    busy = AgentState.SUPERVISING if supervises else AgentState.OFFERED
    agent.move(AgentState.DIALLING if placed else busy)
    agent.offer = made.id
    state.timers.set(RingTimeout(made.id), at + rules.ring_timeout_ms)
    return made


def ring(call: Call, agent: Agent, made: Offer, rules: QueueRules) -> RingAgent:
    """The command for it, after those who have to know first have been told."""
    return RingAgent(
        call=call.id,
        offer=made.id,
        agent=agent.id,
        device=agent.profile.device,
        timeout_ms=rules.ring_timeout_ms,
        number=call.number,
        name=call.name,
        auto_answer=agent.profile.auto_answer,
        first=made.placed or call.absent,
    )


def stop_announcement(state: State, call: Call) -> StopPrompts:
    """What this caller is told over the music is over; the music is to be started again, unless he leaves."""
    state.timers.cancel(call.id, AnnouncementOverdue)
    stop = StopPrompts(call=call.id, playback=call.playback)
    call.playback += 1  # Its end, when told, is no longer the end of anything.
    call.hearing = Hearing.UNKNOWN
    return stop


def start_music(state: State, call: Call) -> Iterator[Output]:
    """Let a caller who waits hear the music of his queue; if it was taken away, he is about to leave."""
    rules = state.queues.get(call.queue) if call.queue is not None else None
    if rules is not None:
        call.hearing = Hearing.MUSIC
        yield StartHoldMusic(call=call.id, music=rules.hold_music)


def _comfort(state: State, call: Call) -> Iterator[Output]:
    """Who waits on the line hears music; one for whom a phone rings at once hears it ring, and pays nothing."""
    if call.absent:
        return
    held = call.state is CallState.ROUTING and not call.candidates
    if (held or call.state is CallState.WAITING) and call.hearing not in _MUSICAL:
        if not call.answered:
            call.answered = True
            yield AnswerCall(call=call.id)
        yield from start_music(state, call)
    elif (
        call.state in (CallState.OFFERED, CallState.ROUTING)
        and call.hearing not in _MUSICAL
        and call.hearing is not Hearing.RINGING
    ):
        call.hearing = Hearing.RINGING
        yield StartRinging(call=call.id)
