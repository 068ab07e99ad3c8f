"""Customers and their contacts by other channels: in bulk from whoever keeps them, one by one for who serves them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from cti_api.access import Asks, Caller, Has, Services
from cti_api.ports import Customers
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN, as_json
from cti_api.shapes import customers as shapes
from cti_api.shapes.forms import WORD

router = APIRouter(tags=["customers"])

CustomerName = Annotated[str, Path(pattern=WORD, max_length=64, examples=["C-1001"])]
_MAY_NOT = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND)


@router.put(
    "/customers",
    response_model=shapes.CustomersTaken,
    responses=documented(*_MAY_NOT, Denial.INVALID, Denial.TOO_LARGE),
)
async def put_customers(wanted: shapes.CustomersWanted, asks: Asks, has: Has) -> Response:
    """List customers or correct them, 500 at most at once. For supervisors.

    What is not named stays as it is, null empties it; the same again changes nothing. Bad rows are told, and the
    others taken; a number that cannot be read is left out and told.
    """
    book = _book(asks, has)
    rows = [one.model_dump(exclude_unset=True) for one in wanted.customers]
    return as_json(await book.put(rows, at=has.switchboard.now_ms()))


@router.get(
    "/customers",
    response_model=list[str],
    responses=documented(*_MAY_NOT, Denial.INVALID),
)
async def find_customers(
    asks: Asks,
    has: Has,
    number: Annotated[str, Query(pattern=WORD, max_length=64, description="As people write it.")],
) -> Response:
    """The ids of the customers who have a number, 100 at most. For supervisors and auditors."""
    return as_json(await _book(asks, has, reads=True).who_has(number, at=has.switchboard.now_ms()))


@router.get(
    "/customers/{customer}",
    response_model=shapes.CustomerRecord,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_CUSTOMER, Denial.INVALID),
)
async def one_customer(customer: CustomerName, asks: Asks, has: Has) -> Response:
    """All that is listed of a customer. For supervisors, auditors, and an agent who has him on the line."""
    book = _book(asks, has, customer, reads=True)
    record = await book.find(customer)
    if record is None:
        raise RefusalError(Denial.UNKNOWN_CUSTOMER)
    return as_json(has.feed.views.masks.of_record(record, supervises=asks.user.supervises))


@router.put(
    "/contacts",
    response_model=shapes.ContactsTaken,
    responses=documented(*_MAY_NOT, Denial.INVALID, Denial.TOO_LARGE),
)
async def put_contacts(wanted: shapes.ContactsWanted, asks: Asks, has: Has) -> Response:
    """Contacts by chat, e-mail, WeChat, SMS or visit, 500 at most at once. For supervisors.

    They stand in the same line as calls, and make a caller a repeat caller where a queue's rule says so. One of the
    same id takes the place of the first.
    """
    book = _book(asks, has)
    rows = [one.model_dump() for one in wanted.contacts]
    return as_json(await book.put_contacts(rows, at=has.switchboard.now_ms()))


def has_on_the_line(asks: Caller, has: Services, customer: str) -> bool:
    """Whether this user talks to this customer, or is rung for him."""
    return any(
        one.id == customer
        for call in has.switchboard.board.calls.values()
        if asks.user.agent is not None and asks.user.agent in (call.agent, *call.ringing)
        for one in call.identity.customers
    )


def _book(
    asks: Caller, has: Services, customer: str | None = None, *, reads: bool = False
) -> Customers:
    """The customers, for one who may change them, or who only reads; raises RefusalError."""
    serves = customer is not None and has_on_the_line(asks, has, customer)
    may = asks.user.reads if reads else asks.user.supervises
    if not may and not serves:
        raise RefusalError(Denial.NOT_ALLOWED)
    if has.customers is None:
        raise RefusalError(Denial.NOT_FOUND, "Customers are not kept here.")
    return has.customers
