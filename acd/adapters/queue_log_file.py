"""Writes what happens into a `queue_log` as app_queue would, for tools that read one; no call ever waits for it.

The file is opened for each write, so whoever rotates it (logrotate, by renaming) need tell nobody. What cannot be
written waits in memory, up to a bound, and is written when it can be.
"""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from acd.core.agent import AgentState
from acd.core.notices import AgentStateChanged, CallQueued, CallStarted, Notice
from acd.queue_log.line import BadLineError, Line, read_line
from acd.queue_log.scribe import Scribe
from acd.reports.agent_facts import why_not_ready
from acd.reports.facts import Fact, Kind

log = logging.getLogger(__name__)

_EVERY_S = 0.5
_MOST_LINES = 100_000
_MOST_CALLERS = 50_000
_LOOKED_BACK = 1_000_000  # Bytes: some ten thousand lines.


class QueueLogFile:
    """A file that grows. It hears notices, and the facts that the ledger makes of them, in their order."""

    def __init__(self, path: Path, agents: Callable[[], Mapping[str, str]]) -> None:
        self.lost = 0
        self._path = path
        self._agents = agents
        self._scribe = Scribe(agents())
        self._callers: dict[str, tuple[str, str | None]] = {}  # Number, and what he dialled.
        self._waiting: dict[str, str] = {}  # Who waits in which queue, as far as it is written.
        self._lines: deque[str] = deque()
        self._something = asyncio.Event()
        self._away = False
        self._writing: asyncio.Task[None] | None = None

    def hear(self, notice: Notice, facts: Sequence[Fact]) -> None:
        """A notice, and what is over by it. Never waits."""
        for fact in facts:
            if fact.kind is Kind.STAY and self._waiting.get(fact.conversation or "") == fact.queue:
                del self._waiting[fact.conversation or ""]
            elif fact.kind is Kind.CALL:
                self._callers.pop(fact.conversation or "", None)
            self._add(self._scribe.over(fact))
        match notice:
            case CallStarted():
                self._callers[notice.call] = (notice.number, notice.dialled or None)
                while len(self._callers) > _MOST_CALLERS:
                    del self._callers[next(iter(self._callers))]
            case CallQueued() if self._waiting.get(notice.call) != notice.queue:
                self._waiting[notice.call] = notice.queue
                caller = self._callers.get(notice.call, ("", None))
                self._add(self._scribe.enters(notice.at, notice.call, notice.queue, *caller))
            case AgentStateChanged():
                why = why_not_ready(notice) if notice.state is AgentState.NOT_READY else ""
                self._scribe.agents = self._agents()
                stands = self._scribe.stands(notice.at, notice.agent, notice.state.value, why)
                self._add(stands)
            case _:
                pass

    def start(self) -> None:
        """Begin to write, where the file ends: what it says already is not said again."""
        self._scribe.resume(self._last_lines())
        self._writing = asyncio.create_task(self._write_on(), name="queue_log")

    async def stop(self) -> None:
        """Write the rest, and end."""
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing
        await self._write()

    def _add(self, lines: Iterable[Line]) -> None:
        self._lines.extend(line.written() for line in lines)
        while len(self._lines) > _MOST_LINES:
            self._lines.popleft()
            self.lost += 1
        if self._lines:
            self._something.set()

    async def _write_on(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            await asyncio.sleep(_EVERY_S)
            await self._write()

    async def _write(self) -> None:
        lines, self._lines = self._lines, deque()
        if not lines:
            return
        try:
            await asyncio.to_thread(self._append, "".join(f"{line}\n" for line in lines))
        except OSError as error:
            if not self._away:
                log.error(
                    "%s cannot be written, and is tried again: %s", self._path, error.strerror
                )
            self._away = True
            self._lines.extendleft(reversed(lines))
            self._something.set()
            return
        if self._away:
            log.warning("%s is written again; %d lines were lost.", self._path, self.lost)
        self._away = False

    def _last_lines(self) -> list[Line]:
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, self._path.stat().st_size - _LOOKED_BACK))
                _, *lines = (b"\n" + file.read()).decode("utf-8", "replace").splitlines()
        except OSError:
            return []  # There is none yet, or it was just rotated.
        found = []
        for text in lines:
            with suppress(BadLineError):
                line = read_line(text)
                found += [line] if line is not None else []
        return found

    def _append(self, text: str) -> None:
        # As Asterisk's: for its group too. Callers' numbers are in it.
        handle = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o640)
        with os.fdopen(handle, "a", encoding="utf-8", errors="replace") as file:
            file.write(text)
