"""The picture that is folded from notices: what people see of calls, agents and queues."""

from dataclasses import replace

from acd.core.agent import AgentState
from acd.core.board import Board
from acd.core.estimate import Forecast
from acd.core.events import LegEnded
from acd.core.ids import AgentId, ChannelId
from acd.core.notices import CallConnected, CallQueued, Notice
from tests.play import NODE, SALES, SUPPORT, Play, call_id, centre


def picture(play: Play) -> Board:
    board = Board()
    board.configure(centre())
    board.hear_all(output for output in play.history if isinstance(output, Notice))
    return board


def test_a_call_from_ring_to_talk_to_nothing():
    play = Play(centre())
    play.arrives("c1")
    view = picture(play).calls[call_id("c1")]
    assert (view.phase, view.agent, view.attempts, view.queue) == ("offered", "ana", 1, SUPPORT)
    play.picks_up("c1").bridged("c1")
    board = picture(play)
    assert board.calls[call_id("c1")].phase == "talking"
    assert board.agents[AgentId("ana")].call == call_id("c1")
    play.hangs_up("c1")
    board = picture(play)
    assert not board.calls and board.queues()[SUPPORT].answered == 1


def test_all_whose_phones_ring_are_shown_and_then_he_who_talks():
    play = Play(centre(strategy="ring-all"))
    play.arrives("c1")
    view = picture(play).calls[call_id("c1")]
    assert (view.phase, view.agent, view.ringing) == ("offered", "ana", ("ana", "bob"))
    play.hangs_up(play.leg("c1", "ana"), cause=21)
    view = picture(play).calls[call_id("c1")]
    assert (view.phase, view.agent, view.ringing) == ("offered", "bob", ("bob",))
    play.after(seconds=30)
    play.picks_up("c1", "ana").bridged("c1")
    view = picture(play).calls[call_id("c1")]
    assert (view.phase, view.agent, view.ringing) == ("talking", "ana", ())


def test_a_talk_that_is_told_again_has_been_answered_once():
    play = Play(centre())
    play.arrives("c1").picks_up("c1").bridged("c1")
    (told,) = play.told(CallConnected)
    board = picture(play)
    board.hear(replace(told, at=told.at + 60_000))
    assert board.queues()[SUPPORT].answered == 1
    assert board.calls[call_id("c1")].connected_at == told.at


def test_a_queue_shows_who_waits_longest_and_who_gave_up():
    play = Play(centre(), ready=())
    play.arrives("c1").after(seconds=2).arrives("c2").arrives("c3", queue="sales")
    queues = picture(play).queues()
    assert (queues[SUPPORT].waiting, queues[SALES].waiting) == (2, 1)
    assert queues[SUPPORT].longest_since == play.now - 2_000
    play.hangs_up("c1")
    queue = picture(play).queues()[SUPPORT]
    assert (queue.waiting, queue.abandoned, queue.longest_since) == (1, 1, play.now)


def test_an_offer_that_ends_after_its_caller_brings_nobody_back():
    play = Play(centre())
    play.arrives("c1")
    leg = play.leg("c1")
    play.hangs_up("c1").tell(LegEnded(at=play.now, channel=ChannelId(leg)))
    board = picture(play)
    assert not board.calls and board.agents[AgentId("ana")].state is AgentState.READY


def test_a_state_lasts_since_it_began_not_since_it_was_last_told():
    play = Play(centre())
    since = picture(play).agents[AgentId("bob")].since
    play.after(seconds=5).ready("bob")
    assert picture(play).agents[AgentId("bob")].since == since


def test_a_new_configuration_keeps_what_goes_on():
    play = Play(centre())
    play.arrives("c1")
    board = picture(play)
    renamed = centre({"ana": ("sales",)})
    ana = replace(renamed.agents[AgentId("ana")], name="Anna")
    board.configure(replace(renamed, agents={ana.id: ana}))
    assert list(board.agents) == ["ana"]
    view = board.agents[AgentId("ana")]
    assert (view.name, view.state, view.queues) == ("Anna", AgentState.OFFERED, ("sales",))
    assert board.nodes == {NODE: True}


def test_how_long_it_will_take_is_shown_while_estimates_are_good_and_no_longer():
    play = Play(centre(), ready=())
    play.arrives("c1")
    (queued,) = play.told(CallQueued)
    board = picture(play)
    forecast = Forecast(at=queued.at, median_ms=20_000, upper_ms=50_000)
    board.hear(replace(queued, forecast=forecast))
    assert board.calls[queued.call].expected is None and not board.queues()[SUPPORT].estimates_good
    board.hear(replace(queued, forecast=forecast, forecast_good=True))
    assert board.calls[queued.call].expected == forecast
    assert board.queues()[SUPPORT].estimates_good and not board.queues()[SALES].estimates_good
    board.hear(replace(queued, forecast=forecast))
    assert board.calls[queued.call].expected is None and not board.queues()[SUPPORT].estimates_good
