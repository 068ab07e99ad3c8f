"""What the agent who has a call, or a supervisor for him, does with it; the engine says whether it can be done."""

from fastapi import APIRouter, Response

from acd.core import requests
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.notices import Reason, Refused
from cti_api import rights, schemas
from cti_api.access import Asks, Caller, Has, Services
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import CallName, as_json

router = APIRouter(tags=["calls"])

_CONTROL = (
    Denial.NOT_AUTHENTICATED,
    Reason.NOT_YOUR_CALL,
    Reason.UNKNOWN_CALL,
    Reason.NOT_TALKING,
    Denial.INVALID,
)


@router.put(
    "/calls/{call}/hold",
    response_model=schemas.Call,
    responses=documented(*_CONTROL, Reason.ON_HOLD),
)
async def hold_call(call: CallName, asks: Asks, has: Has) -> Response:
    """`hold`: the caller hears music, and the agent nothing."""
    by = _may_control(asks, has, call)
    return await _submit(asks, has, requests.HoldCall(at=0, request="", by=by, call=call))


@router.delete(
    "/calls/{call}/hold",
    response_model=schemas.Call,
    responses=documented(*_CONTROL, Reason.NOT_ON_HOLD),
)
async def retrieve_call(call: CallName, asks: Asks, has: Has) -> Response:
    """`retrieve`: caller and agent hear each other again."""
    by = _may_control(asks, has, call)
    return await _submit(asks, has, requests.RetrieveCall(at=0, request="", by=by, call=call))


@router.post(
    "/calls/{call}/transfer",
    response_model=schemas.Call,
    responses=documented(
        *_CONTROL,
        Reason.UNKNOWN_QUEUE,
        Reason.QUEUE_REFUSES,
        Reason.UNKNOWN_AGENT,
        Reason.AGENT_NOT_FREE,
        Denial.TOO_LARGE,
    ),
)
async def transfer_call(
    call: CallName, wanted: schemas.TransferWanted, asks: Asks, has: Has
) -> Response:
    """`transfer`: hand the caller on, unannounced, to a queue or to an agent who is free.

    The agent who had the call is in wrap-up when the phone is down. An agent who does not answer leaves
    the caller to the queue where the caller was.
    """
    by = _may_control(asks, has, call)
    request: requests.CallControl
    match wanted:
        case schemas.ToQueue():
            queue = QueueId(wanted.queue)
            request = requests.TransferToQueue(at=0, request="", by=by, call=call, queue=queue)
        case schemas.ToAgent():
            agent = AgentId(wanted.agent)
            request = requests.TransferToAgent(at=0, request="", by=by, call=call, agent=agent)
    return await _submit(asks, has, request)


@router.post(
    "/calls/{call}/tones",
    response_model=schemas.Call,
    responses=documented(*_CONTROL, Reason.ON_HOLD, Denial.TOO_LARGE),
)
async def send_tones(call: CallName, wanted: schemas.TonesWanted, asks: Asks, has: Has) -> Response:
    """`send-tones`: the caller's side hears these keys."""
    by = _may_control(asks, has, call)
    request = requests.SendTones(at=0, request="", by=by, call=call, keys=wanted.keys)
    return await _submit(asks, has, request)


@router.delete(
    "/calls/{call}",
    response_model=schemas.Call,
    responses=documented(*_CONTROL),
)
async def clear_call(call: CallName, asks: Asks, has: Has) -> Response:
    """`clear`: the agent hangs up, and the caller goes back to the dialplan."""
    by = _may_control(asks, has, call)
    return await _submit(asks, has, requests.ClearCall(at=0, request="", by=by, call=call))


def _may_control(asks: Caller, has: Services, call: CallId) -> str:
    """The user by whom a request for this call comes; raises RefusalError if he may not make it."""
    view = has.switchboard.board.calls.get(call)
    if view is None:
        raise RefusalError(Reason.UNKNOWN_CALL)
    if not (asks.user.supervises or rights.talks(asks.user, view)):
        raise RefusalError(Reason.NOT_YOUR_CALL)
    return asks.user.id


async def _submit(asks: Caller, has: Services, request: requests.CallControl) -> Response:
    """Submit what changes a call; answers with the call as it is then."""
    answer = await has.switchboard.submit(request)
    if isinstance(answer, Refused):
        raise RefusalError(answer.reason)
    view = has.switchboard.board.calls.get(request.call)
    if view is None:
        raise RefusalError(Reason.UNKNOWN_CALL)  # The caller has hung up in the same moment.
    shown = has.feed.views.call(view, full=True, supervises=asks.user.supervises)
    return as_json(shown)
