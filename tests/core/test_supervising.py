"""A supervisor listens, is heard by the agent or by all, has the call, leaves, or follows an agent; who hangs up."""

from itertools import permutations, product

import pytest

from acd.core import requests
from acd.core.agent import AgentState
from acd.core.commands import (
    HangUp,
    JoinLeg,
    MuteLeg,
    Overhear,
    ReleaseToDialplan,
    RingAgent,
)
from acd.core.events import (
    CommandFailed,
    Configured,
    Failure,
    LegAnswered,
    LegBridged,
    LegEnded,
    NodeFound,
    NodeLost,
)
from acd.core.ids import AgentId, CallId, ChannelId, OfferId, bridge_for, ear_of, read_ear
from acd.core.notices import (
    Accepted,
    AgentStateChanged,
    CallConnected,
    CallEnded,
    CallTakenOver,
    CallTransferred,
    Ending,
    FollowingChanged,
    Reason,
    Refused,
    Supervised,
    SupervisionChanged,
    SupervisionEnded,
)
from acd.core.offer import OfferOutcome
from acd.core.supervision import STOP_SUPERVISING, TAKE_OVER, Mode, Supervision, allowed
from acd.core.whole import check
from acd.reports.bookkeeping import Bookkeeper
from acd.reports.facts import TRANSFERRED, Kind
from tests.core.rules import with_agent, with_rules
from tests.play import NODE, Play, Said, call_id, centre, channel, seen

PEOPLE = {"ana": ("support",), "bob": ("sales",), "sue": ()}
ANA, BOB, SUE = AgentId("ana"), AgentId("bob"), AgentId("sue")
C1 = call_id("c1")
MODES = tuple(Mode)


def asks(play: Play, kind: type, **fields) -> Play:
    given = {"by": "ana", "call": C1} | fields
    return play.tell(kind(at=play.now, request="q", **given))


def sue_asks(play: Play, kind: type, **fields) -> Play:
    return asks(play, kind, by="susan", agent=SUE, **fields)


def talking(configuration=None, **rules) -> Play:
    """Ana talks to the caller, since a minute; Sue is on shift, and no queue of hers."""
    play = Play(configuration or centre(PEOPLE, **rules))
    play.arrives("c1").picks_up("c1").bridged("c1")
    return play.after(seconds=60).skip()


def one(play: Play, call: str = "c1"):
    return play.engine.state.calls[call_id(call)].supervisors[SUE]


def her_leg(play: Play, call: str = "c1") -> OfferId:
    return one(play, call).offer


def picks_up(play: Play, call: str = "c1") -> Play:
    leg = her_leg(play, call)
    play.tell(LegAnswered(at=play.now, channel=ChannelId(leg)))
    return play.tell(LegBridged(at=play.now, channel=ChannelId(leg), offer=leg))


def comes_in(play: Play) -> Play:
    """Her leg is seen in the conversation."""
    bridge = play.engine.state.calls[C1].bridge
    return play.tell(LegBridged(at=play.now, channel=ChannelId(her_leg(play)), offer=bridge))


def supervising(mode: Mode = Mode.LISTEN, play: Play | None = None) -> Play:
    """Sue has heard the call for ten seconds."""
    play = sue_asks(play or talking(), requests.SuperviseCall, mode=mode)
    picks_up(play)
    if mode is Mode.BARGE:
        comes_in(play)
    return play.after(seconds=10).skip()


def refused(play: Play, kind: type, **fields) -> Reason:
    sue_asks(play.skip(), kind, **fields)
    (no,) = play.said
    assert isinstance(no, Refused)
    play.skip()
    return no.reason


def acts(play: Play) -> list[tuple[str, str, str]]:
    """What is written down of her."""
    return [(act.by, act.agent, act.action) for act in play.told(Supervised)]


# Listening.


