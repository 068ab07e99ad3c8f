"""Talks to Cordboard as its users do: logs agents in, and listens on many sockets; must cost next to nothing.

The listeners share the machine with what is measured, while real ones have machines of their own. So they
count frames and look into none, and read what has come twenty times a second.
"""

import http.client
import json
import os
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from enum import IntEnum
from http import HTTPStatus
from typing import Any, Self

_READ_EVERY_S = 0.05
_CHUNK = 1 << 20


class ApiError(Exception):
    """The API did not do what it was asked."""


class Api:
    """A user of the API."""

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self.token = ""

    def log_in(self, user: str, password: str) -> str:
        """The token by which this user is known from now on."""
        self.token = ""
        answer = self.ask("POST", "/v1/session", {"user": user, "password": password})
        self.token = answer["token"]
        return self.token

    def make_ready(self, agents: Iterable[str]) -> None:
        """Begin the shifts of these agents."""
        for agent in agents:
            self.ask("PUT", f"/v1/agents/{agent}/shift")
            self.ask("PUT", f"/v1/agents/{agent}/state", {"state": "ready"})

    def is_ready(self) -> bool:
        """Whether it runs and hears Asterisk."""
        try:
            return bool(self.ask("GET", "/ready")["ready"])
        except (OSError, ApiError):
            return False

    def ask(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(*self.address, timeout=10)
        try:
            connection.request(
                method, path, json.dumps(body) if body is not None else None, headers
            )
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            # One user for a thousand agents is more than any user may ask at once.
            time.sleep(float(response.headers["Retry-After"]))
            return self.ask(method, path, body)
        if response.status >= 400:
            raise ApiError(f"{method} {path}: {response.status} {answer[:200].decode()}")
        return json.loads(answer)


class Listeners:
    """Sockets that hear everything their users may hear, until the end of the `with`."""

    def __init__(self, address: tuple[str, int], tokens: Sequence[str], count: int) -> None:
        """So many sockets, shared out among the users who have these tokens."""
        self.frames = 0
        self.lost = 0  # Closed by the other side: too slow, or a fault.
        self._sockets = [_Socket(address, tokens[n % len(tokens)]) for n in range(count)]
        self.ports = [one.port for one in self._sockets]  # At our end, in that order.
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for one in self._sockets:
            one.close()

    def _listen(self) -> None:
        while not self._over.wait(_READ_EVERY_S):
            for one in list(self._sockets):
                try:
                    self.frames += one.read()
                except OSError:
                    self.lost += 1
                    self._sockets.remove(one)


class _Opcode(IntEnum):
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


class _Socket:
    """The client's half of a WebSocket, as much of it as a listener needs (RFC 6455)."""

    def __init__(self, address: tuple[str, int], token: str) -> None:
        self._socket = socket.create_connection(address, timeout=10)
        self._socket.sendall(
            (
                f"GET /v1/events HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}\r\n"
                f"Authorization: Bearer {token}\r\n\r\n"
            ).encode()
        )
        self.port: int = self._socket.getsockname()[1]
        self._unread = bytearray()
        while (end := self._unread.find(b"\r\n\r\n")) < 0:
            self._receive()
        if not self._unread.startswith(b"HTTP/1.1 101"):
            raise ApiError(f"no socket: {bytes(self._unread[:200]).decode(errors='replace')}")
        del self._unread[: end + 4]
        self._socket.setblocking(False)

    def read(self) -> int:
        """How many frames have come since the last time; raises OSError when the socket is closed."""
        try:
            while True:
                self._receive()
        except BlockingIOError:
            pass
        unread, at, frames = self._unread, 0, 0
        while len(unread) - at >= 2:
            length, head = unread[at + 1], 2
            if length >= 126:
                head = 4 if length == 126 else 10
                length = int.from_bytes(unread[at + 2 : at + head])
            end = at + head + length
            if len(unread) < at + head or len(unread) < end:
                break
            match unread[at] & 0x0F:
                case _Opcode.CLOSE:
                    raise ConnectionResetError(bytes(unread[at + head : end]))
                case _Opcode.PING:
                    self._pong(bytes(unread[at + head : end]))
                case _:
                    frames += 1
            at = end
        del unread[:at]
        return frames

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> None:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise ConnectionResetError("closed")
        self._unread += data

    def _pong(self, payload: bytes) -> None:
        # A client must mask what it sends; a mask of zeros leaves it as it is.
        self._socket.sendall(bytes((0x80 | _Opcode.PONG, 0x80 | len(payload))) + bytes(4) + payload)
