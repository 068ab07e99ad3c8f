"""Which idle agent comes first: each strategy gives an agent's sort key, smallest first; never sees two agents at once.

The key ends with the agent's id, so that the order is total and a replay gives the same answer. It is
taken when the agent becomes idle, and the queue keeps its idle agents sorted by it: a decision costs
the logarithm of the number of agents, not their number.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from acd.core.agent import Agent
from acd.core.configuration import RING_ALL, QueueRules
from acd.core.ids import AgentId
from acd.core.lot import lot

Turn: TypeAlias = tuple[int, int, AgentId]
Strategy: TypeAlias = Callable[[Agent, QueueRules], Turn]
Key: TypeAlias = tuple[int, int, int, AgentId]

_LAST = 1 << 62  # After whatever lot.


def key_of(agent: Agent, rules: QueueRules) -> Key:
    """An agent's place among the idle of a queue: his level there, then what its strategy says."""
    return (agent.profile.membership(rules.id).level, *STRATEGIES[rules.strategy](agent, rules))


def longest_idle(agent: Agent, _rules: QueueRules) -> Turn:
    """Who has been without a call for the longest time."""
    return (agent.idle_since, 0, agent.id)


def fewest_calls(agent: Agent, _rules: QueueRules) -> Turn:
    """Who has talked to the fewest callers in his shift; among equals the longest idle."""
    return (agent.calls, agent.idle_since, agent.id)


def least_occupied(agent: Agent, _rules: QueueRules) -> Turn:
    """Who has been busy for the smallest share of his shift, in thousandths; among equals the longest idle."""
    shift_ms = max(1, agent.idle_since - agent.shift_since)
    return (agent.busy_ms * 1000 // shift_ms, agent.idle_since, agent.id)


def round_robin(agent: Agent, _rules: QueueRules) -> Turn:
    """Whose phone rang longest ago, whether he answered or not: everybody gets his turn."""
    return (agent.last_rung, 0, agent.id)


def linear(agent: Agent, rules: QueueRules) -> Turn:
    """In the order of the queue's list; who is not on it comes after all who are."""
    order = rules.order
    return (order.index(agent.id) if agent.id in order else len(order), 0, agent.id)


def best_skill(agent: Agent, rules: QueueRules) -> Turn:
    """Who is best in the queue's own skill; among equals the longest idle."""
    return (-agent.profile.skills.get(rules.skill, 0), agent.idle_since, agent.id)


def weighted_random(agent: Agent, rules: QueueRules) -> Turn:
    """By lot, each with the chance of his level in the queue's skill (or all alike); drawn when he becomes idle.

    The lot of somebody w times as likely is, on average, w times as small (an exponential race). It is
    drawn from what is known of him, so that a replay draws the same.
    """
    weight = agent.profile.skills.get(rules.skill) if rules.skill else 1
    drawn = lot(agent.idle_since, agent.id)
    return (_minus_log2(drawn) // weight if weight else _LAST, agent.idle_since, agent.id)


STRATEGIES: Mapping[str, Strategy] = {
    "longest-idle": longest_idle,
    "fewest-calls": fewest_calls,
    "least-occupied": least_occupied,
    "round-robin": round_robin,
    "linear": linear,
    "best-skill": best_skill,
    "weighted-random": weighted_random,
    RING_ALL: longest_idle,  # Everybody's phone; the order counts where not all may ring at once.
}


def _minus_log2(word: int) -> int:
    """-log2(word / 2^64) in units of 2^-32, in integers only: floats differ between machines."""
    whole = word.bit_length() - 1
    fraction = 0
    mantissa = word << 64 >> whole  # In [2^64, 2^65).
    for bit in range(31, -1, -1):
        mantissa = mantissa * mantissa >> 64
        if mantissa >> 65:
            mantissa >>= 1
            fraction |= 1 << bit
    return (64 << 32) - ((whole << 32) + fraction)
