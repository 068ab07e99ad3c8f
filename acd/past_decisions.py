"""Why a call of the past went to whom it went: the journal, played again up to then; asks nobody who is at work.

Nothing is kept for it while calls are decided. A session that does not name the call is only looked through.
As a process of its own (`python -m acd.past_decisions`) it takes nothing from those that calls wait for.
"""

import asyncio
import json
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from acd import journal
from acd.apart import done_apart, give_way
from acd.core.explain import Candidate, why, why_not
from acd.core.ids import AgentId, CallId
from acd.core.notices import CallOffered, CallQueued

PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a call began to wait or was offered: what it was, where it stands, and how everybody stood after it."""

    at: int
    what: str
    where: str
    candidates: tuple[Candidate, ...]


def moments(place: Path, call: CallId, agent: AgentId | None) -> Iterator[Moment]:
    """All moments of this call, in order; `place` is a folder of journals or a part of one. Raises JournalError."""
    for files in _sessions(place):
        last = max((n for n, file in enumerate(files) if _names(file, call)), default=None)
        if last is not None:
            yield from _played(files[: last + 1], call, agent)


def _sessions(place: Path) -> list[list[Path]]:
    """The parts of each session, in order."""
    if not place.is_dir():
        return [journal.parts(place)]
    found: dict[str, list[Path]] = {}
    for part in sorted(place.glob("journal-*.jsonl")):
        found.setdefault(part.name.rsplit("-", 1)[0], []).append(part)
    return list(found.values())


def _names(file: Path, call: CallId) -> bool:
    named = json.dumps(call).encode()
    try:
        with file.open("rb") as lines:
            return any(named in line for line in lines)
    except OSError as error:
        raise journal.JournalError(f"{file}: cannot be read: {error.strerror}") from error


def _played(files: Sequence[Path], call: CallId, agent: AgentId | None) -> Iterator[Moment]:
    for step in journal.replay(files):
        what = [
            type(said).__name__
            for said in step.outputs
            if isinstance(said, CallQueued | CallOffered) and said.call == call
        ]
        if what:
            at, state = step.happening.at, step.engine.state
            told = (why_not(state, agent, call, at),) if agent else why(state, call, at)
            yield Moment(at=at, what=" and ".join(what), where=step.where, candidates=told)


class PastDecisions:
    """Asks a process of its own, so that no call waits for it."""

    def __init__(self, folder: Path, *, patience_s: float = PATIENCE_S) -> None:
        self._folder = folder
        self._patience_s = patience_s
        self._one_at_a_time = asyncio.Lock()

    async def explain(self, call: CallId, agent: AgentId | None) -> Sequence[Candidate] | None:
        """As it was when the call was last offered, or began to wait; None: no journal knows it.

        Raises TooLongError if the journal of that time is too long to be played while somebody waits.
        """
        asked = json.dumps({"place": str(self._folder), "call": call, "agent": agent}).encode()
        async with self._one_at_a_time:
            said = await done_apart(__name__, asked, patience_s=self._patience_s)
        told = json.loads(said) if said else None
        return None if told is None else [Candidate(**one) for one in told]


def _main() -> None:
    give_way()
    asked = json.load(sys.stdin)
    agent = AgentId(asked["agent"]) if asked["agent"] else None
    found: deque[Moment] = deque(maxlen=1)
    try:
        found.extend(moments(Path(asked["place"]), CallId(asked["call"]), agent))
    except journal.JournalError as error:
        print(error, file=sys.stderr)  # noqa: T201 # Where the server's log goes.
    told = None
    if found:
        told = [{"agent": c.agent, "rule": c.rule, "detail": c.detail} for c in found[0].candidates]
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    _main()
