"""Server-sent events through a real server: the WebSocket's frames, rights, bounds and endings."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from cti_api import event_stream, sockets, wire
from cti_api.tokens import TOKEN_LIFE_MS
from tests.cti_api.desk import FRAME, Desk
from tests.cti_api.test_events import heard, listening, opened_raw, until

Json = dict[str, Any]


class Stream:
    """A client that reads events as the HTML standard says."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.answer = answer
        self.last_id = ""
        self._lines = answer.aiter_lines()

    async def next(self) -> tuple[str, Json]:
        """The next event's name and data."""
        name, data = "message", []
        async with asyncio.timeout(10):
            async for line in self._lines:
                field, _, value = line.partition(": ")
                match field:
                    case "id":
                        self.last_id = value
                    case "event":
                        name = value
                    case "data":
                        data.append(value)
                    case "" if data:
                        return name, json.loads("\n".join(data))
        raise EOFError

    async def frames(self, count: int) -> list[Json]:
        """So many frames, each checked against its schema."""
        frames = []
        for _ in range(count):
            name, frame = await self.next()
            assert name == frame["type"]
            FRAME.validate_python(frame, strict=True)
            frames.append(frame)
        return frames


@asynccontextmanager
async def streaming(
    desk: Desk, at: str, user: str, query: str = "", **headers: str
) -> AsyncIterator[Stream]:
    given = {"Authorization": f"Bearer {await desk.token(user)}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    async with (
        httpx2.AsyncClient(headers=given) as client,
        client.stream("GET", f"http://{at}/v1/events/stream{query}") as answer,
    ):
        yield Stream(answer)


async def test_a_stream_says_what_the_socket_says(desk: Desk):
    async with (
        desk.server() as at,
        listening(desk, at, "ana") as socket,
        streaming(desk, at, "ana") as stream,
    ):
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        (snapshot,) = await stream.frames(1)
        await desk.ready("ana")
        desk.arrives("c1", caller="王芳")
        desk.talks("c1")
        desk.hangs_up("c1")
        by_socket = await heard(socket)
        assert [snapshot, *await stream.frames(len(by_socket) - 1)] == by_socket
        assert stream.last_id == str(by_socket[-1]["seq"])


async def test_last_event_id_resumes(desk: Desk):
    async with desk.server() as at, listening(desk, at, "sue") as socket:
        async with streaming(desk, at, "sue") as stream:
            await stream.frames(1)
            desk.arrives("c1")
            first = await stream.frames(2)
        desk.hangs_up("c1")
        by_socket = (await heard(socket))[1:]
        missed = len(by_socket) - 2
        for query, headers in [
            ("", {"Last_Event_ID": stream.last_id}),
            (f"?resume={stream.last_id}", {}),
            ("?resume=1", {"Last_Event_ID": stream.last_id}),
        ]:
            async with streaming(desk, at, "sue", query, **headers) as again:
                (resumed,) = await again.frames(1)
                assert resumed["type"] == "resumed"
                assert again.last_id == "", "what is missed comes after it"
                assert first + await again.frames(missed) == by_socket


async def test_the_end_of_the_log_in_ends_the_stream_and_says_so():
    desk = Desk(check_every_s=0.01)
    async with desk.server() as at, streaming(desk, at, "ana") as stream:
        await stream.frames(1)
        desk.now += TOKEN_LIFE_MS
        assert await stream.next() == ("closed", {"code": 4401, "reason": "the log-in is over"})
        with pytest.raises(EOFError):
            await stream.next()
        assert not desk.services.sockets._all()


async def test_streams_and_sockets_share_one_bound(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sockets, "MOST_SOCKETS", 1)
    async with desk.server() as at, listening(desk, at, "ana") as socket:
        await heard(socket)
        async with streaming(desk, at, "ana") as stream:
            await stream.answer.aread()
            assert stream.answer.status_code == 429
            assert stream.answer.json()["error"]["reason"] == "too-many-sockets"


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {"Authorization": "Bearer wrong"}, 401),
        ("", {"Last_Event_ID": "soon"}, 422),
        ("?resume=-1", {}, 422),
        ("?scope=yours", {}, 422),
        ("", {"Origin": "https://evil.example"}, 403),
    ],
)
async def test_who_may_not_is_refused_before_it_begins(
    desk: Desk, query: str, headers: dict[str, str], status: int
):
    async with desk.server() as at, streaming(desk, at, "ana", query, **headers) as stream:
        await stream.answer.aread()
        assert stream.answer.status_code == status
        assert set(stream.answer.json()["error"]) == {"reason", "message"}


