"""What the engine is told about the call centre: agents, queues, menus, time limits; never where it was read.

All of it is data, so that a journal can hold it and a replay can put another one in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.core.customer import DAY_MS
from acd.core.ids import AgentId, MenuId, NodeId, QueueId
from ivr.steps import Menu

DEFAULT_NODE = NodeId("pbx1")


class NoAnswerPolicy(StrEnum):
    """What becomes of an agent who lets an offer ring out."""

    NOT_READY = "not-ready"  # Not ready with cause `ring-no-answer`, until he says that he is back.
    RETRY = "retry"  # Stays ready; only this call spares him for a while.


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRules:
    """How one queue treats its callers and its agents."""

    id: QueueId
    name: str
    strategy: str = "longest-idle"
    ring_timeout_ms: int = 15_000
    wrap_up_ms: int = 30_000
    no_answer: NoAnswerPolicy = NoAnswerPolicy.NOT_READY
    spare_ms: int = 30_000  # How long a call spares an agent who refused it or did not answer it.
    hold_music: str = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentProfile:
    """One agent: the phone that rings, and the queues he serves."""

    id: AgentId
    name: str
    device: str  # The phone as Asterisk names it, such as PJSIP/ana. Never taken from a client.
    queues: tuple[QueueId, ...]
    node: NodeId = DEFAULT_NODE

    @property
    def phone(self) -> tuple[NodeId, str]:
        """The phone, which has its name only within its Asterisk."""
        return (self.node, self.device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Time limits of the whole centre."""

    identify_ms: int = (
        300  # After this, a call goes on without knowing who calls; the answer pops late.
    )
    dead_man_ms: int = 60_000  # If we do not renew within this, Asterisk takes the caller back.
    connect_ms: int = 5_000  # Both legs must be in the bridge by then.
    release_ms: int = 5_000  # A leg that was told to end must be gone by then.
    cool_ms: int = (
        5_000  # Rest for a phone that could not be reached, so that nobody rings it in a loop.
    )
    menu_ms: int = 300_000  # Nobody stays in menus longer, whatever keys he presses.


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The whole call centre."""

    queues: Mapping[QueueId, QueueRules] = field(default_factory=dict)
    agents: Mapping[AgentId, AgentProfile] = field(default_factory=dict)
    menus: Mapping[MenuId, Menu] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    repeat_window_ms: int = DAY_MS
