"""An agent calls somebody: his phone, the number, the talk; and all the ways in which it comes to nothing."""

from dataclasses import replace

import pytest

from acd.core import requests
from acd.core.commands import (
    DialNumber,
    HangUp,
    HoldLeg,
    IdentifyCaller,
    JoinLeg,
    PlayTones,
    RingAgent,
    SaveCall,
)
from acd.core.configuration import Configuration, WrapUpMode
from acd.core.customer import Confidence, Customer, Identity
from acd.core.events import (
    CallsOutRestored,
    CommandFailed,
    Configured,
    Failure,
    LegAnswered,
    LegBridged,
    LegEnded,
    NodeFound,
)
from acd.core.ids import (
    AgentId,
    CallId,
    ChannelId,
    CustomerId,
    OfferId,
    bridge_for,
    caller_leg,
    dialled_call,
)
from acd.core.notices import (
    Accepted,
    AgentStateChanged,
    CallConnected,
    CallEnded,
    CallerRecognised,
    CallHeld,
    CallOffered,
    CallPlaced,
    CallQueued,
    CallRetrieved,
    CallStarted,
    CallTransferred,
    Direction,
    Ending,
    NumberDialled,
    PartyOffered,
    Reason,
    Refused,
    Supervised,
)
from acd.core.outbound import HOUR_MS, Caps, Number, NumberKind, Outbound, Route
from tests.play import NODE, SALES, START, SUPPORT, Play, Said, centre, seen

WANG = Number(digits="+861065551234", kind=NumberKind.SUBSCRIBER)
POLICE = Number(digits="110", kind=NumberKind.SHORT)
ROUTE = Route(
    name="country",
    endpoint="trunk",
    prefixes=("+86",),
    strip="+86",
    prepend="0",
    emergency=("110",),
    caller_id="+861065550000",
    ring_ms=30_000,
)


def calls_out(agents=None, *, caps: Caps | None = None, **rules) -> Configuration:
    outbound = Outbound(routes=(ROUTE,), queue=SUPPORT, caps=caps or Caps())
    return replace(centre(agents, **rules), outbound=outbound)


def asks(play: Play, agent: str = "ana", number: Number = WANG, **fields) -> Play:
    name = AgentId(agent)
    return play.tell(
        requests.MakeCall(at=play.now, request="q", by=agent, agent=name, number=number, **fields)
    )


def refused(play: Play, agent: str = "ana", number: Number = WANG, **fields) -> Reason:
    asks(play.skip(), agent, number, **fields)
    (no,) = play.said
    assert isinstance(no, Refused)
    return no.reason


def the_call(play: Play) -> CallId:
    (placed,) = play.told(CallPlaced)
    return placed.call


def own_leg(play: Play) -> ChannelId:
    (placed,) = play.told(CallPlaced)
    return ChannelId(placed.offer)


def his_leg(play: Play) -> ChannelId:
    return caller_leg(the_call(play))


def placed(**fields) -> Play:
    """Ana's own phone rings."""
    return asks(Play(calls_out(**fields)).skip()).skip()


def dialling(play: Play | None = None, **fields) -> Play:
    """She has picked up, and hears it ring."""
    play = play or placed(**fields)
    leg, call = own_leg(play), the_call(play)
    play.tell(LegAnswered(at=play.now, channel=leg))
    for channel in (leg, caller_leg(call)):
        play.tell(LegBridged(at=play.now, channel=channel, offer=OfferId(leg)))
    return play.skip()


def talking(play: Play | None = None, **fields) -> Play:
    play = dialling(play, **fields).after(seconds=4)
    return play.tell(LegAnswered(at=play.now, channel=his_leg(play)))


def ends(play: Play, cause: int = 16) -> Play:
    """The leg of who is called ends."""
    return play.tell(LegEnded(at=play.now, channel=his_leg(play), cause=cause))


def own_ends(play: Play) -> Play:
    return play.tell(LegEnded(at=play.now, channel=own_leg(play), cause=16))


