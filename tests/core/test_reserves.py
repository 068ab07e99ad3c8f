"""Agents who serve a queue as a reserve: after those of a lower level, and only who has waited long enough."""

from hypothesis import given
from hypothesis import strategies as st

from acd.core.configuration import Configuration, Membership, Overflow, Ring, WhenUnstaffed
from acd.core.events import Configured
from acd.core.explain import why_not
from acd.core.ids import AgentId, QueueId
from acd.core.notices import CallOffered, Repaired
from acd.core.requests import BecomeNotReady
from tests.core.rules import arrives, known, rung, with_agent, with_rules
from tests.play import SALES, SUPPORT, Play, call_id, centre

BOTH = {"ana": ("support",), "bob": ("support", "sales")}


def reserve(
    configuration: Configuration, agent: str, queue: QueueId = SUPPORT, **how: int
) -> Configuration:
    memberships = configuration.agents[AgentId(agent)].memberships
    return with_agent(configuration, agent, memberships={**memberships, queue: Membership(**how)})


def pauses(play: Play, agent: str) -> None:
    name = AgentId(agent)
    play.tell(BecomeNotReady(at=play.now, request="r", by=agent, agent=name, reason="break"))


def test_who_comes_after_30_s_is_not_rung_before_and_then_at_once():
    play = Play(reserve(centre(BOTH), "bob", after_ms=30_000), ready=("bob",))
    play.arrives("c1").after(seconds=29)
    assert rung(play) == []
    why = why_not(play.engine.state, AgentId("bob"), call_id("c1"), play.now)
    assert (why.rule, why.detail) == ("delay", "takes callers who have waited 30 s; in 1 s")
    play.after(seconds=1)
    assert rung(play) == [("c1", "bob")]


def test_of_several_delays_each_has_its_own_moment():
    configuration = reserve(centre({**BOTH, "cy": ("support",)}), "bob", after_ms=10_000)
    play = Play(reserve(configuration, "cy", after_ms=20_000), ready=("cy",))
    play.arrives("c1").after(seconds=19)
    assert rung(play) == []
    play.after(seconds=1)
    assert rung(play) == [("c1", "cy")]


def test_it_is_between_him_and_that_queue_alone():
    play = Play(reserve(centre(BOTH), "bob", after_ms=30_000), ready=("bob",))
    play.arrives("c1", "support").after(seconds=1).arrives("c2", "sales")
    assert rung(play) == [("c2", "bob")], "nobody is overtaken: c1 is not for him yet"


def test_a_freed_reserve_takes_the_first_who_has_waited_long_enough():
    play = Play(reserve(centre(BOTH), "bob", after_ms=30_000), ready=())
    for name in ("c1", "c2", "c3"):
        play.arrives(name).after(seconds=10)
    play.ready("bob")
    assert rung(play) == [("c1", "bob")]
    play.hangs_up("c1").hangs_up(play.told(CallOffered)[-1].offer)
    assert rung(play) == [("c1", "bob")], "c2 has waited 20 s"
    play.after(seconds=10)
    assert rung(play) == [("c1", "bob"), ("c2", "bob")]


def test_of_those_who_are_idle_the_lower_level_comes_first_whatever_the_strategy():
    configuration = reserve(centre(BOTH), "ana", level=1)
    play = Play(configuration, ready=("ana", "bob"))
    play.arrives("c1").arrives("c2")
    assert rung(play) == [("c1", "bob"), ("c2", "ana")], "ana has been idle for longer"


def test_he_who_served_the_caller_last_is_asked_at_once_even_as_a_reserve():
    configuration = reserve(with_rules(centre(BOTH), last_agent_ms=20_000), "bob", after_ms=60_000)
    play = Play(configuration, ready=("bob",))
    arrives(play, "c1", known(last="bob"))
    assert rung(play) == [("c1", "bob")]


def test_a_queue_with_none_but_reserves_is_staffed():
    configuration = reserve(
        centre(BOTH, when_unstaffed=WhenUnstaffed.LEAVE), "bob", after_ms=30_000
    )
    play = Play(configuration, ready=("ana", "bob"))
    play.arrives("c0").picks_up("c0").bridged("c0").arrives("c1")
    pauses(play, "ana")
    assert play.engine.state.calls[call_id("c1")].state == "waiting"
    play.after(seconds=30)
    assert rung(play)[-1] == ("c1", "bob")


