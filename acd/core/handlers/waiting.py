"""A caller waits in a queue, and is given back to the dialplan; nothing here knows why."""

from collections.abc import Iterator

from acd.core.call import Call, CallState
from acd.core.commands import ReleaseToDialplan, RenewDeadMan, SaveCall
from acd.core.ids import QueueId
from acd.core.matching import Output
from acd.core.notices import CallQueued, Misconfigured
from acd.core.saved import SavedPlace, write_saved
from acd.core.state import State
from acd.core.timers import LeaveOverdue, RenewDue, SpareOver

# What CORDBOARD_RESULT says when a call is given back.
DONE = "done"
UNKNOWN_QUEUE = "unknown-queue"
UNKNOWN_MENU = "unknown-menu"
MENU_TIMEOUT = "menu-timeout"


def enqueue(state: State, call: Call, name: QueueId, priority: int, at: int) -> Iterator[Output]:
    """Let the call wait in this queue; an unknown queue gives it back to the dialplan, which knows a way."""
    if name not in state.queues:
        yield Misconfigured(
            at=at, call=call.id, problem=f"a call is sent to queue {name!r}: there is none"
        )
        yield from release(state, call, UNKNOWN_QUEUE, at)
        return
    call.move(CallState.WAITING)
    call.queue = name
    call.priority = priority
    call.joined_at = at if call.joined_at is None else call.joined_at
    state.wait(call)
    yield CallQueued(at=at, call=call.id, queue=name, priority=priority, joined_at=call.joined_at)
    yield SaveCall(
        call=call.id,
        saved=write_saved(SavedPlace(queue=name, priority=priority, joined_at=call.joined_at)),
    )


def release(state: State, call: Call, result: str, at: int) -> Iterator[Output]:
    """Give the caller back to the dialplan."""
    state.stop_waiting(call)
    if call.state is CallState.WAITING and call.joined_at is not None:
        call.waited_ms = at - call.joined_at
    call.move(CallState.LEAVING)
    state.timers.set(LeaveOverdue(call.id), at + state.configuration.limits.release_ms)
    yield ReleaseToDialplan(call=call.id, result=result)


def renew_due(state: State, deadline: RenewDue, at: int) -> Iterator[Output]:
    """We are alive: hold off Asterisk's dead man's switch for another while."""
    call = state.calls.get(deadline.call)
    if call is None or call.state in (CallState.TALKING, CallState.LEAVING):
        return
    dead_man_ms = state.configuration.limits.dead_man_ms
    state.timers.set(deadline, at + dead_man_ms // 3)
    yield RenewDeadMan(call=call.id, timeout_ms=dead_man_ms)


def spare_over(state: State, deadline: SpareOver, at: int) -> Iterator[Output]:
    """Who let this call ring out, or refused it, may be asked again."""
    call = state.calls[deadline.call]
    del call.spares[deadline.agent]
    if call.state is CallState.WAITING:
        state.wait(call)
    yield from ()
