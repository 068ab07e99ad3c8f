"""What every event begins with, and its example; none of the events themselves."""

from typing import Annotated, Any, Literal

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.forms import STRICT

# How the call of the examples, which rings, is shown at other times to the agent who has it, or will.
_WAITS: dict[str, Any] = {"phase": "waiting", "agent": None, "ringing": [], "allowed": []}
_TALKS: dict[str, Any] = {
    "phase": "talking",
    "ringing": [],
    "connected_at": 1750003604400,
    "allowed": [
        "hold",
        "transfer",
        "send-tones",
        "consult",
        "clear",
        "record-outcome",
        "write-data",
    ],
}
_OVER: dict[str, Any] = {"allowed": ["record-outcome"], "ringing": []}
_SHOWN: dict[str, dict[str, Any]] = {
    "call-started": _WAITS | {"phase": "arrived", "queue": None, "joined_at": None},
    "menu-entered": _WAITS | {"phase": "menu", "queue": None, "joined_at": None},
    "call-offered": {},
    "caller-changed": {},
    "call-placed": {"phase": "placed", "direction": "out", "allowed": ["clear", "write-data"]},
    "number-dialled": {"phase": "dialling", "direction": "out", "allowed": ["clear", "write-data"]},
    "call-handed-out": _WAITS | {"phase": "outside"},
    "survey-began": _TALKS | _OVER | {"phase": "survey"},
    "call-ended": _TALKS | _OVER | {"phase": "ended"},
} | dict.fromkeys(
    (
        "caller-recognised",
        "call-queued",
        "place-resumed",
        "call-overflowed",
        "call-changed",
        "route-requested",
        "offer-ended",
        "call-transferred",
        "callback-changed",
        "callback-ended",
    ),
    _WAITS,
)


def example(event: str, **fields: Any) -> dict[str, Any]:
    """The example of an event; a call in it is shown as it would be after it."""
    head = {"type": "event", "seq": 1750003600200001, "at": 1750003600200, "event": event}
    if "phase" in fields.get("view", {}):
        fields["view"] = fields["view"] | _SHOWN.get(event, _TALKS)
    return head | fields


@with_config(STRICT)
class EventHead(TypedDict):
    """What every event begins with."""

    type: Literal["event"]
    seq: Annotated[int, Field(description="Grows; what you may not see leaves gaps.")]
    at: int
