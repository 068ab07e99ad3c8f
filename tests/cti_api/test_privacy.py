"""Merge, split, undo and erase over the API: by whom, on record, refused with a reason, also while he talks."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import TypeAdapter

from acd.adapters.database.audit import DatabaseAudit, writer_of
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.customer_desk import CustomerDesk
from acd.adapters.database.directory import Directory
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.one_person import PrivacyError
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.tables import callbacks, calls, customers, facts
from acd.adapters.database.too_old import DAY_MS, Retention
from acd.adapters.sound import Folder
from acd.core.customer import Confidence, Customer, Identity
from acd.core.events import CallerIdentified
from acd.core.ids import CallId, CustomerId
from acd.privacy_desk import PrivacyDesk, call_off, call_off_the_erased
from cti_api.shapes.privacy import CustomerChange, Erased
from tests.adapters.database.conftest import (  # noqa: F401
    brought_up_to_date,
    database,
    directory,
    ledger,
    server,
    url,
)
from tests.cti_api.desk import Desk
from tests.cti_api.test_callbacks import a_desk
from tests.play import call_id

LI = "+8613900139000"
ROWS = [
    {"id": "C-1", "name": "王芳", "numbers": [{"number": "13800138000", "kind": "mobile"}]},
    {"id": "C-2", "name": "王方", "numbers": [{"number": LI, "kind": "mobile"}]},
]
SPLIT = {"id": "C-3", "name": "Li", "numbers": [LI], "reason": "his son's phone"}


@pytest.fixture
async def office(
    database: Database,  # noqa: F811
    ledger: Ledger,  # noqa: F811
    directory: Directory,  # noqa: F811
    tmp_path: Path,
) -> AsyncIterator[Desk]:
    book = CustomerDesk(CustomerBook(database), directory, region="CN")
    await book.put(ROWS, at=0)
    desk = a_desk(
        customers=book,
        audit=DatabaseAudit(database, ledger),
        persons=PrivacyDesk(
            Privacy(database, region="CN", sounds=Folder(tmp_path)),
            note=ledger.note,
            now_ms=lambda: desk.now,
            call_off=lambda names, by: call_off(desk.switchboard, names, by),
        ),
    )
    desk.switchboard.listen(lambda told: [ledger.hear(notice) for notice in told])
    yield desk
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_two_who_are_one_and_back(office: Desk) -> None:
    async with office.client("sue") as client:
        merged = await client.post(
            "/v1/customers/C-1/merge", json={"gone": "C-2", "reason": "listed twice"}
        )
        assert merged.status_code == 200, merged.text
        change = merged.json()
        TypeAdapter(CustomerChange).validate_json(merged.text, strict=True)
        assert (change["what"], change["kept"], change["gone"]) == ("merge", "C-1", "C-2")
        his = (await client.get("/v1/customers/C-1")).json()
        assert [one["number"] for one in his["numbers"]] == ["+8613800138000", LI]
        # Who has the old id on his screen is shown who he is by now.
        assert (await client.get("/v1/customers/C-2")).json() == his
        undo = f"/v1/customer-changes/{change['change']}/undo"
        assert (await client.post(undo, json={"reason": "brothers"})).status_code == 204
        assert (await client.get("/v1/customers/C-2")).json()["name"] == "王方"
        again = await client.post(undo, json={"reason": "brothers"})
        assert (again.status_code, again.json()["error"]["reason"]) == (409, "undone-already")
        split = await client.post("/v1/customers/C-2/split", json=SPLIT)
        assert split.json()["kept"] == "C-3"
        told = (await client.get("/v1/customer-changes?customer=C-2")).json()
        assert [(one["what"], one["undone_at"] is None) for one in told] == [
            ("split", True),
            ("merge", False),
        ]
        acts = (await client.get("/v1/audit")).json()
        assert sorted((act["action"], act["by"], act["reason"]) for act in acts) == [
            ("merge-customers", "sue", "listed twice"),
            ("split-customer", "sue", "his son's phone"),
            ("undo-customer-change", "sue", "brothers"),
        ]


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("customers/C-1/merge", {"gone": "C-1", "reason": "x"}, 409, "same-customer"),
        ("customers/C-1/merge", {"gone": "C-9", "reason": "x"}, 404, "unknown-customer"),
        ("customers/C-9/merge", {"gone": "C-1", "reason": "x"}, 404, "unknown-customer"),
        ("customers/C-1/merge", {"gone": "C-2"}, 422, "invalid"),
        ("customers/C-1/split", SPLIT, 409, "not-his-numbers"),
        ("customers/C-2/split", SPLIT | {"id": "C-1"}, 409, "customer-exists"),
        ("customers/C-2/split", SPLIT | {"numbers": ["no number"]}, 409, "not-his-numbers"),
        ("customer-changes/99/undo", {"reason": "x"}, 404, "unknown-change"),
    ],
)
async def test_what_is_refused_changes_nothing_and_is_on_no_record(
    office: Desk, path: str, body: dict[str, object], status: int, reason: str
) -> None:
    async with office.client("sue") as client:
        told = await client.post(f"/v1/{path}", json=body)
        assert (told.status_code, told.json()["error"]["reason"]) == (status, reason)
        assert (await client.get("/v1/audit")).json() == []
        for row in ROWS:
            assert (await client.get(f"/v1/customers/{row['id']}")).status_code == 200


async def test_what_is_done_on_a_terminal_is_in_the_same_audit(
    office: Desk,
    database: Database,  # noqa: F811
    tmp_path: Path,
) -> None:
    """By whom, when, what and why; all of it at one moment, and none is lost for that."""
    note = writer_of(database, by="terminal:root", reason="ticket 7", now_ms=lambda: 5)
    privacy = Privacy(database, region="CN", sounds=Folder(tmp_path), note=note)
    change = await privacy.merge("C-1", "C-2", at=5)
    await privacy.undo(change, at=5)
    split = await privacy.split("C-2", "C-3", "Li", [LI], at=5)
    for customer in ("C-1", "C-3"):
        person = await privacy.whose(customer=customer, number=None)
        assert (await privacy.export(person))["customer"]["id"] == customer
        await privacy.erase(person)
    await privacy.purge(Retention(callers_days=30, recordings_days=7), at=5, really=True)
    async with office.client("sue") as client:
        acts = (await client.get("/v1/audit")).json()
    every = {(act["at"], act["by"], act["agent"], act["reason"]) for act in acts}
    assert every == {(5, "terminal:root", None, "ticket 7")}
    assert sorted((act["action"], act["detail"]) for act in acts) == [
        ("erase-customer", ""),
        ("erase-customer", ""),
        ("export-customer", ""),
        ("export-customer", ""),
        ("merge-customers", f"change {change}"),
        ("purge", "callers 30 days, recordings 7 days"),
        ("split-customer", f"change {split}"),
        ("undo-customer-change", f"change {change}"),
    ]


async def test_what_came_to_nothing_on_a_terminal_is_on_no_record(
    office: Desk,
    database: Database,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The record is a part of the deed: there is neither without the other."""
    note = writer_of(database, by="terminal:root", reason="x", now_ms=lambda: 5)
    privacy = Privacy(database, region="CN", sounds=Folder(tmp_path), note=note)
    for refused in (
        privacy.merge("C-1", "C-9", at=5),
        privacy.split("C-1", "C-3", "Li", [LI], at=5),
        privacy.undo(99, at=5),
    ):
        with pytest.raises(PrivacyError):
            await refused
    keep = Retention(callers_days=1)
    await privacy.purge(keep, at=5, really=False)

    def full(*_: object) -> None:
        raise PrivacyError("the disk is full")

    unrecorded = Privacy(database, region="CN", sounds=Folder(tmp_path), note=full)
    person = await privacy.whose(customer="C-1", number=None)
    for unwritten in (
        unrecorded.erase(person),
        unrecorded.export(person),
        unrecorded.merge("C-1", "C-2", at=5),
        unrecorded.purge(keep, at=5, really=True),
    ):
        with pytest.raises(PrivacyError, match="full"):
            await unwritten
    async with office.client("sue") as client:
        assert (await client.get("/v1/audit")).json() == []
        for row in ROWS:
            assert (await client.get(f"/v1/customers/{row['id']}")).status_code == 200


