"""Agents: how they are, their shift and their state; what supervisors do to them, and the record of it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from acd.core import requests
from acd.core.configuration import Duties
from acd.core.ids import AgentId, DeskId, QueueId
from acd.core.notices import Reason
from cti_api import rights, views
from cti_api.access import Asks, Caller, Has, Services
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.rights import Sight
from cti_api.routes.shared import (
    LOGGED_IN,
    AgentName,
    AgentQuery,
    acting_for,
    as_json,
    submit_for_agent,
)
from cti_api.shapes.agents import (
    Agent,
    Desk,
    DutiesWanted,
    Force,
    ForcedLogOut,
    NotReadyWanted,
    ReadyWanted,
    ShiftWanted,
    StateWanted,
)
from cti_api.shapes.centre import Act
from cti_api.shapes.forms import LARGEST, Line

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
    response_model=list[Agent],
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
    response_model=Agent,
    responses=documented(*LOGGED_IN, Reason.UNKNOWN_AGENT, Denial.INVALID),
)
async def one_agent(agent: AgentName, asks: Asks, has: Has) -> Response:
    """One agent."""
    view = has.switchboard.board.agents.get(agent)
    sight = rights.sight_of_agent(asks.user, has.feed.serves(asks.user), view) if view else None
    if view is None or sight is Sight.NONE:
        raise RefusalError(Reason.UNKNOWN_AGENT)
    return as_json(views.agent(view, full=sight is Sight.FULL))


@router.get(
    "/desks",
    response_model=list[Desk],
    responses=documented(*LOGGED_IN),
)
async def list_desks(asks: Asks, has: Has) -> Response:
    """Every desk at which an agent may log in, and who sits there."""
    board, serves = has.switchboard.board, has.feed.serves(asks.user)
    sitting = {view.desk.id: view for view in board.agents.values() if view.desk is not None}
    seen = {
        desk: view.id
        for desk, view in sitting.items()
        if rights.sight_of_agent(asks.user, serves, view) is not Sight.NONE
    }
    desks: list[Desk] = [
        {
            "id": desk.id,
            "name": desk.name,
            "taken": desk.id in sitting,
            "agent": seen.get(desk.id),
        }
        for desk in board.desks.values()
    ]
    return as_json(desks)


@router.put(
    "/agents/{agent}/shift",
    response_model=Agent,
    responses=documented(
        Denial.NOT_AUTHENTICATED,
        Denial.NOT_ALLOWED,
        Reason.UNKNOWN_AGENT,
        Reason.NO_PHONE,
        Reason.UNKNOWN_DESK,
        Reason.DESK_TAKEN,
        Reason.CALL_IN_HAND,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def log_agent_in(
    agent: AgentName, asks: Asks, has: Has, wanted: ShiftWanted | None = None
) -> Response:
    """`log-in`: begin a shift, not ready; or take back a log-out that has not happened yet.

    Without a body it begins at the agent's own phone. With a desk, that phone is his in place of his own until he
    logs out; who is on shift already moves there, unless he has a call in hand. Who has no phone of his own has to
    name a desk.
    """
    desk = DeskId(wanted.desk) if wanted is not None and wanted.desk is not None else None
    return await _ask(asks, has, agent, requests.LogIn, desk=desk)


@router.delete(
    "/agents/{agent}/shift",
    response_model=Agent,
    responses=documented(*_AGENT),
)
async def log_agent_out(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`log-out`: end the shift, at once, or when the call in hand or a locked wrap-up is over."""
    return await _ask(asks, has, agent, requests.LogOut)


@router.put(
    "/agents/{agent}/state",
    response_model=Agent,
    responses=documented(
        *_AGENT,
        Reason.WRAP_UP_LOCKED,
        Reason.NOT_DISPOSED,
        Reason.HELD_BY_SUPERVISOR,
        Denial.TOO_LARGE,
    ),
)
async def set_agent_state(agent: AgentName, wanted: StateWanted, asks: Asks, has: Has) -> Response:
    """`become-ready` or `become-not-ready`: at once, or when the call in hand is over.

    In wrap-up `ready` ends it, or is refused as `finish-wrap-up` would be; `not-ready` ends it where it
    is optional, and comes after it elsewhere.
    """
    match wanted:
        case ReadyWanted():
            return await _ask(asks, has, agent, requests.BecomeReady)
        case NotReadyWanted():
            return await _ask(asks, has, agent, requests.BecomeNotReady, reason=wanted.reason)


