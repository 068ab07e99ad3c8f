"""All phones ring until two people hear each other: who was first, and what becomes of the others."""

from dataclasses import replace

from acd.core.commands import Connect, HangUp, RingAgent, StartHoldMusic, StartRinging
from acd.core.configuration import Configuration
from acd.core.events import CommandFailed, Configured, Failure, LegEnded, NodeFound, NodeLost
from acd.core.explain import why_not
from acd.core.ids import AgentId, ChannelId
from acd.core.notices import CallConnected, CallEnded, CallOffered, Ending, OfferEnded
from acd.core.offer import OfferOutcome
from acd.core.requests import LogOut
from tests.core.rules import arrives, known, rung, with_rules
from tests.play import NODE, Play, Said, call_id, centre, seen

THREE = {"ana": ("support",), "bob": ("support",), "cy": ("support",)}
ELSEWHERE = OfferOutcome.ELSEWHERE


def ring_all(agents: dict[str, tuple[str, ...]] | None = None, **rules) -> Configuration:
    return centre(agents or THREE, strategy="ring-all", **rules)


def ringing(play: Play, call: str = "c1") -> list[str]:
    return [str(agent) for agent in play.engine.state.calls[call_id(call)].offers]


def test_all_phones_ring_each_with_its_pop_and_the_first_one_picked_up_has_the_caller():
    play = Play(ring_all())
    play.arrives("c1")
    assert rung(play) == [("c1", "ana"), ("c1", "bob"), ("c1", "cy")]
    assert [pop.agent for pop in play.told(CallOffered)] == ["ana", "bob", "cy"]
    legs = {agent: play.leg("c1", agent) for agent in ("ana", "bob", "cy")}
    play.skip().picks_up("c1", "bob").then(Said(Connect, offer=legs["bob"]))
    play.bridged("c1").then(
        Said(CallConnected, agent="bob"),
        Said(OfferEnded, agent="ana", outcome=ELSEWHERE),
        Said(HangUp, channel=legs["ana"], elsewhere=True),
        Said(OfferEnded, agent="cy", outcome=ELSEWHERE),
        Said(HangUp, channel=legs["cy"], elsewhere=True),
    )


def test_who_was_too_slow_is_kept_until_his_phone_is_silent_and_has_missed_nothing():
    play = Play(ring_all())
    play.arrives("c1")
    slow = play.leg("c1", "ana")
    play.picks_up("c1", "bob").bridged("c1")
    assert play.state("ana") == "offered", "his phone may ring still"
    play.arrives("c2")
    assert ringing(play, "c2") == [], "nobody's phone rings for two"
    idle_since = play.engine.state.agents[AgentId("ana")].idle_since
    play.hangs_up(slow, cause=26)
    assert play.state("ana") == "offered" and ringing(play, "c2") == ["ana"]
    assert play.engine.state.agents[AgentId("ana")].idle_since == idle_since, (
        "it was no call of hers"
    )
    assert not play.engine.state.agents[AgentId("ana")].causes


def test_the_phones_ring_until_the_two_hear_each_other_and_the_second_to_pick_up_is_let_go():
    play = Play(ring_all())
    play.arrives("c1").picks_up("c1", "bob").skip()
    late = play.leg("c1", "cy")
    assert ringing(play) == ["ana", "bob", "cy"]
    play.picks_up("c1", "cy").then(
        Said(OfferEnded, agent="cy", outcome=ELSEWHERE), Said(HangUp, channel=late, elsewhere=True)
    )
    play.bridged("c1").then(Said(CallConnected, agent="bob"), OfferEnded, HangUp)
    assert len(play.told(Connect)) == 1


