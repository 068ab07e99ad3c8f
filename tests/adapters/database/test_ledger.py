"""Every notice is written once, whatever happens to the database; calls and shifts follow."""

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from acd.adapters.database import ledger as ledger_module
from acd.adapters.database.audit import DatabaseAudit
from acd.adapters.database.connection import Database, DatabaseUnavailableError
from acd.adapters.database.ledger import BATCH, Ledger
from acd.adapters.database.one_person import Person, erase
from acd.adapters.database.tables import agent_shifts, calls, facts
from acd.core.agent import AgentState
from acd.core.call_data import DataChanged
from acd.core.callback import Callback, CallbackChanged, CallbackEnded, CallbackId, CallbackOutcome
from acd.core.configuration import Desk, Duties, WrapUpMode
from acd.core.customer import Confidence, Contact, Customer, Identity
from acd.core.events import DeviceState, Entry, RestoredAgent
from acd.core.ids import (
    AgentId,
    CallId,
    CustomerId,
    DeskId,
    NodeId,
    OfferId,
    QueueId,
    callback_call,
    dialled_call,
    outside_leg,
)
from acd.core.notices import (
    Accepted,
    AgentStateChanged,
    CallConnected,
    CallEnded,
    CallerRecognised,
    CallQueued,
    CallStarted,
    DutiesChanged,
    Ending,
    Notice,
    OutcomeRecorded,
    Supervised,
)
from acd.core.outbound import HOUR_MS, Number, NumberKind
from acd.core.outsider import OutsiderLeft
from acd.reports.facts import Fact, Kind

if TYPE_CHECKING:
    from conftest import Server

T = 1_800_000_000_000
CALL = CallId("pbx1:1.1")
ANA = AgentId("ana")
HOTLINE = QueueId("热线")


async def rows(database: Database, table: sa.Table) -> list[dict[str, Any]]:
    ordered = sa.select(table).order_by(*table.primary_key)
    return await database.read(
        lambda connection: [dict(row) for row in connection.execute(ordered).mappings()]
    )


async def told(database: Database, kind: Kind) -> list[dict[str, Any]]:
    """The facts of this kind, in the order of time."""
    return [row for row in await rows(database, facts) if row["kind"] == kind]


def started(call: str = CALL, at: int = T, number: str = "13800138000") -> CallStarted:
    return CallStarted(
        at=at,
        call=CallId(call),
        number=number,
        name="张三",
        dialled="4001",
        entry=Entry.QUEUE,
        target=HOTLINE,
    )


def recognised(identity: Identity, call: str = CALL, at: int = T) -> CallerRecognised:
    return CallerRecognised(at=at, call=CallId(call), identity=identity, late=False)


def ended(call: str = CALL, at: int = T + 90_000) -> CallEnded:
    return CallEnded(
        at=at,
        call=CallId(call),
        ending=Ending.COMPLETED,
        queue=HOTLINE,
        agent=ANA,
        waited_ms=4_000,
        talked_ms=80_000,
    )


def connected(at: int = T + 4_001, agent: str = ANA, since: int | None = None) -> CallConnected:
    return CallConnected(
        at=at,
        call=CALL,
        offer=OfferId(f"{CALL}~{agent}~{T}"),
        agent=AgentId(agent),
        queue=HOTLINE,
        connected_at=at if since is None else since,
        waited_ms=4_000,
    )


def agent_is(
    state: AgentState,
    *causes: tuple[str, str],
    at: int = T,
    agent: str = ANA,
    pending: AgentState | None = None,
) -> AgentStateChanged:
    return AgentStateChanged(
        at=at,
        agent=AgentId(agent),
        state=state,
        causes=causes,
        pending=pending,
        device=DeviceState.NOT_INUSE,
        call=None,
        until=None,
    )


def noted(n: int) -> OutcomeRecorded:
    """One fact, and one call, of its own."""
    return OutcomeRecorded(at=T + n, call=CallId(f"pbx1:{n}"), agent=ANA, outcome="solved")


async def noted_in(database: Database) -> list[int]:
    return [int(fact["subject"].partition(":")[2]) for fact in await rows(database, facts)]


