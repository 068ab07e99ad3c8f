"""Calls on the wire, as they are shown; never who may see them."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.callers import CALLER, Caller
from cti_api.shapes.forms import STRICT, Named, like

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
    "answer",
    "write-data",
    "reject",
    "deflect",
    "leave",
    "set-requirement",
    "set-priority",
    "move-to-queue",
    "move-to-front",
    "cancel-callback",
    "listen",
    "whisper",
    "barge",
]
Phase: TypeAlias = Literal[
    "arrived",
    "menu",
    "waiting",
    "paused",
    "offered",
    "placed",
    "dialling",
    "talking",
    "outside",
    "survey",
    "ended",
]
DirectionName: TypeAlias = Literal["in", "out"]
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
    "expected_wait": {"at": 1750003600200, "median_ms": 40000, "upper_ms": 95000},
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
    "callback": None,
    "allowed": ["reject", "deflect", "write-data"],
}


@with_config(STRICT)
class ExpectedWait(TypedDict):
    """How long it will take until an agent has the call, as estimated when it was queued."""

    at: Annotated[int, Field(description="From when it counts.")]
    median_ms: Annotated[int, Field(description="Half of such callers are served by then.")]
    upper_ms: Annotated[int, Field(description="Eight of ten are.")]


PartyStateName: TypeAlias = Literal["ringing", "consulted", "on-hold", "joined"]


@with_config(STRICT)
class CallCallback(TypedDict):
    """What a call pays: somebody is to be called back. `DELETE /v1/callbacks/{callback}` calls it off."""

    id: Annotated[
        str, Field(description="It stays from one attempt to the next; the call's does not.")
    ]
    asked_at: int
    by: Annotated[str, Field(description="Who asked for it; empty: the caller.")]
    origin: Annotated[str | None, Field(description="The call in which he did.")]
    tries: Annotated[int, Field(description="How often he was called.")]
    due_at: Annotated[int, Field(description="He is not called before then.")]


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
    dialled: Annotated[str, Field(description="The number by which he came.")]
    caller: Caller
    queue: Named | None
    priority: Annotated[int, Field(description="The higher, the sooner, whoever waits longer.")]
    requires: Annotated[
        list[str], Field(description="What it asks of agents by itself; all must hold.")
    ]
    reason: Annotated[
        str | None, Field(description="Why he calls, as the dialplan says or a menu has learned.")
    ]
    menus: Annotated[list[str], Field(description="Those that the caller has been in.")]
    joined_at: Annotated[
        int | None, Field(description="Since when he waits, or waited, for an agent.")
    ]
    expected_wait: Annotated[
        ExpectedWait | None,
        Field(description="null: not in a queue yet, or its estimates are not good enough now."),
    ]
    resumed: Annotated[
        str | None,
        Field(description="The earlier call whose place he has again, as he called back in time."),
    ]
    agent: Annotated[
        str | None, Field(description="Who has it, or is the first to be rung for it.")
    ]
    ringing: Annotated[list[str], Field(description="Whose phones ring for it.")]
    attempts: Annotated[int, Field(description="How many agents have been rung for it.")]
    connected_at: Annotated[
        int | None, Field(description="Since when the one who has it has talked to him.")
    ]
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
    callback: Annotated[
        CallCallback | None, Field(description="What it pays, until he is reached.")
    ]
    allowed: Annotated[list[CallAction], Field(description="What you may do with it now.")]


@with_config(like({"agent": "bob", "rule": "phone", "detail": "PJSIP/bob is INUSE"}))
class Candidate(TypedDict):
    """An agent as seen from a call: `rule` is the first that keeps him from it; null: he is the one."""

    agent: str
    rule: str | None
    detail: str
