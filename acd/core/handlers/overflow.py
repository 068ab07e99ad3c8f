"""Relieves a queue that is too much, by steps that hold or do not; rings nobody, and moves no caller who is rung for.

How a queue stands changes with every call. Nobody looks at all who wait for it: each step's callers stand in
order, all that a step can ask grows towards the end of the line, and so the look goes from the last one
forward and ends at the first for whom the step does not hold.
"""

from collections.abc import Iterator

from acd.core.call import Call
from acd.core.configuration import Overflow
from acd.core.handlers import search, waiting
from acd.core.ids import QueueId
from acd.core.matching import Output, first_agent
from acd.core.notices import CallOverflowed
from acd.core.state import State

# A loader refuses circles of overflows; this is for the ones that two configurations make together.
_MOST_MOVES = 10


def relieve(state: State, at: int) -> Iterator[Output]:
    """Look at the queues that stand differently than a moment ago."""
    again: dict[QueueId, None] = {}
    while state.queues_to_relieve:
        queue = next(iter(state.queues_to_relieve))
        del state.queues_to_relieve[queue]
        for step in list(state.watch.of(queue)):
            yield from _follow(state, queue, step, again, at)
    state.queues_to_relieve = again


def _follow(
    state: State, queue: QueueId, step: Overflow, again: dict[QueueId, None], at: int
) -> Iterator[Output]:
    spared = 0
    while (line := state.watch.of(queue).get(step)) is not None and spared < len(line):
        call = state.calls[line[-1 - spared][2]]
        if not _holds(state, call, step, at):
            return
        if first_agent(state, call, at) is not None:
            # He is about to be rung for. Should it come to nothing, he is looked at again.
            spared += 1
            again[queue] = None
        else:
            yield from _do(state, call, step, at)


def _holds(state: State, call: Call, step: Overflow, at: int) -> bool:
    """Whether all that the step asks for holds; what only time can tell was asked before he came here."""
    assert call.queue is not None
    length = state.waiting_in(call.queue)
    if length < step.waiting or length < step.per_agent * state.agents_on_shift(call.queue):
        return False
    if step.ahead and state.ahead_of(call.queue, state.rank_of(call)) < step.ahead:
        return False
    if not step.expected_ms:
        return True
    forecast = waiting.forecast(state, call, at)
    good = state.experience_of(call.queue).good
    return good and forecast is not None and forecast.median_ms >= step.expected_ms


def _do(state: State, call: Call, step: Overflow, at: int) -> Iterator[Output]:
    assert call.queue is not None
    if step.queue is not None and not _may_move(state, call, step.queue, at):
        waiting.expect_overflow(state, call, at, passed_over=step)
        state.line_up(call)
        return
    yield CallOverflowed(
        at=at,
        call=call.id,
        queue=call.queue,
        step=state.queues[call.queue].overflow.index(step) + 1,
        also=step.also,
        to=step.queue,
        result=step.leave or None,
    )
    if step.leave:
        yield from waiting.release(state, call, step.leave, at)
    elif step.queue is not None:
        call.queue = step.queue
        call.moves += 1
        yield from waiting.join(state, call, at)
    else:
        call.overflow_done = (*call.overflow_done, step)
        call.overflow_next = tuple(one for one in call.overflow_next if one != step)
        search.count_wait(state, call, at)
        state.wait(call)


def _may_move(state: State, call: Call, queue: QueueId, at: int) -> bool:
    """Whether he may wait there: a queue that is closed, full or left alone relieves nobody."""
    if queue not in state.queues or call.moves >= _MOST_MOVES:
        return False
    here, call.queue = call.queue, queue
    may = waiting.refusal(state, call, at) is None
    call.queue = here
    return may
