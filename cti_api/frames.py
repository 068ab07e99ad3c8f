"""The frames of the WebSocket, every shape once; `view` is the thing as it is after what has happened.

As `schemas`, they say how things look, never who may see them.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.frame_head import EventHead as _Event
from cti_api.frame_head import example as _event
from cti_api.outsider_frames import (
    CallHandedOut,
    OutsiderChanged,
    OutsiderDialled,
    OutsiderLeft,
)
from cti_api.preview_shapes import PREVIEW, Preview, PreviewOutcomeName
from cti_api.schemas import (
    AGENT,
    CALL,
    QUEUE,
    YOU,
    Agent,
    AgentAction,
    Call,
    PartyStateName,
    Queue,
    RecordingStateName,
    SupervisorAction,
    You,
    like,
)
from cti_api.supervision_shapes import SupervisionChanged as SupervisionChanged
from cti_api.supervision_shapes import SupervisionEnded as SupervisionEnded

SupervisionAct: TypeAlias = Literal[
    "listen",
    "whisper",
    "barge",
    "take-over",
    "stop-supervising",
    "follow",
    "stop-following",
]
OutcomeName: TypeAlias = Literal[
    "no-answer",
    "rejected",
    "unreachable",
    "caller-left",
    "withdrawn",
    "failed",
    "answered-elsewhere",
]
_PARTY = {"offer": "pbx1:1750003600.9~bob~1750003661200", "agent": "bob", "by": "ana"}
_OFFER = {"offer": "pbx1:1750003600.9~ana~1750003600200", "agent": "ana"}


@with_config(
    like(
        {
            "type": "snapshot",
            "seq": 1750003600200000,
            "at": 1750003600200,
            "you": YOU,
            "agents": [AGENT],
            "queues": [QUEUE],
            "calls": [CALL],
            "nodes": {"pbx1": True},
        }
    )
)
class Snapshot(TypedDict):
    """Everything you may see, as it is after event `seq`. The first frame, unless you resumed."""

    type: Literal["snapshot"]
    seq: int
    at: int
    you: You
    agents: list[Agent]
    queues: list[Queue]
    calls: list[Call]
    nodes: dict[str, bool]


@with_config(like({"type": "resumed", "seq": 1750003600200007, "at": 1750003600900}))
class Resumed(TypedDict):
    """What you have missed follows: no snapshot is needed. `seq` is the newest event there is."""

    type: Literal["resumed"]
    seq: int
    at: int


@with_config(like({"type": "pong", "seq": 1750003600200007, "at": 1750003600900}))
class Pong(TypedDict):
    """The answer to a ping. `seq` is the newest event there is, whether or not you may see it."""

    type: Literal["pong"]
    seq: int
    at: int


@with_config(like({"type": "ping"}))
class Ping(TypedDict):
    """All that a client may say; the answer is a pong."""

    type: Literal["ping"]


@with_config(like(_event("call-started", call=CALL["id"], view=CALL)))
class CallStarted(_Event):
    """A call is with us."""

    event: Literal["call-started"]
    call: str
    view: Call


@with_config(like(_event("caller-recognised", call=CALL["id"], late=False, view=CALL)))
class CallerRecognised(_Event):
    """Who is calling is known; `late` if the call was offered before."""

    event: Literal["caller-recognised"]
    call: str
    late: bool
    view: Call


@with_config(like(_event("caller-changed", call=CALL["id"], view=CALL)))
class CallerChanged(_Event):
    """More is known of a caller who is on a screen already: your CRM has answered."""

    event: Literal["caller-changed"]
    call: str
    view: Call


@with_config(like(_event("menu-entered", call=CALL["id"], menu="main", view=CALL)))
class MenuEntered(_Event):
    """The caller hears a menu."""

    event: Literal["menu-entered"]
    call: str
    menu: str
    view: Call


@with_config(like(_event("call-queued", call=CALL["id"], view=CALL)))
class CallQueued(_Event):
    """The caller waits."""

    event: Literal["call-queued"]
    call: str
    view: Call


@with_config(
    like(
        _event(
            "place-resumed",
            call=CALL["id"],
            earlier="pbx1:1750003500.3",
            away_ms=65_000,
            view=CALL,
        )
    )
)
class PlaceResumed(_Event):
    """A caller who hung up while he waited has called again in time, and has his old place."""

    event: Literal["place-resumed"]
    call: str
    earlier: Annotated[str, Field(description="The call in which he had that place.")]
    away_ms: int
    view: Call


@with_config(
    like(
        _event(
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
class CallOverflowed(_Event):
    """A step of a queue's overflow was done for a caller; what it did is one of `also`, `to` and `result`."""

    event: Literal["call-overflowed"]
    call: str
    queue: str
    step: Annotated[int, Field(description="The first of the queue's steps is 1.")]
    also: Annotated[list[str], Field(description="Agents of these queues are asked too.")]
    to: Annotated[str | None, Field(description="The queue in which he waits on.")]
    result: Annotated[str | None, Field(description="With this he goes back to the dialplan.")]
    view: Call


