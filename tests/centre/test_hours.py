"""Opening hours mean what people mean: by night, on holidays, when clocks change; mistakes are told by line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from acd.centre.hours import (
    MEANING,
    WEEKDAYS,
    Because,
    DayPlan,
    Hours,
    Region,
    Schedule,
    expand,
    plan,
    read_schedule,
)
from acd.core.customer import DAY_MS
from acd.core.hours import is_open, next_change
from ivr.plain_yaml import Reader, compose

MINUTE_MS = 60_000
CLOSED_WEEK: tuple[Hours, ...] = ((),) * 7
OFFICE = """\
time_zone: Asia/Shanghai
week: {mon-fri: "09:00-12:00, 13:00-18:00", sat: "10:00-16:00"}
holidays: CN
days:
  2026-12-31: "09:00-12:00"
  2027-01-02: closed
  2027-02-05..2027-02-11: "10:00-12:00"
"""


def _read(text: str) -> tuple[Schedule, list[str]]:
    reader = Reader(file="centre.yaml", meaning=MEANING)
    root = compose(text, "centre.yaml")
    assert root is not None
    return read_schedule(reader, root), [str(problem) for problem in reader.problems]


def _schedule(text: str) -> Schedule:
    schedule, problems = _read(text)
    assert problems == []
    return schedule


def _hours(text: str) -> Hours:
    return _schedule(f"time_zone: UTC\nweek: {{mon: {text}}}").week[0]


def _ms(text: str, zone: str = "UTC", *, fold: int = 0) -> int:
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return int(wall.timestamp()) * 1000


def _told(schedule: Schedule, text: str, days: int = 1) -> list[str]:
    """The spans of so many days from a local time on, in UTC."""
    calendar = expand(schedule, _ms(text, schedule.time_zone), days)
    return [
        "-".join(f"{datetime.fromtimestamp(ms // 1000, UTC):%d %H:%M}" for ms in span)
        for span in calendar.spans
    ]


def _daily(zone: str, hours: Hours) -> Schedule:
    return Schedule(time_zone=zone, week=(hours,) * 7)


# What the file says


def test_a_good_one():
    office = _schedule(OFFICE)
    assert office.time_zone == "Asia/Shanghai"
    assert office.week == (((540, 720), (780, 1080)),) * 5 + (((600, 960),), ())
    assert office.region == Region(country="CN")
    assert (office.on_holidays, office.on_make_up_days) == ((), None)
    assert office.days[date(2026, 12, 31)] == ((540, 720),)
    assert office.days[date(2027, 1, 2)] == ()
    assert [office.days[date(2027, 2, day)] for day in range(5, 12)] == [((600, 720),)] * 7
    assert len(office.days) == 9


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("closed", ()),
        ("Closed", ()),
        ("9:00-17:30", ((540, 1050),)),
        ('"09:00 - 12:00,13:00-18:00"', ((540, 720), (780, 1080))),
        ('"09:00-12:00, 12:00-18:00"', ((540, 720), (720, 1080))),
        ("00:00-24:00", ((0, 1440),)),
        ("22:00-06:00", ((1320, 1800),)),
        ("22:00-00:00", ((1320, 1440),)),
        ("23:59-23:58", ((1439, 2878),)),
    ],
)
def test_hours(text: str, hours: Hours):
    assert _hours(text) == hours


@pytest.mark.parametrize(
    ("text", "open_days"),
    [
        ("mon", "mon"),
        ("MON-wed", "mon tue wed"),
        ("sat-mon", "mon sat sun"),
        ("mon-sun", "mon tue wed thu fri sat sun"),
        ("'mon, wed, fri-sat'", "mon wed fri sat"),
    ],
)
def test_weekdays(text: str, open_days: str):
    week = _schedule(f"time_zone: UTC\nweek: {{{text}: 09:00-17:00}}").week
    assert [day for day, hours in zip(WEEKDAYS, week, strict=True) if hours] == open_days.split()


def test_a_region_and_the_language_of_its_names():
    text = OFFICE.replace("CN", "DE-BY\nholiday_language: en_US\non_holidays: 10:00-12:00")
    bavaria = _schedule(text)
    assert bavaria.region == Region(country="DE", subdivision="BY", language="en_US")
    assert bavaria.on_holidays == ((600, 720),)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("Asia/Shanghai", "Asia/Shangai", "1: time_zone 'Asia/Shangai' is unknown; did you mean"),
        ("Asia/Shanghai", "asia/shanghai", "did you mean 'Asia/Shanghai'?"),
        ("Asia/Shanghai", "Beijing", "did you mean 'Asia/Shanghai'?"),
        ("Asia/Shanghai", "UTC+8", "is unknown"),
        ("Asia/Shanghai", "localtime", "is unknown"),
        ("Asia/Shanghai", "../../etc/passwd", "is unknown"),
        ("time_zone:", "timezone:", "1: a calendar has no word 'timezone'; did you mean"),
        ("CN", "XX", "3: holidays 'XX' are of no country known here. It takes the two letters"),
        ("CN", "China", "did you mean 'CN'?"),
        ("CN", "de-by", "did you mean 'DE-BY'?"),
        ("CN", "DE-BX", "3: holidays: DE has no part 'BX'. Its parts: BB, BE"),
        ("CN", "CN-11", "3: holidays: CN has no part '11'. Its parts: none"),
        ("CN", "CN\nholiday_language: zh", "4: holiday_language 'zh' is not known for CN. Known"),
        ("holidays: CN", "on_holidays: closed", "3: on_holidays says nothing without 'holidays'"),
        ("holidays: CN", "on_make_up_days: closed", "on_make_up_days says nothing without"),
        ("mon-fri", "mon-fry", "2: week: 'mon-fry' is no day; did you mean 'fri'?"),
        ("mon-fri", "monday", "2: week: 'monday' is no day; did you mean 'mon'?"),
        ("mon-fri", "mon-sat", "2: sat already has hours on line 2; remove one of the two"),
        ('"09:00-12:00, 13:00-18:00"', "09:00-12:00, 13:00-18:00", "several times need quotes"),
        ("13:00-18:00", "11:59-18:00", "2: mon-fri: '11:59-18:00' begins before the hours in"),
        ("13:00-18:00", "07:00-08:00", "write them in the order of the day"),
        ("13:00-18:00", "13:00-13:00", "ends when it begins; the whole day is 00:00-24:00"),
        ("13:00-18:00", "24:00-02:00", "a day begins at 00:00 and ends at 24:00"),
        ("13:00-18:00", "13:00-25:00", "a day begins at 00:00 and ends at 24:00"),
        ("13:00-18:00", "13:60-18:00", "'13:60-18:00' is no time of opening; it takes closed or"),
        ("13:00-18:00", "1pm-6pm", "'1pm-6pm' is no time of opening"),
        ("13:00-18:00", "１３:00-18:00", "is no time of opening"),
        ("13:00-18:00", "", "'' is no time of opening"),
        ("13:00-18:00", "20:00-09:30", "mon goes on until 09:30 of tue, which begins at 09:00"),
        ("2026-12-31", "31.12.2026", "5: days: '31.12.2026' is no date; write it like 2026-12-31"),
        ("2026-12-31", "20261231", "is no date"),
        ("2026-12-31", "2026-12-32", "5: days: there is no 2026-12-32; a month of that year has"),
        ("2026-12-31", "2026-02-29", "there is no 2026-02-29"),
        ("2026-12-31", "0000-01-01", "there is no 0000-01-01"),
        ("2026-12-31", "2027-01-02", "6: '2027-01-02' is already given on line 5"),
        ("2026-12-31", "2027-02-05", "7: 2027-02-05 already has hours on line 5; remove one"),
        ("2027-02-11", "2026-02-11", "7: days: '2027-02-05..2026-02-11' is backwards or longer"),
        ("2027-02-11", "9999-02-11", "is backwards or longer than a year"),
        ("2027-02-11", "", "7: days: '' is no date"),
        ("closed", "shut", "6: 2027-01-02: 'shut' is no time of opening"),
        ("closed", "[09:00-12:00]", "2027-01-02 takes one word here, not a list"),
        ("closed", "", "6: 2027-01-02 is empty"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_do(right: str, wrong: str, told: str):
    assert right in OFFICE
    problems = _read(OFFICE.replace(right, wrong, 1))[1]
    assert any(told in problem for problem in problems), problems
    assert all(problem.startswith("centre.yaml:") for problem in problems)


def test_all_mistakes_are_told_at_once():
    text = OFFICE.replace("Shanghai", "x").replace("16:00", "26:00").replace("closed", "shut")
    assert [problem.split(":")[1] for problem in _read(text)[1]] == ["1", "2", "6"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time_zone: UTC", "a calendar needs 'week': the hours by day, such as"),
        ("week: {mon: closed}", "a calendar needs 'time_zone': where these hours are meant"),
        ("time_zone: UTC\nweek:", "week takes 'word: value' lines, not nothing"),
        ("time_zone: UTC\nweek: always", "week takes 'word: value' lines, not the text 'always'"),
        ("always", "a calendar takes 'word: value' lines"),
    ],
)
def test_what_is_missing(text: str, told: str):
    assert told in _read(text)[1][0]


def test_a_machine_without_time_zones_is_told_what_to_install():
    code = (
        "from ivr.plain_yaml import Reader, compose\n"
        "from acd.centre.hours import MEANING, read_schedule\n"
        "import sys, zoneinfo; sys.modules['tzdata'] = None\n"
        "reader = Reader(file='c', meaning=MEANING)\n"
        "read_schedule(reader, compose('time_zone: Asia/Shanghai\\nweek: {mon: closed}', 'c'))\n"
        "print(*reader.problems)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "knows no time zones at all: pip install tzdata" in run.stdout


# Which hours count on a date

PEKING = Schedule(
    time_zone="Asia/Shanghai",
    week=(((540, 1080),),) * 5 + (((600, 960),), ()),
    region=Region(country="CN"),
    days={date(2026, 10, 6): ((600, 660),)},
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-09-28", DayPlan(hours=((540, 1080),), because=Because.WEEK)),
        ("2026-10-17", DayPlan(hours=((600, 960),), because=Because.WEEK)),
        ("2026-10-18", DayPlan(hours=(), because=Because.WEEK)),
        ("2026-10-01", DayPlan(hours=(), because=Because.HOLIDAY, holiday="国庆节")),
        # 调休: a Saturday and a Sunday which are worked like a Monday.
        ("2026-10-10", DayPlan(hours=((540, 1080),), because=Because.MAKE_UP_DAY)),
        ("2026-01-04", DayPlan(hours=((540, 1080),), because=Because.MAKE_UP_DAY)),
        # Worked in exchange for a day off of the next year.
        ("2006-12-30", DayPlan(hours=((540, 1080),), because=Because.MAKE_UP_DAY)),
    ],
)
def test_what_counts_on_a_date(day: str, expected: DayPlan):
    assert plan(PEKING, date.fromisoformat(day)) == expected


def test_a_date_of_ones_own_stands_above_a_holiday_and_still_tells_its_name():
    day = plan(PEKING, date(2026, 10, 6))
    assert (day.hours, day.because) == (((600, 660),), Because.DATE)
    assert day.holiday is not None


def test_hours_of_ones_own_for_holidays_and_make_up_days():
    schedule = Schedule(
        time_zone="Asia/Shanghai",
        week=CLOSED_WEEK,
        region=Region(country="CN", language="en_US"),
        on_holidays=((0, 60),),
        on_make_up_days=((60, 120),),
    )
    national_day = plan(schedule, date(2026, 10, 1))
    assert (national_day.hours, national_day.holiday) == (((0, 60),), "National Day")
    assert plan(schedule, date(2026, 10, 10)).hours == ((60, 120),)
    assert plan(schedule, date(2026, 10, 11)).hours == ()


@pytest.mark.parametrize(("part", "holiday"), [("BY", True), ("BE", False)])
def test_a_holiday_of_one_part_of_a_country(part: str, holiday: bool):
    schedule = Schedule(
        time_zone="Europe/Berlin",
        week=CLOSED_WEEK,
        region=Region(country="DE", subdivision=part),
    )
    assert (plan(schedule, date(2026, 1, 6)).because is Because.HOLIDAY) is holiday


# The spans


def test_a_week_of_an_office():
    assert _told(_schedule(OFFICE), "2026-10-09T00:00", days=3) == [
        "09 01:00-09 04:00",
        "09 05:00-09 10:00",
        "10 01:00-10 04:00",  # A Saturday that is worked.
        "10 05:00-10 10:00",
    ]


def test_a_night_ends_on_the_next_day_even_if_that_is_closed():
    week = ((), (), (), (), ((1320, 1800),), (), ())
    schedule = Schedule(time_zone="UTC", week=week, days={date(2026, 6, 6): ()})
    assert _told(schedule, "2026-06-05T00:00", days=3) == ["05 22:00-06 06:00"]
    assert _told(schedule, "2026-06-06T03:00", days=3) == ["06 03:00-06 06:00"]


def test_touching_and_overlapping_hours_are_one_span():
    all_day = _daily("UTC", ((0, 720), (720, 1440)))
    assert len(_told(all_day, "2026-06-05T00:00", days=35)) == 1
    overlapping = Schedule(
        time_zone="UTC",
        week=(((1320, 1800),),) * 7,
        days={date(2026, 6, 6): ((0, 600),), date(2026, 6, 7): ()},
    )
    assert _told(overlapping, "2026-06-05T12:00", days=3) == ["05 22:00-06 10:00"]


def test_nothing_is_known_beyond_the_horizon():
    schedule = _daily("UTC", ((540, 1080),))
    start = _ms("2026-06-05T12:00") + 1
    calendar = expand(schedule, start, days=2)
    assert calendar.known_until == start + 2 * DAY_MS
    assert calendar.spans[0][0] == start
    assert calendar.spans[-1][1] == calendar.known_until
    assert next_change(calendar, calendar.known_until - 1) is None
    assert next_change(calendar, start) == _ms("2026-06-05T18:00")


def test_the_usual_horizon():
    assert expand(PEKING, 0).known_until == 35 * DAY_MS


BERLIN = "Europe/Berlin"
FORWARD, BACK = "2026-03-29T00:00", "2026-10-25T00:00"  # 02:00 to 03:00; 03:00 to 02:00


@pytest.mark.parametrize(
    ("begin", "end", "night", "span"),
    [
        # 02:30 does not exist: it stands for the moment of the jump.
        (150, 360, FORWARD, "29 01:00-29 04:00"),
        (60, 150, FORWARD, "29 00:00-29 01:00"),
        (60, 180, FORWARD, "29 00:00-29 01:00"),
        (180, 360, FORWARD, "29 01:00-29 04:00"),
        # 02:30 comes twice: it stands for the first.
        (150, 360, BACK, "25 00:30-25 05:00"),
        (60, 150, BACK, "24 23:00-25 00:30"),
        (60, 120, BACK, "24 23:00-25 00:00"),
        (60, 180, BACK, "24 23:00-25 02:00"),
        (130, 170, BACK, "25 00:10-25 00:50"),
    ],
)
def test_the_nights_on_which_clocks_change(begin: int, end: int, night: str, span: str):
    assert _told(_daily(BERLIN, ((begin, end),)), night)[0] == span


def test_hours_within_the_jump_are_none():
    assert _told(_daily(BERLIN, ((130, 170),)), FORWARD) == []


def test_a_day_that_an_island_skipped():
    apia = _daily("Pacific/Apia", ((540, 1020),))  # There was no 30 December 2011.
    assert _told(apia, "2011-12-29T00:00", days=3) == [
        "29 19:00-30 03:00",
        "30 19:00-31 03:00",
        "31 19:00-01 03:00",
    ]


# Against somebody who looks at the clock on the wall every minute, and who never believes that it is
# earlier than it was: which is the whole rule for nights on which clocks change.


def _looks(schedule: Schedule, from_ms: int, days: int) -> Iterator[tuple[int, bool]]:
    zone = ZoneInfo(schedule.time_zone)
    latest = datetime.min  # noqa: DTZ901
    for at in range(from_ms - 2 * DAY_MS, from_ms + days * DAY_MS, MINUTE_MS):
        latest = max(latest, datetime.fromtimestamp(at // 1000, zone).replace(tzinfo=None))
        if at >= from_ms:
            yield at, _in_hours(schedule, latest)


def _in_hours(schedule: Schedule, wall: datetime) -> bool:
    for days_ago in range(3):
        day = wall.date() - timedelta(days=days_ago)
        minute = days_ago * 1440 + wall.hour * 60 + wall.minute
        hours = schedule.days.get(day, schedule.week[day.weekday()])
        if any(begin <= minute < end for begin, end in hours):
            return True
    return False


@st.composite
def day_hours(draw: st.DrawFn) -> Hours:
    # Mostly around midnight and the hours at which clocks change.
    minutes = st.one_of(st.integers(0, 1439), st.integers(0, 240), st.integers(1380, 1439))
    edges = sorted(draw(st.sets(minutes, max_size=6)))
    hours = list(zip(edges[::2], edges[1::2], strict=False))
    if hours and draw(st.booleans()):
        begin, _ = hours.pop()
        hours.append((begin, 1440 + draw(st.integers(0, begin))))
    return tuple(hours)


@st.composite
def starts(draw: st.DrawFn, zone: str) -> int:
    """Any minute of 1995 to 2045, or one shortly before the clock of this zone changes."""
    at = draw(st.integers(_ms("1995-01-01") // MINUTE_MS, _ms("2045-01-01") // MINUTE_MS))
    if draw(st.booleans()):
        wall = datetime.fromtimestamp(at * 60, ZoneInfo(zone))
        for _ in range(366):
            later = datetime.fromtimestamp(wall.timestamp() + 86_400, ZoneInfo(zone))
            if later.utcoffset() != wall.utcoffset():
                at = int(wall.timestamp()) // 60 - draw(st.integers(0, 1440))
                break
            wall = later
    return at * MINUTE_MS


@st.composite
def cases(draw: st.DrawFn) -> tuple[Schedule, int]:
    zones = (
        "UTC",
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "America/Havana",  # At midnight.
        "America/St_Johns",  # At one minute past midnight, until 2011.
        "Africa/Casablanca",  # Around Ramadan, and the other way round.
        "Australia/Lord_Howe",  # By half an hour.
        "Antarctica/Troll",  # By two hours.
        "Asia/Kathmandu",
        "Asia/Pyongyang",
        "Pacific/Apia",  # By a day, once.
    )
    zone = draw(st.sampled_from(zones))
    from_ms = draw(starts(zone))
    first = datetime.fromtimestamp(from_ms // 1000, ZoneInfo(zone)).date()
    dates = st.integers(-2, 4).map(lambda days: first + timedelta(days=days))
    schedule = Schedule(
        time_zone=zone,
        week=tuple(draw(st.lists(day_hours(), min_size=7, max_size=7))),
        days=draw(st.dictionaries(dates, day_hours(), max_size=3)),
    )
    return schedule, from_ms


@given(cases())
@example((_daily("Europe/Berlin", ((120, 180),)), _ms("2026-10-24T22:00")))
@example((_daily("Pacific/Apia", ((1380, 1500),)), _ms("2011-12-29T22:00")))
@example((_daily("America/Havana", ((0, 30), (1410, 1440))), _ms("2025-11-01T12:00")))
def test_as_a_look_at_the_wall_every_minute_says(case: tuple[Schedule, int]):
    schedule, from_ms = case
    calendar = expand(schedule, from_ms, days=3)
    for at, seen in _looks(schedule, from_ms, days=3):
        assert is_open(calendar, at) is seen, datetime.fromtimestamp(at // 1000, UTC)


@given(cases(), st.integers(1, 5), st.integers(0, DAY_MS))
def test_a_later_and_a_longer_look_ahead_says_the_same(
    case: tuple[Schedule, int], days: int, later_ms: int
):
    schedule, from_ms = case
    short, long = expand(schedule, from_ms, days), expand(schedule, from_ms + later_ms, days + 2)
    edges = {edge for calendar in (short, long) for span in calendar.spans for edge in span}
    for at in sorted(edge + step for edge in edges for step in (-1, 0)):
        if from_ms + later_ms <= at < short.known_until:
            assert is_open(short, at) is is_open(long, at)
