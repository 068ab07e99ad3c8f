"""Whether a number may be called now, and by which way: hours, stop and caps; dials nothing."""

from acd.core.hours import is_open
from acd.core.ids import AgentId
from acd.core.outbound import Allowed, Barred, Denied, Number, decide
from acd.core.reasons import Reason
from acd.core.state import State


def calendar_open(state: State, name: str, at: int) -> bool:
    """Whether this calendar says open; one that there is not is open always."""
    calendar = state.configuration.calendars.get(name)
    return calendar is None or is_open(calendar, at)


def may_dial(state: State, agent: AgentId, number: Number, at: int) -> Allowed | Reason:
    """By which route this agent may call this number now, or why not."""
    outbound = state.configuration.outbound
    found = decide(outbound.routes, number, lambda name: calendar_open(state, name, at))
    if isinstance(found, Denied):
        return Reason(found.why.value)
    if found.emergency:
        return found
    if state.configuration.outbound_stopped:
        return Reason(Barred.STOPPED.value)
    cap = state.usage.refusal(outbound.caps, agent, at)
    return found if cap is None else Reason(cap.value)


def may_dial_nobody(state: State, agent: AgentId, at: int) -> bool:
    """Whether any number would be refused him: not for its own sake, nor for the hour, nor for what the others do."""
    configuration = state.configuration
    if configuration.outbound.emergency:
        return False
    full = state.usage.full(configuration.outbound.caps, agent, at)
    return full or configuration.outbound_stopped
