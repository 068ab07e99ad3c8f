"""An admin has the centre's files read again, over the API and on a terminal; nobody else may."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.centre.file import load_centre
from acd.cli import app
from acd.running_centre import RunningCentre
from tests.cti_api.desk import PASSWORD, Desk
from tests.cti_api.test_metrics import figures
from tests.play import NODE

pytestmark = pytest.mark.slow

FILE = """\
queues:
  support: {name: Support}
  sales: {name: Sales}
agents:
  ana: {name: Ana, phone: PJSIP/ana, queues: [support]}
"""


class Files:
    """Stands for the running centre until the desk, which has the switchboard, is there."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "centre.yaml"
        self.file.write_text(FILE)
        self.desk = Desk(centre=self)
        self.running = RunningCentre(
            self.read(), self.desk.switchboard, read=self.read, changed=lambda centre: None
        )
        self.running.apply()

    def read(self):
        return load_centre(self.file, node=NODE)

    @property
    def reload_good(self):
        return self.running.reload_good

    async def reload(self, by):
        return await self.running.reload(by)


@pytest.fixture
async def files(tmp_path):
    files = Files(tmp_path)
    yield files
    files.desk.switchboard.stop()
    files.desk.services.feed.close()


@pytest.mark.parametrize(
    ("user", "status"), [(None, 401), ("ana", 403), ("sue", 403), ("ruth", 403), ("root", 200)]
)
async def test_who_may(files, user, status):
    async with files.desk.client(user) as client:
        assert (await client.post("/v1/reload")).status_code == status


async def test_what_is_sound_holds_at_once_and_it_is_told_and_kept(files):
    files.file.write_text(FILE.replace("name: Sales", "name: Sales, weight: 3"))
    async with files.desk.client("root") as client:
        answer = await client.post("/v1/reload")
        assert answer.json() == {
            "changes": [{"kind": "queue", "id": "sales", "how": "changed", "words": ["weight"]}]
        }
        (act,) = (await client.get("/v1/audit")).json()
    assert (act["by"], act["agent"], act["action"]) == ("root", None, "reload")
    assert act["detail"] == "queue sales: weight"


async def test_what_is_broken_is_refused_with_lines_and_what_to_do(files):
    files.file.write_text(FILE.replace("name: Sales", "name: Sales, ring_timeout_s: -5"))
    before = files.running.centre
    async with files.desk.client("root") as client:
        answer = await client.post("/v1/reload")
        assert answer.status_code == 422
        assert (await client.get("/v1/audit")).json() == []
    told = answer.json()["error"]
    assert told["reason"] == "broken-centre"
    assert "what runs goes on" in told["message"]
    assert "centre.yaml:3: queue 'sales': ring_timeout_s" in told["message"]
    assert files.running.centre is before


async def test_whether_what_runs_is_what_was_read_last_is_a_figure(files):
    assert (await figures(files.desk))["reload_good",] == 1
    files.file.write_text("queues: [")
    await files.running.reload()
    assert (await figures(files.desk))["reload_good",] == 0
    files.file.write_text(FILE)
    await files.running.reload()
    assert (await figures(files.desk))["reload_good",] == 1


async def test_where_no_file_is_read_there_is_nothing_to_read_again():
    desk = Desk()
    async with desk.client("root") as client:
        assert (await client.post("/v1/reload")).status_code == 404
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_on_a_terminal(files):
    async def said(user: str, code: int) -> str:
        whose = ["--url", f"http://{at}", "--user", user, "--password", PASSWORD]
        result = await asyncio.to_thread(CliRunner().invoke, app, ["reload", *whose])
        assert result.exit_code == code, result.output
        return result.output

    async with files.desk.server() as at:
        assert "nothing is different" in await said("root", 0)
        files.file.write_text(
            FILE.replace("Sales", "Verkauf") + "  bob: {name: B, phone: PJSIP/b}\n"
        )
        lines = [line.split() for line in (await said("root", 0)).splitlines()[1:]]
        assert lines == [["queue", "sales", "name"], ["agent", "bob", "added"]]
        files.file.write_text("queues: [")
        assert "centre.yaml:" in await said("root", 1)
        assert "Only an admin" in await said("sue", 1)
