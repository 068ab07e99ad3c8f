"""An external router is asked who is to have a call, and given up in time; never decides anything itself.

Whom it may choose from is reserved for the call while it thinks: nobody else is offered to them, so who was
first stays first, and no fit pair is ever left over. They are few, and the time is short. A router that is
dead must not cost every caller its deadline: when it has missed some in a row, nobody asks it for a while.
"""

from collections.abc import Iterator, Sequence

from acd.core.agent import Agent
from acd.core.call import Call, CallState
from acd.core.ids import QueueId
from acd.core.notices import RouteEnded, RouteRequested
from acd.core.route import RouteCandidate, RouteEnding
from acd.core.state import Health, State
from acd.core.timers import RouteDue

MOST_CANDIDATES = 20
MISSES_IN_A_ROW = 3
REST_MS = 10_000


def is_asked(state: State, call: Call, at: int) -> bool:
    """Whether a router, and not the queue's own strategy, is to choose an agent for this call now.

    Who served the caller last comes before any router.
    """
    assert call.queue is not None
    if not state.queues[call.queue].route_ms or call.routed or call.last_agent is not None:
        return False
    return health_of(state, call.queue).resting_until <= at


def health_of(state: State, queue: QueueId) -> Health:
    """How the router of this queue answers."""
    return state.routers.setdefault(queue, Health())


def ask(state: State, call: Call, agents: Sequence[Agent], at: int) -> Iterator[RouteRequested]:
    """Ask which of these is to have the call; until it is said, they are kept for it."""
    assert call.queue is not None and call.joined_at is not None
    due = at + state.queues[call.queue].route_ms
    call.route += 1
    call.candidates = tuple(agent.id for agent in agents)
    call.move(CallState.ROUTING)
    state.line_up(call)
    for agent in agents:
        agent.reserved_for = call.id
        state.place(agent, at)
    state.timers.set(RouteDue(call.id), due)
    yield RouteRequested(
        at=at,
        call=call.id,
        route=call.route,
        queue=call.queue,
        number=call.number,
        name=call.name,
        identity=call.identity,
        priority=call.priority,
        requires=call.requires,
        waited_ms=at - call.joined_at,
        attempts=call.attempts,
        answer_by=due,
        candidates=tuple(_facts(agent, call.queue, at) for agent in agents),
    )


def _facts(agent: Agent, queue: QueueId, at: int) -> RouteCandidate:
    shift_ms = max(1, at - agent.shift_since)
    return RouteCandidate(
        agent=agent.id,
        team=agent.profile.team,
        skills=dict(agent.profile.skills),
        level=agent.profile.membership(queue).level,
        idle_ms=at - agent.idle_since,
        calls=agent.calls,
        busy_share=round(agent.busy_ms / shift_ms, 3),
    )


def may_have(state: State, agent: Agent, call: Call, at: int) -> bool:
    """Whether this agent was reserved for this call and can still be offered it."""
    queues = [queue for queue in state.demand_of(call).queues if queue in agent.profile.queues]
    return bool(queues) and agent.reserved_for == call.id and state.could_be_rung(agent, at)


def take_back(state: State, call: Call, at: int) -> None:
    """The call is no longer the router's, if it was: it waits, and who was reserved is free."""
    if call.state is not CallState.ROUTING:
        return
    call.move(CallState.WAITING)
    state.timers.cancel(call.id, RouteDue)
    names, call.candidates = call.candidates, ()
    for name in names:
        agent = state.agents.get(name)
        if agent is not None and agent.reserved_for == call.id:
            agent.reserved_for = None
            state.place(agent, at)


def withdraw(state: State, call: Call, at: int) -> Iterator[RouteEnded]:
    """The call is no longer the router's, if it was; whoever thinks about it is told that he need not."""
    if call.state is CallState.ROUTING and call.candidates:
        yield ended(call, RouteEnding.WITHDRAWN, at)
    take_back(state, call, at)


def ended(call: Call, ending: RouteEnding, at: int, *, by: str = "") -> RouteEnded:
    """What to tell of a question that has been answered, or will not be."""
    assert call.queue is not None
    return RouteEnded(at=at, call=call.id, route=call.route, queue=call.queue, ending=ending, by=by)
