"""Whoever dies, and when: callers keep their place, talks go on, and what cannot come back hands over."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.lab_parts import Parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from tests.live.centre import Centre, Json, over, ringing, until
from tests.live.raw_caller import RawCaller

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

QUICK = Phone(ring_ms=30)
MANUAL = Phone(what="ring")


@pytest.fixture
def hurried_lab(parts: Parts, tmp_path: Path) -> Iterator[Lab]:
    """Its dead man's switch waits six seconds, not sixty: a restart on a busy machine takes three."""
    with Lab("hurried", tmp_path / "asterisk", deadman_s=6, parts=parts) as running:
        yield running


def waiting_calls(snapshot: Json) -> list[tuple[int, str, str]]:
    """Since when, which call, from whom; in the order in which they wait."""
    return sorted(
        (call["joined_at"], call["id"], call["caller"]["number"])
        for call in snapshot["calls"]
        if call["phase"] == "waiting"
    )


def talks(snapshot: Json) -> list[tuple[str, int]]:
    """Which calls talk, and since when."""
    return sorted(
        (call["id"], call["connected_at"])
        for call in snapshot["calls"]
        if call["phase"] == "talking"
    )


def is_noted(folder: Path, call: str) -> bool:
    with closing(sqlite3.connect(folder / "cordboard.db")) as database:
        found = database.execute("SELECT data FROM calls WHERE id = ?", [call]).fetchone()
    return found is not None and found[0] is not None


def states(snapshot: Json) -> dict[str, str]:
    return {agent["id"]: agent["state"] for agent in snapshot["agents"]}


def replayed(journal: Path) -> str:
    """What `cordboard replay` says of it."""
    command = [Path(sys.executable).with_name("cordboard"), "replay", journal]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_killed_with_six_waiting_and_two_talking(lab: Lab, tmp_path: Path) -> None:
    agents = {"ana": ["support"], "bob": ["support"], "chen": ["sales"]}
    queues = {"support": {"wrap_up_s": 1}, "sales": {}}
    in_line = [Call(number=f"1390000000{n}", extension="4002") for n in range(6)]
    async with Centre(lab, tmp_path, agents=agents, queues=queues) as centre:
        with (
            AgentPhones(lab, {"chen": Phone(ring_ms=30, talk_ms=50)}, default=QUICK) as phones,
            Callers(lab, [Call(), Call()], per_second=5, media=True, name="talking") as talking,
        ):
            *_, chen = await centre.on_shift("ana", "bob", "chen")
            await chen.not_ready()
            await until(lambda: len(centre.boss.events("call-connected")) == 2)
            with Callers(lab, in_line, per_second=20, media=True, port=5090) as waiting:
                await until(lambda: len(centre.boss.events("call-queued")) == 8)
                noted = talks((await centre.person("boss")).snapshot)[0][0]
                await centre.boss.api.write_data(noted, {"data": {"order": "A-1"}})
                # What is promised is on disk within a twentieth of a second, and not at once.
                await until(lambda: is_noted(centre.folder, noted), what="the note is written")
                before = (await centre.person("boss")).snapshot
                killed_at = time.time()
                await centre.kill()
                assert (len(centre.channels), len(centre.bridges)) == (10, 2)
                await served_by_the_fallback_at_once(centre)
                await centre.start()
                up_at = time.time()
                assert (len(centre.channels), len(centre.bridges)) == (10, 2)
                after = centre.boss.snapshot
                assert waiting_calls(after) == waiting_calls(before) and len(after["calls"]) == 8
                assert talks(after) == talks(before) and len(talks(after)) == 2
                assert {c["id"]: c["data"] for c in after["calls"] if c["data"]} == {
                    noted: {"order": "A-1"}
                }
                assert states(after) == states(before)
                assert states(after) == {"ana": "busy-acd", "bob": "busy-acd", "chen": "not-ready"}
                await (await centre.person("chen")).ready()
                await over(waiting)
            routed_at = next(at for at, who in phones.rung() if who == "chen")
            talking.hang_up()
            await over(talking)
            for name in ("ana", "bob"):
                agent = await centre.person(name)
                await agent.becomes("ready")
                told = centre.boss.events("agent-changed", agent=name)
                assert "wrap-up" in [one.frame["view"]["state"] for one in told]
        served = [
            one.frame["view"]["caller"]["number"][-1] for one in centre.boss.events("call-offered")
        ]
        assert served == list("012345")
        ends = [one.frame["ending"] for one in centre.boss.events("call-ended")]
        assert ends == ["completed"] * 8
        print(
            f"\nafter kill -9: up again {up_at - killed_at:.1f} s later, "
            f"the first waiting caller rung {routed_at - killed_at:.1f} s after the kill"
        )
        killed, ran_on = centre.journals()
    for journal in (killed, ran_on):
        assert "all answered as they were then" in replayed(journal)


