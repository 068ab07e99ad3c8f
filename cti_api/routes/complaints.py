"""Complaints: opened by who hears them, brought on by owners, verified by the back office; decides nothing."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from acd.cases.complaint import ComplaintState, owner_may
from cti_api.access import Asks, Caller, Has, Services
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.cases import cases_of, check_due, serves_customer
from cti_api.routes.customers import CustomerName
from cti_api.routes.shared import LOGGED_IN, as_json
from cti_api.shapes import cases as shapes
from cti_api.shapes.callers import ComplaintStateName
from cti_api.shapes.forms import LARGEST, WORD

router = APIRouter(tags=["cases"])

ComplaintName = Annotated[str, Path(pattern=WORD, max_length=64, examples=["k-5c01"])]
_MAY_NOT = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND, Denial.INVALID)


@router.post(
    "/customers/{customer}/complaints",
    response_model=shapes.ComplaintRecord,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_CUSTOMER, Denial.TOO_LARGE),
)
async def open_complaint(
    customer: CustomerName, wanted: shapes.ComplaintWanted, asks: Asks, has: Has
) -> Response:
    """Open a complaint.

    For supervisors, the back office, and an agent who has the customer on the line, or has had him within a day.
    """
    if not asks.user.settles and not await serves_customer(asks, has, customer):
        raise RefusalError(Denial.NOT_ALLOWED)
    cases = cases_of(has)
    await _check_owner(has, wanted.owner)
    check_due(has, wanted.due_at)
    row = await cases.complaints.make(
        customer,
        what=wanted.what,
        category=wanted.category,
        owner=wanted.owner,
        due_at=wanted.due_at,
        call=wanted.call,
        by=asks.user.id,
        at=has.switchboard.now_ms(),
    )
    return as_json(_shown(row))


@router.get(
    "/complaints",
    response_model=list[shapes.ComplaintRecord],
    responses=documented(*_MAY_NOT),
)
async def list_complaints(
    asks: Asks,
    has: Has,
    state: ComplaintStateName | None = None,
    owner: Annotated[str | None, Query(pattern=WORD, max_length=64)] = None,
    due_before: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
) -> Response:
    """Complaints, the soonest due first, 1,000 at most: for supervisors, back office and auditors all.

    For others those that they own.
    """
    if not (asks.user.settles or asks.user.reads):
        if owner not in (None, asks.user.id):
            raise RefusalError(Denial.NOT_ALLOWED)
        owner = asks.user.id
    found = cases_of(has).complaints
    rows = await found.listed(owner=owner, state=state, due_before=due_before)
    return as_json([_shown(row) for row in rows])


@router.get(
    "/complaints/{complaint}",
    response_model=shapes.ComplaintRecord,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_COMPLAINT),
)
async def one_complaint(complaint: ComplaintName, asks: Asks, has: Has) -> Response:
    """One complaint. For supervisors, the back office, auditors, its owner, and who opened it."""
    return as_json(_shown(await _seen(asks, has, complaint)))


@router.get(
    "/complaints/{complaint}/changes",
    response_model=list[shapes.CaseChange],
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_COMPLAINT),
)
async def list_complaint_changes(complaint: ComplaintName, asks: Asks, has: Has) -> Response:
    """Who has changed what of a complaint, oldest first. For who may see it."""
    row = await _seen(asks, has, complaint)
    found = cases_of(has).complaints
    return as_json(await found.changes("complaint", row["customer_id"], complaint))


@router.put(
    "/complaints/{complaint}",
    response_model=shapes.ComplaintRecord,
    responses=documented(
        *_MAY_NOT, Denial.UNKNOWN_COMPLAINT, Denial.NOT_BY_YOU, Denial.NOT_NOW, Denial.TOO_LARGE
    ),
)
async def change_complaint(
    complaint: ComplaintName, wanted: shapes.ComplaintChange, asks: Asks, has: Has
) -> Response:
    """Bring a complaint on, give it to another owner, agree upon another time.

    Its owner takes it in work, answers it, or gives it away. That it is settled is verified by a supervisor or the
    back office, and not by who answered it; then it can be closed. They may also withdraw it and open it again.
    """
    row = await _seen(asks, has, complaint)
    if not asks.user.settles and not _owner_may(asks, row, wanted):
        raise RefusalError(Denial.NOT_ALLOWED)
    await _check_owner(has, wanted.owner)
    check_due(has, wanted.due_at)
    said = wanted.model_dump(exclude_none=True)
    at = has.switchboard.now_ms()
    found = cases_of(has).complaints
    return as_json(_shown(await found.change(complaint, said, by=asks.user.id, at=at)))


async def _seen(asks: Caller, has: Services, complaint: str) -> Mapping[str, Any]:
    """The complaint, for one who may see it; for others there is none."""
    row = await cases_of(has).complaints.find(complaint)
    sees = asks.user.settles or asks.user.reads
    if not sees and asks.user.id not in (row["owner"], row["opened_by"]):
        raise RefusalError(Denial.UNKNOWN_COMPLAINT)
    return row


def _owner_may(asks: Caller, row: Mapping[str, Any], wanted: shapes.ComplaintChange) -> bool:
    """Whether he who asks owns it and may change that much himself. Until when is not for him to say."""
    if row["owner"] != asks.user.id or wanted.due_at is not None:
        return False
    state = ComplaintState(row["state"])
    return wanted.state is None or owner_may(state, ComplaintState(wanted.state))


async def _check_owner(has: Services, owner: str | None) -> None:
    if owner is not None and await has.users.find(owner) is None:
        raise RefusalError(Denial.INVALID, "owner: there is no such user")


_COMPLAINT = (
    *("id", "what", "category", "owner", "state", "due_at", "opened_at"),
    *("call", "opened_by", "answered_by", "verified_by", "ended_at", "changed_at"),
)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"customer": row["customer_id"], **{name: row[name] for name in _COMPLAINT}}
