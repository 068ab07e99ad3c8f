"""What can be asked while a phone rings: pick it up, not this agent, or somebody else; decides nothing."""

from dataclasses import dataclass
from typing import TypeAlias

from acd.core.ids import AgentId, CallId, QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOffer:
    """The phone of `agent` picks up what rings there, whatever it rings for."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectOffer:
    """The phone of `agent` rings no more: as if he had pressed its red button."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflectToQueue:
    """The same, and the caller waits on in another queue, from when he began to."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId
    queue: QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflectToAgent:
    """The same, and the phone of another agent rings, who is free."""

    at: int
    request: str
    by: str
    call: CallId
    agent: AgentId
    to: AgentId


OfOffer: TypeAlias = AnswerOffer | RejectOffer | DeflectToQueue | DeflectToAgent