async def served_by_the_fallback_at_once(centre: Centre) -> None:
    with RawCaller(centre.lab) as newcomer:
        await until(
            lambda: "Queue" in [c["dialplan"]["app_name"] for c in centre.channels],
            within_s=1,
            what="a newcomer is in app_queue at once",
        )
        newcomer.hang_up()
        await until(lambda: newcomer.over and len(centre.channels) == 10)


async def test_killed_while_a_phone_rings(lab: Lab, tmp_path: Path) -> None:
    """One agent's phone rings on, another picks up while nobody listens: both callers come to somebody."""
    async with Centre(lab, tmp_path) as centre:
        with AgentPhones(lab, default=MANUAL) as phones:
            await centre.on_shift("ana", "bob")
            with Callers(lab, [Call(), Call()], per_second=5, media=True):
                await ringing(phones, 2)
                await centre.kill()
                killed_at = time.monotonic()
                phones.press("bob")
                await centre.start()
                await ringing(phones, 4)
                for agent in ("ana", "bob"):
                    phones.press(agent)
                for _ in range(2):
                    await centre.boss.hears("call-connected")
                print(
                    f"\nkilled while ringing: all talk {time.monotonic() - killed_at:.1f} s later"
                )
                assert time.monotonic() - killed_at < 10
                assert len(centre.channels) == 4
                assert [len(bridge["channels"]) for bridge in centre.bridges] == [2, 2]


async def test_killed_for_good_the_phones_get_the_callers_in_order(
    hurried_lab: Lab, tmp_path: Path
) -> None:
    lab = hurried_lab
    in_line = [Call(number=f"1390000000{n}") for n in range(3)]
    async with Centre(lab, tmp_path) as centre:
        with (
            AgentPhones(lab, default=MANUAL) as phones,
            Callers(lab, [Call()], media=True, name="talking", port=5080) as talking,
        ):
            (ana,) = await centre.on_shift("ana")
            await ringing(phones)
            phones.press("ana")
            await ana.becomes("busy-acd")
            await until(lambda: "PJSIP/ana" in lab.cli("queue show support"), what="mirrored")
            assert "PJSIP/bob" not in lab.cli("queue show support"), "he is not on shift"
            with Callers(lab, in_line, per_second=10, media=True):
                await until(lambda: len(centre.boss.events("call-queued")) == 4)
                queued_at = time.monotonic()
                await centre.kill()
                await until(lambda: len(in_app_queue(centre)) == 3, what="all are in app_queue")
                print(f"\nhanded over {time.monotonic() - queued_at:.1f} s after they came")
                assert in_app_queue(centre) == [call.number for call in in_line]
                assert [len(bridge["channels"]) for bridge in centre.bridges] == [2], "they talk on"
                phones.press("ana")  # Nobody is there to end her caller's leg: he does it himself.
                talking.hang_up()
                await ringing(phones, 2)
                phones.press("ana")
                await until(
                    lambda: 2 in [len(bridge["channels"]) for bridge in centre.bridges],
                    what="she talks with the first in the line",
                )
                *_, (invite, _) = phones.invitations()
                assert "13900000000" in invite.header("From")
            lab.cli("channel request hangup all")
        await centre.start()  # Which clears away the bridge that its death left behind.


