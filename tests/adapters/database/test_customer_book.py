"""Customers and what they have: listed, corrected, shown; and on the pop's card whatever way they came."""

from typing import Any

import pytest
import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook, Tally, write_cards
from acd.adapters.database.directory import Directory
from acd.adapters.database.listings import Listing
from acd.adapters.database.tables import customers, promises
from acd.core.customer import Confidence, Contact
from acd.core.ids import AgentId, CallId, CustomerId

T = 1_800_000_000_000
WANG = CustomerId("C-1")
MOBILE, HOME = "+8613800138000", "+861088888888"
FAMILY = Listing(
    id=WANG,
    fields={"name": "王芳", "kind": "household", "region": "华东", "segment": "vip"},
    numbers={MOBILE: Confidence.OWN, HOME: Confidence.HOME},
    details={
        "customer_addresses": [{"id": "home", "text": "上海市徐汇区", "region": None}],
        "customer_products": [
            {"id": "F-1", "name": "冰箱", "installed_on": "2024-05-31", "address": "home"},
            {"id": "W-1", "name": "洗衣机", "installed_on": "2025-05-31", "address": None},
        ],
        "customer_services": [
            {"id": "1", "kind": "repair", "name": "漏水", "state": "done", "day": "2025-06-01"},
            {"id": "2", "kind": "visit", "name": "again", "state": "open", "day": "2025-01-01"},
        ],
    },
)


@pytest.fixture
def book(database: Database) -> CustomerBook:
    return CustomerBook(database)


async def card_of(directory: Directory, number: str = MOBILE) -> Any:
    (profile,) = (await directory.recognise(number, at=T, window_ms=1)).background.profiles.values()
    return profile.card


async def test_the_same_listing_twice_changes_nothing(book: CustomerBook) -> None:
    other = Listing(id=CustomerId("C-2"), fields={"name": "李四"})
    assert await book.put([FAMILY, other], at=T) == Tally(new=2)
    before = await book.find(WANG)
    assert await book.put([FAMILY, other], at=T + 1) == Tally(unchanged=2)
    assert await book.find(WANG) == before


async def test_what_is_not_named_stays_and_none_empties(book: CustomerBook) -> None:
    await book.put([FAMILY], at=T)
    change = Listing(id=WANG, fields={"segment": None, "name": "王芳芳"})
    assert await book.put([change], at=T) == Tally(changed=1)
    record = await book.find(WANG)
    assert record is not None
    assert record["customer"] == {
        "id": WANG,
        "name": "王芳芳",
        "kind": "household",
        "region": "华东",
        "segment": None,
        "language": None,
        "notes": None,
        "created_at": T,
    }
    assert [row["e164"] for row in record["customer_numbers"]] == [HOME, MOBILE]
    assert [row["id"] for row in record["customer_products"]] == ["F-1", "W-1"]


async def test_each_kind_of_change_is_one(book: CustomerBook) -> None:
    await book.put([FAMILY], at=T)
    changes = [
        Listing(id=WANG, numbers={HOME: Confidence.SHARED}),
        Listing(id=WANG, numbers={"+8613900139000": Confidence.OWN}),
        Listing(
            id=WANG, details={"customer_products": [{"id": "F-1", "installed_on": "2023-01-01"}]}
        ),
        Listing(id=WANG, details={"customer_addresses": [{"id": "2", "text": "北京"}]}),
    ]
    for change in changes:
        assert await book.put([change], at=T) == Tally(changed=1)
        assert await book.put([change], at=T) == Tally(unchanged=1)
    assert await book.put([FAMILY], at=T) == Tally(changed=1)  # Back to what it was.


async def test_one_customer_in_many_rows_is_one(book: CustomerBook) -> None:
    rows = [
        Listing(id=WANG, fields={"name": "王"}, numbers={MOBILE: Confidence.OWN}),
        Listing(id=WANG, fields={"name": "王芳"}, numbers={HOME: Confidence.HOME}),
    ]
    assert await book.put(rows, at=T) == Tally(new=1)
    record = await book.find(WANG)
    assert record is not None and record["customer"]["name"] == "王芳"
    assert len(record["customer_numbers"]) == 2


