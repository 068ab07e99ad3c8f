"""Who may have whom, and before whom, worked out anew from the rules as people read them; asks no engine.

An opinion is worth something only if it was formed alone: this file shares the vocabulary of configuration
with the engine and none of its code. Where the engine keeps sorted lines, this looks at everybody.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from acd.core.agent import AgentState
from acd.core.configuration import Configuration, Overflow, QueueRules, Ring, WhenUnstaffed
from acd.core.customer import UNIDENTIFIED, Contact, Identity
from acd.core.ids import AgentId, CallId, NodeId, QueueId
from acd.core.notices import AgentStateChanged, CallChanged, CallOverflowed, Change, PlaceResumed
from acd.core.offer import OfferOutcome

_COMPARISON = re.compile(r"([a-z][a-z0-9_-]*)(?:\s*(<=|>=|!=|=|<|>)\s*(\d+))?")


@cache
def _as_question(text: str) -> Callable[[Mapping[str, int]], bool]:
    def python(found: re.Match[str]) -> str:
        skill, op, level = found.groups()
        if skill in ("and", "or", "not"):
            return skill
        return f"(has.get({skill!r}, 0) {'==' if op == '=' else op or '>'} {level or 0})"

    return eval(f"lambda has: {_COMPARISON.sub(python, text) or True}")


def can(has: Mapping[str, int], asked: str) -> bool:
    """Whether somebody with these skills is what an expression asks for."""
    return _as_question(asked)(has)


@dataclass
class Claim:
    """What a caller in a queue asks for, as it stands now."""

    queue: QueueId
    priority: int
    joined_at: int
    node: NodeId  # The Asterisk that has him.
    requires: tuple[str, ...] = ()
    placed_at: int | None = None  # His place counts from then, if not from when he joined.
    overflown: tuple[Overflow, ...] = ()  # Steps that ask the agents of other queues too.
    ring: int = 0
    widens_at: int | None = None
    only: AgentId | None = None
    only_until: int = 0
    missed: Counter[AgentId] = field(default_factory=Counter)
    survivor: bool = False  # He waited before our restart: no queue turns him away on arrival.


class Claims:
    """The claims of all who are in a queue. `settle` them before an offer is judged."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.told: dict[AgentId, AgentStateChanged] = {}
        self.identities: dict[CallId, Identity] = {}
        self.of: dict[CallId, Claim] = {}
        self.spares: dict[tuple[CallId, AgentId], int] = {}
        self._left_with: dict[CallId, int] = {}  # The priority of those who have gone.
        self._anew: dict[CallId, None] = {}
        self._review = False
        self._suited: dict[tuple[object, ...], bool] = {}  # Under these rules.

    # What is learnt.

    def configure(self, configuration: Configuration) -> None:
        """Other rules: the search begins anew for those whose queue has others than it had."""
        before, self.configuration = self._queues, configuration
        for call, claim in self.of.items():
            if before.get(claim.queue) != self._queues.get(claim.queue):
                self._anew[call] = None
        self._review = True
        self._suited.clear()

    def change_agents(self, configuration: Configuration) -> None:
        """Somebody can do something else from now on."""
        self.configuration = configuration
        self._review = True
        self._suited.clear()

    def hear_of_agent(self, said: AgentStateChanged) -> None:
        """Somebody's state: it may be that nobody has to wait for him any more."""
        self.told[said.agent] = said
        self._review |= self._then(said) is not AgentState.READY or said.own_call is not None

    def hear_of_node(self) -> None:
        """Who could not be heard is looked at again."""
        self._review = True

    def forget_agent(self, agent: AgentId) -> None:
        """Not one of ours any more."""
        self.told.pop(agent, None)
        self._review = True

    def begin(self, call: CallId, claim: Claim) -> None:
        """This call is in a queue from now on."""
        self.of[call] = claim
        self._anew[call] = None

    def end(self, call: CallId, *, deflected: bool = False) -> None:
        """This call is in no queue any more; one that is `deflected` may be there again, and spares whom it spared."""
        if (claim := self.of.pop(call, None)) is not None:
            self._left_with[call] = claim.priority
        self._anew.pop(call, None)
        if not deflected:
            self.spares = {key: until for key, until in self.spares.items() if key[0] != call}

    def owe(self, call: CallId, priority: int) -> None:
        """Who has gone is to be called back, and has his place if he calls again."""
        self._left_with[call] = priority

    def resume(self, said: PlaceResumed) -> None:
        """He has the place that he gave up a while ago. If he is in no queue yet, that tells it too."""
        if (claim := self.of.get(said.call)) is not None:
            claim.placed_at = said.placed_at
            claim.priority = max(claim.priority, self._left_with[said.earlier])

    def refused(self, call: CallId, agent: AgentId, outcome: OfferOutcome, at: int) -> None:
        """He did not take it: it is not kept for him, and what has changed while his phone rang counts now."""
        claim = self.of[call]
        if (rules := self._queues.get(claim.queue)) is not None:
            longer_ms = rules.spare_ms * 2 ** claim.missed[agent]
            spare_ms = min(longer_ms, max(rules.spare_ms, rules.spare_at_most_ms))
            self.spares[call, agent] = at + (1_000 if outcome == "answered-elsewhere" else spare_ms)
            claim.missed[agent] += outcome in ("no-answer", "rejected")
        if claim.only == agent:
            claim.only = None
        self._review = True

    def overflow(self, said: CallOverflowed) -> None:
        """A step of his queue's overflow was done."""
        if said.also:
            step = self._queues[said.queue].overflow[said.step - 1]
            assert step.also == said.also
            self.of[said.call].overflown += (step,)

    def change(self, said: CallChanged) -> None:
        """A person has stepped in."""
        claim = self.of[said.call]
        claim.queue, claim.priority, claim.requires = said.queue, said.priority, said.requires
        if said.change is Change.REQUIREMENT:
            claim.only, claim.survivor = None, False
            self._review = True

    def settle(self, at: int, waiting: Collection[CallId]) -> None:
        """All that this step was told has been heard: searches begin, widen, and skip who is not there."""
        for claim in self.of.values():
            if claim.queue not in self._queues:
                continue
            if claim.widens_at is not None and claim.widens_at <= at:
                self._enter(claim, claim.ring + 1, at)
                self._keep_for_nobody_unfit(claim)
            if claim.only is not None and claim.only_until <= at:
                claim.only = None
        for call in [call for call in self._anew if self.of[call].queue in self._queues]:
            claim = self.of[call]
            self._enter(claim, 0, at)
            claim.only = self._last_agent(call, claim, at)
            claim.only_until = at + self._queues[claim.queue].last_agent_ms
        self._anew.clear()
        if self._review:
            self._review = False
            for call in waiting:
                self._skip_the_absent(self.of[call], at)

    def _skip_the_absent(self, claim: Claim, at: int) -> None:
        if claim.queue not in self._queues:
            return
        if claim.only is not None:
            self._keep_for_nobody_unfit(claim)
        elif not self._staffed(claim, claim.ring):
            self._enter(claim, claim.ring, at)

    def _keep_for_nobody_unfit(self, claim: Claim) -> None:
        if claim.only is not None and not self._can_be_last(claim, claim.only):
            claim.only = None

    # What follows from it.

    @property
    def _queues(self) -> Mapping[QueueId, QueueRules]:
        return self.configuration.queues

    def may_have(self, call: CallId, agent: AgentId, at: int) -> bool:
        """Whether this call asks for somebody like him now, and not for anybody but him."""
        claim = self.of[call]
        if self.spares.get((call, agent), 0) > at:
            return False
        if not self._suits(claim, claim.ring, agent):
            return False
        if claim.only is not None:
            return claim.only == agent
        return any(self._may_from(claim, queue, agent, at) for queue in self._ways(claim))

    def order(self, call: CallId, at: int) -> tuple[int, int, str]:
        """Who is smaller comes first, whatever his queue."""
        claim = self.of[call]
        rules = self._queues[claim.queue]
        since = claim.joined_at if claim.placed_at is None else claim.placed_at
        score = rules.weight * (at - since) + self._bonus_ms(call, rules)
        return (-claim.priority, -score, call)

    def must_leave(self, call: CallId) -> bool:
        """Whether nobody on shift could ever take this call, and its queue keeps nobody then."""
        claim = self.of[call]
        rules = self._queues[claim.queue]
        rings = range(len(self._rings(claim)))
        leave = rules.when_unstaffed is WhenUnstaffed.LEAVE
        return (
            leave and not claim.survivor and not any(self._staffed(claim, ring) for ring in rings)
        )

    def in_turn(
        self,
        call: CallId,
        candidates: Collection[AgentId],
        worked: Callable[[str, AgentId], int],
        at: int,
    ) -> AgentId | None:
        """Who of these comes first, where it can be told from outside: those of his own queue before others."""
        claim = self.of[call]
        if claim.only is not None:
            return claim.only
        fit = [name for name in candidates if self._suits(claim, claim.ring, name)]
        for queue in self._ways(claim):
            there = [name for name in fit if self._may_from(claim, queue, name, at)]
            if there:
                return self._first(queue, there, worked)
        return None

    def _first(
        self, queue: QueueId, there: Iterable[AgentId], worked: Callable[[str, AgentId], int]
    ) -> AgentId | None:
        rules, profiles = self._queues[queue], self.configuration.agents

        def turn(agent: AgentId) -> tuple[int, ...]:
            match rules.strategy:
                case "linear":
                    order = list(rules.order)
                    return (order.index(agent) if agent in order else len(order),)
                case "best-skill":
                    level = profiles[agent].skills.get(rules.skill, 0)
                    return (-level, worked("idle-since", agent))
                case "fewest-calls":
                    return (worked("calls", agent), worked("idle-since", agent))
                case "least-occupied":
                    shift_ms = max(1, worked("idle-since", agent) - worked("shift-since", agent))
                    share = worked("busy-ms", agent) * 1000 // shift_ms
                    return (share, worked("idle-since", agent))
                case "round-robin":
                    return (worked("last-rung", agent),)
                case _:
                    return (worked("idle-since", agent),)

        levels = {name: profiles[name].membership(queue).level for name in there}
        if rules.strategy == "weighted-random":
            return self._only_one(rules, levels)
        return min(levels, key=lambda agent: (levels[agent], turn(agent), agent))

    def _only_one(self, rules: QueueRules, levels: Mapping[AgentId, int]) -> AgentId | None:
        """By lot: who it is can be told only where there is one to draw from."""
        skills = {name: self.configuration.agents[name].skills for name in levels}
        lowest = [name for name, level in levels.items() if level == min(levels.values())]
        lots = [name for name in lowest if skills[name].get(rules.skill, 0)] if rules.skill else []
        left = lots or lowest
        return left[0] if len(left) == 1 else None

    def _bonus_ms(self, call: CallId, rules: QueueRules) -> int:
        identity = self.identities.get(call, UNIDENTIFIED)
        repeat = rules.repeat_bonus_ms if self._repeated(call, rules) else 0
        segments = {customer.segment for customer in identity.customers}
        known = len(identity.customers) == 1
        return repeat + sum(
            bonus for name, bonus in rules.segment_bonus_ms.items() if known and name in segments
        )

    def _repeated(self, call: CallId, rules: QueueRules) -> list[Contact]:
        """What makes him a repeat caller in this queue, newest first."""
        identity, rule = self.identities.get(call, UNIDENTIFIED), rules.repeat
        if identity.confidence not in ("own", "home", "work", "unlisted"):
            return []
        return [
            contact
            for contact in identity.earlier
            if identity.at - rule.window_ms <= contact.at < identity.at
            and contact.channel in rule.channels
            and not (rule.answered_only and contact.agent is None)
            and not (rule.reasons and contact.reason and contact.reason not in rule.reasons)
        ]

    def _rings(self, claim: Claim) -> tuple[Ring, ...]:
        return self._queues[claim.queue].rings or (Ring(),)

    def _enter(self, claim: Claim, first: int, at: int) -> None:
        rings = self._rings(claim)
        staffed = [ring for ring in range(first, len(rings)) if self._staffed(claim, ring)]
        claim.ring = staffed[0] if staffed else len(rings) - 1
        for_ms = rings[claim.ring].for_ms
        claim.widens_at = at + for_ms if for_ms and claim.ring < len(rings) - 1 else None

    def _ways(self, claim: Claim) -> tuple[QueueId, ...]:
        """The queues whose agents may have it, his own first."""
        steps = [s for s in claim.overflown if s in self._queues[claim.queue].overflow]
        also = [queue for step in steps for queue in step.also if queue in self._queues]
        return tuple(dict.fromkeys((claim.queue, *also)))

    def _suits(self, claim: Claim, ring: int, agent: AgentId) -> bool:
        """Whether he could have it in this ring, in the end: remembered, as each input asks it of everybody."""
        wish = (claim.queue, claim.node, claim.requires, claim.overflown, ring, agent)
        if wish not in self._suited:
            self._suited[wish] = self._is_suited(claim, ring, agent)
        return self._suited[wish]

    def _is_suited(self, claim: Claim, ring: int, agent: AgentId) -> bool:
        profile = self.configuration.agents.get(agent)
        if profile is None or not any(queue in profile.queues for queue in self._ways(claim)):
            return False
        if profile.node != claim.node:  # They could not hear each other.
            return False
        step = self._rings(claim)[ring]
        asked = (self._queues[claim.queue].requires, *claim.requires, step.requires)
        in_team = not step.teams or profile.team in step.teams
        return in_team and all(can(profile.skills, text) for text in asked)

    def _may_from(self, claim: Claim, queue: QueueId, agent: AgentId, at: int) -> bool:
        """Whether he may have it now as one of this queue's agents, who may take only who has waited a while."""
        profile = self.configuration.agents[agent]
        waited_ms = at - claim.joined_at
        return queue in profile.queues and profile.membership(queue).after_ms <= waited_ms

    def _staffed(self, claim: Claim, ring: int) -> bool:
        return any(
            self._then(told) is not AgentState.LOGGED_OUT and self._suits(claim, ring, agent)
            for agent, told in self.told.items()
        )

    @staticmethod
    def _then(told: AgentStateChanged) -> AgentState:
        """What he is when he has no call in hand."""
        return told.state if told.pending is None else told.pending

    def _may_become_free(self, agent: AgentId) -> bool:
        told = self.told.get(agent)
        if told is None or told.own_call is not None:  # Nobody knows how long that takes.
            return False
        return self._then(told) is AgentState.READY

    def _last_agent(self, call: CallId, claim: Claim, at: int) -> AgentId | None:
        if not self._queues[claim.queue].last_agent_ms:
            return None
        earlier = self._repeated(call, self._queues[claim.queue])
        served = [contact.agent for contact in earlier if contact.agent is not None]
        if not served or self.spares.get((call, served[0]), 0) > at:
            return None
        return served[0] if self._can_be_last(claim, served[0]) else None

    def _can_be_last(self, claim: Claim, agent: AgentId) -> bool:
        profile = self.configuration.agents.get(agent)
        if profile is None or not self._may_become_free(agent):
            return False
        return claim.queue in profile.queues and self._suits(claim, claim.ring, agent)
