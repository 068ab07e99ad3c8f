"""The wire's shapes of customers and contacts: what comes in is checked here for form, and elsewhere for sense."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.callers import (
    ADDRESS,
    PRODUCT,
    PROMISE,
    SERVICE,
    Address,
    Product,
    Promise,
    Score,
    Service,
)
from cti_api.shapes.forms import LARGEST, STRICT, TEXT, WHOLE, WORD, like

MOST_ROWS = 500
_NUMBER = {"number": "+8613812341234", "kind": "mobile"}
_PERSON = {
    "id": "C-1001",
    "name": "王芳",
    "kind": "household",
    "segment": "gold",
    "language": "zh",
    "region": "华东",
    "notes": None,
    "numbers": [_NUMBER],
    "addresses": [ADDRESS],
    "products": [PRODUCT],
    "services": [SERVICE],
}
_CONTACT = {
    "id": "chat-77",
    "at": 1750003600000,
    "channel": "chat",
    "customer": "C-1001",
    "number": None,
    "agent": "ana",
    "queue": "support",
    "reason": "repair",
    "outcome": "solved",
    "summary": "Asked when the fitter comes.",
}
Text = Annotated[str, Field(max_length=500, pattern=TEXT)]
Name = Annotated[str, Field(max_length=64, pattern=WORD)]
NumberKind = Literal["mobile", "home", "work", "shared", "switchboard"]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NumberWanted(_Wanted):
    """A number, and whose it is."""

    number: Name
    kind: NumberKind


class AddressWanted(_Wanted):
    """Where a customer lives, or has something of ours."""

    id: Name = "home"
    text: Text
    region: Text | None = None


class ProductWanted(_Wanted):
    """What a customer owns."""

    id: Name
    name: Text
    installed_on: Name | None = None
    address: Name | None = None


class ServiceWanted(_Wanted):
    """What was done for a customer, or is to be."""

    id: Name
    kind: Name
    name: Text
    state: Literal["open", "done"] = "done"
    day: Name | None = None
    product: Name | None = None


class CustomerWanted(_Wanted):
    """One customer. What is not named stays as it is, null empties it."""

    id: Name
    name: Text | None = None
    kind: Literal["person", "household", "company"] | None = None
    segment: Text | None = None
    language: Text | None = None
    region: Text | None = None
    notes: Annotated[str, Field(max_length=4_000, pattern=TEXT)] | None = None
    numbers: Annotated[list[NumberWanted], Field(max_length=20)] = []
    addresses: Annotated[list[AddressWanted], Field(max_length=50)] = []
    products: Annotated[list[ProductWanted], Field(max_length=50)] = []
    services: Annotated[list[ServiceWanted], Field(max_length=50)] = []


class CustomersWanted(BaseModel):
    """Customers to be listed or corrected."""

    model_config = like({"customers": [_PERSON]})

    customers: Annotated[list[CustomerWanted], Field(max_length=MOST_ROWS)]


class ContactWanted(_Wanted):
    """One contact by another channel than a call of ours."""

    id: Annotated[str, Field(min_length=1, max_length=100, pattern=WORD)]
    at: Annotated[int, Field(ge=0, le=LARGEST, strict=True), WHOLE]
    channel: Literal["chat", "email", "wechat", "sms", "visit"]
    customer: Name | None = None
    number: Name | None = None
    agent: Name | None = None
    queue: Name | None = None
    reason: Name | None = None
    outcome: Name | None = None
    summary: Text | None = None


class ContactsWanted(BaseModel):
    """Contacts to be kept."""

    model_config = like({"contacts": [_CONTACT]})

    contacts: Annotated[list[ContactWanted], Field(max_length=MOST_ROWS)]


@with_config(STRICT)
class RowProblem(TypedDict):
    """What is wrong with one row of a request, counted from 0."""

    row: int
    id: str
    problem: str


@with_config(like({"new": 1, "changed": 0, "unchanged": 0, "problems": []}))
class CustomersTaken(TypedDict):
    """What became of the rows."""

    new: int
    changed: int
    unchanged: int
    problems: list[RowProblem]


@with_config(like({"taken": 1, "problems": []}))
class ContactsTaken(TypedDict):
    """What became of the rows."""

    taken: int
    problems: list[RowProblem]


@with_config(STRICT)
class Number(TypedDict):
    """A number, and whose it is."""

    number: str
    kind: NumberKind


@with_config(STRICT)
class OtherContact(TypedDict):
    """A contact by another channel."""

    id: str
    at: int
    channel: str
    number: str | None
    agent: str | None
    queue: str | None
    reason: str | None
    outcome: str | None
    summary: str | None


@with_config(
    like(
        _PERSON | {"created_at": 1750003600000, "promises": [PROMISE], "contacts": [], "scores": []}
    )
)
class CustomerRecord(TypedDict):
    """All that is listed of a customer."""

    id: str
    name: str
    kind: str
    segment: str | None
    language: str | None
    region: str | None
    notes: str | None
    created_at: int
    numbers: list[Number]
    addresses: list[Address]
    products: list[Product]
    services: list[Service]
    promises: list[Promise]
    contacts: list[OtherContact]
    scores: Annotated[list[Score], Field(description="What he thought of his calls, newest first.")]
