"""Turns opening hours as people write them into spans of UTC for the engine; asks nobody what time it is.

Hours belong to the day on which they begin: a night that begins before a closed day is worked to its end.

A time means the first moment at which the clock on the wall shows it or a later one. So where the clock
goes forward over 02:30, it stands for the moment of the jump; where 02:30 comes twice, for the first.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo, available_timezones

import holidays
import yaml
from holidays.registry import COUNTRIES

from acd.core.customer import DAY_MS
from acd.core.hours import Calendar
from ivr.plain_yaml import Reader, listed, nearest, quoted

HORIZON_DAYS = 35
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MEANING: Mapping[str, str] = {
    "time_zone": "where these hours are meant, such as Asia/Shanghai",
    "week": 'the hours by day, such as {mon-fri: "09:00-18:00"}',
}

# (from, to) in minutes after midnight, in order; `to` is beyond 24 hours where a night ends.
Hours: TypeAlias = tuple[tuple[int, int], ...]

_DAY = 24 * 60
_CLOSED: Hours = ()
_SPAN = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST_RANGE = 366  # More is a slip of the year.


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Whose public holidays count, and the language of their names."""

    country: str
    subdivision: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Opening hours as people mean them."""

    time_zone: str
    week: tuple[Hours, ...]  # Seven, Monday first.
    region: Region | None = None
    on_holidays: Hours = _CLOSED
    on_make_up_days: Hours | None = None  # None: those of a Monday.
    days: Mapping[date, Hours] = field(default_factory=dict)


class Because(StrEnum):
    """What decides the hours of a date; the first of these that applies."""

    DATE = "date"
    MAKE_UP_DAY = "make-up-day"  # A weekend that is worked, in exchange for a day off (调休).
    HOLIDAY = "holiday"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """The hours that begin on one date, and why these."""

    hours: Hours
    because: Because
    holiday: str | None = None  # Its name, whatever decides.


def plan(schedule: Schedule, day: date) -> DayPlan:
    """What counts on this date."""
    holiday, make_up = _public_holiday(schedule.region, day) if schedule.region else (None, False)
    if day in schedule.days:
        return DayPlan(hours=schedule.days[day], because=Because.DATE, holiday=holiday)
    if make_up:
        usual = schedule.week[0] if schedule.on_make_up_days is None else schedule.on_make_up_days
        return DayPlan(hours=usual, because=Because.MAKE_UP_DAY, holiday=holiday)
    if holiday is not None:
        return DayPlan(hours=schedule.on_holidays, because=Because.HOLIDAY, holiday=holiday)
    return DayPlan(hours=schedule.week[day.weekday()], because=Because.WEEK)


def expand(schedule: Schedule, from_ms: int, days: int = HORIZON_DAYS) -> Calendar:
    """When it is open, from `from_ms` on and for so many times 24 hours."""
    zone = ZoneInfo(schedule.time_zone)
    until_ms = from_ms + days * DAY_MS
    # A night reaches into the next day, and a clock may be set back into the day before.
    first, last = (_on_the_wall(zone, ms // 1000).date() for ms in (from_ms, until_ms))
    day, spans = first - timedelta(days=2), []
    while day <= last + timedelta(days=1):
        for begin, end in plan(schedule, day).hours:
            shown = _first_shown(zone, day, begin) * 1000, _first_shown(zone, day, end) * 1000
            spans.append((max(shown[0], from_ms), min(shown[1], until_ms)))
        day += timedelta(days=1)
    return Calendar(spans=_merged(spans), known_until=until_ms)


def _on_the_wall(zone: ZoneInfo, second: int) -> datetime:
    return datetime.fromtimestamp(second, zone).replace(tzinfo=None)


def _first_shown(zone: ZoneInfo, day: date, minute: int) -> int:
    """The first second since 1970 at which the clock on the wall shows this time or a later one."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    by_old_clock, by_new_clock = (
        int(wall.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1)
    )
    if _on_the_wall(zone, by_old_clock) == wall:
        return by_old_clock
    # The clock goes forward over this time, and does so between the two readings of it.
    between = range(by_new_clock, by_old_clock)
    return by_new_clock + bisect_left(between, True, key=lambda at: _on_the_wall(zone, at) >= wall)


def _merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same instants in the fewest spans."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return tuple(merged)


