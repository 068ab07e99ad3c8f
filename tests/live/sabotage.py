"""The server with a fault in it, for a test: the first leg that is seen in a bridge is too much for the engine."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from acd.core import events
from acd.core.engine import HANDLERS
from acd.core.matching import Output
from acd.core.state import State

WORDS = "+8613800000042 is in the words of the error"


def broken() -> Callable[[State, Any], Iterator[Output]]:
    """What handles a LegBridged, and fails at the first."""
    sound = HANDLERS[events.LegBridged]
    failed: list[events.LegBridged] = []

    def handle(state: State, event: events.LegBridged) -> Iterator[Output]:
        if not failed:
            failed.append(event)
            raise KeyError(WORDS)
        return sound(state, event)

    return handle


if __name__ == "__main__":
    from acd.__main__ import main

    HANDLERS[events.LegBridged] = broken()  # type: ignore[index]
    sys.exit(main())
