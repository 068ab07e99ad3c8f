"""Asks one HTTP server over connections that stay open; knows nothing of what is asked, and never waits.

A call costs a handful of requests, and a general client cost more for each than the engine's decision. What a
caller waits for is on the wire when `ask` returns. A connection has one request in hand at a time: there is
no pipelining, so one that is stuck holds up nobody else. Reading HTTP is llhttp's business.
"""

import asyncio
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

# Asterisk closes a connection that was idle for 15 s; a request must not meet that moment.
_REST_S = 10.0
_LARGEST_HEAD = 64 << 10
_LARGEST_BODY = 64 << 20  # All channels of a very large centre are ten megabytes.
_TARGET = re.compile(r"/[!-~]*")


class Unanswered(Exception):  # says what happened
    """No answer came. Whether the request was heard is unknown."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it has done what it was asked for."""
        return 200 <= self.status < 300


class HttpPool:
    """Up to `connections` ways to one server, each opened when there is need of it."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        deadline_s: float,
        connections: int = 32,
    ) -> None:
        """`url` as in http://127.0.0.1:8088/ari; `deadline_s` is for the whole of a request."""
        parts = urlsplit(url)
        assert parts.scheme in ("http", "https") and parts.hostname, f"not a URL: {url}"
        self._tls = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        self._prefix = parts.path.rstrip("/")
        lines = {"Host": parts.netloc.rpartition("@")[2], **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._deadline_s = deadline_s
        self._most = connections
        self._connections: dict[_Connection, None] = {}
        self._resting: list[_Connection] = []
        self._opening: dict[asyncio.Task[None], None] = {}
        self._waiting: deque[_Request] = deque()

    def ask(self, method: str, target: str, body: bytes | None = None) -> "asyncio.Future[Reply]":
        """Send this request, its body being JSON; the answer, whatever it is, or Unanswered comes later.

        One whose connection closes before any answer is sent once more, so ask only for what may be done twice.
        """
        if not _TARGET.fullmatch(target):
            raise ValueError(f"cannot be asked for: {target!r}")
        head = f"{method} {self._prefix}{target} HTTP/1.1\r\n{self._head}"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        elif method != "GET":
            head += "Content-Length: 0\r\n"
        request = _Request(f"{head}\r\n".encode() + (body or b""))
        loop = asyncio.get_running_loop()
        request.overdue = loop.call_later(self._deadline_s, self._give_up, request)
        self.place(request)
        return request.answer

    async def close(self) -> None:
        """Let go of all connections; who still waits for an answer gets none."""
        self._most = 0
        self._fail_waiting("we let go of it")
        for connection in tuple(self._connections):
            connection.drop("we let go of it")
        opening = tuple(self._opening)
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)

    # What a connection tells.

    def place(self, request: "_Request") -> None:
        """Send this on a connection that rests, or as soon as there is one."""
        oldest = asyncio.get_running_loop().time() - _REST_S
        # The one last used: the others may rest on until the server closes them.
        while self._resting:
            connection = self._resting.pop()
            if connection.rests_since > oldest:
                connection.send(request)
                return
            connection.drop("it rested for too long")
        self._waiting.append(request)
        self._open_more()

    def opened(self, connection: "_Connection") -> None:
        """There is one more."""
        self._connections[connection] = None
        self.free(connection)

    def free(self, connection: "_Connection") -> None:
        """This connection has nothing in hand."""
        while self._waiting:
            request = self._waiting.popleft()
            if not request.answer.done():
                connection.send(request)
                return
        self._resting.append(connection)

    def lost(self, connection: "_Connection") -> None:
        """This connection is no more."""
        del self._connections[connection]
        if connection in self._resting:
            self._resting.remove(connection)
        self._open_more()

    # Our own.

    def _open_more(self) -> None:
        """Open a connection if one more is wanted than is on its way."""
        on_their_way = len(self._opening)
        if len(self._waiting) > on_their_way and len(self._connections) + on_their_way < self._most:
            task = asyncio.create_task(self._open())
            self._opening[task] = None
            task.add_done_callback(self._has_opened)

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(self._deadline_s):
                await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(self), self._host, self._port, ssl=self._tls or None
                )
        except OSError as error:  # A timeout is one, too.
            self._fail_waiting(str(error) or "the connection was not accepted in time")

    def _has_opened(self, task: asyncio.Task[None]) -> None:
        del self._opening[task]
        self._open_more()  # It may have been closed by now, with its request.

    def _fail_waiting(self, reason: str) -> None:
        while self._waiting:
            self._waiting.popleft().fail(reason)

    def _give_up(self, request: "_Request") -> None:
        request.fail(f"not within {self._deadline_s:g} s")
        if request.connection is not None:
            # The answer may still come, and must not be taken for that of another request.
            request.connection.drop("it was stuck")


