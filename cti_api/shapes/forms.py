"""The forms of which all shapes are made: texts, whole numbers, a name, an error; knows nothing of a call centre."""

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, StringConstraints, with_config
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


def like(example: dict[str, Any]) -> ConfigDict:
    """Nothing but what is named, and this as the example."""
    return ConfigDict(extra="forbid", json_schema_extra={"example": example})


@with_config(STRICT)
class Named(TypedDict):
    """Something, and what people call it."""

    id: str
    name: str


@with_config(STRICT)
class ErrorDetails(TypedDict):
    """Why not: a reason for programs, a sentence for people."""

    reason: str
    message: str


@with_config(STRICT)
class Error(TypedDict):
    """Every refusal has this body."""

    error: ErrorDetails
