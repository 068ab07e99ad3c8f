"""Agents log in and out, pause, wrap up and are made to by supervisors; nothing here cuts a conversation.

Whether a request is refused is settled in `permits`, in one place with what the API shows as allowed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from acd.core.agent import (
    HIS_TO_LIFT,
    RESTORED,
    SUPERVISORS_TO_LIFT,
    Agent,
    AgentState,
    PauseCause,
    WrapUp,
)
from acd.core.configuration import Duties, WrapUpMode
from acd.core.events import ShiftRestored
from acd.core.handlers import presence
from acd.core.handlers.answers import Handler, Refusal, accept
from acd.core.handlers.freeing import (
    become_free,
    begin_wrap_up,
    end_wrap_up,
    leave_undisposed,
    undisposed,
)
from acd.core.handlers.offers import withdraw
from acd.core.handlers.presence import follow
from acd.core.ids import DeskId
from acd.core.matching import Output
from acd.core.notices import (
    AgentStateChanged,
    DutiesChanged,
    Reason,
    Supervised,
)
from acd.core.offer import OfferOutcome, OfferState
from acd.core.permits import Action, refusal, standing_of
from acd.core.requests import (
    AgentRequest,
    BecomeNotReady,
    BecomeReady,
    ChangeDuties,
    ExtendWrapUp,
    FinishWrapUp,
    ForceFinishWrapUp,
    ForceLogOut,
    ForceNotReady,
    ForceReady,
    LiftDoNotDisturb,
    LogIn,
    LogOut,
    SetDoNotDisturb,
)
from acd.core.state import State
from acd.core.timers import RestOver, WrapUpOver

LOGGED_IN = "logged-in"  # The reason with which every shift begins.


Change: TypeAlias = Callable[[State, Agent, Any], Iterator[Output]]
Unless: TypeAlias = Callable[[State, Agent, Any], Reason | None]


def _asked(action: Action, unless: Unless = lambda *_: None) -> Callable[[Change], Handler]:
    """Such a change is made if it may be asked for now, unless something else of it is wrong; or it is refused."""

    def of(change: Change) -> Handler:
        def handle(state: State, request: AgentRequest) -> Iterator[Output]:
            yield from _make(state, request, action, unless, change)

        return handle

    return of


def _make(
    state: State, request: AgentRequest, action: Action, unless: Unless, change: Change
) -> Iterator[Output]:
    agent = state.agents.get(request.agent)
    if agent is None:
        raise Refusal(Reason.UNKNOWN_AGENT)
    reason = refusal(action, standing_of(agent)) or unless(state, agent, request)
    if reason is not None:
        raise Refusal(reason)
    yield from _accept(request, action)
    yield from change(state, agent, request)


def _accept(request: AgentRequest, action: Action, detail: str = "") -> Iterator[Output]:
    """It is done; and if it was not the agent himself who asked for it, that is written down."""
    yield accept(request)
    if request.by_another:
        yield Supervised(
            at=request.at,
            by=request.by,
            agent=request.agent,
            action=action.value,
            reason=getattr(request, "reason", ""),
            detail=detail or getattr(request, "desk", None) or "",
        )


def _no_seat(state: State, agent: Agent, name: DeskId | None) -> Reason | None:
    """Why this agent cannot sit down at this desk, or, of none, stay where he is; None if he can."""
    if name is None:
        return None if agent.profile.device else Reason.NO_PHONE
    desk = state.configuration.desks.get(name)
    if desk is None:
        return Reason.UNKNOWN_DESK
    there = state.agents_by_phone.get((agent.profile.node, desk.device), ())
    if any(other != agent.id for other in there):
        return Reason.DESK_TAKEN  # Nobody's own phone is a desk's, so whoever has it sits there.
    return Reason.CALL_IN_HAND if agent.offer is not None and agent.desk != desk else None


@_asked(Action.LOG_IN, unless=lambda state, agent, request: _no_seat(state, agent, request.desk))
def log_in(state: State, agent: Agent, request: LogIn) -> Iterator[Output]:
    """Begin a shift, not ready. Who is on shift has another desk, if he names one, and takes back a log-out to come."""
    agent.leaving = False
    if request.desk is not None and (agent.desk is None or agent.desk.id != request.desk):
        state.seat(agent, state.configuration.desks[request.desk])
    if not agent.logged_in:
        agent.causes = {PauseCause.MANUAL: LOGGED_IN}
        begin_shift(agent, request.at)
        agent.move(AgentState.NOT_READY)
    presence.look(state, agent, request.at)
    yield follow(state, agent, request.at)


def begin_shift(agent: Agent, at: int) -> None:
    """What is counted for a shift is counted from now."""
    agent.shift_since = agent.idle_since = at
    agent.calls = agent.busy_ms = 0
    agent.answers_again()


@_asked(Action.LOG_OUT)
def log_out(state: State, agent: Agent, request: LogOut) -> Iterator[Output]:
    """End a shift: now, or when the call in hand is over. Only a locked wrap-up keeps anybody longer."""
    agent.leaving = True
    yield _leave(state, agent, request.at)


@_asked(Action.BECOME_READY)
def become_ready(state: State, agent: Agent, request: BecomeReady) -> Iterator[Output]:
    """Ready now, so he has done with the work after a call too; or after the call in hand."""
    yield from _be_ready(state, agent, HIS_TO_LIFT, request.at)


@_asked(Action.BECOME_NOT_READY)
def become_not_ready(state: State, agent: Agent, request: BecomeNotReady) -> Iterator[Output]:
    """Not ready now, or after the call in hand and work that he owes; a new reason replaces the old one."""
    agent.causes[PauseCause.MANUAL] = request.reason
    optional = agent.wrap_up is not None and agent.wrap_up.mode is WrapUpMode.OPTIONAL
    if optional and agent.undisposed is None:
        yield from end_wrap_up(state, agent, request.at)
    else:
        yield follow(state, agent, request.at)


@_asked(Action.SET_DO_NOT_DISTURB)
def set_do_not_disturb(state: State, agent: Agent, request: SetDoNotDisturb) -> Iterator[Output]:
    """Not to be rung, whatever else he says, until he lifts it."""
    agent.causes.setdefault(PauseCause.DO_NOT_DISTURB, "")
    yield follow(state, agent, request.at)


@_asked(Action.LIFT_DO_NOT_DISTURB)
def lift_do_not_disturb(state: State, agent: Agent, request: LiftDoNotDisturb) -> Iterator[Output]:
    """He may be rung again, if nothing else keeps him."""
    agent.lift((PauseCause.DO_NOT_DISTURB,))
    yield follow(state, agent, request.at)


@_asked(Action.FINISH_WRAP_UP)
def finish_wrap_up(state: State, agent: Agent, request: FinishWrapUp) -> Iterator[Output]:
    """The work after the call is done."""
    yield from end_wrap_up(state, agent, request.at)


@_asked(Action.EXTEND_WRAP_UP)
def extend_wrap_up(state: State, agent: Agent, request: ExtendWrapUp) -> Iterator[Output]:
    """More time for the work after the call, once, as far as the queue grants it."""
    wrap_up = agent.wrap_up
    assert wrap_up is not None
    until = wrap_up.until + wrap_up.extension_ms
    agent.wrap_up = replace(wrap_up, until=until, extension_ms=0)
    state.timers.set(WrapUpOver(agent.id), until)
    yield state.settle(agent, request.at)


# What supervisors force.


@_asked(Action.FORCE_READY)
def force_ready(state: State, agent: Agent, request: ForceReady) -> Iterator[Output]:
    """Lift all that people have set, and end wrap-up. What is lost stays lost: without a phone nobody rings."""
    yield from _be_ready(state, agent, SUPERVISORS_TO_LIFT, request.at)


@_asked(Action.FORCE_NOT_READY)
def force_not_ready(state: State, agent: Agent, request: ForceNotReady) -> Iterator[Output]:
    """Not ready until a supervisor says otherwise: at once, or after the call in hand."""
    agent.causes[PauseCause.SUPERVISOR] = request.reason
    yield follow(state, agent, request.at)


@_asked(Action.FORCE_FINISH_WRAP_UP)
def force_finish_wrap_up(
    state: State, agent: Agent, request: ForceFinishWrapUp
) -> Iterator[Output]:
    """The work after the call is over, also where it is locked."""
    yield from end_wrap_up(state, agent, request.at)


@_asked(Action.FORCE_LOG_OUT)
def force_log_out(state: State, agent: Agent, request: ForceLogOut) -> Iterator[Output]:
    """End a shift. At once: a phone that rings stops, work after a call ends; but a conversation is never cut."""
    agent.leaving = True
    offer = state.offers[agent.offer] if agent.offer else None
    if request.after_call:
        yield _leave(state, agent, request.at)
    elif offer is None:
        yield from leave_undisposed(agent, request.at)
        yield become_free(state, agent, request.at)
    else:
        if offer.state is OfferState.RINGING:
            yield from withdraw(state, offer, OfferOutcome.WITHDRAWN, request.at)
        yield state.settle(agent, request.at)


def change_duties(state: State, request: ChangeDuties) -> Iterator[Output]:
    """Other queues and skills than the centre's file says, also for calls that wait; or the file's again."""
    agent = state.agents.get(request.agent)
    profile = state.configuration.agents.get(request.agent)
    if agent is None or profile is None:
        raise Refusal(Reason.UNKNOWN_AGENT)
    duties = request.duties
    if any(queue not in state.queues for queue in duties.queues or ()):
        raise Refusal(Reason.UNKNOWN_QUEUE)
    if not state.skills.issuperset(duties.skills or ()):
        raise Refusal(Reason.UNKNOWN_SKILL)
    others = {k: v for k, v in state.configuration.duties.items() if k != agent.id}
    changed = others | ({agent.id: duties} if duties.any else {})
    state.configuration = replace(state.configuration, duties=changed)
    for queue in state.queues_of(agent):  # Perhaps nobody is left there.
        state.queues_to_review[queue] = None
        state.stand_differently((queue,))
    profile = state.configuration.profile_of(agent.id)
    agent.profile = replace(profile, device=agent.profile.device)
    yield from _accept(request, Action.CHANGE_DUTIES, _said(duties))
    yield DutiesChanged(
        at=request.at,
        agent=agent.id,
        by=request.by,
        duties=duties,
        queues=agent.profile.queues,
        skills=agent.profile.skills,
    )
    yield state.settle(agent, request.at)


def _said(duties: Duties) -> str:
    """Duties in words, for the record."""
    queues, skills = duties.queues, duties.skills
    said = []
    if queues is not None:
        said.append(f"queues: {', '.join(queues) or 'none'}")
    if skills is not None:
        levels = (f"{skill} {level}" for skill, level in skills.items())
        said.append(f"skills: {', '.join(levels) or 'none'}")
    return "; ".join(said) or "as the file says"


# What comes by itself.


def wrap_up_over(state: State, deadline: WrapUpOver, at: int) -> Iterator[Output]:
    """The time for work after the call is up."""
    agent = state.agents[deadline.agent]
    if agent.state is AgentState.WRAP_UP:
        yield from end_wrap_up(state, agent, at)


def rest_over(state: State, deadline: RestOver, at: int) -> Iterator[Output]:
    """Whose last offer came to nothing may be rung again."""
    state.place(state.agents[deadline.agent], at)
    yield from ()


def shift_restored(state: State, event: ShiftRestored) -> Iterator[Output]:
    """Those who were on shift when we stopped are on shift still."""
    for restored in event.agents:
        agent = state.agents.get(restored.agent)
        if agent is None or agent.logged_in:
            continue
        if _no_seat(state, agent, restored.desk) is not None:
            yield state.settle(agent, event.at)  # His phone is there no more, so his shift is over.
            continue
        if restored.desk is not None:
            state.seat(agent, state.configuration.desks[restored.desk])
        known = [cause.value for cause in RESTORED]
        agent.causes = {
            PauseCause(cause): reason for cause, reason in restored.causes if cause in known
        }
        agent.move(AgentState.NOT_READY)
        begin_shift(agent, event.at)
        presence.look(state, agent, event.at)
        if restored.wrap_up is not None and restored.wrap_up_until > event.at:
            wrap_up = WrapUp(
                mode=WrapUpMode(restored.wrap_up),
                until=restored.wrap_up_until,
                call=restored.wrap_up_call,
                queue=restored.wrap_up_queue,
                owes=restored.undisposed,
            )
            yield begin_wrap_up(state, agent, wrap_up, event.at)
            continue
        if restored.undisposed and restored.wrap_up_call is not None:
            yield undisposed(agent, restored.wrap_up_call, event.at)
        yield follow(state, agent, event.at)


def _be_ready(state: State, agent: Agent, lifts: Iterable[PauseCause], at: int) -> Iterator[Output]:
    """Nor these causes, nor work after a call, nor a log-out to come keeps the agent; what keeps him else, does."""
    agent.lift(lifts)
    agent.leaving = False
    agent.answers_again()
    if agent.wrap_up is not None:
        yield from end_wrap_up(state, agent, at)
    else:
        yield follow(state, agent, at)


def _leave(state: State, agent: Agent, at: int) -> AgentStateChanged:
    """One who is leaving leaves, unless a call, a locked wrap-up or a disposition keeps him: then after it."""
    locked = agent.wrap_up is not None and agent.wrap_up.mode is WrapUpMode.LOCKED
    if agent.offer is not None or locked or agent.undisposed is not None:
        return state.settle(agent, at)
    return become_free(state, agent, at)
