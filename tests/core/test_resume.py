"""Who hangs up while he waits and calls again in time has his old place: he himself, once, and only where it is on."""

import pytest

from acd.core.commands import SaveCall
from acd.core.configuration import Overflow, WhenUnstaffed
from acd.core.customer import Confidence, Identity
from acd.core.events import CallArrived, Entry
from acd.core.explain import why_not
from acd.core.ids import AgentId
from acd.core.notices import CallEnded, CallQueued, PlaceResumed
from acd.core.requests import BecomeNotReady
from acd.core.resume import Dropout, Dropouts
from acd.core.wishes import Wishes
from tests.core.rules import arrives, known, released, rung, with_agent, with_rules
from tests.core.test_interventions import order
from tests.core.test_waiting import busy
from tests.core.test_wishes import restarted
from tests.play import SALES, SUPPORT, Play, call_id, centre, channel, seen

ONE = {"ana": ("support",)}
SHE, HE = known("+8613800000001"), known("+8613800000002")


def dropped(identity: Identity = SHE, **rules: object) -> Play:
    """She waited from second 0, he from 10; at 20 she hung up."""
    play = Play(with_rules(centre(ONE), **({"resume_ms": 60_000} | rules)), ready=())
    arrives(play, "hers", identity).after(seconds=10)
    arrives(play, "his", HE).after(seconds=10)
    return play.hangs_up("hers")


def test_she_calls_again_and_is_before_him_and_everybody_is_told():
    play = dropped().after(seconds=59)
    arrives(play, "again", SHE)
    (told,) = play.told(PlaceResumed)
    queued = play.told(CallQueued)[-1]
    assert (told.call, told.earlier, told.away_ms) == (call_id("again"), call_id("hers"), 59_000)
    assert queued.placed_at == told.placed_at == play.told(CallQueued)[0].joined_at
    assert queued.joined_at == play.now, "what she waits now is counted from now"
    play.ready("ana")
    told_why = why_not(play.engine.state, AgentId("ana"), call_id("again"), play.now)
    assert (told_why.rule, told_why.detail) == (None, "offered, in the place of an earlier call")
    play.hangs_up("again")
    assert rung(play) == [("again", "ana")]


def test_she_is_served_before_him():
    play = dropped().after(seconds=30)
    arrives(play, "again", SHE)
    assert order(play, "again", "his") == ["again", "his"]


@pytest.mark.parametrize(
    ("identity", "resume_ms", "away_s"),
    [
        (SHE, 0, 1),
        (Identity(number="+8613800000001", confidence=Confidence.SHARED), 60_000, 1),
        (Identity(number="+8613800000001", confidence=Confidence.UNLISTED), 60_000, 1),
        (Identity(), 60_000, 1),
        (SHE, 60_000, 61),
    ],
    ids=["switched off", "shared", "nobody knows whose", "anonymous", "too late"],
)
def test_there_is_no_place_to_come_back_to(identity, resume_ms, away_s):
    play = dropped(identity, resume_ms=resume_ms).after(seconds=away_s)
    arrives(play, "again", SHE)
    assert order(play, "his", "again") == ["his", "again"]
    assert not play.told(PlaceResumed)


def test_a_number_that_many_share_by_now_takes_nobodys_place():
    play = dropped()
    arrives(play, "again", Identity(number="+8613800000001", confidence=Confidence.SHARED))
    assert not play.told(PlaceResumed)


def test_a_place_is_taken_once():
    play = dropped()
    arrives(play, "again", SHE)
    arrives(play, "and again", SHE)
    assert [told.call for told in play.told(PlaceResumed)] == [call_id("again")]


def test_she_may_drop_out_and_come_back_more_than_once():
    play = dropped()
    for name in ("second", "third"):
        arrives(play, name, SHE).after(seconds=50)
        play.hangs_up(name)
    arrives(play, "fourth", SHE)
    assert order(play, "fourth", "his") == ["fourth", "his"]


def test_whoever_was_served_has_no_place_to_come_back_to():
    play = Play(with_rules(centre(ONE), resume_ms=60_000))
    arrives(play, "c1", SHE).picks_up("c1").bridged("c1")
    play.hangs_up("c1")
    arrives(play, "again", SHE)
    assert not play.told(PlaceResumed)


