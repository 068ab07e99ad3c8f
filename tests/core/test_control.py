"""What an agent does with the call he has: hold, retrieve, hand on, hang up, press keys."""

from dataclasses import replace

import pytest

from acd.core import requests
from acd.core.commands import (
    Connect,
    HangUp,
    HoldLeg,
    IdentifyCaller,
    JoinLeg,
    PlayTones,
    ReleaseToDialplan,
    RenewDeadMan,
    RingAgent,
    SaveCall,
)
from acd.core.events import CommandFailed, Configured, Failure, NodeFound
from acd.core.hours import Calendar
from acd.core.ids import AgentId, QueueId, bridge_for
from acd.core.notices import (
    Accepted,
    CallConnected,
    CallEnded,
    CallHeld,
    CallOffered,
    CallQueued,
    CallRetrieved,
    CallStarted,
    CallTransferred,
    Ending,
    OfferEnded,
    OutcomeRecorded,
    Reason,
    Refused,
)
from acd.core.offer import OfferOutcome
from tests.play import NODE, SALES, START, Play, Said, call_id, centre, channel, seen

BOTH = {"ana": ("support", "sales"), "bob": ("sales",)}


def asks(play: Play, kind: type, call: str = "c1", **fields) -> Play:
    return play.tell(kind(at=play.now, request="q", by="ana", call=call_id(call), **fields))


def talking(agents=BOTH, ready=None, **rules) -> Play:
    """Ana talks to the caller, since a minute."""
    play = Play(centre(agents, **rules), ready=ready).arrives("c1").picks_up("c1").bridged("c1")
    return play.after(seconds=60).skip()


def refused(play: Play, kind: type, **fields) -> Reason:
    play.skip()
    asks(play, kind, **fields)
    (no,) = play.said
    assert isinstance(no, Refused)
    play.skip()
    return no.reason


# Hold.


def test_a_caller_on_hold_hears_music_and_is_taken_back_by_asterisk_if_we_die():
    play = talking()
    asks(play, requests.HoldCall).then(
        Accepted,
        Said(HoldLeg, offer=play.leg("c1")),
        Said(RenewDeadMan, timeout_ms=60_000),
        Said(CallHeld, agent="ana"),
    )
    play.after(seconds=19).then_nothing()
    play.after(seconds=1).then(Said(RenewDeadMan, timeout_ms=60_000))
    play.after(seconds=80)
    assert len(play.told(RenewDeadMan)) > 3, "the switch is wound up while he is held"
    asks(play.skip(), requests.RetrieveCall).then(
        Accepted,
        Said(JoinLeg, offer=play.leg("c1")),
        Said(RenewDeadMan, timeout_ms=0),
        Said(CallRetrieved, held_ms=100_000),
    )
    play.skip().after(seconds=300).then_nothing()


def test_how_long_a_caller_was_held_is_told_at_the_end_also_if_he_hangs_up_on_hold():
    play = talking()
    for _ in range(2):
        asks(play, requests.HoldCall).after(seconds=10)
        asks(play, requests.RetrieveCall)
    asks(play, requests.HoldCall).after(seconds=5)
    play.skip().hangs_up("c1").then(
        Said(CallEnded, ending=Ending.COMPLETED, talked_ms=85_000, held_ms=25_000), HangUp
    )


def test_an_agent_who_hangs_up_on_a_caller_on_hold_gives_him_back_without_music():
    play = talking()
    asks(play, requests.HoldCall).skip()
    play.hangs_up(play.leg("c1")).then(Said(ReleaseToDialplan, result="done", silence=True))


def test_nobody_is_held_twice_or_retrieved_who_is_not_held():
    play = talking()
    assert refused(play, requests.RetrieveCall) is Reason.NOT_ON_HOLD
    asks(play, requests.HoldCall)
    assert refused(play, requests.HoldCall) is Reason.ON_HOLD
    assert refused(play, requests.SendTones, keys="1") is Reason.ON_HOLD
    assert refused(play, requests.HoldCall, call="nobody") is Reason.UNKNOWN_CALL


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (requests.HoldCall, {}),
        (requests.RetrieveCall, {}),
        (requests.ClearCall, {}),
        (requests.SendTones, {"keys": "1"}),
        (requests.TransferToQueue, {"queue": SALES}),
        (requests.TransferToAgent, {"agent": AgentId("bob")}),
    ],
)
def test_nothing_can_be_done_with_a_caller_to_whom_nobody_talks(kind, fields):
    play = Play(centre(BOTH), ready=())
    play.arrives("c1")
    assert refused(play, kind, **fields) is Reason.NOT_TALKING


def test_what_asterisk_refuses_to_do_is_taken_back():
    play = talking()

    def fails(command: str, failure: Failure = Failure.REFUSED) -> Play:
        return play.skip().tell(
            CommandFailed(at=play.now, command=command, channel=channel("c1"), failure=failure)
        )

    asks(play, requests.HoldCall)
    fails("HoldLeg").then(CallRetrieved)
    asks(play, requests.HoldCall)
    fails("HoldLeg", Failure.UNREACHABLE).then_nothing()
    asks(play, requests.RetrieveCall)
    fails("JoinLeg").then(CallHeld)
    play.hangs_up("c1")
    fails("JoinLeg").then_nothing()


