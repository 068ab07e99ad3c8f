"""Who hears a recording is on record before he does, however his player asks for the pieces."""

import asyncio
from typing import Any

from acd.adapters.database.connection import DatabaseError
from acd.core.notices import Supervised
from acd.recording_desk import RecordingDesk


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
