"""The house rules that a tool can read; what the formatter, the types and the import contracts see is not here."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("acd", "ivr", "cti_api", "cordboard_client", "asterisk_conf")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PYTHON = sorted([*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")])
PURE = [path for path in SOURCES if path.is_relative_to(ROOT / "acd/core")]
PURE += [path for path in SOURCES if path.parent == ROOT / "ivr"]

LINES_OF_A_CORE_FILE = 400
LINES_OF_A_FUNCTION = 70
# Ratchets: what is longer for a reason, and how long it is. These numbers only go down.
LONGER = {
    "acd/__main__.py:serve": 80,
    "acd/adapters/database/migrations/versions/r0001_first_tables.py:upgrade": 92,
}

each = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


@each
def test_a_module_opens_with_a_sentence_that_says_what_it_is_for(path):
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    first = said.split("\n\n")[0]
    assert first[:1].isalnum() and first.rstrip()[-1:] in ".:?" and len(first.split()) > 3, first


@each
def test_a_function_can_be_seen_at_one_glance(path):
    for function in functions(path):
        name = f"{path.relative_to(ROOT)}:{function.name}"
        lines = (function.end_lineno or 0) - function.lineno + 1
        assert lines <= LONGER.get(name, LINES_OF_A_FUNCTION), f"{name} has {lines} lines"


def test_a_file_of_the_core_is_read_in_one_sitting():
    for path in PURE:
        name = str(path.relative_to(ROOT))
        lines = len(path.read_text().splitlines())
        assert lines <= LONGER.get(name, LINES_OF_A_CORE_FILE), f"{name} has {lines} lines"


def test_the_core_decides_by_no_set_and_no_hash():
    """The order of a set of names differs from one process to the next."""
    for path in PURE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.For | ast.comprehension):
                over = node.iter
                built = isinstance(over, ast.Set | ast.SetComp) or (
                    isinstance(over, ast.Call)
                    and isinstance(over.func, ast.Name)
                    and over.func.id in ("set", "frozenset")
                )
                assert not built, f"{path.name}:{over.lineno} walks over a set"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("hash", "id"), f"{path.name}:{node.lineno}"


def test_what_is_left_to_do_is_an_issue_and_not_a_comment():
    mark = re.compile("|".join(("FIX" + "ME", "TO" + "DO", "X" * 3)))
    left = [str(path) for path in PYTHON if mark.search(path.read_text())]
    assert not left


def test_no_path_of_somebodys_machine():
    path_of_mine = re.compile(r"[\"'`\s(]/(home|Users|work|root)/\w")
    texts = [*PYTHON, *ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile"]
    found = [str(path) for path in texts if path.exists() and path_of_mine.search(path.read_text())]
    assert not found


def test_tests_do_not_sleep():
    asleep = re.compile(r"time\.sleep\(")
    tests = [p for p in (ROOT / "tests").rglob("*.py") if "live" not in p.parts]
    assert not [
        str(path)
        for path in tests
        if path.name != Path(__file__).name and asleep.search(path.read_text())
    ]


def test_the_core_is_tested_by_a_file_of_its_name():
    """Plays are named after what they show; these are the modules with a life of their own."""
    names = ("board", "customer", "engine", "explain", "hours", "lines", "matching", "saved")
    names += ("search", "skills", "strategies", "timers", "waiting")
    assert [n for n in names if not (ROOT / f"tests/core/test_{n}.py").exists()] == []


@pytest.mark.slow
def test_a_server_loads_nothing_that_only_some_need():
    """An eighth of what it weighs: Alembic where the tables are new, JWTs with an issuer, Redis where it is given."""
    seldom = "{'alembic', 'mako', 'pygments', 'jwt', 'cryptography', 'redis', 'prometheus_client'}"
    found = f"import sys, acd.__main__; print(*sorted({seldom} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", found], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
