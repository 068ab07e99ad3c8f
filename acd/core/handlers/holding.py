"""The caller's side of a conversation is put on hold and comes back; it is never between two places.

On the caller's side is the caller, and whoever is in conference with him. The agent who has the call stays in
its bridge all the while.
"""

from collections.abc import Iterator

from acd.core.call import Call, Hearing
from acd.core.commands import HoldLeg, JoinLeg, RenewDeadMan
from acd.core.handlers import recorder
from acd.core.ids import ChannelId, caller_leg
from acd.core.matching import Output
from acd.core.notices import CallHeld, CallRetrieved
from acd.core.offer import Offer
from acd.core.party import PartyState
from acd.core.state import State
from acd.core.timers import RenewDue


def hold_side(state: State, call: Call, at: int) -> Iterator[Output]:
    """The caller, and who is in conference with him, hear music."""
    for leg in _side(call):
        yield hold_leg(state, call, leg)
    yield from held(state, call, at)


def held(state: State, call: Call, at: int) -> Iterator[Output]:
    """The caller is on hold from now on: if we die, Asterisk takes him back."""
    assert call.served_by is not None
    call.held_since = at
    call.hearing = Hearing.MUSIC
    yield wind_up(state, call, at)
    yield CallHeld(at=at, call=call.id, agent=call.served_by)
    yield from recorder.follow(state, call, at)


def retrieve_side(state: State, call: Call, at: int) -> Iterator[Output]:
    """The caller, and who is in conference with him, are with the agent again."""
    for leg in _side(call):
        yield join_leg(state, call, leg)
    yield from retrieved(state, call, at)


def retrieved(state: State, call: Call, at: int) -> Iterator[Output]:
    """The hold is over."""
    assert call.served_by is not None and call.held_since is not None
    held_ms = at - call.held_since
    call.stop_holding(at)
    call.hearing = Hearing.NOTHING
    state.timers.cancel(call.id, RenewDue)
    yield RenewDeadMan(call=call.id, timeout_ms=0)
    yield CallRetrieved(at=at, call=call.id, agent=call.served_by, held_ms=held_ms)
    yield from recorder.follow(state, call, at)


def hold_leg(state: State, call: Call, leg: ChannelId) -> HoldLeg:
    """Out of the bridge, with the music of the queue for which the agent has the call."""
    assert call.bridge is not None and call.queue is not None
    rules = state.queues.get(call.queue)
    music = rules.hold_music if rules is not None else "default"
    return HoldLeg(call=call.id, channel=leg, offer=call.bridge, music=music)


def join_leg(state: State, call: Call, leg: ChannelId) -> JoinLeg:
    """Into the bridge."""
    assert call.bridge is not None
    stereo = recorder.in_stereo(state, call)
    return JoinLeg(call=call.id, channel=leg, offer=call.bridge, stereo=stereo)


def wind_up(state: State, call: Call, at: int) -> RenewDeadMan:
    """From now on Asterisk takes the caller back if we do not say in time that we are here."""
    dead_man_ms = state.configuration.limits.dead_man_ms
    state.timers.set(RenewDue(call.id), at + dead_man_ms // 3)
    return RenewDeadMan(call=call.id, timeout_ms=dead_man_ms)


def talk_of(state: State, call: Call) -> Offer:
    """The offer of the agent who has this call."""
    assert call.picked_up is not None
    return state.offers[call.picked_up]


def _side(call: Call) -> list[ChannelId]:
    joined = (one for one in call.beside if one.state is PartyState.JOINED)
    return [caller_leg(call.id), *(one.leg for one in joined)]
