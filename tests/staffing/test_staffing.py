"""What is expected in, how many agents out: files, the ledger's weekdays, the plan, the played day, the command."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import StringIO
from math import sqrt
from pathlib import Path
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from acd.cli import app
from acd.reports.calendar import Step
from acd.reports.facts import ABANDONED, ANSWERED
from acd.reports.questions import Only, Question
from acd.reports.sums import Sums, added
from acd.staffing.demand import BadDemandError, Demand, Expected, read_demand, usual_demand
from acd.staffing.page import Wish, staffing
from acd.staffing.plan import Target, by_erlang_a, by_erlang_c, needed
from acd.staffing.played import played, served, settled
from tests.reports.told import SHANGHAI, Told

HALF_MS = 1_800_000
PATIENCE_MS = 120_000
DOCS = Path(__file__).parent.parent.parent / "docs"


def expected(calls: float, aht_s: float = 180, label: str = "09:00") -> Expected:
    return Expected(label=label, length_ms=HALF_MS, calls=calls, aht_ms=1000 * aht_s)


def test_a_file_is_read_as_people_write_it() -> None:
    text = "\ufeffStart, calls ,AHT,agents\n9:00,40,180,6\n09:30,12.5,200.5,\n10:30,0,0,2\n"
    first, second, third = read_demand(StringIO(text), name="f.csv")
    assert (first.label, first.calls, first.aht_ms, first.agents) == ("09:00", 40, 180_000, 6)
    assert (first.length_ms, second.length_ms, third.length_ms) == (HALF_MS, 3_600_000, 3_600_000)
    assert first.load == 4 and second.agents is None and third.load == 0
    (alone,) = read_demand(StringIO("start,calls,aht\n09:00,4,180\n"), name="f", length_ms=900_000)
    assert alone.length_ms == 900_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "f.csv:1: there is no column start or calls or aht"),
        ("start,calls\n", "f.csv:1: there is no column aht"),
        ("start,calls,aht\n", "no interval"),
        ("start,calls,aht\n9 am,1,1\n", "f.csv:2: start '9 am' is no time"),
        ("start,calls,aht\n09:00,1,1\n09:00,1,1\n", "f.csv:3: start 09:00 is not after"),
        ("start,calls,aht\n09:00,many,1\n", "f.csv:2: calls 'many' is no number"),
        ("start,calls,aht\n09:00,nan,1\n", "f.csv:2: calls 'nan' is not within"),
        ("start,calls,aht\n09:00,-1,1\n", "is not within"),
        ("start,calls,aht\n09:00,9,0\n", "an AHT of 0"),
        ("start,calls,aht\n09:00,1000000,80000\n", "aht is in seconds"),
        ("start,calls,aht\n09:00,1\n", "f.csv:2: aht '' is no number"),
        ("start,calls,aht,agents\n09:00,1,60,two\n", "f.csv:2: agents 'two'"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(text: str, says: str) -> None:
    with pytest.raises(BadDemandError) as error:
        read_demand(StringIO(text), name="f.csv")
    assert says in str(error.value)


class Weekdays(Told):
    """A ledger that knows two Mondays, and on one of them twice as much."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[date] = []

    async def sums(self, lines, **_):  # type: ignore[no-untyped-def]
        from datetime import datetime

        day = datetime.fromtimestamp(lines[0].began_at / 1000, SHANGHAI).date()
        self.asked.append(day)
        times = {date(2026, 11, 23): 1, date(2026, 11, 16): 2}.get(day, 0)
        if not times:
            return {}
        sums = Sums(talks=10 * times, talk_ms=10 * times * 170_000, wrap_up_ms=10 * times * 10_000)
        for _ in range(10 * times):
            sums.stay(ANSWERED).wait(4_000)
        for _ in range(2 * times):
            sums.stay(ABANDONED).wait(30_000)
        sums.refused["full"] += 3 * times
        return {(18,): sums, (20,): Sums(talks=1, talk_ms=60_000)}


