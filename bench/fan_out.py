"""How long an event takes to a thousand WebSocket clients, and what a client costs, beside a bare Starlette broadcast.

    python -m bench.fan_out [--clients 1000] [--events 4] [--seconds 15]

The server is a process of its own; the clients are another, with real sockets, and read everything. An event is a call
that arrives or ends; when it happened travels in the caller's name, so the time is from the switchboard to the client.
It prints what it saw and what is owed, and must never fail over a figure.
"""

import argparse
import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from statistics import quantiles
from typing import cast

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from acd.core import events
from acd.core.configuration import AgentProfile, Configuration, QueueRules
from acd.core.engine import Engine
from acd.core.events import Entry
from acd.core.ids import AgentId, ChannelId, NodeId, QueueId
from acd.switchboard import Switchboard
from bench.usage import usage_of
from cti_api.app import UVICORN, create_app
from cti_api.ports import Role, User

NODE, QUEUE, NUMBER = NodeId("pbx1"), QueueId("support"), "+8613812341234"
EACH = 25  # Sockets of one user.
WARM_UP_S = 2.0
_BEGINS = b"call-started"
# The event, and when it happened; as either subject writes them.
_SENT = re.compile(rb'"event": ?"(call-[a-z]+)".{1,600}?"at(\d+)"')


class Supervisors:
    """Everybody is one."""

    async def find(self, user_id: str) -> User | None:
        """A supervisor of this name."""
        return User(id=user_id, role=Role.SUPERVISOR, agent=None, password_hash=None)


class Calls:
    """Callers who arrive and hang up, at a switchboard without an Asterisk."""

    def __init__(self) -> None:
        self.switchboard = Switchboard(
            engine=Engine(), now_ms=lambda: time.time_ns() // 1_000_000, perform=lambda _: None
        )
        rules = QueueRules(id=QUEUE, name="Support")
        ana = AgentProfile(
            id=AgentId("ana"), name="Anna", node=NODE, device="PJSIP/ana", queues=(QUEUE,)
        )
        centre = Configuration(queues={QUEUE: rules}, agents={ana.id: ana})
        self._tell(events.Configured(at=self._at, configuration=centre))
        self._tell(events.NodeFound(at=self._at, node=NODE, seen_at=self._at))
        self._count = 0

    @property
    def _at(self) -> int:
        return self.switchboard.now_ms()

    def _tell(self, event: events.Event) -> None:
        self.switchboard.deliver(event)

    async def happen(self, every_s: float) -> None:
        """One event after the other, for ever."""
        while True:
            self._count += 1
            channel = ChannelId(f"{NODE}:{self._count}.1")
            name = f"at{time.monotonic_ns()}"
            self._tell(
                events.CallArrived(
                    at=self._at,
                    channel=channel,
                    entry=Entry.QUEUE,
                    target=QUEUE,
                    number=NUMBER,
                    name=name,
                )
            )
            await asyncio.sleep(every_s)
            self._tell(events.LegEnded(at=self._at, channel=channel, cause=16))
            await asyncio.sleep(every_s)


