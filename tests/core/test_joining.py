"""An agent's phone joins two of its calls: the caller is with whom the agent has asked, and nobody is lost by it."""

from dataclasses import replace

import pytest

from acd.core import requests
from acd.core.commands import DialNumber, HangUp, JoinLeg, ReleaseToDialplan, RingAgent, SaveCall
from acd.core.events import CallLeft, Configured, LegAnswered, LegBridged, LegReplaced, NodeFound
from acd.core.ids import ChannelId, bridge_for
from acd.core.notices import (
    CallEnded,
    CallQueued,
    CallTakenOver,
    CallTransferred,
    Ending,
    OfferEnded,
)
from acd.core.offer import OfferOutcome
from tests.core.test_consulting import asks
from tests.play import NODE, SALES, START, Play, call_id, centre, channel, seen

PEOPLE = {"ana": ("support",), "bob": ("sales",), "cy": ("support",)}
PAIR = "Local/_attended@transfer-00000000"


def asking(*ready: str, **rules) -> Play:
    """Ana talks to a caller, and her phone has called sales by itself."""
    play = Play(centre(PEOPLE, **rules), ready=("ana",))
    play.arrives("c1").picks_up("c1").bridged("c1").after(seconds=30)
    if "bob" in ready:
        play.ready("bob")
    play.arrives("c2", SALES, number="ana").after(seconds=5)
    if "bob" in ready:
        play.picks_up("c2").bridged("c2").after(seconds=20)
    return play.skip()


def replaced(play: Play, leg: ChannelId, half: int) -> Play:
    return play.tell(
        LegReplaced(at=play.now, channel=leg, stand_in=channel(f"local;{half}"), pair=PAIR)
    )


def joined(play: Play, *, mine_first: bool = False) -> Play:
    """Asterisk tells of the two halves, in whatever order, and that the phone's calls are gone."""
    ana = ChannelId(play.leg("c1"))
    halves = [(channel("c2"), 2), (ana, 1)]
    for leg, half in reversed(halves) if mine_first else halves:
        replaced(play, leg, half)
        if leg == channel("c2"):
            play.tell(CallLeft(at=play.now, channel=leg))
    return play.hangs_up(ana)


@pytest.mark.parametrize("mine_first", [False, True])
@pytest.mark.parametrize("held", [False, True])
def test_who_has_picked_up_there_has_the_caller_in_one_call(mine_first, held):
    play = asking("bob")
    bob, bridge = play.leg("c2"), play.leg("c1")
    if held:
        asks(play, requests.HoldCall).skip()
    joined(play, mine_first=mine_first)
    (over,) = play.told(CallTakenOver)
    assert (over.call, over.agent, over.by, over.offer) == (call_id("c1"), "bob", "ana", bob)
    assert not over.supervised
    (ended,) = play.told(CallEnded)
    assert (ended.call, ended.ending, ended.agent) == (call_id("c2"), Ending.COMPLETED, "bob")
    into = [(one.call, one.channel, one.offer) for one in play.told(JoinLeg)]
    assert (call_id("c1"), bob, bridge) in into
    assert {one.channel for one in play.told(HangUp)} == {
        bridge,
        channel("local;1"),
        channel("local;2"),
    }
    assert play.state("bob") == "busy-acd" and play.state("ana") == "wrap-up"
    assert not play.told(ReleaseToDialplan)

    # It is a call like any other: he holds it, we look around, and it ends.
    talk = play.engine.state.calls[call_id("c1")]
    assert (talk.served_by, talk.handed_on_by, talk.bridge) == ("bob", ("ana",), bridge)
    asks(play, requests.HoldCall)
    asks(play, requests.RetrieveCall).skip()
    inside = bridge_for(bridge)
    there = (seen("c1", bridge=inside, saved="x"), seen(bob, bridge=inside))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there)).then_nothing()
    play.hangs_up(bob)
    assert play.state("bob") == "wrap-up"
    assert [one.call for one in play.told(ReleaseToDialplan)] == [call_id("c1")]


def test_a_restart_finds_him_with_whom_he_was_joined():
    play = asking("bob")
    bob, bridge = play.leg("c2"), play.leg("c1")
    joined(play)
    note = [one for one in play.told(SaveCall) if one.call == call_id("c1")][-1].saved
    inside = bridge_for(bridge)
    again = Play(centre(PEOPLE), ready=())
    there = (seen("c1", bridge=inside, saved=note), seen(bob, bridge=inside))
    again.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    talk = again.engine.state.calls[call_id("c1")]
    assert (talk.served_by, talk.bridge, list(again.engine.state.calls)) == (
        "bob",
        bridge,
        [call_id("c1")],
    )


