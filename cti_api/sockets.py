"""The listeners of the feed, each with a queue of its own; one that is too slow is dropped, never waited for."""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import TypeAlias

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from cti_api import schemas
from cti_api.feed import Audience, Feed, Frame
from cti_api.ports import Switchboard, Users
from cti_api.throttle import Throttle
from cti_api.tokens import Session, Tokens

MOST_WAITING = 256  # Frames for one listener; whoever is that far behind had better begin anew.
MOST_SOCKETS = 32  # Of one user.
SEND_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 10.0
_AT_A_TIME = 32  # Frames sent before others get their turn.
_LONGEST_MESSAGE = 1024

Ending: TypeAlias = tuple[int, str]

TOO_SLOW: Ending = (1013, "too slow: connect again and resume")
BEGIN_ANEW: Ending = (1013, "events were lost: connect again")
LOGGED_OUT: Ending = (4401, "the log-in is over")
NOT_UNDERSTOOD: Ending = (1008, 'only {"type":"ping"} is understood here')
TOO_CHATTY: Ending = (1008, "too many messages")


class Ping(msgspec.Struct, tag_field="type", tag="ping", forbid_unknown_fields=True):
    """All that a client may say."""


_ping = msgspec.json.Decoder(Ping)


class Listener:
    """One socket: frames wait here until it takes them."""

    def __init__(
        self, websocket: WebSocket, audience: Audience, session: Session, sockets: "Sockets"
    ) -> None:
        self.audience = audience
        self.session = session
        self._websocket = websocket
        self._sockets = sockets
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self._ending: Ending | None = None
        self._chatter = Throttle(limit=20, per_ms=10_000)

    def take(self, text: str) -> None:
        """Send this as soon as he is ready for it."""
        if self._ending is not None:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.end(TOO_SLOW)
            return
        self._waiting.append(text)
        self._wake.set()

    def end(self, ending: Ending) -> None:
        """Close the socket with this code; what still waits is not sent."""
        if self._ending is None:
            self._ending = ending
            self._waiting.clear()
            self._wake.set()

    async def serve(self, first: Iterable[str]) -> None:
        """Send `first`, and then whatever comes, until either side has had enough."""
        tasks = [asyncio.create_task(self._write(first)), asyncio.create_task(self._read())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                raise result

    async def _write(self, first: Iterable[str]) -> None:
        for number, text in enumerate(first, 1):
            if self._ending is not None:
                break
            await self._send(text, number)
        number = 0
        while self._ending is None:
            while self._waiting:
                number += 1
                await self._send(self._waiting.popleft(), number)
            if self._ending is None:
                self._wake.clear()
                await self._wake.wait()
        code, reason = self._ending
        with suppress(TimeoutError):
            async with asyncio.timeout(self._sockets.close_timeout_s):
                await self._websocket.close(code, reason)

    async def _send(self, text: str, number: int) -> None:
        try:
            async with asyncio.timeout(self._sockets.send_timeout_s):
                await self._websocket.send_text(text)
        except TimeoutError:
            self.end(TOO_SLOW)
        if number % _AT_A_TIME == 0:
            await asyncio.sleep(0)  # Sending to one who is fast does not yield by itself.

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            at = self._sockets.now_ms()
            if self._chatter.take("", at):
                self.end(TOO_CHATTY)
                continue
            said = message.get("text") or ""
            try:
                _ping.decode(said if len(said) <= _LONGEST_MESSAGE else "")
            except (msgspec.MsgspecError, UnicodeError):
                self.end(NOT_UNDERSTOOD)
                continue
            pong: schemas.Pong = {"type": "pong", "seq": self._sockets.feed.seq, "at": at}
            self.take(msgspec.json.encode(pong).decode())


class Sockets:
    """All listeners of this process."""

    def __init__(
        self,
        feed: Feed,
        switchboard: Switchboard,
        *,
        send_timeout_s: float = SEND_TIMEOUT_S,
        close_timeout_s: float = CLOSE_TIMEOUT_S,
    ) -> None:
        self.feed = feed
        self.now_ms = switchboard.now_ms
        self.send_timeout_s = send_timeout_s
        self.close_timeout_s = close_timeout_s
        self._listeners: dict[Listener, None] = {}
        feed.publish(self._hear, broken=self._begin_anew)

    def full_for(self, user_id: str) -> bool:
        """Whether this user has as many sockets as anybody may have."""
        his = [one for one in self._listeners if one.audience.user.id == user_id]
        return len(his) >= MOST_SOCKETS

    async def serve(
        self, websocket: WebSocket, audience: Audience, session: Session, resume: int | None
    ) -> None:
        """Serve an accepted socket until it closes."""
        listener = Listener(websocket, audience, session, self)
        # No await from here to the listener's place among the others: nothing is missed or told twice.
        first = self._first(audience, resume)
        self._listeners[listener] = None
        try:
            await listener.serve(first)
        finally:
            del self._listeners[listener]

    def _first(self, audience: Audience, resume: int | None) -> list[str]:
        missed = self.feed.since(resume, audience) if resume is not None else None
        if missed is None:
            return [self.feed.snapshot(audience)]
        resumed: schemas.Resumed = {
            "type": "resumed",
            "seq": self.feed.seq,
            "at": self.now_ms(),
        }
        return [msgspec.json.encode(resumed).decode(), *missed]

    def _hear(self, frame: Frame) -> None:
        for listener in self._listeners:
            text = self.feed.text(frame, listener.audience)
            if text is not None:
                listener.take(text)

    def _begin_anew(self) -> None:
        for listener in self._listeners:
            listener.end(BEGIN_ANEW)

    async def check(self, tokens: Tokens, users: Users) -> None:
        """Close the sockets whose log-in is over, and those of users who are not what they were."""
        at = self.now_ms()
        for listener in tuple(self._listeners):
            valid = tokens.valid(listener.session.digest, at) is not None
            user = await users.find(listener.session.user_id) if valid else None
            if user != listener.audience.user:
                listener.end(LOGGED_OUT)
