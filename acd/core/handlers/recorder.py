"""Keeps the recording of a call in step with the conversation; a recording that fails never hurts a call.

Recorded is the bridge in which caller and agent talk; in stereo, what the caller says and what he hears. While he is
out of the bridge (on hold, or while the agent asks another) what is said there is no part of the conversation to which
he has agreed: the recording pauses, unless the queue's rule says that it goes on.
"""

from collections.abc import Iterator

from acd.core.call import Call, CallState
from acd.core.commands import PauseRecording, ResumeRecording, StartRecording, StopRecording
from acd.core.configuration import QueueRules
from acd.core.events import (
    CommandFailed,
    Failure,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
)
from acd.core.handlers.saving import save
from acd.core.matching import Output
from acd.core.recording import (
    Recording,
    RecordingChanged,
    RecordingKept,
    RecordingState,
    RecordWhen,
)
from acd.core.state import State


def talk_begins(state: State, call: Call, at: int) -> Iterator[Output]:
    """An agent has the caller in a bridge: he is recorded there if the rule says so, or goes on being recorded."""
    assert call.queue is not None
    rules = state.queues.get(call.queue)
    recording = call.recording
    if recording is not None and recording.under_way:  # Found so after a restart.
        followed = list(follow(state, call, at))  # The note may be older than a pause, or its end.
        yield from followed or [told(call, at), _as_it_should_be(call, recording)]
        return
    if rules is None or not may_be_recorded(call, rules):
        if recording is not None:
            call.recording = None
            yield told(call, at)
        return
    if recording is None:
        recording = call.recording = Recording()
    recording.stereo = rules.record_stereo
    if rules.record is RecordWhen.ALWAYS or recording.state is RecordingState.BETWEEN:
        yield from start(call, recording, at)
    else:
        yield told(call, at)


def talk_ends(call: Call, at: int) -> Iterator[Output]:
    """Whoever had the caller has handed him on: the next part is recorded with who has him next."""
    if call.recording is not None and call.recording.under_way:
        yield from stop(call, call.recording, RecordingState.BETWEEN, at)


def call_ends(call: Call, at: int) -> Iterator[Output]:
    """Nothing more is to be recorded."""
    recording = call.recording
    if recording is not None and recording.state is not RecordingState.OFF:
        yield from stop(call, recording, RecordingState.OFF, at)


def follow(state: State, call: Call, at: int, by: str = "") -> Iterator[Output]:
    """Pause it or let it go on, as the caller is away or back, or somebody wants it."""
    recording = call.recording
    if recording is None:
        return
    quiet = recording.withheld or _is_away(state, call)
    if recording.state is RecordingState.RUNNING and quiet:
        recording.move(RecordingState.PAUSED)
    elif recording.state is RecordingState.PAUSED and not quiet:
        recording.move(RecordingState.RUNNING)
    else:
        return
    yield _as_it_should_be(call, recording)
    yield told(call, at, by)


def in_stereo(state: State, call: Call) -> bool:
    """Whether each side of it may come to be recorded by itself, which its bridge must be made for."""
    rules = state.queues.get(call.queue) if call.queue is not None else None
    return rules is not None and rules.record is not RecordWhen.NEVER and rules.record_stereo


def may_be_recorded(call: Call, rules: QueueRules) -> bool:
    """Whether this queue may record him. Who has said no is recorded nowhere."""
    agreed = call.consent is True if rules.record_needs_consent else call.consent is not False
    return rules.record is not RecordWhen.NEVER and agreed


# Asterisk tells.


def recording_started(state: State, event: RecordingStarted) -> Iterator[Output]:
    """It records from now on."""
    call, recording = _of(state, event)
    if call is None or recording is None or recording.state is not RecordingState.STARTING:
        return  # Late: it was stopped meanwhile.
    recording.move(RecordingState.RUNNING)
    yield told(call, event.at)
    yield from follow(state, call, event.at)


