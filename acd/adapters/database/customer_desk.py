"""Customers and contacts as the API takes and shows them: checked row by row, good ones kept, bad ones told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from acd.adapters.database.customer_book import PROMISE_ON_CARD, CustomerBook
from acd.adapters.database.directory import Directory
from acd.adapters.database.listings import (
    DETAILS,
    FIELDS,
    NUMBERS,
    BadListing,
    Listing,
    customer_id,
    detail_of,
    fields_of,
    numbers_of,
)
from acd.adapters.database.numbers import read_number
from acd.core.customer import CAN_REPEAT
from acd.core.ids import CustomerId

_CLOCKS_DIFFER_MS = 5 * 60_000

Taken = dict[str, Any]


_SCORE = ("at", "question", "scale", "score", "queue", "agent")


class CustomerDesk:
    """The port of the API for customers."""

    def __init__(self, book: CustomerBook, directory: Directory, *, region: str) -> None:
        self._book = book
        self._directory = directory
        self._region = region

    async def put(self, rows: Sequence[Mapping[str, Any]], *, at: int) -> Taken:
        """List customers or correct them. A row with a number that cannot be read is taken without it."""
        today = datetime.fromtimestamp(at / 1000, UTC).date()
        listings: list[Listing] = []
        problems = []
        for n, row in enumerate(rows):
            try:
                numbers, told = numbers_of(
                    ((one["kind"], one["number"]) for one in row.get("numbers", ())), self._region
                )
                listings.append(
                    Listing(
                        id=customer_id(row["id"]),
                        fields=fields_of({name: row[name] for name in FIELDS if name in row}),
                        numbers=numbers,
                        details={
                            detail.table: [detail_of(what, one, today) for one in row[what]]
                            for what, detail in DETAILS.items()
                            if what in row
                        },
                    )
                )
            except BadListing as error:
                told = [str(error)]
            problems += [_problem(n, row["id"], text) for text in told]
        tally = await self._book.put(listings, at=at)
        rows_of = {row["id"]: n for n, row in enumerate(rows)}
        problems += [
            _problem(rows_of[name], name, "name: is empty, and this customer is new")
            for name in tally.nameless
        ]
        return {
            "new": tally.new,
            "changed": tally.changed,
            "unchanged": tally.unchanged,
            "problems": problems,
        }

    async def find(self, customer: str) -> dict[str, Any] | None:
        """All that is listed of a customer, as the API shows it."""
        record = await self._book.find(CustomerId(customer))
        if record is None:
            return None
        words = {kind.value: word for word, kind in NUMBERS.items()}
        return {
            **record["customer"],
            "numbers": [
                {"number": row["e164"], "kind": words[row["kind"]]}
                for row in record["customer_numbers"]
            ],
            **{what: record[detail.table] for what, detail in DETAILS.items()},
            "promises": [
                {name: row[name] for name in PROMISE_ON_CARD} for row in record["promises"]
            ],
            "contacts": record["contacts"],
            "scores": [
                {name: row[name] for name in _SCORE}
                for row in sorted(record["surveys"], key=lambda row: (-row["at"], row["id"]))
                if row["score"] is not None
            ],
        }

    async def who_has(self, number: str, *, at: int) -> list[str]:
        """The ids of the customers who have a number."""
        identity = await self._directory.identify(number, at=at, window_ms=1)
        return [customer.id for customer in identity.customers]

    async def put_contacts(self, rows: Sequence[Mapping[str, Any]], *, at: int) -> Taken:
        """Contacts of other channels, into the same line as calls; one told again is corrected."""
        kept, problems = [], []
        for n, row in enumerate(rows):
            customer, number, problem = row.get("customer"), row.get("number"), None
            if row["at"] > at + _CLOCKS_DIFFER_MS:
                problem = "at: lies in the future"
            elif customer is None and number is None:
                problem = "customer: is empty, and so is number; one of them must be known"
            elif number is not None:
                number = read_number(number, self._region).e164
                if number is None:
                    problem = "number: is no subscriber's number"
                elif customer is None:
                    who = await self._directory.identify(number, at=row["at"], window_ms=1)
                    if who.confidence in CAN_REPEAT and who.customer is not None:
                        customer = who.customer.id
            if problem is not None:
                problems.append(_problem(n, row["id"], problem))
                continue
            words = ("id", "at", "channel", "agent", "queue", "reason", "outcome", "summary")
            said = {word: row.get(word) for word in words}
            kept.append({**said, "customer_id": customer, "number": number})
        await self._book.add_contacts(kept)
        return {"taken": len(kept), "problems": problems}


def _problem(row: int, name: str, text: str) -> dict[str, Any]:
    return {"row": row, "id": name, "problem": text}
