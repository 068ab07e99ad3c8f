"""Why an agent gets a call, or does not: the first rule that is in the way, in words; changes nothing.

It says how things stand now. How they stood when a decision was made, a replay of the journal says: it
stops there and asks the same question. So nothing has to be kept, and no decision takes longer for it.
"""

from collections.abc import Mapping

from acd.core.agent import DEVICE_CAN_RING, OUTSIDE, Agent, AgentState
from acd.core.call import IN_QUEUE, Call, CallState
from acd.core.demand import EVER_MS
from acd.core.events import DeviceState
from acd.core.ids import AgentId, CallId
from acd.core.matching import first_agent, first_call
from acd.core.offer import OfferOutcome
from acd.core.record import record
from acd.core.state import State


@record
class Candidate:
    """One agent as seen from one call. `rule` None: he is the one."""

    agent: AgentId
    rule: str | None
    detail: str = ""


def why(state: State, name: CallId, at: int) -> tuple[Candidate, ...]:
    """Every agent of the call's queue, the one who has it or would get it first; none if it is in no queue."""
    call = state.calls.get(name)
    if call is None or call.queue not in state.queues:
        return ()
    queues = state.demand_of(call).queues
    agents = [
        agent
        for agent in state.agents.values()
        if any(queue in agent.profile.queues for queue in queues)
        or _overflow_to(state, agent, call) is not None
    ]
    found = [why_not(state, agent.id, name, at) for agent in agents]
    return tuple(sorted(found, key=lambda one: (one.rule is not None, one.agent)))


def why_not(state: State, agent_name: AgentId, call_name: CallId, at: int) -> Candidate:
    """The first rule that keeps this agent from this call."""
    agent, call = state.agents.get(agent_name), state.calls.get(call_name)
    if agent is None:
        return Candidate(agent=agent_name, rule="unknown-agent")
    if call is None:
        return Candidate(agent=agent_name, rule="unknown-call")
    rule, detail = _rule(state, agent, call, at)
    return Candidate(agent=agent.id, rule=rule, detail=detail)


def _rule(state: State, agent: Agent, call: Call, at: int) -> tuple[str | None, str]:
    if (mine := call.offers.get(agent.id)) is not None:
        again = ", in the place of an earlier call" if call.placed_at is not None else ""
        return None, (call.state.value if mine == call.picked_up else "offered") + again
    if call.state not in IN_QUEUE or call.queue is None:
        if call.callback is not None and call.state is CallState.PAUSED:
            left_ms = call.callback.due_at - at
            return "paused", f"he is called back, and not before {_s(left_ms)} from now"
        given_back = f", given back with {call.result}" if call.result else ""
        return "not-waiting", f"the call is {call.state.value}{given_back}"
    demand = state.demand_of(call)
    served = [queue for queue in demand.queues if queue in agent.profile.queues]
    if not served:
        if (step := _overflow_to(state, agent, call)) is not None:
            return "overflow", f"asked too once step {step} of {call.queue}'s overflow holds"
        return "other-queue", f"he does not serve {' or '.join(demand.queues)}"
    abilities = [state.abilities.of(agent.profile, queue) for queue in served]
    ability = min(abilities, key=lambda ability: ability.after_ms)
    if (fault := state.fitness.fault(demand._replace(waited_ms=EVER_MS), ability)) is not None:
        return "does-not-fit", fault
    if ability.after_ms > demand.waited_ms:
        assert call.joined_at is not None
        left_ms = call.joined_at + ability.after_ms - at
        return "delay", f"takes callers who have waited {_s(ability.after_ms)}; in {_s(left_ms)}"
    if (busy := _engaged(state, agent, call, at)) is not None:
        return busy
    if call.spares_agent(agent.id, at):
        return "spared", _spared(agent, call, at)
    if demand.only not in (None, agent.id):
        return "last-agent", f"kept for {demand.only}, who served this caller last"
    if call.state is CallState.ROUTING:
        return "router", _asked(state, agent, call)
    if not state.wants_phones(call):
        return "taken", _taken_by(state, call)
    if not state.hears(call.node):
        return "node-lost", f"we do not hear {call.node}"
    first = first_agent(state, call, at)
    if first is not None and first.id != agent.id:
        return _after(state, call, agent, first)
    his_first = first_call(state, agent, at)
    if his_first is not None and his_first.id != call.id:
        return "order", _before(state, his_first, call, at)
    return None, "next"


