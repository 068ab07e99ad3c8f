"""What can be asked while a phone rings: pick it up, not this agent, or somebody else; decides nothing."""

from typing import TypeAlias

from acd.core.asked import AskedOfCall
from acd.core.ids import AgentId, QueueId
from acd.core.outbound import Number
from acd.core.record import record


@record
class AnswerOffer(AskedOfCall):
    """The phone of `agent` picks up what rings there, whatever it rings for."""

    agent: AgentId


@record
class RejectOffer(AskedOfCall):
    """The phone of `agent` rings no more: as if he had pressed its red button."""

    agent: AgentId


@record
class DeflectToQueue(AskedOfCall):
    """The same, and the caller waits on in another queue, from when he began to."""

    agent: AgentId
    queue: QueueId


@record
class DeflectToAgent(AskedOfCall):
    """The same, and the phone of another agent rings, who is free."""

    agent: AgentId
    to: AgentId


@record
class DeflectToNumber(AskedOfCall):
    """The same, and a number rings that some route allows; until it picks up, the caller's place is his."""

    agent: AgentId  # It counts as a call of his.
    by_another: bool = False
    number: Number


@record
class DeflectWaiting(AskedOfCall):
    """A number rings for a caller who waits and for whom no phone rings; it counts as a call of `agent`."""

    agent: AgentId
    number: Number


OfOffer: TypeAlias = AnswerOffer | RejectOffer | DeflectToQueue | DeflectToAgent | DeflectToNumber
