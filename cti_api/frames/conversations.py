"""The events of a conversation: it is held, recorded, handed on; never who may see them."""

from typing import Annotated, Literal

from pydantic import Field, with_config

from cti_api.frames.head import EventHead, example
from cti_api.shapes.calls import CALL, Call, RecordingStateName
from cti_api.shapes.forms import like


@with_config(like(example("call-held", call=CALL["id"], agent="ana", view=CALL)))
class CallHeld(EventHead):
    """The caller hears music."""

    event: Literal["call-held"]
    call: str
    agent: str
    view: Call


@with_config(
    like(example("call-retrieved", call=CALL["id"], agent="ana", held_ms=20000, view=CALL))
)
class CallRetrieved(EventHead):
    """Caller and agent hear each other again."""

    event: Literal["call-retrieved"]
    call: str
    agent: str
    held_ms: int
    view: Call


@with_config(
    like(
        example(
            "call-transferred",
            call=CALL["id"],
            agent="ana",
            to_queue="sales",
            to_agent=None,
            talked_ms=61000,
            held_ms=20000,
            view=CALL,
        )
    )
)
class CallTransferred(EventHead):
    """`agent` has handed the caller on, to a queue or, by name, to an agent who is free."""

    event: Literal["call-transferred"]
    call: str
    agent: str
    to_queue: Annotated[
        str, Field(description="The queue that it is of now; by name, the one it was of already.")
    ]
    to_agent: Annotated[str | None, Field(description="By name; null: whom the queue finds.")]
    talked_ms: int
    held_ms: int
    view: Call


@with_config(
    like(
        example(
            "recording-changed",
            call=CALL["id"],
            agent="ana",
            state="running",
            part=1,
            by="",
            view=CALL,
        )
    )
)
class RecordingChanged(EventHead):
    """How the recording of a call stands; null: it may not be recorded. `by` is the user who asked, if one did."""

    event: Literal["recording-changed"]
    call: str
    agent: str | None
    state: RecordingStateName | None
    part: int
    by: str
    view: Call
