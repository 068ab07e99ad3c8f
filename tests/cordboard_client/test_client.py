"""The client against the real app behind a real server: every answer typed, every no an exception, no event lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from acd.core import events
from cordboard_client import (
    ApiError,
    AsyncClient,
    Client,
    RefusedError,
    UnreachableError,
)
from cti_api import sockets
from cti_api.tokens import TOKEN_LIFE_MS
from tests.client_code import files
from tests.cordboard_client.weather import BadLine
from tests.cti_api.desk import PASSWORD, Desk
from tests.play import NODE, call_id

SOON = (0.001, 0.01)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk(check_every_s=0.01)
    yield desk
    desk.switchboard.stop()
    desk.services.feed.close()


@asynccontextmanager
async def client_of(desk: Desk, at: str, user: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(f"http://{at}", token=await desk.token(user)) as client:
        yield client


async def busy_day(desk: Desk, calls: int) -> None:
    """Calls come, are answered and end, and everybody else gets a turn in between; at the end Asterisk is lost."""
    await desk.ready("ana", "bob")
    for number in range(calls):
        for happen in (desk.arrives, desk.talks, desk.hangs_up):
            desk.now += 10
            happen(f"c{number}")
            for _ in range(20):
                await asyncio.sleep(0)
        for agent in desk.switchboard.board.agents.values():
            desk.now = max(desk.now, agent.until or 0)
        desk.time()
    desk.services.feed.tell_queues()
    desk.tell(events.NodeLost(at=desk.now, node=NODE))


async def whole_day(client: AsyncClient, start: int) -> list[Any]:
    frames: list[Any] = []
    async for frame in client.events(resume=start, retry_s=SOON):
        frames.append(frame)
        if frame["type"] == "event" and frame["event"] == "node-changed":
            return frames
    raise AssertionError("the events are endless")


def whole_day_blocking(url: str, token: str, start: int) -> list[Any]:
    frames: list[Any] = []
    with Client(url, token=token) as client:
        for frame in client.events(resume=start, retry_s=SOON):
            frames.append(frame)
            if frame["type"] == "event" and frame["event"] == "node-changed":
                return frames
    raise AssertionError("the events are endless")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
async def test_no_event_is_missed_and_none_comes_twice_however_often_the_line_breaks(
    desk: Desk, seed: int
):
    start = desk.services.feed.seq
    async with desk.server() as at, client_of(desk, at, "sue") as steady:
        line = BadLine(at, seed, longest=20_000)
        async with (
            line.listening() as url,
            AsyncClient(url, token=await desk.token("sue")) as shaken,
        ):
            token = await desk.token("sue")
            listening = asyncio.gather(
                whole_day(steady, start),
                whole_day(shaken, start),
                asyncio.to_thread(whole_day_blocking, url, token, start),
            )
            await busy_day(desk, 30)
            by_steady, by_shaken, by_blocking = await listening
    numbers = [frame["seq"] for frame in by_steady]
    assert numbers == list(range(start + 1, start + 1 + len(numbers))), "nothing is left out"
    assert by_shaken == by_steady
    assert by_blocking == by_steady
    assert line.cuts > 10


async def test_what_is_no_longer_known_is_a_snapshot_again():
    desk = Desk(history=5)
    async with desk.server() as at, client_of(desk, at, "ana") as client:
        seq = desk.services.feed.seq
        await desk.ready("ana", "bob")
        desk.arrives("c1")
        frame = await anext(client.events(resume=seq))
        assert frame["type"] == "snapshot" and len(frame["calls"]) == 1


async def test_whoever_is_logged_out_hears_why(desk: Desk):
    async with desk.server() as at, client_of(desk, at, "ana") as client:
        told = client.events()
        await anext(told)
        desk.now += TOKEN_LIFE_MS
        with pytest.raises(RefusedError) as refused:
            await anext(told)
        assert refused.value.reason == "not-authenticated"
        with pytest.raises(RefusedError) as refused:
            await anext(client.events())
        assert (refused.value.status, refused.value.reason) == (401, "not-authenticated")


async def test_too_many_sockets_pass_and_are_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    async with desk.server() as at, client_of(desk, at, "ana") as client:
        told = client.events(retry_s=SOON)
        await anext(told)
        with monkeypatch.context() as full:
            full.setattr(sockets, "MOST_SOCKETS", 0)
            with pytest.raises(RefusedError) as refused:
                await anext(client.events())
            assert refused.value.reason == "too-many-sockets"
            desk.services.sockets._begin_anew()
            waiting = asyncio.create_task(anext(told))
            await asyncio.wait([waiting], timeout=0.05)
            assert not waiting.done()
        await desk.ready("ana")
        assert (await waiting)["type"] == "event"


async def test_patience_has_an_end(desk: Desk):
    async with client_of(desk, "127.0.0.1:1", "ana") as client:
        with pytest.raises(UnreachableError, match="Is the server running there"):
            await anext(client.events())
        with pytest.raises(UnreachableError):
            await client.who_am_i()
    async with client_of(desk, "", "ana") as client, desk.server() as at:
        client.url = f"http://{at}"
        told = client.events(patience_s=0)
        await anext(told)
        desk.services.sockets._begin_anew()
        with pytest.raises(UnreachableError):
            await anext(told)


async def test_a_shift_in_typed_words(desk: Desk):
    async with desk.server() as at, AsyncClient(f"http://{at}/") as client:
        session = await client.log_in("ana", PASSWORD)
        assert session["agent"] == "ana"
        assert (await client.log_agent_in("ana"))["state"] == "not-ready"
        assert (await client.set_agent_state("ana", {"state": "ready"}))["state"] == "ready"
        desk.arrives("c1")
        desk.talks("c1")
        call = await client.one_call(call_id("c1"))
        assert call["caller"]["contact_number"] == 2
        outcome = await client.record_outcome(call["id"], {"outcome": "solved"})
        assert outcome["outcome"] == "solved"
        with pytest.raises(RefusedError) as refused:
            await client.finish_wrap_up("ana")
        assert (refused.value.status, refused.value.reason) == (409, "not-in-wrap-up")
        with pytest.raises(RefusedError) as refused:
            await client.one_agent("../queues")
        assert refused.value.reason in ("unknown-agent", "not-found")
        desk.tell(events.NodeLost(at=desk.now, node=NODE))
        assert (await client.ready())["missing"] == ["pbx1"], "a 503 that is an answer"
        await client.log_out_user()
        with pytest.raises(RefusedError) as refused:
            await client.who_am_i()
        assert refused.value.reason == "not-authenticated"


async def test_a_refusal_says_when_to_try_again_and_never_what_was_sent(desk: Desk):
    def guess(url: str) -> list[RefusedError]:
        said = []
        with Client(url) as client:
            for _ in range(6):
                with pytest.raises(RefusedError) as refused:
                    client.log_in("ana", "s3cret")
                said.append(refused.value)
        return said

    async with desk.server() as at:
        said = await asyncio.to_thread(guess, f"http://{at}")
    assert [one.reason for one in said] == ["wrong-credentials"] * 5 + ["too-many-attempts"]
    assert said[-1].retry_after_s == 12 and said[0].retry_after_s is None
    assert "s3cret" not in str(said)


async def test_what_is_not_cordboard_is_told_apart_from_a_refusal():
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")
        writer.close()

    server = await asyncio.start_server(other, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with AsyncClient(f"http://{host}:{port}") as client:
        with pytest.raises(UnreachableError, match="not from Cordboard's API"):
            await client.who_am_i()
        with pytest.raises(ApiError):
            await anext(client.events())
    server.close()


@pytest.fixture(scope="module")
def made() -> Iterator[dict[Any, str]]:
    yield files()


def test_the_client_says_what_the_api_says(made: dict[Any, str]):
    for file, text in made.items():
        assert file.read_text() == text, "run: make client"
