"""Queues on the wire, and what may come of their calls; never who may see them."""

from typing import Annotated

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.forms import like

QUEUE = {
    "id": "support",
    "name": "Support",
    "waiting": 1,
    "longest_since": 1750003600200,
    "answered": 41,
    "abandoned": 2,
    "estimates_good": True,
}


@with_config(like(QUEUE))
class Queue(TypedDict):
    """A queue. `answered` and `abandoned` count since we started."""

    id: str
    name: str
    waiting: Annotated[int, Field(description="Those for whom a phone rings included.")]
    longest_since: Annotated[int | None, Field(description="Since when the first one waits.")]
    answered: int
    abandoned: int
    estimates_good: Annotated[
        bool,
        Field(
            description="Whether `expected_wait` is told of its calls: enough estimates were scored, and they held."
        ),
    ]


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
