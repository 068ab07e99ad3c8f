"""One call, from the dialplan to the agent and home again."""

import pytest

from acd.core.agent import AgentState
from acd.core.call import CallState
from acd.core.commands import (
    AnswerCall,
    Connect,
    HangUp,
    IdentifyCaller,
    ReleaseToDialplan,
    RenewDeadMan,
    RingAgent,
    StartHoldMusic,
    StartRinging,
)
from acd.core.events import (
    CallArrived,
    CallLeft,
    CommandFailed,
    DeviceChanged,
    DeviceState,
    Entry,
    Failure,
)
from acd.core.ids import AgentId
from acd.core.notices import (
    CallConnected,
    CallEnded,
    CallerRecognised,
    CallOffered,
    CallQueued,
    CallStarted,
    Ending,
    Misconfigured,
    OfferEnded,
)
from acd.core.offer import OfferOutcome
from tests.core.rules import known
from tests.play import NODE, Play, Said, call_id, centre, channel


def test_an_idle_agent_is_rung_at_once_and_the_caller_pays_nothing_until_he_is_answered():
    play = Play(centre())
    play.arrives("c1").then(
        CallStarted,
        IdentifyCaller,
        CallerRecognised,
        CallQueued,
        Said(CallOffered, agent="ana", attempt=1),
        Said(RingAgent, agent="ana", device="PJSIP/ana"),
        StartRinging,
    )
    play.picks_up("c1").then(Said(Connect, answer=True))
    play.bridged("c1").then(Said(CallConnected, agent="ana"))
    assert play.state("ana") == "busy-acd"
    leg = play.leg("c1")
    play.after(seconds=60).hangs_up("c1").then(
        Said(CallEnded, ending=Ending.COMPLETED, talked_ms=60_000, waited_ms=0, agent="ana"), HangUp
    )
    play.hangs_up(leg).then_nothing()
    assert play.state("ana") == "wrap-up"
    play.after(seconds=30)
    assert play.state("ana") == "ready"


def test_without_an_agent_the_caller_hears_music_and_the_next_free_agent_gets_him():
    play = Play(centre(), ready=())
    play.arrives("c1").then(
        CallStarted, IdentifyCaller, CallerRecognised, CallQueued, AnswerCall, StartHoldMusic
    )
    play.ready("bob")
    assert play.told(RingAgent)[-1].agent == "bob"
    play.skip().picks_up("c1").then(Said(Connect, answer=False))


def test_ring_timeout_and_next_agent():
    play = Play(centre())
    play.arrives("c1").skip()
    first = play.leg("c1")
    play.after(seconds=15).then(
        Said(OfferEnded, agent="ana", outcome=OfferOutcome.NO_ANSWER, rang_ms=15_000),
        HangUp,
        Said(CallOffered, agent="bob", attempt=2),
        Said(RingAgent, agent="bob"),
    )
    assert play.state("ana") == "offered", "her phone still rings until the leg is known to be gone"
    play.hangs_up(first, cause=19)
    assert play.state("ana") == "ready"


def test_who_lets_it_ring_out_is_not_ready_if_the_queue_says_so():
    from acd.core.configuration import MissedPolicy

    play = Play(centre(no_answer=MissedPolicy.NOT_READY))
    play.arrives("c1").skip()
    leg = play.leg("c1")
    play.after(seconds=15).hangs_up(leg)
    assert play.state("ana") == "not-ready"
    play.ready("ana")
    assert play.state("ana") == "ready"


def test_a_caller_is_answered_by_whoever_connects_him_and_not_by_one_who_hung_up_before():
    play = Play(centre())
    play.arrives("c1").picks_up("c1").skip()
    play.hangs_up(play.leg("c1")).skip()
    play.picks_up("c1").then(Said(Connect, answer=True))


def test_an_answer_that_failed_is_made_up_for_when_he_is_connected():
    play = Play(centre(), ready=())
    play.arrives("c1")
    failed = Failure.UNREACHABLE
    play.tell(
        CommandFailed(at=play.now, command="AnswerCall", channel=channel("c1"), failure=failed)
    )
    play.ready("ana").skip()
    play.picks_up("c1").then(Said(Connect, answer=True))


def test_an_agent_who_answers_too_late_is_let_go():
    play = Play(centre({"ana": ("support",)}))
    play.arrives("c1").skip()
    leg = play.leg("c1")
    play.hangs_up("c1").then(
        Said(CallEnded, ending=Ending.ABANDONED),
        Said(OfferEnded, outcome=OfferOutcome.CALLER_LEFT),
        HangUp,
    )
    from acd.core.events import LegAnswered

    play.tell(LegAnswered(at=play.now, channel=leg)).then(Said(HangUp, channel=leg))
    play.hangs_up(leg)
    assert play.state("ana") == "ready"


def test_an_agent_who_rejects_is_not_rung_again_for_this_call_at_once():
    play = Play(centre({"ana": ("support",)}))
    play.arrives("c1").skip()
    play.hangs_up(play.leg("c1"), cause=21).then(
        Said(OfferEnded, outcome=OfferOutcome.REJECTED), AnswerCall, StartHoldMusic
    )
    play.after(seconds=29).then_nothing()
    play.after(seconds=1).then(CallOffered, RingAgent)