def test_she_hears_the_call_and_nobody_hears_her():
    play = talking()
    ana = play.leg("c1")
    sue_asks(play, requests.SuperviseCall, mode=Mode.LISTEN).then(
        Accepted,
        Said(SupervisionChanged, agent="sue", of="ana", mode=Mode.LISTEN, since=None),
        Said(Supervised, by="susan", agent="ana", action="listen", detail=C1),
        Said(RingAgent, agent="sue", number="+8613800000001"),
    )
    assert play.state("sue") == "busy-supervising"
    leg = her_leg(play)
    play.tell(LegAnswered(at=play.now, channel=ChannelId(leg))).then(
        Said(Overhear, offer=leg, of=ana, muted=True)
    )
    play.tell(LegBridged(at=play.now, channel=ChannelId(leg), offer=leg)).then(
        Said(SupervisionChanged, mode=Mode.LISTEN, since=play.now)
    )
    # She leaves: the call goes on, and she is what she was.
    play.after(seconds=62).skip()
    sue_asks(play, requests.StopSupervising).then(
        Accepted,
        Said(HangUp, channel=leg),
        Said(HangUp, channel=ear_of(leg)),
        Said(SupervisionEnded, agent="sue", outcome=None, heard_ms=62_000),
        Said(Supervised, action="stop-supervising", detail=f"{C1}, heard for 62 s", reason=""),
    )
    play.hangs_up(leg).then_nothing()
    assert (play.state("sue"), play.state("ana")) == ("ready", "busy-acd")
    assert play.engine.state.agents[SUE].calls == 0


@pytest.mark.parametrize("modes", [*permutations(MODES, 2), *permutations(MODES)])
def test_she_goes_from_any_of_the_three_to_any_other(modes):
    play = supervising(modes[0])
    leg, bridge = her_leg(play), play.engine.state.calls[C1].bridge
    muted, inside = modes[0] is Mode.LISTEN, modes[0] is Mode.BARGE
    for mode in modes[1:]:
        sue_asks(play, requests.SuperviseCall, mode=mode)
        for said in play.said:
            match said:
                case MuteLeg():
                    muted = said.muted
                case JoinLeg():
                    assert muted or not inside or mode is not Mode.LISTEN, "heard on her way out"
                    assert said.channel == leg and said.offer in (leg, bridge)
                    inside = said.offer == bridge
                    check(play.engine.state)
                case SupervisionChanged():
                    assert said.mode is mode and said.since is not None
        assert (muted, inside) == (mode is Mode.LISTEN, mode is Mode.BARGE)
        play.skip()
    assert [action for *_, action in acts(play)] == list(modes)
    sue_asks(play, requests.SuperviseCall, mode=modes[-1]).then(Accepted)


def test_who_comes_in_is_muted_until_it_is_known_that_she_hears():
    play = sue_asks(talking(), requests.SuperviseCall, mode=Mode.BARGE)
    leg = her_leg(play)
    play.skip().tell(LegAnswered(at=play.now, channel=ChannelId(leg))).then(
        Said(Overhear, muted=True)
    )
    play.tell(LegBridged(at=play.now, channel=ChannelId(leg), offer=leg)).then(
        SupervisionChanged,
        Said(JoinLeg, channel=leg, offer=play.leg("c1")),
        Said(MuteLeg, channel=leg, muted=False),
    )


def test_another_choice_while_her_phone_rings_or_she_is_being_put_through():
    play = sue_asks(talking(), requests.SuperviseCall, mode=Mode.WHISPER).skip()
    leg = her_leg(play)
    sue_asks(play, requests.SuperviseCall, mode=Mode.LISTEN).then(
        Accepted, Said(Supervised, action="listen"), Said(SupervisionChanged, since=None)
    )
    play.tell(LegAnswered(at=play.now, channel=ChannelId(leg))).then(Said(Overhear, muted=True))
    sue_asks(play, requests.SuperviseCall, mode=Mode.WHISPER).then(
        Accepted, Supervised, SupervisionChanged, Said(MuteLeg, channel=leg, muted=False)
    )
    play.tell(LegBridged(at=play.now, channel=ChannelId(leg), offer=leg)).then(
        Said(SupervisionChanged, mode=Mode.WHISPER)
    )


