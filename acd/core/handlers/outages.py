"""An Asterisk is lost and found, the configuration changes, we restart: fall in with what is there.

What Asterisk has is the truth, what we remember is a guess. The same path serves a crash of ours, a cut
wire, and the look around once a minute that finds what a lost event left behind.
"""

from collections.abc import Iterator

from acd.core.agent import ENGAGED, Agent, AgentState
from acd.core.call import Call, CallState
from acd.core.commands import HangUp
from acd.core.events import (
    ChannelSeen,
    Configured,
    Entry,
    LegAnswered,
    LegBridged,
    NodeFound,
    NodeLost,
)
from acd.core.handlers.arrivals import admit, begin
from acd.core.handlers.departures import end
from acd.core.handlers.offers import agent_leg_gone, connected, leg_answered, leg_bridged
from acd.core.handlers.waiting import UNKNOWN_QUEUE, enqueue, release
from acd.core.ids import (
    OfferId,
    agent_leg,
    bridge_for,
    call_of,
    caller_leg,
    node_of,
    read_agent_leg,
)
from acd.core.matching import Output
from acd.core.notices import Ending, NodeStateChanged
from acd.core.offer import Offer, OfferState
from acd.core.queue import Queue
from acd.core.saved import read_saved
from acd.core.state import State

# A leg may be on its way into Asterisk for this long before we miss it.
_IN_FLIGHT_MS = 5_000


def configured(state: State, event: Configured) -> Iterator[Output]:
    """The call centre is set up anew; calls and agents that are there stay."""
    configuration = event.configuration
    state.configuration = configuration
    state.queues = {name: Queue(rules) for name, rules in configuration.queues.items()}
    for name, profile in configuration.agents.items():
        if name in state.agents:
            state.agents[name].profile = profile
        else:
            state.agents[name] = Agent(profile=profile)
    # Who is no longer in the configuration finishes what he has in hand, and is gone.
    for agent in [a for name, a in state.agents.items() if name not in configuration.agents]:
        agent.leaving = True
        if agent.offer is None and agent.state is not AgentState.WRAP_UP:
            del state.agents[agent.id]
            state.agents_to_match.pop(agent.id, None)
    state.agents_by_device = {}
    for agent in state.agents.values():
        state.agents_by_device.setdefault(agent.profile.device, []).append(agent.id)
        yield state.settle(agent, event.at)
    for call in list(state.calls.values()):
        if call.state is CallState.WAITING:
            if call.queue in state.queues:
                state.wait(call)
            else:
                yield from release(state, call, UNKNOWN_QUEUE, event.at)


def node_lost(state: State, event: NodeLost) -> Iterator[Output]:
    """We do not hear this Asterisk: nobody is offered there until we do."""
    if state.nodes.get(event.node) is not False:
        state.nodes[event.node] = False
        yield NodeStateChanged(at=event.at, node=event.node, connected=False)


def node_found(state: State, event: NodeFound) -> Iterator[Output]:
    """Compare what is there with what we remember, and fall in with it."""
    if state.nodes.get(event.node) is not True:
        state.nodes[event.node] = True
        yield NodeStateChanged(at=event.at, node=event.node, connected=True)
    yield from _let_go_of_the_gone(state, event)
    callers = [seen for seen in event.channels if read_agent_leg(seen.channel) is None]
    legs = [seen for seen in event.channels if read_agent_leg(seen.channel) is not None]
    by_bridge = {leg.bridge: leg for leg in legs if leg.bridge is not None}
    for seen in callers:
        call = state.calls.get(call_of(seen.channel))
        if call is None:
            yield from _adopt(state, seen, by_bridge.get(seen.bridge or ""), event.at)
        elif seen.bridge == bridge_for(call.id):
            yield from leg_bridged(
                state, LegBridged(at=event.at, channel=seen.channel, call=call.id)
            )
    for leg in legs:
        yield from _agent_leg_seen(state, leg, event.at)
    for call in state.calls.values():
        if call.node == event.node and call.state is CallState.WAITING:
            state.calls_to_match[call.id] = None


def _let_go_of_the_gone(state: State, event: NodeFound) -> Iterator[Output]:
    """What we remember and Asterisk does not have: its end was told while we could not hear."""
    seen = dict.fromkeys(channel.channel for channel in event.channels)
    for offer in list(state.offers.values()):
        due = offer.offered_at + _IN_FLIGHT_MS <= event.seen_at
        if due and node_of(offer.id) == event.node and agent_leg(offer.id) not in seen:
            yield from agent_leg_gone(state, offer, 0, event.at)
    for call in list(state.calls.values()):
        due = call.arrived_at < event.seen_at
        if due and call.node == event.node and caller_leg(call.id) not in seen:
            yield from end(state, call, Ending.LOST, event.at)


def _agent_leg_seen(state: State, leg: ChannelSeen, at: int) -> Iterator[Output]:
    """An agent's leg: one of an offer we know, or one that nobody waits for any more."""
    offer = state.offers.get(OfferId(leg.channel))
    if offer is not None:
        if leg.up and offer.state is OfferState.RINGING:
            yield from leg_answered(state, LegAnswered(at=at, channel=leg.channel))
        if leg.bridge == bridge_for(offer.call):
            yield from leg_bridged(state, LegBridged(at=at, channel=leg.channel, call=offer.call))
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
    yield from admit(state, call, at)
    place = read_saved(seen.saved)
    if place is None:
        yield from begin(state, call, at)
        return
    call.joined_at = min(place.joined_at, at)
    agent = _agent_on(state, leg)
    if leg is None or agent is None:
        yield from enqueue(state, call, place.queue, place.priority, at)
        return
    call.queue = place.queue
    call.priority = place.priority
    offer = Offer(
        id=OfferId(leg.channel),
        call=call.id,
        agent=agent.id,
        queue=place.queue,
        offered_at=call.joined_at,
        state=OfferState.ANSWERED,
    )
    state.offers[offer.id] = offer
    call.offer = offer.id
    agent.offer = offer.id
    yield from connected(state, call, offer, at)


def _agent_on(state: State, leg: ChannelSeen | None) -> Agent | None:
    """The agent on this leg, if he exists and has nothing else in hand."""
    ours = read_agent_leg(leg.channel) if leg is not None else None
    agent = state.agents.get(ours[1]) if ours is not None else None
    return agent if agent is not None and agent.state not in ENGAGED else None
