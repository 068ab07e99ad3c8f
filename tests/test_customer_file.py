"""Files of customers as people have them: every encoding, every mistake told with its line, nothing lost."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.customer import Confidence
from acd.customer_file import CustomerFile, Line
from acd.spreadsheet import BadFile, bare, encoding_of, guarded

TODAY = date(2026, 5, 1)
HEAD = "id,name,mobile"


def lines(text: str | bytes, encoding: str | None = None) -> list[Line]:
    return list(opened(text, encoding))


def opened(text: str | bytes, encoding: str | None = None) -> CustomerFile:
    raw = text.encode() if isinstance(text, str) else text
    return CustomerFile(io.BytesIO(raw), region="CN", today=TODAY, encoding=encoding)


def one(head: str, row: str) -> Line:
    (line,) = lines(f"{head}\n{row}\n")
    return line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("head", [HEAD, "编号;姓名;手机", " ID\tName\tMobile "])
def test_encoding_separator_and_language_are_found_out(encoding, head):
    separator = next(mark for mark in ",;\t" if mark in head)
    raw = f"{head}\r\nC-1{separator}周𠮷芳{separator}138 0013 8000\r\n".encode(encoding)
    read = opened(raw)
    assert read.encoding == encoding
    (line,) = read
    assert line.number == 2 and line.problems == ()
    assert line.listing is not None
    assert line.listing.fields == {"name": "周𠮷芳"}
    assert line.listing.numbers == {"+8613800138000": Confidence.OWN}


def test_an_encoding_that_is_named_is_believed():
    raw = f"{HEAD}\nC-1,Jürgen,\n".encode("cp1252")
    assert [line.listing.fields["name"] for line in lines(raw, "cp1252") if line.listing] == [
        "Jürgen"
    ]
    with pytest.raises(BadFile, match="encoding morse: there is none"):
        opened(raw, "morse")


def test_a_broken_byte_costs_its_row_and_no_other():
    raw = f"{HEAD}\nC-1,王芳,\nC-2,李".encode() + b"\xff" + ",\nC-3,张三,\n".encode()
    found = lines(raw)
    assert [bool(line.listing) for line in found] == [True, False, True]
    assert found[1].number == 3 and found[1].problems == ("bytes that are not utf-8",)


def test_what_is_no_text_at_all_is_refused():
    with pytest.raises(BadFile, match="neither UTF-8 nor GB18030"):
        encoding_of(io.BytesIO(b"id\n\xff\xff\xff\x00"))
    with pytest.raises(BadFile, match="is empty"):
        opened("")
    with pytest.raises(BadFile, match="has no column id"):
        opened("name,mobile\n")
    with pytest.raises(BadFile, match="has column id twice"):
        opened("id,编号\n")


def test_columns_nobody_knows_are_named_and_left_alone():
    read = opened("id,name,shoe size\nC-1,王,43\n")
    assert read.unknown == ["shoe size"]
    assert [line.problems for line in read] == [()]


@pytest.mark.parametrize(
    ("head", "row", "problem"),
    [
        ("id,name", ",王", "id: is empty"),
        ("id,name", "C 1,王", "id: 1 to 64 characters without blanks"),
        ("id,name", "C-1,王,more", "3 cells where the first line has 2"),
        ("id,name", f"C-1,{'x' * 201}", "name: 201 characters, 200 at most"),
        ("id,name", f"C-1,{'x' * 20_000}", "a cell of more than 10000 characters"),
        ("id,kind", "C-1,robot", "kind: it takes one of person, household, company"),
        ("id,product,installed_on", "C-1,fridge,soon", "installed_on: is no date"),
        ("id,product,installed_on", "C-1,fridge,2026-02-30", "installed_on: is no date"),
        ("id,product,installed_on", "C-1,fridge,2026-05-02", "2026-05-02 lies in the future"),
        ("id,product,installed_on", "C-1,fridge,1066-10-14", "1066-10-14 lies before 1900"),
        ("id,product,installed_on", "C-1,,2026-04-30", "name: is empty"),
        ("id,service,service_kind,service_day", "C-1,leak,repair,2099-01-01", "in the future"),
        ("id,service,service_kind,service_state", "C-1,leak,repair,?", "state: it takes one of"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(head, row, problem):
    line = one(head, row)
    assert line.listing is None and line.number == 2
    assert problem in line.problems[0], line.problems


@pytest.mark.parametrize(
    ("number", "e164", "kind"),
    [
        ("13800138000", "+8613800138000", "own"),
        ("+1 (650) 253-0000", "+16502530000", "own"),
        ("0049 30 901820", "+4930901820", "own"),
        ("+86 10 8888 8888 ext. 12", "+861088888888", "switchboard"),
        ("010-88888888转12", "+861088888888", "switchboard"),
    ],
)
def test_numbers_of_every_country_and_with_extensions(number, e164, kind):
    line = one(HEAD, f'C-1,王,"{number}"')
    assert line.listing is not None and line.problems == ()
    assert line.listing.numbers == {e164: Confidence(kind)}


@pytest.mark.parametrize("number", ["1-800-FLOWERS", "see notes", "95588", "0", "=1+1", "无"])
def test_a_number_that_is_none_is_told_and_the_customer_is_listed_without_it(number):
    line = one(HEAD, f"C-1,王,{number};13800138000")
    assert line.listing is not None
    assert list(line.listing.numbers) == ["+8613800138000"]
    assert line.problems[0].startswith("mobile: ") and number not in line.problems[0]


def test_an_empty_cell_says_nothing_and_a_dash_empties():
    line = one("id,name,segment,notes,mobile,product", "C-1,王,,-,-,")
    assert line.listing is not None
    assert line.listing.fields == {"name": "王", "notes": None}
    assert line.listing.numbers == {} and line.listing.details == {}


def test_dates_as_people_write_them():
    for written in ("2024-05-31", "2024/5/31", "2024.05.31", "2024年5月31日", "2024-05-31 00:00"):
        line = one("id,product,installed_on", f"C-1,fridge,{written}")
        assert line.listing is not None, line.problems
        (product,) = line.listing.details["customer_products"]
        assert product["installed_on"] == "2024-05-31"


def test_a_quote_that_is_never_closed_loses_no_row_in_silence():
    text = HEAD + '\nC-1,"王,\n' + "".join(f"C-{n},x,\n" for n in range(2, 9))
    (line,) = lines(text)
    assert line.problems == (
        "2 cells where the first line has 3 (to line 9: is a quote not closed?)",
    )
    in_last_column = HEAD + '\nC-1,王,"13800138000\nC-2,李,\nC-3,张,\n'
    (line,) = lines(in_last_column)
    assert line.problems == ("lines 2 to 4: a quote is not closed, or not where a cell ends",)
    endless = HEAD + '\nC-1,"王,\n' + "".join(f"C-{n},x,\n" for n in range(2, 5_000))
    found = lines(endless)
    assert "is a quote not closed?" in found[0].problems[0]
    told = int(found[0].problems[0].split()[3].rstrip(":"))
    assert [line.number for line in found[1:]] == list(range(told + 1, 5_001))


def test_lines_are_counted_as_an_editor_does():
    text = 'id,name,notes\nC-1,王,"one\ntwo"\n\nC-2,李,\nC-3\n'
    assert [(line.number, bool(line.listing)) for line in lines(text)] == [
        (2, True),
        (5, True),
        (6, False),
    ]


@given(st.text(max_size=40))
def test_a_cell_comes_back_as_it_was_and_never_runs(text):
    cell = guarded(text)
    assert bare(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(raw):
    try:
        read = opened(b"id,name\n" + raw)
    except BadFile:
        return
    for line in read:
        assert line.listing is not None or line.problems
