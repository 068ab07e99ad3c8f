"""The books agree with what happened: on simulated days to the last call, and on every single path of a call."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from acd.core.agent import AgentState
from acd.core.customer import Confidence, Customer, Identity
from acd.core.estimate import Forecast
from acd.core.events import DeviceState, Entry
from acd.core.ids import (
    AgentId,
    CallId,
    CustomerId,
    Direction,
    MenuId,
    NodeId,
    OfferId,
    QueueId,
    dialled_call,
    direction_of,
    offer_to,
)
from acd.core.notices import (
    AgentStateChanged,
    CallChanged,
    CallConnected,
    CallEnded,
    CallerRecognised,
    CallOffered,
    CallOverflowed,
    CallQueued,
    CallStarted,
    CallTakenOver,
    CallTransferred,
    Change,
    Ending,
    MenuEntered,
    NodeStateChanged,
    Notice,
    NumberDialled,
    OfferEnded,
    PartyLeft,
)
from acd.core.offer import OfferOutcome
from acd.reports.agent_states import UNSEEN_MS
from acd.reports.bookkeeping import Bookkeeper
from acd.reports.facts import ABANDONED, ANSWERED, QUARTER_MS, Fact, Kind
from acd.reports.going_on import OpenCall, OpenState
from tests.core.test_calling_back import agent_picks_up, asked, owed, she_picks_up
from tests.reports.days import books, lives
from tests.simulation.swarm import calling, peaceful, scenario

T = 1_800_000_000_000  # At a quarter of an hour.
CALL = CallId("pbx1:1.1")
ANA, BO = AgentId("ana"), AgentId("bo")
HOTLINE, SALES = QueueId("hotline"), QueueId("sales")


def of_kind(facts: list[Fact], kind: Kind) -> list[Fact]:
    return [fact for fact in facts if fact.kind is kind]


@pytest.mark.parametrize("seed", range(100, 108))
def test_on_a_day_on_which_nothing_goes_wrong_the_books_are_the_simulations(seed: int) -> None:
    print(f"seed {seed}")
    told, results = lives(peaceful(seed), seed)
    facts = books(told[0])
    stays = of_kind(facts, Kind.STAY)
    by_result = Counter(stay.result for stay in stays)
    assert by_result[ANSWERED] == results.answered
    assert by_result[ABANDONED] == results.abandoned
    assert (
        len(stays) == results.offered == results.answered + results.abandoned + results.flowed_out
    )
    waits = sorted(s.ended_at - s.began_at for s in stays if s.result == ANSWERED)
    assert waits == sorted(results.waits_ms)
    talked = Counter[str | None]()
    for talk in of_kind(facts, Kind.TALK):
        talked[talk.agent] += talk.ended_at - talk.began_at
    assert talked == {name: load.talked_ms for name, load in results.agents.items() if load.calls}


@pytest.mark.parametrize("seed", [*range(8), 100, 122])
def test_whatever_goes_wrong_the_sums_check(seed: int) -> None:
    print(f"seed {seed}")
    told, _ = lives(scenario(seed), seed)
    notices = [notice for life in told for notice in life]
    facts = books(notices)
    assert len({(fact.kind, fact.began_at, fact.subject) for fact in facts}) == len(facts)
    assert all(fact.ended_at >= fact.began_at for fact in facts)
    _arrivals_are_offered_and_refused(facts)
    _parts_follow_each_other(facts)
    _agents_do_one_thing_at_a_time(facts)
    connected = {notice.offer for notice in notices if isinstance(notice, CallConnected)}
    talks = of_kind(facts, Kind.TALK)
    assert {talk.subject for talk in talks} <= connected
    answered = [offer for offer in of_kind(facts, Kind.OFFER) if offer.result == ANSWERED]
    assert {offer.subject for offer in answered} == connected


def _arrivals_are_offered_and_refused(facts: list[Fact]) -> None:
    # Of a call that was over while the process was down, nobody has told the end here: see the ledger.
    over = {fact.conversation for fact in of_kind(facts, Kind.CALL)}
    for queue in {fact.queue for fact in facts if fact.kind is Kind.STAY}:
        asked = {f.conversation for f in of_kind(facts, Kind.CALL) if f.queue == queue}
        offered = {f.conversation for f in of_kind(facts, Kind.STAY) if f.queue == queue}
        refused = {f.conversation for f in of_kind(facts, Kind.REFUSAL) if f.queue == queue}
        assert asked == (offered | refused) & over
        assert not offered & refused


def _parts_follow_each_other(facts: list[Fact]) -> None:
    parts = defaultdict(list)
    for fact in facts:
        if fact.kind in (Kind.MENU, Kind.STAY, Kind.TALK):
            parts[fact.conversation].append(fact)
    for one in parts.values():
        one.sort(key=lambda fact: (fact.began_at, fact.ended_at))
        for before, after in pairwise(one):
            assert before.ended_at <= after.began_at


def _agents_do_one_thing_at_a_time(facts: list[Fact]) -> None:
    states = defaultdict(list)
    for fact in of_kind(facts, Kind.STATE):
        assert fact.began_at // QUARTER_MS == (fact.ended_at - 1) // QUARTER_MS
        states[fact.agent].append(fact)
    for one in states.values():
        for before, after in pairwise(one):
            assert before.ended_at <= after.began_at


@pytest.mark.parametrize("seed", range(300, 303))
def test_calls_that_agents_make_are_in_books_of_their_own_and_the_queues_sums_check(
    seed: int,
) -> None:
    print(f"seed {seed}")
    told, _ = lives(calling(peaceful(seed)), seed)
    facts = books(told[0])
    out = of_kind(facts, Kind.CALL_OUT)
    dialled = {notice.call for notice in told[0] if isinstance(notice, NumberDialled)}
    assert dialled and dialled <= {fact.subject for fact in out}
    assert all(direction_of(CallId(fact.subject)) is Direction.OUT for fact in out)
    assert {fact.result for fact in out} == {"completed", "not-reached"}
    reached = {fact.conversation for fact in out if fact.result == "completed"}
    assert {talk.conversation for talk in of_kind(facts, Kind.TALK_OUT)} == reached
    # O = A + B + F is about those who have called us.
    called = {notice.call for notice in told[0] if isinstance(notice, CallStarted)} - {
        fact.subject for fact in out
    }
    for kind in (Kind.CALL, Kind.STAY, Kind.TALK, Kind.OFFER, Kind.REFUSAL):
        assert {fact.conversation for fact in of_kind(facts, kind)} <= called
    _arrivals_are_offered_and_refused(facts)
    answered = {stay.conversation for stay in of_kind(facts, Kind.STAY) if stay.result == ANSWERED}
    connected = {notice.call for notice in told[0] if isinstance(notice, CallConnected)}
    assert answered == connected & called


# A call's paths.


def started(at: int = T) -> CallStarted:
    return CallStarted(
        at=at, call=CALL, number="1", name="", dialled="4001", entry=Entry.QUEUE, target=HOTLINE
    )


def queued(at: int, queue: QueueId = HOTLINE, joined_at: int | None = None) -> CallQueued:
    joined_at = at if joined_at is None else joined_at
    forecast = Forecast(at=at, median_ms=5_000, upper_ms=10_000)
    return CallQueued(
        at=at, call=CALL, queue=queue, priority=0, joined_at=joined_at, forecast=forecast
    )


def offered(at: int, agent: AgentId = ANA) -> CallOffered:
    return CallOffered(
        at=at,
        call=CALL,
        offer=offer_to(CALL, agent, at),
        agent=agent,
        queue=HOTLINE,
        number="1",
        name="",
        identity=Identity(),
        waited_ms=0,
        attempt=1,
    )


def connected(at: int, offer: OfferId, waited_ms: int, agent: AgentId = ANA) -> CallConnected:
    return CallConnected(
        at=at,
        call=CALL,
        offer=offer,
        agent=agent,
        queue=HOTLINE,
        connected_at=at,
        waited_ms=waited_ms,
    )


def ended(
    at: int, ending: Ending, *, waited: int = 0, talked: int = 0, detail: str = ""
) -> CallEnded:
    return CallEnded(
        at=at,
        call=CALL,
        ending=ending,
        queue=HOTLINE,
        agent=None,
        waited_ms=waited,
        talked_ms=talked,
        detail=detail,
    )


def told(*notices: Notice) -> dict[Kind, list[tuple[object, ...]]]:
    found = defaultdict(list)
    for fact in books(list(notices)):
        found[fact.kind].append((fact.began_at - T, fact.ended_at - T, fact.queue, fact.result))
    return found


def test_answered_by_the_second_who_is_rung() -> None:
    first, second = offered(T + 1_000), offered(T + 9_000, BO)
    missed = OfferEnded(
        at=T + 9_000,
        call=CALL,
        offer=first.offer,
        agent=ANA,
        outcome=OfferOutcome.NO_ANSWER,
        rang_ms=8_000,
    )
    talk = connected(T + 11_000, second.offer, 10_000, BO)
    end = ended(T + 20_000, Ending.COMPLETED, waited=10_000, talked=9_000)
    found = told(started(), queued(T + 1_000), first, missed, second, talk, end)
    assert found[Kind.CALL] == [(0, 20_000, HOTLINE, "completed")]
    assert found[Kind.STAY] == [(1_000, 11_000, HOTLINE, "answered")]
    assert found[Kind.OFFER] == [
        (1_000, 9_000, HOTLINE, "no-answer"),
        (9_000, 11_000, HOTLINE, "answered"),
    ]
    assert found[Kind.TALK] == [(11_000, 20_000, HOTLINE, "ended")]
    assert found[Kind.FORECAST] == [(1_000, 11_000, HOTLINE, "within-upper")]


def test_a_menu_then_the_queue_then_he_gives_up() -> None:
    menu = MenuEntered(at=T + 10, call=CALL, menu=MenuId("main"))
    end = ended(T + 9_000, Ending.ABANDONED, waited=4_000)
    found = told(started(), menu, queued(T + 5_000), end)
    assert found[Kind.MENU] == [(10, 5_000, None, HOTLINE)]
    assert found[Kind.STAY] == [(5_000, 9_000, HOTLINE, "abandoned")]
    assert found[Kind.FORECAST] == [(5_000, 9_000, HOTLINE, "unknown")]


def test_a_queue_that_is_closed_refuses_and_offers_nothing() -> None:
    found = told(started(), ended(T + 80, Ending.RELEASED, detail="closed"))
    assert found[Kind.REFUSAL] == [(80, 80, HOTLINE, "closed")]
    assert found[Kind.STAY] == []


def test_an_overflow_is_a_stay_in_each_queue_and_each_waits_by_itself() -> None:
    over = queued(T + 30_000, SALES, joined_at=T)
    end = ended(T + 50_000, Ending.RELEASED, waited=45_000, detail="max-wait")
    found = told(started(), queued(T), over, end)
    assert found[Kind.STAY] == [
        (0, 30_000, HOTLINE, "overflow"),
        (30_000, 45_000, SALES, "max-wait"),  # He was still with us while he was given back.
    ]


def test_who_is_given_back_because_it_took_too_long_has_overflowed() -> None:
    over = CallOverflowed(at=T + 30_000, call=CALL, queue=HOTLINE, step=1, result="callback-menu")
    asked_too = CallOverflowed(at=T + 9_000, call=CALL, queue=HOTLINE, step=1, also=(SALES,))
    end = ended(T + 31_000, Ending.RELEASED, waited=30_000, detail="callback-menu")
    found = told(started(), queued(T), asked_too, over, end)
    assert found[Kind.STAY] == [(0, 30_000, HOTLINE, "overflow")]
    assert found[Kind.REFUSAL] == []


def test_who_is_moved_by_a_person_leaves_one_queue_for_another() -> None:
    moved = CallChanged(
        at=T + 20_000,
        call=CALL,
        by="sue",
        change=Change.QUEUE,
        queue=SALES,
        priority=0,
        requires=(),
    )
    end = ended(T + 50_000, Ending.ABANDONED, waited=50_000)
    found = told(started(), queued(T), moved, queued(T + 20_000, SALES, joined_at=T), end)
    assert found[Kind.STAY] == [
        (0, 20_000, HOTLINE, "moved"),
        (20_000, 50_000, SALES, "abandoned"),
    ]
    assert found[Kind.CHANGE] == [(20_000, 20_000, SALES, "queue")]


def test_a_transfer_is_a_talk_with_each_and_the_call_is_the_first_ones() -> None:
    first, second = offered(T), offered(T + 60_000, BO)
    handed_on = CallTransferred(
        at=T + 60_000,
        call=CALL,
        offer=first.offer,
        agent=ANA,
        queue=HOTLINE,
        to_queue=SALES,
        to_agent=None,
        talked_ms=55_000,
        held_ms=7_000,
    )
    facts = books(
        [
            started(),
            queued(T),
            first,
            connected(T + 5_000, first.offer, 5_000),
            handed_on,
            queued(T + 60_000, SALES),
            second,
            connected(T + 70_000, second.offer, 10_000, BO),
            ended(T + 90_000, Ending.COMPLETED, waited=10_000, talked=20_000),
        ]
    )
    talks = [
        (f.agent, f.began_at - T, f.ended_at - T, f.result, f.detail, f.body)
        for f in of_kind(facts, Kind.TALK)
    ]
    assert talks == [
        (ANA, 5_000, 60_000, "transferred", SALES, {"held_ms": 7_000}),
        (BO, 70_000, 90_000, "ended", None, None),
    ]
    stays = [(f.queue, f.began_at - T, f.ended_at - T) for f in of_kind(facts, Kind.STAY)]
    assert stays == [(HOTLINE, 0, 5_000), (SALES, 60_000, 70_000)]
    assert [f.agent for f in of_kind(facts, Kind.CALL)] == [ANA]
    assert {f.conversation for f in facts} == {CALL}


def test_a_consultation_is_a_part_of_its_own_and_who_takes_over_talks_on() -> None:
    first, asked = offered(T), offer_to(CALL, BO, T + 30_000)
    taken = CallTakenOver(
        at=T + 60_000,
        call=CALL,
        offer=asked,
        agent=BO,
        by=ANA,
        by_offer=first.offer,
        queue=HOTLINE,
        talked_ms=55_000,
        held_ms=25_000,
    )
    unheard = PartyLeft(
        at=T + 20_000,
        call=CALL,
        offer=offer_to(CALL, BO, T + 10_000),
        agent=BO,
        outcome=OfferOutcome.REJECTED,
        talked_ms=0,
    )
    begins = [started(), queued(T), first, connected(T + 5_000, first.offer, 5_000), unheard, taken]
    facts = books([*begins, ended(T + 90_000, Ending.COMPLETED, waited=5_000, talked=30_000)])
    parts = [
        (f.kind, f.agent, f.began_at - T, f.ended_at - T, f.result, f.detail)
        for f in facts
        if f.kind in (Kind.TALK, Kind.CONSULT)
    ]
    assert parts == [
        (Kind.CONSULT, BO, 10_000, 20_000, "rejected", ANA),
        (Kind.CONSULT, BO, 30_000, 60_000, "taken-over", ANA),
        (Kind.TALK, ANA, 5_000, 60_000, "transferred", BO),
        (Kind.TALK, BO, 60_000, 90_000, "ended", None),
    ]
    assert len(of_kind(facts, Kind.STAY)) == len(of_kind(facts, Kind.OFFER)) == 1


@pytest.mark.parametrize(
    ("confidence", "person"),
    [
        (Confidence.OWN, "c1"),
        (Confidence.UNLISTED, "+861"),
        (Confidence.SHARED, None),
        (Confidence.ANONYMOUS, None),
    ],
)
def test_who_called_if_he_can_be_told(confidence: Confidence, person: str | None) -> None:
    his = (Customer(id=CustomerId("c1"), name="张三"),) if confidence is Confidence.OWN else ()
    identity = Identity(number="+861", confidence=confidence, customers=his)
    recognised = CallerRecognised(at=T, call=CALL, identity=identity, late=False)
    facts = books([started(), recognised, queued(T), ended(T + 5, Ending.ABANDONED, waited=5)])
    assert {fact.person for fact in facts if fact.kind is not Kind.FORECAST} == {person}


# An agent's day.


def state(at: int, to: AgentState, *causes: tuple[str, str], call: CallId | None = None) -> Notice:
    return AgentStateChanged(
        at=at,
        agent=ANA,
        state=to,
        causes=causes,
        pending=None,
        device=DeviceState.UNKNOWN,
        call=call,
        until=None,
    )


def test_a_state_is_cut_at_every_quarter_and_told_twice_it_is_one() -> None:
    facts = books(
        [
            state(T + 60_000, AgentState.READY),
            state(T + 90_000, AgentState.READY),  # His phone was seen to.
            state(T + 2 * QUARTER_MS + 5, AgentState.NOT_READY, ("manual", "午饭")),
            state(T + 2 * QUARTER_MS + 9, AgentState.LOGGED_OUT),
            state(T + 9 * QUARTER_MS, AgentState.READY),
        ]
    )
    assert [(f.began_at - T, f.ended_at - T, f.result, f.detail) for f in facts] == [
        (60_000, QUARTER_MS, "ready", None),
        (QUARTER_MS, 2 * QUARTER_MS, "ready", None),
        (2 * QUARTER_MS, 2 * QUARTER_MS + 5, "ready", None),
        (2 * QUARTER_MS + 5, 2 * QUARTER_MS + 9, "not-ready", "午饭"),
    ]


def test_work_after_a_call_is_of_its_queue() -> None:
    offer = offered(T)
    facts = books(
        [
            started(),
            queued(T),
            offer,
            connected(T + 1, offer.offer, 1),
            state(T + 1, AgentState.TALKING, call=CALL),
            ended(T + 50, Ending.COMPLETED, talked=49),
            state(T + 51, AgentState.WRAP_UP),
            state(T + 99, AgentState.READY),
        ]
    )
    states = [(f.result, f.queue, f.conversation) for f in of_kind(facts, Kind.STATE)]
    assert states == [("busy-acd", HOTLINE, CALL), ("wrap-up", HOTLINE, CALL)]


# After a restart.


def resumed(*calls: OpenCall, **state: OpenState) -> Bookkeeper:
    bookkeeper = Bookkeeper()
    bookkeeper.resume(calls, {AgentId(name): one for name, one in state.items()})
    return bookkeeper


def test_who_waited_when_we_fell_and_has_gone_was_offered_and_is_lost() -> None:
    waiting = OpenCall(call=CALL, started_at=T, queue=HOTLINE, queued_at=T + 5)
    facts = resumed(waiting).hear(ended(T + 60_000, Ending.LOST))
    assert [(f.kind, f.began_at - T, f.result) for f in facts] == [
        (Kind.STAY, 5, "lost"),
        (Kind.CALL, 0, "lost"),
    ]


def test_who_waits_on_after_we_fell_has_waited_from_the_beginning() -> None:
    waiting = OpenCall(call=CALL, started_at=T, queue=HOTLINE, queued_at=T + 5)
    books = resumed(waiting)
    assert books.hear(started(T + 60_000)) == []
    assert books.hear(queued(T + 60_000, joined_at=T + 5)) == []
    facts = books.hear(ended(T + 70_000, Ending.ABANDONED, waited=69_995))
    stay, call = (fact for fact in facts if fact.kind in (Kind.STAY, Kind.CALL))
    assert (stay.began_at, stay.ended_at) == (T + 5, T + 70_000)
    assert call.began_at == T


def test_whose_place_was_forgotten_when_we_fell_was_offered_twice_and_waits_anew() -> None:
    facts = told(
        started(),
        queued(T),
        MenuEntered(at=T + 60_000, call=CALL, menu="main"),
        queued(T + 70_000),
        ended(T + 90_000, Ending.ABANDONED, waited=20_000),
    )
    assert facts[Kind.STAY] == [
        (0, 60_000, HOTLINE, "forgotten"),
        (70_000, 90_000, HOTLINE, ABANDONED),
    ]
    assert facts[Kind.MENU] == [(60_000, 70_000, None, HOTLINE)]


def test_a_talk_that_is_found_again_has_the_name_that_it_had() -> None:
    offer = offered(T)
    before = books([started(), queued(T), offer, connected(T + 9, offer.offer, 9)])
    talking = OpenCall(
        call=CALL, started_at=T, queue=HOTLINE, queued_at=T, agent=ANA, answered_at=T + 9
    )
    again = resumed(talking).hear(connected(T + 9, offer.offer, 9))
    names = {(fact.kind, fact.began_at, fact.subject) for fact in before}
    assert {(fact.kind, fact.began_at, fact.subject) for fact in again} <= names


def test_a_short_fall_interrupts_no_state_but_a_long_one_does() -> None:
    ready = OpenState(state="ready", since=T, seen_at=T + 60_000)
    short = resumed(ana=ready)
    assert short.hear(state(T + 61_000, AgentState.READY)) == []
    (fact,) = short.hear(state(T + 62_000, AgentState.LOGGED_OUT))
    assert (fact.began_at, fact.ended_at) == (T, T + 62_000)

    long = resumed(ana=ready)
    (fact,) = long.hear(state(T + 60_001 + UNSEEN_MS, AgentState.READY))
    assert (fact.began_at, fact.ended_at) == (T, T + 60_000)


def test_what_is_not_heard_of_asterisk_is_a_fact() -> None:
    (fact,) = Bookkeeper().hear(NodeStateChanged(at=T, node=NodeId("pbx1"), connected=False))
    assert (fact.kind, fact.subject, fact.result) == (Kind.TROUBLE, "pbx1", "not-heard")


def test_a_call_out_that_a_restart_finds_again_is_one_talk_and_no_wait() -> None:
    call = dialled_call(NodeId("pbx1"), ANA, T)
    offer = offer_to(call, ANA, T)
    had = OpenCall(call=call, started_at=T, queue=HOTLINE, agent=ANA, answered_at=T + 4_000)
    bookkeeper = Bookkeeper()
    bookkeeper.resume([had], {})
    again = CallConnected(
        at=T + 60_000,
        call=call,
        offer=offer,
        agent=ANA,
        queue=HOTLINE,
        connected_at=T + 4_000,
        waited_ms=4_000,
    )
    end = CallEnded(
        at=T + 70_000,
        call=call,
        ending=Ending.COMPLETED,
        queue=HOTLINE,
        agent=ANA,
        waited_ms=4_000,
        talked_ms=66_000,
    )
    facts = [fact for notice in (again, end) for fact in bookkeeper.hear(notice)]
    assert [(fact.kind, fact.result) for fact in facts] == [
        (Kind.TALK_OUT, "ended"),
        (Kind.CALL_OUT, "completed"),
    ]
    assert facts[1].body is not None and facts[1].body["direction"] == "out"


def test_who_is_called_back_was_offered_once_and_left_and_his_call_is_apart():
    play = asked()
    play.hangs_up("his").ready("ana")
    agent_picks_up(play)
    name = owed(play)
    she_picks_up(play).after(seconds=30)
    play.hangs_up(f"{name}~out")
    (leg,) = play.engine.state.offers
    play.hangs_up(leg)
    books = Bookkeeper()
    facts = [f for said in play.history if isinstance(said, Notice) for f in books.hear(said)]
    stays = Counter(fact.result for fact in of_kind(facts, Kind.STAY))
    assert stays == {"callback": 1, ABANDONED: 1}, "O = A + B + F"
    (paid,) = of_kind(facts, Kind.CALLBACK)
    assert (paid.result, paid.queue, paid.body["tries"]) == ("reached", "support", 1)
    (call,), (talk,) = of_kind(facts, Kind.CALL_OUT), of_kind(facts, Kind.TALK_OUT)
    (offer,) = of_kind(facts, Kind.OFFER)
    assert (offer.result, offer.agent) == (ANSWERED, "ana")
    assert (call.began_at, call.agent, call.result) == (offer.began_at, "ana", "completed")
    assert (talk.agent, talk.ended_at - talk.began_at) == ("ana", 30_000)
    assert not of_kind(facts, Kind.TALK) and not of_kind(facts, Kind.REFUSAL)


def test_a_callback_that_nobody_has_begun_to_pay_was_no_call():
    play = asked().after(seconds=3600)
    play.after(seconds=0)
    books = Bookkeeper()
    facts = [f for said in play.history if isinstance(said, Notice) for f in books.hear(said)]
    assert [fact.result for fact in of_kind(facts, Kind.CALLBACK)] == ["expired"]
    assert not of_kind(facts, Kind.CALL_OUT)
