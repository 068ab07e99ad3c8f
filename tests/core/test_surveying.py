"""The agent has hung up, and the caller is asked what he thinks of it: who is, what he says, what may come between."""

from dataclasses import replace

import pytest

from acd.core.commands import (
    AnswerCall,
    HangUp,
    HoldLeg,
    PlayPrompts,
    ReleaseToDialplan,
    SaveCall,
)
from acd.core.commands import StopPrompts as Silence
from acd.core.customer import DAY_MS, Confidence, Customer, Identity
from acd.core.events import CallLeft, KeyPressed, NodeFound, PromptsFinished
from acd.core.ids import ChannelId, CustomerId, MenuId
from acd.core.lot import lot
from acd.core.notices import (
    Accepted,
    CallEnded,
    CallQueued,
    Ending,
    SurveyAnswered,
    SurveyBegan,
)
from acd.core.requests import ClearCall
from acd.core.survey import SurveyRule, is_asked
from ivr.steps import Ask, Dialplan, Enqueue, Menu
from ivr.steps import HangUp as SayGoodbye
from tests.play import NODE, START, SUPPORT, Play, Said, call_id, centre, channel, seen

MENU = Menu(
    id="after-call",
    start="pleased",
    steps={
        "pleased": Ask(
            scale="csat", question="csat", prompts=("pleased",), then="tell", otherwise="bye"
        ),
        "tell": Ask(
            scale="nps", question="would-tell", prompts=("tell",), then="thanks", otherwise="bye"
        ),
        "thanks": SayGoodbye(prompts=("thanks",)),
        "bye": Dialplan(result="done"),
    },
)
RULE = SurveyRule(menu=MenuId("after-call"))
WANG = Customer(id=CustomerId("C-1"), name="王芳")


def talked(rule: SurveyRule = RULE, menu: Menu = MENU, **identity: object) -> Play:
    """Ana has talked to the caller for a minute."""
    who = {"number": "+8613800000001", "confidence": Confidence.OWN, "customers": (WANG,)}
    play = Play(centre({"ana": ("support",)}, menus={menu.id: menu}, survey=rule))
    play.arrives("c1")
    call = play.engine.state.calls[call_id("c1")]
    call.identity = Identity(**{**who, **identity})  # type: ignore[arg-type]
    play.picks_up("c1").bridged("c1")
    return play.after(seconds=60).skip()


def asked(play: Play | None = None) -> Play:
    """She has hung up."""
    play = play or talked()
    return play.hangs_up(play.leg("c1"))


def press(play: Play, key: str) -> Play:
    return play.tell(KeyPressed(at=play.now, channel=channel("c1"), key=key))


def heard(play: Play) -> Play:
    number = play.told(PlayPrompts)[-1].playback
    return play.tell(PromptsFinished(at=play.now, call=call_id("c1"), playback=number))


def test_a_caller_stays_and_says_what_he_thinks():
    play = asked().then(
        Said(HoldLeg, music="", channel=channel("c1")),
        Said(
            SurveyBegan,
            agent="ana",
            queue=SUPPORT,
            talked_ms=60_000,
            customer=WANG.id,
            number="+8613800000001",
        ),
        Said(PlayPrompts, prompts=("pleased",)),
    )
    assert play.state("ana") == "wrap-up", "no agent waits for what is said of him"
    press(play, "9").then(Silence, Said(PlayPrompts, prompts=("pleased",)))
    press(play, "5").then(
        Silence,
        Said(
            SurveyAnswered,
            scale="csat",
            score=5,
            agent="ana",
            queue=SUPPORT,
            number="+8613800000001",
            customer=WANG.id,
        ),
        Said(PlayPrompts, prompts=("tell",)),
    )
    press(play, "1").then(Silence)
    press(play, "0").then(
        Said(SurveyAnswered, question="would-tell", scale="nps", score=10), PlayPrompts
    )
    heard(play).then(HangUp)
    play.hangs_up("c1").then(Said(CallEnded, ending=Ending.COMPLETED, talked_ms=60_000))


def test_a_one_alone_is_a_one_after_a_moment():
    play = press(asked(), "1")
    assert [(one.scale, one.score) for one in play.told(SurveyAnswered)] == [("csat", 1)]
    press(play, "1").after(seconds=1.9)
    assert len(play.told(SurveyAnswered)) == 1
    play.after(seconds=0.1)
    assert [one.score for one in play.told(SurveyAnswered)] == [1, 1]


def test_who_says_nothing_is_given_back_and_who_hangs_up_is_gone():
    play = heard(asked()).after(seconds=5)
    heard(play.skip()).after(seconds=5).then(Said(ReleaseToDialplan, result="done"))
    play.tell(CallLeft(at=play.now, channel=channel("c1"))).then(
        Said(CallEnded, ending=Ending.COMPLETED)
    )
    play = asked().skip().hangs_up("c1")
    play.then(Said(CallEnded, ending=Ending.COMPLETED, talked_ms=60_000, agent="ana"))


