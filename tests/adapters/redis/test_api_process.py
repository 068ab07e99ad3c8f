"""`cordboard api` as people run it: a process of its own, whose people and masks are those of the centre file."""

import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from acd.centre_changes import Reloaded
from cordboard_client import AsyncClient, RefusedError
from tests.adapters.redis.api_process import ApiProcess
from tests.adapters.redis.floor import engine
from tests.adapters.redis.server import RedisServer
from tests.cti_api.desk import NUMBER, PASSWORD, Desk, password_hash

pytestmark = pytest.mark.slow

CENTRE = {
    "queues": {"support": {"name": "Support"}, "sales": {"name": "Sales"}},
    "agents": {"ana": {"name": "Ana", "phone": "PJSIP/ana", "queues": ["support"]}},
    "hides": {"supervisor": ["number"]},
}


def centre_file(users: Mapping[str, str]) -> str:
    """The centre with these users, each in this role."""
    listed = {
        name: {"role": role, "password_hash": password_hash()} for name, role in users.items()
    }
    return yaml.safe_dump(CENTRE | {"users": listed})


@pytest.fixture
def redis():
    server = RedisServer()
    yield server
    server.remove()


async def test_its_users_are_those_of_the_file_and_a_sighup_reads_it_again(
    redis: RedisServer, tmp_path: Path
):
    desk, file = Desk(), tmp_path / "centre.yaml"
    file.write_text(centre_file({"sue": "supervisor"}))
    async with engine(redis.url, desk), ApiProcess(tmp_path, redis.url) as api:
        async with AsyncClient(api.url) as sue, AsyncClient(api.url) as tom:
            await sue.log_in("sue", PASSWORD)
            with pytest.raises(RefusedError):
                await tom.log_in("tom", PASSWORD)
            file.write_text("users: [")
            api.signal(signal.SIGHUP)
            await api.says("not reloaded")
            assert (await sue.who_am_i())["user"] == "sue", "a broken file changes nothing"
            file.write_text(centre_file({"tom": "supervisor"}))
            api.signal(signal.SIGHUP)
            await api.says("reloaded: 1 users")
            await tom.log_in("tom", PASSWORD)
            with pytest.raises(RefusedError) as refused:
                await sue.who_am_i()
            assert refused.value.reason == "not-authenticated"
        api.signal(signal.SIGTERM)
        assert await api.ends() == 0
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_an_admin_here_reloads_the_engine_and_this_process_after_it(
    redis: RedisServer, tmp_path: Path
):
    desk, file, asked = Desk(), tmp_path / "centre.yaml", []

    async def reload(by: str) -> Reloaded:
        asked.append(by)
        problems = ("centre.yaml:1: is no YAML",) if file.read_text() == "users: [" else ()
        return Reloaded(problems=problems)

    file.write_text(centre_file({"root": "admin"}))
    async with (
        engine(redis.url, desk, reload=reload),
        ApiProcess(tmp_path, redis.url) as api,
        AsyncClient(api.url) as root,
        AsyncClient(api.url) as tom,
    ):
        await root.log_in("root", PASSWORD)
        file.write_text("users: [")
        with pytest.raises(RefusedError, match="is no YAML"):
            await root.reload()
        file.write_text(centre_file({"root": "admin", "tom": "supervisor"}))
        assert await root.reload() == {"changes": []}
        await tom.log_in("tom", PASSWORD)
    assert asked == ["root", "root"]
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_it_masks_as_the_engine_does_and_says_what_it_does_not_have(
    redis: RedisServer, tmp_path: Path
):
    desk = Desk()
    (tmp_path / "centre.yaml").write_text(centre_file({"sue": "supervisor"}))
    async with engine(redis.url, desk):
        desk.arrives("c1")
        async with ApiProcess(tmp_path, redis.url) as api, AsyncClient(api.url) as sue:
            await sue.log_in("sue", PASSWORD)
            call = (await sue.list_calls())[0]
            assert NUMBER not in str(call) and "****1234" in call["caller"]["number"]
            with pytest.raises(RefusedError, match="ask the engine's process") as refused:
                await sue.one_customer("C-1")
            assert refused.value.reason == "not-found"
    desk.switchboard.stop()
    desk.services.feed.close()