@pytest.mark.parametrize("failure", list(Failure))
def test_a_refusal_that_comes_late_means_nothing_for_what_was_asked_since(failure):
    play = talking()

    def fails(command: str) -> Play:
        return play.skip().tell(
            CommandFailed(at=play.now, command=command, channel=channel("c1"), failure=failure)
        )

    asks(play, requests.HoldCall)
    asks(play, requests.RetrieveCall)
    fails("HoldLeg").then_nothing()
    asks(play, requests.TransferToQueue, queue=SALES)
    fails("JoinLeg").then_nothing()


def test_the_music_of_a_caller_on_hold_is_that_of_the_queue_for_which_he_was_answered():
    play = talking(hold_music="waltz")
    asks(play, requests.HoldCall).then(Accepted, Said(HoldLeg, music="waltz"), ...)
    asks(play, requests.RetrieveCall).skip()
    nowhere = replace(play.engine.state.configuration, queues={})
    play.tell(Configured(at=play.now, configuration=nowhere)).skip()
    asks(play, requests.HoldCall).then(Accepted, Said(HoldLeg, music="default"), ...)


def test_a_caller_on_hold_is_found_on_hold_after_a_restart():
    before = talking()
    asks(before, requests.HoldCall)
    note = before.told(SaveCall)[-1].saved
    leg = before.leg("c1")
    play = Play(centre(BOTH), ready=())
    play.now = before.now + 5_000
    channels = (
        seen("c1", saved=note, created_at=before.now - 60_000),
        seen(leg, bridge=bridge_for(leg), created_at=before.now - 60_000),
    )
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=channels)).then(
        CallStarted, IdentifyCaller, Said(CallConnected, agent="ana"), Said(CallHeld, agent="ana")
    )
    asks(play, requests.RetrieveCall).then(Accepted, Said(JoinLeg, offer=leg), CallRetrieved)


# Handing on.


def test_a_caller_who_is_handed_to_a_queue_waits_there_from_now():
    play = talking()
    leg = play.leg("c1")
    asks(play, requests.TransferToQueue, queue=SALES).then(
        Accepted,
        Said(HoldLeg, offer=leg),
        Said(
            CallTransferred,
            agent="ana",
            queue="support",
            to_queue="sales",
            to_agent=None,
            talked_ms=60_000,
            held_ms=0,
        ),
        Said(HangUp, channel=leg),
        Said(RenewDeadMan, timeout_ms=60_000),
        Said(CallQueued, queue="sales", joined_at=play.now),
        Said(CallOffered, agent="bob", attempt=2, waited_ms=0),
        Said(RingAgent, agent="bob"),
    )
    assert play.state("ana") == "busy-acd", "until her leg is gone"
    play.hangs_up(leg)
    assert play.state("ana") == "wrap-up"
    play.skip().picks_up("c1").then(Said(Connect, answer=False))
    play.after(seconds=2).bridged("c1").then(Said(CallConnected, agent="bob", waited_ms=2_000))
    play.after(seconds=8).hangs_up("c1").then(
        Said(CallEnded, agent="bob", waited_ms=2_000, talked_ms=8_000, queue="sales"), HangUp
    )


def test_who_hands_on_is_not_offered_the_same_caller_again_at_once():
    play = talking({"ana": ("support", "sales")}, wrap_up_ms=0, spare_ms=30_000)
    leg = play.leg("c1")
    asks(play, requests.TransferToQueue, queue=SALES).hangs_up(leg)
    assert play.state("ana") == "ready"
    play.skip().after(seconds=29).then_nothing()
    play.after(seconds=1).then(Said(CallOffered, agent="ana"), RingAgent)


def test_a_caller_on_hold_can_be_handed_on_and_goes_on_hearing_music():
    play = talking()
    asks(play, requests.HoldCall).after(seconds=20)
    asks(play.skip(), requests.TransferToQueue, queue=SALES).then(
        Accepted,
        Said(CallTransferred, talked_ms=80_000, held_ms=20_000),
        HangUp,
        CallQueued,
        CallOffered,
        RingAgent,
    )


def test_a_caller_who_gives_up_after_he_was_handed_on_has_abandoned_that_queue():
    play = talking(ready=("ana",))
    asks(play, requests.TransferToQueue, queue=SALES).after(seconds=7).skip()
    play.hangs_up("c1").then(
        Said(
            CallEnded,
            ending=Ending.ABANDONED,
            queue="sales",
            agent=None,
            waited_ms=7_000,
            talked_ms=0,
        )
    )


def test_a_queue_that_takes_nobody_is_not_handed_a_caller():
    whole = centre(BOTH)
    shut = replace(whole.queues[SALES], hours="never")
    closed = replace(
        whole,
        queues=whole.queues | {SALES: shut},
        calendars={"never": Calendar(spans=(), known_until=2 * START)},
    )
    play = Play(closed, ready=("ana",)).arrives("c1").picks_up("c1").bridged("c1")
    assert refused(play, requests.TransferToQueue, queue=SALES) is Reason.QUEUE_REFUSES
    assert refused(play, requests.TransferToQueue, queue=QueueId("x")) is Reason.UNKNOWN_QUEUE
    play.hangs_up("c1").then(Said(CallEnded, ending=Ending.COMPLETED, queue="support"), HangUp)


