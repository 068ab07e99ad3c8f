"""Lost and found: what is there is the truth, and nobody is punished or cut off for our forgetting."""

from dataclasses import replace

import pytest

from acd.core import events
from acd.core.commands import (
    AnswerCall,
    HangUp,
    IdentifyCaller,
    ReleaseToDialplan,
    RingAgent,
    StartHoldMusic,
)
from acd.core.configuration import MissedPolicy
from acd.core.engine import Engine
from acd.core.events import (
    CallArrived,
    CallLeft,
    Configured,
    DeviceChanged,
    DeviceState,
    Entry,
    NodeFound,
    NodeLost,
    RestoredAgent,
    ShiftRestored,
)
from acd.core.ids import AgentId, NodeId, OfferId, QueueId, bridge_for, channel_on, offer_to
from acd.core.notices import (
    AgentStateChanged,
    CallConnected,
    CallEnded,
    CallOffered,
    CallQueued,
    CallStarted,
    Ending,
    NodeStateChanged,
    OfferEnded,
)
from acd.core.offer import OfferOutcome
from tests.play import NODE, START, Play, Said, call_id, centre, channel, seen

ONE_AGENT = {"ana": ("support",)}


def look(play: Play, *channels: events.ChannelSeen, seen_at: int | None = None) -> Play:
    when = play.now if seen_at is None else seen_at
    return play.tell(NodeFound(at=play.now, node=NODE, seen_at=when, channels=channels))


def in_bridge(
    caller: str, offer: OfferId, saved: str = "support|0|1"
) -> tuple[events.ChannelSeen, ...]:
    """The two in the offer's bridge."""
    bridge = bridge_for(offer)
    return seen(caller, bridge=bridge, saved=saved), seen(offer, bridge=bridge)


def restart(play: Play, *, on_shift: tuple[str, ...] = ()) -> Play:
    """The process dies and a new one knows the configuration and the shift, and nothing else."""
    play.engine = Engine()
    configuration = centre(ONE_AGENT)
    play.tell(Configured(at=play.now, configuration=configuration))
    shift = tuple(RestoredAgent(agent=AgentId(name)) for name in on_shift)
    return play.tell(ShiftRestored(at=play.now, agents=shift)).skip()


def test_those_who_wait_keep_their_order_over_a_restart():
    play = Play(centre(ONE_AGENT), ready=())
    play.arrives("c2").after(seconds=1).arrives("c1").after(seconds=1)
    notes = {save.call: save.saved for save in play.told_quietly("SaveCall")}
    restart(play, on_shift=("ana",))
    look(play, seen("c1", saved=notes[call_id("c1")]), seen("c2", saved=notes[call_id("c2")]))
    assert play.told(RingAgent)[-1].call == call_id("c2")
    assert play.told(CallOffered)[-1].waited_ms == 2_000


def test_those_who_talk_go_on_talking_over_a_restart():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").picks_up("c1").bridged("c1").skip()
    leg = play.leg("c1")
    restart(play, on_shift=("ana",))
    there = in_bridge("c1", leg)
    look(play, *there).then(
        NodeStateChanged, CallStarted, IdentifyCaller, Said(CallConnected, agent="ana")
    )
    look(play, *there).then_nothing()
    play.hangs_up(leg)
    assert play.state("ana") == "wrap-up"


def talked_a_minute_before_a_restart() -> tuple[Play, OfferId]:
    """He waited for 3 s, it rang for 2 s; noted is when they began to talk."""
    play = Play(centre(ONE_AGENT), ready=()).arrives("c1").after(seconds=3).ready("ana")
    leg = play.leg("c1")
    play.after(seconds=2).picks_up("c1").bridged("c1").after(seconds=60)
    return restart(play, on_shift=("ana",)), leg


def test_a_talk_that_is_found_began_when_it_began():
    play, leg = talked_a_minute_before_a_restart()
    (told,) = play.told(CallConnected)
    assert told.connected_at == told.at == play.now - 60_000
    note = play.told_quietly("SaveCall")[-1].saved
    look(play, *in_bridge("c1", leg, note))
    assert play.told(CallConnected)[1:] == [replace(told, at=play.now)]
    assert play.told_quietly("SaveCall")[-1].saved == note
    play.after(seconds=10).hangs_up(leg).hangs_up("c1")
    ended = play.told(CallEnded)[-1]
    assert (ended.waited_ms, ended.talked_ms) == (told.waited_ms, 70_000)


