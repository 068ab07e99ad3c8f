"""The logs of both: what a real app_queue has written becomes history, and what we write is read as its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.lab_parts import Parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.adapters.database.connection import Database
from tests.live.ami import Ami
from tests.live.centre import Centre, over, until
from tests.queue_log.files import by_app_queue
from tests.queue_log.test_import import report_of

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]


def imported(file: Path, url: str) -> str:
    """What `cordboard import queue-log` says of it."""
    command = [Path(sys.executable).with_name("cordboard"), "import", "queue-log", file]
    environment = {"CORDBOARD_DATABASE": url, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_what_app_queue_has_written_is_history(parts: Parts, tmp_path: Path) -> None:
    """A caller is served by app_queue while nobody of ours is there, calls again and gives up."""
    with (
        Lab("log", tmp_path / "asterisk", parts=parts) as lab,
        AgentPhones(lab, {}, default=Phone(ring_ms=30, talk_ms=1_500)),
    ):
        with Callers(lab, [Call(number="13900000001")], media=True) as served:
            await over(served, within_s=20)
        with Ami(lab) as ami:
            for agent in lab.agents:
                asked = {"Interface": f"PJSIP/{agent}", "Paused": "true", "Reason": "tea"}
                assert ami.ask("QueuePause", **asked)["Response"] == "Success"
        with Callers(lab, [Call(number="13900000001")], media=True) as gives_up:
            await until(lambda: "Queue(support" in lab.cli("core show channels"))
            lab.cli("channel request hangup all")
            await until(lambda: not gives_up.running)
        file = lab.log_file.with_name("queue_log")
        await until(lambda: "ABANDON" in file.read_text())
    lines = file.read_text().splitlines()
    said = by_app_queue(lines)
    assert (said.entered, said.completed, said.abandoned) == (2, 1, 1)
    url = f"sqlite:///{tmp_path / 'c.db'}"
    assert "2 calls" in imported(file, url)
    assert "facts: 0 new" in imported(file, url)
    database = Database(url)
    await database.open()
    sums = await report_of(database)
    assert (sums.offered, sums.answered.n, sums.abandoned.n) == (2, 1, 1)
    assert (sums.calls, sums.identified, sums.repeats) == (2, 2, 1), "he called twice"
    assert sums.talk_ms == 1000 * said.talked_s and sums.talks == 1
    await database.close()


async def test_what_we_write_is_as_if_app_queue_had(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "log" / "queue_log"
    file.parent.mkdir()
    async with Centre(lab, tmp_path / "centre", queue_log=str(file)) as centre:
        with (
            AgentPhones(lab, {}, default=Phone(ring_ms=30, talk_ms=500)),
            Callers(
                lab, [Call(number="13900000001"), Call(number="13900000002")], media=True
            ) as callers,
        ):
            await centre.on_shift("ana")
            await over(callers, within_s=20)
            await until(lambda: file.exists() and file.read_text().count("COMPLETE") == 2)
            # Whoever rotates it need not tell us.
            file.rename(file.with_suffix(".1"))
            await (await centre.person("ana")).not_ready()
            await until(file.exists)
    lines = (file.with_suffix(".1").read_text() + file.read_text()).splitlines()
    events = [line.split("|")[4] for line in lines]
    hers = [
        event for event, line in zip(events, lines, strict=True) if "|NONE|NONE|PJSIP/ana|" in line
    ]
    assert hers[:4] == ["AGENTLOGIN", "PAUSEALL", "UNPAUSEALL", "PAUSEALL"]
    assert (events.count("ENTERQUEUE"), events.count("CONNECT")) == (2, 2)
    assert all("PJSIP/ana" in line for line in lines if "|CONNECT|" in line)
    assert "13900000001" in file.with_suffix(".1").read_text()
    assert "13900000001" not in centre.log
    whole = tmp_path / "whole"
    whole.write_text("\n".join(lines) + "\n")
    assert "2 calls" in imported(whole, f"sqlite:///{tmp_path / 'again.db'}")
