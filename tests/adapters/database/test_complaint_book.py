"""Complaints are opened and brought on by their table; the card shows them until they end; all of it is on record."""

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
from acd.adapters.database.tables import customers
from acd.adapters.database.too_old import DAY_MS, Retention
from acd.adapters.sound import Folder
from acd.cases.complaint import ENDED, MOVES, ComplaintState
from acd.cases.refused import CaseRefusedError, Why
from acd.core.ids import CustomerId

T = 1_800_000_000_000
WANG, LI = CustomerId("C-1"), CustomerId("C-2")
WAY = {  # To each state, from the beginning.
    ComplaintState.OPEN: (),
    ComplaintState.IN_WORK: ("in-work",),
    ComplaintState.ANSWERED: ("in-work", "answered"),
    ComplaintState.VERIFIED: ("in-work", "answered", "verified"),
    ComplaintState.CLOSED: ("in-work", "answered", "verified", "closed"),
    ComplaintState.WITHDRAWN: ("withdrawn",),
}


@pytest.fixture
async def book(database: Database, ledger: Ledger) -> ComplaintBook:
    people = [Listing(id=name, fields={"name": name}) for name in (WANG, LI)]
    await CustomerBook(database).put(people, at=T)
    return ComplaintBook(database, ledger)


async def made(book: ComplaintBook, customer: str = WANG, due_at: int = T + 9) -> str:
    about = {"what": "secret-complaint", "category": "late", "owner": "bob", "call": None}
    row = await book.make(customer, **about, due_at=due_at, by="ana", at=T)
    return str(row["id"])


async def card(database: Database) -> list[dict[str, Any]]:
    asked = sa.select(customers.c.card).where(customers.c.id == WANG)
    found = await database.read(lambda connection: connection.execute(asked).scalar())
    shown: list[dict[str, Any]] = msgspec.json.decode(found)["complaints"] if found else []
    return shown


@pytest.mark.parametrize("state", ComplaintState)
async def test_it_goes_on_as_its_table_says_and_in_no_other_way(
    database: Database, book: ComplaintBook, state: ComplaintState
) -> None:
    for wanted in ComplaintState:
        name = await made(book)
        for n, step in enumerate(WAY[state]):
            await book.change(name, {"state": step}, by=f"user{n}", at=T + 1)
        assert bool(state in ENDED) == (name not in [one["id"] for one in await card(database)])
        before = await book.find(name), await book.changes("complaint", WANG, name)
        if wanted in MOVES[state]:
            after = await book.change(name, {"state": wanted.value}, by="sue", at=T + 2)
            assert after["state"] == wanted
            assert (after["ended_at"] is not None) == (wanted in ENDED)
        else:
            with pytest.raises(CaseRefusedError) as refused:
                await book.change(name, {"state": wanted.value, "owner": "x"}, by="sue", at=T + 2)
            assert refused.value.why is Why.NOT_NOW
            assert before == (await book.find(name), await book.changes("complaint", WANG, name))


async def test_what_has_ended_is_not_given_to_anybody(book: ComplaintBook) -> None:
    name = await made(book)
    given = await book.change(name, {"owner": "sue", "due_at": T + 99}, by="bob", at=T + 1)
    assert (given["owner"], given["due_at"]) == ("sue", T + 99)
    assert [one["what"] for one in await book.changes("complaint", WANG, name)] == [
        "open",
        "given",
        "moved",
    ]
    await book.change(name, {"state": "withdrawn"}, by="sue", at=T + 1)
    with pytest.raises(CaseRefusedError, match="not-now"):
        await book.change(name, {"owner": "bob"}, by="sue", at=T + 1)
    with pytest.raises(CaseRefusedError, match="unknown-customer"):
        await made(book, customer="nobody")


async def test_lists_are_of_whose_they_are_and_until_when(book: ComplaintBook) -> None:
    late, soon = await made(book, due_at=T + 100), await made(book)
    every = await book.listed(owner=None, state=None, due_before=None)
    assert [row["id"] for row in every] == [soon, late]
    some = await book.listed(owner="bob", state="open", due_before=T + 100)
    assert [row["id"] for row in some] == [soon]
    assert await book.listed(owner="ana", state=None, due_before=None) == []


async def test_it_follows_its_customer_and_goes_with_him(
    database: Database, book: ComplaintBook
) -> None:
    privacy = Privacy(database, region="CN", sounds=Folder(Path("nowhere")))
    name = await made(book)
    change = await privacy.merge(LI, WANG, at=T)
    assert (await book.find(name))["customer_id"] == LI
    await privacy.undo(change, at=T)
    assert [one["id"] for one in await card(database)] == [name]
    keep = Retention(contacts_days=1, customers_days=1)
    assert (await privacy.purge(keep, at=T + 2 * DAY_MS, really=True))["complaints"] == 0
    person = await privacy.whose(customer=WANG, number=None)
    assert "secret-complaint" in repr(await privacy.export(person))
    await privacy.erase(person)
    with pytest.raises(CaseRefusedError, match="unknown-complaint"):
        await book.find(name)
