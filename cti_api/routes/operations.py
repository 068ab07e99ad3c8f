"""For whoever keeps the process running: probes, which tell nothing of calls, and figures, which name nobody."""

from typing import Literal

from fastapi import APIRouter, Response

from cti_api.access import Asks, Has
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import as_json
from cti_api.shapes.centre import Live, Readiness

router = APIRouter(tags=["operations"])


@router.get("/health", response_model=Live)
async def health() -> Response:
    """Whether the process answers. If it does not, restart it."""
    return as_json({"live": True})


@router.get(
    "/ready",
    response_model=Readiness,
    responses={
        503: {
            "description": "Not every Asterisk is heard, or the engine is not.",
            "model": Readiness,
        }
    },
)
async def ready(has: Has) -> Response:
    """Whether every Asterisk is heard, and the engine. If not, restarting us will not help."""
    board = has.switchboard.board
    heard, redis_heard = has.heard(), has.switchboard.redis_heard
    outbound: Literal["none", "allowed", "stopped"] = "allowed" if board.outbound else "none"
    if board.outbound_stopped:
        outbound = "stopped"
    answer: Readiness = {
        "ready": has.ready,
        "nodes": {str(node): is_heard for node, is_heard in heard.items()},
        "missing": [str(node) for node, is_heard in heard.items() if not is_heard],
        "faults": board.faults,
        "unrecorded": board.unrecorded,
        "database": "waited-for" if has.ledger is not None and has.ledger.waits else "written",
        "outbound": outbound,
        "redis": None if redis_heard is None else "heard" if redis_heard else "away",
    }
    return as_json(answer, 200 if has.ready else 503)


@router.get(
    "/metrics",
    response_class=Response,
    responses=documented(Denial.NOT_AUTHENTICATED, Denial.NOT_ALLOWED)
    | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Figures."}},
)
async def metrics(asks: Asks, has: Has) -> Response:
    """How it stands with this process, queues and agents, for Prometheus; by the key of an auditor or supervisor.

    Each process of the API tells of itself; queues, agents and calls are the same at each.
    """
    if not asks.user.reads:
        raise RefusalError(Denial.NOT_ALLOWED)
    from cti_api.metrics import CONTENT_TYPE, exposition  # Not before somebody wants it: 5 MB.

    return Response(exposition(has), headers={"Content-Type": CONTENT_TYPE})