@with_config(like(_event("call-changed", call=CALL["id"], by="sue", change="front", view=CALL)))
class CallChanged(_Event):
    """A supervisor has changed what a waiting call asks for, or its place; `view` says how it is now."""

    event: Literal["call-changed"]
    call: str
    by: Annotated[str, Field(description="The user who did it.")]
    change: Literal["requirement", "priority", "queue", "front"]
    view: Call


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
        _event(
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
class RouteRequested(_Event):
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
        _event(
            "route-ended",
            call=CALL["id"],
            route=1,
            queue="support",
            ending="selected",
            by="ruth",
        )
    )
)
class RouteEnded(_Event):
    """A router has chosen, has asked for time, or has not answered: then the queue has decided."""

    event: Literal["route-ended"]
    call: str
    route: int
    queue: str
    ending: Literal["selected", "later", "overdue"]
    by: Annotated[str, Field(description="The user who answered; empty if nobody did.")]


@with_config(
    like(
        {
            "type": "event",
            "seq": 1750003600200001,
            "at": 1750003600200,
            "event": "call-offered",
            "call": "pbx1:1750003600.9",
            "offer": "pbx1:1750003600.9~ana~1750003600200",
            "agent": "ana",
            "attempt": 1,
            "waited_ms": 0,
            "view": CALL,
        }
    )
)
class CallOffered(_Event):
    """The screen pop: the phone of `agent` is about to ring for this call."""

    event: Literal["call-offered"]
    call: str
    offer: str
    agent: str
    attempt: int
    waited_ms: int
    view: Call


@with_config(
    like(
        _event(
            "offer-ended",
            call=CALL["id"],
            **_OFFER,
            outcome="no-answer",
            rang_ms=15000,
            view=CALL,
        )
    )
)
class OfferEnded(_Event):
    """The phone no longer rings, and nobody has talked."""

    event: Literal["offer-ended"]
    call: str
    offer: str
    agent: str
    outcome: OutcomeName
    rang_ms: int
    view: Call


@with_config(like(_event("call-placed", call=CALL["id"], **_OFFER, route="country", view=CALL)))
class CallPlaced(_Event):
    """The screen pop of a call that `agent` makes: his own phone is about to ring, and is to be picked up first."""

    event: Literal["call-placed"]
    call: str
    offer: str
    agent: str
    route: Annotated[str, Field(description="By which way out, of the centre's file.")]
    view: Call


@with_config(
    like(_event("number-dialled", call=CALL["id"], agent="ana", route="country", view=CALL))
)
class NumberDialled(_Event):
    """The agent has picked up, and hears how the number is called."""

    event: Literal["number-dialled"]
    call: str
    agent: str
    route: str
    view: Call


