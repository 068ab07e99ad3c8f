"""What an engine shares with API processes over Redis: one page of how those parts are put together."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from fastapi import FastAPI
from redis.asyncio import Redis

from acd.adapters.database.ledger import Ledger
from acd.adapters.redis import link
from acd.adapters.redis.answers import SharedAnswers
from acd.adapters.redis.broadcast import Broadcast, Feed, hold_lease
from acd.adapters.redis.engines_own import questions_to
from acd.adapters.redis.log_ins import SharedAttempts, SharedTickets, SharedTokens
from acd.centre.changes import Reloaded
from acd.serving import StartError
from acd.switchboard import Switchboard
from cti_api.access import Services
from cti_api.ports import TokenStore

log = logging.getLogger("cordboard")


class Shared:
    """The engine's part. `name` is what the lease says."""

    def __init__(self, redis: "Redis", name: str, store: TokenStore) -> None:
        self.redis = redis
        self.name = name
        self.tokens = SharedTokens(redis, store)
        self.tickets = SharedTickets(redis)
        self.attempts = SharedAttempts(redis)
        self.answers = SharedAnswers(redis)
        # To be called when the centre is another.
        self.configured: Callable[[], None] = lambda: None

    async def publish(
        self,
        stack: AsyncExitStack,
        switchboard: Switchboard,
        app: FastAPI,
        on_replaced: Callable[[], None],
        ledger: Ledger,
        reload: Callable[[str], Awaitable[Reloaded]],
    ) -> None:
        """From now on other processes hear what happens here, until the stack unwinds."""
        services: Services = app.state.services
        assert services.past_decisions is not None
        feed: Feed = services.feed
        broadcast = Broadcast(
            self.redis,
            switchboard,
            feed,
            services.feed.views.backgrounds,
            name=self.name,
            on_replaced=on_replaced,
            questions=questions_to(
                ledger, services.past_decisions, reload, services.feed.case_changed
            ),
        )
        broadcast.start()
        self.configured = broadcast.configured
        stack.push_async_callback(broadcast.stop)
        self.tokens.join(services.tokens)
        self.tokens.start()
        stack.push_async_callback(self.tokens.stop)


async def open_shared(stack: AsyncExitStack, url: str, node: str, store: TokenStore) -> Shared:
    """Hold the lease before anything is touched; raises StartError if another engine does."""
    redis = link.connect(url)
    stack.push_async_callback(redis.aclose)
    name = f"{node}-{secrets.token_hex(4)}"
    try:
        holder = await hold_lease(redis, name)
    except link.AWAY as error:
        # No call needs Redis: other API processes have to wait, callers do not.
        log.error("Redis is away, so other API processes hear nothing yet: %s", error)
        holder = None
    if holder is not None:
        raise StartError(
            f"another engine, {holder}, is serving: CORDBOARD_REDIS says so. Only one may. "
            "Stop it first, or give this one a Redis of its own."
        )
    return Shared(redis, name, store)
