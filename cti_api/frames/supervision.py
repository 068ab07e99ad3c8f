"""The events of supervisors who hear calls; never who may see them."""

from typing import Literal

from pydantic import with_config

from cti_api.frames.head import EventHead, example
from cti_api.shapes.calls import CALL, Call, ModeName
from cti_api.shapes.forms import like

_WHO = {"call": CALL["id"], "agent": "sue", "of": "ana", "mode": "listen"}


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