HIM = Identity(
    number="+8613800138000",
    confidence=Confidence.OWN,
    customers=(Customer(id=CustomerId("c1"), name="张三", notes="a secret"),),
    earlier=(Contact(call=CallId("pbx1:0.1"), at=T - 1),),
    at=T,
)
A_CALL = [
    started(),
    recognised(HIM),
    CallQueued(at=T + 1, call=CALL, queue=HOTLINE, priority=0, joined_at=T + 1),
    connected(),
    ended(),
    OutcomeRecorded(at=T + 95_000, call=CALL, agent=ANA, outcome="solved"),
]
ITS_ROW = {
    "id": CALL,
    "started_at": T,
    "number": "+8613800138000",
    "number_raw": "13800138000",
    "caller_name": "张三",
    "dialled": "4001",
    "confidence": "own",
    "reason": None,
    "customer_id": "c1",
    "queue": HOTLINE,
    "queued_at": T + 1,
    "agent": ANA,
    "answered_at": T + 4_001,
    "ended_at": T + 90_000,
    "ending": "completed",
    "outcome": "solved",
    "waited_ms": 4_000,
    "talked_ms": 80_000,
    "data": None,
    "erased_as": None,
}


async def test_what_is_over_becomes_a_fact(database: Database, ledger: Ledger) -> None:
    for notice in [*A_CALL, Accepted(at=T, request="LogIn")]:
        ledger.hear(notice)
    assert ledger.behind == 5
    await ledger.flush()
    assert ledger.behind == 0
    found = await rows(database, facts)
    assert [fact["kind"] for fact in found] == ["call", "offer", "outcome", "stay", "talk"]
    assert found[3] == {
        "kind": "stay",
        "began_at": T + 1,
        "subject": f"{CALL}@{HOTLINE}",
        "ended_at": T + 4_001,
        "conversation": CALL,
        "queue": HOTLINE,
        "agent": ANA,
        "team": None,
        "dialled": "4001",
        "person": "c1",
        "result": "answered",
        "detail": None,
        "body": {
            "priority": 0,
            "bonus_ms": 0,
            "weight": 1,
            "placed_at": None,
            "requires": [],
            "last_agent": None,
        },
    }
    assert {fact["conversation"] for fact in found} == {CALL}


async def test_a_fact_names_the_customer_by_id_alone(database: Database, ledger: Ledger) -> None:
    for notice in A_CALL:
        ledger.hear(notice)
    await ledger.flush()
    written = str(await rows(database, facts))
    assert "c1" in written
    assert not any(secret in written for secret in ("张三", "a secret", "13800138000"))


async def test_a_call_becomes_one_row(database: Database, ledger: Ledger) -> None:
    for notice in A_CALL:
        ledger.hear(notice)
    await ledger.flush()
    assert await rows(database, calls) == [ITS_ROW]


async def test_a_call_becomes_the_same_row_when_each_notice_is_written_by_itself(
    database: Database, ledger: Ledger
) -> None:
    for notice in A_CALL:
        ledger.hear(notice)
        await ledger.flush()
    assert await rows(database, calls) == [ITS_ROW]


async def test_a_call_heard_of_in_the_middle_is_kept(database: Database, ledger: Ledger) -> None:
    ledger.hear(ended())
    await ledger.flush()
    (row,) = await rows(database, calls)
    assert (row["started_at"], row["ending"], row["number"]) == (T + 90_000, "completed", None)


async def test_a_call_told_again_after_a_restart_keeps_its_beginning(
    database: Database, ledger: Ledger
) -> None:
    ledger.hear(started())
    await ledger.flush()
    ledger.hear(started(at=T + 500))
    await ledger.flush()
    assert [row["started_at"] for row in await rows(database, calls)] == [T]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_talk_that_is_told_again_began_when_it_began(
    database: Database, ledger: Ledger, at_once: bool
) -> None:
    async def answered(*notices: Notice) -> tuple[int, str]:
        for notice in notices:
            ledger.hear(notice)
            if not at_once:
                await ledger.flush()
        await ledger.flush()
        (row,) = await rows(database, calls)
        return row["answered_at"], row["agent"]

    again = connected(T + 60_000, since=T + 60_000)
    assert await answered(started(), connected(), again) == (T + 4_001, ANA)
    assert await answered(again, ended()) == (T + 4_001, ANA)
    # Another agent is another talk.
    assert await answered(connected(T + 99_000, "bob")) == (T + 99_000, "bob")


