"""The one place that reads the clock: wall time that never goes back; knows nothing of what happens then."""

import time


class Clock:
    """Milliseconds since 1970 in UTC, taken from the wall once and from the monotonic clock after.

    A step of the wall clock (NTP, an operator, a leap second) therefore moves no deadline and makes no
    duration negative; a restart takes over the wall's time.
    """

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - time.monotonic_ns()

    def now_ms(self) -> int:
        """The time, never before what this clock has said already."""
        return (time.monotonic_ns() + self._offset_ns) // 1_000_000
