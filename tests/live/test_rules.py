"""The rules of a queue on the real switch: who may wait, how long, and where next; see tests/core for the rules."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import yaml

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from cordboard_client import RefusedError
from tests.live.centre import Centre, over, until

pytestmark = pytest.mark.live

QUICK = Phone(ring_ms=50)


async def test_who_comes_when_the_queue_is_full_is_sent_home_and_not_to_the_fallback(
    lab: Lab, tmp_path: Path
) -> None:
    queues = {"support": {"most_waiting": 1}, "sales": {}}
    async with Centre(lab, tmp_path, queues=queues) as centre:
        with Callers(lab, [Call()], name="first", media=True) as first:
            await centre.boss.hears("call-queued")
            with Callers(lab, [Call()], name="second", port=5070) as second:
                ended = await centre.boss.hears("call-ended")
                assert ended["ending"] == "released"
                await until(lambda: not second.running, what="the second caller is sent home")
            assert "support has 0 calls" in lab.cli("queue show support")
            first.hang_up()
            await over(first)


async def test_who_has_waited_long_enough_is_given_back(lab: Lab, tmp_path: Path) -> None:
    queues = {"support": {"longest_wait_s": 1}, "sales": {}}
    async with Centre(lab, tmp_path, queues=queues) as centre:
        with Callers(lab, [Call()], media=True) as caller:
            ended = await centre.boss.hears("call-ended")
            assert ended["ending"] == "released" and ended["waited_ms"] >= 1_000
            await over(caller)


@pytest.mark.parametrize(
    "step", [{"after_s": 1, "queue": "sales"}, {"after_s": 1, "waiting": 1, "also": ["sales"]}]
)
async def test_overflow_reaches_an_agent_of_the_other_queue(
    lab: Lab, tmp_path: Path, step: dict[str, object]
) -> None:
    queues = {"support": {"overflow": [step]}, "sales": {}}
    agents = {"ana": ["sales"], "bob": ["support"], "chen": ["support"], "dora": ["support"]}
    async with Centre(lab, tmp_path, agents=agents, queues=queues) as centre:
        with AgentPhones(lab, default=QUICK) as phones:
            await centre.on_shift("ana")
            with Callers(lab, [Call()], media=True) as caller:
                connected = await centre.boss.hears("call-connected")
                caller.hang_up()
                await over(caller)
        assert connected["agent"] == "ana" and connected["waited_ms"] >= 1_000
        assert [who for _, who in phones.rung()] == ["ana"]


# The number 4003 of the lab's dialplan requires fridge >= 60 and (chinese or not trainee), with priority 7.
SKILLED = {
    "ana": {"skills": {"fridge": 20, "trainee": 1}},
    "bob": {"skills": {"fridge": 90, "chinese": 50}},
}


async def test_what_the_dialplan_wishes_is_granted_and_outlives_us(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, profiles=SKILLED) as centre:
        with AgentPhones(lab, default=QUICK) as phones:
            await centre.on_shift("ana")  # Idle all the time, and not what he asks for.
            with Callers(lab, [Call(extension="4003")], media=True) as caller:
                queued = await centre.boss.hears("call-queued")
                assert queued["view"]["priority"] == 7
                await centre.kill()
                await centre.start()
                snapshot = centre.boss.snapshot
                await until(
                    lambda: snapshot["calls"] or centre.boss.events("call-queued"), what="found"
                )
                await centre.on_shift("bob")
                connected = await centre.boss.hears("call-connected")
                assert connected["view"]["priority"] == 7
                caller.hang_up()
                await over(caller)
        assert [who for _, who in phones.rung()] == ["bob"]
        assert not centre.boss.events("misconfigured")


async def test_a_wish_that_nobody_understands_costs_the_caller_nothing(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, profiles={"ana": {"skills": {"frigde": 60}}}) as centre:
        with AgentPhones(lab, default=QUICK):
            await centre.on_shift("ana")
            with Callers(lab, [Call(extension="4003")], media=True) as caller:
                told = await centre.boss.hears("misconfigured")
                connected = await centre.boss.hears("call-connected")
                caller.hang_up()
                await over(caller)
        assert "CORDBOARD_REQUIRES" in told["problem"]
        assert "did you mean 'frigde'?" in told["problem"]
        assert connected["agent"] == "ana"


async def test_a_supervisor_moves_a_caller_to_a_queue_where_somebody_is_free(
    lab: Lab, tmp_path: Path
) -> None:
    agents = {"ana": ["sales"], "bob": ["support"], "chen": ["support"], "dora": ["support"]}
    async with Centre(lab, tmp_path, agents=agents) as centre:
        with AgentPhones(lab, default=QUICK) as phones:
            await centre.on_shift("ana")
            with Callers(lab, [Call()], media=True) as caller:
                queued = await centre.boss.hears("call-queued")
                await centre.boss.api.set_priority(queued["call"], {"priority": 5})
                await centre.boss.api.move_call(queued["call"], {"queue": "sales"})
                changed = await centre.boss.hears("call-changed", change="queue")
                connected = await centre.boss.hears("call-connected")
                caller.hang_up()
                await over(caller)
        assert changed["by"] == "boss" and connected["view"]["priority"] == 5
        assert connected["view"]["joined_at"] == queued["view"]["joined_at"]
        assert [who for _, who in phones.rung()] == ["ana"]


async def test_a_sighup_changes_the_rules_and_a_broken_file_changes_nothing(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path) as centre:
        file = tmp_path / "centre.yaml"
        good = file.read_text()
        assert centre.product.process is not None
        file.write_text(good.replace("support", "suport", 1))
        centre.product.process.send(signal.SIGHUP)
        await until(lambda: "not reloaded" in centre.log, what="it says what is wrong")
        assert "centre.yaml:" in centre.log
        changed = yaml.safe_load(good)
        changed["queues"]["night"] = {"name": "Night"}
        file.write_text(yaml.safe_dump(changed))
        centre.product.process.send(signal.SIGHUP)
        await until(lambda: "reloaded: 3 queues" in centre.log, what="the new rules are in force")


async def test_an_admin_reloads_while_a_caller_waits_and_is_told_what_is_wrong(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path) as centre:
        file = tmp_path / "centre.yaml"
        good = file.read_text()
        root = (await centre.person("root")).api
        with Callers(lab, [Call()], media=True) as caller:
            queued = await centre.boss.hears("call-queued")
            file.write_text(good.replace("support", "suport", 1))
            with pytest.raises(RefusedError, match="suport") as refused:
                await root.reload()
            assert refused.value.reason == "broken-centre"
            changed = yaml.safe_load(good)
            changed["queues"]["sales"]["weight"] = 3
            file.write_text(yaml.safe_dump(changed))
            assert (await root.reload())["changes"] == [
                {"kind": "queue", "id": "sales", "how": "changed", "words": ["weight"]}
            ]
            (act,) = await centre.boss.api.list_acts()
            assert (act["by"], act["action"], act["agent"]) == ("root", "reload", None)
            (waits,) = await centre.boss.api.list_calls()
            assert waits["joined_at"] == queued["view"]["joined_at"]
            caller.hang_up()
            await over(caller)


async def test_other_rules_reach_a_caller_who_waits_already_and_it_is_told_why_he_came_to_whom(
    lab: Lab, tmp_path: Path
) -> None:
    picky = {"support": {"requires": "fridge >= 60"}, "sales": {}}
    profiles = {"ana": {"skills": {"fridge": 20}}}
    async with Centre(lab, tmp_path, queues=picky, profiles=profiles) as centre:
        with AgentPhones(lab, default=QUICK):
            await centre.on_shift("ana")
            with Callers(lab, [Call()], media=True) as caller:
                queued = await centre.boss.hears("call-queued")
                (before,) = await centre.boss.api.explain_call(queued["call"], agent="ana")
                assert (before["rule"], before["detail"]) == (
                    "does-not-fit",
                    "skill: fridge >= 60: has 20",
                )
                file = tmp_path / "centre.yaml"
                file.write_text(file.read_text().replace("fridge >= 60", "fridge >= 20"))
                assert centre.product.process is not None
                centre.product.process.send(signal.SIGHUP)
                connected = await centre.boss.hears("call-connected")
                assert connected["agent"] == "ana"
                everybody = await centre.boss.api.explain_call(queued["call"])
                assert {one["agent"]: one["rule"] for one in everybody}["bob"] == "does-not-fit"
                caller.hang_up()
                await over(caller)


async def test_ready_ends_a_timed_wrap_up_and_a_break_comes_after_it(
    lab: Lab, tmp_path: Path
) -> None:
    queues = {"support": {"wrap_up": "timed", "wrap_up_s": 60}, "sales": {}}
    async with Centre(lab, tmp_path, queues=queues) as centre:
        with AgentPhones(lab, default=QUICK):
            (ana,) = await centre.on_shift("ana")
            with Callers(lab, [Call()], media=True) as caller:
                await centre.boss.hears("call-connected")
                caller.hang_up()
                await over(caller)
            await ana.becomes("wrap-up")
            await ana.not_ready()
            waits = await ana.api.one_agent("ana")
            assert (waits["state"], waits["pending"]) == ("wrap-up", "not-ready")
            await ana.ready()
            assert (await ana.api.one_agent("ana"))["state"] == "ready"