@with_config(like(_event("call-connected", call=CALL["id"], **_OFFER, waited_ms=4200, view=CALL)))
class CallConnected(_Event):
    """Caller and agent hear each other."""

    event: Literal["call-connected"]
    call: str
    offer: str
    agent: str
    waited_ms: int
    view: Call


@with_config(like(_event("call-held", call=CALL["id"], agent="ana", view=CALL)))
class CallHeld(_Event):
    """The caller hears music."""

    event: Literal["call-held"]
    call: str
    agent: str
    view: Call


@with_config(like(_event("call-retrieved", call=CALL["id"], agent="ana", held_ms=20000, view=CALL)))
class CallRetrieved(_Event):
    """Caller and agent hear each other again."""

    event: Literal["call-retrieved"]
    call: str
    agent: str
    held_ms: int
    view: Call


@with_config(
    like(
        _event(
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
class CallTransferred(_Event):
    """`agent` has handed the caller on, to a queue or, by name, to an agent who is free."""

    event: Literal["call-transferred"]
    call: str
    agent: str
    to_queue: str
    to_agent: str | None
    talked_ms: int
    held_ms: int
    view: Call


@with_config(like(_event("party-offered", call=CALL["id"], **_PARTY, view=CALL)))
class PartyOffered(_Event):
    """The screen pop of who is to be asked: the phone of `agent` is about to ring because `by` consults him."""

    event: Literal["party-offered"]
    call: str
    offer: str
    agent: str
    by: str
    view: Call


@with_config(
    like(
        _event(
            "party-changed",
            call=CALL["id"],
            agent="bob",
            state="consulted",
            muted=False,
            view=CALL,
        )
    )
)
class PartyChanged(_Event):
    """An agent beside the call is heard, put on hold, joined or muted."""

    event: Literal["party-changed"]
    call: str
    agent: str
    state: PartyStateName
    muted: bool
    view: Call


@with_config(
    like(
        _event("party-left", call=CALL["id"], agent="bob", outcome=None, talked_ms=18000, view=CALL)
    )
)
class PartyLeft(_Event):
    """An agent is no longer beside the call; `outcome` says why nobody heard him, if nobody did."""

    event: Literal["party-left"]
    call: str
    agent: str
    outcome: OutcomeName | None
    talked_ms: int
    view: Call


@with_config(
    like(
        _event(
            "call-taken-over",
            call=CALL["id"],
            **_PARTY,
            talked_ms=61000,
            held_ms=20000,
            view=CALL,
        )
    )
)
class CallTakenOver(_Event):
    """`agent`, who was beside the call, has it now; `by`, who had it, has done with it."""

    event: Literal["call-taken-over"]
    call: str
    offer: str
    agent: str
    by: str
    talked_ms: int
    held_ms: int
    view: Call


@with_config(
    like(
        _event(
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
class RecordingChanged(_Event):
    """How the recording of a call stands; null: it may not be recorded. `by` is the user who asked, if one did."""

    event: Literal["recording-changed"]
    call: str
    agent: str | None
    state: RecordingStateName | None
    part: int
    by: str
    view: Call


@with_config(
    like(
        _event(
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
class CallEnded(_Event):
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


@with_config(like(_event("data-changed", call=CALL["id"], by="ana", view=CALL)))
class DataChanged(_Event):
    """Something was noted with a call, or taken away; `by` is the user, or empty if a restart has found it so."""

    event: Literal["data-changed"]
    call: str
    by: str
    view: Call


@with_config(
    like(
        _event(
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
class SurveyBegan(_Event):
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
        _event(
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
class SurveyAnswered(_Event):
    """A caller has given a score by keys: for supervisors. `agent` is who had him last."""

    event: Literal["survey-answered"]
    call: str
    agent: str | None
    queue: str | None
    question: str
    scale: str
    score: int


@with_config(like(_event("preview-offered", agent="ana", preview=PREVIEW)))
class PreviewOffered(_Event):
    """An agent who is idle is shown whom to call: `PUT /v1/agents/{agent}/preview` says whether it is done."""

    event: Literal["preview-offered"]
    agent: str
    preview: Preview


@with_config(
    like(
        _event(
            "preview-ended",
            agent="ana",
            task="t-1f3a",
            list="l-77ab",
            outcome="accepted",
            call="pbx1:dialled~ana-1750003601000",
            reason="",
        )
    )
)
class PreviewEnded(_Event):
    """It is no longer shown. `call` is the one that is made; `reason` why not."""

    event: Literal["preview-ended"]
    agent: str
    task: str
    list: str
    outcome: PreviewOutcomeName
    call: str | None
    reason: str


@with_config(like(_event("outcome-recorded", call=CALL["id"], agent="ana", outcome="solved")))
class OutcomeRecorded(_Event):
    """An agent has said what came of a call."""

    event: Literal["outcome-recorded"]
    call: str
    agent: str
    outcome: str


@with_config(like(_event("agent-changed", agent="ana", view=AGENT)))
class AgentChanged(_Event):
    """An agent's state, device or call is another one."""

    event: Literal["agent-changed"]
    agent: str
    view: Agent


@with_config(
    like(
        _event(
            "supervised", agent="ana", by="sue", action="force-not-ready", reason="come and see me"
        )
    )
)
class Supervised(_Event):
    """Somebody has acted on an agent who is not himself, or on the whole centre (agent null); see `GET /v1/audit`."""

    event: Literal["supervised"]
    agent: str | None
    by: str
    action: (
        AgentAction
        | SupervisorAction
        | Literal["make-call", "stop-outbound", "allow-outbound", "reload"]
        | SupervisionAct
    )
    reason: str


@with_config(like(_event("queue-changed", queue="support", view=QUEUE)))
class QueueChanged(_Event):
    """What waits in a queue is different; told a few times a second at most."""

    event: Literal["queue-changed"]
    queue: str
    view: Queue


@with_config(like(_event("node-changed", node="pbx1", connected=True)))
class NodeChanged(_Event):
    """We hear this Asterisk, or we do not."""

    event: Literal["node-changed"]
    node: str
    connected: bool


@with_config(like(_event("misconfigured", call=CALL["id"], problem="there is no queue 'suport'")))
class Misconfigured(_Event):
    """Somebody must look at the dialplan or the configuration."""

    event: Literal["misconfigured"]
    call: str | None
    problem: str


@with_config(like(_event("repaired", call=CALL["id"], problem="a fit pair was left over")))
class Repaired(_Event):
    """Something was as it must never be, and was mended: a fault of ours; please tell us."""

    event: Literal["repaired"]
    call: str | None
    problem: str


Event = Annotated[
    CallStarted
    | CallerRecognised
    | CallerChanged
    | MenuEntered
    | CallQueued
    | PlaceResumed
    | CallOverflowed
    | CallChanged
    | RouteRequested
    | RouteEnded
    | CallOffered
    | OfferEnded
    | CallPlaced
    | NumberDialled
    | CallConnected
    | CallHeld
    | CallRetrieved
    | CallTransferred
    | PartyOffered
    | PartyChanged
    | PartyLeft
    | CallTakenOver
    | OutsiderDialled
    | OutsiderChanged
    | OutsiderLeft
    | CallHandedOut
    | SupervisionChanged
    | SupervisionEnded
    | RecordingChanged
    | SurveyBegan
    | DataChanged
    | SurveyAnswered
    | PreviewOffered
    | PreviewEnded
    | CallEnded
    | OutcomeRecorded
    | AgentChanged
    | Supervised
    | QueueChanged
    | NodeChanged
    | Misconfigured
    | Repaired,
    Field(discriminator="event"),
]
Frame: TypeAlias = Snapshot | Resumed | Pong | Event
