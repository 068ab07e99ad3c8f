"""Probes for whoever keeps the process running; they tell nothing of calls."""

from typing import Literal

from fastapi import APIRouter, Response

from cti_api.access import Has
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
    responses={503: {"description": "Not every Asterisk is heard.", "model": Readiness}},
)
async def ready(has: Has) -> Response:
    """Whether every Asterisk is heard. If not, restarting us will not help."""
    board = has.switchboard.board
    nodes = dict.fromkeys(has.nodes, False) | board.nodes
    missing = [node for node, heard in nodes.items() if not heard]
    is_ready = bool(nodes) and not missing and has.switchboard.reachable
    outbound: Literal["none", "allowed", "stopped"] = "allowed" if board.outbound else "none"
    if board.outbound_stopped:
        outbound = "stopped"
    answer: Readiness = {
        "ready": is_ready,
        "nodes": {str(node): heard for node, heard in nodes.items()},
        "missing": [str(node) for node in missing],
        "faults": board.faults,
        "unrecorded": board.unrecorded,
        "outbound": outbound,
    }
    return as_json(answer, 200 if is_ready else 503)
