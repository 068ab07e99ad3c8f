"""`cordboard customers`: a file in, the same file again, out and in again; what is wrong stands in a file beside."""

import asyncio
import csv
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from acd.adapters.database.audit import DatabaseAudit
from acd.adapters.database.connection import Database
from acd.cli import app
from acd.core.notices import Supervised

pytestmark = pytest.mark.slow

GOOD = """\
编号,姓名,类型,手机,家庭电话,地址,产品,产品编号,安装日期,备注
C-1,王芳,家庭,13800138000,010-88888888,上海市徐汇区,冰箱,F-1,2024-05-31,"=HYPERLINK(""x"")"
C-1,,,,,,洗衣机,W-1,2025-01-02,
C-2,李四,,,010-88888888,,,,,@home
"""


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDBOARD_DATABASE", f"sqlite:///{tmp_path / 'c.db'}")
    monkeypatch.setenv("CORDBOARD_REGION", "CN")
    monkeypatch.delenv("CORDBOARD_SETTINGS", raising=False)


def customers(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["customers", *map(str, arguments)])


def test_the_same_file_twice_changes_nothing(tmp_path: Path):
    file = tmp_path / "customers.csv"
    file.write_bytes(GOOD.encode("gb18030"))
    first = customers("import", file)
    assert first.exit_code == 0, first.output
    assert "3 rows, gb18030 (found out)" in first.output
    assert "2 new, 0 changed, 0 as they were" in first.output
    assert "+8610****8888 is the number of 2 customers, so nobody's own" in first.output
    assert "0 new, 0 changed, 2 as they were" in customers("import", file).output


def test_what_goes_out_comes_in_again_and_does_not_run(tmp_path: Path):
    file, out = tmp_path / "customers.csv", tmp_path / "out.csv"
    file.write_text(GOOD)
    customers("import", file)
    told = customers("export", out)
    assert told.exit_code == 0 and "2 customers" in told.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["id"] for row in rows] == ["C-1", "C-1", "C-2"]
    assert [row["notes"] for row in rows] == ['\'=HYPERLINK("x")'] * 2 + ["'@home"]
    assert rows[0]["mobile"] == "'+8613800138000"  # No spreadsheet makes 8.6E+12 of it.
    assert "0 new, 0 changed, 2 as they were" in customers("import", out).output


def test_bad_rows_are_kept_aside_mended_and_given_again(tmp_path: Path):
    file = tmp_path / "customers.csv"
    file.write_text("id,name,mobile\nC-1,王,13800138000\nC-2,,\nC-3,李,12\nC 4,x,\n=1,y,\n")
    told = customers("import", file)
    assert told.exit_code == 1
    assert "3 new" in told.output
    assert ": 2 not taken, 1 taken without a number that cannot be read" in told.output
    aside = tmp_path / "customers.kept-aside.csv"
    rows = list(csv.DictReader(aside.read_text().splitlines()))
    assert [(row["id"], row["line"]) for row in rows] == [("C-2", "3"), ("C-3", "4"), ("C 4", "5")]
    assert rows[0]["problem"] == "name: is empty, and this customer is new"
    assert "line 4: mobile: **** is no subscriber's number" in told.output
    aside.write_text("id,name,mobile,line,problem\nC-2,张,,3,\nC-3,李,13900139000,4,x\n")
    again = customers("import", aside)
    assert again.exit_code == 0, again.output
    assert "1 new, 1 changed" in again.output
    check = customers("import", file, "--check")
    assert check.exit_code == 1
    assert ": 1 not taken, 1 would be taken without a number" in check.output


def test_a_check_lists_nobody(tmp_path: Path):
    file = tmp_path / "customers.csv"
    file.write_text(GOOD)
    assert "nobody was listed" in customers("import", file, "--check").output
    assert "2 new" in customers("import", file).output


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is empty"), (b"\xff\xff\x00", "neither UTF-8"), (None, "No such")]
)
def test_a_file_that_is_none_is_refused_in_one_sentence(tmp_path: Path, content, said):
    file = tmp_path / "customers.csv"
    if content is not None:
        file.write_bytes(content)
    told = customers("import", file)
    assert told.exit_code == 1 and said in told.output and "Traceback" not in told.output


def test_one_person_is_shown_and_erased(tmp_path: Path):
    file, told = tmp_path / "customers.csv", tmp_path / "person.json"
    file.write_text(GOOD)
    customers("import", file)
    run = CliRunner().invoke
    why = ["--reason", "ticket 7"]
    shown = run(app, ["privacy", "export", str(told), "--number", "13800138000", *why])
    assert shown.exit_code == 0, shown.output
    assert "王芳" in told.read_text() and stat.S_IMODE(told.stat().st_mode) == 0o600
    assert run(app, ["privacy", "erase", "--customer", "C-1", *why], input="n\n").exit_code == 1
    gone = run(app, ["privacy", "erase", "--customer", "C-1", "--yes", *why])
    assert gone.exit_code == 0 and "customers: 1" in gone.output
    again = run(app, ["privacy", "export", str(told), "--customer", "C-1", *why])
    assert again.exit_code == 1 and "there is no customer C-1" in again.output
    looked = run(app, ["privacy", "purge", "--callers-days", "1"])
    assert "calls: 0" in looked.output and "Nothing was done" in looked.output


def test_who_looks_at_customers_or_changes_who_is_who_is_in_the_audit(tmp_path: Path):
    """By the name under which he has logged in, and with his reason, without which nothing is done."""
    file, out = tmp_path / "customers.csv", tmp_path / "out"
    file.write_text(GOOD)
    customers("import", file)
    customers("export", out)
    run = CliRunner().invoke
    deeds = (
        ["privacy", "export", str(out), "--customer", "C-1"],
        ["privacy", "merge", "C-1", "C-2"],
        ["privacy", "undo", "1"],
        ["privacy", "split", "C-1", "C-3", "--name", "王", "--number", "13800138000"],
        ["privacy", "erase", "--customer", "C-1", "--yes"],
    )
    for deed in deeds:
        missing = run(app, deed)
        assert missing.exit_code == 2 and "--reason" in missing.output
        for bad in ("", "two\nlines", "long" * 17):
            told = run(app, [*deed, "--reason", bad])
            assert told.exit_code == 2 and "1 to 64 characters" in told.output, told.output
        assert run(app, [*deed, "--reason", "ticket 7"]).exit_code == 0
    assert run(app, ["privacy", "purge", "--callers-days", "30", "--really"]).exit_code == 0
    me = subprocess.run("logname || id -un", shell=True, capture_output=True, text=True, check=True)
    acts = _acts(tmp_path)
    assert {act.by for act in acts} == {f"terminal:{me.stdout.strip()}"}
    assert [(act.action, act.reason, act.detail) for act in reversed(acts)] == [
        ("export-customers", "", ""),
        ("export-customer", "ticket 7", ""),
        ("merge-customers", "ticket 7", "change 1"),
        ("undo-customer-change", "ticket 7", "change 1"),
        ("split-customer", "ticket 7", "change 2"),
        ("erase-customer", "ticket 7", ""),
        ("purge", "", "callers 30 days"),
    ]


def _acts(folder: Path) -> Sequence[Supervised]:
    async def read() -> Sequence[Supervised]:
        database = Database(f"sqlite:///{folder / 'c.db'}")
        await database.open()
        try:
            return await DatabaseAudit(database).acts(agent=None, before=None, limit=100)
        finally:
            await database.close()

    return asyncio.run(read())
