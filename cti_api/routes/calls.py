"""Live calls: what they are, why they go where they go, how a person steps in, and what came of them."""

from collections.abc import Sequence

from fastapi import APIRouter, Response

from acd.apart import TooLongError
from acd.core import requests
from acd.core.explain import Candidate
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.notices import Reason, Refused
from acd.core.skill_parser import BadRequirement, parse
from cti_api import rights
from cti_api.access import Asks, Caller, Has, Services
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.rights import Sight
from cti_api.routes.shared import (
    LOGGED_IN,
    AgentQuery,
    CallName,
    as_json,
    known_call,
    shown_call,
    sight_of,
    submit,
    submit_for_call,
)
from cti_api.shapes import calls as shapes
from cti_api.shapes.call_control import (
    Outcome,
    OutcomeWanted,
    PlaceWanted,
    PriorityWanted,
    QueueWanted,
    RequirementWanted,
    Route,
    RouteWanted,
)
from cti_api.shapes.call_data import DataWanted
from cti_api.shapes.calls import Call

router = APIRouter(tags=["calls"])


@router.get(
    "/calls",
    response_model=list[Call],
    responses=documented(*LOGGED_IN),
)
async def list_calls(asks: Asks, has: Has) -> Response:
    """Every live call you may see: for an agent his own, and masked those that wait in his queues."""
    serves = has.feed.serves(asks.user)
    return as_json(
        [
            shown_call(asks, has, view, full=sight is Sight.FULL)
            for view in has.switchboard.board.calls.values()
            if (sight := rights.sight_of_call(asks.user, serves, view)) is not Sight.NONE
        ]
    )


@router.get(
    "/calls/{call}",
    response_model=Call,
    responses=documented(*LOGGED_IN, Reason.UNKNOWN_CALL, Denial.INVALID),
)
async def one_call(call: CallName, asks: Asks, has: Has) -> Response:
    """One live call, with all that the screen pop said."""
    view = known_call(asks, has, call)
    return as_json(shown_call(asks, has, view, full=sight_of(asks, has, view) is Sight.FULL))


# Of a call in these, how it stands now says no more why it came there.
_DECIDED = ("talking", "outside", "survey")


@router.get(
    "/calls/{call}/why",
    response_model=list[shapes.Candidate],
    responses=documented(
        *LOGGED_IN,
        Denial.NOT_ALLOWED,
        Reason.UNKNOWN_CALL,
        Denial.INVALID,
        Denial.TOO_LONG_AGO,
        Denial.ENGINE_AWAY,
        Denial.STORE_AWAY,
    ),
)
async def explain_call(call: CallName, asks: Asks, has: Has, agent: AgentQuery = None) -> Response:
    """Why this call goes to whom it goes, and the first rule that keeps each other agent from it.

    For supervisors and auditors. Of a call that somebody has, or that is over: as it was when it was last
    offered, or began to wait, as long as journals are kept.
    """
    if not asks.user.reads:
        raise RefusalError(Denial.NOT_ALLOWED)
    view = has.switchboard.board.calls.get(call)
    found: Sequence[Candidate] | None = None
    if (view is None or view.phase in _DECIDED) and has.past_decisions is not None:
        try:
            found = await has.past_decisions.explain(call, agent)
        except TooLongError:
            if view is None:
                raise RefusalError(Denial.TOO_LONG_AGO) from None
    if found is None and view is not None:
        found = await has.switchboard.explain(call, agent)
    if found is None:
        raise RefusalError(Reason.UNKNOWN_CALL)
    told: list[shapes.Candidate] = [
        {"agent": one.agent, "rule": one.rule, "detail": one.detail} for one in found
    ]
    return as_json(told)


_CHANGE = (
    Denial.NOT_AUTHENTICATED,
    Denial.NOT_ALLOWED,
    Reason.UNKNOWN_CALL,
    Reason.NOT_WAITING,
    Denial.INVALID,
    Denial.TOO_LARGE,
)


@router.put(
    "/calls/{call}/requirement",
    response_model=Call,
    responses=documented(*_CHANGE, Reason.BAD_REQUIREMENT),
)
async def set_requirement(
    call: CallName, wanted: RequirementWanted, asks: Asks, has: Has
) -> Response:
    """`set-requirement`: ask something else of the agents for a waiting call. For supervisors."""
    by = _supervisor(asks)
    try:
        parse(wanted.requires)
    except BadRequirement as error:  # Whatever becomes of the call meanwhile, that is wrong.
        raise RefusalError(Reason.BAD_REQUIREMENT, f"requires: {error}.") from error
    request = requests.SetRequirement(by=by, call=call, requires=wanted.requires)
    return await submit_for_call(asks, has, request)


@router.put(
    "/calls/{call}/priority",
    response_model=Call,
    responses=documented(*_CHANGE),
)
async def set_priority(call: CallName, wanted: PriorityWanted, asks: Asks, has: Has) -> Response:
    """`set-priority`: serve a waiting call before, or after, others. For supervisors."""
    by = _supervisor(asks)
    request = requests.SetPriority(by=by, call=call, priority=wanted.priority)
    return await submit_for_call(asks, has, request)