def test_the_agents_own_phone_rings_first_and_the_pop_comes_before_it():
    play = asks(Play(calls_out()).skip(), data={"list": "spring"})
    call = dialled_call(NODE, AgentId("ana"), play.now)
    play.then(
        Accepted,
        Said(CallStarted, call=call, direction=Direction.OUT, number=WANG.digits),
        Said(IdentifyCaller, call=call, number=WANG.digits),
        Said(CallPlaced, call=call, agent="ana", queue=SUPPORT, data={"list": "spring"}),
        Said(RingAgent, agent="ana", number=WANG.digits, first=True),
    )
    assert play.state("ana") == "dialling"


def test_the_number_is_dialled_as_its_route_says_when_she_has_picked_up():
    play = placed()
    play.tell(LegAnswered(at=play.now, channel=own_leg(play))).then(
        Said(NumberDialled, agent="ana", route="country"),
        Said(JoinLeg, channel=own_leg(play)),
        Said(
            DialNumber,
            endpoint="trunk",
            digits="01065551234",
            caller_id="+861065550000",
            timeout_ms=30_000,
        ),
    )


def test_they_talk_when_both_have_picked_up_and_are_seen_together():
    play = dialling().after(seconds=4)
    assert play.told(CallConnected) == []
    play.tell(LegAnswered(at=play.now, channel=his_leg(play))).then(
        Said(CallConnected, agent="ana", queue=SUPPORT, waited_ms=4_000), SaveCall
    )
    assert play.state("ana") == "busy-acd"
    play.after(seconds=60)
    ends(play).then(Said(CallEnded, ending=Ending.COMPLETED, talked_ms=60_000), HangUp)
    own_ends(play)
    assert play.state("ana") == "wrap-up"


def test_that_he_has_picked_up_may_be_told_before_he_is_seen_in_the_bridge():
    play = placed()
    leg, call = own_leg(play), his_leg(play)
    play.tell(LegAnswered(at=play.now, channel=leg)).skip()
    for _ in range(2):  # And twice.
        play.tell(LegAnswered(at=play.now, channel=call)).then_nothing()
    for channel in (call, leg):
        play.tell(LegBridged(at=play.now, channel=channel, offer=OfferId(leg)))
    play.then(CallConnected, SaveCall)


def test_nobody_is_offered_a_caller_while_he_calls():
    play = dialling(agents={"ana": ("support",)}).arrives("c1")
    assert play.told(CallOffered) == []
    ends(play, cause=17)
    own_ends(play)
    assert [one.agent for one in play.told(CallOffered)] == ["ana"]


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (17, "busy"),
        (21, "rejected"),
        (19, "no-answer"),
        (1, "unknown-number"),
        (34, "unreachable"),
    ],
)
def test_who_is_not_reached_leaves_the_agent_as_he_was(cause, why):
    play = dialling()
    ends(play, cause).then(
        Said(CallEnded, ending=Ending.NOT_REACHED, detail=why, agent="ana", talked_ms=0), HangUp
    )
    assert play.state("ana") == "dialling"  # His phone is not free yet.
    own_ends(play)
    assert play.state("ana") == "ready"


def on_a_break(play: Play) -> Play:
    ana = AgentId("ana")
    return play.tell(
        requests.BecomeNotReady(at=play.now, request="r", by="ana", agent=ana, reason="lunch")
    )


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_failed_call_makes_nobody_ready_who_is_on_a_break(when):
    play = Play(calls_out()).skip()
    play = on_a_break(play) if when == "before" else play
    play = dialling(asks(play))
    play = on_a_break(play) if when == "meanwhile" else play
    own_ends(ends(play, cause=17))
    assert play.state("ana") == "not-ready"


def test_who_logs_out_while_he_calls_is_gone_after_it():
    play = dialling()
    ana = AgentId("ana")
    play.tell(requests.LogOut(at=play.now, request="r", by="ana", agent=ana))
    own_ends(ends(play, cause=17))
    assert play.state("ana") == "logged-out"


def test_nobody_picks_up():
    play = dialling().after(seconds=30)
    play.then(Said(HangUp, channel=his_leg(play)), Said(HangUp, channel=own_leg(play)))
    ends(own_ends(play))
    play.then(Said(CallEnded, ending=Ending.NOT_REACHED, detail="no-answer"))
    assert play.state("ana") == "ready"


