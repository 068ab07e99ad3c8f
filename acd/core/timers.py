"""The engine's deadlines: what is due when, in a total order; never knows what time it is.

There is one deadline of a kind about one thing, be it a call, an offer or an agent: setting it again moves
it. A cancelled one stays in the heap until its time comes and is passed over then: cancelling costs
nothing, least of all what was never set.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeAlias, TypeVar, dataclass_transform

from acd.core.ids import AgentId, CallId, NodeId, OfferId, QueueId

About: TypeAlias = str | tuple[str, str]
T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def deadline(kind: type[T]) -> type[T]:
    """As `record`, and what it is about is told by its place: there is nothing else."""
    return dataclass(slots=True, unsafe_hash=True)(kind)


@deadline
class OfCall:
    """A deadline about a call."""

    call: CallId

    @property
    def about(self) -> About:
        """What it is about."""
        return self.call


@deadline
class OfOffer:
    """A deadline about an offer."""

    offer: OfferId

    @property
    def about(self) -> About:
        """What it is about."""
        return self.offer


@deadline
class OfAgent:
    """A deadline about an agent."""

    agent: AgentId

    @property
    def about(self) -> About:
        """What it is about."""
        return self.agent


@deadline
class IdentifyOverdue(OfCall):
    """The directory has taken too long: go on without knowing who calls."""


@deadline
class RenewDue(OfCall):
    """Tell Asterisk that we are still here, before its dead man's switch fires."""


@deadline
class MenuTimeout(OfCall):
    """The caller has pressed nothing."""


@deadline
class MenuOverdue(OfCall):
    """The caller has been in menus for too long, or the end of a prompt was never told."""


@deadline
class SpareOver:
    """This call may be offered again to somebody who let it ring out."""

    call: CallId
    agent: AgentId

    @property
    def about(self) -> About:
        """What it is about."""
        return (self.call, self.agent)


@deadline
class LastAgentOver(OfCall):
    """The agent who last served this caller has not become free: now anybody."""


@deadline
class WidenDue(OfCall):
    """Nobody of this ring has taken the call: the next ring."""


@deadline
class DelayOver(OfCall):
    """The call has waited long enough for some more agents."""


@deadline
class RouteDue(OfCall):
    """The external router should have answered; or it wants to be asked again."""


@deadline
class OverflowDue(OfCall):
    """The call has waited long enough to wait elsewhere."""


@deadline
class WaitOver(OfCall):
    """The call has waited as long as its queue allows."""


@deadline
class AnnouncementDue(OfCall):
    """A caller who waits is to be told where he stands."""


@deadline
class AnnouncementOverdue(OfCall):
    """What is announced should be over by now."""


@deadline
class HoursChange:
    """The queue opens or closes."""

    queue: QueueId

    @property
    def about(self) -> About:
        """What it is about."""
        return self.queue


@deadline
class AuditDue:
    """Look whether what must never be is."""

    @property
    def about(self) -> About:
        """What it is about."""
        return ""


@deadline
class RingTimeout(OfOffer):
    """The agent has not picked up."""


@deadline
class WhisperOver(OfOffer):
    """The agent should have heard by now who calls."""


@deadline
class DialOverdue(OfCall):
    """Who is called has not picked up."""


@deadline
class CallbackDue(OfCall):
    """Who is to be called back may be called again."""


@deadline
class CallbackOver(OfCall):
    """Who is to be called back has not been reached, and it is too late for it."""


@deadline
class JoinOverdue:
    """Of two calls that a phone has joined, the other one is none of ours."""

    pair: str

    @property
    def about(self) -> About:
        """What it is about."""
        return self.pair


@deadline
class OutsiderOverdue:
    """A number that is called for a call that goes on has not picked up."""

    call: CallId
    number: str

    @property
    def about(self) -> About:
        """What it is about."""
        return (self.call, self.number)


@deadline
class ConnectOverdue(OfOffer):
    """The legs should have been in the bridge by now."""


@deadline
class ReleaseOverdue(OfOffer):
    """The agent's leg should have been gone by now."""


@deadline
class LeaveOverdue(OfCall):
    """The caller should have been gone by now."""


