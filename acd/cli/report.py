"""The `cordboard report` command: what was asked becomes a question, and its answer goes where it was wanted."""

import asyncio
import os
import sys
import tomllib
from collections.abc import Awaitable, Callable
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
    from acd.reports.questions import Books, Question
    from acd.reports.sheet import Report

# Parts are imported where they are used: `cordboard --help` answers at once.

report_app = typer.Typer(
    help="What happened, with the formulas it is reckoned by.", no_args_is_help=True
)


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


class By(StrEnum):
    """By what a report sums."""

    QUEUE = "queue"
    TEAM = "team"
    AGENT = "agent"
    DIALLED = "dialled"
    REGION = "region"
    REASON = "reason"
    OUTCOME = "outcome"


class Every(StrEnum):
    """How long a line is."""

    QUARTER = "15m"
    HALF = "30m"
    HOUR = "60m"
    DAY = "day"
    WEEK = "week"


_Day = Annotated[str, typer.Option(help="A date such as 2026-11-21, `today` or `yesterday`.")]
_To = Annotated[str | None, typer.Option(help="The last day, if it is not the same one.")]
Zone = Annotated[str, typer.Option(envvar="CORDBOARD_TIME_ZONE", help="Whose days.")]
_Queue = Annotated[str | None, typer.Option(help="This queue only.")]
_Team = Annotated[str | None, typer.Option(help="This team only.")]
_Agent = Annotated[str | None, typer.Option(help="This agent only.")]
_Dialled = Annotated[str | None, typer.Option(help="This dialled number only.")]
Interval = Annotated[Every, typer.Option("--interval", help="How long a line is.")]
As = Annotated[Format, typer.Option("--format", help="How it is written.")]
Lang = Annotated[str, typer.Option(envvar="CORDBOARD_LANG", help="en or zh.")]
Out = Annotated[Path | None, typer.Option(help="Into this file.")]
_Within = Annotated[int, typer.Option(min=1, max=3600, help="X: answered in time, in seconds.")]
_Short = Annotated[int, typer.Option(min=0, max=3600, help="s: a short abandonment, in seconds.")]
_Window = Annotated[int, typer.Option(min=1, max=24 * 90, help="w: of repeats and FCR, in hours.")]
Where = Annotated[
    str | None,
    typer.Option(envvar="CORDBOARD_DATABASE", help="As the server's; else of CORDBOARD_SETTINGS."),
]
_Centre = Annotated[
    Path | None,
    typer.Option(envvar="CORDBOARD_CENTRE", help="The centre file: names of queues and agents."),
]

_YESTERDAY = "yesterday"
_SHANGHAI = "Asia/Shanghai"


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


@report_app.command()
def daily(
    day: _Day = _YESTERDAY,
    to: _To = None,
    tz: Zone = _SHANGHAI,
    queue: _Queue = None,
    interval: Interval = Every.HALF,
    form: As = Format.TABLE,
    lang: Lang = "en",
    out: Out = None,
    within: _Within = 20,
    short: _Short = 5,
    window: _Window = 24,
    database: Where = None,
    centre: _Centre = None,
) -> None:
    """The page for the morning: a day by time, queue and agent, who gave up, who was overtaken."""
    from acd.reports import pages

    asked = Asked(
        day=day,
        to=to,
        zone=tz,
        queue=queue,
        every=interval,
        form=form,
        lang=lang,
        out=out,
        within=within,
        short=short,
        window=window,
        database=database,
        centre=centre,
    )
    _make(asked, pages.daily)


@report_app.command()
def service(
    by: Annotated[list[By] | None, typer.Option(help="Once or more; none: by time.")] = None,
    by_time: Annotated[bool, typer.Option(help="A line for each interval as well.")] = False,
    day: _Day = _YESTERDAY,
    to: _To = None,
    tz: Zone = _SHANGHAI,
    queue: _Queue = None,
    team: _Team = None,
    agent: _Agent = None,
    dialled: _Dialled = None,
    interval: Interval = Every.HALF,
    form: As = Format.TABLE,
    lang: Lang = "en",
    out: Out = None,
    within: _Within = 20,
    short: _Short = 5,
    window: _Window = 24,
    database: Where = None,
    centre: _Centre = None,
) -> None:
    """Service level, waits, handling: by time, queue, team, agent, number dialled, region, reason."""
    from acd.reports import pages
    from acd.reports.questions import Key

    asked = Asked(
        day=day,
        to=to,
        zone=tz,
        queue=queue,
        team=team,
        agent=agent,
        dialled=dialled,
        every=interval,
        form=form,
        lang=lang,
        out=out,
        within=within,
        short=short,
        window=window,
        database=database,
        centre=centre,
    )
    keys = [Key(one.value) for one in by or ()]
    _make(asked, lambda b, q, n: pages.service(b, q, n, keys, by_time=by_time))


