"""What a restart finds of callers we do not remember: he talks, waits, or is new; what Asterisk has is the truth."""

from collections.abc import Iterator

from acd.core.agent import Agent
from acd.core.call import Call
from acd.core.configuration import AgentProfile
from acd.core.events import ChannelSeen, Entry
from acd.core.handlers import calling_back, outsiders, parties, recorder
from acd.core.handlers.arrivals import admit, begin
from acd.core.handlers.connecting import connected
from acd.core.handlers.dialling import NO_ANSWER
from acd.core.handlers.freeing import become_free, forget_wrap_up, leave_undisposed
from acd.core.handlers.holding import held, talk_of
from acd.core.handlers.noting import found_again
from acd.core.handlers.waiting import DONE, enqueue, release
from acd.core.ids import (
    Direction,
    OfferId,
    bridge_for,
    call_of,
    caller_leg,
    direction_of,
    node_of,
    offered_at,
    offered_call,
    read_agent_leg,
    read_bridge,
    read_dialled,
    read_outside_leg,
)
from acd.core.matching import Output
from acd.core.offer import Offer, OfferState
from acd.core.party import Party, PartyState
from acd.core.saved import SavedPlace, read_saved
from acd.core.state import State
from acd.core.timers import RenewDue


def adopt(
    state: State,
    seen: ChannelSeen,
    legs: list[ChannelSeen],
    outside: list[ChannelSeen],
    at: int,
) -> Iterator[Output]:
    """Take this caller on, with the legs of his agents, and of numbers that were called for him, the oldest first."""
    dialled = direction_of(seen.channel) is Direction.OUT
    call = Call(
        id=call_of(seen.channel),
        number=seen.number,
        name=seen.name,
        dialled=seen.dialled,
        entry=seen.entry or Entry.QUEUE,
        target=seen.target,
        arrived_at=min(seen.created_at, at),
        answered=seen.up,
        dialled_at=seen.created_at if dialled else None,
    )
    yield from admit(state, call, seen.wishes, at)
    yield from found_again(state, call, at)
    # The dead man's switch has run since a process before us wound it up: how long, nobody knows.
    state.timers.set(RenewDue(call.id), at)
    place = read_saved(seen.saved)
    if place is None and dialled:
        place = _begun_meanwhile(state, seen, legs)
        if place is None:  # He is being called, and nobody is there, or would be, when he picks up.
            call.answered = False
            yield from release(state, call, NO_ANSWER, at)
            return
    if place is None:
        yield from begin(state, call, at)
        return
    call.joined_at = min(place.joined_at, at)
    call.placed_at = None if place.placed_at is None else min(place.placed_at, at)
    call.priority, call.requires = place.priority, place.requires
    call.reason = place.reason or call.reason
    call.recording = place.recording
    if place.consent is not None:
        call.consent = place.consent
    if place.over_at is not None and place.connected_at is not None:
        yield from _let_go(state, call, place, at)
        return
    leg = _leg_of_agent(seen, place, legs)
    agent = _agent_on(state, leg)
    if agent is not None and agent.wrap_up is not None:
        yield from leave_undisposed(agent, at)
        yield become_free(state, agent, at)  # Whoever talks again has done with the call before.
    if agent is not None and dialled:
        by, since = read_dialled(call.id) or (agent.id, at)
        state.usage.found(caller_leg(call.id), by, since)
    beside = [one for one in outside if one.up]
    if leg is None or agent is None:
        yield from _adopt_without_agent(state, call, seen, place, beside, at)
        return
    yield from _adopt_talk(state, call, agent, leg, place, seen.bridge is None, at)
    yield from calling_back.paid_meanwhile(state, call, at)
    younger = legs[legs.index(leg) + 1 :]
    beside += (one for one in younger if one.up)
    beside.sort(key=lambda one: one.created_at)
    yield from _adopt_parties(state, call, beside, at)
    everybody = (seen, *legs, *outside)
    yield from parties.mend(state, call, {one.channel: one.bridge for one in everybody})


def _adopt_talk(
    state: State,
    call: Call,
    agent: Agent,
    leg: ChannelSeen,
    place: SavedPlace,
    on_hold: bool,
    at: int,
) -> Iterator[Output]:
    """This agent has him, on this leg."""
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
    _put_on(state, agent, offer)
    call.offers[agent.id] = call.picked_up = offer.id
    # A note that was lost, or is of an earlier talk, says too little: no talk is older than its offer.
    since = max(place.connected_at or 0, offer.offered_at, place.joined_at)
    yield from connected(state, call, offer, at, since=min(since, at))
    assert leg.bridge is not None  # Or he would not be the one who has the call.
    call.bridge = read_bridge(call.node, leg.bridge) or offer.id
    if on_hold:
        yield from held(state, call, at)


