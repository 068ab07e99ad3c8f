"""What is nobody's business is in no log line, not even at DEBUG: no caller's number, no password, no token."""

import logging
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from acd.adapters.database.connection import Database, DatabaseError
from acd.core.events import CallArrived, NodeFound
from acd.core.ids import call_of
from cti_api.routes import control, customers
from tests.adapters.asterisk.fake_ari import FakeAri
from tests.adapters.asterisk.inbox import Inbox
from tests.adapters.asterisk.test_ari_node import node_at, ring
from tests.cti_api.desk import NUMBER, PASSWORD, Desk
from tests.cti_api.test_asyncapi import days_centre, whole_day

OURS = ("acd", "cti_api", "cordboard", "uvicorn", "sqlalchemy", "alembic", "aiohttp", "redis")
Lines = Callable[[], str]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """All that is logged on the server's side, with tracebacks. The client's own libraries are the client's."""
    caplog.set_level(logging.DEBUG)

    def said() -> str:
        written = logging.Formatter("%(name)s %(message)s")
        records = [r for r in caplog.records if r.name.partition(".")[0] in OURS]
        assert records, "a log in which there is nothing proves nothing"
        return "\n".join(written.format(record) for record in records)

    return said


def assert_hidden(said: str, *secrets: str) -> None:
    for secret in secrets:
        for line in said.splitlines():
            assert secret not in line, line


async def test_a_day_over_the_api_leaves_no_secret_in_the_log(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
):
    desk = Desk(days_centre())
    # As in production: uvicorn tells addresses at INFO, and a ticket is in one.
    async with desk.server(log_level="warning") as at, httpx2.AsyncClient() as web:
        url = f"http://{at}/v1"
        await whole_day(desk)
        wrong = {"user": "ana", "password": "wrong but precious"}
        assert (await web.post(f"{url}/session", json=wrong)).status_code == 401
        right = {"user": "sue", "password": PASSWORD}
        token = (await web.post(f"{url}/session", json=right)).json()["token"]
        sue = {"Authorization": f"Bearer {token}", "Idempotency-Key": "a-key-of-hers"}
        ticket = (await web.post(f"{url}/ws-ticket", headers=sue)).json()["ticket"]
        async with connect(f"ws://{at}/v1/events?ticket={ticket}") as socket:
            await socket.recv()
        with pytest.raises(InvalidStatus):
            await connect(f"ws://{at}/v1/events?ticket={ticket}")
        assert (await web.get(f"{url}/customers?number={NUMBER}", headers=sue)).status_code == 404
        bad = {"customers": [{"id": NUMBER, "numbers": [{"number": NUMBER, "kind": NUMBER}]}]}
        assert (await web.put(f"{url}/customers", json=bad, headers=sue)).status_code == 422

        async def fail(*_: object) -> None:
            raise RuntimeError("a fault of ours")

        monkeypatch.setattr(desk.switchboard, "submit", fail)
        with monkeypatch.context() as patched:
            patched.setattr(control, "_may_control", lambda *_: "sue")
            sue["Idempotency-Key"] = "a-third-key-of-hers"
            gone = f"{url}/calls/a/outsiders/{NUMBER}"
            assert (await web.delete(gone, headers=sue)).status_code == 500
            patched.setattr(customers, "_book", lambda *_, **__: None)
            found = f"{url}/customers?number={NUMBER}"
            assert (await web.get(found, headers=sue)).status_code == 500
        sue["Idempotency-Key"] = "another-key-of-hers"
        assert (await web.put(f"{url}/agents/ana/shift", headers=sue)).status_code == 500
        await web.delete(f"{url}/session", headers=sue)
    said = lines()
    assert "a fault of ours" in said
    assert_hidden(said, NUMBER[3:], token, ticket, PASSWORD, wrong["password"], "$argon2", "王芳")


async def test_an_asterisk_leaves_no_secret_in_the_log(lines: Lines):
    inbox = Inbox()
    async with FakeAri.running() as ari:
        ari.password = "hush-hush"
        async with node_at(ari, inbox, password=ari.password) as node:
            await inbox.next(NodeFound)
            caller = await ari.call_arrives()
            call = call_of((await inbox.next(CallArrived)).channel)
            node.perform(ring(call))
            await ari.say("{" + caller.number)
            await ari.drop_socket()
            await inbox.next(NodeFound)
            await ari.end(caller.id)
    assert_hidden(lines(), ari.password, caller.number)


async def test_a_fault_of_the_database_says_nothing_of_whom_it_was_about(
    tmp_path: Path, lines: Lines
):
    database = Database(f"sqlite:///{tmp_path}/cordboard.db")
    await database.open()
    asked = sa.text("SELECT 1 FROM nowhere WHERE number = :number").bindparams(number=NUMBER)
    try:
        with pytest.raises((DatabaseError, sa.exc.SQLAlchemyError)) as told:
            await database.read(lambda connection: connection.execute(asked).all())
        logging.getLogger("acd").error("it failed", exc_info=told.value)
    finally:
        await database.close()
    assert_hidden(lines(), NUMBER)
