"""Numbers beside a call: dialled, heard, gone; and the caller who is left to one when no agent has him any more.

However a number that is called comes to nothing, the caller is with the agent again, if he is still there; if not,
he waits in his queue once more, in the place that he had, and is not turned away.
"""

from collections.abc import Iterator

from acd.core.call import Call, CallState, Hearing
from acd.core.commands import (
    AnswerCall,
    DialNumber,
    HangUp,
    MuteLeg,
    RenewDeadMan,
)
from acd.core.events import ChannelSeen
from acd.core.handlers import recorder
from acd.core.handlers.dialling import NO_ANSWER, STOPPED_MEANWHILE
from acd.core.handlers.holding import hold_leg, join_leg, retrieve_side, talk_of, wind_up
from acd.core.handlers.parties import bring_together, mute_again, told
from acd.core.handlers.saving import save
from acd.core.handlers.waiting import DONE, enqueue, forget_waiting, release
from acd.core.ids import (
    AgentId,
    ChannelId,
    OfferId,
    caller_leg,
    dialled_at,
    offer_to,
    outside_leg,
    read_outside_leg,
)
from acd.core.matching import Output, start_music, stop_announcement
from acd.core.notices import CallHandedOut, OutsiderDialled, OutsiderLeft, Supervised
from acd.core.offer import OfferOutcome
from acd.core.outbound import Allowed, Number
from acd.core.outsider import Outsider
from acd.core.party import PartyState
from acd.core.reasons import Reason
from acd.core.state import State
from acd.core.timers import OutsiderOverdue, RenewDue
from acd.core.ways_out import may_dial


def dial(
    state: State,
    call: Call,
    number: Number,
    way: Allowed,
    by: AgentId,
    at: int,
    *,
    transfer: bool,
    deflected: bool = False,
) -> Iterator[Output]:
    """Call this number, by this way, into the bridge of the conversation; the caller hears music meanwhile."""
    assert call.queue is not None
    call.last_dial = max(at, call.last_dial + 1)
    leg = outside_leg(call.id, by, call.last_dial)
    assert call.bridge is not None
    call.outsiders[number.digits] = Outsider(
        number=number.digits,
        leg=leg,
        by=by,
        transfer=transfer,
        deflected=deflected,
        emergency=way.emergency,
    )
    state.usage.begin(leg, by, at)
    state.timers.set(OutsiderOverdue(call.id, number.digits), at + way.route.ring_ms)
    yield OutsiderDialled(
        at=at,
        call=call.id,
        leg=leg,
        number=number.digits,
        by=by,
        queue=call.queue,
        route=way.route.name,
        transfer=transfer,
    )
    yield DialNumber(
        call=call.id,
        leg=leg,
        sake=caller_leg(call.id),
        offer=call.bridge,
        endpoint=way.route.endpoint,
        digits=way.dialled,
        number=number.digits,
        caller_id=way.route.caller_id,
        timeout_ms=way.route.ring_ms,
    )


def way_out(state: State, call: Call, by: AgentId, number: Number, at: int) -> Allowed | Reason:
    """By which route a caller who waits may be sent on to this number, as a call of this agent; or why not."""
    if call.absent:
        return Reason.CALLER_ABSENT
    if call.queue not in state.queues:
        return Reason.UNKNOWN_QUEUE  # It was taken away, and he would have nowhere to come back to.
    return may_dial(state, by, number, at)


def sent_on(call: Call, by: str, agent: AgentId, at: int) -> Supervised:
    """For the record: who is not this agent has sent the caller on in his name."""
    return Supervised(at=at, by=by, agent=agent, action="deflect", reason="", detail=call.id)


def deflect(
    state: State, call: Call, number: Number, way: Allowed, by: AgentId, at: int
) -> Iterator[Output]:
    """Send a caller who waits on to this number: he hears what he heard, and has his place, until it picks up."""
    assert call.queue is not None
    if call.hearing is Hearing.ANNOUNCEMENT:
        yield stop_announcement(state, call)
        yield from start_music(state, call)
    yield from forget_waiting(state, call, at)
    call.move(CallState.OUTSIDE)
    call.last_dial = max(at, call.last_dial)  # So the bridge is named after no offer that was made.
    call.bridge = offer_to(call.id, by, call.last_dial + 1)
    yield CallHandedOut(at=at, call=call.id, number=number.digits, queue=call.queue, agent=None)
    yield from dial(state, call, number, way, by, at, transfer=True, deflected=True)


def send_on(state: State, call: Call, number: Number, way: Allowed, at: int) -> Iterator[Output]:
    """Another number rings for whom an agent has left to one, in that agent's name; he hears music meanwhile.

    If nobody picks up there, he waits from now, and his place counts from before.
    """
    left, deflected = list(call.outsiders.values()), call.deflected
    yield from recorder.talk_ends(call, at)
    if not call.needs_us:
        yield hold_leg(state, call, caller_leg(call.id))
        call.hearing = Hearing.MUSIC
        call.placed_at, call.joined_at = call.place_counts_from, at
        yield wind_up(state, call, at)
    yield from dial(state, call, number, way, left[0].by, at, transfer=True, deflected=deflected)
    for one in left:
        yield from let_go(state, call, one, OfferOutcome.WITHDRAWN.value, at)
    yield save(call)


def on_leg(state: State, leg: ChannelId) -> tuple[Call, Outsider] | None:
    """The outsider on this leg, and his call; None if nobody waits for it any more."""
    ours = read_outside_leg(leg)
    call = state.calls.get(ours[0]) if ours is not None else None
    outsiders = call.outsiders.values() if call is not None else ()
    return next(((call, one) for one in outsiders if call is not None and one.leg == leg), None)


