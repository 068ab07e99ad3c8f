"""The wire's shapes of what is owed to customers between their calls; what comes in is checked here for form."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, Field, StringConstraints, model_validator, with_config
from typing_extensions import TypedDict

from cti_api.shapes.callers import COMPLAINT, PROMISE, Complaint, ComplaintStateName, Promise
from cti_api.shapes.forms import LARGEST, WHOLE, WORD, Code, like

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=WORD)]
Moment = Annotated[int, Field(ge=0, le=LARGEST, strict=True), WHOLE]
PromiseStateName: TypeAlias = Literal["open", "lapsed", "kept", "broken"]
TaskStateName: TypeAlias = Literal["open", "offered", "calling", "done", "dropped"]
_WHOLE = PROMISE | {
    "customer": "C-1001",
    "made_by": "ana",
    "call": "pbx1:1750003600.9",
    "closed_at": None,
    "moved": 0,
}


class PromiseWanted(BaseModel):
    """What is owed, until when, and by whom; by who makes it, if nobody is named."""

    model_config = like({"what": "call back", "due_at": 1750090000000, "owner": "ana"})

    what: Text
    due_at: Moment
    owner: Name | None = None
    call: Annotated[
        str | None,
        Field(max_length=200, pattern=WORD, description="The call in which it is promised."),
    ] = None


class PromiseChange(BaseModel):
    """What is different from now on; `note` says why, and is kept with it."""

    model_config = like({"state": "kept", "note": "the fitter came"})

    state: Literal["open", "kept", "broken"] | None = None
    due_at: Moment | None = None
    owner: Name | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.state is None and self.due_at is None and self.owner is None:
            raise ValueError("name one of state, due_at, owner")
        return self


class ComplaintWanted(BaseModel):
    """What he complains of, and until when he is to have an answer; `owner` is the user who sees to it."""

    model_config = like(
        {"what": "the fitter did not come", "category": "late", "due_at": 1750090000000}
    )

    what: Text
    due_at: Moment
    category: Code | None = None
    owner: Name | None = None
    call: Annotated[
        str | None,
        Field(max_length=200, pattern=WORD, description="The call in which he complains."),
    ] = None


class ComplaintChange(BaseModel):
    """What is different from now on; `note` says why, and is kept with it."""

    model_config = like({"state": "answered", "note": "the fitter comes tomorrow, agreed"})

    state: ComplaintStateName | None = None
    due_at: Moment | None = None
    owner: Name | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.state is None and self.due_at is None and self.owner is None:
            raise ValueError("name one of state, due_at, owner")
        return self


class TaskDone(BaseModel):
    """He was called: what came of it."""

    model_config = like({"outcome": "reached"})

    outcome: Annotated[
        Code,
        Field(
            description="Of one on a list: reached, not-reached, refused, wrong-number, call-again (with "
            "`again_at`) or do-not-call."
        ),
    ]
    again_at: Moment | None = None
    note: Text | None = None


@with_config(like(_WHOLE))
class PromiseRecord(Promise):
    """A promise with all that is kept of it."""

    customer: str
    made_by: str | None
    call: Annotated[str | None, Field(description="In which it was made.")]
    closed_at: int | None
    moved: Annotated[int, Field(description="How often another time was agreed upon.")]


_COMPLAINT = COMPLAINT | {
    "customer": "C-1001",
    "call": "pbx1:1750003600.9",
    "opened_by": "ana",
    "answered_by": None,
    "verified_by": None,
    "ended_at": None,
    "changed_at": 1750003600000,
}


@with_config(like(_COMPLAINT))
class ComplaintRecord(Complaint):
    """A complaint with all that is kept of it."""

    customer: str
    call: Annotated[str | None, Field(description="In which he complained.")]
    opened_by: str
    answered_by: Annotated[str | None, Field(description="Who takes it for settled.")]
    verified_by: Annotated[str | None, Field(description="Who has found that it is.")]
    ended_at: int | None
    changed_at: int


@with_config(
    like({"at": 1750003600000, "by": "ana", "what": "kept", "call": None, "note": "he came"})
)
class CaseChange(TypedDict):
    """Who has changed what, and when; it is only ever added to."""

    at: int
    by: Annotated[
        str | None, Field(description="The user; null: its time came, or the customer called.")
    ]
    what: str
    call: str | None
    note: str | None


@with_config(
    like(
        {
            "id": "t-1f3a",
            "kind": "promise",
            "customer": "C-1001",
            "number": None,
            "what": "call back",
            "subject": "p-77ab",
            "agent": "ana",
            "queue": "support",
            "state": "open",
            "due_at": 1750090000000,
            "outcome": None,
            "created_at": 1750090000000,
        }
    )
)
class Task(TypedDict):
    """Somebody is to be called."""

    id: str
    kind: Annotated[
        str,
        Field(
            description="`promise`: one has lapsed; `subject` is its id. `follow-up`: one is on a list."
        ),
    ]
    customer: str | None
    number: Annotated[str | None, Field(description="Null: one of the customer's.")]
    what: str
    subject: str | None
    agent: Annotated[str | None, Field(description="Whose it is; null: anybody's of the queue.")]
    queue: str | None
    state: TaskStateName
    due_at: Annotated[int, Field(description="Not before.")]
    outcome: str | None
    created_at: int
