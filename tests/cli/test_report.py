"""`cordboard report` from the terminal: a ledger as the server leaves it, read while nothing is changed in it."""

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from acd.adapters.database.connection import Database
from acd.adapters.database.ledger import Ledger
from acd.cli import app
from acd.simulation.office import START_MS
from tests.reports.days import lives
from tests.simulation.swarm import peaceful

pytestmark = pytest.mark.slow

DAY = ["--day", "2025-06-15", "--to", "2025-06-16", "--tz", "Asia/Shanghai"]
CENTRE = """\
queues: {q0: {name: 热线 Hotline}}
agents: {a0: {name: 安娜, phone: PJSIP/a0}}
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """A ledger of a simulated day, and how many callers were offered on it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'cordboard.db'}"
    told, results = lives(peaceful(101), 101)

    async def fill() -> None:
        opened = Database(url)
        await opened.open()
        ledger = Ledger(opened, region="CN")
        await ledger.start()
        for notice in told[0]:
            ledger.hear(notice)
        await ledger.stop()
        await opened.close()

    asyncio.run(fill())
    return url, results.offered


def report(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, ["report", *arguments], env=env)


def test_a_day_as_table_csv_json_and_page(database: tuple[str, int], tmp_path: Path) -> None:
    url, offered = database
    table = report("daily", *DAY, "--database", url)
    assert table.exit_code == 0, table.output
    assert "sl.offered@1" in table.output and f"{offered:,}" in table.output
    told = report("daily", *DAY, "--database", url, "--format", "json")
    data = json.loads(told.output)
    assert data["headline"]["calls.offered"] == offered
    file = tmp_path / "day.html"
    centre = tmp_path / "centre.yaml"
    centre.write_text(CENTRE, encoding="utf-8")
    page = report(
        *("daily", *DAY, "--database", url, "--format", "html", "--lang", "zh"),
        *("--out", str(file), "--centre", str(centre)),
    )
    assert page.exit_code == 0, page.output
    text = file.read_text(encoding="utf-8")
    assert "服务水平" in text and "热线 Hotline" in text and "安娜" in text
    told = report("service", "--by", "queue", *DAY, "--database", url, "--format", "csv")
    rows = list(csv.reader(io.StringIO(told.output)))
    head = next(row for row in rows if "Offered" in row)
    column = head.index("Offered")
    start = rows.index(head) + 1
    by_queue = [row for row in rows[start : rows.index([], start)] if row]
    assert sum(int(row[column]) for row in by_queue) == offered


@pytest.mark.parametrize("name", ["abandoned", "overtaken"])
def test_the_lists(database: tuple[str, int], name: str) -> None:
    found = report(name, *DAY, "--database", database[0])
    assert found.exit_code == 0, found.output


def test_pay(database: tuple[str, int], tmp_path: Path) -> None:
    rule = tmp_path / "pay.yaml"
    rule.write_text("per_call: 1\n")
    found = report("pay", "--rule", str(rule), *DAY, "--database", database[0], "--format", "json")
    assert found.exit_code == 0, found.output
    (section,) = json.loads(found.output)["sections"]
    names = [column["name"] for column in section["columns"]]
    for row in section["rows"]:
        one = dict(zip(names, row, strict=True))
        assert one["pay"] == one["counted"] == one["talks"]
    named = report("pay", *DAY, "--database", database[0], env={"CORDBOARD_PAY_RULE": str(rule)})
    assert named.exit_code == 0, "as the server's setting names it"
    rule.write_text("per_call: much\n")
    broken = report("pay", "--rule", str(rule), *DAY, "--database", database[0])
    assert broken.exit_code == 1 and "pay.yaml:1: per_call" in broken.output


def test_the_settings_file_says_where_the_ledger_is(
    database: tuple[str, int], tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(f'database = "{database[0]}"\n')
    found = report("daily", *DAY, env={"CORDBOARD_SETTINGS": str(settings)})
    assert found.exit_code == 0, found.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--day", "21.11.2026"], "--day 21.11.2026: no date; write it as 2026-11-21"),
        (["--day", "0001-01-01"], "there was no call centre then"),
        (["--tz", "Mars/Olympus"], "--tz Mars/Olympus: no such time zone"),
        (["--tz", "../etc/passwd"], "no such time zone"),
        (["--day", "2026-11-21", "--to", "2026-11-20"], "is before --day"),
        (["--database", "sqlite:////nowhere/c.db"], "There is no database /nowhere/c.db"),
        (["--database", "nonsense"], "database URL is not understood"),
        (["--centre", "/nowhere.yaml"], "cannot be read"),
        (["--out", "page.html"], "--out needs --format"),
    ],
)
def test_what_cannot_be_meant_is_told(
    database: tuple[str, int], arguments: list[str], says: str
) -> None:
    given = arguments if "--database" in arguments else [*arguments, "--database", database[0]]
    found = report("daily", *given)
    assert found.exit_code == 1
    assert says in found.output


def test_a_ledger_of_another_version_is_read_by_nobody(
    database: tuple[str, int], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"

    async def make_old() -> None:
        opened = Database(url)
        await opened.open()
        await opened.write(
            lambda connection: connection.execute(
                sa.text("UPDATE cordboard_version SET version_num = '0001'")
            )
        )
        await opened.close()

    asyncio.run(make_old())
    found = report("daily", "--database", url)
    assert found.exit_code == 1 and "has tables of version 0001" in found.output


def test_the_glossary_needs_no_ledger() -> None:
    found = report("formulas", "--lang", "zh")
    assert found.exit_code == 0 and "一次解决率" in found.output


def test_a_simulated_day_begins_when_this_file_thinks() -> None:
    assert START_MS == 1_750_000_000_000
