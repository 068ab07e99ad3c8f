"""An agent calls somebody: his own phone rings first, and the number is dialled when he has picked up.

From the moment that they hear each other it is a call like any other. Until then it has no caller who could be left
alone, so whatever fails ends it, and the agent is what he was, or has chosen to be meanwhile.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from acd.core.agent import RESTING, Agent
from acd.core.call import SETTING_UP, Call, CallState
from acd.core.configuration import QueueRules
from acd.core.events import Entry
from acd.core.handlers import outsiders
from acd.core.handlers.answers import Refusal, accept
from acd.core.handlers.arrivals import admit
from acd.core.handlers.dialling import NO_ANSWER, STOPPED_MEANWHILE
from acd.core.handlers.offers import withdraw
from acd.core.ids import AgentId, CallId, CustomerId, QueueId, caller_leg, dialled_call
from acd.core.matching import Output, reserve, ring
from acd.core.notices import CallPlaced, Reason, Supervised
from acd.core.offer import OfferOutcome
from acd.core.outbound import ALLOWED, STOPPED, Allowed, CallsOutRestored, Number
from acd.core.requests import MakeCall, SwitchOutbound
from acd.core.state import State
from acd.core.timers import CapLapses, DialOverdue
from acd.core.ways_out import may_dial, may_dial_nobody
from acd.core.wishes import NO_WISHES

_MAKE_CALL = "make-call"


def make_call(state: State, request: MakeCall) -> Iterator[Output]:
    """The agent's phone rings, if he is free and some route allows the number."""
    agent = state.agents.get(request.agent)
    queue = request.queue or state.configuration.outbound.queue
    reason = _not_free(state, agent)
    if reason is None and request.queue is not None and queue not in state.queues:
        reason = Reason.UNKNOWN_QUEUE
    way = may_dial(state, request.agent, request.number, request.at) if reason is None else reason
    if not isinstance(way, Allowed):
        raise Refusal(way)
    assert agent is not None
    yield accept(request)
    if request.by_another:
        name = next_call(agent, request.at)
        yield _noted(request, agent.id, _MAKE_CALL, "", name)
    yield from place_call(
        state,
        agent,
        number=request.number,
        queue=queue,
        way=way,
        customer=request.customer,
        data=request.data,
        at=request.at,
    )


def next_call(agent: Agent, at: int) -> CallId:
    """The name of the call that he begins now: another than that of the one before, however soon he tries again."""
    return dialled_call(agent.profile.node, agent.id, agent.next_ring(at))


def place_call(
    state: State,
    agent: Agent,
    *,
    number: Number,
    queue: QueueId,
    way: Allowed,
    customer: CustomerId | None,
    data: Mapping[str, str],
    at: int,
) -> Iterator[Output]:
    """Ring the agent, who is free, so that he calls this number."""
    call = Call(
        id=next_call(agent, at),
        number=number.digits,
        name="",
        dialled=number.digits,
        entry=Entry.QUEUE,
        target=queue,
        arrived_at=at,
        state=CallState.PLACED,
        queue=queue,
        joined_at=at,
        served_by=agent.id,
        customer=customer,
        way=way,
    )
    rules = state.queues.get(queue) or QueueRules(id=queue, name=queue)
    state.usage.begin(caller_leg(call.id), agent.id, at)
    yield from admit(state, call, NO_WISHES, at)
    call.data = data
    made = reserve(state, call, agent, rules, at, placed=True)
    call.offers[agent.id] = made.id
    yield CallPlaced(
        at=at,
        call=call.id,
        offer=made.id,
        agent=agent.id,
        queue=queue,
        route=way.route.name,
        customer=customer,
        data=data,
    )
    yield state.settle(agent, at)
    yield ring(call, agent, made, rules)


def _not_free(state: State, agent: Agent | None) -> Reason | None:
    """Why this agent cannot begin a call now; on a break he can."""
    if agent is None:
        return Reason.UNKNOWN_AGENT
    if not agent.logged_in:
        return Reason.NOT_LOGGED_IN
    idle = agent.state in RESTING and agent.offer is None and agent.reserved_for is None
    return None if idle and state.can_ring(agent) else Reason.AGENT_NOT_FREE


def calls_out_restored(state: State, event: CallsOutRestored) -> Iterator[Output]:
    """What was called before our restart counts on."""
    for at, agent in event.begun:
        state.usage.restore(agent, at)
    yield from ()


def dial_overdue(state: State, deadline: DialOverdue, at: int) -> Iterator[Output]:
    """Whoever is called has not picked up in time."""
    call = state.calls.get(deadline.call)
    if call is not None and call.state is CallState.DIALLING and not call.answered:
        yield from give_up(state, call, NO_ANSWER, at)


def give_up(state: State, call: Call, result: str, at: int) -> Iterator[Output]:
    """End a call that is being set up, and tell why."""
    assert call.state in SETTING_UP
    call.result = result
    for offer in [state.offers[name] for name in call.offers.values()]:
        yield from withdraw(state, offer, OfferOutcome.WITHDRAWN, at)


def switch_outbound(state: State, request: SwitchOutbound) -> Iterator[Output]:
    """Nobody calls out any more, or everybody may again. What is talked of already goes on."""
    stopped = request.stopped
    state.configuration = replace(state.configuration, outbound_stopped=stopped)
    state.usage.changed = dict.fromkeys(state.agents)
    yield accept(request)
    yield _noted(request, None, STOPPED if stopped else ALLOWED, request.reason)
    for call in list(state.calls.values()) if stopped else ():
        if call.state in SETTING_UP and call.way is not None and not call.way.emergency:
            yield from give_up(state, call, STOPPED_MEANWHILE, request.at)
    if stopped:
        yield from outsiders.stop_dialling(state, request.at)


def review(state: State, at: int) -> Iterator[Output]:
    """Tell of those who can call nobody from now on, and of those who can again."""
    agents = [state.agents[name] for name in state.usage.changed if name in state.agents]
    state.usage.changed.clear()
    for agent in agents:
        before, agent.barred = agent.barred, may_dial_nobody(state, agent.id, at)
        state.timers.cancel(agent.id, CapLapses)
        if agent.barred and (lapses_at := state.usage.lapses_at(agent.id)) is not None:
            state.timers.set(CapLapses(agent.id), lapses_at)
        if agent.barred is not before and agent.logged_in:
            yield state.settle(agent, at)


def cap_lapses(state: State, deadline: CapLapses, at: int) -> Iterator[Output]:
    """It is looked at again whether he may call."""
    state.usage.changed[deadline.agent] = None
    yield from ()


def _noted(
    request: MakeCall | SwitchOutbound,
    agent: AgentId | None,
    action: str,
    reason: str,
    detail: str = "",
) -> Supervised:
    return Supervised(
        at=request.at, by=request.by, agent=agent, action=action, reason=reason, detail=detail
    )
