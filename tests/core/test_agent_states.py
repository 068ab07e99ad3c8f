"""Why an agent is not ready and who lifts it, work after a call, calls of his phone's own, and supervisors."""

from dataclasses import replace

import pytest

from acd.core import events, requests
from acd.core.commands import Connect, HangUp, RingAgent
from acd.core.configuration import Configuration, Duties, MissedPolicy, WhenUnstaffed, WrapUpMode
from acd.core.events import DeviceState, RestoredAgent, ShiftRestored
from acd.core.explain import why_not
from acd.core.ids import AgentId, QueueId, bridge_for
from acd.core.notices import (
    Accepted,
    AgentStateChanged,
    CallOffered,
    DutiesChanged,
    OfferEnded,
    Reason,
    Refused,
    Supervised,
)
from acd.core.offer import OfferOutcome
from acd.core.permits import Action, allowed, standing_of
from tests.core.rules import arrives, known, rung
from tests.play import NODE, SALES, SUPPORT, Play, Said, call_id, centre, seen

ANA, BOB = AgentId("ana"), AgentId("bob")
ONE_AGENT = {"ana": ("support",)}


def ask(play: Play, kind: type, agent: str = "ana", by: str | None = None, **fields) -> Play:
    return play.tell(kind(at=play.now, request="r", by=by or agent, agent=AgentId(agent), **fields))


def force(play: Play, kind: type, agent: str = "ana", **fields) -> Play:
    return ask(play, kind, agent, by="sue", **fields)


def phone(play: Play, state: DeviceState, device: str = "PJSIP/ana") -> Play:
    return play.tell(events.DeviceChanged(at=play.now, node=NODE, device=device, state=state))


def causes(play: Play, agent: str = "ana") -> list[str]:
    return [cause.value for cause in play.engine.state.agents[AgentId(agent)].causes]


def pending(play: Play, agent: str = "ana") -> str | None:
    told = [said for said in play.told(AgentStateChanged) if said.agent == agent]
    return told[-1].pending


def talking(name: str = "c1", **rules) -> Play:
    play = Play(centre(ONE_AGENT, **rules))
    return play.arrives(name).picks_up(name).bridged(name).skip()


def wrapping_up(**rules) -> Play:
    play = talking(**rules)
    return play.hangs_up(play.leg("c1")).skip()


def misses(play: Play, name: str, queue: str = "support") -> Play:
    """A call rings out at the one agent, and its caller gives up."""
    play.arrives(name, queue)
    leg = play.leg(name)
    play.after(seconds=15).hangs_up(leg)
    return play.hangs_up(name).skip()


def with_client(grace_ms: int = 20_000) -> Configuration:
    whole = centre(ONE_AGENT)
    return replace(whole, agents={ANA: replace(whole.agents[ANA], client_grace_ms=grace_ms)})


# Pause causes.


def test_a_phone_that_stays_away_makes_its_agent_not_ready_and_lifts_it_when_it_is_back():
    play = Play(centre(ONE_AGENT))
    phone(play, DeviceState.UNAVAILABLE)
    assert play.state("ana") == "ready", "a moment's absence is a veto and nothing else"
    play.arrives("c1")
    assert not play.told(RingAgent)
    play.after(seconds=10)
    assert play.state("ana") == "not-ready"
    assert play.told(AgentStateChanged)[-1].causes == (("device-lost", "UNAVAILABLE"),)
    phone(play, DeviceState.NOT_INUSE)
    assert play.state("ana") == "offered", "the caller who waits is offered at once"


def test_a_phone_that_is_back_within_its_grace_was_never_lost():
    play = Play(centre(ONE_AGENT))
    phone(play, DeviceState.UNAVAILABLE).after(seconds=9)
    phone(play, DeviceState.NOT_INUSE).after(seconds=9)
    phone(play, DeviceState.INVALID).after(seconds=9)
    assert play.state("ana") == "ready"


def test_a_phone_of_which_nothing_is_known_any_more_is_not_lost():
    play = Play(centre(ONE_AGENT))
    phone(play, DeviceState.UNAVAILABLE).after(seconds=10)
    phone(play, DeviceState.UNKNOWN)
    assert play.state("ana") == "ready", "a veto that is out of date is worse than none"


def test_neither_ready_nor_a_supervisor_brings_a_phone_back():
    play = Play(centre(ONE_AGENT))
    phone(play, DeviceState.UNAVAILABLE).after(seconds=10)
    ask(play, requests.BecomeReady)
    force(play, requests.ForceReady)
    assert causes(play) == ["device-lost"]


