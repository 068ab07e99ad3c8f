"""A branch of the tree of dispositions is what is below it, on whatever is written, and nothing is counted twice."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from acd.core.disposition import Disposition, Dispositions
from acd.reports import pages
from acd.reports.facts import ANSWERED
from acd.reports.html import as_html
from acd.reports.names import Names
from acd.reports.questions import Key
from acd.reports.render import as_csv, as_json
from acd.reports.roll_up import Line, rolled_up
from acd.reports.sums import Sums, added
from tests.reports.test_pages import question
from tests.reports.told import Told


def calls(n: int) -> Sums:
    """So many that were answered."""
    sums = Sums(calls=n)
    for _ in range(n):
        sums.stay(ANSWERED).wait(1000 * n)
    return sums


@st.composite
def trees(draw: st.DrawFn) -> Dispositions:
    """Codes, each below one that came before it, or below none."""
    found: dict[str, Disposition] = {}
    for n in range(draw(st.integers(0, 12))):
        above = draw(st.sampled_from([None, *found]))
        found[f"d{n}"] = Disposition(code=f"d{n}", name=f"D {n}", above=above)
    return found


@given(trees(), st.data())
def test_every_level_adds_up(tree: Dispositions, data: st.DataObject) -> None:
    codes = st.sampled_from([None, "stranger", *tree])
    found = {
        code: calls(n) for code, n in data.draw(st.dictionaries(codes, st.integers(1, 9))).items()
    }
    lines = rolled_up(found, tree)
    assert added(line.sums for line in lines if line.level == 0) == added(found.values())
    for n, line in enumerate(lines):
        below = below_of(lines, n)
        if below:
            assert line.sums == added(one.sums for one in below)
        else:
            assert line.sums == found[line.code]
    leaves = [line.code for n, line in enumerate(lines) if not below_of(lines, n)]
    assert sorted(map(str, leaves)) == sorted(map(str, found))


def below_of(lines: list[Line], n: int) -> list[Line]:
    """The lines right below this one."""
    found = []
    for line in lines[n + 1 :]:
        if line.level <= lines[n].level:
            break
        if line.level == lines[n].level + 1:
            found.append(line)
    return found


TREE = {
    "solved": Disposition(code="solved", name="Solved"),
    "phone": Disposition(code="phone", name="By phone", above="solved"),
    "visit": Disposition(code="visit", name="By a visit", above="solved"),
    "complaint": Disposition(code="complaint", name="Complaint"),
    "late": Disposition(code="late", name="Too late", above="complaint"),
}


async def test_a_branch_stands_above_its_parts_in_every_format() -> None:
    books = Told(
        {(0,): calls(1)},
        by_key={
            (0, "phone"): calls(4),
            (0, "visit"): calls(2),
            (0, "complaint"): calls(1),
            (0, "late"): calls(3),
            (0, "undisposed"): calls(5),
            (0, None): calls(6),
        },
    )
    names = Names(dispositions=TREE)
    report = await pages.service(books, question(), names, [Key.OUTCOME], by_time=False)
    (section,) = report.sections
    answered = [column.name for column in section.columns].index("calls.answered")
    assert [
        (level, row[0], row[answered])
        for level, row in zip(section.levels, section.rows, strict=True)
    ] == [
        (0, "Solved", 6),
        (1, "By phone", 4),
        (1, "By a visit", 2),
        (0, "Complaint", 4),
        (1, "Too late", 3),
        (1, "Complaint (no further said)", 1),
        (0, "(not said)", 5),
        (0, "(none)", 6),
        (0, "Total", 21),
    ]
    assert json.loads(as_json(report))["sections"][0]["levels"] == list(section.levels)
    rows = list(csv.reader(io.StringIO(as_csv(report).removeprefix("\ufeff"))))
    heads = next(row for row in rows if row[:1] == ["Outcome"])
    assert heads[-1] == "Level"
    assert next(row for row in rows if row[:1] == ["By phone"])[-1] == "2"
    assert '<td class="below1">By phone</td>' in as_html(report)