@deadline
class WrapUpOver(OfAgent):
    """The time for work after the call is up."""


@deadline
class PreviewOver(OfAgent):
    """The agent has looked long enough at who is to be called."""


@deadline
class CapLapses(OfAgent):
    """A call that he has made counts no more: he may have room for another."""


@deadline
class RestOver(OfAgent):
    """An agent whose last offer came to nothing has had his rest, or his phone has."""


@deadline
class PhoneLostDue(OfAgent):
    """The phone of this agent has been away for too long."""


@deadline
class ClientLostDue(OfAgent):
    """The client of this agent has been away for too long."""


@deadline
class OwnCallDue:
    """A phone has been in use with no call of ours for long enough: it has one of its own."""

    node: NodeId
    device: str

    @property
    def about(self) -> About:
        """What it is about."""
        return (self.node, self.device)


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
    | AnnouncementDue
    | AnnouncementOverdue
    | HoursChange
    | AuditDue
    | RingTimeout
    | WhisperOver
    | DialOverdue
    | CallbackDue
    | CallbackOver
    | OutsiderOverdue
    | JoinOverdue
    | ConnectOverdue
    | ReleaseOverdue
    | LeaveOverdue
    | WrapUpOver
    | PreviewOver
    | CapLapses
    | RestOver
    | PhoneLostDue
    | ClientLostDue
    | OwnCallDue
)


# So many entries of the heap may be due no more, beside so many for each that is due: then they are swept out.
_SWEPT_FROM = 64
_SWEPT_FOR_EACH = 4
_NONE: Mapping[type[Deadline], int] = {}


class Timers:
    """Deadlines by time, ties in the order in which they were set."""

    __slots__ = ("_heap", "_pending", "_serial", "_serials")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int]] = []  # When, and the serial of what.
        self._pending: dict[int, Deadline] = {}  # By serial; what is not here is due no more.
        self._serials: dict[About, dict[type[Deadline], int]] = {}
        self._serial = 0

    def set(self, deadline: Deadline, at: int) -> None:
        """Let this be due at `at`, and at no other time."""
        heap, pending, kind = self._heap, self._pending, type(deadline)
        self._serial = serial = self._serial + 1
        about = deadline.about
        kinds = self._serials.get(about)
        if kinds is None:
            self._serials[about] = {kind: serial}
        else:
            before = kinds.get(kind)
            if before is not None:
                del pending[before]
            kinds[kind] = serial
        pending[serial] = deadline
        heappush(heap, (at, serial))
        if len(heap) > _SWEPT_FROM + _SWEPT_FOR_EACH * len(pending):
            self._heap = sorted(entry for entry in heap if entry[1] in pending)

    def ensure(self, deadline: Deadline, at: int) -> bool:
        """Let this be due at `at`, unless it is due at some time already; whether it was at none."""
        missing = type(deadline) not in self._serials.get(deadline.about, ())
        if missing:
            self.set(deadline, at)
        return missing

    def cancel(self, about: About, *kinds: type[Deadline]) -> None:
        """Let none of these be due about this, whether they were or not."""
        known = self._serials.get(about)
        if known is None or known.keys().isdisjoint(kinds):  # Most of what is cancelled is not due.
            return
        for kind in kinds:
            serial = known.pop(kind, None)
            if serial is not None:
                del self._pending[serial]
        if not known:
            del self._serials[about]

    def forget(self, about: About) -> None:
        """Let nothing be due about this any more, whatever it was."""
        for serial in self._serials.pop(about, _NONE).values():
            del self._pending[serial]

    def next_at(self) -> int | None:
        """When the next deadline is due, or None if there is none."""
        heap, pending = self._heap, self._pending
        while heap and heap[0][1] not in pending:
            heappop(heap)
        return heap[0][0] if heap else None

    def due(self, at: int) -> Iterator[Deadline]:
        """Take out what is due at `at` or before, one by one; what a handler sets meanwhile is seen too."""
        while self._heap and self._heap[0][0] <= at:
            deadline = self._pending.get(heappop(self._heap)[1])
            if deadline is not None:
                self.cancel(deadline.about, type(deadline))
                yield deadline
