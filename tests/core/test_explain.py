"""Why an agent gets a call, or does not: always the first rule that is in the way."""

import pytest

from acd.core.events import DeviceChanged, DeviceState
from acd.core.explain import why, why_not
from acd.core.ids import AgentId
from acd.core.requests import BecomeNotReady, LogOut
from tests.core.rules import arrives, known, with_agent, with_rules
from tests.play import NODE, Play, call_id, centre


def rule(play: Play, agent: str, call: str = "c1") -> str | None:
    return why_not(play.engine.state, AgentId(agent), call_id(call), play.now).rule


def test_each_rule_by_its_name():
    team = {"ana": ("support",), "bob": ("support",), "chen": ("sales",), "dora": ("support",)}
    configuration = with_rules(centre(team), requires="fridge >= 50")
    for name in ("ana", "dora"):
        configuration = with_agent(configuration, name, skills={"fridge": 60})
    play = Play(configuration)
    play.tell(
        BecomeNotReady(at=play.now, request="r", by="x", agent=AgentId("ana"), reason="lunch")
    )
    play.tell(LogOut(at=play.now, request="r", by="x", agent=AgentId("dora")))
    arrives(play, "c1")
    assert rule(play, "ana") == "not-ready"
    assert rule(play, "bob") == "does-not-fit"
    assert rule(play, "chen") == "other-queue"
    assert rule(play, "dora") == "logged-out"
    assert rule(play, "nobody") == "unknown-agent"
    assert rule(play, "ana", "nothing") == "unknown-call"
    bob = why_not(play.engine.state, AgentId("bob"), call_id("c1"), play.now)
    assert bob.detail == "skill: fridge >= 50: has none"
    play.ready("dora")
    assert rule(play, "dora") is None
    assert rule(play, "ana") == "not-ready"
    assert why(play.engine.state, call_id("c1"), play.now)[0].agent == "dora"


def test_a_phone_that_is_busy_and_one_that_was_spared():
    play = Play(centre())
    arrives(play, "c1")
    play.hangs_up(play.leg("c1"), cause=21)
    assert rule(play, "ana") == "resting"
    play.after(seconds=6)
    assert rule(play, "ana") == "spared"
    busy = DeviceState.INUSE
    play.tell(DeviceChanged(at=play.now, node=NODE, device="PJSIP/ana", state=busy))
    assert rule(play, "ana") == "phone"
    assert rule(play, "bob") is None


@pytest.mark.parametrize(
    ("cause", "said"),
    [(21, "he has refused a call"), (19, "let a call ring out"), (3, "could not be reached")],
)
def test_why_somebody_rests(cause, said):
    play = Play(centre(no_answer_rest_ms=5_000))
    arrives(play, "c1")
    play.hangs_up(play.leg("c1"), cause=cause).after(seconds=2)
    found = why_not(play.engine.state, AgentId("ana"), call_id("c1"), play.now)
    assert found.rule == "resting" and said in found.detail
    assert "rung again in 3 s" in found.detail


def test_kept_for_who_served_him_last():
    play = Play(with_rules(last_agent_ms=20_000), ready=("bob",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1", known(last="bob"))
    play.ready("ana")
    assert rule(play, "ana") == "last-agent"
    assert rule(play, "bob") == "busy-acd"


def test_no_explanation_changes_anything():
    play = Play(centre(), ready=())
    arrives(play, "c1")
    before = repr(play.engine.state.calls)
    why(play.engine.state, call_id("c1"), play.now)
    assert repr(play.engine.state.calls) == before
    play.ready("ana")
    assert rule(play, "ana") is None
