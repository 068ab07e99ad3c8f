"""The events of the agents beside a call; never who may see them."""

from typing import Literal

from pydantic import with_config

from cti_api.frames.head import EventHead, example
from cti_api.frames.offers import OutcomeName
from cti_api.shapes.calls import CALL, Call, PartyStateName
from cti_api.shapes.forms import like

_PARTY = {"offer": "pbx1:1750003600.9~bob~1750003661200", "agent": "bob", "by": "ana"}


@with_config(like(example("party-offered", call=CALL["id"], **_PARTY, view=CALL)))
class PartyOffered(EventHead):
    """The screen pop of who is to be asked: the phone of `agent` is about to ring because `by` consults him."""

    event: Literal["party-offered"]
    call: str
    offer: str
    agent: str
    by: str
    view: Call


@with_config(
    like(
        example(
            "party-changed",
            call=CALL["id"],
            agent="bob",
            state="consulted",
            muted=False,
            view=CALL,
        )
    )
)
class PartyChanged(EventHead):
    """An agent beside the call is heard, put on hold, joined or muted."""

    event: Literal["party-changed"]
    call: str
    agent: str
    state: PartyStateName
    muted: bool
    view: Call


@with_config(
    like(
        example(
            "party-left", call=CALL["id"], agent="bob", outcome=None, talked_ms=18000, view=CALL
        )
    )
)
class PartyLeft(EventHead):
    """An agent is no longer beside the call; `outcome` says why nobody heard him, if nobody did."""

    event: Literal["party-left"]
    call: str
    agent: str
    outcome: OutcomeName | None
    talked_ms: int
    view: Call


@with_config(
    like(
        example(
            "call-taken-over",
            call=CALL["id"],
            **_PARTY,
            talked_ms=61000,
            held_ms=20000,
            view=CALL,
        )
    )
)
class CallTakenOver(EventHead):
    """`agent`, who was beside the call, has it now; `by`, who had it, has done with it."""

    event: Literal["call-taken-over"]
    call: str
    offer: str
    agent: str
    by: str
    talked_ms: int
    held_ms: int
    view: Call
