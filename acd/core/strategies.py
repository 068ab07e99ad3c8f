"""Which idle agent comes first: each strategy gives an agent's sort key, smallest first; never sees two agents at once.

The key ends with the agent's id, so that the order is total and a replay gives the same answer. It is
taken when the agent becomes idle, and the queue keeps its idle agents sorted by it: a decision costs
the logarithm of the number of agents, not their number.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from acd.core.agent import Agent

Key: TypeAlias = tuple[int, str]
Strategy: TypeAlias = Callable[[Agent], Key]


def longest_idle(agent: Agent) -> Key:
    """Who has been without a call for the longest time."""
    return (agent.idle_since, agent.id)


STRATEGIES: Mapping[str, Strategy] = {
    "longest-idle": longest_idle,
}
