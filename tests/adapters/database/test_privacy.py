"""One person's data: shown whole, erased without a trace, moved to another customer and back, purged when old."""

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.directory import Directory
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.listings import Listing
from acd.adapters.database.one_person import PrivacyError
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.tables import (
    calls,
    case_changes,
    complaints,
    customer_changes,
    do_not_call,
    facts,
    metadata,
    promises,
    recordings,
    surveys,
    tasks,
    webhook_deliveries,
)
from acd.adapters.database.too_old import DAY_MS, Retention
from acd.adapters.sound import Folder
from acd.core.customer import Confidence, Customer, Identity
from acd.core.ids import AgentId, CallId, CustomerId, recording_name
from acd.core.notices import OutcomeRecorded
from acd.reports.facts import Kind
from tests.adapters.database.test_ledger import CALL, ended, recognised, started

T = 1_800_000_000_000
WANG, LI = CustomerId("C-1"), CustomerId("C-2")
MOBILE, OTHER, STRANGER = "+8613800138000", "+8613900139000", "+8613700137000"
PEOPLE = [
    Listing(
        id=WANG,
        fields={"name": "王芳", "notes": "secret-note"},
        numbers={MOBILE: Confidence.OWN},
        details={
            "customer_addresses": [{"id": "home", "text": "secret-street", "region": None}],
            "customer_products": [{"id": "F-1", "name": "fridge"}],
        },
    ),
    Listing(
        id=LI,
        fields={"name": "李四"},
        numbers={OTHER: Confidence.OWN},
        details={"customer_products": [{"id": "F-1", "name": "another fridge"}]},
    ),
]


def call(name: str, number: str, customer: str | None, at: int = T) -> dict[str, Any]:
    confidence = "own" if customer else "unlisted"
    return {
        "id": name,
        "started_at": at,
        "ended_at": at + 1,
        "number": number,
        "number_raw": number,
        "caller_name": "secret-name",
        "customer_id": customer,
        "confidence": confidence,
        "queue": "support",
    }


def fact(name: str, person: str, at: int = T) -> dict[str, Any]:
    return {"kind": "call", "began_at": at, "ended_at": at, "subject": name, "person": person}


def to_call(name: str, **whom: str) -> dict[str, Any]:
    moments = dict.fromkeys(("due_at", "created_at", "changed_at"), T)
    return (
        {"id": name, "kind": "promise", "what": f"secret-{name}", "state": "done"} | moments | whom
    )


