"""What goes on and is no fact yet: calls, their stays and talks, what agents do; makes no facts."""

from dataclasses import dataclass

from acd.core.customer import CAN_REPEAT, UNIDENTIFIED, Identity
from acd.core.ids import AgentId, CallId, Direction, OfferId, QueueId, direction_of
from acd.core.notices import CallQueued, MenuEntered, SurveyBegan
from acd.core.record import record
from acd.reports.facts import Fact, Kind


@record
class OpenState:
    """What an agent does, and since when."""

    state: str
    since: int
    detail: str | None = None  # Why he is not ready.
    conversation: str | None = None
    queue: str | None = None
    dialled: str | None = None
    person: str | None = None
    seen_at: int | None = None  # After a restart: when we last knew of it.


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A call that had begun when we stopped, and the parts of it that are written: stays, talks."""

    call: CallId
    started_at: int
    queue: str | None = None
    queued_at: int | None = None
    agent: str | None = None
    answered_at: int | None = None
    dialled: str | None = None
    person: str | None = None
    written: tuple[Fact, ...] = ()


@dataclass(slots=True, kw_only=True)
class Stay:
    queued: CallQueued
    began_at: int


@dataclass(slots=True, kw_only=True)
class Talk:
    kind: Kind = Kind.TALK
    offer: OfferId
    agent: AgentId
    queue: QueueId
    began_at: int


@dataclass(slots=True, kw_only=True)
class Call:
    """What is known of a call that goes on."""

    started_at: int
    dialled: str | None = None
    identity: Identity = UNIDENTIFIED
    person: str | None = None
    menu: MenuEntered | None = None
    stay: Stay | None = None
    talk: Talk | None = None
    survey: SurveyBegan | None = None
    scored: bool = False  # He has answered one of its questions.
    first_agent: AgentId | None = None
    parts_end: int = 0  # When the last of its parts that are over ended; 0: it had none.
    queued: bool = False  # It has been in some queue.
    last_queue: QueueId | None = None  # For which it was left to a number.


def person_of(identity: Identity) -> str | None:
    """Who calls, if he can be told: a customer's id, or the number that stands for itself."""
    if identity.confidence not in CAN_REPEAT:
        return None
    return identity.customer.id if identity.customer is not None else identity.number


def resumed(one: OpenCall) -> Call:
    """What is known of a call that had begun when we stopped."""
    call = Call(started_at=one.started_at, dialled=one.dialled, person=one.person)
    if direction_of(one.call) is Direction.OUT:  # It has the queue by whose rules it goes.
        call.queued = one.queued_at is not None
    else:
        call.queued = one.queue is not None or bool(one.written)
    call.parts_end = max((fact.ended_at for fact in one.written), default=0)
    if one.answered_at is not None and one.agent is not None:
        call.first_agent = AgentId(one.agent)
    elif one.queue is not None and one.queued_at is not None:
        queued = CallQueued(
            at=one.queued_at,
            call=one.call,
            queue=QueueId(one.queue),
            priority=0,
            joined_at=one.queued_at,
        )
        call.stay = Stay(queued=queued, began_at=max(one.queued_at, call.parts_end))
    return call
