"""A queue that is too much is relieved step by step: when, by what, and what each caller keeps."""

from dataclasses import replace

import pytest

from acd.core.configuration import AtClosing, Configuration, Overflow, WhenUnstaffed
from acd.core.estimate import Forecast
from acd.core.events import Configured, NodeFound, NodeLost
from acd.core.explain import why, why_not
from acd.core.handlers import overflow
from acd.core.hours import Calendar
from acd.core.ids import AgentId, QueueId
from acd.core.notices import CallOverflowed, CallQueued
from acd.core.requests import BecomeNotReady, LogIn, LogOut, TransferToQueue
from acd.core.timers import OverflowDue
from tests.core.rules import arrives, released, rung, with_agent, with_rules
from tests.core.test_estimate import seasoned
from tests.core.test_waiting import busy
from tests.play import NODE, SALES, START, SUPPORT, Play, call_id, centre, seen

TWO = {"ana": ("support",), "sol": ("sales",)}


def steps(*several: Overflow, agents: dict[str, tuple[str, ...]] | None = None) -> Configuration:
    return with_rules(centre(agents or TWO), overflow=several)


def where(play: Play) -> dict[str, str]:
    """In which queue each call waits."""
    calls = play.engine.state.calls.values()
    return {call.id.partition(":")[2]: str(call.queue) for call in calls}


# What a step does.


def test_overflow_keeps_the_time_waited_and_the_priority():
    play = busy(overflow=(Overflow(after_ms=30_000, queue=SALES),))
    arrives(play, "c1").after(seconds=30)
    queued = play.told(CallQueued)
    assert [(one.queue, one.joined_at) for one in queued] == [
        ("support", queued[0].joined_at),
        ("sales", queued[0].joined_at),
    ]
    (told,) = play.told(CallOverflowed)
    assert (told.queue, told.step, told.to, told.result) == (SUPPORT, 1, SALES, None)


def test_overflow_yields_to_an_agent_who_is_just_answering():
    rules = {"overflow": (Overflow(after_ms=10_000, queue=SALES),)}
    play = Play(with_rules(centre({"ana": ("support",)}), **rules), ready=())
    arrives(play, "c1").after(seconds=5)
    play.ready("ana").after(seconds=6)
    play.picks_up("c1").bridged("c1").after(seconds=30)
    assert len(play.told(CallQueued)) == 1


def test_queues_that_overflow_into_each_other_are_no_endless_loop():
    there = with_rules(
        centre({"ana": (SUPPORT,)}), overflow=(Overflow(after_ms=1_000, queue=SALES),)
    )
    back = Overflow(after_ms=1_000, queue=SUPPORT)
    play = Play(with_rules(there, queue=SALES, overflow=(back,)), ready=())
    arrives(play, "c1").after(seconds=60)
    assert len(play.told(CallQueued)) == 11
    play.ready("ana").picks_up("c1").bridged("c1")
    asked = {"at": play.now, "request": "r", "by": "ana"}
    play.tell(BecomeNotReady(agent=AgentId("ana"), reason="break", **asked))
    play.tell(TransferToQueue(call=call_id("c1"), queue=SUPPORT, **asked))
    assert len(play.after(seconds=60).told(CallQueued)) == 22, "who is handed on begins anew"


def test_a_step_that_widens_asks_other_agents_too_and_the_own_ones_first():
    play = Play(steps(Overflow(after_ms=30_000, also=(SALES,))), ready=("sol",))
    arrives(play, "c1").after(seconds=29)
    assert rung(play) == []
    play.after(seconds=1)
    assert rung(play) == [("c1", "sol")]
    (told,) = play.told(CallOverflowed)
    assert (told.queue, told.step, told.also, told.to) == (SUPPORT, 1, (SALES,), None)
    assert where(play) == {"c1": "support"}, "he waits where he waited, under its rules"
    play = Play(steps(Overflow(waiting=1, also=(SALES,))), ready=())
    arrives(play, "c1")
    play.ready("sol")
    assert rung(play) == [("c1", "sol")]
    play = Play(steps(Overflow(waiting=1, also=(SALES,))), ready=())
    arrives(play, "c1")
    arrives(play, "c2")
    play.ready("ana")
    assert rung(play) == [("c1", "ana")], "and for his own agents nothing has changed"


def test_steps_come_one_after_the_other_and_each_once():
    several = (
        Overflow(after_ms=10_000, also=(SALES,)),
        Overflow(after_ms=20_000, also=(QueueId("gone"),)),
        Overflow(after_ms=30_000, leave="callback"),
    )
    play = busy(steps(*several))
    arrives(play, "c1").after(seconds=29)
    assert [told.step for told in play.told(CallOverflowed)] == [1, 2]
    play.tell(Configured(at=play.now, configuration=play.engine.state.configuration))
    play.after(seconds=5)
    assert [told.step for told in play.told(CallOverflowed)] == [1, 2, 3]
    assert play.told(CallOverflowed)[-1].result == "callback"
    assert released(play) == [("c1", "callback")]


