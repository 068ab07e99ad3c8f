"""What a waiting call asks of an agent, and what an agent can do; calls and agents that are alike share one value.

A busy queue has thousands of calls and agents but few kinds of either. Matching compares kinds, once
each, and takes the head of a sorted line: so a decision does not grow with how many there are. Both are
keys of many dicts, so they are tuples, which are hashed faster than anything else.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from acd.core.configuration import DEFAULT_NODE, AgentProfile
from acd.core.ids import AgentId, NodeId, QueueId
from acd.core.skill_parser import parse
from acd.core.skills import Requirement, compiled, why_not

_MOST_REMEMBERED = 100_000
EVER_MS = 1 << 62  # Longer than anybody waits.

Test: TypeAlias = Callable[[Mapping[str, int]], bool]


class Demand(NamedTuple):
    """What a call asks for now. `only`: the agent who last served him, while he is waited for."""

    queue: QueueId
    requires: tuple[str, ...] = ()  # Expressions, all of which must hold.
    teams: tuple[str, ...] = ()  # Any of these; none named: everybody.
    only: AgentId | None = None
    also: tuple[QueueId, ...] = ()  # Agents of these queues may take it too.
    # Of the delays that agents have in these queues, the longest that has passed.
    waited_ms: int = 0
    # The Asterisk that has the caller: no voice goes from one to another.
    node: NodeId = DEFAULT_NODE

    @property
    def queues(self) -> tuple[QueueId, ...]:
        """Whose agents may take it, its own queue first."""
        return (self.queue, *self.also)


class Ability(NamedTuple):
    """What an agent can do in a queue, whoever he is."""

    team: str | None
    skills: tuple[tuple[str, int], ...]  # By name.
    after_ms: int = 0  # For whom: those who have waited so long.
    node: NodeId = DEFAULT_NODE  # Where his phone is.


class Abilities:
    """What each agent can do in each of his queues, made once and remembered until his profile is another one."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[AgentId, tuple[AgentProfile, dict[QueueId, Ability]]] = {}

    def of(self, profile: AgentProfile, queue: QueueId) -> Ability:
        """The kind of agent that this one is in this queue."""
        known = self._known.get(profile.id)
        if known is None or known[0] is not profile:
            known = self._known[profile.id] = (profile, {})
        ability = known[1].get(queue)
        if ability is None:
            skills = tuple(sorted(profile.skills.items()))
            after_ms = profile.membership(queue).after_ms
            ability = known[1][queue] = Ability(profile.team, skills, after_ms, profile.node)
        return ability

    def forget(self, agent: AgentId) -> None:
        """This agent is no longer one of ours."""
        self._known.pop(agent, None)


class Fitness:
    """Says whether an agent of some kind fits a call of some kind, and remembers what it has said."""

    __slots__ = ("_known", "_tests")

    def __init__(self) -> None:
        self._known: dict[tuple[Demand, Ability], bool] = {}
        self._tests: dict[str, Test] = {}

    def fits(self, demand: Demand, ability: Ability) -> bool:
        """Whether such an agent may be offered such a call, whoever `only` is."""
        plain = not (demand.requires or demand.teams or ability.after_ms)
        if plain and demand.node == ability.node:
            return True
        pair = (demand, ability)
        known = self._known.get(pair)
        if known is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            known = self._known[pair] = self.fault(demand, ability) is None
        return known

    def fault(self, demand: Demand, ability: Ability) -> str | None:
        """The first thing that is in the way, in words; None if nothing."""
        if demand.node != ability.node:
            return f"node: his phone is at {ability.node}, the caller at {demand.node}"
        if demand.teams and ability.team not in demand.teams:
            return f"team: {ability.team or 'none'}, asked for {' or '.join(demand.teams)}"
        skills = dict(ability.skills)
        for text in demand.requires:
            if not self._test(text)(skills):
                return f"skill: {why_not(_parsed(text), skills)}"
        if ability.after_ms > demand.waited_ms:
            return f"takes callers who have waited {ability.after_ms / 1000:.0f} s"
        return None

    def _test(self, text: str) -> Test:
        test = self._tests.get(text)
        if test is None:
            if len(self._tests) >= _MOST_REMEMBERED:
                self._tests.clear()
            test = self._tests[text] = compiled(_parsed(text))
        return test


def _parsed(text: str) -> Requirement:
    # It was refused at the edge if it could not be read.
    return parse(text)
