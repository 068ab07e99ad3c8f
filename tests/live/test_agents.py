"""What agents are when their phones, their clients and their supervisors do something, on the real switch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.lab_parts import Parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from cordboard_client import RefusedError
from tests.live.centre import Centre, Person, over, until
from tests.live.raw_caller import RawCaller
from tests.live.web_phone import WebPhone

pytestmark = pytest.mark.live

QUICK = Phone(ring_ms=50)


def causes(view: Any) -> list[str]:
    return [cause["cause"] for cause in view["causes"]]


async def test_a_page_that_is_closed_takes_its_agent_off_and_brings_him_back(
    parts: Parts, folder: Path, tmp_path: Path
) -> None:
    with Lab("pages", folder, ("ana",), browsers=("eva",), parts=parts) as lab:
        agents = {"eva": ["support"]}
        async with Centre(lab, tmp_path / "centre", agents=agents) as centre:
            async with WebPhone(lab, "eva"):
                (eva,) = await centre.on_shift("eva")
                assert (await eva.becomes("ready"))["device_state"] == "NOT_INUSE"
            lost = await eva.becomes("not-ready", within_s=20)
            assert causes(lost) == ["device-lost"]
            assert lost["causes"][0]["reason"] == "UNAVAILABLE"
            async with WebPhone(lab, "eva"):
                assert causes(await eva.becomes("ready")) == []


async def test_a_call_of_the_phones_own_is_shown_and_nobody_is_rung_meanwhile(
    lab: Lab, tmp_path: Path
) -> None:
    # A call that is answered and lasts, whoever may be left in app_queue by the test before.
    lab.cli("dialplan add extension 4020,1,Answer() into from-agent replace")
    lab.cli("dialplan add extension 4020,2,Wait(60) into from-agent replace")
    async with Centre(lab, tmp_path, agents={"ana": ["sales"]}) as centre:
        with AgentPhones(lab, default=QUICK) as phones:
            (ana,) = await centre.on_shift("ana")
            mine = RawCaller(lab, "4020", caller=b"<sip:ana@phone>", address=lab.agents_address)
            with mine:
                # The lab's phones take one call, so Asterisk says BUSY and no more.
                busy = await ana.becomes("busy-other")
                assert (busy["pending"], busy["device_state"]) == ("ready", "BUSY")
                with Callers(lab, [Call(extension="4002")], media=True) as caller:
                    await centre.boss.hears("call-queued")
                    assert "ana" not in [who for _, who in phones.rung()]
                    mine.hang_up()
                    connected = await centre.boss.hears("call-connected")
                    assert connected["agent"] == "ana"
                    caller.hang_up()
                    await over(caller)
            await ana.becomes("ready")
            lab.cli("channel originate PJSIP/ana application Wait 30")
            await ana.becomes("busy-other")
            lab.cli("channel request hangup all")
            await ana.becomes("ready")


async def test_what_a_supervisor_changed_stands_over_a_restart(lab: Lab, tmp_path: Path) -> None:
    agents = {"ana": ["support"], "bob": ["sales"]}
    async with Centre(lab, tmp_path, agents=agents) as centre:
        await centre.on_shift("ana", "bob")
        duties = {"queues": ["sales"], "reason": "sales is short"}
        await centre.boss.api.change_duties("ana", duties)
        forced = {"action": "force-not-ready", "reason": "come and see me"}
        await centre.boss.api.force_agent("bob", forced)
        await centre.boss.hears("supervised", agent="bob")
        await until(
            lambda: "PJSIP/ana" not in lab.cli("queue show support"), what="the fallback follows"
        )
        # What people did is written within 50 ms, and who asks for it hears of what is written.
        assert len(await centre.boss.api.list_acts()) == 2
        await centre.kill()
        await centre.start()
        ana = await centre.boss.api.one_agent("ana")
        assert (ana["queues"], ana["duties"], ana["state"]) == (["sales"], "changed", "ready")
        assert causes(await centre.boss.api.one_agent("bob")) == ["supervisor"]
        acts = await centre.boss.api.list_acts()
        assert [(act["action"], act["by"], act["agent"]) for act in acts] == [
            ("force-not-ready", "boss", "bob"),
            ("change-duties", "boss", "ana"),
        ]


async def test_who_sits_at_a_desk_is_rung_there_also_after_a_restart(
    lab: Lab, tmp_path: Path
) -> None:
    desks = {"window": {"name": "Window 1", "phone": "PJSIP/chen"}}
    agents = {"ana": ["support"], "bob": ["support"]}
    # Bob has no phone of his own.
    profiles = {"bob": {"phone": None}}
    said = {"desks": desks}
    async with Centre(lab, tmp_path, agents=agents, profiles=profiles, said=said) as centre:
        with AgentPhones(lab, default=QUICK) as phones:
            ana, bob = await centre.person("ana"), await centre.person("bob")
            sits = await ana.api.log_agent_in("ana", {"desk": "window"})
            assert (sits["desk"], sits["device"]) == ("window", "PJSIP/chen")
            await ana.ready()
            with pytest.raises(RefusedError, match="Somebody else is on shift at this desk"):
                await bob.api.log_agent_in("bob", {"desk": "window"})
            await until(
                lambda: "PJSIP/chen" in lab.cli("queue show support"), what="the fallback follows"
            )
            for _ in range(2):
                with Callers(lab, [Call()], media=True) as caller:
                    connected = await centre.boss.hears("call-connected")
                    assert connected["agent"] == "ana"
                    caller.hang_up()
                    await over(caller)
                await centre.quiet()
                await centre.kill()
                await centre.start()
            assert [who for _, who in phones.rung()] == ["chen", "chen"]
            ana = await centre.person("ana")
            own = await ana.api.log_agent_out("ana")
            assert (own["state"], own["desk"], own["device"]) == ("logged-out", None, "PJSIP/ana")
            await until(
                lambda: "PJSIP/chen" not in lab.cli("queue show support"), what="it is given back"
            )
            bob = await centre.person("bob")
            with pytest.raises(RefusedError) as refused:
                await bob.api.log_agent_in("bob")
            assert refused.value.reason == "no-phone"
            await bob.api.log_agent_in("bob", {"desk": "window"})
            await bob.ready()
            with Callers(lab, [Call()], media=True) as caller:
                assert (await centre.boss.hears("call-connected"))["agent"] == "bob"
                caller.hang_up()
                await over(caller)
            await bob.becomes("ready")
            off = await bob.api.log_agent_out("bob")
            assert (off["desk"], off["device"]) == (None, None)


async def test_who_needs_his_client_is_off_without_it(lab: Lab, tmp_path: Path) -> None:
    profiles = {"ana": {"client_grace_s": 1}}
    async with Centre(lab, tmp_path, agents={"ana": ["support"]}, profiles=profiles) as centre:
        (ana,) = await centre.on_shift("ana")
        await ana.go()
        changed = await centre.boss.hears("agent-changed", agent="ana", within_s=10)
        while causes(changed["view"]) != ["client-lost"]:
            changed = await centre.boss.hears("agent-changed", agent="ana", within_s=10)
        back: Person = await centre.person("ana")
        await back.becomes("ready")
