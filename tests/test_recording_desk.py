"""Who hears a recording is on record before he does, however his player asks for the pieces."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from acd.adapters.database.connection import DatabaseError
from acd.core.ids import CallId
from acd.core.notices import RecordingKept, Supervised
from acd.recording_desk import NewRecordings, RecordingDesk


class Book:
    async def find(self, name: str, *, of: str | None = None) -> dict[str, Any]:
        return {"id": name, "agent": "ana"}


async def test_no_piece_is_heard_before_it_is_on_record():
    noted: list[Supervised] = []
    away = True

    async def note(act: Supervised) -> None:
        await asyncio.sleep(0)
        if away:
            raise DatabaseError("away")
        noted.append(act)

    desk = RecordingDesk(
        Book(),  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        note=note,
        now_ms=lambda: 1_800_000_000_000,
        agents_hear=lambda: False,
    )
    pieces = [desk.note_heard("r~1", by="sue") for _ in range(2)]
    refused = await asyncio.gather(*pieces, return_exceptions=True)
    assert [type(one) for one in refused] == [DatabaseError, DatabaseError]
    away = False
    await asyncio.gather(*(desk.note_heard("r~1", by="sue") for _ in range(3)))
    assert [(act.by, act.agent, act.detail) for act in noted] == [("sue", "ana", "r~1")]


async def test_of_a_part_that_is_looked_at_twice_the_last_look_is_what_is_noted():
    """In stereo each half says when it is whole, and at the first the other one may still grow."""
    looks = iter([(10, 0.02), (20, 0.0)])  # What is found, and after how long.
    noted: list[tuple[int, str]] = []

    class Sounds:
        async def size(self, name: str) -> int | None:
            found, after = next(looks)
            await asyncio.sleep(after)
            return found

        async def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
            yield bytes(length)

    class Found(Book):
        async def measured(self, name: str, found: tuple[int, str], *, at: int) -> None:
            noted.append(found)

    class Board:
        def now_ms(self) -> int:
            return 0

    begun: list[Coroutine[Any, Any, None]] = []
    new = NewRecordings(Found(), Sounds(), Board(), start=begun.append)  # type: ignore[arg-type]
    for _ in range(2):
        new.hear(RecordingKept(at=0, call=CallId("pbx1:1.1"), part=1))
    await asyncio.gather(*begun)
    assert [size for size, _ in noted] == [10, 20]