def test_who_may_not():
    play = talking()
    listen = {"mode": Mode.LISTEN}
    assert refused(play, requests.SuperviseCall, call=CallId("pbx1:no"), **listen) == "unknown-call"
    assert refused(play, requests.StopSupervising) == "not-supervising"
    assert refused(play, requests.TakeOverCall) == "not-supervising"
    assert refused(play, requests.TakeOverCall, call=CallId("pbx1:no")) == "unknown-call"
    for agent, reason in ((ANA, Reason.OWN_CALL), (AgentId("nobody"), Reason.UNKNOWN_AGENT)):
        asks(play, requests.SuperviseCall, agent=agent, **listen).then(Said(Refused, reason=reason))
    play.arrives("c2").skip()
    assert refused(play, requests.SuperviseCall, call=call_id("c2"), **listen) == "not-talking"
    sue_asks(play, requests.SuperviseCall, **listen).skip()
    assert refused(play, requests.TakeOverCall) == "supervision-not-answered"
    play.tell(requests.LogOut(at=play.now, request="q", by="bob", agent=BOB)).skip()
    asks(play, requests.SuperviseCall, agent=BOB, **listen).then(
        Said(Refused, reason=Reason.NOT_LOGGED_IN)
    )


def test_two_supervisors_hear_the_same_call_and_neither_is_free_for_another():
    play = supervising()
    play.tell(
        requests.SuperviseCall(
            at=play.now, request="q", by="rob", call=C1, agent=BOB, mode=Mode.WHISPER
        )
    ).then(Accepted, Said(SupervisionChanged, agent="bob"), Supervised, RingAgent)
    play.arrives("c2", queue="sales").skip()
    assert play.engine.state.calls[call_id("c2")].offers == {}, "bob is taken"
    asks(play, requests.ConsultAgent, agent=SUE).then(Said(Refused, reason=Reason.AGENT_NOT_FREE))
    play.hangs_up("c1").skip()
    assert {s.agent for s in play.told(SupervisionEnded)} == {"bob", "sue"}


def test_who_changes_her_mind_before_she_hears_anything():
    for up in (False, True):
        play = sue_asks(talking(), requests.SuperviseCall, mode=Mode.LISTEN).skip()
        if up:
            play.tell(LegAnswered(at=play.now, channel=ChannelId(her_leg(play))))
        sue_asks(play, requests.StopSupervising)
        assert play.told(SupervisionEnded)[-1].outcome is OfferOutcome.WITHDRAWN
        play.after(seconds=60)
        assert play.state("sue") == "ready"


def test_whom_a_router_is_just_asked_about_is_not_free():
    play = talking(with_rules(centre({**PEOPLE, "sue": ("sales",)}), "sales", route_ms=1_000))
    play.arrives("c2", queue="sales").skip()
    assert play.engine.state.calls[call_id("c2")].state.value == "routing"
    assert refused(play, requests.SuperviseCall, mode=Mode.LISTEN) == "agent-not-free"


# Who hangs up, and what else happens.


def test_a_phone_that_is_not_picked_up_costs_her_nothing():
    play = sue_asks(talking(), requests.SuperviseCall, mode=Mode.LISTEN).skip()
    leg = her_leg(play)
    play.after(seconds=20).then(
        Said(HangUp, channel=leg),
        Said(SupervisionEnded, outcome=OfferOutcome.NO_ANSWER, heard_ms=0),
        Said(Supervised, detail=f"{C1}, heard for 0 s"),
        ...,
    )
    assert play.state("sue") == "ready"
    sue_asks(play, requests.SuperviseCall, mode=Mode.LISTEN).skip()
    play.hangs_up(her_leg(play), cause=21).then(
        Said(SupervisionEnded, outcome=OfferOutcome.REJECTED), Supervised
    )
    assert play.state("sue") == "ready"


@pytest.mark.parametrize("mode", MODES)
def test_she_hangs_up(mode):
    play = supervising(mode)
    leg = her_leg(play)
    play.hangs_up(leg).then(
        Said(HangUp, channel=ear_of(leg)), Said(SupervisionEnded, outcome=None), Supervised
    )
    assert (play.state("sue"), play.state("ana")) == ("ready", "busy-acd")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", ["hang-up", "clear", "queue", "agent"])
