"""The wire's shapes of what customers think of their calls; what comes in is checked here for form."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, Field, model_validator, with_config
from typing_extensions import TypedDict

from cti_api.shapes.callers import SCORE
from cti_api.shapes.cases import Name
from cti_api.shapes.forms import WHOLE, WORD, Code, like
from ivr.steps import SCALES

ScaleName: TypeAlias = Literal["csat", "nps"]


class AnswerWanted(BaseModel):
    """What a customer answered, asked in another way than by keys after his call.

    Name the call; or, where there was none, the customer or his number, and the queue and agent whom it is about.
    """

    model_config = like({"call": "pbx1:1750003600.9", "scale": "csat", "score": 5, "source": "sms"})

    call: Annotated[str | None, Field(min_length=1, max_length=200, pattern=WORD)] = None
    customer: Name | None = None
    number: Annotated[str | None, Field(min_length=1, max_length=40)] = None
    queue: Name | None = None
    agent: Name | None = None
    question: Annotated[
        Code | None, Field(description="What was asked; the scale's name if nothing is said.")
    ] = None
    scale: Annotated[ScaleName, Field(description="csat: 1 to 5; nps: 0 to 10.")]
    score: Annotated[int, Field(ge=0, le=10, strict=True), WHOLE]
    source: Annotated[Code, Field(description="How it came in: sms, call, web …")]

    @model_validator(mode="after")
    def _on_the_scale(self) -> Self:
        if self.score not in SCALES[self.scale]:
            raise ValueError(f"{self.scale} has no score {self.score}")
        if (self.call is not None) == (self.customer is not None or self.number is not None):
            raise ValueError("name the call, or the customer or his number")
        if self.call is not None and (self.queue is not None or self.agent is not None):
            raise ValueError("queue and agent are those of the call")
        return self


@with_config(
    like(
        SCORE
        | {
            "id": "pbx1:1750003600.9 csat",
            "call": "pbx1:1750003600.9",
            "customer": "C-1001",
            "source": "sms",
            "given_by": "crm",
        }
    )
)
class Answer(TypedDict):
    """An answer, as it is kept."""

    id: str
    at: int
    call: str | None
    customer: str | None
    queue: str | None
    agent: str | None
    question: str
    scale: ScaleName
    score: int
    source: Annotated[str, Field(description="`keys`: pressed after the call.")]
    given_by: Annotated[str | None, Field(description="The user who has told us of it.")]