def answered(state: State, call: Call, one: Outsider, at: int) -> Iterator[Output]:
    """He has picked up: he is with the agent who asks; or, of a transfer, with the caller."""
    if one.state is not PartyState.RINGING:
        return  # Told twice.
    state.timers.cancel((call.id, one.number), OutsiderOverdue)
    one.since = at
    one.move(PartyState.CONSULTED)
    if call.state is CallState.OUTSIDE:
        one.move(PartyState.JOINED)
        if not call.answered:
            call.answered = True
            yield AnswerCall(call=call.id)
        yield join_leg(state, call, caller_leg(call.id))
        if one.deflected and call.joined_at is not None:
            call.waited_ms = at - call.joined_at
        yield from _left_to_themselves(state, call)
    yield told(call, one, at)
    if call.state is CallState.OUTSIDE:
        yield from recorder.talk_begins(state, call, at)


def _left_to_themselves(state: State, call: Call) -> Iterator[Output]:
    """The caller hears somebody, and would go on hearing him without us."""
    call.hearing = Hearing.NOTHING
    state.timers.cancel(call.id, RenewDue)
    yield RenewDeadMan(call=call.id, timeout_ms=0)
    yield save(call)


def hand_out(state: State, call: Call, at: int) -> Iterator[Output]:
    """The agent has done with the caller, who is left to the number beside him, be it heard already or not."""
    assert call.served_by is not None and not call.parties
    rings = call.consulted is not None and call.consulted.since is None
    if not rings:
        yield from bring_together(state, call, at)
    else:  # With nobody but who rings in the bridge, Asterisk ends what it records.
        yield from recorder.talk_ends(call, at)
    talk = talk_of(state, call)
    call.stop_talking(at)
    yield CallHandedOut(
        at=at,
        call=call.id,
        number=next(iter(call.outsiders)),
        queue=talk.queue,
        agent=talk.agent,
        offer=talk.id,
        talked_ms=call.talked_ms,
        held_ms=call.held_ms,
    )
    call.hand_out(at)
    for one in call.outsiders.values():
        if one.muted:
            one.muted = False
            yield MuteLeg(call=call.id, channel=one.leg, muted=False)
            yield told(call, one, at)
    if rings:
        yield save(call)
    else:
        yield from _left_to_themselves(state, call)


def let_go(state: State, call: Call, one: Outsider, result: str, at: int) -> Iterator[Output]:
    """End his leg; `result` is why nobody has heard him, if nobody has."""
    yield HangUp(call=call.id, channel=one.leg)
    yield from gone(state, call, one, result, at)


def gone(state: State, call: Call, one: Outsider, result: str, at: int) -> Iterator[Output]:
    """He is beside the call no more; nobody is left on hold for that, nor alone."""
    consulted = call.consulted
    del call.outsiders[one.number]
    one.move(PartyState.GONE)
    state.timers.cancel((call.id, one.number), OutsiderOverdue)
    state.usage.end(one.leg)
    yield OutsiderLeft(
        at=at,
        call=call.id,
        leg=one.leg,
        number=one.number,
        by=one.by,
        result=result if one.since is None else "",
        talked_ms=0 if one.since is None else at - one.since,
    )
    if one is consulted and call.state is CallState.TALKING and call.held_since is not None:
        yield from retrieve_side(state, call, at)
    elif call.state is CallState.OUTSIDE and not call.outsiders:
        if one.since is None:
            yield from _wait_once_more(state, call, at)
        else:
            yield from release(state, call, DONE, at)


def _wait_once_more(state: State, call: Call, at: int) -> Iterator[Output]:
    assert call.queue is not None
    yield from recorder.talk_ends(call, at)
    state.queues_to_review[call.queue] = None  # Who was there for him may have gone meanwhile.
    yield from enqueue(state, call, call.queue, call.priority, at)


def found(
    state: State, call: Call, seen: ChannelSeen, where: PartyState, at: int
) -> Iterator[Output]:
    """A restart finds that somebody outside is in this call."""
    ours = read_outside_leg(seen.channel)
    assert ours is not None
    number = seen.number or seen.channel
    one = call.outsiders[number] = Outsider(number=number, leg=seen.channel, by=ours[1], since=at)
    yield from mute_again(call, one, seen)
    state.usage.found(one.leg, one.by, dialled_at(one.leg))
    one.move(PartyState.CONSULTED)
    if where is not PartyState.CONSULTED:
        one.move(where)
    yield told(call, one, at)


def found_outside(
    state: State, call: Call, bridge: OfferId, legs: list[ChannelSeen], at: int
) -> Iterator[Output]:
    """A restart finds that the caller talks to these, and to no agent."""
    assert call.queue is not None
    call.move(CallState.OUTSIDE)
    call.bridge = bridge
    yield CallHandedOut(at=at, call=call.id, number=legs[0].number, queue=call.queue, agent=None)
    for leg in legs:
        yield from found(state, call, leg, PartyState.JOINED, at)
    yield from _left_to_themselves(state, call)
    if call.recording is not None:
        yield from recorder.talk_begins(state, call, at)


def stop_dialling(state: State, at: int) -> Iterator[Output]:
    """Nobody calls out any more: what rings outside, emergencies apart, ends."""
    for call in list(state.calls.values()):
        for one in list(call.outsiders.values()):
            if one.since is None and not one.emergency:
                yield from let_go(state, call, one, STOPPED_MEANWHILE, at)


def overdue(state: State, deadline: OutsiderOverdue, at: int) -> Iterator[Output]:
    """He has not picked up in time."""
    call = state.calls[deadline.call]
    yield from let_go(state, call, call.outsiders[deadline.number], NO_ANSWER, at)