async def test_who_is_new_needs_a_name(book: CustomerBook) -> None:
    nobody = Listing(id=CustomerId("C-9"), numbers={MOBILE: Confidence.OWN})
    assert await book.put([nobody, FAMILY], at=T) == Tally(new=1, nameless=[CustomerId("C-9")])
    assert await book.find(CustomerId("C-9")) is None


async def test_the_pop_has_it_all_in_one_row(book: CustomerBook, directory: Directory) -> None:
    await book.put([FAMILY], at=T)
    found = await directory.recognise(HOME, at=T, window_ms=1)
    assert found.identity.confidence is Confidence.HOME
    profile = found.background.profiles[WANG]
    assert (profile.kind, profile.region) == ("household", "华东")
    card = await card_of(directory)
    assert [product["name"] for product in card["products"]] == ["洗衣机", "冰箱"]
    assert [service["id"] for service in card["services"]] == ["2", "1"]
    assert card["addresses"] == [{"id": "home", "text": "上海市徐汇区", "region": None}]
    assert "promises" not in card


async def test_only_what_is_still_owed_is_on_the_card(
    book: CustomerBook, directory: Directory, database: Database
) -> None:
    def promise(connection: sa.Connection) -> None:
        row = {"customer_id": WANG, "owner": "ana", "due_at": T, "created_at": T, "what": "visit"}
        connection.execute(
            promises.insert(),
            [row | {"id": "p1", "state": "open"}, row | {"id": "p2", "state": "kept"}],
        )
        write_cards(connection, [WANG])

    await book.put([FAMILY], at=T)
    await database.write(promise)
    owed = {"id": "p1", "what": "visit", "owner": "ana", "due_at": T, "state": "open"}
    assert (await card_of(directory))["promises"] == [owed | {"created_at": T, "reopened": 0}]


async def test_who_has_nothing_has_no_card(book: CustomerBook, directory: Directory) -> None:
    await book.put(
        [Listing(id=WANG, fields={"name": "王"}, numbers={MOBILE: Confidence.OWN})], at=T
    )
    assert await card_of(directory) == {}


async def test_contacts_of_other_channels_are_in_the_same_line(
    book: CustomerBook, directory: Directory
) -> None:
    await book.put([FAMILY], at=T)
    chat = {"id": "chat-1", "at": T - 5, "channel": "chat", "customer_id": WANG, "agent": "ana"}
    empty = dict.fromkeys(("number", "queue", "reason", "outcome", "summary"))
    await book.add_contacts([chat | empty | {"reason": "price"}])
    # Twice in one batch, too: the last word counts.
    solved = {"reason": "repair", "outcome": "solved"}
    await book.add_contacts([chat | empty | {"reason": "visit"}, chat | empty | solved])
    found = await directory.recognise(MOBILE, at=T, window_ms=10)
    assert found.identity.earlier == found.background.history
    assert found.background.history == (
        Contact(
            call=CallId("chat-1"),
            at=T - 5,
            channel="chat",
            agent=AgentId("ana"),
            agent_name="Ana 安娜",
            reason="repair",
            outcome="solved",
        ),
    )
    assert (await directory.recognise(MOBILE, at=T, window_ms=4)).identity.earlier == ()


async def test_ten_thousand_customers_on_one_number(
    book: CustomerBook, directory: Directory, database: Database
) -> None:
    everybody = [
        Listing(id=CustomerId(f"C-{n:05}"), fields={"name": "x"}, numbers={MOBILE: Confidence.OWN})
        for n in range(10_000)
    ]
    assert (await book.put(everybody, at=T)).new == 10_000
    found = await directory.identify(MOBILE, at=T, window_ms=1)
    assert found.confidence is Confidence.SHARED
    assert [customer.id for customer in found.customers] == [f"C-{n:05}" for n in range(100)]
    assert await database.read(
        lambda c: c.execute(sa.select(sa.func.count(customers.c.id))).scalar()
    )
