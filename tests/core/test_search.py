"""Who is asked: skills, rings that widen, and who served the caller last."""

from acd.core.configuration import Membership, Overflow, Ring, WhenUnstaffed
from acd.core.events import Configured
from acd.core.ids import AgentId
from acd.core.notices import Repaired
from acd.core.requests import BecomeNotReady, LogIn, LogOut, MoveCall, SetRequirement
from acd.core.timers import WidenDue
from tests.core.rules import arrives, known, released, rung, with_agent, with_rules
from tests.play import SALES, SUPPORT, Play, call_id, centre

CHINESE = {"chinese": 80}


def expert_and_novice(**rules: object):
    configuration = with_rules(**rules)
    configuration = with_agent(configuration, "ana", skills={"fridge": 90}, team="experts")
    return with_agent(configuration, "bob", skills={"fridge": 20})


def out(play: Play, agent: str) -> Play:
    return play.tell(LogOut(at=play.now, request="r", by="x", agent=AgentId(agent)))


def test_a_queue_that_requires_a_skill_is_served_by_who_has_it():
    play = Play(expert_and_novice(requires="fridge >= 50"), ready=("bob",))
    arrives(play, "c1")
    assert rung(play) == []
    play.ready("ana")
    assert rung(play) == [("c1", "ana")]


def test_rings_widen_while_the_caller_waits_and_keep_his_place():
    rings = (Ring(requires="fridge >= 50", for_ms=20_000), Ring())
    play = Play(expert_and_novice(rings=rings), ready=("bob", "ana"))
    arrives(play, "c0")  # Takes the expert.
    arrives(play, "c1").after(seconds=5)
    arrives(play, "c2")
    assert rung(play) == [("c0", "ana")]
    play.picks_up("c0").bridged("c0").after(seconds=15)
    assert rung(play) == [("c0", "ana"), ("c1", "bob")]


def test_a_ring_of_a_team():
    rings = (Ring(teams=("experts",), for_ms=10_000), Ring())
    play = Play(expert_and_novice(rings=rings))
    arrives(play, "c1")
    arrives(play, "c2").after(seconds=9)
    assert rung(play) == [("c1", "ana")]
    play.after(seconds=1)
    assert rung(play)[1] == ("c2", "bob")


def test_a_ring_for_which_nobody_is_on_shift_is_skipped_at_once():
    rings = (Ring(requires="fridge >= 50", for_ms=20_000), Ring())
    play = Play(expert_and_novice(rings=rings), ready=("bob",))
    arrives(play, "c1")
    assert rung(play) == [("c1", "bob")]


def test_when_the_last_of_a_ring_goes_off_shift_its_callers_move_on_at_once():
    rings = (Ring(requires="fridge >= 50", for_ms=60_000), Ring())
    play = Play(expert_and_novice(rings=rings))
    arrives(play, "c1")
    arrives(play, "c2")
    play.picks_up("c1").bridged("c1")
    assert rung(play) == [("c1", "ana")]
    out(play, "ana")  # After her call; she takes no other one.
    assert rung(play)[1] == ("c2", "bob")


def test_relaxing_goes_on_while_an_agent_who_fits_does_not_answer():
    rings = (Ring(requires="fridge >= 50", for_ms=10_000), Ring())
    play = Play(expert_and_novice(rings=rings))
    arrives(play, "c1")
    leg = play.leg("c1")
    play.after(seconds=15).hangs_up(leg)
    assert rung(play) == [("c1", "ana"), ("c1", "bob")]


def test_ten_rings():
    rings = tuple(Ring(requires=f"fridge >= {100 - 10 * n}", for_ms=1_000) for n in range(10))
    play = Play(expert_and_novice(rings=rings), ready=("bob",))
    arrives(play, "c1")
    assert rung(play) == [("c1", "bob")], "those for which nobody is there take no time"


def test_rule_changes_reach_calls_already_waiting():
    play = Play(expert_and_novice(requires="fridge >= 95"))
    arrives(play, "c1").after(seconds=30)
    assert rung(play) == []
    play.tell(Configured(at=play.now, configuration=expert_and_novice(requires="fridge >= 50")))
    assert rung(play) == [("c1", "ana")]
    assert play.told(type(play.history[0]))  # The history is kept, and so is his place:
    assert play.engine.state.calls[play.leg("c1").partition("~")[0]].joined_at == play.now - 30_000


