"""A caller presses a key, hangs up, and is called at his turn by an agent who has picked up: on a real Asterisk."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone, Subscribers
from tests.live.centre import Centre, over, together, until
from tests.live.test_calling import OUTBOUND, QUICK, TWO, invited

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

AGENTS = {"ana": ["support"]}
QUEUES = {"support": {"callback": {"key": "1", "menu": "call-me-back", "attempts": 1}}}
MENU = """\
menu: call-me-back
start: really
steps:
  really: {choose: {prompts: [vm-press, digits/1], keys: {1: same}, otherwise: wait}}
  same: {call_back: support, then: bye, otherwise: wait}
  bye: {hang_up: [vm-goodbye]}
  wait: {queue: support}
"""
HERS, HIS = "13800138001", "13800138002"


def menus(folder: Path) -> str:
    there = folder / "menus"
    there.mkdir()
    (there / "back.yaml").write_text(MENU)
    return str(there)


async def test_she_hangs_up_and_is_called_before_him_though_we_have_died_meanwhile(
    lab: Lab, tmp_path: Path
) -> None:
    centre_of = Centre(
        lab,
        tmp_path,
        agents=AGENTS,
        queues=QUEUES,
        outbound=OUTBOUND,
        menus=menus(tmp_path),
        region="CN",
    )
    people = {f"0{HERS}": Phone(ring_ms=300), f"0{HIS}": Phone(what="busy")}
    async with centre_of as centre:
        with AgentPhones(lab, default=QUICK) as phones, Subscribers(lab, people) as called:
            asks = Call(number=HERS, digits="11", digits_after_ms=1_000)
            with Callers(lab, [asks], port=5070) as callers:
                owed = await centre.boss.hears("callback-changed")
                await over(callers)
            ended = await centre.boss.hears("call-ended", call=owed["view"]["callback"]["origin"])
            assert (ended["ending"], ended["detail"]) == ("released", "callback")
            with Callers(lab, [Call(number=HIS)], name="his", port=5071) as his:
                await until(
                    lambda: any(
                        one.frame["view"]["caller"]["number"] == f"+86{HIS}"
                        for one in centre.boss.events("call-queued")
                    ),
                    what="he waits",
                )
                await centre.kill()
                await centre.start()
                (listed,) = await centre.boss.api.list_callbacks()
                assert listed["joined_at"] == owed["view"]["joined_at"]
                assert listed["callback"]["id"] == owed["id"]

                await until(
                    lambda: any(
                        one.frame["view"]["phase"] == "waiting"
                        for one in centre.boss.events("callback-changed")
                    ),
                    what="what is there has been seen, and it is her turn again",
                    within_s=15,
                )
                (ana,) = await centre.on_shift("ana")
                pop = await ana.hears("call-offered", agent="ana")
                assert pop["view"]["callback"]["id"] == owed["id"], "she comes first"
                talk = await centre.boss.hears("call-connected", agent="ana")
                assert talk["call"] == pop["call"]
                assert (await centre.boss.hears("callback-ended"))["outcome"] == "reached"
                await until(lambda: TWO[0] in together(centre))
                assert invited(called) == [f"0{HERS}"]
                await ana.api.clear_call(talk["call"])
                await centre.boss.hears("call-ended", call=talk["call"])
                after = await until(
                    lambda: [
                        one.frame
                        for one in centre.boss.events("call-connected")
                        if one.frame["call"] != talk["call"]
                    ],
                    what="he is served after her",
                )
                assert after[0]["view"]["caller"]["number"] == f"+86{HIS}"
                his.hang_up()
                await over(his)
            assert [agent for _, agent in phones.rung()] == ["ana", "ana"]
            await ana.becomes("ready")

            # He is busy when he is called, and that was the only attempt.
            wanted = {"number": HIS, "queue": "support"}
            shown = await centre.boss.api.register_callback(wanted)
            over_for_him = await centre.boss.hears("callback-ended", id=shown["callback"]["id"])
            assert (over_for_him["outcome"], over_for_him["reason"]) == ("given-up", "busy")
            await ana.becomes("ready")
            await centre.quiet()
