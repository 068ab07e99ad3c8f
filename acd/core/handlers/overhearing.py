"""A supervisor is rung, hears the agent who has a call, is heard or not, and is gone; who may be is not asked here.

He is in a bridge of his own with an ear at the agent's leg, and goes from there into the conversation and back. The
ear ends with the agent's leg. Whoever has barged in and is left with the caller, because the agent is lost, has the
call: as in a conference, nobody is cut off who talks to somebody.
"""

from collections.abc import Iterator, Mapping

from acd.core.agent import Agent
from acd.core.call import Call
from acd.core.commands import HangUp, JoinLeg, MuteLeg, Overhear
from acd.core.configuration import QueueRules
from acd.core.handlers import parties
from acd.core.handlers.holding import join_leg, talk_of
from acd.core.ids import AgentId, ChannelId, OfferId, agent_leg, bridge_for, ear_of
from acd.core.matching import Output, reserve, ring
from acd.core.notices import Supervised
from acd.core.offer import Offer, OfferOutcome, OfferState
from acd.core.state import State
from acd.core.supervision import (
    STOP_SUPERVISING,
    TAKE_OVER,
    Mode,
    Supervision,
    SupervisionChanged,
    SupervisionEnded,
)
from acd.core.timers import ConnectOverdue, ReleaseOverdue, RingTimeout


def begin(state: State, call: Call, agent: Agent, mode: Mode, by: str, at: int) -> Iterator[Output]:
    """Ring this supervisor, who is free, so that he hears who has the call."""
    talk = talk_of(state, call)
    rules = state.queues.get(talk.queue) or QueueRules(id=talk.queue, name=talk.queue)
    made = reserve(state, call, agent, rules, at, supervises=True)
    one = Supervision(agent=agent.id, of=talk.agent, by=by, offer=made.id, mode=mode)
    call.supervisors[agent.id] = one
    yield told(call, one, at)
    yield noted(by, one.of, mode, call.id, at)
    yield state.settle(agent, at)
    yield ring(call, agent, made, rules)


def picked_up(state: State, call: Call, offer: Offer, at: int) -> Iterator[Output]:
    """He has picked up. Nobody hears him before it is known that he hears, unless the agent is to."""
    offer.move(OfferState.ANSWERED)
    state.timers.cancel(offer.id, RingTimeout)
    state.timers.set(ConnectOverdue(offer.id), at + state.configuration.limits.connect_ms)
    yield _overhear(state, call, call.supervisors[offer.agent])


def seen(state: State, call: Call, offer: Offer, where: OfferId, at: int) -> Iterator[Output]:
    """His leg is in the bridge of his own, so he hears; or in that of the conversation."""
    one = call.supervisors[offer.agent]
    if where == offer.id and offer.state is OfferState.ANSWERED:
        offer.move(OfferState.CONNECTED)
        state.timers.cancel(offer.id, ConnectOverdue)
        one.since = at
        yield told(call, one, at)
        if one.mode is Mode.BARGE:
            yield from _come_in(state, call, one, muted=True)
    elif one.since is not None:
        one.joined = one.mode is Mode.BARGE and where == call.bridge


def change(state: State, call: Call, one: Supervision, mode: Mode, at: int) -> Iterator[Output]:
    """From now on he is heard by others than before; if his phone still rings, from when he picks up."""
    before, one.takes_over = one.mode, False
    if before is mode:
        return
    one.mode, one.joined = mode, False
    yield told(call, one, at)
    offer = state.offers[one.offer]
    leg = agent_leg(one.offer)
    if one.since is None:
        if offer.state is OfferState.ANSWERED:
            yield MuteLeg(call=call.id, channel=leg, muted=mode is not Mode.WHISPER)
    elif mode is Mode.BARGE:
        yield from _come_in(state, call, one, muted=before is Mode.LISTEN)
    elif before is Mode.BARGE:
        if mode is Mode.LISTEN:
            yield MuteLeg(call=call.id, channel=leg, muted=True)
        if one.ear:
            yield JoinLeg(call=call.id, channel=leg, offer=one.offer)
        else:
            yield _overhear(state, call, one)
    else:
        yield MuteLeg(call=call.id, channel=leg, muted=mode is Mode.LISTEN)


def _come_in(state: State, call: Call, one: Supervision, *, muted: bool) -> Iterator[Output]:
    leg = agent_leg(one.offer)
    yield join_leg(state, call, leg)
    if muted:
        yield MuteLeg(call=call.id, channel=leg, muted=False)


