"""Why an agent gets a call, or does not: always the first rule that is in the way."""

import pytest

from acd.core.configuration import Membership, Overflow
from acd.core.events import DeviceChanged, DeviceState
from acd.core.explain import why, why_not
from acd.core.ids import AgentId
from acd.core.requests import BecomeNotReady, LogOut
from tests.core.rules import arrives, known, with_agent, with_rules
from tests.play import NODE, SALES, SUPPORT, Play, call_id, centre


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


def said(play: Play, agent: str, call: str = "c1") -> str:
    found = why_not(play.engine.state, AgentId(agent), call_id(call), play.now)
    return f"{found.rule}: {found.detail}"


def test_how_often_he_has_let_it_go():
    play = Play(centre({"ana": ("support",)}, spare_ms=10_000, reject_rest_ms=0))
    arrives(play, "c1")
    for _ in range(2):
        play.hangs_up(play.leg("c1"), cause=21)
        play.after(seconds=5)
        once = said(play, "ana")
        play.after(seconds=5)
    assert once == "spared: he let this call ring or refused it 2 times; asked again in 15 s"


def test_a_reserve_comes_after_the_others_and_one_of_another_queue_after_them():
    reserve = {"memberships": {SUPPORT: Membership(level=2)}}
    whole = centre({"ana": ("support",), "bob": ("support",), "cy": ("sales",)})
    whole = with_agent(with_rules(whole, overflow=(Overflow(also=(SALES,)),)), "bob", **reserve)
    play = Play(whole, ready=())
    arrives(play, "c1")
    state = play.engine.state
    for name in ("ana", "bob", "cy"):
        state.calls[call_id("c1")].spares[AgentId(name)] = play.now + 5_000
    play.ready("ana").ready("bob").ready("cy")
    state.calls[call_id("c1")].spares.clear()
    assert said(play, "bob") == "level: ana is of level 0 in support, he of level 2"
    assert said(play, "cy") == (
        "overflow: ana serves support, whose agents come before those of sales"
    )
    assert said(play, "ana") == "None: next"


def test_why_another_call_comes_first():
    play = Play(centre({"ana": ("support", "sales")}), ready=())
    arrives(play, "c1").after(seconds=20)
    arrives(play, "c2").after(seconds=10)
    state = play.engine.state
    for name in ("c1", "c2"):
        state.calls[call_id(name)].spares[AgentId("ana")] = play.now + 5_000
    play.ready("ana")
    for name in ("c1", "c2"):
        state.calls[call_id(name)].spares.clear()
    assert said(play, "ana", "c2") == "order: pbx1:c1 comes first: score 30 s, this one 10 s"
    state.calls[call_id("c1")].placed_at = state.calls[call_id("c1")].joined_at
    assert said(play, "ana", "c2").endswith(", in the place of an earlier call")


def test_a_phone_that_two_share():
    whole = centre()
    whole = with_agent(whole, "bob", device="PJSIP/ana")
    play = Play(whole)
    arrives(play, "c1")
    arrives(play, "c2")
    assert said(play, "bob", "c2") == "phone: PJSIP/ana is shared, and has a call of another agent"


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
