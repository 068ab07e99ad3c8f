"""Who waits and who is idle, by kind and always in order; decides nothing.

A line holds the waiting calls of one demand, a pool the idle agents of one ability in one queue. Both
are sorted, so the first of each is at hand whatever their length; empty ones do not exist. A place in a
line ends with the call that has it, a place in a pool with the agent.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from sortedcontainers import SortedList

from acd.core.configuration import Overflow
from acd.core.demand import Ability, Demand
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.strategies import Key

Rank: TypeAlias = tuple[int, int, CallId]
Line: TypeAlias = "SortedList[Rank]"
Pool: TypeAlias = list[Key]
First: TypeAlias = tuple[int, int, int, AgentId, Ability]  # The key of a pool's first, and whose.


class Lines:
    """The waiting calls."""

    __slots__ = ("_by_queue", "_places", "_spares")

    def __init__(self) -> None:
        self._by_queue: dict[QueueId, dict[Demand, Line]] = {}
        self._places: dict[CallId, tuple[Demand, Rank]] = {}
        # Where agents are idle, a line comes and goes with every call.
        self._spares: list[Line] = []

    def add(self, demand: Demand, rank: Rank) -> None:
        """A call waits, for this, at the place that its rank gives it; it leaves its old place."""
        call = rank[2]
        self.remove(call)
        line = self.of(demand.queue).get(demand)
        if line is None:
            line = self._spares.pop() if self._spares else SortedList()
            for queue in demand.queues:
                self._by_queue.setdefault(queue, {})[demand] = line
        line.add(rank)
        self._places[call] = (demand, rank)

    def remove(self, call: CallId) -> None:
        """This call no longer waits, if it did."""
        place = self._places.pop(call, None)
        if place is None:
            return
        demand, rank = place
        line = self._by_queue[demand.queue][demand]
        line.remove(rank)
        if not line:
            self._spares.append(line)
            for queue in demand.queues:
                del self._by_queue[queue][demand]

    def of(self, queue: QueueId) -> Mapping[Demand, Line]:
        """The lines that agents of a queue serve: its own, and those of others that ask them too."""
        return self._by_queue.get(queue, {})

    def anybody(self) -> bool:
        """Whether anybody waits."""
        return bool(self._places)

    def demand_of(self, call: CallId) -> Demand | None:
        """What this call waits for, if it waits."""
        place = self._places.get(call)
        return place[0] if place is not None else None

    def _own(self, queue: QueueId) -> Iterator[Line]:
        return (line for demand, line in self.of(queue).items() if demand.queue == queue)

    def first(self, queue: QueueId) -> Rank | None:
        """The place of who is the next of a queue, whatever he asks for."""
        return min((line[0] for line in self._own(queue)), default=None)

    def ahead_of(self, queue: QueueId, rank: Rank) -> int:
        """How many in this queue come before a call of this rank."""
        ahead = 0
        for demand, line in self.of(queue).items():  # Every queued caller asks this of many queues.
            if demand.queue == queue:
                ahead += line.bisect_left(rank)
        return ahead

    def length(self, queue: QueueId) -> int:
        """How many wait in a queue, those for whom a phone rings not counted."""
        return sum(len(line) for line in self._own(queue))


class Watch:
    """Waiting calls for which a step of overflow depends on how their queue stands alone, each step's in order."""

    __slots__ = ("_by_queue", "_places")

    def __init__(self) -> None:
        self._by_queue: dict[QueueId, dict[Overflow, Line]] = {}
        self._places: dict[CallId, tuple[QueueId, tuple[Overflow, ...], Rank]] = {}

    def put(self, queue: QueueId, steps: tuple[Overflow, ...], rank: Rank) -> None:
        """The call of this rank may overflow by these steps, and by no others."""
        self.remove(rank[2])
        if not steps:
            return
        self._places[rank[2]] = (queue, steps, rank)
        lines = self._by_queue.setdefault(queue, {})
        for step in steps:
            lines.setdefault(step, SortedList()).add(rank)

    def remove(self, call: CallId) -> None:
        """This call may not overflow now, if it could."""
        place = self._places.pop(call, None)
        if place is None:
            return
        queue, steps, rank = place
        lines = self._by_queue[queue]
        for step in steps:
            lines[step].remove(rank)
            if not lines[step]:
                del lines[step]
        if not lines:
            del self._by_queue[queue]

    def anybody(self) -> bool:
        """Whether anybody may overflow."""
        return bool(self._places)

    def of(self, queue: QueueId) -> Mapping[Overflow, Line]:
        """Who may overflow out of a queue, by step."""
        return self._by_queue.get(queue, {})