@report_app.command()
def abandoned(
    day: _Day = _YESTERDAY,
    to: _To = None,
    tz: Zone = _SHANGHAI,
    queue: _Queue = None,
    form: As = Format.TABLE,
    lang: Lang = "en",
    out: Out = None,
    database: Where = None,
    centre: _Centre = None,
) -> None:
    """Who gave up, and whether anybody has talked to him since. Those not reached come first."""
    from acd.reports import pages

    asked = Asked(
        day=day,
        to=to,
        zone=tz,
        queue=queue,
        form=form,
        lang=lang,
        out=out,
        database=database,
        centre=centre,
    )
    _make(asked, pages.gave_up)


@report_app.command()
def overtaken(
    day: _Day = _YESTERDAY,
    to: _To = None,
    tz: Zone = _SHANGHAI,
    queue: _Queue = None,
    form: As = Format.TABLE,
    lang: Lang = "en",
    out: Out = None,
    database: Where = None,
    centre: _Centre = None,
) -> None:
    """Before whom later callers were served, and by which rule."""
    from acd.reports import pages

    asked = Asked(
        day=day,
        to=to,
        zone=tz,
        queue=queue,
        form=form,
        lang=lang,
        out=out,
        database=database,
        centre=centre,
    )
    _make(asked, pages.fairness)


@report_app.command()
def pay(
    rule: Annotated[
        Path,
        typer.Option(envvar="CORDBOARD_PAY_RULE", help="The rule: base, per_call, deductions."),
    ],
    day: _Day = _YESTERDAY,
    to: _To = None,
    tz: Zone = _SHANGHAI,
    team: _Team = None,
    agent: _Agent = None,
    form: As = Format.TABLE,
    lang: Lang = "en",
    out: Out = None,
    window: _Window = 24,
    database: Where = None,
    centre: _Centre = None,
) -> None:
    """Calls of each agent, and what they pay by a rule: base + calls × rate − deductions."""
    from acd.reports import pages
    from acd.reports.pay import read_rule_of
    from ivr.plain_yaml import BrokenFile

    try:
        paid = read_rule_of(rule)
    except BrokenFile as error:
        raise fail(error) from error
    asked = Asked(
        day=day,
        to=to,
        zone=tz,
        team=team,
        agent=agent,
        form=form,
        lang=lang,
        out=out,
        window=window,
        database=database,
        centre=centre,
    )
    _make(asked, lambda b, q, n: pages.wages(b, q, n, paid))


@report_app.command()
def formulas(form: As = Format.TABLE, lang: Lang = "en", out: Out = None) -> None:
    """Every figure with its formula, its version, and who else reckons so."""
    from acd.reports import pages

    asked = Asked(
        day="today", to=None, zone="UTC", lang=lang, form=form, out=out, database=None, centre=None
    )
    write(pages.glossary(question_of(asked)), asked)


def _make(
    asked: Asked, page: Callable[["Books", "Question", "Names"], Awaitable["Report"]]
) -> None:
    from acd.adapters.database.connection import DatabaseError

    async def answer() -> "Report":
        from acd.adapters.database.books import DatabaseBooks
        from acd.adapters.database.connection import Database

        database = Database(database_of(asked))
        try:
            await database.open_to_read()
            return await page(DatabaseBooks(database), question, names)
        finally:
            await database.close()

    question, names = question_of(asked), _names(asked)
    try:
        report = asyncio.run(answer())
    except DatabaseError as error:
        raise fail(error) from error
    write(report, asked)


def write(report: "Report", asked: Asked) -> None:

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


def question_of(asked: Asked) -> "Question":
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
    if text in ("today", _YESTERDAY):
        return today - timedelta(days=text == _YESTERDAY)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise fail(f"{option} {text}: no date; write it as 2026-11-21") from None
    if not 1970 < day.year < 9999:
        raise fail(f"{option} {text}: there was no call centre then")
    return day


def _names(asked: Asked) -> "Names":
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
