"""An agent asks another while the caller waits: to and fro, all together, handed over, back; and whoever hangs up."""

import pytest

from acd.core import requests
from acd.core.commands import (
    HangUp,
    HoldLeg,
    IdentifyCaller,
    JoinLeg,
    MuteLeg,
    PlayTones,
    ReleaseToDialplan,
    RingAgent,
    SaveCall,
)
from acd.core.configuration import Membership, Ring
from acd.core.events import CommandFailed, Failure, LegAnswered, LegBridged, NodeFound
from acd.core.ids import AgentId, ChannelId, OfferId, QueueId, bridge_for, offer_to
from acd.core.notices import (
    Accepted,
    CallConnected,
    CallEnded,
    CallHeld,
    CallOffered,
    CallQueued,
    CallRetrieved,
    CallStarted,
    CallTakenOver,
    CallTransferred,
    Ending,
    PartyChanged,
    PartyLeft,
    PartyOffered,
    Reason,
    Refused,
)
from acd.core.offer import OfferOutcome
from acd.core.party import MUTED, PartyState
from tests.core.rules import with_agent, with_rules
from tests.play import NODE, SALES, SUPPORT, Play, Said, call_id, centre, channel, seen

PEOPLE = {"ana": ("support",), "bob": ("sales",), "cy": ("sales",)}
BOB = AgentId("bob")
CY = AgentId("cy")


def asks(play: Play, kind: type, **fields) -> Play:
    return play.tell(kind(at=play.now, request="q", by="ana", call=call_id("c1"), **fields))


def talking(configuration=None, ready=None) -> Play:
    """Ana talks to the caller, since a minute."""
    play = Play(configuration or centre(PEOPLE), ready=ready)
    play.arrives("c1").picks_up("c1").bridged("c1")
    return play.after(seconds=60).skip()


def beside(play: Play, agent: str = "bob") -> OfferId:
    """The leg of one who is beside the call."""
    return play.engine.state.calls[call_id("c1")].parties[AgentId(agent)].offer


def comes(play: Play, agent: str = "bob") -> Play:
    """He picks up, and is in the bridge."""
    leg, bridge = ChannelId(beside(play, agent)), play.engine.state.calls[call_id("c1")].bridge
    play.tell(LegAnswered(at=play.now, channel=leg))
    return play.tell(LegBridged(at=play.now, channel=leg, offer=bridge))


def consulting(play: Play | None = None, agent: str = "bob") -> Play:
    """Ana asks him, and the caller hears music."""
    play = asks(play or talking(), requests.ConsultAgent, agent=AgentId(agent))
    return comes(play, agent).after(seconds=10).skip()


def in_conference(agent: str = "bob", play: Play | None = None) -> Play:
    return asks(consulting(play, agent), requests.StartConference).skip()


def refused(play: Play, kind: type, **fields) -> Reason:
    asks(play.skip(), kind, **fields)
    (no,) = play.said
    assert isinstance(no, Refused)
    play.skip()
    return no.reason


# Asking.


def test_the_caller_hears_music_while_his_agent_asks_another():
    play = talking()
    ana = play.leg("c1")
    asks(play, requests.ConsultAgent, agent=BOB).then(
        Accepted,
        Said(HoldLeg, channel=channel("c1"), offer=ana),
        CallHeld,
        Said(PartyOffered, agent="bob", by="ana", number="+8613800000001"),
        Said(RingAgent, agent="bob"),
    )
    assert play.state("bob") == "offered"
    bob = beside(play)
    play.tell(LegAnswered(at=play.now, channel=ChannelId(bob))).then(
        Said(JoinLeg, channel=bob, offer=ana)
    )
    play.tell(LegBridged(at=play.now, channel=ChannelId(bob), offer=ana)).then(
        Said(PartyChanged, agent="bob", state=PartyState.CONSULTED)
    )
    assert (play.state("ana"), play.state("bob")) == ("busy-acd", "busy-consult")


