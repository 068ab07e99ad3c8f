"""What the agent who has a call, or a supervisor for him, does with it; the engine says whether it can be done."""

from fastapi import APIRouter, Response

from acd.core import requests
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.notices import Reason
from cti_api import rights
from cti_api.access import Asks, Caller, Has, Services
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.outbound import NOT_CALLED, number_of
from cti_api.routes.shared import AgentName, CallName, NumberName, known_call, submit_for_call
from cti_api.shapes.call_control import ToAgent, TonesWanted, ToNumber, ToQueue, Whom
from cti_api.shapes.calls import Call

router = APIRouter(tags=["calls"])

_CONTROL = (
    Denial.NOT_AUTHENTICATED,
    Reason.NOT_YOUR_CALL,
    Reason.UNKNOWN_CALL,
    Reason.NOT_TALKING,
    Denial.INVALID,
)
_RECORDED = (Reason.MAY_NOT_BE_RECORDED, Reason.NOT_RECORDED)
_NUMBER = (*NOT_CALLED, Reason.IN_CALL_ALREADY)
# As to whom the agent consults.
_ANSWERED = (Reason.NOT_CONSULTING, Reason.CONSULT_NOT_ANSWERED)


@router.put(
    "/calls/{call}/hold",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.ON_HOLD, Reason.CONSULTING),
)
async def hold_call(call: CallName, asks: Asks, has: Has) -> Response:
    """`hold`: the caller hears music, and so does who is in conference; the agent hears nothing."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.HoldCall(by=by, call=call))


@router.delete(
    "/calls/{call}/hold",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.NOT_ON_HOLD, Reason.CONSULTING),
)
async def retrieve_call(call: CallName, asks: Asks, has: Has) -> Response:
    """`retrieve`: caller and agent hear each other again."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.RetrieveCall(by=by, call=call))


@router.post(
    "/calls/{call}/transfer",
    response_model=Call,
    responses=documented(
        *_CONTROL,
        Reason.CONSULTING,
        Reason.IN_CONFERENCE,
        Reason.UNKNOWN_QUEUE,
        Reason.QUEUE_REFUSES,
        Reason.UNKNOWN_AGENT,
        Reason.AGENT_NOT_FREE,
        *_NUMBER,
        Denial.TOO_LARGE,
    ),
)
async def transfer_call(call: CallName, wanted: Whom, asks: Asks, has: Has) -> Response:
    """`transfer`: hand the caller on, unannounced, to a queue, to an agent who is free, or to a number.

    The agent who had the call is in wrap-up when the phone is down. An agent who does not answer leaves
    the caller to the queue where the caller was. To a number: the caller hears music, and is with the agent
    again if nobody picks up there (`cancel-consult` takes him back before that); if the agent has hung up
    meanwhile, the caller waits in his queue, in the place that he had. A supervisor may transfer a call of
    phase `outside`, too: the number that has the caller is let go at once, and if he is sent on to another
    one, it counts as a call of the agent who handed him out.
    """
    by = _may_control(asks, has, call)
    request: requests.CallControl
    match wanted:
        case ToQueue():
            queue = QueueId(wanted.queue)
            request = requests.TransferToQueue(by=by, call=call, queue=queue)
        case ToAgent():
            agent = AgentId(wanted.agent)
            request = requests.TransferToAgent(by=by, call=call, agent=agent)
        case ToNumber():
            number = number_of(has, wanted.number)
            request = requests.TransferToNumber(by=by, call=call, number=number)
    return await submit_for_call(asks, has, request)