def recording_finished(state: State, event: RecordingFinished) -> Iterator[Output]:
    """The file is whole. If nobody has asked for that, the bridge is gone: its agent has hung up, or is about to."""
    yield RecordingKept(at=event.at, call=event.call, part=event.part)
    call, recording = _of(state, event)
    if call is not None and recording is not None and recording.under_way:
        talks = call.state in (CallState.TALKING, CallState.OUTSIDE) and not call.needs_us
        to = RecordingState.FAILED if talks else RecordingState.OFF
        yield from _ended(call, recording, to, event.at)
        yield save(call)


def recording_failed(state: State, event: RecordingFailed) -> Iterator[Output]:
    """Asterisk could not, or can no more: the disk is full, say. The call goes on."""
    call, recording = _of(state, event)
    if call is not None and recording is not None:
        yield from _fail(call, recording, event.at)


def _of(
    state: State, event: RecordingStarted | RecordingFinished | RecordingFailed
) -> tuple[Call | None, Recording | None]:
    """The call and its recording, if this is about the part that it has come to; else it is late."""
    call = state.calls.get(event.call)
    recording = call.recording if call is not None else None
    return call, recording if recording is not None and recording.part == event.part else None


def not_done(call: Call, event: CommandFailed) -> Iterator[Output]:
    """A command about this call's recording was not carried out. Nobody may believe a pause that is none."""
    recording = call.recording
    if recording is None or not recording.under_way:
        return
    if event.command == "StartRecording":
        yield from _fail(call, recording, event.at)
    elif event.failure is Failure.GONE:
        # There is none of this name: it ended while we did not hear. Another part takes its place.
        yield from _ended(call, recording, RecordingState.FAILED, event.at)
        if call.state is CallState.TALKING:
            yield from start(call, recording, event.at)
    elif event.command == "PauseRecording" and recording.state is RecordingState.PAUSED:
        # Better no recording than one of what was not to be in it.
        yield from stop(call, recording, RecordingState.FAILED, event.at)


def start(call: Call, recording: Recording, at: int, by: str = "") -> Iterator[Output]:
    """Record the next part."""
    assert call.bridge is not None
    recording.part += 1
    recording.move(RecordingState.STARTING)
    yield StartRecording(
        call=call.id, offer=call.bridge, part=recording.part, stereo=recording.stereo
    )
    yield told(call, at, by)
    yield save(call)


def stop(
    call: Call, recording: Recording, to: RecordingState, at: int, by: str = ""
) -> Iterator[Output]:
    """Record no more."""
    if recording.under_way:
        yield StopRecording(call=call.id, part=recording.part, stereo=recording.stereo)
    recording.move(to)
    if to is RecordingState.OFF:
        recording.withheld = False
    yield told(call, at, by)


def _fail(call: Call, recording: Recording, at: int) -> Iterator[Output]:
    if recording.under_way:
        yield from _ended(call, recording, RecordingState.FAILED, at)
        yield save(call)


def _ended(call: Call, recording: Recording, to: RecordingState, at: int) -> Iterator[Output]:
    """It has ended without being asked to, or never begun; of one in stereo the other half may go on, and must not."""
    if recording.stereo:
        yield StopRecording(call=call.id, part=recording.part, stereo=True)
    recording.move(to)
    yield told(call, at)


def _is_away(state: State, call: Call) -> bool:
    rules = state.queues.get(call.queue) if call.queue is not None else None
    return call.held_since is not None and not (rules is not None and rules.record_aside)


def _as_it_should_be(call: Call, recording: Recording) -> Output:
    paused = recording.state is RecordingState.PAUSED
    command = PauseRecording if paused else ResumeRecording
    return command(call=call.id, part=recording.part, stereo=recording.stereo)


def told(call: Call, at: int, by: str = "") -> RecordingChanged:
    """How it stands."""
    recording = call.recording
    return RecordingChanged(
        at=at,
        call=call.id,
        part=recording.part if recording is not None else 0,
        state=recording.state if recording is not None else None,
        withheld=recording is not None and recording.withheld,
        agent=call.served_by,
        queue=call.queue,
        consent=call.consent,
        by=by,
        stereo=recording is not None and recording.stereo,
    )
