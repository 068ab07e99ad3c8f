"""A fact: something that is over, from when to when, whose it was, and how it ended; never what we think of it.

The ledger is one table of these, and every figure of a report is a sum over it. A fact is written once,
when it is over, and never changed. It names a customer by id or number alone, so that he can be
forgotten without any sum being another one.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from acd.core.record import record

QUARTER_MS = 15 * 60_000


class Kind(StrEnum):
    """What a fact is about. In brackets: what `result` says."""

    CALL = "call"  # One caller's whole stay with us [how it ended].
    MENU = "menu"  # The part of it in which he heard a menu [where it led].
    STAY = "stay"  # The part in one queue [answered, abandoned, or how else he left it].
    # One call that an agent made, from his own phone's ringing on [how it ended].
    CALL_OUT = "call-out"
    TALK_OUT = "talk-out"  # The part of it in which they heard each other [ended, transferred].
    TALK = "talk"  # The part with one agent, on hold included [ended, transferred].
    CONSULT = "consult"  # An agent beside the one with the call [heard, taken-over, or why not].
    OUTSIDER = "outsider"  # A number beside a call, or left with its caller [heard, or why not].
    REFUSAL = "refusal"  # A queue that would not have him [why].
    FORECAST = "forecast"  # What he could have been told of his wait [whether it held].
    OFFER = "offer"  # The decision that this agent is to have this call [what he made of it].
    CHANGE = "change"  # What a person has changed of a waiting call [what; `detail` is who].
    ATTEMPT = "attempt"  # To call one who is on a list [what came of it; `detail` is the list].
    CALLBACK = "callback"  # A call that was owed to a caller, since he asked [how it ended].
    OUTCOME = "outcome"  # What came of a call [in the agent's word].
    # A caller was asked what he thought of it [answered, unanswered; `detail`: menu].
    SURVEY = "survey"
    SCORE = "score"  # An answer, of the talk before it [the scale; `detail` is the score].
    STATE = "state"  # What an agent did, cut at every quarter of an hour [the state].
    ACT = "act"  # What somebody has done to an agent who is not himself [what; `detail` is who].
    TROUBLE = "trouble"  # What somebody has to look into [of which sort].


# How a stay in a queue ends; any other word is the result with which the dialplan got the caller back.
ANSWERED = "answered"
ABANDONED = "abandoned"
OVERFLOW = "overflow"
MOVED = "moved"  # By a person.
DEFLECTED = "deflected"  # Sent on to a number, which has picked up.
MAX_WAIT = "max-wait"
FORGOTTEN = "forgotten"  # By us: he hears the menu once more.

# How a talk ends.
ENDED = "ended"
TRANSFERRED = "transferred"
OUTSIDE = "outside"  # To a number.

# How a survey ends.
UNANSWERED = "unanswered"

# How a consultation ends, if it does not end unheard, in the words of `OfferOutcome`.
HEARD = "heard"
TAKEN_OVER = "taken-over"


@record
class Fact:
    """One row of the ledger. (kind, began_at, subject) is its name: told twice, it is one fact.

    Times are milliseconds since 1970 in UTC. `subject` is the id of what it is about; `conversation` the
    id of the caller's call, which stays through queues, agents and transfers; `person` who called, if he
    can be told: a customer's id, or a number that nobody has listed. The team is the agent's of that time.
    """

    kind: Kind
    began_at: int
    ended_at: int
    subject: str
    conversation: str | None = None
    queue: str | None = None
    agent: str | None = None
    team: str | None = None
    dialled: str | None = None
    person: str | None = None
    result: str | None = None
    detail: str | None = None
    body: Mapping[str, Any] | None = None  # What no sum asks for.


def quarters(began_at: int, ended_at: int) -> Iterator[tuple[int, int]]:
    """This span, cut at every quarter of an hour.

    The midnight of every time zone is at one, so a report by interval need not cut anything itself.
    """
    while began_at < ended_at:
        upto = min(ended_at, (began_at // QUARTER_MS + 1) * QUARTER_MS)
        yield began_at, upto
        began_at = upto
