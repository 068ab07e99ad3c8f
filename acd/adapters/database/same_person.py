"""Makes two customers one, or one two, and takes it back; loses nothing of either."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from acd.adapters.database.customer_book import write_cards
from acd.adapters.database.one_person import FOLLOWING, MOVING, PrivacyError
from acd.adapters.database.tables import calls, customer_changes, customer_numbers, customers, facts
from acd.cases.refused import Why
from acd.core.ids import CustomerId


def merge(connection: sa.Connection, kept: CustomerId, gone: CustomerId, at: int) -> int:
    """All that was the one's is the other's. Returns the change's number. Raises PrivacyError."""
    row = connection.execute(sa.select(customers).where(customers.c.id == gone)).mappings().first()
    there = connection.execute(sa.select(customers.c.id).where(customers.c.id == kept)).scalar()
    for name, found in ((kept, there), (gone, row)):
        if found is None:
            raise PrivacyError(f"there is no customer {name}", Why.UNKNOWN_CUSTOMER)
    assert row is not None
    moved = _move(connection, gone, kept, None)
    connection.execute(sa.delete(customers).where(customers.c.id == gone))
    write_cards(connection, [kept])
    return _note(connection, "merge", kept, gone, {"customer": dict(row), "moved": moved}, at)


def split(
    connection: sa.Connection,
    customer: str,
    new: str,
    name: str,
    numbers: Sequence[str | None],
    at: int,
) -> int:
    """These numbers, and what came from them, are another one's. Returns as `merge` does, and raises PrivacyError."""
    row = (
        connection.execute(sa.select(customers).where(customers.c.id == customer))
        .mappings()
        .first()
    )
    if row is None:
        raise PrivacyError(f"there is no customer {customer}", Why.UNKNOWN_CUSTOMER)
    if connection.execute(sa.select(customers.c.id).where(customers.c.id == new)).scalar():
        raise PrivacyError(
            f"there is a customer {new} already: choose another id", Why.CUSTOMER_EXISTS
        )
    his = (
        connection.execute(
            sa.select(customer_numbers.c.e164).where(customer_numbers.c.customer_id == customer)
        )
        .scalars()
        .all()
    )
    if not numbers or any(number not in his for number in numbers):
        raise PrivacyError(f"these are not all numbers of customer {customer}", Why.NOT_HIS_NUMBERS)
    connection.execute(
        customers.insert().values({**row, "id": new, "name": name, "notes": None, "card": None})
    )
    moved = _move(connection, CustomerId(customer), CustomerId(new), [n for n in numbers if n])
    write_cards(connection, [CustomerId(customer), CustomerId(new)])
    return _note(connection, "split", CustomerId(new), CustomerId(customer), {"moved": moved}, at)


def _move(
    connection: sa.Connection, giver: CustomerId, taker: CustomerId, numbers: list[str] | None
) -> dict[str, list[Any]]:
    """Give what is the one's to the other: all, or these numbers and what came from them. Returns what was moved."""
    moved: dict[str, list[Any]] = {}
    for table in MOVING if numbers is None else (customer_numbers,):
        key = table.c.e164 if table is customer_numbers else table.c.id
        mine = sa.select(table).where(table.c.customer_id == giver)
        if numbers is not None:
            mine = mine.where(key.in_(numbers))
        rows = [dict(row) for row in connection.execute(mine).mappings()]
        theirs = frozenset(
            connection.execute(sa.select(key).where(table.c.customer_id == taker)).scalars()
        )
        for row in rows:
            if row[key.name] not in theirs:
                row = {**row, "customer_id": taker}
                connection.execute(table.insert().values(row))
        connection.execute(
            sa.delete(table).where(
                table.c.customer_id == giver, key.in_([r[key.name] for r in rows])
            )
        )
        # What both had stays the taker's, and is the giver's again when this is undone.
        moved[table.name] = [{**row, "both": row[key.name] in theirs} for row in rows]
    for table in FOLLOWING:
        his = sa.select(table.c.id).where(table.c.customer_id == giver)
        if numbers is not None:
            his = his.where(table.c.number.in_(numbers) if "number" in table.c else sa.false())
        ids = list(connection.execute(his.order_by(table.c.id)).scalars())
        _rename(connection, table, ids, giver, taker)
        moved[table.name] = ids
    if numbers is None:
        named = facts.c.person == giver
        moved["facts"] = [
            list(row)
            for row in connection.execute(
                sa.select(facts.c.kind, facts.c.began_at, facts.c.subject).where(named)
            )
        ]
        connection.execute(sa.update(facts).where(named).values(person=taker))
    return moved


