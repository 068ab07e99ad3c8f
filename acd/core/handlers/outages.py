"""An Asterisk is lost and found, the configuration changes, we restart: fall in with what is there.

What Asterisk has is the truth, what we remember is a guess. The same path serves a crash of ours, a cut
wire, and the look around once a minute that finds what a lost event left behind.
"""

from collections.abc import Iterator

from acd.core import router
from acd.core.agent import Agent
from acd.core.call import IN_QUEUE, UNOFFERED, Call, CallState, Hearing
from acd.core.commands import HangUp
from acd.core.configuration import AgentProfile
from acd.core.events import (
    ChannelSeen,
    Configured,
    Entry,
    LegAnswered,
    LegBridged,
    NodeFound,
    NodeLost,
)
from acd.core.handlers import menus, presence
from acd.core.handlers.arrivals import admit, begin
from acd.core.handlers.control import held
from acd.core.handlers.departures import end
from acd.core.handlers.freeing import become_free, forget_wrap_up, leave_undisposed
from acd.core.handlers.offers import (
    agent_leg_gone,
    connected,
    leg_answered,
    leg_bridged,
)
from acd.core.handlers.waiting import (
    UNKNOWN_MENU,
    UNKNOWN_QUEUE,
    enqueue,
    follow_rules,
    heed_closing,
    hours_change,
    look_again,
    release,
)
from acd.core.ids import (
    NodeId,
    OfferId,
    agent_leg,
    bridge_for,
    call_of,
    caller_leg,
    node_of,
    offered_at,
    read_agent_leg,
)
from acd.core.matching import Output
from acd.core.notices import Ending, Misconfigured, NodeStateChanged, Supervised
from acd.core.offer import Offer, OfferState
from acd.core.saved import read_saved
from acd.core.state import State
from acd.core.timers import HoursChange, RenewDue

# A leg may be on its way into Asterisk for this long before we miss it.
_IN_FLIGHT_MS = 5_000


def configured(state: State, event: Configured) -> Iterator[Output]:
    """The call centre is set up anew; calls and agents that are there stay."""
    before, configuration = state.queues, event.configuration
    state.configure(configuration)
    if event.by:
        yield Supervised(
            at=event.at,
            by=event.by,
            agent=None,
            action="reload",
            reason="",
            detail=event.changes,
        )
    agents = configuration.agents.values()
    state.skills = frozenset(skill for agent in agents for skill in agent.skills)
    for name in configuration.agents:
        profile = configuration.profile_of(name)
        state.agents.setdefault(name, Agent(profile=profile)).profile = profile
    state.agents_by_phone = {}
    for agent in state.agents.values():
        state.agents_by_phone.setdefault(agent.profile.phone, []).append(agent.id)
    for agent in list(state.agents.values()):
        agent.removed = agent.id not in configuration.agents
        if not agent.removed or agent.offer is not None:
            presence.look(state, agent, event.at)
            yield presence.follow(state, agent, event.at)
        elif agent.logged_in:
            yield become_free(state, agent, event.at)  # Which forgets him.
        else:
            state.forget_agent(agent)
    for call in list(state.calls.values()):
        if call.state in IN_QUEUE and call.queue is not None and call.queue in state.queues:
            if state.queues[call.queue] == before.get(call.queue):
                look_again(state, call, event.at)
            else:
                follow_rules(state, call, event.at)
        elif call.state in UNOFFERED:
            yield from release(state, call, UNKNOWN_QUEUE, event.at)
        elif call.state in IN_QUEUE:
            state.stop_waiting(call)  # Nobody else's phone rings for him; who picks up has him.
        elif call.place is not None and call.place.menu not in configuration.menus:
            yield Misconfigured(
                at=event.at,
                call=call.id,
                problem=f"menu {call.place.menu!r} was taken away from under a caller",
            )
            yield from menus.leave(state, call, UNKNOWN_MENU, event.at)
    for queue in state.queues:
        yield from hours_change(state, HoursChange(queue), event.at)
    state.queues_to_review |= dict.fromkeys(state.queues)


def node_lost(state: State, event: NodeLost) -> Iterator[Output]:
    """We do not hear this Asterisk: nobody is offered there until we do."""
    if state.nodes.get(event.node) is not False:
        yield from _heard(state, event.node, False, event.at)


def node_found(state: State, event: NodeFound) -> Iterator[Output]:
    """Compare what is there with what we remember, and fall in with it."""
    if state.nodes.get(event.node) is not True:
        yield from _heard(state, event.node, True, event.at)
    yield from _let_go_of_the_gone(state, event)
    callers = [seen for seen in event.channels if read_agent_leg(seen.channel) is None]
    legs = [seen for seen in event.channels if read_agent_leg(seen.channel) is not None]
    by_bridge = {leg.bridge: leg for leg in legs if leg.bridge is not None}
    for seen in callers:
        call = state.calls.get(call_of(seen.channel))
        if call is None:
            leg = by_bridge.get(seen.bridge or "") or _leg_of_holder(seen, legs)
            yield from _adopt(state, seen, leg, event.at)
        elif call.picked_up is not None and seen.bridge == bridge_for(call.picked_up):
            yield from leg_bridged(
                state, LegBridged(at=event.at, channel=seen.channel, offer=call.picked_up)
            )
        elif call.state is CallState.WAITING and call.hearing is not Hearing.MUSIC:
            state.wait(call)  # What he was to hear got lost on the way.
    for leg in legs:
        yield from _agent_leg_seen(state, leg, event.at)