def test_the_call_is_over_or_goes_elsewhere_and_she_does_not_follow_it(mode, how):
    play = supervising(mode)
    leg = her_leg(play)
    match how:
        case "hang-up":
            play.hangs_up("c1")
        case "clear":
            asks(play, requests.ClearCall)
        case "queue":
            asks(play, requests.TransferToQueue, queue="sales")
        case "agent":
            asks(play, requests.TransferToAgent, agent=BOB)
    (over,) = play.told(SupervisionEnded)
    assert (over.heard_ms, over.outcome) == (10_000, None)
    ended = [said.channel for said in play.said if isinstance(said, HangUp)]
    assert {leg, ear_of(leg)} <= set(ended)
    play.hangs_up(leg)
    assert play.state("sue") == "ready"
    assert not play.told(CallTakenOver), "nobody has asked for that"


def test_the_agent_hangs_up_and_who_only_listens_hears_no_more():
    play = supervising(Mode.WHISPER)
    play.hangs_up(play.leg("c1"))
    assert [said for said in play.said if isinstance(said, ReleaseToDialplan)]
    assert len(play.told(SupervisionEnded)) == 1
    assert play.state("ana") == "wrap-up"


@pytest.mark.parametrize("held", [False, True])
def test_the_agent_hangs_up_and_who_has_barged_in_has_the_caller(held):
    play = supervising(Mode.BARGE)
    ana, leg = play.leg("c1"), her_leg(play)
    if held:
        asks(play, requests.HoldCall).skip()
    play.tell(LegEnded(at=play.now, channel=ear_of(leg))).then_nothing()
    play.hangs_up(ana)
    (taken,) = play.told(CallTakenOver)
    assert (taken.agent, taken.by, taken.supervised) == ("sue", "ana", True)
    assert (play.state("sue"), play.state("ana")) == ("busy-acd", "wrap-up")
    assert play.engine.state.calls[C1].held_since is None
    play.skip().hangs_up("c1")
    assert play.told(CallEnded)[-1].ending is Ending.COMPLETED


def test_who_is_in_conference_has_the_call_before_a_supervisor_who_has_barged_in():
    play = supervising(Mode.BARGE)
    asks(play, requests.ConsultAgent, agent=BOB)
    offer = play.engine.state.calls[C1].parties[BOB].offer
    bridge = play.engine.state.calls[C1].bridge
    play.tell(LegAnswered(at=play.now, channel=ChannelId(offer)))
    play.tell(LegBridged(at=play.now, channel=ChannelId(offer), offer=bridge))
    asks(play, requests.StartConference).skip()
    play.hangs_up(play.leg("c1"))
    (taken,) = play.told(CallTakenOver)
    assert (taken.agent, taken.supervised) == ("bob", False)
    assert play.told(SupervisionEnded)[-1].agent == "sue", "she was with ana"


def test_she_goes_back_to_listening_after_her_ear_has_gone():
    play = supervising(Mode.BARGE)
    leg = her_leg(play)
    play.tell(LegEnded(at=play.now, channel=ear_of(leg))).then_nothing()
    sue_asks(play, requests.SuperviseCall, mode=Mode.LISTEN).then(
        Accepted,
        Supervised,
        SupervisionChanged,
        Said(MuteLeg, muted=True),
        Said(Overhear, offer=leg, muted=True),
    )
    play.tell(LegEnded(at=play.now, channel=ear_of(leg))).then(
        Said(HangUp, channel=leg), Said(HangUp, channel=ear_of(leg)), SupervisionEnded, Supervised
    )


def test_hold_and_consultation_leave_her_at_the_agents_ear():
    play = supervising()
    asks(play, requests.HoldCall).skip()
    asks(play, requests.RetrieveCall).skip()
    asks(play, requests.ConsultAgent, agent=BOB).skip()
    assert refused(play, requests.TakeOverCall) == "consulting"
    offer = play.engine.state.calls[C1].parties[BOB].offer
    play.tell(LegAnswered(at=play.now, channel=ChannelId(offer)))
    bridge = play.engine.state.calls[C1].bridge
    play.tell(LegBridged(at=play.now, channel=ChannelId(offer), offer=bridge))
    assert one(play).mode is Mode.LISTEN
    asks(play.skip(), requests.CompleteConsult)
    assert len(play.told(SupervisionEnded)) == 1, "bob has the call, and she was with ana"


