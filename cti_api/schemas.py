"""The wire, every shape once: bodies are checked on the way in, answers are typed and documented; frames have `frames`.

Answers are typed dicts: mypy checks what makes them, OpenAPI describes them, and nothing but the encoder
runs when they are sent. Times are milliseconds since 1970 in UTC, durations are milliseconds.
"""

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    with_config,
)
from typing_extensions import TypedDict

STRICT = ConfigDict(extra="forbid")

# No database keeps a NUL, and no name has a control character in it.
TEXT = r"^[^\x00]*$"
WORD = r"^[^\x00-\x1f\x7f]*$"

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]


def _whole(value: object) -> object:
    """JSON has one kind of number, and 5.0 is 5; "5" and true are no numbers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)  # With `strict`.
LARGEST = 1 << 53  # What every language reads exactly.

AgentAction: TypeAlias = Literal[
    "log-in",
    "become-ready",
    "become-not-ready",
    "set-do-not-disturb",
    "lift-do-not-disturb",
    "finish-wrap-up",
    "extend-wrap-up",
    "accept-preview",
    "skip-preview",
    "log-out",
]
SupervisorAction: TypeAlias = Literal[
    "force-ready", "force-not-ready", "force-finish-wrap-up", "force-log-out", "change-duties"
]
CallAction: TypeAlias = Literal[
    "hold",
    "retrieve",
    "transfer",
    "send-tones",
    "consult",
    "alternate",
    "complete-consult",
    "cancel-consult",
    "conference",
    "remove-party",
    "mute-party",
    "unmute-party",
    "clear",
    "record",
    "stop-recording",
    "pause-recording",
    "resume-recording",
    "record-outcome",
    "reject",
    "deflect",
    "leave",
    "set-requirement",
    "set-priority",
    "move-to-queue",
    "move-to-front",
    "listen",
    "whisper",
    "barge",
]
Phase: TypeAlias = Literal[
    "arrived",
    "menu",
    "waiting",
    "offered",
    "placed",
    "dialling",
    "talking",
    "outside",
    "survey",
    "ended",
]
DirectionName: TypeAlias = Literal["in", "out"]
RoleName: TypeAlias = Literal["agent", "supervisor", "admin", "router", "back-office", "auditor"]
StateName: TypeAlias = Literal[
    "logged-out",
    "not-ready",
    "ready",
    "offered",
    "dialling",
    "busy-acd",
    "busy-consult",
    "busy-supervising",
    "wrap-up",
    "busy-inbound",
    "busy-outbound",
    "busy-other",
]
RestingName: TypeAlias = Literal["logged-out", "not-ready", "ready"]
CauseName: TypeAlias = Literal[
    "manual",
    "ring-no-answer",
    "rejected",
    "do-not-disturb",
    "supervisor",
    "device-lost",
    "client-lost",
]


def like(example: dict[str, Any]) -> ConfigDict:
    """Nothing but what is named, and this as the example."""
    return ConfigDict(extra="forbid", json_schema_extra={"example": example})


# What comes in.


class ReadyWanted(BaseModel):
    """Take calls: now, or after the call in hand."""

    model_config = like({"state": "ready"})

    state: Literal["ready"]


class NotReadyWanted(BaseModel):
    """Take no calls: now, or after the call in hand."""

    model_config = like({"state": "not-ready", "reason": "break"})

    state: Literal["not-ready"]
    reason: Annotated[Line, Field(description="Shown to supervisors and kept for reports.")] = (
        "other"
    )


class _Forced(BaseModel):
    reason: Annotated[Line, Field(description="Why; kept for the audit.")]


class Forced(_Forced):
    """Lift every pause that people have set and end wrap-up; pause so that only a supervisor lifts it; end wrap-up."""

    model_config = like({"action": "force-not-ready", "reason": "come and see me"})

    action: Literal["force-ready", "force-not-ready", "force-finish-wrap-up"]


class ForcedLogOut(_Forced):
    """End the shift. `now` stops a phone that rings, and ends wrap-up; a conversation is never cut."""

    model_config = like(
        {"action": "force-log-out", "when": "after-call", "reason": "gone home without logging out"}
    )

    action: Literal["force-log-out"]
    when: Literal["now", "after-call"] = "now"


Force = Annotated[Forced | ForcedLogOut, Field(discriminator="action")]


class DutiesWanted(_Forced):
    """Queues and skills in place of what the centre's file says; what is left out, or null, is as it says."""

    model_config = like(
        {"queues": ["support", "sales"], "skills": {"fridge": 60}, "reason": "sales is short"}
    )

    queues: Annotated[list[Name] | None, Field(max_length=1000)] = None
    skills: (
        Annotated[
            dict[Name, Annotated[int, Field(ge=0, le=100, strict=True), WHOLE]],
            Field(max_length=1000, json_schema_extra={"additionalProperties": False}),
        ]
        | None
    ) = None


