"""A caller waits in a queue: whether he may, how long, where next, and back to the dialplan; rings nobody."""

from collections.abc import Iterator

from acd.core import router
from acd.core.call import IN_QUEUE, UNOFFERED, Call, CallState, Hearing
from acd.core.commands import HangUp, ReleaseToDialplan
from acd.core.configuration import AtClosing, Overflow, QueueRules
from acd.core.customer import CAN_REPEAT, Confidence
from acd.core.estimate import Experience, Forecast
from acd.core.handlers import search
from acd.core.handlers.holding import wind_up
from acd.core.handlers.saving import keep
from acd.core.hours import next_change
from acd.core.ids import Direction, QueueId, caller_leg
from acd.core.lines import Rank
from acd.core.matching import Output, stop_announcement
from acd.core.notices import CallQueued, Misconfigured, PlaceResumed
from acd.core.resume import Dropout
from acd.core.skill_parser import parse
from acd.core.skills import written
from acd.core.state import State
from acd.core.timers import (
    AnnouncementDue,
    DelayOver,
    HoursChange,
    LastAgentOver,
    LeaveOverdue,
    OverflowDue,
    RenewDue,
    SpareOver,
    WaitOver,
    WidenDue,
)
from acd.core.ways_out import calendar_open

# What CORDBOARD_RESULT says when a call is given back.
DONE = "done"
UNKNOWN_QUEUE = "unknown-queue"
UNKNOWN_MENU = "unknown-menu"
MENU_TIMEOUT = "menu-timeout"
QUEUE_FULL = "queue-full"
CLOSED = "closed"
UNSTAFFED = "unstaffed"
MAX_WAIT = "max-wait"

# What is due because he waits.
_WHILE_WAITING = (OverflowDue, WaitOver, AnnouncementDue, LastAgentOver, WidenDue, DelayOver)
# Where he may not wait on now, he may later.
_AGAIN_MS = 5_000


def enqueue(
    state: State, call: Call, name: QueueId, priority: int, at: int, *, requires: str = ""
) -> Iterator[Output]:
    """Let the call wait in this queue; where it may not, the dialplan knows a way.

    Of two priorities the higher one counts, and what is required is added to what already was.
    """
    if name not in state.queues:
        yield Misconfigured(
            at=at, call=call.id, problem=f"a call is sent to queue {name!r}: there is none"
        )
        yield from release(state, call, UNKNOWN_QUEUE, at)
        return
    call.queue = name
    call.priority = max(call.priority, priority)
    if requires:  # In its one way of writing, for the note on his channel.
        call.requires = tuple(dict.fromkeys((*call.requires, written(parse(requires)))))
    call.came_to = call.came_to or name
    yield from resume_callback(state, call, at)
    if call.joined_at is None:  # Who has waited already, before our restart, is not turned away.
        yield from resume_place(state, call, at)
        why = refusal(state, call, at)
        if why is not None and not (why == QUEUE_FULL and call.placed_at is not None):
            yield from release(state, call, why, at)
            return
    call.move(CallState.WAITING)
    call.joined_at = at if call.joined_at is None else call.joined_at
    yield from join(state, call, at)
    heed_closing(state, call, at)  # It may have closed while we were away.


def resume_callback(state: State, call: Call, at: int) -> Iterator[Output]:
    """Who is owed a call from here and calls himself has his place, and is not called: there is one entry for him."""
    number = call.identity.number
    owed = state.callbacks.get(number) if number is not None else None
    if owed is None or call.direction is Direction.OUT:
        return
    entry = state.calls[owed]
    here = call.came_to in (entry.came_to, entry.queue)
    if not here or call.identity.confidence not in CAN_REPEAT or owed in state.callbacks_to_end:
        return
    state.callbacks_to_end[owed] = None
    assert entry.callback is not None and entry.place_counts_from is not None
    call.result = ""  # He may have asked for it in this very call.
    left = Dropout(
        call=entry.callback.origin or owed,
        priority=entry.priority,
        placed_at=min(at, entry.place_counts_from),
        left_at=entry.callback.asked_at,
    )
    yield _take_place(call, left, at)


def resume_place(state: State, call: Call, at: int) -> Iterator[Output]:
    """Who hung up here a moment ago has his old place; only if it is surely he, and by his own number."""
    assert call.queue is not None and call.came_to is not None
    rules, number = state.queues.get(call.came_to), call.identity.number
    if rules is None or not rules.resume_ms or number is None or call.placed_at is not None:
        return
    if call.identity.confidence is not Confidence.OWN:
        return
    left = state.dropouts.take(rules.id, number, within_ms=rules.resume_ms, at=at)
    if left is None:
        return
    yield _take_place(call, left, at)


def _take_place(call: Call, left: Dropout, at: int) -> PlaceResumed:
    assert call.came_to is not None
    call.placed_at = left.placed_at
    call.priority = max(call.priority, left.priority)
    return PlaceResumed(
        at=at,
        call=call.id,
        queue=call.came_to,
        earlier=left.call,
        placed_at=left.placed_at,
        away_ms=at - left.left_at,
    )


