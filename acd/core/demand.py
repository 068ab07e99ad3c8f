"""What a waiting call asks of an agent, and what an agent can do; calls and agents that are alike share one value.

A busy queue has thousands of calls and agents but few kinds of either. Matching compares kinds, once
each, and takes the head of a sorted line: so a decision does not grow with how many there are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from acd.core.configuration import AgentProfile
from acd.core.ids import AgentId, QueueId
from acd.core.skill_parser import parse
from acd.core.skills import Requirement, compiled, why_not

_MOST_REMEMBERED = 100_000

Test: TypeAlias = Callable[[Mapping[str, int]], bool]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a call asks for now. `only`: the agent who last served him, while he is waited for."""

    queue: QueueId
    requires: tuple[str, ...] = ()  # Expressions, all of which must hold.
    teams: tuple[str, ...] = ()  # Any of these; none named: everybody.
    only: AgentId | None = None
    also: tuple[QueueId, ...] = ()  # Agents of these queues may take it too.

    @property
    def queues(self) -> tuple[QueueId, ...]:
        """Whose agents may take it, its own queue first."""
        return (self.queue, *self.also)


@dataclass(frozen=True, slots=True)
class Ability:
    """What an agent can do, whoever he is."""

    team: str | None
    skills: tuple[tuple[str, int], ...]  # By name.


def ability_of(profile: AgentProfile) -> Ability:
    """The kind of agent that this one is."""
    return Ability(profile.team, tuple(sorted(profile.skills.items())))


class Fitness:
    """Says whether an agent of some kind fits a call of some kind, and remembers what it has said."""

    __slots__ = ("_known", "_tests")

    def __init__(self) -> None:
        self._known: dict[tuple[Demand, Ability], bool] = {}
        self._tests: dict[str, Test] = {}

    def fits(self, demand: Demand, ability: Ability) -> bool:
        """Whether such an agent may be offered such a call, whoever `only` is."""
        pair = (demand, ability)
        known = self._known.get(pair)
        if known is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            known = self._known[pair] = self.fault(demand, ability) is None
        return known

    def fault(self, demand: Demand, ability: Ability) -> str | None:
        """The first thing that such an agent lacks, in words; None if nothing."""
        if demand.teams and ability.team not in demand.teams:
            return f"team: {ability.team or 'none'}, asked for {' or '.join(demand.teams)}"
        skills = dict(ability.skills)
        for text in demand.requires:
            if not self._test(text)(skills):
                return f"skill: {why_not(_parsed(text), skills)}"
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
