"""Commands sent again: carried out once, answered as before; within one process, and at another over Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from acd.adapters.redis import link
from acd.adapters.redis.answers import SharedAnswers
from acd.core import requests
from acd.switchboard import EngineAway
from cordboard_client import AsyncClient
from cti_api import repeats
from cti_api.ports import AnswerStore
from cti_api.repeats import KEPT_MS, RUNS_AT_MOST_MS, Answers
from tests.adapters.redis.server import RedisServer
from tests.cti_api.busy_desk import busy_desk
from tests.cti_api.desk import Desk
from tests.play import call_id

KEY = {"Idempotency-Key": "0b9c"}
TONES = f"/v1/calls/{call_id('talking')}/tones"
ONE = {"keys": "1"}


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.remove()


@pytest.fixture(params=["here", pytest.param("redis", marks=pytest.mark.slow)])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[tuple[AnswerStore, AnswerStore]]:
    """The stores of two processes, each with room for three; here there is only one."""
    if request.param == "here":
        store = Answers(most=3)
        yield store, store
        return
    url = request.getfixturevalue("server").url
    async with AsyncExitStack() as stack:
        pair = [link.connect(url) for _ in range(2)]
        for redis in pair:
            stack.push_async_callback(redis.aclose)
        await pair[0].flushall()
        yield SharedAnswers(pair[0], most=3), SharedAnswers(pair[1], most=3)


@dataclass
class Office:
    """A desk, and two clients of it, which may be at different processes."""

    desk: Desk
    one: httpx2.AsyncClient
    other: httpx2.AsyncClient
    asked: list[Any]


@pytest.fixture
async def office(stores: tuple[AnswerStore, AnswerStore]) -> AsyncIterator[Office]:
    desk = await busy_desk(answer_store=stores[0])
    other = Desk()
    other.app.state.services = replace(desk.services, answers=stores[1])
    asked: list[Any] = []
    submit = desk.switchboard.submit

    async def count(request: Any) -> Any:
        asked.append(request)
        return await submit(request)

    desk.switchboard.submit = count  # type: ignore[method-assign]
    headers = {"Authorization": f"Bearer {await desk.token('ana')}"}
    async with client(desk.app, headers) as first, client(other.app, headers) as second:
        yield Office(desk, first, second, asked)
    for one in (desk, other):
        one.switchboard.stop()
        one.services.feed.close()


def client(app: FastAPI, headers: dict[str, str]) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://cordboard", headers=headers
    )


async def test_the_same_again_is_done_once_and_answered_alike_at_any_process(office: Office):
    first = await office.one.post(TONES, json=ONE, headers=KEY)
    again = await office.other.post(TONES, content=b'{ "keys":"1" }', headers=KEY)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-content-type-options"] == "nosniff"
    assert len(office.asked) == 1
    await office.one.post(TONES, json=ONE)
    assert len(office.asked) == 2, "without a key it is another command"


async def test_a_no_is_the_first_answer_too(office: Office):
    path = f"/v1/calls/{call_id('talking')}/hold"
    refused = await office.one.delete(path, headers=KEY)
    assert refused.status_code == 409
    await office.one.put(path)
    assert (await office.other.delete(path, headers=KEY)).json() == refused.json()
    assert len(office.asked) == 2


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", TONES, {"keys": "2"}),
        ("POST", TONES + "?x=1", ONE),
        ("PUT", f"/v1/calls/{call_id('talking')}/hold", None),
    ],
)
async def test_a_key_is_for_one_command(office: Office, method: str, path: str, body: Any):
    await office.one.post(TONES, json=ONE, headers=KEY)
    other = await office.other.request(method, path, json=body, headers=KEY)
    assert other.status_code == 422 and other.json()["error"]["reason"] == "key-reused"
    assert len(office.asked) == 1


async def test_a_key_is_its_users_own(office: Office):
    await office.one.post(TONES, json=ONE, headers=KEY)
    sue = {"Authorization": f"Bearer {await office.desk.token('sue')}"}
    his = await office.other.post(TONES, json=ONE, headers=KEY | sue)
    assert "idempotency-replayed" not in his.headers and len(office.asked) == 2
    nobody = await office.other.post(TONES, json=ONE, headers=KEY | {"Authorization": "Bearer x"})
    assert nobody.status_code == 401
    office.desk.users.use([])
    gone = await office.other.post(TONES, json=ONE, headers=KEY)
    assert gone.status_code == 401, "he is no user any more, whatever he was told"


async def test_who_asks_again_while_it_is_at_work_waits_for_the_first_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(repeats, "_LOOK_EVERY_S", 0.001)
    submit, go_on, begun = office.desk.switchboard.submit, asyncio.Event(), asyncio.Event()

    async def slowly(request: requests.Request) -> Any:
        begun.set()
        await go_on.wait()
        return await submit(request)

    monkeypatch.setattr(office.desk.switchboard, "submit", slowly)
    first = asyncio.create_task(office.one.post(TONES, json=ONE, headers=KEY))
    await begun.wait()
    monkeypatch.setattr(repeats, "_LOOKS", 2)
    early = await office.other.post(TONES, json=ONE, headers=KEY)
    assert early.status_code == 409 and early.json()["error"]["reason"] == "still-running"
    monkeypatch.setattr(repeats, "_LOOKS", 10_000)
    again = asyncio.create_task(office.other.post(TONES, json=ONE, headers=KEY))
    await asyncio.sleep(0)
    go_on.set()
    assert (await again).json() == (await first).json()
    assert len(office.asked) == 1


async def test_what_was_not_done_may_be_asked_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as broken:

        async def away(_: object) -> None:
            raise EngineAway("away")

        broken.setattr(office.desk.switchboard, "submit", away)
        assert (await office.one.post(TONES, json=ONE, headers=KEY)).status_code == 503
    assert (await office.other.post(TONES, json=ONE, headers=KEY)).status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "schlüssel"])
async def test_what_is_no_key_is_refused(office: Office, key: str):
    answer = await office.one.post(
        TONES, json=ONE, headers={"Idempotency-Key": key.encode("latin-1")}
    )
    assert answer.status_code == 422 and answer.json()["error"]["reason"] == "invalid"


async def test_a_body_that_is_too_large_or_no_json_is_refused_as_ever(office: Office):
    large = await office.one.post(TONES, content=b"x" * 20_000, headers=KEY)
    assert large.status_code == 413
    assert (await office.one.post(TONES, content=b"{", headers=KEY)).status_code == 422


async def test_no_secret_is_kept(stores: tuple[AnswerStore, AnswerStore], office: Office):
    two = [await office.one.post("/v1/ws-ticket", headers=KEY) for _ in range(2)]
    assert two[0].json() != two[1].json()


async def test_a_store_keeps_so_many_for_so_long(stores: tuple[AnswerStore, AnswerStore]):
    one, other = stores
    assert await one.claim("a", "asked", at=0, life_ms=RUNS_AT_MOST_MS) is None
    assert await other.claim("a", "else", at=1, life_ms=RUNS_AT_MOST_MS) == "asked"
    await one.put("a", "answered", at=2, life_ms=KEPT_MS)
    assert await other.claim("a", "else", at=3, life_ms=KEPT_MS) == "answered"
    for key in "bcd":
        await other.put(key, "answered", at=4, life_ms=KEPT_MS)
    assert await one.claim("d", "again", at=5, life_ms=KEPT_MS) == "answered"
    assert await one.claim("a", "again", at=5, life_ms=1) is None
    await other.drop("a")
    assert await one.claim("a", "again", at=6, life_ms=1) is None


async def test_here_what_is_too_old_is_forgotten():
    store = Answers()
    await store.put("a", "answered", at=0, life_ms=KEPT_MS)
    assert await store.claim("a", "again", at=KEPT_MS - 1, life_ms=1) == "answered"
    assert await store.claim("a", "again", at=KEPT_MS, life_ms=1) is None


@pytest.mark.slow
async def test_redis_that_is_away_keeps_nobody_from_working():
    server = RedisServer()
    redis = link.connect(server.url)
    server.kill()
    desk = await busy_desk(answer_store=SharedAnswers(redis))
    async with desk.client("ana") as ana:
        assert (await ana.post(TONES, json=ONE, headers=KEY)).status_code == 200
    desk.switchboard.stop()
    await redis.aclose()
    server.remove()


async def test_the_client_sends_a_command_again_under_the_same_key_when_the_line_breaks(
    monkeypatch: pytest.MonkeyPatch,
):
    desk = await busy_desk()
    keys = []

    async def broken_once(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers.get("Idempotency-Key"))
        answer = await through.handle_async_request(request)
        if len(keys) == 1:
            raise httpx2.ReadError("the line broke after it was carried out")
        return answer

    through = httpx2.ASGITransport(app=desk.app)
    async with AsyncClient("http://cordboard", token=await desk.token("ana")) as api:
        api._http = httpx2.AsyncClient(transport=httpx2.MockTransport(broken_once))
        held = await api.hold_call(str(call_id("talking")))
    assert held["held_since"] is not None, "a second hold would have been refused"
    assert len(keys) == 2 and keys[0] == keys[1] and keys[0]
    desk.switchboard.stop()