def test_to_and_fro():
    play = consulting()
    ana, bob = play.leg("c1"), beside(play)
    asks(play, requests.Alternate).then(
        Accepted,
        Said(HoldLeg, channel=bob, offer=ana),
        Said(JoinLeg, channel=channel("c1"), offer=ana),
        Said(CallRetrieved, held_ms=10_000),
        Said(PartyChanged, state=PartyState.ON_HOLD),
    )
    asks(play, requests.SendTones, keys="1").then(Accepted, PlayTones)
    asks(play, requests.Alternate).then(
        Accepted,
        Said(HoldLeg, channel=channel("c1")),
        CallHeld,
        Said(JoinLeg, channel=bob, offer=ana),
        Said(PartyChanged, state=PartyState.CONSULTED),
    )


def test_who_is_asked_twice_in_one_moment_has_another_leg_each_time():
    """What is told late of the one is not taken for the other."""
    play = asks(talking(), requests.ConsultAgent, agent=BOB)
    first = beside(play)
    asks(play, requests.CancelConsult).hangs_up(first)
    asks(play, requests.ConsultAgent, agent=BOB)
    assert first != beside(play)


@pytest.mark.parametrize("with_caller", [False, True])
def test_the_call_is_handed_over_to_who_was_asked(with_caller):
    play = consulting()
    ana, bob = play.leg("c1"), beside(play)
    if with_caller:
        asks(play, requests.Alternate).skip()
    back = channel("c1") if not with_caller else bob
    asks(play, requests.CompleteConsult).then(
        Accepted,
        Said(JoinLeg, channel=back, offer=ana),
        *([CallRetrieved] if not with_caller else []),
        Said(PartyChanged, state=PartyState.JOINED),
        Said(CallTakenOver, agent="bob", by="ana", talked_ms=70_000, held_ms=10_000),
        Said(HangUp, channel=ana),
    )
    assert (play.state("ana"), play.state("bob")) == ("busy-acd", "busy-acd")
    play.hangs_up(ana)
    assert play.state("ana") == "wrap-up"
    play.skip().after(seconds=20).hangs_up("c1").then(
        Said(CallEnded, agent="bob", ending=Ending.COMPLETED, talked_ms=20_000, queue="support"),
        Said(HangUp, channel=bob),
    )
    play.hangs_up(bob)
    assert play.state("bob") == "wrap-up"


def test_who_has_taken_over_holds_asks_and_hands_on_as_any_other():
    play = asks(consulting(), requests.CompleteConsult).skip()
    ana = next(iter(play.engine.state.offers))
    play.hangs_up(ana).skip()
    asks(play, requests.HoldCall).then(Accepted, Said(HoldLeg, offer=ana), CallHeld)
    asks(play, requests.ConsultAgent, agent=CY)
    comes(play, "cy").skip()
    asks(play, requests.CompleteConsult)
    assert [told.by for told in play.told(CallTakenOver)] == ["ana", "bob"]
    had = play.engine.state.calls[call_id("c1")].handed_on_by
    assert had == ("ana", "bob"), "each of them may say what came of it"
    assert {told.call for told in play.told(CallTakenOver)} == {call_id("c1")}
    asks(play.skip(), requests.TransferToQueue, queue=SALES).then(
        Accepted, Said(HoldLeg, offer=ana), Said(CallTransferred, agent="cy"), HangUp, CallQueued
    )