StateWanted = Annotated[ReadyWanted | NotReadyWanted, Field(discriminator="state")]


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
WhomInside: TypeAlias = ToQueue | ToAgent


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


# What goes out: things.

ADDRESS = {"id": "home", "text": "上海市徐汇区漕溪北路 1 号", "region": "华东"}
PRODUCT = {"id": "F-1", "name": "冰箱 BCD-200", "installed_on": "2024-05-31", "address": "home"}
SERVICE = {
    "id": "S-1",
    "kind": "repair",
    "name": "漏水",
    "state": "open",
    "day": "2026-05-31",
    "product": "F-1",
}
PROMISE = {
    "id": "p1",
    "what": "call back",
    "owner": "ana",
    "due_at": 1750090000000,
    "state": "open",
    "created_at": 1750003600000,
    "reopened": 0,
}
COMPLAINT = {
    "id": "k-5c01",
    "what": "the fitter did not come",
    "category": "late",
    "owner": "sue",
    "state": "in-work",
    "due_at": 1750090000000,
    "opened_at": 1750003600000,
}
CUSTOMER = {
    "id": "C-1001",
    "name": "王芳",
    "kind": "household",
    "segment": "gold",
    "language": "zh",
    "region": "华东",
    "notes": "Air conditioner installed in May.",
    "addresses": [ADDRESS],
    "products": [PRODUCT],
    "services": [SERVICE],
    "promises": [PROMISE],
    "complaints": [COMPLAINT],
}
CONTACT = {
    "call": "pbx1:1750000000.7",
    "at": 1750000012000,
    "channel": "call",
    "queue": {"id": "support", "name": "Support"},
    "agent": {"id": "bob", "name": "Bob"},
    "reason": "repair",
    "outcome": "not-solved",
}
REMINDER = {"id": "filter-is-due", "kind": "offer", "text": "A new filter, 20 % off until June"}
SCORE = {
    "at": 1749990000000,
    "question": "csat",
    "scale": "csat",
    "score": 2,
    "queue": "support",
    "agent": "bob",
}
CALLER = {
    "number": "+8613812341234",
    "name": "",
    "confidence": "own",
    "customers": [CUSTOMER],
    "contact_number": 2,
    "window_ms": 86400000,
    "last_contact": CONTACT,
    "earlier": [CONTACT],
    "last_score": SCORE,
    "crm": {"balance": "12.00"},
    "reminders": [REMINDER],
}
CALL = {
    "id": "pbx1:1750003600.9",
    "phase": "offered",
    "direction": "in",
    "started_at": 1750003600000,
    "dialled": "4008001234",
    "caller": CALLER,
    "queue": {"id": "support", "name": "Support"},
    "priority": 0,
    "requires": [],
    "reason": "repair",
    "menus": ["main"],
    "joined_at": 1750003600200,
    "resumed": None,
    "agent": "ana",
    "ringing": ["ana"],
    "attempts": 1,
    "connected_at": None,
    "held_since": None,
    "parties": [],
    "outsiders": [],
    "supervisors": [],
    "recording": {"state": "running", "part": 1, "withheld": False},
    "data": {},
    "allowed": [],
}
AGENT = {
    "id": "ana",
    "name": "Ana",
    "device": "PJSIP/ana",
    "queues": ["support"],
    "skills": {"fridge": 80},
    "duties": "file",
    "state": "offered",
    "since": 1750003600200,
    "causes": [],
    "pending": "ready",
    "device_state": "NOT_INUSE",
    "call": "pbx1:1750003600.9",
    "until": None,
    "wrap_up": None,
    "undisposed": None,
    "follows": None,
    "preview": None,
    "allowed": ["become-not-ready", "set-do-not-disturb", "log-out"],
    "forcible": ["force-not-ready", "force-log-out", "change-duties"],
}
QUEUE = {
    "id": "support",
    "name": "Support",
    "waiting": 1,
    "longest_since": 1750003600200,
    "answered": 41,
    "abandoned": 2,
}
YOU = {"user": "ana", "role": "agent", "agent": "ana"}


