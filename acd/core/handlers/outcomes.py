"""An agent says what came of a call: during it, in the work after it, or later; it is his word that ends his debt.

Where the centre has dispositions, it takes one of those that the call's queue allows; the last word counts.
"""

from collections.abc import Iterator
from dataclasses import replace

from acd.core.agent import Agent
from acd.core.configuration import WrapUpMode
from acd.core.disposition import why_not
from acd.core.handlers.answers import Refusal, accept
from acd.core.handlers.freeing import become_free
from acd.core.ids import QueueId
from acd.core.matching import Output
from acd.core.notices import OutcomeRecorded, Reason
from acd.core.requests import RecordOutcome
from acd.core.state import State


def record_outcome(state: State, request: RecordOutcome) -> Iterator[Output]:
    """What came of a call, from the agent who had it; the edge has checked calls that are over."""
    at, code = request.at, request.outcome
    agent = state.agents.get(request.agent)
    call = state.calls.get(request.call)
    if agent is None:
        raise Refusal(Reason.UNKNOWN_AGENT)
    if call is not None and agent.id not in (call.served_by, *call.handed_on_by):
        raise Refusal(Reason.NOT_YOUR_CALL)
    known = state.configuration.dispositions
    rules = state.queues.get(queue) if (queue := _queue_of(state, agent, request)) else None
    problem = why_not(known, rules.dispositions if rules else (), code) if known else None
    if problem is not None:
        raise Refusal(Reason.UNKNOWN_DISPOSITION, problem)
    yield accept(request)
    yield OutcomeRecorded(
        at=at,
        call=request.call,
        agent=agent.id,
        outcome=code,
        reason=code if code in known and known[code].is_reason else None,
    )
    yield from _pay(state, agent, request)


def _queue_of(state: State, agent: Agent, request: RecordOutcome) -> QueueId | None:
    """For which queue this agent had the call; None if that is not known any more."""
    offer = state.offers[agent.offer] if agent.offer else None
    if offer is not None and offer.call == request.call:
        return offer.queue
    if agent.wrap_up is not None and agent.wrap_up.call == request.call:
        return agent.wrap_up.queue
    return None


def _pay(state: State, agent: Agent, request: RecordOutcome) -> Iterator[Output]:
    """He owes no disposition of this call any more. Whoever waited for that alone to go home, goes."""
    offer = state.offers[agent.offer] if agent.offer else None
    if offer is not None and offer.call == request.call:
        offer.disposed = True
    wrap_up = agent.wrap_up
    if wrap_up is None or agent.undisposed != request.call:
        return
    agent.wrap_up = replace(wrap_up, owes=False)
    if agent.leaving and wrap_up.mode is not WrapUpMode.LOCKED:
        yield become_free(state, agent, request.at)
    else:
        yield state.settle(agent, request.at)
