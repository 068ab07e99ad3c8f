"""Reads customers from a CSV file and writes them into one; never guesses what a row means, and loses none.

A file may have any of these columns, in any order, named in English or Chinese; `id` it must have. Rows of the same
id belong together: a customer of two products has two rows. An empty cell leaves what is there as it is, a cell with
nothing but - empties it.

    id, name, kind, segment, language, region, notes
    mobile, home, work, shared, switchboard      several numbers: 13800138000;13900139000
    address, address_id, product, product_id, installed_on
    service, service_id, service_kind, service_state, service_day

What is written here goes through spreadsheets: see `acd.spreadsheet`.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, TextIO

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
from acd.spreadsheet import SEPARATORS, BadFile, bare, encoding_of, guarded

# Column → (what it is of, its name there).
_DETAIL_COLUMNS: Mapping[str, tuple[str, str]] = {
    "address": ("addresses", "text"),
    "address_id": ("addresses", "id"),
    "product": ("products", "name"),
    "product_id": ("products", "id"),
    "installed_on": ("products", "installed_on"),
    "service": ("services", "name"),
    "service_id": ("services", "id"),
    "service_kind": ("services", "kind"),
    "service_state": ("services", "state"),
    "service_day": ("services", "day"),
}
COLUMNS = ("id", *FIELDS, *NUMBERS, *_DETAIL_COLUMNS)
_OURS = ("line", "problem")  # What a file of rows kept aside has besides.
_CHINESE: Mapping[str, str] = {
    "编号": "id",
    "客户编号": "id",
    "姓名": "name",
    "名称": "name",
    "类型": "kind",
    "级别": "segment",
    "语言": "language",
    "地区": "region",
    "备注": "notes",
    "手机": "mobile",
    "家庭电话": "home",
    "单位电话": "work",
    "共用电话": "shared",
    "总机": "switchboard",
    "地址": "address",
    "地址编号": "address_id",
    "产品": "product",
    "产品编号": "product_id",
    "安装日期": "installed_on",
    "服务": "service",
    "服务编号": "service_id",
    "服务类型": "service_kind",
    "服务状态": "service_state",
    "服务日期": "service_day",
}
_KINDS = {"个人": "person", "家庭": "household", "公司": "company", "企业": "company"}

_BETWEEN_NUMBERS = re.compile(r"[;；、|\n]")
_LONGEST_CELL = 10_000
_PIECE = 1 << 20
# What a byte becomes that is none of the encoding.
_BROKEN = re.compile("[\\ud800-\\udfff\\ufffd]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row: what it lists, if anything, and what is wrong with it. A listing may leave a bad number out."""

    number: int  # Of the first line it stands on, as an editor counts.
    cells: tuple[str, ...]
    listing: Listing | None = None
    problems: tuple[str, ...] = ()


class CustomerFile:
    """A CSV file of customers, read from the top once."""

    def __init__(
        self, file: BinaryIO, *, region: str, today: date, encoding: str | None = None
    ) -> None:
        """Read the first line. Raises BadFile."""
        self.encoding = encoding or encoding_of(file)
        self.errors = "replace" if "16" in self.encoding else "surrogateescape"
        try:
            text = io.TextIOWrapper(
                file, encoding=self.encoding, errors=self.errors, newline="", write_through=True
            )
        except LookupError:
            raise BadFile(f"encoding {self.encoding}: there is none of this name") from None
        self._region = region
        self._today = today
        head = text.readline(_PIECE)
        if not head.strip():
            raise BadFile("is empty; its first line must name the columns, such as id,name,mobile")
        self.separator = max(SEPARATORS, key=head.count)
        self.head = tuple(next(csv.reader([head], delimiter=self.separator)))
        names = [_column(name) for name in self.head]
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise BadFile(f"has column {', '.join(twice)} twice")
        if "id" not in names:
            raise BadFile(
                f"has no column id. Its columns are {', '.join(self.head[:10])[:200]}; "
                f"we know {', '.join(COLUMNS)}"
            )
        self.unknown = [
            said
            for said, name in zip(self.head, names, strict=True)
            if not name and said not in _OURS
        ]
        self._names = names
        # An unclosed quote would take in the rest of the file, and csv gives up here at the latest.
        csv.field_size_limit(_LONGEST_CELL)
        self._read: list[str] = []  # The lines of the row that is being read.
        # Kept: whoever gave us the file has it open, and a wrapper that nobody holds closes it.
        self._text = text
        self._rows = csv.reader(self._remembered(), delimiter=self.separator)

    def _remembered(self) -> Iterator[str]:
        for line in self._text:
            self._read.append(line)
            yield line

    def _is_whole(self) -> bool:
        """Whether the quotes of the row just read are closed where its cells end: csv itself lets the file's end do."""
        try:
            return len(list(csv.reader(self._read, delimiter=self.separator, strict=True))) == 1
        except csv.Error:
            return False

    def __iter__(self) -> Iterator[Line]:
        while True:
            number = self._rows.line_num + 2
            self._read.clear()
            try:
                cells = next(self._rows)
            except StopIteration:
                return
            except csv.Error:
                problem = (
                    f"lines {number} to {self._rows.line_num + 1}: a cell of more than "
                    f"{_LONGEST_CELL} characters; is a quote not closed?"
                )
                yield Line(number=number, cells=(), problems=(problem,))
                continue
            if any(cell.strip() for cell in cells):
                yield self._line(number, tuple(cells))

    def _line(self, number: int, cells: tuple[str, ...]) -> Line:
        if len(cells) != len(self.head):
            last = self._rows.line_num + 1
            lines = f" (to line {last}: is a quote not closed?)" if last > number else ""
            problem = f"{len(cells)} cells where the first line has {len(self.head)}{lines}"
            return Line(number=number, cells=cells, problems=(problem,))
        if len(self._read) > 1 and not self._is_whole():
            problem = (
                f"lines {number} to {self._rows.line_num + 1}: "
                "a quote is not closed, or not where a cell ends"
            )
            return Line(number=number, cells=cells, problems=(problem,))
        if any(_BROKEN.search(cell) for cell in cells):
            problem = f"bytes that are not {self.encoding}"
            return Line(number=number, cells=cells, problems=(problem,))
        said = {
            name: text
            for name, cell in zip(self._names, cells, strict=True)
            if name is not None and cell and (text := bare(cell).strip())
        }
        try:
            listing, problems = _listing(said, self._region, self._today)
        except BadListing as error:
            return Line(number=number, cells=cells, problems=(str(error),))
        return Line(number=number, cells=cells, listing=listing, problems=tuple(problems))


