"""What is said is recorded, and what must not be kept is not: by what is in the files that a real Asterisk wrote."""

from __future__ import annotations

import asyncio
import wave
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from acd.adapters.asterisk.lab import Lab
from acd.core.ids import CallId, recording_name
from tests.live.centre import PASSWORD, Centre, Person, until
from tests.live.voices import CARD_NUMBER, TONES, Voices, heard_in, parts_with

pytestmark = [pytest.mark.live, pytest.mark.timeout(90)]

AGENTS = {"ana": ["support"], "bob": ["sales"], "chen": ["sales"]}
RECORDED = {"support": {"record": "always"}, "sales": {"record": "on-request"}}


def spool(lab: Lab) -> Path:
    return lab.folder / "spool" / "recording"


def sound_of(lab: Lab, call: str, part: int) -> list[int]:
    with wave.open(str(spool(lab) / f"{recording_name(CallId(call), part)}.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        return list(memoryview(file.readframes(file.getnframes())).cast("h"))


async def state_of(centre: Centre, state: str | None, **fields: Any) -> Any:
    return await centre.boss.hears("recording-changed", state=state, **fields)


async def answered(centre: Centre, user: str, path: str, **headers: str) -> httpx2.Response:
    """What this user is answered, as it is on the wire."""
    async with httpx2.AsyncClient(base_url=centre.product.url, timeout=10) as client:
        login = await client.post("/v1/session", json={"user": user, "password": PASSWORD})
        token = {"Authorization": f"Bearer {login.json()['token']}"}
        return await client.get(path, headers=token | headers)


async def whole(centre: Centre, person: Person, call: str, parts: int) -> list[Any]:
    """The parts of this call, the first one first, when all files have been looked at."""
    deadline = asyncio.get_running_loop().time() + 10
    while True:
        found = await person.api.list_recordings(call=call)
        if len(found) == parts and all(row["bytes"] is not None for row in found):
            return sorted(found, key=lambda row: row["part"])
        assert asyncio.get_running_loop().time() < deadline, found
        await asyncio.sleep(0.05)


async def test_what_is_said_is_in_it_and_what_is_said_while_it_is_paused_is_not(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, queues=RECORDED) as centre:
        with Voices(lab) as voices:
            (ana,) = await centre.on_shift("ana")
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            shown = (await state_of(centre, "running"))["view"]
            assert shown["recording"] == {"state": "running", "part": 1, "withheld": False}
            await until(lambda: caller.hears() == {"ana"} and voices["ana"].hears() == {"caller"})

            await ana.api.suspend_recording(call)
            await state_of(centre, "paused", by="ana")
            caller.hz = CARD_NUMBER
            sung = caller.sent
            await until(lambda: caller.sent > sung + 50, what="a second of it")
            caller.hz = TONES["caller"]
            sung = caller.sent
            await until(lambda: caller.sent > sung + 25, what="it is not heard any more")
            await ana.api.continue_recording(call)
            await state_of(centre, "running", by="ana")
            sung = caller.sent
            await until(lambda: caller.sent > sung + 25)
            voices.hang_up(caller)
            await centre.boss.hears("call-ended", call=call)
            await centre.quiet()
        sound = sound_of(lab, call, 1)
        assert parts_with(sound, TONES["caller"]) > 3 and parts_with(sound, TONES["ana"]) > 3
        assert CARD_NUMBER not in heard_in(sound, [CARD_NUMBER]), "what was withheld is in it"
        assert parts_with(sound, CARD_NUMBER) == 0, "a tenth of a second of it is in it"
        assert "WARNING" not in centre.log, centre.log


@pytest.mark.parametrize("where", ["asterisk", "folder"])
async def test_handed_on_it_has_two_parts_which_who_may_hears_and_that_is_noted(
    lab: Lab, tmp_path: Path, where: str
) -> None:
    settings = {"recordings": str(spool(lab))} if where == "folder" else {}
    async with Centre(lab, tmp_path, agents=AGENTS, queues=RECORDED, **settings) as centre:
        with Voices(lab) as voices:
            ana, bob = await centre.on_shift("ana", "bob")
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await state_of(centre, "running", part=1)
            await until(lambda: caller.hears() == {"ana"})
            await ana.api.transfer_call(call, {"queue": "sales"})
            await state_of(centre, "between", part=1)
            await centre.boss.hears("call-connected", agent="bob")
            await state_of(centre, "running", part=2)
            await until(lambda: caller.hears() == {"bob"})
            sung = caller.sent
            await until(lambda: caller.sent > sung + 40)
            await bob.api.clear_call(call)
            await centre.boss.hears("call-ended", call=call)
            first, second = await whole(centre, centre.boss, call, 2)
            assert (first["agent"], second["agent"]) == ("ana", "bob")
            assert not first["failed"] and not second["failed"]
            assert first["ended_at"] <= second["started_at"]

            path = f"/v1/recordings/{quote(second['id'], safe='')}/sound"
            heard = await answered(centre, "boss", path)
            assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/wav")
            assert len(heard.content) == second["bytes"]
            assert sha256(heard.content).hexdigest() == second["sha256"]
            part = await answered(centre, "boss", path, Range="bytes=100-299")
            assert (part.status_code, part.content) == (206, heard.content[100:300])
            assert part.headers["content-range"] == f"bytes 100-299/{second['bytes']}"
            beyond = await answered(centre, "boss", path, Range="bytes=99999999-")
            assert beyond.status_code == 416
            denied = await answered(centre, "bob", path)
            assert denied.status_code == 403, "this centre lets no agent hear"
            (act,) = [
                one
                for one in await centre.boss.api.list_acts()
                if one["action"] == "hear-recording"
            ]
            assert (act["by"], act["agent"], act["detail"]) == ("boss", "bob", second["id"])
            for name in ("..%2F..%2Fetc%2Fpasswd", "cordboard~..%252F..%252Fx~1"):
                lost = await answered(centre, "boss", f"/v1/recordings/{name}/sound")
                assert lost.status_code == 404, lost.text
            await centre.quiet()
        sound = sound_of(lab, call, 2)
        assert parts_with(sound, TONES["bob"]) > 3 and parts_with(sound, TONES["caller"]) > 3
        assert parts_with(sound, TONES["ana"]) == 0
        assert "WARNING" not in centre.log, centre.log


async def test_one_that_was_not_recorded_is_told_and_the_call_goes_on(
    lab: Lab, tmp_path: Path
) -> None:
    folder = spool(lab)
    async with Centre(lab, tmp_path, agents=AGENTS, queues=RECORDED) as centre:
        with Voices(lab) as voices:
            (ana,) = await centre.on_shift("ana")
            away = folder.rename(folder.with_name("away"))
            try:
                caller = voices.call()
                call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
                failed = await state_of(centre, "failed", part=1)
            finally:
                away.rename(folder)
            assert "record" in failed["view"]["allowed"]
            await until(lambda: caller.hears() == {"ana"} and voices["ana"].hears() == {"caller"})
            await ana.api.begin_recording(call)
            await state_of(centre, "running", part=2)
            await ana.api.clear_call(call)
            await centre.quiet()


async def test_killed_while_it_records_it_goes_on_in_the_same_file(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, queues=RECORDED) as centre:
        with Voices(lab) as voices:
            await centre.on_shift("ana")
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await state_of(centre, "running", part=1)
            await until(lambda: caller.hears() == {"ana"})
            await centre.kill()
            sung = caller.sent
            await until(lambda: caller.sent > sung + 25, what="they talk on")
            await centre.start()
            ana = await centre.person("ana")
            (shown,) = ana.snapshot["calls"]
            assert shown["recording"] == {"state": "running", "part": 1, "withheld": False}
            await ana.api.suspend_recording(call)
            await state_of(centre, "paused", part=1)
            voices.hang_up(caller)
            await centre.boss.hears("call-ended", call=call)
            (only,) = await whole(centre, centre.boss, call, 1)
            assert only["bytes"] > 16_000, "what was said while nobody was there is in it"
            await centre.quiet()
