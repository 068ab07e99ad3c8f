"""The engine's deadlines: what is due when, in a total order; never knows what time it is.

One deadline per key: setting it again moves it. A cancelled deadline stays in the heap until its time
comes and is passed over then: cancelling costs nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeAlias

from acd.core.ids import AgentId, CallId, NodeId, OfferId, QueueId


@dataclass(frozen=True, slots=True)
class IdentifyOverdue:
    """The directory has taken too long: go on without knowing who calls."""

    call: CallId


@dataclass(frozen=True, slots=True)
class RenewDue:
    """Tell Asterisk that we are still here, before its dead man's switch fires."""

    call: CallId


@dataclass(frozen=True, slots=True)
class MenuTimeout:
    """The caller has pressed nothing."""

    call: CallId


@dataclass(frozen=True, slots=True)
class MenuOverdue:
    """The caller has been in menus for too long, or the end of a prompt was never told."""

    call: CallId


@dataclass(frozen=True, slots=True)
class SpareOver:
    """This call may be offered again to somebody who let it ring out."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class LastAgentOver:
    """The agent who last served this caller has not become free: now anybody."""

    call: CallId


@dataclass(frozen=True, slots=True)
class WidenDue:
    """Nobody of this ring has taken the call: the next ring."""

    call: CallId


@dataclass(frozen=True, slots=True)
class DelayOver:
    """The call has waited long enough for some more agents."""

    call: CallId


@dataclass(frozen=True, slots=True)
class RouteDue:
    """The external router should have answered; or it wants to be asked again."""

    call: CallId


@dataclass(frozen=True, slots=True)
class OverflowDue:
    """The call has waited long enough to wait elsewhere."""

    call: CallId


@dataclass(frozen=True, slots=True)
class WaitOver:
    """The call has waited as long as its queue allows."""

    call: CallId


@dataclass(frozen=True, slots=True)
class HoursChange:
    """The queue opens or closes."""

    queue: QueueId


@dataclass(frozen=True, slots=True)
class AuditDue:
    """Look whether what must never be is."""


@dataclass(frozen=True, slots=True)
class RingTimeout:
    """The agent has not picked up."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class WhisperOver:
    """The agent should have heard by now who calls."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class ConnectOverdue:
    """The legs should have been in the bridge by now."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class ReleaseOverdue:
    """The agent's leg should have been gone by now."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class LeaveOverdue:
    """The caller should have been gone by now."""

    call: CallId


@dataclass(frozen=True, slots=True)
class WrapUpOver:
    """The time for work after the call is up."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class RestOver:
    """An agent whose last offer came to nothing has had his rest, or his phone has."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class PhoneLostDue:
    """The phone of this agent has been away for too long."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class ClientLostDue:
    """The client of this agent has been away for too long."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class OwnCallDue:
    """A phone has been in use with no call of ours for long enough: it has one of its own."""

    node: NodeId
    device: str


Deadline: TypeAlias = (
    IdentifyOverdue
    | RenewDue
    | MenuTimeout
    | MenuOverdue
    | SpareOver
    | LastAgentOver
    | WidenDue
    | DelayOver
    | RouteDue
    | OverflowDue
    | WaitOver
    | HoursChange
    | AuditDue
    | RingTimeout
    | WhisperOver
    | ConnectOverdue
    | ReleaseOverdue
    | LeaveOverdue
    | WrapUpOver
    | RestOver
    | PhoneLostDue
    | ClientLostDue
    | OwnCallDue
)


class Timers:
    """Deadlines by time, ties in the order in which they were set."""

    __slots__ = ("_heap", "_pending", "_serial", "_serials")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int]] = []  # When, and the serial of what.
        self._pending: dict[int, Deadline] = {}  # By serial; what is not here is due no more.
        self._serials: dict[Deadline, int] = {}
        self._serial = 0

    def set(self, deadline: Deadline, at: int) -> None:
        """Let this be due at `at`, and at no other time."""
        self.cancel(deadline)
        self._serial += 1
        self._serials[deadline] = self._serial
        self._pending[self._serial] = deadline
        heappush(self._heap, (at, self._serial))
        if len(self._heap) > 64 + 4 * len(self._pending):
            self._heap = sorted(entry for entry in self._heap if entry[1] in self._pending)

    def ensure(self, deadline: Deadline, at: int) -> None:
        """Let this be due at `at`, unless it is due at some time already."""
        if deadline not in self._serials:
            self.set(deadline, at)

    def cancel(self, deadline: Deadline) -> None:
        """Let this not be due at all, whether it was or not."""
        serial = self._serials.pop(deadline, None)
        if serial is not None:
            del self._pending[serial]

    def next_at(self) -> int | None:
        """When the next deadline is due, or None if there is none."""
        while self._heap and self._heap[0][1] not in self._pending:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, at: int) -> Iterator[Deadline]:
        """Take out what is due at `at` or before, one by one; what a handler sets meanwhile is seen too."""
        while (first := self.next_at()) is not None and first <= at:
            _, serial = heappop(self._heap)
            deadline = self._pending.pop(serial)
            del self._serials[deadline]
            yield deadline
