"""An agent or a supervisor begins, ends or pauses the recording of a call; who may ask is settled at the edge."""

from collections.abc import Iterator

from acd.core.call_permits import CallAction
from acd.core.handlers.answers import accept
from acd.core.handlers.control import asked
from acd.core.handlers.recorder import follow, start, stop, told
from acd.core.handlers.saving import save
from acd.core.matching import Output
from acd.core.recording import RecordingState
from acd.core.requests import BeginRecording, ContinueRecording, EndRecording, SuspendRecording
from acd.core.state import State


def begin_recording(state: State, request: BeginRecording) -> Iterator[Output]:
    """Record from now on."""
    call = asked(state, request, CallAction.RECORD)
    yield accept(request)
    assert call.recording is not None
    yield from start(call, call.recording, request.at, request.by)


def end_recording(state: State, request: EndRecording) -> Iterator[Output]:
    """Record no more; what is recorded stays."""
    call = asked(state, request, CallAction.STOP_RECORDING)
    yield accept(request)
    assert call.recording is not None
    yield from stop(call, call.recording, RecordingState.OFF, request.at, request.by)
    yield save(call)


def suspend_recording(state: State, request: SuspendRecording) -> Iterator[Output]:
    """Nothing is kept of what is said from now on, until somebody lets it go on."""
    yield from _withhold(state, request, CallAction.PAUSE_RECORDING, withheld=True)


def continue_recording(state: State, request: ContinueRecording) -> Iterator[Output]:
    """What is said is kept again."""
    yield from _withhold(state, request, CallAction.RESUME_RECORDING, withheld=False)


def _withhold(
    state: State,
    request: SuspendRecording | ContinueRecording,
    action: CallAction,
    *,
    withheld: bool,
) -> Iterator[Output]:
    call = asked(state, request, action)
    yield accept(request)
    assert call.recording is not None
    call.recording.withheld = withheld
    before = call.recording.state
    yield from follow(state, call, request.at, request.by)
    if call.recording.state is before:  # The caller is away, or Asterisk has not begun yet.
        yield told(call, request.at, request.by)
    yield save(call)