def _spared(agent: Agent, call: Call, at: int) -> str:
    times = call.missed.get(agent.id, 0)
    again = f"asked again in {_s(call.spares[agent.id] - at)}"
    if not times:
        return f"his phone has just rung for it; {again}"
    often = f" {times} times" if times > 1 else ""
    return f"he let this call ring or refused it{often}; {again}"


def _after(state: State, call: Call, agent: Agent, first: Agent) -> tuple[str, str]:
    """Why another one, who is idle too, comes before this agent."""
    assert call.queue is not None
    queues = state.demand_of(call).queues
    own, his = (next(q for q in queues if q in one.profile.queues) for one in (first, agent))
    if own != his:
        return "overflow", f"{first.id} serves {own}, whose agents come before those of {his}"
    levels = first.profile.membership(own).level, agent.profile.membership(own).level
    if levels[0] != levels[1]:
        return "level", f"{first.id} is of level {levels[0]} in {own}, he of level {levels[1]}"
    return "strategy", f"{state.queues[own].strategy}: {first.id} comes first"


def _before(state: State, first: Call, call: Call, at: int) -> str:
    """Why an agent has another call to take before this one."""
    assert first.queue is not None and call.queue is not None
    if first.priority != call.priority:
        return f"{first.id} comes first: priority {first.priority}, this one {call.priority}"
    scores = [
        -state.order_of(one.queue, state.rank_of(one), at)[1]
        for one in (first, call)
        if one.queue is not None
    ]
    said = f"{first.id} comes first: score {_s(scores[0])}, this one {_s(scores[1])}"
    return said + (", in the place of an earlier call" if first.placed_at is not None else "")


def _asked(state: State, agent: Agent, call: Call) -> str:
    if not call.candidates:
        return "the external router has asked for time"
    about = "about him" if agent.id in call.candidates else "and not about him"
    return f"the external router is asked, {about}"


def _taken_by(state: State, call: Call) -> str:
    if call.picked_up is not None:
        return "another agent has picked up"
    rings = len(call.offers)
    return "another agent's phone rings for it" if rings == 1 else f"{rings} phones ring for it"


def _overflow_to(state: State, agent: Agent, call: Call) -> int | None:
    """The step of overflow, the first is 1, by which this agent too would be asked for this call."""
    assert call.queue is not None
    for number, step in enumerate(state.queues[call.queue].overflow, 1):
        if any(queue in agent.profile.queues for queue in step.also):
            return number
    return None


_RESTS_AFTER: Mapping[OfferOutcome | None, str] = {
    OfferOutcome.NO_ANSWER: "he let a call ring out",
    OfferOutcome.REJECTED: "he has refused a call",
    OfferOutcome.FAILED: "he picked up and could not be connected",
}


def _engaged(state: State, agent: Agent, call: Call, at: int) -> tuple[str, str] | None:
    match agent.state:
        case AgentState.LOGGED_OUT:
            return "logged-out", ""
        case AgentState.NOT_READY:
            return "not-ready", ", ".join(f"{cause}: {why}" for cause, why in agent.causes.items())
        case (
            AgentState.OFFERED
            | AgentState.DIALLING
            | AgentState.TALKING
            | AgentState.CONSULTED
            | AgentState.SUPERVISING
        ):
            return agent.state.value, f"with {state.call_in_hand(agent)}"
        case AgentState.WRAP_UP:
            assert agent.wrap_up is not None
            return "wrap-up", f"{_s(agent.wrap_up.until - at)} to go"
    if agent.state in OUTSIDE:
        return "phone", f"{agent.profile.device} has a call of its own"
    if agent.reserved_for not in (None, call.id):
        return (
            "reserved",
            f"the external router is asked whether he is to have {agent.reserved_for}",
        )
    if agent.resting_until > at:
        because = _RESTS_AFTER.get(agent.rests_after, "his phone could not be reached")
        return "resting", f"{because}; rung again in {_s(agent.resting_until - at)}"
    if not state.hears(agent.profile.node):
        return "node-lost", f"we do not hear {agent.profile.node}"
    device = state.phones.get(agent.profile.phone, DeviceState.UNKNOWN)
    if device not in DEVICE_CAN_RING:
        return "phone", f"{agent.profile.device} is {device.value}"
    if not state.can_ring(agent):
        return "phone", f"{agent.profile.device} is shared, and has a call of another agent"
    return None


def _s(duration_ms: int) -> str:
    return f"{duration_ms / 1000:.0f} s"