# Taking over.


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("held", [False, True])
def test_she_has_the_call_and_the_agent_his_wrap_up(mode, held):
    play = supervising(mode)
    ana, leg = play.leg("c1"), her_leg(play)
    if held:
        asks(play, requests.HoldCall).skip()
    sue_asks(play, requests.TakeOverCall)
    if mode is not Mode.BARGE:
        assert not play.told(CallTakenOver), "it is not known yet that they would hear each other"
        assert Said(JoinLeg).kind in {type(said) for said in play.said}
        comes_in(play)
    (taken,) = play.told(CallTakenOver)
    assert (taken.agent, taken.by, taken.offer, taken.by_offer) == ("sue", "ana", leg, ana)
    ended = [said.channel for said in play.said if isinstance(said, HangUp)]
    assert ended == [ear_of(leg), ana]
    assert play.told(SupervisionEnded)[-1].outcome is None
    play.hangs_up(ana)
    assert (play.state("sue"), play.state("ana")) == ("busy-acd", "wrap-up")
    call = play.engine.state.calls[C1]
    assert (call.served_by, call.handed_on_by, call.held_since) == (SUE, (ANA,), None)
    # She is busy with it from now, and needs no ear for it.
    play.tell(LegEnded(at=play.now, channel=ear_of(leg)))
    assert play.engine.state.agents[SUE].busy_since == taken.at
    # It is a call of hers like any other.
    asks(play.skip(), requests.TransferToQueue, queue="support")
    play.hangs_up(leg)
    assert play.state("sue") == "wrap-up"
    assert play.told(CallTransferred)[-1].agent == "sue"
    assert play.told(CallConnected)[0].call == C1


def test_the_books_count_it_as_a_transfer_and_her_listening_not_at_all():
    play = supervising()
    sue_asks(play, requests.TakeOverCall)
    comes_in(play).after(seconds=5).hangs_up("c1")
    books = Bookkeeper()
    facts = [fact for notice in play.history for fact in books.hear(notice)]
    talks = [(f.agent, f.result, f.detail) for f in facts if f.kind is Kind.TALK]
    assert talks == [("ana", TRANSFERRED, "sue"), ("sue", "ended", None)]
    assert not [fact for fact in facts if fact.kind is Kind.CONSULT]
    (call,) = [fact for fact in facts if fact.kind is Kind.CALL]
    assert (call.conversation, call.agent) == (C1, "ana")
    states = [f.result for f in facts if f.kind is Kind.STATE and f.agent == "sue"]
    assert "busy-supervising" in states
    noted = [(f.detail, f.agent, f.result) for f in facts if f.kind is Kind.ACT]
    assert noted == [
        ("susan", "ana", "listen"),
        ("susan", "ana", "barge"),
        ("susan", "ana", "take-over"),
    ]


def test_a_take_over_that_cannot_be_leaves_the_call_where_it_was():
    play = supervising()
    sue_asks(play, requests.TakeOverCall).skip()
    asks(play, requests.ConsultAgent, agent=BOB).skip()
    comes_in(play).then_nothing()
    asks(play, requests.CancelConsult).skip()
    play.tell(
        CommandFailed(
            at=play.now,
            command="JoinLeg",
            channel=ChannelId(her_leg(play)),
            failure=Failure.REFUSED,
        )
    ).then(HangUp, HangUp, SupervisionEnded, Supervised)
    assert play.state("ana") == "busy-acd" and not play.told(CallTakenOver)


def test_she_thinks_better_of_it():
    play = supervising()
    sue_asks(play, requests.TakeOverCall).skip()
    sue_asks(play, requests.SuperviseCall, mode=Mode.LISTEN).skip()
    comes_in(play).then_nothing()
    assert not play.told(CallTakenOver) and not one(play).joined


@pytest.mark.parametrize("command", ["Overhear", "MuteLeg", "JoinLeg", "RingAgent"])
@pytest.mark.parametrize("failure", Failure)
def test_whatever_cannot_be_done_lets_her_go_and_nobody_else(command, failure):
    play = sue_asks(talking(), requests.SuperviseCall, mode=Mode.LISTEN).skip()
    leg = her_leg(play)
    if command != "RingAgent":
        picks_up(play)
    if command == "RingAgent" and failure is Failure.GONE:
        return  # There is no caller.
    play.tell(CommandFailed(at=play.now, command=command, channel=ChannelId(leg), failure=failure))
    assert len(play.told(SupervisionEnded)) == 1
    play.hangs_up(leg)
    assert (play.state("sue"), play.state("ana")) == ("ready", "busy-acd")


