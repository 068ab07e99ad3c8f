"""The resources: each route checks the right, submits the request, and renders what came of it."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response, WebSocket
from starlette.requests import HTTPConnection

from acd.core import requests
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.notices import Reason, Refused
from cti_api import rights, schemas, views
from cti_api.access import Asks, Caller, Has, Services, address_of, caller_of, services_of
from cti_api.feed import Audience
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.rights import Sight

v1 = APIRouter(prefix="/v1", responses=documented(Denial.FAULT))
probes = APIRouter(tags=["operations"])

AgentName = Annotated[AgentId, Path(max_length=64, examples=["ana"])]
CallName = Annotated[CallId, Path(max_length=200, examples=["pbx1:1750003600.9"])]
AgentQuery = Annotated[AgentId | None, Query(max_length=64, examples=["ana"])]
QueueName = Annotated[QueueId, Path(max_length=64, examples=["support"])]

_LOGGED_IN = (Denial.NOT_AUTHENTICATED,)
_AGENT = (
    Denial.NOT_AUTHENTICATED,
    Denial.NOT_ALLOWED,
    Reason.UNKNOWN_AGENT,
    Reason.NOT_LOGGED_IN,
    Denial.INVALID,
)


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


# Logging in.


@v1.post(
    "/session",
    tags=["session"],
    status_code=201,
    response_model=schemas.Session,
    responses=documented(
        Denial.WRONG_CREDENTIALS, Denial.INVALID, Denial.TOO_LARGE, Denial.TOO_MANY_ATTEMPTS
    ),
)
async def log_in_user(request: Request, said: schemas.Credentials, has: Has) -> Response:
    """Log a user in. The token goes into the Authorization header of everything else: `Bearer …`."""
    at, address = has.switchboard.now_ms(), address_of(request)
    # Taken before the password is checked, or many attempts at once would all be let through.
    wait_ms = has.attempts_from.take(address, at) or has.attempts_of_user.take(said.user, at)
    if wait_ms:
        seconds = str(-(-wait_ms // 1000))
        raise RefusalError(Denial.TOO_MANY_ATTEMPTS, headers={"Retry-After": seconds})
    user = await has.users.find(said.user)
    matches = await has.passwords.match(user, said.password)
    if user is None or not matches:
        raise RefusalError(Denial.WRONG_CREDENTIALS)
    has.attempts_from.give_back(address)
    has.attempts_of_user.give_back(said.user)
    token, session = await has.tokens.issue(user.id, has.switchboard.now_ms())
    answer: schemas.Session = {
        "token": token,
        "expires_at": session.expires_at,
        "user": user.id,
        "role": user.role.value,
        "agent": user.agent,
    }
    return _json(answer, 201)


@v1.delete("/session", tags=["session"], status_code=204, responses=documented(*_LOGGED_IN))
async def log_out_user(asks: Asks, has: Has) -> Response:
    """Make the token worthless, and close its sockets. The agent's shift goes on."""
    await has.tokens.revoke(asks.session.digest, has.switchboard.now_ms())
    await has.sockets.check(has.tokens, has.users)
    return Response(status_code=204)


@v1.get("/me", tags=["session"], response_model=schemas.Me, responses=documented(*_LOGGED_IN))
async def who_am_i(asks: Asks, has: Has) -> Response:
    """Who you are, what you do, and the calls you are offered or have."""
    board, agent = has.switchboard.board, asks.user.agent
    view = board.agents.get(agent) if agent else None
    answer: schemas.Me = {
        "user": asks.user.id,
        "role": asks.user.role.value,
        "agent": agent,
        "expires_at": asks.session.expires_at,
        "view": views.agent(view, full=True) if view else None,
        "calls": [
            has.feed.views.call(call, full=True)
            for call in board.calls.values()
            if agent and call.agent == agent
        ],
    }
    return _json(answer)


# Agents.


@v1.get(
    "/agents",
    tags=["agents"],
    response_model=list[schemas.Agent],
    responses=documented(*_LOGGED_IN),
)
async def list_agents(asks: Asks, has: Has) -> Response:
    """Every agent you may see: for an agent himself, and the colleagues who serve a queue of his."""
    serves = has.feed.serves(asks.user)
    return _json(
        [
            views.agent(view, full=sight is Sight.FULL)
            for view in has.switchboard.board.agents.values()
            if (sight := rights.sight_of_agent(asks.user, serves, view)) is not Sight.NONE
        ]
    )


