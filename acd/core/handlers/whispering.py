"""Before he is connected, an agent hears a few words about the caller, who hears what he heard before; rings nobody."""

from collections.abc import Iterator

from acd.core.call import Call, Hearing
from acd.core.commands import Connect, StopWhisper, Whisper
from acd.core.events import WhisperFinished
from acd.core.handlers import recorder
from acd.core.ids import OfferId, node_of
from acd.core.matching import Output
from acd.core.offer import Offer, OfferState
from acd.core.state import State
from acd.core.timers import ConnectOverdue, WhisperOver


def picked_up(state: State, call: Call, offer: Offer, at: int) -> Iterator[Output]:
    """The agent has picked up: he hears who it is, if his queue says so, and then the caller."""
    rules = state.queues.get(offer.queue)
    prompts = rules.whisper if rules is not None else ()
    if rules is not None and call.identity.repeats:
        prompts += rules.whisper_repeat
    if not prompts:
        yield from connect(state, call, offer, at)
        return
    offer.move(OfferState.WHISPERING)
    state.timers.set(WhisperOver(offer.id), at + state.configuration.limits.whisper_ms)
    yield Whisper(call=call.id, offer=offer.id, prompts=prompts)


def connect(state: State, call: Call, offer: Offer, at: int) -> Iterator[Output]:
    """Let the two hear each other."""
    offer.move(OfferState.ANSWERED)
    state.timers.cancel(offer.id, WhisperOver)
    state.timers.set(ConnectOverdue(offer.id), at + state.configuration.limits.connect_ms)
    yield Connect(
        call=call.id,
        offer=offer.id,
        answer=not call.answered,
        stereo=recorder.in_stereo(state, call),
    )
    call.hearing = Hearing.NOTHING  # Connecting ends music and ringing.


def whisper_finished(state: State, event: WhisperFinished) -> Iterator[Output]:
    """The agent has heard it, or it cannot be played: the caller waits no longer for it."""
    offer = state.offers.get(OfferId(event.channel))
    if offer is not None and offer.state is OfferState.WHISPERING:
        yield from connect(state, state.calls[offer.call], offer, event.at)


def whisper_over(state: State, deadline: WhisperOver, at: int) -> Iterator[Output]:
    """It has taken too long, or its end was never told."""
    offer = state.offers.get(deadline.offer)
    if offer is None or offer.state is not OfferState.WHISPERING:
        return
    if not state.hears(node_of(offer.id)):
        state.timers.set(deadline, at + state.configuration.limits.whisper_ms)
        return
    yield StopWhisper(call=offer.call, offer=offer.id)
    yield from connect(state, state.calls[offer.call], offer, at)
