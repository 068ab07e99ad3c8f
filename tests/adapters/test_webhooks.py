"""Events reach another system over a real socket: signed, again until they are taken, over its death and ours."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from acd.adapters.database.connection import Database
from acd.adapters.database.outbox import Delivery, Outbox
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.too_old import DAY_MS
from acd.adapters.sound import Folder
from acd.adapters.webhooks import MOST_ATTEMPTS, Webhooks, signature
from acd.centre.webhooks import Target, read_targets
from ivr.plain_yaml import BrokenFile
from tests.adapters.asterisk.inbox import until
from tests.adapters.database.conftest import brought_up_to_date, database, server, url

__all__ = ["brought_up_to_date", "database", "server", "url"]

SECRET = "a secret that nobody can guess"
EVENTS = ("call-ended", "outcome-recorded", "agent-changed")
T = 1_800_000_000_000


class Other:
    """Another system, which can be killed and started again at its address."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        application = web.Application()
        application.router.add_post("/hook", self._hear)
        self._runner = web.AppRunner(application, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def die(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _hear(self, request: web.Request) -> web.Response:
        self.heard.append((dict(request.headers), await request.read()))
        headers = {"Location": "/hook"} if self.status == 302 else {}
        return web.Response(status=self.status, headers=headers)

    @property
    def target(self) -> Target:
        address = f"http://127.0.0.1:{self.port}/hook"
        return Target(name="crm", url=address, secret=SECRET, events=EVENTS[:2])


@pytest.fixture
async def other() -> AsyncIterator[Other]:
    other = Other()
    await other.start()
    yield other
    await other.die()


class Clock:
    def __init__(self) -> None:
        self.now = T

    def __call__(self) -> int:
        self.now += 100_000  # However late the next attempt is, its time has come.
        return self.now


def telling(database: Database, target: Target, **times: Any) -> Webhooks:
    webhooks = Webhooks([target], Outbox(database), now_ms=Clock(), look_s=0.001, **times)
    webhooks.start()
    return webhooks


def event(name: str, n: int = 0, **caller: Any) -> tuple[str, Any]:
    body: dict[str, Any] = {"type": "event", "seq": n, "at": T, "event": name}
    if caller:
        body["view"] = {"caller": caller}
    return name, lambda: msgspec.json.encode(body)


async def test_an_event_comes_once_signed_and_those_that_were_not_asked_for_do_not(
    database: Database, other: Other
) -> None:
    webhooks = telling(database, other.target)
    webhooks.tell(*event("agent-changed"))
    webhooks.tell(*event("call-ended", 7))
    await until(lambda: other.heard)
    ((headers, body),) = other.heard
    assert msgspec.json.decode(body) == {"type": "event", "seq": 7, "at": T, "event": "call-ended"}
    assert headers["Cordboard-Event"] == "call-ended" and headers["Cordboard-Delivery"]
    stamp, signed = headers["Cordboard-Signature"].split(",")
    mine = hmac.new(SECRET.encode(), stamp[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert signed == f"v1={mine}" and stamp.startswith("t=18000")
    await until_empty(database)
    await webhooks.stop()


async def test_what_cannot_be_written_keeps_nothing_else_back(
    database: Database, other: Other, caplog: pytest.LogCaptureFixture
) -> None:
    webhooks = telling(database, other.target)
    webhooks.tell("call-ended", lambda: b"no JSON")
    webhooks.tell(*event("call-ended", 7))
    await until(lambda: other.heard)
    assert "call-ended cannot be told to any webhook" in caplog.text
    await webhooks.stop()


async def test_what_is_not_taken_comes_again_under_its_name_until_it_is(
    database: Database, other: Other
) -> None:
    webhooks = telling(database, other.target)
    other.status = 503
    webhooks.tell(*event("call-ended", 1))
    await until(lambda: len(other.heard) >= 3)
    other.status = 302  # A redirect leads nowhere: where to is not for others to say.
    seen = len(other.heard)
    await until(lambda: len(other.heard) >= seen + 2)
    other.status = 204
    await until(lambda: len(other.heard) >= seen + 3)
    await until_empty(database)
    await webhooks.stop()
    assert len({headers["Cordboard-Delivery"] for headers, _ in other.heard}) == 1
    assert len({body for _, body in other.heard}) == 1


async def eventually(look: Callable[[], Awaitable[Any]]) -> Any:
    """What `look` finds, as soon as it is something; pytest's own limit ends the wait."""
    while True:
        if found := await look():
            return found
        await asyncio.sleep(0)


async def until_empty(database: Database) -> None:
    async def empty() -> bool:
        return not await Outbox(database).due("crm", at=T * 2, most=1)

    await eventually(empty)


async def test_nothing_is_lost_when_the_other_dies_nor_when_we_do(
    database: Database, other: Other
) -> None:
    webhooks = telling(database, other.target)
    await other.die()
    for n in range(30):
        webhooks.tell(*event("call-ended", n))
    outbox = Outbox(database)

    async def tried() -> bool:
        return any(one.attempts > 1 for one in await outbox.due("crm", at=T * 2, most=99))

    await eventually(tried)
    webhooks.tell(*event("outcome-recorded", 30))
    await webhooks.stop()  # With one that was heard and perhaps not written.
    assert len(await outbox.due("crm", at=T * 2, most=99)) == 31
    await other.start()
    again = telling(database, other.target)
    await until(lambda: len(other.heard) >= 31)
    await until_empty(database)
    await again.stop()
    told = [msgspec.json.decode(body)["seq"] for _, body in other.heard]
    assert sorted(told) == list(range(31)), "each once, though they were tried often"


@pytest.mark.slow
@pytest.mark.parametrize(("status", "attempts"), [(500, MOST_ATTEMPTS), (410, 1)])
async def test_what_nobody_takes_is_laid_aside_and_tried_anew_when_somebody_says_so(
    database: Database, other: Other, status: int, attempts: int
) -> None:
    webhooks = telling(database, other.target, first_retry_ms=1)
    other.status = status
    webhooks.tell(*event("call-ended"))
    outbox = Outbox(database)
    await until(lambda: len(other.heard) == attempts)
    dead = await eventually(outbox.dead)
    ((attempted, why),) = [(one.attempts, one.error) for one in dead]
    assert (attempted, why) == (attempts, str(status))
    other.status = 200
    assert await outbox.revive(["no such"], at=T) == 0
    assert await outbox.revive([dead[0].id], at=T) == 1
    await until(lambda: len(other.heard) == attempts + 1)
    await until_empty(database)
    await webhooks.stop()
    assert await outbox.dead() == []


async def test_so_many_wait_and_no_more(database: Database, other: Other) -> None:
    outbox = Outbox(database, most_waiting=3)
    webhooks = Webhooks([other.target], outbox, now_ms=Clock())
    for n in range(5):
        webhooks.tell(*event("call-ended", n))
    await webhooks.stop()
    assert len(await outbox.due("crm", at=T * 2, most=9)) == 3


async def test_what_waits_for_a_target_that_is_gone_is_kept_for_a_month(
    database: Database,
) -> None:
    outbox = Outbox(database)
    for n, at in enumerate((T, T + 20 * DAY_MS)):
        one = Delivery(id=f"d-{n}", target="gone", event="call-ended", at=at, body="{}", next_at=at)
        await outbox.add([one])
    await outbox.settle([], [], at=T + 31 * DAY_MS)
    left = await outbox.due("gone", at=T + 31 * DAY_MS, most=9)
    assert [one.id for one in left] == ["d-1"]


async def test_who_is_erased_is_erased_from_what_waits_too(
    database: Database, other: Other
) -> None:
    outbox = Outbox(database)
    webhooks = Webhooks([other.target], outbox, now_ms=Clock())
    webhooks.tell(*event("call-ended", 1, number="+8613800138000", customers=[]))
    webhooks.tell(*event("call-ended", 2, number="+8613900139000", customers=[{"id": "C-2"}]))
    await webhooks.stop()
    privacy = Privacy(database, region="CN", sounds=Folder(Path("nowhere")))
    person = await privacy.whose(customer=None, number="13800138000")
    assert len((await privacy.export(person))["webhook_deliveries"]) == 1
    assert (await privacy.erase(person))["webhook_deliveries"] == 1
    (left,) = await outbox.due("crm", at=T * 2, most=9)
    assert (left.customer_id, left.number) == ("C-2", "+8613900139000")


async def test_what_is_read_again_while_we_look_holds_for_what_is_found(
    database: Database, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = Outbox.due

    async def read_again_meanwhile(outbox: Outbox, *asked: Any, **how: Any) -> list[Delivery]:
        found = await due(outbox, *asked, **how)
        webhooks.use([replace(other.target, secret=SECRET[::-1])])
        return found

    monkeypatch.setattr(Outbox, "due", read_again_meanwhile)
    webhooks = telling(database, other.target)
    webhooks.tell(*event("call-ended"))
    await until(lambda: bool(other.heard))
    ((headers, body),) = other.heard
    stamp = int(headers["Cordboard-Signature"].split(",")[0].removeprefix("t="))
    assert headers["Cordboard-Signature"] == signature(SECRET[::-1], body, stamp)
    await webhooks.stop()


async def test_who_is_told_is_another_while_we_run(database: Database, other: Other) -> None:
    webhooks = telling(database, other.target)
    new = replace(other.target, name="desk", events=("agent-changed",))
    webhooks.use([new])
    webhooks.tell(*event("call-ended", 1))  # Nobody is told of it any more.
    webhooks.tell(*event("agent-changed", 2))
    await until(lambda: len(other.heard) == 1)
    webhooks.use([other.target, replace(new, secret=SECRET[::-1])])
    webhooks.tell(*event("call-ended", 3))
    webhooks.tell(*event("agent-changed", 4))
    await until(lambda: len(other.heard) == 3)
    told = {msgspec.json.decode(body)["seq"]: headers for headers, body in other.heard}
    assert next(iter(told)) == 2 and sorted(told) == [2, 3, 4]
    body = next(body for _, body in other.heard if msgspec.json.decode(body)["seq"] == 4)
    stamp, signed = told[4]["Cordboard-Signature"].split(",")
    mine = hmac.new(SECRET[::-1].encode(), stamp[2:].encode() + b"." + body, hashlib.sha256)
    assert signed == f"v1={mine.hexdigest()}", "by the secret of the file as it is now"
    await until_empty(database)
    await webhooks.stop()


GOOD = f"crm: {{url: https://crm.example/x, secret: {SECRET}, events: [call-ended]}}"
BROKEN = {
    GOOD.replace("https", "ftp"): "takes http:// or https://",
    GOOD.replace("crm.example", "me:pw@crm.example"): "takes no user and password",
    GOOD.replace("crm.example", "169.254.169.254"): "is no address of another system",
    GOOD.replace(
        "https://crm.example/x", "'https://[fe80::1]/x'"
    ): "is no address of another system",
    GOOD.replace("crm.example", "crm:port"): "url is none",
    GOOD.replace(SECRET, "short"): "secret is shorter than 24",
    GOOD.replace("[call-ended]", "[call-end]"): "did you mean 'call-ended'?",
    GOOD.replace("events: [call-ended]", "x: 1"): "has no word 'x'",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_cannot_be_meant_is_refused_with_its_line_and_without_its_secret(
    text: str,
) -> None:
    with pytest.raises(BrokenFile) as refused:
        read_targets(text, "webhooks.yaml", events=EVENTS)
    problems = str(refused.value)
    assert problems.startswith("webhooks.yaml:1: ") and BROKEN[text] in problems
    assert "a secret" not in problems and "'short'" not in problems


def test_a_good_file() -> None:
    (target,) = read_targets(GOOD, "webhooks.yaml", events=EVENTS)
    assert (target.name, target.events) == ("crm", ("call-ended",))
    assert SECRET not in repr(target)
    assert read_targets("", "webhooks.yaml", events=EVENTS) == ()
