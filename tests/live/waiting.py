"""Waiting for something to become true: the only way in which a live test may let time pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def until(look: Callable[[], Value], *, within_s: float = 10, what: str = "") -> Value:
    """What `look` returns as soon as it is true; tests wait for things, never for time to pass."""
    deadline = time.monotonic() + within_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {what or look}"
        time.sleep(0.02)
    return seen