@router.post(
    "/calls/{call}/consult",
    response_model=Call,
    responses=documented(
        *_CONTROL,
        Reason.CONSULTING,
        Reason.UNKNOWN_AGENT,
        Reason.AGENT_NOT_FREE,
        Reason.UNKNOWN_QUEUE,
        Reason.NOBODY_FREE,
        *_NUMBER,
        Denial.TOO_LARGE,
    ),
)
async def consult(call: CallName, wanted: Whom, asks: Asks, has: Has) -> Response:
    """`consult`: ask another agent, or call a number, in private, while the caller hears music.

    However it ends (no answer, cancelled, the other one hangs up), agent and caller are together again.
    If the agent who has the call hangs up, whoever was consulted has it, or the caller is left to the
    number.
    """
    by = _may_control(asks, has, call)
    request: requests.CallControl
    match wanted:
        case ToQueue():
            queue = QueueId(wanted.queue)
            request = requests.ConsultQueue(by=by, call=call, queue=queue)
        case ToAgent():
            agent = AgentId(wanted.agent)
            request = requests.ConsultAgent(by=by, call=call, agent=agent)
        case ToNumber():
            number = number_of(has, wanted.number)
            request = requests.ConsultNumber(by=by, call=call, number=number)
    return await submit_for_call(asks, has, request)


@router.delete(
    "/calls/{call}/consult",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.NOT_CONSULTING),
)
async def cancel_consult(call: CallName, asks: Asks, has: Has) -> Response:
    """`cancel-consult`: let the other agent go; agent and caller are together again."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.CancelConsult(by=by, call=call))


@router.post(
    "/calls/{call}/consult/alternate",
    response_model=Call,
    responses=documented(*_CONTROL, *_ANSWERED),
)
async def alternate(call: CallName, asks: Asks, has: Has) -> Response:
    """`alternate`: from the other agent to the caller, or back; who is left hears music."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.Alternate(by=by, call=call))


@router.post(
    "/calls/{call}/consult/complete",
    response_model=Call,
    responses=documented(*_CONTROL, *_ANSWERED),
)
async def complete_consult(call: CallName, asks: Asks, has: Has) -> Response:
    """`complete-consult`: the caller is with the other agent, who has the call from now on, or with the number.

    Out of a conference: the agent who has been in it longest has the call; if there is none, its phase is
    `outside`.
    """
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.CompleteConsult(by=by, call=call))


@router.post(
    "/calls/{call}/conference",
    response_model=Call,
    responses=documented(*_CONTROL, *_ANSWERED),
)
async def start_conference(call: CallName, asks: Asks, has: Has) -> Response:
    """`conference`: caller, agent and whoever is consulted hear each other. To add one more, consult him."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.StartConference(by=by, call=call))


@router.delete(
    "/calls/{call}/parties/{agent}",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.NOT_IN_CALL),
)
async def remove_party(call: CallName, agent: AgentName, asks: Asks, has: Has) -> Response:
    """`remove-party`: let one go who is consulted or in conference. Who is it himself may `leave` so."""
    by = _may_control(asks, has, call, besides=agent)
    request = requests.RemoveParty(by=by, call=call, agent=agent)
    return await submit_for_call(asks, has, request)


@router.put(
    "/calls/{call}/parties/{agent}/mute",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.NOT_IN_CALL, Reason.CONSULT_NOT_ANSWERED),
)
async def mute_party(call: CallName, agent: AgentName, asks: Asks, has: Has) -> Response:
    """`mute-party`: one who is consulted or in conference hears all, and is not heard."""
    by = _may_control(asks, has, call)
    request = requests.MuteParty(by=by, call=call, agent=agent, muted=True)
    return await submit_for_call(asks, has, request)


@router.delete(
    "/calls/{call}/parties/{agent}/mute",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.NOT_IN_CALL, Reason.CONSULT_NOT_ANSWERED),
)
async def unmute_party(call: CallName, agent: AgentName, asks: Asks, has: Has) -> Response:
    """`unmute-party`: he is heard again."""
    by = _may_control(asks, has, call)
    request = requests.MuteParty(by=by, call=call, agent=agent, muted=False)
    return await submit_for_call(asks, has, request)


@router.delete(
    "/calls/{call}/outsiders/{number}",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.NOT_IN_CALL),
)
async def remove_number(call: CallName, number: NumberName, asks: Asks, has: Has) -> Response:
    """`remove-party`: let a number go that is consulted or in conference."""
    by = _may_control(asks, has, call)
    request = requests.RemoveNumber(by=by, call=call, number=number)
    return await submit_for_call(asks, has, request)


@router.put(
    "/calls/{call}/outsiders/{number}/mute",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.NOT_IN_CALL, Reason.CONSULT_NOT_ANSWERED),
)
async def mute_number(call: CallName, number: NumberName, asks: Asks, has: Has) -> Response:
    """`mute-party`: a number that is consulted or in conference hears all, and is not heard."""
    by = _may_control(asks, has, call)
    request = requests.MuteNumber(by=by, call=call, number=number, muted=True)
    return await submit_for_call(asks, has, request)


@router.delete(
    "/calls/{call}/outsiders/{number}/mute",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.NOT_IN_CALL, Reason.CONSULT_NOT_ANSWERED),
)
async def unmute_number(call: CallName, number: NumberName, asks: Asks, has: Has) -> Response:
    """`unmute-party`: it is heard again."""
    by = _may_control(asks, has, call)
    request = requests.MuteNumber(by=by, call=call, number=number, muted=False)
    return await submit_for_call(asks, has, request)


@router.put(
    "/calls/{call}/recording",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.MAY_NOT_BE_RECORDED, Reason.RECORDED_ALREADY),
)
async def begin_recording(call: CallName, asks: Asks, has: Has) -> Response:
    """`record`: keep what is said from now on, through holds and transfers, until it is stopped or the call ends."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.BeginRecording(by=by, call=call))


