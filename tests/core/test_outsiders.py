"""A number beside a call: transferred to, consulted, in conference; and the caller is never left with nobody."""

from dataclasses import replace

import pytest

from acd.core import requests
from acd.core.commands import (
    DialNumber,
    HangUp,
    HoldLeg,
    JoinLeg,
    MuteLeg,
    ReleaseToDialplan,
    RenewDeadMan,
    SaveCall,
)
from acd.core.configuration import WhenUnstaffed
from acd.core.events import (
    CallLeft,
    CommandFailed,
    Configured,
    Failure,
    LegAnswered,
    LegEnded,
    LegReferred,
    NodeFound,
    RecordingFinished,
    RecordingStarted,
)
from acd.core.ids import (
    AgentId,
    ChannelId,
    bridge_for,
    dialled_at,
    offer_to,
    outside_leg,
    read_agent_leg,
    read_outside_leg,
)
from acd.core.notices import (
    Accepted,
    CallConnected,
    CallEnded,
    CallHandedOut,
    CallHeld,
    CallOffered,
    CallQueued,
    CallRetrieved,
    CallTakenOver,
    CallTransferred,
    Ending,
    OutsiderChanged,
    OutsiderDialled,
    OutsiderLeft,
    Reason,
    Supervised,
)
from acd.core.outbound import Caps, Number, NumberKind, Outbound
from acd.core.outsider import Outsider
from acd.core.party import MUTED, PartyLeft, PartyState
from acd.core.recording import RecordingChanged, RecordingState, RecordWhen
from tests.core.test_calling import POLICE, ROUTE, WANG
from tests.core.test_consulting import BOB, PEOPLE, asks, comes, refused
from tests.play import NODE, SALES, START, SUPPORT, Play, Said, call_id, centre, channel, seen

LIU = Number(digits="+861065550001", kind=NumberKind.SUBSCRIBER)
ABROAD = Number(digits="+12125552368", kind=NumberKind.SUBSCRIBER)


def calls_out(caps: Caps | None = None, **rules):
    outbound = Outbound(routes=(ROUTE,), queue=SUPPORT, caps=caps or Caps())
    return replace(centre(PEOPLE, **rules), outbound=outbound)


def talking(configuration=None) -> Play:
    """Ana talks to the caller, since a minute; he has waited ten seconds."""
    play = Play(configuration or calls_out(), ready=("bob", "cy"))
    play.arrives("c1").after(seconds=10).ready("ana").picks_up("c1").bridged("c1")
    return play.after(seconds=60).skip()


def there(play: Play, number: Number = WANG) -> Outsider:
    return play.engine.state.calls[call_id("c1")].outsiders[number.digits]


def picks_up(play: Play, number: Number = WANG) -> Play:
    return play.tell(LegAnswered(at=play.now, channel=there(play, number).leg))


def ends(play: Play, number: Number = WANG, cause: int = 16) -> Play:
    return play.tell(LegEnded(at=play.now, channel=there(play, number).leg, cause=cause))


def consulting(play: Play | None = None, number: Number = WANG) -> Play:
    play = asks(play or talking(), requests.ConsultNumber, number=number)
    return picks_up(play, number).after(seconds=10).skip()


def handed_out(configuration=None) -> Play:
    """The caller talks to a number, and to no agent any more."""
    play = asks(talking(configuration), requests.TransferToNumber, number=WANG)
    return picks_up(play.after(seconds=5)).skip()


def state_of(play: Play) -> str:
    return play.engine.state.calls[call_id("c1")].state.value


# Transfers.