def test_a_call_that_is_taken_over_counts_for_both_and_for_the_queue_it_came_to():
    play = Play(centre(PEOPLE, wrap_up_ms=0))
    for name, queue in (("c8", "support"), ("c9", "sales")):
        play.arrives(name, queue).picks_up(name).bridged(name).after(seconds=20)
        leg = play.leg(name)
        play.hangs_up(name).hangs_up(leg)
    play.arrives("c1").after(seconds=3).picks_up("c1").bridged("c1").after(seconds=60)
    asks(consulting(play), requests.CompleteConsult)
    ana = next(iter(play.engine.state.offers))
    play.hangs_up(ana).after(seconds=30)
    bob = play.leg("c1")
    assert play.engine.state.calls[call_id("c1")].joined_at == play.now - 33_000
    play.skip().hangs_up("c1").then(
        Said(CallEnded, agent="bob", waited_ms=3_000, talked_ms=30_000, held_ms=0), HangUp
    )
    play.hangs_up(bob)
    agents = play.engine.state.agents
    assert {name: agents[AgentId(name)].calls for name in PEOPLE} == {"ana": 2, "bob": 2, "cy": 0}
    assert agents[BOB].busy_ms == 20_000 + 10_000 + 30_000, "to be asked is work too"
    handled = play.engine.state.experience_of(SUPPORT).handling_ms
    assert handled == (20_000 + 70_000 + 40_000) / 3


def test_back_to_the_caller():
    play = consulting()
    bob = beside(play)
    asks(play, requests.CancelConsult).then(
        Accepted,
        Said(HangUp, channel=bob),
        Said(PartyLeft, agent="bob", outcome=None, talked_ms=10_000),
        Said(JoinLeg, channel=channel("c1")),
        CallRetrieved,
    )
    assert play.state("bob") == "busy-consult", "until his leg is gone"
    play.hangs_up(bob)
    assert play.state("bob") == "ready", "no wrap-up for a question"


def test_a_question_that_is_taken_back_while_the_phone_rings():
    play = asks(talking(), requests.ConsultAgent, agent=BOB).skip()
    bob = beside(play)
    asks(play, requests.CancelConsult).then(
        Accepted,
        Said(HangUp, channel=bob),
        Said(PartyLeft, outcome=OfferOutcome.WITHDRAWN, talked_ms=0),
        JoinLeg,
        CallRetrieved,
    )
    play.tell(LegAnswered(at=play.now, channel=ChannelId(bob))).then(Said(HangUp, channel=bob))


@pytest.mark.parametrize(
    ("cause", "outcome"), [(21, OfferOutcome.REJECTED), (19, OfferOutcome.NO_ANSWER)]
)
def test_who_does_not_want_to_be_asked_leaves_agent_and_caller_together(cause, outcome):
    play = asks(talking(), requests.ConsultAgent, agent=BOB).skip()
    play.hangs_up(beside(play), cause=cause).then(
        Said(PartyLeft, agent="bob", outcome=outcome),
        Said(JoinLeg, channel=channel("c1")),
        CallRetrieved,
    )
    agent = play.engine.state.agents[BOB]
    assert (agent.rejected, agent.unanswered) == (cause == 21, cause == 19), "as any other offer"


def test_who_is_not_there_leaves_agent_and_caller_together():
    play = asks(talking(), requests.ConsultAgent, agent=BOB).skip()
    bob = beside(play)
    play.after(seconds=15).then(
        Said(HangUp, channel=bob),
        Said(PartyLeft, outcome=OfferOutcome.NO_ANSWER),
        JoinLeg,
        CallRetrieved,
    )
    play.hangs_up(bob)
    assert refused(play, requests.CancelConsult) is Reason.NOT_CONSULTING


def test_who_picks_up_and_is_never_seen_in_the_bridge_is_let_go():
    play = asks(talking(), requests.ConsultAgent, agent=BOB).skip()
    bob = ChannelId(beside(play))
    play.tell(LegAnswered(at=play.now, channel=bob)).skip()
    play.after(seconds=5).then(
        Said(HangUp, channel=bob),
        Said(PartyLeft, outcome=OfferOutcome.FAILED),
        JoinLeg,
        CallRetrieved,
    )


def test_a_queue_is_asked_by_whose_turn_it_is_there():
    play = talking()
    asks(play, requests.ConsultQueue, queue=SALES).then(
        Accepted,
        HoldLeg,
        CallHeld,
        Said(PartyOffered, agent="bob", queue="sales"),
        Said(RingAgent, agent="bob"),
    )
    play = talking(ready=("ana",))
    assert refused(play, requests.ConsultQueue, queue=SALES) is Reason.NOBODY_FREE
    assert refused(play, requests.ConsultQueue, queue=QueueId("x")) is Reason.UNKNOWN_QUEUE