def test_who_was_asked_too_is_found_among_those_of_one_order():
    play = Play(steps(Overflow(after_ms=5_000, also=(SALES,))), ready=())
    arrives(play, "old").after(seconds=20)
    arrives(play, "new", queue=SALES).after(seconds=1)
    play.ready("sol")
    assert rung(play) == [("old", "sol")], "he has waited longer, though in another queue"


def test_somebody_who_is_asked_too_counts_as_staff():
    rules = {
        "when_unstaffed": WhenUnstaffed.LEAVE,
        "overflow": (Overflow(after_ms=5_000, also=(SALES,)),),
    }
    play = Play(with_rules(centre(TWO), **rules), ready=("ana",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1").after(seconds=6)
    come_on_shift(play, "sol")
    play.tell(LogOut(at=play.now, request="r", by="x", agent=AgentId("ana")))
    assert released(play) == []
    play.tell(LogOut(at=play.now, request="r", by="x", agent=AgentId("sol")))
    assert released(play) == [("c1", "unstaffed")]


def come_on_shift(play: Play, agent: str) -> None:
    play.tell(LogIn(at=play.now, request="r", by=agent, agent=AgentId(agent)))


# When it does it.


def test_of_a_queue_that_is_too_long_the_last_ones_wait_elsewhere():
    play = busy(steps(Overflow(waiting=3, queue=SALES)))
    for name in ("c1", "c2", "c3", "c4"):
        arrives(play, name).after(seconds=1)
    assert where(play) == {"c1": "support", "c2": "support", "c3": "sales", "c4": "sales"}


def test_a_place_too_far_behind():
    play = busy(steps(Overflow(ahead=2, leave="callback")))
    for name in ("c1", "c2", "c3"):
        arrives(play, name).after(seconds=1)
    assert released(play) == [("c3", "callback")]


def test_callers_for_each_agent_on_shift_are_counted_again_when_one_goes():
    agents = {"ana": ("support",), "bob": ("support",), "sol": ("sales",)}
    play = busy(steps(Overflow(per_agent=2, queue=SALES), agents=agents))
    for name in ("c1", "c2", "c3"):
        arrives(play, name).after(seconds=1)
    assert set(where(play).values()) == {"support"}, "three for two agents"
    play.tell(LogOut(at=play.now, request="r", by="x", agent=AgentId("ana")))
    assert where(play) == {"c1": "support", "c2": "sales", "c3": "sales"}


def test_an_expected_wait_counts_only_while_forecasts_are_good():
    play = Play(steps(Overflow(expected_ms=120_000, queue=SALES)), ready=("ana",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    experience = seasoned(60_000)
    play.engine.state.experience[SUPPORT] = experience
    for name in ("c1", "c2", "c3", "c4"):
        arrives(play, name)
    assert set(where(play).values()) == {"support"}, "nothing is known of how good they are"
    for number in range(100):  # Eight of ten within the upper figure.
        forecast = experience.forecast(ahead=3, free=0, agents=1, at=0)
        assert forecast is not None
        experience.served(forecast, 1 if number % 5 else 10_000_000)
    assert experience.good
    arrives(play, "c5")
    assert where(play) == {
        "c0": "support",
        "c1": "support",
        "c2": "support",
        "c3": "sales",
        "c4": "sales",
        "c5": "sales",
    }


def test_all_conditions_of_a_step_have_to_hold():
    play = busy(steps(Overflow(after_ms=10_000, waiting=2, queue=SALES)))
    arrives(play, "c1").after(seconds=20)
    assert where(play) == {"c1": "support"}, "he is alone"
    arrives(play, "c2").after(seconds=1)
    assert where(play) == {"c1": "sales", "c2": "support"}, (
        "two wait, and he alone has waited so long"
    )


# When it does not.


def test_with_an_idle_agent_nobody_overflows():
    play = Play(steps(Overflow(waiting=1, leave="callback")))
    arrives(play, "c1")
    assert rung(play) == [("c1", "ana")]
    play.hangs_up(play.leg("c1"), cause=21)  # She rejects: now he waits in earnest.
    assert released(play) == [("c1", "callback")]


@pytest.mark.parametrize("trouble", ["closed", "full", "unstaffed", "gone"])
def test_a_queue_where_he_may_not_wait_relieves_nobody_until_he_may(trouble):
    open_later = Calendar(spans=((START + 60_000, START + 900_000),), known_until=START + 900_000)
    configuration = steps(Overflow(after_ms=10_000, queue=SALES))
    rules = {
        "closed": {"hours": "office", "at_closing": AtClosing.LEAVE},
        "full": {"most_waiting": 1},
        "unstaffed": {"when_unstaffed": WhenUnstaffed.LEAVE},
        "gone": {},
    }[trouble]
    configuration = with_rules(configuration, queue=SALES, **rules)
    if trouble == "closed":
        configuration = replace(configuration, calendars={"office": open_later})
    if trouble == "gone":
        configuration = replace(configuration, queues={SUPPORT: configuration.queues[SUPPORT]})
    play = Play(configuration, ready=())
    if trouble == "full":
        arrives(play, "other", queue=SALES)
    arrives(play, "c1").after(seconds=50)
    assert where(play)["c1"] == "support" and released(play) == []
    if trouble == "full":
        play.hangs_up("other")
    if trouble == "unstaffed":
        come_on_shift(play, "sol")
    play.after(seconds=20)
    assert where(play)["c1"] == ("support" if trouble == "gone" else "sales")


def test_who_waits_at_an_asterisk_that_we_do_not_hear_is_relieved_when_we_do():
    play = busy(steps(Overflow(after_ms=10_000, queue=SALES)))
    arrives(play, "c1").after(seconds=5)
    play.tell(NodeLost(at=play.now, node=NODE)).after(seconds=10)
    assert where(play) == {"c1": "support"}
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(seen("c1"),)))
    assert where(play) == {"c1": "sales"}


@pytest.mark.parametrize("plain", [1, 2])
def test_of_those_who_come_at_once_the_last_who_cannot_be_served_now_goes_elsewhere(plain):
    configuration = with_rules(centre(TWO), overflow=(Overflow(waiting=4, queue=SALES),))
    configuration = with_agent(configuration, "sol", skills={"fridge": 1})
    play = Play(configuration, ready=("ana",))
    notes = ["support|0|{}|||fridge"] * (4 - plain) + ["support|0|{}"] * plain
    there = [
        seen(f"c{place}", saved=note.format(START + place)) for place, note in enumerate(notes)
    ]
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=tuple(there)))
    moved = [name for name, queue in where(play).items() if queue == SALES]
    assert moved == [f"c{3 - plain}"], "ana is about to take one of the others"


