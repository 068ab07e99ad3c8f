"""Why calls that are over went to whom they went: from the journals, at the API and on a terminal."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.apart import TooLongError
from acd.cli import app
from acd.core.ids import AgentId
from acd.journal import Journal
from acd.past_decisions import PastDecisions, moments
from tests.core.rules import arrives
from tests.cti_api.desk import PASSWORD, Desk
from tests.play import START, Play, call_id, centre

pytestmark = pytest.mark.slow

# To begin a process, on a machine that has much else to do.
A_SLOW_MACHINES_S = 120.0


class Told(Play):
    """A play that is written down."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        super().__init__(centre())

    def tell(self, happening):
        before = len(self.history)
        super().tell(happening)
        self.journal.record(happening, self.history[before:])
        return self


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sessions; c1 of the second one rang ana, who refused, and then bob, and is over."""
    for at, name in ((START, "c0"), (START + 1, "c1")):
        journal = Journal(tmp_path, at=at, retention_days=36_500)
        play = Told(journal)
        arrives(play, name)
        play.hangs_up(play.leg(name), cause=21)
        play.picks_up(name).bridged(name)
        leg = play.leg(name)
        play.hangs_up(name).hangs_up(leg)
        journal.close()
    return tmp_path


def test_each_moment_with_everybody_as_he_stood(folder):
    first, second = moments(folder, call_id("c1"), None)
    assert (first.what, second.what) == ("CallQueued and CallOffered", "CallOffered")
    assert [(one.agent, one.rule) for one in first.candidates] == [
        ("ana", None),
        ("bob", "taken"),
    ]
    assert [(one.agent, one.rule) for one in second.candidates] == [
        ("bob", None),
        ("ana", "resting"),
    ]
    assert second.candidates[1].detail.startswith("he has refused a call")
    (of_ana,) = list(moments(folder, call_id("c1"), AgentId("ana")))[1].candidates
    assert of_ana == second.candidates[1]
    assert list(moments(folder, call_id("c"), None)) == [], "a part of a name is no name"


async def test_another_process_says_how_it_was_at_the_last_offer(folder):
    past = PastDecisions(folder, patience_s=A_SLOW_MACHINES_S)
    told = await past.explain(call_id("c0"), None)
    assert [(one.agent, one.rule) for one in told] == [("bob", None), ("ana", "resting")]
    assert await past.explain(call_id("c9"), None) is None
    with pytest.raises(TooLongError):
        await PastDecisions(folder, patience_s=0.001).explain(call_id("c0"), None)


async def test_of_a_call_that_somebody_has_it_is_told_how_it_came_to_him(folder):
    desk = Desk(past_decisions=PastDecisions(folder, patience_s=A_SLOW_MACHINES_S))
    await desk.ready("ana", "bob")
    for name in ("c0", "nowhere-written"):
        desk.arrives(name)
        desk.talks(name)
    async with desk.client("sue") as sue:
        had = (await sue.get(f"/v1/calls/{call_id('c0')}/why")).json()
        assert [(one["agent"], one["rule"]) for one in had] == [("bob", None), ("ana", "resting")]
        unknown = (await sue.get(f"/v1/calls/{call_id('nowhere-written')}/why")).json()
        assert (unknown[0]["rule"], unknown[0]["detail"]) == (None, "talking")
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_at_the_api_and_on_a_terminal(folder):
    desk = Desk(past_decisions=PastDecisions(folder, patience_s=A_SLOW_MACHINES_S))
    await desk.ready("ana")
    desk.arrives("live")
    desk.arrives("waits")

    async def said(*words: str, code: int = 0) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
        assert result.exit_code == code, result.output
        return result.output

    async with desk.client("sue") as sue:
        over = (await sue.get(f"/v1/calls/{call_id('c1')}/why")).json()
        assert [one["agent"] for one in over] == ["bob", "ana"]
        assert (await sue.get("/v1/calls/pbx1:none/why")).status_code == 404
        await sue.put("/v1/agents/bob/shift")
    async with desk.server() as at:
        whose = ["--url", f"http://{at}", "--user", "sue", "--password", PASSWORD]
        assert "he has refused a call" in await said("why", call_id("c1"), *whose)
        none = await said("why-not", "ana", *whose)
        assert "Ana is offered; 2 calls wait." in none
        assert "Bob is not-ready (manual logged-in); 2 calls wait." in await said(
            "why-not", "bob", *whose
        )
        assert "→ gets it" in none and f"with {call_id('live')}" in none
    journal = ["--journal", str(folder)]
    assert (await said("why", call_id("c1"), *journal)).count("CallOffered") == 2
    assert "spared" not in await said("why-not", "bob", call_id("c1"), *journal)
    assert "no call pbx1:c9" in await said("why", "pbx1:c9", *journal, code=1)
    assert "about one call" in await said("why-not", "bob", *journal, code=2)
    desk.switchboard.stop()
    desk.services.feed.close()
