"""What an agent can ask while his phone rings for a call, or a supervisor for him; the engine says whether it does."""

from fastapi import APIRouter, Response

from acd.core.ids import AgentId, QueueId
from acd.core.notices import Reason
from acd.core.requests import AnswerOffer, DeflectToAgent, DeflectToQueue, OfOffer, RejectOffer
from cti_api.access import Asks, Has
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import AgentName, CallName, acting_for, submit_for_call
from cti_api.shapes.call_control import ToAgent, ToQueue, WhomInside
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
    request = AnswerOffer(at=0, request="", by=asks.user.id, call=call, agent=asks.user.agent)
    return await submit_for_call(asks, has, request)


@router.delete("/calls/{call}/offers/{agent}", response_model=Call, responses=documented(*_RINGS))
async def reject_offer(call: CallName, agent: AgentName, asks: Asks, has: Has) -> Response:
    """`reject`: this agent's phone rings no more, and the next one's does; it counts as the phone's red button."""
    by = acting_for(asks, agent)
    request = RejectOffer(at=0, request="", by=by, call=call, agent=agent)
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
        Denial.TOO_LARGE,
    ),
)
async def deflect_offer(
    call: CallName, agent: AgentName, wanted: WhomInside, asks: Asks, has: Has
) -> Response:
    """`deflect`: send on what rings at this agent's phone, to a queue or to an agent who is free.

    It is held against nobody. An agent who does not answer leaves the caller to the queue where he was.
    """
    by = acting_for(asks, agent)
    request: OfOffer
    match wanted:
        case ToQueue():
            queue = QueueId(wanted.queue)
            request = DeflectToQueue(at=0, request="", by=by, call=call, agent=agent, queue=queue)
        case ToAgent():
            to = AgentId(wanted.agent)
            request = DeflectToAgent(at=0, request="", by=by, call=call, agent=agent, to=to)
    return await submit_for_call(asks, has, request)
