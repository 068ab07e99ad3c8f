"""How many agents it takes: for supervisors, reckoned in a process of its own; rings nobody."""

from typing import Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from acd.apart import TooLongError
from acd.reports.calendar import Step
from acd.reports.html import POLICY
from acd.reports.questions import Only, Question
from acd.reports.words import language_of
from acd.staffing.apart import written
from acd.staffing.demand import BadDemandError, Demand, Expected, check, usual_demand
from acd.staffing.page import Wish
from acd.staffing.plan import Target
from cti_api.access import Asks, Caller, Has, Services
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN
from cti_api.shapes import staffing as shapes
from cti_api.shapes.reports import Report

router = APIRouter(tags=["reports"])

_PATIENCE_MS = 120_000  # If nobody knows better.
_UTC = ZoneInfo("UTC")
_REFUSED = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND, Denial.INVALID, Denial.TOO_LARGE)


@router.post("/staffing", response_model=Report, responses=documented(*_REFUSED))
async def staffing(wanted: shapes.StaffingWanted, asks: Asks, has: Has) -> Response:
    """For supervisors: the agents that a target takes, by Erlang C and Erlang A, with `days` by the engine too.

    Formulas and a worked example are in docs/staffing.md.
    """
    return Response(await _answer("json", wanted, asks, has), media_type="application/json")


@router.post(
    "/staffing/{form}",
    responses=documented(*_REFUSED)
    | {200: {"content": {"text/csv": {}, "text/html": {}}, "description": "The file."}},
    response_class=Response,
)
async def staffing_file(
    form: Literal["csv", "html"], wanted: shapes.StaffingWanted, asks: Asks, has: Has
) -> Response:
    """The same as a file: CSV for a spreadsheet, or a page with charts, without any script."""
    text = await _answer(form, wanted, asks, has)
    if form == "html":
        headers = {"Content-Security-Policy": POLICY}
        return Response(text, media_type="text/html; charset=utf-8", headers=headers)
    headers = {"Content-Disposition": 'attachment; filename="staffing.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


async def _answer(form: str, wanted: shapes.StaffingWanted, asks: Caller, has: Services) -> str:
    if not asks.user.reads:
        raise RefusalError(Denial.NOT_ALLOWED)
    target = Target(
        service_level=wanted.service_level,
        within_ms=1000 * wanted.within_s,
        asa_ms=None if wanted.asa_s is None else 1000 * wanted.asa_s,
        occupancy=wanted.occupancy,
        abandoned=wanted.abandoned,
        shrinkage=wanted.shrinkage,
    )
    if not target.wants_something:
        raise RefusalError(
            Denial.INVALID, "service_level: or asa_s, occupancy, abandoned: one is to be reached"
        )
    try:
        demand = await _demand(wanted, has)
    except BadDemandError as error:
        raise RefusalError(Denial.INVALID, str(error)) from error
    if wanted.days * sum(line.calls for line in demand.lines) > shapes.MOST_PLAYED:
        raise RefusalError(
            Denial.INVALID, f"days: that would be more than {shapes.MOST_PLAYED} calls to play"
        )
    there = [wanted.agents if line.agents is None else line.agents for line in demand.lines]
    wish = Wish(
        target=target,
        demand=demand,
        zone=has.reports.zone if has.reports is not None else _UTC,
        days=wanted.days,
        agents=None if None in there else [n or 0 for n in there],
        language=language_of(wanted.lang),
    )
    try:
        return await written(wish, form)
    except TooLongError as error:
        raise RefusalError(
            Denial.TOO_LARGE, "That takes too long here: `cordboard staffing` has the time."
        ) from error


async def _demand(wanted: shapes.StaffingWanted, has: Services) -> Demand:
    """Raises BadDemandError."""
    patience_ms = None if wanted.patience_s is None else 1000 * wanted.patience_s
    if (wanted.intervals is None) == (wanted.like is None):
        raise BadDemandError("intervals: or like: one of them says what is expected")
    if wanted.intervals is not None:
        lines = [
            Expected(
                label=one.label,
                length_ms=1000 * one.length_s,
                calls=one.calls,
                aht_ms=1000 * one.aht_s,
                agents=one.agents,
            )
            for one in wanted.intervals
        ]
        for line in lines:
            check(line, f"intervals: {line.label}")
        return Demand(lines=lines, patience_ms=patience_ms or _PATIENCE_MS, source="intervals")
    assert wanted.like is not None
    return await _usual(wanted.like, patience_ms, has)


async def _usual(like: shapes.LikeWanted, patience_ms: float | None, has: Services) -> Demand:
    if has.reports is None:
        raise RefusalError(Denial.NOT_FOUND, "There is no ledger here to learn from.")
    if not 1971 < like.day.year < 9999:
        raise BadDemandError("like: there was no call centre then")
    books = has.reports.books
    question = Question(
        first=like.day,
        last=like.day,
        zone=has.reports.zone,
        as_of=has.switchboard.now_ms(),
        step=Step(like.interval),
        only=Only(queue=like.queue),
    )
    return await has.reports.find(
        lambda: usual_demand(
            books,
            question,
            weeks=like.weeks,
            patience_ms=patience_ms,
            otherwise_ms=_PATIENCE_MS,
        )
    )
