"""An agent hears who calls before the caller hears him; whatever goes wrong meanwhile, nobody waits for it."""

import pytest

from acd.core.commands import (
    AnswerCall,
    Connect,
    HangUp,
    RingAgent,
    StartHoldMusic,
    StopWhisper,
    Whisper,
)
from acd.core.configuration import MissedPolicy
from acd.core.events import CommandFailed, Failure, LegLeaving, NodeFound, NodeLost, WhisperFinished
from acd.core.ids import AgentId, ChannelId
from acd.core.notices import CallConnected, CallEnded, Ending, OfferEnded
from acd.core.offer import OfferOutcome
from acd.core.requests import ForceLogOut
from tests.core.rules import arrives, known
from tests.play import NODE, Play, Said, centre, seen

ONE_AGENT = {"ana": ("support",)}
WORDS = ("support",)


def whispering(**rules) -> Play:
    """Ana has picked up, and hears who calls."""
    play = Play(centre(ONE_AGENT, whisper=WORDS, whisper_repeat=("again",), **rules))
    return play.arrives("c1").picks_up("c1")


def heard(play: Play, call: str = "c1") -> Play:
    return play.tell(WhisperFinished(at=play.now, channel=ChannelId(play.leg(call))))


def test_the_agent_hears_it_and_then_the_caller_who_has_waited_for_as_long():
    play = whispering().skip()
    play.after(seconds=2).then_nothing()
    heard(play).then(Said(Connect, answer=True))
    play.after(seconds=1).bridged("c1")
    assert play.told(CallConnected)[-1].waited_ms == 3_000
    heard(play)
    play.after(seconds=20)
    assert play.state("ana") == "busy-acd" and not play.told(StopWhisper)


def test_of_a_repeat_caller_he_hears_more_and_in_a_queue_that_says_nothing_nothing():
    play = Play(centre(ONE_AGENT, whisper=WORDS, whisper_repeat=("again",)))
    arrives(play, "c1", known(last="bob")).picks_up("c1")
    assert play.told(Whisper)[-1].prompts == ("support", "again")
    for rules in ({}, {"whisper_repeat": ("again",)}):
        play = Play(centre(ONE_AGENT, **rules))
        play.arrives("c1").picks_up("c1")
        assert play.told(Connect) and not play.told(Whisper)


def test_the_caller_hears_his_music_until_they_are_connected():
    play = Play(centre(ONE_AGENT, whisper=WORDS), ready=())
    play.arrives("c1").ready("ana").after(seconds=1)
    assert play.told(StartHoldMusic)
    play.said.clear()
    play.picks_up("c1").then(Whisper)
    heard(play).then(Said(Connect, answer=False))


def test_an_end_that_is_never_told_is_not_waited_for():
    play = whispering().skip()
    play.after(seconds=8).then(StopWhisper, Connect)
    play.bridged("c1")
    assert play.told(CallConnected)


@pytest.mark.parametrize("failure", list(Failure))
def test_what_cannot_be_played_has_been_heard(failure):
    play = whispering().skip()
    leg = ChannelId(play.leg("c1"))
    play.tell(CommandFailed(at=play.now, command="Whisper", channel=leg, failure=failure))
    play.then(Connect)
    play.tell(CommandFailed(at=play.now, command="Whisper", channel=leg, failure=failure))
    play.then_nothing()


def test_the_caller_who_hangs_up_meanwhile_has_given_up():
    play = whispering().skip()
    leg = play.leg("c1")
    play.after(seconds=1).hangs_up("c1").then(
        Said(CallEnded, ending=Ending.ABANDONED, waited_ms=1_000),
        Said(OfferEnded, outcome=OfferOutcome.CALLER_LEFT),
        Said(HangUp, channel=leg),
    )
    play.tell(WhisperFinished(at=play.now, channel=ChannelId(leg))).then_nothing()
    play.hangs_up(leg)
    assert play.state("ana") == "ready"


def test_the_agent_who_hangs_up_meanwhile_has_refused_and_the_caller_waits_on_in_his_place():
    play = whispering().skip()
    play.after(seconds=1).hangs_up(play.leg("c1")).then(
        Said(OfferEnded, outcome=OfferOutcome.REJECTED), AnswerCall, StartHoldMusic
    )
    assert play.state("ana") == "ready"
    play.after(seconds=60)
    assert len(play.told(RingAgent)) == 2, "he is asked again when he has been spared"
    assert play.told(RingAgent)[1].call == play.told(RingAgent)[0].call


def test_an_agent_who_hangs_up_ends_the_words_too_which_is_told_before_his_leg_is_gone():
    play = whispering(reject=MissedPolicy.NOT_READY).skip()
    leg = ChannelId(play.leg("c1"))
    play.tell(LegLeaving(at=play.now, channel=leg)).then(
        Said(OfferEnded, outcome=OfferOutcome.REJECTED), HangUp, AnswerCall, StartHoldMusic
    )
    play.tell(WhisperFinished(at=play.now, channel=leg)).then_nothing()
    play.hangs_up(leg)
    assert play.state("ana") == "not-ready"
    talking = whispering().skip()
    heard(talking).bridged("c1")
    talking.tell(LegLeaving(at=talking.now, channel=ChannelId(talking.leg("c1"))))
    assert talking.state("ana") == "busy-acd", "until his leg is gone"


def test_of_all_phones_that_ring_the_first_is_the_one_and_is_whispered_to_alone():
    play = Play(centre(whisper=WORDS, strategy="ring-all"))
    play.arrives("c1").picks_up("c1", "ana")
    play.skip()
    bobs = play.leg("c1", "bob")
    play.picks_up("c1", "bob").then(
        Said(OfferEnded, outcome=OfferOutcome.ELSEWHERE), Said(HangUp, channel=bobs)
    )
    heard(play).then(Connect)


def test_while_asterisk_is_not_heard_nothing_is_decided_and_a_restart_lets_the_caller_wait_on():
    play = whispering().skip()
    leg = play.leg("c1")
    play.tell(NodeLost(at=play.now, node=NODE))
    play.after(seconds=30)
    assert not play.told(StopWhisper)
    channels = (seen("c1", up=False), seen(leg))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=channels))
    play.after(seconds=8)
    assert play.told(Connect)

    other = Play(centre(ONE_AGENT, whisper=WORDS), ready=())
    other.tell(NodeFound(at=other.now, node=NODE, seen_at=other.now, channels=channels))
    assert other.told(HangUp)[-1].channel == leg and not other.told(Connect)


def test_who_is_logged_out_meanwhile_has_this_call_still():
    play = whispering().skip()
    request = ForceLogOut(at=play.now, request="r", by="sue", agent=AgentId("ana"), reason="late")
    play.tell(request)
    heard(play).bridged("c1")
    assert play.told(CallConnected)
