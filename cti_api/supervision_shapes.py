"""What supervisors ask for on the wire, and what is told of it; never who may ask."""

from typing import Literal

from pydantic import BaseModel, with_config

from cti_api.frame_head import EventHead, example
from cti_api.schemas import CALL, Call, ModeName, like

_WHO = {"call": CALL["id"], "agent": "sue", "of": "ana", "mode": "listen"}


class SupervisionWanted(BaseModel):
    """Who is to hear the supervisor: nobody (`listen`), the agent alone (`whisper`), everybody (`barge`)."""

    model_config = like({"mode": "listen"})

    mode: ModeName


@with_config(like(example("supervision-changed", **_WHO, since=1750003671000, view=CALL)))
class SupervisionChanged(EventHead):
    """`agent`, a supervisor, is rung for the call of `of` (`since` null), or hears it; `mode`: who hears him."""

    event: Literal["supervision-changed"]
    call: str
    agent: str
    of: str
    mode: ModeName
    since: int | None
    view: Call


@with_config(like(example("supervision-ended", **_WHO, outcome=None, heard_ms=62000, view=CALL)))
class SupervisionEnded(EventHead):
    """A supervisor is in the call no more, or has it; `outcome` says why he never heard it, null: he did."""

    event: Literal["supervision-ended"]
    call: str
    agent: str
    of: str
    mode: ModeName
    outcome: (
        Literal["no-answer", "rejected", "unreachable", "caller-left", "withdrawn", "failed"] | None
    )
    heard_ms: int
    view: Call
