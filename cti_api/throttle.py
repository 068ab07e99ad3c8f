"""How often something may be tried, for each key, in bounded memory; never knows what is being tried."""


class Throttle:
    """At most `limit` attempts at once and as many within `per_ms`, for each key.

    Kept is one number for each key: when its last attempt will have been forgotten (GCRA). Of too many
    keys, the one not seen for the longest is forgotten.
    """

    def __init__(self, *, limit: int, per_ms: int, most_keys: int = 10_000) -> None:
        self._cost = per_ms // limit
        self._most = per_ms - self._cost
        self._most_keys = most_keys
        self._forgotten_at: dict[str, int] = {}

    def take(self, key: str, at: int) -> int:
        """Try once: 0 if allowed, else in how many milliseconds to try again."""
        forgotten = max(at, self._forgotten_at.pop(key, 0))
        wait = max(0, forgotten - at - self._most)
        self._forgotten_at[key] = forgotten if wait else forgotten + self._cost
        if len(self._forgotten_at) > self._most_keys:
            del self._forgotten_at[next(iter(self._forgotten_at))]
        return wait

    def give_back(self, key: str) -> None:
        """The last attempt does not count: it was a good one."""
        if key in self._forgotten_at:
            self._forgotten_at[key] -= self._cost
