"""What rings is sent away by who is rung: rejected, or on to a queue, colleague or number; and nobody is lost by it."""

from dataclasses import replace
from typing import Any

import pytest

from acd.core.commands import (
    AnswerCall,
    Connect,
    DialNumber,
    HangUp,
    JoinLeg,
    PlayPrompts,
    ReleaseToDialplan,
    RenewDeadMan,
    RingAgent,
    SaveCall,
    StartHoldMusic,
    StartRecording,
    StopPrompts,
)
from acd.core.configuration import MissedPolicy, Ring, WhenUnstaffed
from acd.core.deflection import (
    DeflectToAgent,
    DeflectToNumber,
    DeflectToQueue,
    DeflectWaiting,
    RejectOffer,
)
from acd.core.events import (
    CallLeft,
    CommandFailed,
    Configured,
    Failure,
    LegAnswered,
    LegEnded,
    NodeFound,
)
from acd.core.ids import AgentId, ChannelId, QueueId, bridge_for, offer_to, outside_leg
from acd.core.notices import (
    Accepted,
    CallChanged,
    CallConnected,
    CallEnded,
    CallHandedOut,
    CallOffered,
    CallQueued,
    Ending,
    Notice,
    OfferEnded,
    OutsiderChanged,
    OutsiderDialled,
    OutsiderLeft,
    Reason,
    Refused,
    Supervised,
)
from acd.core.offer import OfferOutcome
from acd.core.outbound import Caps, Number, Outbound
from acd.core.party import PartyState
from acd.core.recording import RecordingChanged, RecordWhen
from acd.core.requests import ClearCall, LogOut, SwitchOutbound, TransferToNumber, TransferToQueue
from acd.reports.bookkeeping import Bookkeeper
from acd.reports.facts import Kind
from tests.core.rules import rung, with_agent, with_rules
from tests.core.test_announcing import PLACE
from tests.core.test_calling import ROUTE, WANG
from tests.core.test_outsiders import ABROAD, LIU
from tests.play import NODE, SALES, START, SUPPORT, Play, Said, call_id, centre, channel, seen

C1, ANA = call_id("c1"), AgentId("ana")
PEOPLE = {"ana": ("support",), "bob": ("support",), "sol": ("sales",)}


def ringing(*ready: str, **rules) -> Play:
    """Ana's phone rings."""
    play = Play(centre(PEOPLE, **rules), ready=("ana", *ready))
    return play.arrives("c1").skip()


def reject(play: Play, agent: str = "ana", call: str = "c1") -> Play:
    asked = RejectOffer(
        at=play.now, request="r", by=agent, call=call_id(call), agent=AgentId(agent)
    )
    return play.when(asked)


def to_queue(play: Play, queue: str = SALES) -> Play:
    asked = DeflectToQueue(
        at=play.now, request="r", by="ana", call=C1, agent=ANA, queue=QueueId(queue)
    )
    return play.when(asked)


def to_agent(play: Play, to: str) -> Play:
    asked = DeflectToAgent(at=play.now, request="r", by="ana", call=C1, agent=ANA, to=AgentId(to))
    return play.when(asked)


def test_to_reject_over_the_api_counts_as_the_red_button() -> None:
    play = ringing("bob", reject=MissedPolicy.NOT_READY, rejects=1)
    leg = play.leg("c1")
    reject(play)
    (ended,) = play.told(OfferEnded)
    assert (ended.agent, ended.outcome) == ("ana", OfferOutcome.REJECTED)
    assert [one.channel for one in play.told(HangUp)] == [leg]
    assert rung(play) == [("c1", "ana"), ("c1", "bob")]
    play.hangs_up(leg)
    assert play.state("ana") == "not-ready"


