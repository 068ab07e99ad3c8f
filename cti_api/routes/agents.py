"""Agents: how they are, their shift and their state."""

from fastapi import APIRouter, Response

from acd.core import requests
from acd.core.ids import AgentId
from acd.core.notices import Reason, Refused
from cti_api import rights, schemas, views
from cti_api.access import Asks, Caller, Has, Services
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.rights import Sight
from cti_api.routes.shared import LOGGED_IN, AgentName, as_json

router = APIRouter(tags=["agents"])

_AGENT = (
    Denial.NOT_AUTHENTICATED,
    Denial.NOT_ALLOWED,
    Reason.UNKNOWN_AGENT,
    Reason.NOT_LOGGED_IN,
    Denial.INVALID,
)


@router.get(
    "/agents",
    response_model=list[schemas.Agent],
    responses=documented(*LOGGED_IN),
)
async def list_agents(asks: Asks, has: Has) -> Response:
    """Every agent you may see: for an agent himself, and the colleagues who serve a queue of his."""
    serves = has.feed.serves(asks.user)
    return as_json(
        [
            views.agent(view, full=sight is Sight.FULL)
            for view in has.switchboard.board.agents.values()
            if (sight := rights.sight_of_agent(asks.user, serves, view)) is not Sight.NONE
        ]
    )


@router.get(
    "/agents/{agent}",
    response_model=schemas.Agent,
    responses=documented(*LOGGED_IN, Reason.UNKNOWN_AGENT, Denial.INVALID),
)
async def one_agent(agent: AgentName, asks: Asks, has: Has) -> Response:
    """One agent."""
    view = has.switchboard.board.agents.get(agent)
    sight = rights.sight_of_agent(asks.user, has.feed.serves(asks.user), view) if view else None
    if view is None or sight is Sight.NONE:
        raise RefusalError(Reason.UNKNOWN_AGENT)
    return as_json(views.agent(view, full=sight is Sight.FULL))


@router.put(
    "/agents/{agent}/shift",
    response_model=schemas.Agent,
    responses=documented(
        Denial.NOT_AUTHENTICATED, Denial.NOT_ALLOWED, Reason.UNKNOWN_AGENT, Denial.INVALID
    ),
)
async def log_agent_in(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`log-in`: begin a shift, not ready; or take back a log-out that has not happened yet."""
    by = _may_act(asks, agent)
    return await _submit(has, requests.LogIn(at=0, request="", by=by, agent=agent))


@router.delete(
    "/agents/{agent}/shift",
    response_model=schemas.Agent,
    responses=documented(*_AGENT),
)
async def log_agent_out(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`log-out`: end the shift, at once, or when the call in hand is over."""
    by = _may_act(asks, agent)
    return await _submit(has, requests.LogOut(at=0, request="", by=by, agent=agent))


@router.put(
    "/agents/{agent}/state",
    response_model=schemas.Agent,
    responses=documented(*_AGENT, Denial.TOO_LARGE),
)
async def set_agent_state(
    agent: AgentName, wanted: schemas.StateWanted, asks: Asks, has: Has
) -> Response:
    """`become-ready` or `become-not-ready`: at once, or when the call in hand is over."""
    by = _may_act(asks, agent)
    match wanted:
        case schemas.ReadyWanted():
            request: requests.AgentRequest = requests.BecomeReady(
                at=0, request="", by=by, agent=agent
            )
        case schemas.NotReadyWanted():
            request = requests.BecomeNotReady(
                at=0, request="", by=by, agent=agent, reason=wanted.reason
            )
    return await _submit(has, request)


@router.delete(
    "/agents/{agent}/wrap-up",
    response_model=schemas.Agent,
    responses=documented(*_AGENT, Reason.NOT_IN_WRAP_UP),
)
async def finish_wrap_up(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`finish-wrap-up`: the work after the call is done before its time is up."""
    by = _may_act(asks, agent)
    return await _submit(has, requests.FinishWrapUp(at=0, request="", by=by, agent=agent))


def _may_act(asks: Caller, agent: AgentId) -> str:
    """The user by whom a request for this agent comes; raises RefusalError if he may not make it."""
    if not rights.may_act_for(asks.user, agent):
        raise RefusalError(Denial.NOT_ALLOWED)
    return asks.user.id


async def _submit(has: Services, request: requests.AgentRequest) -> Response:
    """Submit what changes an agent; answers with the agent as he is then."""
    answer = await has.switchboard.submit(request)
    if isinstance(answer, Refused):
        raise RefusalError(answer.reason)
    view = has.switchboard.board.agents.get(request.agent)
    if view is None:
        raise RefusalError(Reason.UNKNOWN_AGENT)  # Taken out of the configuration just now.
    return as_json(views.agent(view, full=True))
