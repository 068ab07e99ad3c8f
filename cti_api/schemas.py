"""The wire, every shape once: bodies are checked on the way in, answers and frames are typed and documented.

Answers are typed dicts: mypy checks what makes them, OpenAPI describes them, and nothing but the encoder
runs when they are sent. Times are milliseconds since 1970 in UTC, durations are milliseconds.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, with_config
from typing_extensions import TypedDict

_STRICT = ConfigDict(extra="forbid")

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]

AgentAction: TypeAlias = Literal[
    "log-in", "log-out", "become-ready", "become-not-ready", "finish-wrap-up"
]
CallAction: TypeAlias = Literal["record-outcome"]
Phase: TypeAlias = Literal["arrived", "menu", "waiting", "offered", "talking", "ended"]
RoleName: TypeAlias = Literal["agent", "supervisor", "admin"]
StateName: TypeAlias = Literal["logged-out", "not-ready", "ready", "offered", "busy-acd", "wrap-up"]


def _like(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"example": example})


def example_of(name: str) -> Any:
    """The example of the shape of this name."""
    shape = globals()[name]
    config = getattr(shape, "model_config", None) or shape.__pydantic_config__
    return config["json_schema_extra"]["example"]


# What comes in.


class Credentials(BaseModel):
    """User and password."""

    model_config = _like({"user": "ana", "password": "correct horse battery staple"})

    user: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class ReadyWanted(BaseModel):
    """Take calls: now, or after the call in hand."""

    model_config = _like({"state": "ready"})

    state: Literal["ready"]


class NotReadyWanted(BaseModel):
    """Take no calls: now, or after the call in hand."""

    model_config = _like({"state": "not-ready", "reason": "break"})

    state: Literal["not-ready"]
    reason: Annotated[Line, Field(description="Shown to supervisors and kept for reports.")] = (
        "other"
    )


StateWanted = Annotated[ReadyWanted | NotReadyWanted, Field(discriminator="state")]


class OutcomeWanted(BaseModel):
    """What came of a call; the next agent will read it."""

    model_config = _like({"outcome": "solved"})

    outcome: Annotated[Code, Field(examples=["solved", "not-solved"])]


# What goes out: things.

_CUSTOMER = {
    "id": "C-1001",
    "name": "王芳",
    "segment": "gold",
    "language": "zh",
    "notes": "Air conditioner installed in May.",
}
_CONTACT = {
    "call": "pbx1:1750000000.7",
    "at": 1750000012000,
    "queue": {"id": "support", "name": "Support"},
    "agent": {"id": "bob", "name": "Bob"},
    "outcome": "not-solved",
}
_CALLER = {
    "number": "+8613812341234",
    "name": "",
    "confidence": "own",
    "customers": [_CUSTOMER],
    "contact_number": 2,
    "window_ms": 86400000,
    "last_contact": _CONTACT,
    "earlier": [_CONTACT],
}
_CALL = {
    "id": "pbx1:1750003600.9",
    "phase": "offered",
    "started_at": 1750003600000,
    "dialled": "4008001234",
    "caller": _CALLER,
    "queue": {"id": "support", "name": "Support"},
    "priority": 0,
    "joined_at": 1750003600200,
    "agent": "ana",
    "attempts": 1,
    "connected_at": None,
    "allowed": [],
}
_AGENT = {
    "id": "ana",
    "name": "Ana",
    "device": "PJSIP/ana",
    "queues": ["support"],
    "state": "offered",
    "since": 1750003600200,
    "causes": [],
    "pending": "ready",
    "device_state": "NOT_INUSE",
    "call": "pbx1:1750003600.9",
    "until": None,
    "allowed": ["become-not-ready", "log-out"],
}
_QUEUE = {
    "id": "support",
    "name": "Support",
    "waiting": 1,
    "longest_since": 1750003600200,
    "answered": 41,
    "abandoned": 2,
}
_YOU = {"user": "ana", "role": "agent", "agent": "ana"}


@with_config(_STRICT)
class Named(TypedDict):
    """Something, and what people call it."""

    id: str
    name: str


@with_config(_like(_CUSTOMER))
class Customer(TypedDict):
    """Somebody who may be calling."""

    id: str
    name: str
    segment: str | None
    language: str | None
    notes: str | None


@with_config(_like(_CONTACT))
class Contact(TypedDict):
    """An earlier call of the same customer. `agent` is null if nobody answered it."""

    call: str
    at: int
    queue: Named | None
    agent: Named | None
    outcome: str | None


@with_config(_like(_CALLER))
class Caller(TypedDict):
    """Who is calling, as far as his number tells: it proves nothing, for numbers can be forged."""

    number: Annotated[str, Field(description="Masked for those who have no part in the call.")]
    name: Annotated[str, Field(description="As the telephone network says: anybody's words.")]
    confidence: Annotated[
        Literal["own", "work", "unlisted", "shared", "switchboard", "short", "anonymous"],
        Field(
            description="Whose number it is: one customer's own or at work, that of nobody listed, "
            "of several customers, of a company; no subscriber's, or withheld."
        ),
    ]
    customers: Annotated[list[Customer], Field(description="Every candidate.")]
    contact_number: Annotated[
        int | None,
        Field(description="2 for the second contact in the window; null if nobody can tell."),
    ]
    window_ms: int
    last_contact: Contact | None
    earlier: Annotated[list[Contact], Field(description="Newest first, ten at most.")]


@with_config(_like(_CALL))
class Call(TypedDict):
    """A call. Who has no part in it sees a masked number and nothing else of the caller."""

    id: str
    phase: Phase
    started_at: int
    dialled: str
    caller: Caller
    queue: Named | None
    priority: int
    joined_at: int | None
    agent: Annotated[str | None, Field(description="Who is rung for it, or has it.")]
    attempts: Annotated[int, Field(description="How many agents have been rung for it.")]
    connected_at: int | None
    allowed: Annotated[list[CallAction], Field(description="What you may do with it now.")]


@with_config(_STRICT)
class Cause(TypedDict):
    """One cause that keeps an agent from being ready."""

    cause: str
    reason: str


@with_config(_like(_AGENT))
class Agent(TypedDict):
    """An agent, on shift or not. Colleagues see the state, but no cause, no device and no call."""

    id: str
    name: str
    device: str | None
    queues: list[str]
    state: StateName
    since: int
    causes: list[Cause]
    pending: Annotated[
        StateName | None, Field(description="The state that follows the call in hand.")
    ]
    device_state: str | None
    call: str | None
    until: Annotated[int | None, Field(description="When wrap-up ends by itself.")]
    allowed: Annotated[list[AgentAction], Field(description="What you may do now.")]


@with_config(_like(_QUEUE))
class Queue(TypedDict):
    """A queue. `answered` and `abandoned` count since we started."""

    id: str
    name: str
    waiting: Annotated[int, Field(description="Those for whom a phone rings included.")]
    longest_since: Annotated[int | None, Field(description="Since when the first one waits.")]
    answered: int
    abandoned: int


@with_config(_like(_YOU))
class You(TypedDict):
    """Who is asking."""

    user: str
    role: RoleName
    agent: str | None


@with_config(_like(_YOU | {"expires_at": 1750043200000, "view": _AGENT, "calls": [_CALL]}))
class Me(TypedDict):
    """Who is asking, what he does, and the calls he has."""

    user: str
    role: RoleName
    agent: str | None
    expires_at: int
    view: Agent | None
    calls: list[Call]


@with_config(_like(_YOU | {"token": "kq3…", "expires_at": 1750043200000}))
class Session(TypedDict):
    """A log-in. The token is shown this once."""

    token: str
    expires_at: int
    user: str
    role: RoleName
    agent: str | None


@with_config(_like({"ticket": "9f1…", "expires_at": 1750000030000}))
class Ticket(TypedDict):
    """Good for one WebSocket, once."""

    ticket: str
    expires_at: int


@with_config(_like({"call": "pbx1:1750003600.9", "agent": "ana", "outcome": "solved"}))
class Outcome(TypedDict):
    """What came of a call, as it was written down."""

    call: str
    agent: str
    outcome: str


@with_config(_like({"agent": "bob", "rule": "phone", "detail": "PJSIP/bob is INUSE"}))
class Candidate(TypedDict):
    """An agent as seen from a call: `rule` is the first that keeps him from it; null: he is the one."""

    agent: str
    rule: str | None
    detail: str


@with_config(_like({"live": True}))
class Live(TypedDict):
    """The process answers."""

    live: bool


@with_config(_like({"ready": False, "nodes": {"pbx1": False}, "missing": ["pbx1"]}))
class Readiness(TypedDict):
    """Whether every Asterisk is heard."""

    ready: bool
    nodes: dict[str, bool]
    missing: list[str]


@with_config(_STRICT)
class ErrorDetails(TypedDict):
    """Why not: a reason for programs, a sentence for people."""

    reason: str
    message: str


@with_config(_STRICT)
class Error(TypedDict):
    """Every refusal has this body."""

    error: ErrorDetails


# What goes out: frames of the WebSocket. `view` is the thing as it is after what has happened.


@with_config(
    _like(
        {
            "type": "snapshot",
            "seq": 1750003600200000,
            "at": 1750003600200,
            "you": _YOU,
            "agents": [_AGENT],
            "queues": [_QUEUE],
            "calls": [_CALL],
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


@with_config(_STRICT)
class Resumed(TypedDict):
    """What you have missed follows: no snapshot is needed. `seq` is the newest event there is."""

    type: Literal["resumed"]
    seq: int
    at: int


@with_config(_STRICT)
class Pong(TypedDict):
    """The answer to a ping. `seq` is the newest event there is, whether or not you may see it."""

    type: Literal["pong"]
    seq: int
    at: int


@with_config(_STRICT)
class _Event(TypedDict):
    type: Literal["event"]
    seq: Annotated[int, Field(description="Grows; what you may not see leaves gaps.")]
    at: int


@with_config(_STRICT)
class CallStarted(_Event):
    """A call is with us."""

    event: Literal["call-started"]
    call: str
    view: Call


@with_config(_STRICT)
class CallerRecognised(_Event):
    """Who is calling is known; `late` if the call was offered before."""

    event: Literal["caller-recognised"]
    call: str
    late: bool
    view: Call


@with_config(_STRICT)
class MenuEntered(_Event):
    """The caller hears a menu."""

    event: Literal["menu-entered"]
    call: str
    menu: str
    view: Call


@with_config(_STRICT)
class CallQueued(_Event):
    """The caller waits."""

    event: Literal["call-queued"]
    call: str
    view: Call


@with_config(
    _like(
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
            "view": _CALL,
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


@with_config(_STRICT)
class OfferEnded(_Event):
    """The phone no longer rings, and nobody has talked."""

    event: Literal["offer-ended"]
    call: str
    offer: str
    agent: str
    outcome: Literal["no-answer", "rejected", "unreachable", "caller-left", "failed"]
    rang_ms: int
    view: Call


@with_config(_STRICT)
class CallConnected(_Event):
    """Caller and agent hear each other."""

    event: Literal["call-connected"]
    call: str
    offer: str
    agent: str
    waited_ms: int
    view: Call


@with_config(_STRICT)
class CallEnded(_Event):
    """The call is no longer with us. `agent` is who talked, if anybody did."""

    event: Literal["call-ended"]
    call: str
    agent: str | None
    ending: Literal["completed", "abandoned", "left-menu", "released", "taken-back", "lost"]
    waited_ms: int
    talked_ms: int
    view: Call


@with_config(_STRICT)
class OutcomeRecorded(_Event):
    """An agent has said what came of a call."""

    event: Literal["outcome-recorded"]
    call: str
    agent: str
    outcome: str


@with_config(_STRICT)
class AgentChanged(_Event):
    """An agent's state, device or call is another one."""

    event: Literal["agent-changed"]
    agent: str
    view: Agent


@with_config(_STRICT)
class QueueChanged(_Event):
    """What waits in a queue is different; told a few times a second at most."""

    event: Literal["queue-changed"]
    queue: str
    view: Queue


@with_config(_STRICT)
class NodeChanged(_Event):
    """We hear this Asterisk, or we do not."""

    event: Literal["node-changed"]
    node: str
    connected: bool


@with_config(_STRICT)
class Misconfigured(_Event):
    """Somebody must look at the dialplan or the configuration."""

    event: Literal["misconfigured"]
    call: str | None
    problem: str


@with_config(_STRICT)
class Repaired(_Event):
    """Something was as it must never be, and was mended: a fault of ours; please tell us."""

    event: Literal["repaired"]
    call: str
    problem: str


Event = Annotated[
    CallStarted
    | CallerRecognised
    | MenuEntered
    | CallQueued
    | CallOffered
    | OfferEnded
    | CallConnected
    | CallEnded
    | OutcomeRecorded
    | AgentChanged
    | QueueChanged
    | NodeChanged
    | Misconfigured
    | Repaired,
    Field(discriminator="event"),
]
Frame: TypeAlias = Snapshot | Resumed | Pong | Event
