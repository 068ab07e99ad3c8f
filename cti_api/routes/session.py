"""Users log in and out, and ask who they are."""

from fastapi import APIRouter, Request, Response

from cti_api import rights, views
from cti_api.access import Asks, Has, Services, address_of, too_many
from cti_api.ports import User
from cti_api.refusals import Denial, RefusalError, documented
from cti_api.routes.shared import LOGGED_IN, as_json
from cti_api.shapes.access import Credentials, Me, Proof, Session

router = APIRouter(tags=["session"])


@router.post(
    "/session",
    status_code=201,
    response_model=Session,
    responses=documented(
        Denial.WRONG_CREDENTIALS, Denial.INVALID, Denial.TOO_LARGE, Denial.TOO_MANY_ATTEMPTS
    ),
)
async def log_in_user(request: Request, said: Credentials, has: Has) -> Response:
    """Log a user in. The token goes into the Authorization header of everything else: `Bearer …`."""
    at, address = has.switchboard.now_ms(), address_of(request)
    if wait_ms := await has.attempts.take(address, said.user, at):
        raise too_many(Denial.TOO_MANY_ATTEMPTS, wait_ms)
    user = await has.users.find(said.user)
    matches = await has.passwords.match(user, said.password)
    if user is None or not matches:
        raise RefusalError(Denial.WRONG_CREDENTIALS)
    await has.attempts.give_back(address, said.user)
    return await _session_of(has, user)


@router.post(
    "/session/oidc",
    status_code=201,
    response_model=Session,
    responses=documented(
        Denial.WRONG_CREDENTIALS,
        Denial.NOT_FOUND,
        Denial.ISSUER_AWAY,
        Denial.INVALID,
        Denial.TOO_LARGE,
        Denial.TOO_MANY_ATTEMPTS,
    ),
)
async def log_in_by_issuer(request: Request, said: Proof, has: Has) -> Response:
    """Log a user in of whom the issuer (OpenID Connect) says who he is: one of the centre file."""
    if has.issuer is None:
        raise RefusalError(Denial.NOT_FOUND, "There is no issuer. CORDBOARD_OIDC_ISSUER names it.")
    at, address = has.switchboard.now_ms(), address_of(request)
    if wait_ms := await has.attempts.take(address, None, at):
        raise too_many(Denial.TOO_MANY_ATTEMPTS, wait_ms)
    name = await has.issuer.user_of(said.id_token)
    user = await has.users.find(name) if name is not None else None
    if user is None:
        raise RefusalError(Denial.WRONG_CREDENTIALS)
    await has.attempts.give_back(address, None)
    return await _session_of(has, user)


async def _session_of(has: Services, user: User) -> Response:
    token, session = await has.tokens.issue(user.id, has.switchboard.now_ms())
    answer: Session = {
        "token": token,
        "expires_at": session.expires_at,
        "user": user.id,
        "role": user.role.value,
        "agent": user.agent,
    }
    return as_json(answer, 201)


@router.delete("/session", status_code=204, responses=documented(*LOGGED_IN))
async def log_out_user(asks: Asks, has: Has) -> Response:
    """Make the token worthless, and close its sockets. The agent's shift goes on."""
    await has.tokens.revoke(asks.session.digest, has.switchboard.now_ms())
    await has.sockets.check(has.tokens, has.users)
    return Response(status_code=204)


@router.get("/me", response_model=Me, responses=documented(*LOGGED_IN))
async def who_am_i(asks: Asks, has: Has) -> Response:
    """Who you are, what you do, and the calls you are offered or have."""
    board, agent = has.switchboard.board, asks.user.agent
    view = board.agents.get(agent) if agent else None
    answer: Me = {
        "user": asks.user.id,
        "role": asks.user.role.value,
        "agent": agent,
        "expires_at": asks.session.expires_at,
        "view": views.agent(view, full=True) if view else None,
        "calls": [
            has.feed.views.call(call, full=True, supervises=asks.user.supervises, agent=agent)
            for call in board.calls.values()
            if rights.has_in_hand(asks.user, call)
        ],
    }
    return as_json(answer)
