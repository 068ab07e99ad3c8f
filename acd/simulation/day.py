"""What people did by themselves in one day of a centre, phones included; what the engine decided is left out.

Two things cannot be known and are assumed: who was answered, or was let go by a rule, would have waited as long as it
takes; and a talk that never came to be would have taken as long as the talks of that day did on average.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from acd.core import events, requests
from acd.core.configuration import DEFAULT_NODE, Configuration
from acd.core.customer import UNIDENTIFIED, Identity
from acd.core.engine import Input
from acd.core.events import DeviceState
from acd.core.ids import AgentId, CallId, NodeId, QueueId
from acd.core.outbound import Number
from acd.core.wishes import NO_WISHES, Wishes

USUAL_TALK_MS = 120_000
USUAL_PICK_UP_MS = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOn:
    """One agent has handed a caller on after so long: to this queue, or to this agent of it."""

    talk_ms: int
    to_queue: QueueId
    to_agent: AgentId | None = None


@dataclass(slots=True, kw_only=True)
class Caller:
    """One caller of that day. Times are from when he came to his queue."""

    arrived: events.CallArrived
    identity: Identity = UNIDENTIFIED
    queue: str = ""  # To which he came first: menus are not walked again.
    came_at: int | None = None  # When he did; None: when he called.
    wishes: Wishes = NO_WISHES  # What he asked of agents by then, by the dialplan and the menus.
    patience_ms: int | None = None  # In the end, from joining a queue; None: as long as it takes.
    key: tuple[int, str] | None = None  # When he had enough of it, and the key he pressed.
    asks_back_ms: int | None = None  # When he asked to be called back.
    number: Number | None = None  # As the directory read it, by which he is called back.
    handed_on: list[HandedOn] = field(default_factory=list)
    talk_ms: int | None = None  # With the last who had him.


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A phone rang so long, and then was picked up, or was not. `at` is when it began."""

    at: int
    rang_ms: int
    answered: bool
    cause: int = 0  # Q.850: why not, if a phone or the network said so.


@dataclass(slots=True, kw_only=True)
class Called:
    """Somebody who was called: how it went each time, and how long he talked."""

    rings: list[Ring] = field(default_factory=list)
    talk_ms: int | None = None


@dataclass(slots=True, kw_only=True)
class CallOut:
    """An agent called somebody of his own accord, or out of a list."""

    wanted: requests.MakeCall
    went: Called = field(default_factory=Called)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneChange:
    """An agent's phone was used for a call of its own, was away, or was there again."""

    at: int
    agent: AgentId
    state: DeviceState


@dataclass(slots=True, kw_only=True)
class Day:
    """Everything that people did by themselves."""

    node: NodeId = DEFAULT_NODE
    configuration: Configuration = field(default_factory=Configuration)  # As it began.
    reloads: list[events.Configured] = field(default_factory=list)  # As it was changed meanwhile.
    begins_at: int = 0
    ends_at: int = 0
    restored: list[Input] = field(default_factory=list)  # Who was on shift, and what was owed.
    callers: dict[CallId, Caller] = field(default_factory=dict)
    asked: list[requests.Request] = field(default_factory=list)
    clients: list[events.ClientFound | events.ClientGone] = field(default_factory=list)
    phones: list[PhoneChange] = field(default_factory=list)
    rings: dict[AgentId, list[Ring]] = field(default_factory=dict)  # In order.
    calls_out: dict[CallId, CallOut] = field(default_factory=dict)
    called_back: dict[str, Called] = field(default_factory=dict)  # By number.
    wrap_ups: dict[CallId, int] = field(default_factory=dict)  # Those that an agent ended himself.
    outcomes: dict[CallId, str] = field(default_factory=dict)
    routed: dict[CallId, tuple[AgentId, ...]] = field(default_factory=dict)  # By a router outside.
    talk_ms: float = USUAL_TALK_MS
    pick_up_ms: float = USUAL_PICK_UP_MS
    left_out: Counter[str] = field(default_factory=Counter)  # What is not played again.

    def ring_of(self, agent: AgentId, at: int) -> Ring | None:
        """What this agent did when his phone rang at that time of the day, or next to it; None if it never did."""
        return _nearest(self.rings.get(agent, ()), at)


def _nearest(rings: Sequence[Ring], at: int) -> Ring | None:
    after = bisect_left(rings, at, key=lambda ring: ring.at)
    near = rings[max(0, after - 1) : after + 1]
    return min(near, key=lambda ring: abs(ring.at - at), default=None)