@with_config(STRICT)
class Named(TypedDict):
    """Something, and what people call it."""

    id: str
    name: str


@with_config(like(ADDRESS))
class Address(TypedDict):
    """Where a customer lives, or has something of ours."""

    id: str
    text: str
    region: str | None


@with_config(like(PRODUCT))
class Product(TypedDict):
    """What a customer owns."""

    id: str
    name: str
    installed_on: str | None
    address: str | None


@with_config(like(SERVICE))
class Service(TypedDict):
    """What was done for a customer, or is to be."""

    id: str
    kind: str
    name: str
    state: str
    day: str | None
    product: str | None


ComplaintStateName: TypeAlias = Literal[
    "open", "in-work", "answered", "verified", "closed", "withdrawn"
]


@with_config(like(COMPLAINT))
class Complaint(TypedDict):
    """What a customer complains of, who sees to it and until when."""

    id: str
    what: str
    category: str | None
    owner: Annotated[str | None, Field(description="The user who sees to it.")]
    state: ComplaintStateName
    due_at: int
    opened_at: int


@with_config(like(PROMISE))
class Promise(TypedDict):
    """What is owed to a customer, by whom and until when."""

    id: str
    what: str
    owner: str | None
    due_at: int
    state: Annotated[
        Literal["open", "lapsed", "kept", "broken"],
        Field(description="`lapsed`: its time has passed, and it is owed still."),
    ]
    created_at: int
    reopened: Annotated[
        int, Field(description="How often he called again when it had been closed.")
    ]


@with_config(like(CUSTOMER))
class Customer(TypedDict):
    """Somebody who may be calling. What your role is not to see is null or empty."""

    id: str
    name: str
    kind: Annotated[str, Field(description="person, household or company")]
    segment: str | None
    language: str | None
    region: str | None
    notes: str | None
    addresses: list[Address]
    products: Annotated[list[Product], Field(description="The newest first.")]
    services: Annotated[list[Service], Field(description="What is still to be done first.")]
    promises: Annotated[list[Promise], Field(description="Those that are still owed.")]
    complaints: Annotated[list[Complaint], Field(description="Those that have not ended.")]


@with_config(like(SCORE))
class Score(TypedDict):
    """What a customer thought of a call of his; `queue` and `agent` are whom it is about."""

    at: int
    question: Annotated[str, Field(description="What was asked, as a code.")]
    scale: Annotated[Literal["csat", "nps"], Field(description="csat: 1 to 5; nps: 0 to 10.")]
    score: int
    queue: str | None
    agent: str | None


@with_config(like(CONTACT))
class Contact(TypedDict):
    """An earlier contact of the same customer. `agent` is null if nobody answered."""

    call: Annotated[str, Field(description="Of another channel: what that one calls it.")]
    at: int
    channel: Annotated[str, Field(description="call, chat, email, wechat, sms or visit")]
    queue: Named | None
    agent: Named | None
    reason: str | None
    outcome: str | None