def test_a_winner_whose_bridge_fails_leaves_the_caller_to_those_who_still_ring():
    play = Play(ring_all())
    play.arrives("c1").picks_up("c1", "bob").skip()
    winner = ChannelId(play.leg("c1", "bob"))
    gone = CommandFailed(at=play.now, command="Connect", channel=winner, failure=Failure.GONE)
    play.tell(gone).then(
        Said(OfferEnded, agent="bob", outcome=OfferOutcome.FAILED), HangUp, StartRinging
    )
    assert ringing(play) == ["ana", "cy"]
    play.picks_up("c1", "ana").bridged("c1")
    assert [said.agent for said in play.told(CallConnected)] == ["ana"]


def test_a_winner_whose_bridge_fails_when_nobody_else_rings_leaves_the_caller_waiting():
    play = Play(ring_all(ring_timeout_ms=3_000))
    play.arrives("c1").after(seconds=2).picks_up("c1", "bob").after(seconds=2).skip()
    assert ringing(play) == ["bob"], "the others have rung for as long as they should"
    play.hangs_up(play.leg("c1", "bob")).then(
        Said(OfferEnded, agent="bob", outcome=OfferOutcome.FAILED), ...
    )
    assert play.engine.state.lines.demand_of(call_id("c1")) is not None


def test_who_becomes_free_while_it_rings_joins_in():
    play = Play(ring_all(), ready=("ana",))
    play.arrives("c1").after(seconds=5)
    play.ready("bob")
    assert rung(play) == [("c1", "ana"), ("c1", "bob")]
    play.after(seconds=10)
    assert ringing(play) == ["bob"], "each phone rings for its own time"
    assert [said.agent for said in play.told(OfferEnded)] == ["ana"]


def test_so_many_at_once_and_no_more():
    play = Play(ring_all(ring_at_most=2))
    play.arrives("c1")
    assert ringing(play) == ["ana", "bob"]
    play.arrives("c2")
    assert ringing(play, "c2") == ["cy"]
    why = why_not(play.engine.state, AgentId("cy"), call_id("c1"), play.now)
    assert (why.rule, why.detail) == ("offered", "with pbx1:c2")
    play.hangs_up(play.leg("c1", "ana"), cause=21)
    play.after(seconds=1)
    play.hangs_up("c2").hangs_up(rungs(play)[-1])
    assert ringing(play) == ["bob", "cy"], "there was room for one more"


def rungs(play: Play) -> list[str]:
    return [ring.offer for ring in play.told(RingAgent)]


def test_two_callers_share_the_agents_in_the_one_global_order():
    agents = {"ana": ("support", "sales"), "bob": ("support", "sales")}
    play = Play(ring_all(agents), ready=())
    play.arrives("c1", "sales").after(seconds=1)
    play.arrives("c2", "support").after(seconds=1)
    play.ready("ana").ready("bob")
    assert rung(play) == [("c1", "ana"), ("c1", "bob")], "the first caller has everybody"
    play.picks_up("c1", "ana").bridged("c1")
    play.hangs_up(rungs(play)[1], cause=26)
    assert rung(play)[2:] == [("c2", "bob")]


def test_a_waiting_caller_of_a_queue_that_rings_one_by_one_comes_before_a_later_one_who_rings_all():
    agents = {"ana": ("support",), "bob": ("support", "sales")}
    configuration = with_rules(centre(agents), "sales", strategy="ring-all")
    play = Play(configuration, ready=())
    play.arrives("c1", "support").after(seconds=1).arrives("c2", "sales")
    play.ready("bob")
    assert rung(play) == [("c1", "bob")]


def test_nobody_is_left_ringing_when_the_caller_has_gone():
    play = Play(ring_all())
    play.arrives("c1").skip()
    legs = rungs(play)
    play.hangs_up("c1").then(
        Said(CallEnded, ending=Ending.ABANDONED),
        *[
            one
            for leg in legs
            for one in (
                Said(OfferEnded, offer=leg, outcome=OfferOutcome.CALLER_LEFT),
                Said(HangUp, channel=leg, elsewhere=False),
            )
        ],
    )
    for leg in legs:
        play.hangs_up(leg, cause=16)
    assert [play.state(agent) for agent in THREE] == ["ready"] * 3