def _overhear(state: State, call: Call, one: Supervision) -> Overhear:
    one.ear = True
    muted = one.mode is not Mode.WHISPER
    return Overhear(call=call.id, offer=one.offer, of=talk_of(state, call).id, muted=muted)


def take_over(state: State, call: Call, one: Supervision, at: int) -> Iterator[Output]:
    """He is in the conversation, and has the call from now; whoever had it has done with it."""
    assert one.joined and one.since is not None
    del call.supervisors[one.agent]
    offer, agent = state.offers[one.offer], state.agents[one.agent]
    offer.supervises = False
    agent.busy_since = at
    yield _ended(call, one, None, at)
    yield noted(one.by, one.of, TAKE_OVER, _how_long(call, one, at), at)
    yield from parties.bring_together(state, call, at)
    yield from parties.hand_over(state, call, offer, at, supervised=True)
    yield HangUp(call=call.id, channel=ear_of(offer.id))


def heir_of(call: Call) -> Supervision | None:
    """Who is in the conversation, if the agent who has the call is lost."""
    return next((one for one in call.supervisors.values() if one.joined), None)


def all_leave(state: State, call: Call, unheard: OfferOutcome, at: int) -> Iterator[Output]:
    """Who had the call has it no more, so nobody is at his ear."""
    for one in list(call.supervisors.values()):
        yield from let_go(state, one, unheard, at)


def let_go(state: State, one: Supervision, unheard: OfferOutcome, at: int) -> Iterator[Output]:
    """End his leg; `unheard` is the outcome if he has heard nothing."""
    offer = state.offers[one.offer]
    state.timers.forget(offer.id)
    state.timers.set(ReleaseOverdue(offer.id), at + state.configuration.limits.release_ms)
    offer.move(OfferState.WITHDRAWN)
    yield HangUp(call=offer.call, channel=agent_leg(offer.id))
    yield from gone(state, offer, unheard if one.since is None else None, at)


def ear_gone(state: State, name: OfferId, at: int) -> Iterator[Output]:
    """The ear at the agent's leg is gone, as it is when he hangs up: who is in the conversation needs none."""
    offer = state.offers.get(name)
    if offer is None or not (offer.supervises and offer.open):
        return
    one = state.calls[offer.call].supervisors[offer.agent]
    if one.mode is Mode.BARGE and one.since is not None:
        one.ear = False
    else:
        yield from let_go(state, one, OfferOutcome.FAILED, at)


def gone(state: State, offer: Offer, outcome: OfferOutcome | None, at: int) -> Iterator[Output]:
    """He is in the call no more."""
    call = state.calls[offer.call]
    one = call.supervisors.pop(offer.agent)
    if one.ear:
        yield HangUp(call=call.id, channel=ear_of(offer.id))
    yield _ended(call, one, outcome, at)
    yield noted(one.by, one.of, STOP_SUPERVISING, _how_long(call, one, at), at)


def mend(call: Call, bridges: Mapping[ChannelId, str | None]) -> Iterator[Output]:
    """Who hears the call from elsewhere than he should is told so once more."""
    assert call.bridge is not None
    for one in call.supervisors.values():
        leg = agent_leg(one.offer)
        wanted = call.bridge if one.mode is Mode.BARGE else one.offer
        if one.since is not None and leg in bridges and bridges[leg] != bridge_for(wanted):
            yield JoinLeg(call=call.id, channel=leg, offer=wanted)


def told(call: Call, one: Supervision, at: int) -> SupervisionChanged:
    """How it stands."""
    return SupervisionChanged(
        at=at,
        call=call.id,
        offer=one.offer,
        agent=one.agent,
        of=one.of,
        mode=one.mode,
        since=one.since,
    )


def noted(by: str, of: AgentId, action: str, detail: str, at: int) -> Supervised:
    """For the record: who has done what to whom."""
    return Supervised(at=at, by=by, agent=of, action=str(action), reason="", detail=str(detail))


def _ended(call: Call, one: Supervision, outcome: OfferOutcome | None, at: int) -> SupervisionEnded:
    return SupervisionEnded(
        at=at,
        call=call.id,
        offer=one.offer,
        agent=one.agent,
        of=one.of,
        mode=one.mode,
        outcome=outcome,
        heard_ms=0 if one.since is None else at - one.since,
    )


def _how_long(call: Call, one: Supervision, at: int) -> str:
    heard_s = 0 if one.since is None else (at - one.since) // 1000
    return f"{call.id}, heard for {heard_s} s"