@with_config(like(REMINDER))
class Reminder(TypedDict):
    """What the agent is to remember of this caller, or may offer him: a rule of the centre's file holds."""

    id: str
    kind: Literal["reminder", "offer"]
    text: str


@with_config(like(CALLER))
class Caller(TypedDict):
    """Who is calling, as far as his number tells: it proves nothing, for numbers can be forged."""

    number: Annotated[str, Field(description="Masked for those who have no part in the call.")]
    name: Annotated[str, Field(description="As the telephone network says: anybody's words.")]
    confidence: Annotated[
        Literal["own", "home", "work", "unlisted", "shared", "switchboard", "short", "anonymous"],
        Field(
            description="Whose number it is: one customer's own, at home or at work, that of nobody listed, "
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
    earlier: Annotated[
        list[Contact],
        Field(
            description="Newest first, ten at most, over all channels and before the window too."
        ),
    ]
    last_score: Annotated[
        Score | None, Field(description="What he answered last when he was asked after a call.")
    ]
    crm: Annotated[
        dict[str, Any] | None, Field(description="What your CRM says of him, as far as it has yet.")
    ]
    reminders: Annotated[
        list[Reminder], Field(description="Five at most, in the order of the rule file.")
    ]


PartyStateName: TypeAlias = Literal["ringing", "consulted", "on-hold", "joined"]


@with_config(STRICT)
class Party(TypedDict):
    """An agent beside the one who has a call.

    `consulted`: the two are by themselves, and the caller hears music. `on-hold`: he hears music himself.
    `joined`: in conference.
    """

    agent: str
    state: PartyStateName
    muted: bool


@with_config(STRICT)
class Outsider(TypedDict):
    """A number beside a call; its states are those of a party. `transfer`: the caller is handed on to it."""

    number: str
    transfer: bool
    state: PartyStateName
    muted: bool


ModeName: TypeAlias = Literal["listen", "whisper", "barge"]


@with_config(STRICT)
class Supervisor(TypedDict):
    """A supervisor who hears a call, or whose phone rings for it.

    `listen`: nobody hears him. `whisper`: the agent alone does. `barge`: everybody does.
    """

    agent: str
    mode: ModeName
    since: Annotated[int | None, Field(description="Hears it since; null: the phone rings.")]
    allowed: Annotated[
        list[Literal["listen", "whisper", "barge", "take-over", "stop-supervising"]],
        Field(description="What this supervisor may do."),
    ]


@with_config(STRICT)
class Follows(TypedDict):
    """Whose calls a supervisor hears, one after the other."""

    agent: str
    mode: ModeName


RecordingStateName: TypeAlias = Literal["off", "starting", "running", "paused", "between", "failed"]


@with_config(STRICT)
class CallRecording(TypedDict):
    """The recording of a call that may be recorded.

    `off`: nothing is recorded now. `between`: it goes on when the next agent has the caller. `failed`: Asterisk does
    not record though it should.
    """

    state: RecordingStateName
    part: Annotated[int, Field(description="Of the part under way, or the last one; 0: none yet.")]
    withheld: Annotated[
        bool,
        Field(description="Somebody has paused it, and it stays so until somebody lets it go on."),
    ]


@with_config(like(CALL))
class Call(TypedDict):
    """A call. Who has no part in it sees a masked number and nothing else of the caller."""

    id: str
    phase: Annotated[
        Phase,
        Field(
            description="Of a call that an agent makes: `placed` while the agent's own phone rings, "
            "`dialling` while that of who is called does. `outside`: left to a number. `survey`: the agent has hung "
            "up, and the caller is asked what he thinks of it."
        ),
    ]
    direction: Annotated[DirectionName, Field(description="`out`: an agent calls somebody.")]
    started_at: int
    dialled: str
    caller: Caller
    queue: Named | None
    priority: int
    requires: Annotated[
        list[str], Field(description="What it asks of agents by itself; all must hold.")
    ]
    reason: Annotated[
        str | None, Field(description="Why he calls, as the dialplan says or a menu has learned.")
    ]
    menus: Annotated[list[str], Field(description="Those that the caller has been in.")]
    joined_at: int | None
    resumed: Annotated[
        str | None,
        Field(description="The earlier call whose place he has again, as he called back in time."),
    ]
    agent: Annotated[
        str | None, Field(description="Who has it, or is the first to be rung for it.")
    ]
    ringing: Annotated[list[str], Field(description="Whose phones ring for it.")]
    attempts: Annotated[int, Field(description="How many agents have been rung for it.")]
    connected_at: int | None
    held_since: Annotated[int | None, Field(description="Since when the caller hears music.")]
    parties: Annotated[
        list[Party],
        Field(description="Agents beside the one who has it, consulted or in conference."),
    ]
    outsiders: Annotated[
        list[Outsider],
        Field(description="Numbers, the same; in phase `outside` no agent has the call any more."),
    ]
    supervisors: Annotated[
        list[Supervisor],
        Field(description="Who hears it; an agent sees that unless the centre's file hides it."),
    ]
    recording: Annotated[
        CallRecording | None,
        Field(description="null: it may not be recorded, or nobody has had it yet."),
    ]
    data: Annotated[
        dict[str, str],
        Field(description="What was noted with it for screens: see `write-data`."),
    ]
    allowed: Annotated[list[CallAction], Field(description="What you may do with it now.")]


@with_config(STRICT)
class Cause(TypedDict):
    """One cause that keeps an agent from being ready. Of a lost device, the reason is its state."""

    cause: CauseName
    reason: str


@with_config(like({"call": "pbx1:1750003600.9", "route": 1, "agent": "bob"}))
class Route(TypedDict):
    """What became of an answer: `agent` is rung for the call; null: nobody yet."""

    call: str
    route: int
    agent: str | None


@with_config(like(AGENT))
class Agent(TypedDict):
    """An agent, on shift or not. Colleagues see the state, but no cause, no device and no call."""

    id: str
    name: str
    device: str | None
    queues: list[str]
    skills: dict[str, int]
    duties: Annotated[
        Literal["file", "changed"],
        Field(description="Whether queues and skills are the file's, or a supervisor's."),
    ]
    state: Annotated[
        StateName,
        Field(
            description="`dialling`: calls somebody. `busy-acd`: a call of ours. "
            "`busy-consult`: beside another agent who has the call. "
            "`busy-supervising`: hears another agent's call, or is rung for it. "
            "`busy-inbound`, `busy-outbound`, `busy-other`: the phone has a call that is none of ours; "
            "it rang, it did not, nobody knows."
        ),
    ]
    since: int
    causes: list[Cause]
    pending: Annotated[
        RestingName | None,
        Field(description="The state that follows the call in hand and the work after it."),
    ]
    device_state: str | None
    call: str | None
    until: Annotated[int | None, Field(description="When wrap-up ends by itself.")]
    wrap_up: Annotated[
        Literal["optional", "timed", "locked"] | None,
        Field(description="What else ends it: `ready` or `finish-wrap-up`, the latter, neither."),
    ]
    undisposed: Annotated[
        str | None,
        Field(description="The call whose outcome must be recorded before wrap-up can be ended."),
    ]
    follows: Annotated[
        Follows | None, Field(description="Whose calls he hears, if he is a supervisor.")
    ]
    preview: Annotated[
        str | None,
        Field(description="The task of which he is shown whom to call: `GET …/preview`."),
    ]
    allowed: Annotated[
        list[AgentAction],
        Field(description="What the agent, or a supervisor in his place, may do now."),
    ]
    forcible: Annotated[
        list[SupervisorAction], Field(description="What only a supervisor may do now.")
    ]


@with_config(like(QUEUE))
class Queue(TypedDict):
    """A queue. `answered` and `abandoned` count since we started."""

    id: str
    name: str
    waiting: Annotated[int, Field(description="Those for whom a phone rings included.")]
    longest_since: Annotated[int | None, Field(description="Since when the first one waits.")]
    answered: int
    abandoned: int


@with_config(like(YOU))
class You(TypedDict):
    """Who is asking."""

    user: str
    role: RoleName
    agent: str | None


@with_config(like(YOU | {"expires_at": 1750043200000, "view": AGENT, "calls": [CALL]}))
class Me(TypedDict):
    """Who is asking, what he does, and the calls he has."""

    user: str
    role: RoleName
    agent: str | None
    expires_at: int
    view: Agent | None
    calls: list[Call]


_DISPOSITION = {
    "code": "late",
    "name": "Too late",
    "above": "delivery",
    "choose": True,
    "reason": True,
}


@with_config(like(_DISPOSITION))
class Disposition(TypedDict):
    """One of the things that may come of a call, or several of them together."""

    code: Annotated[str, Field(description="Stable, also when it is put elsewhere in the tree.")]
    name: str
    above: Annotated[str | None, Field(description="The code of what it is a part of.")]
    choose: Annotated[
        bool, Field(description="Whether it can be chosen: it is divided no further.")
    ]
    reason: Annotated[bool, Field(description="Whether it also says why he called.")]


@with_config(like({"required": True, "dispositions": [_DISPOSITION]}))
class QueueDispositions(TypedDict):
    """What may come of a queue's calls."""

    required: Annotated[
        bool, Field(description="Whether an agent must choose one before he can end his wrap-up.")
    ]
    dispositions: list[Disposition]


@with_config(like({"call": "pbx1:1750003600.9", "agent": "ana", "outcome": "solved"}))
class Outcome(TypedDict):
    """What came of a call, as it was written down."""

    call: str
    agent: str
    outcome: str


@with_config(
    like(
        {
            "at": 1750003600200,
            "by": "sue",
            "agent": "ana",
            "action": "force-not-ready",
            "reason": "come and see me",
            "detail": "",
        }
    )
)
class Act(TypedDict):
    """Somebody has acted on an agent who is not himself, or on the centre. An action may be of another version."""

    at: int
    by: Annotated[str, Field(description="A user, SIGHUP, or RETENTION.")]
    agent: Annotated[str | None, Field(description="null: the whole centre.")]
    action: str
    reason: str
    detail: Annotated[str, Field(description="What is different by it: the new queues, skills.")]


@with_config(like({"kind": "queue", "id": "sales", "how": "changed", "words": ["weight"]}))
class CentreChange(TypedDict):
    """What is different in the centre's files."""

    kind: Literal["queue", "agent", "user", "menu", "hours", "centre"]
    id: str
    how: Literal["added", "removed", "changed"]
    words: Annotated[list[str], Field(description="The words of the file that say another thing.")]


@with_config(like({"changes": [{"kind": "agent", "id": "cy", "how": "added", "words": []}]}))
class Reloaded(TypedDict):
    """The centre's files were read again, and hold as a whole."""

    changes: Annotated[list[CentreChange], Field(description="None: nothing is different.")]


class ReportWanted(BaseModel):
    """What a report is to be about. Without a day it is yesterday."""

    model_config = STRICT

    day: Annotated[date | None, Field(description="The first day.")] = None
    to: Annotated[date | None, Field(description="The last day, if it is another one.")] = None
    tz: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="Whose days: Asia/Shanghai")
    ] = None
    interval: Annotated[
        Literal["15m", "30m", "60m", "day", "week"], Field(description="How long a line is.")
    ] = "30m"
    by: Annotated[
        list[Literal["queue", "team", "agent", "dialled", "region", "reason", "outcome"]],
        Field(max_length=3, description="Of `service`: by what it sums."),
    ] = []
    by_time: Annotated[bool, Field(description="Of `service`: each line by itself as well.")] = (
        False
    )
    queue: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="This one only.")
    ] = None
    team: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="This one only.")
    ] = None
    agent: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="This one only.")
    ] = None
    dialled: Annotated[
        str | None, Field(max_length=64, pattern=WORD, description="This number only.")
    ] = None
    lang: Annotated[Literal["en", "zh"], Field(description="Of titles and texts.")] = "en"
    within_s: Annotated[int, Field(ge=1, le=3600, description="X: answered in time.")] = 20
    short_s: Annotated[int, Field(ge=0, le=3600, description="s: a short abandonment.")] = 5
    window_h: Annotated[int, Field(ge=1, le=2160, description="w: of repeats and FCR.")] = 24


