"""Agents beside the one who has the call: rung, heard, gone, and heirs of the call when he leaves it.

However a consultation ends, agent and caller are together again: nobody is forgotten on hold. If the agent who
has the call is lost, whoever is beside him has it, and if nobody has been heard yet, the caller waits once more,
with the place that he had.
"""

from collections.abc import Iterator, Mapping

from acd.core.agent import Agent, AgentState
from acd.core.call import Call, CallState
from acd.core.commands import MuteLeg
from acd.core.configuration import QueueRules
from acd.core.events import ChannelSeen
from acd.core.handlers import recorder
from acd.core.handlers.holding import hold_leg, join_leg, retrieve_side, talk_of
from acd.core.handlers.saving import save
from acd.core.handlers.waiting import enqueue
from acd.core.ids import AgentId, ChannelId, QueueId, agent_leg, bridge_for, caller_leg
from acd.core.matching import Output, reserve, ring
from acd.core.notices import CallTransferred, OutsiderChanged
from acd.core.offer import Offer, OfferOutcome, OfferState
from acd.core.outsider import Outsider
from acd.core.party import (
    MUTED,
    CallTakenOver,
    Party,
    PartyChanged,
    PartyLeft,
    PartyOffered,
    PartyState,
)
from acd.core.state import State
from acd.core.timers import ConnectOverdue, RingTimeout, SpareOver


def ask(state: State, call: Call, agent: Agent, queue: QueueId, at: int) -> Iterator[Output]:
    """Ring this agent, who is free, for the one who has the call; the caller is on hold."""
    assert call.served_by is not None and call.held_since is not None
    rules = state.queues.get(queue) or QueueRules(id=queue, name=queue)
    made = reserve(state, call, agent, rules, at, beside=True)
    call.parties[agent.id] = Party(agent=agent.id, offer=made.id)
    yield PartyOffered(
        at=at,
        call=call.id,
        offer=made.id,
        agent=agent.id,
        by=call.served_by,
        queue=queue,
        number=call.number,
        name=call.name,
        identity=call.identity,
    )
    yield state.settle(agent, at)
    yield ring(call, agent, made, rules)


def picked_up(state: State, call: Call, offer: Offer, at: int) -> Iterator[Output]:
    """He has picked up: he comes to the agent who asks. He is heard when his leg is seen there."""
    offer.move(OfferState.ANSWERED)
    state.timers.cancel(offer.id, RingTimeout)
    state.timers.set(ConnectOverdue(offer.id), at + state.configuration.limits.connect_ms)
    yield join_leg(state, call, agent_leg(offer.id))


def heard(
    state: State, call: Call, offer: Offer, at: int, *, where: PartyState = PartyState.CONSULTED
) -> Iterator[Output]:
    """He is with the agent who asks; or, after a restart, where he is found."""
    agent, party = state.agents[offer.agent], call.parties[offer.agent]
    offer.move(OfferState.CONNECTED)
    state.timers.cancel(offer.id, ConnectOverdue)
    party.move(PartyState.CONSULTED)
    if where is not PartyState.CONSULTED:
        party.move(where)
    party.since = at
    agent.move(AgentState.CONSULTED)
    agent.busy_since = at
    agent.answers_again()
    yield told(call, party, at)
    yield state.settle(agent, at)


def gone(state: State, offer: Offer, outcome: OfferOutcome | None, at: int) -> Iterator[Output]:
    """He is beside the call no more; if he was consulted, agent and caller are together again."""
    call = state.calls[offer.call]
    consulted = call.consulted
    party = call.parties.pop(offer.agent)
    party.move(PartyState.GONE)
    offer.outcome = outcome
    yield PartyLeft(
        at=at,
        call=call.id,
        offer=offer.id,
        agent=offer.agent,
        outcome=outcome,
        talked_ms=0 if party.since is None else at - party.since,
    )
    if party is consulted and call.state is CallState.TALKING and call.held_since is not None:
        yield from retrieve_side(state, call, at)


def bring_together(state: State, call: Call, at: int) -> Iterator[Output]:
    """Caller, agent and all who have been heard are in one bridge."""
    consulted = call.consulted
    if call.held_since is not None:
        yield from retrieve_side(state, call, at)
    if consulted is not None:
        if consulted.state is PartyState.ON_HOLD:
            yield join_leg(state, call, consulted.leg)
        consulted.move(PartyState.JOINED)
        yield told(call, consulted, at)


