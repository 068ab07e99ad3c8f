"""Days and parts of them as spans of UTC, in the time zone of whoever asks; reads no clock.

A day begins when its date does, so the day on which clocks go forward has 23 hours and the one on which
they go back has 25: its parts are that many, and each is told by its own time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000


class Step(StrEnum):
    """How long one line of a report is."""

    QUARTER = "15m"
    HALF = "30m"
    HOUR = "60m"
    DAY = "day"
    WEEK = "week"


_PARTS = {Step.QUARTER: 15 * MINUTE_MS, Step.HALF: 30 * MINUTE_MS, Step.HOUR: 60 * MINUTE_MS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A span and what people call it. Milliseconds since 1970 in UTC; the end is not in it."""

    began_at: int
    ended_at: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Intervals of the same length, one after the other; `first` is the number of the first of them."""

    began_at: int
    ended_at: int
    length_ms: int
    first: int


def midnight(day: date, zone: ZoneInfo) -> int:
    """When this date begins there."""
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def span(first: date, last: date, zone: ZoneInfo) -> tuple[int, int]:
    """From the beginning of the first day to the end of the last."""
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def intervals(first: date, last: date, zone: ZoneInfo, step: Step) -> list[Interval]:
    """The lines of a report over these days, both included. A week begins on Monday."""
    if last < first:
        return []
    if step in (Step.DAY, Step.WEEK):
        return _days(first, last, zone, step)
    found = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        labels_day = first != last
        began_at, ended_at = span(day, day, zone)
        for at in range(began_at, ended_at, _PARTS[step]):
            upto = min(at + _PARTS[step], ended_at)
            found.append(
                Interval(began_at=at, ended_at=upto, label=_label(at, zone, with_day=labels_day))
            )
    return found


def _days(first: date, last: date, zone: ZoneInfo, step: Step) -> list[Interval]:
    found = []
    day = first
    while day <= last:
        days = 7 - day.weekday() if step is Step.WEEK else 1
        upto = min(last, day + timedelta(days=days - 1))
        began_at, ended_at = span(day, upto, zone)
        label = day.isoformat() if step is Step.DAY else f"{day.isoformat()} – {upto.isoformat()}"
        found.append(Interval(began_at=began_at, ended_at=ended_at, label=label))
        day = upto + timedelta(days=1)
    return found


def _label(at: int, zone: ZoneInfo, *, with_day: bool) -> str:
    """The local time; with its distance from UTC when clocks show it twice."""
    local = datetime.fromtimestamp(at / 1000, zone)
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    text = local.strftime("%Y-%m-%d %H:%M" if with_day else "%H:%M")
    return f"{text} ({local.strftime('%z')})" if twice else text


def runs(lines: Sequence[Interval]) -> list[Run]:
    """These intervals as few runs: for a database to tell by arithmetic in which one a moment is."""
    found = []
    numbered = enumerate(lines)
    for length_ms, group in groupby(numbered, lambda one: one[1].ended_at - one[1].began_at):
        members = list(group)
        found.append(
            Run(
                began_at=members[0][1].began_at,
                ended_at=members[-1][1].ended_at,
                length_ms=length_ms,
                first=members[0][0],
            )
        )
    return found
