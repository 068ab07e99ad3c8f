"""What people ask for of a call on the wire: where he is to go, whom he needs, what came of it; never who may."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field, StringConstraints, with_config
from typing_extensions import TypedDict

from cti_api.shapes.calls import ModeName
from cti_api.shapes.forms import LARGEST, WHOLE, Code, like

AgentName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class RouteWanted(BaseModel):
    """Which agent is to have the call: the first of these who still can; none, and it is asked again later."""

    model_config = like({"route": 1, "agents": ["bob", "ana"]})

    route: Annotated[
        int, Field(ge=1, le=LARGEST, strict=True, description="The number of the question."), WHOLE
    ]
    agents: Annotated[list[AgentName], Field(max_length=50)] = []
    again_ms: Annotated[
        int,
        Field(
            ge=100,
            le=30_000,
            strict=True,
            description="With no agents: so long until it is asked again.",
        ),
        WHOLE,
    ] = 1_000


class OutcomeWanted(BaseModel):
    """What came of a call; the next agent will read it."""

    model_config = like({"outcome": "solved"})

    outcome: Annotated[Code, Field(examples=["solved", "not-solved"])]


class ToQueue(BaseModel):
    """A queue: where the caller is to wait, or whoever is free and next there is asked."""

    model_config = like({"queue": "sales"})

    queue: Annotated[str, Field(min_length=1, max_length=64)]


class ToAgent(BaseModel):
    """An agent who is free: he is to have the caller, or is asked."""

    model_config = like({"agent": "bob"})

    agent: Annotated[str, Field(min_length=1, max_length=64)]


class ToNumber(BaseModel):
    """A number that one of the centre's routes allows: he is handed on to it, or it is asked."""

    model_config = like({"number": "+861065551234"})

    number: Annotated[str, Field(min_length=1, max_length=64, description="As people write it.")]


Whom: TypeAlias = ToQueue | ToAgent | ToNumber


class TonesWanted(BaseModel):
    """Keys as DTMF."""

    model_config = like({"keys": "12#"})

    keys: Annotated[str, StringConstraints(pattern=r"^[0-9*#A-D]{1,32}$")]


class RequirementWanted(BaseModel):
    """What agents must be able to do for a waiting call, besides what its queue asks for."""

    model_config = like({"requires": "chinese and fridge >= 60"})

    requires: Annotated[
        str,
        Field(
            max_length=500,
            description="An expression over skills: and, or, not, brackets, comparisons with 0 to 100. "
            "Empty: nothing. It takes the place of what dialplan and menu have asked for.",
        ),
    ]


class PriorityWanted(BaseModel):
    """How urgent a waiting call is."""

    model_config = like({"priority": 5})

    priority: Annotated[
        int,
        Field(ge=0, le=100, strict=True, description="Higher is served first, in all queues."),
        WHOLE,
    ]


class QueueWanted(BaseModel):
    """Where a waiting call is to wait on."""

    model_config = like({"queue": "sales"})

    queue: Annotated[str, Field(max_length=64)]


class PlaceWanted(BaseModel):
    """Which place in its queue a waiting call is to have."""

    model_config = like({"place": "first"})

    place: Literal["first"]


@with_config(like({"call": "pbx1:1750003600.9", "route": 1, "agent": "bob"}))
class Route(TypedDict):
    """What became of an answer: `agent` is rung for the call; null: nobody yet."""

    call: str
    route: int
    agent: str | None


@with_config(like({"call": "pbx1:1750003600.9", "agent": "ana", "outcome": "solved"}))
class Outcome(TypedDict):
    """What came of a call, as it was written down."""

    call: str
    agent: str
    outcome: str


class SupervisionWanted(BaseModel):
    """Who is to hear the supervisor: nobody (`listen`), the agent alone (`whisper`), everybody (`barge`)."""

    model_config = like({"mode": "listen"})

    mode: ModeName