async def test_a_talk_that_is_found_after_a_restart_began_before_it(
    database: Database, ledger: Ledger
) -> None:
    ledger.hear(connected(T + 60_000, since=T + 4_001))
    await ledger.flush()
    assert [row["answered_at"] for row in await rows(database, calls)] == [T + 4_001]


@pytest.mark.parametrize("confidence", [Confidence.SHARED, Confidence.SWITCHBOARD])
async def test_a_call_of_an_uncertain_caller_is_nobodys(
    database: Database, ledger: Ledger, confidence: Confidence
) -> None:
    ledger.hear(started())
    ledger.hear(
        recognised(
            Identity(number="+8613800138000", confidence=confidence, customers=HIM.customers)
        )
    )
    await ledger.flush()
    (row,) = await rows(database, calls)
    assert (row["customer_id"], row["confidence"]) == (None, confidence)


async def test_what_a_caller_makes_up_is_stored(database: Database, ledger: Ledger) -> None:
    evil = "\0\ud800𠮷'\"\\u0000" + "x" * 10_000
    ledger.hear(
        CallStarted(
            at=T, call=CALL, number=evil, name=evil, dialled=evil, entry=Entry.QUEUE, target=evil
        )
    )
    ledger.hear(CallQueued(at=T, call=CALL, queue=QueueId(evil), priority=0, joined_at=T))
    ledger.hear(OutcomeRecorded(at=T, call=CALL, agent=ANA, outcome=evil))
    ledger.hear(agent_is(AgentState.NOT_READY, ("manual", evil)))
    await ledger.flush()
    assert ledger.refused == 0
    kept = (await rows(database, calls))[0]["outcome"]
    assert kept.startswith("?𠮷'\"\\u0000x")
    assert [row["result"] for row in await told(database, Kind.OUTCOME)] == [kept]
    ledger.hear(ended())
    await ledger.flush()
    assert (ledger.refused, len(await rows(database, facts))) == (0, 3)


@pytest.mark.parametrize(
    ("said", "kept"),
    [("a\0b", "ab"), ("a\ud800", "a?"), ("\\u0000", "\\u0000"), ("\"'𠮷", "\"'𠮷")],
)
async def test_a_short_text_is_kept_as_it_is_but_for_what_no_database_holds(
    database: Database, ledger: Ledger, said: str, kept: str
) -> None:
    ledger.hear(OutcomeRecorded(at=T, call=CALL, agent=ANA, outcome=said))
    ledger.hear(agent_is(AgentState.NOT_READY, ("manual", said)))
    await ledger.flush()
    (shift,) = await ledger.restored_shift()
    ledger.hear(agent_is(AgentState.READY, at=T + 1))
    await ledger.flush()
    outcome, state = await rows(database, facts)
    assert (outcome["result"], state["detail"]) == (kept, kept)
    assert shift.causes == (("manual", kept),)


async def test_work_after_a_call_is_restored_and_ends_with_it(
    database: Database, ledger: Ledger
) -> None:
    in_wrap_up = replace(
        agent_is(AgentState.WRAP_UP, pending=AgentState.READY),
        until=T + 30_000,
        wrap_up=WrapUpMode.LOCKED,
    )
    ledger.hear(in_wrap_up)
    await ledger.flush()
    assert await ledger.restored_shift() == (
        RestoredAgent(agent=ANA, wrap_up="locked", wrap_up_until=T + 30_000),
    )
    ledger.hear(agent_is(AgentState.READY, at=T + 30_000))
    await ledger.flush()
    assert await ledger.restored_shift() == (RestoredAgent(agent=ANA),)


async def test_duties_stand_until_they_are_taken_back(database: Database, ledger: Ledger) -> None:
    def told(at: int, agent: str, **duties: Any) -> DutiesChanged:
        changed = Duties(**duties)
        name = AgentId(agent)
        return DutiesChanged(at=at, agent=name, by="sue", duties=changed, queues=(), skills={})

    ledger.hear(told(T, ANA, queues=(HOTLINE,), skills={"冰箱": 60}))
    ledger.hear(told(T, "bo", queues=()))
    ledger.hear(told(T, "cy", skills={"fridge": 1}))
    await ledger.stop()
    assert await Ledger(database, region="CN").restored_duties() == {
        ANA: Duties(queues=(HOTLINE,), skills={"冰箱": 60}),
        AgentId("bo"): Duties(queues=()),
        AgentId("cy"): Duties(skills={"fridge": 1}),
    }
    again = Ledger(database, region="CN")
    await again.start()
    again.hear(told(T + 1, "cy"))
    again.hear(told(T + 1, "bo", skills={}))
    await again.stop()
    assert await again.restored_duties() == {
        ANA: Duties(queues=(HOTLINE,), skills={"冰箱": 60}),
        AgentId("bo"): Duties(skills={}),
    }


