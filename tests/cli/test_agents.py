"""Supervisors on a terminal: what they see of agents, what they force, and the record of it."""

import asyncio

import pytest
from typer.testing import CliRunner

from acd.cli import app
from tests.core.test_calling import calls_out
from tests.cti_api.desk import PASSWORD, Desk
from tests.play import call_id

pytestmark = pytest.mark.slow

run = CliRunner().invoke


async def said(at: str, *words: str, user: str = "sue", code: int = 0) -> str:
    whose = ["--url", f"http://{at}", "--user", user, "--password", PASSWORD]
    result = await asyncio.to_thread(run, app, [*words, *whose])
    assert result.exit_code == code, result.output
    return result.output


async def test_agents_are_shown_forced_and_the_record_tells_it():
    desk = Desk()
    await desk.ready("ana", "bob")
    desk.arrives("c1")
    async with desk.server() as at:
        (ana,) = [line for line in (await said(at, "agents")).splitlines() if "Ana (ana)" in line]
        assert "offered" in ana and "ready" in ana and call_id("c1") in ana
        forced = await said(at, "force", "bob", "not-ready", "--reason", "come [b]and[/b] see me")
        assert "supervisor (come [b]and[/b] see me)" in forced, "a reason is no markup"
        await said(at, "force", "ana", "log-out", "--after-call", "--reason", "shift is over")
        record = (await said(at, "audit")).splitlines()
        assert [line.split()[2:5] for line in record[1:]] == [
            ["sue", "force-log-out", "ana"],
            ["sue", "force-not-ready", "bob"],
        ]
        assert len((await said(at, "audit", "--agent", "bob")).splitlines()) == 2


async def test_what_is_refused_is_told_in_the_apis_own_words():
    desk = Desk()
    async with desk.server() as at:
        told = await said(at, "force", "ana", "ready", "--reason", "now", code=1)
        assert "The agent is not on shift" in told
        assert "A user of your role may not" in await said(at, "audit", user="ana", code=1)
        usage = await said(at, "force", "ana", "ready", "--after-call", "--reason", "x", code=2)
        assert "only log-out can wait" in usage


async def test_an_admin_stops_calling_out_and_the_status_says_so():
    desk = Desk(calls_out())
    async with desk.server() as at:
        assert "agents can call out" in await said(at, "outbound")
        assert "say why" in await said(at, "outbound", "stop", user="root", code=2)
        words = ("outbound", "stop", "--reason", "calls at night")
        await said(at, *words, code=1)  # Sue is no admin.
        assert "STOPPED" in await said(at, *words, user="root")
        assert "calling out is STOPPED" in await said(at, "status")
        assert "stop-outbound" in (await said(at, "audit")).splitlines()[1]
        allowed = await said(at, "outbound", "allow", "--reason", "it was us", user="root")
        assert "agents can call out" in allowed
