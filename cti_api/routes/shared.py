"""What the routes have in common: names in paths, what every one of them may answer; nothing of one resource."""

from typing import Annotated, Any

import msgspec
from fastapi import Path, Query, Response

from acd.core import requests
from acd.core.board import CallView
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.notices import Reason, Refused
from cti_api import rights, views
from cti_api.access import Caller, Services
from cti_api.refusals import Denial, RefusalError
from cti_api.rights import Sight
from cti_api.shapes.calls import Call
from cti_api.shapes.forms import WORD

AgentName = Annotated[AgentId, Path(pattern=WORD, max_length=64, examples=["ana"])]
CallName = Annotated[CallId, Path(pattern=WORD, max_length=200, examples=["pbx1:1750003600.9"])]
AgentQuery = Annotated[
    AgentId | None, Query(min_length=1, pattern=WORD, max_length=64, examples=["ana"])
]
QueueName = Annotated[QueueId, Path(pattern=WORD, max_length=64, examples=["support"])]
NumberName = Annotated[
    str, Path(pattern=r"^\+?[0-9]{1,20}$", max_length=21, examples=["+861065551234"])
]

LOGGED_IN = (Denial.NOT_AUTHENTICATED,)


def as_json(content: Any, status: int = 200) -> Response:
    """The answer, encoded as it is: what made it is typed, so nothing checks it again."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


async def submit(has: Services, request: requests.Request) -> None:
    """Ask the engine for it. Raises RefusalError."""
    answer = await has.switchboard.submit(request)
    if isinstance(answer, Refused):
        raise RefusalError(answer.reason, answer.detail or None)


async def submit_for_call(
    asks: Caller,
    has: Services,
    request: requests.CallRequest
    | requests.CallControl
    | requests.InCall
    | requests.WriteData
    | requests.OfOffer,
) -> Response:
    """Submit what changes a call; answers with the call as it is then. Raises RefusalError."""
    await submit(has, request)
    view = has.switchboard.board.calls.get(request.call)
    if view is None:
        raise RefusalError(Reason.UNKNOWN_CALL)  # It has ended in this very step.
    return as_json(shown_call(asks, has, view))


async def submit_for_agent(has: Services, agent: AgentId, request: requests.Request) -> Response:
    """Submit what changes an agent; answers with this agent as he is then. Raises RefusalError."""
    await submit(has, request)
    view = has.switchboard.board.agents.get(agent)
    if view is None:
        raise RefusalError(Reason.UNKNOWN_AGENT)  # Taken out of the configuration just now.
    return as_json(views.agent(view, full=True))


def known_call(asks: Caller, has: Services, call: CallId) -> CallView:
    """This live call. Who may not see any of it is told what is told of one that there is not. Raises RefusalError."""
    view = has.switchboard.board.calls.get(call)
    if view is None or sight_of(asks, has, view) is Sight.NONE:
        raise RefusalError(Reason.UNKNOWN_CALL)
    return view


def sight_of(asks: Caller, has: Services, view: CallView) -> Sight:
    """How much who asks sees of a call."""
    return rights.sight_of_call(asks.user, has.feed.serves(asks.user), view)


def shown_call(asks: Caller, has: Services, view: CallView, *, full: bool = True) -> Call:
    """The call as who asks may see it."""
    user = asks.user
    return has.feed.views.call(view, full=full, supervises=user.supervises, agent=user.agent)


def acting_for(asks: Caller, agent: AgentId) -> str:
    """The user by whom it is asked for this agent: himself, or a supervisor; raises RefusalError if it is neither."""
    if not rights.may_act_for(asks.user, agent):
        raise RefusalError(Denial.NOT_ALLOWED)
    return asks.user.id
