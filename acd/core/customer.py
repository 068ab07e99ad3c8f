"""Who is calling, how sure we are of it, and the rule that makes him a repeat caller; never looks anything up.

A repeat caller is a customer who has already called within a rolling window (24 h by default). The
window is half open: an earlier call at exactly `at - window` counts, one at `at` does not, so two calls
in the same millisecond are not each other's repeats. Only an identity that stands for one person or
household can repeat: behind an anonymous, short, shared or switchboard number are many people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from acd.core.ids import AgentId, CallId, CustomerId, QueueId

DAY_MS = 24 * 60 * 60 * 1000


class Confidence(StrEnum):
    """How far a number tells us who is calling."""

    OWN = "own"  # One customer's own number, mobile or home.
    WORK = "work"  # One customer's number at work.
    UNLISTED = "unlisted"  # A full number which no customer of ours has: it stands for itself.
    SHARED = "shared"  # Several customers have it.
    SWITCHBOARD = "switchboard"  # A company's main number: anybody may be behind it.
    SHORT = "short"  # A service code or an extension, not a subscriber's number.
    ANONYMOUS = "anonymous"  # Withheld, or nothing that can be read as a number.


CAN_REPEAT = frozenset({Confidence.OWN, Confidence.WORK, Confidence.UNLISTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One person, household or company, as the agent's screen shows it."""

    id: CustomerId
    name: str
    segment: str | None = None
    language: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One earlier call: when it arrived, and what became of it. `agent` is None if nobody answered."""

    call: CallId
    at: int
    queue: QueueId | None = None
    agent: AgentId | None = None
    agent_name: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the directory found for a number. `earlier` is the newest contact first, within the window."""

    number: str | None = None  # E.164, or None when it is not a subscriber's number.
    confidence: Confidence = Confidence.ANONYMOUS
    customers: tuple[Customer, ...] = ()
    earlier: tuple[Contact, ...] = ()
    window_ms: int = DAY_MS

    @property
    def repeats(self) -> int:
        """How many calls of the same customer came before this one within the window."""
        return len(self.earlier)

    @property
    def customer(self) -> Customer | None:
        """The customer, if there is exactly one candidate."""
        return self.customers[0] if len(self.customers) == 1 else None


UNIDENTIFIED = Identity()


def earlier_contacts(
    confidence: Confidence, contacts: Sequence[Contact], *, at: int, window_ms: int
) -> tuple[Contact, ...]:
    """Those of `contacts` that make a call at `at` a repeat, newest first; none if nobody can be told."""
    if confidence not in CAN_REPEAT:
        return ()
    within = [contact for contact in contacts if at - window_ms <= contact.at < at]
    return tuple(sorted(within, key=lambda contact: (-contact.at, contact.call)))
