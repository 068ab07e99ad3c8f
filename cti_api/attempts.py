"""How often somebody may try to log in, by name and by address, at all API processes together; sees no password."""

from typing import Protocol

from cti_api.throttle import Throttle

PER_MS = 60_000
# A whole centre may be behind one address, and logs in within minutes: only failures count there.
LIMITS = {"from": 20, "of": 5}  # From an address, and of a user.


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
        self._here = {kind: Throttle(limit=most, per_ms=PER_MS) for kind, most in LIMITS.items()}

    async def take(self, address: str, user: str | None, at: int) -> int:
        """Before a proof is looked at, or many at once would all be let through: 0, or how long to wait in ms."""
        by = _by(address, user)
        for kind, name in by.items():
            if wait_ms := self._here[kind].take(name, at):
                return wait_ms
        if self._store is not None:
            for kind, name in by.items():
                if wait_ms := await self._store.take(f"{kind} {name}", LIMITS[kind], PER_MS):
                    return wait_ms
        return 0

    async def give_back(self, address: str, user: str | None) -> None:
        """It was a good one."""
        for kind, name in _by(address, user).items():
            self._here[kind].give_back(name)
            if self._store is not None:
                await self._store.give_back(f"{kind} {name}", PER_MS)


def _by(address: str, user: str | None) -> dict[str, str]:
    """By what an attempt is counted; an issuer's token names nobody before it is looked at."""
    return {"from": address} if user is None else {"from": address, "of": user}
