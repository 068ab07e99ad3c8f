"""Customers as tests list them: one at a time, with their numbers as people write them."""

from collections.abc import Mapping

from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.listings import Listing
from acd.adapters.database.numbers import read_number
from acd.core.customer import Confidence, Customer


async def list_customer(
    database: Database, customer: Customer, numbers: Mapping[str, Confidence], *, at: int
) -> None:
    """List or correct this one; his other numbers stay."""
    names = ("name", "segment", "language", "notes")
    readable = {read_number(raw, "CN").e164 or "": kind for raw, kind in numbers.items()}
    said = {name: getattr(customer, name) for name in names}
    listing = Listing(id=customer.id, fields=said, numbers=readable)
    await CustomerBook(database).put([listing], at=at)