@router.put(
    "/agents/{agent}/do-not-disturb",
    response_model=Agent,
    responses=documented(*_AGENT),
)
async def set_do_not_disturb(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`set-do-not-disturb`: not to be rung until it is lifted; being ready does not lift it."""
    return await _ask(asks, has, agent, requests.SetDoNotDisturb)


@router.delete(
    "/agents/{agent}/do-not-disturb",
    response_model=Agent,
    responses=documented(*_AGENT),
)
async def lift_do_not_disturb(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`lift-do-not-disturb`: to be rung again, if nothing else keeps the agent."""
    return await _ask(asks, has, agent, requests.LiftDoNotDisturb)


@router.delete(
    "/agents/{agent}/wrap-up",
    response_model=Agent,
    responses=documented(
        *_AGENT, Reason.NOT_IN_WRAP_UP, Reason.WRAP_UP_LOCKED, Reason.NOT_DISPOSED
    ),
)
async def finish_wrap_up(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`finish-wrap-up`: the work after the call is done before its time is up."""
    return await _ask(asks, has, agent, requests.FinishWrapUp)


@router.put(
    "/agents/{agent}/wrap-up/extension",
    response_model=Agent,
    responses=documented(*_AGENT, Reason.NOT_IN_WRAP_UP, Reason.NOT_EXTENSIBLE),
)
async def extend_wrap_up(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`extend-wrap-up`: more time for the work after the call, once, where the queue grants it."""
    return await _ask(asks, has, agent, requests.ExtendWrapUp)


@router.post(
    "/agents/{agent}/force",
    response_model=Agent,
    responses=documented(*_AGENT, Reason.NOT_IN_WRAP_UP, Denial.TOO_LARGE),
)
async def force_agent(agent: AgentName, wanted: Force, asks: Asks, has: Has) -> Response:
    """`force-…`, for supervisors: what an agent cannot do himself, or will not. Who, why and when is kept."""
    if isinstance(wanted, ForcedLogOut):
        after_call = wanted.when == "after-call"
        return await _force(
            asks, has, agent, requests.ForceLogOut, reason=wanted.reason, after_call=after_call
        )
    return await _force(asks, has, agent, _FORCED[wanted.action], reason=wanted.reason)


@router.put(
    "/agents/{agent}/duties",
    response_model=Agent,
    responses=documented(
        Denial.NOT_AUTHENTICATED,
        Denial.NOT_ALLOWED,
        Reason.UNKNOWN_AGENT,
        Reason.UNKNOWN_QUEUE,
        Reason.UNKNOWN_SKILL,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def change_duties(agent: AgentName, wanted: DutiesWanted, asks: Asks, has: Has) -> Response:
    """`change-duties`, for supervisors: other queues and skills, at once, also for calls that wait.

    They stand in place of what the centre's file says until they are changed or removed, over restarts too.
    """
    duties = Duties(
        queues=None
        if wanted.queues is None
        else tuple(QueueId(queue) for queue in dict.fromkeys(wanted.queues)),
        skills=wanted.skills,
    )
    return await _force(
        asks, has, agent, requests.ChangeDuties, reason=wanted.reason, duties=duties
    )


@router.delete(
    "/agents/{agent}/duties",
    response_model=Agent,
    responses=documented(
        Denial.NOT_AUTHENTICATED, Denial.NOT_ALLOWED, Reason.UNKNOWN_AGENT, Denial.INVALID
    ),
)
async def restore_duties(
    agent: AgentName, asks: Asks, has: Has, reason: Annotated[Line, Query()] = "as the file"
) -> Response:
    """`change-duties`, for supervisors: the queues and skills of the centre's file again."""
    return await _force(asks, has, agent, requests.ChangeDuties, reason=reason, duties=Duties())


@router.get(
    "/audit",
    response_model=list[Act],
    responses=documented(*LOGGED_IN, Denial.NOT_ALLOWED, Denial.INVALID),
)
async def list_acts(
    asks: Asks,
    has: Has,
    agent: AgentQuery = None,
    before: Annotated[
        int | None, Query(ge=0, le=LARGEST, description="Older than this moment.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """For supervisors and auditors: who has acted on an agent who is not himself, newest first; only ever added to."""
    if not asks.user.reads:
        raise RefusalError(Denial.NOT_ALLOWED)
    acts: list[Act] = [
        {
            "at": act.at,
            "by": act.by,
            "agent": act.agent,
            "action": act.action,
            "reason": views.plain(act.reason),
            "detail": act.detail,
        }
        for act in await has.audit.acts(agent=agent, before=before, limit=limit)
    ]
    return as_json(acts)


_FORCED: Mapping[str, type[requests.AgentRequest]] = {
    "force-ready": requests.ForceReady,
    "force-not-ready": requests.ForceNotReady,
    "force-finish-wrap-up": requests.ForceFinishWrapUp,
}


async def _ask(
    asks: Caller, has: Services, agent: AgentId, kind: type[requests.AgentRequest], **fields: Any
) -> Response:
    """Ask for something as the agent, or in his place."""
    acting_for(asks, agent)
    return await _submit(asks, has, agent, kind, by_another=asks.user.agent != agent, **fields)


async def _force(
    asks: Caller, has: Services, agent: AgentId, kind: type[requests.AgentRequest], **fields: Any
) -> Response:
    """Ask for something that only supervisors may."""
    if not asks.user.supervises:
        raise RefusalError(Denial.NOT_ALLOWED)
    return await _submit(asks, has, agent, kind, **fields)


async def _submit(
    asks: Caller, has: Services, agent: AgentId, kind: type[requests.AgentRequest], **fields: Any
) -> Response:
    request = kind(by=asks.user.id, agent=agent, **fields)
    return await submit_for_agent(has, agent, request)
