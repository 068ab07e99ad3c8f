"""Whom to ask after his conversation what he thinks of it, and what is told of it; asks nobody by itself.

Who is asked is drawn from the name of his call, so that a replay draws the same.
"""

from acd.core.customer import CAN_REPEAT, DAY_MS, Identity
from acd.core.ids import AgentId, CallId, CustomerId, MenuId, QueueId
from acd.core.lot import lot
from acd.core.record import record


@record
class SurveyRule:
    """What a queue asks its callers when their agent has hung up."""

    menu: MenuId
    share_percent: int = 100  # Of those who may be asked.
    not_again_ms: int = 30 * DAY_MS  # Who was asked is left alone for so long; 0: never.


def is_asked(rule: SurveyRule, call: CallId, identity: Identity, at: int) -> bool:
    """Whether this caller is asked."""
    before = identity.surveyed_at
    if before is not None and at - before < rule.not_again_ms:
        return False
    return lot(0, f"survey {call}") % 100 < rule.share_percent


def teller(identity: Identity) -> tuple[CustomerId | None, str | None]:
    """Who it is that answers: a customer and a number, as far as he can be told."""
    if identity.confidence not in CAN_REPEAT:
        return None, None
    return identity.customer.id if identity.customer is not None else None, identity.number


@record
class SurveyBegan:
    """The agent has hung up, and the caller hears the first question; his conversation is over."""

    at: int
    call: CallId
    menu: MenuId
    queue: QueueId | None
    agent: AgentId | None  # Who had him last.
    customer: CustomerId | None
    number: str | None
    talked_ms: int
    held_ms: int


@record
class SurveyAnswered:
    """A caller has given a score, of his last conversation if he has had one."""

    at: int
    call: CallId
    question: str
    scale: str
    score: int
    queue: QueueId | None
    agent: AgentId | None
    customer: CustomerId | None
    number: str | None