def test_a_queue_is_asked_by_its_widest_ring_and_a_reserve_does_not_wait_for_his_delay():
    rings = (Ring(teams=("gold",), for_ms=1_000), Ring(teams=("tin",), for_ms=1_000), Ring())
    configuration = with_rules(centre(PEOPLE), SALES, rings=rings, requires="sells")
    configuration = with_agent(configuration, "cy", skills={"sells": 1}, team="lead")
    later = {SALES: Membership(after_ms=60_000)}
    play = talking(with_agent(configuration, "cy", memberships=later))
    asks(play, requests.ConsultQueue, queue=SALES)
    assert play.told(PartyOffered)[-1].agent == "cy", "bob does not sell"


def test_only_who_is_free_is_asked():
    play = talking(ready=("ana",))
    assert refused(play, requests.ConsultAgent, agent=BOB) is Reason.AGENT_NOT_FREE
    assert refused(play, requests.ConsultAgent, agent=AgentId("ana")) is Reason.AGENT_NOT_FREE
    assert refused(play, requests.ConsultAgent, agent=AgentId("x")) is Reason.UNKNOWN_AGENT


# Whoever hangs up.


def test_who_was_asked_hangs_up():
    play = consulting()
    play.hangs_up(beside(play)).then(
        Said(PartyLeft, outcome=None), Said(JoinLeg, channel=channel("c1")), CallRetrieved
    )
    assert play.state("bob") == "ready"


def test_who_was_asked_hangs_up_on_hold():
    play = asks(consulting(), requests.Alternate).skip()
    play.hangs_up(beside(play)).then(Said(PartyLeft, outcome=None))


def test_the_caller_hangs_up_while_his_agent_asks():
    play = consulting()
    ana, bob = play.leg("c1"), beside(play)
    play.hangs_up("c1").then(
        Said(HangUp, channel=bob),
        PartyLeft,
        Said(CallEnded, ending=Ending.COMPLETED, talked_ms=70_000, held_ms=10_000),
        Said(HangUp, channel=ana),
    )


def test_the_caller_hangs_up_while_a_phone_rings_for_his_agent():
    play = asks(talking(), requests.ConsultAgent, agent=BOB).skip()
    play.hangs_up("c1").then(
        HangUp, Said(PartyLeft, outcome=OfferOutcome.CALLER_LEFT), CallEnded, HangUp
    )


def test_an_agent_who_hangs_up_leaves_the_caller_to_whom_he_has_asked():
    play = consulting()
    play.hangs_up(play.leg("c1")).then(
        Said(JoinLeg, channel=channel("c1")),
        CallRetrieved,
        PartyChanged,
        Said(CallTakenOver, agent="bob", by="ana"),
    )
    assert (play.state("ana"), play.state("bob")) == ("wrap-up", "busy-acd")


def test_an_agent_who_is_lost_while_a_phone_rings_for_him_gives_the_caller_his_place_back():
    play = talking(centre({**PEOPLE, "cy": ("support",)}), ("ana", "bob"))
    joined_at = play.engine.state.calls[call_id("c1")].joined_at
    play.arrives("c2").skip()
    asks(play, requests.ConsultAgent, agent=BOB).skip()
    ana, bob = play.leg("c1"), beside(play)
    play.hangs_up(ana).then(
        Said(CallTransferred, agent="ana", to_queue="support", to_agent=None),
        Said(CallQueued, queue="support", joined_at=play.now, placed_at=joined_at),
        Said(HangUp, channel=bob),
        Said(PartyLeft, outcome=OfferOutcome.WITHDRAWN),
    )
    play.skip().ready("cy")
    (offered,) = [told for told in play.told(CallOffered) if told.agent == "cy"]
    assert offered.call == call_id("c1"), "before who came after him"


