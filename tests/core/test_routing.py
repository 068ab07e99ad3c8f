"""An external router chooses, or does not: in time, late, never, somebody else, somebody who has gone."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.agent import AgentState
from acd.core.commands import (
    PlayPrompts,
    ReleaseToDialplan,
    RingAgent,
    StartHoldMusic,
    StartRinging,
)
from acd.core.configuration import (
    Announcements,
    AtClosing,
    Configuration,
    Membership,
    MissedPolicy,
    Overflow,
)
from acd.core.events import Configured, DeviceChanged, DeviceState, LegEnded, NodeLost
from acd.core.explain import why_not
from acd.core.hours import Calendar
from acd.core.ids import AgentId, ChannelId, QueueId
from acd.core.notices import (
    Accepted,
    CallChanged,
    CallEnded,
    CallOffered,
    NodeStateChanged,
    Reason,
    Refused,
    Repaired,
    RouteEnded,
    RouteRequested,
)
from acd.core.requests import (
    BecomeNotReady,
    BecomeReady,
    LogIn,
    LogOut,
    MoveCall,
    SelectRoute,
    SetPriority,
    SetRequirement,
)
from acd.core.route import RouteEnding
from tests.core.rules import arrives, known, released, rung, with_agent, with_rules
from tests.play import NODE, START, Play, Said, call_id, centre

ANA = AgentId("ana")
ONE = {"ana": ("support",)}
THREE = {"ana": ("support",), "bob": ("support", "sales"), "cy": ("support",)}


def routed(agents: dict[str, tuple[str, ...]] | None = None, **rules: Any) -> Configuration:
    """Support asks a router, sales does not."""
    return with_rules(centre(agents or THREE), **({"route_ms": 500} | rules))


def select(
    play: Play, *agents: str, call: str = "c1", route: int | None = None, again_ms: int = 1_000
) -> Play:
    """The router answers the newest question about this call."""
    asked = [said.route for said in play.told(RouteRequested) if said.call == call_id(call)]
    return play.tell(
        SelectRoute(
            at=play.now,
            request="q",
            by="ruth",
            call=call_id(call),
            route=route or (asked or [1])[-1],
            agents=tuple(AgentId(name) for name in agents),
            again_ms=again_ms,
        )
    )


def asked(play: Play) -> list[tuple[str, list[str]]]:
    return [
        (said.call.partition(":")[2], [str(one.agent) for one in said.candidates])
        for said in play.told(RouteRequested)
    ]


def pauses(play: Play, agent: str) -> None:
    name = AgentId(agent)
    play.tell(BecomeNotReady(at=play.now, request="p", by=agent, agent=name, reason="break"))


def why(play: Play, agent: str, call: str = "c1") -> tuple[str | None, str]:
    told = why_not(play.engine.state, AgentId(agent), call_id(call), play.now)
    return told.rule, told.detail


def test_in_time_the_router_chooses_from_all_who_can_with_what_is_known_of_them():
    play = Play(with_agent(routed(), "cy", skills={"fridge": 60}, team="late"))
    arrives(play, "c1", known(segment="vip"))
    (said,) = play.told(RouteRequested)
    assert [one.agent for one in said.candidates] == ["ana", "bob", "cy"]
    assert (said.candidates[2].skills, said.candidates[2].team) == ({"fridge": 60}, "late")
    assert (
        said.candidates[0].idle_ms == play.now - play.engine.state.agents[AgentId("ana")].idle_since
    )
    assert (said.answer_by, said.waited_ms, said.attempts) == (play.now + 500, 0, 0)
    assert said.identity.customers[0].segment == "vip"
    play.after(seconds=0.4).skip()
    select(play, "cy").then(
        Accepted,
        Said(RouteEnded, ending=RouteEnding.SELECTED, by="ruth"),
        Said(CallOffered, agent="cy", attempt=1),
        Said(RingAgent, agent="cy"),
    )
    play.after(seconds=1)
    assert rung(play) == [("c1", "cy")], "the deadline of a question that was answered is none"


def test_the_router_knows_what_share_of_his_shift_each_has_been_busy():
    play = Play(routed(ONE, wrap_up_ms=0), ready=())
    play.ready("ana").after(seconds=6)
    arrives(play, "c0")
    select(play, "ana", call="c0").picks_up("c0").bridged("c0").after(seconds=3)
    play.hangs_up(play.leg("c0")).after(seconds=2)
    busy_ms = play.engine.state.agents[ANA].busy_ms
    shift_ms = play.now - play.engine.state.agents[ANA].shift_since
    assert 3_000 <= busy_ms < 3_010 and 11_000 <= shift_ms < 11_010, (busy_ms, shift_ms)
    arrives(play, "c1")
    assert play.told(RouteRequested)[-1].candidates[0].busy_share == 0.273, (
        "three of eleven seconds"
    )


def test_who_has_just_come_has_been_busy_for_none_of_it():
    play = Play(routed(ONE), ready=())
    play.tell(LogIn(at=play.now, request="r", by="ana", agent=ANA))
    play.tell(BecomeReady(at=play.now, request="r", by="ana", agent=ANA))
    arrives(play, "c1")
    assert play.told(RouteRequested)[-1].candidates[0].busy_share == 0


def test_while_it_thinks_the_caller_hears_ringing_pays_nothing_and_nobody_else_has_those_agents():
    play = Play(routed())
    play.arrives("c1")
    assert play.told(StartRinging) and not play.told(StartHoldMusic)
    assert play.state("bob") == "ready"
    play.arrives("c2", "sales")
    assert rung(play) == [], "bob is reserved"
    assert why(play, "bob", "c2")[0] == "reserved"
    assert why(play, "bob") == ("router", "the external router is asked, about him")
    select(play, "ana")
    assert rung(play) == [("c1", "ana"), ("c2", "bob")], "and then he is not"


@pytest.mark.parametrize("late_ms", [500, 501, 5_000])
def test_too_late_the_queues_own_strategy_has_decided(late_ms):
    play = Play(routed())
    play.arrives("c1").skip().after(seconds=late_ms / 1000).then(
        Said(RouteEnded, ending=RouteEnding.OVERDUE), Said(CallOffered, agent="ana"), RingAgent
    )
    select(play, "bob").then(Said(Refused, reason=Reason.NOT_ASKED))


def test_a_dead_router_is_not_asked_for_a_while_after_three_misses_and_then_once():
    play = Play(routed())
    for number in range(3):
        play.arrives(f"c{number}").after(seconds=0.5)
        assert len(asked(play)) == number + 1
        play.hangs_up(f"c{number}").hangs_up(play.told(RingAgent)[-1].offer)
    play.arrives("c3")
    assert rung(play)[-1][0] == "c3" and len(asked(play)) == 3, "at once"
    play.hangs_up("c3").hangs_up(play.told(RingAgent)[-1].offer).after(seconds=10)
    play.arrives("c4").after(seconds=0.5).arrives("c5")
    assert [call for call, _ in asked(play)] == ["c0", "c1", "c2", "c4"]


def test_an_answer_makes_a_router_well_again():
    play = Play(routed({"ana": ("support",)}, ring_timeout_ms=3_000))
    for number in range(4):
        play.arrives(f"c{number}").after(seconds=0.5 if number != 2 else 0)
        select(play, "ana", call=f"c{number}")
        play.hangs_up(f"c{number}").hangs_up(play.told(RingAgent)[-1].offer)
    assert len(asked(play)) == 4
    play.after(seconds=60).arrives("c5").after(seconds=0.5)
    assert len(asked(play)) == 5
    assert play.engine.state.routers[QueueId("support")].missed == 2


def test_an_agent_who_is_none_of_the_candidates_is_refused_and_the_question_stays_open():
    play = Play(with_agent(routed(), "cy", memberships={"support": Membership(after_ms=60_000)}))
    play.arrives("c1").skip()
    for name in ("cy", "nobody"):
        select(play, name).then(Said(Refused, reason=Reason.NOT_A_CANDIDATE))
    assert why(play, "cy")[0] == "delay"
    select(play, "nobody", "cy", "bob").skip()
    assert rung(play) == [("c1", "bob")], "the first of those it names who can"


def goes(play: Play, how: str) -> None:
    if how == "pauses":
        pauses(play, "ana")
    elif how == "logs out":
        play.tell(LogOut(at=play.now, request="l", by="ana", agent=AgentId("ana")))
    else:
        busy = DeviceState.INUSE
        play.tell(DeviceChanged(at=play.now, node=NODE, device="PJSIP/ana", state=busy))


@pytest.mark.parametrize("how", ["pauses", "logs out", "phone"])
def test_an_agent_who_has_gone_meanwhile_is_refused_and_does_not_come_back_as_ready(how):
    play = Play(routed())
    play.arrives("c1")
    goes(play, how)
    play.skip()
    select(play, "ana").then(Said(Refused, reason=Reason.NOT_A_CANDIDATE))
    play.after(seconds=0.5)
    assert rung(play) == [("c1", "bob")]


def test_when_all_candidates_have_gone_the_caller_waits_for_the_next_about_whom_it_is_asked_again():
    play = Play(routed({"ana": ("support",), "bob": ("support",)}), ready=("ana",))
    play.arrives("c1")
    pauses(play, "ana")
    play.after(seconds=1)
    assert rung(play) == []
    play.ready("bob")
    assert asked(play) == [("c1", ["ana"]), ("c1", ["bob"])]
    select(play, "bob", route=1)
    assert rung(play) == [], "an answer to the first question is none to the second"
    select(play, "bob", route=2)
    assert rung(play) == [("c1", "bob")]


def test_nobody_yet_and_it_is_asked_again_after_that():
    play = Play(routed())
    play.arrives("c1").skip()
    select(play, again_ms=2_000).then(
        Accepted, Said(RouteEnded, ending=RouteEnding.LATER, by="ruth"), ...
    )
    assert play.told(StartHoldMusic), "it may take a while"
    play.arrives("c2", "sales")
    assert rung(play) == [("c2", "bob")], "nobody is reserved meanwhile"
    assert why(play, "ana") == ("router", "the external router has asked for time")
    select(play, "ana").after(seconds=2)
    assert play.told(Refused)[-1].reason == "not-asked"
    assert asked(play) == [("c1", ["ana", "bob", "cy"]), ("c1", ["ana", "cy"])]


def test_nobody_can_be_kept_for_ever():
    play = Play(routed(longest_wait_ms=20_000))
    play.arrives("c1")
    select(play, again_ms=10**9).after(seconds=20)
    assert released(play) == [("c1", "max-wait")]
    play = Play(routed(at_closing=AtClosing.LEAVE))
    play.arrives("c1")
    select(play, again_ms=10**9).after(seconds=30)
    assert len(asked(play)) == 2


def test_a_caller_who_hangs_up_meanwhile_sets_everybody_free():
    play = Play(routed())
    play.arrives("c1").arrives("c2", "sales").skip()
    play.hangs_up("c1").then(
        Said(RouteEnded, call=call_id("c1"), route=1, ending=RouteEnding.WITHDRAWN, by=""),
        CallEnded,
        Said(CallOffered, call=call_id("c2")),
        RingAgent,
    )
    select(play, "ana").then(Said(Refused, reason=Reason.UNKNOWN_CALL))


def test_a_freed_agent_is_kept_for_the_first_caller_and_the_second_is_not_asked_about():
    play = Play(routed(), ready=())
    play.arrives("c1").after(seconds=1).arrives("c2").after(seconds=1)
    play.ready("ana")
    assert asked(play) == [("c1", ["ana"])]
    play.ready("bob")
    assert asked(play) == [("c1", ["ana"]), ("c2", ["bob"])]


def test_an_agent_is_no_candidate_while_a_caller_of_another_queue_comes_before():
    play = Play(with_rules(routed(), "sales", weight=9), ready=())
    play.arrives("c1", "support").after(seconds=1).arrives("c2", "sales").after(seconds=1)
    nobody = {name: replace(agent, queues=()) for name, agent in routed().agents.items()}
    both = with_rules(routed(), "sales", weight=9)
    play.tell(Configured(at=play.now, configuration=replace(both, agents=nobody)))
    play.ready("bob").ready("cy")
    play.tell(Configured(at=play.now, configuration=both))
    assert asked(play) == [("c1", ["cy"])] and rung(play) == [("c2", "bob")]


def test_what_changes_the_call_or_the_centre_asks_anew():
    play = Play(routed())
    play.arrives("c1")
    play.tell(SetPriority(at=play.now, request="s", by="sue", call=call_id("c1"), priority=7))
    play.tell(Configured(at=play.now, configuration=routed(route_ms=900)))
    assert [(said.priority, said.route) for said in play.told(RouteRequested)] == [
        (0, 1),
        (7, 2),
        (7, 3),
    ]
    play.tell(Configured(at=play.now, configuration=centre(THREE)))
    assert rung(play) == [("c1", "ana")], "and nobody where there is no router any more"
    ends = [(said.route, said.ending) for said in play.told(RouteEnded)]
    assert ends == [(number, RouteEnding.WITHDRAWN) for number in (1, 2, 3)]


def test_whoever_holds_a_question_is_told_when_the_rules_end_it():
    """The longest wait, closing, somebody who moves the caller on; and of one that waits for nobody there is no end."""
    office = Calendar(spans=((START - 1_000, START + 60_000),), known_until=START + 600_000)
    rules = {"route_ms": 120_000, "hours": "day", "at_closing": AtClosing.LEAVE}
    closes = replace(routed(**rules), calendars={"day": office})
    play = Play(closes).arrives("c1").skip().after(seconds=60)
    play.then(
        Said(RouteEnded, queue="support", ending=RouteEnding.WITHDRAWN),
        Said(ReleaseToDialplan, result="closed"),
    )
    play = Play(routed(route_ms=120_000, longest_wait_ms=5_000)).arrives("c1").skip()
    play.after(seconds=5).then(
        Said(RouteEnded, ending=RouteEnding.WITHDRAWN), Said(ReleaseToDialplan, result="max-wait")
    )
    play = Play(routed()).arrives("c1").skip()
    said = {"at": play.now, "request": "s", "by": "sue", "call": call_id("c1")}
    play.tell(MoveCall(**said, queue=QueueId("sales"))).then(
        Said(RouteEnded, queue="support", ending=RouteEnding.WITHDRAWN),
        Accepted,
        CallChanged,
        ...,
    )
    play = Play(routed()).arrives("c1")
    select(play, again_ms=10_000).hangs_up("c1")
    assert [one.ending for one in play.told(RouteEnded)] == [RouteEnding.LATER]


def test_what_is_refused_changes_nothing_and_asks_nobody_anew():
    play = Play(routed())
    play.arrives("c1")
    said = {"at": play.now, "request": "s", "by": "sue", "call": call_id("c1")}
    play.tell(SetRequirement(**said, requires="klingon"))
    play.tell(MoveCall(**said, queue=QueueId("nowhere")))
    assert [one.reason.value for one in play.told(Refused)] == ["bad-requirement", "unknown-queue"]
    assert len(play.told(RouteRequested)) == 1


def test_who_served_the_caller_last_comes_before_the_router():
    play = Play(routed(last_agent_ms=20_000))
    arrives(play, "c1", known(last="cy"))
    assert rung(play) == [("c1", "cy")] and not asked(play)
    play.hangs_up(play.leg("c1"), cause=21)
    assert [call for call, _ in asked(play)] == ["c1"]


def test_one_who_let_the_caller_go_is_no_candidate_for_a_while():
    play = Play(routed())
    play.arrives("c1")
    select(play, "bob").hangs_up(play.leg("c1"), cause=21)
    assert asked(play)[-1] == ("c1", ["ana", "cy"])
    assert play.told(RouteRequested)[-1].attempts == 1


def test_who_let_it_ring_and_is_ready_still_is_no_candidate_for_this_caller():
    play = Play(routed(no_answer=MissedPolicy.RETRY))
    select(play.arrives("c1"), "ana")
    leg = play.leg("c1")
    play.after(seconds=15).hangs_up(leg)
    select(play, again_ms=1_000).after(seconds=1)
    assert play.engine.state.agents[AgentId("ana")].state is AgentState.READY
    assert asked(play) == [("c1", ["ana", "bob", "cy"]), *[("c1", ["bob", "cy"])] * 2]


def test_a_router_is_asked_about_twenty_at_most_the_first_by_the_queues_strategy():
    agents = {f"a{n:02}": ("support",) for n in range(25)}
    play = Play(routed(agents)).arrives("c1")
    assert asked(play) == [("c1", [f"a{n:02}" for n in range(20)])]


def test_it_is_asked_about_one_of_another_queue_whom_overflow_asks_too():
    rules = {"overflow": (Overflow(after_ms=5_000, also=(QueueId("sales"),)),)}
    agents = {"ana": ("support",), "sol": ("sales",)}
    play = Play(routed(agents, **rules), ready=("sol",)).arrives("c1")
    assert asked(play) == []
    assert asked(play.after(seconds=6)) == [("c1", ["sol"])]
    assert rung(select(play, "sol")) == [("c1", "sol")]


def test_a_node_that_is_lost_takes_its_callers_out_of_the_routers_hands():
    play = Play(routed())
    play.arrives("c1").skip().tell(NodeLost(at=play.now, node=NODE)).then(
        NodeStateChanged, Said(RouteEnded, ending=RouteEnding.WITHDRAWN)
    )
    select(play, "ana").then(Said(Refused, reason=Reason.NOT_ASKED))


def test_the_longest_wait_ends_when_the_phones_that_ring_have_rung_out():
    rules = {
        "longest_wait_ms": 20_000,
        "ring_timeout_ms": 15_000,
        "spare_ms": 1_000,
        "spare_at_most_ms": 1_000,
    }
    for strategy in ("ring-all", "longest-idle"):
        play = Play(centre(THREE, strategy=strategy, **rules))
        play.arrives("c1").after(seconds=36)
        assert released(play) == [("c1", "max-wait")], "idle agents who never answer keep nobody"


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("arrives"), st.sampled_from(("support", "support", "sales"))),
        st.tuples(st.just("passes"), st.sampled_from((0.1, 0.4, 0.5, 3, 30))),
        st.tuples(st.just("selects"), st.sampled_from((*THREE, "", "nobody"))),
        st.tuples(st.just("ends"), st.integers(0, 100)),
        st.tuples(st.just("hangs up"), st.integers(0, 100)),
        st.tuples(st.just("pauses"), st.sampled_from(tuple(THREE))),
        st.tuples(st.just("ready"), st.sampled_from(tuple(THREE))),
        st.tuples(st.just("configured"), st.booleans()),
    ),
    max_size=40,
)


@given(ACTS)
def test_whatever_a_router_does_nobody_is_offered_two_nor_left_over_nor_kept(acts):
    play = Play(routed())
    state = play.engine.state
    for number, (act, what) in enumerate(acts):
        if act == "arrives":
            play.arrives(f"c{number}", what)
        elif act == "passes":
            play.after(seconds=what)
        elif act == "selects" and play.told(RouteRequested):
            name = play.told(RouteRequested)[-1].call.partition(":")[2]
            select(play, *([what] if what else []), call=name)
        elif act == "ends" and state.offers:
            offer = list(state.offers)[what % len(state.offers)]
            play.tell(LegEnded(at=play.now, channel=ChannelId(offer), cause=16))
        elif act == "hangs up" and state.calls:
            play.hangs_up(list(state.calls)[what % len(state.calls)].partition(":")[2])
        elif act == "pauses":
            pauses(play, what)
        elif act == "ready":
            play.ready(what)
        elif act == "configured":
            with_router = routed() if what else centre(THREE)
            play.tell(Configured(at=play.now, configuration=with_router))
        idle = [a for a in state.agents.values() if a.routable(play.now)]
        for call in state.calls.values():
            fit = [a.id for a in idle if call.queue in a.profile.queues]
            spared = [a for a in fit if call.spares_agent(a, play.now)]
            assert call.state != "waiting" or fit == spared, "left over"
    assert not play.told(Repaired)
    for name in list(state.calls):
        play.hangs_up(name.partition(":")[2])
    play.after(seconds=60)
    asked_for = sorted((one.call, one.route) for one in play.told(RouteRequested))
    ended = sorted((one.call, one.route) for one in play.told(RouteEnded))
    assert asked_for == ended, "each ends once"
    assert not state.calls and not state.offers
    assert not [a for a in state.agents.values() if a.reserved_for], "kept for nobody"


@pytest.mark.parametrize("again_ms", [None, 30_000])
def test_who_is_kept_for_the_router_waits_on_and_counts_as_one_who_waits(again_ms: int | None):
    """Else a router that always says `later` would hide the queue: nobody is told of it, nothing relieves it."""
    said = Announcements(first_ms=1_000, position=True)
    rules = {"most_waiting": 2, "announcements": said, "route_ms": 60_000}
    play = Play(routed(ONE, **rules), ready=("ana",)).arrives("c1")
    if again_ms is not None:
        select(play, again_ms=again_ms)
        play.tell(BecomeNotReady(at=play.now, request="r", by="ana", agent=ANA, reason="lunch"))
    play.arrives("c2").after(seconds=1)
    heard = {one.call: one.prompts for one in play.told(PlayPrompts)}
    assert heard[call_id("c2")] == ("queue-thereare", 2, "queue-callswaiting")
    play.arrives("c3")
    assert released(play) == [("c3", "queue-full")]
    play.tell(SetPriority(at=play.now, request="r", by="sue", call=call_id("c2"), priority=0))
    assert play.engine.state.first_in(QueueId("support"))[2] == call_id("c1")
    play.hangs_up("c1")
    assert play.engine.state.waiting_in(QueueId("support")) == 1
