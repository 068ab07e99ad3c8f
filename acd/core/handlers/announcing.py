"""Over the music, a caller who waits hears where he stands and how long it will take; nobody ever waits for that.

An announcement is for who waits and for nobody else: as soon as a phone rings for him it is over, and he hears
his music until somebody speaks to him. Keys work while it plays. What is said is true when it begins: his place
by the one order of the queue, and the upper figure of the estimate, of which eight of ten hold, while it is good.
"""

from collections.abc import Iterator

from acd.core.call import Call, CallState, Hearing
from acd.core.commands import Media, PlayPrompts
from acd.core.events import PromptsFinished
from acd.core.handlers.waiting import expect_announcement, forecast
from acd.core.matching import Output, start_music, stop_announcement
from acd.core.state import State
from acd.core.timers import AnnouncementDue, AnnouncementOverdue

_MINUTE_MS = 60_000
# Nothing that is announced lasts longer; if its end is not told by then, it never will be.
_LONGEST_MS = 60_000


def announcement_due(state: State, deadline: AnnouncementDue, at: int) -> Iterator[Output]:
    """It is time to say something. Who is just being rung for, or hears something else, is not disturbed."""
    call = state.calls[deadline.call]
    expect_announcement(state, call, at)
    waits = call.state is CallState.WAITING and call.hearing is Hearing.MUSIC
    prompts = _words(state, call, at) if waits and state.hears(call.node) else ()
    if prompts:
        call.playback += 1
        call.hearing = Hearing.ANNOUNCEMENT
        state.timers.set(AnnouncementOverdue(call.id), at + _LONGEST_MS)
        yield PlayPrompts(call=call.id, playback=call.playback, prompts=prompts)


def announcement_finished(state: State, call: Call, event: PromptsFinished) -> Iterator[Output]:
    """He has heard it: music again."""
    if call.hearing is Hearing.ANNOUNCEMENT and event.playback == call.playback:
        state.timers.cancel(call.id, AnnouncementOverdue)
        yield from start_music(state, call)


def announcement_overdue(state: State, deadline: AnnouncementOverdue, at: int) -> Iterator[Output]:
    """Its end was never told."""
    call = state.calls[deadline.call]
    if call.hearing is Hearing.ANNOUNCEMENT:
        yield stop_announcement(state, call)
        yield from start_music(state, call)


def _words(state: State, call: Call, at: int) -> tuple[Media, ...]:
    assert call.queue is not None
    announcements = state.queues[call.queue].announcements
    if announcements is None:
        return ()
    said: tuple[Media, ...] = ()
    if announcements.position:
        before = state.ahead_of(call.queue, state.rank_of(call))
        said = ("queue-thereare", before + 1, "queue-callswaiting") if before else _NEXT
    expected = forecast(state, call, at) if announcements.wait else None
    if expected is not None and state.experience_of(call.queue).good:
        minutes = max(1, -(-expected.upper_ms // _MINUTE_MS))
        said += ("queue-holdtime", minutes, "queue-minutes" if minutes > 1 else "queue-minute")
    return said + announcements.prompts


_NEXT: tuple[Media, ...] = ("queue-youarenext",)
