"""How often somebody may try to log in, by name and by address, at all API processes together; sees no password."""

from typing import Protocol

from cti_api.throttle import Throttle

PER_MS = 60_000
OF_USER = 5
# A whole centre may be behind one address, and logs in within minutes: only failures count there.
FROM_ADDRESS = 20


class AttemptStore(Protocol):
    """Counts what is tried at every process."""

    async def take(self, key: str, limit: int, per_ms: int) -> int:
        """Try once: 0 if allowed, or if nobody can say; else in how many milliseconds to try again."""

    async def give_back(self, key: str, per_ms: int) -> None:
        """The last attempt does not count."""


class Attempts:
    """A process counts by itself, and slows guessing down even while the store that all share is away."""

    def __init__(self, store: AttemptStore | None = None) -> None:
        self._store = store
        self._of_user = Throttle(limit=OF_USER, per_ms=PER_MS)
        self._from = Throttle(limit=FROM_ADDRESS, per_ms=PER_MS)

    async def take(self, address: str, user: str | None, at: int) -> int:
        """Before a proof is looked at, or many at once would all be let through: 0, or how long to wait in ms."""
        wait_ms = self._from.take(address, at)
        if not wait_ms and user is not None:
            wait_ms = self._of_user.take(user, at)
        if not wait_ms and self._store is not None:
            wait_ms = await self._store.take(f"from {address}", FROM_ADDRESS, PER_MS)
            if not wait_ms and user is not None:
                wait_ms = await self._store.take(f"of {user}", OF_USER, PER_MS)
        return wait_ms

    async def give_back(self, address: str, user: str | None) -> None:
        """It was a good one."""
        self._from.give_back(address)
        if user is not None:
            self._of_user.give_back(user)
        if self._store is not None:
            await self._store.give_back(f"from {address}", PER_MS)
            if user is not None:
                await self._store.give_back(f"of {user}", PER_MS)