def test_it_is_asked_too_when_she_ends_the_call_at_her_screen():
    play = talked()
    play.tell(ClearCall(at=play.now, request="q", by="ana", call=call_id("c1"))).then(
        Accepted, HoldLeg, SurveyBegan, PlayPrompts, HangUp
    )


def test_a_survey_that_hangs_ends_as_if_there_had_been_none():
    play = asked().skip().after(seconds=299.9)
    play.skip().after(seconds=0.2).then(Silence, Said(ReleaseToDialplan, result="done"))


@pytest.mark.parametrize(
    ("rule", "identity"),
    [
        (SurveyRule(menu=MenuId("after-call"), share_percent=0), {}),
        (RULE, {"surveyed_at": START - 29 * DAY_MS}),
        (SurveyRule(menu=MenuId("gone")), {}),
    ],
)
def test_who_is_not_asked_goes_back_to_the_dialplan(rule, identity):
    asked(talked(rule, **identity)).then(Said(ReleaseToDialplan, result="done"))


def test_who_was_asked_is_left_alone_to_the_millisecond_and_the_lot_falls_as_it_always_has():
    before = Identity(number="1", confidence=Confidence.OWN, surveyed_at=START)
    rule = replace(RULE, not_again_ms=DAY_MS)
    assert not is_asked(rule, call_id("c1"), before, START + DAY_MS - 1)
    assert is_asked(rule, call_id("c1"), before, START + DAY_MS)
    # What was drawn once is in reports: it must not be drawn otherwise.
    half = replace(RULE, share_percent=50)
    drawn = [n for n in range(20) if is_asked(half, call_id(f"c{n}"), Identity(), START)]
    assert drawn == [0, 2, 4, 9, 14, 15, 16, 18, 19]
    draws = [lot(0, f"survey {call_id(f'c{n}')}") % 100 for n in range(200)]
    for n, drawn_at in enumerate(draws):
        rule = replace(RULE, share_percent=drawn_at)
        assert not is_asked(rule, call_id(f"c{n}"), Identity(), START)
        rule = replace(RULE, share_percent=drawn_at + 1)
        assert is_asked(rule, call_id(f"c{n}"), Identity(), START)


def test_the_lot_is_fair_and_falls_the_same_way_again():
    rule = SurveyRule(menu=MenuId("m"), share_percent=25)
    calls = [call_id(f"17500000{n}.{n}") for n in range(4_000)]
    drawn = [call for call in calls if is_asked(rule, call, Identity(), START)]
    assert 900 < len(drawn) < 1_100
    assert drawn == [call for call in calls if is_asked(rule, call, Identity(), START + 1)]
    assert lot(0, "a") != lot(0, "b")


def test_who_was_being_asked_when_we_fell_is_done():
    play = asked()
    note = play.told(SaveCall)[-1].saved
    again = Play(centre({"ana": ("support",)}, menus={MENU.id: MENU}, survey=RULE))
    again.now = play.now + 5_000
    there = seen("c1", saved=note)
    again.tell(NodeFound(at=again.now, node=NODE, seen_at=again.now, channels=(there,)))
    assert [one.result for one in again.told(ReleaseToDialplan)] == ["done"]
    assert not again.told(CallQueued)
    again.tell(CallLeft(at=again.now, channel=ChannelId(call_id("c1"))))
    (ended,) = again.told(CallEnded)
    assert (ended.ending, ended.waited_ms, ended.talked_ms) == (Ending.COMPLETED, 0, 60_000)


@pytest.mark.parametrize(("waited_ms", "talked_ms"), [(0, 0), (4_000, 9_000)])
def test_his_times_are_read_from_the_note(waited_ms, talked_ms):
    since = START - 60_000 + waited_ms
    note = f"support|0|{START - 60_000}|{since}||||||{since + talked_ms}"
    play = Play(centre({"ana": ("support",)}))
    there = seen("c1", saved=note)
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(there,)))
    (ended,) = play.hangs_up("c1").told(CallEnded)
    assert (ended.waited_ms, ended.talked_ms) == (waited_ms, talked_ms)


def test_nobody_waits_again_by_a_menu_that_is_another_meanwhile():
    circle = Menu(id=MENU.id, start="pleased", steps={"pleased": Enqueue(queue="support")})
    asked(talked(menu=circle)).then(HoldLeg, SurveyBegan, Said(ReleaseToDialplan, result="done"))


def test_an_answered_call_is_not_answered_twice():
    play = talked()
    before = len(play.told(AnswerCall))
    assert len(asked(play).told(AnswerCall)) == before