@router.delete(
    "/calls/{call}/recording",
    response_model=Call,
    responses=documented(*_CONTROL, *_RECORDED),
)
async def end_recording(call: CallName, asks: Asks, has: Has) -> Response:
    """`stop-recording`: what is recorded stays. With the next agent it begins again if the queue records always."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.EndRecording(by=by, call=call))


@router.put(
    "/calls/{call}/recording/pause",
    response_model=Call,
    responses=documented(*_CONTROL, *_RECORDED, Reason.RECORDING_PAUSED),
)
async def suspend_recording(call: CallName, asks: Asks, has: Has) -> Response:
    """`pause-recording`: nothing is kept while the caller says a card number, also not after a hold or a transfer."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.SuspendRecording(by=by, call=call))


@router.delete(
    "/calls/{call}/recording/pause",
    response_model=Call,
    responses=documented(*_CONTROL, *_RECORDED, Reason.RECORDING_NOT_PAUSED),
)
async def continue_recording(call: CallName, asks: Asks, has: Has) -> Response:
    """`resume-recording`: what is said is kept again."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.ContinueRecording(by=by, call=call))


@router.post(
    "/calls/{call}/tones",
    response_model=Call,
    responses=documented(*_CONTROL, Reason.ON_HOLD, Denial.TOO_LARGE),
)
async def send_tones(call: CallName, wanted: TonesWanted, asks: Asks, has: Has) -> Response:
    """`send-tones`: the caller's side hears these keys."""
    by = _may_control(asks, has, call)
    request = requests.SendTones(by=by, call=call, keys=wanted.keys)
    return await submit_for_call(asks, has, request)


@router.delete(
    "/calls/{call}",
    response_model=Call,
    responses=documented(*_CONTROL),
)
async def clear_call(call: CallName, asks: Asks, has: Has) -> Response:
    """`clear`: the agent hangs up, for all who are in the call; the caller goes back to the dialplan."""
    by = _may_control(asks, has, call)
    return await submit_for_call(asks, has, requests.ClearCall(by=by, call=call))


def _may_control(
    asks: Caller, has: Services, call: CallId, *, besides: AgentId | None = None
) -> str:
    """The user by whom a request for this call comes; raises RefusalError if he may not make it.

    It may be made by who has the call, by a supervisor, and, as it is about him, by `besides`.
    """
    view = known_call(asks, has, call)
    himself = besides is not None and besides == asks.user.agent and rights.is_beside(besides, view)
    if not (himself or asks.user.supervises or rights.talks(asks.user, view)):
        raise RefusalError(Reason.NOT_YOUR_CALL)
    return asks.user.id