def test_the_agent_is_let_go_when_the_number_picks_up_and_the_two_talk_until_one_hangs_up():
    play = talking()
    ana = play.leg("c1")
    leg = outside_leg(call_id("c1"), AgentId("ana"), play.now)
    asks(play, requests.TransferToNumber, number=WANG).then(
        Accepted,
        Said(HoldLeg, channel=channel("c1"), offer=ana),
        CallHeld,
        Said(OutsiderDialled, number=WANG.digits, by="ana", route="country", transfer=True),
        Said(
            DialNumber,
            leg=leg,
            sake=channel("c1"),
            offer=ana,
            endpoint="trunk",
            digits="01065551234",
            caller_id="+861065550000",
        ),
    )
    assert refused(play, requests.HoldCall) is Reason.CONSULTING
    assert refused(play, requests.CompleteConsult) is Reason.CONSULT_NOT_ANSWERED
    play.after(seconds=5).skip()
    picks_up(play).then(
        Said(OutsiderChanged, state=PartyState.CONSULTED),
        Said(JoinLeg, channel=channel("c1"), offer=ana),
        Said(RenewDeadMan, timeout_ms=0),
        Said(CallRetrieved, held_ms=5_000),
        Said(OutsiderChanged, state=PartyState.JOINED),
        Said(
            CallHandedOut,
            agent="ana",
            offer=ana,
            number=WANG.digits,
            talked_ms=65_000,
            held_ms=5_000,
        ),
        Said(RenewDeadMan, timeout_ms=0),
        Said(HangUp, channel=ana),
    )
    play.hangs_up(ana).skip()
    assert play.state("ana") == "wrap-up" and state_of(play) == "outside"
    assert refused(play, requests.ConsultNumber, number=LIU) is Reason.NOT_TALKING
    assert refused(play, requests.HoldCall) is Reason.NOT_TALKING
    play.after(seconds=600).then_nothing()
    ends(play).then(
        Said(OutsiderLeft, result="", talked_ms=600_000),
        Said(ReleaseToDialplan, result="done"),
    )
    play.tell(CallLeft(at=play.now, channel=channel("c1"))).then(
        Said(CallEnded, ending=Ending.COMPLETED, agent=None, talked_ms=0)
    )


def test_who_had_him_before_he_was_handed_out_is_known_in_order():
    play = asks(talking(), requests.TransferToAgent, agent=BOB)
    play.picks_up("c1").bridged("c1").skip()
    onward = requests.TransferToNumber(
        at=play.now, request="q", by="bob", call=call_id("c1"), number=WANG
    )
    picks_up(play.tell(onward))
    assert play.engine.state.calls[call_id("c1")].handed_on_by == ("ana", "bob")


def test_a_caller_who_hangs_up_ends_it_for_the_number():
    play = handed_out()
    leg = there(play).leg
    play.hangs_up("c1").then(
        Said(HangUp, channel=leg), OutsiderLeft, Said(CallEnded, ending=Ending.COMPLETED)
    )
    play.tell(LegEnded(at=play.now, channel=leg)).then_nothing()


@pytest.mark.parametrize(
    ("how", "result"), [("busy", "busy"), ("late", "no-answer"), ("refused", "unreachable")]
)
def test_who_is_not_reached_costs_nobody_his_agent(how, result):
    play = asks(talking(), requests.TransferToNumber, number=WANG).skip()
    leg, left = there(play).leg, Said(OutsiderLeft, result=result)
    back = (Said(JoinLeg, channel=channel("c1")), Said(CallRetrieved))
    match how:
        case "busy":
            ends(play, cause=17).then(Said(OutsiderLeft, result=result, talked_ms=0), *back)
        case "late":
            play.after(seconds=30).then(Said(HangUp, channel=leg), left, *back)
        case _:
            failed = CommandFailed(
                at=play.now, command="DialNumber", channel=leg, failure=Failure.REFUSED
            )
            play.tell(failed).then(Said(HangUp, channel=leg), left, *back)
    assert (state_of(play), play.state("ana")) == ("talking", "busy-acd")
    asks(play, requests.TransferToNumber, number=WANG).skip()
    assert there(play).leg != leg, "no two legs have one name"


def test_the_agent_takes_a_transfer_back_before_anybody_picks_up():
    play = asks(talking(), requests.TransferToNumber, number=WANG).skip()
    leg = there(play).leg
    asks(play, requests.CancelConsult).then(
        Accepted, Said(HangUp, channel=leg), OutsiderLeft, JoinLeg, CallRetrieved
    )
    play.tell(LegAnswered(at=play.now, channel=leg)).then(Said(HangUp, channel=leg))


