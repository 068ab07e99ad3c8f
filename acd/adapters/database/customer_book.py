"""Lists customers and what they have, corrects and shows what is listed; never tells who calls.

Whatever it writes of a customer it writes into his card too: the screen pop reads that alone, in the row that
tells who calls. The same listing twice changes nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from acd.adapters.database.connection import Database
from acd.adapters.database.listings import FIELDS, Listing
from acd.adapters.database.merged import living
from acd.adapters.database.numbers import masked
from acd.adapters.database.tables import (
    DETAILS,
    complaints,
    contacts,
    customer_addresses,
    customer_changes,
    customer_numbers,
    customer_products,
    customer_services,
    customers,
    promises,
    surveys,
)
from acd.cases.complaint import ENDED
from acd.cases.promise import OWED
from acd.core.ids import CustomerId

T = TypeVar("T")

_CHUNK = 2_500  # Ids in one question.
_ON_CARD = 50  # Of each kind: whoever owns more is a company, and nobody reads on.
_MOST_SHARED = 5
_OF_CUSTOMER = {table.name: table for table in (customer_numbers, *DETAILS, contacts, surveys)}


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of listings: how many customers are new, changed, or as they were."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    nameless: list[CustomerId] = field(default_factory=list)  # New, without a name: not listed.

    def __iadd__(self, other: "Tally") -> "Tally":
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.nameless += other.nameless
        return self


class CustomerBook:
    """The customers, for whoever keeps their data in step with ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, listings: Sequence[Listing], *, at: int) -> Tally:
        """List these or correct what is listed, all or none. Raises DatabaseError."""
        return await self._database.write(self._put, listings, at)

    async def find(self, customer: CustomerId) -> dict[str, Any] | None:
        """All that is listed of a customer, or of who he was made one with, by table. Raises DatabaseError."""
        return await self._database.read(
            lambda connection: record_of(connection, living(connection, customer))
        )

    async def page(self, after: str) -> list[dict[str, Any]]:
        """The next customers whose ids come after this one, as `find` shows them. Raises DatabaseError."""
        return await self._database.read(_page, after)

    async def most_shared(self) -> list[tuple[str, int]]:
        """The numbers, masked, that most customers have, and how many. Raises DatabaseError."""
        return await self._database.read(_most_shared)

    async def add_contacts(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Contacts by other channels; one told again takes the place of the first. Raises DatabaseError."""
        if rows:
            await self._database.write(self._upsert, contacts, list(rows))

    def _put(self, connection: sa.Connection, listings: Sequence[Listing], at: int) -> Tally:
        by_id: dict[CustomerId, Listing] = {}
        now = _merged(connection, dict.fromkeys(one.id for one in listings))
        for said in listings:
            # Who was found to be another one adds his numbers to him, and says nothing else of him.
            one = Listing(id=now[said.id], numbers=said.numbers) if said.id in now else said
            by_id[one.id] = by_id[one.id].and_then(one) if one.id in by_id else one
        tally = Tally()
        for chunk in _chunks(by_id.values()):
            tally += self._put_chunk(connection, chunk, at)
        return tally

    def _put_chunk(self, connection: sa.Connection, listings: list[Listing], at: int) -> Tally:
        tally = Tally()
        ids = [one.id for one in listings]
        known = {row["id"]: row for row in _rows(connection, customers, customers.c.id, ids)}
        tally.nameless = [
            one.id for one in listings if one.id not in known and not one.fields.get("name")
        ]
        listings = [one for one in listings if one.id in known or one.fields.get("name")]
        people = [
            {**row, **one.fields}
            for one in listings
            for row in (known.get(one.id) or _new(one.id, at),)
            if one.id not in known or any(row[name] != said for name, said in one.fields.items())
        ]
        changed = dict.fromkeys(row["id"] for row in people)
        self._upsert(connection, customers, people)
        owned = self._changed_numbers(connection, listings, known)
        self._upsert(connection, customer_numbers, owned)
        changed |= dict.fromkeys(row["customer_id"] for row in owned)
        detailed: dict[CustomerId, None] = {}
        for table in DETAILS:
            rows = _changed_details(connection, table, listings, known)
            self._upsert(connection, table, rows)
            detailed |= dict.fromkeys(row["customer_id"] for row in rows)
        write_cards(connection, list(detailed))
        changed |= detailed
        tally.new = sum(one.id not in known for one in listings)
        tally.changed = sum(name in known for name in changed)
        tally.unchanged = len(listings) - tally.new - tally.changed
        return tally

    def _changed_numbers(
        self, connection: sa.Connection, listings: Iterable[Listing], known: Collection[str]
    ) -> list[dict[str, Any]]:
        having = [one for one in listings if one.numbers]
        owner = customer_numbers.c.customer_id
        old = [one.id for one in having if one.id in known]
        before = {
            (row["e164"], row["customer_id"]): row["kind"]
            for row in _rows(connection, customer_numbers, owner, old)
        }
        return [
            {"e164": e164, "customer_id": one.id, "kind": kind.value}
            for one in having
            for e164, kind in one.numbers.items()
            if before.get((e164, one.id)) != kind.value
        ]

    def _upsert(
        self, connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        if not rows:
            return
        keys = [column.name for column in table.primary_key]
        insert = self._database.insert(table)
        others = {
            column.name: insert.excluded[column.name]
            for column in table.columns
            if column.name not in keys and column.name in rows[0]
        }
        if connection.dialect.name == "postgresql":
            told = _told(table)
            columns = [column.name for column in table.columns if column.name in rows[0]]
            insert = insert.from_select(columns, sa.select(*(told.c[name] for name in columns)))
            # No statement writes a row twice: the last word counts.
            last = {tuple(row[key] for key in keys): row for row in rows}
            upsert = insert.on_conflict_do_update(index_elements=keys, set_=others)
            connection.execute(upsert, {"told": _json(list(last.values()))})
            return
        upsert = insert.on_conflict_do_update(index_elements=keys, set_=others)
        # Past SQLAlchemy, whose work for each row costs more than the row: a file may have millions.
        connection.exec_driver_sql(self._database.spoken(upsert, rows[0]), list(rows))


def write_cards(connection: sa.Connection, ids: Sequence[CustomerId]) -> None:
    """Bring what the pop shows of these customers in line with what the tables say.

    Whoever writes into one of `DETAILS` calls this in the same transaction.
    """
    for chunk in _chunks(ids):
        cards: dict[str, dict[str, list[dict[str, Any]]]] = {name: {} for name in chunk}
        for shown, asked in _CARD:
            owner = asked.selected_columns.customer_id
            for row in connection.execute(asked.where(_among(connection, owner, chunk))).mappings():
                things = cards[row["customer_id"]].setdefault(shown, [])
                if len(things) < _ON_CARD:
                    things.append({k: v for k, v in row.items() if k != "customer_id"})
        written = [
            {"id": name, "card": _json(card) if card else None} for name, card in cards.items()
        ]
        if connection.dialect.name == "postgresql":
            told = _told(customers)
            update = sa.update(customers).where(customers.c.id == told.c.id)
            connection.execute(update.values(card=told.c.card), {"told": _json(written)})
        else:
            connection.exec_driver_sql("UPDATE customers SET card = :card WHERE id = :id", written)


def record_of(connection: sa.Connection, customer: CustomerId) -> dict[str, Any] | None:
    """All that is listed of a customer, each table by its name."""
    return next(iter(_records(connection, [customer])), None)


def _records(connection: sa.Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    records: dict[str, dict[str, Any]] = {}
    for row in _rows(connection, customers, customers.c.id, ids):
        del row["card"]
        records[row["id"]] = {"customer": row, **{name: [] for name in _OF_CUSTOMER}}
    for name, table in _OF_CUSTOMER.items():
        for row in _rows(connection, table, table.c.customer_id, list(records)):
            records[row.pop("customer_id")][name].append(row)
    return list(records.values())


def _page(connection: sa.Connection, after: str) -> list[dict[str, Any]]:
    ids = sa.select(customers.c.id).where(customers.c.id > after).order_by(customers.c.id)
    return _records(connection, connection.execute(ids.limit(_CHUNK)).scalars().all())


def _most_shared(connection: sa.Connection) -> list[tuple[str, int]]:
    many = sa.func.count()
    number = customer_numbers.c.e164
    asked = sa.select(number, many).group_by(number).having(many > 1).order_by(many.desc(), number)
    return [(masked(row[0]), row[1]) for row in connection.execute(asked.limit(_MOST_SHARED))]


PROMISE_ON_CARD = ("id", "what", "owner", "due_at", "state", "created_at", "reopened")

COMPLAINT_ON_CARD = ("id", "what", "category", "owner", "state", "due_at", "opened_at")

# What a card shows, in this order.
_CARD: tuple[tuple[str, sa.Select[Any]], ...] = (
    ("addresses", sa.select(customer_addresses).order_by(customer_addresses.c.id)),
    (
        "products",
        sa.select(customer_products).order_by(
            customer_products.c.installed_on.desc(), customer_products.c.id
        ),
    ),
    (
        "services",  # What is still to be done first.
        sa.select(customer_services).order_by(
            customer_services.c.state.desc(), customer_services.c.day.desc(), customer_services.c.id
        ),
    ),
    (
        "promises",
        sa.select(promises.c.customer_id, *(promises.c[name] for name in PROMISE_ON_CARD))
        .where(promises.c.state.in_([state.value for state in OWED]))
        .order_by(promises.c.due_at, promises.c.id),
    ),
    (
        "complaints",
        sa.select(complaints.c.customer_id, *(complaints.c[name] for name in COMPLAINT_ON_CARD))
        .where(complaints.c.state.not_in([state.value for state in ENDED]))
        .order_by(complaints.c.due_at, complaints.c.id),
    ),
)


def _merged(connection: sa.Connection, ids: Iterable[str]) -> dict[CustomerId, CustomerId]:
    """Those of these customers who were merged into another one, and into whom."""
    changes = customer_changes.c
    found: dict[CustomerId, CustomerId] = {}
    for chunk in _chunks(ids):
        asked = sa.select(changes.gone, changes.kept).where(
            _among(connection, changes.gone, chunk),
            changes.what == "merge",
            changes.undone_at.is_(None),
        )
        found |= {CustomerId(gone): CustomerId(kept) for gone, kept in connection.execute(asked)}
    return found


def _changed_details(
    connection: sa.Connection,
    table: sa.Table,
    listings: Iterable[Listing],
    known: Collection[str],
) -> list[dict[str, Any]]:
    having = [one for one in listings if one.details.get(table.name)]
    # Who is new has nothing yet: a first import need not look.
    old = [one.id for one in having if one.id in known]
    before = {
        (row["customer_id"], row["id"]): row
        for row in _rows(connection, table, table.c.customer_id, old)
    }
    empty = {column.name: None for column in table.columns}
    rows: dict[tuple[str, Any], dict[str, Any]] = {}
    for one in having:
        for said in one.details[table.name]:
            key = (one.id, said["id"])
            was = rows.get(key) or before.get(key) or empty
            after = {**was, **said, "customer_id": one.id}
            if after != before.get(key):
                rows[key] = after
    return list(rows.values())


def _new(customer: CustomerId, at: int) -> dict[str, Any]:
    return {
        **dict.fromkeys(FIELDS),
        "id": customer,
        "kind": "person",
        "card": None,
        "created_at": at,
    }


def _told(table: sa.Table) -> sa.TableValuedAlias:
    """Rows of a table, told PostgreSQL as one JSON text: to be asked for each of them takes it longer than to write."""
    text = sa.cast(sa.bindparam("told", type_=sa.Text), postgresql.JSON)
    like_it: sa.ColumnElement[Any] = sa.literal_column(f"NULL::{table.name}")
    told = sa.func.json_populate_recordset(like_it, text)
    return told.table_valued(*(sa.column(one.name, one.type) for one in table.columns), name="told")


def _json(thing: Any) -> str:
    return msgspec.json.encode(thing).decode()


def _rows(
    connection: sa.Connection,
    table: sa.Table,
    column: sa.ColumnElement[Any],
    values: Sequence[str],
) -> list[dict[str, Any]]:
    """The rows in which the column has one of these values, in the order of their keys."""
    if not values:
        return []
    asked = sa.select(table).where(_among(connection, column, values))
    names = [column.name for column in table.columns]
    # By hand: a mapping of SQLAlchemy's takes three times as long to be made a dict.
    found = connection.execute(asked.order_by(*table.primary_key)).all()
    return [dict(zip(names, row, strict=True)) for row in found]


def _among(
    connection: sa.Connection, column: sa.ColumnElement[Any], values: Sequence[str]
) -> sa.ColumnElement[bool]:
    """The column has one of these values, which are one parameter: hundreds take longer to be read than to be found."""
    if connection.dialect.name == "postgresql":
        return column == sa.any_(sa.literal(list(values), postgresql.ARRAY(sa.Text)))
    listed = sa.func.json_each(_json(values)).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    every = list(things)
    return (every[first : first + _CHUNK] for first in range(0, len(every), _CHUNK))
