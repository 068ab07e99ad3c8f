"""What every event begins with, and its example; none of the events themselves."""

from typing import Annotated, Any, Literal

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.forms import STRICT


def example(event: str, **fields: Any) -> dict[str, Any]:
    """The example of an event."""
    head = {"type": "event", "seq": 1750003600200001, "at": 1750003600200, "event": event}
    return head | fields


@with_config(STRICT)
class EventHead(TypedDict):
    """What every event begins with."""

    type: Literal["event"]
    seq: Annotated[int, Field(description="Grows; what you may not see leaves gaps.")]
    at: int
