"""What every report is asked on the command line, and where its answer goes; asks no books by itself."""

import os
import sys
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.terminal import fail, print_table

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from acd.reports.names import Names
    from acd.reports.questions import Question
    from acd.reports.sheet import Report

# Parts are imported where they are used: `cordboard --help` answers at once.

YESTERDAY = "yesterday"


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


class Every(StrEnum):
    """How long a line is."""

    QUARTER = "15m"
    HALF = "30m"
    HOUR = "60m"
    DAY = "day"
    WEEK = "week"


Zone = Annotated[str, typer.Option(envvar="CORDBOARD_TIME_ZONE", help="Whose days.")]
Interval = Annotated[Every, typer.Option("--interval", help="How long a line is.")]
As = Annotated[Format, typer.Option("--format", help="How it is written.")]
Lang = Annotated[str, typer.Option(envvar="CORDBOARD_LANG", help="en or zh.")]
Out = Annotated[Path | None, typer.Option(help="Into this file.")]
Where = Annotated[
    str | None,
    typer.Option(envvar="CORDBOARD_DATABASE", help="As the server's; else of CORDBOARD_SETTINGS."),
]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What all reports are asked."""

    day: str
    to: str | None
    zone: str
    lang: str
    form: Format
    out: Path | None
    database: str | None
    centre: Path | None
    every: Every = Every.HALF
    queue: str | None = None
    team: str | None = None
    agent: str | None = None
    dialled: str | None = None
    within: int = 20
    short: int = 5
    window: int = 24


def question_of(asked: Asked) -> "Question":
    """What was asked, understood; who asks what cannot be is told so."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from acd.clock import Clock
    from acd.reports.calendar import Step
    from acd.reports.formula import Terms
    from acd.reports.questions import Only, Question
    from acd.reports.words import language_of

    try:
        zone = ZoneInfo(asked.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise fail(f"--tz {asked.zone}: no such time zone; write it as Asia/Shanghai") from None
    now = Clock().now_ms()
    first = _date(asked.day, "--day", zone, now)
    last = _date(asked.to, "--to", zone, now) if asked.to is not None else first
    if last < first:
        raise fail(f"--to {last} is before --day {first}")
    return Question(
        first=first,
        last=last,
        zone=zone,
        as_of=now,
        step=Step(asked.every.value),
        only=Only(queue=asked.queue, team=asked.team, agent=asked.agent, dialled=asked.dialled),
        terms=Terms(within_s=asked.within, short_s=asked.short, window_h=asked.window),
        language=language_of(asked.lang),
    )


def _date(text: str, option: str, zone: "ZoneInfo", now: int) -> "date":
    from datetime import date, datetime, timedelta

    today = datetime.fromtimestamp(now / 1000, zone).date()
    if text in ("today", YESTERDAY):
        return today - timedelta(days=text == YESTERDAY)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise fail(f"{option} {text}: no date; write it as 2026-11-21") from None
    if not 1970 < day.year < 9999:
        raise fail(f"{option} {text}: there was no call centre then")
    return day


def names_of(asked: Asked) -> "Names":
    """What queues and agents are called, if there is a centre file that says so."""
    from acd.centre.file import parse_centre
    from acd.core.configuration import DEFAULT_NODE
    from acd.reports.names import Names
    from ivr.plain_yaml import BrokenFile, text_of

    if asked.centre is None:
        return Names()
    try:
        text = text_of(asked.centre)
        loaded = parse_centre(text, file=asked.centre.name, node=DEFAULT_NODE).configuration
    except BrokenFile as error:
        raise fail(error) from error
    return Names(
        queues={str(name): rules.name for name, rules in loaded.queues.items()},
        agents={str(name): profile.name for name, profile in loaded.agents.items()},
        dispositions=loaded.dispositions,
    )


def database_of(asked: Asked) -> str:
    """What is said here, else what the server's settings file says, else where it is if nobody says."""
    if asked.database is not None:
        return asked.database
    file = os.environ.get("CORDBOARD_SETTINGS")
    if not file:
        return "sqlite:///cordboard.db"
    try:
        said = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise fail(f"CORDBOARD_SETTINGS {file}: cannot be read: {error}") from error
    return str(said.get("database", "sqlite:///cordboard.db"))


def write(report: "Report", asked: Asked) -> None:
    """Where it was wanted, as it was wanted."""
    from acd.reports.render import WRITERS, as_text

    if asked.form is not Format.TABLE:
        text = WRITERS[asked.form.value][0](report)
        if asked.out is None:
            sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
            sys.stdout.write(text)
            return
        try:
            asked.out.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise fail(f"{asked.out}: cannot be written: {error.strerror}") from error
        return
    if asked.out is not None:
        raise fail("--out needs --format csv, json or html: a table is for a terminal")
    print_table(as_text(report))
