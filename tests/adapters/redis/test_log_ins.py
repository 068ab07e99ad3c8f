"""Log-ins that other processes tell of, while Redis is away: tried again and again, said once."""

import logging

import pytest

from acd.adapters.redis import link
from acd.adapters.redis.log_ins import SharedTokens
from tests.adapters.redis.floor import NoTokens
from tests.adapters.redis.server import RedisServer

pytestmark = pytest.mark.slow


async def test_redis_being_away_is_said_once(caplog: pytest.LogCaptureFixture):
    server = RedisServer()
    redis = link.connect(server.url)
    tokens = SharedTokens(redis, NoTokens())
    try:
        for _ in range(2):
            caplog.clear()
            server.kill()
            for _ in range(3):
                await tokens.catch_up()
            said = [one.levelno for one in caplog.records]
            assert said == [logging.WARNING]
            server.start()
            await tokens.catch_up()
    finally:
        await redis.aclose()
        server.remove()
