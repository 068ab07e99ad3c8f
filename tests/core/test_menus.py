"""A caller in a menu: keys, silence, lost prompts, a menu that changes or has no end."""

import pytest

from acd.core.commands import AnswerCall, HangUp, IdentifyCaller, PlayPrompts, ReleaseToDialplan
from acd.core.commands import StopPrompts as Silence
from acd.core.customer import Confidence, Identity
from acd.core.events import (
    CallArrived,
    CommandFailed,
    Configured,
    Entry,
    Failure,
    KeyPressed,
    NodeFound,
    PromptsFinished,
)
from acd.core.notices import (
    CallEnded,
    CallerRecognised,
    CallQueued,
    CallStarted,
    Ending,
    MenuEntered,
    Misconfigured,
)
from ivr.steps import Branch, Choose, Condition, Dialplan, Enqueue, Menu, Say
from ivr.steps import HangUp as SayGoodbye
from tests.core.rules import known
from tests.play import NODE, Play, Said, call_id, centre, channel, seen

MAIN = Menu(
    id="main",
    start="welcome",
    steps={
        "welcome": Say(prompts=("hello",), then="again?"),
        "again?": Branch(cases=((Condition(repeat_caller=True), "priority"),), otherwise="which"),
        "which": Choose(
            prompts=("press",), keys={"1": "support", "2": "sales"}, otherwise="bye", attempts=2
        ),
        "support": Enqueue(queue="support"),
        "sales": Enqueue(queue="sales"),
        "priority": Enqueue(queue="support", priority=5),
        "bye": SayGoodbye(prompts=("goodbye",)),
    },
)
ROUND = Menu(
    id="round",
    start="ask",
    steps={"ask": Choose(prompts=("press",), keys={"1": "ask"}, otherwise="ask", attempts=1)},
)


def in_menu(menu: Menu = MAIN, identity: Identity | None = None) -> Play:
    play = Play(centre(menus={menu.id: menu}), ready=())
    play.tell(CallArrived(at=play.now, channel=channel("c1"), entry=Entry.MENU, target=menu.id))
    return play.identified("c1", identity or Identity(confidence=Confidence.UNLISTED))


def press(play: Play, key: str) -> Play:
    return play.tell(KeyPressed(at=play.now, channel=channel("c1"), key=key))


def heard(play: Play, playback: int | None = None) -> Play:
    number = play.told(PlayPrompts)[-1].playback if playback is None else playback
    return play.tell(PromptsFinished(at=play.now, call=call_id("c1"), playback=number))


def test_a_caller_chooses_a_queue_with_a_key():
    play = in_menu().then(
        CallStarted,
        IdentifyCaller,
        CallerRecognised,
        Said(MenuEntered, menu="main"),
        AnswerCall,
        Said(PlayPrompts, prompts=("hello",)),
    )
    heard(play).then(Said(PlayPrompts, prompts=("press",)))
    press(play, "2").then(Silence, Said(CallQueued, queue="sales"), ...)
    assert not play.told(CallEnded)
    assert len(play.told(AnswerCall)) == 1, "once is enough, for menu and queue"


def test_silence_twice_and_goodbye():
    play = in_menu().skip()
    heard(play).skip()
    heard(play).after(seconds=4.9).then_nothing().after(seconds=0.1).then(PlayPrompts)
    heard(play).after(seconds=5).then(Said(PlayPrompts, prompts=("goodbye",)))
    heard(play).then(HangUp)
    play.hangs_up("c1").then(CallEnded)


def test_who_is_told_to_go_and_is_not_known_to_have_gone_is_forgotten_after_a_while():
    play = in_menu(Menu(id="main", start="bye", steps={"bye": SayGoodbye()}))
    assert play.told(HangUp)
    play.skip().after(seconds=4.9).then_nothing()
    play.after(seconds=0.1).then(Said(CallEnded, ending=Ending.LOST))


def test_the_end_of_an_earlier_playback_is_late_and_means_nothing():
    play = in_menu().skip()
    heard(play).skip()
    heard(play, playback=1).after(seconds=6).then_nothing()


def test_the_end_of_prompts_that_were_cut_short_is_not_that_of_the_next_ones():
    twice = Choose(prompts=("press",), keys={"1": "which"}, otherwise="which", timeout_ms=1_000)
    play = in_menu(Menu(id="main", start="which", steps={"which": twice}))
    for _ in range(3):
        cut_short = play.told(PlayPrompts)[-1].playback
        press(play, "1").skip()
        heard(play, cut_short).after(seconds=2).then_nothing()


