"""Who is on a list is shown to an agent who has nothing to do, rings, talks, and it is known what came of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Subscribers
from tests.live.centre import Centre, Person, together, until
from tests.live.test_calling import OUTBOUND, PEOPLE, QUICK, TWO, both_hear, invited

pytestmark = [pytest.mark.live, pytest.mark.timeout(90)]

Json = dict[str, Any]
AGENTS = {"ana": ["support"]}
FOLLOW_UPS = {
    "check": {
        "queue": "support",
        "why": "Does it work?",
        "between": "00:00-24:00",
        "idle_s": 0,
        "answer_s": 60,
    }
}


async def tried(centre: Centre, name: str) -> Json:
    """The one on this list, when it is known what came of the first attempt."""
    async with asyncio.timeout(15):
        while True:
            (entry,) = await centre.boss.api.list_entries(name)
            if entry["outcome"] is not None:
                return dict(entry)
            await asyncio.sleep(0.1)


async def preview(ana: Person) -> Json:
    """Whom she is shown."""
    async with asyncio.timeout(20):
        while True:
            if (shown := await ana.api.agents_preview("ana")) is not None:
                return dict(shown)
            await asyncio.sleep(0.1)


async def test_a_customer_on_a_list_is_called_and_says_what_he_says(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(
        lab,
        tmp_path,
        agents=AGENTS,
        outbound=OUTBOUND,
        said={"follow_ups": FOLLOW_UPS},
        region="CN",
    ) as centre:
        with AgentPhones(lab, default=QUICK) as phones, Subscribers(lab, PEOPLE) as people:
            (ana,) = await centre.on_shift("ana")
            boss = centre.boss.api
            name = (await boss.create_call_list({"rule": "check", "name": "of Monday"}))["id"]
            entries = [{"number": "010 6555 1234", "data": {"order": "S-1"}}]
            filled = await boss.add_entries(name, {"entries": entries})
            assert filled == {"taken": 1, "problems": []}
            shown = (await ana.hears("preview-offered", agent="ana"))["preview"]
            assert (shown["why"], shown["caller"]["number"]) == ("Does it work?", "+861065551234")
            assert phones.rung() == [] and invited(people) == []

            # A caller comes first: he takes it from her screen, and afterwards she is shown it again.
            with Callers(lab, [Call(talk_ms=500)], port=5070):
                taken = await ana.hears("preview-ended")
                assert taken["outcome"] == "taken-back"
                await centre.boss.hears("call-connected", agent="ana")
                await centre.boss.hears("call-ended")
            again = (await ana.hears("preview-offered", agent="ana"))["preview"]
            assert again["task"] == shown["task"]

            answer = {"task": again["task"], "answer": "accept"}
            await ana.api.answer_preview("ana", answer)
            begun = await ana.hears("preview-ended")
            pop = await ana.hears("call-placed", agent="ana")
            assert (begun["outcome"], begun["call"]) == ("accepted", pop["call"])
            assert pop["view"]["data"]["order"] == "S-1"
            await centre.boss.hears("call-connected", call=pop["call"])
            await until(lambda: together(centre) == TWO)
            await both_hear(centre)
            assert invited(people) == ["01065551234"]
            await ana.api.finish_task(again["task"], {"outcome": "reached", "note": "it works"})
            await ana.api.clear_call(pop["call"])
            await centre.boss.hears("call-ended", call=pop["call"])
            found = await boss.one_call_list(name)
            assert (found["states"], found["outcomes"]) == ({"done": 1}, {"reached": 1})
            await centre.quiet()


async def test_who_is_not_there_is_called_again_later_and_our_death_loses_nobody(
    lab: Lab, tmp_path: Path
) -> None:
    async with Centre(
        lab,
        tmp_path,
        agents=AGENTS,
        outbound=OUTBOUND,
        said={"follow_ups": FOLLOW_UPS},
        region="CN",
    ) as centre:
        with AgentPhones(lab, default=QUICK), Subscribers(lab, PEOPLE):
            (ana,) = await centre.on_shift("ana")
            name = (await centre.boss.api.create_call_list({"rule": "check", "name": "x"}))["id"]
            entries = [{"number": "010 6555 0001"}]  # He is busy.
            await centre.boss.api.add_entries(name, {"entries": entries})
            first = (await ana.hears("preview-offered", agent="ana"))["preview"]
            await centre.kill()
            await centre.start()
            ana = await centre.person("ana")
            shown = await preview(ana)  # Perhaps from before she was back.
            assert shown["task"] == first["task"]
            await ana.api.answer_preview("ana", {"task": shown["task"], "answer": "accept"})
            ended = await centre.boss.hears("call-ended")
            assert ended["detail"] == "busy"
            entry = await tried(centre, name)
            assert (entry["outcome"], entry["state"], entry["attempts"]) == (
                "not-reached",
                "open",
                1,
            )
            await ana.becomes("ready")
            await centre.quiet()
