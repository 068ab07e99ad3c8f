"""An agent picks up, and is connected with his caller, or comes to whom he was rung for; nobody is rung here.

Connected means that both legs have been seen in one bridge: that is the only proof that they hear each other.
"""

from collections.abc import Iterator

from acd.core import owing
from acd.core.agent import AgentState
from acd.core.call import Call, CallState
from acd.core.callback import CallbackOutcome
from acd.core.commands import HangUp, RenewDeadMan
from acd.core.events import LegAnswered, LegBridged, LegLeaving
from acd.core.handlers import (
    calling_back,
    dialling,
    outsiders,
    overhearing,
    parties,
    recorder,
    whispering,
)
from acd.core.handlers.offers import leave_to_others, supervisor_has_it, withdraw
from acd.core.handlers.saving import save
from acd.core.handlers.waiting import (
    forget_waiting,
)
from acd.core.ids import (
    CallId,
    Direction,
    OfferId,
    agent_leg,
    call_of,
    caller_leg,
    direction_of,
    node_of,
    read_agent_leg,
    read_outside_leg,
)
from acd.core.matching import Output
from acd.core.notices import CallConnected, Reason
from acd.core.offer import Offer, OfferOutcome, OfferState
from acd.core.state import State
from acd.core.timers import (
    ConnectOverdue,
    DialOverdue,
    RenewDue,
    RingTimeout,
)


def leg_answered(state: State, event: LegAnswered) -> Iterator[Output]:
    """An agent has picked up: connect him, or, if he is too late or another was first, let him go.

    Or whom an agent calls has.
    """
    if direction_of(event.channel) is Direction.OUT:
        yield from _called_one_answers(state, event)
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
    if offer.aside:
        comes = overhearing if offer.supervises else parties
        yield from comes.picked_up(state, call, offer, event.at)
        return
    if offer.placed:
        yield from _dial(state, call, offer, event.at)
        return
    if call.absent:
        yield from calling_back.agent_picked_up(state, call, offer, event.at)
        return
    if call.picked_up is not None:
        yield from withdraw(state, offer, OfferOutcome.ELSEWHERE, event.at)
        return
    call.move(CallState.CONNECTING)
    call.picked_up = offer.id
    state.stop_waiting(call)
    state.timers.cancel(offer.id, RingTimeout)
    yield from whispering.picked_up(state, call, offer, event.at)


def _dial(state: State, call: Call, offer: Offer, at: int) -> Iterator[Output]:
    """Call whom he wants, unless the route was taken away while his own phone rang."""
    routes = state.configuration.outbound.routes
    if call.way is not None and any(one.name == call.way.route.name for one in routes):
        yield from dialling.dial(state, call, offer, at)
    else:
        call.result = Reason.NO_ROUTE.value
        yield from withdraw(state, offer, OfferOutcome.WITHDRAWN, at)


def _called_one_answers(state: State, event: LegAnswered) -> Iterator[Output]:
    """Whom an agent calls has picked up; they are connected when both have been seen in the bridge."""
    name = call_of(event.channel)
    call = state.calls.get(name)
    if call is None or call.state is CallState.LEAVING:
        yield HangUp(call=name, channel=event.channel)  # Too late: nobody is there for him.
        return
    if call.state is not CallState.DIALLING or call.answered:
        return  # Told twice.
    assert call.picked_up is not None
    call.answered = True
    offer = state.offers[call.picked_up]
    state.timers.cancel(call.id, DialOverdue)
    state.timers.set(ConnectOverdue(offer.id), event.at + state.configuration.limits.connect_ms)
    yield from _connected_if_together(state, call, offer, event.at)


def _outsider_answers(state: State, name: CallId, event: LegAnswered) -> Iterator[Output]:
    """A number that was called for a call that goes on has picked up."""
    found = outsiders.on_leg(state, event.channel)
    if found is None:
        yield HangUp(call=name, channel=event.channel)
        return
    call, one = found
    yield from outsiders.answered(state, call, one, event.at)
    if one.transfer and call.state is CallState.TALKING:
        yield from leave_to_others(state, call, event.at)


def leg_bridged(state: State, event: LegBridged) -> Iterator[Output]:
    """A leg is in the offer's bridge; when both are, and not before, the two are connected."""
    party = state.offers.get(OfferId(event.channel))
    if party is not None and party.supervises:
        if party.open:
            yield from _supervisor_seen(state, party, event.offer, event.at)
        return
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


def _supervisor_seen(state: State, offer: Offer, where: OfferId, at: int) -> Iterator[Output]:
    call = state.calls[offer.call]
    yield from overhearing.seen(state, call, offer, where, at)
    yield from supervisor_has_it(state, call, call.supervisors[offer.agent], at)


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
    yield from forget_waiting(state, call, at)
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
    if call.callback is not None:
        yield owing.ended(state, call, CallbackOutcome.REACHED, at)
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
