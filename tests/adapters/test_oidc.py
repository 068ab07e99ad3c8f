"""Log-ins by an issuer of OpenID Connect: one that really answers over HTTP, and really signs."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from acd.adapters.oidc import OidcIssuer
from acd.away import IssuerAwayError
from tests.cti_api.desk import Desk

pytestmark = pytest.mark.slow

NOW = 1_800_000_000.0


class Issuer:
    """Answers discovery and keys; `keys` are those with which it signs, by name."""

    def __init__(self) -> None:
        self.keys: dict[str, rsa.RSAPrivateKey] = {"1": new_key()}
        self.url = ""
        self.asked = 0
        self.says_it_is = ""
        self.rubbish: bytes | None = None
        self.names_keys = True
        self.up = True

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/keys", self._keys)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _discovery(self, _: web.Request) -> web.Response:
        self.asked += 1
        if not self.up:
            raise web.HTTPServiceUnavailable
        if self.rubbish is not None:
            return web.Response(body=self.rubbish)
        said = {"issuer": self.says_it_is or self.url, "jwks_uri": f"{self.url}/keys"}
        return web.json_response(said)

    async def _keys(self, _: web.Request) -> web.Response:
        algorithm = jwt.algorithms.RSAAlgorithm
        keys = [
            algorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": name, "alg": "RS256"}
            for name, key in self.keys.items()
        ]
        return web.json_response({"keys": keys})

    def token(self, *, key: str = "1", at: float | None = None, **claims: Any) -> str:
        """`iat` and `exp` are in seconds from `at`, or from now."""
        said = {
            "iss": self.url,
            "aud": "cordboard",
            "iat": 0,
            "exp": 300,
            "preferred_username": "ana",
        }
        body = {name: value for name, value in (said | claims).items() if value is not None}
        began = int(time.time() if at is None else at)
        body |= {name: began + body[name] for name in ("iat", "exp") if name in body}
        named = {"kid": key} if self.names_keys else {}
        return jwt.encode(body, self.keys[key], algorithm="RS256", headers=named)


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
def reader(issuer: Issuer) -> OidcIssuer:
    return OidcIssuer(issuer.url, audience="cordboard", claim="preferred_username", now_s=time.time)


async def test_who_the_issuer_says_he_is_is_logged_in_as_the_user_of_that_name(
    issuer: Issuer, reader: OidcIssuer
):
    desk = Desk(issuer=reader)
    async with desk.client() as client:
        answer = await client.post("/v1/session/oidc", json={"id_token": issuer.token()})
        assert answer.status_code == 201
        assert (answer.json()["user"], answer.json()["role"]) == ("ana", "agent")
        token = f"Bearer {answer.json()['token']}"
        assert (await client.get("/v1/me", headers={"Authorization": token})).status_code == 200
        nobody = issuer.token(preferred_username="mallory")
        answer = await client.post("/v1/session/oidc", json={"id_token": nobody})
        assert answer.json()["error"]["reason"] == "wrong-credentials"


async def test_an_issuer_of_one_key_need_not_name_it(issuer: Issuer, reader: OidcIssuer):
    issuer.names_keys = False
    assert await reader.user_of(issuer.token()) == "ana"
    assert await reader.user_of(issuer.token()[:-6] + "AAAAAA") is None
    # Which of two is meant nobody may guess.
    issuer.keys["2"] = new_key()
    another = OidcIssuer(
        issuer.url, audience="cordboard", claim="preferred_username", now_s=time.time
    )
    assert await another.user_of(issuer.token()) is None


async def test_where_there_is_no_issuer_it_is_said_how_to_name_one():
    async with Desk().client() as client:
        answer = await client.post("/v1/session/oidc", json={"id_token": "x"})
        assert answer.status_code == 404 and "CORDBOARD_OIDC_ISSUER" in answer.text


async def test_guessing_by_tokens_is_slowed_down(issuer: Issuer, reader: OidcIssuer):
    async with Desk(issuer=reader).client() as client:
        wanted = {"id_token": issuer.token(aud="another")}
        answers = [await client.post("/v1/session/oidc", json=wanted) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429]


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"iss": "https://another.example"},
        {"exp": -120},
        {"iat": -700},
        {"iat": 700},
        {"exp": None},
        {"iat": None},
        {"aud": None},
        {"aud": ["cordboard", "another"], "azp": "another"},
        {"preferred_username": None},
        {"preferred_username": ["ana"]},
        {"preferred_username": ""},
    ],
    ids=str,
)
async def test_claims_that_are_not_for_us_are_not_believed(
    issuer: Issuer, reader: OidcIssuer, claims: dict[str, Any]
):
    assert await reader.user_of(issuer.token()) == "ana"
    assert await reader.user_of(issuer.token(**claims)) is None


async def test_what_the_issuer_has_not_signed_is_not_believed(issuer: Issuer, reader: OidcIssuer):
    good = issuer.token()
    head, body, signature = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    public = issuer.keys["1"].public_key().public_numbers().n.to_bytes(256)
    forged = [
        jwt.encode(claims, None, algorithm="none", headers={"kid": "1"}),
        jwt.encode(claims, public, algorithm="HS256", headers={"kid": "1"}),
        jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": "1"}),
        jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": "9"}),
        jwt.encode(claims, new_key(), algorithm="RS256"),
        jwt.encode(
            claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": "1"}
        ),
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.",
        "",
        "a.b.c",
        "\x00",
    ]
    for token in forged:
        assert await reader.user_of(token) is None, token
    assert await reader.user_of(good) == "ana"


async def test_a_new_key_is_asked_for_and_nobody_makes_us_ask_without_end(issuer: Issuer):
    now = NOW
    reader = OidcIssuer(issuer.url, audience="cordboard", claim="sub", now_s=lambda: now)
    old = issuer.token(sub="ana", at=NOW)
    await reader.user_of(old)
    issuer.keys["2"] = new_key()
    new = issuer.token(key="2", sub="ana", at=NOW)
    for _ in range(5):
        assert await reader.user_of(new) is None
    assert issuer.asked == 1, "not again within half a minute"
    now += 31
    await reader.user_of(new)
    assert issuer.asked == 2 and "2" in reader._keys


async def test_an_issuer_that_is_away_is_told_and_the_keys_that_we_have_stay_good(issuer: Issuer):
    desk = Desk(
        issuer=OidcIssuer(
            issuer.url, audience="cordboard", claim="preferred_username", now_s=time.time
        )
    )
    issuer.up = False
    async with desk.client() as client:
        wanted = {"id_token": issuer.token()}
        for _ in range(2):
            answer = await client.post("/v1/session/oidc", json=wanted)
            assert answer.status_code == 503
            assert answer.json()["error"]["reason"] == "issuer-away"
    assert issuer.asked == 1
    late = time.time()
    reader = OidcIssuer(
        issuer.url, audience="cordboard", claim="preferred_username", now_s=lambda: late
    )
    issuer.up = True
    assert await reader.user_of(issuer.token()) == "ana"
    issuer.up = False
    late += 300
    reader._fetched_at -= 4_000
    assert await reader.user_of(issuer.token()) == "ana"


@pytest.mark.parametrize("what", ["another", "silent"])
async def test_who_says_that_he_is_another_or_nothing_is_away(issuer: Issuer, what: str):
    issuer.says_it_is = "https://another.example"
    url = issuer.url
    silent = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    if what == "silent":
        url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    reader = OidcIssuer(url, audience="cordboard", claim="sub", now_s=time.time)
    with pytest.raises(IssuerAwayError):
        await reader.user_of(issuer.token())
    silent.close()


@pytest.mark.parametrize("rubbish", [b"[" * 60_000, b'{"issuer": "\xff"}', b"", b"[]"])
async def test_who_says_rubbish_is_away(issuer: Issuer, reader: OidcIssuer, rubbish: bytes):
    issuer.rubbish = rubbish
    with pytest.raises(IssuerAwayError):
        await reader.user_of(issuer.token())