def test_an_agent_who_hangs_up_by_his_screen_lets_all_go():
    play = consulting()
    ana, bob = play.leg("c1"), beside(play)
    asks(play, requests.ClearCall).then(
        Accepted,
        Said(ReleaseToDialplan, result="done", silence=True),
        Said(HangUp, channel=ana),
        Said(HangUp, channel=bob),
        PartyLeft,
    )


# All together.


def test_a_conference():
    play = consulting()
    bob = beside(play)
    asks(play, requests.StartConference).then(
        Accepted,
        Said(JoinLeg, channel=channel("c1")),
        CallRetrieved,
        Said(PartyChanged, state=PartyState.JOINED),
    )
    asks(play, requests.HoldCall).then(
        Accepted, Said(HoldLeg, channel=channel("c1")), Said(HoldLeg, channel=bob), CallHeld
    )
    asks(play, requests.RetrieveCall).then(Accepted, JoinLeg, Said(JoinLeg, channel=bob), ...)
    play.skip().hangs_up(bob).then(Said(PartyLeft, agent="bob"))
    assert play.state("ana") == "busy-acd"


def test_a_third_one_is_added_and_the_first_removed():
    play = in_conference()
    bob = beside(play)
    asks(play, requests.ConsultAgent, agent=CY).then(
        Accepted, HoldLeg, Said(HoldLeg, channel=bob), CallHeld, PartyOffered, RingAgent
    )
    comes(play, "cy").skip()
    asks(play, requests.StartConference).then(
        Accepted,
        Said(JoinLeg, channel=channel("c1")),
        Said(JoinLeg, channel=bob),
        CallRetrieved,
        Said(PartyChanged, agent="cy", state=PartyState.JOINED),
    )
    asks(play, requests.RemoveParty, agent=BOB).then(
        Accepted, Said(HangUp, channel=bob), Said(PartyLeft, agent="bob")
    )
    assert refused(play, requests.RemoveParty, agent=BOB) is Reason.NOT_IN_CALL


def test_an_agent_who_leaves_a_conference_leaves_the_call_to_who_came_first():
    play = in_conference("cy", in_conference())
    ana = play.leg("c1")
    asks(play, requests.CompleteConsult).then(
        Accepted, Said(CallTakenOver, agent="bob", by="ana"), Said(HangUp, channel=ana)
    )
    play.hangs_up(ana).skip()
    play.hangs_up(play.leg("c1")).then(Said(CallTakenOver, agent="cy", by="bob"))
    play.hangs_up(play.leg("c1")).then(Said(ReleaseToDialplan, result="done"))


def test_an_agent_lost_in_conference_while_another_phone_rings():
    play = in_conference()
    asks(play, requests.ConsultAgent, agent=CY).skip()
    bob, cy = beside(play), beside(play, "cy")
    play.hangs_up(play.leg("c1")).then(
        Said(HangUp, channel=cy),
        PartyLeft,
        Said(JoinLeg, channel=channel("c1")),
        Said(JoinLeg, channel=bob),
        CallRetrieved,
        Said(CallTakenOver, agent="bob"),
    )


def test_who_is_muted_is_heard_again_when_the_call_is_his():
    play = in_conference()
    bob = beside(play)
    asks(play, requests.MuteParty, agent=BOB, muted=True).then(
        Accepted, Said(MuteLeg, channel=bob, muted=True), Said(PartyChanged, muted=True)
    )
    asks(play, requests.MuteParty, agent=BOB, muted=False).then(Accepted, MuteLeg, PartyChanged)
    asks(play, requests.MuteParty, agent=BOB, muted=True).skip()
    asks(play, requests.CompleteConsult).then(
        Accepted, CallTakenOver, Said(MuteLeg, channel=bob, muted=False), HangUp
    )


# What may be asked.