# Following.


def follows(play: Play, mode: Mode = Mode.LISTEN) -> Play:
    return asks_agent(play, requests.FollowAgent, mode=mode)


def asks_agent(play: Play, kind: type, **fields) -> Play:
    given = {"by": "susan", "agent": SUE, "of": ANA} | fields
    return play.tell(kind(at=play.now, request="q", **given))


def test_her_listening_goes_from_call_to_call_until_she_ends_it():
    play = follows(Play(centre(PEOPLE, wrap_up_ms=0)).skip())
    play.then(Accepted, Said(Supervised, action="follow"), Said(FollowingChanged, follows="ana"))
    for number, name in enumerate(("c1", "c2", "c3")):
        play.arrives(name).picks_up(name)
        ana = play.leg(name)
        play.bridged(name)
        leg = her_leg(play.skip(), name)
        picks_up(play, name).then(
            Said(Overhear, of=ana, muted=True), Said(SupervisionChanged, call=call_id(name))
        )
        if number == 1:  # She leaves this one by herself, and is not asked again.
            play.hangs_up(leg).after(seconds=30)
            assert SUE not in play.engine.state.calls[call_id(name)].supervisors
        if number < 2:
            play.hangs_up(name).hangs_up(ana)
            if number == 0:
                play.hangs_up(leg)
    asks_agent(play.skip(), requests.StopFollowing).then(
        Accepted,
        Said(Supervised, action="stop-following", detail=""),
        Said(FollowingChanged, follows=None),
        Said(AgentStateChanged, agent="sue"),
        HangUp,
        HangUp,
        SupervisionEnded,
        Supervised,
    )
    assert refused_agent(play, requests.StopFollowing) == "not-supervising"


def refused_agent(play: Play, kind: type, **fields) -> Reason:
    asks_agent(play.skip(), kind, **fields)
    (no,) = play.said
    assert isinstance(no, Refused)
    return no.reason


def test_to_follow_begins_with_the_call_that_there_is_and_waits_for_her_phone():
    play = talking()
    follows(play)
    assert her_leg(play)
    picks_up(play).skip()
    # The agent's next call begins while her leg of the one before is not gone yet.
    play.hangs_up("c1").hangs_up(play_leg_of(play, "ana"))
    play.ready("ana").arrives("c2").picks_up("c2").bridged("c2").skip()
    assert SUE not in play.engine.state.calls[call_id("c2")].supervisors
    play.after(seconds=6)
    assert SUE in play.engine.state.calls[call_id("c2")].supervisors
    # The way in which she hears it may be chosen anew by following anew.
    picks_up(play, "c2").skip()
    follows(play, Mode.WHISPER)
    assert one(play, "c2").mode is Mode.WHISPER


def play_leg_of(play: Play, agent: str) -> str:
    return str(play.engine.state.agents[AgentId(agent)].offer)


def test_who_follows_hears_a_call_that_the_agent_takes_over_and_one_that_he_makes():
    play = talking()
    follows(play, Mode.LISTEN).skip()
    play.hangs_up(her_leg(play), cause=21).skip()
    asks_agent(play, requests.FollowAgent, of=BOB, mode=Mode.LISTEN).skip()
    asks(play, requests.ConsultAgent, agent=BOB)
    offer = play.engine.state.calls[C1].parties[BOB].offer
    play.tell(LegAnswered(at=play.now, channel=ChannelId(offer)))
    bridge = play.engine.state.calls[C1].bridge
    play.tell(LegBridged(at=play.now, channel=ChannelId(offer), offer=bridge))
    asks(play.skip(), requests.CompleteConsult)
    assert one(play).of == BOB


def test_following_ends_with_her_shift_or_with_either_of_them():
    for end in ("shift", "agent"):
        play = follows(talking()).skip()
        picks_up(play).skip()
        if end == "shift":
            play.tell(requests.LogOut(at=play.now, request="q", by="susan", agent=SUE))
        else:
            left = centre({name: queues for name, queues in PEOPLE.items() if name != "ana"})
            play.tell(Configured(at=play.now, configuration=left))
            play.hangs_up("c1").hangs_up(play_leg_of(play, "ana"))
        assert play.told(FollowingChanged)[-1].follows is None
        assert not play.engine.state.followings


