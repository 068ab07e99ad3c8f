"""The `cordboard report` command: each report by its name, asked of the books."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.asked import (
    YESTERDAY,
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
    names_of,
    question_of,
    write,
)
from acd.cli.terminal import fail

if TYPE_CHECKING:
    from acd.reports.names import Names
    from acd.reports.questions import Books, Question
    from acd.reports.sheet import Report

# Parts are imported where they are used: `cordboard --help` answers at once.

report_app = typer.Typer(
    help="What happened, with the formulas it is reckoned by.", no_args_is_help=True
)


class By(StrEnum):
    """By what a report sums."""

    QUEUE = "queue"
    TEAM = "team"
    AGENT = "agent"
    DIALLED = "dialled"
    REGION = "region"
    REASON = "reason"
    OUTCOME = "outcome"


_Day = Annotated[str, typer.Option(help="A date such as 2026-11-21, `today` or `yesterday`.")]
_To = Annotated[str | None, typer.Option(help="The last day, if it is not the same one.")]
_Queue = Annotated[str | None, typer.Option(help="This queue only.")]
_Team = Annotated[str | None, typer.Option(help="This team only.")]
_Agent = Annotated[str | None, typer.Option(help="This agent only.")]
_Dialled = Annotated[str | None, typer.Option(help="This dialled number only.")]
_Within = Annotated[int, typer.Option(min=1, max=3600, help="X: answered in time, in seconds.")]
_Short = Annotated[int, typer.Option(min=0, max=3600, help="s: a short abandonment, in seconds.")]
_Window = Annotated[int, typer.Option(min=1, max=24 * 90, help="w: of repeats and FCR, in hours.")]
_Centre = Annotated[
    Path | None,
    typer.Option(envvar="CORDBOARD_CENTRE", help="The centre file: names of queues and agents."),
]

_SHANGHAI = "Asia/Shanghai"


@report_app.command()
def daily(
    day: _Day = YESTERDAY,
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
    day: _Day = YESTERDAY,
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
    day: _Day = YESTERDAY,
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
    day: _Day = YESTERDAY,
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
    day: _Day = YESTERDAY,
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

    question, names = question_of(asked), names_of(asked)
    try:
        report = asyncio.run(answer())
    except DatabaseError as error:
        raise fail(error) from error
    write(report, asked)
