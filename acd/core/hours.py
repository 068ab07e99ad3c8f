"""Says whether it is open and when that changes; knows no clock, no weekday and no time zone.

The edge has turned the opening hours into spans of UTC for some weeks ahead (`acd.centre.hours`), so the same
journal opens and closes at the same instants on every machine, whatever its time zone files say.
"""

from bisect import bisect_right
from itertools import pairwise

from acd.core.record import record

# The year 10000: no date reaches it, and every JSON reader keeps it exact.
FOREVER = 253_402_300_800_000


@record
class Calendar:
    """When it is open: spans of [from, to) in order, neither overlapping nor touching, all before `known_until`.

    What comes after `known_until` counts as open: should nobody have renewed the calendar, callers who
    wait in vain at night are the smaller harm than callers who are all sent away by day.
    """

    spans: tuple[tuple[int, int], ...]
    known_until: int

    def __post_init__(self) -> None:
        edges = [edge for span in self.spans for edge in span]
        assert all(one < next_one for one, next_one in pairwise(edges)), "spans out of order"
        assert not edges or edges[-1] <= self.known_until, "a span of which nothing is known"


ALWAYS_OPEN = Calendar(spans=((0, FOREVER),), known_until=FOREVER)


def is_open(calendar: Calendar, at: int) -> bool:
    """Whether it is open at `at`. A span includes its first instant and not its last."""
    if at >= calendar.known_until:
        return True
    begun = _begun(calendar, at)
    return begun > 0 and at < calendar.spans[begun - 1][1]


def next_change(calendar: Calendar, at: int) -> int | None:
    """The first instant after `at` at which open becomes closed or closed open, None if none is known."""
    begun = _begun(calendar, at)
    if begun > 0 and at < calendar.spans[begun - 1][1]:
        change = calendar.spans[begun - 1][1]
    elif begun < len(calendar.spans):
        change = calendar.spans[begun][0]
    else:
        return None
    # A span that ends where knowledge ends was cut there, and need not close.
    return change if change < calendar.known_until else None


def _begun(calendar: Calendar, at: int) -> int:
    """How many spans have begun at `at`."""
    return bisect_right(calendar.spans, at, key=lambda span: span[0])
