"""Everything known now, and the few ways to keep its parts in step; no rule about calls or agents lives here."""

from collections.abc import Iterator

from acd.core.agent import DEVICE_CAN_RING, Agent, AgentState, PauseCause
from acd.core.call import Call, CallState
from acd.core.configuration import Configuration
from acd.core.events import DeviceState
from acd.core.ids import AgentId, CallId, NodeId, OfferId, QueueId
from acd.core.notices import AgentStateChanged
from acd.core.offer import Offer
from acd.core.queue import Queue
from acd.core.timers import Cooled, SpareOver, Timers


class State:
    """Calls, agents, offers, queues and deadlines, and who has to be looked at by matching."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.calls: dict[CallId, Call] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.offers: dict[OfferId, Offer] = {}
        self.queues: dict[QueueId, Queue] = {}
        self.timers = Timers()
        self.phones: dict[tuple[NodeId, str], DeviceState] = {}  # As last told, anybody's.
        self.agents_by_phone: dict[tuple[NodeId, str], list[AgentId]] = {}
        # Whether we hear it; one never named is taken to be heard.
        self.nodes: dict[NodeId, bool] = {}
        # Dicts and not sets, because a decision must not depend on a hash.
        self.calls_to_match: dict[CallId, None] = {}
        self.agents_to_match: dict[AgentId, None] = {}

    def call_in_hand(self, agent: Agent) -> CallId | None:
        """The call that this agent is offered or talks to."""
        return self.offers[agent.offer].call if agent.offer else None

    def hears(self, node: NodeId) -> bool:
        """Whether we hear this Asterisk."""
        return self.nodes.get(node, True)

    def settle(self, agent: Agent, at: int) -> AgentStateChanged:
        """Bring the queues in line with what has become of this agent; returns what to tell about it."""
        self.place(agent, at)
        for other in self._sharers(agent):
            self.place(other, at)
        engaged = agent.state is not agent.state_when_free
        return AgentStateChanged(
            at=at,
            agent=agent.id,
            state=agent.state,
            causes=tuple(
                (cause.value, agent.causes[cause]) for cause in PauseCause if cause in agent.causes
            ),
            pending=agent.state_when_free if engaged else None,
            device=self.phones.get(agent.profile.phone, DeviceState.UNKNOWN),
            call=self.call_in_hand(agent),
            until=agent.wrap_up_until,
        )

    def place(self, agent: Agent, at: int) -> None:
        """Let this agent stand in all his queues if a call may be offered to him, else in none."""
        if agent.routable(at) and self._can_ring(agent):
            for queue in self.queues_of(agent):
                queue.add_agent(agent)
            self.agents_to_match[agent.id] = None
        else:
            for queue in self.queues_of(agent):
                queue.remove_agent(agent.id)
            self.agents_to_match.pop(agent.id, None)

    def forget_agent(self, agent: Agent) -> None:
        """This agent, off shift and with nothing in hand, is no longer one of ours."""
        assert agent.state is AgentState.LOGGED_OUT and agent.offer is None
        self.timers.cancel(Cooled(agent.id))
        self.agents_by_phone[agent.profile.phone].remove(agent.id)
        del self.agents[agent.id]

    def _can_ring(self, agent: Agent) -> bool:
        """Whether his phone can be rung."""
        return (
            self.hears(agent.profile.node)
            and self.phones.get(agent.profile.phone, DeviceState.UNKNOWN) in DEVICE_CAN_RING
            and all(other.offer is None for other in self._sharers(agent))
        )

    def _sharers(self, agent: Agent) -> list[Agent]:
        """The others whose phone is this agent's too: it rings for one call at a time."""
        names = self.agents_by_phone.get(agent.profile.phone, ())
        return [self.agents[name] for name in names if name != agent.id]

    def queues_of(self, agent: Agent) -> Iterator[Queue]:
        """The queues this agent serves; one that the configuration names but does not have is passed over."""
        return (self.queues[name] for name in agent.profile.queues if name in self.queues)

    def wait(self, call: Call) -> None:
        """Put a call that is in state WAITING into its queue, for matching to look at, if we hear its node."""
        assert call.state is CallState.WAITING and call.queue is not None
        if not self.hears(call.node):
            return
        self.queues[call.queue].add_call(call)
        self.calls_to_match[call.id] = None

    def stop_waiting(self, call: Call) -> None:
        """Take a call out of its queue, if it stands there."""
        if call.queue is not None and call.queue in self.queues:
            self.queues[call.queue].remove_call(call.id)
        self.calls_to_match.pop(call.id, None)

    def forget_spares(self, call: Call) -> None:
        """Nobody is to be offered this call any more."""
        for agent in call.spares:
            self.timers.cancel(SpareOver(call.id, agent))
        call.spares.clear()

    def check(self) -> None:
        """Assert what must hold after every input; for tests, for it costs a walk over everything."""
        for call in self.calls.values():
            offer = self.offers.get(call.offer) if call.offer else None
            assert call.state is not CallState.ENDED, call
            waits = call.queue in self.queues and call.id in dict.fromkeys(
                name for _, name in self.queues[call.queue].waiting()
            )
            heard = self.hears(call.node)
            assert waits == (call.state is CallState.WAITING and heard), call
            if call.state in (CallState.OFFERED, CallState.CONNECTING):
                assert offer is not None and offer.open and offer.call == call.id, call
        for agent in self.agents.values():
            held = [offer for offer in self.offers.values() if offer.agent == agent.id]
            assert len(held) <= 1, held
            assert (agent.offer is not None) == bool(held), (agent, held)
            if agent.state in (AgentState.OFFERED, AgentState.TALKING):
                assert agent.offer is not None, agent
            for queue in self.queues_of(agent):
                assert not queue.is_idle(agent.id) or agent.state is AgentState.READY, agent
