"""What may be asked of an agent as he is: the one place from which both refusals and `allowed` come; changes nothing.

The engine refuses what `refusal` names, and the API shows what `allowed` and `forcible` list, so a button
that is shown works. What is not listed and not refused would change nothing: it may be asked for twice.
"""

from enum import StrEnum
from functools import lru_cache

from acd.core.agent import HIS_TO_LIFT, SUPERVISORS_TO_LIFT, Agent, AgentState, PauseCause
from acd.core.configuration import WrapUpMode
from acd.core.notices import Reason
from acd.core.record import record


class Action(StrEnum):
    """What can be asked for: by the agent or who acts for him, and from `force-ready` on by a supervisor."""

    LOG_IN = "log-in"
    BECOME_READY = "become-ready"
    BECOME_NOT_READY = "become-not-ready"
    SET_DO_NOT_DISTURB = "set-do-not-disturb"
    LIFT_DO_NOT_DISTURB = "lift-do-not-disturb"
    FINISH_WRAP_UP = "finish-wrap-up"
    EXTEND_WRAP_UP = "extend-wrap-up"
    ACCEPT_PREVIEW = "accept-preview"
    SKIP_PREVIEW = "skip-preview"
    LOG_OUT = "log-out"
    FORCE_READY = "force-ready"
    FORCE_NOT_READY = "force-not-ready"
    FORCE_FINISH_WRAP_UP = "force-finish-wrap-up"
    FORCE_LOG_OUT = "force-log-out"
    CHANGE_DUTIES = "change-duties"


OWN = tuple(Action)[: tuple(Action).index(Action.FORCE_READY)]
SUPERVISORS = tuple(Action)[len(OWN) :]

_REMEMBERED = 1_024  # There are not many ways to stand, and every event about an agent asks.


@record
class Standing:
    """All that matters here of how an agent is."""

    state: AgentState
    to_come: AgentState  # With no call and no work after one: the state itself, or the pending one.
    causes: frozenset[str]
    wrap_up: WrapUpMode | None
    extensible: bool
    owes: bool = False  # A disposition, without which he does not end it.
    previews: bool = False  # He is shown whom he might call.


def standing_of(agent: Agent) -> Standing:
    """How this agent stands."""
    wrap_up = agent.wrap_up
    return Standing(
        state=agent.state,
        to_come=agent.state_to_come,
        causes=frozenset(agent.causes),
        wrap_up=wrap_up.mode if wrap_up else None,
        extensible=wrap_up is not None and wrap_up.extension_ms > 0,
        owes=agent.undisposed is not None,
        previews=agent.preview is not None,
    )


def refusal(action: Action, of: Standing) -> Reason | None:
    """Why this may not be asked for now; None if it may."""
    if action in (Action.LOG_IN, Action.CHANGE_DUTIES):
        return None
    if of.state is AgentState.LOGGED_OUT:
        return Reason.NOT_LOGGED_IN
    match action:
        case Action.BECOME_READY:
            return Reason.HELD_BY_SUPERVISOR if PauseCause.SUPERVISOR in of.causes else _keeps(of)
        case Action.ACCEPT_PREVIEW | Action.SKIP_PREVIEW:
            return None if of.previews else Reason.NO_PREVIEW
        case Action.FINISH_WRAP_UP | Action.FORCE_FINISH_WRAP_UP | Action.EXTEND_WRAP_UP:
            if of.wrap_up is None:
                return Reason.NOT_IN_WRAP_UP
            if action is Action.EXTEND_WRAP_UP and not of.extensible:
                return Reason.NOT_EXTENSIBLE
            return _keeps(of) if action is Action.FINISH_WRAP_UP else None
    return None


def _keeps(of: Standing) -> Reason | None:
    """What keeps an agent in his work after a call, whatever he says; None if nothing does, or he has none."""
    if of.wrap_up is WrapUpMode.LOCKED:
        return Reason.WRAP_UP_LOCKED
    return Reason.NOT_DISPOSED if of.owes else None


@lru_cache(maxsize=_REMEMBERED)
def allowed(of: Standing) -> tuple[Action, ...]:
    """What the agent, or one who acts for him, can ask for now and it would change something."""
    return tuple(action for action in OWN if _serves(action, of))


@lru_cache(maxsize=_REMEMBERED)
def forcible(of: Standing) -> tuple[Action, ...]:
    """What a supervisor can force now and it would change something."""
    return tuple(action for action in SUPERVISORS if _serves(action, of))


def _serves(action: Action, of: Standing) -> bool:
    return refusal(action, of) is None and _changes(action, of)


def _changes(action: Action, of: Standing) -> bool:
    """Whether this would change something. Of a pause at least the reason can be another one."""
    going = of.to_come is AgentState.LOGGED_OUT
    match action:
        case Action.LOG_IN:
            return going  # Off shift, or to be: that is taken back.
        case Action.LOG_OUT:
            kept = of.wrap_up is None or of.wrap_up is WrapUpMode.LOCKED or of.owes
            return not (going and kept)  # Whose phone was taken away may leave his wrap-up sooner.
        case Action.BECOME_READY:
            return of.wrap_up is not None or going or _any(HIS_TO_LIFT, of)
        case Action.FORCE_READY:
            return of.wrap_up is not None or going or _any(SUPERVISORS_TO_LIFT, of)
        case Action.SET_DO_NOT_DISTURB:
            return PauseCause.DO_NOT_DISTURB not in of.causes
        case Action.LIFT_DO_NOT_DISTURB:
            return PauseCause.DO_NOT_DISTURB in of.causes
        case Action.FORCE_LOG_OUT:
            return not going or of.state in (AgentState.OFFERED, AgentState.WRAP_UP)
    return True


def _any(causes: tuple[PauseCause, ...], of: Standing) -> bool:
    return any(cause in of.causes for cause in causes)