def test_her_own_phone_is_not_picked_up():
    play = placed().after(seconds=15)
    play.then(
        Said(HangUp, channel=own_leg(play)),
        Said(CallEnded, ending=Ending.NOT_REACHED, detail="agent-no-answer"),
    )
    own_ends(play)
    assert play.state("ana") == "ready"  # It was her own idea, and is not held against her.
    assert play.told(DialNumber) == []


def test_her_own_phone_cannot_be_rung():
    play = placed()
    play.tell(
        CommandFailed(
            at=play.now, command="RingAgent", channel=own_leg(play), failure=Failure.REFUSED
        )
    ).after(seconds=0).then(Said(CallEnded, ending=Ending.NOT_REACHED, detail="agent-unreachable"))
    assert play.state("ana") == "ready"


def test_she_tries_again_in_the_same_moment_and_it_is_another_call():
    """The one before is over, and is still to be told so."""
    play = placed()
    first, leg = the_call(play), own_leg(play)
    play.tell(CommandFailed(at=play.now, command="RingAgent", channel=leg, failure=Failure.REFUSED))
    asks(play).after(seconds=0)
    before, after = (one.call for one in play.told(CallStarted))
    assert first == before != after
    assert [one.call for one in play.told(CallEnded)] == [before]
    assert list(play.engine.state.calls) == [after]


def test_she_hangs_up_while_it_rings():
    play = dialling()
    own_ends(play).then(Said(HangUp, channel=his_leg(play)))
    ends(play).then(Said(CallEnded, ending=Ending.NOT_REACHED, detail="agent-gave-up"))
    assert play.state("ana") == "ready"


def test_who_has_just_picked_up_and_is_gone_in_a_look_around_was_not_reached():
    play = placed()
    play.tell(LegAnswered(at=play.now, channel=own_leg(play))).after(seconds=4)
    play.tell(LegAnswered(at=play.now, channel=his_leg(play))).after(seconds=2)
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=()))
    assert [one.ending for one in play.told(CallEnded)] == [Ending.NOT_REACHED]


def test_who_is_let_go_and_is_not_heard_to_go_is_told_once_more():
    """Or he would hold a silent phone until the next look around."""
    play = own_ends(dialling()).skip()
    play.after(seconds=5).then(
        Said(HangUp, channel=his_leg(play)), Said(CallEnded, ending=Ending.NOT_REACHED)
    )


@pytest.mark.parametrize("seconds", [0, 5])
def test_who_picks_up_when_nobody_is_there_for_him_any_more_is_let_go_at_once(seconds):
    """That he is not to be called any more was not heard; a phone at an ear is never forgotten."""
    play = own_ends(dialling()).after(seconds=seconds).skip()
    play.tell(LegAnswered(at=play.now, channel=his_leg(play))).then(
        Said(HangUp, channel=his_leg(play))
    )


@pytest.mark.parametrize("begun", [placed, dialling])
def test_she_gives_it_up_by_her_screen(begun):
    play = begun()
    play.tell(requests.ClearCall(at=play.now, request="q", by="ana", call=the_call(play)))
    own_ends(play)
    if begun is dialling:
        ends(play)
    (ended,) = play.after(seconds=0).told(CallEnded)
    assert (ended.ending, ended.detail) == (Ending.NOT_REACHED, "agent-gave-up")
    assert play.state("ana") == "ready"


@pytest.mark.parametrize("failure", list(Failure))
def test_the_trunk_is_down(failure):
    play = dialling()
    play.tell(
        CommandFailed(at=play.now, command="DialNumber", channel=his_leg(play), failure=failure)
    ).after(seconds=0)
    # It is told to end all the same: who knows what was done.
    assert his_leg(play) in [one.channel for one in play.told(HangUp)]
    (ended,) = play.told(CallEnded)
    assert (ended.ending, ended.detail) == (Ending.NOT_REACHED, "unreachable")
    own_ends(play)
    assert play.state("ana") == "ready"


def test_he_picks_up_and_they_do_not_come_together():
    play = placed()
    play.tell(LegAnswered(at=play.now, channel=own_leg(play)))
    for seconds in (4, 1):  # Told twice, he has not picked up later.
        play.tell(LegAnswered(at=play.now, channel=his_leg(play))).skip().after(seconds=seconds)
    play.then(HangUp, HangUp)
    # Nobody has heard him: he must not count as one whom we have reached.
    ends(own_ends(play)).then(Said(CallEnded, ending=Ending.NOT_REACHED, detail="agent-gave-up"))