def remember_place(state: State, call: Call, at: int) -> None:
    """He has hung up while he waited; should he call again soon, it is as if he had not."""
    rules = state.queues.get(call.came_to) if call.came_to is not None else None
    number = call.identity.number
    if rules is None or not rules.resume_ms or number is None:
        return
    if call.identity.confidence is Confidence.OWN and call.place_counts_from is not None:
        place = Dropout(
            call=call.id, priority=call.priority, placed_at=call.place_counts_from, left_at=at
        )
        state.dropouts.add(rules.id, number, place, within_ms=rules.resume_ms)


def refusal(state: State, call: Call, at: int) -> str | None:
    """Why this call may not begin to wait in its queue now; None if it may."""
    assert call.queue is not None
    rules = state.queues[call.queue]
    if not open_at(state, rules, at):
        return CLOSED
    if search.leaves(state, call):
        return UNSTAFFED
    full = rules.most_waiting and state.waiting_in(rules.id) >= rules.most_waiting
    return QUEUE_FULL if full else None  # The last: who has a place comes in all the same.


def open_at(state: State, rules: QueueRules, at: int) -> bool:
    """Whether this queue takes new calls now."""
    return calendar_open(state, rules.hours, at)


def join(state: State, call: Call, at: int) -> Iterator[Output]:
    """A call that is in state WAITING stands in its queue from now on."""
    assert call.queue is not None and call.joined_at is not None
    call.overflow_done = ()
    yield from follow_rules(state, call, at)
    if call.absent:  # Nobody is there to be told how long it will take, nor to give up.
        yield keep(call, at)
        return
    call.forecast = forecast(state, call, at)
    yield CallQueued(
        at=at,
        call=call.id,
        queue=call.queue,
        priority=call.priority,
        joined_at=call.joined_at,
        placed_at=call.placed_at,
        requires=call.requires,
        forecast=call.forecast,
        forecast_good=state.experience_of(call.queue).good,
        bonus_ms=state.bonus_of(call),
        weight=state.queues[call.queue].weight,
        last_agent=call.last_agent,
        reason=call.reason,
    )
    yield keep(call, at)


def forecast(state: State, call: Call, at: int) -> Forecast | None:
    """How long a call that is in a queue will wait from now on; None where nothing is known."""
    assert call.queue is not None
    rank = state.rank_of(call)
    return state.experience_of(call.queue).forecast(
        ahead=state.ahead_of(call.queue, rank),
        free=state.pools.size(call.queue),
        agents=state.crew.agents(call.queue),
        at=at,
        others=_ahead_elsewhere(state, call.queue, rank, at),
    )


def _ahead_elsewhere(
    state: State, queue: QueueId, rank: Rank, at: int
) -> Iterator[tuple[float, Experience]]:
    """Who comes before a call of this rank in the other queues of its agents, as far as they fall to these."""
    for other, share in state.crew.neighbours(queue):
        ahead = state.ahead_of(other, state.rank_in(other, queue, rank, at))
        if ahead:
            yield ahead * share, state.experience_of(other)


def follow_rules(state: State, call: Call, at: int) -> Iterator[Output]:
    """Let what the queue's rules say now hold for this call, which is in the queue."""
    assert call.queue is not None and call.joined_at is not None
    yield from forget_waiting(state, call, at)
    call.identity = state.identity_of(call)
    rules = state.queues[call.queue]
    call.overdue = False
    search.begin(state, call, at)
    if rules.longest_wait_ms and not call.absent:
        state.timers.set(WaitOver(call.id), max(at, call.joined_at + rules.longest_wait_ms))
    expect_overflow(state, call, at)
    expect_announcement(state, call, at)
    state.wait(call)


def overflow_due(state: State, deadline: OverflowDue, at: int) -> Iterator[Output]:
    """The caller has waited long enough for one more step of overflow; whether it is done is seen in `overflow`."""
    call = state.calls[deadline.call]
    expect_overflow(state, call, at)
    state.line_up(call)
    yield from ()


def expect_overflow(
    state: State, call: Call, at: int, *, passed_over: Overflow | None = None
) -> None:
    """Note for which steps he has waited long enough, and wake up for the next one.

    A step that is `passed_over`, because he may not wait where it leads, is tried again after a while.
    """
    assert call.queue is not None and call.joined_at is not None
    overflow = state.queues[call.queue].overflow
    if not overflow:  # As most queues are.
        call.overflow_next = ()
        return
    steps = [
        step
        for step in overflow
        if step not in call.overflow_done and not (step.leave and call.absent)
    ]
    waited_ms = at - call.joined_at
    # Of those that he has come to, none that was passed over before: two would take turns without end.
    ready = steps if passed_over is None else call.overflow_next
    call.overflow_next = tuple(
        step for step in ready if step.after_ms <= waited_ms and step != passed_over
    )
    due = [call.joined_at + step.after_ms for step in steps if step.after_ms > waited_ms]
    if passed_over is not None:
        due.append(at + _AGAIN_MS)
    if due:
        state.timers.set(OverflowDue(call.id), min(due))


