"""The wire from a simulated Asterisk to who listens: events come late, twice or not at all; says nothing of its own."""

from collections.abc import Callable, Sequence
from random import Random

from acd.core import events
from acd.core.events import ChannelSeen, Event
from acd.core.ids import ChannelId, NodeId
from acd.simulation.agenda import Agenda
from acd.simulation.scenario import Manners


class Wire:
    """What is said on it is heard by `deliver`, in the order of each channel, while somebody listens."""

    def __init__(
        self,
        *,
        node: NodeId,
        agenda: Agenda,
        random: Random,
        manners: Manners,
        deliver: Callable[[Event], None],
    ) -> None:
        self.heard = False  # Whether somebody listens.
        self.connection = 0  # Which: what was on its way over an earlier one is lost.
        self._node = node
        self._agenda = agenda
        self._random = random
        self._manners = manners
        self._deliver = deliver
        self._held: list[Callable[[], None]] | None = None
        self._ended: set[ChannelId] = set()
        self._said: dict[ChannelId, int] = {}  # When the last event of a channel will be told.
        self._last_said = 0  # And when the last of all.

    def cut(self) -> None:
        """Nobody listens any more; what is on its way is lost."""
        self.heard = False
        self.connection += 1
        self._held = None

    def connect(self) -> None:
        """Somebody listens. What is said is held back until he has been told what there is."""
        self.heard = True
        self._held = []

    def tell_all(self, found: Sequence[ChannelSeen]) -> None:
        """Tell what is there, a moment later. What has been told to be over meanwhile is left out."""
        seen_at, connection = self._agenda.now, self.connection
        self._ended.clear()

        def tell() -> None:
            if connection != self.connection:
                return
            there = tuple(seen for seen in found if seen.channel not in self._ended)
            held, self._held = self._held, None
            self._deliver(
                events.NodeFound(
                    at=self._agenda.now, node=self._node, seen_at=seen_at, channels=there
                )
            )
            for say in held or ():
                say()

        # What was said before the look is heard before it: the listener makes sure of that.
        self._agenda.after(max(self.latency(), self._last_said - seen_at), tell)

    def say(self, channel: ChannelId, event: Callable[..., Event]) -> None:
        """Tell this to whoever listens: events of one channel in their order, if at all."""
        manners, random = self._manners, self._random
        if not self.heard or random.random() < manners.lose_event:
            return
        delay = self.latency()
        if random.random() < manners.delay_event:
            delay += random.randrange(manners.delay_ms)
        at = max(self._agenda.now + delay, self._said.get(channel, 0))
        self._said[channel] = at
        self._last_said = max(self._last_said, at)
        connection = self.connection

        def tell() -> None:
            if connection != self.connection:
                return
            if self._held is not None:
                self._held.append(tell)
                return
            told = event(at=self._agenda.now)
            if isinstance(told, events.LegEnded | events.CallLeft):
                self._ended.add(told.channel)
            self._deliver(told)

        for _ in range(2 if random.random() < manners.repeat_event else 1):
            self._agenda.after(at - self._agenda.now, tell)

    def latency(self) -> int:
        """How long something takes over it, this time."""
        return self._random.randrange(self._manners.latency_ms + 1)
