"""Tells other systems of events over HTTP, signed, and again until they take it; no call ever waits for it.

Who is told, and of what, is a file of its own: see `acd.centre.webhooks`. It is read again with the centre's.

The body is the event, as a supervisor hears it. With it come `Cordboard-Event`, `Cordboard-Delivery` (the same at every
attempt: who has seen it has done with it) and `Cordboard-Signature: t=<seconds since 1970>,v1=<hex>`, where hex is the
HMAC-SHA256 under the secret of `<seconds>.<body>`. Whatever 2xx is taken; 410 says: never again; all else is tried
again, later each time. Events may come in another order than they happened: `seq` and `at` tell it. What happened in
the moment before a crash of ours may be missing.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
import socket
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult

from acd.adapters.database.connection import DatabaseError
from acd.adapters.database.outbox import Delivery, Outbox
from acd.centre.webhooks import Target, is_nobodys

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 24  # Over some fifteen hours.
_FIRST_RETRY_MS = 5_000
_LONGEST_RETRY_MS = 3_600_000
_PATIENCE_S = 10.0
_AT_ONCE = 8
_MOST_UNWRITTEN = 10_000
_LOOK_S = 5.0  # How often it is seen what is due again.
_LONGEST_REST_S = 60.0
_GONE = 410


class _Resolver(AbstractResolver):
    """Resolves names, and leaves out addresses to which nothing may be sent."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of this host that may be spoken to."""
        found = await self._resolver.resolve(host, port, family)
        if allowed := [one for one in found if not is_nobodys(one["host"])]:
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
        self.targets: tuple[Target, ...] = ()
        self._outbox = outbox
        self._now_ms = now_ms
        self._first_retry_ms = first_retry_ms
        self._look_s = look_s
        self._patience = aiohttp.ClientTimeout(total=patience_s)
        self._unwritten: deque[tuple[str, Callable[[], bytes]]] = deque()
        self._lost = 0
        self._heard = asyncio.Event()
        self._written: dict[str, asyncio.Event] = {}
        self._writing: asyncio.Task[None] | None = None
        self._delivering: dict[str, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        self.use(targets)

    def use(self, targets: Sequence[Target]) -> None:
        """These from now on. What waits for one that is no more is told if it comes back, under the same name."""
        self.targets = tuple(targets)
        names = [target.name for target in targets]
        for name in [name for name in self._written if name not in names]:
            del self._written[name]
            if name in self._delivering:
                self._delivering.pop(name).cancel()
        for name in names:
            self._written.setdefault(name, asyncio.Event())
            if self._session is not None and name not in self._delivering:
                self._delivering[name] = asyncio.create_task(self._deliver(name))

    def start(self) -> None:
        """Begin to deliver, with what was left from before."""
        connector = aiohttp.TCPConnector(resolver=_Resolver())
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._patience)
        self._writing = asyncio.create_task(self._write())
        self.use(self.targets)

    async def stop(self) -> None:
        """Write down what was heard, and deliver no more."""
        tasks = [*self._delivering.values(), *([self._writing] if self._writing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
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
        rows = [row for event, body in heard for row in self._rows_of(event, body)]
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

    def _rows_of(self, event: str, body: Callable[[], bytes]) -> list[Delivery]:
        try:
            return self._rows(event, body())
        except Exception:  # A fault of ours, and the same at every attempt: the others are told on.
            log.exception("%s cannot be told to any webhook", event)
            return []

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

    def _target(self, name: str) -> Target:
        """As the file says now."""
        return next(target for target in self.targets if target.name == name)

    async def _deliver(self, name: str) -> None:
        failures = 0  # In a row, of all that was sent at once.
        while True:
            self._written[name].clear()
            try:
                taken = await self._deliver_some(name)
            except DatabaseError as error:
                log.warning("webhook %s waits until the database is back: %s", name, error)
                taken = False
            except Exception:
                log.exception("webhook %s: a fault of ours; it is tried again", name)
                taken = False
            if taken:
                failures = 0
            elif taken is None:
                await self._wait(name, self._look_s)
            else:  # It is away: the others need not find that out one by one.
                failures += 1
                await asyncio.sleep(min(_LONGEST_REST_S, self._look_s * 2 ** min(failures - 1, 8)))

    async def _wait(self, name: str, longest_s: float) -> None:
        try:
            async with asyncio.timeout(longest_s):
                await self._written[name].wait()
        except TimeoutError:
            pass

    async def _deliver_some(self, name: str) -> bool | None:
        """Tell what is due; whether any of it was taken, None if nothing was due."""
        due = await self._outbox.due(name, at=self._now_ms(), most=_AT_ONCE)
        if not due:
            return None
        target = self._target(name)  # As it is now: the file may have been read again meanwhile.
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
