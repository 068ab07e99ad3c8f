"""Whether a caller may wait, how long, who comes first, and where he waits next."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from acd.core.configuration import AtClosing
from acd.core.estimate import Forecast
from acd.core.events import (
    CallArrived,
    CallLeft,
    Configured,
    Entry,
    KeyPressed,
    NodeFound,
    NodeLost,
)
from acd.core.hours import Calendar
from acd.core.ids import AgentId
from acd.core.notices import CallEnded, CallQueued, Ending, Misconfigured
from acd.core.requests import BecomeNotReady
from acd.core.wishes import Wishes
from tests.core.rules import arrives, known, released, rung, with_agent, with_rules
from tests.play import NODE, SALES, START, SUPPORT, Play, Said, call_id, centre, channel, seen

HOUR = 3_600_000


def busy(configuration=None, **rules: object) -> Play:
    """A centre where everybody is on shift and nobody is free."""
    play = Play(with_rules(configuration, **rules))
    for name in list(play.engine.state.agents):
        play.tell(BecomeNotReady(at=play.now, request="r", by="x", agent=name, reason="x"))
    return play


def key(play: Play, name: str, pressed: str) -> Play:
    return play.tell(KeyPressed(at=play.now, channel=channel(name), key=pressed))


def test_who_comes_when_the_queue_is_full_is_given_back():
    play = busy(most_waiting=2)
    for name in ("c1", "c2", "c3"):
        arrives(play, name)
    assert released(play) == [("c3", "queue-full")]
    play.tell(CallLeft(at=play.now, channel=channel("c3"))).skip()
    play.hangs_up("c1")
    arrives(play, "c4")
    assert len(released(play)) == 1


def test_who_was_refused_is_told_so_in_the_ledger():
    play = busy(most_waiting=1)
    arrives(play, "c1")
    arrives(play, "c2").skip()
    play.tell(CallLeft(at=play.now, channel=channel("c2"))).then(
        Said(CallEnded, ending=Ending.RELEASED, detail="queue-full", queue="support", waited_ms=0)
    )


def test_who_has_waited_too_long_is_given_back():
    play = busy(longest_wait_ms=60_000)
    arrives(play, "c1").after(seconds=59)
    assert released(play) == []
    play.after(seconds=1)
    assert released(play) == [("c1", "max-wait")]


def test_who_is_being_rung_for_is_not_taken_away_for_having_waited_too_long():
    play = Play(with_rules(centre({"ana": ("support",)}), longest_wait_ms=10_000), ready=())
    arrives(play, "c1").after(seconds=5)
    play.ready("ana").after(seconds=9)
    assert released(play) == [], "her phone rings"
    play.picks_up("c1").bridged("c1").after(seconds=60)
    assert released(play) == []


def test_a_key_that_leads_out():
    play = busy(exit_keys={"1": "voicemail"})
    arrives(play, "c1")
    key(play, "c1", "2")
    assert released(play) == []
    key(play, "c1", "1")
    assert released(play) == [("c1", "voicemail")]


def test_a_key_that_leads_out_while_a_phone_rings_ends_the_ringing():
    play = Play(with_rules(exit_keys={"1": "voicemail"}))
    arrives(play, "c1")
    leg = play.leg("c1")
    key(play, "c1", "1")
    assert released(play) == [("c1", "voicemail")]
    play.hangs_up(leg)
    assert play.state("ana") == "ready"


# Hours.


def with_hours(at_closing: AtClosing = AtClosing.FINISH):
    configuration = with_rules(hours="office", at_closing=at_closing)
    calendar = Calendar(
        spans=((START - HOUR, START + HOUR), (START + 3 * HOUR, START + 4 * HOUR)),
        known_until=START + 4 * HOUR,
    )
    return replace(configuration, calendars={"office": calendar})


def test_who_comes_when_it_is_closed_is_given_back_and_it_opens_again_by_itself():
    play = Play(with_hours())
    play.after(seconds=3600)
    arrives(play, "c1")
    assert released(play) == [("c1", "closed")]
    play.after(seconds=2 * 3600)
    arrives(play, "c2")
    assert rung(play) == [("c2", "ana")]


def test_a_queue_that_has_no_hours_any_more_is_open_and_closes_no_more():
    play = busy(with_hours(AtClosing.LEAVE))
    play.tell(Configured(at=play.now, configuration=with_rules()))
    arrives(play, "c1").after(seconds=3700)
    assert released(play) == []


def test_at_closing_those_who_wait_are_served_or_given_back_as_the_queue_says():
    for at_closing, given_back in ((AtClosing.FINISH, []), (AtClosing.LEAVE, [("c1", "closed")])):
        play = busy(with_hours(at_closing))
        play.after(seconds=3590)
        arrives(play, "c1").after(seconds=20)
        assert released(play) == given_back


def test_who_is_rung_for_at_closing_is_served_or_sent_home_when_it_comes_to_nothing():
    for picks_up, given_back in ((True, []), (False, [("c1", "closed")])):
        configuration = with_hours(AtClosing.LEAVE)
        play = Play(configuration, ready=())
        play.after(seconds=3590)
        arrives(play, "c1").after(seconds=1)
        play.ready("ana").after(seconds=12)
        assert released(play) == [], "her phone rings"
        if picks_up:
            play.picks_up("c1").bridged("c1")
        else:
            play.hangs_up(play.leg("c1"), cause=21)
        play.after(seconds=1)
        assert released(play) == given_back


def test_who_could_not_be_sent_home_at_closing_is_when_we_hear_him_again():
    play = busy(with_hours(AtClosing.LEAVE))
    play.after(seconds=3590)
    arrives(play, "c1").after(seconds=1)
    play.tell(NodeLost(at=play.now, node=NODE)).after(seconds=20)
    assert released(play) == []
    there = (seen("c1"),)
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there)).after(seconds=1)
    assert released(play) == [("c1", "closed")]


def test_closing_while_we_are_away_is_made_up_for():
    for at_closing, given_back in ((AtClosing.FINISH, []), (AtClosing.LEAVE, [("c1", "closed")])):
        play = Play(with_hours(at_closing), ready=())
        play.after(seconds=3700)
        note = f"support|0|{START + 3_500_000}"
        there = (seen("c1", saved=note, created_at=START + 3_400_000),)
        play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
        play.after(seconds=1)
        assert released(play) == given_back


# Order.


def test_a_heavier_queue_ages_faster():
    both = {"ana": ("support", "sales")}
    play = Play(with_rules(centre(both), queue=SALES, weight=3), ready=())
    arrives(play, "old").after(seconds=10)
    arrives(play, "new", queue=SALES).after(seconds=10)
    play.ready("ana")
    assert rung(play) == [("new", "ana")], "10 s × 3 is more than 20 s × 1"
    assert {n.queue: n.weight for n in play.told(CallQueued)} == {SUPPORT: 1, SALES: 3}


def test_repeat_callers_and_segments_count_as_having_waited_longer():
    rules = {"repeat_bonus_ms": 30_000, "segment_bonus_ms": {"vip": 60_000}}
    play = Play(with_rules(centre({"ana": ("support",)}), **rules), ready=())
    arrives(play, "plain").after(seconds=20)
    arrives(play, "again", known(last="nobody")).after(seconds=20)
    arrives(play, "vip", known(segment="vip")).after(seconds=20)
    order = []
    for _ in range(3):
        play.ready("ana")
        order.append(rung(play)[-1][0])
        leg = play.leg(order[-1])
        play.hangs_up(order[-1]).hangs_up(leg)
    assert order == ["vip", "again", "plain"]


QUEUES = st.sampled_from(["support", "sales"])
CALLS = st.lists(
    st.tuples(QUEUES, st.integers(0, 20), st.sampled_from([None, "vip"]), st.booleans()),
    min_size=2,
    max_size=8,
)


@given(CALLS, st.integers(1, 5))
def test_nobody_is_overtaken_by_a_lower_score(calls, weight):
    rules = {"repeat_bonus_ms": 15_000, "segment_bonus_ms": {"vip": 7_000}}
    both = centre({"ana": ("support", "sales")})
    play = Play(
        with_rules(with_rules(both, **rules), queue=SALES, weight=weight, **rules), ready=()
    )
    scores = {}
    for number, (queue, pause, segment, repeat) in enumerate(calls):
        name = f"c{number}"
        arrives(play, name, known(last="x" if repeat else None, segment=segment), queue=queue)
        bonus = (15_000 if repeat else 0) + (7_000 if segment else 0)
        scores[name] = (queue, play.now, bonus)
        play.after(seconds=pause)
    while scores:
        play.ready("ana")
        taken = rung(play)[-1][0]
        now = {
            name: (weight if queue == "sales" else 1) * (play.now - joined_at) + bonus
            for name, (queue, joined_at, bonus) in scores.items()
        }
        assert now[taken] == max(now.values())
        leg = play.leg(taken)
        del scores[taken]
        play.hangs_up(taken).hangs_up(leg)


def test_agents_who_are_free_serve_other_queues_than_their_first_one():
    play = Play(centre({"ana": ("support", "sales")}))
    arrives(play, "c1", queue=SALES)
    assert rung(play) == [("c1", "ana")]
    assert play.engine.state.agents[AgentId("ana")].last_rung == play.now


def test_who_is_recognised_late_gets_his_place_all_the_same():
    configuration = with_rules(segment_bonus_ms={"vip": 120_000}, wrap_up_ms=0)
    play = Play(configuration, ready=())
    arrives(play, "c1", known()).after(seconds=1)
    play.tell(CallArrived(at=play.now, channel=channel("c2"), entry=Entry.QUEUE, target="support"))
    play.after(seconds=1)  # The directory was too slow: he waits as a stranger.
    play.identified("c2", known(segment="vip"))
    play.ready("ana")
    assert rung(play) == [("c2", "ana")]


def test_who_is_queued_is_told_with_all_that_decides_when_he_is_served():
    rules = {"last_agent_ms": 20_000, "repeat_bonus_ms": 7_000}
    play = Play(with_agent(with_rules(**rules), "bob", skills={"fridge": 1}))
    experience = play.engine.state.experience_of(SUPPORT)
    for number in range(100):
        experience.served(Forecast(at=0, median_ms=1, upper_ms=1), 1 if number % 5 else 2)
    wishes = Wishes(requires="fridge")
    play.tell(
        CallArrived(
            at=play.now, channel=channel("c1"), entry=Entry.QUEUE, target="support", wishes=wishes
        )
    )
    play.identified("c1", known(last="bob"))
    (told,) = play.told(CallQueued)
    assert (told.requires, told.last_agent, told.bonus_ms) == (("fridge",), "bob", 7_000)
    assert told.forecast_good
    arrives(play, "c2")
    assert play.told(CallQueued)[-1].bonus_ms == 0


def test_who_is_sent_to_a_queue_or_menu_that_is_not_there_is_given_back_and_that_is_told():
    for entry, result in ((Entry.QUEUE, "unknown-queue"), (Entry.MENU, "unknown-menu")):
        play = Play(centre())
        play.tell(CallArrived(at=play.now, channel=channel("c1"), entry=entry, target="nowhere"))
        play.identified("c1", known())
        assert [told.call for told in play.told(Misconfigured)] == [call_id("c1")]
        assert released(play) == [("c1", result)]