async def test_who_did_what_to_whom_is_read_back_newest_first(
    database: Database, ledger: Ledger
) -> None:
    acts = [
        Supervised(
            at=T + n,
            by="sue",
            agent=AgentId(agent),
            action="force-ready",
            reason="人手不够",
            detail=f"{n}",
        )
        for n, agent in enumerate((ANA, "bo", ANA, ANA))
    ]
    for act in acts:
        ledger.hear(act)
    audit = DatabaseAudit(database, ledger)
    assert await audit.acts(agent=None, before=None, limit=10) == acts[::-1], "unwritten ones too"
    assert await audit.acts(agent=ANA, before=None, limit=2) == [acts[3], acts[2]]
    assert await audit.acts(agent=ANA, before=T + 2, limit=2) == [acts[0]]


async def test_of_two_acts_of_one_moment_both_are_on_record(
    database: Database, ledger: Ledger
) -> None:
    act = Supervised(at=T, by="root", agent=None, action="erase-customer", reason="ticket 1")
    acts = [act, replace(act, reason="ticket 2"), replace(act, by="olga")]
    for one in acts:
        ledger.hear(one)
    found = await DatabaseAudit(database, ledger).acts(agent=None, before=None, limit=10)
    assert len(found) == 3 and all(one in found for one in acts)


async def test_what_was_noted_with_a_call_is_restored_until_it_ends(
    database: Database, ledger: Ledger
) -> None:
    def noted(call: str, **data: str) -> DataChanged:
        return DataChanged(at=T + 1, call=CallId(call), by="crm", data=data)

    for call in (CALL, "pbx1:2.2", "pbx1:3.3"):
        ledger.hear(started(call))
    ledger.hear(noted(CALL, order="A-1", 备注="冰箱\x00"))
    ledger.hear(noted("pbx1:2.2", order="A-2"))
    await ledger.flush()
    ledger.hear(noted("pbx1:2.2"))  # Taken away.
    await ledger.stop()
    again = Ledger(database, region="CN")
    assert await again.restored_data() == {CALL: {"order": "A-1", "备注": "冰箱"}}
    await again.start()
    again.hear(ended(CALL))
    await again.stop()
    assert await again.restored_data() == {}


async def test_a_shift_is_restored(database: Database, ledger: Ledger) -> None:
    ledger.hear(agent_is(AgentState.READY, agent="bo"))
    ledger.hear(agent_is(AgentState.NOT_READY, ("manual", "午饭"), ("ring-no-answer", "")))
    ledger.hear(agent_is(AgentState.READY, agent="cy"))
    ledger.hear(agent_is(AgentState.LOGGED_OUT, agent="cy", at=T + 1))
    ledger.hear(agent_is(AgentState.TALKING, agent="di", pending=AgentState.LOGGED_OUT))
    ledger.hear(agent_is(AgentState.WRAP_UP, agent="ed", pending=AgentState.NOT_READY))
    window = Desk(id=DeskId("window"), name="Window", device="PJSIP/window")
    ledger.hear(replace(agent_is(AgentState.READY, agent="flo"), desk=window))
    await ledger.stop()
    assert await Ledger(database, region="CN").restored_shift() == (
        RestoredAgent(agent=ANA, causes=(("manual", "午饭"), ("ring-no-answer", ""))),
        RestoredAgent(agent=AgentId("bo")),
        RestoredAgent(agent=AgentId("ed")),
        RestoredAgent(agent=AgentId("flo"), desk=window.id),
    )


async def test_an_older_state_does_not_overwrite_a_newer(
    database: Database, ledger: Ledger
) -> None:
    ledger.hear(agent_is(AgentState.READY, at=T + 1))
    await ledger.flush()
    ledger.hear(agent_is(AgentState.LOGGED_OUT, at=T))
    await ledger.flush()
    assert [row["changed_at"] for row in await rows(database, agent_shifts)] == [T + 1]


