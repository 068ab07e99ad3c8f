"""Reads who somebody is from the token of an OpenID Connect issuer; fetches its keys, and believes nothing unsigned.

Only the ID token's signature and claims are checked here (OpenID Connect Core 1.0, 3.1.3.7). To get one from the
issuer is the client's business, with its nonce.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import jwt
import msgspec

from acd.away import IssuerAwayError

log = logging.getLogger(__name__)

# Never one with a shared secret, and never `none`: whoever knows our audience could sign.
_ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
_REQUIRED = ("iss", "aud", "exp", "iat")
_LEEWAY_S = 60  # Clocks differ.
_OLDEST_S = 600  # It is traded for a log-in at once; an older one was found somewhere.
_GIVEN_UP_S = 5.0
_LARGEST = 256 * 1024
_KEPT_S = 3_600.0
_NOT_AGAIN_FOR_S = 30.0  # An unknown key may be a new one, or somebody who tries us out.


class OidcIssuer:
    """One issuer. `now_s` is the time of day, in seconds, by which tokens are too old."""

    def __init__(
        self, issuer: str, *, audience: str, claim: str, now_s: Callable[[], float]
    ) -> None:
        """`claim` names the user, such as `preferred_username`."""
        self._issuer = issuer
        self._audience = audience
        self._claim = claim
        self._now_s = now_s
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._tried_at = 0.0
        self._fetching = asyncio.Lock()

    async def user_of(self, id_token: str) -> str | None:
        """The user whom this token names, or None if it is not to be believed. Raises IssuerAwayError."""
        try:
            name = str(jwt.get_unverified_header(id_token).get("kid", ""))
            key = await self._key(name)
            claims = jwt.decode(
                id_token,
                key,
                algorithms=_ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_S,
                options={"require": list(_REQUIRED)},
            )
        except (jwt.PyJWTError, KeyError) as error:
            log.info("a token is not to be believed: %s", type(error).__name__)
            return None
        return self._user(claims)

    def _user(self, claims: dict[str, Any]) -> str | None:
        user, azp = claims.get(self._claim), claims.get("azp", self._audience)
        if self._now_s() - claims["iat"] > _OLDEST_S or azp != self._audience:
            return None
        return user if isinstance(user, str) and user else None

    async def _key(self, name: str) -> jwt.PyJWK:
        """The issuer's key of this name; raises KeyError."""
        async with self._fetching:
            stale = self._now_s() - self._fetched_at >= _KEPT_S
            may = self._now_s() - self._tried_at >= _NOT_AGAIN_FOR_S
            unknown = name not in self._keys and (name or len(self._keys) != 1)
            if (stale or unknown) and may:
                self._tried_at = self._now_s()
                await self._fetch()
            elif not self._keys:
                raise IssuerAwayError(
                    f"{self._issuer} could not be asked for its keys a moment ago"
                )
        if not name and len(self._keys) == 1:  # Only an issuer of several must say which one it is.
            return next(iter(self._keys.values()))
        return self._keys[name]

    async def _fetch(self) -> None:
        try:
            timeout = aiohttp.ClientTimeout(total=_GIVEN_UP_S)
            async with aiohttp.ClientSession(timeout=timeout) as session:
                found = await _get(
                    session, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
                )
                if found["issuer"] != self._issuer:
                    raise ValueError("it says that it is another")
                keys = jwt.PyJWKSet.from_dict(await _get(session, found["jwks_uri"]))
        except (
            aiohttp.ClientError,
            OSError,
            TimeoutError,
            ValueError,
            KeyError,
            TypeError,
            RecursionError,
            jwt.PyJWTError,
        ) as error:
            log.error("The keys of %s cannot be had: %s", self._issuer, type(error).__name__)
            if not self._keys:
                raise IssuerAwayError(f"{self._issuer} cannot be asked for its keys") from error
            return  # Those that we have are good until it answers.
        self._keys = {key.key_id or "": key for key in keys.keys}
        self._fetched_at = self._now_s()


async def _get(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url, allow_redirects=False) as answer:
        answer.raise_for_status()
        body = b""
        async for piece in answer.content.iter_any():
            body += piece
            if len(body) > _LARGEST:
                raise aiohttp.ClientPayloadError("more than keys take")
        return msgspec.json.decode(body)
