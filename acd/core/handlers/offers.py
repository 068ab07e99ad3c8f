"""An agent's phone rings in vain, or his conversation is over; who is rung is decided in `matching`.

The agent is free again when his leg is known to be gone, not before: until then his phone may still be
ringing, and the next call would meet a busy line.
"""

from collections.abc import Iterator

from acd.core.call import IN_QUEUE, Call, CallState
from acd.core.commands import HangUp
from acd.core.configuration import QueueRules
from acd.core.handlers import (
    dialling,
    outsiders,
    overhearing,
    parties,
    surveying,
)
from acd.core.handlers.freeing import set_free
from acd.core.handlers.holding import talk_of
from acd.core.handlers.search import forget_last_agent
from acd.core.handlers.waiting import (
    UNKNOWN_QUEUE,
    heed_closing,
    overdue_result,
    release,
)
from acd.core.ids import (
    agent_leg,
)
from acd.core.matching import Output
from acd.core.notices import OfferEnded
from acd.core.offer import Offer, OfferOutcome, OfferState, outcome_of
from acd.core.outsider import Outsider
from acd.core.party import Party
from acd.core.state import State
from acd.core.supervision import Supervision
from acd.core.timers import ReleaseOverdue, RingTimeout, SpareOver

_MOMENT_MS = 1_000
_MOST_DOUBLINGS = 16


def ring_timeout(state: State, deadline: RingTimeout, at: int) -> Iterator[Output]:
    """The agent did not pick up in time: the next one, at once."""
    offer = state.offers.get(deadline.offer)
    if offer is not None and offer.state is OfferState.RINGING:
        yield from withdraw(state, offer, OfferOutcome.NO_ANSWER, at)


def agent_leaves(state: State, offer: Offer, at: int) -> Iterator[Output]:
    """The agent is on his way out, whatever we say: as if his leg had ended, and it is still to."""
    outcome: OfferOutcome | None = OfferOutcome.REJECTED
    if offer.state is OfferState.ANSWERED:
        outcome = OfferOutcome.FAILED
    elif offer.state is OfferState.CONNECTED:
        outcome = None
        if not offer.aside:
            yield from _agent_lost(state, state.calls[offer.call], at)
    yield from withdraw(state, offer, outcome, at)


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


def supervisor_has_it(state: State, call: Call, one: Supervision, at: int) -> Iterator[Output]:
    """If he takes the call over and is in the conversation, he has it, and the agent has done with it.

    Not while the agent asks another in private, which he may have begun to meanwhile.
    """
    if one.takes_over and one.joined and call.consulted is None:
        talk = talk_of(state, call)
        yield from overhearing.take_over(state, call, one, at)
        yield from withdraw(state, talk, None, at)


def withdraw(state: State, offer: Offer, outcome: OfferOutcome | None, at: int) -> Iterator[Output]:
    """End the agent's leg; `outcome` None if it was a conversation. A caller who is still there waits on."""
    state.timers.forget(offer.id)
    offer.move(OfferState.WITHDRAWN)
    limits = state.configuration.limits
    state.timers.set(ReleaseOverdue(offer.id), at + limits.release_ms)
    if outcome is not None and not offer.aside:
        yield from _settle_outcome(state, offer, outcome, at)
    elsewhere = outcome is OfferOutcome.ELSEWHERE
    yield HangUp(call=offer.call, channel=agent_leg(offer.id), elsewhere=elsewhere)
    if offer.aside:
        yield from _gone_from_aside(state, offer, outcome, at)
    elif (call := state.calls.get(offer.call)) is not None:
        yield from overhearing.all_leave(state, call, OfferOutcome.WITHDRAWN, at)


def dismiss(state: State, call: Call, at: int) -> Iterator[Output]:
    """Let go all who are beside a call that nobody has any more."""
    for one in call.beside:
        yield from let_party_go(state, call, one, OfferOutcome.CALLER_LEFT, at)
    yield from overhearing.all_leave(state, call, OfferOutcome.CALLER_LEFT, at)


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
    state.timers.forget(offer.id)
    offer.move(OfferState.ENDED)
    if was is OfferState.RINGING:
        yield from _settle_outcome(state, offer, outcome_of(cause), at)
    elif was is OfferState.WHISPERING:
        yield from _settle_outcome(state, offer, OfferOutcome.REJECTED, at)
    elif was is OfferState.ANSWERED:
        yield from _settle_outcome(state, offer, OfferOutcome.FAILED, at)
    elif was is OfferState.CONNECTED and offer.aside:
        yield from _gone_from_aside(state, offer, None, at)
    elif was is OfferState.CONNECTED:
        call = state.calls[offer.call]
        yield from _agent_lost(state, call, at)
        yield from overhearing.all_leave(state, call, OfferOutcome.WITHDRAWN, at)
    yield set_free(state, offer, _rules(state, offer), at)


def _gone_from_aside(
    state: State, offer: Offer, outcome: OfferOutcome | None, at: int
) -> Iterator[Output]:
    kind = overhearing if offer.supervises else parties
    yield from kind.gone(state, offer, outcome, at)


def _agent_lost(state: State, call: Call, at: int) -> Iterator[Output]:
    """Who had the call has hung up. Who was only being rung for him is not kept waiting, nor is the caller."""
    consulted = call.consulted
    rung = consulted if consulted is not None and consulted.since is None else None
    if isinstance(rung, Outsider) and rung.transfer:
        yield from outsiders.hand_out(state, call, at)
        return
    alone = len(call.beside) == (rung is not None)
    heir = overhearing.heir_of(call) if alone else None
    if rung is not None and alone and heir is None:
        yield from parties.wait_once_more(state, call, at)
    if rung is not None:
        yield from let_party_go(state, call, rung, OfferOutcome.WITHDRAWN, at)
    if heir is not None:
        yield from overhearing.take_over(state, call, heir, at)
    elif not alone:
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
    state.timers.forget(offer.id)
    offer.move(OfferState.ENDED)
    yield from _settle_outcome(state, offer, outcome, at)
    yield set_free(state, offer, _rules(state, offer), at)


def _settle_outcome(state: State, offer: Offer, outcome: OfferOutcome, at: int) -> Iterator[Output]:
    """No conversation came of this offer: the caller spares this agent, and waits on if no other has him."""
    if offer.aside:
        yield from _gone_from_aside(state, offer, outcome, at)
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
