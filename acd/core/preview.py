"""Somebody is to be called, and an idle agent is shown who and why before he calls; knows no lists and dials nothing.

Only what is offered now is known here: who is to be called next, and when, is decided outside, and told by an event.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import TypeAlias

from acd.core.asked import AskedOfAgent
from acd.core.customer import UNIDENTIFIED, Identity
from acd.core.ids import AgentId, CallId, CustomerId, QueueId
from acd.core.outbound import Number
from acd.core.record import record


@record
class Work:
    """One who is to be called."""

    task: str
    list: str
    queue: QueueId  # By whose rules.
    number: Number
    customer: CustomerId | None = None
    identity: Identity = UNIDENTIFIED  # Who has the number, for the agent's screen.
    why: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


class PreviewOutcome(StrEnum):
    """What came of it."""

    ACCEPTED = "accepted"  # The agent calls him.
    SKIPPED = "skipped"
    EXPIRED = "expired"  # The agent has not said anything in time.
    # A caller came first, the agent is not ready any more, or it is settled.
    TAKEN_BACK = "taken-back"
    # The agent has something better to do, or the number may not be called now.
    NOT_OFFERED = "not-offered"


@record
class WorkOffered:
    """This agent, who seems to have nothing to do, may call somebody. An event: it is late if he has."""

    at: int
    agent: AgentId
    work: Work
    idle_ms: int  # He must have been idle for so long.
    answer_ms: int  # So long he may look at it.


@record
class WorkWithdrawn:
    """Nobody need be called for this any more, whoever is shown it: it is settled, or he may not be called."""

    at: int
    agent: AgentId
    task: str


@record
class AcceptPreview(AskedOfAgent):
    """Call him: the agent's own phone rings first."""

    task: str


@record
class SkipPreview(AskedOfAgent):
    """Not now, or not I: somebody else may."""

    task: str
    reason: str


PreviewRequest: TypeAlias = AcceptPreview | SkipPreview


@record
class PreviewOffered:
    """An agent sees who is to be called, until `until`: the screen pop."""

    at: int
    agent: AgentId
    work: Work
    until: int


@record
class PreviewEnded:
    """He sees it no more. `call` is the one that he makes; `reason` why he does not, or why it may not be."""

    at: int
    agent: AgentId
    task: str
    list: str
    outcome: PreviewOutcome
    call: CallId | None = None
    reason: str = ""
