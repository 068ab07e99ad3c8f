"""All phones ring for one caller on the real switch: one has him, the others fall silent and have missed nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from tests.live.centre import Centre, over, ringing, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

BY_HAND = Phone(what="ring")


async def test_three_phones_ring_one_is_picked_up_the_others_are_cancelled_and_free(
    lab: Lab, tmp_path: Path
) -> None:
    queues = {"support": {"strategy": "ring-all", "ring_timeout_s": 20}, "sales": {}}
    async with Centre(lab, tmp_path, queues=queues) as centre:
        with AgentPhones(lab, default=BY_HAND) as phones:
            ana, bob, chen = await centre.on_shift("ana", "bob", "chen")
            with Callers(lab, [Call()], media=True) as caller:
                await ringing(phones, 3)
                for agent in (ana, bob, chen):
                    popped = await agent.hears("call-offered", agent=agent.user)
                    assert popped["view"]["caller"]["number"] == "+8613800138000"
                phones.press("bob")
                connected = await centre.boss.hears("call-connected")
                assert connected["agent"] == "bob"
                assert connected["view"]["ringing"] == []
                for agent in (ana, chen):
                    ended = await agent.hears("offer-ended")
                    assert ended["outcome"] == "answered-elsewhere"
                    await agent.becomes("ready")
                await until(lambda: len(centre.channels) == 2, what="two are left, who talk")
                caller.hang_up()
                await over(caller)
            await bob.becomes("ready")
        cancelled = [
            m for m in phones.messages() if m.received and m.first_line.startswith("CANCEL")
        ]
        assert {m.first_line.split("@")[0] for m in cancelled} == {
            "CANCEL sip:ana",
            "CANCEL sip:chen",
        }
        for message in cancelled:
            assert "SIP;cause=200" in message.header("Reason").replace(" ", ""), message.text
        assert sorted(who for _, who in phones.rung()) == ["ana", "bob", "chen"]


async def test_a_headset_is_told_to_pick_up_by_the_header_of_its_make(
    lab: Lab, tmp_path: Path
) -> None:
    headers = {"ana": "Call-Info", "bob": "Alert-Info", "chen": "Answer-Mode"}
    profiles = {name: {"auto_answer": header.lower()} for name, header in headers.items()}
    queues = {"support": {"strategy": "ring-all", "ring_timeout_s": 20}, "sales": {}}
    async with Centre(lab, tmp_path, queues=queues, profiles=profiles) as centre:
        with AgentPhones(lab, default=BY_HAND) as phones:
            await centre.on_shift(*lab.agents)
            with Callers(lab, [Call(name="Answer-Mode: Auto, Call-Info: <sip:x>")]) as caller:
                await ringing(phones, len(lab.agents))
                invited = {who: message for message, who in phones.invitations()}
                told = {
                    (who, header): invited[who].header(header)
                    for who in invited
                    for header in headers.values()
                    if invited[who].header(header)
                }
                caller.hang_up()
                await over(caller)
    assert told == {
        ("ana", "Call-Info"): "<sip:cordboard>;answer-after=0",
        ("bob", "Alert-Info"): "<http://cordboard>;info=alert-autoanswer",
        ("chen", "Answer-Mode"): "Auto",
    }