def test_wrap_up_is_by_the_rules_of_its_queue():
    play = Play(calls_out(wrap_up=WrapUpMode.LOCKED, wrap_up_ms=60_000))
    play = talking(asks(play.skip(), queue=SALES))
    own_ends(ends(play))
    assert play.state("ana") == "wrap-up"
    play.after(seconds=60)
    assert play.state("ana") == "ready"


def test_it_is_a_call_like_any_other_once_they_talk():
    play = talking(agents={"ana": ("support",), "bob": ("sales",)}).skip()
    call = the_call(play)
    for kind, said in (
        (requests.HoldCall, (Accepted, HoldLeg, CallHeld)),
        (requests.RetrieveCall, (Accepted, JoinLeg, CallRetrieved)),
    ):
        play.tell(kind(at=play.now, request="q", by="ana", call=call)).then(*said)
    play.tell(requests.SendTones(at=play.now, request="q", by="ana", call=call, keys="1")).then(
        Accepted, PlayTones
    )
    bob = AgentId("bob")
    play.tell(requests.ConsultAgent(at=play.now, request="q", by="ana", call=call, agent=bob)).then(
        Accepted, HoldLeg, CallHeld, PartyOffered, RingAgent
    )
    play.tell(requests.CancelConsult(at=play.now, request="q", by="ana", call=call)).skip()
    play.tell(requests.ClearCall(at=play.now, request="q", by="ana", call=call)).then(
        Accepted, Said(HangUp, channel=caller_leg(call)), Said(HangUp, channel=own_leg(play))
    )


def test_she_hands_him_on_to_a_queue_and_he_waits_there_as_a_caller_does():
    play = talking(agents={"ana": ("support",), "bob": ("sales",)}).skip()
    call = the_call(play)
    play.tell(
        requests.TransferToQueue(at=play.now, request="q", by="ana", call=call, queue=SALES)
    ).then(Accepted, HoldLeg, CallTransferred, HangUp, CallQueued, SaveCall, CallOffered, RingAgent)
    ends(play)
    (ended,) = play.told(CallEnded)
    assert ended.ending is Ending.ABANDONED


def test_who_is_meant_of_several_is_asked_of_the_directory_and_told_when_it_answers():
    play = asks(Play(calls_out()).skip(), customer=CustomerId("k2"))
    (asked,) = play.told(IdentifyCaller)
    assert asked.customer == "k2"
    two = tuple(Customer(id=CustomerId(name), name="") for name in ("k1", "k2"))
    found = Identity(number=WANG.digits, confidence=Confidence.SHARED, customers=two)
    assert [one.id for one in found.meaning(CustomerId("k2")).customers] == ["k2"]
    assert found.meaning(CustomerId("k3")) == found
    from acd.core.events import CallerIdentified

    play.skip().tell(CallerIdentified(at=play.now, call=the_call(play), identity=found))
    play.then(Said(CallerRecognised, late=True))


# Who may not.


def test_only_an_agent_who_is_free_calls():
    play = Play(calls_out(), ready=("ana",))
    assert refused(play, "nobody") is Reason.UNKNOWN_AGENT
    assert refused(play, "bob") is Reason.NOT_LOGGED_IN
    assert refused(play, queue="no-such") is Reason.UNKNOWN_QUEUE
    play.arrives("c1")
    assert refused(play) is Reason.AGENT_NOT_FREE
    play.picks_up("c1").bridged("c1")
    assert refused(play) is Reason.AGENT_NOT_FREE
    play.hangs_up("c1").hangs_up(own_offer(play))
    assert play.state("ana") == "wrap-up"
    assert refused(play) is Reason.AGENT_NOT_FREE


def own_offer(play: Play) -> str:
    return next(iter(play.engine.state.offers))


def test_a_number_that_no_route_allows_costs_nothing_and_rings_nothing():
    abroad = Number(digits="+12125550100", kind=NumberKind.SUBSCRIBER)
    play = Play(calls_out())
    assert refused(play, number=abroad) is Reason.NO_ROUTE
    premium = replace(WANG, kind=NumberKind.PREMIUM)
    assert refused(play, number=premium) is Reason.PREMIUM_NUMBER
    satellite = replace(WANG, kind=NumberKind.SATELLITE)
    assert refused(play, number=satellite) is Reason.SATELLITE_NUMBER
    assert play.told(RingAgent) == [] and play.told(DialNumber) == []


