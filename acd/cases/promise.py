"""A promise: a dated thing owed to a customer, with an owner; knows how it may change, never who asks for it.

It is open until somebody says that it was kept or that we broke it. When its time comes and nobody has, it
lapses: the customer is to be called. Who calls again soon after it was kept or broken shows that it was not
settled, and it is open once more.
"""

from collections.abc import Mapping
from enum import StrEnum


class PromiseState(StrEnum):
    """How it stands."""

    OPEN = "open"
    LAPSED = "lapsed"  # Its time has passed; it is owed all the same, and a task says to call.
    KEPT = "kept"
    BROKEN = "broken"  # We have told him that we cannot.


MOVES: Mapping[PromiseState, frozenset[PromiseState]] = {
    PromiseState.OPEN: frozenset({PromiseState.LAPSED, PromiseState.KEPT, PromiseState.BROKEN}),
    # Open again when another time was agreed upon.
    PromiseState.LAPSED: frozenset({PromiseState.OPEN, PromiseState.KEPT, PromiseState.BROKEN}),
    PromiseState.KEPT: frozenset({PromiseState.OPEN}),
    PromiseState.BROKEN: frozenset({PromiseState.OPEN}),
}

OWED = (PromiseState.OPEN, PromiseState.LAPSED)
CLOSED = (PromiseState.KEPT, PromiseState.BROKEN)

# Until then whoever has it open once more has time to settle it: a day.
REOPENED_FOR_MS = 24 * 60 * 60 * 1000
