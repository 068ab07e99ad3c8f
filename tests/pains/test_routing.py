"""What hurts users of other systems most, each as a test named after it; the docstring says what they suffer."""

from dataclasses import replace

from acd.core.commands import (
    Connect,
    HangUp,
    PlayPrompts,
    ReleaseToDialplan,
    RingAgent,
    StopPrompts,
)
from acd.core.configuration import Announcements
from acd.core.events import Configured, KeyPressed, LegAnswered
from acd.core.ids import AgentId, ChannelId, caller_leg
from acd.core.notices import CallConnected, CallEnded, CallOffered, CallStarted, CallTransferred
from acd.core.requests import BecomeNotReady, HoldCall, LogOut, TransferToAgent
from tests.core.rules import arrives, known, rung
from tests.core.test_calling import asks, calls_out, dialling, ends, on_a_break, own_ends
from tests.core.test_calling_back import (
    HE,
    SHE,
    agent_picks_up,
    asked,
    calls_back,
    owed,
    presses,
    she_picks_up,
)
from tests.play import SUPPORT, Play, call_id, centre, channel


def test_an_agent_is_never_stuck_whatever_is_never_told():
    """1: an agent stays busy or reserved until somebody restarts the system."""
    for silent_after in ("ringing", "picked up", "connected"):
        play = Play(centre({"ana": ("support",)}, wrap_up_ms=0))
        arrives(play, "c1")
        if silent_after != "ringing":
            play.picks_up("c1")
        if silent_after == "connected":
            play.bridged("c1").hangs_up("c1")  # That the agent's leg has ended is never told.
            assert play.told(CallConnected)
        play.after(seconds=120)
        arrives(play, "c2")
        assert rung(play)[-1][0] in ("c1", "c2"), silent_after
        assert play.state("ana") in ("ready", "offered"), silent_after


def test_two_agents_never_answer_the_same_call():
    """2: two agents pick up the same call, or one agent gets two."""
    play = Play(centre(strategy="ring-all"))
    arrives(play, "c1")
    legs = [ChannelId(ring.offer) for ring in play.told(RingAgent)]
    assert len(legs) == 2
    for leg in legs:
        play.tell(LegAnswered(at=play.now, channel=leg))
    assert len(play.told(Connect)) == 1


def test_wrap_up_is_the_agents_and_no_other_queue_ends_it():
    """10: wrap-up ends early where an agent serves several queues, each with a clock of its own."""
    play = Play(centre({"ana": ("support", "sales")}, wrap_up_ms=30_000))
    arrives(play, "c1").picks_up("c1").bridged("c1").after(seconds=10)
    leg = play.leg("c1")
    play.hangs_up("c1").hangs_up(leg)
    arrives(play, "c2", queue="sales").after(seconds=29)
    assert play.state("ana") == "wrap-up"
    assert len(rung(play)) == 1
    play.after(seconds=1)
    assert rung(play)[-1] == ("c2", "ana")


def test_thirteen_callers_in_two_queues_are_served_in_the_order_in_which_they_came():
    """11: with agents who share queues, the eighth of thirteen is served first."""
    play = Play(centre({"ana": ("support", "sales")}, wrap_up_ms=0), ready=())
    names = [f"c{n}" for n in range(13)]
    for n, name in enumerate(names):
        arrives(play, name, queue=("support", "sales")[n % 3 == 0]).after(seconds=1)
    play.ready("ana")
    for name in names:
        leg = play.picks_up(name).bridged(name).leg(name)
        play.hangs_up(name).hangs_up(leg)
    assert [name for name, _ in rung(play)] == names


def test_who_has_just_refused_a_call_is_not_rung_for_it_again_at_once():
    """12: the phone of an agent who rejects rings again at once, and the other agents' never does."""
    play = Play(centre({"ana": ("support",), "bob": ("support",)}), ready=("ana", "bob"))
    arrives(play, "c1")
    play.hangs_up(play.leg("c1"), cause=21)
    assert rung(play) == [("c1", "ana"), ("c1", "bob")]
    play.hangs_up(play.leg("c1"), cause=21).after(seconds=15)
    assert len(rung(play)) == 2


def test_one_agent_answers_and_drops_and_the_other_phones_ring_on():
    """13: one agent answers and drops, all others stop ringing and start again."""
    play = Play(centre(dict.fromkeys(("ana", "bob", "cy"), ("support",)), strategy="ring-all"))
    arrives(play, "c1")
    play.picks_up("c1", "ana").hangs_up(play.leg("c1", "ana"))
    assert not play.told(HangUp), "nobody else's phone has stopped"
    assert len(rung(play)) == 3, "and none has begun again"
    play.picks_up("c1", "cy").bridged("c1")
    assert [said.agent for said in play.told(CallConnected)] == ["cy"]


def test_a_break_after_this_call_survives_a_call_that_was_missed():
    """18: the next state that an agent has chosen is lost by a missed call."""
    play = Play(centre({"ana": ("support",)}))
    arrives(play, "c1")
    play.tell(
        BecomeNotReady(at=play.now, request="r", by="ana", agent=AgentId("ana"), reason="lunch")
    )
    play.after(seconds=60)
    assert play.state("ana") == "not-ready"
    assert len(rung(play)) == 1


