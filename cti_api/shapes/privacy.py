"""Merges, splits and erasures of customers on the wire: what is asked for, what came of it; never what is allowed."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, with_config
from typing_extensions import TypedDict

from cti_api.shapes.forms import TEXT, WORD, Line, like

_Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=WORD)]
Reason = Annotated[Line, Field(description="Why; kept for the audit, so without anybody's name.")]


class MergeWanted(BaseModel):
    """Who is one and the same as the customer of the address."""

    model_config = like({"gone": "C-1002", "reason": "listed twice"})

    gone: Annotated[_Id, Field(description="All that is his is the other's from now on.")]
    reason: Reason


class SplitWanted(BaseModel):
    """Some numbers of a customer are another one's."""

    model_config = like(
        {"id": "C-1003", "name": "Li", "numbers": ["13900139000"], "reason": "his son's phone"}
    )

    id: Annotated[_Id, Field(description="Of the other customer, who is listed by this.")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=TEXT)]
    numbers: Annotated[list[_Id], Field(min_length=1, max_length=20)]
    reason: Reason


class UndoWanted(BaseModel):
    """Why a change is taken back."""

    model_config = like({"reason": "they are brothers"})

    reason: Reason


@with_config(
    like(
        {
            "change": 7,
            "at": 1750003600000,
            "what": "merge",
            "kept": "C-1001",
            "gone": "C-1002",
            "undone_at": None,
        }
    )
)
class CustomerChange(TypedDict):
    """A merge or a split. `kept` has since what was moved, `gone` had it before."""

    change: int
    at: int
    what: Literal["merge", "split"]
    kept: str
    gone: str
    undone_at: int | None


@with_config(like({"rows": {"calls": 12, "facts": 40, "customers": 1}}))
class Erased(TypedDict):
    """How many rows of each table were forgotten, or have nobody's name any more."""

    rows: dict[str, int]
