"""Who is calling, how sure we are of it, and the rule that makes him a repeat caller; never looks anything up.

A repeat caller is a customer who has already been in touch within a rolling window (24 h by default). The
window is half open: an earlier contact at exactly `at - window` counts, one at `at` does not, so two calls
in the same millisecond are not each other's repeats. Only an identity that stands for one person or
household can repeat: behind an anonymous, short, shared or switchboard number are many people.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from acd.core.ids import AgentId, CallId, CustomerId, QueueId
from acd.core.record import record

DAY_MS = 24 * 60 * 60 * 1000


class Confidence(StrEnum):
    """How far we can tell who is calling: by his number, or because the dialplan says so."""

    TOLD = "told"  # The dialplan says which customer it is, whatever the number: he has proved it there.
    OWN = "own"  # One customer's own number: his mobile.
    HOME = "home"  # One customer's number at home: his family's too.
    WORK = "work"  # One customer's number at work.
    UNLISTED = "unlisted"  # A full number which no customer of ours has: it stands for itself.
    SHARED = "shared"  # Several customers have it.
    SWITCHBOARD = "switchboard"  # A company's main number: anybody may be behind it.
    SHORT = "short"  # A service code or an extension, not a subscriber's number.
    ANONYMOUS = "anonymous"  # Withheld, or nothing that can be read as a number.


CAN_REPEAT = frozenset(
    {Confidence.OWN, Confidence.HOME, Confidence.WORK, Confidence.UNLISTED, Confidence.TOLD}
)

CALL = "call"  # The channel of a call of ours; the others have their own names: chat, email …
CALL_OUT = "call-out"  # An agent's call to him: it is shown, and is never his repeat.
OTHER_CHANNELS = ("chat", "email", "wechat", "sms", "visit")


@record
class Customer:
    """One person, household or company, as the agent's screen shows it."""

    id: CustomerId
    name: str
    segment: str | None = None
    language: str | None = None
    notes: str | None = None


@record
class Contact:
    """One earlier contact: when it began, and what became of it. `agent` is None if nobody answered."""

    call: CallId  # Of another channel: what that one calls it.
    at: int
    channel: str = CALL
    queue: QueueId | None = None
    agent: AgentId | None = None
    agent_name: str | None = None
    reason: str | None = None  # Why he was in touch, as the agent wrote it down.
    outcome: str | None = None


@record
class RepeatRule:
    """Which earlier contacts make a call a repeat. Each queue may have its own."""

    window_ms: int = DAY_MS
    answered_only: bool = False  # Who never got through has not been helped, but has called.
    channels: tuple[str, ...] = (CALL,)
    # Any of these reasons; none named: all. A contact of which the reason is not known counts.
    reasons: tuple[str, ...] = ()
    same_reason: bool = False  # Only what is about the same as this call, once that is known.

    def about(self, reasons: Sequence[str]) -> "RepeatRule":
        """The rule for a call that is about one of these."""
        return replace(self, reasons=tuple(reasons)) if self.same_reason and reasons else self

    def counts(self, contact: Contact, at: int) -> bool:
        """Whether this contact makes a call at `at` a repeat."""
        return (
            at - self.window_ms <= contact.at < at
            and contact.channel in self.channels
            and (contact.agent is not None or not self.answered_only)
            and (not self.reasons or contact.reason is None or contact.reason in self.reasons)
        )


USUAL_RULE = RepeatRule()


@record
class Identity:
    """What the directory found for a number. `earlier` is newest first, and more than the rule counts."""

    number: str | None = None  # E.164, or None when it is not a subscriber's number.
    confidence: Confidence = Confidence.ANONYMOUS
    customers: tuple[Customer, ...] = ()
    earlier: tuple[Contact, ...] = ()
    at: int = 0  # When he called.
    surveyed_at: int | None = None  # When he was last asked what he thinks of us.
    rule: RepeatRule = USUAL_RULE

    @property
    def repeated(self) -> tuple[Contact, ...]:
        """The earlier contacts that count by the rule, newest first."""
        if not self.earlier or self.confidence not in CAN_REPEAT:
            return ()
        return tuple(contact for contact in self.earlier if self.rule.counts(contact, self.at))

    @property
    def repeats(self) -> int:
        """How many earlier contacts count by the rule."""
        return len(self.repeated)

    @property
    def window_ms(self) -> int:
        """How far back an earlier contact counts."""
        return self.rule.window_ms

    @property
    def customer(self) -> Customer | None:
        """The customer, if there is exactly one candidate."""
        return self.customers[0] if len(self.customers) == 1 else None

    def is_told(self, customer: CustomerId) -> bool:
        """Whether this is who the dialplan says it is, as far as anybody could look."""
        his_own = self.customer is not None and self.customer.id == customer
        return his_own or self.confidence is Confidence.TOLD or self == UNIDENTIFIED

    def meaning(self, customer: CustomerId | None) -> "Identity":
        """The same number when this one of those who have it is called; all of them if he is none of them."""
        meant = tuple(one for one in self.customers if one.id == customer)
        return replace(self, customers=meant) if meant else self

    def under(self, rule: RepeatRule, at: int) -> "Identity":
        """The same caller as this rule sees him, who called at `at`."""
        return self if (rule, at) == (self.rule, self.at) else replace(self, rule=rule, at=at)


UNIDENTIFIED = Identity()


def earlier_contacts(
    confidence: Confidence, contacts: Sequence[Contact], *, at: int, window_ms: int
) -> tuple[Contact, ...]:
    """Those of `contacts` that lie in the window before `at`, newest first; none if nobody can be told."""
    if confidence not in CAN_REPEAT:
        return ()
    within = [contact for contact in contacts if at - window_ms <= contact.at < at]
    return tuple(sorted(within, key=lambda contact: (-contact.at, contact.call)))