def test_who_logs_out_is_logged_out_and_can_come_back():
    """19: a pause or a log-out cannot be undone."""
    play = Play(centre({"ana": ("support",)}))
    play.tell(LogOut(at=play.now, request="r", by="ana", agent=AgentId("ana")))
    assert play.state("ana") == "logged-out"
    play.ready("ana")
    assert play.state("ana") == "ready"


def test_a_queue_that_is_renamed_loses_nobody():
    """24: a renamed queue loses its agents, and its callers."""
    before = centre({"ana": ("support",)})
    play = Play(before, ready=())
    arrives(play, "c1")
    queues = before.queues | {SUPPORT: replace(before.queues[SUPPORT], name="Help")}
    play.tell(Configured(at=play.now, configuration=replace(before, queues=queues)))
    play.ready("ana")
    assert rung(play) == [("c1", "ana")]


def test_a_call_that_is_handed_on_five_times_is_one_call_with_one_history():
    """25: the third transfer fails, and the record shows several calls."""
    agents = ["ana", "bob", "cy", "dan", "eve", "fay"]
    play = Play(centre(dict.fromkeys(agents, ("support",)), wrap_up_ms=0))
    arrives(play, "c1").picks_up("c1").bridged("c1").after(seconds=10)
    for name in agents[1:]:
        leg = play.leg("c1")
        by = play.engine.state.calls[call_id("c1")].served_by
        play.tell(HoldCall(at=play.now, request="r", by=by, call=call_id("c1"))).after(seconds=2)
        play.tell(
            TransferToAgent(
                at=play.now, request="r", by=by, call=call_id("c1"), agent=AgentId(name)
            )
        )
        play.hangs_up(leg).picks_up("c1").bridged("c1").after(seconds=10)
    play.hangs_up("c1")
    assert len(play.told(CallStarted)) == len(play.told(CallEnded)) == 1
    assert [said.agent for said in play.told(CallConnected)] == agents
    assert [said.agent for said in play.told(CallTransferred)] == agents[:-1]
    each = {(said.talked_ms, said.held_ms) for said in play.told(CallTransferred)}
    assert each == {(12_000, 2_000)}, "each his own talk, and his own hold"
    assert (play.told(CallEnded)[0].talked_ms, play.told(CallEnded)[0].held_ms) == (10_000, 0)
    assert [play.state(name) for name in agents[:-1]] == ["ready"] * 5


def test_an_announcement_never_holds_up_a_call_nor_tells_a_wrong_place_nor_locks_anybody_in():
    """17: announcements block the connection, tell the wrong position, and cannot be left by a key."""
    play = Play(
        centre(
            {"ana": ("support",)},
            announcements=Announcements(first_ms=10_000, every_ms=10_000, position=True),
            exit_keys={"1": "voicemail"},
        ),
        ready=(),
    )
    for name in ("c1", "c2", "c3"):
        arrives(play, name)
    play.after(seconds=10)
    told = {one.call: one.prompts for one in play.told(PlayPrompts)}
    assert told[call_id("c1")] == ("queue-youarenext",)
    assert [told[call_id(name)][1] for name in ("c2", "c3")] == [2, 3]
    play.tell(KeyPressed(at=play.now, channel=channel("c2"), key="1"))
    assert [one.call for one in play.told(ReleaseToDialplan)] == [call_id("c2")]
    play.ready("ana")
    assert rung(play) == [("c1", "ana")], "while he is being told"
    stopped = [one.call for one in play.told(StopPrompts)]
    assert stopped == [call_id("c2"), call_id("c1")], "at once, and before anybody picks up"
    told_before = [one.call for one in play.told(PlayPrompts)].count(call_id("c1"))
    play.after(seconds=10)  # The next one is due, and a phone rings for him.
    assert [one.call for one in play.told(PlayPrompts)].count(call_id("c1")) == told_before
    play.skip().picks_up("c1").then(Connect)


def test_a_call_out_that_fails_makes_nobody_available():
    """18: a failed outbound call makes the agent Available, and what he was to be next is lost."""
    for cause in (17, 19, 21, 34):
        play = dialling(asks(on_a_break(Play(calls_out()).skip())))
        own_ends(ends(play, cause))
        assert play.state("ana") == "not-ready", cause
        play = on_a_break(dialling(asks(Play(calls_out()).skip())))
        own_ends(ends(play, cause))
        assert play.state("ana") == "not-ready", cause


def test_who_is_called_back_is_neither_forgotten_nor_jumps_the_line():
    """16: no queue callback, or it jumps the line."""
    play = asked()  # She came before him, and waits without her line.
    arrives(play, "later", known("+8613800000003")).ready("ana")
    order = [one.call for one in play.told(CallOffered)]
    assert order == [owed(play)], "her place is the one that she had"
    agent_picks_up(play)
    name = owed(play)
    she_picks_up(play).hangs_up(caller_leg(name))
    (leg,) = play.engine.state.offers
    play.hangs_up(leg)
    assert play.told(CallOffered)[-1].call == call_id("his"), "and nobody else's"
    # Whoever asks for it goes before nobody who came before him.
    play = Play(calls_back(), ready=())
    arrives(play, "hers", SHE).after(seconds=10)
    presses(arrives(play, "his", HE), "his").ready("ana")
    assert play.told(CallOffered)[-1].call == call_id("hers")
