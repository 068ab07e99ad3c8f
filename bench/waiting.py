"""Waits for something to become true, rarely looking: what is measured meanwhile needs the processor."""

import time
from collections.abc import Callable


def until(look: Callable[[], bool], *, within_s: float = 20, every_s: float = 0.1) -> None:
    """Returns when `look` is true, and raises TimeoutError if that takes longer."""
    deadline = time.monotonic() + within_s
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s} s: {look}")
        time.sleep(every_s)
