"""Who is asking, and what the routes work with; grants nothing that `rights` does not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from acd.core.ids import NodeId
from cti_api.attempts import Attempts
from cti_api.feed import Feed
from cti_api.lag import Lag
from cti_api.ports import (
    AnswerStore,
    Audit,
    Backlog,
    Cases,
    CentreFiles,
    Customers,
    Issuer,
    PastCalls,
    PastDecisions,
    Persons,
    ReadNumber,
    Recordings,
    Switchboard,
    User,
    Users,
)
from cti_api.refusals import REFUSALS, Denial, RefusalError
from cti_api.reports import Reports
from cti_api.sockets import Sockets
from cti_api.throttle import Throttle
from cti_api.tokens import Session, Tickets, Tokens
from cti_api.users import Passwords


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything the routes work with; one for each app."""

    switchboard: Switchboard
    users: Users
    tokens: Tokens
    tickets: Tickets
    feed: Feed
    sockets: Sockets
    past_calls: PastCalls
    audit: Audit
    reports: Reports | None
    customers: Customers | None
    persons: Persons | None
    cases: Cases | None
    recordings: Recordings | None
    answers: AnswerStore
    centre: CentreFiles | None
    past_decisions: PastDecisions | None
    issuer: Issuer | None
    read_number: ReadNumber
    origins: Collection[str]
    nodes: Collection[NodeId]
    ledger: Backlog | None = None  # Where the engine is.
    lag: Lag = field(default_factory=Lag)
    passwords: Passwords = field(default_factory=Passwords)
    attempts: Attempts = field(default_factory=Attempts)
    # So many at once, and then 50 a second: `about` says so.
    commands_of_user: Throttle = field(default_factory=lambda: Throttle(limit=500, per_ms=10_000))

    def heard(self) -> Mapping[NodeId, bool]:
        """Every Asterisk that must be heard, or was, and whether it is."""
        return dict.fromkeys(self.nodes, False) | self.switchboard.board.nodes

    @property
    def ready(self) -> bool:
        """Whether calls can be routed: every Asterisk is heard, and the engine."""
        heard = self.heard().values()
        return bool(heard) and all(heard) and self.switchboard.reachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A user and the log-in by which he is here."""

    user: User
    session: Session


def services_of(connection: HTTPConnection) -> Services:
    """The services of the app that serves this connection."""
    services = connection.app.state.services
    assert isinstance(services, Services)
    return services


async def caller_of(services: Services, session: Session | None) -> Caller:
    """The user behind a log-in, as he is now; raises RefusalError if it is none, or he is no more."""
    user = await services.users.find(session.user_id) if session is not None else None
    if session is None or user is None:
        raise RefusalError(Denial.NOT_AUTHENTICATED)
    return Caller(user=user, session=session)


def address_of(connection: HTTPConnection) -> str:
    """Where a connection comes from, as far as one place can hide behind many addresses."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))  # A network of 2**64 is one customer's.
    return host


_bearer = HTTPBearer(
    auto_error=False, description="The token of POST /v1/session, or a key of POST /v1/keys."
)


async def _caller(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    services = services_of(request)
    at = services.switchboard.now_ms()
    token = credentials.credentials if credentials is not None else ""
    caller = await caller_of(services, await services.tokens.proven(token, at))
    asks_only = request.method in ("GET", "HEAD")
    if not asks_only and (wait_ms := services.commands_of_user.take(caller.user.id, at)):
        raise too_many(Denial.TOO_MANY_COMMANDS, wait_ms)
    return caller


def too_many(reason: Denial, wait_ms: int) -> RefusalError:
    """Refused for this reason until so much time is over, which people and programs are told."""
    wait_s = -(-wait_ms // 1000)
    said = f"{REFUSALS[reason].message} Try again in {wait_s} s."
    return RefusalError(reason, said, headers={"Retry-After": str(wait_s)})


async def _services(request: Request) -> Services:
    # FastAPI has a thread do what is no coroutine, and the request waits for that.
    return services_of(request)


Asks = Annotated[Caller, Depends(_caller)]
Has = Annotated[Services, Depends(_services)]