def test_who_logs_in_at_a_phone_that_is_away_is_told_why_he_is_not_ready():
    play = Play(centre(ONE_AGENT), ready=())
    phone(play, DeviceState.UNAVAILABLE)
    play.ready("ana").after(seconds=10)
    assert causes(play) == ["device-lost"]
    ask(play, requests.LogOut)
    assert causes(play) == []
    phone(play, DeviceState.NOT_INUSE).after(seconds=10)
    assert play.state("ana") == "logged-out"


def test_a_phone_that_goes_away_during_a_call_counts_after_it():
    play = talking(wrap_up_ms=0)
    phone(play, DeviceState.UNAVAILABLE).after(seconds=10)
    assert (play.state("ana"), pending(play)) == ("busy-acd", "not-ready")
    play.hangs_up(play.leg("c1"))
    assert play.state("ana") == "not-ready"


def test_who_needs_a_client_and_loses_it_is_not_ready_until_it_is_back():
    play = Play(with_client(), ready=())
    play.tell(events.ClientFound(at=play.now, agent=ANA))
    play.ready("ana").after(seconds=60)
    assert play.state("ana") == "ready"
    play.tell(events.ClientGone(at=play.now, agent=ANA)).after(seconds=19)
    assert play.state("ana") == "ready"
    play.after(seconds=1)
    assert play.state("ana") == "not-ready"
    assert play.told(AgentStateChanged)[-1].causes == (("client-lost", "no client"),)
    ask(play, requests.BecomeReady)
    assert play.state("ana") == "not-ready", "he would see nothing of the call"
    play.tell(events.ClientFound(at=play.now, agent=ANA))
    assert play.state("ana") == "ready"


def test_a_client_that_reconnects_in_time_changes_nothing():
    play = Play(with_client(), ready=())
    play.tell(events.ClientFound(at=play.now, agent=ANA)).ready("ana")
    for _ in range(3):
        play.tell(events.ClientGone(at=play.now, agent=ANA)).after(seconds=15)
        play.tell(events.ClientFound(at=play.now, agent=ANA)).after(seconds=15)
    assert play.state("ana") == "ready"


def test_after_our_restart_a_client_has_its_grace_to_come_back():
    play = Play(with_client(), ready=())
    play.tell(ShiftRestored(at=play.now, agents=(RestoredAgent(agent=ANA),))).after(seconds=19)
    assert play.state("ana") == "ready"
    play.after(seconds=1)
    assert causes(play) == ["client-lost"]


def test_who_needs_no_client_misses_none():
    play = Play(centre(ONE_AGENT))
    play.tell(events.ClientFound(at=play.now, agent=ANA))
    play.tell(events.ClientGone(at=play.now, agent=ANA))
    play.tell(events.ClientGone(at=play.now, agent=AgentId("zoe"))).after(seconds=600)
    assert play.state("ana") == "ready"


def test_do_not_disturb_stands_beside_ready_and_is_lifted_alone():
    play = Play(centre(ONE_AGENT))
    ask(play, requests.SetDoNotDisturb)
    ask(play, requests.BecomeReady)
    assert (play.state("ana"), causes(play)) == ("not-ready", ["do-not-disturb"])
    ask(play, requests.BecomeNotReady, reason="lunch")
    ask(play, requests.LiftDoNotDisturb)
    assert causes(play) == ["manual"]
    ask(play, requests.BecomeReady)
    assert play.state("ana") == "ready"


def test_what_a_supervisor_set_only_a_supervisor_lifts():
    play = Play(centre(ONE_AGENT))
    force(play, requests.ForceNotReady, reason="come and see me")
    assert causes(play) == ["supervisor"]
    ask(play, requests.BecomeReady)
    assert play.told(Refused)[-1].reason is Reason.HELD_BY_SUPERVISOR
    force(play, requests.ForceReady, reason="thank you")
    assert play.state("ana") == "ready"


def test_what_people_said_is_restored_and_what_was_lost_is_looked_at_anew():
    play = Play(centre(ONE_AGENT), ready=())
    said = ("manual", "ring-no-answer", "do-not-disturb", "supervisor")
    restored = tuple((cause, "why") for cause in (*said, "device-lost", "client-lost"))
    play.tell(ShiftRestored(at=play.now, agents=(RestoredAgent(agent=ANA, causes=restored),)))
    assert causes(play) == list(said)


# The pending next state.


