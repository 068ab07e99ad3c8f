"""Log-ins, the keys of systems, and the tickets that browsers trade for a socket; never keeps one, only its hash."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from cti_api.ports import TicketStore, TokenStore

log = logging.getLogger(__name__)

TOKEN_LIFE_MS = 12 * 60 * 60 * 1000  # A shift, and never the next one.
TICKET_LIFE_MS = 30_000
_MOST_SESSIONS = 32  # Of one user; the oldest makes room.
_KEY_BEGINS = "cordboard_key_"  # So that who finds one in a file knows what it is.
_MOST_TICKETS = 10_000
_MOST_OVER = 10_000
_MANY = 1_000  # Log-ins, of which those that are over are not worth a look.


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One log-in of a user, or a key with which a system is that user."""

    digest: str
    user_id: str
    created_at: int
    expires_at: int
    key: str | None = None  # What the key is called.

    @property
    def id(self) -> str:
        """What people call it by; it proves nothing."""
        return self.digest[:16]


class Tokens:
    """The log-ins that are valid, in memory, and in a store if there is one.

    Memory answers, so that no request and no socket waits for a database; the store is read once, at
    the start, so that nobody has to log in again when we were restarted.
    """

    def __init__(self, store: TokenStore | None = None, *, life_ms: int = TOKEN_LIFE_MS) -> None:
        self._store = store
        self._life_ms = life_ms
        self._sessions: dict[str, Session] = {}  # By digest.
        self._many = _MANY
        self._over: dict[str, None] = {}  # Ended lately.
        self._unsaid: dict[str, int] = {}  # Revoked, when, and the store does not know it yet.
        self.catch_up: Callable[[], Awaitable[None]] | None = None  # With the other processes.

    async def restore(self, at: int) -> None:
        """Take over those of the run before."""
        if self._store is None:
            return
        try:
            kept = await self._store.valid(at)
        except Exception:
            log.exception("log-ins could not be restored: everybody has to log in again")
            return
        for row in kept:
            self.learn(*row)

    async def proven(self, token: str, at: int) -> Session | None:
        """The log-in that this token proves."""
        return await self.known(_digest(token), at) if token else None

    async def known(self, digest: str, at: int) -> Session | None:
        """The log-in of this digest; one that is not known here, another process may have just issued."""
        session = self.valid(digest, at)
        if session is None and self.catch_up is not None:
            await self.catch_up()
            session = self.valid(digest, at)
        return session

    def learn(
        self, digest: str, user_id: str, created_at: int, expires_at: int, key: str | None
    ) -> None:
        """Somebody has logged in at another process, or a key was made there."""
        if digest in self._over:
            return  # And out again here, before we heard of it.
        session = Session(
            digest=digest, user_id=user_id, created_at=created_at, expires_at=expires_at, key=key
        )
        self._add(session, created_at)

    def forget(self, digest: str) -> None:
        """A log-in is over, and another process has said so."""
        self._end(digest)

    async def issue(self, user_id: str, at: int) -> tuple[str, Session]:
        """A new token for this user, which only he will ever know."""
        mine = self.of_user(user_id)
        for oldest in mine[: max(0, len(mine) - _MOST_SESSIONS + 1)]:
            await self.revoke(oldest.digest, at)
        token = secrets.token_urlsafe(32)
        return token, await self._keep(token, user_id, at, at + self._life_ms)

    async def make_key(self, user_id: str, name: str, at: int, life_ms: int) -> tuple[str, Session]:
        """A key with which a system is this user, until it is revoked or over."""
        key = _KEY_BEGINS + secrets.token_urlsafe(32)
        return key, await self._keep(key, user_id, at, at + life_ms, name)

    def of_user(self, user_id: str) -> list[Session]:
        """His log-ins, the oldest first."""
        his = (one for one in self._sessions.values() if one.user_id == user_id and one.key is None)
        return sorted(his, key=lambda one: (one.created_at, one.digest))

    def keys(self, at: int) -> list[Session]:
        """The keys that are good, the oldest first."""
        keys = [
            one for one in self._sessions.values() if one.key is not None and at < one.expires_at
        ]
        return sorted(keys, key=lambda one: (one.created_at, one.digest))

    async def _keep(
        self, secret: str, user_id: str, at: int, until: int, key: str | None = None
    ) -> Session:
        session = Session(
            digest=_digest(secret), user_id=user_id, created_at=at, expires_at=until, key=key
        )
        self._add(session, at)
        if self._store is not None:
            await _stored(self._store.keep(session.digest, user_id, at, until, key))
        return session

    def valid(self, digest: str, at: int) -> Session | None:
        """The log-in of this digest, if it is neither over nor revoked."""
        session = self._sessions.get(digest)
        return session if session is not None and at < session.expires_at else None

    async def revoke(self, digest: str, at: int) -> None:
        """This log-in is over, at once."""
        if self._end(digest) is None or self._store is None:
            return
        if not await _stored(self._store.revoke(digest, at)):
            self._unsaid[digest] = at

    async def say_again(self) -> None:
        """Tell the store who was revoked while it was away: else a restart would let him in again."""
        for digest, at in tuple(self._unsaid.items()):
            assert self._store is not None
            try:
                await self._store.revoke(digest, at)
            except Exception:
                return  # That it is away was said when he was revoked.
            self._unsaid.pop(digest, None)

    def _end(self, digest: str) -> Session | None:
        self._over[digest] = None
        if len(self._over) > _MOST_OVER:
            del self._over[next(iter(self._over))]
        return self._sessions.pop(digest, None)

    def _add(self, session: Session, at: int) -> None:
        """And forget those that are over, now and then: a shift that begins is thousands of log-ins at once."""
        if len(self._sessions) >= self._many:
            good = {name: one for name, one in self._sessions.items() if at < one.expires_at}
            self._sessions = good
            self._many = max(_MANY, 2 * len(good))
        self._sessions[session.digest] = session


class Tickets:
    """Each is good for one socket, once, for seconds: a browser can only put it into the address,
    and addresses end up in logs."""

    def __init__(self, store: TicketStore | None = None) -> None:
        """`store`: where every process of this API finds them."""
        self._store = store
        self._digests: dict[str, tuple[str, int]] = {}  # Ticket → log-in, expiry; oldest first.

    async def issue(self, digest: str, at: int) -> tuple[str, int]:
        """A ticket for this log-in, and until when it is good."""
        ticket, until = secrets.token_urlsafe(32), at + TICKET_LIFE_MS
        if self._store is not None:
            await self._store.keep(_digest(ticket), digest, TICKET_LIFE_MS)
            return ticket, until
        for old, (_, expires_at) in list(self._digests.items()):
            if at < expires_at and len(self._digests) < _MOST_TICKETS:
                break
            del self._digests[old]
        self._digests[_digest(ticket)] = (digest, until)
        return ticket, until

    async def redeem(self, ticket: str, at: int) -> str | None:
        """The log-in for which this ticket was issued; whatever comes of it, the ticket is used up."""
        if self._store is not None:
            return await self._store.take(_digest(ticket))
        digest, expires_at = self._digests.pop(_digest(ticket), (None, 0))
        return digest if at < expires_at else None


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


async def _stored(change: Awaitable[None]) -> bool:
    """A database that is away must keep nobody from working: what is in memory counts."""
    try:
        await change
    except Exception:
        log.exception("a log-in is not stored: a restart now would not know how it is")
        return False
    return True
