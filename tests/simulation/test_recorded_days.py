"""A day is read from a journal as people made it, and played again they do it again: nothing is dropped in silence."""

from dataclasses import replace
from random import Random

import pytest

from acd import what_if
from acd.core.callback import CallbackRule
from acd.core.configuration import Configuration, MissedPolicy, WhenUnstaffed
from acd.core.customer import Confidence, Identity
from acd.core.engine import Input
from acd.core.events import (
    CallArrived,
    Configured,
    DeviceState,
    Entry,
    RestoredAgent,
    ShiftRestored,
)
from acd.core.ids import AgentId, CallId, QueueId, caller_leg
from acd.core.matching import Output
from acd.core.notices import CallEnded
from acd.core.outbound import Caps, Number, NumberKind, Outbound, Route
from acd.core.requests import BecomeNotReady, BecomeReady, LogIn, MakeCall
from acd.core.wishes import Wishes
from acd.simulation.day import Called, Caller, CallOut, Day, HandedOn, PhoneChange, Ring
from acd.simulation.office import START_MS, Office
from acd.simulation.recorded import taken_from
from acd.simulation.replay import Replay
from acd.simulation.results import Results
from acd.simulation.scenario import People, Scenario
from tests.play import NODE, centre

ANA, BOB, SALES = AgentId("ana"), AgentId("bob"), QueueId("sales")
WHO_CALLS = Number(digits="+8613800000001", kind=NumberKind.SUBSCRIBER)
ROUTES = Outbound(
    routes=(Route(name="country", endpoint="trunk", prefixes=("+86",)),),
    caps=Caps(agent_per_hour=0),
)
MINUTE = 60_000


def rules(**of_each: object) -> Configuration:
    plain = centre({"ana": ("support", "sales"), "bob": ("support", "sales")})
    queues = {
        name: replace(queue, wrap_up_ms=30_000, no_answer=MissedPolicy.RETRY, **of_each)  # type: ignore[arg-type]
        for name, queue in plain.queues.items()
    }
    return replace(plain, queues=queues, outbound=ROUTES)


def caller(name: str, at: int, **fields: object) -> tuple[CallId, Caller]:
    """Somebody who comes to support at this time of the day."""
    call = CallId(f"{NODE}:{name}")
    number = f"+861380000{at // 1000:04}"
    arrived = CallArrived(
        at=START_MS + at,
        channel=caller_leg(call),
        entry=Entry.QUEUE,
        target="support",
        number=number,
    )
    identity = Identity(number=number, confidence=Confidence.OWN)
    given = {"queue": "support", "identity": identity, "talk_ms": MINUTE} | fields
    return call, Caller(arrived=arrived, **given)  # type: ignore[arg-type]


def a_day(*callers: tuple[CallId, Caller], **fields: object) -> Day:
    """A day with these callers on which ana is at work from the beginning."""
    asked = [kind(at=START_MS, request="r", by=ANA, agent=ANA) for kind in (LogIn, BecomeReady)]
    given = {"configuration": rules(), "asked": asked, "ends_at": START_MS + 60 * MINUTE} | fields
    return Day(node=NODE, begins_at=START_MS, callers=dict(callers), **given)  # type: ignore[arg-type]


def steps_of(
    day: Day, configuration: Configuration | None = None
) -> list[tuple[Input, list[Output]]]:
    steps: list[tuple[Input, list[Output]]] = []
    Replay(day, configuration, lambda happening, said: steps.append((happening, said))).play()
    return steps


def again(day: Day) -> Day:
    """The day, as its own play is read."""
    return taken_from(steps_of(day))


def one_of(day: Day, name: str) -> Caller:
    return day.callers[CallId(f"{NODE}:{name}")]


def endings(steps: list[tuple[Input, list[Output]]]) -> dict[str, CallEnded]:
    return {
        said.call.removeprefix(f"{NODE}:"): said
        for _, outputs in steps
        for said in outputs
        if isinstance(said, CallEnded)
    }


def test_what_callers_did_is_read_as_they_did_it():
    wishes = Wishes(requires="(fridge>=20)", priority="7", reason="repair")
    day = a_day(
        caller("talks", 0, wishes=Wishes(priority="7", reason="repair")),
        caller("gives-up", 1_000, patience_ms=9_000, talk_ms=None),
        caller("presses", 2_000, key=(5_000, "9"), talk_ms=None),
        caller("wants", 3_000, wishes=wishes, talk_ms=None, patience_ms=30_000),
        configuration=rules(exit_keys={"9": "voicemail"}),
    )
    ana = replace(day.configuration.agents[ANA], skills={"fridge": 5})
    bob = replace(day.configuration.agents[BOB], skills={"fridge": 50})
    agents = {ANA: ana, BOB: bob}  # The only one who could serve him is not there.
    day.configuration = replace(day.configuration, agents=agents)
    read = again(day)
    assert one_of(read, "talks").talk_ms == MINUTE
    assert one_of(read, "talks").wishes.priority == "7"
    assert one_of(read, "talks").wishes.reason == "repair"
    assert one_of(read, "gives-up").patience_ms == 9_000
    assert one_of(read, "presses").key == (5_000, "9")
    assert "fridge" in one_of(read, "wants").wishes.requires
    assert one_of(read, "wants").patience_ms == 30_000
    assert endings(steps_of(read))["presses"].detail == "voicemail"


