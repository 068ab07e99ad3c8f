"""The WebSocket under clients who do everything wrong: none takes us down, or keeps anything of ours."""

import asyncio
import gc
import json
import logging
import os
import random
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest

from cti_api import wire
from cti_api.event_stream import Server as StreamServer
from cti_api.sockets import Listener
from tests.cti_api.desk import Desk
from tests.cti_api.test_events import heard, listening, names, until

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("CORDBOARD_SEED", "7"))
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

Attack: TypeAlias = Callable[[random.Random], bytes]


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, masked: bool = True) -> bytes:
    """One frame of a client's, as RFC 6455 has it; without `masked` it is none."""
    size = len(payload)
    head = bytes([0x80 * final | opcode])
    mask_bit = 0x80 * masked
    if size < 126:
        head += bytes([mask_bit | size])
    elif size < 1 << 16:
        head += bytes([mask_bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([mask_bit | 127]) + size.to_bytes(8, "big")
    if not masked:
        return head + payload
    key = b"\x37\xfa\x21\x3d"
    return head + key + bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(1, 300))


def _reserved_bits(chance: random.Random) -> bytes:
    whole = frame(TEXT, b'{"type":"ping"}')
    return bytes([whole[0] | chance.choice((0x10, 0x20, 0x40))]) + whole[1:]


def _not_understood(chance: random.Random) -> bytes:
    said = (
        '{"type":"pong"}',
        '{"type":"ping","x":1}',
        '{"type":"ping"',
        "[" * 900,
        "[" * 60_000,
        '{"type":' * 5_000,
        '{"type":"ping"}' + " " * 1_024,
        "null",
        "1e999",
        '"\\ud800"',
        "",
    )
    return frame(TEXT, chance.choice(said).encode())


# What a client sends, and the codes with which he may be closed for it; None: the line is cut without a word.
ATTACKS: dict[str, tuple[Attack, set[int | None]]] = {
    "noise": (_noise, {1002, 1007, 1008, 1009, None}),
    "not understood": (_not_understood, {1008}),
    "binary": (lambda c: frame(BINARY, c.randbytes(c.randrange(200))), {1008}),
    "too large": (lambda c: frame(TEXT, b"x" * c.randrange(65_537, 70_000)), {1009}),
    "said to be huge": (
        lambda c: b"\x81\xff" + c.choice((1 << 62, 1 << 40, 1 << 31)).to_bytes(8, "big"),
        {1009},
    ),
    "more than there can be": (lambda c: b"\x81\xff" + b"\xff" * 8 + b"mask", {1002, 1009}),
    "in too many pieces": (
        lambda c: frame(TEXT, b"x" * 60_000, final=False) + frame(0, b"x" * 60_000),
        {1009},
    ),
    "no text": (
        lambda c: frame(TEXT, b'{"type":"' + c.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80"))),
        {1007},
    ),
    "not masked": (lambda c: frame(TEXT, b'{"type":"ping"}', masked=False), {1002}),
    "reserved bits": (_reserved_bits, {1002}),
    "unknown opcode": (lambda c: frame(c.choice((3, 4, 5, 6, 7, 11, 15))), {1002}),
    "the rest of nothing": (lambda c: frame(0, b"x"), {1002}),
    "two beginnings": (
        lambda c: frame(TEXT, b"x", final=False) + frame(TEXT, b"y", final=False),
        {1002},
    ),
    "a long ping": (lambda c: frame(c.choice((PING, PONG)), b"x" * 126), {1002}),
    "half a ping": (lambda c: frame(PING, b"x", final=False), {1002}),
    "a close of one byte": (lambda c: frame(CLOSE, b"\x03"), {1002}),
    "a close that may not be": (
        lambda c: frame(CLOSE, struct.pack("!H", c.choice((0, 999, 1005, 1006, 1015, 5000)))),
        {1002},
    ),
    "a close with a bad reason": (lambda c: frame(CLOSE, b"\x03\xe8\xff\xff"), {1002, 1007}),
    "too many messages": (lambda c: frame(TEXT, b'{"type":"ping"}') * 25, {1008}),
    "a fair close": (lambda c: frame(CLOSE, b"\x03\xe8"), {1000}),
}


@asynccontextmanager
async def line(
    desk: Desk, at: str, user: str = "ana", query: str = ""
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that has asked for events."""
    host, port = at.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET /v1/events{query} HTTP/1.1\r\nHost: {at}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'A' * 22}==\r\n"
        f"Authorization: Bearer {await desk.token(user)}\r\n\r\n".encode("latin-1")
    )
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def status_of(reader: asyncio.StreamReader) -> int:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    return int(head.split()[1])


async def close_code(reader: asyncio.StreamReader) -> int | None:
    """The code with which the server closes, or None if it just hangs up. What it says is well-formed."""
    try:
        async with asyncio.timeout(10):
            while True:
                first, second = await reader.readexactly(2)
                size = second & 0x7F
                if size > 125:
                    size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
                payload = await reader.readexactly(size)
                if first == 0x80 | CLOSE:
                    return int.from_bytes(payload[:2], "big") if payload else None
                if first == 0x80 | TEXT:
                    json.loads(payload)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def leftovers() -> dict[str, int]:
    """How many there are of what one socket needs, and of tasks."""
    gc.collect()
    kept = (Listener, wire.Server, StreamServer)
    found = {kind.__qualname__ + kind.__module__: 0 for kind in kept}
    for thing in gc.get_objects():
        if isinstance(thing, kept):
            found[type(thing).__qualname__ + type(thing).__module__] += 1
    return {**found, "tasks": len(asyncio.all_tasks())}


async def until_as_before(before: dict[str, int]) -> None:
    """Everything that the sockets had is given back."""
    try:
        await until(lambda: leftovers() == before)
    except TimeoutError:
        assert leftovers() == before


@pytest.fixture
def no_faults(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No client can fill our log with faults that are his."""
    yield
    assert [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("attack", ATTACKS)
async def test_who_says_nonsense_is_closed_and_nobody_else_notices(
    desk: Desk, attack: str, no_faults: None
):
    make, codes = ATTACKS[attack]
    chance = random.Random(f"{SEED} {attack}")
    async with desk.server() as at, listening(desk, at, "sue") as sue:
        await heard(sue)
        before = leftovers()
        for _ in range(12):
            async with line(desk, at) as (reader, writer):
                assert await status_of(reader) == 101
                said = make(chance)
                writer.write(said)
                writer.write_eof()
                code = await close_code(reader)
                assert code in codes, f"seed {SEED}: {said[:100]!r} was closed with {code}"
        await until_as_before(before)
        await desk.ready("ana")
        assert names(await heard(sue)) == ["agent-changed", "agent-changed"]


async def test_who_goes_in_the_middle_of_anything_leaves_nothing_behind(
    desk: Desk, no_faults: None
):
    chance = random.Random(SEED)
    async with desk.server() as at, listening(desk, at, "sue") as sue:
        await heard(sue)
        before = leftovers()
        for n in range(100):
            async with line(desk, at, query=chance.choice(("", "?resume=1", "?scope=mine"))) as (
                reader,
                writer,
            ):
                if chance.random() < 0.8:
                    await reader.read(chance.randrange(1, 2_000))
                if chance.random() < 0.5:
                    whole = frame(chance.choice((TEXT, PING, CLOSE)), chance.randbytes(20))
                    writer.write(whole[: chance.randrange(len(whole))])
                if n % 10 == 0:
                    await desk.ready("ana")
        await until_as_before(before)
        assert desk.services.sockets._clients["ana"] == 0
        assert set(names(await heard(sue))) == {"agent-changed"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?resume=-1", 422),
        ("?resume=", 422),
        ("?resume=1.5", 422),
        ("?resume=x", 422),
        ("?resume=%00", 422),
        ("?resume=1&resume=x", 422),
        ("?resume=%D9%A3", 422),
        (f"?resume={10**30}", 101),
        (f"?resume={'9' * 5_000}", 422),
        ("?resume=0", 101),
        ("?scope=", 422),
        ("?scope=mine&x=1", 422),
        ("?scope=mine&topic=calls&topic=agents", 101),
        ("?ticket=", 401),
        ("?ticket=%00", 401),
        ("?ticket=%ff", 401),
        (f"?ticket={'x' * 200}", 401),
        (f"?ticket={'x' * 201}", 422),
    ],
)
async def test_whatever_stands_in_the_address_is_answered(
    desk: Desk, query: str, status: int, no_faults: None
):
    async with desk.server() as at, line(desk, at, query=query) as (reader, _):
        assert await status_of(reader) == status
        if status == 101:
            first = await asyncio.wait_for(reader.readexactly(2), 10)
            assert first[0] == 0x80 | TEXT


async def test_handshakes_that_are_none(desk: Desk, no_faults: None):
    chance = random.Random(SEED)
    whole = (
        b"GET /v1/events HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    async with desk.server() as at, desk.client() as client:
        before = leftovers()
        host, port = at.split(":")
        for _ in range(60):
            said = bytearray(whole)
            for _ in range(chance.randrange(1, 6)):
                said[chance.randrange(len(said))] = chance.randrange(256)
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(said[: chance.randrange(1, len(said) + 1)])
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(), 10)
            assert not answer or answer.split()[1][:1] == b"4", f"seed {SEED}: {answer!r}"
            writer.transport.abort()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)
        await until_as_before(before)
        assert (await client.get("/health")).status_code == 200


@pytest.mark.slow
async def test_thousands_who_come_and_go_leave_nothing_behind(desk: Desk, no_faults: None):
    async def come_and_go(times: int) -> None:
        for _ in range(times):
            async with line(desk, at) as (reader, _):
                assert await status_of(reader) == 101

    async with desk.server() as at:
        before = leftovers()
        await come_and_go(200)
        await until_as_before(before)
        things = len(gc.get_objects())
        await come_and_go(2_000)
        await until_as_before(before)
        assert len(gc.get_objects()) - things < 500, "something is kept of each"
