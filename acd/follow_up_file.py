"""Reads who is to be called from a CSV file, or from the report of who gave up; never calls who was reached since.

A file may have columns number, customer, what and zone, in any order, named in English or Chinese; one of the first
two it must have. Whatever else there is, is for the agent's screen. Of the report as `cordboard report abandoned`
writes it, the rows are taken whom nobody has talked to since, and who have a number.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from acd.reports.words import WORDS
from acd.spreadsheet import SEPARATORS, BadFile, bare, encoding_of

KNOWN = ("number", "customer", "what", "zone")
_CHINESE: Mapping[str, str] = {
    "号码": "number",
    "电话": "number",
    "客户编号": "customer",
    "事由": "what",
    "时区": "zone",
}
_REACHED = frozenset(WORDS["reached"])
# The report's, by which its callers are named: the screen shows who he is, as far as its agent may see that.
_CALLER = frozenset(WORDS["caller"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One who is to be called: what is known of him, by our names, and what is for the screen."""

    said: Mapping[str, str]
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpFile:
    """Who is on it; and, of a report, how many are not to be called, or cannot be."""

    entries: Sequence[Entry]
    reached: int = 0
    numberless: int = 0


def read_file(file: Path, encoding: str | None = None) -> FollowUpFile:
    """All of it. Raises BadFile, OSError."""
    rows = _rows(file, encoding)
    first = next(rows, [])
    if first[:1] and bare(first[0]) in WORDS["abandoned"]:
        return _of_report(rows)
    return FollowUpFile(entries=[_entry(row) for row in _named(first, rows) if any(row.values())])


def _of_report(rows: Iterator[list[str]]) -> FollowUpFile:
    """Its head comes after what it is about; it ends where its table does."""
    head = next((row for row in rows if not _REACHED.isdisjoint(row)), [])
    table = [row for row in _named(head, rows) if any(row.values())]
    unreached = [row for row in table if not any(row.get(name) for name in _REACHED)]
    numbered = [row for row in unreached if re.search(r"\d", row.get("number", ""))]
    for row in numbered:
        for name in _CALLER:
            row.pop(name, None)
    return FollowUpFile(
        entries=[_entry(row) for row in numbered],
        reached=len(table) - len(unreached),
        numberless=len(unreached) - len(numbered),
    )


def _named(head: Sequence[str], rows: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    """The rows' cells, by our names of their columns, or the file's own."""
    names = [_name(cell) for cell in head]
    if not {"number", "customer"} & {*names}:
        raise BadFile("has no column number or customer")
    for row in rows:
        yield {
            name: bare(cell).strip() for name, cell in zip(names, row, strict=False) if name.strip()
        }


def _name(cell: str) -> str:
    name = bare(cell).strip().lstrip("\ufeff")
    ours = _CHINESE.get(name, name.lower())
    return ours if ours in KNOWN else name


def _entry(row: Mapping[str, str]) -> Entry:
    return Entry(
        said={name: row[name] for name in KNOWN if row.get(name)},
        data={name: cell for name, cell in row.items() if cell and name not in KNOWN},
    )


def _rows(file: Path, named: str | None) -> Iterator[list[str]]:
    with file.open("rb") as raw:
        encoding = named or encoding_of(raw)
        content = raw.read()
    try:
        text = content.decode(encoding)
    except LookupError:
        raise BadFile(f"encoding {encoding}: there is none of this name") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadFile(f"line {line} has bytes that are not {encoding}") from None
    separator = max(SEPARATORS, key=text.partition("\n")[0].count)
    # As they stand: a cell may hold several lines, and a quote that is not closed is no end of one.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for row in reader:
            yield row
            begins = reader.line_num + 1
    except csv.Error:
        problem = "a quote is not closed, or not where a cell ends"
        raise BadFile(f"the row from line {begins} on: {problem}") from None
