"""Puts the API together: `create_app` makes an app of a switchboard and users; nothing else happens here."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pkgutil import iter_modules
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.websockets import WebSocket

from acd.away import IssuerAwayError, StoreAwayError
from acd.cases.refused import CaseRefusedError
from acd.core.ids import NodeId
from acd.core.outbound import as_written
from acd.pop import Backgrounds
from acd.switchboard import EngineAway
from cti_api import event_stream, frames, routes, shapes, wire
from cti_api.about import ABOUT
from cti_api.access import Services
from cti_api.attempts import Attempts, AttemptStore
from cti_api.explained import NO_JSON, explained
from cti_api.feed import HISTORY, Feed
from cti_api.masks import Masks
from cti_api.past_calls import RecentCalls
from cti_api.ports import (
    AnswerStore,
    Audit,
    Backlog,
    Cases,
    CentreFiles,
    Customers,
    Issuer,
    PastCalls,
    PastDecisions,
    Persons,
    ReadNumber,
    Recordings,
    Switchboard,
    TicketStore,
    TokenStore,
    Users,
)
from cti_api.recent_acts import RecentActs
from cti_api.refusals import BY_STATUS, ERROR, REFUSALS, Denial, RefusalError, documented
from cti_api.repeats import HEADER, PATTERN, REPLAYED, Answers, Repeats, takes_key
from cti_api.reports import Reports
from cti_api.shapes.forms import Error
from cti_api.shield import Faults, Shield, place_of
from cti_api.sockets import CLOSE_TIMEOUT_S, SEND_TIMEOUT_S, Sockets
from cti_api.tokens import Tickets, Tokens

log = logging.getLogger(__name__)

CHECK_EVERY_S = 2.0
_OF_RANGES = ("Range", "If-Range")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

# What the sockets need of uvicorn: a client that is gone is noticed, and none can make us hold much.
UVICORN: dict[str, Any] = {
    "http": event_stream.Server,
    "ws": wire.Server,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    "ws_max_size": 64 * 1024,
    "ws_per_message_deflate": False,
    # Longer than clients and proxies keep a line that is idle: else it is closed under a command that they just send.
    "timeout_keep_alive": 75,
    "access_log": False,
    "server_header": False,
}


def create_app(
    switchboard: Switchboard,
    users: Users,
    *,
    token_store: TokenStore | None = None,
    ticket_store: TicketStore | None = None,
    attempt_store: AttemptStore | None = None,
    answer_store: AnswerStore | None = None,
    past_calls: PastCalls | None = None,
    audit: Audit | None = None,
    reports: Reports | None = None,
    customers: Customers | None = None,
    persons: Persons | None = None,
    cases: Cases | None = None,
    recordings: Recordings | None = None,
    centre: CentreFiles | None = None,
    past_decisions: PastDecisions | None = None,
    issuer: Issuer | None = None,
    read_number: ReadNumber = as_written,
    backgrounds: Backgrounds | None = None,
    masks: Masks | None = None,
    origins: Collection[str] = (),
    nodes: Collection[NodeId] = (),
    ledger: Backlog | None = None,
    history: int = HISTORY,
    seq: int | None = None,
    check_every_s: float = CHECK_EVERY_S,
    send_timeout_s: float = SEND_TIMEOUT_S,
    close_timeout_s: float = CLOSE_TIMEOUT_S,
) -> FastAPI:
    """The API. `origins`: pages that may connect; `nodes` must be heard; `seq`: see `Feed`."""
    if past_calls is None:
        past_calls = RecentCalls()
        switchboard.listen(past_calls.hear)
    if audit is None:
        audit = RecentActs()
        switchboard.listen(audit.hear)
    feed = Feed(switchboard, history=history, seq=seq, backgrounds=backgrounds, masks=masks)
    sockets = Sockets(
        feed, switchboard, send_timeout_s=send_timeout_s, close_timeout_s=close_timeout_s
    )
    services = Services(
        switchboard=switchboard,
        users=users,
        tokens=Tokens(token_store),
        tickets=Tickets(ticket_store),
        attempts=Attempts(attempt_store),
        feed=feed,
        sockets=sockets,
        past_calls=past_calls,
        audit=audit,
        reports=reports,
        customers=customers,
        persons=persons,
        cases=cases,
        recordings=recordings,
        answers=answer_store or Answers(),
        centre=centre,
        past_decisions=past_decisions,
        issuer=issuer,
        read_number=read_number,
        origins=origins,
        nodes=nodes,
        ledger=ledger,
    )
    return _around(services, check_every_s)


def _around(services: Services, check_every_s: float) -> FastAPI:
    """The app, with its routes, and what stands before and behind them."""
    app = Api(
        title="Cordboard",
        version=_version(),
        description=ABOUT,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # Its scripts would come from another site, which a call centre may not reach.
        redoc_url=None,
        redirect_slashes=False,  # A client would send the next request without its body, or its token.
        lifespan=_lifespan(services, check_every_s),
    )
    app.state.services = services
    app.router.routes.extend(_routes())
    # The last one stands in front: what became of a fault is told to pages of other origins, too.
    app.add_middleware(Repeats)
    app.add_middleware(Faults)
    if services.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(services.origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", HEADER, *_OF_RANGES, "Last-Event-ID"],
            expose_headers=[REPLAYED, "Retry-After", "Accept-Ranges", "Content-Range", "ETag"],
        )
    app.add_middleware(Shield)
    _say_no(app)
    return app


@cache
def _routes() -> Sequence[BaseRoute]:
    """The same for every app of a process: FastAPI takes a third of a second to work out what they take and give.

    It puts that off to the first request, for which calls would wait. So one is looked for now, in vain.
    """
    # For makers of clients.
    every = APIRouter(generate_unique_id_function=lambda route: route.name)
    every.include_router(routes.v1)
    every.include_router(routes.probes)
    nowhere = {"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []}
    for route in every.routes:
        route.matches(nowhere)
    return every.routes


def _say_no(app: FastAPI) -> None:
    """Every no, whoever says it, has one form."""
    app.add_exception_handler(RefusalError, _refuse)
    app.add_exception_handler(EngineAway, _refuse_without_engine)
    app.add_exception_handler(CaseRefusedError, _refuse_case)
    app.add_exception_handler(StoreAwayError, _refuse_without_store)
    app.add_exception_handler(IssuerAwayError, _refuse_without_issuer)
    app.add_exception_handler(HTTPException, _refuse_by_status)
    app.add_exception_handler(RequestValidationError, _refuse_invalid)
    app.add_exception_handler(WebSocketRequestValidationError, _refuse_invalid_socket)


class Api(FastAPI):
    """FastAPI, but for one thing: it leaves out of an example whatever is null, and the example is wrong."""

    def openapi(self) -> dict[str, Any]:
        """The description of the API."""
        described = super().openapi()
        told = TypeAdapter(Error).json_schema(ref_template="#/components/schemas/{model}")
        named = described["components"]["schemas"]
        named.update({**told.pop("$defs"), "Error": told})
        described["components"]["schemas"] = dict(sorted(named.items()))
        for name, shape in described["components"]["schemas"].items():
            if "example" in shape:
                shape["example"] = _example_of(name)
        _describe_commands(described)
        return described


def _describe_commands(described: dict[str, Any]) -> None:
    """What is so of every command, and is said by no route."""
    parameter = {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": "The same command sent again under the same key gets the first answer.",
        "schema": {"type": "string", "pattern": PATTERN},
    }
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            if method == "get" or (path == "/v1/session" and method == "post"):
                continue
            _describe_refusals(route, Denial.TOO_MANY_COMMANDS)
            parameters = route.setdefault("parameters", [])
            if takes_key(method, path) and parameter not in parameters:
                parameters.append(parameter)
                _describe_refusals(route, Denial.KEY_REUSED, Denial.STILL_RUNNING)


def _describe_refusals(route: dict[str, Any], *reasons: Denial) -> None:
    for status, refusal in documented(*reasons).items():
        told = route["responses"].setdefault(
            str(status), {"description": "", "content": {"application/json": {}}}
        )
        said = told["content"]["application/json"]
        said.setdefault("schema", ERROR)
        examples = refusal["content"]["application/json"]["examples"]
        if not examples.keys() <= said.setdefault("examples", {}).keys():
            said["examples"].update(examples)
            told["description"] = f"{told['description']} {refusal['description']}".strip()


def shape_of(name: str) -> Any:
    """The shape that the wire's documentation calls so."""
    return _shapes()[name]