@pytest.mark.parametrize("mine_first", [False, True])
def test_where_nobody_has_picked_up_yet_the_caller_waits_himself(mine_first):
    play = asking()
    ana = play.leg("c1")
    joined(play, mine_first=mine_first)
    (moved,) = play.told(CallTransferred)
    assert (moved.call, moved.to_queue) == (call_id("c1"), SALES)
    assert [one.call for one in play.told(CallEnded)] == [call_id("c2")]
    assert ana in [one.channel for one in play.told(HangUp)]
    play.ready("bob")
    assert [(one.call, one.agent) for one in play.told(RingAgent)][-1] == (call_id("c1"), "bob")


def test_what_the_phone_has_dialled_past_us_has_nobody_left_to_it():
    play = asking()
    ana = ChannelId(play.leg("c1"))
    replaced(play, ana, 1).then_nothing()
    play.after(seconds=1)
    (queued,) = [one for one in play.told(CallQueued) if one.call == call_id("c1")][1:]
    assert (queued.queue, queued.placed_at) == ("support", START + 1)
    assert {one.channel for one in play.told(HangUp)} == {ana, channel("local;1")}
    assert not play.told(DialNumber)


def test_who_hangs_up_before_the_other_half_is_known_costs_the_caller_nothing():
    play = asking()
    ana = ChannelId(play.leg("c1"))
    replaced(play, ana, 1).hangs_up(ana)
    play.after(seconds=1)
    assert play.state("ana") == "wrap-up"
    assert [one.call for one in play.told(CallQueued)].count(call_id("c1")) == 2
    assert not play.told(ReleaseToDialplan)


def test_a_caller_who_joins_us_with_somebody_else_has_left():
    play = asking("bob")
    replaced(play, channel("c2"), 2).tell(CallLeft(at=play.now, channel=channel("c2")))
    play.then_nothing().after(seconds=1)
    assert [one.ending for one in play.told(CallEnded)] == [Ending.TAKEN_BACK]
    assert play.state("ana") == "busy-acd"


def test_whoever_has_others_beside_him_leaves_the_caller_to_them():
    play = asking("bob")
    play.ready("cy")
    asks(play, requests.ConsultAgent, agent="cy").skip()
    cy = ChannelId(play.engine.state.calls[call_id("c1")].parties["cy"].leg)
    play.tell(LegAnswered(at=play.now, channel=cy))
    play.tell(LegBridged(at=play.now, channel=cy, offer=play.leg("c1"))).skip()
    joined(play)
    (over,) = play.told(CallTakenOver)
    assert (over.agent, over.by) == ("cy", "ana")
    assert [one.call for one in play.told(CallEnded)] == [call_id("c2")]


def test_where_the_other_queue_would_turn_him_away_he_waits_where_he_was():
    play = asking()
    full = replace(play.engine.state.configuration.queues[SALES], most_waiting=1)
    play.arrives("c3", SALES)
    queues = {**play.engine.state.configuration.queues, SALES: full}
    configuration = replace(play.engine.state.configuration, queues=queues)
    play.tell(Configured(at=play.now, configuration=configuration)).skip()
    joined(play)
    (moved,) = play.told(CallTransferred)
    assert (moved.call, moved.to_queue) == (call_id("c1"), "support")


@pytest.mark.parametrize(
    ("up", "outcome"), [(False, OfferOutcome.REJECTED), (True, OfferOutcome.FAILED)]
)
def test_a_phone_that_joins_what_only_rings_has_the_caller_not(up, outcome):
    play = Play(centre(PEOPLE), ready=("ana",)).arrives("c1")
    ana = ChannelId(play.leg("c1"))
    if up:
        play.picks_up("c1")
    replaced(play, ana, 1).after(seconds=1)
    assert [one.outcome for one in play.told(OfferEnded)] == [outcome]
    assert play.engine.state.calls[call_id("c1")].state.value == "waiting"


def test_a_phone_of_two_agents_that_joins_their_calls_leaves_neither_caller_to_nobody():
    people = {"ana": ("support",), "bob": ("sales",)}
    play = Play(centre(people)).arrives("c1").picks_up("c1").bridged("c1")
    play.arrives("c2", SALES).picks_up("c2").bridged("c2").skip()
    for half, call in enumerate(("c1", "c2")):
        replaced(play, ChannelId(play.leg(call)), half)
    assert [one.call for one in play.told(CallTransferred)] == [call_id("c1"), call_id("c2")]
