"""A supervisor at an agent's ear, on the real switch: who hears whom is said by tones, and nothing is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from cordboard_client import ApiError
from tests.live.centre import Centre, Person, together, until
from tests.live.voices import Voices

pytestmark = [pytest.mark.live, pytest.mark.timeout(90)]

# Dora supervises: she has a phone, is on shift, and serves nobody.
AGENTS = {"ana": ["support"], "bob": ["sales"], "chen": ["support"], "dora": []}
SUPERVISORS = {"dora": "supervisor"}

SEPARATE = {"ana": {"caller"}, "caller": {"ana"}}
LISTEN = SEPARATE | {"dora": {"ana", "caller"}}
WHISPER = {"ana": {"caller", "dora"}, "caller": {"ana"}, "dora": {"ana", "caller"}}
BARGE = {"ana": {"caller", "dora"}, "caller": {"ana", "dora"}, "dora": {"ana", "caller"}}


@asynccontextmanager
async def talking(
    lab: Lab, folder: Path, *, restarts: bool = False, **options: object
) -> AsyncIterator[tuple[Centre, Voices, Person, Person, str]]:
    """Ana talks to a caller, and Dora is on shift."""
    async with Centre(lab, folder, agents=AGENTS, roles=SUPERVISORS, **options) as centre:  # type: ignore[arg-type]
        with Voices(lab) as voices:
            ana, dora = await centre.on_shift("ana", "dora")
            voices.call()
            call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
            await hear(voices, SEPARATE)
            yield centre, voices, ana, dora, call
        await centre.quiet()
        # Who has just been started on a busy machine may read an answer too late, and says so.
        assert restarts or "WARNING" not in centre.log, centre.log


async def hear(voices: Voices, wanted: dict[str, set[str]]) -> None:
    """Everybody hears these and nobody else."""

    def heard() -> dict[str, set[str]]:
        return {name: voices[name].hears() if voices.has(name) else set() for name in wanted}

    try:
        await until(lambda: heard() == wanted)
    except AssertionError:
        raise AssertionError(f"{heard()} instead of {wanted}") from None


async def gone(voices: Voices, name: str) -> None:
    await until(lambda: not voices.has(name), what=f"{name}'s phone is down")


async def left_alone(centre: Centre, legs: int = 2) -> None:
    """Asterisk has these legs in one bridge, and nothing besides."""
    await until(lambda: len(centre.channels) == legs, what="no other channel is left")
    await until(lambda: len(centre.bridges) == 1, what="no other bridge is left")


async def test_from_any_of_the_three_to_any_other_and_out_again(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path) as (centre, voices, ana, dora, call):
        with pytest.raises(ApiError) as refused:
            await ana.api.supervise_call(call, {"mode": "listen"})
        assert refused.value.reason == "not-allowed"
        shown = await dora.api.supervise_call(call, {"mode": "listen"})
        assert shown["supervisors"][0]["since"] is None
        for mode, wanted in (
            ("listen", LISTEN),
            ("whisper", WHISPER),
            ("barge", BARGE),
            ("listen", LISTEN),
            ("barge", BARGE),
            ("whisper", WHISPER),
            ("listen", LISTEN),
        ):
            await dora.api.supervise_call(call, {"mode": mode})
            await hear(voices, wanted)
        await ana.hears("supervision-changed", agent="dora", of="ana", mode="whisper")
        await dora.becomes("busy-supervising")
        await dora.api.stop_supervising(call)
        await ana.hears("supervision-ended", agent="dora")
        await hear(voices, SEPARATE)
        await gone(voices, "dora")
        await left_alone(centre)
        await dora.becomes("ready")
        acts = [act["action"] for act in await centre.boss.api.list_acts(agent="ana")]
        assert acts[0] == "stop-supervising" and acts[-1] == "listen"
        await ana.api.clear_call(call)


async def test_who_has_barged_in_for_a_while_is_at_the_ear_again(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path) as (_, voices, ana, dora, call):
        await dora.api.supervise_call(call, {"mode": "barge"})
        await hear(voices, BARGE)
        await asyncio.sleep(1.5)  # Longer than a bridge is left in which nobody is.
        for mode, wanted in (("whisper", WHISPER), ("listen", LISTEN)):
            await dora.api.supervise_call(call, {"mode": mode})
            await hear(voices, wanted)
        await ana.api.clear_call(call)


async def test_she_takes_over_and_the_agent_is_free(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path, restarts=True) as (centre, voices, ana, dora, call):
        await dora.api.supervise_call(call, {"mode": "listen"})
        await hear(voices, LISTEN)
        await dora.api.take_over_call(call)
        taken = await dora.hears("call-taken-over", agent="dora", by="ana")
        assert taken["call"] == call
        await ana.becomes("ready")
        await hear(voices, {"dora": {"caller"}, "caller": {"dora"}})
        await gone(voices, "ana")
        await left_alone(centre)
        await dora.becomes("busy-acd")
        # It is hers: over a restart, on hold, and handed on.
        await centre.kill()
        await centre.start()
        dora = await centre.person("dora")
        (shown,) = dora.snapshot["calls"]
        assert (shown["agent"], shown["supervisors"]) == ("dora", [])
        await dora.api.hold_call(call)
        await until(lambda: together(centre) == [{"dora"}], what="he hears music")
        await dora.api.retrieve_call(call)
        await hear(voices, {"dora": {"caller"}, "caller": {"dora"}})
        await dora.api.transfer_call(call, {"queue": "support"})
        await hear(voices, {"ana": {"caller"}, "caller": {"ana"}})
        await dora.becomes("ready")


async def test_hold_and_consultation_as_she_hears_them(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path) as (centre, voices, ana, dora, call):
        await centre.on_shift("bob")
        await dora.api.supervise_call(call, {"mode": "listen"})
        await hear(voices, LISTEN)
        await ana.api.hold_call(call)
        await hear(voices, {"dora": {"ana"}})
        await ana.api.retrieve_call(call)
        await hear(voices, LISTEN)
        await ana.api.consult(call, {"agent": "bob"})
        await hear(voices, {"dora": {"ana", "bob"}, "ana": {"bob"}, "bob": {"ana"}})
        await ana.api.complete_consult(call)
        await dora.hears("supervision-ended", agent="dora")
        await hear(voices, {"bob": {"caller"}, "caller": {"bob"}})
        await gone(voices, "dora")
        await left_alone(centre)


async def test_whoever_hangs_up(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path) as (centre, voices, ana, dora, call):
        await dora.api.supervise_call(call, {"mode": "whisper"})
        await hear(voices, WHISPER)
        voices.hang_up(voices["dora"])
        await dora.becomes("ready")
        await hear(voices, SEPARATE)
        await left_alone(centre)

        await dora.api.supervise_call(call, {"mode": "barge"})
        await hear(voices, BARGE)
        voices.hang_up(voices["ana"])  # Who is left with the caller has him.
        await dora.hears("call-taken-over", agent="dora", by="ana")
        await hear(voices, {"dora": {"caller"}, "caller": {"dora"}})
        await ana.becomes("ready")
        await left_alone(centre)
        voices.hang_up(voices["caller"])
        await dora.becomes("ready")
        await centre.quiet()

        voices.call()
        call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
        await hear(voices, SEPARATE)
        await dora.api.supervise_call(call, {"mode": "listen"})
        await hear(voices, LISTEN)
        voices.hang_up(voices["caller"])
        await dora.becomes("ready")
        await centre.quiet()


async def test_she_follows_an_agent_from_call_to_call(lab: Lab, tmp_path: Path) -> None:
    async with talking(lab, tmp_path, said={"agents_see_supervision": "never"}) as parts:
        centre, voices, ana, dora, _ = parts
        shown = await dora.api.follow_agent("ana", {"mode": "listen"})
        assert shown["follows"] == {"agent": "ana", "mode": "listen"}
        for number in range(3):
            if number:
                voices.call()
            await hear(voices, LISTEN)
            voices.hang_up(voices["caller"])
            await centre.quiet()
        assert (await dora.api.stop_following("ana"))["follows"] is None
        voices.call()
        await hear(voices, SEPARATE)
        await gone(voices, "dora")
        assert not ana.events("supervision-changed") and not ana.events("supervised")


@pytest.mark.parametrize("mode", ["listen", "barge"])
async def test_killed_while_she_hears(lab: Lab, tmp_path: Path, mode: str) -> None:
    async with talking(lab, tmp_path, restarts=True) as (centre, voices, _, dora, call):
        await dora.api.supervise_call(call, {"mode": mode})
        await hear(voices, {"listen": LISTEN, "barge": BARGE}[mode])
        await centre.kill()
        await hear(voices, {"listen": LISTEN, "barge": BARGE}[mode])
        await centre.start()
        dora = await centre.person("dora")
        if mode == "barge":  # She talks, and goes on: beside the agent, as in a conference.
            (shown,) = dora.snapshot["calls"]
            assert [one["state"] for one in shown["parties"]] == ["joined"]
            await hear(voices, BARGE)
            await left_alone(centre, 3)
            await dora.api.remove_party(call, "dora")
        await hear(voices, SEPARATE)
        await dora.becomes("ready")
        await left_alone(centre)
