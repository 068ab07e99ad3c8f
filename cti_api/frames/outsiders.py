"""The events of numbers beside a call; never who may see them."""

from typing import Annotated, Literal

from pydantic import Field, with_config

from cti_api.frames.head import EventHead, example
from cti_api.shapes.calls import CALL, Call, PartyStateName
from cti_api.shapes.forms import like

_NUMBER = {"call": CALL["id"], "number": "+861065551234", "by": "ana"}


@with_config(
    like(example("outsider-dialled", **_NUMBER, route="country", transfer=False, view=CALL))
)
class OutsiderDialled(EventHead):
    """A number is being called for a call that goes on: it is consulted, or the caller is handed on to it."""

    event: Literal["outsider-dialled"]
    call: str
    number: str
    by: Annotated[str, Field(description="Towards whose caps it counts.")]
    route: Annotated[str, Field(description="By which way out, of the centre's file.")]
    transfer: bool
    view: Call


@with_config(
    like(example("outsider-changed", **_NUMBER, state="consulted", muted=False, view=CALL))
)
class OutsiderChanged(EventHead):
    """A number beside the call has picked up, is put on hold, joined or muted."""

    event: Literal["outsider-changed"]
    call: str
    number: str
    by: str
    state: PartyStateName
    muted: bool
    view: Call


@with_config(like(example("outsider-left", **_NUMBER, result="busy", talked_ms=0, view=CALL)))
class OutsiderLeft(EventHead):
    """A number is no longer beside the call."""

    event: Literal["outsider-left"]
    call: str
    number: str
    by: str
    result: Annotated[
        str,
        Field(
            description="Why nobody was heard: busy, rejected, no-answer, unknown-number, unreachable, "
            "caller-left, withdrawn, outbound-stopped. Empty: somebody was."
        ),
    ]
    talked_ms: int
    view: Call


@with_config(
    like(
        example(
            "call-handed-out",
            call=CALL["id"],
            number="+861065551234",
            agent="ana",
            talked_ms=61000,
            held_ms=8000,
            view=CALL,
        )
    )
)
class CallHandedOut(EventHead):
    """No agent has the caller any more, who is left to a number that rings or talks; `agent` had him, if one did."""

    event: Literal["call-handed-out"]
    call: str
    number: str
    agent: str | None
    talked_ms: int
    held_ms: int
    view: Call
