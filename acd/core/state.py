"""Everything known now, and the few ways to keep its parts in step; no rule about calls or agents lives here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from acd.core.agent import DEVICE_CAN_RING, RESTING, Agent, AgentState, OwnCall, PauseCause
from acd.core.call import Call, CallState
from acd.core.configuration import AgentProfile, Configuration, Desk, QueueRules
from acd.core.crew import Crew
from acd.core.customer import Identity
from acd.core.demand import EVER_MS, Abilities, Ability, Demand, Fitness
from acd.core.disposition import akin
from acd.core.estimate import Experience
from acd.core.events import DeviceState, Entry, LegReplaced
from acd.core.ids import AgentId, CallId, NodeId, OfferId, QueueId
from acd.core.lines import Lines, Pools, Rank, Watch
from acd.core.notices import AgentStateChanged
from acd.core.offer import Offer
from acd.core.outbound import Usage
from acd.core.resume import Dropouts
from acd.core.strategies import key_of
from acd.core.supervision import Following
from acd.core.timers import CapLapses, RestOver, SpareOver, Timers


@dataclass(slots=True)
class Health:
    """How the router of one queue answers."""

    missed: int = 0  # Deadlines in a row.
    resting_until: int = 0


def _in_order(causes: Mapping[PauseCause, str]) -> tuple[tuple[str, str], ...]:
    return tuple((cause.value, causes[cause]) for cause in PauseCause if cause in causes)


class State:
    """Calls, agents, offers, queues and deadlines, and who has to be looked at by matching."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.queues: Mapping[QueueId, QueueRules] = {}  # The rules of each, by that configuration.
        self.calls: dict[CallId, Call] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.offers: dict[OfferId, Offer] = {}
        self.lines = Lines()
        self.ringing = Lines()  # Calls for which a phone rings, and more may join in.
        # Calls that are a router's: nobody is offered to them, and they wait all the same.
        self.held = Lines()
        self.watch = Watch()
        self.dropouts = Dropouts()
        self.callbacks: dict[str, CallId] = {}  # Those that we owe, by number.
        # Their callers have called again themselves.
        self.callbacks_to_end: dict[CallId, None] = {}
        self.usage = Usage()
        self.followings: dict[AgentId, Following] = {}  # By the supervisor.
        self.pools = Pools()
        self.abilities = Abilities()
        self.routers: dict[QueueId, Health] = {}
        self.fitness = Fitness()
        # Of each queue, how long callers must have waited for some agents, shortest first.
        self.delays: dict[QueueId, tuple[int, ...]] = {}
        self.timers = Timers()
        self.stands: dict[CallId, Lines] = {}  # In which of them a call stands, if in any.
        # Of those that agents name, in their order, the queues that there are.
        self._served: dict[tuple[QueueId, ...], tuple[QueueId, ...]] = {}
        self.experience: dict[QueueId, Experience] = {}
        self.skills: frozenset[str] = frozenset()  # Every skill that some agent has.
        self.crew = Crew()
        self.staff: dict[QueueId, dict[Ability, int]] = {}  # On shift, idle or not.
        # What crew and staff have last been told of each agent.
        self._counted: dict[AgentId, tuple[AgentProfile, tuple[QueueId, ...], bool, bool]] = {}
        self._staffed: dict[AgentId, dict[QueueId, Ability]] = {}
        self.phones: dict[tuple[NodeId, str], DeviceState] = {}  # As last told, anybody's.
        self.agents_by_phone: dict[tuple[NodeId, str], list[AgentId]] = {}
        self.own_calls: dict[tuple[NodeId, str], OwnCall] = {}
        self.clients: dict[AgentId, None] = {}  # Who has one.
        # Whether we hear it; one never named is taken to be heard.
        self.nodes: dict[NodeId, bool] = {}
        # Dicts and not sets, because a decision must not depend on a hash.
        self.calls_to_match: dict[CallId, None] = {}
        self.agents_to_match: dict[AgentId, None] = {}
        # Queues where somebody has gone off shift, and agents who are not to be waited for any more.
        self.queues_to_review: dict[QueueId, None] = {}
        self.previews_to_review: dict[AgentId, Agent] = {}  # Who has something else to do by now.
        self.queues_to_relieve: dict[QueueId, None] = {}  # Somebody may overflow.
        self.audit_wanted = False
        self.joining: dict[str, LegReplaced] = {}  # Two calls of a phone, told by halves.
        self.data_to_restore: dict[CallId, Mapping[str, str]] = {}  # Of calls not found again yet.

    def configure(self, configuration: Configuration) -> None:
        """From now on it is set up like this."""
        self.configuration = configuration
        self.queues = configuration.queues
        self._served.clear()
        delays: dict[QueueId, dict[int, None]] = {}
        for profile in configuration.agents.values():
            for queue, membership in profile.memberships.items():
                if membership.after_ms:
                    delays.setdefault(queue, {})[membership.after_ms] = None
        self.delays = {queue: tuple(sorted(found)) for queue, found in delays.items()}

    def call_in_hand(self, agent: Agent) -> CallId | None:
        """The call that this agent is offered or talks to."""
        return self.offers[agent.offer].call if agent.offer else None

    def hears(self, node: NodeId) -> bool:
        """Whether we hear this Asterisk."""
        return self.nodes.get(node, True)

    def settle(self, agent: Agent, at: int) -> AgentStateChanged:
        """Bring the queues in line with what has become of this agent; returns what to tell about it."""
        served, to_come = self.queues_of(agent), agent.state_to_come
        self._count(agent, served, to_come)
        self.place(agent, at)
        phone = agent.profile.phone
        # Hardly ever: and what one does is all of theirs.
        if len(self.agents_by_phone.get(phone, ())) > 1:
            for other in self._sharers(agent):
                self.place(other, at)
        if to_come is not AgentState.READY or agent.outside is not None:
            self.queues_to_review |= dict.fromkeys(served)
        self.stand_differently(served)
        wrap_up = agent.wrap_up
        return AgentStateChanged(
            at=at,
            agent=agent.id,
            state=agent.state,
            causes=_in_order(agent.causes) if agent.causes else (),
            pending=None if agent.state in RESTING else to_come,
            device=self.phones.get(phone, DeviceState.UNKNOWN),
            call=self.call_in_hand(agent),
            until=wrap_up.until if wrap_up else None,
            wrap_up=wrap_up.mode if wrap_up else None,
            extensible=wrap_up is not None and wrap_up.extension_ms > 0,
            undisposed=agent.undisposed,
            desk=agent.desk,
            barred=agent.barred,
            own_call=agent.own_call,
        )

    def place(self, agent: Agent, at: int) -> None:
        """Let this agent stand in all his queues if a call may be offered to him, else in none."""
        if agent.routable(at) and self.can_ring(agent):
            places = {
                name: (self.abilities.of(agent.profile, name), key_of(agent, self.queues[name]))
                for name in self.queues_of(agent)
            }
            self.pools.add(agent.id, places)
            self.agents_to_match[agent.id] = None
        else:
            self.pools.remove(agent.id)
            self.agents_to_match.pop(agent.id, None)
            if agent.preview is not None:
                self.previews_to_review[agent.id] = agent

    def _count(self, agent: Agent, served: tuple[QueueId, ...], to_come: AgentState) -> None:
        """Keep crew and staff of the agent's queues in line with whether he is at work, and on shift."""
        on_shift = to_come is not AgentState.LOGGED_OUT
        at_work = to_come is AgentState.READY and agent.outside is None
        counted = (agent.profile, served, at_work, on_shift)
        if self._counted.get(agent.id) == counted:
            return  # Nearly always: most of what agents do is done on shift.
        self._counted[agent.id] = counted
        self.crew.set(agent.id, served if at_work else ())
        now = {name: self.abilities.of(agent.profile, name) for name in served if on_shift}
        before = self._staffed.pop(agent.id, {})
        if now:
            self._staffed[agent.id] = now
        for name, ability in before.items():
            self.staff[name][ability] -= 1
            if not self.staff[name][ability]:
                del self.staff[name][ability]
        for name, ability in now.items():
            of_queue = self.staff.setdefault(name, {})
            of_queue[ability] = of_queue.get(ability, 0) + 1

    def staffed(self, demand: Demand) -> bool:
        """Whether somebody is on shift who could take such a call, be he free or not, now or later."""
        if demand.waited_ms != EVER_MS:
            demand = demand._replace(waited_ms=EVER_MS)
        kinds = (ability for queue in demand.queues for ability in self.staff.get(queue, {}))
        return any(self.fitness.fits(demand, ability) for ability in kinds)

    def delays_for(self, call: Call) -> Sequence[int]:
        """How long this caller must have waited for some agents, shortest first."""
        assert call.queue is not None
        if not call.overflow_done:
            return self.delays.get(call.queue, ())
        queues = self.demand_of(call).queues
        return sorted({one: None for queue in queues for one in self.delays.get(queue, ())})

    def agents_on_shift(self, queue: QueueId) -> int:
        """How many agents of a queue are on shift, whatever they do."""
        return sum(self.staff.get(queue, {}).values())

    def stand_differently(self, queues: tuple[QueueId, ...]) -> None:
        """More wait in these queues, or fewer agents serve them, or slower: somebody may overflow for it."""
        if self.watch.anybody():
            for queue in queues:
                if self.watch.of(queue):
                    self.queues_to_relieve[queue] = None

    def seat(self, agent: Agent, desk: Desk | None) -> None:
        """From now on this agent has the phone of this desk; of none: his own."""
        self.agents_by_phone[agent.profile.phone].remove(agent.id)
        agent.desk, agent.unseated = desk, False
        agent.profile = self.configuration.profile_of(agent.id, desk)
        self.agents_by_phone.setdefault(agent.profile.phone, []).append(agent.id)

    def forget_agent(self, agent: Agent) -> None:
        """This agent, off shift and with nothing in hand, is no longer one of ours."""
        assert agent.state is AgentState.LOGGED_OUT and agent.offer is None
        self.timers.cancel(agent.id, RestOver, CapLapses)
        self.agents_by_phone[agent.profile.phone].remove(agent.id)
        self.abilities.forget(agent.id)
        self._counted.pop(agent.id, None)
        del self.agents[agent.id]

    def may_be_named(self, agent: Agent, call: Call, at: int) -> bool:
        """Whether a person may have this agent, and no other, rung for a call now."""
        free = agent.routable(at) and self.can_ring(agent)
        return free and agent.profile.node == call.node

    def could_be_rung(self, agent: Agent, at: int) -> bool:
        """Whether he is idle and his phone can be rung, reserved or not."""
        return agent.idle(at) and self.can_ring(agent)

    def can_ring(self, agent: Agent) -> bool:
        """Whether his phone can be rung."""
        return (
            self.hears(agent.profile.node)
            and self.phones.get(agent.profile.phone, DeviceState.UNKNOWN) in DEVICE_CAN_RING
            and all(other.offer is None for other in self._sharers(agent))
        )

    def _sharers(self, agent: Agent) -> list[Agent]:
        """The others whose phone is this agent's too: it rings for one call at a time."""
        names = self.agents_by_phone.get(agent.profile.phone, ())
        if len(names) < 2 or not agent.profile.device:
            return []  # Nearly always; and who has no phone shares none.
        return [self.agents[name] for name in names if name != agent.id]

    def queues_of(self, agent: Agent) -> tuple[QueueId, ...]:
        """The queues this agent serves; one that is not configured is passed over."""
        named = agent.profile.queues
        served = self._served.get(named)
        if served is None:
            served = self._served[named] = tuple(name for name in named if name in self.queues)
        return served

    def demand_of(self, call: Call, ring: int | None = None) -> Demand:
        """What this call asks for now; or would ask for in that ring, of anybody, in the end."""
        assert call.queue is not None
        rules = self.queues[call.queue]
        step = rules.rings[call.ring if ring is None else ring] if rules.rings else None
        texts = [rules.requires, *call.requires, step.requires if step else ""]
        return Demand(
            queue=call.queue,
            requires=tuple([text for text in texts if text]),
            teams=step.teams if step else (),
            only=call.last_agent if ring is None else None,
            also=self._also(call, rules) if call.overflow_done else (),
            waited_ms=call.waited_for_ms if ring is None and not call.last_agent else EVER_MS,
            node=call.node,
        )

    def _also(self, call: Call, rules: QueueRules) -> tuple[QueueId, ...]:
        steps = (step for step in call.overflow_done if step in rules.overflow)
        named = (queue for step in steps for queue in step.also if queue in self.queues)
        return tuple(queue for queue in dict.fromkeys(named) if queue != call.queue)

    def identity_of(self, call: Call) -> Identity:
        """Who calls, as the rule of the queue sees him where he is, or is to be."""
        begins = QueueId(call.target) if call.entry is Entry.QUEUE else None
        rules = self.queues.get(call.queue or begins or QueueId(""))
        rule = rules.repeat if rules is not None else self.configuration.repeat
        if rule.same_reason and call.reason is not None:
            rule = rule.about(akin(self.configuration.dispositions, call.reason))
        return call.identity.under(rule, call.arrived_at)

    def rank_of(self, call: Call) -> Rank:
        """The call's place in a line: the same at any time, because all in a line age alike."""
        assert call.queue is not None and call.place_counts_from is not None
        aged = self.queues[call.queue].weight * call.place_counts_from
        return (-call.priority, aged - self.bonus_of(call), call.id)

    def bonus_of(self, call: Call) -> int:
        """As how much more waiting it counts in its queue who calls."""
        assert call.queue is not None
        rules = self.queues[call.queue]
        bonus = rules.repeat_bonus_ms if rules.repeat_bonus_ms and call.identity.repeats else 0
        customer = call.identity.customer if rules.segment_bonus_ms else None
        if customer is not None and customer.segment is not None:
            bonus += rules.segment_bonus_ms.get(customer.segment, 0)
        return bonus

    def order_of(self, queue: QueueId, rank: Rank, at: int) -> Rank:
        """A rank as it compares with those of other queues: smaller is served first.

        The middle is the score with its sign turned: -(weight × time waited + bonuses).
        """
        priority, aged, call = rank
        return (priority, aged - self.queues[queue].weight * at, call)

    def rank_in(self, other: QueueId, queue: QueueId, rank: Rank, at: int) -> Rank:
        """The place that a call of this rank in `queue` would have among those of another queue now."""
        priority, aged, call = rank
        heavier = self.queues[other].weight - self.queues[queue].weight
        return (priority, aged + heavier * at, call)

    def experience_of(self, queue: QueueId) -> Experience:
        """What this queue has lately seen."""
        experience = self.experience.get(queue)
        if experience is None:
            experience = self.experience[queue] = Experience()
        return experience

    def wants_phones(self, call: Call) -> bool:
        """Whether a phone, or one more, may ring for this call."""
        if call.state is CallState.OFFERED and not call.absent:
            rules = self.queues.get(call.queue) if call.queue is not None else None
            return (
                rules is not None and len(call.offers) < rules.phones_at_once and not call.overdue
            )
        return call.state is CallState.WAITING

    def wait(self, call: Call) -> None:
        """Let a call in a queue stand in the line where it belongs now, and be looked at by matching."""
        self.line_up(call)
        if self.hears(call.node):
            self.calls_to_match[call.id] = None

    def line_up(self, call: Call) -> None:
        """Let a call stand in the line where it belongs now, if in any."""
        self._leave_lines(call)
        lines = self._lines_for(call) if self.hears(call.node) else None
        if lines is None:
            return
        rank = self.rank_of(call)
        lines.add(self.demand_of(call), rank)
        self.stands[call.id] = lines
        if lines is self.lines:
            assert call.queue is not None
            self.watch.put(call.queue, call.overflow_next, rank)
            self.stand_differently((call.queue,))

    def _lines_for(self, call: Call) -> Lines | None:
        if call.state is CallState.WAITING:
            return self.lines
        if call.state is CallState.ROUTING:
            return self.held
        return self.ringing if self.wants_phones(call) else None

    def stop_waiting(self, call: Call) -> None:
        """Take a call out of its line, if it stands in one."""
        self._leave_lines(call)
        self.calls_to_match.pop(call.id, None)

    def _leave_lines(self, call: Call) -> None:
        lines = self.stands.pop(call.id, None)
        if lines is not None:
            lines.remove(call.id)
            self.watch.remove(call.id)  # Who stands in no line is not in there either.

    def waiting_in(self, queue: QueueId) -> int:
        """How many wait in a queue, those for whom a phone rings not counted."""
        return self.lines.length(queue) + self.held.length(queue)

    def ahead_of(self, queue: QueueId, rank: Rank) -> int:
        """How many of them come before a call of this rank."""
        return self.lines.ahead_of(queue, rank) + self.held.ahead_of(queue, rank)

    def first_in(self, queue: QueueId) -> Rank | None:
        """The place of the first of them, whatever he asks for."""
        firsts = (lines.first(queue) for lines in (self.lines, self.held))
        return min((rank for rank in firsts if rank is not None), default=None)

    def forget_spares(self, call: Call) -> None:
        """Nobody is to be offered this call any more."""
        for agent in call.spares:
            self.timers.cancel((call.id, agent), SpareOver)
        call.spares.clear()
        call.missed.clear()