async def test_orphans_are_closed_and_told(database: Database, ledger: Ledger) -> None:
    for call in ("pbx1:1", "pbx1:2", "pbx1:3", "pbx1:4", "pbx2:1"):
        ledger.hear(started(call))
    ledger.hear(CallQueued(at=T, call=CallId("pbx1:1"), queue=HOTLINE, priority=0, joined_at=T))
    ledger.hear(ended("pbx1:3"))
    await ledger.flush()
    ledger.hear(ended("pbx1:4"))  # Ended, but that is not written yet.
    closed = await ledger.close_orphans([CallId("pbx1:2")], at=T + 9_000, node=NodeId("pbx1"))
    assert closed == ("pbx1:1",)
    await ledger.flush()
    endings = {row["id"]: row["ending"] for row in await rows(database, calls)}
    assert endings == {
        "pbx1:1": "lost",
        "pbx1:2": None,
        "pbx1:3": "completed",
        "pbx1:4": "completed",
        "pbx2:1": None,
    }
    (stay,) = await told(database, Kind.STAY)
    assert (stay["queue"], stay["result"]) == (HOTLINE, "lost")


class Away(Database):
    """A database that is away for some time, at any point of a write."""

    failures = 0
    after_commit = False

    async def write(self, change: Any, *args: Any, **kwargs: Any) -> Any:
        if self.failures and not self.after_commit:
            self.failures -= 1
            raise DatabaseUnavailableError("away")
        result = await super().write(change, *args, **kwargs)
        if self.failures:
            self.failures -= 1
            raise DatabaseUnavailableError("away before we heard that it was done")
        return result


@pytest.fixture
async def away(url: str) -> Any:
    database = Away(url)
    await database.open()
    yield database
    await database.close()


