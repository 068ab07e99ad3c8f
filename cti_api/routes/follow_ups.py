"""Lists of those who are to be called, who does not want to be, and what an agent is shown; decides nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from acd.core.notices import Reason
from acd.core.preview import AcceptPreview, SkipPreview
from cti_api.access import Asks, Caller, Has, Services
from cti_api.ports import FollowUps
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.cases import cases_of
from cti_api.routes.outbound import NOT_CALLED
from cti_api.routes.shared import LOGGED_IN, AgentName, acting_for, as_json, submit_for_agent
from cti_api.shapes import follow_ups as shapes
from cti_api.shapes.agents import Agent
from cti_api.shapes.cases import TaskStateName
from cti_api.shapes.forms import WORD
from cti_api.shapes.previews import Preview, PreviewAnswer

router = APIRouter(tags=["follow-ups"])

ListName = Annotated[str, Path(pattern=WORD, max_length=64, examples=["l-77ab"])]
_MAY_NOT = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND, Denial.INVALID)
_ENTRY = (
    *("id", "list", "number", "what", "state", "due_at", "attempts", "outcome"),
    *("call", "note"),
)


@router.get("/follow-ups", response_model=list[shapes.CallList], responses=documented(*_MAY_NOT))
async def list_call_lists(asks: Asks, has: Has) -> Response:
    """The lists, the newest first. For supervisors and auditors."""
    return as_json(await _read(asks, has).lists())


@router.post(
    "/follow-ups",
    status_code=201,
    response_model=shapes.CallList,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_RULE, Denial.TOO_LARGE),
)
async def create_call_list(wanted: shapes.ListWanted, asks: Asks, has: Has) -> Response:
    """A list with nobody on it, by a rule of the centre's file. For supervisors."""
    book = _book(asks, has)
    rule = book.rules().get(wanted.rule)
    if rule is None:
        raise RefusalError(Denial.UNKNOWN_RULE)
    at = has.switchboard.now_ms()
    return as_json(await book.create(rule, wanted.name, by=asks.user.id, at=at), 201)


@router.get(
    "/follow-ups/{call_list}",
    response_model=shapes.CallList,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_LIST),
)
async def one_call_list(call_list: ListName, asks: Asks, has: Has) -> Response:
    """A list, and how those on it stand. For supervisors and auditors."""
    return as_json(await _read(asks, has).find(call_list))


@router.delete(
    "/follow-ups/{call_list}",
    response_model=shapes.CallList,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_LIST),
)
async def close_call_list(call_list: ListName, asks: Asks, has: Has) -> Response:
    """Nobody on it is called any more; who is being called, is. For supervisors."""
    return as_json(await _book(asks, has).close(call_list, at=has.switchboard.now_ms()))


@router.get(
    "/follow-ups/{call_list}/entries",
    response_model=list[shapes.Entry],
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_LIST),
)
async def list_entries(
    call_list: ListName,
    asks: Asks,
    has: Has,
    state: Annotated[TaskStateName | None, Query()] = None,
) -> Response:
    """Who is on a list, in the order in which they are due, 1,000 at most. For supervisors and auditors."""
    book = _read(asks, has)
    await book.find(call_list)
    rows = [_entry(row) for row in await book.entries(call_list, state=state)]
    return as_json(_as_seen(rows, asks, has))


@router.post(
    "/follow-ups/{call_list}/entries",
    response_model=shapes.Filled,
    responses=documented(
        *_MAY_NOT, Denial.UNKNOWN_LIST, Denial.UNKNOWN_RULE, Denial.NOT_NOW, Denial.TOO_LARGE
    ),
)
async def add_entries(
    call_list: ListName, wanted: shapes.EntriesWanted, asks: Asks, has: Has
) -> Response:
    """Put these on a list. For supervisors."""
    rows = [entry.model_dump() for entry in wanted.entries]
    return as_json(await _fill(_book(asks, has), has, call_list, rows))


@router.post(
    "/follow-ups/{call_list}/fill",
    response_model=shapes.Filled,
    responses=documented(
        *_MAY_NOT, Denial.UNKNOWN_LIST, Denial.UNKNOWN_RULE, Denial.NOT_NOW, Denial.TOO_LARGE
    ),
)
async def fill_call_list(
    call_list: ListName, wanted: shapes.FillWanted, asks: Asks, has: Has
) -> Response:
    """Put on it whom its rule draws of the calls of a day: the same ones each time. For supervisors."""
    book = _book(asks, has)
    try:
        day = date.fromisoformat(wanted.day)
    except ValueError:
        raise RefusalError(Denial.INVALID, "day: there is no such day") from None
    rule = book.rules().get((await book.find(call_list))["rule"])
    if rule is None:
        raise RefusalError(Denial.UNKNOWN_RULE)
    return as_json(await _fill(book, has, call_list, await book.drawn(rule, day)))