def test_one_at_a_time_and_nothing_that_would_leave_somebody_behind():
    play = talking()
    nothing = (
        requests.Alternate,
        requests.CompleteConsult,
        requests.CancelConsult,
        requests.StartConference,
    )
    for kind in nothing:
        assert refused(play, kind) is Reason.NOT_CONSULTING
    assert refused(play, requests.MuteParty, agent=BOB, muted=True) is Reason.NOT_IN_CALL
    asks(play, requests.ConsultAgent, agent=BOB)
    for kind in (requests.Alternate, requests.CompleteConsult, requests.StartConference):
        assert refused(play, kind) is Reason.CONSULT_NOT_ANSWERED
    for kind in (requests.HoldCall, requests.RetrieveCall):
        assert refused(play, kind) is Reason.CONSULTING
    assert refused(play, requests.ConsultAgent, agent=CY) is Reason.CONSULTING
    assert refused(play, requests.TransferToQueue, queue=SALES) is Reason.CONSULTING
    assert refused(play, requests.SendTones, keys="1") is Reason.ON_HOLD
    assert refused(play, requests.MuteParty, agent=BOB, muted=True) is Reason.CONSULT_NOT_ANSWERED
    comes(play)
    asks(play, requests.StartConference)
    assert refused(play, requests.TransferToAgent, agent=CY) is Reason.IN_CONFERENCE
    assert refused(play, requests.CancelConsult) is Reason.NOT_CONSULTING


@pytest.mark.parametrize("failure", [Failure.REFUSED, Failure.UNREACHABLE])
def test_nothing_is_asked_about_a_caller_who_may_be_listening(failure):
    play = asks(talking(), requests.ConsultAgent, agent=BOB).skip()
    bob = beside(play)
    fails = CommandFailed(at=play.now, command="HoldLeg", channel=channel("c1"), failure=failure)
    play.tell(fails).then(
        Said(HangUp, channel=bob),
        Said(PartyLeft, outcome=OfferOutcome.WITHDRAWN),
        Said(JoinLeg, channel=channel("c1")),
        CallRetrieved,
    )


def test_what_fails_because_the_caller_is_gone_waits_for_his_own_event():
    play = asks(talking(), requests.ConsultAgent, agent=BOB).skip()
    gone = CommandFailed(
        at=play.now, command="HoldLeg", channel=channel("c1"), failure=Failure.GONE
    )
    play.tell(gone).then_nothing()


def test_who_cannot_be_brought_to_the_agent_is_let_go():
    play = asks(talking(), requests.ConsultAgent, agent=BOB).skip()
    bob = ChannelId(beside(play))
    play.tell(LegAnswered(at=play.now, channel=bob)).skip()
    fails = CommandFailed(at=play.now, command="JoinLeg", channel=bob, failure=Failure.REFUSED)
    play.tell(fails).then(
        HangUp, Said(PartyLeft, outcome=OfferOutcome.FAILED), JoinLeg, CallRetrieved
    )


# When we were away.


def again(before: Play, *channels) -> Play:
    """We have died, and find this."""
    play = Play(centre(PEOPLE), ready=())
    play.now = before.now + 5_000
    return play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=channels))


def found(before: Play, name: str, inside: bool, saved: str = "") -> object:
    bridge = bridge_for(before.leg("c1")) if inside else None
    return seen(name, bridge=bridge, saved=saved, created_at=before.now - 60_000)


@pytest.mark.parametrize(
    ("caller", "bob", "state"),
    [
        (False, True, PartyState.CONSULTED),
        (True, False, PartyState.ON_HOLD),
        (True, True, PartyState.JOINED),
    ],
)
def test_a_consultation_goes_on_after_our_death(caller, bob, state):
    before = consulting()
    note = before.told(SaveCall)[-1].saved
    legs = (before.leg("c1"), beside(before))
    play = again(
        before,
        found(before, "c1", caller, note),
        found(before, legs[0], True),
        found(before, legs[1], bob, MUTED),
    )
    play.then(
        CallStarted,
        IdentifyCaller,
        Said(CallConnected, agent="ana"),
        *([] if caller else [CallHeld]),
        Said(MuteLeg, channel=legs[1], muted=True),
        Said(PartyChanged, agent="bob", state=state, muted=True),
    )
    assert (play.state("ana"), play.state("bob")) == ("busy-acd", "busy-consult")
    asks(play.skip(), requests.CompleteConsult).then(Accepted, ...)
    play.hangs_up(legs[0])
    assert play.state("bob") == "busy-acd"


