"""Calls that are owed, on the wire: what is asked for; what is shown is a call."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from acd.core.call_data import MOST
from cti_api.shapes.call_data import NO_OTHERS, Key, Note
from cti_api.shapes.calls import CALL
from cti_api.shapes.forms import LARGEST, WHOLE, WORD, like

_Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=WORD)]

OWED: dict[str, Any] = CALL | {
    "id": "pbx1:dialled~.1750003600.9-1750003660000",
    "phase": "waiting",
    "direction": "out",
    "agent": None,
    "ringing": [],
    "attempts": 0,
    "recording": None,
    "callback": {
        "id": "1750003600.9",
        "asked_at": 1750003660000,
        "by": "",
        "origin": "pbx1:1750003600.9",
        "tries": 0,
        "due_at": 0,
    },
    "allowed": [
        *("set-requirement", "set-priority", "move-to-queue", "move-to-front"),
        "cancel-callback",
    ],
}


class CallbackWanted(BaseModel):
    """Who is to be called, for which queue, and not before when."""

    model_config = like({"number": "+861065551234", "queue": "support", "data": {"case": "S-1"}})

    number: Annotated[
        str,
        Field(
            min_length=1,
            max_length=64,
            description="As people write it: in full, or as it is dialled in the centre's country.",
        ),
    ]
    queue: Annotated[_Word, Field(description="Where he waits, and whose agents call.")]
    name: Annotated[str, Field(max_length=80, pattern=WORD)] = ""
    customer: Annotated[
        _Word | None, Field(description="Who is meant, where several have the number.")
    ] = None
    priority: Annotated[int, Field(strict=True, ge=0, le=100), WHOLE] = 0
    due_at: Annotated[
        int,
        WHOLE,
        Field(
            strict=True,
            ge=0,
            le=LARGEST,
            description="He waits from then on. Without: from now on.",
        ),
    ] = 0
    data: Annotated[
        dict[Key, Note],
        Field(
            max_length=MOST,
            description="Shown with the call as it is.",
            json_schema_extra=NO_OTHERS,
        ),
    ] = {}
