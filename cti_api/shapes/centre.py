"""The whole centre on the wire: who has acted on it, what its files have changed, how it is; never who may see it."""

from typing import Annotated, Literal

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.forms import like


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
    by: Annotated[
        str,
        Field(
            description="A user, SIGHUP, RETENTION, or who sat at the server's terminal: terminal:root."
        ),
    ]
    agent: Annotated[str | None, Field(description="null: the whole centre.")]
    action: str
    reason: str
    detail: Annotated[str, Field(description="What is different by it: the new queues, skills.")]


@with_config(like({"kind": "queue", "id": "sales", "how": "changed", "words": ["weight"]}))
class CentreChange(TypedDict):
    """What is different in the centre's files."""

    kind: Literal["queue", "agent", "user", "menu", "hours", "follow-up", "webhook", "centre"]
    id: str
    how: Literal["added", "removed", "changed"]
    words: Annotated[list[str], Field(description="The words of the file that say another thing.")]


@with_config(like({"changes": [{"kind": "agent", "id": "cy", "how": "added", "words": []}]}))
class Reloaded(TypedDict):
    """The centre's files were read again, and hold as a whole."""

    changes: Annotated[list[CentreChange], Field(description="None: nothing is different.")]


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
            "database": "written",
            "outbound": "allowed",
            "redis": "heard",
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
    database: Annotated[
        Literal["written", "waited-for"],
        Field(
            description="waited-for: it is away, and the engine keeps what it has to write down."
        ),
    ]
    outbound: Annotated[
        Literal["none", "allowed", "stopped"],
        Field(description="Whether agents can call out: no route; yes; an admin has stopped it."),
    ]
    redis: Annotated[
        Literal["heard", "away"] | None,
        Field(
            description="away: at the engine's process, API processes hear nothing of it, and calls go on; "
            "at one of these, it hears nothing of the engine, and is not ready. null: there is no Redis."
        ),
    ]
