"""A fault of ours on a real Asterisk: nobody's call is lost for it, it is told and counted, and a replay has it too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.core import events
from acd.core.engine import HANDLERS
from tests.live import sabotage
from tests.live.centre import Centre, over, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]


async def test_a_fault_costs_a_caller_a_look_around_and_nobody_else_anything(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = Centre(lab, tmp_path)
    centre.product.argv = [sys.executable, sabotage.__file__]
    async with centre:
        with AgentPhones(lab, default=Phone(ring_ms=30)):
            await centre.on_shift("ana", "bob")
            calls = [Call(talk_ms=8_000), Call(talk_ms=100), Call(talk_ms=100)]
            with Callers(lab, calls, per_second=5, media=True) as callers:
                told = await centre.boss.hears("repaired")
                await until(
                    lambda: len(centre.boss.events("call-connected")) == 3,
                    within_s=20,
                    what="all three talk, the first too",
                )
                await over(callers, within_s=20)
                await until(lambda: len(centre.boss.events("call-ended")) == 3)
            endings = {one.frame["ending"] for one in centre.boss.events("call-ended")}
            assert endings == {"completed"}
        assert told["problem"] == "LegBridged failed: KeyError in handle"
        assert (await centre.boss.api.ready())["faults"] == 1
        said = next(line for line in centre.log.splitlines() if "a fault of ours" in line)
        assert "was mended: KeyError on LegBridged (journal-" in said
        assert sabotage.WORDS not in centre.log
        monkeypatch.setitem(HANDLERS, events.LegBridged, sabotage.broken())  # For the replay.
