"""Asterisk did not do what it was told: clear up what was built on it; nothing here tries again."""

from collections.abc import Iterator

from acd.core.call import CallState, Hearing
from acd.core.events import CommandFailed, Failure, PromptsFinished, WhisperFinished
from acd.core.handlers import outsiders, overhearing, recorder
from acd.core.handlers.calling import give_up
from acd.core.handlers.departures import caller_hung_up
from acd.core.handlers.dialling import UNREACHABLE
from acd.core.handlers.holding import held, retrieved
from acd.core.handlers.menus import prompts_finished
from acd.core.handlers.offers import (
    let_party_go,
    never_rang,
    withdraw,
)
from acd.core.handlers.whispering import whisper_finished
from acd.core.ids import OfferId, call_of
from acd.core.matching import Output
from acd.core.offer import Offer, OfferOutcome, OfferState
from acd.core.state import State
from acd.core.timers import LeaveOverdue


def command_failed(state: State, event: CommandFailed) -> Iterator[Output]:
    """What leaves nothing to clear up is not here: the rest of it is told by events of its own."""
    match event.command:
        case "RingAgent":
            yield from _not_rung(state, event)
        case "DialNumber" if (call := state.calls.get(call_of(event.channel))) is not None:
            if call.state is CallState.DIALLING:
                yield from give_up(state, call, UNREACHABLE, event.at)
                # It was told to end, in case it is there; nobody waits to hear of it.
                state.timers.set(LeaveOverdue(call.id), event.at)
        case "DialNumber" if (outside := outsiders.on_leg(state, event.channel)) is not None:
            yield from outsiders.let_go(state, *outside, UNREACHABLE, event.at)
        case "Connect":
            yield from _not_connected(state, event)
        case "Whisper":  # What cannot be played has been heard.
            heard = WhisperFinished(at=event.at, channel=event.channel)
            yield from whisper_finished(state, heard)
        case "HoldLeg" | "JoinLeg" if call_of(event.channel) in state.calls:
            yield from _not_parted_or_joined(state, event)
        case "JoinLeg" | "MuteLeg" | "Overhear" if _supervises(state, event):
            # He hears nothing, or may be heard by whom he must not be: nobody is left so.
            one = state.offers[OfferId(event.channel)]
            supervision = state.calls[one.call].supervisors[one.agent]
            yield from overhearing.let_go(state, supervision, OfferOutcome.FAILED, event.at)
        case "JoinLeg":
            yield from _not_connected(state, event)
        case "AnswerCall" if (call := state.calls.get(call_of(event.channel))) is not None:
            call.answered = False  # Who connects him answers him.
        case "StartHoldMusic" if (call := state.calls.get(call_of(event.channel))) is not None:
            if call.hearing is Hearing.MUSIC:
                call.hearing = Hearing.UNKNOWN  # The next look around starts it anew.
        case "StartRecording" | "PauseRecording" | "ResumeRecording" if (
            call := state.calls.get(call_of(event.channel))
        ) is not None:
            yield from recorder.not_done(call, event)
        case "PlayPrompts" if (call := state.calls.get(call_of(event.channel))) is not None:
            # What cannot be played has been heard: the caller must not wait for it.
            finished = PromptsFinished(at=event.at, call=call.id, playback=call.playback)
            yield from prompts_finished(state, finished)


def _not_rung(state: State, event: CommandFailed) -> Iterator[Output]:
    offer = _offer_in(state, event)
    if offer is None or offer.state is not OfferState.RINGING:
        return  # Withdrawn meanwhile; or picked up, which proves that it did ring.
    match event.failure:
        case Failure.UNREACHABLE:
            # The phone may ring all the same: end it under the name that we chose.
            yield from withdraw(state, offer, OfferOutcome.FAILED, event.at)
        case Failure.REFUSED:
            yield from never_rang(state, offer, OfferOutcome.UNREACHABLE, event.at)
        case Failure.GONE if state.calls[offer.call].absent:  # Who is not there cannot be gone.
            yield from never_rang(state, offer, OfferOutcome.UNREACHABLE, event.at)
        case Failure.GONE:
            # There is no caller to ring for. His own event is on its way, or lost: nobody else is rung.
            yield from never_rang(state, offer, OfferOutcome.CALLER_LEFT, event.at)
            yield from caller_hung_up(state, state.calls[offer.call], event.at)


def _not_connected(state: State, event: CommandFailed) -> Iterator[Output]:
    offer = _offer_in(state, event)
    if offer is not None and offer.state is OfferState.ANSWERED:
        yield from withdraw(state, offer, OfferOutcome.FAILED, event.at)


def _not_parted_or_joined(state: State, event: CommandFailed) -> Iterator[Output]:
    """Asterisk said no: things are as before, and people are told. After silence nobody knows: they try again.

    A caller who may not be on hold must not hear what is said of him: then nobody is consulted.
    """
    call = state.calls[call_of(event.channel)]
    if call.state is not CallState.TALKING or event.failure is Failure.GONE:
        return
    hold = event.command == "HoldLeg"
    if hold and call.held_since is not None and call.consulted is not None:
        yield from let_party_go(state, call, call.consulted, OfferOutcome.WITHDRAWN, event.at)
    elif event.failure is Failure.REFUSED and hold and call.held_since is not None:
        yield from retrieved(state, call, event.at)
    elif event.failure is Failure.REFUSED and not hold and call.held_since is None:
        yield from held(state, call, event.at)


def _supervises(state: State, event: CommandFailed) -> bool:
    offer = state.offers.get(OfferId(event.channel))
    return offer is not None and offer.supervises and offer.open


def _offer_in(state: State, event: CommandFailed) -> Offer | None:
    """The offer that the command was about: named by the agent's leg, or, with less to go by, by the caller's."""
    offer = state.offers.get(OfferId(event.channel))
    if offer is None:
        call = state.calls.get(call_of(event.channel))
        offer = state.offers.get(call.picked_up) if call and call.picked_up else None
    return offer