@router.get(
    "/agents/{agent}/preview",
    response_model=Preview | None,
    responses=documented(*LOGGED_IN, Denial.NOT_ALLOWED, Reason.UNKNOWN_AGENT, Denial.INVALID),
)
async def agents_preview(agent: AgentName, asks: Asks, has: Has) -> Response:
    """Whom this agent is shown to call; null: nobody."""
    acting_for(asks, agent)
    view = has.switchboard.board.agents.get(agent)
    if view is None:
        raise RefusalError(Reason.UNKNOWN_AGENT)
    if view.preview is None:
        return as_json(None)
    return as_json(has.feed.views.preview(view.preview, supervises=asks.user.supervises))


@router.put(
    "/agents/{agent}/preview",
    response_model=Agent,
    responses=documented(
        *LOGGED_IN,
        Denial.NOT_ALLOWED,
        Reason.UNKNOWN_AGENT,
        Reason.NOT_LOGGED_IN,
        Reason.NO_PREVIEW,
        Reason.AGENT_NOT_FREE,
        *NOT_CALLED,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def answer_preview(agent: AgentName, wanted: PreviewAnswer, asks: Asks, has: Has) -> Response:
    """`accept-preview`: the agent's own phone rings, then the number is dialled. `skip-preview`: somebody else may."""
    asked: dict[str, Any] = {
        "at": 0,
        "request": "",
        "by": acting_for(asks, agent),
        "agent": agent,
        "by_another": asks.user.agent != agent,
        "task": wanted.task,
    }
    if wanted.answer == "accept":
        return await submit_for_agent(has, agent, AcceptPreview(**asked))
    return await submit_for_agent(has, agent, SkipPreview(**asked, reason=wanted.reason))


@router.get("/do-not-call", response_model=list[shapes.Barred], responses=documented(*_MAY_NOT))
async def list_barred(asks: Asks, has: Has) -> Response:
    """Numbers that no list calls, the newest first, 1,000 at most. For supervisors and auditors."""
    return as_json(_as_seen(await _read(asks, has).barred(), asks, has))


@router.post(
    "/do-not-call",
    status_code=204,
    responses=documented(*_MAY_NOT, Reason.BAD_NUMBER, Denial.TOO_LARGE),
)
async def bar_number(wanted: shapes.BarWanted, asks: Asks, has: Has) -> Response:
    """No list calls this number any more. For supervisors; an agent says it as an outcome."""
    book = _book(asks, has)
    at = has.switchboard.now_ms()
    await book.bar(_number(has, wanted), by=asks.user.id, at=at)
    return Response(status_code=204)


@router.post(
    "/do-not-call/lift",
    status_code=204,
    responses=documented(*_MAY_NOT, Reason.BAD_NUMBER, Denial.NOT_LISTED, Denial.TOO_LARGE),
)
async def unbar_number(wanted: shapes.BarWanted, asks: Asks, has: Has) -> Response:
    """Lists may call it again: he has said so. For supervisors."""
    await _book(asks, has).unbar(_number(has, wanted))
    return Response(status_code=204)


def _number(has: Services, wanted: shapes.BarWanted) -> str:
    number = has.read_number(wanted.number)
    if number is None:
        raise RefusalError(Reason.BAD_NUMBER)
    return number.digits


def _book(asks: Caller, has: Services) -> FollowUps:
    if not asks.user.supervises:
        raise RefusalError(Denial.NOT_ALLOWED)
    return cases_of(has).follow_ups


def _read(asks: Caller, has: Services) -> FollowUps:
    if not asks.user.reads:
        raise RefusalError(Denial.NOT_ALLOWED)
    return cases_of(has).follow_ups


async def _fill(
    book: FollowUps, has: Services, call_list: str, rows: list[Mapping[str, Any]] | Any
) -> dict[str, Any]:
    rule = book.rules().get((await book.find(call_list))["rule"])
    if rule is None:
        raise RefusalError(Denial.UNKNOWN_RULE)
    taken, problems = await book.add(call_list, rule, rows, at=has.switchboard.now_ms())
    return {"taken": taken, "problems": problems}


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: row[name] for name in _ENTRY}
    return {**named, "customer": row["customer_id"], "agent": row["tried_by"]}


def _as_seen(
    rows: Sequence[Mapping[str, Any]], asks: Caller, has: Services
) -> list[dict[str, Any]]:
    """Each with the number as far as the role sees it."""
    of_number = partial(has.feed.views.masks.of_number, supervises=asks.user.supervises)
    return [{**row, "number": of_number(row["number"])} for row in rows]
