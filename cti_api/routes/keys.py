"""Admins give systems keys, take them back, and end the log-ins of others; no key is shown twice."""

import logging
from typing import Annotated

from fastapi import APIRouter, Path, Response

from cti_api.access import Asks, Caller, Has, Services
from cti_api.ports import Role
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN, as_json
from cti_api.shapes import access as shapes
from cti_api.shapes.forms import WORD
from cti_api.tokens import Session

log = logging.getLogger(__name__)

_DAY_MS = 24 * 60 * 60 * 1000
_MAY_NOT = (*LOGGED_IN, Denial.NOT_ALLOWED, Denial.INVALID)

KeyId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", examples=["5f1c9d0a7be24c13"])]
UserName = Annotated[str, Path(pattern=WORD, max_length=64, examples=["ana"])]

router = APIRouter(tags=["access"])


@router.post(
    "/keys",
    status_code=201,
    response_model=shapes.NewKey,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_USER, Denial.TOO_LARGE),
)
async def make_key(wanted: shapes.KeyWanted, asks: Asks, has: Has) -> Response:
    """For admins: a key with which a system acts as a user, in his role, until it is revoked or its days are over."""
    _check_admin(asks)
    if await has.users.find(wanted.user) is None:
        raise RefusalError(Denial.UNKNOWN_USER)
    secret, session = await has.tokens.make_key(
        wanted.user, wanted.name, has.switchboard.now_ms(), wanted.days * _DAY_MS
    )
    log.info("key %s for user %s was made by %s", session.id, wanted.user, asks.user.id)
    answer: shapes.NewKey = {**_shown(session), "key": secret}
    return as_json(answer, 201)


@router.get("/keys", response_model=list[shapes.Key], responses=documented(*_MAY_NOT))
async def list_keys(asks: Asks, has: Has) -> Response:
    """For admins and auditors: the keys that are good, the oldest first."""
    if asks.user.role not in (Role.ADMIN, Role.AUDITOR):
        raise RefusalError(Denial.NOT_ALLOWED)
    return as_json([_shown(key) for key in has.tokens.keys(has.switchboard.now_ms())])


@router.delete(
    "/keys/{key}",
    status_code=204,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_KEY),
)
async def revoke_key(key: KeyId, asks: Asks, has: Has) -> Response:
    """For admins: make a key worthless, and close its sockets."""
    _check_admin(asks)
    found = [one for one in has.tokens.keys(has.switchboard.now_ms()) if one.id == key]
    if not found:
        raise RefusalError(Denial.UNKNOWN_KEY)
    await _end(has, found)
    log.info("key %s for user %s was revoked by %s", key, found[0].user_id, asks.user.id)
    return Response(status_code=204)


@router.delete(
    "/users/{user}/sessions",
    status_code=204,
    responses=documented(*_MAY_NOT, Denial.UNKNOWN_USER),
)
async def end_sessions(user: UserName, asks: Asks, has: Has) -> Response:
    """For admins: end every log-in of a user, and close its sockets. His keys stay, and so does his agent's shift."""
    _check_admin(asks)
    if await has.users.find(user) is None:
        raise RefusalError(Denial.UNKNOWN_USER)
    await _end(has, has.tokens.of_user(user))
    log.info("the log-ins of user %s were ended by %s", user, asks.user.id)
    return Response(status_code=204)


def _check_admin(asks: Caller) -> None:
    if asks.user.role is not Role.ADMIN:
        raise RefusalError(Denial.NOT_ALLOWED)


async def _end(has: Services, sessions: list[Session]) -> None:
    for session in sessions:
        await has.tokens.revoke(session.digest, has.switchboard.now_ms())
    await has.sockets.check(has.tokens, has.users)


def _shown(session: Session) -> shapes.Key:
    return {
        "id": session.id,
        "name": session.key or "",
        "user": session.user_id,
        "created_at": session.created_at,
        "expires_at": session.expires_at,
    }
