"""Other rules while callers wait and agents talk: what has not changed goes on as if nothing had been."""

from dataclasses import replace

import pytest

from acd.core.configuration import Membership, Overflow, Ring, WhenUnstaffed
from acd.core.events import CallArrived, Configured, Entry
from acd.core.ids import AgentId
from acd.core.notices import CallConnected, CallerRecognised, Supervised
from tests.core.rules import arrives, known, released, rung, with_agent, with_rules
from tests.play import SALES, SUPPORT, Play, Said, call_id, centre, channel

BOTH = {"ana": ("support",), "bob": ("support",)}


def reload(play, configuration, **fields):
    return play.tell(Configured(at=play.now, configuration=configuration, **fields))


def elsewhere(configuration):
    """The same for support; something else is different."""
    return with_rules(configuration, queue=SALES, weight=7)


RINGS = (Ring(requires="fridge", for_ms=20_000), Ring())


def test_a_search_goes_on_where_it_was_when_its_queue_has_not_changed():
    configuration = with_agent(with_rules(rings=RINGS), "bob", skills={"fridge": 50})
    play = Play(configuration)
    arrives(play, "c0").picks_up("c0").bridged("c0")  # Bob, the only one of the first ring.
    arrives(play, "c1").after(seconds=15)
    for _ in range(3):
        reload(play, elsewhere(configuration)).after(seconds=1)
    assert rung(play) == [("c0", "bob")]
    play.after(seconds=2)
    assert rung(play) == [("c0", "bob"), ("c1", "ana")], "twenty seconds, reloads or not"


def test_it_begins_anew_when_its_queue_has_changed():
    configuration = with_agent(with_rules(rings=RINGS), "bob", skills={"fridge": 50})
    play = Play(configuration)
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1").after(seconds=15)
    reload(play, with_rules(configuration, weight=2)).after(seconds=10)
    assert rung(play) == [("c0", "bob")]
    play.after(seconds=10)
    assert rung(play)[-1] == ("c1", "ana")


def test_the_last_agent_is_waited_for_as_long_as_before():
    configuration = with_rules(last_agent_ms=20_000)
    play = Play(configuration, ready=("bob",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1", known(last="bob"))
    play.ready("ana").after(seconds=15)
    reload(play, elsewhere(configuration)).after(seconds=4)
    assert rung(play) == [("c0", "bob")]
    play.after(seconds=1)
    assert rung(play)[-1] == ("c1", "ana")


def test_but_not_when_he_is_taken_away():
    configuration = with_rules(last_agent_ms=20_000)
    play = Play(configuration, ready=("bob",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1", known(last="bob"))
    play.ready("ana")
    assert rung(play) == [("c0", "bob")]
    only_ana = {AgentId("ana"): configuration.agents[AgentId("ana")]}
    reload(play, replace(configuration, agents=only_ana))
    assert rung(play)[-1] == ("c1", "ana")


def test_an_agent_who_learns_something_is_seen_by_those_who_wait():
    configuration = with_rules(centre(BOTH), rings=RINGS)
    play = Play(with_agent(configuration, "bob", skills={"fridge": 50}), ready=("ana", "bob"))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1").after(seconds=5)
    assert rung(play) == [("c0", "bob")]
    reload(play, with_agent(configuration, "ana", skills={"fridge": 10}))
    assert rung(play)[-1] == ("c1", "ana")


def test_what_has_overflowed_does_not_overflow_again():
    step = Overflow(after_ms=5_000, also=(SALES,))
    configuration = with_rules(centre({"chen": ("sales",)}), overflow=(step,))
    play = Play(configuration, ready=())
    arrives(play, "c1").after(seconds=6)
    play.skip()
    reload(play, elsewhere(configuration)).after(seconds=60).then_nothing()


# An agent who is taken away while he talks.


def test_who_is_taken_away_while_he_talks_is_nobodys_staff():
    configuration = with_rules(when_unstaffed=WhenUnstaffed.LEAVE)
    play = Play(configuration, ready=("ana",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1")
    only_bob = {AgentId("bob"): configuration.agents[AgentId("bob")]}
    reload(play, replace(configuration, agents=only_bob))
    assert released(play) == [("c1", "unstaffed")]
    assert play.engine.state.agents_on_shift(SUPPORT) == 0
    assert play.engine.state.crew.agents(SUPPORT) == 0
    arrives(play, "c2")
    assert released(play)[1:] == [("c2", "unstaffed")]
    assert play.state("ana") == "busy-acd", "his own caller has him to the end"


def test_a_ring_of_his_alone_is_skipped_at_once():
    configuration = with_agent(with_rules(rings=RINGS), "bob", skills={"fridge": 50})
    play = Play(configuration)
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1")
    only_ana = {AgentId("ana"): configuration.agents[AgentId("ana")]}
    reload(play, replace(configuration, agents=only_ana))
    assert rung(play)[-1] == ("c1", "ana")


def test_who_is_put_back_before_his_call_is_over_has_lost_nothing():
    configuration = centre(BOTH, wrap_up_ms=0)
    play = Play(configuration, ready=("ana",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    reload(play, replace(configuration, agents={}))
    reload(play, configuration)
    leg = play.leg("c0")
    play.hangs_up("c0").hangs_up(leg)
    assert play.state("ana") == "ready"


# Who had it done.


def test_who_had_it_done_is_told_and_nobody_when_the_day_has_changed():
    play = Play(centre())
    reload(play, centre()).then_nothing()
    reload(play, centre(), by="ada", changes="queue sales: weight").then(
        Said(
            Supervised,
            by="ada",
            agent=None,
            action="reload",
            reason="",
            detail="queue sales: weight",
        )
    )


@pytest.mark.parametrize("times", [1, 5])
def test_a_caller_keeps_his_place_and_his_time(times):
    play = Play(centre(), ready=())
    arrives(play, "c1").after(seconds=10)
    arrives(play, "c2")
    for _ in range(times):
        reload(play, with_rules(weight=3)).after(seconds=1)
    play.ready("ana")
    assert rung(play) == [("c1", "ana")]
    assert play.engine.state.calls[call_id("c1")].joined_at is not None


# A queue that is taken away while phones ring for it.


def test_nothing_of_a_queue_that_is_gone_is_due_any_more_and_who_picks_up_has_the_caller():
    agents = dict.fromkeys(("ana", "bob", "cy"), ("support",))
    rules = {
        "strategy": "ring-all",
        "rings": (Ring(for_ms=2_000), Ring()),
        "overflow": (Overflow(after_ms=3_000, leave="callback"),),
        "longest_wait_ms": 4_000,
        "spare_ms": 5_000,
    }
    later = {SUPPORT: Membership(after_ms=6_000)}
    configuration = with_agent(with_rules(centre(agents), **rules), "cy", memberships=later)
    play = Play(configuration)
    arrives(play, "c1")
    play.hangs_up(play.leg("c1", "ana"), cause=21).skip()
    reload(play, replace(configuration, queues={SALES: configuration.queues[SALES]})).skip()
    play.after(seconds=10).then_nothing()
    play.picks_up("c1", "bob").bridged("c1")
    assert [told.agent for told in play.told(CallConnected)] == ["bob"]


def test_who_is_recognised_when_his_queue_is_gone_and_his_phone_rings_is_recognised_all_the_same():
    play = Play(centre())
    play.tell(CallArrived(at=play.now, channel=channel("c1"), entry=Entry.QUEUE, target="support"))
    play.after(seconds=1).skip()
    reload(play, replace(centre(), queues={})).skip()
    play.identified("c1", known()).then(Said(CallerRecognised, late=True))