def _rename(
    connection: sa.Connection, table: sa.Table, ids: Sequence[str], giver: str, taker: str
) -> None:
    if ids:
        his = table.c.id == sa.bindparam("which"), table.c.customer_id == giver
        connection.execute(
            sa.update(table).where(*his).values(customer_id=taker),
            [{"which": name} for name in ids],
        )


def undo(connection: sa.Connection, number: int, at: int) -> None:
    """Take a change back. Raises PrivacyError."""
    asked = sa.select(customer_changes).where(customer_changes.c.serial == number)
    change = connection.execute(asked).mappings().first()
    if change is None:
        raise PrivacyError(f"there is no change {number}", Why.UNKNOWN_CHANGE)
    if change["undone_at"] is not None:
        raise PrivacyError(f"change {number} is undone already", Why.UNDONE_ALREADY)
    kept, gone = CustomerId(change["kept"]), CustomerId(change["gone"])
    if connection.execute(sa.select(customers.c.id).where(customers.c.id == kept)).scalar() is None:
        raise PrivacyError(
            f"there is no customer {kept} any more: undo first what has made him another one",
            Why.UNKNOWN_CUSTOMER,
        )
    before = msgspec.json.decode(change["before"])
    if "customer" in before:
        if connection.execute(sa.select(customers.c.id).where(customers.c.id == gone)).scalar():
            raise PrivacyError(
                f"a customer {gone} was listed again meanwhile: merge him anew instead",
                Why.CUSTOMER_EXISTS,
            )
        connection.execute(customers.insert().values(before["customer"]))
    moved = before["moved"]
    for table in MOVING:
        key = table.c.e164 if table is customer_numbers else table.c.id
        for row in moved.get(table.name, ()):
            both = row.pop("both")
            still = sa.and_(table.c.customer_id == kept, key == row[key.name])
            found = connection.execute(sa.select(key).where(still)).first()
            if found is None and not both:
                continue  # It was taken from him since.
            if not both:
                connection.execute(sa.delete(table).where(still))
            connection.execute(table.insert().values(row))
    for table in FOLLOWING:
        _rename(connection, table, moved.get(table.name, ()), kept, gone)
    if "customer" in before:  # What was told of these calls since the merge is his too.
        for name in moved.get(calls.name, ()):
            told = facts.c.conversation == name, facts.c.person == kept
            connection.execute(sa.update(facts).where(*told).values(person=gone))
    for kind, began_at, subject in moved.get("facts", ()):
        key_of = (facts.c.kind == kind, facts.c.began_at == began_at, facts.c.subject == subject)
        his_still = (*key_of, facts.c.person == kept)
        connection.execute(sa.update(facts).where(*his_still).values(person=gone))
    if "customer" not in before:  # A split: who was made by it is gone again.
        connection.execute(
            sa.delete(customers).where(
                customers.c.id == kept,
                ~sa.exists().where(customer_numbers.c.customer_id == kept),
            )
        )
    write_cards(connection, [kept, gone])
    connection.execute(
        sa.update(customer_changes)
        .where(customer_changes.c.serial == number)
        .values(undone_at=at, before="{}")
    )


def _note(
    connection: sa.Connection,
    what: str,
    kept: CustomerId,
    gone: CustomerId,
    before: dict[str, Any],
    at: int,
) -> int:
    row = {
        "at": at,
        "what": what,
        "kept": kept,
        "gone": gone,
        "before": msgspec.json.encode(before).decode(),
    }
    number: int = connection.execute(
        customer_changes.insert().values(row).returning(customer_changes.c.serial)
    ).scalar_one()
    return number
