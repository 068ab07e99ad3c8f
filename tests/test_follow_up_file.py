"""Who is to be called, out of a file: the report of who gave up comes back as it was, and nothing in it runs."""

import asyncio
import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from acd.follow_up_file import Entry, read_file
from acd.reports import pages
from acd.reports.names import Names
from acd.reports.questions import GaveUp, Only, Question
from acd.reports.render import as_csv
from acd.reports.words import Language
from acd.spreadsheet import BadFile
from tests.reports.told import DAY, EVIL, NINE, SHANGHAI, Told


class GivenUp(Told):
    """A ledger of those who gave up."""

    def __init__(self, found: Sequence[GaveUp]) -> None:
        super().__init__()
        self.found = list(found)

    async def gave_up(self, span: object, *, only: Only) -> list[GaveUp]:
        return self.found


def gave_up(number: str | None, name: str | None = None, reached_at: int | None = None) -> GaveUp:
    return GaveUp(
        person=None,
        number=number,
        name=name,
        queue="hotline",
        times=2,
        first_at=NINE,
        last_at=NINE + 60_000,
        longest_ms=61_000,
        reached_at=reached_at,
        reached_by="ana" if reached_at is not None else None,
    )


def reported(file: Path, language: Language, *found: GaveUp) -> None:
    asked = Question(first=DAY, last=DAY, zone=SHANGHAI, as_of=NINE + 10**8, language=language)
    text = as_csv(
        asyncio.run(pages.gave_up(GivenUp(found), asked, Names(queues={"hotline": "热线"})))
    )
    file.write_text(text, encoding="utf-8", newline="")


@pytest.mark.parametrize("language", Language)
def test_the_report_of_who_gave_up_is_a_list_of_whom_to_call(
    language: Language, tmp_path: Path
) -> None:
    file = tmp_path / "abandoned.csv"
    reported(
        file,
        language,
        gave_up("+8613800138000", EVIL),
        gave_up("+4930901820", "'quoted"),
        gave_up(None),
        gave_up("anonymous"),
        gave_up("+8613800138001", "王芳", reached_at=NINE + 90_000),
    )
    assert "'+8613800138000" in file.read_text(
        encoding="utf-8"
    )  # No spreadsheet makes 8.6E+12 of it.
    read = read_file(file)
    assert [entry.said for entry in read.entries] == [
        {"number": "+8613800138000"},
        {"number": "+4930901820"},
    ]
    shown = [set(entry.data.values()) for entry in read.entries]
    assert "热线" in shown[0] and len(shown[0]) == 5
    # Whom an agent may not see by name, no file shows him either.
    assert EVIL not in shown[0] and "'quoted" not in shown[1]
    assert (read.reached, read.numberless) == (1, 2)


def test_nobody_gave_up_and_nobody_is_called(tmp_path: Path) -> None:
    reported(tmp_path / "abandoned.csv", Language.EN)
    assert read_file(tmp_path / "abandoned.csv").entries == []


def test_a_report_that_a_spreadsheet_has_saved_again_is_the_same(tmp_path: Path) -> None:
    file, again = tmp_path / "abandoned.csv", tmp_path / "again.csv"
    reported(file, Language.ZH, gave_up("+8613800138000", "王芳"))
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    widest = max(map(len, rows))
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([*row, *[""] * (widest - len(row))] for row in rows)
    again.write_text(text.getvalue(), encoding="gb18030", newline="")
    assert read_file(again) == read_file(file)


def test_a_report_of_something_else_is_no_list(tmp_path: Path) -> None:
    file = tmp_path / "daily.csv"
    file.write_text("Daily report\nDays,2026-11-21\n\nBy number dialled\nNumber,Offered\n95588,3\n")
    with pytest.raises(BadFile, match="has no column number or customer"):
        read_file(file)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize(
    "head", ["number,customer,zone", "号码,客户编号,时区", "Number,Customer,Zone"]
)
def test_a_file_becomes_entries(tmp_path: Path, encoding: str, head: str) -> None:
    file = tmp_path / "repairs.csv"
    rows = [f"{head},order,note", "'+8613800138000,C-1,,S-1,'=冰箱", "", ",C-2,Asia/Tokyo,,"]
    file.write_text("\n".join(rows), encoding=encoding)
    assert read_file(file).entries == [
        Entry(
            said={"number": "+8613800138000", "customer": "C-1"},
            data={"order": "S-1", "note": "=冰箱"},
        ),
        Entry(said={"customer": "C-2", "zone": "Asia/Tokyo"}, data={}),
    ]


def test_what_is_no_such_file_says_why(tmp_path: Path) -> None:
    file = tmp_path / "repairs.csv"
    for content, problem in (
        (b"phone\n1\n", "has no column number or customer"),
        (b"", "has no column number or customer"),
        ("号码,note\n1,".encode() + b"\xff\n", "line 2 has bytes that are not utf-8"),
    ):
        file.write_bytes(content)
        with pytest.raises(BadFile, match=problem):
            read_file(file)
    with pytest.raises(BadFile, match="encoding morse: there is none"):
        read_file(file, "morse")


def test_a_quote_that_is_not_closed_takes_no_row_along(tmp_path: Path) -> None:
    file = tmp_path / "repairs.csv"
    file.write_text('number,note\n13800138000,"two\nlines"\n')
    assert [entry.data for entry in read_file(file).entries] == [{"note": "two\nlines"}]
    file.write_text('number,note\n13800138000,"open\n13800138001,x\n')
    with pytest.raises(BadFile, match="the row from line 2 on: a quote is not closed"):
        read_file(file)