def test_an_agent_who_hangs_up_meanwhile_leaves_the_caller_to_the_number():
    play = asks(talking(), requests.TransferToNumber, number=WANG).after(seconds=3).skip()
    play.hangs_up(play.leg("c1")).then(Said(CallHandedOut, agent="ana", held_ms=3_000))
    assert state_of(play) == "outside" and play.state("ana") == "wrap-up"
    renewed = len(play.told(RenewDeadMan))
    play.after(seconds=20).skip()
    assert len(play.told(RenewDeadMan)) > renewed, "if we die now, Asterisk has him back"
    picks_up(play).then(
        Said(JoinLeg, channel=channel("c1")),
        Said(RenewDeadMan, timeout_ms=0),
        Said(OutsiderChanged, state=PartyState.JOINED),
    )


def test_and_who_hangs_up_before_anybody_picks_up_has_talked_to_his_agent():
    play = asks(talking(), requests.TransferToNumber, number=WANG)
    play.hangs_up(play.leg("c1")).hangs_up("c1")
    assert play.told(CallEnded)[-1].ending is Ending.COMPLETED


def test_and_if_nobody_picks_up_he_waits_in_the_place_that_he_had():
    play = asks(talking(), requests.TransferToNumber, number=WANG).skip()
    play.hangs_up(play.leg("c1")).skip()
    play.tell(
        requests.BecomeNotReady(
            at=play.now, request="q", by="ana", agent=AgentId("ana"), reason="x"
        )
    ).arrives("c2").skip()
    play.after(seconds=10).skip()
    ends(play, cause=17).then(
        Said(OutsiderLeft, result="busy"),
        Said(CallQueued, queue="support", placed_at=START + 2, joined_at=play.now - 10_000),
    )
    play.ready("ana")
    assert [told.call for told in play.told(CallOffered)][-1] == call_id("c1"), "before c2"


def test_and_where_nobody_is_on_shift_by_then_he_does_not_wait_for_nobody():
    play = asks(talking(), requests.TransferToNumber, number=WANG)
    play.hangs_up(play.leg("c1"))
    play.tell(Configured(at=play.now, configuration=calls_out(when_unstaffed=WhenUnstaffed.LEAVE)))
    for name in ("ana", "bob", "cy"):
        play.tell(requests.LogOut(at=play.now, request="q", by=name, agent=AgentId(name)))
    ends(play, cause=17)
    assert [given.result for given in play.told(ReleaseToDialplan)] == ["unstaffed"]


def test_a_supervisor_takes_him_back_from_a_number():
    play = handed_out()
    leg, bridge = there(play).leg, play.engine.state.calls[call_id("c1")].bridge
    asks(play, requests.TransferToQueue, queue=SALES).then(
        Accepted,
        Said(Supervised, action="transfer"),
        Said(HoldLeg, channel=channel("c1"), offer=bridge),
        Said(CallQueued, queue="sales"),
        Said(HangUp, channel=leg),
        OutsiderLeft,
        Said(CallOffered, agent="bob"),
        ...,
    )
    play = handed_out()
    asks(play, requests.ClearCall).then(
        Accepted,
        Said(Supervised, action="clear"),
        Said(ReleaseToDialplan, result="done"),
        HangUp,
        OutsiderLeft,
    )


def test_a_supervisor_sends_him_on_from_a_number_to_another():
    play = handed_out()
    wang, bridge = there(play).leg, play.engine.state.calls[call_id("c1")].bridge
    asks(play.after(seconds=60).skip(), requests.TransferToNumber, number=LIU).then(
        Accepted,
        Said(Supervised, action="transfer", agent=None, detail=call_id("c1")),
        Said(HoldLeg, channel=channel("c1"), offer=bridge),
        RenewDeadMan,
        Said(OutsiderDialled, number=LIU.digits, by="ana", transfer=True),
        Said(DialNumber, offer=bridge),
        Said(HangUp, channel=wang),
        Said(OutsiderLeft, number=WANG.digits, result=""),
        SaveCall,
    )
    assert list(play.engine.state.calls[call_id("c1")].outsiders) == [LIU.digits]
    renewed = len(play.told(RenewDeadMan))
    play.after(seconds=25).skip()
    assert len(play.told(RenewDeadMan)) > renewed, "if we die now, Asterisk has him back"
    picks_up(play, LIU).then(
        Said(JoinLeg, channel=channel("c1")),
        Said(RenewDeadMan, timeout_ms=0),
        SaveCall,
        Said(OutsiderChanged, state=PartyState.JOINED),
    )
    play.hangs_up("c1")
    assert play.told(CallEnded)[-1].ending is Ending.COMPLETED