@v1.get(
    "/agents/{agent}",
    tags=["agents"],
    response_model=schemas.Agent,
    responses=documented(*_LOGGED_IN, Reason.UNKNOWN_AGENT, Denial.INVALID),
)
async def one_agent(agent: AgentName, asks: Asks, has: Has) -> Response:
    """One agent."""
    view = has.switchboard.board.agents.get(agent)
    sight = rights.sight_of_agent(asks.user, has.feed.serves(asks.user), view) if view else None
    if view is None or sight is Sight.NONE:
        raise RefusalError(Reason.UNKNOWN_AGENT)
    return _json(views.agent(view, full=sight is Sight.FULL))


@v1.put(
    "/agents/{agent}/shift",
    tags=["agents"],
    response_model=schemas.Agent,
    responses=documented(
        Denial.NOT_AUTHENTICATED, Denial.NOT_ALLOWED, Reason.UNKNOWN_AGENT, Denial.INVALID
    ),
)
async def log_agent_in(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`log-in`: begin a shift, not ready; or take back a log-out that has not happened yet."""
    by = _may_act(asks, agent)
    return await _submit(has, requests.LogIn(at=0, request="", by=by, agent=agent))


@v1.delete(
    "/agents/{agent}/shift",
    tags=["agents"],
    response_model=schemas.Agent,
    responses=documented(*_AGENT),
)
async def log_agent_out(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`log-out`: end the shift, at once, or when the call in hand is over."""
    by = _may_act(asks, agent)
    return await _submit(has, requests.LogOut(at=0, request="", by=by, agent=agent))


@v1.put(
    "/agents/{agent}/state",
    tags=["agents"],
    response_model=schemas.Agent,
    responses=documented(*_AGENT, Denial.TOO_LARGE),
)
async def set_agent_state(
    agent: AgentName, wanted: schemas.StateWanted, asks: Asks, has: Has
) -> Response:
    """`become-ready` or `become-not-ready`: at once, or when the call in hand is over."""
    by = _may_act(asks, agent)
    match wanted:
        case schemas.ReadyWanted():
            request: requests.Request = requests.BecomeReady(at=0, request="", by=by, agent=agent)
        case schemas.NotReadyWanted():
            request = requests.BecomeNotReady(
                at=0, request="", by=by, agent=agent, reason=wanted.reason
            )
    return await _submit(has, request)


@v1.delete(
    "/agents/{agent}/wrap-up",
    tags=["agents"],
    response_model=schemas.Agent,
    responses=documented(*_AGENT, Reason.NOT_IN_WRAP_UP),
)
async def finish_wrap_up(agent: AgentName, asks: Asks, has: Has) -> Response:
    """`finish-wrap-up`: the work after the call is done before its time is up."""
    by = _may_act(asks, agent)
    return await _submit(has, requests.FinishWrapUp(at=0, request="", by=by, agent=agent))


def _may_act(asks: Caller, agent: AgentId) -> str:
    """The user by whom a request for this agent comes; raises RefusalError if he may not make it."""
    if not rights.may_act_for(asks.user, agent):
        raise RefusalError(Denial.NOT_ALLOWED)
    return asks.user.id


async def _submit(has: Services, request: requests.Request) -> Response:
    """Submit what changes an agent; answers with the agent as he is then."""
    answer = await has.switchboard.submit(request)
    if isinstance(answer, Refused):
        raise RefusalError(answer.reason)
    view = has.switchboard.board.agents.get(request.agent)
    if view is None:
        raise RefusalError(Reason.UNKNOWN_AGENT)  # Taken out of the configuration just now.
    return _json(views.agent(view, full=True))


# Queues.


@v1.get(
    "/queues",
    tags=["queues"],
    response_model=list[schemas.Queue],
    responses=documented(*_LOGGED_IN),
)
async def list_queues(asks: Asks, has: Has) -> Response:
    """Every queue you may see: for an agent those he serves."""
    serves = has.feed.serves(asks.user)
    return _json(
        [
            views.queue(view)
            for name, view in has.switchboard.board.queues().items()
            if rights.sees_queue(asks.user, serves, name)
        ]
    )


@v1.get(
    "/queues/{queue}",
    tags=["queues"],
    response_model=schemas.Queue,
    responses=documented(*_LOGGED_IN, Denial.UNKNOWN_QUEUE, Denial.INVALID),
)
async def one_queue(queue: QueueName, asks: Asks, has: Has) -> Response:
    """One queue."""
    view = has.switchboard.board.queues().get(queue)
    if view is None or not rights.sees_queue(asks.user, has.feed.serves(asks.user), queue):
        raise RefusalError(Denial.UNKNOWN_QUEUE)
    return _json(views.queue(view))


# Calls.


@v1.get(
    "/calls",
    tags=["calls"],
    response_model=list[schemas.Call],
    responses=documented(*_LOGGED_IN),
)
async def list_calls(asks: Asks, has: Has) -> Response:
    """Every live call you may see: for an agent his own, and masked those that wait in his queues."""
    serves = has.feed.serves(asks.user)
    return _json(
        [
            has.feed.views.call(view, full=sight is Sight.FULL)
            for view in has.switchboard.board.calls.values()
            if (sight := rights.sight_of_call(asks.user, serves, view)) is not Sight.NONE
        ]
    )


@v1.get(
    "/calls/{call}",
    tags=["calls"],
    response_model=schemas.Call,
    responses=documented(*_LOGGED_IN, Reason.UNKNOWN_CALL, Denial.INVALID),
)
async def one_call(call: CallName, asks: Asks, has: Has) -> Response:
    """One live call, with all that the screen pop said."""
    view = has.switchboard.board.calls.get(call)
    sight = rights.sight_of_call(asks.user, has.feed.serves(asks.user), view) if view else None
    if view is None or sight is Sight.NONE:
        raise RefusalError(Reason.UNKNOWN_CALL)
    return _json(has.feed.views.call(view, full=sight is Sight.FULL))


@v1.get(
    "/calls/{call}/why",
    tags=["calls"],
    response_model=list[schemas.Candidate],
    responses=documented(*_LOGGED_IN, Denial.NOT_ALLOWED, Reason.UNKNOWN_CALL, Denial.INVALID),
)
async def explain_call(call: CallName, asks: Asks, has: Has, agent: AgentQuery = None) -> Response:
    """Why this call goes to whom it goes, and the first rule that keeps each other agent from it. For supervisors."""
    if not asks.user.supervises:
        raise RefusalError(Denial.NOT_ALLOWED)
    if call not in has.switchboard.board.calls:
        raise RefusalError(Reason.UNKNOWN_CALL)
    told: list[schemas.Candidate] = [
        {"agent": one.agent, "rule": one.rule, "detail": one.detail}
        for one in await has.switchboard.explain(call, agent)
    ]
    return _json(told)


@v1.put(
    "/calls/{call}/outcome",
    tags=["calls"],
    response_model=schemas.Outcome,
    responses=documented(
        Denial.NOT_AUTHENTICATED,
        Reason.NOT_YOUR_CALL,
        Reason.UNKNOWN_CALL,
        Denial.NOT_ANSWERED,
        Denial.INVALID,
        Denial.TOO_LARGE,
    ),
)
async def record_outcome(
    call: CallName, wanted: schemas.OutcomeWanted, asks: Asks, has: Has
) -> Response:
    """`record-outcome`: what came of a call, during it or after it; the last word counts."""
    view = has.switchboard.board.calls.get(call)
    served_by = view.agent if view and view.phase == "talking" else None
    if view is None:
        served_by = await has.past_calls.served_by(call)
        if served_by is None:
            raise RefusalError(Reason.UNKNOWN_CALL)
    if served_by is None:
        raise RefusalError(Denial.NOT_ANSWERED)
    if not rights.may_act_for(asks.user, served_by):
        raise RefusalError(Reason.NOT_YOUR_CALL)
    answer = await has.switchboard.submit(
        requests.RecordOutcome(
            at=0, request="", by=asks.user.id, agent=served_by, call=call, outcome=wanted.outcome
        )
    )
    if isinstance(answer, Refused):
        raise RefusalError(answer.reason)
    told: schemas.Outcome = {"call": call, "agent": served_by, "outcome": wanted.outcome}
    return _json(told)


# Events.


@v1.post(
    "/ws-ticket",
    tags=["events"],
    status_code=201,
    response_model=schemas.Ticket,
    responses=documented(*_LOGGED_IN),
)
async def ticket_for_socket(asks: Asks, has: Has) -> Response:
    """For browsers, which cannot send a header with a WebSocket: /v1/events?ticket=…, once, within 30 s."""
    ticket, expires_at = has.tickets.issue(asks.session.digest, has.switchboard.now_ms())
    answer: schemas.Ticket = {"ticket": ticket, "expires_at": expires_at}
    return _json(answer, 201)


_Resume = Annotated[int | None, Query(ge=0, description="The last `seq` you have seen.")]
_Scope = Annotated[
    Literal["all", "mine"], Query(description="`mine`: not how your colleagues are.")
]
_Ticket = Annotated[str | None, Query(max_length=200, description="Of POST /v1/ws-ticket.")]


@v1.get(
    "/events",
    tags=["events"],
    status_code=426,
    responses=documented(Denial.UPGRADE_REQUIRED, Denial.INVALID)
    | {
        "1XX": {
            "description": "A WebSocket; each of its text frames is one of these.",
            "model": schemas.Frame,
        }
    },
)
async def events_need_a_socket(
    ticket: _Ticket = None, resume: _Resume = None, scope: _Scope = "all"
) -> Response:
    """The events, numbered, as a WebSocket with an Authorization header or a ticket.

    The first frame is a snapshot; or, with `resume`, word that what you have missed follows. An agent is
    told of his own calls, of his queues, and how his colleagues are. Whoever is too slow is closed with
    1013, whoever is logged out with 4401. You may say `{"type":"ping"}`, 20 times in 10 s at most.
    """
    raise RefusalError(Denial.UPGRADE_REQUIRED, headers={"Upgrade": "websocket"})


@v1.websocket("/events")
async def events(
    websocket: WebSocket,
    ticket: _Ticket = None,
    resume: _Resume = None,
    scope: _Scope = "all",
) -> None:
    """The feed, for one who may hear it."""
    has = services_of(websocket)
    try:
        _check_origin(websocket, has)
        asks = await _caller_on_socket(websocket, has, ticket)
        if has.sockets.full_for(asks.user.id):
            raise RefusalError(Denial.TOO_MANY_SOCKETS)
    except RefusalError as problem:
        await websocket.send_denial_response(problem.response())
        return
    await websocket.accept()
    audience = Audience(user=asks.user, mine_only=scope == "mine")
    await has.sockets.serve(websocket, audience, asks.session, resume)


async def _caller_on_socket(websocket: WebSocket, has: Services, ticket: str | None) -> Caller:
    at = has.switchboard.now_ms()
    if ticket is not None:
        digest = has.tickets.redeem(ticket, at)
        return await caller_of(has, has.tokens.valid(digest, at) if digest else None)
    scheme, _, token = websocket.headers.get("authorization", "").partition(" ")
    proven = has.tokens.find(token.strip(), at) if scheme.lower() == "bearer" else None
    return await caller_of(has, proven)


def _check_origin(connection: HTTPConnection, has: Services) -> None:
    """A page of another site must not connect; who is no browser sends no origin."""
    origin = connection.headers.get("origin")
    if origin is None or origin in has.origins:
        return
    if origin.partition("://")[2] != connection.headers.get("host"):
        raise RefusalError(Denial.FOREIGN_ORIGIN)


# Operations.


@probes.get("/health", response_model=schemas.Live)
async def health() -> Response:
    """Whether the process answers. If it does not, restart it."""
    return _json({"live": True})


@probes.get(
    "/ready",
    response_model=schemas.Readiness,
    responses={503: {"description": "Not every Asterisk is heard.", "model": schemas.Readiness}},
)
async def ready(has: Has) -> Response:
    """Whether every Asterisk is heard. If not, restarting us will not help."""
    nodes = dict.fromkeys(has.nodes, False) | has.switchboard.board.nodes
    missing = [node for node, heard in nodes.items() if not heard]
    is_ready = bool(nodes) and not missing
    answer: schemas.Readiness = {
        "ready": is_ready,
        "nodes": {str(node): heard for node, heard in nodes.items()},
        "missing": [str(node) for node in missing],
    }
    return _json(answer, 200 if is_ready else 503)