def _public_holiday(region: Region, day: date) -> tuple[str | None, bool]:
    """The name of the holiday on this date, and whether it is a weekend that is worked."""
    known = _holidays_of(region, day.year)
    # A worked Saturday is a weekend to `is_weekend` nevertheless; only the two together tell it.
    return known.get(day), known.is_weekend(day) and known.is_working_day(day)


@lru_cache(maxsize=64)
def _holidays_of(region: Region, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(
        region.country,
        region.subdivision,
        years=year,
        expand=False,  # Asked for another year, `is_working_day` would be wrong in silence.
        language=region.language or _own_language(region),
    )


def _own_language(region: Region) -> str | None:
    # Unless told, the library takes the language of this machine, and names differ between two.
    return holidays.country_holidays(region.country, region.subdivision).default_language


def read_schedule(reader: Reader, node: yaml.Node) -> Schedule:
    """The schedule that is written here. Mistakes are told to `reader`, whose `meaning` includes MEANING."""
    words = reader.words(
        node,
        "a calendar",
        required=("time_zone", "week"),
        optional=("holidays", "holiday_language", "on_holidays", "on_make_up_days", "days"),
    )
    for word in ("holiday_language", "on_holidays", "on_make_up_days"):
        if word in words and "holidays" not in words:
            reader.blame(
                words[word], f"{word} says nothing without 'holidays', such as CN or DE-BY"
            )
    make_up = words.get("on_make_up_days")
    return Schedule(
        time_zone=_time_zone(reader, words.get("time_zone")),
        week=_week(reader, words.get("week")),
        region=_region(reader, words.get("holidays"), words.get("holiday_language")),
        on_holidays=_hours(reader, words.get("on_holidays"), "on_holidays"),
        on_make_up_days=_hours(reader, make_up, "on_make_up_days") if make_up else None,
        days=_days(reader, words.get("days")),
    )


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    # "localtime" is another zone on each machine.
    return frozenset(available_timezones() - {"localtime"})


def _time_zone(reader: Reader, node: yaml.Node | None) -> str:
    text = reader.text(node, "time_zone")
    if text is None or text in _time_zones():
        return text or "UTC"
    if not _time_zones():
        advice = "; this machine knows no time zones at all: pip install tzdata"
    elif "beijing" in text.lower():
        # The tables have never had the city that people think of first.
        advice = "; did you mean 'Asia/Shanghai'?"
    else:
        advice = (
            nearest(text, sorted(_time_zones()))
            + " It takes the name of a zone, like Asia/Shanghai"
        )
    reader.blame(node, f"time_zone {quoted(text)} is unknown{advice}")
    return "UTC"


def _region(
    reader: Reader, node: yaml.Node | None, language_node: yaml.Node | None
) -> Region | None:
    text = reader.text(node, "holidays")
    language = reader.text(language_node, "holiday_language")
    if text is None:
        return None
    countries = holidays.list_supported_countries()
    country, _, subdivision = text.partition("-")
    if country not in countries:
        reader.blame(
            node,
            f"holidays {quoted(text)} are of no country known here{_likely_country(text)} "
            "It takes the two letters of a country, and its part if need be: CN, DE-BY",
        )
        return None
    region = Region(country=country, subdivision=subdivision or None, language=language)
    if subdivision and subdivision not in countries[country]:
        parts = countries[country]
        reader.blame(
            node,
            f"holidays: {country} has no part {quoted(subdivision)}. Its parts: {listed(parts)}",
        )
        return None
    languages = holidays.country_holidays(country).supported_languages
    if language is not None and language not in languages:
        reader.blame(
            language_node,
            f"holiday_language {quoted(language)} is not known for {country}. "
            f"Known: {listed(languages)}",
        )
        return None
    return region


def _likely_country(text: str) -> str:
    named = COUNTRIES.get(text.lower().replace(" ", "_"))
    code = named[1] if named else text.upper().replace("_", "-")
    known = code.partition("-")[0] in holidays.list_supported_countries()
    return f"; did you mean {code[:64]!r}?" if known else "."


def _week(reader: Reader, node: yaml.Node | None) -> tuple[Hours, ...]:
    week = dict.fromkeys(WEEKDAYS, _CLOSED)
    said: dict[str, yaml.Node] = {}
    for text, (key, value) in reader.entries(node, "week").items() if node else ():
        hours = _hours(reader, value, text)
        for day in _weekdays(reader, text, key):
            if day in said:
                line = said[day].start_mark.line + 1
                reader.blame(key, f"{day} already has hours on line {line}; remove one of the two")
            said[day] = key
            week[day] = hours
    for day, next_day in zip(WEEKDAYS, (*WEEKDAYS[1:], WEEKDAYS[0]), strict=True):
        night = week[day][-1][1] - _DAY if week[day] else 0
        if week[next_day] and night > week[next_day][0][0]:
            reader.blame(
                said[day],
                f"{day} goes on until {_clock(night)} of {next_day}, which begins at "
                f"{_clock(week[next_day][0][0])} already; let one end where the other begins",
            )
    return tuple(week.values())


def _weekdays(reader: Reader, text: str, key: yaml.Node) -> list[str]:
    days: list[str] = []
    for part in text.lower().split(","):
        begin, dash, end = (word.strip() for word in part.partition("-"))
        wrong = [day for day in ((begin, end) if dash else (begin,)) if day not in WEEKDAYS]
        if wrong:
            advice = f"{nearest(wrong[0], WEEKDAYS)} It takes mon, mon-fri or 'sat, sun'"
            if _SPAN.fullmatch(text):
                advice = '; within { } several times need quotes: "09:00-12:00, 13:00-18:00"'
            reader.blame(key, f"week: {quoted(text)} is no day{advice}")
            return []
        first = WEEKDAYS.index(begin)
        count = (WEEKDAYS.index(end) - first) % 7 + 1 if dash else 1
        days += [WEEKDAYS[(first + step) % 7] for step in range(count)]
    return days


def _hours(reader: Reader, node: yaml.Node | None, what: str) -> Hours:
    text = reader.text(node, what)
    if text is None or text.lower() == "closed":
        return _CLOSED
    hours: list[tuple[int, int]] = []
    for part in (part.strip() for part in text.split(",")):
        span = _span(part)
        if isinstance(span, str):
            reader.blame(node, f"{what}: {quoted(part)} {span}")
            return _CLOSED
        if hours and span[0] < hours[-1][1]:
            reader.blame(
                node,
                f"{what}: {quoted(part)} begins before the hours in front of it end; "
                "write them in the order of the day, and let none overlap",
            )
            return _CLOSED
        hours.append(span)
    return tuple(hours)


def _span(text: str) -> tuple[int, int] | str:
    """Two minutes of the day, or what is wrong with the text."""
    match = _SPAN.fullmatch(text)
    if match is None:
        return 'is no time of opening; it takes closed or hours, such as "09:00-12:00, 13:00-18:00"'
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    begin, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if begin >= _DAY or end > _DAY:
        return "is no time of opening; a day begins at 00:00 and ends at 24:00"
    if begin == end:
        return "ends when it begins; the whole day is 00:00-24:00"
    return begin, end if end > begin else end + _DAY


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _days(reader: Reader, node: yaml.Node | None) -> dict[date, Hours]:
    days: dict[date, Hours] = {}
    said: dict[date, yaml.Node] = {}
    for text, (key, value) in reader.entries(node, "days").items() if node else ():
        hours = _hours(reader, value, text)
        dates = _dates(reader, text, key)
        if twice := next((day for day in dates if day in said), None):
            line = said[twice].start_mark.line + 1
            reader.blame(key, f"{twice} already has hours on line {line}; remove one of the two")
        said.update(dict.fromkeys(dates, key))
        days.update(dict.fromkeys(dates, hours))
    return days


def _dates(reader: Reader, text: str, key: yaml.Node) -> list[date]:
    """The dates of `2026-12-31` or `2027-02-05..2027-02-11`."""
    begin, dots, end = text.partition("..")
    first = _date(reader, begin.strip(), key)
    last = _date(reader, end.strip(), key) if dots else first
    if first is None or last is None:
        return []
    count = (last - first).days + 1
    if not 1 <= count <= _LONGEST_RANGE:
        reader.blame(
            key,
            f"days: {quoted(text)} is backwards or longer than a year; the earlier date comes first",
        )
        return []
    return [first + timedelta(days=step) for step in range(count)]


def _date(reader: Reader, text: str, key: yaml.Node) -> date | None:
    if not _DATE.fullmatch(text):
        reader.blame(key, f"days: {quoted(text)} is no date; write it like 2026-12-31")
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        reader.blame(key, f"days: there is no {text}; a month of that year has other days")
        return None