def test_and_if_nobody_picks_up_there_he_waits_from_now_in_the_place_that_he_had():
    play = handed_out().after(seconds=60).skip()
    sent_on_at = play.now
    asks(play, requests.TransferToNumber, number=LIU).skip()
    for name in ("bob", "cy"):
        play.tell(requests.LogOut(at=play.now, request="q", by=name, agent=AgentId(name)))
    ends(play.after(seconds=5).skip(), LIU, cause=17).then(
        Said(OutsiderLeft, result="busy"),
        Said(CallQueued, queue="support", placed_at=START + 2, joined_at=sent_on_at),
        ...,
    )


def test_who_is_sent_on_twice_before_anybody_picks_up_has_not_been_heard_and_is_not_recorded():
    play = asks(
        talking(calls_out(record=RecordWhen.ALWAYS)), requests.TransferToNumber, number=WANG
    )
    play.tell(RecordingStarted(at=play.now, call=call_id("c1"), part=1))
    play.hangs_up(play.leg("c1")).skip()
    joined_at = play.engine.state.calls[call_id("c1")].joined_at
    wang = there(play).leg
    asks(play.after(seconds=5).skip(), requests.TransferToNumber, number=LIU).then(
        Accepted,
        Supervised,
        Said(OutsiderDialled, number=LIU.digits),
        DialNumber,
        Said(HangUp, channel=wang),
        Said(OutsiderLeft, result="withdrawn"),
        SaveCall,
    )
    call = play.engine.state.calls[call_id("c1")]
    assert call.joined_at == joined_at and call.recording is not None
    assert call.recording.state is RecordingState.BETWEEN, "there is nobody to be recorded"
    picks_up(play, LIU)
    assert (call.recording.part, call.recording.state) == (2, RecordingState.STARTING)


@pytest.mark.parametrize(("number", "why"), [(ABROAD, "no-route"), (WANG, "in-call-already")])
def test_where_he_may_not_be_sent_on_he_stays_with_whom_he_has(number, why):
    play = handed_out()
    assert refused(play, requests.TransferToNumber, number=number) == why
    assert there(play).state is PartyState.JOINED
    stop = requests.SwitchOutbound(at=play.now, request="q", by="root", stopped=True)
    play.tell(stop).skip()
    assert refused(play, requests.TransferToNumber, number=LIU) is Reason.OUTBOUND_STOPPED


def test_whose_queue_is_taken_away_is_not_sent_on_for_he_could_not_wait_there():
    play = handed_out()
    before = play.engine.state.configuration
    queues = {name: rules for name, rules in before.queues.items() if name != "support"}
    play.tell(Configured(at=play.now, configuration=replace(before, queues=queues))).skip()
    assert refused(play, requests.TransferToNumber, number=LIU) is Reason.UNKNOWN_QUEUE


# Consultations.


def test_to_and_fro_with_a_number_and_back():
    play = talking()
    asks(play, requests.ConsultNumber, number=WANG).skip()
    picks_up(play).then(Said(OutsiderChanged, state=PartyState.CONSULTED))
    leg = there(play).leg
    asks(play, requests.Alternate).then(
        Accepted,
        Said(HoldLeg, channel=leg),
        Said(JoinLeg, channel=channel("c1")),
        CallRetrieved,
        Said(OutsiderChanged, state=PartyState.ON_HOLD),
    )
    asks(play, requests.Alternate).then(
        Accepted, HoldLeg, CallHeld, Said(JoinLeg, channel=leg), OutsiderChanged
    )
    asks(play, requests.CancelConsult).then(
        Accepted,
        Said(HangUp, channel=leg),
        Said(OutsiderLeft, result=""),
        Said(JoinLeg, channel=channel("c1")),
        CallRetrieved,
    )


def test_a_consulted_number_that_hangs_up_brings_the_caller_back():
    play = consulting()
    ends(play).then(OutsiderLeft, Said(JoinLeg, channel=channel("c1")), CallRetrieved)


