"""Everything known now, and the few ways to keep its parts in step; no rule about calls or agents lives here."""

from collections.abc import Iterator

from acd.core.agent import Agent, AgentState
from acd.core.call import Call, CallState
from acd.core.configuration import Configuration
from acd.core.ids import AgentId, CallId, NodeId, OfferId, QueueId
from acd.core.notices import AgentStateChanged
from acd.core.offer import Offer
from acd.core.queue import Queue
from acd.core.timers import Timers


class State:
    """Calls, agents, offers, queues and deadlines, and who has to be looked at by matching."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.calls: dict[CallId, Call] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.offers: dict[OfferId, Offer] = {}
        self.queues: dict[QueueId, Queue] = {}
        self.timers = Timers()
        self.agents_by_device: dict[str, list[AgentId]] = {}
        self.nodes: dict[
            NodeId, bool
        ] = {}  # Whether we hear it; one never named is taken to be heard.
        # Dicts and not sets, because a decision must not depend on a hash.
        self.calls_to_match: dict[CallId, None] = {}
        self.agents_to_match: dict[AgentId, None] = {}

    def call_in_hand(self, agent: Agent) -> CallId | None:
        """The call that this agent is offered or talks to."""
        return self.offers[agent.offer].call if agent.offer else None

    def settle(self, agent: Agent, at: int) -> AgentStateChanged:
        """Bring the queues in line with what has become of this agent; returns what to tell about it."""
        if agent.routable(at):
            for queue in self.queues_of(agent):
                queue.add_agent(agent)
            self.agents_to_match[agent.id] = None
        else:
            for queue in self.queues_of(agent):
                queue.remove_agent(agent.id)
            self.agents_to_match.pop(agent.id, None)
        engaged = agent.state is not agent.state_when_free
        return AgentStateChanged(
            at=at,
            agent=agent.id,
            state=agent.state,
            causes=tuple((cause.value, reason) for cause, reason in agent.causes.items()),
            pending=agent.state_when_free if engaged else None,
            device=agent.device,
            call=self.call_in_hand(agent),
            until=agent.wrap_up_until,
        )

    def queues_of(self, agent: Agent) -> Iterator[Queue]:
        """The queues this agent serves; one that the configuration names but does not have is passed over."""
        return (self.queues[name] for name in agent.profile.queues if name in self.queues)

    def wait(self, call: Call) -> None:
        """Put a call that is in state WAITING into its queue, for matching to look at."""
        assert call.state is CallState.WAITING and call.queue is not None
        self.queues[call.queue].add_call(call)
        self.calls_to_match[call.id] = None

    def stop_waiting(self, call: Call) -> None:
        """Take a call out of its queue, if it stands there."""
        if call.queue is not None and call.queue in self.queues:
            self.queues[call.queue].remove_call(call.id)
        self.calls_to_match.pop(call.id, None)

    def check(self) -> None:
        """Assert what must hold after every input; for tests, for it costs a walk over everything."""
        for call in self.calls.values():
            offer = self.offers.get(call.offer) if call.offer else None
            assert call.state is not CallState.ENDED, call
            waits = call.queue in self.queues and call.id in dict.fromkeys(
                name for _, name in self.queues[call.queue].waiting()
            )
            assert waits == (call.state is CallState.WAITING), call
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
