"""The wire's shapes of who may come in: log-ins, tickets and the keys of systems; what comes in is checked for form."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field, StringConstraints, with_config
from typing_extensions import TypedDict

from cti_api.shapes.agents import AGENT, Agent
from cti_api.shapes.calls import CALL, Call
from cti_api.shapes.forms import WHOLE, WORD, like

RoleName: TypeAlias = Literal["agent", "supervisor", "admin", "router", "back-office", "auditor"]
YOU = {"user": "ana", "role": "agent", "agent": "ana"}


@with_config(like(YOU))
class You(TypedDict):
    """Who is asking."""

    user: str
    role: RoleName
    agent: str | None


@with_config(like(YOU | {"expires_at": 1750043200000, "view": AGENT, "calls": [CALL]}))
class Me(TypedDict):
    """Who is asking, what he does, and the calls he has."""

    user: str
    role: RoleName
    agent: str | None
    expires_at: int
    view: Agent | None
    calls: list[Call]


_KEY = {
    "id": "5f1c9d0a7be24c13",
    "name": "crm, production",
    "user": "crm",
    "created_at": 1750000000000,
    "expires_at": 1781536000000,
}
UserId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=WORD)]


class Credentials(BaseModel):
    """User and password."""

    model_config = like({"user": "ana", "password": "correct horse battery staple"})

    user: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]


@with_config(like(YOU | {"token": "kq3…", "expires_at": 1750043200000}))
class Session(TypedDict):
    """A log-in. The token is shown this once."""

    token: str
    expires_at: int
    user: str
    role: RoleName
    agent: str | None


@with_config(like({"ticket": "9f1…", "expires_at": 1750000030000}))
class Ticket(TypedDict):
    """Good for one WebSocket, once."""

    ticket: str
    expires_at: int


class Proof(BaseModel):
    """What the issuer has said of a user: an ID token of OpenID Connect, ten minutes old at most."""

    model_config = like({"id_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.e30.c2ln"})

    id_token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.=-]+$", max_length=8_192)]


class KeyWanted(BaseModel):
    """A key for a system: as which user it acts, what the key is called, and for how many days it is good."""

    model_config = like({"user": "crm", "name": "crm, production", "days": 365})

    user: UserId
    name: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]
    days: Annotated[int, Field(ge=1, le=3650, strict=True), WHOLE] = 365


@with_config(like(_KEY))
class Key(TypedDict):
    """A key that is good, without what proves it."""

    id: str
    name: str
    user: str
    created_at: int
    expires_at: int


@with_config(like(_KEY | {"key": "cordboard_key_w0K…"}))
class NewKey(Key):
    """A new key. `key` is shown this once, and goes into the Authorization header: `Bearer …`."""

    key: str
