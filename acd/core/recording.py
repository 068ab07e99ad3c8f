"""A recording: what is said in one call, in parts, through however many hands it goes; knows no file and no wire.

A part is what was said in one bridge. Between two of them the caller waits for the next agent, and nothing is kept
of it. A call that may not be recorded has no recording at all, so nobody can begin one by mistake.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from acd.core.asked import AskedOfCall
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.moves import check_move
from acd.core.record import record


class RecordWhen(StrEnum):
    """Which conversations of a queue are recorded."""

    NEVER = "never"
    ALWAYS = "always"
    ON_REQUEST = "on-request"  # When an agent or a supervisor asks for it.


class RecordingState(StrEnum):
    """How it stands."""

    OFF = "off"  # Nothing is recorded, and it may be asked for.
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    BETWEEN = "between"  # Goes on when the next agent has the caller.
    FAILED = "failed"  # Asterisk does not record, though it should.


MOVES: Mapping[RecordingState, frozenset[RecordingState]] = {
    RecordingState.OFF: frozenset({RecordingState.STARTING}),
    RecordingState.STARTING: frozenset(
        {
            RecordingState.RUNNING,
            RecordingState.BETWEEN,
            RecordingState.OFF,
            RecordingState.FAILED,
        }
    ),
    RecordingState.RUNNING: frozenset(
        {
            RecordingState.PAUSED,
            RecordingState.BETWEEN,
            RecordingState.OFF,
            RecordingState.FAILED,
        }
    ),
    RecordingState.PAUSED: frozenset(
        {
            RecordingState.RUNNING,
            RecordingState.BETWEEN,
            RecordingState.OFF,
            RecordingState.FAILED,
        }
    ),
    RecordingState.BETWEEN: frozenset({RecordingState.STARTING, RecordingState.OFF}),
    RecordingState.FAILED: frozenset(
        {RecordingState.STARTING, RecordingState.BETWEEN, RecordingState.OFF}
    ),
}

# A part is under way.
UNDER_WAY = frozenset({RecordingState.STARTING, RecordingState.RUNNING, RecordingState.PAUSED})


@dataclass(slots=True, kw_only=True)
class Recording:
    """The recording of one call that may be recorded. Only the handlers change it."""

    part: int = 0  # The number of the part under way, or of the last one; the first is 1.
    state: RecordingState = RecordingState.OFF
    withheld: bool = False  # Somebody has paused it: a card number is being said.
    stereo: bool = (
        False  # Since the agent has the caller: what he says and what he hears, each by itself.
    )

    @property
    def under_way(self) -> bool:
        """Whether there is a part that grows, or is paused."""
        return self.state in UNDER_WAY

    def move(self, new: RecordingState) -> None:
        """Go to another state; an illegal move is our fault and fails."""
        check_move(MOVES, "recording, part", self.part, self.state, new)
        self.state = new

    @property
    def note(self) -> str:
        """What a restart must know of it, as text without `|`; empty if nothing was recorded yet."""
        words = [
            word for word, holds in (("withheld", self.withheld), ("stereo", self.stereo)) if holds
        ]
        return ":".join([str(self.part), self.state, *words]) if self.part else ""


def read_note(text: str) -> Recording | None:
    """The recording that a note tells of. Raises ValueError if it is none of ours."""
    if not text:
        return None
    part, state, *words = text.split(":")
    found = RecordingState(state)
    if words not in ([], ["withheld"], ["stereo"], ["withheld", "stereo"]):
        raise ValueError(text)
    return Recording(
        part=int(part),
        state=RecordingState.RUNNING if found is RecordingState.STARTING else found,
        withheld="withheld" in words,
        stereo="stereo" in words,
    )


# What people ask for: see `requests`.


@record
class BeginRecording(AskedOfCall):
    """Record what is said from now on."""


@record
class EndRecording(AskedOfCall):
    """Record no more; what is recorded stays."""


@record
class SuspendRecording(AskedOfCall):
    """Keep nothing of what is said until ContinueRecording: a card number, say."""


@record
class ContinueRecording(AskedOfCall):
    """Keep again what is said."""


# What people are told of recordings.


@record
class RecordingChanged:
    """How the recording of a call stands now, and who asked for it; nobody, where a rule or Asterisk did."""

    at: int
    call: CallId
    part: int
    state: RecordingState | None  # None: it may not be recorded.
    withheld: bool
    agent: AgentId | None  # Who has the call.
    queue: QueueId | None
    consent: bool | None  # Whether the caller has agreed; None: he was not asked.
    by: str = ""
    stereo: bool = False


@record
class RecordingKept:
    """A part is whole: nothing is added to it any more. The call may be long over. Of one in stereo: each half."""

    at: int
    call: CallId
    part: int