def test_all_who_let_it_ring_out_are_spared_and_the_caller_waits():
    play = Play(ring_all(spare_ms=5_000))
    play.arrives("c1").after(seconds=14).skip()
    play.after(seconds=1).then(OfferEnded, HangUp, OfferEnded, HangUp, OfferEnded, HangUp, ...)
    assert ringing(play) == []
    assert play.told(StartHoldMusic)
    for leg in rungs(play)[:3]:
        play.hangs_up(leg)
    play.after(seconds=5)
    assert ringing(play) == ["ana", "bob", "cy"], "and asked again"


def test_one_who_logs_out_while_it_rings_finishes_that_and_is_not_asked_again():
    play = Play(ring_all(spare_ms=5_000))
    play.arrives("c1")
    play.tell(LogOut(at=play.now, request="r", by="x", agent=AgentId("ana")))
    assert ringing(play) == ["ana", "bob", "cy"]
    play.hangs_up(play.leg("c1", "ana"), cause=21).after(seconds=30)
    assert play.state("ana") == "logged-out"
    assert "ana" not in ringing(play)


def test_he_who_served_the_caller_last_is_rung_alone_and_then_all():
    play = Play(with_rules(ring_all(), last_agent_ms=10_000))
    arrives(play, "c1", known(last="bob"))
    assert ringing(play) == ["bob"]
    play.after(seconds=10)
    assert ringing(play) == ["bob", "ana", "cy"]


def test_the_strategy_changes_while_it_rings():
    play = Play(centre(THREE))
    play.arrives("c1")
    assert ringing(play) == ["ana"]
    play.tell(Configured(at=play.now, configuration=ring_all()))
    assert ringing(play) == ["ana", "bob", "cy"]
    play.tell(Configured(at=play.now, configuration=centre(THREE)))
    assert ringing(play) == ["ana", "bob", "cy"], "nobody's phone is silenced for that"
    play.hangs_up(play.leg("c1", "ana"), cause=21).after(seconds=6)
    assert "ana" not in ringing(play), "but nobody joins in any more"


def test_a_queue_that_is_taken_away_while_it_rings():
    play = Play(ring_all())
    play.arrives("c1")
    configuration = ring_all()
    rest = {name: rules for name, rules in configuration.queues.items() if name != "support"}
    play.tell(Configured(at=play.now, configuration=replace(configuration, queues=rest)))
    assert ringing(play) == ["ana", "bob", "cy"], "somebody may be picking up"
    play.hangs_up(play.leg("c1", "bob"), cause=21)
    assert ringing(play) == ["ana", "cy"]
    play.after(seconds=15)
    assert play.engine.state.calls[call_id("c1")].result == "unknown-queue"


def test_a_restart_finds_several_phones_ringing_for_one_call_and_begins_anew():
    before = Play(ring_all())
    before.arrives("c1")
    legs = rungs(before)
    play = Play(ring_all(), ready=())
    there = (seen("c1", saved="support|0|0"), *(seen(leg, up=False) for leg in legs))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    assert [end.channel for end in play.told(HangUp)] == legs
    for leg in legs:
        play.tell(LegEnded(at=play.now, channel=ChannelId(leg), cause=16))
    play.ready("ana").ready("bob")
    assert ringing(play) == ["ana", "bob"]


def test_a_node_that_is_lost_while_it_rings_rings_nobody_else_until_it_is_found():
    play = Play(ring_all(), ready=("ana",))
    play.arrives("c1").tell(NodeLost(at=play.now, node=NODE))
    play.ready("bob")
    assert ringing(play) == ["ana"]
    there = (seen("c1", saved="support|0|0"), seen(play.leg("c1"), up=False))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    assert ringing(play) == ["ana", "bob"]