async def test_a_customer_who_is_merged_while_he_talks_is_the_other_in_the_books(
    office: Desk,
    database: Database,  # noqa: F811
    ledger: Ledger,  # noqa: F811
) -> None:
    """The merge takes along what is written; what the call tells later is written of who he is by then."""
    fang = Customer(id=CustomerId("C-2"), name="王方")
    await office.ready("ana")
    identity = Identity(number=LI, confidence=Confidence.OWN, customers=(fang,))
    office.arrives("c1", identity=identity)
    office.talks("c1")
    await ledger.flush()
    async with office.client("sue") as client:
        done = await client.post("/v1/customers/C-1/merge", json={"gone": "C-2", "reason": "one"})
        change = done.json()["change"]
    office.now += 60_000
    office.hangs_up("c1")
    await ledger.flush()

    async def persons() -> tuple[list[str], str]:
        asked = sa.select(facts.c.person).where(
            facts.c.conversation == call_id("c1"), facts.c.person.is_not(None)
        )
        owner = sa.select(calls.c.customer_id).where(calls.c.id == call_id("c1"))
        found = await database.read(lambda c: c.execute(asked).scalars().all())
        return sorted(set(found)), await database.read(lambda c: c.execute(owner).scalar_one())

    assert await persons() == (["C-1"], "C-1")
    async with office.client("sue") as client:
        await client.post(f"/v1/customer-changes/{change}/undo", json={"reason": "two"})
    assert await persons() == (["C-2"], "C-2")