def test_the_agent_leaves_him_to_whom_he_has_consulted():
    play = consulting()
    asks(play, requests.CompleteConsult).then(
        Accepted,
        JoinLeg,
        CallRetrieved,
        OutsiderChanged,
        Said(CallHandedOut, held_ms=10_000),
        HangUp,
    )
    assert state_of(play) == "outside"
    play = consulting()
    play.hangs_up(play.leg("c1")).then(JoinLeg, CallRetrieved, OutsiderChanged, CallHandedOut)


def test_an_agent_who_hangs_up_while_a_number_that_he_would_ask_rings():
    play = asks(talking(), requests.ConsultNumber, number=WANG).skip()
    leg = there(play).leg
    play.hangs_up(play.leg("c1")).then(
        CallTransferred, CallQueued, Said(HangUp, channel=leg), OutsiderLeft
    )


def test_all_together_and_an_agent_in_it_has_the_call_before_a_number():
    play = asks(consulting(), requests.StartConference).skip()
    wang = there(play).leg
    asks(play, requests.MuteNumber, number=WANG.digits, muted=True).then(
        Accepted, Said(MuteLeg, channel=wang, muted=True), Said(OutsiderChanged, muted=True)
    )
    asks(play, requests.HoldCall).then(Accepted, HoldLeg, Said(HoldLeg, channel=wang), CallHeld)
    asks(play, requests.RetrieveCall).skip()
    comes(asks(play, requests.ConsultAgent, agent=BOB)).skip()
    asks(play, requests.StartConference).skip()
    play.hangs_up(play.leg("c1")).then(Said(CallTakenOver, agent="bob", by="ana"))
    assert list(play.engine.state.calls[call_id("c1")].outsiders) == [WANG.digits]
    play.hangs_up(play.leg("c1")).then(
        Said(CallHandedOut, agent="bob"),
        Said(MuteLeg, channel=wang, muted=False),
        Said(OutsiderChanged, muted=False),
    )


def test_two_numbers_and_one_is_removed():
    play = consulting(asks(consulting(), requests.StartConference).skip(), LIU)
    asks(play, requests.StartConference).skip()
    liu = there(play, LIU).leg
    assert refused(play, requests.ConsultNumber, number=WANG) is Reason.IN_CALL_ALREADY
    other = replace(LIU, digits="+861065550009")
    assert refused(play, requests.ConsultNumber, number=other) is Reason.AGENT_CAP
    assert refused(play, requests.RemoveNumber, number="110") is Reason.NOT_IN_CALL
    assert refused(play, requests.MuteNumber, number="110", muted=True) is Reason.NOT_IN_CALL
    asks(play, requests.RemoveNumber, number=LIU.digits).then(
        Accepted, Said(HangUp, channel=liu), Said(OutsiderLeft, number=LIU.digits)
    )
    play.hangs_up(play.leg("c1")).skip()
    ends(play).then(OutsiderLeft, ReleaseToDialplan)


@pytest.mark.parametrize(
    ("kind", "fields", "agent"),
    [
        (requests.ClearCall, {}, None),
        (requests.TransferToQueue, {"queue": "sales"}, None),
        (requests.TransferToAgent, {"agent": "bob"}, "bob"),
    ],
)
def test_what_a_supervisor_does_with_a_call_that_no_agent_has_is_written_down(kind, fields, agent):
    play = handed_out()
    request = kind(at=play.now, request="q", by="sue", call=call_id("c1"), **fields)
    play.tell(request)
    (noted,) = play.told(Supervised)
    assert (noted.by, noted.agent, noted.detail) == ("sue", agent, call_id("c1"))
    assert noted.reason == ""
    assert noted.action == ("clear" if kind is requests.ClearCall else "transfer")


# The transfer button of the agent's own phone.


def referred(play: Play, to: str, number: Number | None = None) -> Play:
    leg = ChannelId(play.leg("c1"))
    stand_in = channel("local")
    return play.tell(LegReferred(at=play.now, channel=leg, stand_in=stand_in, to=to, number=number))