@pytest.mark.parametrize(
    ("noted_at", "connected_at"),
    [
        (None, START + 3_001),  # The note was lost: as near as one can come is when the phone rang.
        (START + 1_000, START + 3_001),  # It is of an earlier talk.
        (START + 999_000, START + 65_001),  # It is of no talk that could be: not after now.
    ],
)
def test_a_talk_whose_note_is_missing_or_wrong_began_when_the_phone_rang(noted_at, connected_at):
    play, leg = talked_a_minute_before_a_restart()
    note = f"support|0|{START}" + (f"|{noted_at}" if noted_at else "")
    look(play, *in_bridge("c1", leg, note))
    found = play.told(CallConnected)[-1]
    assert (found.connected_at, found.waited_ms) == (connected_at, connected_at - START)


def test_a_talk_began_when_he_had_come_whatever_else_is_noted():
    play, leg = talked_a_minute_before_a_restart()
    look(play, *in_bridge("c1", leg, f"support|0|{START + 4_000}"))
    found = play.told(CallConnected)[-1]
    assert (found.connected_at, found.waited_ms) == (START + 4_000, 0)


def test_the_agent_he_talks_to_is_the_one_in_his_bridge():
    play = Play(centre(ONE_AGENT)).arrives("c1").picks_up("c1")
    left_alone = play.leg("c1")
    leg = offer_to(call_id("c1"), AgentId("bob"), play.after(seconds=10).now)
    restart(play, on_shift=("ana",))
    there = (seen(left_alone, bridge=bridge_for(left_alone)), *in_bridge("c1", leg))
    look(play, *there).then(
        NodeStateChanged,
        CallStarted,
        IdentifyCaller,
        Said(CallConnected, agent="bob"),
        Said(HangUp, channel=left_alone),
    )


def test_who_talked_and_was_off_shift_is_off_shift_after_the_call():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").picks_up("c1").bridged("c1").skip()
    leg = play.leg("c1")
    restart(play)
    look(play, *in_bridge("c1", leg))
    play.hangs_up(leg)
    assert play.state("ana") == "logged-out"


def test_a_conversation_with_an_agent_who_is_no_longer_configured_is_not_cut():
    play = Play(centre())
    play.arrives("c1").picks_up("c1").bridged("c1").skip()
    leg = OfferId(play.leg("c1").replace("ana", "zoe"))
    restart(play)
    look(play, *in_bridge("c1", leg)).then(
        NodeStateChanged, CallStarted, IdentifyCaller, Said(CallConnected, agent="zoe")
    )
    play.hangs_up(leg).then(ReleaseToDialplan)
    assert AgentId("zoe") not in play.engine.state.agents


def test_a_caller_whose_line_is_up_is_not_answered_again():
    for up in (True, False):
        play = Play(centre(), ready=())
        look(play, seen("c1", up=up, saved="support|0|1"))
        assert play.told(StartHoldMusic)
        assert len(play.told(AnswerCall)) == (not up)


def test_an_agent_who_had_picked_up_for_a_caller_who_was_not_with_him_yet_is_let_go():
    play = Play(centre(ONE_AGENT)).arrives("c1").picks_up("c1")
    leg = play.leg("c1")
    restart(play, on_shift=("ana",))
    alone = seen(leg, bridge=bridge_for(leg))
    look(play, seen("c1", saved="support|0|1"), alone).then(
        NodeStateChanged, CallStarted, IdentifyCaller, CallQueued, Said(HangUp, channel=leg), ...
    )


def test_an_agent_who_is_found_with_two_callers_has_the_first_and_the_other_waits():
    play = Play(centre(ONE_AGENT), ready=())
    legs = [offer_to(call_id(name), AgentId("ana"), START - 5_000) for name in ("c1", "c2")]
    look(play, *in_bridge("c1", legs[0]), *in_bridge("c2", legs[1]))
    assert [told.call for told in play.told(CallConnected)] == [call_id("c1")]
    assert [told.call for told in play.told(CallQueued)] == [call_id("c2")]
    assert [told.channel for told in play.told(HangUp)] == [legs[1]]


def test_a_node_that_is_lost_is_lost_for_all_its_callers_whoever_came_before_them():
    play = Play(centre(), ready=())
    elsewhere = channel_on(NodeId("pbx2"), "c0")
    play.tell(CallArrived(at=play.now, channel=elsewhere, entry=Entry.QUEUE, target="sales"))
    play.arrives("c1").tell(NodeLost(at=play.now, node=NODE))
    play.tell(DeviceChanged(at=play.now, node=NODE, device="x", state=DeviceState.INUSE))
    call = play.engine.state.calls[call_id("c1")]
    assert play.engine.state.lines.demand_of(call.id) is None, "nobody is offered him"


