"""Who calls, and whether he called before: over all his numbers, to the millisecond, and after a restart."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from acd.adapters.database import directory as directory_module
from acd.adapters.database.connection import Database, DatabaseError, LookUp
from acd.adapters.database.directory import MOST_CONTACTS, Directory
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.numbers import example_number, read_number
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.tables import customer_numbers, customers
from acd.adapters.sound import Folder
from acd.core.customer import DAY_MS, Confidence, Contact, Customer, Identity
from acd.core.events import Entry
from acd.core.ids import AgentId, CallId, CustomerId, OfferId, QueueId
from acd.core.notices import CallConnected, CallerRecognised, CallStarted, OutcomeRecorded
from tests.adapters.database.listed import list_customer

T = 1_800_000_000_000
MOBILE, HOME, OFFICE, STRANGER = "13800138000", "010-88888888", "02112345678", "13900139000"
ZHANG = Customer(id=CustomerId("c1"), name="张𠮷", segment="gold", language="zh", notes="VIP")
LI = Customer(id=CustomerId("c2"), name="李四")
HOTLINE = QueueId("hotline")


class Centre:
    """The ledger and the directory as the switchboard uses them."""

    def __init__(self, database: Database, ledger: Ledger, directory: Directory) -> None:
        self.database = database
        self.ledger = ledger
        self.directory = directory
        self._n = iter(range(1_000_000))

    async def lists(
        self, customer: Customer, numbers: Mapping[str, Confidence], at: int = T
    ) -> None:
        await list_customer(self.database, customer, numbers, at=at)

    async def identity(self, number: str, at: int, window_ms: int = DAY_MS) -> Identity:
        return await self.directory.identify(number, at=at, window_ms=window_ms)

    def begin(self, number: str, at: int) -> CallId:
        call = CallId(f"pbx1:{next(self._n)}")
        self.ledger.hear(
            CallStarted(
                at=at,
                call=call,
                number=number,
                name="",
                dialled="4001",
                entry=Entry.QUEUE,
                target="hotline",
            )
        )
        return call

    async def call(self, number: str, at: int) -> Identity:
        """One call, as far as the caller's being recognised."""
        call = self.begin(number, at)
        identity = await self.identity(number, at)
        self.ledger.hear(CallerRecognised(at=at, call=call, identity=identity, late=False))
        return identity


@pytest.fixture
def centre(database: Database, ledger: Ledger, directory: Directory) -> Centre:
    return Centre(database, ledger, directory)


@pytest.fixture(params=["unwritten", "written", "half written"])
def settle(request: pytest.FixtureRequest, ledger: Ledger) -> Iterator[Any]:
    """Between two calls: the ledger has written everything, nothing, or every other time."""
    turn = iter(range(1_000_000))

    async def settle() -> None:
        if request.param == "written" or (request.param == "half written" and next(turn) % 2 == 0):
            await ledger.flush()

    return settle