def test_who_picked_up_when_we_died_is_brought_to_the_agent_and_not_to_the_caller():
    before = consulting()
    note, ana, bob = before.told(SaveCall)[-1].saved, before.leg("c1"), beside(before)
    play = again(
        before,
        found(before, "c1", False, note),
        found(before, ana, True),
        found(before, bob, False),
    )
    assert [told.state for told in play.told(PartyChanged)] == [PartyState.CONSULTED]
    assert [said.channel for said in play.told(JoinLeg)] == [bob]


def test_who_is_in_conference_waits_with_the_caller_while_a_third_is_asked_also_after_our_death():
    before = consulting(in_conference(), "cy")
    note, ana = before.told(SaveCall)[-1].saved, before.leg("c1")
    bob, cy = beside(before), beside(before, "cy")
    play = again(
        before,
        found(before, "c1", False, note),
        found(before, ana, True),
        found(before, bob, False),
        found(before, cy, True),
    )
    states = {told.agent: told.state for told in play.told(PartyChanged)}
    assert states == {"bob": PartyState.JOINED, "cy": PartyState.CONSULTED}
    assert not play.told(JoinLeg) and not play.told(HoldLeg)


def test_who_has_taken_over_has_the_call_after_our_death_too():
    before = consulting()
    ana, bob = before.leg("c1"), beside(before)
    asks(before, requests.CompleteConsult).hangs_up(ana)
    note = before.told(SaveCall)[-1].saved
    inside = bridge_for(ana)
    play = again(
        before,
        seen("c1", bridge=inside, saved=note, created_at=before.now - 60_000),
        seen(bob, bridge=inside, created_at=before.now - 60_000),
    )
    (told,) = play.told(CallConnected)
    assert (told.agent, told.connected_at) == ("bob", before.now)
    asks(play.skip(), requests.HoldCall).then(Accepted, Said(HoldLeg, offer=ana), CallHeld)


def test_a_look_around_puts_everybody_where_he_belongs():
    play = consulting()
    ana, bob = play.leg("c1"), beside(play)
    inside = bridge_for(ana)
    wrong = (seen("c1", bridge=inside), seen(ana, bridge=inside), seen(bob))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=wrong)).then(
        Said(HoldLeg, channel=channel("c1")), Said(JoinLeg, channel=bob)
    )
    right = (seen("c1"), seen(ana, bridge=inside), seen(bob, bridge=inside))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=right)).then_nothing()


def test_who_is_found_at_two_calls_is_at_the_first_and_the_others_stay_beside_theirs():
    before = in_conference("cy", in_conference())
    note, ana = before.told(SaveCall)[-1].saved, before.leg("c1")
    other = offer_to(call_id("c0"), BOB, before.now)
    play = again(
        before,
        seen("c0", bridge=bridge_for(other), saved="sales|0|1"),
        seen(other, bridge=bridge_for(other)),
        found(before, "c1", True, note),
        *(found(before, leg, True) for leg in (ana, beside(before), beside(before, "cy"))),
    )
    assert [told.agent for told in play.told(CallConnected)] == ["bob", "ana"]
    assert [(told.agent, told.state) for told in play.told(PartyChanged)] == [
        ("cy", PartyState.JOINED)
    ]


def test_a_look_around_finds_who_has_come_to_the_agent_and_was_not_told():
    play = asks(talking(), requests.ConsultAgent, agent=BOB)
    ana, bob = play.leg("c1"), ChannelId(beside(play))
    play.tell(LegAnswered(at=play.now, channel=bob)).skip()
    inside = bridge_for(ana)
    there = (seen("c1"), seen(ana, bridge=inside), seen(bob, bridge=inside))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there)).then(
        Said(PartyChanged, agent="bob", state=PartyState.CONSULTED)
    )