def test_what_is_dialled_on_the_phone_is_done_as_if_it_had_been_asked_of_us():
    play = talking()
    ana = play.leg("c1")
    referred(play, "sales").then(
        Said(HangUp, channel=channel("local")),
        HoldLeg,
        Said(CallTransferred, to_queue="sales", to_agent=None),
        Said(HangUp, channel=ana),
        Said(CallQueued, queue="sales"),
        CallOffered,
        ...,
    )
    play = talking()
    referred(play, "bob")
    assert play.told(CallTransferred)[0].to_agent == "bob"
    play = talking()
    referred(play, "01065551234", WANG).then(HangUp, Said(HoldLeg, channel=channel("c1")), ...)
    assert (state_of(play), there(play).transfer) == ("outside", True)
    ends(play, cause=17)
    assert play.told(CallQueued)[-1].placed_at == START + 2


@pytest.mark.parametrize(("to", "number"), [("nowhere", None), ("+1212", ABROAD), ("ana", None)])
def test_who_may_not_go_where_the_phone_sends_him_waits_in_his_place(to, number):
    play = talking()
    ana = play.leg("c1")
    referred(play, to, number).then(
        Said(HangUp, channel=channel("local")),
        HoldLeg,
        CallHeld,
        CallTransferred,
        Said(CallQueued, queue="support", placed_at=START + 2),
        Said(HangUp, channel=ana),
    )
    assert not play.told(DialNumber)


def test_whoever_has_others_beside_him_leaves_the_caller_to_them_and_is_free():
    play = consulting()
    ana = play.leg("c1")
    referred(play, "sales").then(
        Said(HangUp, channel=channel("local")),
        Said(JoinLeg, channel=channel("c1")),
        RenewDeadMan,
        CallRetrieved,
        Said(OutsiderChanged, state=PartyState.JOINED),
        Said(CallHandedOut, agent="ana", number=WANG.digits),
        RenewDeadMan,
        SaveCall,
        Said(HangUp, channel=ana),
    )
    assert state_of(play) == "outside"
    gone = LegReferred(at=play.now, channel=ChannelId(ana), stand_in=channel("local"), to="sales")
    play.tell(gone).then(Said(HangUp, channel=channel("local")))
    play.after(seconds=60)  # The end of his leg was lost.
    assert play.state("ana") == "ready"


@pytest.mark.parametrize("kind", [requests.ConsultNumber, requests.TransferToNumber])
def test_who_is_only_being_called_does_not_hold_up_what_the_phone_says_last(kind):
    play = asks(talking(), kind, number=WANG).skip()
    wang = there(play).leg
    referred(play, "sales").then(
        Said(HangUp, channel=channel("local")),
        Said(HangUp, channel=wang),
        OutsiderLeft,
        ...,
    )
    assert (play.told(CallTransferred)[-1].to_queue, state_of(play)) == ("sales", "offered")
    play = asks(talking(), requests.ConsultAgent, agent=AgentId("bob")).skip()
    bob = play.engine.state.calls[call_id("c1")].parties[AgentId("bob")].leg
    referred(play, "sales").then(
        Said(HangUp, channel=channel("local")), Said(HangUp, channel=bob), ...
    )
    assert play.told(CallTransferred)[-1].to_queue == "sales"


def test_whoever_does_not_have_the_call_sends_nobody_anywhere_and_is_gone():
    play = comes(asks(talking(), requests.ConsultAgent, agent=AgentId("bob")).skip()).skip()
    bob = play.engine.state.calls[call_id("c1")].parties[AgentId("bob")].leg
    sent = LegReferred(at=play.now, channel=bob, stand_in=channel("local"), to="sales")
    play.tell(sent).then(
        Said(HangUp, channel=channel("local")), Said(HangUp, channel=bob), PartyLeft, ...
    )
    assert state_of(play) == "talking"
    assert play.engine.state.calls[call_id("c1")].held_since is None


def test_the_phone_sends_nobody_where_he_would_be_turned_away_nor_out_of_the_bridge_twice():
    configuration = calls_out()
    full = replace(configuration.queues[SALES], when_unstaffed=WhenUnstaffed.LEAVE)
    queues = {**configuration.queues, SALES: full}
    play = talking(replace(configuration, queues=queues))
    for name in ("bob", "cy"):
        play.tell(requests.LogOut(at=play.now, request="q", by=name, agent=AgentId(name)))
    referred(play.skip(), "sales")
    assert play.told(CallTransferred)[-1].to_queue == "support", "where he was"
    play = asks(talking(), requests.HoldCall).skip()
    referred(play, "01065551234", WANG)
    assert not [said for said in play.said if isinstance(said, HoldLeg)]


