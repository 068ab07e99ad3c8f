"""Many API processes around one engine, and one process with all in it: for whoever listens and asks it is the same."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from acd.adapters.redis import broadcast, link
from acd.centre.file import load_centre
from acd.core import events
from acd.core.ids import AgentId, CallId
from acd.core.preview import Work
from acd.pop import NO_BACKGROUND, Background
from acd.running_centre import RunningCentre
from cordboard_client import AsyncClient, RefusedError, UnreachableError
from tests.adapters.redis.floor import engine, process
from tests.adapters.redis.server import RedisServer
from tests.core.test_calling import WANG, calls_out
from tests.cti_api.desk import PASSWORD, Desk
from tests.cti_api.test_asyncapi import days_centre, whole_day
from tests.play import NODE, START, SUPPORT, call_id

pytestmark = pytest.mark.slow

SOON = (0.001, 0.05)


@pytest.fixture(autouse=True)
def _queues_are_told_when_a_test_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti_api.feed.QUEUES_EVERY_S", 3600.0)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.remove()


@pytest.fixture
def redis(server: RedisServer) -> RedisServer:
    """A Redis with nothing in it."""
    with BlockingRedis.from_url(server.url) as client:
        client.flushall()
    return server


@dataclass
class Floor:
    """A desk, and two addresses at which its API is: the second may be another process."""

    desk: Desk
    here: str
    there: str
    redis: RedisServer | None


@pytest.fixture(params=["one process", "two processes"])
async def floor(request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    desk = Desk(days_centre(), check_every_s=0.01)
    async with AsyncExitStack() as stack:
        if request.param == "one process":
            here = there = await stack.enter_async_context(desk.server())
            yield Floor(desk, here, there, None)
        else:
            server: RedisServer = request.getfixturevalue("redis")
            await stack.enter_async_context(engine(server.url, desk))
            one = await stack.enter_async_context(process(server.url, desk))
            two = await stack.enter_async_context(process(server.url, desk))
            yield Floor(desk, one.at, two.at, server)
    desk.switchboard.stop()
    desk.services.feed.close()


async def logged_in(at: str, user: str) -> AsyncClient:
    client = AsyncClient(f"http://{at}")
    await client.log_in(user, PASSWORD)
    return client


def events_of(client: AsyncClient, **options: Any) -> Any:
    """The events, closed when the test has heard enough."""
    return aclosing(client.events(retry_s=SOON, **options))  # type: ignore[type-var] # It is a generator.


async def heard(client: AsyncClient, start: int | None, end: Callable[[Any], bool]) -> list[Any]:
    """All frames up to the first of this kind."""
    frames: list[Any] = []
    async with asyncio.timeout(20), events_of(client, resume=start) as told:
        async for frame in told:
            frames.append(frame)
            if end(frame):
                return frames
    raise AssertionError("the events are endless")


def asterisk_is_lost(frame: Any) -> bool:
    return bool(frame.get("event") == "node-changed")


async def test_a_whole_day_is_told_alike_everywhere_and_to_whoever_comes_later(floor: Floor):
    desk, start = floor.desk, floor.desk.services.feed.seq
    async with (
        await logged_in(floor.here, "sue") as here,
        await logged_in(floor.there, "sue") as there,
    ):
        listening = asyncio.create_task(heard(here, start, asterisk_is_lost))
        await whole_day(desk)
        desk.services.feed.tell_queues()
        desk.tell(events.NodeFound(at=desk.now, node=NODE, seen_at=desk.now))
        desk.tell(events.NodeLost(at=desk.now, node=NODE))
        by_here = await listening
        by_there = await heard(there, start, asterisk_is_lost)
    assert by_there == by_here
    assert len(by_here) > 30 and by_here[0]["type"] == "event"


async def test_whoever_goes_to_another_process_misses_nothing(floor: Floor):
    desk = floor.desk
    async with (
        await logged_in(floor.here, "ana") as here,
        await logged_in(floor.there, "ana") as there,
    ):
        async with events_of(here) as told:
            first = await anext(told)
            await desk.ready("ana")
            second = await anext(told)
        desk.arrives("c1")
        frames = await heard(there, second["seq"], lambda f: f.get("event") == "call-offered")
    assert first["type"] == "snapshot"
    assert [frame["type"] for frame in frames] == ["event"] * len(frames)
    assert second["seq"] < frames[0]["seq"]
    assert frames[-1]["view"]["caller"]["customers"][0]["name"] == "王芳"


async def test_what_is_asked_at_any_process_is_done_and_told_at_all(floor: Floor):
    desk = floor.desk
    async with (
        await logged_in(floor.there, "ana") as ana,
        await logged_in(floor.here, "sue") as sue,
    ):
        assert (await ana.log_agent_in("ana"))["state"] == "not-ready"
        ready = await ana.set_agent_state("ana", {"state": "ready"})
        assert ready["state"] == "ready", "the answer is what has come of it"
        assert desk.switchboard.board.agents[AgentId("ana")].state == "ready"
        with pytest.raises(RefusedError) as refused:
            await ana.finish_wrap_up("ana")
        assert refused.value.reason == "not-in-wrap-up"
        desk.arrives("c1")
        frames = await heard(sue, 0, lambda f: f["type"] == "snapshot")
        assert frames
        await until_known(sue, "c1")
        why = await sue.explain_call(call_id("c1"))
        assert (why[0]["agent"], why[0]["rule"]) == ("ana", None)


async def until_known(client: AsyncClient, call: str) -> None:
    async with asyncio.timeout(20):
        while not [one for one in await client.list_calls() if one["id"] == call_id(call)]:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_guesses_count_together_wherever_they_are_made(floor: Floor):
    async def answer(at: str, user: str, password: str) -> httpx2.Response:
        async with httpx2.AsyncClient() as client:
            said = {"user": user, "password": password}
            return await client.post(f"http://{at}/v1/session", json=said)

    good = [await answer(floor.here, "bob", PASSWORD) for _ in range(6)]
    assert [one.status_code for one in good] == [201] * 6, (
        "who knows it may log in as often as he likes"
    )
    wheres = (floor.here, floor.there) * 3
    guesses = [(await answer(at, "ana", "guess")).status_code for at in wheres]
    assert guesses == [401] * 5 + [429]
    refused = await answer(floor.there, "ana", PASSWORD)
    assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= 60
    assert (await answer(floor.there, "bob", PASSWORD)).status_code == 201


async def test_a_ticket_is_good_elsewhere_however_new_the_log_in_is(floor: Floor):
    for _ in range(3):
        async with await logged_in(floor.here, "ana") as here:
            ticket = (await here.ticket_for_socket())["ticket"]
            async with connect(f"ws://{floor.there}/v1/events?ticket={ticket}") as socket:
                assert json.loads(await socket.recv())["type"] == "snapshot"


async def test_a_log_in_is_one_for_all_processes(floor: Floor):
    async with await logged_in(floor.here, "ana") as here:
        elsewhere = AsyncClient(f"http://{floor.there}", token=here.token)
        async with elsewhere:
            assert (await elsewhere.who_am_i())["user"] == "ana", "at once"
            ticket = (await here.ticket_for_socket())["ticket"]
            async with connect(f"ws://{floor.there}/v1/events?ticket={ticket}") as socket:
                assert json.loads(await socket.recv())["type"] == "snapshot"
                async with httpx2.AsyncClient() as guess:
                    again = f"http://{floor.there}/v1/events/stream?ticket={ticket}"
                    assert (await guess.get(again)).status_code == 401, "once"
                await here.log_out_user()
                with pytest.raises(ConnectionClosed) as closed:
                    while True:
                        await asyncio.wait_for(socket.recv(), 20)
                assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401
            with pytest.raises(RefusedError):
                await elsewhere.who_am_i()


async def test_a_key_is_good_everywhere_until_it_is_revoked_anywhere(floor: Floor):
    wanted: Any = {"user": "ruth", "name": "router", "days": 1}
    async with (
        await logged_in(floor.here, "root") as here,
        await logged_in(floor.there, "root") as there,
    ):
        made = await here.make_key(wanted)
        async with AsyncClient(f"http://{floor.there}", token=made["key"]) as system:
            assert (await system.who_am_i())["user"] == "ruth", "at once"
            assert [key["id"] for key in await there.list_keys()] == [made["id"]]
            async with asyncio.timeout(20), events_of(system) as told:
                assert (await anext(told))["type"] == "snapshot"
                await here.revoke_key(made["id"])
                with pytest.raises(RefusedError):
                    while True:
                        await anext(told)


# With Redis, and without it for a while.


async def test_when_redis_dies_routing_goes_on_and_listeners_come_back_to_the_truth(
    redis: RedisServer,
):
    desk = Desk()
    async with (
        engine(redis.url, desk),
        process(redis.url, desk, answer_s=0.3, away_after_s=0.2) as other,
        await logged_in(other.at, "sue") as sue,
        events_of(sue) as told,
    ):
        assert (await anext(told))["type"] == "snapshot"
        redis.kill()
        await desk.ready("ana")
        desk.arrives("c1")
        desk.talks("c1")
        assert desk.switchboard.board.calls[call_id("c1")].phase == "talking", "routing goes on"
        with pytest.raises(RefusedError) as refused:
            await sue.log_agent_in("bob")
        assert refused.value.reason == "engine-away"
        async with asyncio.timeout(20):
            while other.switchboard.reachable:  # noqa: ASYNC110 # It is found out by waiting.
                await asyncio.sleep(0.01)
        assert not (await sue.ready())["ready"]
        redis.start()
        seen: dict[str, Any] = {}
        async with asyncio.timeout(30):
            async for frame in told:
                if frame["type"] == "snapshot":
                    seen = {call["id"]: call["phase"] for call in frame["calls"]}
                elif "view" in frame and "call" in frame:
                    seen[frame["call"]] = frame["view"]["phase"]
                if seen.get(call_id("c1")) == "talking":
                    break
        desk.hangs_up("c1")
        async for frame in told:
            if frame.get("event") == "call-ended":
                break
        assert not other.switchboard.board.calls
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_that_redis_is_down_is_known_by_that_alone_and_said_wherever_one_looks(
    redis: RedisServer,
):
    desk = Desk()
    async with (
        engine(redis.url, desk),
        process(redis.url, desk, away_after_s=3600) as other,
        await logged_in(other.at, "sue") as sue,
        events_of(sue, patience_s=0) as told,
        desk.client("sue") as engines_own,
    ):
        await anext(told)
        for well in (await sue.ready(), (await engines_own.get("/ready")).json()):
            assert (well["ready"], well["redis"]) == (True, "heard")
        redis.kill()
        with pytest.raises(UnreachableError):  # However long silence may last.
            async with asyncio.timeout(20):
                async for _ in told:
                    pass
        away = await sue.ready()
        assert (away["ready"], away["redis"]) == (False, "away")
        here = (await engines_own.get("/ready")).json()
        assert (here["ready"], here["redis"]) == (True, "away"), "calls go on"
        assert "cordboard_redis_heard 0.0" in (await engines_own.get("/metrics")).text
        redis.start()
        async with asyncio.timeout(20):
            while not other.switchboard.reachable:  # noqa: ASYNC110 # It is found out by waiting.
                await asyncio.sleep(0.01)
        assert (await engines_own.get("/ready")).json()["redis"] == "heard"
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_a_connection_that_redis_has_closed_is_not_taken_for_one_that_works(
    redis: RedisServer,
):
    client = link.connect(redis.url)
    await asyncio.gather(*(client.ping() for _ in range(3)))  # Each by a connection of its own.
    redis.kill()
    redis.start()
    for _ in range(3):  # The loop hears of it.
        await asyncio.sleep(0)
    for _ in range(3):
        await client.ping()
    await client.aclose()


async def test_only_one_engine_serves(redis: RedisServer):
    first, second = Desk(), Desk()
    async with engine(redis.url, first, "engine-1") as first_engine:
        async with (
            process(redis.url, first) as other,
            engine(redis.url, second, "engine-2") as second_engine,
        ):
            async with asyncio.timeout(20):
                await second_engine.replaced.wait()
            second.arrives("c2")
            first.arrives("c1")
            await until_calls(other.switchboard.board, "c1")
            assert call_id("c2") not in other.switchboard.board.calls
        assert not first_engine.replaced.is_set()
    for desk in (first, second):
        desk.switchboard.stop()
        desk.services.feed.close()


async def test_another_centre_is_the_centre_everywhere_and_nobody_is_told_of_a_loss(
    redis: RedisServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    desk, file = Desk(), tmp_path / "centre.yaml"
    queues = "{night: {name: Night}, support: {name: Help}, sales: {name: Sales}}"
    agents = "{ana: {name: Ana, phone: PJSIP/ana, queues: [night]}}"
    file.write_text(f"queues: {queues}\nagents: {agents}\n")
    async with (
        engine(redis.url, desk) as published,
        process(redis.url, desk) as other,
        await logged_in(other.at, "sue") as sue,
        events_of(sue) as told,
    ):
        assert (await anext(told))["type"] == "snapshot"
        running = RunningCentre(
            load_centre(file, node=NODE),
            desk.switchboard,
            read=lambda: load_centre(file, node=NODE),
            changed=lambda centre: published.broadcast.configured(),
        )
        assert not (await running.reload()).problems
        async with asyncio.timeout(20):
            async for frame in told:
                if frame["type"] == "snapshot":
                    break
        assert [queue["name"] for queue in frame["queues"]] == ["Night", "Help", "Sales"]
        assert [agent["id"] for agent in frame["agents"]] == ["ana"]
        desk.arrives("c1", queue="night")
        async for frame in told:
            if frame.get("event") == "call-queued":
                break
        assert other.services.feed.seq >= frame["seq"]
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_the_next_engine_takes_over_and_everybody_begins_anew(redis: RedisServer):
    first, second = Desk(), Desk(now=START + 60_000)
    async with AsyncExitStack() as running:
        before = AsyncExitStack()
        await before.enter_async_context(engine(redis.url, first, "engine-1"))
        other = await running.enter_async_context(process(redis.url, first))
        sue = await running.enter_async_context(await logged_in(other.at, "sue"))
        told = await running.enter_async_context(events_of(sue))
        await anext(told)
        first.arrives("c1")
        await anext(told)
        await before.aclose()
        second.arrives("c2")
        await running.enter_async_context(engine(redis.url, second, "engine-2"))
        async with asyncio.timeout(20):
            async for frame in told:
                if frame["type"] == "snapshot":
                    break
        assert [call["id"] for call in frame["calls"]] == [call_id("c2")]
    for desk in (first, second):
        desk.switchboard.stop()
        desk.services.feed.close()


async def test_what_is_lost_on_the_way_is_noticed(redis: RedisServer):
    desk = Desk()
    async with (
        engine(redis.url, desk),
        process(redis.url, desk) as other,
        await logged_in(other.at, "sue") as sue,
        events_of(sue) as told,
    ):
        await anext(told)
        client: Redis = link.connect(redis.url)
        text = {"engine": "engine-1", "number": 10_000, "seq": 1, "what": []}
        await client.xadd(link.STEPS, {"kind": "step", "body": link.encode(text)})
        async with asyncio.timeout(20):
            while not other.switchboard._lost:  # noqa: ASYNC110 # It comes over the network.
                await asyncio.sleep(0.005)
        await client.aclose()
    desk.switchboard.stop()
    desk.services.feed.close()


async def until_calls(board: Any, *names: str) -> None:
    async with asyncio.timeout(20):
        while not all(call_id(name) in board.calls for name in names):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_what_cannot_be_read_is_lost_until_the_next_board(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
):
    """As when an engine of another version has begun: nobody may listen to a board that stands still."""
    desk = Desk()
    async with engine(redis.url, desk) as published, process(redis.url, desk) as other:
        with monkeypatch.context() as patched:
            patched.setattr(link, "thing_of", lambda raw: raw["of another version"])
            await desk.ready("ana")
            async with asyncio.timeout(20):
                while other.switchboard.reachable:  # noqa: ASYNC110 # It comes over the network.
                    await asyncio.sleep(0.005)
        published.broadcast.publish_board()
        desk.arrives("c1")
        await until_calls(other.switchboard.board, "c1")
        async with asyncio.timeout(20):
            while not other.switchboard.reachable:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_what_cannot_be_written_is_noticed_and_told_by_the_next_board(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
):
    desk = Desk()
    async with engine(redis.url, desk), process(redis.url, desk) as other:
        written = broadcast._body

        def broken(name: str, entry: Any) -> bytes:
            monkeypatch.setattr(broadcast, "_body", written)
            raise TypeError(entry.kind)

        monkeypatch.setattr(broadcast, "_body", broken)
        desk.arrives("c1")
        await until_calls(other.switchboard.board, "c1")
        desk.arrives("c2")
        await until_calls(other.switchboard.board, "c2")
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_a_process_says_that_it_lives_before_anybody_listens_there(redis: RedisServer):
    desk = Desk()
    async with engine(redis.url, desk), process(redis.url, desk) as other:
        client: Redis = link.connect(redis.url)
        assert await client.exists(broadcast.process_key(other.switchboard.name))
        await client.aclose()
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_who_is_to_be_called_is_shown_alike_everywhere_and_forgotten_with_the_board(
    redis: RedisServer,
):
    desk = Desk(calls_out({"ana": ("support",)}))
    task, gone = CallId("t-1"), CallId("t-0")
    async with engine(redis.url, desk) as published, process(redis.url, desk) as other:
        there = other.switchboard.backgrounds
        there.know(gone, Background(crm={"balance": "1.00"}))
        await desk.ready("ana")
        desk.services.feed.views.backgrounds.know(task, Background(crm={"balance": "12.00"}))
        desk.tell(offered(task, at=desk.now))
        assert desk.switchboard.board.agents[AgentId("ana")].preview is not None
        async with asyncio.timeout(20):
            while there.of(task) is NO_BACKGROUND:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        assert there.of(task).crm == {"balance": "12.00"}
        published.broadcast._number += 1  # Something is lost.
        published.broadcast.publish_board()
        async with asyncio.timeout(20):
            while there.of(gone) is not NO_BACKGROUND:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        assert there.of(task).crm == {"balance": "12.00"}
    desk.switchboard.stop()
    desk.services.feed.close()


def offered(task: str, *, at: int) -> events.WorkOffered:
    work = Work(task=task, list="l-1", queue=SUPPORT, number=WANG, why="")
    return events.WorkOffered(at=at, agent=AgentId("ana"), work=work, idle_ms=0, answer_ms=30_000)
