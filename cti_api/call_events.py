"""Which notices are events of a call, how the wire calls them, and what is shown of them; never to whom."""

import re
from collections.abc import Mapping
from typing import TypeAlias, get_args

from acd.core import notices

CallNotice: TypeAlias = (
    notices.CallStarted
    | notices.CallerRecognised
    | notices.MenuEntered
    | notices.CallQueued
    | notices.PlaceResumed
    | notices.CallOverflowed
    | notices.CallChanged
    | notices.CallOffered
    | notices.OfferEnded
    | notices.CallPlaced
    | notices.NumberDialled
    | notices.CallConnected
    | notices.CallHeld
    | notices.CallRetrieved
    | notices.CallTransferred
    | notices.PartyOffered
    | notices.PartyChanged
    | notices.PartyLeft
    | notices.CallTakenOver
    | notices.SurveyBegan
    | notices.OutsiderDialled
    | notices.OutsiderChanged
    | notices.OutsiderLeft
    | notices.CallHandedOut
    | notices.SupervisionChanged
    | notices.SupervisionEnded
    | notices.DataChanged
    | notices.RecordingChanged
    | notices.CallbackChanged
    | notices.CallbackEnded
    | notices.CallEnded
)

# A notice's name on the wire: CallQueued is call-queued.
NAMES: Mapping[type, str] = {
    kind: re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower() for kind in get_args(CallNotice)
}
# What is shown of it beside the call's view, under the same names.
SHOWN: Mapping[type, tuple[str, ...]] = {
    notices.CallerRecognised: ("late",),
    notices.MenuEntered: ("menu",),
    notices.PlaceResumed: ("earlier", "away_ms"),
    notices.CallOverflowed: ("queue", "step", "also", "to", "result"),
    notices.CallChanged: ("by", "change"),
    notices.CallOffered: ("offer", "agent", "attempt", "waited_ms"),
    notices.OfferEnded: ("offer", "agent", "outcome", "rang_ms"),
    notices.CallPlaced: ("offer", "agent", "route"),
    notices.NumberDialled: ("agent", "route"),
    notices.CallConnected: ("offer", "agent", "waited_ms"),
    notices.CallHeld: ("agent",),
    notices.CallRetrieved: ("agent", "held_ms"),
    notices.CallTransferred: ("agent", "to_queue", "to_agent", "talked_ms", "held_ms"),
    notices.PartyOffered: ("offer", "agent", "by"),
    notices.PartyChanged: ("agent", "state", "muted"),
    notices.PartyLeft: ("agent", "outcome", "talked_ms"),
    notices.CallTakenOver: ("offer", "agent", "by", "talked_ms", "held_ms"),
    notices.DataChanged: ("by",),
    notices.SurveyBegan: ("agent", "menu", "talked_ms", "held_ms"),
    notices.OutsiderDialled: ("number", "by", "route", "transfer"),
    notices.OutsiderChanged: ("number", "by", "state", "muted"),
    notices.OutsiderLeft: ("number", "by", "result", "talked_ms"),
    notices.CallHandedOut: ("number", "agent", "talked_ms", "held_ms"),
    notices.SupervisionChanged: ("agent", "of", "mode", "since"),
    notices.SupervisionEnded: ("agent", "of", "mode", "outcome", "heard_ms"),
    notices.RecordingChanged: ("agent", "state", "part", "by"),
    notices.CallbackChanged: ("id",),
    notices.CallbackEnded: ("id", "outcome", "by", "reason"),
    notices.CallEnded: ("agent", "ending", "detail", "waited_ms", "talked_ms", "held_ms"),
}
