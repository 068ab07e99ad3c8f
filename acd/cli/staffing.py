"""The `cordboard staffing` command: what is expected in, how many agents it takes out."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.asked import (
    As,
    Asked,
    Every,
    Format,
    Interval,
    Lang,
    Out,
    Where,
    Zone,
    database_of,
    question_of,
    write,
)
from acd.cli.terminal import fail

if TYPE_CHECKING:
    from acd.reports.questions import Question
    from acd.staffing.demand import Demand

# Parts are imported where they are used: `cordboard --help` answers at once.

_PATIENCE_S = 120  # If nobody knows better.

_File = Annotated[
    Path | None,
    typer.Argument(help="CSV: start (09:00), calls, aht (seconds), and agents if you like."),
]
_Like = Annotated[
    str | None,
    typer.Option(help="Instead of a file: this day, as its weekday has been (2026-11-30)."),
]
_Weeks = Annotated[int, typer.Option(min=1, max=52, help="Of --like: so many weeks back.")]
_Queue = Annotated[str | None, typer.Option(help="Of --like: this queue only.")]
_Level = Annotated[
    float, typer.Option(min=0, max=99.99, help="Percent answered in time; 0: not asked for.")
]
_Within = Annotated[int, typer.Option(min=1, max=3600, help="In time: seconds.")]
_Asa = Annotated[
    float | None, typer.Option(min=0.1, max=3600, help="Average wait at most, seconds.")
]
_Busy = Annotated[float | None, typer.Option(min=20, max=99.99, help="Percent busy at most.")]
_GaveUp = Annotated[
    float | None, typer.Option(min=0.1, max=99.99, help="Percent who give up at most.")
]
_Shrinkage = Annotated[
    float, typer.Option(min=0, max=95, help="Percent of paid time in which nobody takes calls.")
]
_Patience = Annotated[
    float | None,
    typer.Option(min=1, max=86_400, help="Seconds; else as the ledger saw it, or 120."),
]
_Agents = Annotated[
    int | None, typer.Option(min=0, max=20_000, help="And what comes of so many, all day.")
]
_Days = Annotated[
    int, typer.Option(min=0, max=100, help="Days that the engine plays; 0: formulas only.")
]
_Seed = Annotated[int, typer.Option(help="The same seed gives the same callers.")]


def staffing(
    forecast: _File = None,
    like: _Like = None,
    weeks: _Weeks = 4,
    queue: _Queue = None,
    interval: Interval = Every.HALF,
    service_level: _Level = 80,
    within: _Within = 20,
    asa: _Asa = None,
    occupancy: _Busy = None,
    abandoned: _GaveUp = None,
    shrinkage: _Shrinkage = 0,
    patience: _Patience = None,
    agents: _Agents = None,
    days: _Days = 5,
    seed: _Seed = 1,
    tz: Zone = "Asia/Shanghai",
    form: As = Format.TABLE,
    lang: Lang = "en",
    out: Out = None,
    database: Where = None,
) -> None:
    """How many agents it takes: Erlang C, Erlang A and the engine itself, side by side. Rings nobody."""
    from acd.staffing.page import Wish, staffing
    from acd.staffing.plan import Target

    if (forecast is None) == (like is None):
        raise fail("Say what is expected: a CSV file, or --like DAY. One of them.")
    target = Target(
        service_level=service_level / 100 or None,
        within_ms=1000 * within,
        asa_ms=None if asa is None else 1000 * asa,
        occupancy=None if occupancy is None else occupancy / 100,
        abandoned=None if abandoned is None else abandoned / 100,
        shrinkage=shrinkage / 100,
    )
    if not target.wants_something:
        raise fail("There is no target: --service-level, --asa, --occupancy or --abandoned.")
    asked = Asked(
        day=like or "today",
        to=None,
        zone=tz,
        lang=lang,
        form=form,
        out=out,
        database=database,
        centre=None,
        every=interval,
        queue=queue,
    )
    question = question_of(asked)
    demand = _demand(forecast, asked, question, weeks, patience)
    there = [agents if line.agents is None else line.agents for line in demand.lines]
    wish = Wish(
        target=target,
        demand=demand,
        days=days,
        seed=seed,
        agents=None if None in there else [n or 0 for n in there],
        language=question.language,
        zone=question.zone,
    )
    write(staffing(wish), asked)


def _demand(
    file: Path | None, asked: Asked, question: "Question", weeks: int, patience: float | None
) -> "Demand":
    from acd.adapters.database.connection import DatabaseError
    from acd.staffing.demand import BadDemandError

    try:
        if file is not None:
            return _of_file(file, asked.every, patience)
        return asyncio.run(_of_ledger(database_of(asked), question, weeks, patience))
    except (BadDemandError, DatabaseError) as error:
        raise fail(error) from error


def _of_file(file: Path, interval: Every, patience: float | None) -> "Demand":
    from acd.staffing.demand import LENGTHS_MS, BadDemandError, Demand, read_demand

    length_ms = LENGTHS_MS.get(interval.value, LENGTHS_MS["30m"])
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            lines = read_demand(text, name=file.name, length_ms=length_ms)
    except OSError as error:
        raise BadDemandError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadDemandError(f"{file}: is not UTF-8 text") from error
    return Demand(lines=lines, patience_ms=1000 * (patience or _PATIENCE_S), source=file.name)


async def _of_ledger(
    url: str, question: "Question", weeks: int, patience: float | None
) -> "Demand":
    from acd.adapters.database.books import DatabaseBooks
    from acd.adapters.database.connection import Database
    from acd.staffing.demand import usual_demand

    database = Database(url)
    try:
        await database.open_to_read()
        return await usual_demand(
            DatabaseBooks(database),
            question,
            weeks=weeks,
            patience_ms=None if patience is None else 1000 * patience,
            otherwise_ms=1000 * _PATIENCE_S,
        )
    finally:
        await database.close()
