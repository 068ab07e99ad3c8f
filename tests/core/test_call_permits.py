"""Which buttons the agent who has a call is shown: what is shown is granted, what is not is refused."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

import pytest

from acd.core import requests
from acd.core.call_permits import CallAction, allowed
from acd.core.notices import Accepted
from tests.core.test_consulting import BOB, CY, asks, consulting, in_conference, talking
from tests.core.test_recording import ON_REQUEST, recorded
from tests.core.test_recording import talking as may_be_recorded
from tests.play import SALES, Play, call_id

Situation: TypeAlias = Callable[[], Play]


def another_is_asked() -> Play:
    """Bob was in conference with them."""
    return asks(in_conference(), requests.ConsultAgent, agent=CY)


def muted() -> Play:
    return asks(in_conference(), requests.MuteParty, agent=BOB, muted=True)


# How it is with the call that ana has, and what she is shown.
BUTTONS: Mapping[str, tuple[Situation, str]] = {
    "they talk": (talking, "hold transfer send-tones consult clear"),
    "the caller is on hold": (
        lambda: asks(talking(), requests.HoldCall),
        "retrieve transfer consult clear",
    ),
    "the caller hears music, and bob's phone rings": (
        lambda: asks(talking(), requests.ConsultAgent, agent=BOB),
        "cancel-consult remove-party clear",
    ),
    "she asks bob, and the caller hears music": (
        consulting,
        "alternate complete-consult cancel-consult conference remove-party mute-party clear",
    ),
    "she is with the caller again, and bob hears music": (
        lambda: asks(consulting(), requests.Alternate),
        "send-tones alternate complete-consult cancel-consult conference remove-party mute-party clear",
    ),
    "all three talk": (
        in_conference,
        "hold send-tones consult complete-consult remove-party mute-party clear",
    ),
    "all three talk, and bob is not heard": (
        muted,
        "hold send-tones consult complete-consult remove-party unmute-party clear",
    ),
    "caller and bob hear music, and cy's phone rings": (
        another_is_asked,
        "cancel-consult remove-party mute-party clear",
    ),
    "they talk, and may be recorded": (
        lambda: may_be_recorded(**ON_REQUEST),
        "hold transfer send-tones consult clear record",
    ),
    "they are recorded": (
        recorded,
        "hold transfer send-tones consult clear stop-recording pause-recording",
    ),
    "they are recorded, but for a card number": (
        lambda: asks(recorded(), requests.SuspendRecording),
        "hold transfer send-tones consult clear stop-recording resume-recording",
    ),
}

ASKED: Mapping[CallAction, tuple[type, Mapping[str, Any]]] = {
    CallAction.HOLD: (requests.HoldCall, {}),
    CallAction.RETRIEVE: (requests.RetrieveCall, {}),
    CallAction.TRANSFER: (requests.TransferToQueue, {"queue": SALES}),
    CallAction.SEND_TONES: (requests.SendTones, {"keys": "1"}),
    CallAction.CONSULT: (requests.ConsultAgent, {"agent": CY}),
    CallAction.ALTERNATE: (requests.Alternate, {}),
    CallAction.COMPLETE_CONSULT: (requests.CompleteConsult, {}),
    CallAction.CANCEL_CONSULT: (requests.CancelConsult, {}),
    CallAction.CONFERENCE: (requests.StartConference, {}),
    CallAction.REMOVE_PARTY: (requests.RemoveParty, {"agent": BOB}),
    CallAction.MUTE_PARTY: (requests.MuteParty, {"agent": BOB, "muted": True}),
    CallAction.UNMUTE_PARTY: (requests.MuteParty, {"agent": BOB, "muted": False}),
    CallAction.CLEAR: (requests.ClearCall, {}),
    CallAction.RECORD: (requests.BeginRecording, {}),
    CallAction.STOP_RECORDING: (requests.EndRecording, {}),
    CallAction.PAUSE_RECORDING: (requests.SuspendRecording, {}),
    CallAction.RESUME_RECORDING: (requests.ContinueRecording, {}),
}


@pytest.mark.parametrize(("situation", "shown"), BUTTONS.values(), ids=BUTTONS)
def test_what_is_shown_is_granted_and_what_is_not_is_refused(
    situation: Situation, shown: str
) -> None:
    play = situation()
    call = play.engine.state.calls[call_id("c1")]
    buttons = allowed(call.held_since is not None, call.beside, call.recording)
    assert " ".join(buttons) == shown
    for action, (kind, fields) in ASKED.items():
        answer, *_ = asks(deepcopy(play).skip(), kind, **fields).said
        granted = isinstance(answer, Accepted)
        again = action in (CallAction.MUTE_PARTY, CallAction.UNMUTE_PARTY)  # It may be done twice.
        assert granted is (action in buttons) or (granted and again), action