def test_it_is_the_place_in_the_queue_that_she_came_to_wherever_she_was_taken():
    play = busy(with_rules(resume_ms=60_000), overflow=(Overflow(after_ms=5_000, queue=SALES),))
    arrives(play, "hers", SHE).after(seconds=10)
    play.hangs_up("hers")
    arrives(play, "other", SHE, queue=SALES)
    assert not play.told(PlaceResumed), "there she never asked for anything"
    arrives(play, "again", SHE)
    assert len(play.told(PlaceResumed)) == 1


def test_a_full_queue_does_not_turn_away_who_has_a_place_and_no_limit_counts_the_time_away():
    play = dropped(most_waiting=2, longest_wait_ms=40_000)
    arrives(play, "third", known("+8613800000003"))
    arrives(play, "again", SHE).after(seconds=19)
    assert released(play) == [], "he has waited 39 s in all, she 19"
    play.after(seconds=20)
    assert ("again", "max-wait") not in released(play)


def test_a_full_queue_that_keeps_nobody_whom_nobody_could_have_does_not_keep_her_for_her_place():
    rules = {"most_waiting": 1, "resume_ms": 60_000, "when_unstaffed": WhenUnstaffed.LEAVE}
    play = Play(with_agent(with_rules(centre(ONE), **rules), "ana", skills={"fridge": 20}))
    play.tell(BecomeNotReady(at=play.now, request="r", by="ana", agent=AgentId("ana"), reason="x"))
    arrives(play, "hers", SHE)
    play.hangs_up("hers")
    arrives(play, "his", HE)
    wishes = Wishes(requires="fridge > 50")
    arrived = {"channel": channel("again"), "entry": Entry.QUEUE, "target": SUPPORT}
    play.tell(CallArrived(at=play.now, wishes=wishes, **arrived)).identified("again", SHE)
    assert play.told(PlaceResumed) and released(play) == [("again", "unstaffed")]


def test_a_directory_that_answers_late_gives_the_place_late():
    play = dropped()
    play.tell(
        CallArrived(at=play.now, channel=channel("again"), entry=Entry.QUEUE, target="support")
    )
    play.after(seconds=1).identified("again", SHE)
    assert len(play.told(PlaceResumed)) == 1
    assert play.told(SaveCall)[-1].saved.endswith(str(play.told(PlaceResumed)[0].placed_at))
    assert order(play, "again", "his") == ["again", "his"]


def test_the_place_outlives_us_but_who_is_away_when_we_die_is_forgotten():
    play = dropped()
    arrives(play, "again", SHE)
    note = play.told(SaveCall)[-1].saved
    placed_at = play.told(PlaceResumed)[0].placed_at
    assert restarted(play, seen("c1", saved=note)).placed_at == placed_at
    play = dropped()
    restarted(play, seen("c1"))
    arrives(play, "again", SHE)
    assert not play.told(PlaceResumed)


def test_the_wait_that_is_reported_is_that_of_the_call():
    play = dropped().after(seconds=30)
    arrives(play, "again", SHE).after(seconds=5)
    play.hangs_up("again")
    assert [ended.waited_ms for ended in play.told(CallEnded)] == [20_000, 5_000]
    assert rung(play) == []


def test_those_who_do_not_come_back_are_forgotten():
    dropouts = Dropouts()
    for number in range(1_000):
        place = Dropout(call=call_id("c"), priority=0, placed_at=0, left_at=number * 1_000)
        dropouts.add(SUPPORT, f"+86{number}", place, within_ms=60_000)
    assert len(dropouts._by_queue[SUPPORT]) == 61


def test_a_place_is_kept_to_the_last_moment_and_for_one_call():
    dropouts, place = Dropouts(), Dropout(call=call_id("c"), priority=0, placed_at=0, left_at=1_000)
    dropouts.add(SUPPORT, "+86", place, within_ms=60_000)
    assert dropouts.take(SUPPORT, "+86", within_ms=60_000, at=61_000) is place
    assert dropouts.take(SUPPORT, "+86", within_ms=60_000, at=61_000) is None