def test_who_was_turned_away_knocks_again():
    day = a_day(
        caller("early", 0),
        asked=[],
        configuration=rules(when_unstaffed=WhenUnstaffed.LEAVE),
    )
    steps = steps_of(day)
    assert endings(steps)["early"].detail == "unstaffed"
    read = taken_from(steps)
    read.asked = a_day().asked  # Had somebody been there.
    assert endings(steps_of(read))["early"].talked_ms
    results = what_if.under(day)
    assert (results.refused, results.offered) == (1, 0)


def test_who_is_handed_on_talks_to_both_and_waits_in_between():
    handed = [HandedOn(talk_ms=20_000, to_queue=SALES)]
    day = a_day(caller("c1", 0, handed_on=handed, talk_ms=40_000))
    read = again(day)
    assert one_of(read, "c1").handed_on == handed
    assert one_of(read, "c1").talk_ms == 40_000
    assert one_of(read, "c1").queue == "support", "to which he came first"
    load = what_if.under(read).agents[ANA]
    assert (load.calls, load.talked_ms) == (2, 60_000)
    gone = {name: queue for name, queue in day.configuration.queues.items() if name != SALES}
    other = what_if.under(read, replace(day.configuration, queues=gone))
    assert other.amiss["callers could not be handed on"] == 1


def test_an_agent_picks_up_lets_ring_and_refuses_as_he_did_at_that_time():
    rings = [
        Ring(at=START_MS, rang_ms=2_000, answered=True),
        Ring(at=START_MS + 10 * MINUTE, rang_ms=15_000, answered=False),
        Ring(at=START_MS + 20 * MINUTE, rang_ms=1_000, answered=False, cause=21),
        Ring(at=START_MS + 21 * MINUTE, rang_ms=4_000, answered=True),
    ]
    day = a_day(
        caller("c1", 0, talk_ms=MINUTE),
        caller("c2", 10 * MINUTE, patience_ms=16_000),
        caller("c3", 20 * MINUTE),
        rings={ANA: rings},
    )
    read = again(day)
    assert [one.rang_ms for one in read.rings[ANA][:3]] == [2_000, 15_000, 1_000]
    assert [one.answered for one in read.rings[ANA][:3]] == [True, False, False]
    assert what_if.under(read).agents[ANA].missed >= 2


def test_work_after_a_call_takes_as_long_as_it_took():
    call, his = caller("c1", 0)
    day = a_day((call, his), wrap_ups={call: 7_000}, configuration=rules())
    read = again(day)
    assert read.wrap_ups == {call: 7_000}
    whole = again(a_day(caller("c1", 0)))
    assert not whole.wrap_ups, "nobody ended it: its time was up"


def test_who_was_on_shift_when_the_journal_begins_is_there():
    restored = ShiftRestored(at=START_MS, agents=(RestoredAgent(agent=ANA),))
    read = again(a_day(caller("c1", 0), asked=[], restored=[restored]))
    assert what_if.under(read).answered == 1


def test_a_phone_that_was_used_for_calls_of_its_own_or_was_away_is_so_again():
    changes = [
        PhoneChange(at=START_MS, agent=ANA, state=DeviceState.INUSE),
        PhoneChange(at=START_MS + 5 * MINUTE, agent=ANA, state=DeviceState.NOT_INUSE),
        PhoneChange(at=START_MS + 10 * MINUTE, agent=ANA, state=DeviceState.UNAVAILABLE),
        PhoneChange(at=START_MS + 15 * MINUTE, agent=ANA, state=DeviceState.NOT_INUSE),
    ]
    day = a_day(caller("c1", MINUTE), caller("c2", 11 * MINUTE), phones=changes)
    results = what_if.under(again(day))
    assert [round(ms / MINUTE) for ms in results.waits_ms] == [4, 4]


def test_an_agent_calls_out_as_he_did_and_when_he_is_busy_a_little_later():
    wanted = MakeCall(at=START_MS + 10_000, request="r1", by=ANA, agent=ANA, number=WHO_CALLS)
    rings = [Ring(at=START_MS, rang_ms=6_000, answered=True)]
    out = CallOut(wanted=wanted, went=Called(rings=rings, talk_ms=50_000))
    day = a_day(caller("c1", 0), calls_out={CallId("then"): out})
    results = what_if.under(day)
    assert results.called_out == 1
    assert results.agents[ANA].talked_ms == MINUTE + 50_000
    (read,) = again(day).calls_out.values()
    assert [one.rang_ms for one in read.went.rings] == [6_000]
    assert read.went.talk_ms == 50_000
    nobody = what_if.under(day, replace(day.configuration, outbound=Outbound()))
    assert nobody.amiss["MakeCall refused: no-route"] == 1


