"""What somebody tells us of a customer, checked field by field: pure, mends only spelling, and says what is wrong.

Whatever brings customers here (a file, the API) goes through this: one rule for a date, one for a number.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias

from acd.adapters.database.numbers import masked, read_number
from acd.core.customer import Confidence
from acd.core.ids import CustomerId

KINDS = ("person", "household", "company")
FIELDS = ("name", "kind", "segment", "language", "region", "notes")
NUMBERS = {
    "mobile": Confidence.OWN,
    "home": Confidence.HOME,
    "work": Confidence.WORK,
    "shared": Confidence.SHARED,
    "switchboard": Confidence.SWITCHBOARD,
}
MOST_NUMBERS = 20  # Of one customer.

_LONGEST = {"notes": 4_000, "text": 500}
_LONGEST_OTHER = 200
_ID = re.compile(r"[^\s\x00-\x1f\x7f]{1,64}")
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?"
)
_FIRST_DAY = date(1900, 1, 1)
_PLANNED = timedelta(days=5 * 366)  # Nobody plans a visit for later.

Row: TypeAlias = Mapping[str, str | None]


class BadListing(Exception):
    """This cannot be listed; the text says what is wrong in which field, and never what stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is said of one customer. What is not named stays as it is; None empties it."""

    id: CustomerId
    fields: Row = field(default_factory=dict)  # Some of FIELDS. Who is new needs a name.
    numbers: Mapping[str, Confidence] = field(default_factory=dict)  # E.164.
    details: Mapping[str, Sequence[Row]] = field(default_factory=dict)  # By the table's name.

    def and_then(self, later: "Listing") -> "Listing":
        """Both, of the same customer; the later word counts."""
        assert later.id == self.id
        names = dict.fromkeys((*self.details, *later.details))
        return Listing(
            id=self.id,
            fields={**self.fields, **later.fields},
            numbers={**self.numbers, **later.numbers},
            details={
                name: (*self.details.get(name, ()), *later.details.get(name, ())) for name in names
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One of the things that a customer has several of."""

    table: str
    required: tuple[str, ...]  # Besides `id`.
    optional: tuple[str, ...] = ()


DETAILS = {
    "addresses": Detail(table="customer_addresses", required=("text",), optional=("region",)),
    "products": Detail(
        table="customer_products", required=("name",), optional=("installed_on", "address")
    ),
    "services": Detail(
        table="customer_services",
        required=("kind", "name"),
        optional=("state", "day", "product"),
    ),
}


def customer_id(text: str | None) -> CustomerId:
    """The id of a customer, as whoever owns his data calls him."""
    text = (text or "").strip()
    if not _ID.fullmatch(text):
        raise BadListing("id: " + ("is empty" if not text else "1 to 64 characters without blanks"))
    return CustomerId(text)


def fields_of(said: Row) -> Row:
    """The fields, without what cannot be shown."""
    checked = {name: _text(name, value) for name, value in said.items()}
    kind = checked.get("kind")
    if kind is not None and kind not in KINDS:
        raise BadListing(f"kind: it takes one of {', '.join(KINDS)}")
    if "kind" in checked and kind is None:
        checked["kind"] = KINDS[0]
    if "name" in checked and checked["name"] is None:
        raise BadListing("name: is empty")
    return checked


def numbers_of(
    said: Iterable[tuple[str, str]], region: str
) -> tuple[dict[str, Confidence], list[str]]:
    """The numbers, each with whose it is, and what is wrong with those that cannot be read.

    A number with an extension is a switchboard, whatever it was said to be. `said` is (mobile …, number).
    """
    found: dict[str, Confidence] = {}
    problems = []
    for kind, text in said:
        reading = read_number(text, region)
        if reading.e164 is None:
            why = (
                "no subscriber's number" if reading.confidence is Confidence.SHORT else "no number"
            )
            problems.append(f"{kind}: {masked(text)} is {why}")
        elif len(found) == MOST_NUMBERS and reading.e164 not in found:
            problems.append(f"{kind}: more than {MOST_NUMBERS} numbers")
        else:
            many = reading.confidence is Confidence.SWITCHBOARD
            found[reading.e164] = Confidence.SWITCHBOARD if many else NUMBERS[kind]
    return found, problems


def detail_of(what: str, said: Row, today: date) -> Row:
    """One address, product or service."""
    detail = DETAILS[what]
    row = {name: _text(name, value) for name, value in said.items() if name != "id"}
    for name in detail.required:
        if row.get(name) is None:
            raise BadListing(f"{name}: is empty")
    for name in ("installed_on", "day"):
        if row.get(name) is not None:
            latest = today if name == "installed_on" else today + _PLANNED
            row[name] = _day(name, row[name] or "", latest)
    if what == "services":
        row["state"] = row.get("state") or "done"
        if row["state"] not in ("open", "done"):
            raise BadListing("state: it takes one of open, done")
    # Who gives no id has one of each name: an address "home", a fridge.
    named = said.get("id") or row.get("name") or "home"
    row["id"] = customer_id(re.sub(r"\s+", "-", named.strip())[:64])
    return row


def _text(name: str, value: str | None) -> str | None:
    text = " ".join((value or "").split()) if name != "notes" else (value or "").strip()
    if not text.isprintable():
        text = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
    longest = _LONGEST.get(name, _LONGEST_OTHER)
    if len(text) > longest:
        raise BadListing(f"{name}: {len(text)} characters, {longest} at most")
    return text or None


def _day(name: str, text: str, latest: date) -> str:
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        raise BadListing(f"{name}: is no date; write 2024-05-31") from None
    if not _FIRST_DAY <= day <= latest:
        where = "before 1900" if day < _FIRST_DAY else "in the future"
        raise BadListing(f"{name}: {day.isoformat()} lies {where}")
    return day.isoformat()