def test_a_phone_that_rang_when_we_died_is_silenced_and_rung_anew():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").skip()
    leg = play.leg("c1")
    restart(play, on_shift=("ana",))
    play.after(seconds=1)
    look(play, seen("c1", saved="support|0|1"), seen(leg, up=False))
    assert play.told(HangUp)[-1].channel == leg
    assert play.told(RingAgent)[-1].offer != leg


def test_a_caller_who_went_to_the_dialplan_may_come_again():
    play = Play(centre(), ready=())
    play.arrives("c1").skip()
    play.tell(CallLeft(at=play.now, channel=channel("c1"))).then(
        Said(CallEnded, ending=Ending.TAKEN_BACK)
    )
    play.tell(
        CallArrived(at=play.now, channel=channel("c1"), entry=Entry.QUEUE, target="sales")
    ).then(CallStarted, IdentifyCaller)


def test_a_caller_found_gone_with_the_leg_that_rang_for_him_is_not_the_agents_fault():
    play = Play(centre(ONE_AGENT, no_answer=MissedPolicy.NOT_READY))
    play.arrives("c1").after(seconds=10).skip()
    look(play).then(
        Said(CallEnded, ending=Ending.LOST),
        Said(OfferEnded, outcome=OfferOutcome.CALLER_LEFT),
        ...,
    )
    assert play.state("ana") == "ready"


def test_a_leg_on_its_way_is_not_missed_by_an_early_look():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").after(seconds=1).skip()
    look(play, seen("c1", saved="support|0|1")).then_nothing()
    play.after(seconds=4)
    missed = Said(OfferEnded, outcome=OfferOutcome.NO_ANSWER)
    look(play, seen("c1", saved="support|0|1")).then(missed, ...)


def test_a_caller_who_comes_while_we_look_is_not_missed():
    play = Play(centre(), ready=()).arrives("c1").skip()
    look(play).then_nothing()


def test_a_pick_up_that_was_not_told_is_found():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").after(seconds=1).skip()
    leg = play.leg("c1")
    look(play, seen("c1", saved="support|0|1"), seen(leg))
    assert play.engine.state.offers[leg].state == "answered"


def test_a_node_is_lost_and_found_once():
    play = Play(centre())
    play.tell(NodeLost(at=play.now, node=NODE)).tell(NodeLost(at=play.now, node=NODE))
    look(play)
    look(play)
    assert [type(said).__name__ for said in play.said] == ["NodeStateChanged"] * 2


# A new configuration while people work.


def test_an_agent_who_is_taken_away_when_idle_is_told_to_be_off_shift():
    play = Play(centre())
    play.tell(Configured(at=play.now, configuration=centre({"bob": ("support",)})))
    told = [said for said in play.said if isinstance(said, AgentStateChanged)]
    assert [said.state for said in told if said.agent == "ana"] == ["logged-out"]
    play.arrives("c1")
    assert play.told(RingAgent)[-1].agent == "bob"


def test_an_agent_who_is_taken_away_during_a_call_finishes_it_and_is_gone():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").picks_up("c1").bridged("c1")
    play.tell(Configured(at=play.now, configuration=centre({"bob": ("support",)})))
    play.ready("ana").arrives("c2").hangs_up(play.leg("c1")).after(seconds=60)
    assert AgentId("ana") not in play.engine.state.agents
    assert len(play.told(RingAgent)) == 1


def test_an_agent_who_is_taken_away_while_his_phone_rests():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").hangs_up(play.leg("c1"), cause=21)
    play.tell(Configured(at=play.now, configuration=centre({})))
    play.after(seconds=60)


def test_a_queue_that_is_taken_away_while_a_phone_rings_for_it():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").after(seconds=3).skip()
    sales = replace(centre(ONE_AGENT), queues={QueueId("sales"): centre().queues[QueueId("sales")]})
    play.tell(Configured(at=play.now, configuration=sales)).then_nothing()
    play.hangs_up(play.leg("c1"), cause=21).then(
        OfferEnded, Said(ReleaseToDialplan, result="unknown-queue")
    )
    play.tell(CallLeft(at=play.now, channel=channel("c1"))).then(
        Said(CallEnded, ending=Ending.RELEASED, waited_ms=3_000)
    )


