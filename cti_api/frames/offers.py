"""The events of one call and one agent, from the pop until they hear each other; never who may see them."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, with_config

from cti_api.frames.head import EventHead, example
from cti_api.shapes.calls import CALL, Call
from cti_api.shapes.forms import like

OutcomeName: TypeAlias = Literal[
    "no-answer",
    "rejected",
    "unreachable",
    "caller-left",
    "withdrawn",
    "failed",
    "answered-elsewhere",
]
_OFFER = {"offer": "pbx1:1750003600.9~ana~1750003600200", "agent": "ana"}


@with_config(
    like(example("call-offered", call=CALL["id"], **_OFFER, attempt=1, waited_ms=0, view=CALL))
)
class CallOffered(EventHead):
    """The screen pop: the phone of `agent` is about to ring for this call."""

    event: Literal["call-offered"]
    call: str
    offer: str
    agent: str
    attempt: int
    waited_ms: int
    view: Call


@with_config(
    like(
        example(
            "offer-ended",
            call=CALL["id"],
            **_OFFER,
            outcome="no-answer",
            rang_ms=15000,
            view=CALL,
        )
    )
)
class OfferEnded(EventHead):
    """The phone no longer rings, and nobody has talked."""

    event: Literal["offer-ended"]
    call: str
    offer: str
    agent: str
    outcome: OutcomeName
    rang_ms: int
    view: Call


@with_config(like(example("call-placed", call=CALL["id"], **_OFFER, route="country", view=CALL)))
class CallPlaced(EventHead):
    """The screen pop of a call that `agent` makes: his own phone is about to ring, and is to be picked up first."""

    event: Literal["call-placed"]
    call: str
    offer: str
    agent: str
    route: Annotated[str, Field(description="By which way out, of the centre's file.")]
    view: Call


@with_config(
    like(example("number-dialled", call=CALL["id"], agent="ana", route="country", view=CALL))
)
class NumberDialled(EventHead):
    """The agent has picked up, and hears how the number is called."""

    event: Literal["number-dialled"]
    call: str
    agent: str
    route: str
    view: Call


@with_config(like(example("call-connected", call=CALL["id"], **_OFFER, waited_ms=4200, view=CALL)))
class CallConnected(EventHead):
    """Caller and agent hear each other."""

    event: Literal["call-connected"]
    call: str
    offer: str
    agent: str
    waited_ms: int
    view: Call
