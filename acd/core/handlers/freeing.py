"""An agent's slot becomes free: what a call that he did not answer costs him, his work after a call, what then.

Wrap-up belongs to the agent: it goes by the rules of the call's queue as they were when it began, and
no other call, no pause and no change of the queue makes it shorter.
"""

from collections.abc import Callable, Iterator, Mapping

from acd.core.agent import Agent, AgentState, PauseCause, WrapUp
from acd.core.configuration import MissedPolicy, QueueRules, WrapUpMode
from acd.core.disposition import UNDISPOSED
from acd.core.handlers import presence
from acd.core.ids import CallId
from acd.core.matching import Output
from acd.core.notices import AgentStateChanged, OutcomeRecorded
from acd.core.offer import Offer, OfferOutcome
from acd.core.state import State
from acd.core.timers import RestOver, WrapUpOver


def set_free(state: State, offer: Offer, rules: QueueRules, at: int) -> AgentStateChanged:
    """The agent's slot is free: work after the call if there was one, else what he is when free."""
    agent = state.agents[offer.agent]
    del state.offers[offer.id]
    agent.offer = None
    _note_how_it_ended(state, agent, offer, rules, at)
    presence.leg_gone(state, agent, at)
    if agent.state in (AgentState.CONSULTED, AgentState.DIALLING, AgentState.SUPERVISING):
        agent.idle_since = at
    if offer.connected_at is not None:
        agent.idle_since = at
        owes = rules.must_dispose and not offer.disposed
        may_stay = rules.wrap_up_ms and not agent.removed
        if may_stay and (owes or _BEGINS[rules.wrap_up](agent)):
            wrap_up = WrapUp(
                mode=rules.wrap_up,
                until=at + rules.wrap_up_ms,
                extension_ms=rules.wrap_up_extension_ms,
                call=offer.call,
                queue=offer.queue,
                owes=owes,
            )
            return begin_wrap_up(state, agent, wrap_up, at)
    return become_free(state, agent, at)


# Whoever is leaving is not kept, unless the work after a call is not his to skip, or he owes its disposition.
_BEGINS: Mapping[WrapUpMode, Callable[[Agent], bool]] = {
    WrapUpMode.NONE: lambda agent: False,
    WrapUpMode.OPTIONAL: lambda agent: not agent.leaving,
    WrapUpMode.TIMED: lambda agent: not agent.leaving,
    WrapUpMode.LOCKED: lambda agent: True,
}


def begin_wrap_up(state: State, agent: Agent, wrap_up: WrapUp, at: int) -> AgentStateChanged:
    """The agent has work after a call."""
    agent.move(AgentState.WRAP_UP)
    agent.wrap_up = wrap_up
    state.timers.set(WrapUpOver(agent.id), wrap_up.until)
    return state.settle(agent, at)


def end_wrap_up(state: State, agent: Agent, at: int) -> Iterator[Output]:
    """The work after the call is done, or its time is up, or somebody ends it."""
    yield from leave_undisposed(agent, at)
    agent.idle_since = at
    yield become_free(state, agent, at)


def leave_undisposed(agent: Agent, at: int) -> Iterator[Output]:
    """He has done with the call and has not said what came of it, though he owed it: that is on record.

    He is not kept for it: callers wait. He, or a supervisor, may still say it later.
    """
    if agent.undisposed is not None:
        yield undisposed(agent, agent.undisposed, at)


def undisposed(agent: Agent, call: CallId, at: int) -> OutcomeRecorded:
    """This agent has left this call without the disposition that he owed."""
    return OutcomeRecorded(at=at, call=call, agent=agent.id, outcome=UNDISPOSED)


def become_free(state: State, agent: Agent, at: int) -> AgentStateChanged:
    """The agent has no call in hand and no work after one: he is what he chose to be."""
    forget_wrap_up(state, agent)
    if agent.busy_since is not None:
        agent.busy_ms += at - agent.busy_since
        if agent.busy_for is not None:
            state.experience_of(agent.busy_for).handled(at - agent.busy_since)
        agent.busy_since = agent.busy_for = None
    agent.move(agent.state_when_free)
    if not agent.logged_in:
        agent.leaving = False
        agent.causes.clear()
        presence.look_away(state, agent)
        if (agent.desk is not None or agent.unseated) and not agent.removed:
            state.seat(agent, None)
    told = state.settle(agent, at)
    if agent.removed:
        state.forget_agent(agent)
    return told


def forget_wrap_up(state: State, agent: Agent) -> None:
    """The agent has no work after a call any more."""
    state.timers.cancel(agent.id, WrapUpOver)
    agent.wrap_up = None


def _note_how_it_ended(
    state: State, agent: Agent, offer: Offer, rules: QueueRules, at: int
) -> None:
    """What the offer says of the agent and his phone."""
    if offer.connected_at is not None:
        agent.answers_again()
        return
    match offer.outcome:
        case OfferOutcome.NO_ANSWER:
            agent.unanswered += 1
            enough = agent.unanswered >= rules.no_answers
            if rules.no_answer is MissedPolicy.NOT_READY and enough:
                agent.causes.setdefault(PauseCause.RING_NO_ANSWER, offer.call)
            rest_ms = rules.no_answer_rest_ms
        case OfferOutcome.REJECTED:
            agent.rejected += 1
            if rules.reject is MissedPolicy.NOT_READY and agent.rejected >= rules.rejects:
                agent.causes.setdefault(PauseCause.REJECTED, offer.call)
            rest_ms = rules.reject_rest_ms
        case OfferOutcome.UNREACHABLE | OfferOutcome.FAILED:
            rest_ms = state.configuration.limits.cool_ms
        case _:
            return
    if rest_ms:
        agent.resting_until, agent.rests_after = at + rest_ms, offer.outcome
        state.timers.set(RestOver(agent.id), agent.resting_until)
