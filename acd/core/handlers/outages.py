"""An Asterisk is lost and found, the configuration changes, we restart: fall in with what is there.

What Asterisk has is the truth, what we remember is a guess. The same path serves a crash of ours, a cut
wire, and the look around once a minute that finds what a lost event left behind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from acd.core import router
from acd.core.agent import Agent
from acd.core.call import IN_QUEUE, UNOFFERED, Call, CallState, Hearing
from acd.core.commands import HangUp
from acd.core.events import (
    ChannelSeen,
    Configured,
    LegAnswered,
    LegBridged,
    NodeFound,
    NodeLost,
)
from acd.core.handlers import noting, outsiders, overhearing, parties, presence, walking
from acd.core.handlers.adoption import adopt
from acd.core.handlers.connecting import leg_answered, leg_bridged
from acd.core.handlers.departures import lose
from acd.core.handlers.dialling import UNREACHABLE
from acd.core.handlers.freeing import become_free
from acd.core.handlers.lasting import see_that_all_ends
from acd.core.handlers.offers import agent_leg_gone
from acd.core.handlers.overhearing import ear_gone
from acd.core.handlers.search import look_again
from acd.core.handlers.waiting import (
    UNKNOWN_MENU,
    UNKNOWN_QUEUE,
    follow_rules,
    forget_waiting,
    heed_closing,
    hours_change,
    release,
)
from acd.core.ids import (
    CallId,
    Direction,
    NodeId,
    OfferId,
    agent_leg,
    bridge_for,
    call_of,
    caller_leg,
    node_of,
    offered_at,
    offered_call,
    read_agent_leg,
    read_bridge,
    read_ear,
    read_outside_leg,
)
from acd.core.matching import Output
from acd.core.notices import Misconfigured, NodeStateChanged, Supervised
from acd.core.offer import OfferState
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
        agent = state.agents.setdefault(name, Agent(profile=profile))
        had, agent.profile = agent.profile, profile
        if agent.desk is not None:
            agent.unseated = agent.desk.id not in configuration.desks
            agent.desk = configuration.desks.get(agent.desk.id, agent.desk)
            agent.profile = configuration.profile_of(name, agent.desk)
        elif agent.logged_in:
            agent.unseated = not profile.device
            if agent.unseated:
                agent.profile = replace(profile, device=had.device)
    state.agents_by_phone = {}
    for agent in state.agents.values():
        state.agents_by_phone.setdefault(agent.profile.phone, []).append(agent.id)
    for agent in list(state.agents.values()):
        agent.removed = agent.id not in configuration.agents
        ends = agent.removed or (agent.unseated and agent.wrap_up is None)
        if not ends or agent.offer is not None:
            presence.look(state, agent, event.at)
            yield presence.follow(state, agent, event.at)
        elif agent.logged_in:
            yield become_free(state, agent, event.at)  # Which forgets whoever is removed.
        else:
            state.forget_agent(agent)
    for call in list(state.calls.values()):
        if call.state in IN_QUEUE and call.queue is not None and call.queue in state.queues:
            if state.queues[call.queue] == before.get(call.queue):
                look_again(state, call, event.at)
            else:
                yield from follow_rules(state, call, event.at)
        elif call.state in UNOFFERED:
            yield from release(state, call, UNKNOWN_QUEUE, event.at)
        elif call.state in IN_QUEUE:
            # Nobody else's phone rings for him; who picks up has him.
            yield from forget_waiting(state, call, event.at)
        elif call.place is not None and call.place.menu not in configuration.menus:
            yield Misconfigured(
                at=event.at,
                call=call.id,
                problem=f"menu {call.place.menu!r} was taken away from under a caller",
            )
            yield from walking.leave(state, call, UNKNOWN_MENU, event.at)
    for queue in state.queues:
        yield from hours_change(state, HoursChange(queue), event.at)
    state.queues_to_review = dict.fromkeys(state.queues)
    state.usage.changed = dict.fromkeys(state.agents)


def node_lost(state: State, event: NodeLost) -> Iterator[Output]:
    """We do not hear this Asterisk: nobody is offered there until we do."""
    if state.nodes.get(event.node) is not False:
        yield from _heard(state, event.node, False, event.at)


def node_found(state: State, event: NodeFound) -> Iterator[Output]:
    """Compare what is there with what we remember, and fall in with it."""
    if state.nodes.get(event.node) is not True:
        yield from _heard(state, event.node, True, event.at)
    yield from _let_go_of_the_gone(state, event)
    outside = [
        (ours[0], seen) for seen in event.channels if (ours := read_outside_leg(seen.channel))
    ]
    ears = {ear: seen for seen in event.channels if (ear := read_ear(seen.channel)) is not None}
    legs = [seen for seen in event.channels if read_agent_leg(seen.channel) is not None]
    others = [*(leg for _, leg in outside), *legs, *ears.values()]
    callers = [seen for seen in event.channels if seen not in others]
    legs.sort(key=lambda leg: offered_at(OfferId(leg.channel)))
    bridges = {seen.channel: seen.bridge for seen in event.channels}
    for seen in callers:
        call = state.calls.get(call_of(seen.channel))
        if call is None:
            name = call_of(seen.channel)
            his = [leg for leg in legs if _call_of(leg) == name]
            beside = [leg for called_for, leg in outside if called_for == name]
            yield from adopt(state, seen, his, beside, event.at)
        elif call.state in (CallState.TALKING, CallState.OUTSIDE):
            yield from parties.mend(state, call, bridges)
            yield from overhearing.mend(call, bridges)
        elif call.picked_up is not None and seen.bridge == bridge_for(call.picked_up):
            if seen.up and call.state is CallState.DIALLING:
                yield from leg_answered(state, LegAnswered(at=event.at, channel=seen.channel))
            yield from leg_bridged(
                state, LegBridged(at=event.at, channel=seen.channel, offer=call.picked_up)
            )
        elif call.state is CallState.WAITING and call.hearing is not Hearing.MUSIC:
            state.wait(call)  # What he was to hear got lost on the way.
    if state.data_to_restore:
        noting.gone(state, event.node)
    for leg in legs:
        yield from _agent_leg_seen(state, leg, event.at)
    for called_for, leg in outside:
        yield from _outside_leg_seen(state, called_for, leg, event.at)
    yield from _ears_seen(state, ears, event)
    yield from see_that_all_ends(state, event.at)


def _ears_seen(
    state: State, ears: Mapping[OfferId, ChannelSeen], event: NodeFound
) -> Iterator[Output]:
    """An ear at an agent's leg is there for a supervisor, or for nobody; and without one he hears nothing."""
    for name, seen in ears.items():
        offer = state.offers.get(name)
        if offer is None or not (offer.supervises and offer.open):
            yield HangUp(call=offered_call(name), channel=seen.channel)
    for call in list(state.calls.values()):
        for one in list(call.supervisors.values()):
            due = one.ear and one.since is not None and one.since < event.seen_at
            if due and call.node == event.node and one.offer not in ears:
                yield from ear_gone(state, one.offer, event.at)


