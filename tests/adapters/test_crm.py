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


@pytest.mark.parametrize("behave", ["fail", "rubbish", "huge", "redirect"])
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
