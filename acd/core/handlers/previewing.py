"""An idle agent is offered a call to make: he makes it, skips it, or it is taken back; whoever waits comes first.

An agent who looks at a preview stands in his queues all the while: the next caller is offered to him as if there were
none, and takes it from his screen.
"""

from collections.abc import Iterator

from acd.core.agent import Agent
from acd.core.handlers.answers import Refusal, accept
from acd.core.handlers.calling import next_call, place_call
from acd.core.matching import Output
from acd.core.notices import Reason, Refused, Supervised
from acd.core.outbound import Allowed
from acd.core.permits import Action, refusal, standing_of
from acd.core.preview import (
    AcceptPreview,
    PreviewEnded,
    PreviewOffered,
    PreviewOutcome,
    PreviewRequest,
    SkipPreview,
    Work,
    WorkOffered,
    WorkWithdrawn,
)
from acd.core.state import State
from acd.core.timers import PreviewOver
from acd.core.ways_out import may_dial

SETTLED = "settled"  # Why it was taken back: nobody need be called for it any more.


def work_offered(state: State, event: WorkOffered) -> Iterator[Output]:
    """Show it to the agent, if he has nothing to do, nobody waits for him, and the number may be called."""
    agent, work, at = _free(state, event), event.work, event.at
    if isinstance(agent, Reason):
        yield PreviewEnded(
            at=at,
            agent=event.agent,
            task=work.task,
            list=work.list,
            outcome=PreviewOutcome.NOT_OFFERED,
            reason=agent.value,
        )
        return
    agent.preview = work
    until = at + event.answer_ms
    state.timers.set(PreviewOver(agent.id), until)
    yield PreviewOffered(at=at, agent=agent.id, work=work, until=until)
    yield state.settle(agent, at)


def _free(state: State, event: WorkOffered) -> Agent | Reason:
    """The agent who is to be shown it, or why he is not."""
    agent = state.agents.get(event.agent)
    if agent is None or agent.preview is not None or not state.could_be_rung(agent, event.at):
        return Reason.AGENT_NOT_FREE
    if not agent.routable(event.at) or event.at - agent.idle_since < event.idle_ms:
        return Reason.AGENT_NOT_FREE
    if any(state.waiting_in(queue) for queue in state.queues_of(agent)):
        return Reason.AGENT_NOT_FREE
    if event.work.queue not in state.queues_of(agent):
        return Reason.UNKNOWN_QUEUE
    way = may_dial(state, agent.id, event.work.number, event.at)
    return agent if isinstance(way, Allowed) else way


def work_withdrawn(state: State, event: WorkWithdrawn) -> Iterator[Output]:
    """It goes from the screen, if it is there still."""
    agent = state.agents.get(event.agent)
    if agent is None or agent.preview is None or agent.preview.task != event.task:
        return  # Late: he has said something, or is shown another.
    yield from _end(state, agent, PreviewOutcome.TAKEN_BACK, event.at, SETTLED)
    yield state.settle(agent, event.at)


def accept_preview(state: State, request: AcceptPreview) -> Iterator[Output]:
    """His own phone rings, and then the number is dialled, as for any call that he makes."""
    agent = _looking(state, request)
    work = agent.preview
    assert work is not None
    way = may_dial(state, agent.id, work.number, request.at)
    if not isinstance(way, Allowed) or not state.could_be_rung(agent, request.at):
        reason = way if isinstance(way, Reason) else Reason.AGENT_NOT_FREE
        yield Refused(at=request.at, request=request.request, reason=reason)
        yield from _end(state, agent, PreviewOutcome.TAKEN_BACK, request.at, reason.value)
        yield state.settle(agent, request.at)
        return
    yield accept(request)
    if request.by_another:
        yield _on_record(request, "accept-preview")
    _forget(state, agent)
    yield PreviewEnded(
        at=request.at,
        agent=agent.id,
        task=work.task,
        list=work.list,
        outcome=PreviewOutcome.ACCEPTED,
        call=next_call(agent, request.at),
    )
    yield from place_call(
        state,
        agent,
        number=work.number,
        queue=work.queue,
        way=way,
        customer=work.customer,
        data=work.data,
        at=request.at,
    )


def skip_preview(state: State, request: SkipPreview) -> Iterator[Output]:
    """Somebody else may."""
    agent = _looking(state, request)
    yield accept(request)
    if request.by_another:
        yield _on_record(request, "skip-preview", request.reason)
    yield from _end(state, agent, PreviewOutcome.SKIPPED, request.at, request.reason)
    yield state.settle(agent, request.at)


def preview_over(state: State, deadline: PreviewOver, at: int) -> Iterator[Output]:
    """He has said nothing in time."""
    agent = state.agents[deadline.agent]
    yield from _end(state, agent, PreviewOutcome.EXPIRED, at)
    yield state.settle(agent, at)


def review(state: State, at: int) -> Iterator[Output]:
    """Whoever has something else to do by now looks at no preview."""
    agents = list(state.previews_to_review.values())
    state.previews_to_review.clear()
    for agent in agents:
        if agent.preview is not None:
            yield from _end(state, agent, PreviewOutcome.TAKEN_BACK, at)
            if agent.id in state.agents:  # Or he was taken away.
                yield state.settle(agent, at)


def _on_record(request: PreviewRequest, action: str, reason: str = "") -> Supervised:
    """Somebody else has said it for the agent."""
    return Supervised(
        at=request.at,
        by=request.by,
        agent=request.agent,
        action=action,
        reason=reason,
        detail=request.task,
    )


def _looking(state: State, request: AcceptPreview | SkipPreview) -> Agent:
    agent = state.agents.get(request.agent)
    if agent is None:
        raise Refusal(Reason.UNKNOWN_AGENT)
    reason = refusal(Action.ACCEPT_PREVIEW, standing_of(agent))
    if reason is None and (agent.preview is None or agent.preview.task != request.task):
        reason = Reason.NO_PREVIEW
    if reason is not None:
        raise Refusal(reason)
    return agent


def _end(
    state: State, agent: Agent, outcome: PreviewOutcome, at: int, reason: str = ""
) -> Iterator[Output]:
    work = _forget(state, agent)
    yield PreviewEnded(
        at=at, agent=agent.id, task=work.task, list=work.list, outcome=outcome, reason=reason
    )


def _forget(state: State, agent: Agent) -> Work:
    work, agent.preview = agent.preview, None
    assert work is not None
    state.timers.cancel(agent.id, PreviewOver)
    state.previews_to_review.pop(agent.id, None)
    return work
