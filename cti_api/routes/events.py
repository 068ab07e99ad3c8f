"""The events, over a WebSocket or as a stream of server-sent events."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Depends, Header, Query, Request, Response, WebSocket
from pydantic import StringConstraints
from starlette.requests import HTTPConnection

from acd.core.ids import QueueId
from acd.core.notices import Reason
from cti_api.access import Asks, Caller, Has, Services, caller_of, services_of
from cti_api.asyncapi import SUBPROTOCOL, document
from cti_api.event_stream import EventStream
from cti_api.feed import Audience
from cti_api.interests import Interest, Topic, interest_in
from cti_api.ports import User
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN, as_json
from cti_api.shapes.access import Ticket

router = APIRouter(tags=["events"])


@router.post(
    "/ws-ticket",
    status_code=201,
    response_model=Ticket,
    responses=documented(*LOGGED_IN),
)
async def ticket_for_socket(asks: Asks, has: Has) -> Response:
    """For browsers, which cannot send a header with a WebSocket: /v1/events?ticket=…, once, within 30 s."""
    ticket, expires_at = await has.tickets.issue(asks.session.digest, has.switchboard.now_ms())
    answer: Ticket = {"ticket": ticket, "expires_at": expires_at}
    return as_json(answer, 201)


_Resume = Annotated[int | None, Query(ge=0, description="The last `seq` you have seen.")]
_Ticket = Annotated[str | None, Query(max_length=200, description="Of POST /v1/ws-ticket.")]

_QueueName: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=64)]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What of it somebody wants to hear."""

    mine_only: bool
    interest: Interest

    def by(self, user: User, has: Services) -> Audience:
        """Somebody who wants to hear of a queue that is none would wait for ever."""
        if not self.interest.queues <= has.switchboard.board.queues().keys():
            raise RefusalError(Reason.UNKNOWN_QUEUE)
        return Audience(user=user, mine_only=self.mine_only, interest=self.interest)


async def _wanted(
    scope: Annotated[
        Literal["all", "mine"], Query(description="`mine`: not how your colleagues are.")
    ] = "all",
    topic: Annotated[
        tuple[Topic, ...], Query(description="Of these alone; once for each. None: of all.")
    ] = (),
    queue: Annotated[
        tuple[_QueueName, ...],
        Query(
            max_length=100,
            description="Of these alone, and of what concerns yourself; once for each. None: of all.",
        ),
    ] = (),
) -> _Wanted:
    return _Wanted(scope == "mine", interest_in(topic, map(QueueId, queue)))


_Wants = Annotated[_Wanted, Depends(_wanted)]
_LastEventId = Annotated[int | None, Header(ge=0, description="The last `id` you have seen.")]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The frames of the WebSocket, for ever.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'id: 1750003600200001\nevent: event\ndata: {"type":"event", …}\n\n'
                'event: closed\ndata: {"code":1012,"reason":"we are being restarted: connect again and resume"}\n\n',
            }
        },
    }
}


@router.get(
    "/events",
    status_code=426,
    responses=documented(
        Denial.NOT_AUTHENTICATED,
        Denial.FOREIGN_ORIGIN,
        Reason.UNKNOWN_QUEUE,
        Denial.INVALID,
        Denial.UPGRADE_REQUIRED,
        Denial.TOO_MANY_SOCKETS,
        Denial.UNKNOWN_SUBPROTOCOL,
    ),
)
async def events_need_a_socket(
    wants: _Wants, ticket: _Ticket = None, resume: _Resume = None
) -> Response:
    """The events, numbered, as a WebSocket with an Authorization header or a ticket.

    The first frame is a snapshot; or, with `resume`, word that what you have missed follows. An agent is
    told of his own calls, of his queues, and how his colleagues are; `topic` and `queue` make that less. Each frame
    is described in `/v1/asyncapi.json`. Whoever is too slow is closed with 1013, whoever is logged out with 4401.
    You may say `{"type":"ping"}`, 20 times in 10 s at most.
    """
    raise RefusalError(Denial.UPGRADE_REQUIRED, headers={"Upgrade": "websocket"})


@router.get("/asyncapi.json", include_in_schema=False)
async def describe_socket(request: Request) -> Response:
    """The WebSocket, described for programs."""
    return as_json(document(request.app.version))


@router.websocket("/events")
async def events(
    websocket: WebSocket, wants: _Wants, ticket: _Ticket = None, resume: _Resume = None
) -> None:
    """The feed, for one who may hear it."""
    has = services_of(websocket)
    try:
        _check_origin(websocket, has)
        offered = websocket.scope["subprotocols"]
        if offered and SUBPROTOCOL not in offered:
            raise RefusalError(Denial.UNKNOWN_SUBPROTOCOL)
        _check_engine(has)
        asks = await _caller_on_socket(websocket, has, ticket)
        if has.sockets.full_for(asks.user.id):
            raise RefusalError(Denial.TOO_MANY_SOCKETS)
        audience = wants.by(asks.user, has)
    except RefusalError as problem:
        await websocket.send_denial_response(problem.response())
        return
    await websocket.accept(subprotocol=SUBPROTOCOL if offered else None)
    await has.sockets.serve(websocket, audience, asks.session, resume)


@router.get(
    "/events/stream",
    response_class=Response,
    responses=_STREAM
    | documented(
        *LOGGED_IN,
        Reason.UNKNOWN_QUEUE,
        Denial.FOREIGN_ORIGIN,
        Denial.INVALID,
        Denial.TOO_MANY_SOCKETS,
    ),
)
async def stream_events(
    request: Request,
    has: Has,
    wants: _Wants,
    ticket: _Ticket = None,
    resume: _Resume = None,
    last_event_id: _LastEventId = None,
) -> Response:
    """The same events for those who cannot use WebSockets: server-sent events, with the frames of the WebSocket.

    An event's name is the frame's `type`. `Last-Event-ID`, or `resume`, goes on where you were. An event `closed` says
    why the stream ends, with the WebSocket's codes; whoever reads so slowly that it does not get through finds the
    stream cut off, and misses nothing if he comes back. A comment every 15 s keeps it open. A browser's `EventSource`
    sends no header: give it a `ticket`, and close it on `closed` and on errors, for to come back it needs a new one.
    """
    _check_origin(request, has)
    _check_engine(has)
    asks = await _caller_on_socket(request, has, ticket)
    if has.sockets.full_for(asks.user.id):
        raise RefusalError(Denial.TOO_MANY_SOCKETS)
    audience = wants.by(asks.user, has)
    seen = last_event_id if last_event_id is not None else resume
    return EventStream(has.sockets, audience, asks.session, seen)


async def _caller_on_socket(
    connection: HTTPConnection, has: Services, ticket: str | None
) -> Caller:
    at = has.switchboard.now_ms()
    if ticket is not None:
        digest = await has.tickets.redeem(ticket, at)
        return await caller_of(has, await has.tokens.known(digest, at) if digest else None)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    proven = await has.tokens.proven(token.strip(), at) if scheme.lower() == "bearer" else None
    return await caller_of(has, proven)


def _check_engine(has: Services) -> None:
    """Whoever listened now would hear nothing, and not know it."""
    if not has.switchboard.reachable:
        raise RefusalError(Denial.ENGINE_AWAY, headers={"Retry-After": "1"})


def _check_origin(connection: HTTPConnection, has: Services) -> None:
    """A page of another site must not connect; who is no browser sends no origin."""
    origin = connection.headers.get("origin")
    if origin is None or origin in has.origins:
        return
    if origin.partition("://")[2] != connection.headers.get("host"):
        raise RefusalError(Denial.FOREIGN_ORIGIN)
