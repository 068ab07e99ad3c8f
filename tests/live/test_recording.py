"""What is said is recorded, and what must not be kept is not: by what is in the files that a real Asterisk wrote."""

from __future__ import annotations

import asyncio
import wave
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from acd.adapters.asterisk.lab import Lab
from acd.core.ids import CallId, recording_name
from tests.live.centre import PASSWORD, Centre, Person, until
from tests.live.voices import (
    CARD_NUMBER,
    TONES,
    Voice,
    Voices,
    heard_in,
    loudness,
    parts_with,
)

pytestmark = [pytest.mark.live, pytest.mark.timeout(90)]

AGENTS = {"ana": ["support"], "bob": ["sales"], "chen": ["sales"]}
RECORDED = {"support": {"record": "always"}, "sales": {"record": "on-request"}}


def spool(lab: Lab) -> Path:
    return lab.folder / "spool" / "recording"


def sides_of(sound: bytes) -> tuple[list[int], list[int]]:
    """What the caller says, and what he hears."""
    with wave.open(BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 8000)
        samples = memoryview(file.readframes(file.getnframes())).cast("h")
    return list(samples[0::2]), list(samples[1::2])


def begins_at(samples: list[int], hz: int) -> float:
    """After how many milliseconds this tone is heard for the first time after a silence of its own."""
    step = 40
    heard = [
        loudness(samples[at : at + 2 * step], hz) > 1_500 for at in range(0, len(samples), step)
    ]
    return next(at for at, one in enumerate(heard) if one and not any(heard[at - 20 : at])) * 5.0


