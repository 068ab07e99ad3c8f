"""Answers to commands that came with a key, known to every API process; what they say is the API's business.

Raises EngineAway where Redis is.
"""

from redis.asyncio import Redis

from acd.adapters.redis import link
from acd.switchboard import EngineAway

MOST_KEPT = 100_000
_ORDER = "cordboard:answers"  # A list: the keys of what is kept, the oldest first.


class SharedAnswers:
    """An answer store in Redis; of too many, the oldest are forgotten."""

    def __init__(self, redis: "Redis", *, most: int = MOST_KEPT) -> None:
        self._redis = redis
        self._most = most

    async def claim(self, key: str, text: str, *, at: int, life_ms: int) -> str | None:
        """Keep this if there is nothing yet; else what there is."""
        try:
            # Between the two it may have gone: then it is claimed anew.
            while not await self._redis.set(_name(key), text, px=life_ms, nx=True):
                if (found := await self._redis.get(_name(key))) is not None:
                    return link.text(found)
        except link.AWAY as error:
            raise EngineAway("Redis does not answer") from error
        return None

    async def put(self, key: str, text: str, *, at: int, life_ms: int) -> None:
        """Keep this, whatever there is."""
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.set(_name(key), text, px=life_ms)
                pipe.rpush(_ORDER, key)
                _, kept = await pipe.execute()
            for _ in range(min(kept - self._most, 2)):
                if (oldest := await self._redis.lpop(_ORDER)) is not None:
                    assert not isinstance(oldest, list)  # Only one was asked for.
                    await self._redis.delete(_name(link.text(oldest)))
        except link.AWAY as error:
            raise EngineAway("Redis does not answer") from error

    async def drop(self, key: str) -> None:
        """Keep nothing."""
        try:
            await self._redis.delete(_name(key))
        except link.AWAY as error:
            raise EngineAway("Redis does not answer") from error


def _name(key: str) -> str:
    return f"cordboard:answer:{key}"
