"""What can be asked while a phone rings: pick it up, not this agent, or somebody else; decides nothing."""

from typing import TypeAlias

from acd.core.ids import AgentId, CallId, QueueId
from acd.core.outbound import Number
from acd.core.record import record


@record
class AnswerOffer:
    """The phone of `agent` picks up what rings there, whatever it rings for."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId


@record
class RejectOffer:
    """The phone of `agent` rings no more: as if he had pressed its red button."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId


@record
class DeflectToQueue:
    """The same, and the caller waits on in another queue, from when he began to."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId
    queue: QueueId


@record
class DeflectToAgent:
    """The same, and the phone of another agent rings, who is free."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId
    to: AgentId


@record
class DeflectToNumber:
    """The same, and a number rings that some route allows; until it picks up, the caller's place is his."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId  # It counts as a call of his.
    by_another: bool = False
    number: Number


@record
class DeflectWaiting:
    """A number rings for a caller who waits and for whom no phone rings; it counts as a call of `agent`."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId
    number: Number


OfOffer: TypeAlias = AnswerOffer | RejectOffer | DeflectToQueue | DeflectToAgent | DeflectToNumber
