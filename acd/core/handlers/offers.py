"""An agent's phone rings, is picked up or not, and is connected; who is rung is decided in `matching`.

The agent is free again when his leg is known to be gone, not before: until then his phone may still be
ringing, and the next call would meet a busy line.
"""

from collections.abc import Iterator

from acd.core.agent import AgentState
from acd.core.call import IN_QUEUE, Call, CallState
from acd.core.commands import HangUp, RenewDeadMan
from acd.core.configuration import QueueRules
from acd.core.events import LegAnswered, LegBridged, LegLeaving
from acd.core.handlers import dialling, outsiders, parties, recorder, surveying, whispering
from acd.core.handlers.freeing import set_free
from acd.core.handlers.saving import save
from acd.core.handlers.search import forget_last_agent
from acd.core.handlers.waiting import (
    UNKNOWN_QUEUE,
    forget_waiting,
    heed_closing,
    overdue_result,
    release,
)
from acd.core.ids import (
    CallId,
    OfferId,
    agent_leg,
    call_of,
    caller_leg,
    node_of,
    read_agent_leg,
    read_outside_leg,
)
from acd.core.matching import Output
from acd.core.notices import CallConnected, OfferEnded
from acd.core.offer import Offer, OfferOutcome, OfferState, outcome_of
from acd.core.outsider import Outsider
from acd.core.party import Party
from acd.core.state import State
from acd.core.timers import (
    ConnectOverdue,
    DialOverdue,
    ReleaseOverdue,
    RenewDue,
    RingTimeout,
    SpareOver,
    WhisperOver,
)

_MOMENT_MS = 1_000
_MOST_DOUBLINGS = 16


def ring_timeout(state: State, deadline: RingTimeout, at: int) -> Iterator[Output]:
    """The agent did not pick up in time: the next one, at once."""
    offer = state.offers.get(deadline.offer)
    if offer is not None and offer.state is OfferState.RINGING:
        yield from withdraw(state, offer, OfferOutcome.NO_ANSWER, at)


def leg_answered(state: State, event: LegAnswered) -> Iterator[Output]:
    """An agent has picked up: connect him, or, if he is too late or another was first, let him go.

    Or whom an agent calls has.
    """
    called = state.calls.get(call_of(event.channel))
    if called is not None:
        yield from _called_one_answers(state, called, event.at)
        return
    if (outside := read_outside_leg(event.channel)) is not None:
        yield from _outsider_answers(state, outside[0], event)
        return
    offer = state.offers.get(OfferId(event.channel))
    if offer is None or offer.state is OfferState.WITHDRAWN:
        ours = read_agent_leg(event.channel)
        if ours is not None:
            yield HangUp(call=ours[0], channel=event.channel)
        return
    if offer.state is not OfferState.RINGING:
        return  # Told twice.
    call = state.calls[offer.call]
    if offer.beside:
        yield from parties.picked_up(state, call, offer, event.at)
        return
    if offer.placed:
        yield from dialling.dial(state, call, offer, event.at)
        return
    if call.picked_up is not None:
        yield from withdraw(state, offer, OfferOutcome.ELSEWHERE, event.at)
        return
    call.move(CallState.CONNECTING)
    call.picked_up = offer.id
    state.stop_waiting(call)
    state.timers.cancel(offer.id, RingTimeout)
    yield from whispering.picked_up(state, call, offer, event.at)


def _called_one_answers(state: State, call: Call, at: int) -> Iterator[Output]:
    """Whom an agent calls has picked up; they are connected when both have been seen in the bridge."""
    if call.state is not CallState.DIALLING or call.answered:
        return  # Told twice, or too late.
    assert call.picked_up is not None
    call.answered = True
    offer = state.offers[call.picked_up]
    state.timers.cancel(call.id, DialOverdue)
    state.timers.set(ConnectOverdue(offer.id), at + state.configuration.limits.connect_ms)
    yield from _connected_if_together(state, call, offer, at)