def _listing(said: Mapping[str, str], region: str, today: date) -> tuple[Listing, list[str]]:
    """What a row lists; `said` has the cells in which there is something, by their columns."""
    fields = {name: _emptied(said[name]) for name in FIELDS if name in said}
    if fields.get("kind"):
        fields["kind"] = _KINDS.get(fields["kind"] or "", fields["kind"])
    numbers, problems = numbers_of(
        (
            (kind, text.strip())
            for kind in NUMBERS
            if kind in said
            for text in _BETWEEN_NUMBERS.split(said[kind])
            if text.strip() not in ("", "-")
        ),
        region,
    )
    things: dict[str, dict[str, str | None]] = {}
    for column, (of, name) in _DETAIL_COLUMNS.items():
        if column in said:
            things.setdefault(of, {})[name] = _emptied(said[column])
    return (
        Listing(
            id=customer_id(said.get("id")),
            fields=fields_of(fields),
            numbers=numbers,
            details={DETAILS[of].table: [detail_of(of, row, today)] for of, row in things.items()},
        ),
        problems,
    )


def _emptied(cell: str) -> str | None:
    return None if cell == "-" else cell


def _column(name: str) -> str | None:
    name = bare(name).strip().lstrip("\ufeff").lower().replace(" ", "_")
    name = _CHINESE.get(name, name)
    return name if name in COLUMNS else None


class KeptAside:
    """The rows that were not taken as they are, in a file beside, to be mended and given again."""

    def __init__(self, source: Path, read: CustomerFile) -> None:
        self.path = source.with_suffix(".kept-aside.csv")
        self.count = 0
        self._read = read
        self._file: TextIO | None = None
        self._writer: Any = None
        self.path.unlink(missing_ok=True)

    def keep(self, line: Line, problems: Iterable[str]) -> None:
        """Write this one down."""
        kept = [n for n, name in enumerate(self._read.head) if name not in _OURS]
        if self._file is None:
            self._file = self.path.open(
                "w", encoding=self._read.encoding, errors=self._read.errors, newline=""
            )
            self._writer = csv.writer(self._file, delimiter=self._read.separator)
            self._writer.writerow([*(self._read.head[n] for n in kept), *_OURS])
        cells = [guarded(bare(line.cells[n])) if n < len(line.cells) else "" for n in kept]
        self._writer.writerow([*cells, line.number, "; ".join(problems)])
        self.count += 1

    def close(self) -> None:
        """No more."""
        if self._file is not None:
            self._file.close()


def write_rows(file: TextIO, records: Iterable[Mapping[str, Any]], *, head: bool) -> None:
    """Write customers, each a record as `customer_book` shows it, so that they can be read again."""
    writer = csv.writer(file)
    if head:
        writer.writerow(COLUMNS)
    for record in records:
        for row in _rows_of(record):
            writer.writerow([guarded(row.get(name) or "") for name in COLUMNS])


def _rows_of(record: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
    person = record["customer"]
    rows: list[dict[str, str | None]] = [{name: person[name] for name in FIELDS}]
    by_kind = {kind.value: name for name, kind in NUMBERS.items()}
    for number in record["customer_numbers"]:
        column = by_kind[number["kind"]]
        rows[0][column] = ";".join(filter(None, (rows[0].get(column), number["e164"])))
    for what, detail in DETAILS.items():
        columns = {name: column for column, (of, name) in _DETAIL_COLUMNS.items() if of == what}
        for n, thing in enumerate(record[detail.table]):
            if n == len(rows):
                rows.append({name: person[name] for name in FIELDS})
            rows[n] |= {column: thing[name] for name, column in columns.items()}
    return ({**row, "id": person["id"]} for row in rows)
