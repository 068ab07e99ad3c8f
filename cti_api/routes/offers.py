"""What an agent can ask while his phone rings for a call, or a supervisor for him; the engine says whether it does."""

from fastapi import APIRouter, Response

from acd.core.ids import AgentId, QueueId
from acd.core.notices import Reason
from acd.core.requests import (
    AnswerOffer,
    DeflectToAgent,
    DeflectToNumber,
    DeflectToQueue,
    DeflectWaiting,
    OfOffer,
    RejectOffer,
)
from cti_api.access import Asks, Has
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.outbound import NOT_CALLED, number_of
from cti_api.routes.shared import AgentName, CallName, acting_for, known_call, submit_for_call
from cti_api.shapes.call_control import ToAgent, ToNumber, ToQueue, Whom
from cti_api.shapes.calls import Call

router = APIRouter(tags=["calls"])

_RINGS = (
    Denial.NOT_AUTHENTICATED,
    Denial.NOT_ALLOWED,
    Reason.UNKNOWN_CALL,
    Reason.NOT_RINGING,
    Denial.INVALID,
)


@router.post(
    "/calls/{call}/answer",
    response_model=Call,
    responses=documented(*_RINGS, Reason.PHONE_CANNOT),
)
async def answer_call(call: CallName, asks: Asks, has: Has) -> Response:
    """`answer`: your phone picks up, which rings for this call: for a caller, a colleague, or a call of your own.

    The response says that the phone is told so; that it has picked up is told by `call-connected`, or by what else
    follows on the phone's own button. A phone that does not obey rings on. Nobody does it for another: who
    answers has an open microphone.
    """
    if asks.user.agent is None:
        raise RefusalError(Denial.NOT_ALLOWED)
    known_call(asks, has, call)
    request = AnswerOffer(by=asks.user.id, call=call, agent=asks.user.agent)
    return await submit_for_call(asks, has, request)


@router.delete("/calls/{call}/offers/{agent}", response_model=Call, responses=documented(*_RINGS))
async def reject_offer(call: CallName, agent: AgentName, asks: Asks, has: Has) -> Response:
    """`reject`: this agent's phone rings no more, and the next one's does; it counts as the phone's red button."""
    by = acting_for(asks, agent)
    known_call(asks, has, call)
    request = RejectOffer(by=by, call=call, agent=agent)
    return await submit_for_call(asks, has, request)


@router.post(
    "/calls/{call}/offers/{agent}/deflect",
    response_model=Call,
    responses=documented(
        *_RINGS,
        Reason.UNKNOWN_QUEUE,
        Reason.QUEUE_REFUSES,
        Reason.UNKNOWN_AGENT,
        Reason.AGENT_NOT_FREE,
        Reason.CALLER_ABSENT,
        *NOT_CALLED,
        Denial.TOO_LARGE,
    ),
)
async def deflect_offer(
    call: CallName, agent: AgentName, wanted: Whom, asks: Asks, has: Has
) -> Response:
    """`deflect`: send on what rings at this agent's phone, to a queue, to an agent who is free, or to a number.

    It is held against nobody. An agent or a number that does not answer leaves the caller to the queue where he
    was, in the place that he had. A number counts as a call of this agent; while it rings, the call is of phase
    `outside`, and the caller hears what he heard before.
    """
    by = acting_for(asks, agent)
    known_call(asks, has, call)
    request: OfOffer
    match wanted:
        case ToQueue():
            queue = QueueId(wanted.queue)
            request = DeflectToQueue(by=by, call=call, agent=agent, queue=queue)
        case ToAgent():
            to = AgentId(wanted.agent)
            request = DeflectToAgent(by=by, call=call, agent=agent, to=to)
        case ToNumber():
            request = DeflectToNumber(
                at=0,
                request="",
                by=by,
                call=call,
                agent=agent,
                by_another=asks.user.agent != agent,
                number=number_of(has, wanted.number),
            )
    return await submit_for_call(asks, has, request)


@router.post(
    "/calls/{call}/deflect",
    response_model=Call,
    responses=documented(
        Denial.NOT_AUTHENTICATED,
        Denial.NOT_ALLOWED,
        Denial.NO_PHONE,
        Reason.UNKNOWN_CALL,
        Reason.NOT_WAITING,
        Reason.CALLER_ABSENT,
        Reason.UNKNOWN_QUEUE,
        *NOT_CALLED,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def deflect_waiting_call(call: CallName, wanted: ToNumber, asks: Asks, has: Has) -> Response:
    """`deflect`, of a call that waits and rings at no phone: send it on to a number. For supervisors.

    It counts as a call of your own agent, so you need one. All else is as above; to a queue, `move-to-queue`.
    """
    if not asks.user.supervises:
        raise RefusalError(Denial.NOT_ALLOWED)
    if asks.user.agent is None:
        raise RefusalError(Denial.NO_PHONE)
    request = DeflectWaiting(
        at=0,
        request="",
        by=asks.user.id,
        call=call,
        agent=asks.user.agent,
        number=number_of(has, wanted.number),
    )
    return await submit_for_call(asks, has, request)