_REPORT: dict[str, Any] = {
    "report": "service",
    "title": "Service",
    "zone": "Asia/Shanghai",
    "about": {"Days": "2026-11-21"},
    "terms": {"within_s": 20, "short_s": 5, "window_h": 24},
    "headline": {"calls.offered": 100, "sl.offered": 0.6},
    "sections": [
        {
            "name": "service",
            "title": "By queue",
            "note": "",
            "columns": [
                {"name": "queue", "title": "Queue", "unit": "text", "formula": None},
                {
                    "name": "sl.offered",
                    "title": "Service level",
                    "unit": "share",
                    "formula": "sl.offered@1",
                },
            ],
            "rows": [["support", 0.6]],
        }
    ],
    "formulas": [
        {
            "name": "sl.offered@1",
            "text": "answered within X / (A + B + F by time)",
            "source": "Cordboard",
        }
    ],
    "check": "Arrived = offered + refused.",
}

ReportValue: TypeAlias = str | int | float | None


@with_config(STRICT)
class ReportTerms(TypedDict):
    """What the formulas were told."""

    within_s: int
    short_s: int
    window_h: int


@with_config(STRICT)
class ReportColumn(TypedDict):
    """`formula` is by what it is computed, with its version; null: it is no figure."""

    name: str
    title: str
    unit: Literal["count", "share", "ms", "number", "points", "text", "time", "money"]
    formula: str | None


