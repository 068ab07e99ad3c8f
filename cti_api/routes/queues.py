"""Queues: what waits in them."""

from fastapi import APIRouter, Response

from acd.core.notices import Reason
from cti_api import rights, views
from cti_api.access import Asks, Has
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN, QueueName, as_json
from cti_api.shapes.queues import Queue, QueueDispositions

router = APIRouter(tags=["queues"])


@router.get(
    "/queues",
    response_model=list[Queue],
    responses=documented(*LOGGED_IN),
)
async def list_queues(asks: Asks, has: Has) -> Response:
    """Every queue you may see: for an agent those he serves."""
    serves = has.feed.serves(asks.user)
    return as_json(
        [
            views.queue(view)
            for name, view in has.switchboard.board.queues().items()
            if rights.sees_queue(asks.user, serves, name)
        ]
    )


@router.get(
    "/queues/{queue}/dispositions",
    response_model=QueueDispositions,
    responses=documented(*LOGGED_IN, Reason.UNKNOWN_QUEUE, Denial.INVALID),
)
async def list_dispositions(queue: QueueName, asks: Asks, has: Has) -> Response:
    """What may come of this queue's calls, and whether an agent must say it before his wrap-up can be ended.

    Whatever is above another comes first; with no dispositions at all, any code may be an outcome.
    """
    found = has.switchboard.board.dispositions.get(queue)
    if found is None or not rights.sees_queue(asks.user, has.feed.serves(asks.user), queue):
        raise RefusalError(Reason.UNKNOWN_QUEUE)
    return as_json(views.dispositions(found))


@router.get(
    "/queues/{queue}",
    response_model=Queue,
    responses=documented(*LOGGED_IN, Reason.UNKNOWN_QUEUE, Denial.INVALID),
)
async def one_queue(queue: QueueName, asks: Asks, has: Has) -> Response:
    """One queue."""
    view = has.switchboard.board.queues().get(queue)
    if view is None or not rights.sees_queue(asks.user, has.feed.serves(asks.user), queue):
        raise RefusalError(Reason.UNKNOWN_QUEUE)
    return as_json(views.queue(view))