class _Request:
    """What is asked, and where its answer goes."""

    __slots__ = ("answer", "connection", "overdue", "sent", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.overdue: asyncio.TimerHandle | None = None
        self.connection: _Connection | None = None
        self.sent = 0  # How often.

    def settle(self, reply: Reply) -> None:
        self._over()
        if not self.answer.done():
            self.answer.set_result(reply)

    def fail(self, reason: str) -> None:
        self._over()
        if not self.answer.done():
            self.answer.set_exception(Unanswered(reason))

    def _over(self) -> None:
        if self.overdue is not None:
            self.overdue.cancel()


class _Connection(asyncio.Protocol):
    """One connection; its parser calls the methods named on_…"""

    def __init__(self, pool: HttpPool) -> None:
        self.rests_since = 0.0
        self._pool = pool
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._request: _Request | None = None
        self._head_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._in_body = False
        self._reply: Reply | None = None
        self._ends = False  # It is not to be used again.
        self._why = ""  # We have closed it.

    def send(self, request: _Request) -> None:
        """Ask this; nothing else may be in hand."""
        assert self._request is None and self._transport is not None
        self._request = request
        request.connection = self
        request.sent += 1
        self._head_bytes = 0
        self._transport.write(request.text)

    def drop(self, why: str) -> None:
        """Close it at once; what is in hand gets no answer."""
        self._why = self._why or why
        if self._transport is not None:
            self._transport.abort()

    # The transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = transport  # type: ignore[assignment] # Of a connection it is one.
        self._pool.opened(self)

    def data_received(self, data: bytes) -> None:
        """Something of an answer has come; as little as a byte, or more than all of it."""
        request = self._request
        if request is None:
            self.drop("it spoke without being asked")
            return
        if not self._in_body:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.drop(f"this is not HTTP: {error}")
            return
        if not self._in_body and self._reply is None and self._head_bytes > _LARGEST_HEAD:
            self.drop("its headers have no end")
        elif self._body_bytes > _LARGEST_BODY:
            self.drop("its answer has no end")
        elif self._reply is not None:
            self._answered(request, self._reply)

    def connection_lost(self, error: Exception | None) -> None:
        """It is closed, by whomever."""
        self._pool.lost(self)
        request, self._request = self._request, None
        if request is None:
            return
        request.connection = None
        if self._head_bytes == 0 and not self._why and request.sent == 1:
            self._pool.place(request)  # It was just being closed when we wrote.
        else:
            request.fail(self._why or str(error or "the connection was closed"))

    def _answered(self, request: _Request, reply: Reply) -> None:
        self._request = request.connection = self._reply = None
        request.settle(reply)
        if self._ends:
            self.drop("it was its last answer")
        else:
            self.rests_since = asyncio.get_running_loop().time()
            self._pool.free(self)

    # The parser calls.

    def on_message_begin(self) -> None:
        """The first line of an answer, or of what we did not ask for."""
        self._ends = self._ends or self._reply is not None

    def on_headers_complete(self) -> None:
        """Its body comes next, if it has one."""
        self._in_body = True

    def on_body(self, piece: bytes) -> None:
        """Some of its body."""
        self._body_bytes += len(piece)
        self._body.append(piece)

    def on_message_complete(self) -> None:
        """It is all there."""
        status = self._parser.get_status_code()
        body = b"".join(self._body)
        self._body.clear()
        self._body_bytes = 0
        self._in_body = False
        if status >= 200 and self._reply is None:  # 100 says: go on, the answer comes.
            self._reply = Reply(status, body)
            self._ends = not self._parser.should_keep_alive()
