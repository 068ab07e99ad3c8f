"""An engine and an API process as people run them: two processes, a Redis between them, calls on a real Asterisk."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
import yaml

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from cordboard_client import AsyncClient
from tests.adapters.redis.api_process import ApiProcess
from tests.adapters.redis.server import RedisServer
from tests.live.centre import PASSWORD, Centre, Person, over, until

pytestmark = pytest.mark.live

QUICK = Phone(ring_ms=50)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.remove()


async def test_an_agent_works_a_call_at_a_process_without_the_engine(
    lab: Lab, tmp_path: Path, redis: RedisServer
) -> None:
    async with (
        Centre(lab, tmp_path, redis=redis.url) as centre,
        ApiProcess(tmp_path, redis.url) as api,
        AsyncClient(api.url) as status,
    ):
        assert (await status.ready())["ready"]
        ana = await Person(api.url, "ana").arrive()
        boss = await Person(api.url, "boss").arrive()
        assert [one["id"] for one in await boss.api.list_agents()] == list(lab.agents)
        await ana.api.log_agent_in("ana")
        with (
            AgentPhones(lab, default=QUICK) as phones,
            Callers(lab, [Call()], media=True) as caller,
        ):
            await ana.ready()
            offered = await ana.hears("call-offered")
            assert offered["agent"] == "ana"
            connected = await centre.boss.hears("call-connected")
            assert await ana.hears("call-connected") | {"view": 0} == connected | {"view": 0}
            caller.hang_up()
            await over(caller)
            assert [who for _, who in phones.rung()] == ["ana"]
        await boss.hears("call-ended")
        await ana.go()
        await boss.go()


async def test_a_sighup_to_the_engine_reaches_those_who_listen_elsewhere(
    lab: Lab, tmp_path: Path, redis: RedisServer
) -> None:
    async with (
        Centre(lab, tmp_path, redis=redis.url) as centre,
        ApiProcess(tmp_path, redis.url) as api,
        AsyncClient(api.url) as boss,
    ):
        await boss.log_in("boss", PASSWORD)
        file = tmp_path / "centre.yaml"
        changed = yaml.safe_load(file.read_text())
        changed["queues"]["night"] = {"name": "Night"}
        file.write_text(yaml.safe_dump(changed))
        assert centre.product.process is not None
        centre.product.process.send(signal.SIGHUP)
        async with asyncio.timeout(10), aclosing(boss.events(retry_s=(0.01, 0.1))) as told:  # type: ignore[type-var] # It is a generator.
            async for frame in told:
                if frame["type"] == "snapshot" and "night" in [q["id"] for q in frame["queues"]]:
                    break
        await until(lambda: "reloaded: 3 queues" in centre.log, what="the engine says so")