def in_app_queue(centre: Centre) -> list[str]:
    """Who waits in the fallback queue, in the order in which it will serve them."""
    numbers = {channel["name"]: channel["caller"]["number"] for channel in centre.channels}
    in_line = re.findall(
        r"^ +\d+\. (\S+) \(wait", centre.lab.cli("queue show support"), re.MULTILINE
    )
    return [numbers.get(channel, "") for channel in in_line]


async def test_back_in_time_the_dead_man_is_put_off(hurried_lab: Lab, tmp_path: Path) -> None:
    """The switch went on running while we were away; whoever is back must wind it up at once."""
    async with Centre(hurried_lab, tmp_path) as centre:
        with Callers(hurried_lab, [Call()], media=True):
            await centre.boss.hears("call-queued")
            taken_at = time.monotonic() + hurried_lab.deadman_s
            await centre.kill()
            await centre.start()
            assert time.monotonic() < taken_at
            await until(lambda: time.monotonic() > taken_at + 1, what="the old clock has run out")
            assert [c["dialplan"]["app_name"] for c in centre.channels] == ["Stasis"]
            assert not centre.boss.events("call-ended")


async def test_told_to_stop_it_stops_and_loses_nobody(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path) as centre:
        with AgentPhones(lab, default=QUICK):
            await centre.on_shift("ana")
            with Callers(lab, [Call(), Call()], per_second=5, media=True):
                await until(lambda: len(centre.boss.events("call-queued")) == 2)
                await centre.boss.hears("call-connected")
                assert centre.product.process is not None
                asked_at = time.monotonic()
                centre.product.process.send(signal.SIGTERM)
                await until(lambda: not centre.running, within_s=5, what="it has stopped")
                print(f"\nstopped {time.monotonic() - asked_at:.1f} s after SIGTERM")
                assert centre.product.process.exit_code == 0
                await centre.part()
                assert (len(centre.channels), len(centre.bridges)) == (3, 1)
                await centre.start()
                phases = sorted(call["phase"] for call in centre.boss.snapshot["calls"])
                assert phases == ["talking", "waiting"]


async def test_asterisk_dies_and_comes_back(parts: Parts, tmp_path: Path) -> None:
    with Lab("mortal", tmp_path / "asterisk", parts=parts) as lab:
        async with Centre(lab, tmp_path) as centre:
            with AgentPhones(lab, default=QUICK) as phones:
                await centre.on_shift("ana")
                with Callers(lab, [Call(), Call()], per_second=5, media=True):
                    await centre.boss.hears("call-connected")
                    await until(lambda: len(centre.boss.events("call-queued")) == 2)
                    lab.crash()
                    assert not (await centre.boss.hears("node-changed"))["connected"]
                    assert (await centre.boss.api.ready())["missing"] == ["pbx1"]
                phones.stop()
                phones.start()
                lab.start()
                back_at = time.monotonic()
                assert (await centre.boss.hears("node-changed"))["connected"]
                print(f"\nfound again {time.monotonic() - back_at:.1f} s after it had booted")
                ends = [(await centre.boss.hears("call-ended"))["ending"] for _ in range(2)]
                assert ends == ["lost", "lost"]
                again = await centre.person("ana")
                await again.becomes("ready")
                with Callers(lab, [Call(talk_ms=50)], media=True) as caller:
                    await centre.boss.hears("call-connected", agent="ana")
                    await over(caller)
                snapshot = (await centre.person("boss")).snapshot
                assert snapshot["calls"] == [] and states(snapshot)["ana"] == "ready"


async def test_of_two_servers_the_first_steps_down(lab: Lab, tmp_path: Path) -> None:
    first = Centre(lab, tmp_path / "first")
    second = Centre(lab, tmp_path / "second")
    async with first:
        with Callers(lab, [Call()], media=True):
            await first.boss.hears("call-queued")
            async with second:
                await until(lambda: not first.running, within_s=5, what="the first steps down")
                assert first.product.process is not None
                assert first.product.process.exit_code == 75
                assert "Only one may run for each Asterisk" in first.log
                with AgentPhones(lab, default=QUICK):
                    await second.on_shift("ana")
                    await second.boss.hears("call-connected", agent="ana")
