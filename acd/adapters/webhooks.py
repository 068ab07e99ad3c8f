"""Tells other systems of events over HTTP, signed, and again until they take it; no call ever waits for it.

crm:                                        # its name, for people
  url: https://crm.example/cordboard        # never from anywhere but this file
  secret: at least 24 characters            # signs what is sent: this file is for nobody else's eyes
  events: [call-ended, outcome-recorded]    # as the WebSocket names them

The body is the event, as a supervisor hears it. With it come `Cordboard-Event`, `Cordboard-Delivery` (the same at every
attempt: who has seen it has done with it) and `Cordboard-Signature: t=<seconds since 1970>,v1=<hex>`, where hex is the
HMAC-SHA256 under the secret of `<seconds>.<body>`. Whatever 2xx is taken; 410 says: never again; all else is tried
again, later each time. Events may come in another order than they happened: `seq` and `at` tell it. What happened in
the moment before a crash of ours may be missing.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import logging
import re
import secrets
import socket
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult

from acd.adapters.database.connection import DatabaseError
from acd.adapters.database.outbox import Delivery, Outbox
from acd.centre.words import names_of
from ivr.plain_yaml import BrokenFile, Reader, compose, quoted, text_of

log = logging.getLogger(__name__)

MEANING: Mapping[str, str] = {
    "url": "where it listens, http:// or https://",
    "secret": "what signs the events, 24 characters or more that nobody can guess",
    "events": "the events it is told of",
}
MOST_ATTEMPTS = 24  # Over some fifteen hours.
_FIRST_RETRY_MS = 5_000
_LONGEST_RETRY_MS = 3_600_000
_PATIENCE_S = 10.0
_AT_ONCE = 8
_MOST_UNWRITTEN = 10_000
_LOOK_S = 5.0  # How often it is seen what is due again.
_LONGEST_REST_S = 60.0
_SHORTEST_SECRET = 24
_GONE = 410
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A system that is told of events."""

    name: str
    url: str
    secret: str = field(repr=False)
    events: tuple[str, ...] = ()


def read_targets_of(file: Path, *, events: Collection[str]) -> tuple[Target, ...]:
    """The targets in this file; raises BrokenFile with all that is wrong."""
    text = text_of(file, "CORDBOARD_WEBHOOKS says where it is")
    return read_targets(text, file.name, events=events)


def read_targets(text: str, file: str, *, events: Collection[str]) -> tuple[Target, ...]:
    """The targets that a text describes; raises BrokenFile. No problem shows a secret."""
    root = compose(text, file)
    if root is None:
        return ()
    reader = Reader(file=file, meaning=MEANING)
    found = []
    for name, (key, node) in reader.entries(root, "the file").items():
        reader.scope = f"webhook {quoted(name)}: "
        if not _NAME.fullmatch(name):
            reader.blame(key, "a name has a-z, 0-9, - and _, 32 at most")
        words = reader.words(node, "a webhook", required=("url", "secret", "events"))
        url = reader.text(words.get("url"), "url") or ""
        if url and (why := _fault_of(url)):
            reader.blame(words["url"], f"url {why}")
        secret = reader.text(words.get("secret"), "secret") or ""
        if secret and len(secret) < _SHORTEST_SECRET:
            reader.blame(words["secret"], f"secret is shorter than {_SHORTEST_SECRET} characters")
        told = names_of(reader, words.get("events"), "event", events)
        found.append(Target(name=name, url=url, secret=secret, events=told))
    if reader.problems:
        raise BrokenFile(reader.problems)
    return tuple(found)


def _fault_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is none"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "takes http:// or https:// and a host"
    if "@" in parts.netloc:
        return "takes no user and password: the signature says who we are"
    if _is_nobodys(parts.hostname):
        return f"{parts.hostname} is no address of another system"
    return ""


def _is_nobodys(host: str) -> bool:
    """Whether nothing of ours can be meant: a cloud's metadata service, a broadcast. A CRM in the same house can."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False  # A name; what it stands for is looked at when it is known.
    return address.is_link_local or address.is_multicast or address.is_unspecified


class _Resolver(AbstractResolver):
    """Resolves names, and leaves out addresses to which nothing may be sent."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of this host that may be spoken to."""
        found = await self._resolver.resolve(host, port, family)
        if allowed := [one for one in found if not _is_nobodys(one["host"])]:
            return allowed
        raise OSError(None, "it has no address of another system")

    async def close(self) -> None:
        """There is nothing to close."""