# What may not be.


def test_a_number_that_may_not_be_called_is_not_and_the_agent_has_the_caller_still():
    play = talking(calls_out(Caps(agent_per_hour=1)))
    for kind in (requests.TransferToNumber, requests.ConsultNumber):
        assert refused(play, kind, number=ABROAD) is Reason.NO_ROUTE
        asks(play, kind, number=POLICE).skip()
        asks(play, requests.CancelConsult).skip()
    assert refused(play, requests.ConsultNumber, number=WANG) is Reason.AGENT_CAP
    stop = requests.SwitchOutbound(at=play.now, request="q", by="root", stopped=True)
    play.tell(stop).skip()
    assert refused(play, requests.TransferToNumber, number=WANG) is Reason.OUTBOUND_STOPPED
    assert state_of(play) == "talking"


def test_a_stop_ends_what_rings_outside_and_nothing_else():
    play = asks(consulting(), requests.StartConference).skip()
    asks(play, requests.ConsultNumber, number=LIU).skip()
    liu = there(play, LIU).leg
    stop = requests.SwitchOutbound(at=play.now, request="q", by="root", stopped=True)
    play.tell(stop).then(
        Accepted,
        ...,
    )
    (left,) = play.told(OutsiderLeft)
    assert (left.leg, left.result) == (liu, "outbound-stopped")
    assert there(play).state is PartyState.JOINED
    asks(play.skip(), requests.ConsultNumber, number=POLICE).skip()
    play.tell(stop).then(Accepted, Supervised)


def test_who_leaves_a_conference_brings_nobody_back_who_is_on_hold():
    play = asks(asks(consulting(), requests.StartConference), requests.HoldCall).skip()
    ends(play).then(OutsiderLeft)
    assert play.engine.state.calls[call_id("c1")].held_since is not None


def test_what_it_counts_for_is_freed_with_the_leg():
    play = handed_out(calls_out(Caps(agent_at_once=1)))
    usage = play.engine.state.usage
    assert usage.refusal(Caps(agent_at_once=1), AgentId("ana"), play.now) is not None
    ends(play)
    assert usage.refusal(Caps(agent_at_once=1), AgentId("ana"), play.now) is None


# One recording, and the end of our process.


def test_one_recording_goes_on_with_the_number():
    play = asks(
        talking(calls_out(record=RecordWhen.ALWAYS)), requests.TransferToNumber, number=WANG
    )
    recording = play.engine.state.calls[call_id("c1")].recording
    assert recording is not None and recording.part == 1
    play.tell(RecordingStarted(at=play.now, call=call_id("c1"), part=1))
    assert recording.state is RecordingState.PAUSED
    picks_up(play)
    assert (recording.part, recording.state) == (1, RecordingState.RUNNING)
    # Nobody has asked for the end of it, and the two talk.
    play.tell(RecordingFinished(at=play.now, call=call_id("c1"), part=1))
    assert recording.state is RecordingState.FAILED
    ends(play)


def test_it_goes_on_also_when_the_agent_did_not_wait_for_the_number_to_pick_up():
    play = asks(
        talking(calls_out(record=RecordWhen.ALWAYS)), requests.TransferToNumber, number=WANG
    )
    play.tell(RecordingStarted(at=play.now, call=call_id("c1"), part=1)).hangs_up(play.leg("c1"))
    recording = play.engine.state.calls[call_id("c1")].recording
    assert recording is not None and recording.state is RecordingState.BETWEEN
    play.tell(RecordingFinished(at=play.now, call=call_id("c1"), part=1))
    picks_up(play)
    assert (recording.part, recording.state) == (2, RecordingState.STARTING)


def test_whom_she_asks_outside_changes_nothing_of_the_recording():
    play = asks(talking(calls_out(record=RecordWhen.ALWAYS)), requests.ConsultNumber, number=WANG)
    picks_up(play.skip()).then(Said(OutsiderChanged, state=PartyState.CONSULTED))


