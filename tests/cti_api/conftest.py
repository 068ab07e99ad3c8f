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
