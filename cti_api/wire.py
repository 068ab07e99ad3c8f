"""Frames as bytes that are made once and written to every client as they are; must never write half a frame.

A hundred people hear of the same call. A WebSocket frame from a server is not masked, and we do not compress:
so the bytes of an event are the same for all who see the same of it. Through ASGI each of them would be framed
again, alone, and awaited with a timeout, and that costs more than to route the call. ASGI knows no such thing
as a frame that is made already, so our server is uvicorn's with one method more, and offers itself in the scope.

It relies on what uvicorn does not promise (`writable`, `conn`, `transport`, `run_asgi`, and how it refuses): `READ` is
the version in which that was read, and a test fails with any other. Under another server messages go the usual way.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode
from websockets.protocol import State

READ = "0.54.0"
EXTENSION = "cordboard.wire"

# More is not given to the transport at once: what it has cannot be taken back, and whoever is too slow is to hear so
# behind what is on its way to him already, not behind all that was to follow.
PIECE = 16 * 1024
_FINAL_TEXT = 0x81
_LENGTH_IN_2, _LENGTH_IN_8 = 126, 127


class Wire(Protocol):
    """The way to one client."""

    writable: asyncio.Event  # While it is not set, nothing may be written.

    def write(self, frames: bytes) -> None:
        """Send these whole frames, without waiting. One who is gone is not written to."""

    def drop(self) -> None:
        """Let go of one who takes nothing any more, and of all that is on its way to him."""


def framed(message: bytes) -> bytes:
    """This text as a whole frame (RFC 6455, 5.2)."""
    size = len(message)
    if size < _LENGTH_IN_2:
        return bytes((_FINAL_TEXT, size)) + message
    if size < 1 << 16:
        return bytes((_FINAL_TEXT, _LENGTH_IN_2)) + size.to_bytes(2, "big") + message
    return bytes((_FINAL_TEXT, _LENGTH_IN_8)) + size.to_bytes(8, "big") + message


def message_of(frame: bytes) -> bytes:
    """The text in a frame of ours."""
    return next(messages_of(frame))


def messages_of(frames: bytes) -> Iterator[bytes]:
    """The texts in frames of ours."""
    return (frames[begin:end] for begin, end in _places(frames))


def pieces_of(frames: bytes) -> Iterator[bytes]:
    """Frames of ours in pieces of a good size, each of which ends where a frame does."""
    begin = 0
    for _, end in _places(frames):
        if end - begin >= PIECE:
            yield frames[begin:end]
            begin = end
    if begin < len(frames):
        yield frames[begin:]


def _places(frames: bytes) -> Iterator[tuple[int, int]]:
    """Where the text of each frame begins and ends."""
    at = 0
    while at < len(frames):
        more = {_LENGTH_IN_2: 2, _LENGTH_IN_8: 8}.get(frames[at + 1], 0)
        begin = at + 2 + more
        size = int.from_bytes(frames[at + 2 : begin], "big") if more else frames[at + 1]
        at = begin + size
        yield begin, at


def wire_to(websocket: WebSocket) -> Wire:
    """The way to this client: straight, if the server is ours."""
    offered = websocket.scope.get("extensions", {}).get(EXTENSION)
    return offered["wire"] if offered is not None else _Messages(websocket)


class Server(WebSocketsSansIOProtocol):
    """uvicorn's side of one WebSocket, which is a `Wire` besides."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._rest: deque[bytes] = deque()  # Whole frames that the transport does not have yet.

    async def run_asgi(self) -> None:
        """Serve, and say in the scope that frames can be written here."""
        self.scope["extensions"][EXTENSION] = {"wire": self}
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        """As uvicorn does; but a handshake that is refused is complete, and nothing to be logged as a fault of ours."""
        if message["type"] == "websocket.close":
            self._rest.clear()  # He is told why, and can resume.
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def send_receive_event_to_app(self) -> None:
        """As uvicorn does; but what is no text closes the socket without a traceback in the log for each."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.conn.send_close(CloseCode.INVALID_DATA)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def write(self, frames: bytes) -> None:
        """Send these between whatever whole frames uvicorn sends itself."""
        self._rest += (frames,) if len(frames) <= PIECE else pieces_of(frames)
        self._go_on()

    def resume_writing(self) -> None:
        """As uvicorn does; but what was to be written before comes first."""
        super().resume_writing()
        self._go_on()

    def _go_on(self) -> None:
        while self._rest and self.writable.is_set():
            piece = self._rest.popleft()
            # Before the handshake and after a close frame of either side no other frame may follow.
            if self.conn.state is State.OPEN and not self.transport.is_closing():
                self.transport.write(piece)

    def drop(self) -> None:
        """Close at once; what the client has not taken is lost."""
        self.transport.abort()


class _Messages:
    """A wire over ASGI, for any server: one message after the other."""

    def __init__(self, websocket: WebSocket) -> None:
        self.writable = asyncio.Event()
        self.writable.set()
        self._websocket = websocket
        self._sending: asyncio.Task[None] | None = None

    def write(self, frames: bytes) -> None:
        self.writable.clear()
        self._sending = asyncio.create_task(self._send(frames))

    def drop(self) -> None:
        if self._sending is not None:
            self._sending.cancel()

    async def _send(self, frames: bytes) -> None:
        try:
            # It was closed while we were at it: whoever reads from the socket hears of that.
            with suppress(WebSocketDisconnect, RuntimeError):
                for message in messages_of(frames):
                    await self._websocket.send_text(message.decode())
        finally:
            self.writable.set()
