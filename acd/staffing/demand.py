"""What is expected, interval by interval: from a file, or from what the weekday was like before; plans nothing."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from acd.reports.calendar import MINUTE_MS, intervals
from acd.reports.formula import USUAL_TERMS
from acd.reports.formulas import FORMULAS
from acd.reports.questions import Books, Question
from acd.reports.sums import Sums, added

LENGTHS_MS = {"15m": 15 * MINUTE_MS, "30m": 30 * MINUTE_MS, "60m": 60 * MINUTE_MS}
MOST_LOAD = 20_000  # Erlangs: twice the largest centre. More is a column mistaken for another.
_MOST_CALLS = 1_000_000
_MOST_AGENTS = 100_000


class BadDemandError(Exception):
    """What is expected cannot be read; the text says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One interval. Calls may be a fraction, as an average is; AHT is talk, hold and wrap-up."""

    label: str
    length_ms: int
    calls: float
    aht_ms: float
    agents: int | None = None  # Who are there then, if somebody says so.

    @property
    def load(self) -> float:
        """In erlangs: how many calls there would be at once if nobody had to wait."""
        return self.calls * self.aht_ms / self.length_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A day, in intervals that follow each other; how long callers wait before they give up, and how we know."""

    lines: Sequence[Expected]
    patience_ms: float
    source: str


def read_demand(
    text: Iterable[str], *, name: str, length_ms: int = 30 * MINUTE_MS
) -> tuple[Expected, ...]:
    """The intervals of a CSV file: `start` (09:00), `calls`, `aht` (seconds), and `agents` if it says who is there.

    How long each is, is told by where the next one starts; of the last, by the one before it; of a single one it is
    `length_ms`. Where nothing is expected, there are 0 calls.
    Raises BadDemandError.
    """
    rows = csv.DictReader(text, restkey="", skipinitialspace=True)
    heads = [head.strip().lstrip("\ufeff").lower() for head in rows.fieldnames or ()]
    missing = [head for head in ("start", "calls", "aht") if head not in heads]
    if missing:
        raise BadDemandError(
            f"{name}:1: there is no column {' or '.join(missing)}; it is start,calls,aht[,agents]"
        )
    rows.fieldnames = heads
    read: list[tuple[int, dict[str, str]]] = []
    for row in rows:
        where = f"{name}:{rows.line_num}"
        row = {key: (value or "").strip() for key, value in row.items() if key}
        start = _minute(row["start"], where)
        if read and start <= read[-1][0]:
            raise BadDemandError(f"{where}: start {row['start']} is not after the one before it")
        read.append((start, row | {"where": where}))
    if not read:
        raise BadDemandError(f"{name}: no interval in it")
    return tuple(_lines(read, length_ms))


def _lines(read: Sequence[tuple[int, dict[str, str]]], length_ms: int) -> Iterator[Expected]:
    for n, (start, row) in enumerate(read):
        if n + 1 < len(read):
            length_ms = (read[n + 1][0] - start) * MINUTE_MS
        where = row["where"]
        line = Expected(
            label=f"{start // 60:02}:{start % 60:02}",
            length_ms=length_ms,
            calls=_number(row["calls"], where, "calls", most=_MOST_CALLS),
            aht_ms=1000 * _number(row["aht"], where, "aht", most=24 * 3600),
            agents=_whole(row.get("agents", ""), where),
        )
        check(line, where)
        yield line


def check(line: Expected, where: str) -> None:
    """Raises BadDemandError if nobody can mean this."""
    if line.calls and not line.aht_ms:
        raise BadDemandError(f"{where}: calls, and an AHT of 0")
    if line.load > MOST_LOAD:
        raise BadDemandError(
            f"{where}: {line.load:,.0f} calls at once; aht is in seconds, calls are those of this interval"
        )


def _minute(text: str, where: str) -> int:
    hours, colon, minutes = text.partition(":")
    digits = hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()
    if not (colon and digits and len(minutes) == 2 and int(hours) < 24 and int(minutes) < 60):
        raise BadDemandError(f"{where}: start {text!r} is no time; write it as 09:30")
    return 60 * int(hours) + int(minutes)


def _number(text: str, where: str, what: str, *, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise BadDemandError(f"{where}: {what} {text!r} is no number") from None
    if not 0 <= value <= most:  # Nor is nan.
        raise BadDemandError(f"{where}: {what} {text!r} is not within 0 and {most:,}")
    return value


def _whole(text: str, where: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST_AGENTS):
        raise BadDemandError(f"{where}: agents {text!r} is no number of people")
    return int(text)


async def usual_demand(
    books: Books,
    asked: Question,
    *,
    weeks: int,
    patience_ms: float | None,
    otherwise_ms: float,
) -> Demand:
    """What came on the weekday of the question's first day, on average of so many weeks before it.

    Days on which nothing came are left out. AHT is that of the interval over all these days, and of the whole day where
    there was no talk. Patience, unless it is given, is all waiting there was by those who gave up: θ = B / Σ wait,
    which allows for those who would have waited longer (Mandelbaum and Zeltyn, 2007). Raises BadDemandError if there
    was nothing, and the database's errors.
    """
    slots: dict[str, list[Sums]] = {}
    lengths: dict[str, int] = {}
    days = []
    for week in range(weeks, 0, -1):
        past = asked.first - timedelta(weeks=week)
        lines = intervals(past, past, asked.zone, asked.step)
        found = await books.sums(lines, only=asked.only, terms=USUAL_TERMS, as_of=asked.as_of)
        if not any(_arrived(sums) for sums in found.values()):
            continue
        days.append(past)
        for n, line in enumerate(lines):
            slots.setdefault(line.label, []).append(found.get((n,), Sums()))
            lengths.setdefault(line.label, line.ended_at - line.began_at)
    if not days:
        raise BadDemandError(
            f"nothing came on any {asked.first:%A} of the {weeks} weeks before {asked.first}"
        )
    by_slot = {label: added(parts) for label, parts in sorted(slots.items())}
    total = added(by_slot.values())
    aht = FORMULAS["handle.aht"].compute
    usual = aht(total, USUAL_TERMS)
    if usual is None:
        raise BadDemandError("nobody talked on those days, so there is no AHT")
    expected = [
        Expected(
            label=label,
            length_ms=lengths[label],
            calls=_arrived(sums) / len(days),
            aht_ms=aht(sums, USUAL_TERMS) or usual,
        )
        for label, sums in by_slot.items()
    ]
    busy = [n for n, one in enumerate(expected) if one.calls]
    waited = sum(waits.total_ms for waits in total.stays.values())
    gave_up = total.abandoned.n
    known = patience_ms or (waited / gave_up if gave_up else otherwise_ms)
    return Demand(
        lines=expected[busy[0] : busy[-1] + 1],
        patience_ms=max(1000.0, known),
        source=", ".join(one.isoformat() for one in days),
    )


def _arrived(sums: Sums) -> int:
    return sums.offered + sums.refused.total()