@cache
def _shapes() -> Mapping[str, type]:
    rooms = (
        import_module(f"{package.__name__}.{room.name}")
        for package in (shapes, frames)
        for room in iter_modules(package.__path__)
    )
    return {
        name: kind
        for room in rooms
        for name, kind in vars(room).items()
        if isinstance(kind, type) and kind.__module__ == room.__name__
    }


def _example_of(name: str) -> Any:
    shape = shape_of(name)
    config = getattr(shape, "model_config", None) or shape.__pydantic_config__
    return config["json_schema_extra"]["example"]


def _lifespan(services: Services, every_s: float) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await services.tokens.restore(services.switchboard.now_ms())
        tokens = services.tokens
        check = partial(services.sockets.check, tokens, services.users)
        # Side by side: the sockets' check waits for no database.
        tasks = [
            asyncio.create_task(_again_and_again(do, every_s)) for do in (check, tokens.say_again)
        ]
        tasks.append(asyncio.create_task(services.lag.watch()))
        yield
        for task in tasks:
            task.cancel()
        services.feed.close()

    return lifespan


async def _again_and_again(do: Callable[[], Awaitable[None]], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await do()
        except Exception:
            log.exception("a fault of ours beside all requests; it is tried again")


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return error.response()


async def _refuse_without_engine(_request: Request, _error: Exception) -> Response:
    return RefusalError(Denial.ENGINE_AWAY, headers={"Retry-After": "2"}).response()


async def _refuse_without_store(request: Request, error: Exception) -> Response:
    log.error("%s %s was refused. %s", request.method, place_of(request.scope), error)
    return RefusalError(Denial.STORE_AWAY, headers={"Retry-After": "5"}).response()


async def _refuse_without_issuer(_request: Request, _error: Exception) -> Response:
    return RefusalError(Denial.ISSUER_AWAY, headers={"Retry-After": "30"}).response()


async def _refuse_case(_request: Request, error: Exception) -> Response:
    assert isinstance(error, CaseRefusedError)
    reason = Denial(error.why)
    said = REFUSALS[reason].message
    if error.detail:
        said = f"{said.rstrip('.')}: {error.detail}."
    return RefusalError(reason, said).response()


async def _refuse_by_status(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    reason = BY_STATUS.get(error.status_code, Denial.INVALID)
    headers = dict(error.headers or {})
    said = NO_JSON if error.status_code == 400 else None
    if reason is Denial.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_of(request))
        said = f"This address takes {headers['Allow']}, and not {request.method[:20]}."
    return RefusalError(reason, said, headers=headers).response()


def _methods_of(request: Request) -> list[str]:
    """What this address takes; the framework knows that of the first of its routes only."""
    routes = request.app.routes
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    ]


async def _refuse_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return RefusalError(Denial.INVALID, explained(error.errors(), error.body)).response()


async def _refuse_invalid_socket(websocket: WebSocket, error: Exception) -> None:
    assert isinstance(error, WebSocketRequestValidationError)
    problem = RefusalError(Denial.INVALID, explained(error.errors(), None))
    await websocket.send_denial_response(problem.response())


def _version() -> str:
    try:
        return version("cordboard")
    except PackageNotFoundError:
        return "0"
