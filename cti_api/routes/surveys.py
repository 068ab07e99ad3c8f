"""What customers think of their calls, told by other ways than keys; and all that they have said; decides nothing."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from acd.core.notices import Reason
from cti_api.access import Asks, Has
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.cases import cases_of, serves_customer
from cti_api.routes.shared import LOGGED_IN, AgentQuery, as_json
from cti_api.shapes import surveys as shapes
from cti_api.shapes.forms import LARGEST, WORD

router = APIRouter(tags=["surveys"])

_MAY_NOT = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND, Denial.INVALID)
_ANSWER = (
    *("id", "at", "call", "queue", "agent", "question", "scale", "score"),
    *("source", "given_by"),
)


@router.post(
    "/surveys",
    status_code=201,
    response_model=shapes.Answer,
    responses=documented(
        *_MAY_NOT,
        Reason.UNKNOWN_CALL,
        Denial.UNKNOWN_CUSTOMER,
        Reason.BAD_NUMBER,
        Denial.NOT_NOW,
        Denial.TOO_LARGE,
    ),
)
async def give_answer(wanted: shapes.AnswerWanted, asks: Asks, has: Has) -> Response:
    """An answer that came by SMS, by a page, or in a follow-up call. A question of one call is answered once.

    For supervisors and systems, and for an agent who has the customer on the line, or has had him within a day;
    but nobody tells what is thought of himself.
    """
    about: dict[str, Any] = {
        "call": wanted.call,
        "customer_id": wanted.customer,
        "number": None,
        "queue": wanted.queue,
        "agent": wanted.agent,
    }
    user = asks.user
    if not user.supervises and user.agent is None:
        raise RefusalError(Denial.NOT_ALLOWED)
    surveys = cases_of(has).surveys
    if wanted.call is not None:
        found = await surveys.of_call(wanted.call)
        if found is None and user.supervises:
            raise RefusalError(Reason.UNKNOWN_CALL)
        about = dict(found or {})
    if not user.supervises:
        customer = about.get("customer_id")
        his = customer is not None and await serves_customer(asks, has, customer)
        if not his or about.get("agent") == user.agent:
            raise RefusalError(Denial.NOT_ALLOWED)
    if wanted.number is not None:
        number = has.read_number(wanted.number)
        if number is None:
            raise RefusalError(Reason.BAD_NUMBER)
        about["number"] = number.digits
    said = {
        "question": wanted.question or wanted.scale,
        "scale": wanted.scale,
        "score": wanted.score,
        "source": wanted.source,
    }
    at = has.switchboard.now_ms()
    return as_json(_answer(await surveys.give(said, of=about, by=user.id, at=at)), 201)


@router.get("/surveys", response_model=list[shapes.Answer], responses=documented(*_MAY_NOT))
async def list_answers(
    asks: Asks,
    has: Has,
    queue: Annotated[str | None, Query(pattern=WORD, max_length=64)] = None,
    agent: AgentQuery = None,
    before: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """What customers have said, newest first. For supervisors and auditors."""
    if not asks.user.reads:
        raise RefusalError(Denial.NOT_ALLOWED)
    surveys = cases_of(has).surveys
    rows = await surveys.listed(queue=queue, agent=agent, before=before, limit=limit)
    return as_json([_answer(row) for row in rows])


def _answer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"customer": row["customer_id"], **{name: row[name] for name in _ANSWER}}