@router.put(
    "/calls/{call}/queue",
    response_model=Call,
    responses=documented(*_CHANGE, Reason.UNKNOWN_QUEUE, Reason.QUEUE_REFUSES),
)
async def move_call(call: CallName, wanted: QueueWanted, asks: Asks, has: Has) -> Response:
    """`move-to-queue`: a waiting call waits on in another queue, from when it began to. For supervisors."""
    by = _supervisor(asks)
    queue = QueueId(wanted.queue)
    return await submit_for_call(asks, has, requests.MoveCall(by=by, call=call, queue=queue))


@router.put(
    "/calls/{call}/place",
    response_model=Call,
    responses=documented(*_CHANGE),
)
async def move_to_front(call: CallName, wanted: PlaceWanted, asks: Asks, has: Has) -> Response:
    """`move-to-front`: a waiting call is the next of its queue. For supervisors."""
    by = _supervisor(asks)
    return await submit_for_call(asks, has, requests.MoveToFront(by=by, call=call))


@router.put(
    "/calls/{call}/data",
    response_model=Call,
    responses=documented(
        Denial.NOT_AUTHENTICATED,
        Reason.NOT_YOUR_CALL,
        Reason.UNKNOWN_CALL,
        Reason.TOO_MUCH_DATA,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def write_data(call: CallName, wanted: DataWanted, asks: Asks, has: Has) -> Response:
    """`write-data`: note something with a call for all who have it on the screen, now and wherever it goes.

    For who has the call or whose phone rings for it, and for supervisors. It is kept with the call.
    """
    view = known_call(asks, has, call)
    if not asks.user.supervises and not rights.has_in_hand(asks.user, view):
        raise RefusalError(Reason.NOT_YOUR_CALL)
    request = requests.WriteData(by=asks.user.id, call=call, data=dict(wanted.data))
    return await submit_for_call(asks, has, request)


@router.put(
    "/calls/{call}/route",
    response_model=Route,
    responses=documented(
        Denial.NOT_AUTHENTICATED,
        Denial.NOT_ALLOWED,
        Reason.UNKNOWN_CALL,
        Reason.NOT_ASKED,
        Reason.NOT_A_CANDIDATE,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def select_route(call: CallName, wanted: RouteWanted, asks: Asks, has: Has) -> Response:
    """The answer to `route-requested`: who is to have the call, or nobody yet. For routers."""
    if not asks.user.routes:
        raise RefusalError(Denial.NOT_ALLOWED)
    if call not in has.switchboard.board.calls:  # A router sees calls in the questions only.
        raise RefusalError(Reason.NOT_ASKED)
    request = requests.SelectRoute(
        at=0,
        request="",
        by=asks.user.id,
        call=call,
        route=wanted.route,
        agents=tuple(AgentId(name) for name in wanted.agents),
        again_ms=wanted.again_ms,
    )
    await submit(has, request)
    view = has.switchboard.board.calls.get(call)
    told: Route = {
        "call": call,
        "route": wanted.route,
        "agent": view.agent if view is not None else None,
    }
    return as_json(told)


@router.put(
    "/calls/{call}/outcome",
    response_model=Outcome,
    responses=documented(
        Denial.NOT_AUTHENTICATED,
        Reason.NOT_YOUR_CALL,
        Reason.UNKNOWN_CALL,
        Denial.NOT_ANSWERED,
        Reason.UNKNOWN_DISPOSITION,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def record_outcome(call: CallName, wanted: OutcomeWanted, asks: Asks, has: Has) -> Response:
    """`record-outcome`: what came of a call, during it or after it; the last word counts.

    Where the centre has dispositions, one of those that `/v1/queues/{queue}/dispositions` says can be chosen.
    """
    view = has.switchboard.board.calls.get(call)
    served_by = view.agent if view and view.phase == "talking" else None
    if view is not None and asks.user.agent in view.handed_on_by:
        served_by = asks.user.agent  # The caller is with another now, or waits.
    if asks.user.agent is not None and _owes(has, asks.user.agent, call):
        served_by = asks.user.agent  # Whoever had him afterwards.
    if view is None and served_by is None:
        served_by = await has.past_calls.served_by(call)
    if served_by is None or not rights.may_act_for(asks.user, served_by):
        known_call(asks, has, call)
        raise RefusalError(Denial.NOT_ANSWERED if served_by is None else Reason.NOT_YOUR_CALL)
    answer = await has.switchboard.submit(
        requests.RecordOutcome(by=asks.user.id, agent=served_by, call=call, outcome=wanted.outcome)
    )
    if isinstance(answer, Refused):
        raise RefusalError(answer.reason, _sentence(answer.detail))
    told: Outcome = {"call": call, "agent": served_by, "outcome": wanted.outcome}
    return as_json(told)


def _owes(has: Services, agent: AgentId, call: CallId) -> bool:
    """Whether this agent is asked what came of this call."""
    view = has.switchboard.board.agents.get(agent)
    return view is not None and view.undisposed == call


def _sentence(detail: str) -> str | None:
    return f"outcome: {detail}." if detail else None


def _supervisor(asks: Caller) -> str:
    """The user by whom a change of a waiting call comes; raises RefusalError if he may not make it."""
    if not asks.user.supervises:
        raise RefusalError(Denial.NOT_ALLOWED)
    return asks.user.id
