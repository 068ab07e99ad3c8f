"""Who is calling, on the wire: customers, what they own, and how they were in touch before; never who may see it."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, with_config
from typing_extensions import TypedDict

from cti_api.shapes.forms import Named, like

ADDRESS = {"id": "home", "text": "上海市徐汇区漕溪北路 1 号", "region": "华东"}
PRODUCT = {"id": "F-1", "name": "冰箱 BCD-200", "installed_on": "2024-05-31", "address": "home"}
SERVICE = {
    "id": "S-1",
    "kind": "repair",
    "name": "漏水",
    "state": "open",
    "day": "2026-05-31",
    "product": "F-1",
}
PROMISE = {
    "id": "p1",
    "what": "call back",
    "owner": "ana",
    "due_at": 1750090000000,
    "state": "open",
    "created_at": 1750003600000,
    "reopened": 0,
}
COMPLAINT = {
    "id": "k-5c01",
    "what": "the fitter did not come",
    "category": "late",
    "owner": "sue",
    "state": "in-work",
    "due_at": 1750090000000,
    "opened_at": 1750003600000,
}
CUSTOMER = {
    "id": "C-1001",
    "name": "王芳",
    "kind": "household",
    "segment": "gold",
    "language": "zh",
    "region": "华东",
    "notes": "Air conditioner installed in May.",
    "addresses": [ADDRESS],
    "products": [PRODUCT],
    "services": [SERVICE],
    "promises": [PROMISE],
    "complaints": [COMPLAINT],
}
CONTACT = {
    "call": "pbx1:1750000000.7",
    "at": 1750000012000,
    "channel": "call",
    "queue": {"id": "support", "name": "Support"},
    "agent": {"id": "bob", "name": "Bob"},
    "reason": "repair",
    "outcome": "not-solved",
}
REMINDER = {"id": "filter-is-due", "kind": "offer", "text": "A new filter, 20 % off until June"}
SCORE = {
    "at": 1749990000000,
    "question": "csat",
    "scale": "csat",
    "score": 2,
    "queue": "support",
    "agent": "bob",
}
CALLER = {
    "number": "+8613812341234",
    "name": "",
    "confidence": "own",
    "customers": [CUSTOMER],
    "contact_number": 2,
    "window_ms": 86400000,
    "last_contact": CONTACT,
    "earlier": [CONTACT],
    "last_score": SCORE,
    "crm": {"balance": "12.00"},
    "reminders": [REMINDER],
}


@with_config(like(ADDRESS))
class Address(TypedDict):
    """Where a customer lives, or has something of ours."""

    id: str
    text: str
    region: str | None


@with_config(like(PRODUCT))
class Product(TypedDict):
    """What a customer owns."""

    id: str
    name: str
    installed_on: str | None
    address: str | None


@with_config(like(SERVICE))
class Service(TypedDict):
    """What was done for a customer, or is to be."""

    id: str
    kind: str
    name: str
    state: str
    day: str | None
    product: str | None


ComplaintStateName: TypeAlias = Literal[
    "open", "in-work", "answered", "verified", "closed", "withdrawn"
]


@with_config(like(COMPLAINT))
class Complaint(TypedDict):
    """What a customer complains of, who sees to it and until when."""

    id: str
    what: str
    category: str | None
    owner: Annotated[str | None, Field(description="The user who sees to it.")]
    state: ComplaintStateName
    due_at: int
    opened_at: int


@with_config(like(PROMISE))
class Promise(TypedDict):
    """What is owed to a customer, by whom and until when."""

    id: str
    what: str
    owner: str | None
    due_at: int
    state: Annotated[
        Literal["open", "lapsed", "kept", "broken"],
        Field(description="`lapsed`: its time has passed, and it is owed still."),
    ]
    created_at: int
    reopened: Annotated[
        int, Field(description="How often he called again when it had been closed.")
    ]


@with_config(like(CUSTOMER))
class Customer(TypedDict):
    """Somebody who may be calling. What your role is not to see is null or empty."""

    id: str
    name: str
    kind: Annotated[str, Field(description="person, household or company")]
    segment: str | None
    language: str | None
    region: str | None
    notes: str | None
    addresses: list[Address]
    products: Annotated[list[Product], Field(description="The newest first.")]
    services: Annotated[list[Service], Field(description="What is still to be done first.")]
    promises: Annotated[list[Promise], Field(description="Those that are still owed.")]
    complaints: Annotated[list[Complaint], Field(description="Those that have not ended.")]


@with_config(like(SCORE))
class Score(TypedDict):
    """What a customer thought of a call of his; `queue` and `agent` are whom it is about."""

    at: int
    question: Annotated[str, Field(description="What was asked, as a code.")]
    scale: Annotated[Literal["csat", "nps"], Field(description="csat: 1 to 5; nps: 0 to 10.")]
    score: int
    queue: str | None
    agent: str | None


@with_config(like(CONTACT))
class Contact(TypedDict):
    """An earlier contact of the same customer. `agent` is null if nobody answered."""

    call: Annotated[str, Field(description="Of another channel: what that one calls it.")]
    at: int
    channel: Annotated[str, Field(description="call, chat, email, wechat, sms or visit")]
    queue: Named | None
    agent: Named | None
    reason: str | None
    outcome: str | None


@with_config(like(REMINDER))
class Reminder(TypedDict):
    """What the agent is to remember of this caller, or may offer him: a rule of the centre's file holds."""

    id: str
    kind: Literal["reminder", "offer"]
    text: str


ConfidenceName: TypeAlias = Literal[
    "told", "own", "home", "work", "unlisted", "shared", "switchboard", "short", "anonymous"
]


@with_config(like(CALLER))
class Caller(TypedDict):
    """Who is calling, as far as his number tells: it proves nothing, for numbers can be forged."""

    number: Annotated[
        str,
        Field(
            description="Masked for those who have no part in the call; a withheld one as it came: `anonymous`."
        ),
    ]
    name: Annotated[str, Field(description="As the telephone network says: anybody's words.")]
    confidence: Annotated[
        ConfidenceName,
        Field(
            description="`told`: your dialplan says who it is, whatever the number. Else whose number it is: one "
            "customer's own, at home or at work, that of nobody listed, of several customers, of a company; "
            "no subscriber's, or withheld."
        ),
    ]
    customers: Annotated[list[Customer], Field(description="Every candidate.")]
    contact_number: Annotated[
        int | None,
        Field(description="2 for the second contact in the window; null if nobody can tell."),
    ]
    window_ms: Annotated[int, Field(description="How far back contacts are counted.")]
    last_contact: Contact | None
    earlier: Annotated[
        list[Contact],
        Field(
            description="Newest first, ten at most, over all channels and before the window too."
        ),
    ]
    last_score: Annotated[
        Score | None, Field(description="What he answered last when he was asked after a call.")
    ]
    crm: Annotated[
        dict[str, Any] | None, Field(description="What your CRM says of him, as far as it has yet.")
    ]
    reminders: Annotated[
        list[Reminder], Field(description="Five at most, in the order of the rule file.")
    ]