def _outsider_answers(state: State, name: CallId, event: LegAnswered) -> Iterator[Output]:
    """A number that was called for a call that goes on has picked up."""
    found = outsiders.on_leg(state, event.channel)
    if found is None:
        yield HangUp(call=name, channel=event.channel)
        return
    call, one = found
    before = one.since
    yield from outsiders.answered(state, call, one, event.at)
    if before is None and one.transfer and call.state is CallState.TALKING:
        yield from leave_to_others(state, call, event.at)


def leave_to_others(state: State, call: Call, at: int) -> Iterator[Output]:
    """Whoever is beside the call has it: an agent, if there is one. The agent who had it is let go."""
    talk = state.offers[call.picked_up] if call.picked_up is not None else None
    assert talk is not None
    yield from _pass_on(state, call, at)
    yield from withdraw(state, talk, None, at)


def _pass_on(state: State, call: Call, at: int) -> Iterator[Output]:
    if call.parties:
        yield from parties.take_over(state, call, at)
    else:
        yield from outsiders.hand_out(state, call, at)


def leg_bridged(state: State, event: LegBridged) -> Iterator[Output]:
    """A leg is in the offer's bridge; when both are, and not before, the two are connected."""
    party = state.offers.get(OfferId(event.channel))
    if party is not None and party.beside and party.state is OfferState.ANSWERED:
        call = state.calls[party.call]
        if event.offer == call.bridge:
            yield from parties.heard(state, call, party, event.at)
        return
    offer = state.offers.get(event.offer)
    if offer is None or offer.state is not OfferState.ANSWERED:
        return  # Late: connected already, or withdrawn, and the caller waits for somebody else.
    if event.channel == caller_leg(offer.call):
        offer.caller_bridged = True
    elif event.channel == agent_leg(offer.id):
        offer.agent_bridged = True
    yield from _connected_if_together(state, state.calls[offer.call], offer, event.at)


def _connected_if_together(state: State, call: Call, offer: Offer, at: int) -> Iterator[Output]:
    """Whom an agent calls is in the bridge before he picks up, and until then the agent hears it ring."""
    if offer.caller_bridged and offer.agent_bridged and (call.answered or not offer.placed):
        yield from connected(state, call, offer, at, since=at)


def leg_leaving(state: State, event: LegLeaving) -> Iterator[Output]:
    """Who hangs up when he has heard who it is wants none of it; at any other time the end of his leg says all."""
    offer = state.offers.get(OfferId(event.channel))
    if offer is not None and offer.state is OfferState.WHISPERING:
        yield from withdraw(state, offer, OfferOutcome.REJECTED, event.at)


def connected(state: State, call: Call, offer: Offer, at: int, *, since: int) -> Iterator[Output]:
    """Caller and agent hear each other, `since` a while ago if a restart finds them so."""
    agent = state.agents[offer.agent]
    call.answered = True  # Not before: a Connect that is not carried out answers nobody.
    offer.move(OfferState.CONNECTED)
    offer.connected_at = since
    call.move(CallState.TALKING)
    assert call.joined_at is not None
    call.connected_at = since
    call.bridge = offer.id
    call.waited_ms = since - call.joined_at
    call.served_by = agent.id
    agent.move(AgentState.TALKING)
    agent.calls += 1
    agent.busy_since = at
    if not offer.placed:  # A call out says nothing about how this queue's callers are served.
        agent.busy_for = offer.queue
        experience = state.experience_of(offer.queue)
        experience.left(gave_up=False)
        if call.forecast is not None:
            experience.served(call.forecast, at)
    forget_waiting(state, call, at)
    state.timers.cancel(offer.id, ConnectOverdue)
    state.forget_spares(call)
    state.timers.cancel(call.id, RenewDue)
    yield CallConnected(
        at=at,
        call=call.id,
        offer=offer.id,
        agent=agent.id,
        queue=offer.queue,
        connected_at=since,
        waited_ms=call.waited_ms,
    )
    yield state.settle(agent, at)
    yield RenewDeadMan(call=call.id, timeout_ms=0)
    yield save(call)
    yield from recorder.talk_begins(state, call, at)
    for other in [state.offers[name] for name in call.offers.values() if name != offer.id]:
        yield from withdraw(state, other, OfferOutcome.ELSEWHERE, at)