def test_a_break_after_this_call_survives_a_missed_call():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1")
    ask(play, requests.BecomeNotReady, reason="break")
    assert (play.state("ana"), pending(play)) == ("offered", "not-ready")
    leg = play.leg("c1")
    play.after(seconds=15).hangs_up(leg)
    assert play.told(AgentStateChanged)[-1].causes == (("manual", "break"),)


def test_a_break_after_this_call_survives_an_outbound_call():
    play = Play(centre(ONE_AGENT))
    phone(play, DeviceState.NOT_INUSE)
    phone(play, DeviceState.INUSE).after(seconds=1)
    ask(play, requests.BecomeNotReady, reason="break")
    assert (play.state("ana"), pending(play)) == ("busy-outbound", "not-ready")
    phone(play, DeviceState.NOT_INUSE)
    assert play.state("ana") == "not-ready"


def test_a_break_after_this_call_survives_the_reconnects_of_client_and_asterisk():
    play = talking(wrap_up_ms=0)
    ask(play, requests.BecomeNotReady, reason="break")
    leg = play.leg("c1")
    play.tell(events.ClientGone(at=play.now, agent=ANA))
    play.tell(events.NodeLost(at=play.now, node=NODE)).after(seconds=30)
    bridge = bridge_for(leg)
    there = (seen("c1", bridge=bridge, saved="support|0|0"), seen(leg, bridge=bridge))
    play.tell(events.NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    play.tell(events.ClientFound(at=play.now, agent=ANA))
    assert (play.state("ana"), pending(play)) == ("busy-acd", "not-ready")
    play.hangs_up(leg)
    assert play.state("ana") == "not-ready"


def test_a_break_after_this_call_survives_our_restart():
    before = talking()
    ask(before, requests.BecomeNotReady, reason="break")
    leg, told = before.leg("c1"), before.told(AgentStateChanged)[-1]
    play = Play(centre(ONE_AGENT, wrap_up_ms=0), ready=())
    play.tell(ShiftRestored(at=play.now, agents=(RestoredAgent(agent=ANA, causes=told.causes),)))
    bridge = bridge_for(leg)
    there = (seen("c1", bridge=bridge, saved="support|0|0"), seen(leg, bridge=bridge))
    play.tell(events.NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    assert (play.state("ana"), pending(play)) == ("busy-acd", "not-ready")
    play.hangs_up(leg)
    assert play.state("ana") == "not-ready"


# Who does not answer.


def test_the_policy_of_each_queue_and_one_count_for_all_of_them():
    whole = centre({"ana": ("support", "sales")})
    rules = {
        SUPPORT: replace(whole.queues[SUPPORT], no_answer=MissedPolicy.RETRY),
        SALES: replace(whole.queues[SALES], no_answer=MissedPolicy.NOT_READY, no_answers=3),
    }
    play = Play(replace(whole, queues=rules))
    for name in ("c1", "c2", "c3", "c4"):
        misses(play, name)
    assert play.state("ana") == "ready", "support asks again and again"
    misses(play, "c5", "sales")
    assert causes(play) == ["ring-no-answer"], "sales does not, and the others count"


def test_an_answer_begins_the_count_anew_and_so_does_ready():
    play = Play(centre(ONE_AGENT, no_answer=MissedPolicy.NOT_READY, no_answers=2, wrap_up_ms=0))
    misses(play, "c1")
    play.arrives("c2").picks_up("c2").bridged("c2")
    play.hangs_up(play.leg("c2"))
    misses(play, "c3")
    assert play.state("ana") == "ready"
    ask(play, requests.BecomeReady)
    misses(play, "c4")
    assert play.state("ana") == "ready"
    misses(play, "c5")
    assert causes(play) == ["ring-no-answer"]
    ask(play, requests.BecomeReady)
    misses(play, "c6")
    assert play.state("ana") == "ready"


def test_who_refuses_or_whose_caller_gives_up_has_not_failed_to_answer():
    play = Play(centre(ONE_AGENT, no_answer=MissedPolicy.NOT_READY))
    play.arrives("c1").hangs_up(play.leg("c1"), cause=21).hangs_up("c1").after(seconds=5)
    play.arrives("c2")
    leg = play.leg("c2")
    play.hangs_up("c2").hangs_up(leg)
    assert play.state("ana") == "ready"


def refuses(play, name, queue="support", cause=21):
    play.arrives(name, queue)
    play.hangs_up(play.leg(name), cause=cause).hangs_up(name)


@pytest.mark.parametrize("cause", [17, 21])
def test_who_refuses_stays_ready_and_has_a_rest_from_everybody(cause):
    play = Play(centre(ONE_AGENT, reject_rest_ms=20_000))
    refuses(play, "c1", cause=cause)
    assert play.state("ana") == "ready"
    play.arrives("c2").after(seconds=19)
    assert rung(play) == [("c1", "ana")]
    play.after(seconds=1)
    assert rung(play) == [("c1", "ana"), ("c2", "ana")]


def test_a_queue_may_do_without_a_rest():
    play = Play(centre(ONE_AGENT, reject_rest_ms=0))
    refuses(play, "c1")
    play.arrives("c2")
    assert rung(play) == [("c1", "ana"), ("c2", "ana")]


def test_who_lets_it_ring_may_be_given_a_rest_too():
    play = Play(centre(ONE_AGENT, no_answer_rest_ms=10_000))
    misses(play, "c1")
    play.arrives("c2").after(seconds=9)
    assert rung(play) == [("c1", "ana")]
    play.after(seconds=1)
    assert rung(play)[-1] == ("c2", "ana")


def test_who_refuses_so_many_in_a_row_is_not_ready_where_the_queue_says_so():
    whole = centre({"ana": ("support", "sales")}, reject_rest_ms=0)
    strict = replace(whole.queues[SALES], reject=MissedPolicy.NOT_READY, rejects=3)
    play = Play(replace(whole, queues=whole.queues | {SALES: strict}))
    refuses(play, "c1")
    misses(play, "c2")  # That is another matter.
    refuses(play, "c3", "sales")
    assert play.state("ana") == "ready"
    refuses(play, "c4", "sales")
    assert causes(play) == ["rejected"]
    ask(play, requests.BecomeReady)
    refuses(play, "c5", "sales")
    assert play.state("ana") == "ready", "the count has begun anew"


def test_a_break_after_this_call_stays_beside_the_refusal_and_both_are_lifted_by_ready():
    play = Play(centre(ONE_AGENT, reject=MissedPolicy.NOT_READY))
    play.arrives("c1")
    ask(play, requests.BecomeNotReady, reason="lunch")
    play.hangs_up(play.leg("c1"), cause=21)
    assert causes(play) == ["manual", "rejected"]
    ask(play, requests.BecomeReady)
    assert play.state("ana") == "ready"


# Work after a call.


@pytest.mark.parametrize(
    ("mode", "no", "after_break"),
    [
        (WrapUpMode.OPTIONAL, None, "not-ready"),
        (WrapUpMode.TIMED, None, "wrap-up"),
        (WrapUpMode.LOCKED, Reason.WRAP_UP_LOCKED, "wrap-up"),
    ],
)
def test_what_ends_a_wrap_up_before_its_time(mode, no, after_break):
    for kind, action in (
        (requests.BecomeReady, Action.BECOME_READY),
        (requests.FinishWrapUp, Action.FINISH_WRAP_UP),
    ):
        play = wrapping_up(wrap_up=mode)
        standing = standing_of(play.engine.state.agents[ANA])
        assert (action in allowed(standing)) is (no is None)
        ask(play, kind)
        assert [said.reason for said in play.told(Refused)] == ([no] if no else [])
        assert play.state("ana") == ("wrap-up" if no else "ready")
        play.after(seconds=30)
        assert play.state("ana") == "ready", "its time is its limit"
    play = wrapping_up(wrap_up=mode)
    ask(play, requests.BecomeNotReady, reason="lunch")
    assert play.state("ana") == after_break
    play.after(seconds=30)
    assert play.state("ana") == "not-ready"


def test_ready_takes_back_the_break_that_was_to_follow_and_ends_a_timed_wrap_up():
    play = talking(wrap_up=WrapUpMode.TIMED)
    ask(play, requests.BecomeNotReady, reason="lunch")
    play.hangs_up(play.leg("c1"))
    assert (play.state("ana"), pending(play)) == ("wrap-up", "not-ready")
    ask(play, requests.BecomeReady)
    assert (play.state("ana"), causes(play)) == ("ready", [])


def test_without_wrap_up_the_agent_is_free_at_once():
    assert wrapping_up(wrap_up=WrapUpMode.NONE).state("ana") == "ready"


def test_wrap_up_belongs_to_the_agent_and_outlives_the_queues_rules():
    play = wrapping_up(wrap_up=WrapUpMode.LOCKED)
    play.tell(events.Configured(at=play.now, configuration=centre(ONE_AGENT, wrap_up_ms=0)))
    assert play.state("ana") == "wrap-up"
    play.arrives("c2").after(seconds=29)
    assert len(play.told(RingAgent)) == 1
    play.after(seconds=1)
    assert len(play.told(RingAgent)) == 2


def test_an_outbound_call_does_not_end_a_wrap_up():
    play = wrapping_up(wrap_up=WrapUpMode.TIMED)
    phone(play, DeviceState.NOT_INUSE)
    phone(play, DeviceState.INUSE).after(seconds=10)
    phone(play, DeviceState.NOT_INUSE).after(seconds=10)
    assert play.state("ana") == "wrap-up"
    phone(play, DeviceState.INUSE).after(seconds=10)
    assert play.state("ana") == "busy-outbound", "and it does not hold it up"
    phone(play, DeviceState.NOT_INUSE)
    assert play.state("ana") == "ready"


def test_a_wrap_up_is_made_longer_once_where_the_queue_grants_it():
    play = wrapping_up(wrap_up_extension_ms=20_000)
    ask(play, requests.ExtendWrapUp)
    ask(play, requests.ExtendWrapUp)
    assert play.told(Refused)[-1].reason is Reason.NOT_EXTENSIBLE
    play.after(seconds=49)
    assert play.state("ana") == "wrap-up"
    play.after(seconds=1)
    assert play.state("ana") == "ready"
    play = wrapping_up()
    ask(play, requests.ExtendWrapUp)
    assert play.told(Refused)[-1].reason is Reason.NOT_EXTENSIBLE


def test_only_a_locked_wrap_up_keeps_one_who_logs_out():
    play = wrapping_up(wrap_up=WrapUpMode.TIMED)
    ask(play, requests.LogOut)
    assert play.state("ana") == "logged-out"
    play = wrapping_up(wrap_up=WrapUpMode.LOCKED)
    ask(play, requests.LogOut)
    assert (play.state("ana"), pending(play)) == ("wrap-up", "logged-out")
    play.after(seconds=30)
    assert play.state("ana") == "logged-out"
    play = talking(wrap_up=WrapUpMode.LOCKED)
    ask(play, requests.LogOut)
    play.hangs_up(play.leg("c1"))
    assert play.state("ana") == "wrap-up", "nor is it skipped by asking before it begins"


def test_a_wrap_up_goes_on_after_our_restart():
    restored = RestoredAgent(agent=ANA, causes=(("manual", "break"),), wrap_up="locked")
    play = Play(centre(ONE_AGENT), ready=())
    restored = replace(restored, wrap_up_until=play.now + 10_000)
    play.tell(ShiftRestored(at=play.now, agents=(restored,)))
    assert (play.state("ana"), pending(play)) == ("wrap-up", "not-ready")
    ask(play, requests.FinishWrapUp)
    assert play.told(Refused)[-1].reason is Reason.WRAP_UP_LOCKED
    play.after(seconds=10)
    assert play.state("ana") == "not-ready"
    play = Play(centre(ONE_AGENT), ready=())
    play.now += 60_000
    play.tell(ShiftRestored(at=play.now, agents=(restored,)))
    assert play.state("ana") == "not-ready", "its time was up while we were away"


def test_who_is_found_talking_has_done_with_the_call_before():
    """We fell in the quarter of a second before the ledger wrote that he talks again."""
    before = talking()
    leg = before.leg("c1")
    play = Play(centre(ONE_AGENT), ready=())
    until = play.now + 10_000
    restored = RestoredAgent(agent=ANA, wrap_up="timed", wrap_up_until=until)
    play.tell(ShiftRestored(at=play.now, agents=(restored,)))
    bridge = bridge_for(leg)
    there = (seen("c1", bridge=bridge, saved="support|0|0"), seen(leg, bridge=bridge))
    play.tell(events.NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    assert play.state("ana") == "busy-acd"
    play.after(seconds=20)
    assert play.state("ana") == "busy-acd", "and nothing is due for it any more"


# Supervisors.


def test_a_supervisor_ends_a_locked_wrap_up_and_it_is_written_down():
    play = wrapping_up(wrap_up=WrapUpMode.LOCKED)
    force(play, requests.ForceFinishWrapUp, reason="the line is full").then(
        Accepted,
        Said(
            Supervised,
            by="sue",
            agent="ana",
            action="force-finish-wrap-up",
            reason="the line is full",
            detail="",
        ),
    )
    assert play.state("ana") == "ready"


def test_a_forced_ready_lifts_all_that_people_set_and_ends_wrap_up():
    play = wrapping_up(wrap_up=WrapUpMode.LOCKED)
    ask(play, requests.BecomeNotReady, reason="break")
    ask(play, requests.SetDoNotDisturb)
    force(play, requests.ForceNotReady)
    ask(play, requests.LogOut)
    force(play, requests.ForceReady)
    assert (play.state("ana"), causes(play)) == ("ready", [])


def test_a_forced_log_out_takes_a_ringing_phone_back_and_the_caller_waits_on():
    play = Play(centre())
    play.arrives("c1").skip()
    leg = play.leg("c1")
    force(play, requests.ForceLogOut).then(
        Accepted,
        Supervised,
        Said(OfferEnded, agent="ana", outcome=OfferOutcome.WITHDRAWN),
        Said(HangUp, channel=leg),
        Said(CallOffered, agent="bob"),
        RingAgent,
    )
    play.hangs_up(leg)
    assert play.state("ana") == "logged-out"


def test_a_forced_log_out_never_cuts_a_conversation():
    for after_call in (False, True):
        play = talking(wrap_up=WrapUpMode.OPTIONAL)
        force(play, requests.ForceLogOut, after_call=after_call).then(Accepted, Supervised)
        assert (play.state("ana"), pending(play)) == ("busy-acd", "logged-out")
        play.hangs_up(play.leg("c1"))
        assert play.state("ana") == "logged-out"


def test_a_log_out_forced_after_the_call_lets_a_phone_ring_and_respects_a_locked_wrap_up():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1").skip()
    force(play, requests.ForceLogOut, after_call=True).then(Accepted, Supervised)
    play.picks_up("c1").then(Connect)
    play = wrapping_up(wrap_up=WrapUpMode.LOCKED)
    force(play, requests.ForceLogOut, after_call=True)
    assert play.state("ana") == "wrap-up"
    force(play, requests.ForceLogOut)
    assert play.state("ana") == "logged-out"


def test_what_another_does_in_his_place_is_written_down_and_what_he_does_himself_is_not():
    play = Play(centre(ONE_AGENT))
    ask(play, requests.BecomeNotReady, reason="lunch")
    assert not play.told(Supervised)
    ask(play, requests.BecomeReady, by="sue", by_another=True)
    assert [(said.action, said.reason) for said in play.told(Supervised)] == [("become-ready", "")]
    force(play, requests.ForceFinishWrapUp)
    assert len(play.told(Supervised)) == 1, "what was refused has not been done"


# Duties.


def change(play: Play, agent: str = "ana", reason: str = "short", **duties) -> Play:
    return force(play, requests.ChangeDuties, agent, reason=reason, duties=Duties(**duties))


def test_other_queues_count_at_once_and_for_calls_that_wait():
    play = Play(centre(ONE_AGENT))
    play.arrives("c1", "sales").skip()
    change(play, queues=(SUPPORT, SALES)).then(
        Accepted,
        Said(Supervised, action="change-duties", reason="short"),
        Said(DutiesChanged, agent="ana", by="sue", queues=(SUPPORT, SALES)),
        Said(CallOffered, call=call_id("c1"), agent="ana"),
        RingAgent,
    )


def test_other_skills_count_at_once_and_for_calls_that_wait():
    whole = centre(requires="fridge >= 60")
    agents = {
        ANA: replace(whole.agents[ANA], skills={"fridge": 20}),
        BOB: replace(whole.agents[BOB], queues=()),
    }
    play = Play(replace(whole, agents=agents))
    play.arrives("c1")
    assert not play.told(RingAgent)
    change(play, skills={"fridge": 60})
    assert play.state("ana") == "offered"


def test_who_is_taken_out_of_a_queue_is_not_waited_for_in_it():
    play = Play(centre(when_unstaffed=WhenUnstaffed.LEAVE))
    for name in ("c1", "c2", "c3"):
        play.arrives(name)
    change(play, "bob", queues=(SALES,))
    assert call_id("c3") in play.engine.state.calls
    change(play, "ana", queues=(SALES,))
    assert play.told_quietly("ReleaseToDialplan"), "nobody is left for the third"


def test_duties_are_refused_if_a_queue_or_skill_is_not_there():
    play = Play(centre(ONE_AGENT))
    change(play, queues=(QueueId("nowhere"),)).then(Said(Refused, reason=Reason.UNKNOWN_QUEUE))
    change(play, skills={"fridge": 1}).then(Said(Refused, reason=Reason.UNKNOWN_SKILL))
    change(play, "zoe", queues=()).then(Said(Refused, reason=Reason.UNKNOWN_AGENT))


def test_duties_stand_over_a_new_configuration_that_has_them_until_they_are_taken_back():
    play = Play(centre(ONE_AGENT))
    change(play, queues=(SALES,))
    whole = centre(ONE_AGENT)
    duties = play.engine.state.configuration.duties
    play.tell(events.Configured(at=play.now, configuration=replace(whole, duties=duties)))
    assert play.engine.state.agents[ANA].profile.queues == (SALES,)
    change(play)
    assert play.engine.state.agents[ANA].profile.queues == (SUPPORT,)
    assert play.engine.state.configuration.duties == {}


# Calls that are none of ours.


def test_a_phone_that_rings_first_is_called_and_one_that_does_not_calls_somebody():
    for first, expected in (
        (DeviceState.RINGING, "busy-inbound"),
        (DeviceState.INUSE, "busy-outbound"),
    ):
        play = Play(centre(ONE_AGENT))
        phone(play, DeviceState.NOT_INUSE)
        phone(play, first)
        phone(play, DeviceState.INUSE)
        play.arrives("c1")
        assert not play.told(RingAgent), "never rung, from the first moment"
        play.after(seconds=1)
        assert (play.state("ana"), pending(play)) == (expected, "ready")
        rule = why_not(play.engine.state, ANA, call_id("c1"), play.now)
        assert rule.rule == "phone" and "of its own" in rule.detail
        phone(play, DeviceState.NOT_INUSE)
        assert play.state("ana") == "offered"


def test_of_a_phone_that_is_only_said_to_be_busy_nobody_knows_who_began():
    """As Asterisk does with `device_state_busy_at=1`, from the first ring on."""
    play = Play(centre(ONE_AGENT))
    phone(play, DeviceState.NOT_INUSE)
    phone(play, DeviceState.BUSY).after(seconds=1)
    assert play.state("ana") == "busy-other"


def test_nobody_knows_who_began_a_call_that_was_there_before_us():
    play = Play(centre(ONE_AGENT))
    phone(play, DeviceState.INUSE).after(seconds=1)
    assert play.state("ana") == "busy-other"


def test_a_phone_that_is_in_use_by_our_own_call_has_none_of_its_own():
    play = Play(centre(ONE_AGENT, wrap_up_ms=0))
    phone(play, DeviceState.NOT_INUSE)
    play.arrives("c1")
    phone(play, DeviceState.RINGING)
    play.picks_up("c1").bridged("c1")
    phone(play, DeviceState.INUSE).after(seconds=60)
    assert play.state("ana") == "busy-acd"
    play.hangs_up(play.leg("c1"))
    assert play.state("ana") == "ready", "that it is free is told a moment later"
    phone(play, DeviceState.NOT_INUSE).after(seconds=60)
    shown = [said.state.value for said in play.told(AgentStateChanged)]
    assert not any(state.startswith("busy-") and state != "busy-acd" for state in shown)


def test_a_phone_that_stays_in_use_after_our_call_has_one_of_its_own():
    play = Play(centre(ONE_AGENT, wrap_up_ms=0))
    phone(play, DeviceState.NOT_INUSE)
    play.arrives("c1")
    phone(play, DeviceState.RINGING)
    play.picks_up("c1").bridged("c1")
    phone(play, DeviceState.INUSE)
    play.hangs_up(play.leg("c1")).after(seconds=1)
    assert play.state("ana") == "busy-other"


def test_who_begins_a_call_of_his_own_in_wrap_up_is_shown_to_have_it_before_he_is_ready():
    """And nobody waits for him any more because he served him last."""
    play = Play(centre(last_agent_ms=60_000, wrap_up_ms=30_000), ready=("ana",))
    play.arrives("c1").picks_up("c1").bridged("c1")

    def shown() -> tuple[str, str | None, str | None]:
        board = play.told(AgentStateChanged)[-1]
        return board.state, board.pending, board.own_call

    play.hangs_up(play.leg("c1"))
    phone(play, DeviceState.NOT_INUSE)
    assert shown() == ("wrap-up", "ready", None)
    play.ready("bob")
    arrives(play, "c2", known(last="ana"))
    assert len(play.told(RingAgent)) == 1
    phone(play, DeviceState.INUSE).after(seconds=1)
    assert play.told(RingAgent)[-1].agent == "bob"
    (told,) = [one for one in play.told(AgentStateChanged) if one.own_call is not None]
    assert (told.state, told.pending, told.own_call) == ("wrap-up", "ready", "busy-outbound")
    bob = play.leg("c2")
    play.hangs_up("c2").hangs_up(bob).after(seconds=30)
    ana = [one for one in play.told(AgentStateChanged) if one.agent == ANA][-1]
    assert (ana.state, ana.own_call) == ("busy-outbound", "busy-outbound")
    phone(play, DeviceState.NOT_INUSE)
    assert shown() == ("ready", None, None)
    # What an agent's phone does out of his shift is his own affair.
    phone(play, DeviceState.INUSE).after(seconds=1)
    ask(play, requests.LogOut)
    assert shown() == ("logged-out", None, None)


def test_a_call_of_ours_that_is_found_on_a_busy_phone_is_ours():
    """After a restart we may hear of phones before we hear of calls."""
    before = talking()
    leg = before.leg("c1")
    play = Play(centre(ONE_AGENT, wrap_up_ms=0))
    phone(play, DeviceState.INUSE).after(seconds=2)
    assert play.state("ana") == "busy-other"
    bridge = bridge_for(leg)
    there = (seen("c1", bridge=bridge, saved="support|0|0"), seen(leg, bridge=bridge))
    play.tell(events.NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    assert play.state("ana") == "busy-acd"
    assert play.told(AgentStateChanged)[-1].own_call is None
    play.hangs_up(leg)
    phone(play, DeviceState.NOT_INUSE)
    assert play.state("ana") == "ready"


def test_of_two_at_one_phone_neither_has_a_call_of_his_own_while_it_is_the_others():
    whole = centre()
    profiles = {name: replace(one, device="PJSIP/ana") for name, one in whole.agents.items()}
    play = Play(replace(whole, agents=profiles))
    phone(play, DeviceState.NOT_INUSE)
    play.arrives("c1").picks_up("c1").bridged("c1")
    phone(play, DeviceState.INUSE).after(seconds=60)
    assert (play.state("ana"), play.state("bob")) == ("busy-acd", "ready")


def test_who_logs_out_during_a_call_of_his_own_is_off_at_once_and_logs_in_into_it():
    play = Play(centre(ONE_AGENT))
    phone(play, DeviceState.NOT_INUSE)
    phone(play, DeviceState.INUSE).after(seconds=1)
    ask(play, requests.LogOut)
    assert play.state("ana") == "logged-out"
    play.ready("ana")
    assert (play.state("ana"), pending(play)) == ("busy-outbound", "ready")


@pytest.mark.parametrize(
    ("duties", "said"),
    [
        ({"queues": (SUPPORT, SALES)}, "queues: support, sales"),
        ({"queues": ()}, "queues: none"),
        ({"skills": {"fridge": 60, "washer": 2}}, "skills: fridge 60, washer 2"),
        ({"queues": (SALES,), "skills": {}}, "queues: sales; skills: none"),
        ({}, "as the file says"),
    ],
)
def test_what_his_duties_are_is_written_down(duties, said):
    whole = centre()
    bob = replace(whole.agents[BOB], skills={"fridge": 1, "washer": 1})
    play = Play(replace(whole, agents={**whole.agents, BOB: bob}))
    change(play, **duties)
    assert [told.detail for told in play.told(Supervised)] == [said]


def test_a_shift_is_restored_for_everybody_whatever_is_found_of_the_others():
    play = Play(centre({"ana": ("support",), "bob": ("support",), "cy": ("support",)}), ready=())
    play.ready("cy")
    shift = (
        RestoredAgent(agent=AgentId("zoe")),
        RestoredAgent(agent=AgentId("cy")),
        RestoredAgent(agent=ANA, wrap_up="timed", wrap_up_until=play.now + 9_000),
        RestoredAgent(agent=BOB),
    )
    play.tell(ShiftRestored(at=play.now, agents=shift))
    assert [play.state(name) for name in ("ana", "bob", "cy")] == ["wrap-up", "ready", "ready"]


def test_a_shift_that_is_over_leaves_nothing_to_the_next():
    play = talking(wrap_up_ms=0)
    ask(play, requests.LogOut)
    play.hangs_up(play.leg("c1"))
    agent = play.engine.state.agents[ANA]
    assert play.state("ana") == "logged-out" and not agent.causes and not agent.leaving


def test_who_goes_off_shift_while_his_phone_and_his_client_are_away_is_not_waited_for():
    play = Play(with_client(), ready=())
    play.tell(events.ClientFound(at=play.now, agent=ANA))
    phone(play.ready("ana"), DeviceState.UNAVAILABLE)
    play.tell(events.ClientGone(at=play.now, agent=ANA))
    ask(play, requests.LogOut).skip().after(seconds=60).then_nothing()
    assert play.state("ana") == "logged-out" and play.engine.next_deadline() is None
