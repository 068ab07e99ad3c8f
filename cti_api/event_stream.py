"""The feed as server-sent events, for those who cannot use WebSockets; hears, shows and forgives exactly as much.

To `Sockets` it is a socket like the others: it takes the same frames, is closed for the same reasons, and says
nothing. What would be a close code is an event of its own, after which the stream ends.
"""

import asyncio
from collections.abc import Callable, Iterable
from itertools import chain
from typing import cast

import msgspec
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cti_api import wire
from cti_api.feed import Audience
from cti_api.sockets import Sockets
from cti_api.tokens import Session

_DROP = "cordboard.drop"
KEEP_ALIVE_S = 15.0  # Proxies take a stream that says nothing for dead.
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # nginx would collect it until it is worth sending.
]


class _Head(msgspec.Struct):
    """As much of a frame as its event's name and number need."""

    type: str
    seq: int


class _Closed(msgspec.Struct):
    """What a WebSocket says when it is closed."""

    code: int
    reason: str


_head = msgspec.json.Decoder(_Head)


class Server(HttpToolsProtocol):
    """uvicorn's side of one connection; besides, it can let go of a client who takes nothing any more."""

    def on_message_begin(self) -> None:
        """Say in the scope that the connection can be dropped."""
        super().on_message_begin()
        self.scope["extensions"] = {_DROP: {"drop": self.transport.abort}}


class EventStream(Response):
    """The answer that does not end: the frames of one audience, from event `resume` on."""

    def __init__(
        self, sockets: Sockets, audience: Audience, session: Session, resume: int | None
    ) -> None:
        self.background = None
        self.status_code = 200
        self._sockets = sockets
        self._audience = audience
        self._session = session
        self._resume = resume

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until either side has had enough."""
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        line = _Line(scope, receive, send)
        keeping = asyncio.create_task(line.keep_alive())
        try:
            # It has as much of a WebSocket as a listener needs.
            await self._sockets.serve(
                cast(WebSocket, line), self._audience, self._session, self._resume
            )
        finally:
            keeping.cancel()
            await line.end()


class _Line:
    """The way to one client, with as much of a WebSocket as a listener needs."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope: Scope = {"extensions": {wire.EXTENSION: {"wire": self}}}
        self.writable = asyncio.Event()
        self.writable.set()
        # Another server than ours cannot do it: he then keeps his place, and may not have many.
        self.drop: Callable[[], None] = (
            scope.get("extensions", {}).get(_DROP, {}).get("drop", lambda: None)
        )
        self._receive = receive
        self._send = send
        self._sending: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        """Returns when the client is gone: that is all that he can say."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        return {"type": "websocket.disconnect"}

    def write(self, frames: bytes) -> None:
        """Send these in order; until they are on their way, nothing else may be written."""
        pieces = [frames] if len(frames) <= wire.PIECE else wire.pieces_of(frames)
        self._write(b"".join(map(_event, wire.messages_of(piece))) for piece in pieces)

    async def close(self, code: int, reason: str) -> None:
        """Say why it ends, behind what the connection has already: the rest he hears when he resumes."""
        if self._sending is not None:
            self._sending.cancel()
        said = msgspec.json.encode(_Closed(code=code, reason=reason))
        self._write([b"event: closed\ndata: " + said + b"\n\n"])
        await self.writable.wait()

    async def end(self) -> None:
        """The last byte, if there is still somebody to take it."""
        if self._sending is not None:
            await asyncio.wait([self._sending])
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def keep_alive(self) -> None:
        """Say something that means nothing, now and then."""
        while True:
            await asyncio.sleep(KEEP_ALIVE_S)
            if self.writable.is_set():
                self._write([b":\n\n"])

    def _write(self, pieces: Iterable[bytes]) -> None:
        self.writable.clear()
        self._sending = asyncio.create_task(self._deliver(pieces))

    async def _deliver(self, pieces: Iterable[bytes]) -> None:
        # uvicorn waits until there is room before it writes, not after: the last says that all was taken.
        for body in chain(pieces, [b""]):
            await self._send({"type": "http.response.body", "body": body, "more_body": True})
        self.writable.set()


def _event(message: bytes) -> bytes:
    head = _head.decode(message)
    # What follows `resumed` is older than its number: whoever is cut off in between must not skip it.
    number = b"" if head.type == "resumed" else b"id: %d\n" % head.seq
    return b"%sevent: %s\ndata: %s\n\n" % (number, head.type.encode(), message)
