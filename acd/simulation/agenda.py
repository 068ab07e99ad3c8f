"""Virtual time: what is to be done when, in a total order; never waits and never reads a clock."""

from collections.abc import Callable
from heapq import heappop, heappush


class Agenda:
    """Things to do by time, ties in the order in which they were noted."""

    def __init__(self, now: int) -> None:
        self.now = now
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._serial = 0

    def after(self, ms: float, do: Callable[[], None]) -> None:
        """Do this in so many milliseconds."""
        self._serial += 1
        heappush(self._heap, (self.now + round(ms) if ms > 0 else self.now, self._serial, do))

    def next_at(self) -> int | None:
        """When there is something to do, or None."""
        return self._heap[0][0] if self._heap else None

    def do_next(self) -> None:
        """Let it be that time, and do it."""
        at, _, do = heappop(self._heap)
        self.now = max(self.now, at)
        do()