def test_who_has_chosen_in_time_has_all_the_time_there_is_for_the_next_choice():
    steps = {
        "first": Choose(prompts=("one",), keys={"1": "second"}, otherwise="second"),
        "second": Choose(prompts=("two",), keys={}, otherwise="first"),
    }
    play = in_menu(Menu(id="main", start="first", steps=steps))
    heard(play).after(seconds=4)
    press(play, "1").skip().after(seconds=4).then_nothing()


def test_a_caller_who_hangs_up_in_a_menu():
    in_menu().skip().hangs_up("c1").then(Said(CallEnded, ending=Ending.LEFT_MENU, waited_ms=0))


def test_a_prompt_that_cannot_be_played_does_not_hold_the_caller():
    play = in_menu().skip()
    play.tell(
        CommandFailed(
            at=play.now, command="PlayPrompts", channel=channel("c1"), failure=Failure.REFUSED
        )
    ).then(Said(PlayPrompts, prompts=("press",)))


def test_prompts_whose_end_is_never_told_and_keys_without_end_lead_back_to_the_dialplan():
    play = in_menu().skip()
    play.after(seconds=299).then_nothing()
    play.after(seconds=1).then(Silence, Said(ReleaseToDialplan, result="menu-timeout"))
    play = in_menu(ROUND).skip()
    for _ in range(299):
        press(play, "1").after(seconds=1)
    play.skip().after(seconds=1).then(Silence, Said(ReleaseToDialplan, result="menu-timeout"))
    press(play, "1").then_nothing()


def test_a_menu_that_is_taken_away_gives_its_callers_back():
    play = in_menu().skip()
    play.tell(Configured(at=play.now, configuration=centre(menus={}))).then(
        Said(Misconfigured, call=call_id("c1")),
        Silence,
        Said(ReleaseToDialplan, result="unknown-menu"),
    )


def test_a_menu_that_changes_under_the_callers_feet_starts_over():
    play = in_menu().skip()
    changed = Menu(id="main", start="new", steps={"new": Enqueue(queue="sales")})
    play.tell(Configured(at=play.now, configuration=centre(menus={"main": changed}))).skip()
    heard(play).then(Said(CallQueued, queue="sales"), ...)


def test_a_menu_gives_its_caller_back_with_a_word():
    steps = {"leave": Dialplan(result="callback")}
    play = in_menu(Menu(id="main", start="leave", steps=steps))
    assert [left.result for left in play.told(ReleaseToDialplan)] == ["callback"]


@pytest.mark.parametrize(
    ("asked", "identity", "holds"),
    [
        (Condition(repeat_count_at_least=1), known(last="ana"), True),
        (Condition(repeat_count_at_least=1), known(), False),
        (Condition(known_customer=True), known(), True),
        (Condition(known_customer=True), Identity(), False),
        (Condition(segment="gold"), known(segment="gold"), True),
        (Condition(segment="gold"), Identity(), False),
        (Condition(language="zh"), known(language="zh"), True),
        (Condition(language="en"), known(), True),
        (Condition(language="en"), Identity(), True),
    ],
)
def test_a_menu_may_ask_who_calls(asked, identity, holds):
    steps = {
        "who": Branch(cases=((asked, "sales"),), otherwise="support"),
        "sales": Enqueue(queue="sales"),
        "support": Enqueue(queue="support"),
    }
    play = in_menu(Menu(id="main", start="who", steps=steps), identity)
    assert [told.queue for told in play.told(CallQueued)] == ["sales" if holds else "support"]


def test_a_look_around_leaves_who_is_in_a_menu_where_he_is():
    play = in_menu().skip()
    there = (seen("c1"),)
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there)).then_nothing()
    heard(play).then(PlayPrompts)


def test_who_leaves_a_menu_that_listens_to_him_is_not_waited_for():
    listening = heard(heard(in_menu()))
    press(listening, "2")
    assert [told.queue for told in listening.told(CallQueued)] == ["sales"]
    listening = heard(heard(in_menu()))
    listening.tell(Configured(at=listening.now, configuration=centre(menus={})))
    assert [left.result for left in listening.told(ReleaseToDialplan)] == ["unknown-menu"]
