"""How late this process is with what it does by the clock: a loop that is held up shows here first."""

import asyncio
from bisect import bisect_left
from itertools import accumulate

_EVERY_S = 0.5
_LIMITS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


class Lag:
    """What was seen so far, as a histogram."""

    def __init__(self) -> None:
        self.sum_s = 0.0
        self._seen = [0] * (len(_LIMITS_S) + 1)

    async def watch(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _EVERY_S
            await asyncio.sleep(_EVERY_S)
            self.see(max(0.0, loop.time() - due))

    def see(self, late_s: float) -> None:
        """It was as late as that."""
        self.sum_s += late_s
        self._seen[bisect_left(_LIMITS_S, late_s)] += 1

    def buckets(self) -> list[tuple[str, float]]:
        """How often it was at most so late, by the limit in seconds; the last counts all."""
        return list(zip((*map(str, _LIMITS_S), "+Inf"), accumulate(self._seen), strict=True))
