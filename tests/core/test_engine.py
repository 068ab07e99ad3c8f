"""The engine as a whole: total, deterministic, patient with the late, and deaf to a clock that goes back."""

import inspect
from collections.abc import Iterator
from typing import get_args

import pytest

from acd.core import events, requests, timers
from acd.core.commands import RingAgent
from acd.core.engine import DEADLINES, HANDLERS, Engine
from acd.core.events import CallArrived, CallLeft, Entry, LegEnded, TimeReached
from acd.core.handlers.answers import Refusal, accept, answered
from acd.core.ids import AgentId, ChannelId, OfferId
from acd.core.matching import Output
from acd.core.notices import CallEnded, Reason, Refused
from acd.core.offer import Offer, OfferState
from acd.core.outsider import Outsider
from acd.core.party import PartyState
from acd.core.state import State
from tests.play import START, SUPPORT, Play, Said, call_id, centre, channel


def test_every_input_and_every_deadline_has_its_handler():
    inputs = {*get_args(events.Event), *get_args(requests.Request)}
    assert set(HANDLERS) == inputs - {TimeReached}
    assert set(DEADLINES) == set(get_args(timers.Deadline))
    for handler in (*HANDLERS.values(), *DEADLINES.values()):
        assert inspect.isgeneratorfunction(handler), handler


def test_who_refuses_has_done_nothing_yet():
    def too_late(state: State, request: requests.LogIn) -> Iterator[Output]:
        yield accept(request)
        raise Refusal(Reason.DESK_TAKEN)

    request = requests.LogIn(at=START, request="r1", by="ana", agent=AgentId("ana"))
    with pytest.raises(Refusal):
        list(answered(too_late)(State(), request))
    nobody = requests.LogOut(at=START, request="r1", by="ana", agent=AgentId("ana"))
    (refused,) = Engine().handle(nobody)
    assert refused == Refused(at=START, request="r1", reason=Reason.UNKNOWN_AGENT, detail="")


def test_time_does_not_go_back():
    engine = Engine()
    engine.handle(TimeReached(at=2))
    with pytest.raises(AssertionError, match="time went back"):
        engine.handle(TimeReached(at=1))


def test_an_engine_that_is_told_the_time_late_lets_nobody_overtake():
    play = Play(centre({"ana": ("support",)}))
    play.arrives("c1")
    play.tell(LegEnded(at=play.now, channel=ChannelId(play.leg("c1")), cause=21))
    play.now += 29_800
    play.tell(CallArrived(at=play.now, channel=channel("c2"), entry=Entry.QUEUE, target="nowhere"))
    play.tell(CallArrived(at=play.now, channel=channel("c3"), entry=Entry.QUEUE, target="support"))
    # Now both are due: c3 goes on without the directory, and ana may be asked again for c1.
    play.now += 5_000
    play.tell(TimeReached(at=play.now))
    assert play.told(RingAgent)[-1].call == call_id("c1")


def test_a_call_ends_once_in_whatever_order_its_ends_are_told():
    for ends in ((CallLeft, LegEnded), (LegEnded, CallLeft), (LegEnded, LegEnded)):
        play = Play(centre(), ready=())
        play.arrives("c1").skip()
        for end in ends:
            play.tell(end(at=play.now, channel=channel("c1")))
        play.then(Said(CallEnded, call=call_id("c1")))


def test_words_about_nobody_are_late_and_nothing_follows():
    stranger, call = ChannelId("pbx1:x~ana~1"), call_id("x")
    known = {"at": START, "channel": channel("x")}
    late = [
        events.KeyPressed(**known, key="1"),
        events.PromptsFinished(at=START, call=call, playback=1),
        events.LegBridged(**known, offer=OfferId(stranger)),
        events.LegEnded(**known),
        events.LegEnded(at=START, channel=stranger),
        events.CallLeft(**known),
        events.CommandFailed(**known, command="Connect", failure=events.Failure.GONE),
        events.CallerIdentified(at=START, call=call, identity=Said),  # type: ignore[arg-type]
    ]
    engine = Engine()
    assert [output for happening in late for output in engine.handle(happening)] == []
    assert engine.next_deadline() is None


def test_an_illegal_move_says_of_what_and_whose_and_from_where_to_where():
    leg = OfferId("pbx1:c1~ana~1")
    offer = Offer(id=leg, call=call_id("c1"), agent=AgentId("ana"), queue=SUPPORT, offered_at=START)
    outsider = Outsider(number="110", leg=ChannelId("pbx1:c1~ana~1~out"), by=AgentId("ana"))
    for noun, name, moves in (
        ("offer", leg, lambda: offer.move(OfferState.CONNECTED)),
        ("outsider", outsider.leg, lambda: outsider.move(PartyState.JOINED)),
    ):
        with pytest.raises(AssertionError, match=f"^{noun} {name}: ringing → "):
            moves()
