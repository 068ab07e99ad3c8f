"""Calls that agents make, on the wire: what is asked for and what is shown; never what is allowed."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, with_config
from typing_extensions import TypedDict

from acd.core.call_data import MOST
from cti_api.shapes.call_data import NO_OTHERS, Key, Note
from cti_api.shapes.forms import WORD, Line, like

_Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=WORD)]


class CallWanted(BaseModel):
    """Whom an agent is to call, and what is to be on the screen."""

    model_config = like({"number": "+861065551234", "data": {"list": "spring"}})

    number: Annotated[
        str,
        Field(
            min_length=1,
            max_length=64,
            description="As people write it: in full, or as it is dialled in the centre's country.",
        ),
    ]
    agent: Annotated[_Word | None, Field(description="Who calls. Without: the agent who asks.")] = (
        None
    )
    queue: Annotated[
        _Word | None,
        Field(description="By whose rules (wrap-up, dispositions, music). Without: the centre's."),
    ] = None
    customer: Annotated[
        _Word | None, Field(description="Who is meant, where several have the number.")
    ] = None
    data: Annotated[
        dict[Key, Note],
        Field(
            max_length=MOST,
            description="Shown with the call as it is.",
            json_schema_extra=NO_OTHERS,
        ),
    ] = {}


class OutboundWanted(BaseModel):
    """Whether anybody may call out."""

    model_config = like({"stopped": True, "reason": "calls to unknown countries at night"})

    stopped: Annotated[bool, Field(strict=True)]
    reason: Annotated[Line, Field(description="Why; kept for the audit.")]


@with_config(like({"routes": True, "stopped": False}))
class OutboundState(TypedDict):
    """Whether agents can call out."""

    routes: Annotated[bool, Field(description="Whether the centre's file has any route.")]
    stopped: Annotated[bool, Field(description="Whether an admin has stopped it.")]