def test_of_several_who_follow_each_is_rung_whatever_the_others_do():
    """Who is off shift, whose agent has no call, and whose phone is in use hold up nobody."""
    people = {"rob": (), "una": (), "vic": (), **PEOPLE}
    play = talking(centre(people)).arrives("c2", queue="sales").picks_up("c2")
    for name, of in (("rob", ANA), ("una", AgentId("vic")), ("vic", ANA)):
        agent = AgentId(name)
        asks_agent(play, requests.FollowAgent, by=name, agent=agent, of=of, mode=Mode.LISTEN)
    rung = [ring.agent for ring in play.told(RingAgent)]
    assert rung[-2:] == ["rob", "vic"]
    vic = play.engine.state.calls[C1].supervisors[AgentId("vic")].offer
    play.tell(LegAnswered(at=play.now, channel=ChannelId(vic))).skip()
    # From now on rob is gone, una follows nobody who talks, vic hears another call, and sue is free.
    follows_bob = {"of": BOB, "mode": Mode.LISTEN}
    asks_agent(play, requests.FollowAgent, by="vic", agent=AgentId("vic"), **follows_bob)
    asks_agent(play, requests.FollowAgent, **follows_bob)
    play.tell(requests.LogOut(at=play.now, request="q", by="rob", agent=AgentId("rob"))).skip()
    play.bridged("c2")
    assert [ring.agent for ring in play.said if isinstance(ring, RingAgent)] == ["sue"]


def test_who_is_taken_away_and_followed_holds_up_nobody_who_follows():
    play = talking(with_agent(centre({"rob": (), **PEOPLE}), "sue", node="pbx2"))
    rob = {"by": "rob", "agent": AgentId("rob"), "mode": Mode.LISTEN, "of": BOB}
    follows(asks_agent(play, requests.FollowAgent, **rob)).skip()
    play.tell(Configured(at=play.now, configuration=centre(PEOPLE)))
    assert [ring.agent for ring in play.said if isinstance(ring, RingAgent)] == ["sue"]


def test_whom_she_cannot_follow():
    play = talking()
    assert refused_agent(play, requests.FollowAgent, mode=Mode.LISTEN, of=SUE) == "own-call"
    nobody = AgentId("nobody")
    assert refused_agent(play, requests.FollowAgent, mode=Mode.LISTEN, of=nobody) == "unknown-agent"
    play.tell(requests.LogOut(at=play.now, request="q", by="susan", agent=SUE))
    assert refused_agent(play, requests.FollowAgent, mode=Mode.LISTEN) == "not-logged-in"


def test_a_phone_of_another_asterisk_is_not_rung():
    play = talking(with_agent(centre(PEOPLE), "sue", node="pbx2"))
    assert refused(play, requests.SuperviseCall, mode=Mode.LISTEN) == "agent-not-free"


# A restart, and a look around.


@pytest.mark.parametrize("mode", MODES)
def test_a_restart_lets_go_who_listens_and_keeps_who_talks(mode):
    before = supervising(mode)
    ana, leg = before.leg("c1"), her_leg(before)
    saved = before.told_quietly("SaveCall")[-1].saved
    bridge = bridge_for(ana)
    hers = bridge if mode is Mode.BARGE else bridge_for(leg)
    play = Play(centre(PEOPLE), ready=("sue",))
    play.now = before.now
    play.tell(
        NodeFound(
            at=play.now,
            node=NODE,
            seen_at=play.now,
            channels=(
                seen("c1", bridge=bridge, saved=saved),
                seen(ana, bridge=bridge),
                seen(leg, bridge=hers),
                seen(ear_of(leg), bridge=bridge_for(leg)),
            ),
        )
    )
    ended = [said.channel for said in play.said if isinstance(said, HangUp)]
    call = play.engine.state.calls[C1]
    assert call.served_by == ANA and not call.supervisors
    if mode is Mode.BARGE:
        assert ended == [ear_of(leg)], "she is in conference now"
        assert list(call.parties) == [SUE] and play.state("sue") == "busy-consult"
    else:
        assert sorted(ended) == sorted([leg, ear_of(leg)])


