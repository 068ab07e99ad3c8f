"""The command line says what happened in words, and with its exit code."""

import subprocess
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from acd import journal
from acd.cli import app
from acd.core import events
from acd.core.engine import Engine
from tests.play import START, centre

run = CliRunner().invoke


@pytest.fixture
def day(tmp_path) -> Path:
    """A journal of two inputs."""
    kept = journal.Journal(tmp_path, at=START, retention_days=7)
    engine = Engine()
    for happening in (
        events.Configured(at=START, configuration=centre()),
        events.TimeReached(at=START + 1),
    ):
        kept.record(happening, engine.handle(happening))
    kept.close()
    return kept.path


def test_a_replay_that_agrees(day):
    result = run(app, ["replay", str(day), "--show"])
    assert result.exit_code == 0
    assert "2 inputs, all answered as they were then." in result.output


def test_a_replay_that_differs_names_the_line(day):
    text = day.read_text().replace('"out":"', '"out":"00', 1)
    day.write_text(text)
    result = run(app, ["replay", str(day)])
    assert result.exit_code == 1
    assert f"the first at {day.name}:1" in result.output


@pytest.mark.parametrize("text", ["", "hello\n"])
def test_a_replay_of_something_else(tmp_path, text):
    file = tmp_path / "journal-1-001.jsonl"
    file.write_text(text)
    result = run(app, ["replay", str(file)])
    assert result.exit_code == (1 if text else 0)
    assert "Traceback" not in result.output


def test_a_replay_of_nothing(tmp_path):
    result = run(app, ["replay", str(tmp_path / "none.jsonl")])
    assert result.exit_code == 1
    assert "cannot be read" in result.output


def test_status_without_a_server():
    result = run(app, ["status", "--url", "http://127.0.0.1:9"])
    assert result.exit_code == 1
    assert "Is the server running there?" in result.output.replace("\n", " ")


def test_a_password_becomes_what_the_centre_file_takes():
    """Nothing else is printed, so a script can take it as it is."""
    result = run(app, ["hash-password"], input="secret\n")
    assert result.exit_code == 0 and "\n" not in result.output.strip()
    PasswordHasher().verify(result.output.strip(), "secret")
    nothing = run(app, ["hash-password"], input="")
    assert nothing.exit_code == 1 and "pipe it in" in nothing.output


def test_help_answers_at_once_and_imports_no_server():
    code = "import sys; import acd.cli; print([m for m in ('fastapi', 'sqlalchemy', 'uvicorn') if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.slow
def test_serving_without_settings_says_which_are_missing(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "acd"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert result.returncode == 78
    assert "CORDBOARD_CENTRE" in result.stderr
    assert "Traceback" not in result.stderr
