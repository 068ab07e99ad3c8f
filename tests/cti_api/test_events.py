"""The WebSocket, through a real server: nothing missed, nothing told to the wrong one, nobody waited for."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from acd.core import events, requests
from acd.core.commands import Command, RingAgent
from acd.core.customer import Confidence, Identity
from acd.core.events import DeviceChanged, DeviceState
from acd.core.ids import AgentId
from cti_api import sockets, texts, users, views, wire
from cti_api.asyncapi import names_of_events
from cti_api.feed import Audience, Feed
from cti_api.ports import Role, User
from cti_api.tokens import TICKET_LIFE_MS, TOKEN_LIFE_MS
from tests.cti_api.desk import FRAME, NUMBER, WANG, Desk
from tests.play import NODE, call_id

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


async def test_the_pop_is_on_the_wire_before_the_phone_is_told_to_ring(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    told: list[str] = []
    perform = desk.performed.append
    write = wire.Server.write

    def ring(command: Command) -> None:
        if isinstance(command, RingAgent):
            told.append("ring")
        perform(command)

    def written(server: wire.Server, frames: bytes) -> None:
        told.extend(json.loads(said).get("event", "") for said in wire.messages_of(frames))
        write(server, frames)

    async with desk.server() as at, listening(desk, at, "ana") as ana:
        await desk.ready("ana")
        await heard(ana)
        monkeypatch.setattr(wire.Server, "write", written)
        desk.switchboard._perform = ring
        desk.arrives("c1")
        assert told == ["call-offered", "agent-changed", "ring"]


async def test_a_colleague_hears_nothing_where_he_would_see_nothing_new(desk: Desk):
    async with (
        desk.server() as at,
        listening(desk, at, "ana") as ana,
        listening(desk, at, "bob") as bob,
    ):
        await desk.ready("ana")
        await heard(ana), await heard(bob)
        for state in (DeviceState.INUSE, DeviceState.INUSE, DeviceState.NOT_INUSE):
            desk.tell(DeviceChanged(at=desk.now, node=NODE, device="PJSIP/ana", state=state))
        assert [frame["view"]["device_state"] for frame in await heard(ana)] == [
            "INUSE",
            "NOT_INUSE",
        ]
        assert await heard(bob) == []


async def test_an_event_is_made_once_and_only_if_somebody_is_to_have_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    made: list[str] = []
    encode = texts.encoded
    monkeypatch.setattr(
        texts, "encoded", lambda frame: made.append(frame.get("event", "")) or encode(frame)
    )
    await desk.ready("ana")
    desk.arrives("c1")
    assert made == []
    async with desk.server() as at, listening(desk, at, "sue") as one, listening(desk, at, "root"):
        made.clear()
        desk.hangs_up("c1")
        assert "call-ended" in names(await heard(one))
        assert made.count("call-ended") == 1


async def test_an_agent_has_a_client_from_the_first_socket_to_the_last(desk: Desk):
    clients = desk.switchboard._engine.state.clients
    async with desk.server() as at, listening(desk, at, "sue") as sue:
        await heard(sue)
        assert not clients, "who is no agent is no agent's client"
        async with listening(desk, at, "ana") as one:
            await heard(one)
            assert list(clients) == ["ana"]
            async with listening(desk, at, "ana", "?scope=mine") as two:
                await heard(two)
        await until(lambda: desk.services.sockets._clients["ana"] == 0)
    assert not clients


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


async def test_a_call_that_goes_back_to_its_queue_may_be_changed_by_supervisors_alone(desk: Desk):
    await desk.ready("ana")
    async with (
        desk.server() as at,
        listening(desk, at, "ana") as ana,
        listening(desk, at, "sue") as sue,
    ):
        for client in (ana, sue):
            await heard(client)
        desk.arrives("c1")
        desk.tell(events.LegEnded(at=desk.now, channel=desk.leg("c1"), cause=21))
        request = requests.SetPriority(by="sue", call=call_id("c1"), priority=5)
        await desk.switchboard.submit(request)
        by_ana, by_sue = [await heard(client) for client in (ana, sue)]
    (hers,) = [frame for frame in by_ana if frame["event"] == "offer-ended"]
    (his,) = [frame for frame in by_sue if frame["event"] == "offer-ended"]
    assert hers["view"]["phase"] == "waiting" and hers["view"]["allowed"] == []
    assert "set-priority" in his["view"]["allowed"]
    (changed,) = [frame for frame in by_sue if frame["event"] == "call-changed"]
    assert (changed["by"], changed["change"]) == ("sue", "priority")
    assert changed["view"]["priority"] == 5
    assert "call-changed" not in names(by_ana)


class Client:
    """A client without a server, who remembers what was written to him at once."""

    def __init__(self, *, writable: bool) -> None:
        self.writes: list[bytes] = []
        self.writable = asyncio.Event()
        if writable:
            self.writable.set()
        self.scope = {"extensions": {wire.EXTENSION: {"wire": self}}}
        self.code: int | None = None
        self.gone = asyncio.Event()

    @property
    def written(self) -> list[bytes]:
        return [message for frames in self.writes for message in wire.messages_of(frames)]

    def events(self) -> list[str | None]:
        return [json.loads(message).get("event") for message in self.written]

    def write(self, frames: bytes) -> None:
        assert self.writable.is_set()
        self.writes.append(frames)

    def drop(self) -> None:
        raise AssertionError("he is quick")

    async def close(self, code: int, _reason: str) -> None:
        self.code = code

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "websocket.disconnect"}


@asynccontextmanager
async def client_of(desk: Desk, user: str, *, writable: bool = True) -> AsyncIterator[Client]:
    """A client of this user who has got his snapshot, if anything can be written to him."""
    client = Client(writable=writable)
    found = await desk.users.find(user)
    session = await desk.services.tokens.proven(await desk.token(user), desk.now)
    serving = asyncio.create_task(
        desk.services.sockets.serve(client, Audience(user=found), session, None)
    )
    if writable:
        await until(lambda: bool(client.writes))
    await asyncio.sleep(0)
    yield client
    client.gone.set()
    await serving


def told(event: str, state_of: str | None = None, number: int = 0) -> texts.Text:
    return texts.Text(event, lambda: {"number": number}, state_of=state_of)


def one_listener(desk: Desk) -> sockets.Listener:
    """The only one, or the first."""
    listener: sockets.Listener = desk.services.sockets._all()[0]
    return listener


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 # It comes without an event.
            await asyncio.sleep(0.001)


async def opened_raw(desk: Desk, at: str, user: str, path: str = "/v1/events") -> socket.socket:
    """A socket that has asked for events; nothing is read from it."""
    upgrade = (
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {'A' * 22}==\r\n"
    )
    upgrade = upgrade if path == "/v1/events" else ""
    host, port = at.split(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect((host, int(port)))
    raw.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {at}\r\n{upgrade}Authorization: Bearer {await desk.token(user)}\r\n\r\n".encode()
    )
    return raw


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
    async with client_of(desk, "ana") as client:
        client.writable.clear()
        listener = one_listener(desk)
        for _ in range(sockets.MOST_WAITING):
            listener.take(texts.Telling([told("call-queued")]))
        assert listener._ending is None
        listener.take(texts.Telling([told("call-queued")]))
        assert listener._ending == sockets.TOO_SLOW
        assert listener._waiting is texts.NOTHING
        client.writable.set()
        await until(lambda: client.code == 1013)


async def test_whoever_is_not_far_behind_is_told_everything(desk: Desk):
    async with client_of(desk, "sue") as client:
        client.writable.clear()
        for number in range(sockets.MANY_WAITING):
            one_listener(desk).take(texts.Telling([told("agent-changed", "ana", number)]))
        client.writable.set()
        one_listener(desk).flush()
        assert len(client.written) == 1 + sockets.MANY_WAITING


async def test_a_slow_listener_of_states_alone_is_never_ended_for_what_is_outdated(desk: Desk):
    async with client_of(desk, "sue") as client:
        client.writable.clear()
        for number in range(sockets.MOST_WAITING * 5):
            one_listener(desk).take(
                texts.Telling([told("agent-changed", f"a{number % 200}", number)])
            )
        assert one_listener(desk)._ending is None
        client.writable.set()
        one_listener(desk).flush()
        last = json.loads(client.written[-1])["number"]
        assert last == sockets.MOST_WAITING * 5 - 1 and len(client.written) == 201


async def test_of_how_things_stand_a_slow_listener_is_told_the_newest_alone(desk: Desk):
    async with client_of(desk, "sue") as client:
        client.writable.clear()
        listener = one_listener(desk)
        for number in range(sockets.MOST_WAITING - 20):
            listener.take(texts.Telling([told("agent-changed", "ana", number)]))
            listener.take(texts.Telling([told("agent-changed", "bob", number)] * (number < 9)))
            listener.flush()
        listener.take(
            texts.Telling([told("call-queued", number=-1), told("queue-changed", "ana", -2)])
        )
        client.writable.set()
        listener.flush()
        newest = [8, sockets.MOST_WAITING - 21, -1, -2]
        assert [json.loads(one)["number"] for one in client.written[1:]] == newest


async def test_much_at_once_is_no_reason_to_end_one_who_is_quick(desk: Desk):
    async with client_of(desk, "sue") as client:
        for _ in range(sockets.MOST_WAITING * 3):
            one_listener(desk).take(texts.Telling([told("call-queued")]))
        one_listener(desk).flush()
        assert len(client.written) == 1 + sockets.MOST_WAITING * 3


async def test_one_who_never_reads_costs_nothing_in_the_end():
    desk = Desk(send_timeout_s=0.01, close_timeout_s=0.01)
    async with desk.server(send_buffer=4096) as at:
        deaf = await opened_raw(desk, at, "sue")
        await until(lambda: bool(desk.services.sockets._listeners))
        await until(lambda: one_listener(desk)._begun)
        way = one_listener(desk)._wire
        for number in range(400):
            desk.arrives(f"c{number}")
        await until(lambda: not desk.services.sockets._listeners)
        assert isinstance(way, wire.Server)
        await until(lambda: way.disconnected)
        assert way.transport.get_write_buffer_size() == 0
        deaf.close()


async def test_whoever_watches_gets_all_of_a_moment_in_one_write(desk: Desk):
    async with client_of(desk, "ana") as ana, client_of(desk, "sue") as sue:
        await desk.ready("ana")
        await until(lambda: len(sue.writes) == 2)
        desk.arrives("c1")
        assert ana.events()[-2:] == ["call-offered", "agent-changed"]
        assert len(sue.writes) == 2
        desk.talks("c1")
        await until(lambda: len(sue.writes) == 3)
        assert [event for event in sue.events() if event != "agent-changed"] == [
            None,
            "call-started",
            "caller-recognised",
            "call-queued",
            "call-offered",
            "call-connected",
        ]


async def test_many_who_watch_are_not_all_written_to_in_one_go(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sockets, "_AT_A_TIME", 1)
    async with client_of(desk, "sue") as one, client_of(desk, "sue") as two:
        desk.arrives("c1")
        await until(lambda: len(one.writes) == 2)
        await until(lambda: len(two.writes) == 2)
        assert one.written[1:] == two.written[1:]


async def test_what_comes_while_the_first_frames_go_out_comes_after_them(desk: Desk):
    async with client_of(desk, "ana", writable=False) as ana:
        await desk.ready("ana")
        assert not ana.writes
        ana.writable.set()
        await until(lambda: len(ana.writes) == 2)
        assert ana.events() == [None, "agent-changed", "agent-changed"]


async def test_all_who_come_at_the_same_moment_share_one_snapshot(desk: Desk):
    async with client_of(desk, "sue") as one, client_of(desk, "sue") as two:
        assert one.writes[0] is two.writes[0]
    async with client_of(desk, "ana") as ana:
        assert ana.written[0] != one.written[0]
    desk.arrives("c1")
    async with client_of(desk, "sue") as later:
        snapshot = json.loads(later.written[0])
        assert snapshot["seq"] == desk.services.feed.seq and len(snapshot["calls"]) == 1


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
        ("?token=TOKEN", {}, 422),  # It would be in the log of every proxy.
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
        ("010-6555 1234", "010-6****1234"),
        ("", ""),
        # Who withholds his number has none that could be seen: he is told as the network tells him.
        ("anonymous", "anonymous"),
        ("Unavailable", "Unavailable"),
        ("PRIVATE", "PRIVATE"),
        ("匿名", "匿名"),
        # What is no number may be anything, so nothing of it is told.
        ("wang.fang", "****"),
        ("sip:wang.fang@10.1.2.3", "****"),
        ("+8613812341234;ext=17", "****"),
        ("()()()()-", "****"),
    ],
)
def test_a_masked_number(number: str, shown: str):
    assert views.masked(number) == shown


async def test_queues_are_told_by_themselves(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cti_api.feed.QUEUES_EVERY_S", 0.01)
    async with desk.server() as at, listening(desk, at, "sue") as sue:
        await heard(sue)
        await desk.ready("ana")
        desk.arrives("c1")
        async with asyncio.timeout(10):
            while json.loads(await sue.recv()).get("event") != "queue-changed":
                pass


async def test_who_overhears_is_told_what_supervisors_are_and_asks_for_no_text_in_vain():
    desk = Desk()
    heard: list[tuple[str, bytes]] = []
    desk.services.feed.let_overhear(lambda name, text: heard.append((name, text())))
    await desk.ready("ana")
    desk.arrives("c1")
    names = [name for name, _ in heard]
    assert "call-offered" in names and "agent-changed" in names
    for name, text in heard:
        told = json.loads(text)
        assert (told["event"], told["type"]) == (name, "event")
    (offered,) = [json.loads(text) for name, text in heard if name == "call-offered"]
    assert offered["view"]["caller"]["customers"][0]["id"] == WANG.id
    assert set(names) <= set(names_of_events())
