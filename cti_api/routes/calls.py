"""Live calls: what they are, why they go where they go, and what came of them."""

from fastapi import APIRouter, Response

from acd.core import requests
from acd.core.notices import Reason, Refused
from cti_api import rights, schemas
from cti_api.access import Asks, Has
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.rights import Sight
from cti_api.routes.shared import LOGGED_IN, AgentQuery, CallName, as_json

router = APIRouter(tags=["calls"])


@router.get(
    "/calls",
    response_model=list[schemas.Call],
    responses=documented(*LOGGED_IN),
)
async def list_calls(asks: Asks, has: Has) -> Response:
    """Every live call you may see: for an agent his own, and masked those that wait in his queues."""
    serves = has.feed.serves(asks.user)
    return as_json(
        [
            has.feed.views.call(view, full=sight is Sight.FULL)
            for view in has.switchboard.board.calls.values()
            if (sight := rights.sight_of_call(asks.user, serves, view)) is not Sight.NONE
        ]
    )


@router.get(
    "/calls/{call}",
    response_model=schemas.Call,
    responses=documented(*LOGGED_IN, Reason.UNKNOWN_CALL, Denial.INVALID),
)
async def one_call(call: CallName, asks: Asks, has: Has) -> Response:
    """One live call, with all that the screen pop said."""
    view = has.switchboard.board.calls.get(call)
    sight = rights.sight_of_call(asks.user, has.feed.serves(asks.user), view) if view else None
    if view is None or sight is Sight.NONE:
        raise RefusalError(Reason.UNKNOWN_CALL)
    return as_json(has.feed.views.call(view, full=sight is Sight.FULL))


@router.get(
    "/calls/{call}/why",
    response_model=list[schemas.Candidate],
    responses=documented(*LOGGED_IN, Denial.NOT_ALLOWED, Reason.UNKNOWN_CALL, Denial.INVALID),
)
async def explain_call(call: CallName, asks: Asks, has: Has, agent: AgentQuery = None) -> Response:
    """Why this call goes to whom it goes, and the first rule that keeps each other agent from it. For supervisors."""
    if not asks.user.supervises:
        raise RefusalError(Denial.NOT_ALLOWED)
    if call not in has.switchboard.board.calls:
        raise RefusalError(Reason.UNKNOWN_CALL)
    told: list[schemas.Candidate] = [
        {"agent": one.agent, "rule": one.rule, "detail": one.detail}
        for one in await has.switchboard.explain(call, agent)
    ]
    return as_json(told)


@router.put(
    "/calls/{call}/outcome",
    response_model=schemas.Outcome,
    responses=documented(
        Denial.NOT_AUTHENTICATED,
        Reason.NOT_YOUR_CALL,
        Reason.UNKNOWN_CALL,
        Denial.NOT_ANSWERED,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def record_outcome(
    call: CallName, wanted: schemas.OutcomeWanted, asks: Asks, has: Has
) -> Response:
    """`record-outcome`: what came of a call, during it or after it; the last word counts."""
    view = has.switchboard.board.calls.get(call)
    served_by = view.agent if view and view.phase == "talking" else None
    if view is None:
        served_by = await has.past_calls.served_by(call)
        if served_by is None:
            raise RefusalError(Reason.UNKNOWN_CALL)
    if served_by is None:
        raise RefusalError(Denial.NOT_ANSWERED)
    if not rights.may_act_for(asks.user, served_by):
        raise RefusalError(Reason.NOT_YOUR_CALL)
    answer = await has.switchboard.submit(
        requests.RecordOutcome(
            at=0, request="", by=asks.user.id, agent=served_by, call=call, outcome=wanted.outcome
        )
    )
    if isinstance(answer, Refused):
        raise RefusalError(answer.reason)
    told: schemas.Outcome = {"call": call, "agent": served_by, "outcome": wanted.outcome}
    return as_json(told)
