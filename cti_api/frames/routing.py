"""What routers are asked and told; never who may see it."""

from typing import Annotated, Literal

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.frames.head import EventHead, example
from cti_api.shapes.calls import CALL, Call
from cti_api.shapes.forms import like

_CANDIDATE = {
    "agent": "bob",
    "team": "hotline",
    "skills": {"fridge": 60},
    "level": 0,
    "idle_ms": 41000,
    "calls": 7,
    "busy_share": 0.62,
}


@with_config(like(_CANDIDATE))
class RouteCandidate(TypedDict):
    """One agent whom you may choose. `busy_share`: of his shift, 0 to 1."""

    agent: str
    team: str | None
    skills: dict[str, int]
    level: int
    idle_ms: int
    calls: int
    busy_share: float


@with_config(
    like(
        example(
            "route-requested",
            call=CALL["id"],
            route=1,
            queue="support",
            requires=[],
            waited_ms=0,
            attempts=0,
            answer_by=1750003600700,
            candidates=[_CANDIDATE],
            view=CALL,
        )
    )
)
class RouteRequested(EventHead):
    """For routers: say by `answer_by` who is to have this call (`PUT /v1/calls/{call}/route`), or the queue decides."""

    event: Literal["route-requested"]
    call: str
    route: Annotated[int, Field(description="The number of the question: name it in the answer.")]
    queue: str
    requires: list[str]
    waited_ms: int
    attempts: Annotated[int, Field(description="How many agents have been rung for it.")]
    answer_by: int
    candidates: Annotated[
        list[RouteCandidate],
        Field(description="In the order of the queue's own strategy; 20 at most."),
    ]
    view: Call


@with_config(
    like(
        example(
            "route-ended",
            call=CALL["id"],
            route=1,
            queue="support",
            ending="selected",
            by="ruth",
        )
    )
)
class RouteEnded(EventHead):
    """A router has chosen, has asked for time, or has not answered: then the queue has decided.

    `withdrawn`: nobody need answer any more. The caller is gone, was moved or changed, or the rules are others; if he
    waits on, it is asked anew.
    """

    event: Literal["route-ended"]
    call: str
    route: int
    queue: str
    ending: Literal["selected", "later", "overdue", "withdrawn"]
    by: Annotated[str, Field(description="The user who answered; empty if nobody did.")]
