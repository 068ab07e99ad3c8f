"""The wire's shapes of lists of those who are to be called; what comes in is checked here for form."""

from typing import Annotated

from pydantic import BaseModel, Field, with_config
from typing_extensions import TypedDict

from acd.core.call_data import MOST
from cti_api.shapes.call_data import Key, Note
from cti_api.shapes.cases import Name, TaskStateName, Text
from cti_api.shapes.forms import WORD, like

MOST_ENTRIES = 500
_LIST = {
    "id": "l-77ab",
    "rule": "repair-check",
    "name": "Repairs of Monday",
    "created_at": 1750003600000,
    "created_by": "sue",
    "closed_at": None,
    "states": {"open": 17, "done": 3},
    "outcomes": {"reached": 2, "refused": 1},
}
_ENTRY = {"number": "010 6555 1234", "customer": "C-1001", "data": {"order": "S-1"}}
_NOTES = MOST - 2  # His task and his list are noted, too.
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class ListWanted(BaseModel):
    """A list by a rule of the centre's file, with nobody on it yet."""

    model_config = like({"rule": "repair-check", "name": "Repairs of Monday"})

    rule: Name
    name: Text


@with_config(like(_LIST))
class CallList(TypedDict):
    """A list, and how those on it stand."""

    id: str
    rule: str
    name: str
    created_at: int
    created_by: str
    closed_at: int | None
    states: Annotated[dict[str, int], Field(description="How many are open, offered, calling …")]
    outcomes: Annotated[dict[str, int], Field(description="What came of how many so far.")]


class FillWanted(BaseModel):
    """Fill it by its rule, with the calls of this day, by the centre's clock."""

    model_config = like({"day": "2026-11-21"})

    day: Annotated[str, Field(pattern=DAY)]


class EntryWanted(BaseModel):
    """Who is to be called: a number, or a customer, of whose numbers his own is taken first."""

    model_config = like(_ENTRY)

    number: Annotated[str | None, Field(min_length=1, max_length=40)] = None
    customer: Name | None = None
    what: Annotated[Text | None, Field(description="Why, if not as the rule says.")] = None
    zone: Annotated[
        str | None,
        Field(max_length=64, pattern=WORD, description="By whose clock he may be called."),
    ] = None
    data: Annotated[
        dict[Key, Note],
        Field(max_length=_NOTES, json_schema_extra={"additionalProperties": False}),
    ] = {}


class EntriesWanted(BaseModel):
    """These are to be called. Who is on the list, or does not want to be called, is passed over."""

    model_config = like({"entries": [_ENTRY]})

    entries: Annotated[list[EntryWanted], Field(max_length=MOST_ENTRIES)]


@with_config(like({"taken": 1, "problems": ["row 3: there is no number that could be called"]}))
class Filled(TypedDict):
    """How many are new on the list, and which could not be taken."""

    taken: int
    problems: list[str]


@with_config(
    like(
        {
            "id": "t-1f3a",
            "list": "l-77ab",
            "number": "+861065551234",
            "customer": "C-1001",
            "what": "Does it work since the repair?",
            "state": "open",
            "due_at": 1750003600000,
            "attempts": 1,
            "outcome": "not-reached",
            "agent": "ana",
            "call": "pbx1:dialled~ana-1750003601000",
            "note": None,
        }
    )
)
class Entry(TypedDict):
    """One who is on a list."""

    id: str
    list: str
    number: str
    customer: str | None
    what: str
    state: TaskStateName
    due_at: Annotated[int, Field(description="Not before.")]
    attempts: int
    outcome: Annotated[str | None, Field(description="Of the last attempt.")]
    agent: Annotated[str | None, Field(description="Who has called him last, or is shown him.")]
    call: str | None
    note: str | None


@with_config(like({"number": "+861065551234", "at": 1750003600000, "by": "ana"}))
class Barred(TypedDict):
    """A number that no list calls."""

    number: str
    at: int
    by: str


class BarWanted(BaseModel):
    """Whom no list is to call."""

    model_config = like({"number": "010 6555 1234"})

    number: Annotated[str, Field(min_length=1, max_length=40)]