def test_a_caller_who_is_sent_to_another_queue_has_waited_as_long() -> None:
    play = ringing("sol", reject=MissedPolicy.NOT_READY, rejects=1)
    play.after(seconds=3).skip()
    leg = play.leg("c1")
    to_queue(play)
    (changed,) = play.told(CallChanged)
    assert (changed.queue, changed.by) == ("sales", "ana")
    assert play.told(OfferEnded)[0].outcome is OfferOutcome.WITHDRAWN
    assert rung(play) == [("c1", "ana"), ("c1", "sol")]
    assert play.told(CallOffered)[-1].waited_ms == 3_000
    play.hangs_up(leg)
    assert play.state("ana") == "ready"


def test_a_colleague_is_rung_at_once_and_if_he_does_not_answer_the_caller_is_where_he_was() -> None:
    play = ringing("sol")
    leg = play.leg("c1")
    to_agent(play, "sol")
    assert rung(play) == [("c1", "ana"), ("c1", "sol")]
    play.hangs_up(leg).after(seconds=15)
    assert play.engine.state.calls[C1].queue == "support"
    play.after(seconds=60)
    assert rung(play)[2] == ("c1", "ana")


def test_with_all_phones_ringing_all_of_them_stop() -> None:
    play = ringing("bob", "sol", strategy="ring-all")
    assert rung(play) == [("c1", "ana"), ("c1", "bob")]
    to_queue(play)
    ended = [(str(one.agent), one.outcome) for one in play.told(OfferEnded)]
    assert ended == [("bob", OfferOutcome.WITHDRAWN), ("ana", OfferOutcome.WITHDRAWN)]
    assert rung(play)[2:] == [("c1", "sol")]


def test_rejected_by_one_of_many_it_rings_on_at_the_others() -> None:
    play = ringing("bob", strategy="ring-all")
    reject(play)
    assert [str(one.agent) for one in play.told(OfferEnded)] == ["ana"]
    assert play.engine.state.calls[C1].offers.keys() == {"bob"}


@pytest.mark.parametrize(
    ("queue", "reason"), [("suport", Reason.UNKNOWN_QUEUE), ("sales", Reason.QUEUE_REFUSES)]
)
def test_where_nobody_could_have_him_he_is_not_sent(queue: str, reason: Reason) -> None:
    plain = with_rules(centre(PEOPLE), queue="sales", when_unstaffed=WhenUnstaffed.LEAVE)
    play = Play(plain, ready=("ana",)).arrives("c1").skip()
    to_queue(play, queue).then(Said(Refused, reason=reason))
    assert play.state("ana") == "offered"


@pytest.mark.parametrize(
    ("to", "reason"), [("nobody", Reason.UNKNOWN_AGENT), ("sol", Reason.AGENT_NOT_FREE)]
)
def test_who_is_not_free_is_not_rung_for_him(to: str, reason: Reason) -> None:
    to_agent(ringing(), to).then(Said(Refused, reason=reason))


def test_what_does_not_ring_cannot_be_sent_away() -> None:
    play = ringing("bob")
    reject(play, "bob").then(Said(Refused, reason=Reason.NOT_RINGING))
    reject(play, call="c2").then(Said(Refused, reason=Reason.UNKNOWN_CALL))
    play.picks_up("c1").skip()
    reject(play).then(Said(Refused, reason=Reason.NOT_RINGING))
    play.bridged("c1").skip()
    to_queue(play).then(Said(Refused, reason=Reason.NOT_RINGING))


def test_he_begins_at_the_first_ring_of_the_other_queue() -> None:
    """Which may have fewer."""
    rings = tuple(Ring(teams=(team,), for_ms=5_000) for team in ("gold", "silver", "tin"))
    plain = with_rules(with_rules(centre(PEOPLE), rings=rings), SALES, rings=(Ring(),))
    configuration = with_agent(plain, "ana", team="tin")
    play = Play(configuration, ready=("ana", "sol")).arrives("c1").skip()
    assert play.engine.state.calls[C1].ring == 2
    to_queue(play)
    assert rung(play) == [("c1", "ana"), ("c1", "sol")]


