"""Supervisors at the ears of agents: who may be, and as which agent; whether it can be now, the engine says."""

from fastapi import APIRouter, Response

from acd.core import requests
from acd.core.ids import AgentId, CallId
from acd.core.notices import Reason
from acd.core.supervision import Mode
from cti_api import rights
from cti_api.access import Asks, Caller, Has, Services
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.rights import Sight
from cti_api.routes.shared import LOGGED_IN, AgentName, CallName, submit_for_agent, submit_for_call
from cti_api.shapes.agents import Agent
from cti_api.shapes.call_control import SupervisionWanted
from cti_api.shapes.calls import Call

router = APIRouter(tags=["supervision"])

_WHO = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NO_PHONE, Denial.INVALID)
_CALL = (*_WHO, Reason.UNKNOWN_CALL)


@router.put(
    "/calls/{call}/supervision",
    response_model=Call,
    responses=documented(
        *_CALL,
        Reason.NOT_TALKING,
        Reason.OWN_CALL,
        Reason.UNKNOWN_AGENT,
        Reason.NOT_LOGGED_IN,
        Reason.AGENT_NOT_FREE,
        Denial.TOO_LARGE,
    ),
)
async def supervise_call(
    call: CallName, wanted: SupervisionWanted, asks: Asks, has: Has
) -> Response:
    """`listen`, `whisper`, `barge`: your phone rings, and you hear what the agent of this call hears and says.

    Once more with another `mode`, while you are in: from then on others hear you, or do not. It lasts until you
    hang up, or the agent has the call no more.
    """
    request = requests.SuperviseCall(
        at=0,
        request="",
        by=asks.user.id,
        call=call,
        agent=_supervisor_of_call(asks, has, call),
        mode=Mode(wanted.mode),
    )
    return await submit_for_call(asks, has, request)


@router.delete(
    "/calls/{call}/supervision",
    response_model=Call,
    responses=documented(*_CALL, Reason.NOT_SUPERVISING),
)
async def stop_supervising(call: CallName, asks: Asks, has: Has) -> Response:
    """`stop-supervising`: you leave the call; it goes on as if you had not been there."""
    agent = _supervisor_of_call(asks, has, call)
    request = requests.StopSupervising(by=asks.user.id, call=call, agent=agent)
    return await submit_for_call(asks, has, request)


@router.post(
    "/calls/{call}/supervision/take-over",
    response_model=Call,
    responses=documented(
        *_CALL, Reason.NOT_SUPERVISING, Reason.SUPERVISION_NOT_ANSWERED, Reason.CONSULTING
    ),
)
async def take_over_call(call: CallName, asks: Asks, has: Has) -> Response:
    """`take-over`: you have the call, and the agent his wrap-up, as soon as you are in the conversation.

    That moment is told by `call-taken-over`. The conversation keeps its id, and counts as handed on to you.
    """
    agent = _supervisor_of_call(asks, has, call)
    request = requests.TakeOverCall(by=asks.user.id, call=call, agent=agent)
    return await submit_for_call(asks, has, request)


@router.put(
    "/agents/{agent}/supervision",
    response_model=Agent,
    responses=documented(
        *_WHO, Reason.UNKNOWN_AGENT, Reason.NOT_LOGGED_IN, Reason.OWN_CALL, Denial.TOO_LARGE
    ),
)
async def follow_agent(
    agent: AgentName, wanted: SupervisionWanted, asks: Asks, has: Has
) -> Response:
    """Follow this agent: your phone rings for the call that he has, and for every one that he will have.

    Until you end it, follow another, or log out. Answers with yourself as an agent, and `follows` in it.
    """
    me = _supervisor_of_agent(asks, has, agent)
    request = requests.FollowAgent(by=asks.user.id, agent=me, of=agent, mode=Mode(wanted.mode))
    return await submit_for_agent(has, me, request)


@router.delete(
    "/agents/{agent}/supervision",
    response_model=Agent,
    responses=documented(*_WHO, Reason.UNKNOWN_AGENT, Reason.NOT_SUPERVISING),
)
async def stop_following(agent: AgentName, asks: Asks, has: Has) -> Response:
    """Follow this agent no more, and leave the call of his that you hear. Answers with yourself as an agent."""
    me = _supervisor_of_agent(asks, has, agent)
    request = requests.StopFollowing(by=asks.user.id, agent=me, of=agent)
    return await submit_for_agent(has, me, request)


def _supervisor_of_call(asks: Caller, has: Services, call: CallId) -> AgentId:
    """As which agent this user may hear this call; raises RefusalError if he may not."""
    me = _supervisor(asks)
    view = has.switchboard.board.calls.get(call)
    serves = has.feed.serves(asks.user)
    if view is None or rights.sight_of_call(asks.user, serves, view) is not Sight.FULL:
        raise RefusalError(Reason.UNKNOWN_CALL)
    return me


def _supervisor_of_agent(asks: Caller, has: Services, agent: AgentId) -> AgentId:
    """The same of this agent's calls."""
    me = _supervisor(asks)
    view = has.switchboard.board.agents.get(agent)
    serves = has.feed.serves(asks.user)
    if view is None or rights.sight_of_agent(asks.user, serves, view) is not Sight.FULL:
        raise RefusalError(Reason.UNKNOWN_AGENT)
    return me


def _supervisor(asks: Caller) -> AgentId:
    if not asks.user.supervises:
        raise RefusalError(Denial.NOT_ALLOWED)
    if asks.user.agent is None:
        raise RefusalError(Denial.NO_PHONE)
    return asks.user.agent
