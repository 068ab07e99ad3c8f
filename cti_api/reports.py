"""Makes reports for the API: one at a time, and never on the loop, where calls would wait for it; decides nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from acd.reports.pay import PayRule
from acd.reports.questions import Books
from acd.reports.sheet import Report

Found = TypeVar("Found")


class Reports:
    """The ledger as reports read it; whose days they are about unless somebody says otherwise; what calls pay."""

    def __init__(
        self,
        books: Books,
        *,
        zone: ZoneInfo,
        pay_rule: Callable[[], PayRule | None] = lambda: None,
    ) -> None:
        """`pay_rule` gives it as its file is now."""
        self.books = books
        self.zone = zone
        self.pay_rule = pay_rule
        self._one = asyncio.Lock()

    async def write(
        self, make: Callable[[], Awaitable[Report]], write: Callable[[Report], str]
    ) -> str:
        """The report that `make` puts together, as `write` writes it."""

        async def whole() -> str:
            return write(await make())

        return await self.find(whole)

    async def find(self, ask: Callable[[], Awaitable[Found]]) -> Found:
        """What `ask` finds in the books."""

        async def whole() -> Found:
            return await ask()

        async with self._one:
            return await asyncio.to_thread(lambda: asyncio.run(whole()))
