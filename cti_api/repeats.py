"""Commands that are sent again under the same key get the first answer again; what is no command goes past untouched.

A client whose line broke cannot know whether his command was carried out. With `Idempotency-Key` he need not: he
sends it again. The key is his own: another user's is another key. Never kept are answers that say nothing of
what was done (401, 429, 5xx), and those with a secret in them.
"""

import asyncio
import json
from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acd.switchboard import EngineAway
from cti_api.access import Services
from cti_api.refusals import BY_STATUS, Denial, RefusalError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
METHODS = ("POST", "PUT", "PATCH", "DELETE")
PATTERN = "^[!-~]{1,200}$"
KEPT_MS = 24 * 60 * 60 * 1000
RUNS_AT_MOST_MS = 30_000  # Whoever has taken longer has died at it.
MOST_KEPT = 10_000
LARGEST_KEPT = 64 * 1024
_LOOK_EVERY_S = 0.05
_LOOKS = 200
_SECRETS = ("/v1/session", "/v1/session/oidc", "/v1/ws-ticket", "/v1/keys")


def takes_key(method: str, path: str) -> bool:
    """Whether this may be sent with a key."""
    return method.upper() in METHODS and path.startswith("/v1/") and path not in _SECRETS


class _Answer(msgspec.Struct, frozen=True):
    """What was answered."""

    status: int
    kind: str  # Its content type.
    body: str


class _Asked(msgspec.Struct, frozen=True):
    """What came under a key, and its answer as soon as there is one."""

    what: str
    answer: _Answer | None = None


_decoder = msgspec.json.Decoder(_Asked)


class Answers:
    """The answer store of one process; of too many, the oldest are forgotten."""

    def __init__(self, *, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[int, str]] = OrderedDict()  # The oldest first.

    async def claim(self, key: str, text: str, *, at: int, life_ms: int) -> str | None:
        """Keep this if there is nothing yet; else what there is."""
        until, there = self._kept.get(key, (0, ""))
        if at < until:
            return there
        await self.put(key, text, at=at, life_ms=life_ms)
        return None

    async def put(self, key: str, text: str, *, at: int, life_ms: int) -> None:
        """Keep this, whatever there is."""
        self._kept[key] = (at + life_ms, text)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    async def drop(self, key: str) -> None:
        """Keep nothing."""
        self._kept.pop(key, None)


class Repeats:
    """Stands before the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry a command out, or give the answer that there is."""
        keys = [value for name, value in scope.get("headers", ()) if name == b"idempotency-key"]
        if scope["type"] != "http" or not keys or not takes_key(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        services: Services = scope["app"].state.services
        user = await _user_of(scope, services)
        if user is None:  # The route says so.
            await self._app(scope, receive, send)
            return
        try:
            said = _key_of(keys)
            body = await _body_of(receive)
        except RefusalError as problem:
            await problem.response()(scope, receive, send)
            return
        key = sha256(f"{user}\0{said}".encode()).hexdigest()
        what = _fingerprint(scope, body)
        replay = _replay(body, receive)
        try:
            answer = await _claim(services, key, what)
        except EngineAway:  # Where answers are kept is away: that keeps nobody from working.
            await self._app(scope, replay, send)
        except RefusalError as problem:
            await problem.response()(scope, receive, send)
        else:
            if answer is None:
                await self._carry_out(services, key, what, scope, replay, send)
            else:
                await _as_before(answer)(scope, receive, send)

    async def _carry_out(
        self, services: Services, key: str, what: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        told: list[Message] = []
        answer = None

        async def send_and_remember(message: Message) -> None:
            told.append(message)
            await send(message)

        try:
            await self._app(scope, receive, send_and_remember)
            answer = _answer_of(told)
        finally:
            with suppress(EngineAway):  # Then it is forgotten.
                if answer is None:
                    await services.answers.drop(key)
                else:
                    text = msgspec.json.encode(_Asked(what, answer)).decode()
                    at = services.switchboard.now_ms()
                    await services.answers.put(key, text, at=at, life_ms=KEPT_MS)


async def _claim(services: Services, key: str, what: str) -> _Answer | None:
    """The answer that there is, when it is there; None: carry it out. Raises RefusalError, EngineAway."""
    text = msgspec.json.encode(_Asked(what)).decode()
    for _ in range(_LOOKS):
        at = services.switchboard.now_ms()
        there = await services.answers.claim(key, text, at=at, life_ms=RUNS_AT_MOST_MS)
        if there is None:
            return None
        asked = _decoder.decode(there)
        if asked.what != what:
            raise RefusalError(Denial.KEY_REUSED)
        if asked.answer is not None:
            return asked.answer
        await asyncio.sleep(_LOOK_EVERY_S)
    raise RefusalError(Denial.STILL_RUNNING, headers={"Retry-After": "1"})


async def _user_of(scope: Scope, services: Services) -> str | None:
    given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer":
        return None
    session = await services.tokens.proven(token.strip(), services.switchboard.now_ms())
    user = await services.users.find(session.user_id) if session is not None else None
    return user.id if user is not None else None


def _key_of(keys: list[bytes]) -> str:
    key = keys[0].decode("latin-1")
    if len(keys) > 1 or not 1 <= len(key) <= 200 or not all("!" <= letter <= "~" for letter in key):
        raise RefusalError(Denial.INVALID, f"{HEADER}: it takes 1 to 200 visible characters, once")
    return key


async def _body_of(receive: Receive) -> bytes:
    """All of it; raises RefusalError if that is too much."""
    parts = []
    try:
        while True:
            message = await receive()
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)
    except HTTPException as error:
        raise RefusalError(BY_STATUS[error.status_code]) from error


def _replay(body: bytes, receive: Receive) -> Receive:
    """What was read already, and then whatever comes."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again


def _fingerprint(scope: Scope, body: bytes) -> str:
    """What is asked, in so few characters; JSON that says the same is the same."""
    with suppress(ValueError, RecursionError):  # The route says what is wrong with it.
        body = json.dumps(json.loads(body), sort_keys=True).encode()
    asked = [scope["method"].encode(), scope["path"].encode("utf-8", "replace")]
    return sha256(b"\0".join([*asked, scope.get("query_string", b""), body])).hexdigest()


def _answer_of(told: list[Message]) -> _Answer | None:
    """The answer, if it is one to be kept."""
    if not told or told[-1].get("more_body", False):
        return None
    status = told[0]["status"]
    body = b"".join(message.get("body", b"") for message in told[1:])
    if status in (401, 429) or status >= 500 or len(body) > LARGEST_KEPT:
        return None
    kind = dict(told[0].get("headers", ())).get(b"content-type", b"").decode("latin-1")
    return _Answer(status=status, kind=kind, body=body.decode())


def _as_before(answer: _Answer) -> Response:
    headers = {REPLAYED: "true"}
    if answer.kind:
        headers["Content-Type"] = answer.kind
    return Response(answer.body, answer.status, headers)
