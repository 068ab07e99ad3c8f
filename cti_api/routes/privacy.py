"""Two customers who are one, one who is two, and one who is to be forgotten: each on record with who did it and why."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from cti_api.access import Asks, Caller, Has, Services
from cti_api.ports import Persons, Role
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.customers import CustomerName
from cti_api.routes.shared import LOGGED_IN, as_json
from cti_api.shapes import privacy as shapes
from cti_api.shapes.forms import LARGEST, Line

router = APIRouter(tags=["customers"])

ChangeNumber = Annotated[int, Path(ge=1, le=LARGEST, examples=[7])]
_MAY_NOT = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND, Denial.INVALID)


@router.post(
    "/customers/{customer}/merge",
    response_model=shapes.CustomerChange,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_CUSTOMER, Denial.SAME_CUSTOMER),
)
async def merge_customers(
    customer: CustomerName, wanted: shapes.MergeWanted, asks: Asks, has: Has
) -> Response:
    """For supervisors: another customer is this one. His numbers, calls, promises and all else are this one's.

    A call that he is in goes on, and is this one's when it is written down. `undo` takes it back.
    """
    desk = _desk(asks, has, allowed=asks.user.supervises)
    done = await desk.merge(customer, wanted.gone, by=asks.user.id, reason=wanted.reason)
    return as_json(done)


@router.post(
    "/customers/{customer}/split",
    response_model=shapes.CustomerChange,
    responses=documented(
        *_MAY_NOT, Denial.UNKNOWN_CUSTOMER, Denial.CUSTOMER_EXISTS, Denial.NOT_HIS_NUMBERS
    ),
)
async def split_customer(
    customer: CustomerName, wanted: shapes.SplitWanted, asks: Asks, has: Has
) -> Response:
    """For supervisors: some numbers of this customer are another one's, with the calls that came from them."""
    desk = _desk(asks, has, allowed=asks.user.supervises)
    done = await desk.split(
        customer,
        wanted.id,
        wanted.name,
        wanted.numbers,
        by=asks.user.id,
        reason=wanted.reason,
    )
    return as_json(done)


@router.get(
    "/customer-changes",
    response_model=list[shapes.CustomerChange],
    responses=documented(*_MAY_NOT),
)
async def list_customer_changes(
    asks: Asks,
    has: Has,
    customer: Annotated[Line, Query(description="Who was part of them.", examples=["C-1001"])],
) -> Response:
    """The merges and splits that a customer was part of, newest first, 100 at most. For supervisors and auditors."""
    return as_json(await _desk(asks, has, allowed=asks.user.reads).changes(customer))


@router.post(
    "/customer-changes/{change}/undo",
    status_code=204,
    response_class=Response,
    responses=documented(
        *_MAY_NOT,
        Denial.UNKNOWN_CHANGE,
        Denial.UNDONE_ALREADY,
        Denial.UNKNOWN_CUSTOMER,
        Denial.CUSTOMER_EXISTS,
    ),
)
async def undo_customer_change(
    change: ChangeNumber, wanted: shapes.UndoWanted, asks: Asks, has: Has
) -> Response:
    """For supervisors: take a merge or a split back, as far as what was moved is still where it was moved to."""
    desk = _desk(asks, has, allowed=asks.user.supervises)
    await desk.undo(change, by=asks.user.id, reason=wanted.reason)
    return Response(status_code=204)


@router.delete(
    "/customers/{customer}",
    response_model=shapes.Erased,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_CUSTOMER),
)
async def erase_customer(
    customer: CustomerName,
    asks: Asks,
    has: Has,
    reason: Annotated[
        Line,
        Query(description="Kept for the audit, so without anybody's name.", examples=["asked"]),
    ],
) -> Response:
    """For admins: forget this customer for good, with his recordings. How many called, and how long, stays.

    Nothing takes this back. Journals hold what was said to us for as many days as `journal_days` says.
    """
    desk = _desk(asks, has, allowed=asks.user.role is Role.ADMIN)
    return as_json({"rows": await desk.erase(customer, by=asks.user.id, reason=reason)})


def _desk(asks: Caller, has: Services, *, allowed: bool) -> Persons:
    """Raises RefusalError."""
    if not allowed:
        raise RefusalError(Denial.NOT_ALLOWED)
    if has.persons is None:
        raise RefusalError(Denial.NOT_FOUND, "Customers are not kept here.")
    return has.persons