def called_back_day(tries: list[Ring], **rule: int) -> Day:
    callback = CallbackRule(key="*", again_ms=10 * MINUTE, **rule)
    call, his = caller("c1", 0, asks_back_ms=5_000, number=WHO_CALLS)
    pause = BecomeNotReady(at=START_MS, request="r", by=ANA, agent=ANA, reason="tea")
    back = BecomeReady(at=START_MS + MINUTE, request="r", by=ANA, agent=ANA)
    return a_day(
        (call, his),
        asked=[*a_day().asked, pause, back],
        configuration=rules(callback=callback),
        called_back={WHO_CALLS.digits: Called(rings=tries, talk_ms=30_000)},
    )


def test_who_asks_to_be_called_back_is_and_picks_up_as_often_as_he_did():
    missed = Ring(at=START_MS, rang_ms=8_000, answered=False, cause=17)
    there = Ring(at=START_MS, rang_ms=3_000, answered=True)
    day = called_back_day([missed, there], attempts=3)
    read = again(day)
    assert one_of(read, "c1").asks_back_ms == 5_000
    (known,) = read.called_back.values()
    assert [(one.rang_ms, one.answered) for one in known.rings] == [(8_000, False), (3_000, True)]
    assert known.talk_ms == 30_000
    results = what_if.under(read)
    assert (results.promised, results.paid, results.unpaid) == (1, 1, 0)
    assert results.agents[ANA].called == 1
    assert results.average_debt_ms > 10 * MINUTE, "the second time, after ten minutes"

    once = replace(day.configuration, queues=rules(callback=CallbackRule(attempts=1)).queues)
    results = what_if.under(read, once)
    assert (results.promised, results.paid, results.unpaid) == (1, 0, 1)
    never = what_if.under(read, rules())
    assert (never.promised, never.answered) == (0, 1), "he waits on, if nobody calls back"


@pytest.mark.slow
def test_a_whole_day_with_callbacks_calls_out_and_previews_goes_much_as_it_went():
    configuration = rules(callback=CallbackRule(key="*", attempts=2))
    people = People(
        calls=150,
        between_calls_ms=40_000,
        talk_ms=60_000,
        patience_ms=90_000,
        ask_back=0.4,
        ignore=0.1,
        reject=0.05,
        between_calls_out_ms=200_000,
        between_previews_ms=200_000,
    )
    scenario = Scenario(
        configuration=configuration,
        doors=((Entry.QUEUE, "support"),),
        people=people,
        duration_ms=3 * 3_600_000,
    )
    steps: list[tuple[Input, list[Output]]] = []
    was = Results()

    def watch(_: Office, happening: Input, said: list[Output]) -> None:
        steps.append((happening, said))
        was.hear_all(said)

    Office(scenario, Random(5), watch).play()
    results = what_if.under(taken_from(steps))
    assert was.paid > 20 and was.unpaid and was.called_out
    assert results.offered == was.offered
    for figure in ("promised", "paid", "answered", "called_out"):
        assert getattr(results, figure) == pytest.approx(getattr(was, figure), rel=0.2), figure


def test_what_other_rules_do_not_know_is_said():
    day = a_day(caller("c1", 0))
    queues = {name: queue for name, queue in day.configuration.queues.items() if name == SALES}
    agents = {name: agent for name, agent in day.configuration.agents.items() if name == BOB}
    other = what_if.under(day, replace(day.configuration, queues=queues, agents=agents))
    said = what_if.amiss(what_if.Column(heading="other.yaml", results=other))
    assert said.startswith("other.yaml: ")
    assert "a call is sent to queue 'support': there is none (1 times)" in said
    assert "LogIn refused: unknown-agent" in said


def test_what_is_not_played_again_is_said():
    steps = steps_of(a_day(caller("c1", 0, queue="support")))
    menu = CallArrived(
        at=START_MS, channel=caller_leg(CallId(f"{NODE}:m")), entry=Entry.MENU, target="main"
    )
    assert what_if.not_played(taken_from(steps)) == ""
    read = taken_from([*steps[:1], (menu, []), *steps[1:]])
    assert what_if.not_played(read) == "Left out of what is played: 1 callers who came to no queue."


def test_a_day_that_was_changed_in_its_course_is_played_with_the_change():
    later = START_MS + 5 * MINUTE
    closed = rules(when_unstaffed=WhenUnstaffed.LEAVE)
    day = a_day(caller("c1", MINUTE, patience_ms=MINUTE), caller("c2", 6 * MINUTE), asked=[])
    day.reloads = [Configured(at=later, configuration=closed)]
    ended = endings(steps_of(day))
    assert (ended["c1"].detail, ended["c2"].detail) == ("", "unstaffed")
    assert len(again(day).reloads) == 1