def _call_of(leg: ChannelSeen) -> CallId:
    """The call in whose bridge this leg is; else that for which it was made."""
    bridge = read_bridge(node_of(OfferId(leg.channel)), leg.bridge) if leg.bridge else None
    return offered_call(bridge or OfferId(leg.channel))


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
            yield from router.withdraw(state, call, at)
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
        due = _must_be_there(call, event.seen_at)
        if due and call.node == event.node and caller_leg(call.id) not in seen:
            yield from lose(state, call, event.at)
    for call in list(state.calls.values()):
        for one in list(call.outsiders.values()):
            due = (one.since or call.last_dial + _IN_FLIGHT_MS) <= event.seen_at
            if due and call.node == event.node and one.leg not in seen:
                yield from outsiders.gone(state, call, one, UNREACHABLE, event.at)
    for offer in list(state.offers.values()):
        # One that has talked was there; one that only rings may be on its way.
        due = (offer.connected_at or offer.offered_at + _IN_FLIGHT_MS) <= event.seen_at
        if due and node_of(offer.id) == event.node and agent_leg(offer.id) not in seen:
            yield from agent_leg_gone(state, offer, 0, event.at)


def _must_be_there(call: Call, seen_at: int) -> bool:
    """Whether his channel was there by then. One that we make may be on its way, or is not made yet."""
    if call.direction is Direction.IN:
        return call.arrived_at < seen_at
    in_flight_ms = _IN_FLIGHT_MS if call.state is CallState.DIALLING else 0
    return call.dialled_at is not None and call.dialled_at + in_flight_ms < seen_at


def _outside_leg_seen(
    state: State, called_for: CallId, leg: ChannelSeen, at: int
) -> Iterator[Output]:
    """A number that was called: it has picked up, as we may not have heard, or nobody waits for it any more."""
    found = outsiders.on_leg(state, leg.channel)
    if found is None:
        yield HangUp(call=called_for, channel=leg.channel)
    elif leg.up and found[1].since is None:
        yield from leg_answered(state, LegAnswered(at=at, channel=leg.channel))


def _agent_leg_seen(state: State, leg: ChannelSeen, at: int) -> Iterator[Output]:
    """An agent's leg: one of an offer we know, or one that nobody waits for any more."""
    offer = state.offers.get(OfferId(leg.channel))
    if offer is not None:
        if leg.up and offer.state is OfferState.RINGING:
            yield from leg_answered(state, LegAnswered(at=at, channel=leg.channel))
        bridge = state.calls[offer.call].bridge if offer.beside and offer.open else offer.id
        if offer.supervises and leg.bridge is not None:
            bridge = read_bridge(node_of(offer.id), leg.bridge)
        if bridge is not None and leg.bridge == bridge_for(bridge):
            yield from leg_bridged(state, LegBridged(at=at, channel=leg.channel, offer=bridge))
        return
    ours = read_agent_leg(leg.channel)
    assert ours is not None
    yield HangUp(call=ours[0], channel=leg.channel)