def expect_announcement(state: State, call: Call, at: int) -> None:
    """Wake up when he is next to be told where he stands: so long after he joined, whatever has happened since."""
    assert call.queue is not None and call.joined_at is not None
    announcements = state.queues[call.queue].announcements
    if announcements is None or call.absent:
        return
    due, every_ms = call.joined_at + announcements.first_ms, announcements.every_ms
    if due <= at and every_ms:
        due += ((at - due) // every_ms + 1) * every_ms
    if due > at:
        state.timers.set(AnnouncementDue(call.id), due)


def wait_over(state: State, deadline: WaitOver, at: int) -> Iterator[Output]:
    """The caller has waited as long as his queue allows, or it has closed; whose phone rings for him may pick up."""
    call = state.calls[deadline.call]
    if call.state in UNOFFERED:
        yield from release(state, call, overdue_result(state, call, at), at)
    else:
        call.overdue = True
        state.line_up(call)


def overdue_result(state: State, call: Call, at: int) -> str:
    """Why he is sent home who has waited as long as he may."""
    return CLOSED if _sends_home(state, call, at) else MAX_WAIT


def hours_change(state: State, deadline: HoursChange, at: int) -> Iterator[Output]:
    """A queue opens or closes. At closing, those who wait are served or given back, as it says."""
    rules = state.queues.get(deadline.queue)
    if rules is None:
        return
    watch_hours(state, rules, at)
    if not open_at(state, rules, at) and rules.at_closing is AtClosing.LEAVE:
        for call in [call for call in state.calls.values() if call.queue == rules.id]:
            if call.state in UNOFFERED and state.hears(call.node) and not call.absent:
                yield from release(state, call, CLOSED, at)


def heed_closing(state: State, call: Call, at: int) -> None:
    """Who could not be sent home when his queue closed, for a phone rang or we did not hear him, is now."""
    if _sends_home(state, call, at):
        state.timers.set(WaitOver(call.id), at)


def _sends_home(state: State, call: Call, at: int) -> bool:
    rules = state.queues.get(call.queue) if call.queue is not None else None
    if rules is None or rules.at_closing is not AtClosing.LEAVE or call.absent:
        return False
    return not open_at(state, rules, at)


def watch_hours(state: State, rules: QueueRules, at: int) -> None:
    """Wake up when this queue next opens or closes."""
    calendar = state.configuration.calendars.get(rules.hours)
    change = next_change(calendar, at) if calendar is not None else None
    if change is None:
        state.timers.cancel(rules.id, HoursChange)
    else:
        state.timers.set(HoursChange(rules.id), change)


def review(state: State, at: int) -> Iterator[Output]:
    """Somebody has gone off shift or on a break: nobody waits for him, nor where no one is left."""
    queues = list(state.queues_to_review)
    state.queues_to_review.clear()
    for queue in queues:
        for name in search.review(state, queue, at):
            yield from release(state, state.calls[name], UNSTAFFED, at)


def forget_waiting(state: State, call: Call, at: int) -> Iterator[Output]:
    """The call stands in no queue, and nothing is due because it did."""
    yield from router.withdraw(state, call, at)
    state.stop_waiting(call)
    call.last_agent = None
    state.timers.cancel(call.id, *_WHILE_WAITING)


def release(state: State, call: Call, result: str, at: int) -> Iterator[Output]:
    """Give the caller back to the dialplan; whom an agent has called came from none, and is hung up."""
    yield from forget_waiting(state, call, at)
    if (call.keeps_place or call.deflected) and call.joined_at is not None:
        call.waited_ms = at - call.joined_at
    call.move(CallState.LEAVING)
    call.result = result
    state.timers.set(LeaveOverdue(call.id), at + state.configuration.limits.release_ms)
    if call.direction is Direction.OUT:
        if call.dialled_at is not None:
            yield HangUp(call=call.id, channel=caller_leg(call.id))
        else:  # Nobody is there who could leave.
            state.timers.set(LeaveOverdue(call.id), at)
        return
    if call.hearing is Hearing.ANNOUNCEMENT:  # Asterisk does nothing with him before it is over.
        yield stop_announcement(state, call)
    silence = call.hearing is not Hearing.NOTHING
    yield ReleaseToDialplan(call=call.id, result=result, silence=silence)


def renew_due(state: State, deadline: RenewDue, at: int) -> Iterator[Output]:
    """We are alive: hold off Asterisk's dead man's switch for another while."""
    call = state.calls.get(deadline.call)
    if call is None or not call.needs_us:
        return
    yield wind_up(state, call, at)


def spare_over(state: State, deadline: SpareOver, at: int) -> Iterator[Output]:
    """Who let this call ring out, or refused it, may be asked again."""
    call = state.calls[deadline.call]
    del call.spares[deadline.agent]
    if call.state in IN_QUEUE and call.queue in state.queues:
        state.wait(call)
    yield from ()