def restarted(play: Play, *channels) -> Play:
    again = Play(calls_out())
    again.now = play.now
    return again.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=channels))


def saved(play: Play) -> str:
    return play.told(SaveCall)[-1].saved


def test_a_restart_finds_the_caller_with_a_number():
    play = handed_out()
    leg, bridge = there(play).leg, bridge_for(play.engine.state.calls[call_id("c1")].bridge)
    caller = seen("c1", bridge=bridge, saved=saved(play))
    his = replace(seen(leg, bridge=bridge, saved=MUTED), number=WANG.digits)
    again = restarted(play, caller, his)
    assert state_of(again) == "outside" and there(again).muted
    assert [said.muted for said in again.told(MuteLeg)] == [True]
    assert not again.told(CallQueued) and not again.told(HangUp)
    assert again.engine.state.usage.refusal(Caps(agent_at_once=1), AgentId("ana"), play.now)
    assert not again.told(RecordingChanged)
    look = NodeFound(at=again.now, node=NODE, seen_at=again.now, channels=(caller, his))
    again.skip().tell(look).then_nothing()
    ends(again).skip()
    assert state_of(again) == "leaving"
    # What is recorded of it is told anew.
    talk = handed_out(calls_out(record=RecordWhen.ALWAYS))
    again = restarted(talk, replace(caller, saved=saved(talk)), his)
    assert again.told(RecordingChanged)[-1].part == 1


def test_a_restart_finds_a_number_in_conference_and_one_that_rings():
    play = asks(consulting(), requests.StartConference).skip()
    wang, ana = there(play).leg, play.leg("c1")
    bridge = bridge_for(ana)
    ringing = outside_leg(call_id("c1"), AgentId("ana"), play.now)
    bob = offer_to(call_id("c1"), AgentId("bob"), play.now)
    again = restarted(
        play,
        seen("c1", bridge=bridge, saved=saved(play)),
        seen(ana, bridge=bridge),
        replace(seen(wang, bridge=bridge), number=WANG.digits),
        seen(bob, bridge=bridge, created_at=START + 1),
        replace(seen(ringing, up=False, bridge=bridge), number=LIU.digits),
    )
    assert there(again).state is PartyState.JOINED
    assert list(again.engine.state.calls[call_id("c1")].parties) == ["bob"]
    assert [hang.channel for hang in again.told(HangUp)] == [ringing]
    assert again.told(CallConnected)[0].agent == "ana"


def test_a_number_that_has_gone_while_we_did_not_hear_and_one_that_has_picked_up():
    play = asks(talking(), requests.TransferToNumber, number=WANG).after(seconds=6).skip()
    ana = play.leg("c1")
    caller = seen("c1", bridge=None, saved=saved(play))
    own = seen(ana, bridge=bridge_for(ana))
    rings = replace(seen(there(play).leg, up=False, bridge=bridge_for(ana)), number=WANG.digits)
    look = NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(caller, own, rings))
    play.tell(look).then_nothing()
    look = NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(caller, own))
    play.tell(look).then(Said(OutsiderLeft, result="unreachable"), JoinLeg, CallRetrieved, ...)
    asks(play, requests.TransferToNumber, number=WANG).skip()
    dialled_at = play.now
    play.after(seconds=6)
    early = replace(look, at=play.now, seen_at=dialled_at + 4_999)
    play.tell(early).then_nothing()  # It may be on its way.
    asks(
        play.tell(replace(early, seen_at=dialled_at + 5_000)).skip(),
        requests.TransferToNumber,
        number=WANG,
    )
    assert len(play.told(OutsiderLeft)) == 2
    his = replace(seen(there(play).leg, bridge=bridge_for(ana)), number=WANG.digits)
    look = NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(caller, own, his))
    play.tell(look)
    assert play.told(CallHandedOut)


def test_names_of_legs():
    leg = outside_leg(call_id("c1"), AgentId("ana"), 7)
    assert read_outside_leg(leg) == (call_id("c1"), "ana") and read_agent_leg(leg) is None
    assert dialled_at(leg) == 7
    for other in ("pbx1:17.1", "pbx1:dialled~ana-1~out", "pbx1:17.1~ana~5", "pbx1:17.1~out~5"):
        assert read_outside_leg(ChannelId(other)) is None
