"""Who waits hears where he stands over his music, and an agent who picks up meanwhile has him at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.core.commands import Connect, PlayPrompts, RingAgent, StartHoldMusic, StopPrompts
from tests.live.centre import Centre, over, together, until
from tests.live.test_whispering import sound_to
from tests.live.wire import Wire

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

AGENTS = {"ana": ["support"]}
WORDS = ["digits/1", "digits/2"]


def said(centre: Centre, kind: type) -> list[object]:
    """What of this kind Asterisk has been told."""
    return [out for out in centre.replay() if isinstance(out, kind)]


async def test_a_caller_who_waits_hears_the_words_and_then_his_music_again(
    lab: Lab, tmp_path: Path
) -> None:
    announce = {"first_s": 1, "position": True, "prompts": WORDS}
    # His agent is told the same words, and nothing else: so we know how they sound.
    queues = {"support": {"announce": announce, "whisper": WORDS}, "sales": {}}
    async with Centre(lab, tmp_path, agents=AGENTS, queues=queues) as centre:
        caller = Callers(lab, [Call()], media=True)
        with AgentPhones(lab, default=Phone(ring_ms=30)), Wire(b"") as wire, caller:
            await centre.boss.hears("call-queued")
            await until(lambda: len(said(centre, StartHoldMusic)) == 2, what="music again")
            with Wire(b"") as after:
                await until(
                    lambda: len(list(sound_to(after, lab.trunk_address))) > 20, what="he hears it"
                )
            await centre.on_shift("ana")
            await centre.boss.hears("call-connected", agent="ana")
            caller.hang_up()
            await over(caller)
            await centre.quiet()
        words = {frame for _, frame in sound_to(wire, lab.agents_address)}
        heard = {frame for _, frame in sound_to(wire, lab.trunk_address)}
        assert len(words & heard) > 20, "he has heard what the agent has heard"
        (play,) = said(centre, PlayPrompts)
    assert isinstance(play, PlayPrompts) and play.prompts == ("queue-youarenext", *WORDS)


async def test_an_agent_who_picks_up_meanwhile_does_not_wait_for_its_end(
    lab: Lab, tmp_path: Path
) -> None:
    lasts_40_s = {"first_s": 1, "position": True, "prompts": ["silence/10"] * 4}
    queues = {"support": {"announce": lasts_40_s}, "sales": {}}
    async with Centre(lab, tmp_path, agents=AGENTS, queues=queues) as centre:
        caller = Callers(lab, [Call(), Call(number="13800138001")], media=True)
        with AgentPhones(lab, default=Phone(ring_ms=30)), caller:
            await until(lambda: len(said(centre, PlayPrompts)) == 2, what="both are told")
            await centre.on_shift("ana")
            await centre.boss.hears("call-connected", agent="ana")
            await until(lambda: together(centre) == [{"ana", "caller"}])
            caller.hang_up()
            await over(caller)
            await centre.quiet()
        told = [
            type(out)
            for out in centre.replay()
            if isinstance(out, RingAgent | StopPrompts | StartHoldMusic | Connect)
        ]
        assert told[2:6] == [RingAgent, StopPrompts, StartHoldMusic, Connect]
        places = [out.prompts[:3] for out in said(centre, PlayPrompts)]  # type: ignore[attr-defined]
    assert [place[0] for place in places] == ["queue-youarenext", "queue-thereare"]
    assert places[1] == ("queue-thereare", 2, "queue-callswaiting")
