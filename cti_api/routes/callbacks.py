"""Calls that are owed to callers: who asks for one, who calls it off; when one is paid, the engine says."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from acd.core import requests
from acd.core.board import CallView
from acd.core.callback import CallbackId
from acd.core.ids import CustomerId, QueueId
from acd.core.notices import Reason
from cti_api.access import Asks, Has, Services
from cti_api.ports import Role
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.outbound import number_of
from cti_api.routes.shared import LOGGED_IN, as_json, shown_call, submit
from cti_api.shapes.callbacks import CallbackWanted
from cti_api.shapes.calls import Call
from cti_api.shapes.forms import WORD

router = APIRouter(tags=["callbacks"])

CallbackName = Annotated[CallbackId, Path(pattern=WORD, max_length=160, examples=["1750003600.9"])]
_MAY_NOT = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.INVALID)


@router.get("/callbacks", response_model=list[Call], responses=documented(*_MAY_NOT))
async def list_callbacks(
    asks: Asks,
    has: Has,
    queue: Annotated[str | None, Query(max_length=64, pattern=WORD)] = None,
) -> Response:
    """Who is to be called back, who has asked first in front; all, or of one queue. For supervisors and auditors.

    Each is a call that waits without its caller: `PUT /v1/calls/{call}/priority` and the like hold for it too.
    """
    if not asks.user.reads:
        raise RefusalError(Denial.NOT_ALLOWED)
    found = [view for view in _owed(has) if queue is None or view.queue == queue]
    found.sort(key=lambda view: (view.joined_at or 0, view.id))
    return as_json([shown_call(asks, has, view) for view in found])


@router.post(
    "/callbacks",
    status_code=201,
    response_model=Call,
    responses=documented(
        *_MAY_NOT,
        Reason.UNKNOWN_QUEUE,
        Reason.NO_CALLBACKS,
        Reason.CALLED_BACK_ALREADY,
        Reason.BAD_NUMBER,
        Reason.NO_ROUTE,
        Reason.PREMIUM_NUMBER,
        Reason.SATELLITE_NUMBER,
        Denial.TOO_LARGE,
    ),
)
async def register_callback(wanted: CallbackWanted, asks: Asks, has: Has) -> Response:
    """Somebody is called when it would be his turn had he called now, or at `due_at`. For agents and supervisors.

    Only supervisors put anybody before the others, by a `priority`.
    """
    if asks.user.role not in (Role.AGENT, Role.SUPERVISOR, Role.ADMIN):
        raise RefusalError(Denial.NOT_ALLOWED)
    if wanted.priority and not asks.user.supervises:
        raise RefusalError(Denial.NOT_ALLOWED)
    number = number_of(has, wanted.number)
    request = requests.RegisterCallback(
        at=0,
        request="",
        by=asks.user.id,
        queue=QueueId(wanted.queue),
        number=number,
        name=wanted.name,
        customer=CustomerId(wanted.customer) if wanted.customer is not None else None,
        priority=wanted.priority,
        data=wanted.data,
        due_at=wanted.due_at,
    )
    await submit(has, request)
    view = next((view for view in _owed(has) if view.number == number.digits), None)
    if view is None:
        raise RefusalError(Reason.UNKNOWN_CALLBACK)  # It was called off in this very moment.
    return as_json(shown_call(asks, has, view), 201)


@router.delete(
    "/callbacks/{callback}",
    status_code=204,
    responses=documented(*_MAY_NOT, Reason.UNKNOWN_CALLBACK),
)
async def cancel_callback(
    callback: CallbackName,
    asks: Asks,
    has: Has,
    reason: Annotated[str, Query(max_length=64, pattern=WORD)] = "",
) -> Response:
    """He is not called any more; if he is being called, that ends. For supervisors."""
    if not asks.user.supervises:
        raise RefusalError(Denial.NOT_ALLOWED)
    request = requests.CancelCallback(by=asks.user.id, callback=callback, reason=reason)
    await submit(has, request)
    return Response(status_code=204)


def _owed(has: Services) -> list[CallView]:
    return [view for view in has.switchboard.board.calls.values() if view.callback is not None]
