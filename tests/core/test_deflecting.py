"""What rings is sent away by who is rung: rejected, or on to a queue or a colleague; and nobody is lost by it."""

import pytest

from acd.core.commands import HangUp, RingAgent
from acd.core.configuration import MissedPolicy, WhenUnstaffed
from acd.core.deflection import DeflectToAgent, DeflectToQueue, RejectOffer
from acd.core.ids import AgentId, QueueId
from acd.core.notices import Accepted, CallChanged, CallOffered, OfferEnded, Reason, Refused
from acd.core.offer import OfferOutcome
from tests.core.rules import rung, with_rules
from tests.play import SALES, Play, Said, call_id, centre

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


def test_sent_to_the_queue_where_he_is_he_waits_on_for_the_next() -> None:
    play = ringing("bob")
    to_queue(play, "support").then(Accepted, OfferEnded, HangUp, CallOffered, RingAgent)
    assert rung(play) == [("c1", "ana"), ("c1", "bob")]
