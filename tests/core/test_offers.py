"""Offers under bad manners: failures that come late, callers who are gone, and what it costs the agent."""

import pytest

from acd.core.commands import AnswerCall, Connect, HangUp, RingAgent, StartHoldMusic
from acd.core.configuration import MissedPolicy
from acd.core.events import (
    CommandFailed,
    Failure,
    LegAnswered,
    LegBridged,
    LegEnded,
    NodeFound,
    NodeLost,
)
from acd.core.ids import ChannelId, bridge_for
from acd.core.notices import CallConnected, CallEnded, CallOffered, Ending, OfferEnded
from acd.core.offer import OfferOutcome, outcome_of
from tests.play import NODE, Play, Said, call_id, centre, channel, seen

ONE_AGENT = {"ana": ("support",)}


def failed(play: Play, command: str, name: str, failure: Failure) -> Play:
    return play.tell(
        CommandFailed(at=play.now, command=command, channel=ChannelId(name), failure=failure)
    )


@pytest.mark.parametrize("failure", list(Failure))
def test_a_ring_that_is_reported_as_failed_after_the_pick_up_has_not_failed(failure):
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").picks_up("c1").skip()
    failed(play, "RingAgent", play.leg("c1"), failure).then_nothing()
    play.bridged("c1").skip()
    failed(play, "RingAgent", play.leg("c1"), failure).then_nothing()
    assert play.state("ana") == "busy-acd"


def test_a_caller_who_was_gone_before_the_phone_rang_is_not_offered_to_everybody_else():
    play = Play(centre())
    play.arrives("c1").skip()
    failed(play, "RingAgent", play.leg("c1"), Failure.GONE).then(
        Said(OfferEnded, outcome=OfferOutcome.CALLER_LEFT),
        Said(CallEnded, ending=Ending.ABANDONED),
    )
    assert play.state("ana") == "ready", "she has done nothing"
    play.hangs_up("c1").then_nothing()


def test_a_ring_whose_fate_is_unknown_is_ended_by_the_name_we_chose():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").skip()
    leg = play.leg("c1")
    failed(play, "RingAgent", leg, Failure.UNREACHABLE).then(
        Said(OfferEnded, outcome=OfferOutcome.FAILED),
        Said(HangUp, channel=leg),
        AnswerCall,
        StartHoldMusic,
    )
    assert play.state("ana") == "offered", "the phone may ring all the same"
    play.after(seconds=5)
    assert play.state("ana") == "ready", "and is not waited for without end"


def test_a_late_failure_of_an_old_offer_does_not_touch_the_new_one():
    play = Play(centre())
    play.arrives("c1").skip()
    old = play.leg("c1")
    play.after(seconds=15).skip()
    failed(play, "RingAgent", old, Failure.UNREACHABLE).then_nothing()
    play.picks_up("c1").then(Connect)


def test_a_pick_up_after_the_offer_was_withdrawn_and_its_leg_that_ends_late():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").skip()
    leg = play.leg("c1")
    play.after(seconds=15).skip()
    play.tell(LegAnswered(at=play.now, channel=ChannelId(leg))).then(Said(HangUp, channel=leg))
    play.after(seconds=5).then(Said(HangUp, channel=leg))
    assert play.state("ana") == "ready", "released when the leg was overdue"
    play.tell(LegAnswered(at=play.now, channel=ChannelId(leg))).then(Said(HangUp, channel=leg))
    play.hangs_up(leg).then_nothing()


def test_connected_is_said_once_both_legs_were_seen_in_the_bridge_and_never_before():
    play = Play(centre())
    play.arrives("c1").skip()
    leg = ChannelId(play.leg("c1"))
    caller_in = LegBridged(at=play.now, channel=channel("c1"), offer=play.leg("c1"))
    agent_in = LegBridged(at=play.now, channel=leg, offer=play.leg("c1"))
    play.tell(caller_in).tell(agent_in).then_nothing()
    play.picks_up("c1").then(Connect)
    play.tell(caller_in).tell(caller_in).then_nothing()
    play.tell(agent_in).skip().tell(agent_in).then_nothing()
    assert play.state("ana") == "busy-acd"


def test_the_bridge_of_an_earlier_offer_proves_nothing():
    play = Play(centre())
    play.arrives("c1").picks_up("c1")
    first = play.leg("c1")
    # It was carried out all the same, and ana's hang-up is lost.
    failed(play, "Connect", first, Failure.UNREACHABLE).picks_up("c1").skip()
    second = play.leg("c1")
    assert bridge_for(first) != bridge_for(second), "ana would be in bob's conversation"
    for side in (channel("c1"), ChannelId(first), ChannelId(second)):
        play.tell(LegBridged(at=play.now, channel=side, offer=first)).then_nothing()
    there = (
        seen("c1", bridge=bridge_for(first), saved="support|0|0"),
        seen(first, bridge=bridge_for(first)),
        seen(second),
    )
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there)).then_nothing()
    play.bridged("c1").then(Said(CallConnected, agent="bob"))


def test_an_agent_and_a_caller_who_do_not_come_together_are_parted():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").picks_up("c1").skip().after(seconds=5).then(
        Said(OfferEnded, outcome=OfferOutcome.FAILED), HangUp, AnswerCall, StartHoldMusic
    )


def test_while_the_node_is_not_heard_an_overdue_bridge_proves_nothing():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").picks_up("c1").skip()
    leg = play.leg("c1")
    play.tell(NodeLost(at=play.now, node=NODE)).skip().after(seconds=60).skip()
    bridge = bridge_for(leg)
    there = (seen("c1", bridge=bridge, saved="support|0|0"), seen(leg, bridge=bridge))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    assert play.state("ana") == "busy-acd", "they have been talking all the time"
    assert not play.told(OfferEnded) and not play.told(HangUp)


def test_the_agents_leg_dies_between_pick_up_and_bridge():
    play = Play(centre())
    play.arrives("c1").picks_up("c1").skip().hangs_up(play.leg("c1")).then(
        Said(OfferEnded, agent="ana", outcome=OfferOutcome.FAILED),
        Said(CallOffered, agent="bob"),
        RingAgent,
        ...,
    )


def test_an_agent_who_is_sent_away_for_not_answering_says_that_he_is_back():
    play = Play(centre(ONE_AGENT, no_answer=MissedPolicy.NOT_READY))
    play.arrives("c1").skip()
    leg = play.leg("c1")
    play.after(seconds=15).tell(LegEnded(at=play.now, channel=ChannelId(leg)))
    play.arrives("c2").skip()
    assert len(play.told(RingAgent)) == 1
    play.ready("ana")
    assert play.told(RingAgent)[-1].call == call_id("c2"), "c1 spares her still"


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (16, OfferOutcome.NO_ANSWER),
        (19, OfferOutcome.NO_ANSWER),
        (0, OfferOutcome.NO_ANSWER),
        (17, OfferOutcome.REJECTED),
        (21, OfferOutcome.REJECTED),
        (3, OfferOutcome.UNREACHABLE),
        (127, OfferOutcome.UNREACHABLE),
    ],
)
def test_what_a_cause_says_about_the_agent(cause, outcome):
    assert outcome_of(cause) is outcome