def take_over(state: State, call: Call, at: int) -> Iterator[Output]:
    """Who has been beside the call longest has it from now; whoever had it has done with it."""
    yield from bring_together(state, call, at)
    heir = next(iter(call.parties.values()))
    del call.parties[heir.agent]
    heir.move(PartyState.GONE)
    yield from hand_over(state, call, state.offers[heir.offer], at, supervised=False)
    if heir.muted:
        yield MuteLeg(call=call.id, channel=agent_leg(heir.offer), muted=False)


def hand_over(
    state: State, call: Call, offer: Offer, at: int, *, supervised: bool
) -> Iterator[Output]:
    """The agent of this offer, who is in the bridge with the caller, has the call from now."""
    assert call.served_by is not None
    before, by, agent = talk_of(state, call), call.served_by, state.agents[offer.agent]
    call.stop_talking(at)
    yield CallTakenOver(
        at=at,
        call=call.id,
        offer=offer.id,
        agent=agent.id,
        by=by,
        by_offer=before.id,
        queue=before.queue,
        talked_ms=call.talked_ms,
        held_ms=call.held_ms,
        supervised=supervised,
    )
    offer.beside, offer.queue, offer.connected_at = False, before.queue, at
    call.offers = {agent.id: offer.id}
    call.picked_up, call.served_by, call.connected_at = offer.id, agent.id, at
    call.handed_on_by += (by,)
    call.talked_ms = call.held_ms = 0
    # What he waited is read from these after a restart; his place in the line is another matter.
    call.placed_at, call.joined_at = call.place_counts_from, at - call.waited_ms
    if agent.state is not AgentState.TALKING:
        agent.move(AgentState.TALKING)
    agent.calls += 1
    agent.busy_for = before.queue
    yield state.settle(agent, at)
    yield save(call)


def wait_once_more(state: State, call: Call, at: int) -> Iterator[Output]:
    """Who had the call is lost, and nobody else has been heard: the caller waits, in the place that he had."""
    yield from recorder.talk_ends(call, at)
    talk = let_go(state, call, at)
    place = call.place_counts_from
    yield handed_on(state, call, talk, talk.queue, None, at)
    call.placed_at = place
    yield from enqueue(state, call, talk.queue, call.priority, at)


def let_go(state: State, call: Call, at: int) -> Offer:
    """The caller has this conversation no more; returns what it was."""
    talk = talk_of(state, call)
    call.stop_talking(at)
    call.picked_up = None
    call.offers.clear()
    return talk


def handed_on(
    state: State, call: Call, talk: Offer, queue: QueueId, to_agent: AgentId | None, at: int
) -> CallTransferred:
    """This conversation is over, and the caller is to wait as if he had come just now, without this agent."""
    said = CallTransferred(
        at=at,
        call=call.id,
        offer=talk.id,
        agent=talk.agent,
        queue=talk.queue,
        to_queue=queue,
        to_agent=to_agent,
        talked_ms=call.talked_ms,
        held_ms=call.held_ms,
    )
    call.begin_again(at)
    # Who has just handed him on is not who he waits for.
    rules = state.queues.get(queue)
    call.spares[talk.agent] = at + (rules.spare_ms if rules is not None else 0)
    state.timers.set(SpareOver(call.id, talk.agent), call.spares[talk.agent])
    return said


def told(call: Call, party: Party | Outsider, at: int) -> PartyChanged | OutsiderChanged:
    """Where this one is now."""
    if isinstance(party, Outsider):
        return OutsiderChanged(
            at=at,
            call=call.id,
            leg=party.leg,
            number=party.number,
            by=party.by,
            state=party.state,
            muted=party.muted,
        )
    return PartyChanged(
        at=at,
        call=call.id,
        offer=party.offer,
        agent=party.agent,
        state=party.state,
        muted=party.muted,
    )


def mute_again(call: Call, one: Party | Outsider, seen: ChannelSeen) -> Iterator[MuteLeg]:
    """A restart finds his leg. Whom its note calls muted is muted again: we may have died before it was done."""
    one.muted = seen.saved == MUTED
    if one.muted:
        yield MuteLeg(call=call.id, channel=one.leg, muted=True)


def mend(state: State, call: Call, bridges: Mapping[ChannelId, str | None]) -> Iterator[Output]:
    """Whoever of a conversation is not in the bridge and should be, or is and should not, is told so once more."""
    assert call.bridge is not None
    with_caller = not call.needs_us
    wanted = {caller_leg(call.id): with_caller}
    for party in call.beside:
        if party.state is not PartyState.RINGING:
            joined = party.state is PartyState.JOINED and with_caller
            wanted[party.leg] = joined or party.state is PartyState.CONSULTED
    for leg, inside in wanted.items():
        if leg in bridges and inside != (bridges[leg] == bridge_for(call.bridge)):
            yield join_leg(state, call, leg) if inside else hold_leg(state, call, leg)