async def test_a_ticket_is_good_for_one_stream(desk: Desk):
    async with desk.server() as at, desk.client("ana") as client, httpx2.AsyncClient() as browser:
        ticket = (await client.post("/v1/ws-ticket")).json()["ticket"]
        url = f"http://{at}/v1/events/stream?ticket={ticket}"
        async with browser.stream("GET", url) as answer:
            assert (await Stream(answer).frames(1))[0]["you"]["user"] == "ana"
        assert (await browser.get(url)).status_code == 401


async def test_a_silent_stream_is_kept_alive(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(event_stream, "KEEP_ALIVE_S", 0.01)
    async with desk.server() as at, streaming(desk, at, "ana") as stream:
        await stream.frames(1)
        async with asyncio.timeout(10):
            async for line in stream._lines:
                if line == ":":
                    break


async def test_one_who_never_reads_his_stream_is_dropped():
    desk = Desk(send_timeout_s=0.01, close_timeout_s=0.01)
    async with desk.server(send_buffer=4096) as at:
        deaf = await opened_raw(desk, at, "sue", "/v1/events/stream")
        await until(lambda: bool(desk.services.sockets._all()))
        for number in range(400):  # All in one write, after which nothing follows.
            desk.arrives(f"c{number}")
        await until(lambda: not desk.services.sockets._all())
        deaf.close()


@pytest.mark.parametrize("path", ["/v1/events/stream", "/v1/events"])
async def test_whoever_is_too_slow_is_told_so_behind_what_is_on_its_way_and_resumes(path: str):
    desk = Desk(send_timeout_s=0.01)
    async with desk.server(send_buffer=4096) as at:
        slow = await opened_raw(desk, at, "sue", path)
        slow.setblocking(False)
        await until(lambda: bool(desk.services.sockets._all()))
        (his,) = desk.services.sockets._all()
        for number in range(200):  # Much more than a connection takes at once.
            desk.arrives(f"c{number}")
        await until(lambda: his._ending is not None)
        got = bytearray()
        while b"too slow: connect again" not in got:
            async with asyncio.timeout(10):
                got += await asyncio.get_running_loop().sock_recv(slow, 65536)
        slow.close()
        _, _, body = bytes(got).partition(b"\r\n\r\n")
        frames = from_stream(body) if path.endswith("stream") else from_socket(body)
        assert frames[-1]["code"] == 1013
        (snapshot, *told), newest = frames[:-1], desk.services.feed.seq
        numbers = [frame["seq"] for frame in told]
        desk.services.sockets.send_timeout_s = 10
        async with streaming(desk, at, "sue", Last_Event_ID=str(numbers[-1])) as again:
            await again.frames(1)
            numbers += [frame["seq"] for frame in await again.frames(newest - numbers[-1])]
        assert numbers == list(range(snapshot["seq"] + 1, newest + 1))
        assert len(told) < len(numbers) / 2, "he need not read all that he was too slow for"


def from_stream(chunked: bytes) -> list[Json]:
    """The data of the events in a body of chunks, each of which is whole."""
    body = b""
    while chunked:
        size, _, chunked = chunked.partition(b"\r\n")
        body, chunked = body + chunked[: int(size, 16)], chunked[int(size, 16) + 2 :]
    events = body.decode().removesuffix("\n\n").split("\n\n")
    return [json.loads(event[event.index("data: ") + 6 :]) for event in events]


def from_socket(frames: bytes) -> list[Json]:
    """The texts in these frames; of the one that closes, its code."""
    *texts, last = wire.messages_of(frames)
    return [*map(json.loads, texts), {"code": int.from_bytes(last[:2], "big")}]


async def test_when_we_are_restarted_everybody_is_told(desk: Desk):
    async with desk.server() as at, streaming(desk, at, "ana") as stream:
        await stream.frames(1)
        desk.services.sockets.part()
        name, said = await stream.next()
        assert (name, said["code"]) == ("closed", 1012)