class Idle:
    """The idle agents of one queue: a pool for each ability, and the pools in the order of their firsts.

    Plain lists: there are never more agents than a list can move in the time that anything cleverer takes.
    """

    __slots__ = ("firsts", "pools", "size")

    def __init__(self) -> None:
        self.pools: dict[Ability, Pool] = {}
        self.firsts: list[First] = []
        self.size = 0

    def add(self, ability: Ability, key: Key) -> None:
        """An agent has this place in his pool."""
        self.size += 1
        pool = self.pools.setdefault(ability, [])
        if pool and key < pool[0]:
            self._remove_first(ability, pool[0])
        insort(pool, key)
        if pool[0] is key:
            insort(self.firsts, (*key, ability))

    def remove(self, ability: Ability, key: Key) -> None:
        """Whoever has this place is not there any more."""
        self.size -= 1
        pool = self.pools[ability]
        place = bisect_left(pool, key)
        assert pool[place] == key, f"nobody has place {key}"
        del pool[place]
        if place:
            return  # Others of his pool come before him.
        self._remove_first(ability, key)
        if pool:
            insort(self.firsts, (*pool[0], ability))
        else:
            del self.pools[ability]

    def _remove_first(self, ability: Ability, key: Key) -> None:
        del self.firsts[bisect_left(self.firsts, (*key, ability))]


class Pools:
    """The idle agents."""

    __slots__ = ("_by_queue", "_places")

    def __init__(self) -> None:
        self._by_queue: dict[QueueId, Idle] = {}
        self._places: dict[AgentId, dict[QueueId, tuple[Ability, Key]]] = {}

    def add(self, agent: AgentId, places: dict[QueueId, tuple[Ability, Key]]) -> None:
        """This agent is idle: in each of his queues, at the place that its strategy gives him."""
        self.remove(agent)
        for queue, (ability, key) in places.items():
            idle = self._by_queue.get(queue)
            if idle is None:
                idle = self._by_queue[queue] = Idle()
            idle.add(ability, key)
        self._places[agent] = places

    def remove(self, agent: AgentId) -> None:
        """This agent may not be offered a call, whether he could be or not."""
        places = self._places.pop(agent, None)
        if places is not None:  # Else he could not be, as most of whom this is said.
            for queue, (ability, key) in places.items():
                self._by_queue[queue].remove(ability, key)

    def of(self, queue: QueueId) -> Mapping[Ability, Pool]:
        """The pools of a queue."""
        idle = self._by_queue.get(queue)
        return idle.pools if idle is not None else {}

    def by_first(self, queue: QueueId) -> Sequence[First]:
        """The kinds of agents that are idle in a queue, each with the place of its first, in that order."""
        idle = self._by_queue.get(queue)
        return idle.firsts if idle is not None else ()

    def size(self, queue: QueueId) -> int:
        """How many are idle in a queue."""
        idle = self._by_queue.get(queue)
        return idle.size if idle is not None else 0

    def key_of(self, agent: AgentId, queue: QueueId) -> Key | None:
        """The place of an idle agent in a queue; None if he is not idle, or does not serve it."""
        place = self._places.get(agent, {}).get(queue)
        return place[1] if place is not None else None
