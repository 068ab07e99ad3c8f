"""Asking a server over connections that stay open, whatever its manners: a real one, played byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from acd.adapters.asterisk import http_pool
from acd.adapters.asterisk.http_pool import HttpPool, Reply, Unanswered

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Peer:
    """One connection as the server has it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def hear(self) -> bytes:
        """The next request, head and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        return head + await self.reader.readexactly(length)

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    def hang_up(self) -> None:
        self.writer.close()


Plays = Callable[[Peer], Awaitable[None]]


class Server:
    """Plays `plays[n]` to the n-th connection, and the last one to all after it."""

    def __init__(self, *plays: Plays) -> None:
        self.connections = 0
        self._plays = plays
        self._played: list[asyncio.Task[None]] = []

    def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._played.append(asyncio.create_task(self._play(reader, writer)))

    async def over(self) -> None:
        for task in self._played:
            task.cancel()
        await asyncio.gather(*self._played, return_exceptions=True)

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        play = self._plays[min(self.connections, len(self._plays) - 1)]
        self.connections += 1
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                await play(Peer(reader, writer))
        finally:
            writer.close()


@asynccontextmanager
async def pool_to(
    server: Server, *, deadline_s: float = 10, connections: int = 32
) -> AsyncIterator[HttpPool]:
    listening = await asyncio.start_server(server.meet, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    pool = HttpPool(
        f"http://127.0.0.1:{port}/ari",
        headers={"Authorization": "Basic eDp5"},
        deadline_s=deadline_s,
        connections=connections,
    )
    try:
        yield pool
    finally:
        await pool.close()
        await server.over()
        listening.close()
        await listening.wait_closed()


async def answer_all(peer: Peer) -> None:
    while True:
        await peer.hear()
        await peer.say(OK)


def saying(*pieces: bytes) -> Plays:
    """Answers the first request like this, and then waits to be left."""

    async def play(peer: Peer) -> None:
        await peer.hear()
        await peer.say(*pieces)
        await peer.reader.read()

    return play


async def test_what_goes_over_the_wire() -> None:
    heard: list[bytes] = []

    async def listen(peer: Peer) -> None:
        while True:
            heard.append(await peer.hear())
            await peer.say(OK)

    server = Server(listen)
    async with pool_to(server) as pool:
        assert await pool.ask("POST", "/channels/a~b", b'{"a":1}') == Reply(200, b"ok")
        assert (await pool.ask("DELETE", "/bridges/x")).ok
        await pool.ask("GET", "/channels")
    first, second, third = heard
    assert first.startswith(b"POST /ari/channels/a~b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nAuthorization: Basic eDp5\r\n" in first
    assert first.endswith(b'\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}')
    assert second.endswith(b"\r\nContent-Length: 0\r\n\r\n")
    assert b"Content-" not in third
    assert server.connections == 1


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (OK, Reply(200, b"ok")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Reply(204, b"")),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, Reply(200, b"ok")),
        (
            b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nnot\r\n6;x=y\r\n found\r\n0\r\nTrailer: 1\r\n\r\n",
            Reply(404, b"not found"),
        ),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
async def test_an_answer_may_come_in_any_pieces(answer: bytes, reply: Reply, whole: bool) -> None:
    pieces = [answer] if whole else [answer[n : n + 1] for n in range(len(answer))]

    async def play(peer: Peer) -> None:
        while True:
            await peer.hear()
            for piece in pieces:
                await peer.say(piece)
                await asyncio.sleep(0)  # Not to be sent together.

    server = Server(play)
    async with pool_to(server) as pool:
        assert await pool.ask("GET", "/") == reply
        assert await pool.ask("GET", "/") == reply
    assert server.connections == 1


async def test_a_large_answer() -> None:
    body = b"x" * 10_000_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with pool_to(Server(saying(head, body))) as pool:
        assert (await pool.ask("GET", "/channels")).body == body


async def test_one_request_at_a_time_on_a_connection() -> None:
    both, held = asyncio.Event(), asyncio.Event()
    heard: list[bytes] = []

    async def play(peer: Peer) -> None:
        while True:
            heard.append((await peer.hear()).split()[1])
            if len(heard) == 2:
                both.set()
            await held.wait()
            await peer.say(OK)

    server = Server(play)
    async with pool_to(server, connections=2) as pool:
        asked = [pool.ask("GET", f"/{n}") for n in range(5)]
        await both.wait()
        held.set()
        await asyncio.gather(*asked)
    assert heard == [b"/ari/0", b"/ari/1", b"/ari/2", b"/ari/3", b"/ari/4"]
    assert server.connections == 2


async def test_a_request_is_on_the_wire_when_a_connection_rests() -> None:
    heard = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK)
        await peer.hear()
        heard.set()

    async with pool_to(Server(play)) as pool:
        await pool.ask("GET", "/")
        pool.ask("GET", "/")
        await heard.wait()


async def test_a_connection_that_closes_before_it_answers_is_replaced_once() -> None:
    async def close(peer: Peer) -> None:
        await peer.hear()

    server = Server(close, answer_all)
    async with pool_to(server) as pool:
        assert (await pool.ask("GET", "/")).ok
    assert server.connections == 2

    server = Server(close, close, answer_all)
    async with pool_to(server) as pool:
        with pytest.raises(Unanswered, match="closed"):
            await pool.ask("GET", "/")
        assert (await pool.ask("GET", "/")).ok


async def test_a_server_that_takes_nobody_in() -> None:
    async def close(peer: Peer) -> None:
        peer.hang_up()

    async with pool_to(Server(close)) as pool:
        with pytest.raises(Unanswered):
            await pool.ask("GET", "/")


async def test_a_resting_connection_that_was_closed_is_not_used() -> None:
    async def once(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK)

    server = Server(once)
    async with pool_to(server) as pool:
        for _ in range(5):
            assert (await pool.ask("GET", "/")).ok


async def test_a_connection_that_has_rested_for_long_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Server(answer_all)
    async with pool_to(server) as pool:
        await pool.ask("GET", "/")
        await pool.ask("GET", "/")
        assert server.connections == 1
        monkeypatch.setattr(http_pool, "_REST_S", 0.0)
        await pool.ask("GET", "/")
        assert server.connections == 2


async def test_connection_close_is_obeyed() -> None:
    last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    server = Server(saying(last), answer_all)
    async with pool_to(server) as pool:
        assert await pool.ask("GET", "/") == Reply(200, b"")
        assert await pool.ask("GET", "/") == Reply(200, b"ok")
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"220 mail.example.org ESMTP\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", "not HTTP"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "headers have no end"),
    ],
)
async def test_garbage_is_no_answer_and_is_not_asked_again(answer: bytes, why: str) -> None:
    server = Server(saying(answer), answer_all)
    async with pool_to(server) as pool:
        with pytest.raises(Unanswered, match=why):
            await pool.ask("GET", "/")
        assert server.connections == 1
        assert (await pool.ask("GET", "/")).ok


async def test_an_answer_without_an_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_pool, "_LARGEST_BODY", 1000)

    async def play(peer: Peer) -> None:
        await peer.hear()
        await peer.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await peer.say(b"64\r\n" + b"x" * 100 + b"\r\n")

    async with pool_to(Server(play)) as pool:
        with pytest.raises(Unanswered, match="no end"):
            await pool.ask("GET", "/")


async def test_an_answer_that_is_cut_off_is_none() -> None:
    async def play(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK[:-1])

    server = Server(play, answer_all)
    async with pool_to(server) as pool:
        with pytest.raises(Unanswered):
            await pool.ask("GET", "/")
    assert server.connections == 1


@pytest.mark.parametrize("extra", [OK, b"HTTP", b"nonsense"])
async def test_more_than_was_asked_for_is_never_the_next_answer(extra: bytes) -> None:
    server = Server(saying(OK[:-2] + b"me" + extra), answer_all)
    async with pool_to(server) as pool:
        with suppress(Unanswered):  # Depends on whether it comes in one piece.
            assert (await pool.ask("GET", "/")).body == b"me"
        assert (await pool.ask("GET", "/")).body == b"ok"
    assert server.connections == 2


async def test_a_late_answer_is_nobody_elses() -> None:
    server = Server(saying(), answer_all)
    async with pool_to(server, deadline_s=0.02) as pool:
        with pytest.raises(Unanswered, match=r"not within 0\.02 s"):
            await pool.ask("GET", "/")
    server = Server(saying(), saying(), answer_all)
    async with pool_to(server, deadline_s=0.1, connections=1) as pool:
        stuck = pool.ask("GET", "/")
        waits = pool.ask("GET", "/")
        for asked in (stuck, waits):
            with pytest.raises(Unanswered):
                await asked


async def test_nobody_there() -> None:
    async with pool_to(Server(answer_all)) as pool:
        await pool.ask("GET", "/")
    pool = HttpPool("http://127.0.0.1:1/ari", headers={}, deadline_s=10)
    asked = [pool.ask("GET", "/") for _ in range(50)]
    for one in asked:
        with pytest.raises(Unanswered, match="Connect"):
            await one
    await pool.close()


async def test_who_waits_when_it_is_closed_gets_no_answer() -> None:
    async with pool_to(Server(saying()), connections=1) as pool:
        in_hand, waits = pool.ask("GET", "/"), pool.ask("GET", "/")
        await asyncio.sleep(0)
        await pool.close()
        for asked in (in_hand, waits):
            with pytest.raises(Unanswered, match="let go"):
                await asked


@pytest.mark.parametrize("target", ["", "channels", "/a b", "/a\r\nX: y", "/ü", "/a\0"])
async def test_what_would_break_the_request_is_refused(target: str) -> None:
    async with pool_to(Server(answer_all)) as pool:
        with pytest.raises(ValueError, match="cannot be asked for"):
            pool.ask("GET", target)