def connect_overdue(state: State, deadline: ConnectOverdue, at: int) -> Iterator[Output]:
    """The agent has picked up but the two do not hear each other: he is let go, the caller waits on."""
    offer = state.offers.get(deadline.offer)
    if offer is None or offer.state is not OfferState.ANSWERED:
        return
    if state.hears(node_of(offer.id)):
        yield from withdraw(state, offer, OfferOutcome.FAILED, at)
    else:  # They may well hear each other; we do not hear of it.
        state.timers.set(deadline, at + state.configuration.limits.connect_ms)


def withdraw(state: State, offer: Offer, outcome: OfferOutcome | None, at: int) -> Iterator[Output]:
    """End the agent's leg; `outcome` None if it was a conversation. A caller who is still there waits on."""
    _forget_deadlines(state, offer)
    offer.move(OfferState.WITHDRAWN)
    limits = state.configuration.limits
    state.timers.set(ReleaseOverdue(offer.id), at + limits.release_ms)
    if outcome is not None and not offer.beside:
        yield from _settle_outcome(state, offer, outcome, at)
    elsewhere = outcome is OfferOutcome.ELSEWHERE
    yield HangUp(call=offer.call, channel=agent_leg(offer.id), elsewhere=elsewhere)
    if offer.beside:
        yield from parties.gone(state, offer, outcome, at)


def dismiss(state: State, call: Call, at: int) -> Iterator[Output]:
    """Let go all who are beside a call that nobody has any more."""
    for one in call.beside:
        yield from let_party_go(state, call, one, OfferOutcome.CALLER_LEFT, at)


def let_party_go(
    state: State, call: Call, one: Party | Outsider, unheard: OfferOutcome, at: int
) -> Iterator[Output]:
    """End the leg of one who is beside a call; `unheard` is the outcome if nobody has heard him."""
    if isinstance(one, Outsider):
        yield from outsiders.let_go(state, call, one, unheard.value, at)
    else:
        outcome = unheard if one.since is None else None
        yield from withdraw(state, state.offers[one.offer], outcome, at)


def agent_leg_gone(state: State, offer: Offer, cause: int, at: int) -> Iterator[Output]:
    """The agent's leg has ended: by himself, by his phone, or because we withdrew it."""
    was = offer.state
    _forget_deadlines(state, offer)
    offer.move(OfferState.ENDED)
    if was is OfferState.RINGING:
        yield from _settle_outcome(state, offer, outcome_of(cause), at)
    elif was is OfferState.WHISPERING:
        yield from _settle_outcome(state, offer, OfferOutcome.REJECTED, at)
    elif was is OfferState.ANSWERED:
        yield from _settle_outcome(state, offer, OfferOutcome.FAILED, at)
    elif was is OfferState.CONNECTED and offer.beside:
        yield from parties.gone(state, offer, None, at)
    elif was is OfferState.CONNECTED:
        yield from _agent_lost(state, state.calls[offer.call], at)
    yield set_free(state, offer, _rules(state, offer), at)


def _agent_lost(state: State, call: Call, at: int) -> Iterator[Output]:
    """Who had the call has hung up. Who was only being rung for him is not kept waiting, nor is the caller."""
    consulted = call.consulted
    rung = consulted if consulted is not None and consulted.since is None else None
    if isinstance(rung, Outsider) and rung.transfer:
        yield from outsiders.hand_out(state, call, at)
        return
    alone = len(call.beside) == (rung is not None)
    if rung is not None and alone:
        yield from parties.wait_once_more(state, call, at)
    if rung is not None:
        yield from let_party_go(state, call, rung, OfferOutcome.WITHDRAWN, at)
    if not alone:
        yield from _pass_on(state, call, at)
    elif rung is None:
        parties.let_go(state, call, at)
        yield from surveying.after_talk(state, call, at)