def _heard(state: State, node: NodeId, connected: bool, at: int) -> Iterator[Output]:
    """Those on a node that we do not hear wait and rest in their place, but not in the queues."""
    state.nodes[node] = connected
    yield NodeStateChanged(at=at, node=node, connected=connected)
    for agent in state.agents.values():
        if agent.profile.node == node:
            state.place(agent, at)
    for call in state.calls.values():
        if call.node != node:
            continue
        if connected and call.needs_us:
            # It ran on while we could not wind it up, and has less left than we think.
            state.timers.set(RenewDue(call.id), at)
        if call.state in IN_QUEUE and call.queue is not None and call.queue in state.queues:
            router.take_back(state, call, at)
            if connected:
                state.wait(call)
                heed_closing(state, call, at)
                state.queues_to_review[call.queue] = None
            else:
                state.stop_waiting(call)


def _let_go_of_the_gone(state: State, event: NodeFound) -> Iterator[Output]:
    """What we remember and Asterisk does not have: its end was told while we could not hear."""
    seen = dict.fromkeys(channel.channel for channel in event.channels)
    # Callers first: a leg that went with its caller is not an agent who did not answer.
    for call in list(state.calls.values()):
        due = call.arrived_at < event.seen_at
        if due and call.node == event.node and caller_leg(call.id) not in seen:
            yield from end(state, call, Ending.LOST, event.at)
    for offer in list(state.offers.values()):
        # One that has talked was there; one that only rings may be on its way.
        due = (offer.connected_at or offer.offered_at + _IN_FLIGHT_MS) <= event.seen_at
        if due and node_of(offer.id) == event.node and agent_leg(offer.id) not in seen:
            yield from agent_leg_gone(state, offer, 0, event.at)


def _agent_leg_seen(state: State, leg: ChannelSeen, at: int) -> Iterator[Output]:
    """An agent's leg: one of an offer we know, or one that nobody waits for any more."""
    offer = state.offers.get(OfferId(leg.channel))
    if offer is not None:
        if leg.up and offer.state is OfferState.RINGING:
            yield from leg_answered(state, LegAnswered(at=at, channel=leg.channel))
        if leg.bridge == bridge_for(offer.id):
            yield from leg_bridged(state, LegBridged(at=at, channel=leg.channel, offer=offer.id))
        return
    ours = read_agent_leg(leg.channel)
    assert ours is not None
    yield HangUp(call=ours[0], channel=leg.channel)


def _adopt(state: State, seen: ChannelSeen, leg: ChannelSeen | None, at: int) -> Iterator[Output]:
    """A caller we do not remember: he talks, he waits at the place written on his channel, or he is new."""
    call = Call(
        id=call_of(seen.channel),
        number=seen.number,
        name=seen.name,
        dialled=seen.dialled,
        entry=seen.entry or Entry.QUEUE,
        target=seen.target,
        arrived_at=min(seen.created_at, at),
        answered=seen.up,
    )
    yield from admit(state, call, seen.wishes, at)
    # The dead man's switch has run since a process before us wound it up: how long, nobody knows.
    state.timers.set(RenewDue(call.id), at)
    place = read_saved(seen.saved)
    if place is None:
        yield from begin(state, call, at)
        return
    call.joined_at = min(place.joined_at, at)
    call.placed_at = None if place.placed_at is None else min(place.placed_at, at)
    call.priority, call.requires = place.priority, place.requires
    agent = _agent_on(state, leg)
    if agent is not None and agent.wrap_up is not None:
        yield from leave_undisposed(agent, at)
        yield become_free(state, agent, at)  # Whoever talks again has done with the call before.
    if leg is None or agent is None:
        yield from enqueue(state, call, place.queue, place.priority, at)
        return
    forget_wrap_up(state, agent)  # Whoever talks again has done with the call before.
    call.queue = place.queue
    name = OfferId(leg.channel)
    offer = Offer(
        id=name,
        call=call.id,
        agent=agent.id,
        queue=place.queue,
        offered_at=offered_at(name),
        state=OfferState.ANSWERED,
    )
    state.offers[offer.id] = offer
    call.offers[agent.id] = call.picked_up = offer.id
    agent.offer = offer.id
    agent.leaving = not agent.logged_in  # Who talks without being on shift stays off it afterwards.
    # A note that was lost, or is of an earlier talk, says too little: no talk is older than its offer.
    since = max(place.connected_at or 0, offer.offered_at, call.joined_at)
    yield from connected(state, call, offer, at, since=min(since, at))
    if seen.bridge is None:
        yield from held(state, call, at)


def _leg_of_holder(seen: ChannelSeen, legs: list[ChannelSeen]) -> ChannelSeen | None:
    """The leg of the agent who holds this caller: he talked to him, and is alone in their bridge."""
    place = read_saved(seen.saved)
    if place is None or place.connected_at is None or seen.bridge is not None:
        return None
    for leg in legs:
        ours = read_agent_leg(leg.channel)
        alone = leg.bridge == bridge_for(OfferId(leg.channel))
        if ours is not None and ours[0] == call_of(seen.channel) and alone:
            return leg
    return None


def _agent_on(state: State, leg: ChannelSeen | None) -> Agent | None:
    """The agent on this leg, unless he has something else in hand; one who is not configured any more may finish."""
    ours = read_agent_leg(leg.channel) if leg is not None else None
    if ours is None:
        return None
    agent = state.agents.get(ours[1])
    if agent is None:
        profile = AgentProfile(id=ours[1], name=ours[1], device="", queues=())
        agent = state.agents[ours[1]] = Agent(profile=profile, removed=True)
        state.agents_by_phone.setdefault(profile.phone, []).append(agent.id)
    return agent if agent.offer is None else None
