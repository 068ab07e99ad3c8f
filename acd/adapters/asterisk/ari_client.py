"""Speaks ARI to one Asterisk: requests over a pool, events over one socket; knows nothing of calls.

Requests go by HTTP and not over the socket, where one that is stuck would hold up all behind it. The
one who reads the socket must never wait for anything else: Asterisk cuts off a slow reader.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

import aiohttp
import msgspec
from yarl import URL

from acd.adapters.asterisk.ari_events import (
    Application,
    Bridge,
    Channel,
    Message,
    read_message,
)
from acd.adapters.asterisk.ari_requests import APPLICATION, DIALLING, subscription
from acd.adapters.asterisk.http_pool import HttpPool, Reply, Unanswered

OLDEST_ASTERISK = 20

_LARGEST_FRAME = 1 << 20

_Answer = TypeVar("_Answer")


class AriError(Exception):
    """We cannot work with this Asterisk; the text says why, and what to do about it."""


class AriUnreachable(AriError):  # says what happened
    """Asterisk did not answer, or not in time. It may be there again in a moment."""


class AriRefused(AriError):  # says what happened
    """Asterisk does not let us in. Somebody has to change a file."""


class AsteriskTooOld(AriError):  # says what happened
    """This Asterisk cannot do what we need. Somebody has to install another one."""


class _System(msgspec.Struct):
    version: str = ""


class _Info(msgspec.Struct):
    system: _System = msgspec.field(default_factory=_System)


class AriClient:
    """The way to one Asterisk and back."""

    def __init__(self, url: str, user: str, password: str, *, deadline_s: float) -> None:
        """`url` as in http://127.0.0.1:8088/ari"""
        self._url = url.rstrip("/")
        self._user = user
        self._authorization = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        self._deadline_s = deadline_s
        self._pool = HttpPool(self._url, headers=self._authorization, deadline_s=deadline_s)
        self._session: aiohttp.ClientSession | None = None  # For the socket alone.

    async def close(self) -> None:
        """Let go of all connections."""
        await self._pool.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> "asyncio.Future[Reply]":
        """One request, on its way when this returns; whatever Asterisk answers is an answer.

        Only silence raises: Unanswered. All names are ours, so what may have been heard can be sent again.
        """
        return self._pool.ask(method, path, None if body is None else msgspec.json.encode(body))

    async def request(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> Reply:
        """As `ask`, for those who have time; raises AriUnreachable."""
        try:
            return await self.ask(method, path, body)
        except Unanswered as error:
            raise self._unreachable(method, path, error) from error

    def _unreachable(self, method: str, path: str, error: BaseException) -> AriUnreachable:
        reason = str(error) or type(error).__name__
        return AriUnreachable(f"Asterisk at {self._url} did not answer {method} {path}: {reason}")

    async def check(self) -> str:
        """The version of this Asterisk; raises if it refuses us or is too old."""
        version = (await self.seen("/asterisk/info", _Info)).system.version
        major = read_major_version(version)
        if major is not None and major < OLDEST_ASTERISK:
            raise AsteriskTooOld(
                f"Asterisk at {self._url} is {version}: Cordboard needs {OLDEST_ASTERISK} or newer, "
                "22 LTS if you can choose"
            )
        return version

    async def channels(self) -> list[Channel]:
        """All channels there are, those of others too."""
        return await self.seen("/channels", list[Channel])

    async def bridges(self) -> list[Bridge]:
        """All bridges there are, those of others too."""
        return await self.seen("/bridges", list[Bridge])

    async def told_of(self, application: str = APPLICATION) -> list[str]:
        """The channels whose events come to us by way of this application."""
        return (await self.seen(f"/applications/{application}", Application)).channel_ids

    async def tell_of(self, channel: str, application: str = APPLICATION) -> bool:
        """Let the events of this channel come to us by way of this application; False if there is none."""
        return (await self.request("POST", subscription(application, channel))).ok

    async def seen(self, path: str, kind: type[_Answer]) -> _Answer:
        """What Asterisk answers to a GET of this path; raises AriError."""
        reply = await self.request("GET", path)
        if reply.status in (401, 403):
            raise self._refused(reply.status)
        if not reply.ok:
            # 503 until all of its modules are loaded; 404 when ARI is not.
            raise AriUnreachable(
                f"Asterisk at {self._url} answers GET {path} with {reply.status}: "
                "it is still starting, or ARI is not enabled in http.conf and ari.conf"
            )
        return self._decode(reply, path, kind)

    def _decode(self, reply: Reply, path: str, kind: type[_Answer]) -> _Answer:
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise AriUnreachable(f"{self._url} does not speak ARI: {path}: {error}") from error

    def _refused(self, status: int) -> AriRefused:
        return AriRefused(
            f"Asterisk at {self._url} refuses user {self._user} ({status}): "
            f"check [{self._user}] in ari.conf and CORDBOARD_ARI_PASSWORD"
        )

    async def listen(self) -> "EventSocket":
        """Become the one whom Asterisk tells its events; whoever was it before is so no longer."""
        url = URL(f"{self._url}/events?app={APPLICATION},{DIALLING}", encoded=True)
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._authorization)
        try:
            async with asyncio.timeout(self._deadline_s):
                return EventSocket(
                    await self._session.ws_connect(
                        url, decode_text=False, max_msg_size=_LARGEST_FRAME
                    )
                )
        except aiohttp.WSServerHandshakeError as error:
            if error.status in (401, 403):
                raise self._refused(error.status) from error
            raise self._unreachable("GET", "/events", error) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unreachable("GET", "/events", error) from error


class EventSocket:
    """The socket on which Asterisk tells us its events."""

    def __init__(self, socket: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        self._socket = socket

    async def read(self, hear: Callable[[Message], None]) -> None:
        """Hand on what comes, until the socket is closed; `hear` must not take long."""
        async for frame in self._socket:
            if frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                message = read_message(frame.data)
                if message is not None:
                    hear(message)

    async def close(self) -> None:
        """Stop listening, without waiting for a peer that may be dead."""
        async with asyncio.timeout(0.5):
            await self._socket.close()


def read_major_version(version: str) -> int | None:
    """22 for `22.10.1`, `certified/22.8-cert1` and `GIT-22-1a2b`; None for a version without a number."""
    found = re.search(r"(?<![0-9a-z])(\d+)(?![0-9a-z])", version)
    return int(found[1]) if found else None
