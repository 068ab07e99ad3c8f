"""What reports read is what happened: on simulated days with crashes, by every key, on both databases, by index."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from acd.adapters.database.books import DatabaseBooks
from acd.adapters.database.connection import Database
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.ledger_sums import SumsQuestion
from acd.adapters.database.tables import calls, facts
from acd.core.agent import AgentState
from acd.core.customer import Customer
from acd.core.events import DeviceState
from acd.core.ids import AgentId, CustomerId
from acd.core.notices import AgentStateChanged, NodeStateChanged, Notice
from acd.reports import pages
from acd.reports.calendar import Interval, Step, intervals
from acd.reports.facts import ABANDONED, ANSWERED, Fact, Kind
from acd.reports.fairness import overtaken
from acd.reports.formula import Terms
from acd.reports.formulas import FORMULAS
from acd.reports.names import Names
from acd.reports.pages import CUTS, folded
from acd.reports.questions import Cut, Key, Only, Question
from acd.reports.render import as_json
from acd.reports.sums import Sums
from acd.simulation.office import START_MS
from tests.adapters.database.conftest import Server
from tests.adapters.database.listed import list_customer
from tests.reports.days import books, lives
from tests.simulation.swarm import peaceful, scenario

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2025, 6, 15)  # On which simulated days begin, late.
MINUTE = 60_000
HOUR = 60 * MINUTE
BEFORE = 0  # When nothing is going on just now.
AS_OF = START_MS + 30 * 24 * HOUR


def lines(step: Step = Step.HALF) -> list[Interval]:
    return intervals(DAY, date(2025, 6, 16), SHANGHAI, step)


async def lived(database: Database, told: list[list[Notice]]) -> None:
    """Each life of the process writes; the next one begins with what it finds."""
    for life in told:
        ledger = Ledger(database, region="CN", gather_s=3600, soon_s=3600)
        await ledger.start()
        known: list[Any] = []
        for n, notice in enumerate(life):
            ledger.hear(notice)
            if isinstance(notice, NodeStateChanged) and notice.connected:
                # As the program does: what the wire has is known by the end of this step.
                same = [later for later in life[n:] if later.at == notice.at]
                known = [getattr(later, "call", None) for later in same]
                await ledger.close_orphans(known, at=notice.at, node=notice.node)
        await ledger.stop()


async def asked(
    database: Database,
    by: tuple[Key, ...] = (),
    step: Step = Step.HALF,
    only: Only | None = None,
    as_of: int = AS_OF,
) -> dict[tuple[Any, ...], Sums]:
    return await DatabaseBooks(database).sums(
        lines(step), by=by, only=only or Only(), terms=Terms(), as_of=as_of
    )


def added(groups: dict[tuple[Any, ...], Sums]) -> Sums:
    total = Sums()
    for sums in groups.values():
        total += sums
    return total


async def written(database: Database) -> list[dict[str, Any]]:
    return await database.read(
        lambda connection: [dict(row) for row in connection.execute(sa.select(facts)).mappings()]
    )


@pytest.mark.parametrize("seed", [100, 103])
async def test_what_is_asked_of_the_database_is_what_the_simulation_counted(
    database: Database, seed: int
) -> None:
    print(f"seed {seed}")
    told, results = lives(peaceful(seed), seed)
    await lived(database, told)
    total = added(await asked(database))
    assert total.answered.n == results.answered
    assert total.abandoned.n == results.abandoned
    assert total.flowed_out == results.flowed_out
    assert total.offered == results.offered
    assert total.answered.total_ms == sum(results.waits_ms)
    assert total.answered.longest_ms == max(results.waits_ms)
    assert total.answered.within(20) == results.in_time
    assert total.talks == results.answered
    assert total.talk_ms == sum(load.talked_ms for load in results.agents.values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 3, 5])
async def test_on_a_day_with_crashes_the_sums_check_by_every_key(
    database: Database, seed: int
) -> None:
    print(f"seed {seed}")
    told, _ = lives(scenario(seed), seed)
    await lived(database, told)
    kept = await written(database)
    whole = added(await asked(database, as_of=BEFORE))
    by_queue = await asked(database, (Key.QUEUE,))
    for (_line, queue), sums in by_queue.items():
        assert sums.offered == sums.answered.n + sums.abandoned.n + sums.flowed_out
        assert queue is not None or not sums.offered
    # Arrivals = O + R: every call that asked for a queue was offered there, or refused.
    asked_for = {row["conversation"] for row in kept if row["kind"] == "call" and row["queue"]}
    in_queue = {row["conversation"] for row in kept if row["kind"] in ("stay", "refusal")}
    assert asked_for == in_queue
    first_stays = {row["conversation"] for row in kept if row["kind"] == "stay"}
    assert len(first_stays) + whole.refused.total() == len(asked_for)
    # However it is cut, it is the same day.
    for by in ((Key.QUEUE,), (Key.AGENT,), (Key.TEAM,), (Key.DIALLED,), (Key.QUEUE, Key.AGENT)):
        assert added(await asked(database, by, as_of=BEFORE)) == whole, by
    for by in ((Key.REGION,), (Key.REASON,)):
        assert added(await asked(database, by, as_of=BEFORE)) == whole, by
    for step in Step:
        assert added(await asked(database, (Key.QUEUE,), step, as_of=BEFORE)) == whole, step
    for keys in (cut.by for cut in CUTS):
        found = await asked(database, keys, as_of=BEFORE)
        for n, key in enumerate(keys):
            assert folded(found, n) == await asked(database, (key,), as_of=BEFORE), key
    # In how many ways ever at once.
    terms = Terms()
    cuts = [Cut(by_time=True), Cut(), Cut(by=(Key.QUEUE, Key.AGENT), by_time=True)]
    at_once = await DatabaseBooks(database).cut(
        lines(), cuts, only=Only(), terms=terms, as_of=BEFORE
    )
    assert at_once[0] == await asked(database, as_of=BEFORE)
    assert at_once[1] == {(0,): whole}
    assert at_once[2] == await asked(database, (Key.QUEUE, Key.AGENT), as_of=BEFORE)
    queues = {queue for _, queue in by_queue}
    one_by_one = Sums()
    for queue in queues - {None}:
        found = added(await asked(database, only=Only(queue=queue)))
        assert found.offered == added({k: v for k, v in by_queue.items() if k[1] == queue}).offered
        one_by_one += found
    assert one_by_one.offered == whole.offered


async def test_the_facts_in_the_database_are_those_of_the_bookkeeper(database: Database) -> None:
    told, _ = lives(peaceful(104), 104)
    await lived(database, told)
    kept = [Fact(**{**row, "kind": Kind(row["kind"])}) for row in await written(database)]

    def names(facts: list[Fact]) -> list[tuple[object, ...]]:
        return sorted(
            (fact.kind, fact.began_at, fact.subject, fact.ended_at, fact.result or "")
            for fact in facts
        )

    assert names(kept) == names(books(told[0]))


def a_fact(kind: Kind, at_min: float, **others: Any) -> dict[str, Any]:
    began_at = START_MS + round(at_min * MINUTE)
    others = {"subject": f"s{began_at}{others.get('person', '')}", "ended_at": began_at, **others}
    empty = dict.fromkeys(column.name for column in facts.columns)
    return {**empty, "kind": kind.value, "began_at": began_at, **others}


async def put(database: Database, *rows: dict[str, Any]) -> None:
    await database.write(lambda connection: connection.execute(facts.insert(), list(rows)))


async def test_repeats_and_first_contact_resolution(database: Database) -> None:
    def call(
        at_h: float, person: str | None, agent: str | None, queue: str = "q"
    ) -> dict[str, Any]:
        return a_fact(Kind.CALL, 60 * at_h, person=person, agent=agent, queue=queue)

    await put(
        database,
        call(-23.9, "c1", None),  # Yesterday, and nobody answered.
        call(0, "c1", "ana"),  # A repeat; solved? No:
        call(5, "c1", "bo"),  # Again. Nothing after it.
        call(0.1, "c2", "ana"),  # Called again, but not for the same.
        call(1, "c2", "ana", queue="other"),
        call(0.2, None, "ana"),  # Who that was, nobody knows.
        call(0.3, "c3", "ana"),  # Called again when the window was over.
        call(0.3 + 24.1, "c3", "ana"),
    )
    day = [Interval(began_at=START_MS, ended_at=START_MS + 12 * HOUR, label="")]
    terms = Terms(window_h=24)
    later = START_MS + 48 * HOUR
    found = await DatabaseBooks(database).sums(day, only=Only(), terms=terms, as_of=later)
    sums = found[(0,)]
    assert (sums.calls, sums.identified, sums.repeats) == (6, 5, 3)
    assert (sums.settled, sums.followed, sums.provisional) == (5, 1, 0)
    by_agent = await DatabaseBooks(database).sums(
        day, by=[Key.AGENT], only=Only(), terms=terms, as_of=later
    )
    # It is Ana whose work did not hold, not Bo who had the call that showed it.
    assert (by_agent[0, "ana"].followed, by_agent[0, "bo"].followed) == (1, 0)
    young = await DatabaseBooks(database).sums(
        day, only=Only(), terms=terms, as_of=START_MS + 24 * HOUR + 30 * MINUTE
    )
    assert (young[(0,)].settled, young[(0,)].provisional) == (3, 2)


async def test_who_cannot_be_told_is_counted_apart_by_why(database: Database) -> None:
    def call(at_min: float, confidence: str, person: str | None = None) -> dict[str, Any]:
        body = {"confidence": confidence, "repeats": 0}
        return a_fact(Kind.CALL, at_min, person=person, queue="q", body=body)

    told = [call(n, "anonymous") for n in range(3)] + [call(3, "short"), call(4, "shared")]
    told += [call(5, "switchboard"), call(6, "switchboard"), call(7, "own", "c1")]
    await put(database, *told)
    sums = added(await asked(database))
    assert sums.untold == {"anonymous": 3, "short": 1, "shared": 1, "switchboard": 2}
    names = ("repeat.withheld", "repeat.shared", "repeat.switchboard")
    counts = [FORMULAS[name].compute(sums, Terms()) for name in names]
    assert counts == [4, 1, 2] and sum(counts) == sums.calls - sums.identified


async def test_who_gave_up_and_was_not_reached_comes_first(database: Database) -> None:
    rows = [
        a_fact(Kind.STAY, 1, person="c1", queue="q", result=ABANDONED, conversation="1"),
        a_fact(Kind.STAY, 9, person="c1", queue="q", result=ABANDONED, conversation="2"),
        a_fact(Kind.CALL, 30, person="c1", agent="ana"),
        a_fact(
            Kind.STAY, 5, person="+8613800138000", queue="q", result=ABANDONED, conversation="3"
        ),
        a_fact(Kind.STAY, 6, queue="q", result=ABANDONED, conversation="4"),  # Withheld.
        a_fact(Kind.STAY, 7, person="c9", queue="q", result=ANSWERED, conversation="5"),
    ]
    await put(database, *rows)
    listed = {
        "id": "3",
        "started_at": START_MS,
        "number": "+8613800138000",
        "number_raw": "13800138000",
        "caller_name": "=cmd()",
    }
    await database.write(lambda connection: connection.execute(calls.insert(), [listed]))
    day = Interval(began_at=START_MS, ended_at=START_MS + HOUR, label="")
    found = await DatabaseBooks(database).gave_up(day, only=Only(queue="q"))
    assert [(one.person, one.times, one.reached_by) for one in found] == [
        ("+8613800138000", 1, None),
        (None, 1, None),
        ("c1", 2, "ana"),
    ]
    assert (found[0].number, found[0].name) == ("+8613800138000", "=cmd()")
    assert found[2].reached_at == START_MS + 30 * MINUTE
    assert await DatabaseBooks(database).gave_up(day, only=Only(queue="other")) == []


async def test_who_was_overtaken_when_no_more_is_known_of_them(database: Database) -> None:
    def stay(call: str, at_min: float, minutes: float, result: str) -> dict[str, Any]:
        row = a_fact(Kind.STAY, at_min, subject=call, conversation=call, queue="q", result=result)
        return row | {"ended_at": row["began_at"] + round(minutes * MINUTE)}

    await put(database, stay("1", 0, 9, ABANDONED), stay("2", 1, 2, ANSWERED))
    day = Interval(began_at=START_MS, ended_at=START_MS + HOUR, label="")
    (one,) = overtaken(await DatabaseBooks(database).one_by_one(day, only=Only(queue="q")))
    assert (one.stay.conversation, one.why) == ("1", {"other": 1})


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 4])
async def test_each_line_of_the_page_of_a_day_has_all_the_facts_that_its_figures_need(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {seed}")
    told, _ = lives(scenario(seed), seed)
    await lived(database, told)
    question = Question(first=DAY, last=date(2025, 6, 16), zone=SHANGHAI, as_of=AS_OF)

    async def page() -> str:
        return as_json(await pages.daily(DatabaseBooks(database), question, Names()))

    short = await page()
    everything = [replace(cut, of=frozenset(Kind)) for cut in CUTS]
    monkeypatch.setattr(pages, "CUTS", everything)
    assert short == await page()


async def test_by_region_and_reason(database: Database) -> None:
    customer = Customer(id=CustomerId("c1"), name="张三")
    await list_customer(database, customer, {}, at=START_MS)
    await put(
        database,
        a_fact(Kind.CALL, 1, person="c1", conversation="1"),
        a_fact(Kind.CALL, 2, person="+861", conversation="2"),
    )
    await database.write(
        lambda connection: connection.execute(
            sa.text("UPDATE customers SET region = '江苏'"),
        )
    )
    row = {"id": "2", "started_at": START_MS, "reason": "fridge"}
    await database.write(lambda connection: connection.execute(calls.insert(), [row]))
    by_region = await asked(database, (Key.REGION,), Step.WEEK)
    assert {key[1]: sums.calls for key, sums in by_region.items()} == {"江苏": 1, None: 1}
    by_reason = await asked(database, (Key.REASON,), Step.WEEK)
    assert {key[1]: sums.calls for key, sums in by_reason.items()} == {"fridge": 1, None: 1}


async def test_what_agents_do_just_now_counts_until_now(database: Database, ledger: Ledger) -> None:
    state = AgentStateChanged(
        at=START_MS,
        agent=AgentId("ana"),
        state=AgentState.READY,
        causes=(),
        pending=None,
        device=DeviceState.UNKNOWN,
        call=None,
        until=None,
    )
    ledger.hear(state)
    await ledger.flush()
    now = START_MS + 10 * MINUTE
    total = added(await asked(database, as_of=now))
    assert total.state_ms == Counter({AgentState.READY: 10 * MINUTE})
    by_agent = await asked(database, (Key.AGENT,), as_of=now)
    assert folded(await asked(database, (Key.AGENT, Key.LIST), as_of=now), 0) == by_agent
    assert {key[1] for key in by_agent} == {"ana"}
    # Nobody knows that he was, long after the last sign of life.
    total = added(await asked(database, as_of=now + 48 * HOUR))
    assert total.state_ms == Counter({AgentState.READY: 15 * MINUTE})


async def test_of_one_queue_its_work_and_the_whole_time_of_those_who_serve_it(
    database: Database,
) -> None:
    def state(
        at_min: float, minutes: float, agent: str, result: str, **others: Any
    ) -> dict[str, Any]:
        row = a_fact(Kind.STATE, at_min, subject=agent, agent=agent, result=result, **others)
        return row | {"ended_at": row["began_at"] + round(minutes * MINUTE)}

    await put(
        database,
        a_fact(Kind.OFFER, 0, agent="ana", queue="q", result=ANSWERED),
        state(0, 4, "ana", "busy-acd", queue="q", dialled="4001"),
        state(4, 1, "ana", "wrap-up", queue="q", dialled="4001"),
        state(5, 2, "ana", "wrap-up", queue="other"),
        state(7, 3, "ana", "ready"),
        state(0, 9, "bo", "ready"),  # He does not serve it.
    )
    found = added(await asked(database, only=Only(queue="q"), as_of=BEFORE))
    assert found.wrap_up_ms == 1 * MINUTE
    assert found.state_ms == {"busy-acd": 4 * MINUTE, "wrap-up": 3 * MINUTE, "ready": 3 * MINUTE}
    by_number = await asked(database, (Key.DIALLED,), Step.WEEK, as_of=BEFORE)
    assert {key[1]: sums.wrap_up_ms for key, sums in by_number.items()} == {
        "4001": MINUTE,
        None: 2 * MINUTE,
    }


async def test_a_day_of_25_hours(database: Database) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    parts = intervals(date(2026, 10, 25), date(2026, 10, 25), berlin, Step.HOUR)
    rows = [
        a_fact(Kind.CALL, 0, subject=str(n))
        | {"began_at": line.ended_at - 1, "ended_at": line.ended_at}
        for n, line in enumerate(parts)
    ]
    await put(database, *rows)
    found = await DatabaseBooks(database).sums(parts, only=Only(), terms=Terms(), as_of=AS_OF)
    assert sorted(found) == [(n,) for n in range(25)]
    year = intervals(date(2026, 1, 1), date(2026, 12, 31), berlin, Step.DAY)
    found = await DatabaseBooks(database).sums(year, only=Only(), terms=Terms(), as_of=AS_OF)
    assert {year[line].label: sums.calls for (line,), sums in found.items()} == {"2026-10-25": 25}


async def test_every_sum_of_a_report_is_a_range_of_the_key(database: Database) -> None:
    many = [
        a_fact(kind, 100 * n, subject=str(n), person=f"c{n % 500}", queue=f"q{n % 7}", agent="ana")
        for kind in Kind
        for n in range(-1_000, 1_000)
    ]
    await put(database, *many)
    await database.write(lambda connection: connection.execute(sa.text("ANALYZE")))
    by_queue = [Cut(by=(Key.QUEUE,), by_time=True)]
    questions = [
        SumsQuestion(lines(), by_queue, Only(), Terms(), AS_OF),
        SumsQuestion(lines(), [Cut(by_time=True)], Only(queue="q1"), Terms(), AS_OF),
        SumsQuestion(lines(), CUTS, Only(), Terms(), AS_OF),
    ]

    def plans(connection: sa.Connection) -> list[str]:
        found = []
        for _, asked in (one for question in questions for one in question.statements()):
            text = asked.compile(connection, compile_kwargs={"literal_binds": True})
            explain = "EXPLAIN" if database.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
            rows = connection.exec_driver_sql(f"{explain} {str(text).replace('%', '%%')}")
            found.append("\n".join(str(row) for row in rows))
        return found

    told = await database.read(plans)
    assert len(told) == 3 * 12
    for plan in told:
        assert "Seq Scan on facts" not in plan and "SCAN facts" not in plan, plan
        assert "pk_facts" in plan or "USING PRIMARY KEY (kind=? AND began_at>?" in plan, plan
    calls_plan = next(plan for plan in told if "ix_facts_person_kind_began_at" in plan)
    assert calls_plan.count("ix_facts_person_kind_began_at") == 2, calls_plan


@pytest.mark.live
@pytest.mark.parametrize(("setting", "value"), [("jit", "off"), ("random_page_cost", "1.1")])
async def test_a_report_is_planned_as_one_over_few_days(
    server: Server, setting: str, value: str
) -> None:
    """What each of the two is worth, `python -m bench.ledger --postgresql` shows."""
    database = Database(server.new_database())
    await database.open()
    asked = sa.text(f"SHOW {setting}")
    assert await database.report(lambda connection: connection.execute(asked).scalar()) == value
    await database.close()


def test_lines_follow_each_other() -> None:
    assert all(before.ended_at == after.began_at for before, after in pairwise(lines()))
