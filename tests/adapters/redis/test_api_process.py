"""`cordboard api` as people run it: a process of its own, whose people and masks are those of the centre file."""

import asyncio
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from acd.adapters.database.connection import Database
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.tables import recordings
from acd.adapters.redis.engines_own import questions_to
from acd.apart import TooLongError
from acd.cases.news import CaseNews, PromiseChanged
from acd.centre.changes import Reloaded
from acd.core.explain import Candidate
from acd.core.ids import AgentId, CallId, recording_name
from acd.core.notices import Supervised
from cordboard_client import AsyncClient, RefusedError
from tests.adapters.redis.api_process import ApiProcess
from tests.adapters.redis.floor import engine
from tests.adapters.redis.server import RedisServer
from tests.cti_api.desk import NUMBER, PASSWORD, Desk, password_hash
from tests.play import START, call_id

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
        engine(
            redis.url,
            desk,
            questions=questions_to(NOBODYS, Decisions(), reload, desk.services.feed.case_changed),
        ),
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


async def test_it_masks_as_the_engine_does(redis: RedisServer, tmp_path: Path):
    desk = Desk()
    (tmp_path / "centre.yaml").write_text(centre_file({"sue": "supervisor"}))
    async with engine(redis.url, desk):
        desk.arrives("c1")
        async with ApiProcess(tmp_path, redis.url) as api, AsyncClient(api.url) as sue:
            await sue.log_in("sue", PASSWORD)
            call = (await sue.list_calls())[0]
            assert NUMBER not in str(call) and "****1234" in call["caller"]["number"]
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_it_has_all_that_the_engines_process_has(redis: RedisServer, tmp_path: Path):
    desk = Desk()
    (tmp_path / "centre.yaml").write_text(centre_file({"root": "admin"}))
    name = recording_name(call_id("c1"), 1)
    (tmp_path / f"{name}.wav").write_bytes(b"RIFF....")
    async with AsyncExitStack() as stack:
        database = Database(f"sqlite:///{tmp_path / 'cordboard.db'}")
        await database.open()
        stack.push_async_callback(database.close)
        ledger = Ledger(database, region="CN")
        await ledger.start()
        stack.push_async_callback(ledger.stop)
        await database.write(_one_recording, name)
        news: list[CaseNews] = []
        questions = questions_to(ledger, Decisions(), _never, news.append)
        await stack.enter_async_context(engine(redis.url, desk, questions=questions))
        api = await stack.enter_async_context(ApiProcess(tmp_path, redis.url))
        root = await stack.enter_async_context(AsyncClient(api.url))
        await root.log_in("root", PASSWORD)

        taken = await root.put_customers({"customers": [{"id": "C-1", "name": "Wang"}]})
        assert taken["new"] == 1 and (await root.one_customer("C-1"))["name"] == "Wang"
        await root.make_promise(
            "C-1", {"what": "a spare part", "due_at": round(time.time() * 1000) + 86_400_000}
        )
        assert [one["what"] for one in await root.list_promises()] == ["a spare part"]
        async with asyncio.timeout(20):
            while not news:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        assert [(type(one), one.customer) for one in news] == [(PromiseChanged, "C-1")]

        assert [one["id"] for one in await root.list_recordings()] == [name]
        assert await root.hear_recording(name) == b"RIFF...."
        assert await root.hear_recording(name, range="bytes=0-3") == b"RIFF"
        acts = await root.list_acts()
        assert [(act["by"], act["action"]) for act in acts] == [("root", "hear-recording")]

        ledger.hear(Supervised(at=START, by="sue", agent=None, action="reload", reason=""))
        assert len(await root.list_acts()) == 2, "what the engine has only just heard is there"

        for call, reason in (("forgotten", "unknown-call"), ("endless", "too-long-ago")):
            with pytest.raises(RefusedError) as refused:
                await root.explain_call(call_id(call))
            assert refused.value.reason == reason
        told = await root.explain_call(call_id("past"))
        assert [(one["agent"], one["rule"]) for one in told] == [("ana", "chosen")]
    desk.switchboard.stop()
    desk.services.feed.close()


def _one_recording(connection: sa.Connection, name: str) -> None:
    connection.execute(
        sa.insert(recordings).values(
            id=name, call=call_id("c1"), part=1, queue="support", agent="ana", started_at=START
        )
    )


async def _never(by: str) -> Reloaded:
    raise AssertionError(by)


class _NoLedger:
    async def flush(self) -> None: ...

    async def note(self, act: Supervised) -> None: ...


NOBODYS = _NoLedger()


class Decisions:
    """Those of the past, as a journal would tell them."""

    async def explain(self, call: CallId, agent: AgentId | None) -> list[Candidate] | None:
        if call == call_id("endless"):
            raise TooLongError
        found = Candidate(agent=AgentId("ana"), rule="chosen", detail="")
        return [found] if call == call_id("past") else None
