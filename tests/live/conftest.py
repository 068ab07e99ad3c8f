"""A real Asterisk for the tests marked live, one for the whole run; must never reach another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab, LabError, ensure_parts
from acd.adapters.asterisk.lab_parts import Parts
from tests.live.silence import make_silent


@pytest.fixture(scope="session")
def parts() -> Parts:
    try:
        return ensure_parts(print)
    except LabError as why:
        pytest.fail(f"these tests need a real Asterisk: {why}", pytrace=False)


@pytest.fixture(scope="session")
def lab(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab("tests", tmp_path_factory.mktemp("lab"), parts=parts) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lab"


@pytest.fixture(autouse=True)
def silence(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test leaves unanswered in the shared Asterisk, the next one does not hear of it."""
    shared = request.getfixturevalue("lab") if "lab" in request.fixturenames else None
    yield
    if shared is not None:
        make_silent(shared)
