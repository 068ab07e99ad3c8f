"""Recordings as people ask for them: book, files and the record of who heard what; never plays what may not be heard.

Beside all calls, in the engine's process, each file is looked at when it is whole: how large it is, and its digest.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from acd.adapters.database.connection import DatabaseError
from acd.adapters.database.recording_book import RecordingBook
from acd.adapters.joined import File, Joined, sound_of
from acd.adapters.sound import SoundAwayError, Sounds, digest_of
from acd.core.ids import AgentId, CallId, recording_name
from acd.core.notices import NodeStateChanged, Notice, RecordingKept, Supervised
from acd.core.recording import RecordingState
from acd.switchboard import Switchboard

log = logging.getLogger(__name__)

# A player asks for a recording piece by piece: whoever does so within this time hears it once.
_ONE_HEARING_MS = 600_000


class RecordingDesk:
    """The port `Recordings` of the API."""

    def __init__(
        self,
        book: RecordingBook,
        sounds: Sounds,
        *,
        note: Callable[[Supervised], Awaitable[None]],
        now_ms: Callable[[], int],
        agents_hear: Callable[[], bool],
    ) -> None:
        """`note` puts an act on record before it returns."""
        self._book = book
        self.sounds = sounds
        self._note = note
        self._now_ms = now_ms
        self._agents_hear = agents_hear
        self._heard: dict[tuple[str, str], int] = {}
        self._noting = asyncio.Lock()

    @property
    def agents_hear(self) -> bool:
        """Whether an agent may hear the recordings of his own calls."""
        return self._agents_hear()

    async def listed(
        self,
        *,
        call: CallId | None,
        queue: str | None,
        agent: AgentId | None,
        of: AgentId | None,
        since: int | None,
        before: int | None,
        limit: int,
    ) -> Sequence[Mapping[str, Any]]:
        """The newest so many, newest first."""
        return await self._book.listed(
            call=call, queue=queue, agent=agent, of=of, since=since, before=before, limit=limit
        )

    async def find(self, name: str, *, of: AgentId | None) -> Mapping[str, Any] | None:
        """One part."""
        return await self._book.find(name, of=of)

    async def sound(self, names: Sequence[str]) -> File | Joined | None:
        """Of these parts, one after the other; None if there is none."""
        return await sound_of(self.sounds, names)

    async def note_heard(self, name: str, *, by: str) -> None:
        """Somebody hears it: that is on record before he does."""
        async with self._noting:  # The next piece may be asked for before this is noted.
            at = self._now_ms()
            self._heard = {
                key: since for key, since in self._heard.items() if at - since < _ONE_HEARING_MS
            }
            if (by, name) in self._heard:
                return
            row = await self._book.find(name)
            agent = row["agent"] if row is not None else None
            act = Supervised(
                at=at, by=by, agent=agent, action="hear-recording", reason="", detail=name
            )
            await self._note(act)
            self._heard[by, name] = at


class NewRecordings:
    """Has each file looked at when it is whole, beside everything else."""

    def __init__(
        self,
        book: RecordingBook,
        sounds: Sounds,
        switchboard: Switchboard,
        *,
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """`start` does something beside everything else."""
        self._book = book
        self._sounds = sounds
        self._switchboard = switchboard
        self._start = start
        # A part in stereo is looked at twice, when each half is whole: what is found last is what is noted last.
        self._looking = asyncio.Lock()

    def hear(self, notice: Notice) -> None:
        """A part is whole, or parts may have become so while nobody heard it."""
        if isinstance(notice, RecordingKept):
            self._start(self.measure(recording_name(notice.call, notice.part)))
        elif isinstance(notice, NodeStateChanged) and notice.connected:
            self._start(self.measure_what_was_missed())

    async def measure(self, *names: str) -> None:
        """Note what these files are, which are whole."""
        for name in names:
            try:
                async with self._looking:
                    found = await digest_of(self._sounds, name)
                    await self._book.measured(name, found, at=self._switchboard.now_ms())
            except (SoundAwayError, DatabaseError) as error:
                log.error("a recording could not be looked at: %s", error)
                return
            if found is None:
                log.error("a recording has no file: Asterisk did not write %s", name)

    async def measure_what_was_missed(self) -> None:
        """As above, of those that ended while nobody heard it."""
        try:
            open_parts = await self._book.unmeasured(before=self._switchboard.now_ms())
        except DatabaseError as error:
            log.error("recordings could not be looked at: %s", error)
            return
        grows = {
            recording_name(call.id, call.recording.part)
            for call in self._switchboard.board.calls.values()
            if call.recording is not None and call.recording.state is not RecordingState.OFF
        }
        await self.measure(*(name for name in open_parts if name not in grows))
