"""A CRM that answers, is slow, hangs, fails or sends rubbish, on a real socket: it is asked, or left alone."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from acd.adapters.crm import Crm

NUMBER = "+8613812341234"


class Server:
    """A CRM of our own. `behave` says what it does next."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.behave = "answer"
        self.answer: Any = {"balance": "12.00"}
        self.over = asyncio.Event()
        self.url = ""

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        match self.behave:
            case "hang":
                await self.over.wait()
            case "unknown":
                return web.Response(status=404)
            case "fail":
                return web.Response(status=500)
            case "rubbish":
                return web.Response(text="<html>")
            case "huge":
                return web.json_response({"x": "x" * 100_000})
            case "binary":
                return web.Response(body=b'{"x":"\xff"}')
            case "deep":
                return web.Response(body=b'{"x":' + b"[" * 8_000 + b"]" * 8_000 + b"}")
            case "rather deep":
                return web.Response(body=b'{"x":' + b"[" * 100 + b"]" * 100 + b"}")
            case "list":
                return web.json_response([1])
            case "nothing":
                return web.Response(status=204)
            case "redirect":
                return web.Response(status=302, headers={"Location": "/elsewhere"})
        return web.json_response(self.answer)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    application = web.Application()
    application.router.add_get("/who", server.serve)
    runner = web.AppRunner(application, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/who"
    yield server
    server.over.set()
    await runner.cleanup()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def crm(server: Server, clock: Clock) -> AsyncIterator[Crm]:
    crm = Crm(server.url, token="secret", given_up_s=5, clock=clock)
    yield crm
    await crm.close()


async def test_it_is_asked_and_its_answer_kept_for_a_minute(crm: Crm, server: Server, clock: Clock):
    assert await crm.ask(NUMBER, "C-1") == {"balance": "12.00"}
    assert await crm.ask(NUMBER, "C-1") == {"balance": "12.00"}
    assert server.asked == [{"number": NUMBER, "customer": "C-1"}]
    clock.now += 61
    server.answer = {"balance": "0"}
    assert await crm.ask(NUMBER, "C-1") == {"balance": "0"}
    server.behave = "unknown"
    assert await crm.ask(NUMBER, "") is None
    assert not crm.left_alone


@pytest.mark.parametrize(
    "behave",
    ["fail", "rubbish", "huge", "redirect", "binary", "deep", "rather deep", "list"],
)
async def test_one_that_fails_again_and_again_is_left_alone_for_a_while(
    crm: Crm, server: Server, clock: Clock, behave: str
):
    server.behave = behave
    for _ in range(5):
        assert await crm.ask(NUMBER, "") is None
    assert crm.left_alone
    assert await crm.ask(NUMBER, "") is None
    assert len(server.asked) == 5
    clock.now += 31
    server.behave = "answer"
    assert await crm.ask(NUMBER, "") == {"balance": "12.00"}
    assert not crm.left_alone


async def test_one_that_was_left_alone_is_tried_with_one_call_and_trusted_again_if_it_is_well(
    crm: Crm, server: Server, clock: Clock
):
    server.behave = "fail"
    for n in range(5):
        await crm.ask(NUMBER, str(n))
    clock.now += 31
    answers = await asyncio.gather(*(crm.ask(NUMBER, f"trial {n}") for n in range(10)))
    assert answers == [None] * 10
    assert len(server.asked) == 6 and crm.left_alone, "one was enough to know"
    clock.now += 31
    server.behave = "answer"
    assert await crm.ask(NUMBER, "well") == {"balance": "12.00"}
    answers = await asyncio.gather(*(crm.ask(NUMBER, f"again {n}") for n in range(10)))
    assert answers == [{"balance": "12.00"}] * 10
    server.behave = "fail"
    for n in range(4):
        await crm.ask(NUMBER, f"late {n}")
    assert not crm.left_alone, "it has all its strikes again"


async def test_a_trial_that_is_slow_leaves_it_alone_again(server: Server, clock: Clock):
    crm = Crm(server.url, budget_s=0, given_up_s=5, clock=clock)

    async def slowly(customer: str) -> object:
        asked = asyncio.create_task(crm.ask(NUMBER, customer))
        await asyncio.sleep(0)
        clock.now += 1
        return await asked

    for n in range(5):
        assert await slowly(str(n)) == {"balance": "12.00"}
    assert crm.left_alone
    clock.now += 31
    assert await slowly("trial") == {"balance": "12.00"} and crm.left_alone
    await crm.close()


async def test_an_answer_without_a_word_is_no_fault(crm: Crm, server: Server):
    server.behave = "nothing"
    for n in range(6):
        assert await crm.ask(NUMBER, str(n)) is None
    assert len(server.asked) == 6 and not crm.left_alone


async def test_one_that_hangs_is_given_up_and_holds_no_more_than_its_sockets(
    server: Server, clock: Clock
):
    server.behave = "hang"
    crm = Crm(server.url, given_up_s=0.05, clock=clock)
    answers = await asyncio.gather(*(crm.ask(NUMBER, str(n)) for n in range(100)))
    assert answers == [None] * 100
    assert len(server.asked) <= 20 and crm.left_alone
    await crm.close()


async def test_one_that_is_away_is_nobodys_trouble(clock: Clock):
    crm = Crm("http://127.0.0.1:9/none", clock=clock)
    assert await crm.ask(NUMBER, "") is None
    await crm.close()
