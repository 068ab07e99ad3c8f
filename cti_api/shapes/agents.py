"""Agents on the wire: what they and their supervisors ask for, and how they are shown; never who may see it."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.calls import ModeName
from cti_api.shapes.forms import STRICT, WHOLE, Line, Name, like

AgentAction: TypeAlias = Literal[
    "log-in",
    "become-ready",
    "become-not-ready",
    "set-do-not-disturb",
    "lift-do-not-disturb",
    "finish-wrap-up",
    "extend-wrap-up",
    "make-call",
    "accept-preview",
    "skip-preview",
    "log-out",
]
SupervisorAction: TypeAlias = Literal[
    "force-ready", "force-not-ready", "force-finish-wrap-up", "force-log-out", "change-duties"
]
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


class ShiftWanted(BaseModel):
    """Where the agent sits: at a desk of the centre's file, `GET /v1/desks`; null: at his own phone, or where he is."""

    model_config = like({"desk": "desk-12"})

    desk: Annotated[Name | None, Field(description="The id of a desk.")] = None


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
AGENT = {
    "id": "ana",
    "name": "Ana",
    "device": "PJSIP/ana",
    "desk": None,
    "queues": ["support"],
    "skills": {"fridge": 80},
    "duties": "file",
    "state": "offered",
    "since": 1750003600200,
    "causes": [],
    "pending": "ready",
    "own_call": None,
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


@with_config(STRICT)
class Follows(TypedDict):
    """Whose calls a supervisor hears, one after the other."""

    agent: str
    mode: ModeName


@with_config(STRICT)
class Cause(TypedDict):
    """One cause that keeps an agent from being ready. Of a lost device, the reason is its state."""

    cause: CauseName
    reason: str


@with_config(like({"id": "desk-12", "name": "Window 12", "taken": True, "agent": "ana"}))
class Desk(TypedDict):
    """A phone that is nobody's own, at which an agent may log in."""

    id: str
    name: str
    taken: Annotated[bool, Field(description="Somebody is on shift there.")]
    agent: Annotated[
        str | None,
        Field(description="Who; null also where he is somebody of whom you see nothing."),
    ]


@with_config(like(AGENT))
class Agent(TypedDict):
    """An agent, on shift or not. Colleagues see the state, but no cause, no device and no call."""

    id: str
    name: str
    device: Annotated[
        str | None,
        Field(description="The phone that rings: his own, or the desk's; null: he has none now."),
    ]
    desk: Annotated[
        str | None, Field(description="Where he sits in this shift, unless it is at his own phone.")
    ]
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
    since: Annotated[
        int, Field(description="Since when; 0: he has been in no other state that is known here.")
    ]
    causes: list[Cause]
    pending: Annotated[
        RestingName | None,
        Field(
            description="The state that follows the call in hand, the work after it and his own call."
        ),
    ]
    own_call: Annotated[
        Literal["busy-inbound", "busy-outbound", "busy-other"] | None,
        Field(
            description="The phone has a call that is none of ours: his state by it, now, or when "
            "his wrap-up is over and it is not."
        ),
    ]
    device_state: Annotated[
        str | None,
        Field(description="How Asterisk sees his phone, in its words: NOT_INUSE, INUSE …"),
    ]
    call: Annotated[
        str | None,
        Field(description="The call that he has, is beside, or is rung for; null: none is his."),
    ]
    until: Annotated[int | None, Field(description="When wrap-up ends by itself.")]
    wrap_up: Annotated[
        Literal["optional", "timed", "locked"] | None,
        Field(
            description="What else ends it. `optional`: `ready`, `finish-wrap-up`, or a break, which begins at once; "
            "`timed`: the first two; `locked`: nothing that he can say."
        ),
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
