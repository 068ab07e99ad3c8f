"""The calls that we owe, as they stand in their queues: when one may be paid, and that it is; calls nobody."""

from collections.abc import Iterator
from dataclasses import replace

from acd.core.agent import Agent
from acd.core.call import Call, CallState
from acd.core.callback import (
    PLAIN,
    CallbackChanged,
    CallbackEnded,
    CallbackOutcome,
    CallbackRule,
)
from acd.core.hours import next_change
from acd.core.outbound import Allowed
from acd.core.reasons import Reason
from acd.core.state import State
from acd.core.timers import CallbackDue, CallbackOver, SpareOver
from acd.core.ways_out import calendar_open, may_dial

BARRED_MS = 60_000  # Calling out is closed, stopped, or as much as it may be.


def rule_of(state: State, call: Call) -> CallbackRule:
    """How his queue calls back."""
    rules = state.queues.get(call.queue) if call.queue is not None else None
    return (rules.callback if rules is not None else None) or PLAIN


def opens_at(state: State, call: Call, at: int) -> int:
    """From when on he may be called, by the hours of his queue; `at` if it is now."""
    rules = state.queues.get(call.queue) if call.queue is not None else None
    hours = rule_of(state, call).hours or (rules.hours if rules is not None else "")
    if calendar_open(state, hours, at):
        return at
    return next_change(state.configuration.calendars[hours], at) or at + BARRED_MS


def put_off(state: State, call: Call, agent: Agent, at: int) -> Iterator[CallbackChanged]:
    """It is his turn, and this agent's to call him. If that may not be, nobody's phone rings for it."""
    assert call.callback is not None
    opens = opens_at(state, call, at)
    if opens > at:
        yield from pause(state, call, opens, at)
        return
    way = may_dial(state, agent.id, call.callback.number, at)
    if way is Reason.AGENT_CAP:  # Others may.
        call.spares[agent.id] = at + BARRED_MS
        state.timers.set(SpareOver(call.id, agent.id), at + BARRED_MS)
    elif not isinstance(way, Allowed):
        yield from pause(state, call, at + BARRED_MS, at)


def pause(state: State, call: Call, until: int, at: int) -> Iterator[CallbackChanged]:
    """He is called later; his place stays as it is."""
    assert call.callback is not None
    call.move(CallState.PAUSED)
    state.stop_waiting(call)
    call.callback = replace(call.callback, due_at=until)
    state.timers.set(CallbackDue(call.id), until)
    yield told(call, at)


def told(call: Call, at: int) -> CallbackChanged:
    """How it stands now: what a restart will know of it."""
    assert call.callback is not None and call.queue is not None
    call.callback = replace(
        call.callback,
        queue=call.queue,
        priority=call.priority,
        requires=call.requires,
        data=call.data,
    )
    return CallbackChanged(at=at, call=call.id, callback=call.callback)


def ended(
    state: State,
    call: Call,
    outcome: CallbackOutcome,
    at: int,
    *,
    by: str = "",
    reason: str = "",
) -> CallbackEnded:
    """We owe him nothing any more, or cannot pay it."""
    assert call.callback is not None
    callback, call.callback = call.callback, None
    state.callbacks.pop(callback.number.digits)
    state.timers.cancel(call.id, CallbackDue, CallbackOver)
    return CallbackEnded(
        at=at, call=call.id, callback=callback, outcome=outcome, by=by, reason=reason
    )