def test_caps_hold_and_emergencies_know_none():
    play = talking(caps=Caps(agent_per_hour=1))
    own_ends(ends(play)).after(seconds=60)
    assert refused(play) is Reason.AGENT_CAP
    assert refused(play, number=replace(WANG, digits="+861")) is Reason.AGENT_CAP
    asks(play.skip(), number=POLICE).then(Accepted, ...)


def test_who_can_call_nobody_is_told_so_and_when_that_is_over():
    def barred() -> bool:
        return [one.barred for one in play.told(AgentStateChanged) if one.agent == "ana"][-1]

    city, caps = replace(ROUTE, emergency=()), Caps(agent_per_hour=2, agent_at_once=1)
    configuration = replace(calls_out(), outbound=Outbound(routes=(city,), caps=caps))
    play = Play(configuration)
    lapses = play.now + HOUR_MS
    assert not barred()
    asks(play)
    assert barred()  # One at once.
    own_ends(play).after(seconds=60)
    assert not barred()
    asks(play).tell(
        LegEnded(at=play.now, channel=ChannelId(play.told(CallPlaced)[-1].offer), cause=16)
    )
    assert refused(play.after(seconds=60)) is Reason.AGENT_CAP
    assert play.after(seconds=(lapses - play.now) / 1000 - 1) and barred()
    assert play.after(seconds=1) and not barred()
    assert stop(play) and barred()
    play.tell(Configured(at=play.now, configuration=replace(calls_out(), outbound_stopped=True)))
    assert not barred()  # With emergencies there is always somebody to call.


def test_a_route_that_is_taken_away_while_her_own_phone_rings_is_not_used():
    play = placed()
    before = play.engine.state.configuration
    play.tell(Configured(at=play.now, configuration=replace(before, outbound=Outbound())))
    play.tell(LegAnswered(at=play.now, channel=own_leg(play)))
    assert not play.told(DialNumber)
    assert own_leg(play) in [one.channel for one in play.told(HangUp)]
    (ended,) = play.after(seconds=0).told(CallEnded)
    assert (ended.ending, ended.detail) == (Ending.NOT_REACHED, "no-route")


def stop(play: Play, stopped: bool = True) -> Play:
    return play.tell(
        requests.SwitchOutbound(
            at=play.now, request="q", by="root", stopped=stopped, reason="fraud"
        )
    )


def test_an_admin_stops_all_calling_out_and_what_is_being_dialled_ends():
    play = dialling()
    stop(play).then(
        Accepted,
        Said(Supervised, by="root", agent=None, action="stop-outbound", reason="fraud", detail=""),
        Said(HangUp, channel=his_leg(play)),
        Said(HangUp, channel=own_leg(play)),
    )
    ends(own_ends(play)).then(Said(CallEnded, detail="outbound-stopped"))
    assert refused(play) is Reason.OUTBOUND_STOPPED
    asks(play.skip(), number=POLICE).then(Accepted, ...)
    stop(play.skip(), stopped=False).then(Accepted, Said(Supervised, action="allow-outbound"))
    asks(play.skip(), "bob").then(Accepted, ...)


def test_to_allow_what_is_allowed_ends_nothing():
    stop(dialling(), stopped=False).then(Accepted, Said(Supervised, action="allow-outbound"))


def test_a_talk_that_goes_on_is_not_cut_when_calling_out_is_stopped():
    stop(talking().skip()).then(Accepted, Supervised)


def test_that_it_is_stopped_survives_a_restart_and_a_reload():
    play = Play(replace(calls_out(), outbound_stopped=True))
    assert refused(play) is Reason.OUTBOUND_STOPPED


def test_what_was_called_within_the_hour_before_a_restart_counts_on():
    play = Play(calls_out(caps=Caps(agent_per_hour=2)))
    begun = ((START - 3_500_000, AgentId("ana")), (START - 100_000, AgentId("ana")))
    play.tell(CallsOutRestored(at=play.now, begun=begun))
    assert refused(play) is Reason.AGENT_CAP
    play.after(seconds=100).skip()
    asks(play).then(Accepted, ...)


