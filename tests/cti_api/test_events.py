"""The WebSocket, through a real server: nothing missed, nothing told to the wrong one, nobody waited for."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from acd.core.commands import Command, RingAgent
from acd.core.customer import Confidence, Identity
from acd.core.ids import AgentId
from cti_api import sockets, users, views
from cti_api.feed import Feed
from cti_api.ports import Role, User
from cti_api.tokens import TICKET_LIFE_MS, TOKEN_LIFE_MS
from tests.cti_api.desk import FRAME, NUMBER, Desk
from tests.play import call_id

Frames = list[dict[str, Any]]


@asynccontextmanager
async def listening(
    desk: Desk, at: str, user: str, query: str = "", **options: Any
) -> AsyncIterator[ClientConnection]:
    headers = {"Authorization": f"Bearer {await desk.token(user)}"}
    uri = f"ws://{at}/v1/events{query}"
    async with connect(uri, additional_headers=headers, **options) as client:
        yield client


async def heard(client: ClientConnection) -> Frames:
    """All frames so far; each is checked against its schema."""
    await client.send('{"type":"ping"}')
    frames: Frames = []
    while True:
        text = await asyncio.wait_for(client.recv(), 10)
        FRAME.validate_json(text, strict=True)
        frame = json.loads(text)
        if frame["type"] == "pong":
            return frames
        frames.append(frame)


def names(frames: Frames) -> list[str]:
    return [frame.get("event", frame["type"]) for frame in frames]


async def closed(client: ClientConnection) -> int:
    """The code with which the server closes."""
    with pytest.raises(ConnectionClosed) as told:
        while True:
            await asyncio.wait_for(client.recv(), 10)
    assert told.value.rcvd is not None
    return told.value.rcvd.code


async def test_a_call_as_its_agent_and_a_supervisor_hear_it(desk: Desk):
    async with (
        desk.server() as at,
        listening(desk, at, "ana") as ana,
        listening(desk, at, "sue") as sue,
    ):
        snapshot = (await heard(ana))[0]
        assert snapshot["type"] == "snapshot" and snapshot["you"]["agent"] == "ana"
        assert [agent["id"] for agent in snapshot["agents"]] == ["ana", "bob"]
        assert [queue["id"] for queue in snapshot["queues"]] == ["support"]
        everything = (await heard(sue))[0]
        assert [agent["id"] for agent in everything["agents"]] == ["ana", "bob", "sol"]
        await desk.ready("ana")
        await heard(ana)
        await heard(sue)

        desk.arrives("c1", caller="Fang")
        desk.talks("c1")
        desk.now += 61_000
        desk.hangs_up("c1")
        desk.services.feed.tell_queues()
        by_agent, by_supervisor = await heard(ana), await heard(sue)
    assert names(by_agent) == [
        "call-offered",
        "agent-changed",
        "call-connected",
        "agent-changed",
        "call-ended",
        "agent-changed",
        "queue-changed",
    ]
    assert names(by_supervisor) == [
        "call-started",
        "caller-recognised",
        "call-queued",
        *names(by_agent),
    ]
    pop = by_agent[0]
    assert pop["agent"] == "ana" and pop["attempt"] == 1 and pop["waited_ms"] == 0
    caller = pop["view"]["caller"]
    assert (caller["number"], caller["name"], caller["contact_number"]) == (NUMBER, "Fang", 2)
    assert caller["customers"][0]["notes"] == "锅炉" and caller["confidence"] == "own"
    assert caller["last_contact"]["outcome"] == "not-solved"
    assert pop["view"]["queue"] == {"id": "support", "name": "Support"}
    ended = by_agent[4]
    assert (ended["ending"], ended["talked_ms"]) == ("completed", 61_000)
    assert ended["view"]["phase"] == "ended" and ended["view"]["allowed"] == ["record-outcome"]
    assert by_agent[5]["view"]["state"] == "wrap-up"
    assert by_agent[6]["view"]["answered"] == 1
    numbers = [frame["seq"] for frame in by_supervisor]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_the_pop_is_on_its_way_before_the_phone_is_told_to_ring():
    told: list[str] = []
    desk = Desk()
    await desk.ready("ana")
    feed: Feed = desk.services.feed
    feed._hear = lambda frame: told.append(json.loads(frame.full)["event"])
    perform = desk.performed.append

    def ring(command: Command) -> None:
        if isinstance(command, RingAgent):
            told.append("ring")
        perform(command)

    desk.switchboard._perform = ring
    desk.arrives("c1")
    desk.switchboard.stop()
    feed.close()
    assert told.index("call-offered") < told.index("ring")


async def test_a_colleague_hears_nothing_of_the_customer(desk: Desk):
    async with (
        desk.server() as at,
        listening(desk, at, "bob") as bob,
        listening(desk, at, "sol") as sol,
        listening(desk, at, "bob", "?scope=mine") as only_bob,
    ):
        await desk.ready("ana")
        desk.arrives("c1")
        desk.talks("c1")
        desk.hangs_up("c1")
        desk.services.feed.tell_queues()
        by_bob, by_sol, by_only_bob = await heard(bob), await heard(sol), await heard(only_bob)
    assert set(names(by_bob)) == {"snapshot", "agent-changed", "queue-changed"}
    assert all(f["view"]["call"] is None for f in by_bob if f.get("event") == "agent-changed")
    assert names(by_sol) == ["snapshot"]
    assert names(by_only_bob) == ["snapshot", "queue-changed"]
    assert [agent["id"] for agent in by_only_bob[0]["agents"]] == ["bob"]
    for frames in (by_bob, by_sol):
        assert NUMBER not in json.dumps(frames) and "王芳" not in json.dumps(
            frames, ensure_ascii=False
        )


async def test_a_caller_who_hangs_up_while_it_rings(desk: Desk):
    await desk.ready("ana")
    async with desk.server() as at, listening(desk, at, "ana") as ana:
        await heard(ana)
        desk.arrives("c1")
        desk.now += 4_000
        desk.hangs_up("c1")
        frames = [frame for frame in await heard(ana) if frame["event"] != "agent-changed"]
    assert names(frames)[:2] == ["call-offered", "offer-ended"]
    ended = frames[1]
    assert (ended["outcome"], ended["rang_ms"]) == ("caller-left", 4_000)
    assert ended["view"]["phase"] == "ended" and ended["view"]["allowed"] == []


# Coming back.


async def test_whoever_resumes_has_missed_nothing(desk: Desk):
    async with desk.server() as at, listening(desk, at, "ana") as steady:
        await heard(steady)
        async with listening(desk, at, "ana") as client:
            await desk.ready("ana")
            seen = await heard(client)
        desk.arrives("c1")
        desk.talks("c1")
        async with listening(desk, at, "ana", f"?resume={seen[-1]['seq']}") as client:
            desk.hangs_up("c1")
            later = await heard(client)
        assert later[0]["type"] == "resumed"
        assert seen[1:] + later[1:] == await heard(steady)


@pytest.mark.parametrize("ago", [3_000, -1])
async def test_whoever_was_away_too_long_or_knows_the_future_begins_anew(ago: int):
    desk = Desk(history=5)
    async with desk.server() as at:
        resume = desk.services.feed.seq - ago
        await desk.ready("ana")
        desk.arrives("c1")
        resume = desk.services.feed.seq + 1 if ago < 0 else resume
        async with listening(desk, at, "ana", f"?resume={resume}") as client:
            assert names(await heard(client)) == ["snapshot"]


async def test_numbers_of_an_earlier_run_are_never_taken_for_ours(desk: Desk):
    later = Desk()
    later.now += 1_000
    after_restart = Feed(later.switchboard)
    later.switchboard.stop()
    assert after_restart.seq > desk.services.feed.seq + 10_000


async def test_a_frame_that_cannot_be_made_costs_a_snapshot_and_never_the_call(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async with desk.server() as at, listening(desk, at, "ana") as ana:
        seq = (await heard(ana))[0]["seq"]
        with monkeypatch.context() as broken:
            broken.setattr(views, "agent", lambda *_, **__: {"bad": "\ud800"})
            await desk.ready("ana")
        assert await closed(ana) == 1013
        assert "could not be told" in caplog.text
        assert desk.switchboard.board.agents[AgentId("ana")].state == "ready"
        async with listening(desk, at, "ana", f"?resume={seq}") as again:
            assert names(await heard(again)) == ["snapshot"]


# Slow, noisy and unwanted ones.


async def test_a_slow_listener_is_dropped_and_nobody_waits_for_him():
    desk = Desk(send_timeout_s=0.05)
    small = {"setsockopt": (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)}
    async with desk.server(send_buffer=4096) as at:
        host, port = at.split(":")
        narrow = socket.socket()
        narrow.setsockopt(*small["setsockopt"])
        narrow.connect((host, int(port)))
        narrow.setblocking(False)
        async with (
            listening(desk, at, "sue", sock=narrow, max_queue=1) as slow,
            listening(desk, at, "sue") as quick,
        ):
            seen = names(await heard(quick))
            for number in range(400):
                desk.arrives(f"c{number}")
                if number % 20 == 0:
                    desk.now += 1_000  # He may not ping more often.
                    seen += names(await heard(quick))
            seen += names(await heard(quick))
            assert [name for name in seen if name == "call-started"] == ["call-started"] * 400
            assert await closed(slow) == 1013


async def test_a_listener_whose_queue_is_full_is_ended_at_once(desk: Desk):
    class Blocked:
        async def send_text(self, _: str) -> None:
            await asyncio.Event().wait()

    token = await desk.token("ana")
    session = desk.services.tokens.find(token, desk.now)
    listener = sockets.Listener(Blocked(), None, session, desk.services.sockets)  # type: ignore[arg-type]
    for number in range(sockets.MOST_WAITING):
        listener.take(str(number))
    assert listener._ending is None
    listener.take("one too many")
    assert listener._ending == sockets.TOO_SLOW
    assert not listener._waiting


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{", 1008),
        ('{"type":"pong"}', 1008),
        ('{"type":"ping","x":1}', 1008),
        (b'{"type":"ping"}', 1008),
        ("x" * 2_000, 1008),
        ("x" * 70_000, 1009),
    ],
)
async def test_a_client_may_say_ping_and_nothing_else(desk: Desk, said: str | bytes, code: int):
    async with desk.server() as at, listening(desk, at, "ana") as client:
        await client.send(said)
        assert await closed(client) == code


async def test_a_client_who_pings_all_the_time_is_closed(desk: Desk):
    async with desk.server() as at, listening(desk, at, "ana") as client:
        for _ in range(21):
            await client.send('{"type":"ping"}')
        assert await closed(client) == 1008


async def test_one_user_has_only_so_many_sockets(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sockets, "MOST_SOCKETS", 1)
    async with desk.server() as at, listening(desk, at, "ana") as client:
        await heard(client)
        with pytest.raises(InvalidStatus) as refused:
            async with listening(desk, at, "ana"):
                pass
        async with listening(desk, at, "bob"):
            pass
    assert refused.value.response.status_code == 429


# Who may listen.


async def test_logging_out_closes_the_socket(desk: Desk):
    async with desk.server() as at:
        token = await desk.token("ana")
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            connect(f"ws://{at}/v1/events", additional_headers=headers) as ana,
            listening(desk, at, "ana") as elsewhere,
            desk.client() as client,
        ):
            await heard(ana)
            assert (await client.delete("/v1/session", headers=headers)).status_code == 204
            assert await closed(ana) == 4401
            await heard(elsewhere)


async def test_a_session_that_is_over_closes_the_socket():
    desk = Desk(check_every_s=0.01)
    async with desk.server() as at, listening(desk, at, "ana") as ana:
        await heard(ana)
        desk.now += TOKEN_LIFE_MS
        assert await closed(ana) == 4401


async def test_a_user_who_is_not_what_he_was_has_to_come_again():
    class Changing(users.FixedUsers):
        async def find(self, user_id: str) -> User | None:
            return found

    found: User | None = User(id="ana", role=Role.SUPERVISOR, agent=None, password_hash="")
    desk = Desk(check_every_s=0.01, users=Changing([]))
    async with desk.server() as at, listening(desk, at, "ana") as client:
        await heard(client)
        found = User(id="ana", role=Role.AGENT, agent=AgentId("ana"), password_hash="")
        assert await closed(client) == 4401


async def test_a_ticket_is_good_for_one_socket_once_and_not_for_long(desk: Desk):
    async with desk.server() as at, desk.client("ana") as client:
        ticket = (await client.post("/v1/ws-ticket")).json()["ticket"]
        uri = f"ws://{at}/v1/events?ticket={ticket}"
        async with connect(uri) as browser:
            assert (await heard(browser))[0]["you"]["user"] == "ana"
        late = (await client.post("/v1/ws-ticket")).json()["ticket"]
        desk.now += TICKET_LIFE_MS
        for used in (ticket, late, "guess"):
            with pytest.raises(InvalidStatus) as refused:
                async with connect(f"ws://{at}/v1/events?ticket={used}"):
                    pass
            assert refused.value.response.status_code == 401
            assert json.loads(refused.value.response.body)["error"]["reason"] == "not-authenticated"


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {}, 401),
        ("", {"Authorization": "Bearer wrong"}, 401),
        ("?token=TOKEN", {}, 401),
        ("?resume=soon", {"Authorization": "Bearer TOKEN"}, 422),
        ("?scope=yours", {"Authorization": "Bearer TOKEN"}, 422),
        ("", {"Authorization": "Bearer TOKEN", "Origin": "https://evil.example"}, 403),
        ("", {"Authorization": "Bearer TOKEN", "Origin": "null"}, 403),
        ("", {"Authorization": "Bearer TOKEN", "Origin": "http://HERE"}, 101),
        ("", {"Authorization": "Bearer TOKEN", "Origin": "https://desk.example"}, 101),
    ],
)
async def test_the_handshake(query: str, headers: dict[str, str], status: int):
    desk = Desk(origins=["https://desk.example"])
    async with desk.server() as at:
        token = await desk.token("ana")
        given = {
            name: value.replace("TOKEN", token).replace("HERE", at)
            for name, value in headers.items()
        }
        uri = f"ws://{at}/v1/events{query.replace('TOKEN', token)}"
        if status == 101:
            async with connect(uri, additional_headers=given) as client:
                await heard(client)
            return
        with pytest.raises(InvalidStatus) as refused:
            async with connect(uri, additional_headers=given):
                pass
    assert refused.value.response.status_code == status
    assert set(json.loads(refused.value.response.body)["error"]) == {"reason", "message"}


# What callers say of themselves.


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("王芳", "王芳"),
        ("𠮷野家", "𠮷野家"),
        ("half \ud800 a character", "half ? a character"),
        ("line\r\nbreak\0", "line break"),
        ("\u202eevil", "evil"),
        ("全角　空", "全角 空"),
        ("x" * 500, "x" * 64),
    ],
)
async def test_a_name_from_the_network_is_made_harmless(desk: Desk, said: str, shown: str):
    async with desk.server() as at, listening(desk, at, "sue") as sue:
        await heard(sue)
        desk.arrives("c1", caller=said, identity=Identity(confidence=Confidence.ANONYMOUS))
        frames = await heard(sue)
    assert frames[0]["view"]["caller"]["name"] == shown
    assert frames[1]["view"]["caller"]["contact_number"] is None
    assert frames[1]["call"] == call_id("c1")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613812341234", "+86138****1234"),
        ("13812341234", "138****1234"),
        ("02161234567", "021****4567"),
        ("8001234", "****34"),
        ("8001", "****"),
        ("", ""),
    ],
)
def test_a_masked_number(number: str, shown: str):
    assert views.masked(number) == shown