@pytest.mark.parametrize("after_commit", [False, True])
async def test_nothing_is_lost_or_doubled_while_the_database_is_away(
    away: Away, after_commit: bool, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(away, region="CN", gather_s=0, retry_s=(0.0001, 0.0001))
    await ledger.start()
    away.failures, away.after_commit = 5, after_commit
    for n in range(2_000):
        ledger.hear(noted(n))
        if n % 100 == 0:
            await asyncio.sleep(0)
    await ledger.stop()
    assert await noted_in(away) == list(range(2_000))
    assert len(await rows(away, calls)) == 2_000
    assert (ledger.lost, ledger.refused, ledger.waits) == (0, 0, False)
    said = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == 2  # Once that it waits, once that it goes on.


@pytest.mark.slow
async def test_a_real_server_crashes_and_comes_back(server: "Server") -> None:
    database = Database(server.new_database())
    await database.open()
    ledger = Ledger(database, region="CN", gather_s=0, retry_s=(0.01, 0.05))
    await ledger.start()
    ledger.hear(noted(0))
    await ledger.flush()
    server.stop()
    try:
        for n in range(1, 100):
            ledger.hear(noted(n))
        await asyncio.sleep(0)
        assert ledger.behind == 99
    finally:
        server.start()
    await ledger.flush()
    assert await noted_in(database) == list(range(100))
    await ledger.stop()
    await database.close()


async def test_a_full_memory_loses_facts_but_neither_calls_nor_shifts(
    away: Away, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(away, region="CN", gather_s=0, retry_s=(0.0001, 0.0001), capacity=10)
    for n in range(25):
        ledger.hear(noted(n))
    ledger.hear(agent_is(AgentState.READY))
    assert (ledger.behind, ledger.lost) == (10, 15)
    await ledger.start()
    await ledger.flush()
    ledger.hear(noted(26))
    await ledger.stop()
    assert await noted_in(away) == [*range(10), 26]
    assert len(await rows(away, calls)) == 26
    assert len(await rows(away, agent_shifts)) == 1
    assert len([r for r in caplog.records if "full" in r.message]) == 1


async def test_stopping_without_a_database_gives_up_and_says_so(
    away: Away, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(away, region="CN", gather_s=0, retry_s=(0.001, 0.001))
    away.failures = 1_000_000
    await ledger.start()
    ledger.hear(noted(0))
    await ledger.stop(timeout_s=0.01)
    assert "1 facts could not be written" in caplog.text
    assert ledger.waits
    away.failures = 0


async def test_one_row_that_is_refused_does_not_keep_the_others_out(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ledger_module.fact_row

    def with_one_bad(fact: Fact) -> dict[str, Any]:
        return whole(fact) | ({"ended_at": None} if fact.subject == "pbx1:3" else {})

    monkeypatch.setattr(ledger_module, "fact_row", with_one_bad)
    for n in range(9):
        ledger.hear(noted(n))
    await ledger.flush()
    assert ledger.refused == 1
    assert await noted_in(database) == [0, 1, 2, 4, 5, 6, 7, 8]
    assert len(await rows(database, calls)) == 9


async def test_a_mistake_of_ours_does_not_end_the_writing(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(ledger_module, "fact_row")
    ledger.hear(noted(0))
    await ledger.flush()
    monkeypatch.undo()
    ledger.hear(noted(1))
    await ledger.flush()
    assert ledger.refused == 1
    assert await noted_in(database) == [1]


async def test_a_full_batch_does_not_wait(database: Database, ledger: Ledger) -> None:
    for n in range(BATCH):
        ledger.hear(noted(n))
    async with asyncio.timeout(30):  # It gathers for an hour.
        await ledger._heard.written.wait()
    assert len(await rows(database, facts)) == BATCH


async def test_what_is_heard_meanwhile_is_not_waited_for(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever waits for his own would wait for as long as calls come in."""
    write = database.write

    async def and_more_is_heard(*asked: Any) -> Any:
        written = await write(*asked)
        ledger.hear(noted(1))
        return written

    monkeypatch.setattr(database, "write", and_more_is_heard)
    ledger.hear(noted(0))
    async with asyncio.timeout(30):  # It gathers for an hour.
        await ledger.flush()
    monkeypatch.undo()
    assert await noted_in(database) == [0]


@pytest.mark.parametrize(
    "promise",
    [
        agent_is(AgentState.LOGGED_OUT, at=T + 2),
        agent_is(AgentState.NOT_READY, ("manual", "午饭"), at=T + 2),
        agent_is(AgentState.TALKING, at=T + 2, pending=AgentState.LOGGED_OUT),
        OutcomeRecorded(at=T + 2, call=CALL, agent=ANA, outcome="solved"),
    ],
)
async def test_what_a_person_was_told_is_done_is_written_soon(
    database: Database, promise: Notice
) -> None:
    ledger = Ledger(database, region="CN", gather_s=3600, soon_s=0.001)
    await ledger.start()
    ledger.hear(agent_is(AgentState.READY))
    await ledger.flush()
    # A state that comes and goes with calls promises nothing, and a call is Asterisk's to tell again.
    for notice in (started(), agent_is(AgentState.OFFERED, at=T + 1), connected(), ended()):
        ledger.hear(notice)
        assert not ledger._promised.is_set()
    ledger.hear(promise)
    async with asyncio.timeout(30):  # It gathers for an hour.
        await ledger._heard.written.wait()
    assert len(await rows(database, facts)) == 6
    await ledger.stop()


async def test_what_two_runs_tell_is_one_fact(database: Database) -> None:
    for _ in range(2):
        ledger = Ledger(database, region="CN", gather_s=0)
        await ledger.start()
        ledger.hear(noted(0))
        await ledger.stop()
    assert await noted_in(database) == [0]


async def test_why_he_called_is_what_a_menu_learned_unless_the_disposition_says_more(
    database: Database, ledger: Ledger
) -> None:
    async def reason() -> str:
        await ledger.flush()
        return str((await rows(database, calls))[0]["reason"])

    ledger.hear(started())
    ledger.hear(
        CallQueued(at=T, call=CALL, queue=HOTLINE, priority=0, joined_at=T, reason="fridge")
    )
    assert await reason() == "fridge"
    ledger.hear(OutcomeRecorded(at=T + 1, call=CALL, agent=ANA, outcome="solved"))
    assert await reason() == "fridge"
    ledger.hear(OutcomeRecorded(at=T + 2, call=CALL, agent=ANA, outcome="late", reason="late"))
    assert await reason() == "late"


async def test_who_owes_a_disposition_owes_it_after_a_restart(
    database: Database, ledger: Ledger
) -> None:
    ledger.hear(started())
    ledger.hear(CallQueued(at=T, call=CALL, queue=HOTLINE, priority=0, joined_at=T))
    ledger.hear(connected())
    ledger.hear(replace(agent_is(AgentState.TALKING), call=CALL))
    wrap_up = replace(
        agent_is(AgentState.WRAP_UP), wrap_up=WrapUpMode.TIMED, until=T + 30_000, undisposed=CALL
    )
    ledger.hear(wrap_up)
    await ledger.flush()
    (agent,) = await ledger.restored_shift()
    assert (agent.wrap_up_call, agent.wrap_up_queue, agent.undisposed) == (CALL, HOTLINE, True)
    ledger.hear(replace(wrap_up, undisposed=None))
    await ledger.flush()
    (agent,) = await ledger.restored_shift()
    assert (agent.wrap_up_call, agent.undisposed) == (CALL, False)


async def test_that_calling_out_is_stopped_is_the_last_word_of_an_admin(
    database: Database, ledger: Ledger
) -> None:
    def said(at: int, action: str) -> Supervised:
        return Supervised(at=at, by="root", agent=None, action=action, reason="fraud")

    assert await ledger.outbound_stopped() is False
    ledger.hear(said(T, "stop-outbound"))
    ledger.hear(said(T + 1, "reload"))
    await ledger.stop()
    again = Ledger(database, region="CN")
    assert await again.outbound_stopped() is True
    await again.start()
    again.hear(said(T + 2, "allow-outbound"))
    await again.stop()
    assert await again.outbound_stopped() is False


async def test_who_has_called_somebody_within_the_hour_is_known_after_a_restart(
    database: Database,
) -> None:
    ledger = Ledger(database, region="CN")
    await ledger.start()
    ana, bob = AgentId("ana"), AgentId("bob")
    for at in (T - HOUR_MS - 1, T - HOUR_MS + 1):
        call = dialled_call(NodeId("pbx1"), ana, at)
        ledger.hear(replace(started(), at=at, call=call))
        ledger.hear(replace(ended(), at=at + 1, call=call))
    back = callback_call(NodeId("pbx1"), "1.2", T - 60)  # Since then it has waited for an agent.
    ledger.hear(replace(started(), at=T - 50, call=back))
    ledger.hear(replace(ended(), at=T - 9, call=back, agent=bob))
    leg = outside_leg(CALL, bob, T - 5)
    ledger.hear(started())
    ledger.hear(
        OutsiderLeft(
            at=T, call=CALL, number="+861065551234", leg=leg, by=bob, result="", talked_ms=1
        )
    )
    await ledger.stop()
    again = Ledger(database, region="CN")
    assert await again.restored_calls_out(T) == (
        (T - HOUR_MS + 1, ana),
        (T - 50, bob),
        (T - 5, bob),
    )


async def test_a_call_that_is_owed_is_kept_over_a_restart_until_it_is_paid_or_its_caller_is_forgotten(
    database: Database,
) -> None:
    def owed(name: str, **said: Any) -> Callback:
        number = Number(digits=f"+8613800{name}", kind=NumberKind.SUBSCRIBER)
        return Callback(
            id=CallbackId(name),
            node=NodeId("pbx1"),
            queue=HOTLINE,
            number=number,
            name="王芳",
            asked_at=T,
            arrived_at=T - 60_000,
            joined_at=T - 30_000,
            requires=("fridge",),
            data={"备注": "冰箱"},
            **said,
        )

    ledger = Ledger(database, region="CN")
    await ledger.start()
    hers, his = owed("000001", customer=CustomerId("C-1")), owed("000002")
    for one in (hers, his):
        ledger.hear(CallbackChanged(at=T, call=CALL, callback=one))
    tried = replace(hers, tries=1, due_at=T + 600_000)
    ledger.hear(CallbackChanged(at=T + 1, call=CALL, callback=tried))
    await ledger.stop()
    again = Ledger(database, region="CN")
    assert await again.restored_callbacks() == (tried, his)

    await again.start()
    paid = CallbackOutcome.REACHED
    again.hear(CallbackEnded(at=T + 2, call=CALL, callback=his, outcome=paid))
    await again.stop()
    assert await again.restored_callbacks() == (tried,)
    (fact,) = await told(database, Kind.CALLBACK)
    assert (fact["result"], fact["queue"], fact["began_at"]) == ("reached", HOTLINE, T)
    person = Person(customer=CustomerId("C-1"), numbers=())
    assert (await database.write(erase, person))["callbacks"] == 1
    assert await again.restored_callbacks() == ()
