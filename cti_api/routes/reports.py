"""Reports: what happened, as figures with their formulas, for supervisors and admins."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query, Response

from acd.reports import pages
from acd.reports.calendar import Step, intervals
from acd.reports.formula import Terms
from acd.reports.html import POLICY
from acd.reports.names import Names
from acd.reports.questions import Key, Only, Question
from acd.reports.render import WRITERS
from acd.reports.sheet import Report
from acd.reports.words import language_of
from cti_api.access import Asks, Caller, Has, Services
from cti_api.ports import Role
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.reports import Reports
from cti_api.routes.shared import LOGGED_IN, AgentName
from cti_api.shapes import reports as shapes
from cti_api.shapes.reports import ReportWanted

router = APIRouter(tags=["reports"])

ReportName: TypeAlias = Literal["daily", "service", "abandoned", "overtaken", "pay", "formulas"]
Wanted = Annotated[ReportWanted, Query()]

# A report that nobody would read is not worth the database's time.
_MOST_LINES = 3_000
_MOST_DAYS = 366
_MOST_DAYS_ONE_BY_ONE = 31  # Of reports that look at every single call.
_ONE_BY_ONE = ("daily", "abandoned", "overtaken")

_REFUSED = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND, Denial.INVALID)


@router.get("/reports/{report}", response_model=shapes.Report, responses=documented(*_REFUSED))
async def one_report(report: ReportName, wanted: Wanted, asks: Asks, has: Has) -> Response:
    """For supervisors: `daily` for the morning, `service` by whatever is asked for, who gave up and was not
    reached (`abandoned`), who was `overtaken` and why, every one of the `formulas`; `pay` for admins.

    Shares are 0 to 1, durations milliseconds. Each column names the formula and version it is computed by.
    """
    return await _answer(report, "json", wanted, asks, has)


@router.get(
    "/reports/{report}/{form}",
    responses=documented(*_REFUSED)
    | {200: {"content": {"text/csv": {}, "text/html": {}}, "description": "The file."}},
    response_class=Response,
)
async def report_file(
    report: ReportName, form: Literal["csv", "html"], wanted: Wanted, asks: Asks, has: Has
) -> Response:
    """The same as a file: CSV for a spreadsheet, or a page with charts, without any script."""
    return await _answer(report, form, wanted, asks, has)


@router.get(
    "/agents/{agent}/today",
    response_model=shapes.Report,
    responses=documented(*_REFUSED),
)
async def agents_today(
    agent: AgentName, asks: Asks, has: Has, lang: Literal["en", "zh"] = "en"
) -> Response:
    """An agent's own figures of today, in the centre's time zone. For himself, supervisors and auditors.

    Talks, handling time, occupancy, offers missed, transfers; for how long he was ready, talked, wrapped up.
    What is over is in it; a state that lasts, up to the last full quarter of an hour.
    """
    if not asks.user.reads and asks.user.agent != agent:
        raise RefusalError(Denial.NOT_ALLOWED)
    if has.reports is None:
        raise RefusalError(Denial.NOT_FOUND, "There is no ledger here to report from.")
    now, zone = has.switchboard.now_ms(), has.reports.zone
    today = datetime.fromtimestamp(now / 1000, zone).date()
    question = Question(
        first=today,
        last=today,
        zone=zone,
        as_of=now,
        only=Only(agent=agent),
        terms=Terms(),
        language=language_of(lang),
    )
    make = partial(pages.of_agent, has.reports.books, question, _names(has))
    write, media_type = WRITERS["json"]
    return Response(await has.reports.write(make, write), media_type=media_type)


async def _answer(
    name: ReportName, form: str, wanted: ReportWanted, asks: Caller, has: Services
) -> Response:
    payroll = asks.user.role in (Role.ADMIN, Role.AUDITOR)
    allowed = payroll if name == "pay" else asks.user.reads
    if not allowed:
        raise RefusalError(Denial.NOT_ALLOWED)
    if has.reports is None:
        raise RefusalError(Denial.NOT_FOUND, "There is no ledger here to report from.")
    question = _question(name, wanted, has.reports.zone, has.switchboard.now_ms())
    make = partial(_page, name, has.reports, question, wanted, _names(has))
    write, media_type = WRITERS[form]
    seen = partial(has.feed.views.masks.of_report, supervises=asks.user.supervises)
    text = await has.reports.write(make, lambda report: write(seen(report)))
    headers = {"Content-Security-Policy": POLICY} if form == "html" else {}
    if form == "csv":
        headers["Content-Disposition"] = f'attachment; filename="{name}-{question.first}.csv"'
    return Response(text, media_type=media_type, headers=headers)


async def _page(
    name: ReportName,
    reports: Reports,
    question: Question,
    wanted: ReportWanted,
    names: Names,
) -> Report:
    match name:
        case "daily":
            return await pages.daily(reports.books, question, names)
        case "service":
            keys = [Key(key) for key in wanted.by]
            by_time = wanted.by_time
            return await pages.service(reports.books, question, names, keys, by_time=by_time)
        case "abandoned":
            return await pages.gave_up(reports.books, question, names)
        case "overtaken":
            return await pages.fairness(reports.books, question, names)
        case "pay":
            rule = reports.pay_rule()
            if rule is None:
                raise RefusalError(
                    Denial.NOT_FOUND, "There is no rule for pay. CORDBOARD_PAY_RULE names it."
                )
            return await pages.wages(reports.books, question, names, rule)
        case "formulas":
            return pages.glossary(question)


def _question(name: ReportName, wanted: ReportWanted, zone: ZoneInfo, now: int) -> Question:
    if wanted.tz is not None:
        try:
            zone = ZoneInfo(wanted.tz)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise RefusalError(Denial.INVALID, "tz: there is no such time zone") from None
    yesterday = datetime.fromtimestamp(now / 1000, zone).date() - timedelta(days=1)
    first = wanted.day or yesterday
    last = wanted.to or first
    _check_days(name, first, last)
    step = Step(wanted.interval)
    if len(intervals(first, last, zone, step)) > _MOST_LINES:
        raise RefusalError(Denial.INVALID, f"interval: that would be more than {_MOST_LINES} lines")
    return Question(
        first=first,
        last=last,
        zone=zone,
        as_of=now,
        step=step,
        only=Only(queue=wanted.queue, team=wanted.team, agent=wanted.agent, dialled=wanted.dialled),
        terms=Terms(within_s=wanted.within_s, short_s=wanted.short_s, window_h=wanted.window_h),
        language=language_of(wanted.lang),
    )


def _check_days(name: ReportName, first: date, last: date) -> None:
    if not 1970 < first.year <= last.year < 9999:
        raise RefusalError(Denial.INVALID, "day: there was no call centre then")
    if last < first:
        raise RefusalError(Denial.INVALID, "to: is before day")
    most = _MOST_DAYS_ONE_BY_ONE if name in _ONE_BY_ONE else _MOST_DAYS
    if (last - first).days >= most:
        raise RefusalError(Denial.INVALID, f"to: this report takes {most} days at most")


def _names(has: Services) -> Names:
    board = has.switchboard.board
    return Names(
        queues={str(name): queue.name for name, queue in board.queues().items()},
        agents={str(name): agent.name for name, agent in board.agents.items()},
        dispositions={one.code: one for found in board.dispositions.values() for one in found.tree},
    )