@pytest.fixture
async def privacy(database: Database, tmp_path: Path) -> Privacy:
    def fill(connection: sa.Connection) -> None:
        rows = [call("a", MOBILE, WANG), call("b", OTHER, LI), call("c", STRANGER, None)]
        rows.append(call("d", MOBILE, None))
        connection.execute(calls.insert(), rows)
        for owner in (WANG, LI):
            case = {"at": T, "kind": "promise", "subject": "p", "what": "made"}
            row = {**case, "customer_id": owner, "note": f"secret-{owner}"}
            connection.execute(case_changes.insert().values(row))
            connection.execute(tasks.insert().values(to_call(f"t-{owner}", customer_id=owner)))
        connection.execute(tasks.insert().values(to_call("t-9", number=STRANGER)))
        asked = {"at": T, "source": "secret-sms", "question": "csat", "scale": "csat", "score": 1}
        row = {**asked, "id": "s-1", "customer_id": WANG, "number": MOBILE}
        connection.execute(surveys.insert().values(row))
        row = {**asked, "id": "s-2", "customer_id": None, "number": STRANGER}
        connection.execute(surveys.insert().values(row))
        people = [fact("a", WANG), fact("b", LI), fact("c", STRANGER), fact("d", MOBILE)]
        connection.execute(facts.insert(), people)

    book = CustomerBook(database)
    await book.put(PEOPLE, at=T)
    contact = dict.fromkeys(("number", "agent", "queue", "reason", "outcome"))
    await book.add_contacts(
        [
            {
                "id": "chat",
                "at": T,
                "channel": "chat",
                "customer_id": WANG,
                "summary": "secret-chat",
                **contact,
            }
        ]
    )
    await database.write(fill)
    return Privacy(database, region="CN", sounds=Folder(tmp_path))


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but those of the changes."""

    def read(connection: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(table))), key=repr
            )
            for table in metadata.sorted_tables
            if table is not customer_changes
        }

    return await database.read(read)


async def test_all_that_is_kept_of_a_person_is_shown_and_nothing_of_others(
    privacy: Privacy, database: Database
) -> None:
    barred = {"number": MOBILE, "at": T, "by": "ana"}
    await database.write(lambda connection: connection.execute(do_not_call.insert().values(barred)))
    person = await privacy.whose(customer=None, number="138 0013 8000")
    told = await privacy.export(person)
    assert told["do_not_call"] == [barred], (
        "it stays when he is erased: he does not want to be called"
    )
    assert told["customer"]["notes"] == "secret-note"
    assert [row["text"] for row in told["customer_addresses"]] == ["secret-street"]
    assert [row["summary"] for row in told["contacts"]] == ["secret-chat"]
    assert [row["id"] for row in told["calls"]] == ["a", "d"]
    assert [row["subject"] for row in told["facts"]] == ["a", "d"]
    assert [row["id"] for row in told["tasks"]] == [f"t-{WANG}"]
    assert [row["note"] for row in told["case_changes"]] == [f"secret-{WANG}"]
    assert OTHER not in repr(told) and STRANGER not in repr(told)


async def test_who_is_erased_is_nowhere_any_more_and_others_are_as_they_were(
    privacy: Privacy, database: Database
) -> None:
    before = await everything(database)
    counts = await privacy.erase(await privacy.whose(customer=WANG, number=None))
    assert counts["calls"] == 2 and counts["facts"] == 2 and counts["customers"] == 1
    after = await everything(database)
    for secret in (
        MOBILE,
        "王芳",
        "secret-note",
        "secret-street",
        "secret-chat",
        f"'{WANG}'",
        f"t-{WANG}",
    ):
        assert secret not in repr(after), secret
    assert len(after["calls"]) == len(before["calls"]) and len(after["facts"]) == 4
    for name, rows in before.items():
        others = [row for row in rows if LI in row or OTHER in row or STRANGER in row]
        assert all(row in after[name] for row in others), name
    # Reports still see that his two calls were one person's.
    erased = [person for row in after["facts"] for person in row if "erased-" in str(person)]
    assert len(erased) == 2 and len(dict.fromkeys(erased)) == 1


async def test_a_stranger_is_erased_by_his_number(privacy: Privacy, database: Database) -> None:
    every_kind = [fact(kind, STRANGER) | {"kind": kind} for kind in Kind]
    await database.write(lambda connection: connection.execute(facts.insert(), every_kind))
    await privacy.erase(await privacy.whose(customer=None, number=STRANGER))
    assert STRANGER not in repr(await everything(database))


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ({"customer": "nobody", "number": None}, "there is no customer nobody"),
        ({"customer": None, "number": "12"}, "no subscriber's number"),
    ],
)
async def test_who_is_meant_must_be_clear(privacy: Privacy, who: Any, why: str) -> None:
    with pytest.raises(PrivacyError, match=why):
        await privacy.whose(**who)


async def test_a_number_of_several_is_nobodys_to_erase(
    privacy: Privacy, database: Database
) -> None:
    await CustomerBook(database).put([Listing(id=LI, numbers={MOBILE: Confidence.OWN})], at=T)
    with pytest.raises(PrivacyError, match=r"the number of several customers \(C-1, C-2"):
        await privacy.whose(customer=None, number=MOBILE)
    assert (await privacy.whose(customer=WANG, number=None)).numbers == ()


async def test_two_who_are_one_and_back(
    privacy: Privacy, database: Database, directory: Directory
) -> None:
    before = await everything(database)
    change = await privacy.merge(WANG, LI, at=T)
    merged = await directory.identify(OTHER, at=T + 1, window_ms=1)
    assert merged.customer is not None and merged.customer.id == WANG
    # The calls of both are his now.
    assert [contact.call for contact in merged.earlier] == ["a", "b", "chat", "d"]
    assert LI not in [row[0] for row in (await everything(database))["customers"]]
    await privacy.undo(change, at=T)
    assert await everything(database) == before
    with pytest.raises(PrivacyError, match="undone already"):
        await privacy.undo(change, at=T)


async def test_who_was_merged_does_not_rise_again_with_the_next_file(
    privacy: Privacy, database: Database
) -> None:
    await privacy.merge(WANG, LI, at=T)
    before = await everything(database)
    assert (await CustomerBook(database).put(PEOPLE[1:], at=T)).unchanged == 1
    assert await everything(database) == before


async def test_one_who_is_two_and_back(privacy: Privacy, database: Database) -> None:
    book = CustomerBook(database)
    await book.put([Listing(id=WANG, numbers={STRANGER: Confidence.OWN})], at=T)
    before = await everything(database)
    change = await privacy.split(WANG, "C-3", "张三", [STRANGER], at=T)
    new = await book.find(CustomerId("C-3"))
    assert new is not None and new["customer"]["name"] == "张三"
    assert new["customer"]["notes"] is None
    assert [row["e164"] for row in new["customer_numbers"]] == [STRANGER]
    await privacy.undo(change, at=T)
    assert await everything(database) == before


async def test_whoever_he_was_before_is_erased_with_him(
    privacy: Privacy, database: Database
) -> None:
    await CustomerBook(database).put([Listing(id="C-3", fields={"name": "张三"}, numbers={})], at=T)
    await privacy.merge(LI, WANG, at=T)
    await privacy.merge("C-3", LI, at=T)
    await privacy.erase(await privacy.whose(customer="C-3", number=None))
    left = await database.read(
        lambda connection: connection.execute(sa.select(customer_changes)).all()
    )
    assert left == []


async def test_a_merge_into_one_who_is_another_by_now_is_undone_after_that_one(
    privacy: Privacy, database: Database
) -> None:
    await CustomerBook(database).put([Listing(id="C-3", fields={"name": "张三"}, numbers={})], at=T)
    before = await everything(database)
    first = await privacy.merge(LI, WANG, at=T)
    second = await privacy.merge("C-3", LI, at=T)
    with pytest.raises(PrivacyError, match=f"there is no customer {LI} any more"):
        await privacy.undo(first, at=T)
    await privacy.undo(second, at=T)
    await privacy.undo(first, at=T)
    assert await everything(database) == before


async def test_what_was_given_on_since_a_merge_stays_where_it_is(
    privacy: Privacy, database: Database
) -> None:
    merge = await privacy.merge(LI, WANG, at=T)
    await privacy.split(LI, "C-3", "张三", [MOBILE], at=T)
    mine = (await privacy.export(await privacy.whose(customer="C-3", number=None)))["calls"]
    assert mine
    await privacy.undo(merge, at=T)
    still = await privacy.export(await privacy.whose(customer="C-3", number=None))
    assert still["calls"] == mine and still["numbers_alone"] == [MOBILE]


async def test_what_cannot_be_merged_or_split_is_refused(privacy: Privacy) -> None:
    with pytest.raises(PrivacyError, match="with himself"):
        await privacy.merge(WANG, WANG, at=T)
    with pytest.raises(PrivacyError, match="there is no customer nobody"):
        await privacy.merge(WANG, "nobody", at=T)
    with pytest.raises(PrivacyError, match="not all numbers of customer"):
        await privacy.split(WANG, "C-3", "x", [OTHER], at=T)
    with pytest.raises(PrivacyError, match="already"):
        await privacy.split(WANG, LI, "x", [MOBILE], at=T)
    with pytest.raises(PrivacyError, match="no change 99"):
        await privacy.undo(99, at=T)


async def test_what_is_too_old_is_purged_and_said_before(
    privacy: Privacy, database: Database
) -> None:
    def owe(connection: sa.Connection) -> None:
        row = {"customer_id": LI, "id": "p", "what": "visit", "due_at": T, "state": "open"}
        connection.execute(promises.insert().values({**row, "created_at": T}))
        moments = dict.fromkeys(("due_at", "opened_at", "ended_at", "changed_at"), T)
        row = {"id": "k", "customer_id": WANG, "what": "secret-complaint", "state": "closed"}
        connection.execute(complaints.insert().values({**row, "opened_by": "ana", **moments}))
        row = {"id": "d", "target": "crm", "event": "call-ended", "at": T, "body": "secret-event"}
        row |= {"state": "dead", "attempts": 24, "next_at": T}
        connection.execute(webhook_deliveries.insert().values(row))

    await database.write(owe)
    keep = Retention(callers_days=1, contacts_days=1, customers_days=1)
    at = T + DAY_MS
    assert not any((await privacy.purge(keep, at=at, really=True)).values())
    before = await everything(database)
    expected = {"calls": 4, "facts": 4, "webhook_deliveries": 1, "contacts": 1, "customers": 1}
    expected |= {"tasks": 3, "case_changes": 2, "complaints": 1, "recordings": 0, "surveys": 2}
    at += 1
    # To look is not to do; customers are judged by their calls as they are.
    looked = await privacy.purge(keep, at=at, really=False)
    assert looked == expected
    assert await everything(database) == before
    assert await privacy.purge(keep, at=at, really=True) == expected
    after = await everything(database)
    assert [row[0] for row in after["customers"]] == [LI]  # He is owed something.
    for secret in (MOBILE, STRANGER, "secret-"):
        assert secret not in repr(after)
    assert not any((await privacy.purge(keep, at=at, really=True)).values())


async def test_who_is_erased_while_he_talks_is_not_written_again_when_he_hangs_up(
    database: Database, ledger: Ledger, tmp_path: Path
) -> None:
    """The call goes on, and is counted; its end must not bring back who it was."""
    await CustomerBook(database).put(PEOPLE, at=T)
    privacy = Privacy(database, region="CN", sounds=Folder(tmp_path))
    identity = Identity(
        number=MOBILE,
        confidence=Confidence.OWN,
        customers=(Customer(id=WANG, name="王芳"),),
        at=T,
    )
    ledger.hear(started(number=MOBILE))
    ledger.hear(recognised(identity))
    await ledger.flush()
    assert (await privacy.erase(await privacy.whose(customer=WANG, number=None)))["calls"] == 1
    # He is still on the line: whatever is told of him from now on knows no name.
    ledger.hear(recognised(identity, at=T + 1))
    ledger.hear(ended())
    await ledger.flush()
    ledger.hear(OutcomeRecorded(at=T + 99_000, call=CALL, agent=AgentId("ana"), outcome="solved"))
    await ledger.flush()
    after = await everything(database)
    for secret in (MOBILE, "13800138000", "张三", "王芳", f"'{WANG}'"):
        assert secret not in repr(after), secret
    told = await database.read(_facts_of, CALL)
    persons = {row.person for row in told if row.person is not None}
    assert len(persons) == 1 and str(persons.pop()).startswith("erased-"), "one person still"
    # The next caller is not erased with him.
    ledger.hear(started("pbx1:2.2", at=T + 100_000, number=OTHER))
    ledger.hear(ended("pbx1:2.2", at=T + 110_000))
    await ledger.flush()
    assert OTHER in repr((await everything(database))["calls"])


def _facts_of(connection: sa.Connection, call: str) -> list[Any]:
    return list(connection.execute(sa.select(facts).where(facts.c.conversation == call)))


async def parts(database: Database) -> list[dict[str, Any]]:
    return await database.read(
        lambda connection: [
            dict(row) for row in connection.execute(sa.select(recordings)).mappings()
        ]
    )


async def recorded(database: Database, folder: Path, *names: str, at: int = T) -> list[Path]:
    """One part of what was said in each of these calls."""
    files = []
    for name in names:
        part = recording_name(CallId(name), 1)
        row = {"id": part, "call": name, "part": 1, "started_at": at}
        await database.write(
            lambda connection, row=row: connection.execute(recordings.insert().values(row)).rowcount
        )
        file = folder / f"{part}.wav"
        file.write_bytes(f"voice of {name}".encode())
        files.append(file)
    return files


async def test_what_he_said_is_shown_and_erased_with_its_file(
    database: Database, privacy: Privacy, tmp_path: Path
) -> None:
    his, his_too, not_his = await recorded(database, tmp_path, "a", "d", "b")
    person = await privacy.whose(customer=WANG, number=None)
    told = await privacy.export(person)
    assert [row["call"] for row in told["recordings"]] == ["a", "d"]
    copies = tmp_path / "copies"
    await privacy.copy_sounds([row["id"] for row in told["recordings"]], copies)
    assert (copies / his.name).read_bytes() == b"voice of a"
    counts = await privacy.erase(person)
    assert counts["recordings"] == 2
    assert not his.exists() and not his_too.exists() and not_his.exists()
    (row,) = await parts(database)
    assert row["call"] == "b"


async def test_a_file_that_stays_is_told_and_removed_by_the_next_purge(
    database: Database, privacy: Privacy, tmp_path: Path
) -> None:
    (file,) = await recorded(database, tmp_path, "a")
    file.unlink()
    file.mkdir()  # Which nobody can remove as a file.
    person = await privacy.whose(customer=WANG, number=None)
    with pytest.raises(PrivacyError, match=r"still there.*purge --really"):
        await privacy.erase(person)
    (row,) = await parts(database)
    assert row["doomed_at"] is not None, "nobody may hear it"
    file.rmdir()
    await privacy.purge(Retention(), at=T, really=True)
    assert await parts(database) == []


async def test_recordings_are_kept_no_longer_than_who_called(
    database: Database, privacy: Privacy, tmp_path: Path
) -> None:
    old, new = (
        await recorded(database, tmp_path, "a"),
        await recorded(database, tmp_path, "b", at=T + 2 * DAY_MS),
    )
    at = T + 2 * DAY_MS
    for keep in (Retention(callers_days=1), Retention(recordings_days=1, callers_days=90)):
        assert (await privacy.purge(keep, at=at, really=False))["recordings"] == 1
    assert "recordings" not in await privacy.purge(Retention(contacts_days=1), at=at, really=False)
    await privacy.purge(Retention(recordings_days=1), at=at, really=True)
    assert not old[0].exists() and new[0].exists()


@pytest.mark.slow
async def test_no_change_reads_a_long_history_through_while_the_ledger_waits(
    privacy: Privacy, database: Database
) -> None:
    """Erasing, merging and back, purging: each statement of the writer's is explained."""
    many = [
        {**fact(f"x{n}", f"p{n % 900}" if n % 3 else None, T + DAY_MS + n), "kind": kind}
        | {"conversation": f"x{n}"}
        for n in range(5_000)
        for kind in ("call", "stay", "talk", "offer")
    ]
    others = [call(f"x{n}", f"+86137{n:08}", f"p{n}", T + DAY_MS + n) for n in range(5_000)]

    def fill(connection: sa.Connection) -> None:
        connection.execute(facts.insert(), many)
        connection.execute(calls.insert(), others)
        connection.execute(sa.text("ANALYZE"))

    await database.write(fill)
    said: list[tuple[str, Any]] = []

    def heard(_: Any, __: Any, statement: str, values: Any, ___: Any, of_many: bool) -> None:
        said.append((statement, values[0] if of_many else values))

    sa.event.listen(database._writer, "before_cursor_execute", heard)
    await privacy.undo(await privacy.merge(WANG, LI, at=T), at=T)
    await privacy.erase(await privacy.whose(customer=WANG, number=None))
    await privacy.erase(await privacy.whose(customer=None, number=STRANGER))
    # Of these, and of no others, it is too late.
    assert (await privacy.purge(Retention(callers_days=1), at=T + DAY_MS + 1, really=True))["calls"]
    sa.event.remove(database._writer, "before_cursor_execute", heard)
    word = "EXPLAIN" if database.dialect == "postgresql" else "EXPLAIN QUERY PLAN"

    def plan(connection: sa.Connection, statement: str, values: Any) -> str:
        return "\n".join(
            str(row) for row in connection.exec_driver_sql(f"{word} {statement}", values)
        )

    plans = [
        await database.read(plan, *one) for one in said if re.match("SELECT|UPDATE|DELETE", one[0])
    ]
    assert sum("ix_facts_person_kind_began_at" in one for one in plans) >= 4
    for one in plans:
        assert not re.search(r"(Seq Scan on|SCAN) (facts|calls)\b", one), one
