"""Days have 23, 24 or 25 hours; every moment is in one line of a report, in every time zone."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.reports.calendar import Step, intervals, runs, span
from acd.reports.facts import QUARTER_MS

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", date(2026, 11, 21), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("Asia/Kathmandu", date(2026, 5, 1), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_a_day_has_as_many_hours_as_it_has(zone: str, day: date, hours: float) -> None:
    lines = intervals(day, day, ZoneInfo(zone), Step.HALF)
    assert len(lines) == 2 * hours
    assert lines[-1].ended_at - lines[0].began_at == hours * HOUR
    assert len({line.label for line in lines}) == len(lines)
    (whole,) = intervals(day, day, ZoneInfo(zone), Step.DAY)
    assert (whole.began_at, whole.ended_at) == (lines[0].began_at, lines[-1].ended_at)


def test_an_hour_that_comes_twice_is_told_apart() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    labels = [
        line.label for line in intervals(date(2026, 10, 25), date(2026, 10, 25), berlin, Step.HOUR)
    ]
    assert labels[1:5] == ["01:00", "02:00 (+0200)", "02:00 (+0100)", "03:00"]
    labels = [
        line.label for line in intervals(date(2026, 3, 29), date(2026, 3, 29), berlin, Step.HOUR)
    ]
    assert labels[1:3] == ["01:00", "03:00"]


def test_a_week_begins_on_monday() -> None:
    lines = intervals(date(2026, 11, 21), date(2026, 12, 1), ZoneInfo("Asia/Shanghai"), Step.WEEK)
    assert [line.label for line in lines] == [
        "2026-11-21 – 2026-11-22",
        "2026-11-23 – 2026-11-29",
        "2026-11-30 – 2026-12-01",
    ]


def test_the_wrong_way_round_there_is_nothing() -> None:
    assert intervals(date(2026, 1, 2), date(2026, 1, 1), ZoneInfo("UTC"), Step.DAY) == []


zones = st.sampled_from(
    [
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Asia/Beirut",
        "UTC",
    ]
)


@given(
    zones, st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.integers(0, 40), st.sampled_from(Step)
)
def test_every_moment_is_in_one_line_and_no_quarter_of_an_hour_is_in_two(
    name: str, first: date, days: int, step: Step
) -> None:
    zone, last = ZoneInfo(name), first + timedelta(days=days)
    lines = intervals(first, last, zone, step)
    assert (lines[0].began_at, lines[-1].ended_at) == span(first, last, zone)
    for before, after in pairwise(lines):
        assert before.ended_at == after.began_at
    assert all(line.began_at % QUARTER_MS == 0 for line in lines)
    for run in runs(lines):
        for at in (run.began_at, (run.began_at + run.ended_at) // 2, run.ended_at - 1):
            line = lines[run.first + (at - run.began_at) // run.length_ms]
            assert line.began_at <= at < line.ended_at
