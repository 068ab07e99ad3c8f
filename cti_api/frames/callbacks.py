"""The events of calls that are owed; never who may see them."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, with_config

from cti_api.frames.head import EventHead, example
from cti_api.shapes.callbacks import OWED
from cti_api.shapes.calls import Call
from cti_api.shapes.forms import like

CallbackOutcomeName: TypeAlias = Literal["reached", "resumed", "cancelled", "given-up", "expired"]
_ID = OWED["callback"]["id"]


@with_config(like(example("callback-changed", call=OWED["id"], id=_ID, view=OWED)))
class CallbackChanged(EventHead):
    """A call is owed, and this is how it stands: its place, when it is due, how often it was tried. For supervisors.

    Each attempt is a call of its own: `call` is the present one, `id` stays.
    """

    event: Literal["callback-changed"]
    call: str
    id: str
    view: Call


@with_config(
    like(
        example(
            "callback-ended",
            call=OWED["id"],
            id=_ID,
            outcome="given-up",
            by="",
            reason="no-answer",
            view=OWED,
        )
    )
)
class CallbackEnded(EventHead):
    """It is not owed any more: he was reached, or has his place since he called again; or it will not be paid.

    After `given-up` and `expired`, a known customer has a promise that lapses at once, and so a task to call him.
    """

    event: Literal["callback-ended"]
    call: str
    id: str
    outcome: CallbackOutcomeName
    by: Annotated[str, Field(description="Who cancelled it; else empty.")]
    reason: Annotated[str, Field(description="Why he was not reached, or why it was cancelled.")]
    view: Call