@pytest.mark.parametrize(
    ("number", "confidence"),
    [
        ("anonymous", "anonymous"),
        ("", "anonymous"),
        ("95588", "short"),
        ("x" * 10_000, "anonymous"),
    ],
)
async def test_a_number_that_is_nobodys_is_not_looked_up(
    centre: Centre, number: str, confidence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await centre.call(number, T)
    monkeypatch.setattr(Database, "look_up", None)
    assert await centre.identity(number, T + 1) == Identity(
        confidence=Confidence(confidence), at=T + 1
    )


async def test_a_rehearsal_leaves_nothing_to_be_done_when_the_first_caller_comes(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    await centre.lists(ZHANG, {MOBILE: Confidence.OWN})
    await centre.directory.rehearse(at=T)

    def connect(database: Database) -> LookUp:
        raise AssertionError("he waits for a connection")

    monkeypatch.setattr(Database, "_new_look_up", connect)
    found = await centre.identity(MOBILE, T)
    assert (found.customers, found.earlier) == ((ZHANG,), ())


@pytest.mark.parametrize("region", ["CN", "DE", "US", "ZZ", ""])
def test_there_is_an_example_wherever_we_are(region: str) -> None:
    assert read_number(example_number(region), region).e164 is not None


async def test_a_stranger_repeats_by_his_number(centre: Centre, settle: Any) -> None:
    first = await centre.call(STRANGER, T)
    await settle()
    assert first == Identity(number="+8613900139000", confidence=Confidence.UNLISTED, at=T)
    again = await centre.call("+86 139 0013 9000", T + 10)
    await settle()
    assert [contact.at for contact in again.earlier] == [T]
    third = await centre.call(STRANGER, T + 20)
    assert [contact.at for contact in third.earlier] == [T + 10, T]
    assert (await centre.identity(MOBILE, T + 30)).repeats == 0


async def test_who_the_dialplan_says_he_is_is_he_whatever_his_number(
    centre: Centre, database: Database
) -> None:
    async def told(number: str, customer: str, at: int) -> Identity:
        looking = centre.directory.recognise(
            number, at=at, window_ms=DAY_MS, told=CustomerId(customer)
        )
        return (await looking).identity

    await centre.lists(ZHANG, {MOBILE: Confidence.OWN, HOME: Confidence.SHARED})
    await centre.lists(LI, {OFFICE: Confidence.SWITCHBOARD})
    await centre.call(MOBILE, T)
    for number in ("anonymous", "95588", HOME, OFFICE, STRANGER):
        found = await told(number, "c1", T + 10)
        assert (found.confidence, found.customers, found.repeats) == (Confidence.TOLD, (ZHANG,), 1)
        assert found.number == read_number(number, "CN").e164
    # A number that says so by itself proves more: nobody else calls from it.
    assert await told(MOBILE, "c1", T + 10) == await centre.identity(MOBILE, T + 10)
    assert (await told(MOBILE, "c2", T + 10)).customers == (LI,)
    assert (await told("anonymous", "c2", T + 10)).repeats == 0, "who has no number of his own"
    for hostile in ("nobody", "' OR 1=1 --", "%"):
        assert await told(MOBILE, hostile, T + 10) == await centre.identity(MOBILE, T + 10)
    # What comes of it is his, and not that of whoever has the number.
    call = centre.begin(OFFICE, T + 20)
    found = await told(OFFICE, "c1", T + 20)
    centre.ledger.hear(CallerRecognised(at=T + 20, call=call, identity=found, late=False))
    await centre.ledger.flush()
    assert [one.at for one in (await centre.identity(MOBILE, T + 30)).earlier] == [T + 20, T]
    await Privacy(database, region="CN", sounds=Folder(Path())).merge("c2", "c1", at=T + 40)
    merged = await told("anonymous", "c1", T + 50)
    assert (merged.customer, merged.repeats) == (LI, 2), "who was merged is whom he was merged into"


async def test_a_customer_repeats_over_all_his_numbers(centre: Centre, settle: Any) -> None:
    await centre.lists(
        ZHANG, {MOBILE: Confidence.OWN, HOME: Confidence.OWN, OFFICE: Confidence.WORK}, at=T
    )
    await centre.lists(LI, {STRANGER: Confidence.OWN}, at=T)
    await centre.call(MOBILE, T)
    await settle()
    await centre.call(HOME, T + 1)
    await settle()
    await centre.call(STRANGER, T + 2)
    await settle()
    found = await centre.call(OFFICE, T + 3)
    assert found.customers == (ZHANG,)
    assert found.confidence is Confidence.WORK
    assert [contact.at for contact in found.earlier] == [T + 1, T]


async def test_a_call_counts_before_its_caller_is_recognised(centre: Centre, settle: Any) -> None:
    await centre.lists(ZHANG, {MOBILE: Confidence.OWN, HOME: Confidence.OWN}, at=T)
    centre.begin(HOME, T)
    await settle()
    centre.begin(MOBILE, T + 10)
    assert (await centre.identity(MOBILE, T + 10)).repeats == 1


@pytest.mark.parametrize("window_ms", [1, 10, DAY_MS])
async def test_the_window_is_half_open(centre: Centre, settle: Any, window_ms: int) -> None:
    await centre.call(STRANGER, T)
    await settle()
    for at, repeats in [(T, 0), (T + 1, 1), (T + window_ms, 1), (T + window_ms + 1, 0)]:
        assert (await centre.identity(STRANGER, at, window_ms)).repeats == repeats, at - T


async def test_a_shared_number_names_all_and_counts_nothing(centre: Centre, settle: Any) -> None:
    for customer in (LI, ZHANG):
        await centre.lists(customer, {HOME: Confidence.OWN}, at=T)
    await centre.call(HOME, T)
    await settle()
    found = await centre.call(HOME, T + 1)
    assert found.customers == (ZHANG, LI)
    assert found.confidence is Confidence.SHARED
    assert found.earlier == ()
    assert found.customer is None


@pytest.mark.parametrize("kind", [Confidence.SHARED, Confidence.SWITCHBOARD])
async def test_a_number_listed_as_many_peoples_counts_nothing(
    centre: Centre, settle: Any, kind: Confidence
) -> None:
    await centre.lists(ZHANG, {OFFICE: kind, MOBILE: Confidence.OWN}, at=T)
    await centre.call(OFFICE, T)
    await settle()
    found = await centre.call(OFFICE, T + 1)
    await settle()
    assert (found.confidence, found.repeats) == (kind, 0)
    # Nor do its calls count for the customer, when he calls from his own.
    assert (await centre.call(MOBILE, T + 2)).repeats == 0


async def test_calls_of_a_shared_number_are_not_its_customers(centre: Centre, settle: Any) -> None:
    await centre.lists(ZHANG, {MOBILE: Confidence.OWN, HOME: Confidence.OWN}, at=T)
    await centre.lists(LI, {HOME: Confidence.OWN}, at=T)
    centre.begin(HOME, T)
    await settle()
    assert (await centre.identity(MOBILE, T + 1)).repeats == 0


async def test_calls_of_a_number_that_was_shared_stay_nobodys(
    centre: Centre, database: Database, settle: Any
) -> None:
    for customer in (LI, ZHANG):
        await centre.lists(customer, {HOME: Confidence.OWN}, at=T)
    await centre.call(HOME, T)
    await settle()
    await database.write(lambda connection: connection.execute(sa.delete(customer_numbers)))
    assert (await centre.identity(HOME, T + 1)).repeats == 0
    await centre.lists(LI, {HOME: Confidence.OWN})
    assert (await centre.identity(HOME, T + 1)).repeats == 0


async def test_a_number_with_an_extension_is_many_peoples(centre: Centre, settle: Any) -> None:
    await centre.call("010-88888888 ext 12", T)
    await settle()
    found = await centre.call("010-88888888 ext 13", T + 1)
    assert (found.confidence, found.repeats) == (Confidence.SWITCHBOARD, 0)


async def test_a_stranger_who_is_listed_after_his_call_repeats(centre: Centre, settle: Any) -> None:
    await centre.call(MOBILE, T)
    await settle()
    await centre.lists(ZHANG, {MOBILE: Confidence.OWN}, at=T + 1)
    assert (await centre.call(MOBILE, T + 2)).repeats == 1


async def test_the_new_owner_of_a_number_does_not_inherit_its_calls(
    centre: Centre, database: Database, settle: Any
) -> None:
    await centre.lists(ZHANG, {MOBILE: Confidence.OWN}, at=T)
    await centre.call(MOBILE, T)
    await settle()
    await database.write(lambda connection: connection.execute(sa.delete(customer_numbers)))
    assert (await centre.identity(MOBILE, T + 1)).repeats == 0
    await centre.lists(LI, {MOBILE: Confidence.OWN}, at=T)
    assert (await centre.identity(MOBILE, T + 1)).repeats == 0


async def test_a_contact_says_who_had_it_and_what_came_of_it(centre: Centre, settle: Any) -> None:
    ana = AgentId("ana")
    call = centre.begin(STRANGER, T)
    await settle()
    centre.ledger.hear(
        CallConnected(
            at=T + 5,
            call=call,
            offer=OfferId("o"),
            agent=ana,
            queue=HOTLINE,
            connected_at=T + 5,
            waited_ms=5,
        )
    )
    await settle()
    centre.ledger.hear(OutcomeRecorded(at=T + 9, call=call, agent=ana, outcome="未解决"))
    await settle()
    (contact,) = (await centre.identity(STRANGER, T + 10)).earlier
    assert contact == Contact(
        call=call, at=T, queue=HOTLINE, agent=ana, agent_name="Ana 安娜", outcome="未解决"
    )


async def test_only_the_newest_contacts_are_kept(centre: Centre, settle: Any) -> None:
    for n in range(MOST_CONTACTS + 10):
        centre.begin(STRANGER, T + n)
        if n % 25 == 0:
            await settle()
    found = await centre.identity(STRANGER, T + 100)
    newest = T + MOST_CONTACTS + 9
    assert [contact.at for contact in found.earlier] == [newest - n for n in range(MOST_CONTACTS)]


async def test_calls_are_known_after_a_restart(url: str) -> None:
    for at, repeats in [(T, 0), (T + 10, 1), (T + 20, 2)]:
        database = Database(url)
        await database.open()
        ledger = Ledger(database, region="CN")
        await ledger.start()
        centre = Centre(
            database, ledger, Directory(database, region="CN", ledger=ledger, agent_names={})
        )
        centre._n = iter([at])
        assert (await centre.call(STRANGER, at)).repeats == repeats
        await ledger.stop()
        await database.close()


async def test_no_call_is_missed_while_the_ledger_writes(database: Database) -> None:
    ledger = Ledger(database, region="CN", gather_s=0)
    await ledger.start()
    directory = Directory(database, region="CN", ledger=ledger, agent_names={})
    centre = Centre(database, ledger, directory)
    for n in range(MOST_CONTACTS):
        centre.begin(STRANGER, T + n)
        looks = (centre.identity(STRANGER, T + n + 1) for _ in range(4))
        assert [found.repeats for found in await asyncio.gather(*looks)] == [n + 1] * 4
    await ledger.stop()


async def test_a_customer_is_corrected_by_listing_him_again(
    centre: Centre, database: Database
) -> None:
    await centre.lists(ZHANG, {MOBILE: Confidence.OWN}, at=T)
    corrected = Customer(id=ZHANG.id, name="张三丰")
    await centre.lists(corrected, {MOBILE: Confidence.WORK}, at=T + 1)
    found = await centre.identity(MOBILE, T)
    assert found.customers == (corrected,)
    assert found.confidence is Confidence.WORK
    created = await database.read(
        lambda connection: connection.execute(sa.select(customers.c.created_at)).scalars().all()
    )
    assert created == [T]


async def test_a_database_that_is_away_is_said(database: Database, directory: Directory) -> None:
    await database.write(
        lambda connection: connection.execute(sa.text("ALTER TABLE calls RENAME TO gone"))
    )
    with pytest.raises(DatabaseError):
        await directory.identify(MOBILE, at=T, window_ms=DAY_MS)


def fill(connection: sa.Connection, size: int) -> None:
    """`size` calls of a month, ten by each number; half of the numbers are customers'."""
    connection.execute(
        sa.text(
            """
            INSERT INTO customers (id, name, created_at)
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :customers - 1)
            SELECT 'c' || i, 'customer', 0 FROM n
            """
        ),
        {"customers": size // 20},
    )
    connection.execute(
        sa.text(
            "INSERT INTO customer_numbers (e164, customer_id, kind)"
            " SELECT '+86138' || (10000000 + CAST(substr(id, 2) AS INTEGER)), id, 'own' FROM customers"
        )
    )
    connection.execute(
        sa.text(
            """
            INSERT INTO calls (id, started_at, number, customer_id, confidence, ended_at)
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :size - 1)
            SELECT 'pbx1:fill.' || i,
                   CAST(:at AS BIGINT) - CAST(i AS BIGINT) * (2592000000 / :size),
                   '+86138' || (10000000 + i % (:size / 10)),
                   CASE WHEN i % (:size / 10) < :size / 20 THEN 'c' || (i % (:size / 10)) END,
                   CASE WHEN i % (:size / 10) < :size / 20 THEN 'own' ELSE 'unlisted' END,
                   CAST(:at AS BIGINT)
            FROM n
            """
        ),
        {"size": size, "at": T},
    )
    connection.execute(
        sa.text(
            "INSERT INTO contacts (id, at, channel, number, customer_id)"
            " SELECT id, started_at, 'chat', number, customer_id FROM calls"
        )
    )
    connection.execute(
        sa.text(
            "INSERT INTO surveys (id, at, number, customer_id, source)"
            " SELECT id, started_at, number, customer_id, 'keys' FROM calls"
        )
    )
    connection.execute(
        sa.text(
            "INSERT INTO customer_changes (at, what, kept, gone, before)"
            " SELECT started_at, 'merge', id || 'k', id || 'g', '{}' FROM calls"
        )
    )
    connection.execute(sa.text("ANALYZE"))


class Explaining:
    """Looks up, and notes how the database went about each statement."""

    def __init__(self, connection: LookUp, dialect: str) -> None:
        self.plans: list[str] = []
        self._connection = connection
        self._word = "EXPLAIN QUERY PLAN" if dialect == "sqlite" else "EXPLAIN"

    def rows(self, sql: str, **values: object) -> list[Any]:
        plan = self._connection.rows(f"{self._word} {sql}", **values)
        self.plans.append("\n".join(str(row) for row in plan))
        return self._connection.rows(sql, **values)


def explained(connection: LookUp, number: str, dialect: str, told: str | None = None) -> list[str]:
    """How the database goes about each statement of one identification."""
    explaining = Explaining(connection, dialect)
    look_up: Any = directory_module._look_up
    look_up(explaining, read_number(number, "CN"), told, at=T)
    return explaining.plans


async def test_identification_never_scans_a_table(database: Database, directory: Directory) -> None:
    await database.write(fill, 50_000)
    c7 = Customer(id=CustomerId("c7"), name="c7")
    await list_customer(database, c7, dict.fromkeys((MOBILE, HOME), Confidence.OWN), at=T)
    several = await database.look_up(explained, MOBILE, database.dialect)
    listed = await database.look_up(explained, "13810000001", database.dialect)
    unlisted = await database.look_up(explained, "13810004999", database.dialect)
    assert (len(several), len(listed), len(unlisted)) == (2, 2, 2)
    for plan in (several[1], listed[1], unlisted[1]):
        for index in (
            "ix_calls_number_started_at",
            "ix_contacts_number_at",
            "ix_surveys_number_at",
        ):
            assert index in plan, plan
    for index in ("ix_calls_customer_id_started_at", "ix_contacts_customer_id_at"):
        assert index in listed[1] and index in several[1] and index not in unlisted[1]
    told = await database.look_up(explained, "anonymous", database.dialect, "c7")
    nobody = await database.look_up(explained, "anonymous", database.dialect, "nobody")
    assert (len(told), len(nobody)) == (2, 2)
    for plan in several + listed + unlisted + told + nobody:
        assert not re.search(
            r"Seq Scan|SCAN (calls|contacts|surveys|customers|customer_numbers|others)", plan
        ), plan
        assert re.search(r"Index|USING (COVERING )?INDEX", plan), plan