def test_sent_to_the_queue_where_he_is_he_waits_on_for_the_next() -> None:
    play = ringing("bob")
    to_queue(play, "support").then(Accepted, OfferEnded, HangUp, CallOffered, RingAgent)
    assert rung(play) == [("c1", "ana"), ("c1", "bob")]


# On to a number.


def calls_out(*, caps: Caps | None = None, **rules):
    outbound = Outbound(routes=(ROUTE,), queue=SUPPORT, caps=caps or Caps())
    return replace(centre(PEOPLE, **rules), outbound=outbound)


def to_number(play: Play, number: Number = WANG, **fields) -> Play:
    said = {"by": "ana", "agent": ANA, "call": C1} | fields
    return play.when(DeflectToNumber(at=play.now, request="r", number=number, **said))


def sent_out(**rules) -> Play:
    """Ana's phone rang for three seconds, and now Wang's does."""
    play = Play(calls_out(**rules), ready=("ana",)).arrives("c1").after(seconds=3).skip()
    ana = play.leg("c1")
    to_number(play).skip()
    return play.hangs_up(ana).skip()


def wang(play: Play) -> ChannelId:
    return play.engine.state.calls[C1].outsiders[WANG.digits].leg


def picks_up(play: Play) -> Play:
    return play.tell(LegAnswered(at=play.now, channel=wang(play)))


def ends(play: Play, cause: int = 17) -> Play:
    return play.tell(LegEnded(at=play.now, channel=wang(play), cause=cause))


def leaves(play: Play) -> Play:
    return play.tell(CallLeft(at=play.now, channel=channel("c1")))


def stays(play: Play) -> list[tuple[str | None, int, str | None]]:
    """How he has left his queues, and after how many milliseconds, as the books have it."""
    books = Bookkeeper()
    facts = [fact for one in play.history if isinstance(one, Notice) for fact in books.hear(one)]
    found = [fact for fact in facts if fact.kind is Kind.STAY]
    return [(fact.queue, fact.ended_at - fact.began_at, fact.result) for fact in found]


def test_a_number_rings_for_him_and_he_is_picked_up_when_it_is() -> None:
    play = Play(calls_out(record=RecordWhen.ALWAYS), ready=("ana",)).arrives("c1")
    play.after(seconds=3).skip()
    ana = play.leg("c1")
    leg = outside_leg(C1, ANA, play.now + 1)
    bridge = offer_to(C1, ANA, play.now + 1)
    to_number(play).then(
        Accepted,
        Said(OfferEnded, agent="ana", outcome=OfferOutcome.WITHDRAWN),
        Said(HangUp, channel=ana),
        Said(CallHandedOut, agent=None, number=WANG.digits, queue="support"),
        Said(OutsiderDialled, by="ana", transfer=True),
        Said(DialNumber, leg=leg, sake=channel("c1"), offer=bridge),
    )
    play.hangs_up(ana).after(seconds=4).skip()
    assert play.state("ana") == "ready" and not play.told(AnswerCall)
    renewed = len(play.told(RenewDeadMan))
    play.after(seconds=20).skip()
    assert len(play.told(RenewDeadMan)) > renewed, "if we die now, Asterisk has him back"
    play.tell(LogOut(at=play.now, request="q", by="ana", agent=ANA)).skip()  # It rings on.
    picks_up(play).then(
        Said(AnswerCall),
        Said(JoinLeg, channel=channel("c1"), offer=bridge),
        Said(RenewDeadMan, timeout_ms=0),
        Said(OutsiderChanged, state=PartyState.JOINED),
        Said(StartRecording, offer=bridge),
        RecordingChanged,
    )
    play.after(seconds=60)
    ends(play, cause=16).then(
        Said(OutsiderLeft, result="", talked_ms=60_000), Said(ReleaseToDialplan, result="done")
    )
    leaves(play)
    (over,) = play.told(CallEnded)
    assert (over.ending, over.waited_ms, over.talked_ms) == (Ending.COMPLETED, 27_000, 0)
    assert stays(play) == [("support", 27_000, "deflected")]