async def test_a_weekday_is_as_it_has_been() -> None:
    books = Weekdays()
    day = date(2026, 11, 30)
    asked = Question(first=day, last=day, zone=SHANGHAI, as_of=0, step=Step.HALF, only=Only())
    demand = await usual_demand(books, asked, weeks=3, patience_ms=None, otherwise_ms=1)
    assert books.asked == [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
    (line,) = demand.lines  # From the first interval with calls to the last.
    assert (line.label, line.calls, line.aht_ms) == ("09:00", 22.5, 180_000)
    assert demand.source == "2026-11-16, 2026-11-23"
    assert demand.patience_ms == (30 * 4_000 + 6 * 30_000) / 6
    with pytest.raises(BadDemandError, match="nothing came on any Monday"):
        await usual_demand(Told(), asked, weeks=3, patience_ms=None, otherwise_ms=PATIENCE_MS)


@given(
    st.floats(0.1, 400),
    st.floats(20, 900),
    st.floats(0.05, 0.99),
    st.integers(0, 120),
    st.one_of(st.none(), st.floats(0.3, 0.95)),
)
def test_it_is_enough_and_one_fewer_is_not(
    calls: float, aht_s: float, level: float, within_s: int, occupancy: float | None
) -> None:
    target = Target(service_level=level, within_ms=1000 * within_s, occupancy=occupancy)
    line = expected(calls, aht_s)
    counts = []
    for formula in (by_erlang_c(target), by_erlang_a(target, PATIENCE_MS)):
        n = needed(target, line, formula)
        assert target.reached(formula(n, line))
        assert not target.reached(formula(n - 1, line))
        counts.append(n)
    if not within_s:  # Else who gives up might have been answered in time.
        assert counts[1] <= counts[0], "who gives up leaves less to do"


def test_each_kind_of_target_by_itself() -> None:
    line = expected(100)  # 10 erlangs.
    nothing = Target(service_level=None)
    assert not nothing.wants_something
    formula = by_erlang_c(nothing)
    assert needed(Target(service_level=0.8), line, formula) == 14
    assert needed(Target(service_level=None, asa_ms=7_900), line, formula) == 14
    assert needed(Target(service_level=None, asa_ms=7_800), line, formula) == 15
    assert needed(Target(service_level=None, occupancy=0.5), line, formula) == 20
    impatient = by_erlang_a(nothing, PATIENCE_MS)
    few = needed(Target(service_level=None, abandoned=0.2), line, impatient)
    assert few < 10, "fewer agents than there is work, if a fifth may go"
    assert Target(shrinkage=0.3).on_the_rota(14) == 20
    assert needed(Target(), replace(line, calls=0), formula) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("calls", "agents", "within_s"), [(100, 10, 20), (100, 12, 10), (60, 6, 30), (130, 10, 20)]
)
def test_what_is_played_is_what_palm_said(calls: int, agents: int, within_s: int) -> None:
    """The router, the queue and the books agree with the formula, when a day is as the formula supposes."""
    target = Target(within_ms=1000 * within_s)
    lines = [expected(calls, label=str(n)) for n in range(8)]
    said = by_erlang_a(target, PATIENCE_MS)(agents, lines[0])
    days: list[Sequence[Sums]] = [
        played(lines, [agents] * 8, patience_ms=PATIENCE_MS, days=1, seed=seed)[2:]  # Warm by then.
        for seed in range(12)
    ]
    told = [served(added(day), target) for day in days]
    for name in ("in_time", "abandoned", "occupancy", "asa_ms"):
        values = [getattr(one, name) for one in told]
        error = stdev(values) / sqrt(len(values))
        assert mean(values) == pytest.approx(getattr(said, name), abs=3.5 * error), name


