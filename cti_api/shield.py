"""What stands around all routes: security headers, a limit for bodies, and a wall before our faults; knows no route."""

import logging
import secrets

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cti_api.refusals import REFUSALS, Denial, RefusalError

log = logging.getLogger(__name__)

_LARGEST_BODY = 16 * 1024
_LARGEST_IN_BULK = 2 * 1024 * 1024
_IN_BULK = ("/v1/customers", "/v1/contacts")
_LISTS = "/v1/follow-ups/"

_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"cache-control": b"no-store",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
_OVER_TLS = {b"strict-transport-security": b"max-age=31536000"}  # Never again without it.


class Shield:
    """Adds the security headers to whatever is answered, and lets no large body in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        size = 0
        largest = _largest(scope["path"])
        ours = _HEADERS | _OVER_TLS if scope["scheme"] == "https" else _HEADERS

        async def receive_limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > largest:
                raise HTTPException(413)
            return message

        async def send_shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                given = {name.lower() for name, _ in headers}
                headers += [(n, value) for n, value in ours.items() if n not in given]
            await send(message)

        await self._app(scope, receive_limited, send_shielded)


class Faults:
    """Keeps what went wrong inside: people get its id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_and_see(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_and_see)
        except Exception:
            fault = secrets.token_hex(8)
            log.exception("fault %s in %s %s", fault, scope["method"], place_of(scope))
            if begun:
                raise
            problem = RefusalError(Denial.FAULT, f"{REFUSALS[Denial.FAULT].message} {fault}")
            await problem.response()(scope, receive, send)


def place_of(scope: Scope) -> str:
    """What was asked for, without its names: a number may be among them."""
    return str(getattr(scope.get("route"), "path", "what is not there"))


def _largest(path: str) -> int:
    return _LARGEST_IN_BULK if path in _IN_BULK or path.startswith(_LISTS) else _LARGEST_BODY