def test_a_supervisor_who_has_an_agent_call_somebody_is_written_down():
    play = Play(calls_out()).skip()
    call = dialled_call(NODE, AgentId("ana"), play.now)
    asks(play, by_another=True).then(
        Accepted,
        Said(Supervised, action="make-call", agent="ana", reason="", detail=call),
        Said(CallStarted, call=call, name="", target=SUPPORT),
        ...,
    )


# A restart finds what is there.


def found_again(play: Play, *channels) -> Play:
    after = Play(play.engine.state.configuration).skip()
    after.now = play.now + 1_000
    return after.tell(NodeFound(at=after.now, node=NODE, seen_at=after.now, channels=channels))


def legs(play: Play, *, up: bool = True, saved: str = ""):
    leg, call = own_leg(play), his_leg(play)
    bridge = bridge_for(OfferId(leg))
    his = replace(seen(call, up=up, bridge=bridge, saved=saved), number=WANG.digits)
    return his, seen(leg, bridge=bridge)


def test_a_restart_goes_on_with_who_talks():
    play = talking()
    (note,) = play.told(SaveCall)
    after = found_again(play, *legs(play, saved=note.saved))
    (again,) = after.told(CallConnected)
    assert (again.agent, again.queue, again.connected_at) == ("ana", SUPPORT, play.now)
    (started,) = after.told(CallStarted)
    assert started.direction is Direction.OUT
    assert after.state("ana") == "busy-acd"


def test_who_has_picked_up_while_we_were_away_talks():
    play = dialling()
    after = found_again(play, *legs(play))
    (again,) = after.told(CallConnected)
    assert (again.agent, again.queue) == ("ana", SUPPORT)
    assert after.told(SaveCall)[-1].saved.startswith("support|0|")


def test_who_is_still_being_called_is_let_go_and_so_is_who_calls():
    play = dialling()
    after = found_again(play, *legs(play, up=False))
    assert [one.channel for one in after.told(HangUp)] == [his_leg(play), own_leg(play)]


def test_who_has_picked_up_and_meets_nobody_when_we_are_back_was_not_reached():
    play = dialling()
    his, own = legs(play)
    for there in ((his,), (his, replace(own, bridge=None)), (replace(his, bridge=None), own)):
        after = found_again(play, *there)
        after.tell(LegEnded(at=after.now, channel=his_leg(play), cause=16))
        assert [one.ending for one in after.told(CallEnded)] == [Ending.NOT_REACHED]


def test_a_look_around_does_not_miss_a_leg_that_is_on_its_way():
    for play in (placed(), dialling()):
        play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=()))
        assert play.told(CallEnded) == []
    dialled_at = play.now
    play.after(seconds=6)
    own = legs(play)[1]
    for late_ms, missed in ((5_000, False), (5_001, True)):
        look = NodeFound(at=play.now, node=NODE, seen_at=dialled_at + late_ms, channels=(own,))
        play.tell(look)
        assert bool(play.told(CallEnded)) is missed
    # Whoever has been heard was there.
    play = dialling()
    play.tell(LegAnswered(at=play.now, channel=his_leg(play)))
    play.now += 1
    look = NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=legs(play)[1:])
    play.tell(look)
    assert [one.ending for one in play.told(CallEnded)] == [Ending.LOST]


def test_a_look_around_takes_nobody_for_one_who_has_picked_up():
    play = dialling().after(seconds=1)
    ringing = legs(play, up=False)
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=ringing)).then_nothing()


def test_a_look_around_finds_that_he_has_picked_up():
    play = dialling().after(seconds=4)
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=legs(play)))
    assert play.told(CallConnected)


def test_who_can_call_as_before_is_told_nothing_when_calling_out_is_stopped_twice():
    outbound = Outbound(routes=(replace(ROUTE, emergency=()),), queue=SUPPORT)
    play = Play(replace(calls_out(), outbound=outbound))
    for told in (2, 0):
        play.skip().tell(
            requests.SwitchOutbound(at=play.now, request="q", by="boss", stopped=True, reason="")
        )
        assert len([one for one in play.said if isinstance(one, AgentStateChanged)]) == told