def test_a_ring_that_is_staffed_by_reserves_is_not_skipped():
    rings = (Ring(teams=("b",), for_ms=40_000), Ring())
    configuration = with_agent(with_rules(centre(BOTH), rings=rings), "bob", team="b")
    play = Play(reserve(configuration, "bob", after_ms=30_000))
    play.arrives("c1").after(seconds=29)
    assert rung(play) == [], "ana is of the second ring"
    play.after(seconds=1)
    assert rung(play) == [("c1", "bob")]


def test_the_delay_changes_while_callers_wait():
    play = Play(reserve(centre(BOTH), "bob", after_ms=300_000), ready=("bob",))
    play.arrives("c1").after(seconds=20)
    sooner = reserve(centre(BOTH), "bob", after_ms=30_000)
    play.tell(Configured(at=play.now, configuration=sooner)).after(seconds=9)
    assert rung(play) == []
    play.after(seconds=1)
    assert rung(play) == [("c1", "bob")]
    play.arrives("c2").tell(Configured(at=play.now, configuration=centre(BOTH)))
    play.hangs_up("c1").hangs_up(play.told(CallOffered)[-1].offer)
    assert rung(play)[-1] == ("c2", "bob"), "he is no reserve any more"


def test_a_reserve_of_a_queue_that_is_asked_too_comes_when_the_caller_has_waited_long_enough_for_him():
    overflow = (Overflow(after_ms=10_000, also=(SALES,)),)
    configuration = with_rules(centre(BOTH | {"bob": ("sales",)}), overflow=overflow)
    play = Play(reserve(configuration, "bob", SALES, after_ms=30_000), ready=("bob",))
    play.arrives("c1").after(seconds=29)
    assert rung(play) == []
    assert why_not(play.engine.state, AgentId("bob"), call_id("c1"), play.now).rule == "delay"
    play.after(seconds=1)
    assert rung(play) == [("c1", "bob")]


AGENTS = ("ana", "bob", "cy", "dee")
MEMBERSHIP = st.builds(
    Membership, level=st.integers(0, 2), after_ms=st.sampled_from((0, 0, 5_000, 20_000, 61_000))
)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("arrives"), st.sampled_from((SUPPORT, SALES))),
        st.tuples(st.just("passes"), st.sampled_from((1, 4, 5, 16, 30))),
        st.tuples(st.just("ends"), st.integers(0, 100)),
        st.tuples(st.just("pauses"), st.sampled_from(AGENTS)),
        st.tuples(st.just("ready"), st.sampled_from(AGENTS)),
    ),
    max_size=40,
)


@given(st.lists(MEMBERSHIP, min_size=8, max_size=8), ACTS)
def test_nobody_is_offered_too_soon_nor_left_beside_one_who_may_have_him(memberships, acts):
    how = {
        (agent, queue): memberships[2 * place + column]
        for place, agent in enumerate(AGENTS)
        for column, queue in enumerate((SUPPORT, SALES))
    }
    configuration = centre(dict.fromkeys(AGENTS, ("support", "sales")), ring_timeout_ms=10**8)
    for (agent, queue), one in how.items():
        memberships = {**configuration.agents[AgentId(agent)].memberships, queue: one}
        configuration = with_agent(configuration, agent, memberships=memberships)
    play = Play(configuration)
    state, joined, seen = play.engine.state, {}, 0
    for number, (act, what) in enumerate(acts):
        if act == "arrives":
            play.arrives(f"c{number}", what)
            joined[call_id(f"c{number}")] = play.now
        elif act == "passes":
            play.after(seconds=what)
        elif act == "ends" and state.offers:
            offer = list(state.offers.values())[what % len(state.offers)]
            play.hangs_up(offer.call.partition(":")[2]).hangs_up(offer.id)
        elif act == "pauses":
            pauses(play, what)
        elif act == "ready":
            play.ready(what)
        idle = [a for a in AGENTS if state.agents[AgentId(a)].state == "ready"]
        for offered in play.told(CallOffered)[seen:]:
            seen += 1
            mine = how[offered.agent, offered.queue]
            assert offered.at - joined[offered.call] >= mine.after_ms, "too soon"
            assert not [
                a
                for a in idle
                if how[a, offered.queue].level < mine.level
                and how[a, offered.queue].after_ms <= offered.at - joined[offered.call]
                and state.agents[AgentId(a)].idle_since < offered.at
            ], "before one of a lower level"
        for call in state.calls.values():
            waited = play.now - joined[call.id]
            beside = [a for a in idle if how[a, call.queue].after_ms <= waited]
            assert call.state != "waiting" or not beside, "left over"
    assert not play.told(Repaired)
