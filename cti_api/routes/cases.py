"""What is owed to customers between their calls: promises, and who is to be called; decides nothing."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from acd.cases.follow_up import SAID, Outcome
from acd.core.notices import Reason
from cti_api.access import Asks, Caller, Has, Services
from cti_api.ports import Cases
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.customers import CustomerName, has_on_the_line
from cti_api.routes.shared import LOGGED_IN, AgentQuery, as_json
from cti_api.shapes import cases as shapes
from cti_api.shapes.forms import LARGEST, WORD

router = APIRouter(tags=["cases"])

PromiseName = Annotated[str, Path(pattern=WORD, max_length=64, examples=["p-77ab"])]
TaskName = Annotated[str, Path(pattern=WORD, max_length=64, examples=["t-1f3a"])]
_MAY_NOT = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.NOT_FOUND, Denial.INVALID)
_DAY_MS = 24 * 60 * 60 * 1000
_LONGEST_MS = 5 * 366 * _DAY_MS  # Nobody promises anything for later.


@router.post(
    "/customers/{customer}/promises",
    response_model=shapes.PromiseRecord,
    responses=documented(
        *_MAY_NOT, Denial.UNKNOWN_CUSTOMER, Reason.UNKNOWN_AGENT, Denial.TOO_LARGE
    ),
)
async def make_promise(
    customer: CustomerName, wanted: shapes.PromiseWanted, asks: Asks, has: Has
) -> Response:
    """Owe a customer something until a moment to come.

    For supervisors, and for an agent who has him on the line, or has had him within a day.
    """
    cases = await _cases_for(asks, has, customer)
    owner = wanted.owner if wanted.owner is not None else asks.user.agent
    _check(has, owner, wanted.due_at)
    row = await cases.promises.make(
        customer,
        what=wanted.what,
        owner=owner,
        due_at=wanted.due_at,
        call=wanted.call,
        by=asks.user.id,
        at=has.switchboard.now_ms(),
    )
    return as_json(_promise(row))


@router.put(
    "/customers/{customer}/promises/{promise}",
    response_model=shapes.PromiseRecord,
    responses=documented(
        *_MAY_NOT,
        Denial.UNKNOWN_PROMISE,
        Reason.UNKNOWN_AGENT,
        Denial.NOT_NOW,
        Denial.TOO_LARGE,
    ),
)
async def change_promise(
    customer: CustomerName,
    promise: PromiseName,
    wanted: shapes.PromiseChange,
    asks: Asks,
    has: Has,
) -> Response:
    """Keep or break a promise, agree upon another time, give it to another owner, open it once more.

    For supervisors, its owner, and an agent who has the customer on the line, or has had him within a day.
    """
    cases = await _cases_for(asks, has, customer, promise)
    _check(has, wanted.owner, wanted.due_at)
    said = wanted.model_dump(exclude_none=True)
    at = has.switchboard.now_ms()
    return as_json(
        _promise(await cases.promises.change(customer, promise, said, by=asks.user.id, at=at))
    )


@router.get(
    "/customers/{customer}/promises/{promise}/changes",
    response_model=list[shapes.CaseChange],
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_PROMISE),
)
async def list_promise_changes(
    customer: CustomerName, promise: PromiseName, asks: Asks, has: Has
) -> Response:
    """Who has changed what of a promise, oldest first. For who may change it, and auditors."""
    cases = cases_of(has) if asks.user.reads else await _cases_for(asks, has, customer, promise)
    await cases.promises.find(customer, promise)
    return as_json(await cases.promises.changes("promise", customer, promise))


@router.get(
    "/promises",
    response_model=list[shapes.PromiseRecord],
    responses=documented(*_MAY_NOT),
)
async def list_promises(
    asks: Asks,
    has: Has,
    state: shapes.PromiseStateName | None = None,
    owner: AgentQuery = None,
    due_before: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
) -> Response:
    """What is owed, the soonest first, 1,000 at most: for supervisors and auditors all, for an agent what he owes."""
    if not asks.user.reads:
        if asks.user.agent is None or owner not in (None, asks.user.agent):
            raise RefusalError(Denial.NOT_ALLOWED)
        owner = asks.user.agent
    rows = await cases_of(has).promises.listed(owner=owner, state=state, due_before=due_before)
    return as_json([_promise(row) for row in rows])


@router.get("/tasks", response_model=list[shapes.Task], responses=documented(*_MAY_NOT))
async def list_tasks(asks: Asks, has: Has, state: shapes.TaskStateName = "open") -> Response:
    """Who is to be called, the oldest first, 1,000 at most: for an agent his own, and anybody's in his queues."""
    agent = None
    if not asks.user.reads:
        agent = asks.user.agent
        if agent is None:
            raise RefusalError(Denial.NOT_ALLOWED)
    serves = list(has.feed.serves(asks.user)) if agent is not None else []
    rows = await cases_of(has).tasks.listed(state=state, agent=agent, queues=serves)
    return as_json([_task(row, asks, has) for row in rows])


