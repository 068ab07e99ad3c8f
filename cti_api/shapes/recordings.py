"""What recordings are like on the wire."""

from typing import Annotated, Literal

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.forms import like

RECORDING = {
    "id": "cordboard~pbx1%3A1750003600.9~1",
    "call": "pbx1:1750003600.9",
    "part": 1,
    "started_at": 1750003610000,
    "ended_at": 1750003671000,
    "queue": "support",
    "agent": "ana",
    "consent": True,
    "failed": False,
    "channels": 1,
    "bytes": 976044,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


@with_config(like(RECORDING))
class Recording(TypedDict):
    """A part of what was said in a call: a new part begins with each agent to whom the caller is handed on."""

    id: str
    call: str
    part: int
    started_at: int
    ended_at: int | None
    queue: str | None
    agent: Annotated[str | None, Field(description="Who had the call when the part began.")]
    consent: Annotated[
        bool | None, Field(description="Whether the caller agreed; null: he was not asked.")
    ]
    failed: Annotated[bool | None, Field(description="Asterisk could not, or not to the end.")]
    channels: Annotated[
        Literal[1, 2],
        Field(description="2: what the caller says is left, and what he hears right."),
    ]
    bytes: Annotated[int | None, Field(description="Of the file; null: it is not whole yet.")]
    sha256: Annotated[str | None, Field(description="Of the file as it was when it was whole.")]
