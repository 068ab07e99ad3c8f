"""The wire's shapes of calls that an agent is offered to make."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.callers import CALLER, Caller
from cti_api.shapes.forms import WORD, Named, like

TaskId = Annotated[str, Field(min_length=1, max_length=64, pattern=WORD)]
PreviewOutcomeName: TypeAlias = Literal[
    "accepted", "skipped", "expired", "taken-back", "not-offered"
]
PREVIEW = {
    "task": "t-1f3a",
    "list": "l-77ab",
    "queue": {"id": "support", "name": "Support"},
    "why": "Does the fridge work since the repair?",
    "until": 1750003630000,
    "caller": CALLER,
    "data": {"order": "S-1"},
}


@with_config(like(PREVIEW))
class Preview(TypedDict):
    """Who is to be called, and why. The agent still takes calls: one that comes takes it back."""

    task: str
    list: str
    queue: Named | None
    why: str
    until: Annotated[int, Field(description="When it is taken back if nothing is said.")]
    caller: Annotated[Caller, Field(description="As he would pop if he called.")]
    data: dict[str, str]


class PreviewAnswer(BaseModel):
    """Call him, or let somebody else; `task` is which, so that a late answer means no other."""

    model_config = like({"task": "t-1f3a", "answer": "accept"})

    task: TaskId
    answer: Literal["accept", "skip"]
    reason: Annotated[
        str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="Why not.")
    ] = ""
