"""A desk for every test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from tests.cti_api.desk import Desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    desk.switchboard.stop()
    desk.services.feed.close()


@pytest.fixture(autouse=True)
def _queues_are_told_when_a_test_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their own timer would tell them in between, sooner or later as the machine is busy: see `tell_queues`."""
    monkeypatch.setattr("cti_api.feed.QUEUES_EVERY_S", 3600.0)
