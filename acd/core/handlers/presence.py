"""Whether an agent can be reached: his phone, his client, and the calls of his phone that are none of ours.

A phone that cannot be rung is not rung, at once: that is a veto. One that stays away makes its agent not
ready, so that everybody sees it; and so does a client, where the agent needs one. Both are lifted by
themselves when what was lost is back. A phone's state that nobody can vouch for is unknown, and keeps
nobody: nothing here touches a call in hand.

A phone in use without a call of ours has one of its own. What we hear of calls and what we hear of phones
come by two roads, so it must stay so for a moment. One that was heard to ring is called, one that is in use
without having rung calls somebody. One that is busy has told neither: with `device_state_busy_at=1` Asterisk
calls a phone busy that only rings.
"""

from collections.abc import Iterator

from acd.core.agent import (
    DEVICE_IN_CALL,
    DEVICE_LOST,
    ENGAGED,
    Agent,
    AgentState,
    OwnCall,
    PauseCause,
)
from acd.core.events import ClientFound, ClientGone, DeviceChanged, DeviceState
from acd.core.ids import NodeId
from acd.core.matching import Output
from acd.core.notices import AgentStateChanged
from acd.core.state import State
from acd.core.timers import ClientLostDue, OwnCallDue, PhoneLostDue

_RINGING = (DeviceState.RINGING, DeviceState.RINGINUSE)


def device_changed(state: State, event: DeviceChanged) -> Iterator[Output]:
    """A phone's state: a veto on ringing it, never more at once. Whose it is may be configured later."""
    phone = (event.node, event.device)
    was = state.phones.get(phone, DeviceState.UNKNOWN)
    if state.phones.get(phone) is event.state:
        return
    state.phones[phone] = event.state
    if event.state not in DEVICE_IN_CALL:
        state.own_calls.pop(phone, None)
        state.timers.cancel(phone, OwnCallDue)
    elif was not in DEVICE_IN_CALL:
        state.own_calls[phone] = OwnCall(kind=_kind_of(was, event.state))
        _wait_for_own_call(state, phone, event.at)
    for name in state.agents_by_phone.get(phone, ()):
        agent = state.agents[name]
        look(state, agent, event.at)
        yield follow(state, agent, event.at)


def own_call_due(state: State, deadline: OwnCallDue, at: int) -> Iterator[Output]:
    """The phone is in use still, and by now we would know if it were by us."""
    phone = (deadline.node, deadline.device)
    agents = [state.agents[name] for name in state.agents_by_phone.get(phone, ())]
    if phone in state.own_calls and all(agent.offer is None for agent in agents):
        state.own_calls[phone].sure = True
        for agent in agents:
            look(state, agent, at)
            yield follow(state, agent, at)


def leg_gone(state: State, agent: Agent, at: int) -> None:
    """Our leg to this agent's phone is gone. If the phone stays in use, it is for a call of its own."""
    agent.outside = None
    phone = agent.profile.phone
    if phone in state.own_calls:
        # It may have come during ours, and whoever began it, its ringing was taken for ours.
        state.own_calls[phone] = OwnCall(kind=AgentState.BUSY_OTHER)
        _wait_for_own_call(state, phone, at)


def phone_lost_due(state: State, deadline: PhoneLostDue, at: int) -> Iterator[Output]:
    """The phone has stayed away."""
    agent = state.agents.get(deadline.agent)
    if agent is not None and agent.logged_in:
        device = state.phones.get(agent.profile.phone)
        if device in DEVICE_LOST:
            agent.causes[PauseCause.DEVICE_LOST] = device.value
        yield follow(state, agent, at)


def client_found(state: State, event: ClientFound) -> Iterator[Output]:
    """The agent has a client: the first, or one again."""
    state.clients[event.agent] = None
    yield from _client_changed(state, event)


def client_gone(state: State, event: ClientGone) -> Iterator[Output]:
    """The agent's last client is gone; it may be back in a moment."""
    state.clients.pop(event.agent, None)
    yield from _client_changed(state, event)


def client_lost_due(state: State, deadline: ClientLostDue, at: int) -> Iterator[Output]:
    """The client has stayed away."""
    agent = state.agents.get(deadline.agent)
    if agent is not None and agent.logged_in:
        agent.causes[PauseCause.CLIENT_LOST] = "no client"
        yield follow(state, agent, at)


def look(state: State, agent: Agent, at: int) -> None:
    """Look at the phone and the client of this agent anew, as when his shift begins or he has another phone."""
    phone = agent.profile.phone
    call = state.own_calls.get(phone)
    agent.outside = call.kind if call is not None and call.sure and agent.offer is None else None
    if not agent.logged_in:
        return
    lost = state.phones.get(phone) in DEVICE_LOST
    phone_grace_ms = state.configuration.limits.phone_grace_ms
    _time(
        state,
        agent,
        PhoneLostDue(agent.id),
        PauseCause.DEVICE_LOST,
        at,
        phone_grace_ms if lost else None,
    )
    away = agent.id not in state.clients
    client_grace_ms = agent.profile.client_grace_ms
    _time(
        state,
        agent,
        ClientLostDue(agent.id),
        PauseCause.CLIENT_LOST,
        at,
        client_grace_ms if away else None,
    )


def _time(
    state: State,
    agent: Agent,
    deadline: PhoneLostDue | ClientLostDue,
    cause: PauseCause,
    at: int,
    grace_ms: int | None,
) -> None:
    """Something that is away has so long to come back; None: it is there, or not needed."""
    if grace_ms is None:
        agent.causes.pop(cause, None)
        state.timers.cancel(agent.id, type(deadline))
    elif cause not in agent.causes:
        state.timers.ensure(deadline, at + grace_ms)


def look_away(state: State, agent: Agent) -> None:
    """This agent is off shift: it does not matter what he lacks."""
    state.timers.cancel(agent.id, PhoneLostDue, ClientLostDue)


def follow(state: State, agent: Agent, at: int) -> AgentStateChanged:
    """Bring a free agent's state in line with his causes and his phone; an engaged one's comes after the call."""
    if agent.state not in ENGAGED and agent.state is not agent.state_when_free:
        agent.move(agent.state_when_free)
        agent.idle_since = at
    return state.settle(agent, at)


def _client_changed(state: State, event: ClientFound | ClientGone) -> Iterator[Output]:
    agent = state.agents.get(event.agent)
    if agent is not None and agent.logged_in and agent.profile.client_grace_ms is not None:
        look(state, agent, event.at)
        yield follow(state, agent, event.at)


def _kind_of(was: DeviceState, now: DeviceState) -> AgentState:
    if now in _RINGING:
        return AgentState.BUSY_INBOUND
    did_not_ring = was is DeviceState.NOT_INUSE and now is DeviceState.INUSE
    return AgentState.BUSY_OUTBOUND if did_not_ring else AgentState.BUSY_OTHER


def _wait_for_own_call(state: State, phone: tuple[NodeId, str], at: int) -> None:
    own_call_ms = state.configuration.limits.own_call_ms
    state.timers.set(OwnCallDue(*phone), at + own_call_ms)
