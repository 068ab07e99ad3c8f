"""Log-ins and the tickets that browsers trade for a socket; never keeps a token, only its hash."""

import logging
import secrets
from collections.abc import Awaitable
from dataclasses import dataclass
from hashlib import sha256

from cti_api.ports import TokenStore

log = logging.getLogger(__name__)

TOKEN_LIFE_MS = 12 * 60 * 60 * 1000  # A shift, and never the next one.
TICKET_LIFE_MS = 30_000
_MOST_SESSIONS = 32  # Of one user; the oldest makes room.
_MOST_TICKETS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One log-in of a user."""

    digest: str
    user_id: str
    expires_at: int


class Tokens:
    """The log-ins that are valid, in memory, and in a store if there is one.

    Memory answers, so that no request and no socket waits for a database; the store is read once, at
    the start, so that nobody has to log in again when we were restarted.
    """

    def __init__(self, store: TokenStore | None = None, *, life_ms: int = TOKEN_LIFE_MS) -> None:
        self._store = store
        self._life_ms = life_ms
        self._sessions: dict[str, Session] = {}  # By digest, the first to expire first.

    async def restore(self, at: int) -> None:
        """Take over those of the run before."""
        if self._store is None:
            return
        try:
            kept = await self._store.valid(at)
        except Exception:
            log.exception("log-ins could not be restored: everybody has to log in again")
            return
        for digest, user_id, expires_at in sorted(kept, key=lambda row: row[2]):
            session = Session(digest=digest, user_id=user_id, expires_at=expires_at)
            self._sessions[digest] = session

    async def issue(self, user_id: str, at: int) -> tuple[str, Session]:
        """A new token for this user, which only he will ever know."""
        self._forget_expired(at)
        mine = [session for session in self._sessions.values() if session.user_id == user_id]
        for oldest in mine[: max(0, len(mine) - _MOST_SESSIONS + 1)]:
            await self.revoke(oldest.digest, at)
        token = secrets.token_urlsafe(32)
        session = Session(digest=_digest(token), user_id=user_id, expires_at=at + self._life_ms)
        self._sessions[session.digest] = session
        if self._store is not None:
            await _or_go_on(self._store.keep(session.digest, user_id, at, session.expires_at))
        return token, session

    def find(self, token: str, at: int) -> Session | None:
        """The log-in that this token proves."""
        return self.valid(_digest(token), at)

    def valid(self, digest: str, at: int) -> Session | None:
        """The log-in of this digest, if it is neither over nor revoked."""
        session = self._sessions.get(digest)
        return session if session is not None and at < session.expires_at else None

    async def revoke(self, digest: str, at: int) -> None:
        """This log-in is over, at once."""
        if self._sessions.pop(digest, None) is not None and self._store is not None:
            await _or_go_on(self._store.revoke(digest, at))

    def _forget_expired(self, at: int) -> None:
        for digest, session in list(self._sessions.items()):
            if at < session.expires_at:
                return
            del self._sessions[digest]


class Tickets:
    """Each is good for one socket, once, for seconds: a browser can only put it into the address,
    and addresses end up in logs."""

    def __init__(self) -> None:
        self._digests: dict[str, tuple[str, int]] = {}  # Ticket → log-in, expiry; oldest first.

    def issue(self, digest: str, at: int) -> tuple[str, int]:
        """A ticket for this log-in, and until when it is good."""
        for ticket, (_, expires_at) in list(self._digests.items()):
            if at < expires_at and len(self._digests) < _MOST_TICKETS:
                break
            del self._digests[ticket]
        ticket = secrets.token_urlsafe(32)
        self._digests[_digest(ticket)] = (digest, at + TICKET_LIFE_MS)
        return ticket, at + TICKET_LIFE_MS

    def redeem(self, ticket: str, at: int) -> str | None:
        """The log-in for which this ticket was issued; whatever comes of it, the ticket is used up."""
        digest, expires_at = self._digests.pop(_digest(ticket), (None, 0))
        return digest if at < expires_at else None


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


async def _or_go_on(change: Awaitable[None]) -> None:
    """A database that is away must keep nobody from working: what is in memory counts."""
    try:
        await change
    except Exception:
        log.exception("a log-in was not stored: after a restart it will not be as it is now")
