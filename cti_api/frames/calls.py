"""The events of a call from its arrival to its end; never who may see them."""

from typing import Annotated, Literal

from pydantic import Field, with_config

from cti_api.frames.head import EventHead, example
from cti_api.shapes.calls import CALL, Call
from cti_api.shapes.forms import like


@with_config(like(example("call-started", call=CALL["id"], view=CALL)))
class CallStarted(EventHead):
    """A call is with us."""

    event: Literal["call-started"]
    call: str
    view: Call


@with_config(like(example("caller-recognised", call=CALL["id"], late=False, view=CALL)))
class CallerRecognised(EventHead):
    """Who is calling is known; `late` if the call was offered before."""

    event: Literal["caller-recognised"]
    call: str
    late: bool
    view: Call


@with_config(like(example("caller-changed", call=CALL["id"], view=CALL)))
class CallerChanged(EventHead):
    """More is known of a caller who is on a screen already: your CRM has answered."""

    event: Literal["caller-changed"]
    call: str
    view: Call


@with_config(like(example("menu-entered", call=CALL["id"], menu="main", view=CALL)))
class MenuEntered(EventHead):
    """The caller hears a menu."""

    event: Literal["menu-entered"]
    call: str
    menu: str
    view: Call


@with_config(like(example("call-queued", call=CALL["id"], view=CALL)))
class CallQueued(EventHead):
    """The caller waits."""

    event: Literal["call-queued"]
    call: str
    view: Call


@with_config(
    like(
        example(
            "place-resumed",
            call=CALL["id"],
            earlier="pbx1:1750003500.3",
            away_ms=65_000,
            view=CALL,
        )
    )
)
class PlaceResumed(EventHead):
    """A caller who hung up while he waited has called again in time, and has his old place."""

    event: Literal["place-resumed"]
    call: str
    earlier: Annotated[str, Field(description="The call in which he had that place.")]
    away_ms: int
    view: Call


@with_config(
    like(
        example(
            "call-overflowed",
            call=CALL["id"],
            queue="support",
            step=1,
            also=["sales"],
            to=None,
            result=None,
            view=CALL,
        )
    )
)
class CallOverflowed(EventHead):
    """A step of a queue's overflow was done for a caller; what it did is one of `also`, `to` and `result`."""

    event: Literal["call-overflowed"]
    call: str
    queue: str
    step: Annotated[int, Field(description="The first of the queue's steps is 1.")]
    also: Annotated[list[str], Field(description="Agents of these queues are asked too.")]
    to: Annotated[str | None, Field(description="The queue in which he waits on.")]
    result: Annotated[str | None, Field(description="With this he goes back to the dialplan.")]
    view: Call


@with_config(like(example("call-changed", call=CALL["id"], by="sue", change="front", view=CALL)))
class CallChanged(EventHead):
    """A supervisor has changed what a waiting call asks for, or its place; `view` says how it is now."""

    event: Literal["call-changed"]
    call: str
    by: Annotated[str, Field(description="The user who did it.")]
    change: Literal["requirement", "priority", "queue", "front"]
    view: Call


@with_config(
    like(
        example(
            "call-ended",
            call=CALL["id"],
            agent="ana",
            ending="completed",
            detail="done",
            waited_ms=4200,
            talked_ms=61000,
            held_ms=0,
            view=CALL,
        )
    )
)
class CallEnded(EventHead):
    """The call is no longer with us. `agent` is who talked, if anybody did, or who made it."""

    event: Literal["call-ended"]
    call: str
    agent: str | None
    ending: Literal[
        "completed", "abandoned", "left-menu", "released", "taken-back", "lost", "not-reached"
    ]
    detail: Annotated[
        str,
        Field(
            description="With what it was given back; of `not-reached`: busy, rejected, no-answer, "
            "unknown-number, unreachable (the trunk is down or full), agent-gave-up, agent-no-answer, "
            "agent-unreachable, outbound-stopped."
        ),
    ]
    waited_ms: int
    talked_ms: Annotated[int, Field(description="Of the last conversation, holds included.")]
    held_ms: int
    view: Call


@with_config(like(example("data-changed", call=CALL["id"], by="ana", view=CALL)))
class DataChanged(EventHead):
    """Something was noted with a call, or taken away; `by` is the user, or empty if a restart has found it so."""

    event: Literal["data-changed"]
    call: str
    by: str
    view: Call


@with_config(
    like(
        example(
            "survey-began",
            call=CALL["id"],
            agent="ana",
            menu="after-call",
            talked_ms=93_000,
            held_ms=0,
            view=CALL,
        )
    )
)
class SurveyBegan(EventHead):
    """The agent has hung up, the caller has not, and is asked what he thinks of it. `call-ended` comes after it."""

    event: Literal["survey-began"]
    call: str
    agent: str | None
    menu: str
    talked_ms: int
    held_ms: int
    view: Call


@with_config(
    like(
        example(
            "survey-answered",
            call=CALL["id"],
            agent="ana",
            queue="support",
            question="csat",
            scale="csat",
            score=5,
        )
    )
)
class SurveyAnswered(EventHead):
    """A caller has given a score by keys: for supervisors. `agent` is who had him last."""

    event: Literal["survey-answered"]
    call: str
    agent: str | None
    queue: str | None
    question: str
    scale: str
    score: int


@with_config(like(example("outcome-recorded", call=CALL["id"], agent="ana", outcome="solved")))
class OutcomeRecorded(EventHead):
    """An agent has said what came of a call."""

    event: Literal["outcome-recorded"]
    call: str
    agent: str
    outcome: str