@pytest.mark.slow
def test_who_is_left_over_spoils_the_next_interval_and_the_plan_is_corrected() -> None:
    """An hour that was staffed for its average: the played day sees that it began with a crowd."""
    target = Target()
    lines = [expected(150, label="rush"), expected(20, label="calm")]
    plan = [8, needed(target, lines[1], by_erlang_a(target, 600_000))]
    said = by_erlang_a(target, 600_000)(plan[1], lines[1])
    found = played(lines, plan, patience_ms=600_000, days=3, seed=1)
    assert served(found[1], target).in_time < said.in_time - 0.1
    corrected, found = settled(lines, plan, target, patience_ms=600_000, days=3, seed=1)
    assert all(target.reached(served(sums, target)) for sums in found)
    assert all(after >= before for after, before in zip(corrected, plan, strict=True))
    again = settled(lines, plan, target, patience_ms=600_000, days=3, seed=1)
    assert again == (corrected, found), "the same seed gives the same day"
    assert sum(sums.offered for sums in found) == sum(
        sums.offered for sums in played(lines, plan, patience_ms=600_000, days=3, seed=1)
    ), "the same callers, whoever serves them"


def test_the_page_has_the_voices_beside_each_other() -> None:
    lines = [replace(expected(8), agents=2), expected(0, label="09:30")]
    demand = Demand(lines=lines, patience_ms=PATIENCE_MS, source="a test")
    wish = Wish(target=Target(), demand=demand, zone=SHANGHAI, days=1, agents=[2, 0])
    report = staffing(wish)
    wanted, given_, models = report.sections
    names = [column.name for column in wanted.columns]
    row = dict(zip(names, wanted.rows[0], strict=True))
    formula = by_erlang_c(wish.target)
    assert row["C.agents"] == needed(wish.target, lines[0], formula) == 3
    assert row["C.in_time"] == formula(3, lines[0]).in_time
    assert {row[f"{voice}.agents"] for voice in "CAP"} <= {2, 3}
    quiet = dict(zip(names, wanted.rows[1], strict=True))
    assert (quiet["C.agents"], quiet["A.agents"], quiet["A.in_time"]) == (0, 0, 1.0)
    total = dict(zip([c.name for c in given_.columns], given_.rows[-1], strict=True))
    assert total["calls"] == 8 and total["C.agents"] == 2
    assert [line[0] for line in models.rows] == ["C: Erlang C", "A: Erlang A", "P: Played"]
    assert {formula.name for formula in report.formulas()} >= {"sl.offered", "wait.asa"}
    assert len(staffing(replace(wish, days=0, agents=None)).sections) == 2


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["staffing", *arguments])


@pytest.mark.slow
def test_the_command_and_what_it_refuses(tmp_path: Path) -> None:
    day = str(DOCS / "staffing-day.csv")
    told = run(day, "--days", "0", "--agents", "22", "--format", "json", "--shrinkage", "30")
    assert told.exit_code == 0, told.output
    data = json.loads(told.output)
    assert data["headline"]["C.peak"] == 15 and data["headline"]["A.peak"] == 13
    (total,) = (row for row in data["sections"][1]["rows"] if row[0] == "Total")
    assert total[1] == 1775, "the appliance maker's busy day"
    table = run(day, "--days", "0", "--lang", "zh")
    assert table.exit_code == 0 and "所需座席" in table.output
    page = tmp_path / "plan.html"
    assert run(day, "--days", "0", "--format", "html", "--out", str(page)).exit_code == 0
    assert "<svg" in page.read_text(encoding="utf-8")
    for arguments, says in (
        ([], "Say what is expected"),
        ([day, "--like", "2026-11-30"], "One of them"),
        (["/nowhere.csv"], "cannot be read"),
        ([day, "--service-level", "0"], "There is no target"),
        (["--like", "2026-11-30", "--database", "sqlite:////nowhere/c.db"], "no database"),
    ):
        refused = run(*arguments)
        assert refused.exit_code == 1 and says in refused.output, refused.output
