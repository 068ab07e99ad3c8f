"""What the routes have in common: names in paths, what every one of them may answer; nothing of one resource."""

from typing import Annotated, Any

import msgspec
from fastapi import Path, Query, Response

from acd.core.ids import AgentId, CallId, QueueId
from cti_api.refusals import Denial
from cti_api.schemas import WORD

AgentName = Annotated[AgentId, Path(pattern=WORD, max_length=64, examples=["ana"])]
CallName = Annotated[CallId, Path(pattern=WORD, max_length=200, examples=["pbx1:1750003600.9"])]
AgentQuery = Annotated[
    AgentId | None, Query(min_length=1, pattern=WORD, max_length=64, examples=["ana"])
]
QueueName = Annotated[QueueId, Path(pattern=WORD, max_length=64, examples=["support"])]

LOGGED_IN = (Denial.NOT_AUTHENTICATED,)


def as_json(content: Any, status: int = 200) -> Response:
    """The answer, encoded as it is: what made it is typed, so nothing checks it again."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")
