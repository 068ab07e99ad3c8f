"""Asserts that what is known does not contradict itself; for tests and after a fault, and mends nothing."""

from collections.abc import Sequence

from acd.core.agent import ENGAGED, AgentState
from acd.core.call import Call, CallState
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.offer import Offer, OfferState
from acd.core.party import Party, PartyState
from acd.core.state import State
from acd.core.supervision import Supervision

_RINGING = (CallState.OFFERED, CallState.PLACED)
_RECORDED = (CallState.TALKING, CallState.OUTSIDE, CallState.LEAVING)
_PICKED_UP = (CallState.CONNECTING, CallState.DIALLING, CallState.TALKING)


def check(state: State) -> None:
    """Assert what must hold after every input; for tests and after a fault, for it is a walk over everything."""
    by_call: dict[CallId, list[Offer]] = {}
    by_agent: dict[AgentId, list[OfferId]] = {}
    for offer in state.offers.values():
        assert offer.state is not OfferState.ENDED, offer
        assert not offer.open or offer.call in state.calls, offer
        by_call.setdefault(offer.call, []).append(offer)
        by_agent.setdefault(offer.agent, []).append(offer.id)
    for call in state.calls.values():
        assert call.state is not CallState.ENDED, call
        heard = state.hears(call.node)
        waiting, offered = (CallState.WAITING, state.lines), (CallState.OFFERED, state.ringing)
        stands = state.held.demand_of(call.id) is not None
        assert stands == (call.state is CallState.ROUTING and heard), call
        for where, lines in (waiting, offered):
            stands = lines.demand_of(call.id) is not None
            assert stands == (call.state is where and heard and state.wants_phones(call)), call
        _check_offers(state, call, by_call.get(call.id, []))
        if call.callback is not None:
            assert state.callbacks[call.callback.number.digits] == call.id, call
        for name in call.candidates:
            assert call.state is CallState.ROUTING, call
            agent = state.agents.get(name)
            assert agent is None or agent.reserved_for in (None, call.id), agent
    for number, owed in state.callbacks.items():
        assert state.calls[owed].callback is not None, number
    for agent in state.agents.values():
        held = by_agent.get(agent.id, [])
        assert held == ([agent.offer] if agent.offer is not None else []), (agent, held)
        if agent.state in ENGAGED and agent.state is not AgentState.WRAP_UP:
            assert agent.offer is not None, agent
        idle = any(state.pools.key_of(agent.id, name) for name in agent.profile.queues)
        assert not idle or (agent.state is AgentState.READY and not agent.reserved_for), agent
        assert agent.preview is None or agent.state is AgentState.READY, agent
        assert agent.id in state.agents_by_phone[agent.profile.phone], agent
        assert agent.desk is None or agent.logged_in, agent
        assert agent.profile.device or agent.removed or not agent.logged_in, agent
        if agent.reserved_for is not None:
            assert agent.id in state.calls[agent.reserved_for].candidates, agent


def _check_offers(state: State, call: Call, offers: Sequence[Offer]) -> None:
    """Who rings for a call is known from both sides, and one at most has picked up."""
    held = {one.agent: one.id for one in offers if one.open and not one.aside}
    assert held == call.offers, (call, held)
    up = [name for name in held.values() if state.offers[name].state is not OfferState.RINGING]
    assert up == ([call.picked_up] if call.picked_up else []), (call, up)
    assert (call.state in _RINGING) == (bool(held) and not up), call
    assert (call.state in _PICKED_UP) == bool(up), call
    recorded = call.recording is not None and call.recording.under_way
    assert not recorded or call.state in _RECORDED, call
    assert call.state is not CallState.TALKING or len(held) == 1, "who talks has others ringing"
    aside = {one.agent: one.id for one in offers if one.open and one.aside}
    known: list[Party | Supervision] = [*call.parties.values(), *call.supervisors.values()]
    assert aside == {one.agent: one.offer for one in known}, (call, aside)
    asked = [one for one in call.beside if one.state is not PartyState.JOINED]
    assert call.state is not CallState.OUTSIDE or call.outsiders, "left to nobody"
    for outsider in call.outsiders.values():
        outsider.check()
        assert call.state in (CallState.TALKING, CallState.OUTSIDE), call
    for party in call.parties.values():
        assert call.state is CallState.TALKING, "nobody has the call that he is beside"
        connected = state.offers[party.offer].state is OfferState.CONNECTED
        assert connected == (party.state is not PartyState.RINGING), party
    assert len(asked) <= 1, asked
    apart = [one for one in asked if one.state is not PartyState.ON_HOLD]
    alone = call.held_since is not None or call.state is CallState.OUTSIDE
    assert alone or not apart, "the caller hears what he must not"
    for one in call.supervisors.values():
        assert call.state is CallState.TALKING and one.of == call.served_by, one
        assert one.as_it_may_be(state.offers[one.offer].state is OfferState.CONNECTED), one
