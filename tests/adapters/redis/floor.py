"""One engine and API processes around it, all in one test: as the product has them, but for the processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from fastapi import FastAPI

from acd.adapters.redis import link
from acd.adapters.redis.broadcast import Broadcast
from acd.adapters.redis.log_ins import SharedAttempts, SharedTickets, SharedTokens
from acd.adapters.redis.remote import RemoteSwitchboard
from cti_api.app import create_app
from tests.cti_api.desk import Desk, served

BEAT_S = 0.05


class NoTokens:
    """A token store that keeps nothing, so that only what is told through Redis counts."""

    async def keep(
        self, digest: str, user_id: str, created_at: int, expires_at: int, key: str | None
    ) -> None: ...

    async def revoke(self, digest: str, at: int) -> None: ...

    async def valid(self, at: int) -> list[tuple[str, str, int, int, str | None]]:
        return []


@dataclass
class Published:
    """An engine that others hear; `replaced` is set when it must step down."""

    broadcast: Broadcast
    replaced: asyncio.Event


@dataclass
class Process:
    """One API process."""

    switchboard: RemoteSwitchboard
    app: FastAPI
    at: str

    @property
    def services(self) -> Any:
        return self.app.state.services


@asynccontextmanager
async def engine(
    url: str, desk: Desk, name: str = "engine-1", **options: Any
) -> AsyncIterator[Published]:
    """The desk's switchboard, published."""
    redis = link.connect(url)
    replaced = asyncio.Event()
    broadcast = Broadcast(
        redis,
        desk.switchboard,
        desk.services.feed,
        desk.services.feed.views.backgrounds,
        name=name,
        on_replaced=replaced.set,
        beat_s=BEAT_S,
        **options,
    )
    broadcast.start()
    try:
        yield Published(broadcast, replaced)
    finally:
        await broadcast.stop()
        await redis.aclose()


_LATE_MS = count(1)  # No two processes read the clock in the same moment.


@asynccontextmanager
async def process(url: str, desk: Desk, **options: Any) -> AsyncIterator[Process]:
    """An API process without an engine, with a server of its own."""
    redis, late_ms = link.connect(url), next(_LATE_MS)
    remote = RemoteSwitchboard(redis, now_ms=lambda: desk.now + late_ms, **options)
    await remote.open(within_s=20)
    tokens = SharedTokens(redis, NoTokens())
    app = create_app(
        remote,
        desk.users,
        token_store=tokens,
        ticket_store=SharedTickets(redis),
        attempt_store=SharedAttempts(redis),
        check_every_s=0.01,
        backgrounds=remote.backgrounds,
        seq=remote.seq,
    )
    services = app.state.services
    tokens.join(services.tokens)
    await remote.follow(services.feed)
    tokens.start()
    try:
        async with served(app) as at:
            yield Process(remote, app, at)
    finally:
        await tokens.stop()
        await remote.stop()
        await redis.aclose()
