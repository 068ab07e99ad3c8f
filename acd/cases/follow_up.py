"""A follow-up: a call to a customer after his own, by a rule of the centre; knows when and how often, never who calls.

A list is filled by its rule, or by people, and worked off by agents who have nothing else to do. What comes of an
attempt is said by the agent, or by the line if nobody was reached.
"""

from dataclasses import dataclass
from enum import StrEnum

from acd.core.ids import QueueId
from acd.core.lot import lot

_MINUTE_MS = 60_000


class Outcome(StrEnum):
    """What came of an attempt."""

    REACHED = "reached"
    NOT_REACHED = "not-reached"
    REFUSED = "refused"  # He does not want to talk about it.
    WRONG_NUMBER = "wrong-number"
    CALL_AGAIN = "call-again"  # He has said when.
    DO_NOT_CALL = "do-not-call"  # He does not want to be called by any list.
    NOT_ALLOWED = "not-allowed"  # No route allows the number.
    GIVEN_UP = "given-up"  # The agent has, before anybody was dialled: no attempt.


FINAL = (
    Outcome.REACHED,
    Outcome.REFUSED,
    Outcome.WRONG_NUMBER,
    Outcome.DO_NOT_CALL,
    Outcome.NOT_ALLOWED,
)
SAID = (*FINAL[:4], Outcome.CALL_AGAIN, Outcome.NOT_REACHED)  # What an agent can say.

# How a task on a list stands: to be called, shown to an agent, being called; over, or pointless.
OPEN, OFFERED, CALLING, DONE, DROPPED = "open", "offered", "calling", "done", "dropped"
# Whoever has become pointless is taken out of these; a call that is made is a call.
UNCALLED = (OPEN, OFFERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRule:
    """How the lists of one kind are filled and worked off."""

    id: str
    queue: QueueId  # Whose agents call, and by whose rules.
    why: str  # What the agent is shown.
    of_queue: QueueId  # Whose calls of a day are followed up, if the rule fills the list.
    outcomes: tuple[str, ...] = ()  # With these outcomes; none: any.
    # Whoever was promised something by a time that has passed is called, too.
    promises: bool = False
    share_percent: int = 100
    every_day: bool = False  # A list is made of them each day, of those of the day before.
    attempts: int = 3
    again_ms: int = 120 * _MINUTE_MS  # After an attempt that came to nothing.
    begins_min: int = 9 * 60  # Of the customer's day, by his own clock: from then …
    ends_min: int = 20 * 60  # … and until then.
    hours: str = ""  # And this calendar of the centre is open.
    idle_ms: int = 20_000  # An agent must have had nothing to do for so long.
    answer_ms: int = 30_000  # He is shown it for so long.

    def draws(self, call: str) -> bool:
        """Whether this call is one of the share that is followed up: always the same ones."""
        return lot(0, f"{self.id} {call}") % 100 < self.share_percent

    def may_call_at(self, minute: int) -> bool:
        """Whether he may be called at this minute of his day."""
        return self.begins_min <= minute < self.ends_min


def next_state(
    rule: FollowUpRule | None, outcome: Outcome, attempts: int, again_at: int | None, at: int
) -> tuple[str, int | None]:
    """What becomes of the task after so many attempts, and when it is due again, if it is."""
    if outcome is Outcome.GIVEN_UP:
        return OPEN, at
    if outcome is Outcome.CALL_AGAIN and again_at is not None:
        return OPEN, again_at
    if outcome in FINAL or rule is None or attempts >= rule.attempts:
        return DONE, None
    return OPEN, at + rule.again_ms