def sound_of(lab: Lab, call: str, part: int) -> list[int]:
    with wave.open(str(spool(lab) / f"{recording_name(CallId(call), part)}.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        return list(memoryview(file.readframes(file.getnframes())).cast("h"))


async def sings(voice: Voice, frames: int = 40) -> None:
    """So many fiftieths of a second more."""
    sung = voice.sent
    await until(lambda: voice.sent > sung + frames)


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
            await sings(caller, 50)  # A second of it.
            caller.hz = TONES["caller"]
            await sings(caller, 25)  # It is not heard any more.
            await ana.api.continue_recording(call)
            await state_of(centre, "running", by="ana")
            await sings(caller, 25)
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
            await sings(caller)
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
            whole_call = f"/v1/calls/{quote(call, safe='')}/recording/sound"
            both = await answered(centre, "boss", whole_call)
            assert len(both.content) == 44 + first["bytes"] - 44 + second["bytes"] - 44
            assert both.content.endswith(heard.content[44:])
            part = await answered(centre, "boss", whole_call, Range=f"bytes={first['bytes']}-")
            assert (part.status_code, part.content) == (206, heard.content[44:])
            again = {"Range": "bytes=0-9", "If-Range": both.headers["etag"]}
            assert (await answered(centre, "boss", whole_call, **again)).status_code == 206
            assert (await answered(centre, "bob", whole_call)).status_code == 403
            none = await answered(centre, "boss", "/v1/calls/pbx1%3A1.1/recording/sound")
            assert (none.status_code, none.json()["error"]["reason"]) == (404, "unknown-recording")
            acts = [
                (one["agent"], one["detail"])
                for one in await centre.boss.api.list_acts()
                if one["action"] == "hear-recording"
            ]
            assert acts == [("ana", first["id"]), ("bob", second["id"])]
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


@pytest.mark.parametrize("stereo", ["no", "yes"])
async def test_killed_while_it_records_it_goes_on_in_the_same_file(
    lab: Lab, tmp_path: Path, stereo: str
) -> None:
    rules = {**RECORDED, "support": {"record": "always", "record_stereo": stereo}}
    async with Centre(lab, tmp_path, agents=AGENTS, queues=rules) as centre:
        with Voices(lab) as voices:
            await centre.on_shift("ana")
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await state_of(centre, "running", part=1)
            await until(lambda: caller.hears() == {"ana"})
            await centre.kill()
            await sings(caller, 25)  # They talk on.
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


STEREO = {
    "support": {"record": "always", "record_stereo": "yes"},
    "sales": {"record": "always", "record_stereo": "yes"},
}


@pytest.mark.parametrize("where", ["asterisk", "folder"])
async def test_in_stereo_the_caller_is_left_and_what_he_hears_is_right(
    lab: Lab, tmp_path: Path, where: str
) -> None:
    settings = {"recordings": str(spool(lab))} if where == "folder" else {}
    async with Centre(lab, tmp_path, agents=AGENTS, queues=STEREO, **settings) as centre:
        with Voices(lab) as voices:
            ana, _ = await centre.on_shift("ana", "bob")
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await state_of(centre, "running", part=1)
            await until(lambda: caller.hears() == {"ana"} and voices["ana"].hears() == {"caller"})

            # A pause keeps the sides together, and what is withheld is on neither.
            await ana.api.suspend_recording(call)
            await state_of(centre, "paused", by="ana")
            caller.hz = voices["ana"].hz = CARD_NUMBER
            await sings(caller, 50)  # A second of it.
            caller.hz = voices["ana"].hz = 0
            await sings(caller, 25)  # It is not heard any more.
            await ana.api.continue_recording(call)
            await state_of(centre, "running", by="ana")
            await sings(caller, 50)
            caller.hz, voices["ana"].hz = TONES["caller"], TONES["ana"]
            await sings(caller, 50)  # Both sing in the same moment.

            # While he is on hold nothing is kept, least of all music.
            await ana.api.hold_call(call)
            await state_of(centre, "paused")
            await sings(caller, 50)
            await ana.api.transfer_call(call, {"queue": "sales"})
            await centre.boss.hears("call-connected", agent="bob")
            await state_of(centre, "running", part=2)
            await until(lambda: caller.hears() == {"bob"})
            await sings(caller)
            assert lab.cli("core show channels concise").count("Snoop/") == 2
            voices.hang_up(caller)
            await centre.boss.hears("call-ended", call=call)
            parts = await whole(centre, centre.boss, call, 2)
            await centre.quiet()
        for part, agent in zip(parts, ("ana", "bob"), strict=True):
            assert (part["channels"], part["failed"], part["agent"]) == (2, False, agent)
            path = f"/v1/recordings/{quote(part['id'], safe='')}/sound"
            heard = await answered(centre, "boss", path)
            assert len(heard.content) == part["bytes"]
            assert sha256(heard.content).hexdigest() == part["sha256"]
            some = await answered(centre, "boss", path, Range="bytes=43-1046")
            assert some.content == heard.content[43:1047]
            said, heard_there = sides_of(heard.content)
            assert parts_with(said, TONES["caller"]) > 5
            assert parts_with(heard_there, TONES[agent]) > 5
            assert parts_with(said, TONES[agent]) == parts_with(heard_there, TONES["caller"]) == 0
            assert parts_with(said, CARD_NUMBER) == parts_with(heard_there, CARD_NUMBER) == 0
            if agent == "ana":
                moments = begins_at(said, TONES["caller"]), begins_at(heard_there, TONES["ana"])
                assert abs(moments[0] - moments[1]) <= 100, moments
        assert "WARNING" not in centre.log, centre.log


async def sound_in_stereo(centre: Centre, part: Any) -> tuple[list[int], list[int]]:
    path = f"/v1/recordings/{quote(part['id'], safe='')}/sound"
    return sides_of((await answered(centre, "boss", path)).content)


async def test_in_stereo_through_many_hands_each_is_heard(lab: Lab, tmp_path: Path) -> None:
    queues = {"support": STEREO["support"], "sales": STEREO["sales"]}
    agents = {"ana": ["support"], "bob": ["sales"]}
    hands = ["ana", "bob", "ana", "bob", "ana"]
    async with Centre(lab, tmp_path, agents=agents, queues=queues) as centre:
        with Voices(lab) as voices:
            people = dict(zip(("ana", "bob"), await centre.on_shift("ana", "bob"), strict=True))
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            for part, name in enumerate(hands, 1):
                await state_of(centre, "running", part=part)
                await until(lambda name=name: caller.hears() == {name})  # type: ignore[misc]
                await sings(caller)
                if part < len(hands):
                    to = "sales" if name == "ana" else "support"
                    await people[name].api.transfer_call(call, {"queue": to})
                    await centre.boss.hears("call-connected", agent=hands[part])
            voices.hang_up(caller)
            parts = await whole(centre, centre.boss, call, len(hands))
            await centre.quiet()
            path = f"/v1/calls/{quote(call, safe='')}/recording/sound"
            said, heard = sides_of((await answered(centre, "boss", path)).content)
            assert len(said) == sum((part["bytes"] - 44) // 4 for part in parts)
            assert parts_with(heard, TONES["ana"]) > 9 and parts_with(heard, TONES["bob"]) > 6
            assert parts_with(said, TONES["caller"]) > 15
        for part, name in zip(parts, hands, strict=True):
            said, heard = await sound_in_stereo(centre, part)
            others = {"ana", "bob"} - {name}
            assert parts_with(said, TONES["caller"]) > 3, part
            assert parts_with(heard, TONES[name]) > 3, part
            assert not any(parts_with(heard, TONES[one]) for one in others), part


async def test_in_stereo_all_whom_he_hears_are_right_and_none_of_what_he_does_not_hear(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, queues=STEREO) as centre:
        with Voices(lab) as voices:
            ana, _ = await centre.on_shift("ana", "chen")
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await state_of(centre, "running")
            await until(lambda: caller.hears() == {"ana"})
            await sings(caller)
            # Ana asks Chen, whom the caller does not hear, in another tone than she has with him.
            voices["ana"].hz = CARD_NUMBER
            await ana.api.consult(call, {"agent": "chen"})
            await state_of(centre, "paused")
            await until(lambda: "ana" not in voices["chen"].hears() and voices["chen"].sent > 60)
            voices["ana"].hz = TONES["ana"]
            await until(lambda: voices["chen"].hears() == {"ana"})
            await ana.api.start_conference(call)
            await until(lambda: caller.hears() == {"ana", "chen"})
            await state_of(centre, "running")
            await sings(caller)
            voices.hang_up(caller)
            (part,) = await whole(centre, centre.boss, call, 1)
            await centre.quiet()
        said, heard = await sound_in_stereo(centre, part)
        assert parts_with(said, TONES["caller"]) > 6
        assert parts_with(heard, TONES["ana"]) > 6 and parts_with(heard, TONES["chen"]) > 3
        assert parts_with(said, TONES["chen"]) == parts_with(heard, TONES["caller"]) == 0
        assert parts_with(heard, CARD_NUMBER) <= 1, "what was said aside is in it"


async def test_one_half_that_ends_by_itself_takes_the_other_along_and_is_told(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, queues=STEREO) as centre:
        with Voices(lab) as voices:
            (ana,) = await centre.on_shift("ana")
            caller = voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await state_of(centre, "running", part=1)
            await sings(caller)
            shown = lab.cli("core show channels concise").splitlines()
            ear = next(line.partition("!")[0] for line in shown if line.endswith("~1~heard"))
            lab.cli(f"channel request hangup {ear}")
            failed = await state_of(centre, "failed", part=1)
            assert "record" in failed["view"]["allowed"]
            await until(lambda: "Snoop/" not in lab.cli("core show channels concise"))
            assert caller.hears() == {"ana"}, "the call goes on"
            await ana.api.begin_recording(call)
            await state_of(centre, "running", part=2)
            await sings(caller)
            await ana.api.clear_call(call)
            first, second = await whole(centre, centre.boss, call, 2)
            assert (first["failed"], second["failed"]) == (True, False)
            await centre.quiet()
        for part in (first, second):
            said, heard = await sound_in_stereo(centre, part)
            assert parts_with(said, TONES["caller"]) > 3 and parts_with(heard, TONES["ana"]) > 3
