"""An agent calls somebody, and an admin sees to it that nobody does; which numbers may be called, the engine says."""

from fastapi import APIRouter, Response

from acd.core import requests
from acd.core.ids import AgentId, CustomerId, QueueId
from acd.core.notices import Reason
from acd.core.outbound import Number
from cti_api import rights
from cti_api.access import Asks, Has, Services
from cti_api.ports import Role
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN, as_json, shown_call, submit
from cti_api.shapes.calls import Call
from cti_api.shapes.outbound import CallWanted, OutboundState, OutboundWanted

router = APIRouter(tags=["calls"])

# Why a number is not called, wherever one is asked for.
NOT_CALLED = (
    Reason.BAD_NUMBER,
    Reason.OUTBOUND_STOPPED,
    Reason.NO_ROUTE,
    Reason.PREMIUM_NUMBER,
    Reason.SATELLITE_NUMBER,
    Reason.OUTSIDE_HOURS,
    Reason.AGENT_CAP,
    Reason.CENTRE_CAP,
)


@router.post(
    "/calls",
    status_code=201,
    response_model=Call,
    responses=documented(
        *LOGGED_IN,
        Denial.NOT_ALLOWED,
        Reason.UNKNOWN_AGENT,
        Reason.NOT_LOGGED_IN,
        Reason.AGENT_NOT_FREE,
        Reason.UNKNOWN_QUEUE,
        *NOT_CALLED,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def make_call(wanted: CallWanted, asks: Asks, has: Has) -> Response:
    """`make-call`: the agent's own phone rings, and when it is picked up, the number is dialled.

    The answer comes when the phone begins to ring. What becomes of it is told by `number-dialled`,
    `call-connected` and `call-ended`; send an Idempotency-Key, or asking again may call again.
    """
    agent = AgentId(wanted.agent) if wanted.agent is not None else asks.user.agent
    if agent is None or not rights.may_act_for(asks.user, agent):
        raise RefusalError(Denial.NOT_ALLOWED)
    number = number_of(has, wanted.number)
    request = requests.MakeCall(
        at=0,
        request="",
        by=asks.user.id,
        agent=agent,
        by_another=asks.user.agent != agent,
        number=number,
        queue=QueueId(wanted.queue) if wanted.queue is not None else None,
        customer=CustomerId(wanted.customer) if wanted.customer is not None else None,
        data=wanted.data,
    )
    await submit(has, request)
    board = has.switchboard.board
    doing = board.agents.get(agent)
    view = board.calls.get(doing.call) if doing is not None and doing.call is not None else None
    if view is None:
        raise RefusalError(Reason.UNKNOWN_CALL)  # It has come to nothing in this very moment.
    return as_json(shown_call(asks, has, view), 201)


@router.get(
    "/outbound",
    response_model=OutboundState,
    responses=documented(*LOGGED_IN, Denial.NOT_ALLOWED),
)
async def outbound(asks: Asks, has: Has) -> Response:
    """Whether agents can call out. For supervisors and auditors."""
    if not asks.user.reads:
        raise RefusalError(Denial.NOT_ALLOWED)
    return as_json(_state(has))


@router.put(
    "/outbound",
    response_model=OutboundState,
    responses=documented(*LOGGED_IN, Denial.NOT_ALLOWED, Denial.INVALID, Denial.TOO_LARGE),
)
async def switch_outbound(wanted: OutboundWanted, asks: Asks, has: Has) -> Response:
    """For admins: nobody calls out any more, emergency numbers apart, until it is allowed again.

    It holds over restarts. What is being dialled ends; who talks already, talks on.
    """
    if asks.user.role is not Role.ADMIN:
        raise RefusalError(Denial.NOT_ALLOWED, "Only an admin may do this.")
    request = requests.SwitchOutbound(by=asks.user.id, stopped=wanted.stopped, reason=wanted.reason)
    await submit(has, request)
    return as_json(_state(has))


def number_of(has: Services, written: str) -> Number:
    """The number that somebody has written. Raises RefusalError if it is none."""
    number = has.read_number(written)
    if number is None:
        raise RefusalError(Reason.BAD_NUMBER)
    return number


def _state(has: Services) -> OutboundState:
    board = has.switchboard.board
    return {"routes": board.outbound, "stopped": board.outbound_stopped}
