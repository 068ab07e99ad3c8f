"""A supervisor asks to hear a call, to be heard in it, to have it, or to hear all calls of one agent.

He is an agent of the centre too, so that he has a phone that nobody needs to name, and can have the call himself. He
must be on shift, and free; that he listens is no work on the call, and costs him nothing if he does not pick up.
"""

from collections.abc import Iterator

from acd.core.agent import RESTING, Agent, AgentState
from acd.core.call import Call, CallState
from acd.core.handlers.answers import Refusal, accept
from acd.core.handlers.offers import supervisor_has_it
from acd.core.handlers.overhearing import begin, change, let_go, noted
from acd.core.ids import AgentId
from acd.core.matching import Output
from acd.core.notices import Reason
from acd.core.offer import OfferOutcome, OfferState
from acd.core.requests import InCall
from acd.core.state import State
from acd.core.supervision import (
    FOLLOW,
    STOP_FOLLOWING,
    FollowAgent,
    Following,
    FollowingChanged,
    Mode,
    StopFollowing,
    StopSupervising,
    SuperviseCall,
    Supervision,
    TakeOverCall,
    take_over_refusal,
)


def supervise_call(state: State, request: SuperviseCall) -> Iterator[Output]:
    """His phone rings; or, if he is in the call, others hear him from now on, or do not."""
    call = state.calls.get(request.call)
    one = call.supervisors.get(request.agent) if call is not None else None
    reason = None if one is not None else _refusal(state, call, request.agent)
    if reason is not None:
        raise Refusal(reason)
    assert call is not None
    yield accept(request)
    if one is None:
        agent = state.agents[request.agent]
        yield from begin(state, call, agent, request.mode, request.by, request.at)
    else:
        yield from _change(state, call, one, request.mode, request.by, request.at)


def stop_supervising(state: State, request: StopSupervising) -> Iterator[Output]:
    """He leaves; nobody else is moved."""
    _, one = _supervision(state, request)
    yield accept(request)
    yield from let_go(state, one, OfferOutcome.WITHDRAWN, request.at)


def take_over_call(state: State, request: TakeOverCall) -> Iterator[Output]:
    """He comes into the conversation, and when he is there, and not before, the agent is let go."""
    call, one = _supervision(state, request)
    reason = take_over_refusal(one.since is not None, call.consulted is not None)
    if reason is not None:
        raise Refusal(reason)
    yield accept(request)
    yield from _change(state, call, one, Mode.BARGE, request.by, request.at)
    one.takes_over = True
    yield from supervisor_has_it(state, call, one, request.at)


def follow_agent(state: State, request: FollowAgent) -> Iterator[Output]:
    """The call that this agent has, and every one that he will have, rings the supervisor's phone."""
    agent = state.agents.get(request.agent)
    if agent is None or request.of not in state.agents:
        raise Refusal(Reason.UNKNOWN_AGENT)
    if not agent.logged_in:
        raise Refusal(Reason.NOT_LOGGED_IN)
    if request.agent == request.of:
        raise Refusal(Reason.OWN_CALL)
    yield accept(request)
    following = Following(of=request.of, by=request.by, mode=request.mode)
    state.followings[request.agent] = following
    yield noted(request.by, request.of, FOLLOW, request.mode, request.at)
    yield _follows(request.agent, following, request.of, request.at)
    yield state.settle(agent, request.at)
    for call in _calls_heard(state, request.agent, request.of):
        one = call.supervisors[request.agent]
        yield from _change(state, call, one, request.mode, request.by, request.at)


def stop_following(state: State, request: StopFollowing) -> Iterator[Output]:
    """No call of this agent rings the supervisor's phone any more, and he leaves the one that he hears."""
    following = state.followings.get(request.agent)
    if following is None or following.of != request.of:
        raise Refusal(Reason.NOT_SUPERVISING)
    yield accept(request)
    yield from _forget(state, request.agent, following, request.by, request.at)
    for call in _calls_heard(state, request.agent, request.of):
        one = call.supervisors[request.agent]
        yield from let_go(state, one, OfferOutcome.WITHDRAWN, request.at)


def follow_on(state: State, at: int) -> Iterator[Output]:
    """Ring whoever follows an agent that has a call by now; if his phone is in use, as soon as it is not."""
    for name, following in list(state.followings.items()):
        agent, other = state.agents.get(name), state.agents.get(following.of)
        if agent is None or other is None or agent.state_to_come is AgentState.LOGGED_OUT:
            yield from _forget(state, name, following, following.by, at)
            continue
        call = _call_of(state, other)
        if call is None or call.picked_up == following.rung_for:
            continue
        if name not in call.supervisors:
            if _refusal(state, call, name) is not None:
                continue
            yield from begin(state, call, agent, following.mode, following.by, at)
        following.rung_for = call.picked_up


def _forget(
    state: State, agent: AgentId, following: Following, by: str, at: int
) -> Iterator[Output]:
    del state.followings[agent]
    yield noted(by, following.of, STOP_FOLLOWING, "", at)
    yield _follows(agent, following, None, at)
    if agent in state.agents:
        yield state.settle(state.agents[agent], at)


def _change(
    state: State, call: Call, one: Supervision, mode: Mode, by: str, at: int
) -> Iterator[Output]:
    if one.mode is not mode:
        yield noted(by, one.of, mode, call.id, at)
    one.by = by
    yield from change(state, call, one, mode, at)


def _refusal(state: State, call: Call | None, supervisor: AgentId) -> Reason | None:
    """Why his phone cannot be rung for this call now."""
    agent = state.agents.get(supervisor)
    if call is None:
        return Reason.UNKNOWN_CALL
    if agent is None:
        return Reason.UNKNOWN_AGENT
    if call.state is not CallState.TALKING:
        return Reason.NOT_TALKING
    if call.served_by == supervisor:
        return Reason.OWN_CALL
    if not agent.logged_in:
        return Reason.NOT_LOGGED_IN
    idle = agent.state in RESTING and agent.offer is None and agent.reserved_for is None
    there = agent.profile.node == call.node and state.can_ring(agent)
    return None if idle and there else Reason.AGENT_NOT_FREE


def _supervision(state: State, request: InCall) -> tuple[Call, Supervision]:
    call = state.calls.get(request.call)
    if call is None:
        raise Refusal(Reason.UNKNOWN_CALL)
    one = call.supervisors.get(request.agent)
    if one is None:
        raise Refusal(Reason.NOT_SUPERVISING)
    return call, one


def _call_of(state: State, agent: Agent) -> Call | None:
    """The call that this agent has."""
    offer = state.offers[agent.offer] if agent.offer is not None else None
    if offer is None or offer.aside or offer.state is not OfferState.CONNECTED:
        return None
    return state.calls[offer.call]


def _calls_heard(state: State, supervisor: AgentId, of: AgentId) -> list[Call]:
    """The call of that agent which he hears, if he does."""
    agent = state.agents.get(supervisor)
    offer = state.offers.get(agent.offer) if agent is not None and agent.offer else None
    call = state.calls.get(offer.call) if offer is not None else None
    one = call.supervisors.get(supervisor) if call is not None else None
    return [call] if call is not None and one is not None and one.of == of else []


def _follows(agent: AgentId, following: Following, of: AgentId | None, at: int) -> FollowingChanged:
    return FollowingChanged(at=at, agent=agent, follows=of, mode=following.mode, by=following.by)