async def serve_cordboard(clients: int, every_s: float) -> None:
    """The API as it is, with everybody's token on the first line of output."""
    calls = Calls()
    app = create_app(calls.switchboard, Supervisors())
    tokens = app.state.services.tokens
    users = -(-clients // EACH)
    issued = [(await tokens.issue(f"u{n}", calls.switchboard.now_ms()))[0] for n in range(users)]
    await _serve(app, ["/v1/events", *issued], calls.happen(every_s))


async def serve_floor(clients: int, every_s: float) -> None:
    """The least that sends the same to everybody: one text, written to one socket after the other."""
    del clients
    sockets: set[WebSocket] = set()

    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()
        sockets.add(websocket)
        try:
            await websocket.receive_text()
        except WebSocketDisconnect:
            sockets.discard(websocket)

    async def happen() -> None:
        padding = "x" * 900  # As long as ours.
        while True:
            text = json.dumps(
                {"event": "call-started", "name": f"at{time.monotonic_ns()}", "view": padding}
            )
            for one in list(sockets):
                await one.send_text(text)
            await asyncio.sleep(every_s)

    app = Starlette(routes=[WebSocketRoute("/", listen)])
    await _serve(app, ["/"], happen())


async def _serve(app: object, first: list[str], work: object) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    options = UVICORN | {"log_config": None, "log_level": "warning"}
    server = uvicorn.Server(uvicorn.Config(app, **options))  # type: ignore[arg-type]
    print(json.dumps([listening.getsockname()[1], *first]), flush=True)  # To who has started us.
    happening = asyncio.create_task(work)  # type: ignore[arg-type,var-annotated]
    await server.serve(sockets=[listening])
    happening.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a thousand clients saw of one subject."""

    p50_ms: float
    p99_ms: float
    most_ms: float
    heard: int
    kb_per_client: float
    cpu_us_per_frame: float


async def measure(subject: str, clients: int, events_per_s: float, seconds: float) -> Seen:
    """Start it, connect everybody, and listen."""
    argv = [sys.executable, "-m", "bench.fan_out", "--serve", subject, "--clients", str(clients)]
    argv += ["--events", str(events_per_s)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as server:  # noqa: ASYNC220 # Nothing else runs yet.
        try:
            assert server.stdout is not None
            port, path, *tokens = json.loads(server.stdout.readline())
            await asyncio.sleep(1)
            alone = usage_of(server.pid)
            heard = Heard()
            await _connect_all(port, path, tokens, clients, heard)
            await asyncio.sleep(WARM_UP_S)
            heard.clear()
            before = usage_of(server.pid)
            await asyncio.sleep(seconds)
            after = usage_of(server.pid)
            taken, frames = sorted(heard.taken), heard.frames
        finally:
            server.terminate()
            server.wait(timeout=10)
    cuts = quantiles(taken, n=100)
    return Seen(
        p50_ms=cuts[49] / 1e6,
        p99_ms=cuts[98] / 1e6,
        most_ms=taken[-1] / 1e6,
        heard=frames,
        kb_per_client=(after.resident_mb - alone.resident_mb) * 1000 / clients,
        cpu_us_per_frame=(after.cpu_s - before.cpu_s) * 1e6 / frames,
    )


class Client(asyncio.Protocol):
    """One socket. It shares the machine with what is measured, so it takes no frame apart: it looks for the moment."""

    def __init__(self, greeting: bytes, heard: "Heard") -> None:
        self._greeting = greeting
        self._heard = heard
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        cast("asyncio.Transport", transport).write(self._greeting)

    def data_received(self, data: bytes) -> None:
        """Some frames, or a part of one."""
        now = time.monotonic_ns()
        self._heard.bytes += len(data)
        data = self._rest + data
        end = 0
        for found in _SENT.finditer(data):
            end = found.end()
            self._heard.frames += 1
            if found[1] == _BEGINS:
                self._heard.taken.append(now - int(found[2]))
        self._rest = data[max(end, len(data) - 400) :]


@dataclass(slots=True)
class Heard:
    """What all clients have heard since it was last cleared."""

    taken: list[int] = field(default_factory=list)
    frames: int = 0
    bytes: int = 0

    def clear(self) -> None:
        """Begin anew."""
        self.taken.clear()
        self.frames = self.bytes = 0


async def _connect_all(port: int, path: str, tokens: list[str], clients: int, heard: Heard) -> None:
    loop = asyncio.get_running_loop()
    for n in range(clients):
        token = f"Authorization: Bearer {tokens[n // EACH]}\r\n" if tokens else ""
        greeting = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{token}\r\n"
        ).encode()
        await loop.create_connection(lambda said=greeting: Client(said, heard), "127.0.0.1", port)


def main() -> None:
    """Both, one after the other, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--events", type=float, default=4, help="a second")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--serve", choices=("cordboard", "floor"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve = serve_cordboard if asked.serve == "cordboard" else serve_floor
        uvloop.run(serve(asked.clients, 1 / asked.events))
        return
    print(f"{asked.clients} clients, {asked.events:g} events a second for {asked.seconds:g} s\n")
    print(
        f"{'':12}{'p50':>8}{'p99':>8}{'max':>8}  ms {'kB a client':>14}{'CPU a frame':>14}  µs{'heard':>10}"
    )
    found = {}
    for subject in ("cordboard", "floor"):
        seen = uvloop.run(measure(subject, asked.clients, asked.events, asked.seconds))
        found[subject] = seen
        print(
            f"{subject:12}{seen.p50_ms:8.1f}{seen.p99_ms:8.1f}{seen.most_ms:8.1f}"
            f"{seen.kb_per_client:19.1f}{seen.cpu_us_per_frame:14.1f}{seen.heard:14}"
        )
    ours, floor = found["cordboard"], found["floor"]
    print("\nOwed")
    for what, is_, owed in (
        ("p99 to a client, ms", ours.p99_ms, 100.0),
        ("memory of a client, kB", ours.kb_per_client, 50.0),
    ):
        print(f"  {what:40}{is_:10.1f}  ≤ {owed:<6g}{'met' if is_ <= owed else 'NOT MET'}")
    print(f"  {'p99 / floor':40}{ours.p99_ms / floor.p99_ms:10.2f}")
    print(f"  {'CPU of a frame / floor':40}{ours.cpu_us_per_frame / floor.cpu_us_per_frame:10.2f}")


if __name__ == "__main__":
    main()