def test_a_wait_that_is_expected_to_be_just_so_long_is_enough():
    experience = seasoned(60_000)
    for number in range(100):
        experience.served(Forecast(at=0, median_ms=1, upper_ms=1), 1 if number % 5 else 2)
    expected = experience.forecast(ahead=0, free=0, agents=1, at=0)
    assert experience.good and expected is not None
    play = Play(steps(Overflow(expected_ms=expected.median_ms, queue=SALES)), ready=("ana",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    play.engine.state.experience[SUPPORT] = experience
    arrives(play, "c1")
    assert where(play)["c1"] == "sales"


def test_hundreds_who_wait_are_not_looked_at_for_one_who_comes(monkeypatch: pytest.MonkeyPatch):
    play = busy(steps(Overflow(waiting=5_000, queue=SALES)))
    for number in range(200):
        arrives(play, f"c{number}")
    looked: list[str] = []
    holds = overflow._holds
    monkeypatch.setattr(
        overflow,
        "_holds",
        lambda state, call, *rest: looked.append(call.id) or holds(state, call, *rest),
    )
    arrives(play, "last")
    assert looked == [call_id("last")]


# Why.


def test_why_says_who_will_be_asked_and_by_which_step():
    play = Play(steps(Overflow(after_ms=60_000, also=(SALES,))), ready=("sol",))
    arrives(play, "c1")
    told = why_not(play.engine.state, AgentId("sol"), call_id("c1"), play.now)
    assert told.rule == "overflow" and "step 1 of support" in told.detail
    assert {one.agent for one in why(play.engine.state, call_id("c1"), play.now)} == {"ana", "sol"}
    play.after(seconds=60)
    assert why_not(play.engine.state, AgentId("sol"), call_id("c1"), play.now).rule is None


def test_why_says_with_what_a_call_was_given_back():
    play = busy(steps(Overflow(after_ms=10_000, leave="callback")))
    arrives(play, "c1").after(seconds=10)
    told = why_not(play.engine.state, AgentId("ana"), call_id("c1"), play.now)
    assert (told.rule, told.detail) == (
        "not-waiting",
        "the call is leaving, given back with callback",
    )


def test_two_steps_that_lead_where_he_may_not_wait_do_not_take_turns_without_end():
    several = (Overflow(waiting=1, queue=SALES), Overflow(after_ms=10_000, queue=SALES))
    alone = with_rules(steps(*several), queue=SALES, when_unstaffed=WhenUnstaffed.LEAVE)
    play = arrives(Play(alone, ready=()), "c1").after(seconds=60)
    assert where(play) == {"c1": "support"} and not play.told(CallOverflowed)
    play.ready("sol").after(seconds=30)
    assert rung(play) == [("c1", "sol")]


def test_a_step_for_which_nobody_need_wait_wakes_nobody_up():
    play = busy(overflow=(Overflow(waiting=5, queue=SALES),))
    arrives(play, "c1")
    assert OverflowDue(call_id("c1")) not in play.engine.state.timers._pending.values()
