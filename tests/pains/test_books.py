"""What users of other systems suffer from figures and screens that do not say what happened, as routing tells it."""

from acd.core.commands import RingAgent
from acd.core.configuration import RING_ALL
from acd.core.events import CallArrived, CallerIdentified, Entry
from acd.core.ids import AgentId, QueueId
from acd.core.matching import Output
from acd.core.notices import CallEnded, CallerRecognised, CallOffered, Notice
from acd.core.requests import TransferToQueue
from acd.reports.facts import ABANDONED, ANSWERED, Fact, Kind
from tests.core.rules import arrives, known, with_rules
from tests.play import Play, call_id, centre, channel
from tests.reports.days import books

ALL = ("support", "sales")
BOTH = {"ana": ALL, "bob": ALL}


def books_of(play: Play) -> list[Fact]:
    """All that is written down of it."""
    return books([said for said in play.history if isinstance(said, Notice)])


def facts_of(play: Play, *kinds: Kind) -> list[Fact]:
    """What the books have of these kinds, in order."""
    return [fact for fact in books_of(play) if fact.kind in kinds]


def test_every_queue_counts_a_call_once_and_everybody_his_own_talk():
    """14: statistics count twice, miss transfers, and give an agent the talk of another."""
    play = Play(centre(BOTH), ready=("ana",))
    arrives(play, "c1").picks_up("c1").bridged("c1").after(seconds=120)
    leg = play.leg("c1")
    play.tell(
        TransferToQueue(
            at=play.now, request="r", by=AgentId("ana"), call=call_id("c1"), queue=QueueId("sales")
        )
    )
    play.hangs_up(leg).ready("bob").picks_up("c1").bridged("c1").after(seconds=3)
    play.hangs_up("c1")
    arrives(play, "c2", queue="sales").after(seconds=1).hangs_up("c2")

    stays = facts_of(play, Kind.STAY)
    assert [(one.queue, one.result) for one in stays] == [
        ("support", ANSWERED),
        ("sales", ANSWERED),
        ("sales", ABANDONED),
    ]
    talks = facts_of(play, Kind.TALK)
    assert [(one.agent, one.queue, one.ended_at - one.began_at) for one in talks] == [
        ("ana", "support", 120_000),
        ("bob", "sales", 3_000),
    ]
    assert [said.talked_ms for said in play.told(CallEnded)] == [3_000, 0], "nobody's before him"
    names = [(fact.kind, fact.began_at, fact.subject) for fact in books_of(play)]
    assert len(names) == len(set(names)), "nothing is in the books twice"


def test_a_call_that_rang_at_many_phones_is_one_call_and_was_answered():
    """15: the history shows one call as several, and one that was answered as missed."""
    play = Play(with_rules(centre(BOTH), strategy=RING_ALL))
    arrives(play, "c1")
    assert {ring.agent for ring in play.told(RingAgent)} == {"ana", "bob"}
    play.picks_up("c1", "bob").bridged("c1").after(seconds=5).hangs_up("c1")
    (call,) = facts_of(play, Kind.CALL)
    (stay,) = facts_of(play, Kind.STAY)
    (talk,) = facts_of(play, Kind.TALK)
    assert (stay.result, talk.agent) == (ANSWERED, "bob")
    parts = books_of(play)
    ours = {fact.conversation for fact in parts if fact.kind in (Kind.STAY, Kind.TALK, Kind.OFFER)}
    assert ours == {call.subject}, "whatever is said of it says of which call"
    missed = [one.agent for one in facts_of(play, Kind.OFFER) if one.result == "no-answer"]
    assert missed == [], "nor has who was second let it ring"


def test_the_pop_comes_before_the_phone_rings_and_has_the_number():
    """21: the screen pop fails, comes after the call, or lacks data."""
    play = Play(centre(BOTH))
    number = "+8613800000009"
    play.tell(
        CallArrived(
            at=play.now, channel=channel("c1"), entry=Entry.QUEUE, target="support", number=number
        )
    ).after(seconds=5)  # The directory says nothing: the call does not wait for it.
    assert popped_first(play.history)
    (pop,) = play.told(CallOffered)
    assert pop.number == number
    play.tell(CallerIdentified(at=play.now, call=call_id("c1"), identity=known(number)))
    (late,) = play.told(CallerRecognised)
    assert late.late and late.identity.number == number, "who it is still comes to the screen"

    play = Play(centre(BOTH))
    arrives(play, "c2", known("+8613800000002"))
    assert popped_first(play.history)
    (pop,) = play.told(CallOffered)
    assert pop.identity.number == "+8613800000002"


def test_who_gave_up_stays_on_record_however_long_ago_until_he_has_been_talked_to():
    """22: those who gave up cannot be seen or worked off: they age out, or nobody knows who was reached since."""
    she, he = "+8613800000001", "+8613800000002"
    play = Play(centre(BOTH), ready=())
    for name, number in (("hers", she), ("his", he)):
        play.arrives(name, number=number).after(seconds=5).hangs_up(name)
    assert given_up(play) == [she, he]
    play.after(seconds=30 * 86_400).ready("ana")
    play.arrives("again", number=she).picks_up("again").bridged("again").after(seconds=60)
    play.hangs_up("again")
    assert given_up(play) == [he]


def given_up(play: Play) -> list[str | None]:
    """Who has given up and was not talked to since, as the books have it."""
    talks = {fact.person: fact.began_at for fact in facts_of(play, Kind.TALK)}
    stays = [fact for fact in facts_of(play, Kind.STAY) if fact.result == ABANDONED]
    return [fact.person for fact in stays if talks.get(fact.person, 0) < fact.ended_at]


def popped_first(outputs: list[Output]) -> bool:
    """Whether an agent saw who calls before his phone rang."""
    kinds = [type(said) for said in outputs if isinstance(said, CallOffered | RingAgent)]
    return kinds == [CallOffered, RingAgent]
