"""Log-ins, tickets and attempts, known to every API process: what is good or over at one is so at all of them.

Knows a token's hash only. Redis tells of what is new; the database still keeps it over a restart of everything.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any, Protocol

from redis.asyncio import Redis

from acd.adapters.redis import link
from acd.switchboard import EngineAway

log = logging.getLogger(__name__)

_KEPT = 50_000
_AT_ONCE = 500


class TokenStore(Protocol):
    """Where log-ins are kept over a restart."""

    async def keep(
        self, digest: str, user_id: str, created_at: int, expires_at: int, key: str | None
    ) -> None:
        """Keep this log-in, or the key of this name."""

    async def revoke(self, digest: str, at: int) -> None:
        """This log-in is over."""

    async def valid(self, at: int) -> Sequence[tuple[str, str, int, int, str | None]]:
        """All that are neither over nor revoked: (digest, user id, created at, expires at, name of the key)."""


class Tokens(Protocol):
    """The log-ins that an API process knows."""

    catch_up: Callable[[], Awaitable[None]] | None

    def learn(
        self, digest: str, user_id: str, created_at: int, expires_at: int, key: str | None
    ) -> None:
        """Somebody has logged in at another process, or a key was made there."""

    def forget(self, digest: str) -> None:
        """A log-in is over."""


class SharedTokens:
    """A token store that tells the other processes, and hears of theirs."""

    def __init__(self, redis: "Redis", store: TokenStore) -> None:
        self.learn: Callable[[str, str, int, int, str | None], None] = lambda *_: None
        self.forget: Callable[[str], None] = lambda digest: None
        self._redis = redis
        self._store = store
        self._place = "0"
        self._reading = asyncio.Lock()
        self._hears = True
        self._following: asyncio.Task[None] | None = None

    def join(self, tokens: Tokens) -> None:
        """Let the log-ins of the others be known here."""
        self.learn, self.forget = tokens.learn, tokens.forget
        tokens.catch_up = self.catch_up

    async def keep(
        self, digest: str, user_id: str, created_at: int, expires_at: int, key: str | None
    ) -> None:
        """Keep this log-in or key, and tell everybody."""
        await self._tell({"kept": [digest, user_id, created_at, expires_at, key]})
        await self._store.keep(digest, user_id, created_at, expires_at, key)

    async def revoke(self, digest: str, at: int) -> None:
        """This log-in is over, everywhere."""
        await self._tell({"revoked": digest})
        await self._store.revoke(digest, at)

    async def valid(self, at: int) -> Sequence[tuple[str, str, int, int, str | None]]:
        """All that are neither over nor revoked."""
        return await self._store.valid(at)

    async def catch_up(self) -> None:
        """Hear what has been told by now: a token that nobody knows here may be a moment old."""
        try:
            async with self._reading:
                while await self._read():
                    pass
        except link.AWAY as error:
            if self._hears:  # It is tried twice a second, and said once.
                log.warning("log-ins of other processes are not heard of: %s", error)
            self._hears = False
        else:
            self._hears = True

    def start(self) -> None:
        """Hear of the others' from now on."""
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Hear no more."""
        if self._following is not None:
            await link.end([self._following])

    async def _follow(self) -> None:
        while True:
            await self.catch_up()
            await asyncio.sleep(0.5)  # Sockets are looked at every two seconds.

    async def _read(self) -> bool:
        found = await self._redis.xread({link.LOG_INS: self._place}, count=_AT_ONCE)
        for name, said in link.entries_of(found):
            self._place = name
            try:
                self._take(link.decode(said["body"]))
            except Exception:  # Of another version of us; what comes after it counts all the same.
                log.exception("what another process says of log-ins cannot be read")
        return bool(found)

    def _take(self, told: Any) -> None:
        if "kept" not in told:
            self.forget(told["revoked"])
            return
        kept = told["kept"]
        if len(kept) == 3:  # So the version before us tells it: while one is upgraded, both run.
            kept = [kept[0], kept[1], 0, kept[2], None]
        self.learn(*kept)

    async def _tell(self, told: object) -> None:
        try:
            fields: link.Fields = {"body": link.encode(told)}
            await self._redis.xadd(link.LOG_INS, fields, maxlen=_KEPT, approximate=True)
        except link.AWAY as error:
            log.error("other processes are not told of a log-in or its end: %s", error)


class SharedTickets:
    """Tickets that are good at any process, once, for seconds. Raises EngineAway where Redis is."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def keep(self, ticket: str, digest: str, life_ms: int) -> None:
        """Whoever shows a ticket with this hash has this log-in."""
        try:
            await self._redis.set(_ticket_key(ticket), digest, px=life_ms)
        except link.AWAY as error:
            raise EngineAway("Redis does not answer") from error

    async def take(self, ticket: str) -> str | None:
        """The log-in of the ticket with this hash; it is used up."""
        try:
            found = await self._redis.getdel(_ticket_key(ticket))
        except link.AWAY as error:
            raise EngineAway("Redis does not answer") from error
        return link.text(found) if found is not None else None


def _ticket_key(ticket: str) -> str:
    return f"cordboard:ticket:{ticket}"


class SharedAttempts:
    """Attempts to log in, counted at all processes together. While Redis is away each counts its own."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def take(self, key: str, limit: int, per_ms: int) -> int:
        """One more attempt: 0 if it is one of the first `limit` of this window, else when the next begins, in ms."""
        try:
            count, left_ms = await self._add(key, 1, per_ms)
        except link.AWAY:
            return 0
        return max(1, left_ms) if count > limit else 0

    async def give_back(self, key: str, per_ms: int) -> None:
        """The last attempt does not count."""
        with suppress(*link.AWAY):
            await self._add(key, -1, per_ms)

    async def _add(self, key: str, more: int, per_ms: int) -> tuple[int, int]:
        # A name or an address is nobody's business who looks into Redis.
        name = f"cordboard:attempts:{blake2b(key.encode(), digest_size=16).hexdigest()}"
        async with self._redis.pipeline(transaction=True) as together:
            together.incrby(name, more)
            together.pexpire(name, per_ms, nx=True)
            together.pttl(name)
            count, _, left_ms = await together.execute()
        return count, left_ms