def test_a_caller_is_handed_to_an_agent_who_serves_another_queue():
    play = talking()
    leg = play.leg("c1")
    asks(play, requests.TransferToAgent, agent=AgentId("bob")).then(
        Accepted,
        HoldLeg,
        Said(CallTransferred, to_queue="support", to_agent="bob"),
        Said(HangUp, channel=leg),
        Said(CallQueued, queue="support"),
        Said(CallOffered, agent="bob", queue="support"),
        Said(RingAgent, agent="bob"),
    )
    play.hangs_up(leg).picks_up("c1").bridged("c1")
    assert (play.state("ana"), play.state("bob")) == ("wrap-up", "busy-acd")
    onward = requests.TransferToQueue(
        at=play.now, request="q", by="bob", call=call_id("c1"), queue=SALES
    )
    play.skip().tell(onward).skip()
    assert play.engine.state.calls[call_id("c1")].handed_on_by == ("ana", "bob")


def test_who_does_not_answer_leaves_the_caller_to_the_queue():
    play = talking(
        {"ana": ("support",), "bob": ("sales",), "cy": ("support",)}, ready=("ana", "bob")
    )
    leg = play.leg("c1")
    asks(play, requests.TransferToAgent, agent=AgentId("bob")).hangs_up(leg)
    play.ready("cy").skip()
    play.after(seconds=15).then(
        Said(OfferEnded, agent="bob", outcome=OfferOutcome.NO_ANSWER),
        HangUp,
        Said(CallOffered, agent="cy"),
        RingAgent,
    )


def test_only_a_free_agent_is_handed_a_caller():
    play = talking(ready=("ana",))
    to_bob = {"agent": AgentId("bob")}
    assert refused(play, requests.TransferToAgent, **to_bob) is Reason.AGENT_NOT_FREE
    assert refused(play, requests.TransferToAgent, agent=AgentId("ana")) is Reason.AGENT_NOT_FREE
    assert refused(play, requests.TransferToAgent, agent=AgentId("x")) is Reason.UNKNOWN_AGENT
    play.ready("bob").arrives("c2", queue="sales").skip()
    assert refused(play, requests.TransferToAgent, **to_bob) is Reason.AGENT_NOT_FREE


def test_five_hands_one_call():
    agents = dict.fromkeys(("ana", "bob", "cy", "dee", "eve"), ("support",))
    play = talking(agents, wrap_up_ms=0)
    for name in ("bob", "cy", "dee", "eve", "ana"):
        leg = play.leg("c1")
        asks(play, requests.TransferToAgent, agent=AgentId(name)).hangs_up(leg)
        play.picks_up("c1").bridged("c1").after(seconds=1)
    assert [told.agent for told in play.told(CallTransferred)] == [
        "ana",
        "bob",
        "cy",
        "dee",
        "eve",
    ]
    assert {told.call for told in play.told(CallTransferred)} == {call_id("c1")}
    play.skip().hangs_up("c1").then(Said(CallEnded, agent="ana", ending=Ending.COMPLETED), HangUp)


def test_each_who_had_the_caller_may_say_what_came_of_it():
    play = talking()
    asks(play, requests.TransferToQueue, queue=SALES).picks_up("c1").bridged("c1").skip()

    def says(agent: str) -> Play:
        return asks(play, requests.RecordOutcome, agent=AgentId(agent), outcome="follow-up")

    says("ana").then(Accepted, Said(OutcomeRecorded, agent="ana"))
    says("bob").then(Accepted, Said(OutcomeRecorded, agent="bob"))


def test_a_hand_over_that_we_do_not_survive_leaves_the_caller_in_his_queue():
    before = talking(ready=("ana",))
    asks(before, requests.TransferToQueue, queue=SALES)
    joined_at, note = before.now, before.told(SaveCall)[-1].saved
    play = Play(centre(BOTH), ready=())
    play.now = joined_at + 5_000
    there = (seen("c1", saved=note, created_at=joined_at - 60_000),)
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    (queued,) = play.told(CallQueued)
    assert (queued.queue, queued.joined_at) == ("sales", joined_at)


# The rest.


def test_an_agent_who_hangs_up_by_his_screen_has_done_with_the_caller():
    play = talking()
    leg = play.leg("c1")
    asks(play, requests.ClearCall).then(
        Accepted, Said(ReleaseToDialplan, result="done"), Said(HangUp, channel=leg)
    )
    play.hangs_up(leg)
    assert play.state("ana") == "wrap-up"
    play.skip().hangs_up("c1").then(Said(CallEnded, ending=Ending.COMPLETED, talked_ms=60_000))


def test_keys_are_sent_to_the_callers_side():
    play = talking()
    asks(play, requests.SendTones, keys="12#").then(Accepted, Said(PlayTones, keys="12#"))
    assert play.state("ana") == "busy-acd"
