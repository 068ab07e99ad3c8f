"""A complaint: who sees to it, until when, and who found that it was settled; knows how it may go on and by whose hand.

It is closed only after somebody other than who answered it has verified, with the customer, that it is settled.
"""

from collections.abc import Mapping
from enum import StrEnum


class ComplaintState(StrEnum):
    """How it stands."""

    OPEN = "open"
    IN_WORK = "in-work"  # Its owner sees to it.
    ANSWERED = "answered"  # He takes it for settled.
    VERIFIED = "verified"  # The back office has found that it is.
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"  # By the customer, or it was none.


MOVES: Mapping[ComplaintState, frozenset[ComplaintState]] = {
    ComplaintState.OPEN: frozenset({ComplaintState.IN_WORK, ComplaintState.WITHDRAWN}),
    ComplaintState.IN_WORK: frozenset(
        {ComplaintState.OPEN, ComplaintState.ANSWERED, ComplaintState.WITHDRAWN}
    ),
    ComplaintState.ANSWERED: frozenset({ComplaintState.IN_WORK, ComplaintState.VERIFIED}),
    ComplaintState.VERIFIED: frozenset({ComplaintState.IN_WORK, ComplaintState.CLOSED}),
    ComplaintState.CLOSED: frozenset({ComplaintState.OPEN}),
    ComplaintState.WITHDRAWN: frozenset({ComplaintState.OPEN}),
}

ENDED = (ComplaintState.CLOSED, ComplaintState.WITHDRAWN)

# What its owner may bring about himself; all else is for the back office and for supervisors.
OWNERS = (ComplaintState.OPEN, ComplaintState.IN_WORK, ComplaintState.ANSWERED)


def owner_may(state: ComplaintState, wanted: ComplaintState) -> bool:
    """Whether its owner alone may bring it from the one state to the other."""
    return state in (ComplaintState.OPEN, ComplaintState.IN_WORK) and wanted in OWNERS
