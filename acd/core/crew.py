"""Who serves which queues at the moment, breaks left out: what a waiting-time estimate must know; decides nothing."""

from acd.core.ids import AgentId, QueueId

# The rest share so few agents that it makes no difference, and each costs a look.
_MOST_NEIGHBOURS = 12


class Crew:
    """How many agents serve each queue, and how many of them serve another one too."""

    __slots__ = ("_agents", "_both", "_neighbours", "_serves")

    def __init__(self) -> None:
        self._serves: dict[AgentId, tuple[QueueId, ...]] = {}
        self._agents: dict[QueueId, int] = {}
        self._both: dict[QueueId, dict[QueueId, int]] = {}
        self._neighbours: dict[QueueId, tuple[tuple[QueueId, float], ...]] = {}

    def set(self, agent: AgentId, queues: tuple[QueueId, ...]) -> None:
        """This agent serves these queues now; none, if he has gone or is on a break."""
        before = self._serves.get(agent, ())
        if before == queues:
            return
        self._neighbours.clear()
        self._change(before, -1)
        self._change(queues, +1)
        if queues:
            self._serves[agent] = queues
        else:
            del self._serves[agent]

    def _change(self, queues: tuple[QueueId, ...], by: int) -> None:
        for queue in queues:
            self._agents[queue] = self._agents.get(queue, 0) + by
            others = self._both.setdefault(queue, {})
            for other in queues:
                if other != queue:
                    others[other] = others.get(other, 0) + by

    def agents(self, queue: QueueId) -> int:
        """How many serve this queue, calls in hand or not."""
        return self._agents.get(queue, 0)

    def neighbours(self, queue: QueueId) -> tuple[tuple[QueueId, float], ...]:
        """The queues that agents of this one serve too, each with the share of its calls that falls to them."""
        known = self._neighbours.get(queue)
        if known is None:
            both = [(-count, other) for other, count in self._both.get(queue, {}).items() if count]
            known = self._neighbours[queue] = tuple(
                (other, -count / self._agents[other])
                for count, other in sorted(both)[:_MOST_NEIGHBOURS]
            )
        return known
