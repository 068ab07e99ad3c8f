"""A queue: who waits and who is idle for it, both always in order; never decides who gets whom.

Both lists are kept sorted, so the first of each is at hand whatever their length.
"""

from collections.abc import Iterator

from sortedcontainers import SortedDict

from acd.core.agent import Agent
from acd.core.call import Call
from acd.core.configuration import QueueRules
from acd.core.ids import AgentId, CallId
from acd.core.strategies import STRATEGIES, Key


class Queue:
    """The waiting calls of one queue by rank, and its routable agents by the queue's strategy."""

    __slots__ = ("_idle", "_idle_key", "_rank", "_strategy", "_waiting", "rules")

    def __init__(self, rules: QueueRules) -> None:
        self.rules = rules
        self._strategy = STRATEGIES[rules.strategy]
        self._waiting: SortedDict[tuple[int, int, str], CallId] = SortedDict()
        self._rank: dict[CallId, tuple[int, int, str]] = {}
        self._idle: SortedDict[Key, AgentId] = SortedDict()
        self._idle_key: dict[AgentId, Key] = {}

    @property
    def length(self) -> int:
        """How many wait, those for whom a phone rings not counted."""
        return len(self._waiting)

    def add_call(self, call: Call) -> None:
        """This call waits, at the place that its rank gives it."""
        self.remove_call(call.id)
        self._waiting[call.rank] = call.id
        self._rank[call.id] = call.rank

    def remove_call(self, call: CallId) -> None:
        """This call no longer waits here, if it did."""
        rank = self._rank.pop(call, None)
        if rank is not None:
            del self._waiting[rank]

    def add_agent(self, agent: Agent) -> None:
        """This agent is idle, and may be offered a call."""
        self.remove_agent(agent.id)
        key = self._strategy(agent)
        self._idle[key] = agent.id
        self._idle_key[agent.id] = key

    def remove_agent(self, agent: AgentId) -> None:
        """This agent may not be offered a call, whether he could be or not."""
        key = self._idle_key.pop(agent, None)
        if key is not None:
            del self._idle[key]

    def waiting(self) -> Iterator[tuple[tuple[int, int, str], CallId]]:
        """Rank and id of those who wait, first served first."""
        return iter(self._waiting.items())

    def idle(self) -> Iterator[AgentId]:
        """Routable agents, first choice first."""
        return iter(self._idle.values())

    def is_idle(self, agent: AgentId) -> bool:
        """Whether this agent stands among the routable ones."""
        return agent in self._idle_key
