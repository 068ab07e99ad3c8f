"""Promises are made, moved, closed, lapse and are opened again; every change is on record, the card is too."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from acd.adapters.database.complaint_book import ComplaintBook
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.listings import Listing
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.promise_book import PromiseBook
from acd.adapters.database.tables import calls, customers
from acd.adapters.database.task_book import TaskBook
from acd.adapters.sound import Folder
from acd.cases.promise import REOPENED_FOR_MS
from acd.cases.refused import CaseRefusedError, Why
from acd.core.customer import DAY_MS
from acd.core.ids import AgentId, CallId, CustomerId

T = 1_800_000_000_000
HOUR_MS = 3_600_000
WANG = CustomerId("C-1")
CALL, NEXT = CallId("pbx1:1"), CallId("pbx1:2")


@pytest.fixture
async def book(database: Database, ledger: Ledger) -> PromiseBook:
    await CustomerBook(database).put([Listing(id=WANG, fields={"name": "王芳"})], at=T)
    had = {"customer_id": WANG, "agent": "ana", "queue": "support"}
    rows = [{"id": CALL, "started_at": T, **had}, {"id": NEXT, "started_at": T + HOUR_MS, **had}]
    await database.write(lambda connection: connection.execute(calls.insert(), rows))
    return PromiseBook(database, ledger)


async def made(book: PromiseBook, due_at: int = T + HOUR_MS, what: str = "回电") -> dict[str, Any]:
    return await book.make(WANG, what=what, owner="ana", due_at=due_at, call=CALL, by="ana", at=T)


async def card(database: Database) -> list[dict[str, Any]]:
    asked = sa.select(customers.c.card).where(customers.c.id == WANG)
    found = await database.read(lambda connection: connection.execute(asked).scalar())
    owed: list[dict[str, Any]] = msgspec.json.decode(found).get("promises", []) if found else []
    return owed


async def done_to(book: PromiseBook, promise: str) -> list[tuple[Any, ...]]:
    return [
        (row["what"], row["by"], row["call"])
        for row in await book.changes("promise", WANG, promise)
    ]


async def test_what_is_owed_stands_on_the_card_until_it_is_kept(
    database: Database, book: PromiseBook
) -> None:
    row = await made(book)
    assert (row["state"], row["made_by"], row["call"]) == ("open", "ana", CALL)
    (shown,) = await card(database)
    assert (shown["what"], shown["state"]) == ("回电", "open")
    said = {"due_at": T + 2 * HOUR_MS, "owner": "bob", "note": "he asked for it"}
    moved = await book.change(WANG, row["id"], said, by="sue", at=T + 1)
    assert (moved["due_at"], moved["owner"], moved["moved"]) == (T + 2 * HOUR_MS, "bob", 1)
    kept = await book.change(WANG, row["id"], {"state": "kept"}, by="bob", at=T + 2)
    assert (kept["state"], kept["closed_at"]) == ("kept", T + 2)
    assert await card(database) == []
    told = await done_to(book, row["id"])
    assert told[0] == ("made", "ana", CALL) and told[-1] == ("kept", "bob", None)
    assert sorted(told[1:3]) == [("given", "sue", None), ("moved", "sue", None)]


async def test_what_lapses_is_a_task_once_and_is_owed_still(
    database: Database, book: PromiseBook
) -> None:
    row = await made(book)
    await made(book, due_at=T + DAY_MS)
    assert await book.lapse(at=T + HOUR_MS - 1) == 0
    assert await book.lapse(at=T + HOUR_MS) == 1
    assert await book.lapse(at=T + HOUR_MS) == 0
    assert [one["state"] for one in await card(database)] == ["lapsed", "open"]
    tasks = TaskBook(database)
    (task,) = await tasks.listed(state="open")
    assert (task["kind"], task["subject"], task["agent"], task["queue"]) == (
        "promise",
        row["id"],
        "ana",
        "support",
    )
    assert [one["id"] for one in await tasks.listed(state="open", agent="ana")] == [task["id"]]
    assert await tasks.listed(state="open", agent="bob", queues=["support"]) == []
    # Another time is agreed upon: nobody is to be called before it, and then anew.
    await book.change(WANG, row["id"], {"due_at": T + 2 * HOUR_MS}, by="ana", at=T + HOUR_MS + 1)
    assert await tasks.listed(state="open") == []
    assert await book.lapse(at=T + 2 * HOUR_MS) == 1
    (again,) = await tasks.listed(state="open")
    closed = await tasks.close(again["id"], outcome="reached", at=T + 3 * HOUR_MS)
    assert (closed["state"], closed["outcome"]) == ("done", "reached")
    with pytest.raises(CaseRefusedError) as refused:
        await tasks.close(again["id"], outcome="reached", at=T + 3 * HOUR_MS)
    assert (refused.value.why, refused.value.detail) == (Why.NOT_NOW, "it is done")
    with pytest.raises(CaseRefusedError) as refused:
        await tasks.find("no")
    assert refused.value.why is Why.UNKNOWN_TASK


async def test_who_calls_again_opens_what_was_closed_once_for_each_call(
    database: Database, book: PromiseBook
) -> None:
    row = await made(book)
    await book.change(WANG, row["id"], {"state": "kept"}, by="ana", at=T + 10)
    at = T + HOUR_MS
    assert await book.reopen(WANG, NEXT, at=at, within_ms=HOUR_MS - 11) is None, "long ago"
    (owed,) = await book.reopen(WANG, NEXT, at=at, within_ms=DAY_MS) or ()
    assert (owed["state"], owed["reopened"]) == ("open", 1)
    assert owed["due_at"] == at + REOPENED_FOR_MS
    assert await card(database) == [owed]
    assert (await done_to(book, row["id"]))[-1] == ("reopened", None, NEXT)
    await book.change(WANG, row["id"], {"state": "broken"}, by="ana", at=at + 5)
    again = await book.reopen(WANG, NEXT, at=at + 9, within_ms=DAY_MS)
    assert again is None, "what is closed in this very call stays closed, also over our restart"


async def test_what_cannot_be_done_changes_nothing(book: PromiseBook) -> None:
    row = await made(book)
    with pytest.raises(CaseRefusedError) as refused:
        await book.make("no", what="x", owner=None, due_at=T, call=None, by="sue", at=T)
    assert refused.value.why is Why.UNKNOWN_CUSTOMER
    with pytest.raises(CaseRefusedError) as refused:
        await book.change(WANG, "p-no", {"state": "kept"}, by="sue", at=T)
    assert refused.value.why is Why.UNKNOWN_PROMISE
    await book.change(WANG, row["id"], {"state": "kept"}, by="sue", at=T)
    before = await book.find(WANG, row["id"]), await book.changes("promise", WANG, row["id"])
    for said in ({"state": "broken"}, {"due_at": T + DAY_MS}, {"state": "kept"}):
        with pytest.raises(CaseRefusedError) as refused:
            await book.change(WANG, row["id"], {**said, "owner": "bob"}, by="sue", at=T)
        assert refused.value.why is Why.NOT_NOW and "it is kept" in refused.value.detail
    assert before == (
        await book.find(WANG, row["id"]),
        await book.changes("promise", WANG, row["id"]),
    )


async def test_what_has_lapsed_is_open_again_only_until_another_time(book: PromiseBook) -> None:
    row = await made(book)
    await book.lapse(at=T + HOUR_MS)
    with pytest.raises(CaseRefusedError, match="not-now") as refused:
        await book.change(WANG, row["id"], {"state": "open"}, by="ana", at=T + HOUR_MS)
    assert "say until when" in refused.value.detail
    said = {"state": "open", "due_at": T + DAY_MS}
    assert (await book.change(WANG, row["id"], said, by="ana", at=T + HOUR_MS))["state"] == "open"


async def test_who_has_had_him_may_promise_him_something(book: PromiseBook) -> None:
    assert await book.served(AgentId("ana"), WANG, since=T)
    assert not await book.served(AgentId("ana"), WANG, since=T + HOUR_MS + 1)
    assert not await book.served(AgentId("bob"), WANG, since=0)


async def test_what_is_said_with_the_old_id_of_who_was_merged_is_his_who_he_is_now(
    database: Database, ledger: Ledger, book: PromiseBook, tmp_path: Path
) -> None:
    """An agent's screen has the id that he had when he called."""
    gone = CustomerId("C-2")
    await CustomerBook(database).put([Listing(id=gone, fields={"name": "王方"})], at=T)
    before = await book.make(gone, what="a", owner=None, due_at=T + 9, call=None, by="ana", at=T)
    had = {"id": "pbx1:3", "started_at": T, "customer_id": gone, "agent": "bob"}
    await database.write(lambda connection: connection.execute(calls.insert(), [had]))
    privacy = Privacy(database, region="CN", sounds=Folder(tmp_path))
    change = await privacy.merge(WANG, gone, at=T + 1)
    owed = await book.make(gone, what="b", owner=None, due_at=T + 9, call=None, by="ana", at=T + 2)
    kept = await book.change(gone, before["id"], {"state": "kept"}, by="ana", at=T + 3)
    assert (owed["customer_id"], kept["customer_id"], kept["state"]) == (WANG, WANG, "kept")
    assert [one["id"] for one in await card(database)] == [owed["id"]]
    assert [row["what"] for row in await book.changes("promise", gone, before["id"])] == [
        "made",
        "kept",
    ]
    assert await book.served(AgentId("bob"), gone, since=T)
    complaints = ComplaintBook(database, ledger)
    told = await complaints.make(
        gone, what="c", category=None, owner="bob", call=None, due_at=T + 9, by="ana", at=T + 4
    )
    assert told["customer_id"] == WANG
    await privacy.undo(change, at=T + 5)
    with pytest.raises(CaseRefusedError):
        await book.find(gone, owed["id"])


async def test_lists_are_of_whose_they_are_and_until_when(book: PromiseBook) -> None:
    late = await made(book, due_at=T + DAY_MS)
    soon = await made(book)
    every = await book.listed(owner=None, state=None, due_before=None)
    assert [row["id"] for row in every] == [soon["id"], late["id"]]
    some = await book.listed(owner="ana", state="open", due_before=T + DAY_MS)
    assert [row["id"] for row in some] == [soon["id"]]
    assert await book.listed(owner="bob", state=None, due_before=None) == []