async def test_only_an_admin_has_somebody_forgotten(
    office: Desk,
    database: Database,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with office.client("sue") as client:
        assert (await client.delete("/v1/customers/C-1?reason=asked")).status_code == 403
        owed = {"number": "13800138000", "queue": "support"}
        assert (await client.post("/v1/callbacks", json=owed)).status_code == 201
    async with office.client("root") as client:
        assert (await client.delete("/v1/customers/C-1")).status_code == 422, "why?"
        done = await client.delete("/v1/customers/C-1?reason=asked")
        TypeAdapter(Erased).validate_json(done.text, strict=True)
        assert done.json()["rows"]["customers"] == 1
        assert (await client.delete("/v1/customers/C-1?reason=asked")).status_code == 404
        (act,) = (await client.get("/v1/audit")).json()
        assert (act["action"], act["by"], act["reason"]) == ("erase-customer", "root", "asked")
        assert "C-1" not in repr(act), "nor does the record remember him"
        assert (await client.get("/v1/callbacks")).json() == [], "nor is he called"
    asked = sa.select(customers.c.id)
    assert await database.read(lambda c: c.execute(asked).scalars().all()) == ["C-2"]
    assert await database.read(lambda c: c.execute(sa.select(callbacks)).all()) == []
    assert "王" not in caplog.text and "13800138000" not in caplog.text


async def test_who_is_erased_by_a_command_is_not_called_back_either(
    office: Desk,
    database: Database,  # noqa: F811
    ledger: Ledger,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The command is another process: the engine is told by what is left in the database."""
    privacy = Privacy(database, region="CN", sounds=Folder(tmp_path))
    async with office.client("sue") as client:
        for number in ("13800138000", LI):
            owed = {"number": number, "queue": "support"}
            assert (await client.post("/v1/callbacks", json=owed)).status_code == 201
        identities = {"C-1": "+8613800138000", "C-2": LI}
        shown = {one["caller"]["number"]: one for one in (await client.get("/v1/callbacks")).json()}
        for customer, number in identities.items():
            who = Customer(id=CustomerId(customer), name="王")
            identity = Identity(number=number, confidence=Confidence.OWN, customers=(who,))
            call = CallId(shown[number]["id"])
            office.tell(CallerIdentified(at=office.now, call=call, identity=identity))
        await ledger.flush()
        await privacy.erase(await privacy.whose(customer="C-1", number=None))
        # What is told of it before the engine knows is not written down again.
        his = shown["+8613800138000"]["id"]
        assert (await client.put(f"/v1/calls/{his}/priority", json={"priority": 5})).is_success
        await ledger.flush()
        restored = await ledger.restored_callbacks()
        assert [one.number.digits for one in restored] == [LI], "a restart would not, either"
        await call_off_the_erased(privacy, office.switchboard)
        await ledger.flush()
        assert [one["caller"]["number"] for one in (await client.get("/v1/callbacks")).json()] == [
            LI
        ]
    rows = await database.read(lambda c: c.execute(sa.select(callbacks.c.number)).scalars().all())
    assert rows == [LI]

    def books(connection: sa.Connection) -> list[Any]:
        return [row for table in (facts, calls) for row in connection.execute(sa.select(table))]

    told = await database.read(books)
    assert "callback" in repr(told) and "13800138000" not in repr(told), "nor as what was dialled"
    assert not any("C-1" in row for row in told)
    assert LI in repr(told)
    keep = Retention(callers_days=1)
    await privacy.purge(keep, at=office.now + 2 * DAY_MS, really=True)
    assert LI not in repr(await database.read(books))
    # Without an engine that knows of it, its trace goes at the next look.
    await privacy.erase(await privacy.whose(customer="C-2", number=None))
    office.switchboard.board.calls.clear()
    await call_off_the_erased(privacy, office.switchboard)
    assert await database.read(lambda c: c.execute(sa.select(callbacks)).all()) == []
