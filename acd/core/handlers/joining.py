"""An agent's phone joins two calls of its own (its transfer button, after he has asked there): one caller, one call.

Asterisk has done it by then, with a channel of its own in the place of each of the phone's, and the agent is on his
way out. Of the two calls the caller's goes on: where the agent has asked a queue, he waits there; where a colleague has
picked up, that one has him. What the phone has dialled past us we know nothing of, so nobody is left to it: the caller
waits once more, in the place that he had.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace

from acd.core.call import Call, CallState
from acd.core.commands import HangUp
from acd.core.events import CallLeft, LegEnded, LegReplaced
from acd.core.handlers import departures, parties
from acd.core.handlers.control import hand_on
from acd.core.handlers.holding import hold_side, join_leg, retrieve_side, talk_of
from acd.core.handlers.offers import agent_leaves, let_party_go, withdraw
from acd.core.handlers.waiting import refusal
from acd.core.ids import OfferId, agent_leg, call_of, read_agent_leg
from acd.core.matching import Output
from acd.core.notices import Ending
from acd.core.offer import Offer, OfferOutcome
from acd.core.state import State
from acd.core.timers import JoinOverdue

# Asterisk tells of the two halves one after the other.
_OTHER_HALF_MS = 200


def leg_replaced(state: State, event: LegReplaced) -> Iterator[Output]:
    """Half of it; with the other half we know who is to talk to whom."""
    other = state.joining.pop(event.pair, None)
    if other is None or other.channel == event.channel:
        state.joining[event.pair] = event
        state.timers.set(JoinOverdue(event.pair), event.at + _OTHER_HALF_MS)
        return
    state.timers.cancel(event.pair, JoinOverdue)
    mine, theirs = sorted((other, event), key=lambda one: read_agent_leg(one.channel) is None)
    asked = state.calls.get(call_of(theirs.channel))
    yield from _join(state, mine, asked, event.at)
    if asked is None:
        yield from _join(state, theirs, None, event.at)
    for half in (mine, theirs):
        yield from _clear_away(state, half, event.at)


def leg_ended(state: State, event: LegEnded) -> Iterator[Output]:
    """As any leg ends; but of one that was to be joined with another, it is part of that."""
    for pair in [pair for pair, one in state.joining.items() if one.channel == event.channel]:
        if call_of(event.channel) in state.calls:
            return
        # The agent has hung up: there is no other half of ours.
        state.timers.cancel(pair, JoinOverdue)
        yield from join_overdue(state, JoinOverdue(pair), event.at)
    yield from departures.leg_ended(state, event)


def call_left(state: State, event: CallLeft) -> Iterator[Output]:
    """The same of a caller's channel that has left us."""
    if all(one.channel != event.channel for one in state.joining.values()):
        yield from departures.call_left(state, event)


def join_overdue(state: State, deadline: JoinOverdue, at: int) -> Iterator[Output]:
    """The other half is not ours."""
    half = state.joining.pop(deadline.pair)
    yield from _join(state, half, None, at)
    yield from _clear_away(state, half, at)


def _join(state: State, half: LegReplaced, asked: Call | None, at: int) -> Iterator[Output]:
    sends = yield from sender(state, OfferId(half.channel), at)
    if sends is None:
        return
    call, talk = sends
    if asked is call:
        asked = None
    if asked is not None and asked.state is CallState.TALKING:
        yield from _to_who_is_asked(state, call, talk, asked, at)
        return
    queue = asked.queue if asked is not None else None
    if asked is not None:  # He needs no second place there.
        yield from departures.end(state, asked, Ending.TAKEN_BACK, at)
    if queue in state.queues and refusal(state, replace(call, queue=queue), at) is None:
        assert queue is not None
        yield from hand_on(state, call, queue, None, at)
    else:
        yield from stay(state, call, talk, at)


def _to_who_is_asked(
    state: State, call: Call, talk: Offer, asked: Call, at: int
) -> Iterator[Output]:
    """He comes to the caller, out of the call in which he was asked, which is over."""
    his = talk_of(state, asked)
    if call.held_since is not None:
        yield from retrieve_side(state, call, at)
    yield join_leg(state, call, agent_leg(his.id))
    asked.offers.clear()
    yield from departures.end(state, asked, Ending.COMPLETED, at)
    his.call = call.id
    yield from parties.hand_over(state, call, his, at, supervised=False)
    yield from withdraw(state, talk, None, at)


def sender(
    state: State, name: OfferId, at: int
) -> Generator[Output, None, tuple[Call, Offer] | None]:
    """The call that this agent's phone may send somewhere. If there is none, whoever is on that leg leaves."""
    talk = state.offers.get(name)
    call = state.calls.get(talk.call) if talk is not None else None
    if talk is None or call is None or not talk.open:
        return None
    has_it = call.state is CallState.TALKING and call.picked_up == name
    if not has_it or any(one.since is not None for one in call.beside):
        # Who does not have the call sends nobody anywhere; nor who has others beside him: it is theirs.
        yield from agent_leaves(state, talk, at)
        return None
    for one in call.beside:
        yield from let_party_go(state, call, one, OfferOutcome.WITHDRAWN, at)
    return call, talk


def stay(state: State, call: Call, talk: Offer, at: int) -> Iterator[Output]:
    """He may not go there: he waits once more, and the agent is gone."""
    if call.held_since is None:
        yield from hold_side(state, call, at)
    yield from parties.wait_once_more(state, call, at)
    yield from withdraw(state, talk, None, at)


def _clear_away(state: State, half: LegReplaced, at: int) -> Iterator[Output]:
    """What Asterisk has made for it; and who called us on that leg has left us, with whomever he is now."""
    yield HangUp(call=call_of(half.channel), channel=half.stand_in)
    if (left := state.calls.get(call_of(half.channel))) is not None:
        yield from departures.end(state, left, Ending.TAKEN_BACK, at)
