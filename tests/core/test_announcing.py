"""What a caller hears over the music: where he stands and how long it takes, and never at the cost of a call."""

from dataclasses import replace

import pytest

from acd.core.commands import PlayPrompts, ReleaseToDialplan, RingAgent, StartHoldMusic, StopPrompts
from acd.core.configuration import Announcements
from acd.core.estimate import Forecast
from acd.core.events import (
    CommandFailed,
    Configured,
    Failure,
    KeyPressed,
    NodeFound,
    NodeLost,
    PromptsFinished,
)
from acd.core.ids import QueueId
from acd.core.requests import SetPriority
from tests.core.rules import arrives, rung
from tests.play import NODE, SUPPORT, Play, Said, call_id, centre, channel, seen

PLACE = Announcements(first_ms=15_000, every_ms=30_000, position=True)
ONE_AGENT = {"ana": ("support",)}


def waiting(callers: int = 1, *, announcements: Announcements = PLACE, **rules) -> Play:
    """They wait in their order, and nobody is there."""
    play = Play(centre(ONE_AGENT, announcements=announcements, **rules), ready=())
    for number in range(1, callers + 1):
        arrives(play, f"c{number}")
    return play.skip()


def said(play: Play, call: str) -> list[tuple[str | int, ...]]:
    """What this caller has been told."""
    return [one.prompts for one in play.told(PlayPrompts) if one.call == call_id(call)]


def heard(play: Play, call: str, playback: int = 1) -> Play:
    return play.tell(PromptsFinished(at=play.now, call=call_id(call), playback=playback))


def test_his_place_first_after_a_while_and_then_every_so_often_and_music_in_between():
    play = waiting()
    play.after(seconds=14).then_nothing()
    play.after(seconds=1).then(Said(PlayPrompts, playback=1, prompts=("queue-youarenext",)))
    heard(play.after(seconds=4), "c1").then(StartHoldMusic)
    play.after(seconds=25).skip()
    play.after(seconds=1)
    assert said(play, "c1") == [("queue-youarenext",)] * 2
    assert [one.playback for one in play.told(PlayPrompts)] == [1, 2]
    heard(play.skip(), "c1", 1).then_nothing()  # That was the end of the first.
    heard(play, "c1", 2).then(StartHoldMusic)
    heard(play, "c1", 2).then_nothing()
    play.after(seconds=30).ready("ana")
    assert [one.playback for one in play.told(StopPrompts)] == [3]
    # He is not answered, and is told again: as something that nothing late can end.
    play.after(seconds=60)
    assert play.told(PlayPrompts)[-1].playback > 3


def test_once_if_it_is_not_to_be_said_again():
    play = waiting(announcements=replace(PLACE, every_ms=0))
    heard(play.after(seconds=15), "c1").after(seconds=600)
    assert len(said(play, "c1")) == 1


def test_the_place_is_by_the_one_order_and_as_it_is_when_it_is_said():
    play = waiting(3)
    play.tell(SetPriority(at=play.now, request="r", by="boss", call=call_id("c3"), priority=1))
    play.after(seconds=15)
    assert said(play, "c3") == [("queue-youarenext",)]
    assert said(play, "c1") == [("queue-thereare", 2, "queue-callswaiting")]
    assert said(play, "c2") == [("queue-thereare", 3, "queue-callswaiting")]


def test_an_agent_who_is_rung_ends_it_at_once_and_he_hears_music_until_somebody_speaks():
    play = waiting()
    play.after(seconds=15).skip()
    play.ready("ana")
    (stop,) = play.told(StopPrompts)
    assert stop.playback == 1 and play.told(RingAgent)
    assert isinstance(play.history[-1], StartHoldMusic)
    play.skip()
    heard(play, "c1").then_nothing()
    play.after(seconds=14).then_nothing()  # Who is rung for is told nothing.


def test_whom_nobody_answers_is_told_again_when_it_is_due():
    play = waiting(no_answer_rest_ms=60_000)
    play.ready("ana").after(seconds=15)
    assert rung(play) and not said(play, "c1"), "the phone has just stopped ringing"
    play.after(seconds=30)
    assert said(play, "c1") == [("queue-youarenext",)]