@router.put(
    "/tasks/{task}/outcome",
    response_model=shapes.Task,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_TASK, Denial.NOT_NOW, Denial.TOO_LARGE),
)
async def finish_task(task: TaskName, wanted: shapes.TaskDone, asks: Asks, has: Has) -> Response:
    """He was called, and this came of it. For supervisors, and who was to call."""
    if not asks.user.supervises and asks.user.agent is None:
        raise RefusalError(Denial.NOT_ALLOWED)
    tasks = cases_of(has).tasks
    row = await tasks.find(task)
    at = has.switchboard.now_ms()
    if row["list"] is not None and (row["kind"], row["state"]) != ("promise", "open"):
        return as_json(_task(await _settle(asks, has, row, wanted, at), asks, has))
    his = row["agent"] == asks.user.agent if row["agent"] is not None else True
    serves = row["queue"] is None or row["queue"] in has.feed.serves(asks.user)
    if not asks.user.supervises and not (his and (serves or row["agent"] is not None)):
        raise RefusalError(Denial.UNKNOWN_TASK)  # As of one that there is not.
    closed = await tasks.close(task, outcome=wanted.outcome, at=at)
    return as_json(_task(closed, asks, has))


async def _settle(
    asks: Caller, has: Services, row: Mapping[str, Any], wanted: shapes.TaskDone, at: int
) -> Mapping[str, Any]:
    """What came of an attempt to call one who is on a list: by who has called him, or a supervisor."""
    if not asks.user.supervises and row["tried_by"] != asks.user.agent:
        raise RefusalError(Denial.UNKNOWN_TASK)
    if wanted.outcome not in [one.value for one in SAID]:
        known = ", ".join(one.value for one in SAID)
        raise RefusalError(Denial.INVALID, f"outcome: it is one of {known}")
    outcome = Outcome(wanted.outcome)
    if (outcome is Outcome.CALL_AGAIN) != (wanted.again_at is not None):
        raise RefusalError(Denial.INVALID, "again_at: call-again says when, and nothing else does")
    check_due(has, wanted.again_at)
    book = cases_of(has).follow_ups
    return await book.settle(
        row["id"],
        outcome,
        book.rules(),
        by=asks.user.id,
        at=at,
        again_at=wanted.again_at,
        note=wanted.note,
    )


def cases_of(has: Services) -> Cases:
    """The books of cases; raises RefusalError where there are none."""
    if has.cases is None:
        raise RefusalError(Denial.NOT_FOUND, "Customers are not kept here.")
    return has.cases


async def serves_customer(asks: Caller, has: Services, customer: str) -> bool:
    """Whether this user has this customer on the line, or has had him within a day."""
    if has_on_the_line(asks, has, customer):
        return True
    if asks.user.agent is None or has.cases is None:
        return False
    since = has.switchboard.now_ms() - _DAY_MS
    return await has.cases.promises.served(asks.user.agent, customer, since=since)


async def _cases_for(
    asks: Caller, has: Services, customer: str, promise: str | None = None
) -> Cases:
    """The cases, for one who may change this customer's promises, or this one; raises RefusalError."""
    if asks.user.supervises or await serves_customer(asks, has, customer):
        return cases_of(has)
    if promise is None or asks.user.agent is None:
        raise RefusalError(Denial.NOT_ALLOWED)
    cases = cases_of(has)
    if (await cases.promises.find(customer, promise))["owner"] != asks.user.agent:
        raise RefusalError(Denial.UNKNOWN_PROMISE)  # As of one that there is not.
    return cases


def _check(has: Services, owner: str | None, due_at: int | None) -> None:
    """An owner is one of ours, and a promise is for a time to come."""
    if owner is not None and owner not in has.switchboard.board.agents:
        raise RefusalError(Reason.UNKNOWN_AGENT)
    check_due(has, due_at)


def check_due(has: Services, due_at: int | None) -> None:
    """What is due is due at a time to come; raises RefusalError."""
    now = has.switchboard.now_ms()
    if due_at is not None and not now < due_at <= now + _LONGEST_MS:
        raise RefusalError(
            Denial.INVALID, "due_at: it takes a moment to come, in milliseconds since 1970"
        )


_PROMISE = (
    *("id", "what", "owner", "due_at", "state", "created_at", "reopened"),
    *("made_by", "call", "closed_at", "moved"),
)
_TASK = (
    *("id", "kind", "number", "what", "subject", "agent", "queue", "state", "due_at"),
    *("outcome", "created_at"),
)


def _promise(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"customer": row["customer_id"], **{name: row[name] for name in _PROMISE}}


def _task(row: Mapping[str, Any], asks: Caller, has: Services) -> dict[str, Any]:
    shown = {"customer": row["customer_id"], **{name: row[name] for name in _TASK}}
    masks = has.feed.views.masks
    return shown | {"number": masks.of_number(row["number"], supervises=asks.user.supervises)}
