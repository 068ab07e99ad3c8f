"""A call centre behind the API: the real switchboard and engine, a clock of our own, and an Asterisk that obeys."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI
from pydantic import TypeAdapter

from acd.core import events
from acd.core.commands import Command, JoinLeg, RingAgent
from acd.core.configuration import Configuration
from acd.core.customer import Confidence, Contact, Customer, Identity
from acd.core.engine import Engine
from acd.core.events import Entry
from acd.core.ids import AgentId, ChannelId, CustomerId, OfferId, QueueId
from acd.core.requests import BecomeReady, LogIn
from acd.pop import Backgrounds
from acd.switchboard import Switchboard
from cti_api.app import UVICORN, create_app
from cti_api.frames.stream import Frame
from cti_api.users import FixedUsers, hash_password
from tests.play import NODE, START, call_id, centre, channel

PASSWORD = "a long enough password"
NUMBER = "+8613812341234"
FRAME: TypeAdapter[Any] = TypeAdapter(Frame)

WANG = Customer(id=CustomerId("C-1"), name="王芳", segment="gold", language="zh", notes="锅炉")
LAST = Contact(
    call=call_id("earlier"),
    at=START - 3_600_000,
    queue=QueueId("support"),
    agent=AgentId("bob"),
    agent_name="Bob",
    outcome="not-solved",
)
SECOND_TIME = Identity(number=NUMBER, confidence=Confidence.OWN, customers=(WANG,), earlier=(LAST,))


@dataclass(frozen=True)
class Listed:
    """A user as a centre file would list him."""

    id: str
    role: str
    agent: AgentId | None
    password_hash: str


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


def users() -> FixedUsers:
    return FixedUsers(
        Listed(
            id=name,
            role=role,
            agent=AgentId(agent) if agent else None,
            password_hash=password_hash(),
        )
        for name, role, agent in [
            ("ana", "agent", "ana"),
            ("bob", "agent", "bob"),
            ("sol", "agent", "sol"),
            ("sue", "supervisor", None),
            ("root", "admin", None),
            ("ruth", "router", None),
            ("olga", "back-office", None),
            ("aude", "auditor", None),
        ]
    )


AGENTS = {"ana": ("support",), "bob": ("support",), "sol": ("sales",)}


class Desk:
    """The switchboard, and what happens to it. `now` is its clock."""

    def __init__(
        self, configuration: Configuration | None = None, *, now: int = START, **options: Any
    ) -> None:
        self.now = now
        self.performed: list[Command] = []
        self.switchboard = Switchboard(
            engine=Engine(), now_ms=lambda: self.now, perform=self.performed.append
        )
        self.tell(events.Configured(at=START, configuration=configuration or centre(AGENTS)))
        self.tell(events.NodeFound(at=START, node=NODE, seen_at=START))
        self.users = options.pop("users", None) or users()
        self.backgrounds = options.setdefault("backgrounds", Backgrounds())
        self.app: FastAPI = create_app(self.switchboard, self.users, **options)
        self.services = self.app.state.services

    def tell(self, event: events.Event) -> None:
        self.switchboard.deliver(event)

    def time(self) -> None:
        """The engine hears what time it is."""
        self.tell(events.TimeReached(at=self.now))

    async def ready(self, *names: str) -> None:
        for name in names:
            self.now += 1
            for kind in (LogIn, BecomeReady):
                await self.switchboard.submit(kind(by=name, agent=AgentId(name)))

    def arrives(
        self, name: str, queue: str = "support", identity: Identity = SECOND_TIME, caller: str = ""
    ) -> None:
        self.tell(
            events.CallArrived(
                at=self.now,
                channel=channel(name),
                entry=Entry.QUEUE,
                target=queue,
                number=NUMBER,
                name=caller,
            )
        )
        self.tell(events.CallerIdentified(at=self.now, call=call_id(name), identity=identity))

    def leg(self, name: str) -> ChannelId:
        """The leg that rings for this call."""
        legs = [
            c.offer for c in self.performed if isinstance(c, RingAgent) and c.call == call_id(name)
        ]
        return ChannelId(legs[-1])

    def talks(self, name: str) -> None:
        """The agent who is rung picks up, and is connected."""
        leg = self.leg(name)
        self.tell(events.LegAnswered(at=self.now, channel=leg))
        for side in (channel(name), leg):
            self.tell(events.LegBridged(at=self.now, channel=side, offer=OfferId(leg)))

    def comes(self, name: str) -> None:
        """Who is rung last picks up, and is in the bridge of the agent who has this call."""
        leg = self.leg(name)
        self.tell(events.LegAnswered(at=self.now, channel=leg))
        (join,) = [c for c in self.performed if isinstance(c, JoinLeg) and c.channel == leg]
        self.tell(events.LegBridged(at=self.now, channel=leg, offer=join.offer))

    def hangs_up(self, name: str) -> None:
        """The caller hangs up, and the agent's leg ends."""
        self.tell(events.LegEnded(at=self.now, channel=channel(name), cause=16))
        if any(getattr(c, "offer", "").startswith(call_id(name)) for c in self.performed):
            self.tell(events.LegEnded(at=self.now, channel=self.leg(name), cause=16))

    async def token(self, user: str) -> str:
        """A token of this user, without the work of a password."""
        token, _ = await self.services.tokens.issue(user, self.now)
        return str(token)

    @asynccontextmanager
    async def client(self, user: str | None = None) -> AsyncIterator[httpx2.AsyncClient]:
        """REST, as this user."""
        headers = {"Authorization": f"Bearer {await self.token(user)}"} if user else {}
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app),
            base_url="http://cordboard",
            headers=headers,
        ) as client:
            yield client

    @asynccontextmanager
    async def server(self, send_buffer: int | None = None, **options: Any) -> AsyncIterator[str]:
        """The app behind a real server on a port of its own; yields host:port."""
        try:
            async with served(self.app, send_buffer, **options) as at:
                yield at
        finally:
            self.switchboard.stop()


@asynccontextmanager
async def served(
    app: FastAPI, send_buffer: int | None = None, **options: Any
) -> AsyncIterator[str]:
    """An app behind a real server on a port of its own; yields host:port."""
    options = {"log_config": None, "timeout_graceful_shutdown": 2} | UVICORN | options
    listening = socket.create_server(("127.0.0.1", 0))
    if send_buffer is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    server = uvicorn.Server(uvicorn.Config(app, **options))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 # It has nothing to wait for.
        await asyncio.sleep(0)
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()
