"""Agents: shifts, pauses, wrap-up, and requests that are refused."""

import pytest

from acd.core import requests
from acd.core.agent import AgentState
from acd.core.commands import RingAgent
from acd.core.events import RestoredAgent, ShiftRestored
from acd.core.ids import AgentId
from acd.core.notices import Accepted, AgentStateChanged, OutcomeRecorded, Reason, Refused
from tests.play import Play, Said, call_id, centre

ANA = AgentId("ana")
ONE_AGENT = {"ana": ("support",)}


def ask(play: Play, kind: type, agent: str = "ana", **fields) -> Play:
    return play.tell(kind(at=play.now, request="r", by=agent, agent=AgentId(agent), **fields))


def talking() -> Play:
    play = Play(centre(ONE_AGENT))
    return play.arrives("c1").picks_up("c1").bridged("c1").skip()


def test_a_shift_begins_not_ready():
    play = Play(centre(ONE_AGENT), ready=())
    ask(play, requests.LogIn).then(
        Accepted,
        Said(
            AgentStateChanged,
            state=AgentState.NOT_READY,
            causes=(("manual", "logged-in"),),
            pending=None,
        ),
    )


def test_a_break_asked_for_during_a_call_comes_after_it():
    play = talking()
    ask(play, requests.BecomeNotReady, reason="lunch").then(
        Accepted,
        Said(AgentStateChanged, state=AgentState.TALKING, pending=AgentState.NOT_READY),
    )
    play.hangs_up(play.leg("c1"))
    assert play.state("ana") == "wrap-up"
    play.after(seconds=30)
    assert play.state("ana") == "not-ready"


def test_who_is_ready_ends_his_wrap_up():
    play = talking()
    play.hangs_up(play.leg("c1"))
    ask(play, requests.BecomeReady)
    assert play.state("ana") == "ready"
    play.arrives("c2").after(seconds=30)
    assert len(play.told(RingAgent)) == 2, "the old wrap-up's end means nothing any more"


def test_finishing_a_wrap_up_keeps_the_pause_that_was_asked_for():
    play = talking()
    ask(play, requests.BecomeNotReady, reason="lunch")
    play.hangs_up(play.leg("c1"))
    ask(play, requests.FinishWrapUp)
    assert play.state("ana") == "not-ready"


def test_a_log_out_during_a_call_comes_after_it_without_wrap_up_and_can_be_taken_back():
    play = talking()
    ask(play, requests.LogOut)
    ask(play, requests.LogIn)
    play.hangs_up(play.leg("c1"))
    assert play.state("ana") == "wrap-up"
    play = talking()
    ask(play, requests.LogOut)
    play.hangs_up(play.leg("c1"))
    assert play.state("ana") == "logged-out"


@pytest.mark.parametrize(
    ("kind", "fields", "agent", "reason"),
    [
        (requests.LogIn, {}, "zoe", Reason.UNKNOWN_AGENT),
        (requests.BecomeReady, {}, "zoe", Reason.UNKNOWN_AGENT),
        (requests.BecomeReady, {}, "ana", Reason.NOT_LOGGED_IN),
        (requests.LogOut, {}, "ana", Reason.NOT_LOGGED_IN),
        (requests.BecomeNotReady, {"reason": "x"}, "ana", Reason.NOT_LOGGED_IN),
        (requests.FinishWrapUp, {}, "ana", Reason.NOT_LOGGED_IN),
        (
            requests.RecordOutcome,
            {"call": call_id("c1"), "outcome": "solved"},
            "zoe",
            Reason.UNKNOWN_AGENT,
        ),
    ],
)
def test_a_refusal_changes_nothing(kind, fields, agent, reason):
    play = Play(centre(ONE_AGENT), ready=())
    ask(play, kind, agent, **fields).then(Said(Refused, reason=reason))
    assert play.engine.next_deadline() is None


def test_an_outcome_is_recorded_by_the_agent_who_had_the_call():
    play = Play(centre())
    play.arrives("c1").picks_up("c1").bridged("c1").skip()
    fields = {"call": call_id("c1"), "outcome": "solved"}
    ask(play, requests.RecordOutcome, "bob", **fields).then(
        Said(Refused, reason=Reason.NOT_YOUR_CALL)
    )
    ask(play, requests.RecordOutcome, "ana", **fields).then(Accepted, OutcomeRecorded)


def test_causes_are_told_in_one_order_whatever_came_first():
    play = Play(centre(ONE_AGENT), ready=())
    play.tell(
        ShiftRestored(
            at=play.now,
            agents=(
                RestoredAgent(
                    agent=ANA,
                    causes=(("ring-no-answer", "c0"), ("manual", "lunch"), ("weather", "rain")),
                ),
            ),
        )
    ).then(
        Said(
            AgentStateChanged,
            state=AgentState.NOT_READY,
            causes=(("manual", "lunch"), ("ring-no-answer", "c0")),
        )
    )