def look(play: Play, **hers) -> Play:
    """A look around: all is there, but as said of her leg and of her ear."""
    ana, leg = play.leg("c1"), her_leg(play)
    there = {"ear": bridge_for(leg), "leg": bridge_for(leg)} | hers
    channels = [seen("c1", bridge=bridge_for(ana)), seen(ana, bridge=bridge_for(ana))]
    for name, where in ((leg, there["leg"]), (ear_of(leg), there["ear"])):
        if where is not None:
            channels.append(seen(name, bridge=where))
    play.now += 1
    return play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=tuple(channels)))


def test_a_look_around_mends_what_was_lost():
    play = supervising()
    look(play).then_nothing()
    ana = play.leg("c1")
    look(play, leg=bridge_for(ana)).then(Said(JoinLeg, channel=her_leg(play), offer=her_leg(play)))
    sue_asks(play, requests.TakeOverCall).skip()
    look(play).then(Said(JoinLeg, channel=her_leg(play), offer=ana))
    look(play, leg=bridge_for(ana))
    assert play.told(CallTakenOver), "that she is there was not told"

    play = picks_up(sue_asks(talking(), requests.SuperviseCall, mode=Mode.LISTEN)).skip()
    play.now -= 1
    look(play, ear=None).then_nothing()  # It was looked for in the moment in which it came.
    look(play, ear=None)
    assert play.told(SupervisionEnded), "she hears nothing"
    play = supervising()
    look(play, leg=None)
    assert play.told(SupervisionEnded) and play.state("sue") == "ready"
    play = sue_asks(talking(), requests.SuperviseCall, mode=Mode.LISTEN)
    play.after(seconds=1)
    leg = her_leg(play)
    play.tell(LegAnswered(at=play.now, channel=ChannelId(leg)))
    look(play.skip(), leg=None, ear=None).then_nothing()  # It is on its way.
    look(play)
    assert one(play).since == play.now, "that she was put through was not told"


@pytest.mark.parametrize("mode", MODES)
def test_asterisk_is_started_anew_and_has_none_of_them(mode):
    play = supervising(mode)
    follows(play).skip()
    play.tell(NodeLost(at=play.now, node=NODE)).after(seconds=10)
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now))
    assert play.told(CallEnded)[-1].ending is Ending.LOST
    assert len(play.told(SupervisionEnded)) == 1
    assert (play.state("sue"), play.state("ana")) == ("ready", "wrap-up")
    assert not play.engine.state.offers


def test_an_ear_is_no_leg_and_says_whose_it_is():
    leg = her_leg(supervising())
    assert read_ear(ear_of(leg)) == leg
    assert read_ear(ChannelId(leg)) is None and read_ear(channel("c1")) is None
    assert read_ear(ChannelId("pbx1:c1~ear")) is None


def test_her_state_is_told_with_the_call_that_she_hears():
    play = supervising()
    told = [said for said in play.told(AgentStateChanged) if said.agent == SUE][-1]
    assert (told.state, told.call, told.pending) == (AgentState.SUPERVISING, C1, AgentState.READY)


@pytest.mark.parametrize("mode", MODES)
def test_a_state_in_which_she_is_heard_by_whom_she_may_not_be_is_none(mode):
    for heard, joined, takes_over in product((True, False), repeat=3):
        her = Supervision(agent=SUE, of=ANA, by="susan", offer=OfferId("o"), mode=mode)
        her.joined, her.takes_over, her.since = joined, takes_over, 1 if heard else None
        inside = mode is Mode.BARGE or (not joined and not takes_over)
        for leg_connected in (True, False):
            assert her.as_it_may_be(leg_connected) is (inside and heard is leg_connected)


def test_what_she_may_do_is_shown_as_it_is():
    for mode in Mode:
        others = {other.value for other in Mode if other is not mode}
        for heard, consulting in product((True, False), repeat=2):
            shown = allowed(mode, heard=heard, consulting=consulting)
            may = {TAKE_OVER} if heard and not consulting else set()
            assert set(shown) == {*others, *may, STOP_SUPERVISING} and len(shown) == len(set(shown))
