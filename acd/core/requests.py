"""What people ask of us; each is accepted or refused, with a reason from `notices.Reason`.

Every request carries `at` like an event, `request` (a name for it, chosen at the edge, under which the
answer comes back) and `by` (the user who asks: who may ask what is settled at the edge).
"""

from dataclasses import dataclass
from typing import TypeAlias

from acd.core.ids import AgentId, CallId, QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """Begin a shift. The agent starts not ready, with cause `manual` and reason `logged-in`."""

    at: int
    request: str
    by: str
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOut:
    """End a shift: at once, or when the call in hand is over."""

    at: int
    request: str
    by: str
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class BecomeReady:
    """Lift the agent's own pause and a ring-no-answer; ends wrap-up. During a call: ready after it."""

    at: int
    request: str
    by: str
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class BecomeNotReady:
    """Take no calls, for this reason: at once when free, or after the call in hand."""

    at: int
    request: str
    by: str
    agent: AgentId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishWrapUp:
    """The work after the call is done before its time is up."""

    at: int
    request: str
    by: str
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOutcome:
    """What came of a call, such as `solved` or `not-solved`; the next agent will read it."""

    at: int
    request: str
    by: str
    agent: AgentId
    call: CallId
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRequirement:
    """Ask something else of the agents for a waiting call: an expression over skills; empty for nothing."""

    at: int
    request: str
    by: str
    call: CallId
    requires: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPriority:
    """Give a waiting call another priority, 0 to 100; a higher one is served first, in every queue."""

    at: int
    request: str
    by: str
    call: CallId
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCall:
    """Let a waiting call wait on in another queue, from when its waiting began."""

    at: int
    request: str
    by: str
    call: CallId
    queue: QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveToFront:
    """Let a waiting call be the next of its queue: its priority becomes higher than all that wait there."""

    at: int
    request: str
    by: str
    call: CallId


AgentRequest: TypeAlias = (
    LogIn | LogOut | BecomeReady | BecomeNotReady | FinishWrapUp | RecordOutcome
)
CallRequest: TypeAlias = SetRequirement | SetPriority | MoveCall | MoveToFront
Request: TypeAlias = AgentRequest | CallRequest