def test_those_who_wait_in_a_queue_that_is_taken_away_are_given_back():
    play = Play(centre(), ready=())
    play.arrives("c1").after(seconds=3).skip()
    play.tell(Configured(at=play.now, configuration=replace(centre(), queues={}))).then(
        ReleaseToDialplan
    )
    play.hangs_up("c1").then(Said(CallEnded, ending=Ending.RELEASED, waited_ms=3_000))


def test_a_new_phone_brings_no_veto_of_the_old_one():
    play = Play(centre(ONE_AGENT))
    play.tell(
        DeviceChanged(at=play.now, node=NODE, device="PJSIP/ana", state=DeviceState.UNAVAILABLE)
    )
    play.arrives("c1").skip()
    configuration = centre(ONE_AGENT)
    ana = replace(configuration.agents[AgentId("ana")], device="PJSIP/new")
    play.tell(Configured(at=play.now, configuration=replace(configuration, agents={ana.id: ana})))
    assert play.told(RingAgent)[-1].device == "PJSIP/new"


def test_a_phone_of_the_same_name_on_another_node_is_another_phone():
    play = Play(centre(ONE_AGENT))
    elsewhere = NodeId("pbx2")
    play.tell(
        DeviceChanged(
            at=play.now, node=elsewhere, device="PJSIP/ana", state=DeviceState.UNAVAILABLE
        )
    )
    play.arrives("c1")
    assert play.told(RingAgent)


def test_the_dead_man_is_put_off_at_once_for_those_who_were_waiting_while_we_were_away():
    play = Play(centre(ONE_AGENT), ready=()).arrives("c1").after(seconds=1)
    notes = play.told_quietly("SaveCall")
    restart(play)
    look(play, seen("c1", saved=notes[0].saved)).after(seconds=0)
    assert [renewed.call for renewed in play.told_quietly("RenewDeadMan")] == [call_id("c1")]
    play.tell(NodeLost(at=play.now, node=NODE)).after(seconds=1).skip()
    assert len(play.told_quietly("RenewDeadMan")) == 1, "where nobody hears it, it is not said"
    look(play, seen("c1", saved=notes[0].saved)).after(seconds=0)
    assert len(play.told_quietly("RenewDeadMan")) == 2


def test_whoever_talked_a_moment_ago_is_free_at_once_when_the_whole_asterisk_is_new():
    play = Play(centre(ONE_AGENT), ready=("ana",)).arrives("c1")
    play.picks_up("c1").bridged("c1").after(seconds=1)
    play.tell(NodeLost(at=play.now, node=NODE)).after(seconds=1).skip()
    look(play)
    assert play.told(CallEnded)[-1].ending is Ending.LOST
    assert play.state("ana") in ("wrap-up", "ready")


def test_music_that_may_not_play_is_started_anew_by_the_next_look_around():
    play = Play(centre(), ready=())
    play.arrives("c1").skip()
    failed = events.CommandFailed(
        at=play.now,
        command="StartHoldMusic",
        channel=channel("c1"),
        failure=events.Failure.UNREACHABLE,
    )
    play.tell(failed).then_nothing()
    look = NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(seen("c1"),))
    play.tell(look).then(StartHoldMusic)
    play.tell(look).then_nothing()


def test_a_caller_who_is_found_and_given_back_and_does_not_leave_is_not_cut_off():
    play = Play(centre(), ready=())
    look(play, seen("c1", saved=f"gone|0|{START}")).after(seconds=60)
    assert play.told(ReleaseToDialplan)[-1].result == "unknown-queue"
    assert play.told(CallEnded)[-1].ending is Ending.LOST
    assert not play.told(HangUp)


def test_of_two_who_are_found_beside_a_talk_one_has_something_else_in_hand():
    play = Play(centre(dict.fromkeys(("ana", "bob", "cy"), ("support",))), ready=())
    names = [(call, agent) for call, agent in (("c1", "ana"), ("c2", "bob"))]
    ana, bob = (offer_to(call_id(call), AgentId(agent), START - 5_000) for call, agent in names)
    beside = [offer_to(call_id("c2"), AgentId(name), START - 1_000) for name in ("ana", "cy")]
    both = [replace(seen(leg, bridge=bridge_for(bob)), created_at=START) for leg in beside]
    look(play, *in_bridge("c1", ana), *in_bridge("c2", bob), *both)
    call = play.engine.state.calls[call_id("c2")]
    assert (call.served_by, list(call.parties)) == ("bob", ["cy"])
    assert [told.channel for told in play.told(HangUp)] == [beside[0]]