def test_a_strategy_can_be_changed_while_calls_wait():
    play = Play(centre(), ready=())
    arrives(play, "c1")
    order = (AgentId("bob"), AgentId("ana"))
    linear = with_rules(strategy="linear", order=order)
    play.tell(Configured(at=play.now, configuration=linear))
    play.ready("ana")
    assert rung(play) == [("c1", "ana")]


# Who served the caller last.


def test_a_repeat_caller_goes_first_to_who_served_him_last():
    play = Play(with_rules(last_agent_ms=20_000))
    arrives(play, "c1", known(last="bob"))
    assert rung(play) == [("c1", "bob")], "though ana has been idle longer"


def test_he_waits_a_short_time_for_an_agent_who_is_on_the_phone_and_then_takes_anybody():
    play = Play(with_rules(last_agent_ms=20_000), ready=("bob",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1", known(last="bob"))
    play.ready("ana")
    assert rung(play) == [("c0", "bob")], "ana is free, and bob is waited for"
    play.after(seconds=20)
    assert rung(play)[1] == ("c1", "ana")


def test_the_last_agent_takes_him_before_those_who_have_waited_longer():
    configuration = with_rules(last_agent_ms=20_000, wrap_up_ms=0)
    play = Play(configuration, ready=("bob",))
    arrives(play, "c0").picks_up("c0").bridged("c0").after(seconds=1)
    arrives(play, "c1", known(last="bob")).after(seconds=5)
    leg = play.leg("c0")
    play.hangs_up("c0").hangs_up(leg)
    assert rung(play)[1] == ("c1", "bob")


def test_nobody_waits_for_an_agent_on_a_break_or_off_shift():
    play = Play(with_rules(last_agent_ms=20_000), ready=("ana",))
    arrives(play, "c1", known(last="bob"))
    assert rung(play) == [("c1", "ana")]


def test_an_agent_who_goes_on_a_break_is_waited_for_no_longer():
    play = Play(with_rules(last_agent_ms=20_000), ready=("bob",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1", known(last="bob"))
    play.ready("ana")
    assert rung(play) == [("c0", "bob")]
    play.tell(
        BecomeNotReady(at=play.now, request="r", by="x", agent=AgentId("bob"), reason="lunch")
    )
    assert rung(play)[1] == ("c1", "ana"), "a break after this call is a break"


def test_a_last_agent_who_refuses_is_not_waited_for():
    play = Play(with_rules(last_agent_ms=20_000))
    arrives(play, "c1", known(last="bob"))
    play.hangs_up(play.leg("c1"), cause=21)
    assert rung(play) == [("c1", "bob"), ("c1", "ana")]


# Nobody there at all.


def test_who_comes_when_nobody_is_there_is_given_back_if_the_queue_says_so():
    play = Play(with_rules(when_unstaffed=WhenUnstaffed.LEAVE), ready=())
    arrives(play, "c1")
    assert released(play) == [("c1", "unstaffed")]


def test_who_waits_when_the_last_agent_goes_is_given_back_if_the_queue_says_so():
    play = Play(with_rules(when_unstaffed=WhenUnstaffed.LEAVE), ready=("ana",))
    play.tell(BecomeNotReady(at=play.now, request="r", by="x", agent=AgentId("ana"), reason="x"))
    arrives(play, "c1")
    assert released(play) == [], "a break is not the end of a shift"
    out(play, "ana")
    assert released(play) == [("c1", "unstaffed")]


def test_who_waits_for_whom_he_knows_is_given_back_with_the_others_when_that_one_goes():
    rules = with_rules(when_unstaffed=WhenUnstaffed.LEAVE, last_agent_ms=20_000)
    play = Play(rules, ready=("ana",))
    arrives(play, "c1").picks_up("c1").bridged("c1")
    arrives(play, "c2", known(last="ana"))
    out(play, "ana")
    assert released(play) == [("c2", "unstaffed")]


def test_nobody_is_kept_in_a_last_ring_when_nobody_is_there_in_any():
    rings = (Ring(requires="fridge", for_ms=60_000), Ring(requires="gas"))
    rules = with_rules(when_unstaffed=WhenUnstaffed.LEAVE, rings=rings)
    play = Play(with_agent(rules, "ana", skills={"fridge": 50}), ready=("ana",))
    play.tell(BecomeNotReady(at=play.now, request="r", by="x", agent=AgentId("ana"), reason="x"))
    arrives(play, "c1")
    out(play, "ana")
    assert released(play) == [("c1", "unstaffed")]


def test_who_goes_off_shift_while_a_phone_rings_is_missed_when_it_has_rung_out():
    rings = (Ring(requires="fridge", for_ms=3_000), Ring(requires="gas", for_ms=60_000), Ring())
    rules = with_agent(with_rules(rings=rings), "ana", skills={"fridge": 50})
    play = Play(with_agent(rules, "bob", skills={"gas": 50}), ready=("ana",))
    arrives(play, "c1")
    play.tell(LogIn(at=play.now, request="r", by="x", agent=AgentId("bob")))
    play.after(seconds=4)  # While ana's phone rings, the ring of those who know gas has come.
    out(play, "bob")
    play.hangs_up(play.leg("c1"), cause=21)
    assert play.engine.state.calls[call_id("c1")].ring == 2


def test_a_last_agent_who_has_refused_is_not_waited_for_again_after_a_change_of_rules():
    configuration = with_rules(last_agent_ms=20_000)
    play = Play(configuration, ready=("bob",))
    arrives(play, "c1", known(last="bob"))
    play.hangs_up(play.leg("c1"), cause=21)
    play.tell(Configured(at=play.now, configuration=configuration))
    play.ready("ana")
    assert rung(play)[1] == ("c1", "ana")


def test_a_change_of_rules_that_leaves_nobody_gives_back_who_waits():
    leave = with_rules(when_unstaffed=WhenUnstaffed.LEAVE)
    play = Play(leave, ready=("ana",))
    arrives(play, "c0")
    arrives(play, "c1")
    asks = with_rules(when_unstaffed=WhenUnstaffed.LEAVE, requires="gas")
    play.tell(Configured(at=play.now, configuration=asks))
    assert released(play) == [("c1", "unstaffed")], "a phone rings for the other"


def test_a_last_agent_whom_the_wider_ring_does_not_ask_is_not_waited_for():
    rings = (Ring(requires="fridge", for_ms=5_000), Ring(teams=("late",)))
    configuration = with_rules(last_agent_ms=20_000, rings=rings, wrap_up_ms=0)
    configuration = with_agent(configuration, "bob", skills={"fridge": 50})
    play = Play(with_agent(configuration, "ana", team="late"), ready=("bob",))
    arrives(play, "c0").picks_up("c0").bridged("c0")
    arrives(play, "c1", known(last="bob"))
    play.ready("ana").after(seconds=5)
    assert rung(play)[1:] == [("c1", "ana")]
    leg = play.leg("c0")
    play.hangs_up("c0").hangs_up(leg).after(seconds=60)
    assert play.told(Repaired) == []


class _Counted(dict):
    """A dict that knows how often somebody was looked up in it."""

    looks = 0

    def __getitem__(self, key):
        self.looks += 1
        return super().__getitem__(key)


def test_who_comes_on_shift_or_goes_on_a_break_has_nobody_look_at_all_who_wait():
    play = Play(centre(), ready=("ana",))
    for number in range(50):
        arrives(play, f"c{number}")
    calls = play.engine.state.calls = _Counted(play.engine.state.calls)
    name = AgentId("bob")
    play.tell(LogIn(at=play.now, request="r", by="bob", agent=name))
    play.tell(LogOut(at=play.now, request="r", by="bob", agent=name))
    assert calls.looks == 0


def three_teams(*on_shift: str, **rules: object) -> Play:
    """Ana is of the first ring's team, bob of the second's, cy of the last's."""
    agents = dict.fromkeys(("ana", "bob", "cy"), ("support",))
    teams = {"ana": "gold", "bob": "silver", "cy": "tin"}
    rings = tuple(Ring(teams=(team,), for_ms=10_000) for team in teams.values())
    configuration = with_rules(centre(agents), rings=rings, **rules)
    for name, team in teams.items():
        configuration = with_agent(configuration, name, team=team)
    return Play(configuration, ready=on_shift)


def test_ring_after_ring_and_on_the_last_one_the_search_stays():
    play = three_teams("ana", "bob", "cy")
    for number in range(3):  # Each is on shift, and has a call.
        play.arrives(f"t{number}").after(seconds=number * 10)
        play.picks_up(f"t{number}").bridged(f"t{number}")
    play.arrives("c1")
    call = play.engine.state.calls[call_id("c1")]
    for ring in (0, 1, 2):
        assert call.ring == ring
        play.after(seconds=10)
    assert call.ring == 2
    assert WidenDue(call_id("c1")) not in play.engine.state.timers._pending.values()


def test_the_first_ring_that_is_staffed_is_entered_at_once_and_the_last_one_if_none_is():
    assert rung(three_teams("bob", "cy").arrives("c1")) == [("c1", "bob")]
    play = three_teams().arrives("c1")
    assert play.engine.state.calls[call_id("c1")].ring == 2
    assert rung(play.ready("cy")) == [("c1", "cy")]


def test_what_was_due_in_one_queue_is_not_due_in_another():
    """The next ring, the agents of a delay, a step of overflow: see what `Play` asks after each input."""
    rules = {
        "rings": (Ring(for_ms=20_000), Ring()),
        "overflow": (Overflow(after_ms=40_000, queue=SALES),),
    }
    configuration = with_rules(centre({"ana": ("support",), "sol": ("sales",)}), **rules)
    later = {SUPPORT: Membership(after_ms=30_000)}
    play = Play(with_agent(configuration, "ana", memberships=later), ready=())
    play.arrives("c1").after(seconds=10)
    play.tell(MoveCall(at=play.now, request="r", by="sue", call=call_id("c1"), queue=SALES))
    assert rung(play.ready("sol")) == [("c1", "sol")]
    # The same where the queue's rules are others by now.
    play = Play(with_agent(configuration, "ana", memberships=later), ready=()).arrives("c1")
    play.tell(Configured(at=play.now, configuration=centre({"ana": ("support",)})))
    assert rung(play.ready("ana")) == [("c1", "ana")]


def test_of_those_who_ask_for_different_things_only_who_asks_for_the_one_who_goes_moves_on():
    agents = dict.fromkeys(("ana", "bob"), ("support",))
    rules = {"when_unstaffed": WhenUnstaffed.LEAVE, "last_agent_ms": 60_000}
    configuration = with_rules(centre(agents), **rules)
    for name, skill in (("ana", "oven"), ("bob", "fridge")):
        configuration = with_agent(configuration, name, skills={skill: 90})
    play = Play(configuration)
    for name in ("t1", "t2"):
        arrives(play, name).picks_up(name).bridged(name)
    arrives(play, "c0", known(last="bob"))
    for name, skill in (("c1", "fridge"), ("c2", "oven"), ("c3", "fridge")):
        arrives(play, name)
        asked = SetRequirement(
            at=play.now, request="r", by="sue", call=call_id(name), requires=skill
        )
        play.tell(asked)
    out(play, "ana")
    assert released(play) == [("c2", "unstaffed")]


def test_nobody_is_sent_away_while_somebody_of_a_wider_ring_is_on_shift():
    play = three_teams("cy", when_unstaffed=WhenUnstaffed.LEAVE)
    assert released(play.arrives("c1")) == []
    assert rung(play) == [("c1", "cy")]


def test_who_served_him_last_and_does_not_serve_this_queue_is_not_waited_for():
    agents = {"ana": ("support",), "bob": ("sales",)}
    play = Play(with_rules(centre(agents), last_agent_ms=20_000))
    arrives(play, "c1", known(last="bob"))
    assert rung(play) == [("c1", "ana")]


def test_where_the_queue_does_not_say_so_nobody_is_kept_for_who_served_him_last():
    play = Play(centre(), ready=("ana", "bob"))
    arrives(play, "c1", known(last="bob"))
    assert rung(play) == [("c1", "ana")]
