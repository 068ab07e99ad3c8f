"""The question to an external router and its end, as they are told; asks nobody: see `router`."""

from collections.abc import Mapping
from enum import StrEnum

from acd.core.customer import Identity
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.record import record


@record
class RouteCandidate:
    """One agent whom a router may choose, and what is known of him."""

    agent: AgentId
    team: str | None
    skills: Mapping[str, int]
    level: int  # In this queue.
    idle_ms: int
    calls: int  # In this shift.
    busy_share: float  # Of this shift, 0 to 1.


class RouteEnding(StrEnum):
    """What became of a question to a router."""

    SELECTED = "selected"
    LATER = "later"  # Nobody yet: it will be asked again.
    OVERDUE = "overdue"  # No answer in time: the queue's own strategy decides.
    WITHDRAWN = "withdrawn"  # Nobody need answer: he is gone, or something else is asked of him.


@record
class RouteRequested:
    """An external router is asked who is to have this call; → SelectRoute, before `answer_by`."""

    at: int
    call: CallId
    route: int  # The number of the question, to be named in the answer.
    queue: QueueId
    number: str
    name: str
    identity: Identity
    priority: int
    requires: tuple[str, ...]
    waited_ms: int
    attempts: int  # Agents rung for it before.
    answer_by: int
    candidates: tuple[RouteCandidate, ...]  # As the queue's own strategy would take them.


@record
class RouteEnded:
    """A question was answered, or need not be any more: each ends once."""

    at: int
    call: CallId
    route: int
    queue: QueueId
    ending: RouteEnding
    by: str  # Who answered.