def test_the_agent_hangs_up_and_the_caller_goes_on_in_the_dialplan():
    play = Play(centre())
    play.arrives("c1").picks_up("c1").bridged("c1").skip()
    play.hangs_up(play.leg("c1")).then(Said(ReleaseToDialplan, result="done"))
    play.tell(CallLeft(at=play.now, channel=channel("c1"))).then(
        Said(CallEnded, ending=Ending.COMPLETED)
    )


def test_an_unknown_queue_gives_the_call_back():
    play = Play(centre())
    play.arrives("c1", queue="suport").then(
        CallStarted,
        IdentifyCaller,
        CallerRecognised,
        Misconfigured,
        Said(ReleaseToDialplan, result="unknown-queue"),
    )


def test_a_directory_that_hangs_delays_nobody():
    play = Play(centre())
    play.tell(
        CallArrived(at=play.now, channel=channel("c1"), entry=Entry.QUEUE, target="support")
    ).skip()
    play.after(seconds=0.3).then(CallQueued, CallOffered, RingAgent, StartRinging)


def test_priority_then_time_over_all_queues():
    play = Play(centre({"ana": ("support", "sales")}), ready=())
    play.arrives("c1", queue="sales").after(seconds=1).arrives("c2").skip()
    play.ready("ana")
    assert play.told(RingAgent)[-1].call == call_id("c1")


def test_a_phone_that_is_busy_with_another_call_or_unplugged_is_not_rung():
    play = Play(centre({"ana": ("support",)}))
    for vetoed in (DeviceState.INUSE, DeviceState.UNAVAILABLE):
        play.tell(DeviceChanged(at=play.now, node=NODE, device="PJSIP/ana", state=vetoed))
        play.arrives(f"c-{vetoed}").skip()
        assert not play.told(RingAgent)
    play.tell(
        DeviceChanged(at=play.now, node=NODE, device="PJSIP/ana", state=DeviceState.NOT_INUSE)
    )
    assert play.told(RingAgent)


def test_a_phone_that_cannot_be_rung_is_left_alone_for_a_while():
    play = Play(centre({"ana": ("support",)}))
    play.arrives("c1").skip()
    play.tell(
        CommandFailed(
            at=play.now, command="RingAgent", channel=play.leg("c1"), failure=Failure.REFUSED
        )
    ).then(Said(OfferEnded, outcome=OfferOutcome.UNREACHABLE), AnswerCall, StartHoldMusic)
    play.arrives("c2").skip()
    assert len(play.told(RingAgent)) == 1
    play.after(seconds=5)
    assert play.told(RingAgent)[-1].call == call_id("c2")


def test_a_failed_connect_keeps_the_callers_place():
    play = Play(centre())
    play.arrives("c1").picks_up("c1").skip()
    play.tell(
        CommandFailed(
            at=play.now, command="Connect", channel=channel("c1"), failure=Failure.UNREACHABLE
        )
    ).then(
        Said(OfferEnded, outcome=OfferOutcome.FAILED),
        HangUp,
        Said(CallOffered, agent="bob"),
        RingAgent,
        StartRinging,
    )


def test_the_dead_mans_switch_is_wound_up_at_a_third_of_its_time_until_two_people_talk():
    play = Play(centre(), ready=()).arrives("c1")
    for _ in range(3):
        play.skip().after(seconds=19.9).then_nothing()
        play.after(seconds=0.1).then(Said(RenewDeadMan, call=call_id("c1"), timeout_ms=60_000))
    play.ready("ana").picks_up("c1").skip().bridged("c1")
    assert [off.timeout_ms for off in play.told(RenewDeadMan)[3:]] == [0]
    play.skip().after(seconds=60).then_nothing()


def test_who_is_identified_late_is_known_from_then_on_and_not_asked_about_twice():
    play = Play(centre(), ready=())
    play.tell(CallArrived(at=play.now, channel=channel("c1"), entry=Entry.QUEUE, target="support"))
    play.after(seconds=1)
    play.identified("c1", known(segment="gold")).identified("c1", known(segment="tin"))
    (told,) = play.told(CallerRecognised)
    assert told.late and told.identity.customer.segment == "gold"
    play.arrives("c2")
    assert not play.told(CallerRecognised)[-1].late


def test_a_move_that_is_not_in_the_table_is_our_fault_and_says_whose_it_is():
    play = Play(centre()).arrives("c1")
    with pytest.raises(AssertionError, match=r"^call pbx1:c1: offered → outside is not in the"):
        play.engine.state.calls[call_id("c1")].move(CallState.OUTSIDE)
    with pytest.raises(AssertionError, match=r"^agent ana: ready → wrap-up is not in the"):
        Play(centre()).engine.state.agents[AgentId("ana")].move(AgentState.WRAP_UP)


def test_an_agent_is_spared_until_that_time_and_not_at_it():
    play = Play(centre(), ready=()).arrives("c1")
    call = play.engine.state.calls[call_id("c1")]
    call.spares[AgentId("ana")] = 5_000
    assert call.spares_agent(AgentId("ana"), 4_999)
    assert not call.spares_agent(AgentId("ana"), 5_000)
    assert not call.spares_agent(AgentId("bob"), 0)


def test_two_rings_of_one_millisecond_have_names_of_two():
    agent = Play(centre(), ready=()).engine.state.agents[AgentId("ana")]
    agent.last_rung = 7_000
    assert [agent.next_ring(at) for at in (6_000, 7_000, 7_001, 8_000)] == [
        7_001,
        7_001,
        7_001,
        8_000,
    ]