@pytest.mark.parametrize("cause", [17, 19, 34])
def test_if_nobody_picks_up_he_waits_on_where_he_was_and_it_is_one_stay(cause: int) -> None:
    play = sent_out().after(seconds=5).arrives("c2").skip()
    assert rung(play)[-1] == ("c2", "ana")
    ends(play, cause).then(
        OutsiderLeft,
        Said(CallQueued, queue="support", joined_at=START + 1, placed_at=None),
        AnswerCall,
        StartHoldMusic,
    )
    play.after(seconds=60).ready("bob")
    play.picks_up("c1").bridged("c1")
    assert play.told(CallConnected)[-1].waited_ms == play.now - (START + 1)
    assert [(queue, result) for queue, _, result in stays(play)] == [("support", "answered")]


def test_he_may_hang_up_while_it_rings_and_has_then_given_up_waiting() -> None:
    play = sent_out().after(seconds=5).skip()
    leg = wang(play)
    play.hangs_up("c1")
    assert [one.channel for one in play.told(HangUp)][-1] == leg
    (over,) = play.told(CallEnded)
    assert (over.ending, over.waited_ms) == (Ending.ABANDONED, 8_000)
    assert stays(play) == [("support", 8_000, "abandoned")]


def test_nobody_calls_out_any_more_and_a_command_that_fails() -> None:
    play = sent_out()
    stop = SwitchOutbound(at=play.now, request="q", by="root", stopped=True)
    play.tell(stop).skip()
    assert rung(play)[1:] == [], "ana has just let him go"
    assert play.engine.state.calls[C1].state.value == "waiting"
    to_number(play).then(Said(Refused, reason=Reason.NOT_RINGING))
    play = sent_out()
    failed = CommandFailed(
        at=play.now, command="DialNumber", channel=wang(play), failure=Failure.REFUSED
    )
    play.tell(failed).then(HangUp, Said(OutsiderLeft, result="unreachable"), CallQueued, ...)


def test_a_supervisor_takes_him_back_and_he_has_waited_as_long_and_a_person_has_moved_him() -> None:
    play = sent_out().after(seconds=5)
    back = TransferToQueue(at=play.now, request="q", by="sue", call=C1, queue=SALES)
    play.tell(back).then(
        Accepted,
        Said(Supervised, by="sue", action="transfer"),
        Said(CallChanged, queue="sales"),
        Said(CallQueued, queue="sales", joined_at=START + 1),
        HangUp,
        OutsiderLeft,
        ...,
    )
    play.hangs_up("c1")
    assert stays(play) == [("support", 8_000, "moved"), ("sales", 0, "abandoned")]
    play = picks_up(sent_out()).after(seconds=5)
    play.tell(replace(back, at=play.now)).skip()
    play.ready("sol").tell(LegAnswered(at=play.now, channel=ChannelId(play.leg("c1"))))
    assert len(play.told(AnswerCall)) == 1 and not play.told(Connect)[-1].answer, "he is answered"
    play = sent_out().after(seconds=5)
    play.tell(ClearCall(at=play.now, request="q", by="sue", call=C1))
    leaves(play)
    assert play.told(CallEnded)[-1].waited_ms == 8_000


def test_a_restart_finds_him_waiting_while_it_rings_and_with_the_number_when_it_was_picked_up() -> (
    None
):
    play = sent_out().after(seconds=5)
    bridge = bridge_for(play.engine.state.calls[C1].bridge)
    saved = play.told(SaveCall)[-1].saved
    leg = wang(play)

    def restarted(*, up: bool) -> Play:
        caller = seen("c1", bridge=bridge if up else None, saved=saved, up=up)
        his = replace(seen(leg, bridge=bridge, up=up), number=WANG.digits)
        again = Play(calls_out(), ready=())
        again.now = play.now
        return again.tell(
            NodeFound(at=again.now, node=NODE, seen_at=again.now, channels=(caller, his))
        )

    rings = restarted(up=False)
    assert [one.joined_at for one in rings.told(CallQueued)] == [START + 1]
    assert [one.channel for one in rings.told(HangUp)] == [leg]
    talks = restarted(up=True)
    assert talks.engine.state.calls[C1].state.value == "outside" and not talks.told(HangUp)