@with_config(STRICT)
class ReportSection(TypedDict):
    """One table."""

    name: str
    title: str
    note: str
    columns: list[ReportColumn]
    rows: list[list[ReportValue]]


@with_config(STRICT)
class ReportFormula(TypedDict):
    """What a figure means, and who else reckons so."""

    name: str
    text: str
    source: str


@with_config(like(_REPORT))
class Report(TypedDict):
    """Figures, with the formulas they are computed by."""

    report: str
    title: str
    zone: str
    about: dict[str, str]
    terms: ReportTerms
    headline: dict[str, float | None]
    sections: list[ReportSection]
    formulas: list[ReportFormula]
    check: str


@with_config(like({"agent": "bob", "rule": "phone", "detail": "PJSIP/bob is INUSE"}))
class Candidate(TypedDict):
    """An agent as seen from a call: `rule` is the first that keeps him from it; null: he is the one."""

    agent: str
    rule: str | None
    detail: str


@with_config(like({"live": True}))
class Live(TypedDict):
    """The process answers."""

    live: bool


@with_config(
    like(
        {
            "ready": False,
            "nodes": {"pbx1": False},
            "missing": ["pbx1"],
            "faults": 0,
            "unrecorded": 0,
            "outbound": "allowed",
        }
    )
)
class Readiness(TypedDict):
    """Whether every Asterisk is heard; and how many faults of ours were mended since the start: should be 0."""

    ready: bool
    nodes: dict[str, bool]
    missing: list[str]
    faults: int
    unrecorded: Annotated[
        int, Field(description="Parts of recordings that failed since the start: should be 0.")
    ]
    outbound: Annotated[
        Literal["none", "allowed", "stopped"],
        Field(description="Whether agents can call out: no route; yes; an admin has stopped it."),
    ]


@with_config(STRICT)
class ErrorDetails(TypedDict):
    """Why not: a reason for programs, a sentence for people."""

    reason: str
    message: str


@with_config(STRICT)
class Error(TypedDict):
    """Every refusal has this body."""

    error: ErrorDetails
