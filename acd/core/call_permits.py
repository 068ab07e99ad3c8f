"""What the agent who has a call may do with it as it is: refusals and `allowed` both come from here; changes nothing.

As in `permits`: the engine refuses what `refusal` names, and the API shows what `allowed` lists. Who may ask at
all is settled at the edge; that somebody has the call, before.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

from acd.core.notices import Reason
from acd.core.party import PartyState
from acd.core.recording import UNDER_WAY, RecordingState


class CallAction(StrEnum):
    """What can be done with a call that somebody has."""

    HOLD = "hold"
    RETRIEVE = "retrieve"
    TRANSFER = "transfer"
    SEND_TONES = "send-tones"
    CONSULT = "consult"
    ALTERNATE = "alternate"
    COMPLETE_CONSULT = "complete-consult"
    CANCEL_CONSULT = "cancel-consult"
    CONFERENCE = "conference"
    REMOVE_PARTY = "remove-party"
    MUTE_PARTY = "mute-party"
    UNMUTE_PARTY = "unmute-party"
    CLEAR = "clear"
    RECORD = "record"
    STOP_RECORDING = "stop-recording"
    PAUSE_RECORDING = "pause-recording"
    RESUME_RECORDING = "resume-recording"


# What can be done with a call that is left to a number.
OUTSIDE_TOO = (CallAction.TRANSFER, CallAction.CLEAR)


class Beside(Protocol):
    """As much of a party as matters here."""

    @property
    def state(self) -> PartyState:
        """Where he is."""

    @property
    def muted(self) -> bool:
        """Whether he is not heard."""


class Recorded(Protocol):
    """As much of a recording as matters here."""

    @property
    def state(self) -> RecordingState:
        """How it stands."""

    @property
    def withheld(self) -> bool:
        """Whether somebody has paused it."""


def refusal(
    action: CallAction, on_hold: bool, parties: Iterable[Beside], recording: Recorded | None
) -> Reason | None:
    """Why this may not be done now with a call that somebody has; None if it may."""
    beside = tuple(parties)
    consulted = consulted_of(beside)
    match action:
        case CallAction.HOLD | CallAction.RETRIEVE | CallAction.CONSULT | CallAction.TRANSFER:
            if consulted is not None:
                return Reason.CONSULTING
            return _refusal_of_one(action, on_hold, beside)
        case CallAction.SEND_TONES:
            return Reason.ON_HOLD if on_hold else None
        case CallAction.ALTERNATE | CallAction.CONFERENCE | CallAction.COMPLETE_CONSULT:
            if consulted is PartyState.RINGING:
                return Reason.CONSULT_NOT_ANSWERED
            enough = beside if action is CallAction.COMPLETE_CONSULT else consulted
            return None if enough else Reason.NOT_CONSULTING
        case CallAction.CANCEL_CONSULT:
            return None if consulted else Reason.NOT_CONSULTING
        case CallAction.REMOVE_PARTY:
            return None if beside else Reason.NOT_IN_CALL
        case CallAction.MUTE_PARTY | CallAction.UNMUTE_PARTY:
            muted = action is CallAction.UNMUTE_PARTY
            some = any(one.muted is muted and one.state is not PartyState.RINGING for one in beside)
            return None if some else Reason.NOT_IN_CALL
        case CallAction.CLEAR:
            return None
    return _refusal_of_recording(action, recording)


def _refusal_of_recording(action: CallAction, recording: Recorded | None) -> Reason | None:
    if recording is None:
        return Reason.MAY_NOT_BE_RECORDED
    recorded, withheld = recording.state in UNDER_WAY, recording.withheld
    match action:
        case CallAction.RECORD:
            return Reason.RECORDED_ALREADY if recorded else None
        case CallAction.PAUSE_RECORDING if recorded and withheld:
            return Reason.RECORDING_PAUSED
        case CallAction.RESUME_RECORDING if recorded and not withheld:
            return Reason.RECORDING_NOT_PAUSED
    return None if recorded else Reason.NOT_RECORDED


def _refusal_of_one(action: CallAction, on_hold: bool, parties: Sequence[Beside]) -> Reason | None:
    match action:
        case CallAction.HOLD:
            return Reason.ON_HOLD if on_hold else None
        case CallAction.RETRIEVE:
            return None if on_hold else Reason.NOT_ON_HOLD
        case CallAction.TRANSFER:
            return Reason.IN_CONFERENCE if parties else None
    return None


def consulted_of(parties: Iterable[Beside]) -> PartyState | None:
    """Where the one is who is asked and not in conference, if there is one."""
    states = (one.state for one in parties)
    return next((state for state in states if state is not PartyState.JOINED), None)


def allowed(
    on_hold: bool, parties: Iterable[Beside], recording: Recorded | None
) -> tuple[CallAction, ...]:
    """What the agent who has the call can do with it now."""
    recorded = None if recording is None else _Recorded(recording.state, recording.withheld)
    return _allowed(on_hold, tuple(_Beside(one.state, one.muted) for one in parties), recorded)


class _Beside(NamedTuple):
    state: PartyState
    muted: bool


class _Recorded(NamedTuple):
    state: RecordingState
    withheld: bool


@lru_cache(maxsize=1024)  # It is asked at every event of every call, and most of them are alike.
def _allowed(
    on_hold: bool, beside: tuple[_Beside, ...], recorded: _Recorded | None
) -> tuple[CallAction, ...]:
    return tuple(
        action for action in CallAction if refusal(action, on_hold, beside, recorded) is None
    )
