"""Frames on the wire: as others make them, and among whatever the server sends itself."""

import socket
from importlib.metadata import version

import httpx2
import pytest
from websockets.frames import Frame, Opcode

from cti_api import wire
from cti_api.app import UVICORN
from tests.cti_api.desk import Desk
from tests.cti_api.test_events import heard, listening, names, one_listener, until


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20])
def test_a_frame_is_as_the_websockets_library_makes_it(size: int):
    message = b"x" * size
    assert wire.framed(message) == Frame(Opcode.TEXT, message).serialize(mask=False)
    assert list(wire.messages_of(wire.framed(message) + wire.framed(b"ab"))) == [message, b"ab"]


def test_uvicorn_is_the_one_that_was_read():
    assert version("uvicorn") == wire.READ, (
        "cti_api/wire.py writes to a transport that is uvicorn's, beside what uvicorn writes. Read "
        "uvicorn/protocols/websockets/websockets_sansio_impl.py again: is `writable` still set by "
        "pause_writing and resume_writing, is `scope` still made before `run_asgi`, and does `conn` "
        "still know of every close frame? Then change wire.READ."
    )


def test_an_idle_line_is_kept_longer_than_clients_and_proxies_do():
    client = httpx2.Limits().keepalive_expiry
    assert client is not None and UVICORN["timeout_keep_alive"] > max(client, 60), "nginx: 60 s"


async def test_our_server_offers_the_wire(desk: Desk):
    async with desk.server() as at, listening(desk, at, "ana") as ana:
        assert names(await heard(ana)) == ["snapshot"]
        assert isinstance(one_listener(desk)._wire, wire.Server)


async def test_under_another_server_the_same_is_heard(desk: Desk):
    async with desk.server(ws="websockets-sansio") as at, listening(desk, at, "sue") as sue:
        await heard(sue)
        assert not isinstance(one_listener(desk)._wire, wire.Server)
        desk.arrives("c1")
        assert names(await heard(sue)) == ["call-started", "caller-recognised", "call-queued"]


async def test_pings_of_both_sides_and_frames_do_not_disturb_each_other(desk: Desk):
    async with (
        desk.server(ws_ping_interval=0.005, ws_ping_timeout=10.0) as at,
        # She reads no frame until the end; with a queue that is full she would not read pongs either.
        listening(desk, at, "sue", max_queue=None) as sue,
    ):
        await heard(sue)
        way = one_listener(desk)._wire
        assert isinstance(way, wire.Server)
        for number in range(50):
            desk.arrives(f"c{number}")
            await (await sue.ping())
        await until(lambda: way.last_ping_rtt > 0)
        assert names(await heard(sue)).count("call-started") == 50


async def test_a_client_may_close_in_the_middle_of_everything(desk: Desk):
    async with desk.server() as at, listening(desk, at, "sue") as sue:
        await heard(sue)
        way = one_listener(desk)._wire
        assert isinstance(way, wire.Server)
        desk.arrives("c1")
        await sue.close(1001, "bye")
        assert (sue.close_code, sue.close_reason) == (1001, "bye")
        await until(lambda: not desk.services.sockets._listeners)
        way.write(wire.framed(b"too late"))
        desk.arrives("c2")


async def test_a_client_who_vanishes_is_forgotten(desk: Desk):
    async with desk.server() as at, listening(desk, at, "sue") as sue:
        await heard(sue)
        sue.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        desk.arrives("c1")
        await until(lambda: not desk.services.sockets._listeners)


async def test_nothing_follows_a_close_frame(desk: Desk):
    async with desk.server() as at, listening(desk, at, "sue") as sue:
        await heard(sue)
        way = one_listener(desk)._wire
        assert isinstance(way, wire.Server)
        way.conn.send_close(1001)
        way.transport.write(b"".join(way.conn.data_to_send()))
        way.write(wire.framed(b"too late"))
        await sue.wait_closed()
        assert sue.close_code == 1001