def test_a_way_out_works_while_it_plays():
    play = waiting(exit_keys={"1": "voicemail"})
    play.after(seconds=15).skip()
    play.tell(KeyPressed(at=play.now, channel=channel("c1"), key="1"))
    play.then(Said(StopPrompts, playback=1), Said(ReleaseToDialplan, result="voicemail"))
    play.after(seconds=1).skip()
    heard(play, "c1").then_nothing()


def test_other_keys_do_not_end_it():
    play = waiting(exit_keys={"1": "voicemail"})
    play.after(seconds=15).skip()
    play.tell(KeyPressed(at=play.now, channel=channel("c1"), key="2")).then_nothing()


def test_what_cannot_be_played_leaves_nobody_in_silence():
    play = waiting()
    play.after(seconds=15).skip()
    failed = CommandFailed(
        at=play.now, command="PlayPrompts", channel=channel("c1"), failure=Failure.REFUSED
    )
    play.tell(failed).then(StartHoldMusic)


def test_nor_does_what_never_ends():
    play = waiting(announcements=replace(PLACE, every_ms=0))
    play.after(seconds=15).after(seconds=59)
    assert not play.told(StopPrompts)
    play.after(seconds=1)
    assert play.told(StopPrompts) and len(play.told(StartHoldMusic)) == 2


def test_the_look_around_does_not_disturb_it_and_who_is_not_heard_is_told_nothing():
    play = waiting()
    play.after(seconds=15).skip()
    look = NodeFound(at=play.now, node=NODE, channels=(seen("c1"),), seen_at=play.now)
    play.tell(look)
    assert len(play.told(StartHoldMusic)) == 1, "when he began to wait, and not again"
    play.tell(NodeLost(at=play.now, node=NODE)).after(seconds=300)
    assert len(said(play, "c1")) == 1


def test_another_rule_holds_for_those_who_wait_already_and_none_ends_it():
    play = waiting()
    configuration = centre(ONE_AGENT, announcements=replace(PLACE, first_ms=5_000))
    play.after(seconds=7)
    play.tell(Configured(at=play.now, configuration=configuration)).skip()
    play.after(seconds=28)
    assert len(said(play, "c1")) == 1, "as if it had always been so: after 5 s, and after 35"
    heard(play, "c1")
    play.tell(Configured(at=play.now, configuration=centre(ONE_AGENT))).after(seconds=300)
    assert len(said(play, "c1")) == 1


WAIT = Announcements(first_ms=15_000, wait=True)


@pytest.mark.parametrize(
    ("announcements", "handled_ms", "good", "words"),
    [
        (WAIT, 240_000, True, ("queue-holdtime", 7, "queue-minutes")),
        (WAIT, 240_000, False, ()),
        (WAIT, 60_000, True, ("queue-holdtime", 2, "queue-minutes")),
        (WAIT, 10_000, True, ("queue-holdtime", 1, "queue-minute")),
        (
            replace(WAIT, position=True, prompts=("news",)),
            10_000,
            True,
            ("queue-youarenext", "queue-holdtime", 1, "queue-minute", "news"),
        ),
        (replace(PLACE, prompts=("news",)), 10_000, True, ("queue-youarenext", "news")),
    ],
)
def test_how_long_it_takes_only_while_estimates_are_good(announcements, handled_ms, good, words):
    play = Play(centre(ONE_AGENT, announcements=announcements))
    arrives(play, "c0").picks_up("c0").bridged("c0")  # So somebody is at work.
    experience = play.engine.state.experience_of(QueueId(SUPPORT))
    for number in range(20):
        experience.handled(handled_ms)
        experience.served(Forecast(at=0, median_ms=1, upper_ms=2), at=1 if number % 5 else 3)
    if not good:
        for _ in range(20):
            experience.served(Forecast(at=0, median_ms=1, upper_ms=2), at=3)
    arrives(play, "c1").after(seconds=15)
    assert said(play, "c1") == ([words] if words else [])
