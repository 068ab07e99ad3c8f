"""Where the events of a node arrive in a test: waits for the one that is expected, never for time."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from acd.core.events import Event

E = TypeVar("E", bound=Event)


class Inbox:
    """Events in the order in which they were delivered; those that a test has waited past are gone."""

    def __init__(self) -> None:
        self.all: list[Event] = []
        self._next = 0
        self._news = asyncio.Event()
        self._now = 1_750_000_000_000

    def now_ms(self) -> int:
        self._now += 1
        return self._now

    def deliver(self, event: Event) -> None:
        self.all.append(event)
        self._news.set()

    async def next(self, kind: type[E], within_s: float = 10, **fields: Any) -> E:
        """The next event of this kind with these fields; what comes before it is passed over."""
        async with asyncio.timeout(within_s):
            while True:
                while self._next < len(self.all):
                    event = self.all[self._next]
                    self._next += 1
                    if isinstance(event, kind) and all(
                        getattr(event, name) == value for name, value in fields.items()
                    ):
                        return event
                self._news.clear()
                await self._news.wait()


async def until(look: Callable[[], object], within_s: float = 10) -> None:
    """Return when `look` is true: for what no event tells."""
    async with asyncio.timeout(within_s):
        while not look():  # noqa: ASYNC110  # Asterisk tells nobody.
            await asyncio.sleep(0.005)
