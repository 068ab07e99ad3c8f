"""Agents log in and out, pause, wrap up, and their phones change state; nothing here touches a call in hand."""

from collections.abc import Iterator

from acd.core.agent import ENGAGED, Agent, AgentState, PauseCause
from acd.core.events import DeviceChanged, ShiftRestored
from acd.core.handlers.offers import become_free
from acd.core.matching import Output
from acd.core.notices import Accepted, AgentStateChanged, OutcomeRecorded, Reason, Refused
from acd.core.requests import (
    AgentRequest,
    BecomeNotReady,
    BecomeReady,
    FinishWrapUp,
    LogIn,
    LogOut,
    RecordOutcome,
)
from acd.core.state import State
from acd.core.timers import Cooled, WrapUpOver

LOGGED_IN = "logged-in"  # The reason with which every shift begins.


def log_in(state: State, request: LogIn) -> Iterator[Output]:
    """Begin a shift, not ready; for one who is on shift it changes nothing, but takes back a log-out to come."""
    agent = state.agents.get(request.agent)
    if agent is None:
        yield _refuse(request, Reason.UNKNOWN_AGENT)
        return
    agent.leaving = False
    if not agent.logged_in:
        agent.causes = {PauseCause.MANUAL: LOGGED_IN}
        begin_shift(agent, request.at)
        agent.move(AgentState.NOT_READY)
    yield _accept(request)
    yield state.settle(agent, request.at)


def begin_shift(agent: Agent, at: int) -> None:
    """What is counted for a shift is counted from now."""
    agent.shift_since = agent.idle_since = at
    agent.calls = agent.busy_ms = 0


def log_out(state: State, request: LogOut) -> Iterator[Output]:
    """End a shift: now, or when the call in hand is over. Work after a call does not keep anybody."""
    agent = _on_shift(state, request)
    if isinstance(agent, Refused):
        yield agent
        return
    agent.leaving = True
    yield _accept(request)
    if agent.state in (AgentState.OFFERED, AgentState.TALKING):
        yield state.settle(agent, request.at)
    else:
        yield become_free(state, agent, request.at)


def become_ready(state: State, request: BecomeReady) -> Iterator[Output]:
    """Ready now, or after the call in hand."""
    agent = _on_shift(state, request)
    if isinstance(agent, Refused):
        yield agent
        return
    agent.causes.pop(PauseCause.MANUAL, None)
    agent.causes.pop(PauseCause.RING_NO_ANSWER, None)
    agent.leaving = False
    yield _accept(request)
    if agent.state is AgentState.WRAP_UP:
        agent.idle_since = request.at
        yield become_free(state, agent, request.at)
    else:
        yield from _follow_causes(state, agent, request.at)


def become_not_ready(state: State, request: BecomeNotReady) -> Iterator[Output]:
    """Not ready now, or after the call in hand; a new reason replaces the old one."""
    agent = _on_shift(state, request)
    if isinstance(agent, Refused):
        yield agent
        return
    agent.causes[PauseCause.MANUAL] = request.reason
    yield _accept(request)
    yield from _follow_causes(state, agent, request.at)


def finish_wrap_up(state: State, request: FinishWrapUp) -> Iterator[Output]:
    """The work after the call is done."""
    agent = _on_shift(state, request)
    if isinstance(agent, Refused):
        yield agent
        return
    if agent.state is not AgentState.WRAP_UP:
        yield _refuse(request, Reason.NOT_IN_WRAP_UP)
        return
    yield _accept(request)
    agent.idle_since = request.at
    yield become_free(state, agent, request.at)


def record_outcome(state: State, request: RecordOutcome) -> Iterator[Output]:
    """What came of a call, from the agent who had it; the edge has checked calls that are over."""
    agent = state.agents.get(request.agent)
    if agent is None:
        yield _refuse(request, Reason.UNKNOWN_AGENT)
        return
    call = state.calls.get(request.call)
    if call is not None and call.served_by != agent.id:
        yield _refuse(request, Reason.NOT_YOUR_CALL)
        return
    yield _accept(request)
    yield OutcomeRecorded(at=request.at, call=request.call, agent=agent.id, outcome=request.outcome)


def wrap_up_over(state: State, deadline: WrapUpOver, at: int) -> Iterator[Output]:
    """The time for work after the call is up."""
    agent = state.agents[deadline.agent]
    if agent.state is AgentState.WRAP_UP:
        agent.idle_since = at
        yield become_free(state, agent, at)


def cooled(state: State, deadline: Cooled, at: int) -> Iterator[Output]:
    """A phone that could not be reached may be tried again."""
    state.place(state.agents[deadline.agent], at)
    yield from ()


def device_changed(state: State, event: DeviceChanged) -> Iterator[Output]:
    """A phone's state: a veto on ringing it, never more. Whose it is may be configured later."""
    phone = (event.node, event.device)
    if state.phones.get(phone) is not event.state:
        state.phones[phone] = event.state
        for name in state.agents_by_phone.get(phone, ()):
            yield state.settle(state.agents[name], event.at)


def shift_restored(state: State, event: ShiftRestored) -> Iterator[Output]:
    """Those who were on shift when we stopped are on shift still."""
    for restored in event.agents:
        agent = state.agents.get(restored.agent)
        if agent is None or agent.logged_in:
            continue
        known = [cause.value for cause in PauseCause]
        agent.causes = {
            PauseCause(cause): reason for cause, reason in restored.causes if cause in known
        }
        agent.move(AgentState.NOT_READY if agent.causes else AgentState.READY)
        begin_shift(agent, event.at)
        yield state.settle(agent, event.at)


def _follow_causes(state: State, agent: Agent, at: int) -> Iterator[AgentStateChanged]:
    """Bring a free agent's state in line with his causes; an engaged one's comes after the call."""
    if agent.state not in ENGAGED and agent.state is not agent.state_when_free:
        agent.move(agent.state_when_free)
        agent.idle_since = at
    yield state.settle(agent, at)


def _on_shift(state: State, request: AgentRequest) -> Agent | Refused:
    agent = state.agents.get(request.agent)
    if agent is None:
        return _refuse(request, Reason.UNKNOWN_AGENT)
    return agent if agent.logged_in else _refuse(request, Reason.NOT_LOGGED_IN)


def _accept(request: AgentRequest) -> Accepted:
    return Accepted(at=request.at, request=request.request)


def _refuse(request: AgentRequest, reason: Reason) -> Refused:
    return Refused(at=request.at, request=request.request, reason=reason)