def release_overdue(state: State, deadline: ReleaseOverdue, at: int) -> Iterator[Output]:
    """A leg that should be gone is not known to be: an agent must not be stuck for it."""
    offer = state.offers.get(deadline.offer)
    if offer is not None:
        # Once more, in case the first word was lost; to find nothing there is as good.
        yield HangUp(call=offer.call, channel=agent_leg(offer.id))
        offer.move(OfferState.ENDED)
        yield set_free(state, offer, _rules(state, offer), at)


def never_rang(state: State, offer: Offer, outcome: OfferOutcome, at: int) -> Iterator[Output]:
    """The phone was not even rung: there is no leg to wait for."""
    _forget_deadlines(state, offer)
    offer.move(OfferState.ENDED)
    yield from _settle_outcome(state, offer, outcome, at)
    yield set_free(state, offer, _rules(state, offer), at)


def _settle_outcome(state: State, offer: Offer, outcome: OfferOutcome, at: int) -> Iterator[Output]:
    """No conversation came of this offer: the caller spares this agent, and waits on if no other has him."""
    if offer.beside:
        yield from parties.gone(state, offer, outcome, at)
        return
    if offer.placed:
        if (called := state.calls.get(offer.call)) is not None:
            yield from dialling.come_to_nothing(state, called, offer, outcome, at)
        return
    offer.outcome = outcome
    yield OfferEnded(
        at=at,
        call=offer.call,
        offer=offer.id,
        agent=offer.agent,
        outcome=outcome,
        rang_ms=at - offer.offered_at,
    )
    call = state.calls.get(offer.call)
    if call is None:
        return
    del call.offers[offer.agent]
    if call.picked_up == offer.id:
        call.picked_up = None
    if call.state is CallState.TALKING:
        return  # With another, who was first.
    if call.last_agent == offer.agent:
        forget_last_agent(state, call)
    call.spares[offer.agent] = at + _spare_ms(call, offer, _rules(state, offer))
    state.timers.set(SpareOver(call.id, offer.agent), call.spares[offer.agent])
    # Who went off shift while the phone rang was looked at without this call.
    state.queues_to_review[offer.queue] = None
    if call.picked_up is None:
        yield from _wait_on(state, call, at)


def _spare_ms(call: Call, offer: Offer, rules: QueueRules) -> int:
    """How long this call spares this agent: longer each time that he lets it go."""
    if offer.outcome is OfferOutcome.ELSEWHERE:
        return _MOMENT_MS  # He has done nothing, but his phone needs a moment.
    before = call.missed.get(offer.agent, 0)
    if offer.outcome in (OfferOutcome.NO_ANSWER, OfferOutcome.REJECTED):
        call.missed[offer.agent] = before + 1
    longest_ms = max(rules.spare_ms, rules.spare_at_most_ms)
    return min(rules.spare_ms << min(before, _MOST_DOUBLINGS), longest_ms)


def _wait_on(state: State, call: Call, at: int) -> Iterator[Output]:
    """Nobody has picked up, or it came to nothing: the caller waits, perhaps with phones that still ring for him."""
    if call.offers and call.state is not CallState.OFFERED:
        call.move(CallState.OFFERED)
    if not call.offers:
        call.move(CallState.WAITING)
        if call.queue not in state.queues:  # It was taken away while the phone rang.
            yield from release(state, call, UNKNOWN_QUEUE, at)
        elif call.overdue:
            yield from release(state, call, overdue_result(state, call, at), at)
    if call.state in IN_QUEUE and call.queue in state.queues:
        state.wait(call)
        heed_closing(state, call, at)


def _rules(state: State, offer: Offer) -> QueueRules:
    return state.queues.get(offer.queue) or QueueRules(id=offer.queue, name=offer.queue)


def _forget_deadlines(state: State, offer: Offer) -> None:
    state.timers.cancel(offer.id, RingTimeout, WhisperOver, ConnectOverdue, ReleaseOverdue)
