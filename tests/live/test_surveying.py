"""A caller stays when the agent has hung up, presses keys, and is let go: on a real Asterisk, with real DTMF."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.core.notices import CallEnded, CallQueued, Ending
from tests.live.centre import Centre, over, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(90)]

AGENTS = {"ana": ["support"]}
QUEUES = {"support": {"survey": {"menu": "after-call", "not_again_days": 30}}}
MENU = """\
menu: after-call
start: pleased
steps:
  pleased: {survey: {scale: csat, prompts: [vm-press, digits/1, vm-press, digits/5], then: tell, otherwise: bye}}
  tell: {survey: {scale: nps, question: would-tell, prompts: [vm-press, digits/9], then: bye, otherwise: bye}}
  bye: {hang_up: [vm-goodbye]}
"""


def menus(folder: Path) -> str:
    there = folder / "menus"
    there.mkdir()
    (there / "after.yaml").write_text(MENU)
    return str(there)


async def test_what_a_caller_presses_after_his_call_is_what_he_thinks_of_it(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(
        lab, tmp_path, agents=AGENTS, queues=QUEUES, menus=menus(tmp_path), region="CN"
    ) as centre:
        with AgentPhones(lab, default=Phone(ring_ms=30)) as phones:
            (ana,) = await centre.on_shift("ana")
            keys = Call(number="13800138001", digits="510", digits_after_ms=4_000)
            with Callers(lab, [keys], port=5070) as callers:
                talk = await centre.boss.hears("call-connected", agent="ana")
                call = talk["call"]
                assert (await ana.hears("call-offered"))["view"]["caller"]["last_score"] is None
                phones.press("ana")
                began = await centre.boss.hears("survey-began", call=call)
                assert (began["agent"], began["view"]["phase"]) == ("ana", "survey")
                await ana.becomes("ready")  # She waits for nobody's opinion.
                await until(lambda: not centre.bridges, what="he is out of her bridge")
                first = await centre.boss.hears("survey-answered", scale="csat")
                second = await centre.boss.hears("survey-answered", scale="nps")
                assert (first["score"], first["agent"], second["score"]) == (5, "ana", 10)
                ended = await centre.boss.hears("call-ended", call=call)
                assert ended["ending"] == "completed"
                assert ended["talked_ms"] == began["talked_ms"]
                await over(callers)

            # He calls again: he is not asked again, and his screen says what he thought.
            with Callers(lab, [Call(number="13800138001")], port=5071) as callers:
                pop = await ana.hears("call-offered", agent="ana")
                assert pop["view"]["caller"]["last_score"]["score"] in (5, 10)
                again = (await centre.boss.hears("call-connected", agent="ana"))["call"]
                assert again == pop["call"] != call
                await ana.api.clear_call(again)
                await centre.boss.hears("call-ended", call=again)
                await over(callers)
            assert [one.frame["call"] for one in centre.boss.events("survey-began")] == [call]
            answers = await centre.boss.api.list_answers(agent="ana")
            assert {(one["question"], one["score"]) for one in answers} == {
                ("csat", 5),
                ("would-tell", 10),
            }
            await centre.quiet()


async def test_who_is_being_asked_when_we_die_is_let_go_and_was_served(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(lab, tmp_path, agents=AGENTS, queues=QUEUES, menus=menus(tmp_path)) as centre:
        with AgentPhones(lab, default=Phone(ring_ms=30)):
            (ana,) = await centre.on_shift("ana")
            with Callers(lab, [Call()], port=5070) as callers:
                call = (await centre.boss.hears("call-connected", agent="ana"))["call"]
                await ana.api.clear_call(call)
                await centre.boss.hears("survey-began", call=call)
                await until(lambda: not centre.bridges, what="he hears the question")
                await centre.kill()
                await centre.start()
                await over(callers)
            await centre.quiet()
            (ended,) = await until(lambda: [o for o in centre.replay() if isinstance(o, CallEnded)])
            assert (ended.call, ended.ending) == (call, Ending.COMPLETED)
            assert sum(isinstance(one, CallQueued) for one in centre.replay()) == 1
