"""A call's end reaches another system from the real server, also if that one is away, and we are killed meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from tests.adapters.test_webhooks import SECRET, Other
from tests.live.centre import Centre, over, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]


def tried(folder: Path) -> bool:
    """Whether an event waits for its next attempt."""
    with closing(sqlite3.connect(folder / "cordboard.db")) as database:
        asked = "SELECT count(*) FROM webhook_deliveries WHERE attempts > 0"
        return bool(database.execute(asked).fetchone()[0])


async def test_the_end_of_a_call_is_told_in_the_end(lab: Lab, tmp_path: Path) -> None:
    other = Other()
    await other.start()
    file = tmp_path / "webhooks.yaml"
    file.write_text(f"crm: {{url: {other.target.url}, secret: {SECRET}, events: [call-ended]}}")
    async with Centre(lab, tmp_path, webhooks=str(file)) as centre:
        with AgentPhones(lab, default=Phone(ring_ms=30)):
            await centre.on_shift("ana")
            with Callers(lab, [Call(talk_ms=100)], media=True) as caller:
                first = (await centre.boss.hears("call-ended"))["call"]
                await over(caller)
            await until(lambda: len(other.heard) == 1, what="the first is told at once")
            await other.die()
            with Callers(lab, [Call(talk_ms=100)], media=True) as caller:
                second = (await centre.boss.hears("call-ended"))["call"]
                await over(caller)
            await until(lambda: tried(tmp_path), what="the second is tried in vain")
            await centre.kill()
        await other.start()
        await centre.start()
        await until(lambda: len(other.heard) == 2, within_s=30, what="the second is told after all")
    told = [msgspec.json.decode(body) for _, body in other.heard]
    assert [one["call"] for one in told] == [first, second]
    assert {one["event"] for one in told} == {"call-ended"}
    await other.die()