def signature(secret: str, body: bytes, at_s: int) -> str:
    """What `Cordboard-Signature` says of this body, sent at this time."""
    signed = hmac.new(secret.encode(), b"%d." % at_s + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={signed}"


class _Customer(msgspec.Struct):
    id: str


class _Caller(msgspec.Struct):
    number: str = ""
    customers: list[_Customer] = []


class _View(msgspec.Struct):
    caller: _Caller | None = None


class _Event(msgspec.Struct):
    """As much of an event as says of whom it tells."""

    at: int
    view: _View | None = None


_event = msgspec.json.Decoder(_Event)


class Webhooks:
    """All targets. `now_ms` is the clock by which everything is stamped."""

    def __init__(
        self,
        targets: Sequence[Target],
        outbox: Outbox,
        *,
        now_ms: Callable[[], int],
        first_retry_ms: int = _FIRST_RETRY_MS,
        look_s: float = _LOOK_S,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self.targets = tuple(targets)
        self._outbox = outbox
        self._now_ms = now_ms
        self._first_retry_ms = first_retry_ms
        self._look_s = look_s
        self._patience = aiohttp.ClientTimeout(total=patience_s)
        self._unwritten: deque[tuple[str, Callable[[], bytes]]] = deque()
        self._lost = 0
        self._heard = asyncio.Event()
        self._written = {target.name: asyncio.Event() for target in targets}
        self._tasks: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    def start(self) -> None:
        """Begin to deliver, with what was left from before."""
        connector = aiohttp.TCPConnector(resolver=_Resolver())
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._patience)
        self._tasks = [asyncio.create_task(self._write())]
        self._tasks += [asyncio.create_task(self._deliver(one)) for one in self.targets]

    async def stop(self) -> None:
        """Write down what was heard, and deliver no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._unwritten:
            await self._write_down()
        if self._session is not None:
            await self._session.close()

    def tell(self, event: str, body: Callable[[], bytes]) -> None:
        """This has happened. `body` is asked for it later, when nobody waits."""
        if not any(event in target.events for target in self.targets):
            return
        if len(self._unwritten) == _MOST_UNWRITTEN:
            self._lost += 1
            return
        self._unwritten.append((event, body))
        self._heard.set()

    async def _write(self) -> None:
        while True:
            await self._heard.wait()
            self._heard.clear()
            if not await self._write_down():
                await asyncio.sleep(self._look_s)
                self._heard.set()

    async def _write_down(self) -> bool:
        """Put what was heard into the outbox; whether that was possible."""
        heard = list(self._unwritten)
        rows = [row for event, body in heard for row in self._rows(event, body())]
        try:
            dropped = await self._outbox.add(rows)
        except DatabaseError as error:
            log.warning("webhooks wait until the database is back: %s", error)
            return False
        for _ in heard:
            self._unwritten.popleft()
        if dropped or self._lost:
            log.error("%d events are told to no webhook: too many wait", dropped + self._lost)
            self._lost = 0
        for written in self._written.values():
            written.set()
        return True

    def _rows(self, event: str, body: bytes) -> list[Delivery]:
        said = _event.decode(body)
        caller = said.view.caller if said.view is not None else None
        whose = caller.customers if caller is not None else []
        return [
            Delivery(
                id=secrets.token_hex(16),
                target=target.name,
                event=event,
                at=said.at,
                body=body.decode(),
                customer_id=whose[0].id if len(whose) == 1 else None,
                number=(caller.number or None) if caller is not None else None,
                next_at=said.at,
            )
            for target in self.targets
            if event in target.events
        ]

    async def _deliver(self, target: Target) -> None:
        failures = 0  # In a row, of all that was sent at once.
        while True:
            self._written[target.name].clear()
            try:
                taken = await self._deliver_some(target)
            except DatabaseError as error:
                log.warning("webhook %s waits until the database is back: %s", target.name, error)
                taken = False
            if taken:
                failures = 0
            elif taken is None:
                await self._wait(target, self._look_s)
            else:  # It is away: the others need not find that out one by one.
                failures += 1
                await asyncio.sleep(min(_LONGEST_REST_S, self._look_s * 2 ** min(failures - 1, 8)))

    async def _wait(self, target: Target, longest_s: float) -> None:
        try:
            async with asyncio.timeout(longest_s):
                await self._written[target.name].wait()
        except TimeoutError:
            pass

    async def _deliver_some(self, target: Target) -> bool | None:
        """Tell what is due; whether any of it was taken, None if nothing was due."""
        due = await self._outbox.due(target.name, at=self._now_ms(), most=_AT_ONCE)
        if not due:
            return None
        faults = await asyncio.gather(*(self._post(target, one) for one in due))
        taken = [one.id for one, fault in zip(due, faults, strict=True) if fault is None]
        missed = [
            self._again(one, fault)
            for one, fault in zip(due, faults, strict=True)
            if fault is not None
        ]
        for one in missed:
            if one["next_at"] is None:
                log.error("webhook %s never took %s: %s", target.name, one["id"], one["error"])
        await self._outbox.settle(taken, missed, at=self._now_ms())
        return bool(taken)

    def _again(self, one: Delivery, fault: str) -> dict[str, Any]:
        attempts = one.attempts + 1
        wait_ms = min(_LONGEST_RETRY_MS, self._first_retry_ms << min(attempts - 1, 20))
        over = attempts >= MOST_ATTEMPTS or fault == str(_GONE)
        return {
            "id": one.id,
            "attempts": attempts,
            "error": fault,
            "next_at": None if over else self._now_ms() + wait_ms,
        }

    async def _post(self, target: Target, one: Delivery) -> str | None:
        """Send one; what went wrong, or None. Never what was answered: it may be anything."""
        assert self._session is not None
        body, at_s = one.body.encode(), self._now_ms() // 1000
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Cordboard",
            "Cordboard-Event": one.event,
            "Cordboard-Delivery": one.id,
            "Cordboard-Signature": signature(target.secret, body, at_s),
        }
        try:
            async with self._session.post(
                target.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return None if 200 <= answer.status < 300 else str(answer.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return type(error).__name__