def _adopt_without_agent(
    state: State,
    call: Call,
    seen: ChannelSeen,
    place: SavedPlace,
    outside: list[ChannelSeen],
    at: int,
) -> Iterator[Output]:
    """No agent has him: he talks to a number, or he waits."""
    bridge = read_bridge(call.node, seen.bridge) if seen.bridge is not None else None
    there = [one for one in outside if one.bridge == seen.bridge]
    if bridge is not None and there:
        call.queue = place.queue
        yield from outsiders.found_outside(state, call, bridge, there, at)
        return
    yield from recorder.talk_ends(call, at)
    yield from enqueue(state, call, place.queue, place.priority, at)


def _begun_meanwhile(state: State, seen: ChannelSeen, legs: list[ChannelSeen]) -> SavedPlace | None:
    """Whom an agent was calling when we stopped has picked up since, and they talk: as if it had been noted."""
    together = seen.bridge is not None and any(leg.bridge == seen.bridge for leg in legs)
    if not (together and seen.up):
        return None
    return SavedPlace(
        queue=state.configuration.outbound.queue, priority=0, joined_at=seen.created_at
    )


def _adopt_parties(state: State, call: Call, legs: list[ChannelSeen], at: int) -> Iterator[Output]:
    """Those beside the one who has the call. In doubt it is a consultation, so that the caller hears none of it."""
    assert call.bridge is not None
    inside = [leg for leg in legs if leg.bridge == bridge_for(call.bridge)]
    outside = [leg for leg in legs if leg.bridge is None]
    on_hold = call.held_since is not None
    consulted = next(iter(inside + outside if on_hold else outside), None)
    for leg in (leg for leg in legs if leg in inside or leg in outside):
        by_himself = PartyState.CONSULTED if on_hold else PartyState.ON_HOLD
        where = by_himself if leg is consulted else PartyState.JOINED
        if read_outside_leg(leg.channel) is not None:
            yield from outsiders.found(state, call, leg, where, at)
            continue
        agent, name = _agent_on(state, leg), OfferId(leg.channel)
        if agent is None:
            continue  # He has something else in hand: nobody waits for this leg.
        offer = Offer(
            id=name,
            call=call.id,
            agent=agent.id,
            queue=talk_of(state, call).queue,
            offered_at=offered_at(name),
            state=OfferState.ANSWERED,
            beside=True,
        )
        _put_on(state, agent, offer)
        party = call.parties[agent.id] = Party(agent=agent.id, offer=name)
        yield from parties.mute_again(call, party, leg)
        yield from parties.heard(state, call, offer, at, where=where)


def _put_on(state: State, agent: Agent, offer: Offer) -> None:
    """The agent has this in hand, and nothing else."""
    forget_wrap_up(state, agent)  # Whoever talks again has done with the call before.
    state.offers[offer.id] = offer
    agent.offer = offer.id
    agent.leaving = not agent.logged_in  # Who talks without being on shift stays off it afterwards.


def _let_go(state: State, call: Call, place: SavedPlace, at: int) -> Iterator[Output]:
    """He was being asked what he thinks of his conversation when we fell: nobody asks twice."""
    assert (
        place.connected_at is not None and place.over_at is not None and call.joined_at is not None
    )
    call.queue, call.over_at = place.queue, place.over_at
    call.connected_at = min(place.connected_at, at)
    call.waited_ms = max(0, call.connected_at - call.joined_at)
    call.talked_ms = max(0, place.over_at - call.connected_at)
    yield from recorder.talk_ends(call, at)
    yield from release(state, call, DONE, at)


def _leg_of_agent(
    seen: ChannelSeen, place: SavedPlace, legs: list[ChannelSeen]
) -> ChannelSeen | None:
    """The leg of the agent who has this caller, in a bridge with him or holding him: of several, the oldest."""
    for leg in legs:
        if leg.bridge is not None and leg.bridge == seen.bridge:
            return leg
        holds = seen.bridge is None and place.connected_at is not None
        bridge = read_bridge(node_of(call_of(seen.channel)), leg.bridge) if leg.bridge else None
        if holds and bridge is not None and offered_call(bridge) == call_of(seen.channel):
            return leg
    return None


def _agent_on(state: State, leg: ChannelSeen | None) -> Agent | None:
    """The agent on this leg, unless he has something else in hand; one who is not configured any more may finish."""
    ours = read_agent_leg(leg.channel) if leg is not None else None
    if ours is None:
        return None
    agent = state.agents.get(ours[1])
    if agent is None:
        profile = AgentProfile(id=ours[1], name=ours[1], queues=())
        agent = state.agents[ours[1]] = Agent(profile=profile, removed=True)
        state.agents_by_phone.setdefault(profile.phone, []).append(agent.id)
    return agent if agent.offer is None else None