def test_what_no_route_allows_is_refused_and_ana_s_phone_rings_on() -> None:
    play = Play(calls_out(caps=Caps(agent_per_hour=1)), ready=("ana",)).arrives("c1").skip()
    to_number(play, ABROAD).then(Said(Refused, reason=Reason.NO_ROUTE))
    to_number(play, agent=AgentId("bob")).then(Said(Refused, reason=Reason.NOT_RINGING))
    assert play.state("ana") == "offered"
    ana = play.leg("c1")
    to_number(play, by="sue", by_another=True).then(
        Accepted,
        Said(Supervised, by="sue", agent="ana", action="deflect", detail=C1, reason=""),
        ...,
    )
    play.hangs_up(ana).arrives("c2").skip()
    assert rung(play)[-1] == ("c2", "ana")
    to_number(play, call=call_id("c2")).then(Said(Refused, reason=Reason.AGENT_CAP))


def test_who_waits_at_no_phone_is_sent_on_by_a_supervisor_even_while_he_is_told_something() -> None:
    play = Play(calls_out(announcements=PLACE), ready=()).arrives("c1").after(seconds=15).skip()
    assert play.told(PlayPrompts)
    asked = DeflectWaiting(at=play.now, request="r", by="sue", call=C1, agent=ANA, number=WANG)
    play.when(asked).then(
        Accepted,
        Said(Supervised, by="sue", agent="ana", action="deflect"),
        StopPrompts,
        StartHoldMusic,
        CallHandedOut,
        OutsiderDialled,
        DialNumber,
    )
    play.when(asked).then(Said(Refused, reason=Reason.NOT_WAITING))
    picks_up(play).then(JoinLeg, OutsiderChanged)
    assert stays(play) == [("support", 15_000, "deflected")]
    play.hangs_up("c1")
    assert play.told(CallEnded)[-1].ending is Ending.COMPLETED, "he has talked to somebody"


def test_who_is_sent_on_from_a_number_that_rings_to_another_has_waited_all_that_time() -> None:
    play = Play(calls_out(), ready=()).arrives("c1").after(seconds=15).skip()
    waits: dict[str, Any] = {"request": "r", "by": "sue", "call": C1}
    play.tell(DeflectWaiting(at=play.now, agent=ANA, number=WANG, **waits)).after(seconds=5)
    play.tell(TransferToNumber(at=play.now, number=LIU, **waits)).after(seconds=5)
    assert list(play.engine.state.calls[C1].outsiders) == [LIU.digits]
    play.hangs_up("c1")
    (over,) = play.told(CallEnded)
    assert (over.ending, over.waited_ms) == (Ending.ABANDONED, 25_000)


# Whose queue is gone, or will not have him any longer.


def test_his_own_queue_may_be_gone_and_the_other_one_has_him() -> None:
    play = ringing("sol")
    before = play.engine.state.configuration
    after = replace(before, queues={SALES: before.queues[SALES]})
    play.tell(Configured(at=play.now, configuration=after)).skip()
    to_agent(play, "sol").then(Said(Refused, reason=Reason.UNKNOWN_QUEUE))
    to_number(play).then(Said(Refused, reason=Reason.UNKNOWN_QUEUE))
    to_queue(play)
    assert rung(play)[1:] == [("c1", "sol")] and not play.told(ReleaseToDialplan)


def test_who_has_waited_as_long_as_he_may_is_not_sent_home_by_it() -> None:
    play = ringing("sol", longest_wait_ms=5_000).after(seconds=6).skip()
    to_agent(play, "sol")
    assert rung(play)[1:] == [("c1", "sol")]
    play.after(seconds=15)
    assert play.told(ReleaseToDialplan)[0].result == "max-wait", "but when that one is over"
