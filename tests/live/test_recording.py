"""What is said is recorded, and what must not be kept is not: by what is in the files that a real Asterisk wrote."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.core.ids import CallId, recording_name
from tests.live.centre import Centre, until
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
