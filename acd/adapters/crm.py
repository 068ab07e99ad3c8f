"""Asks a CRM over HTTP what it knows of a caller, for his screen alone; no call ever waits for it.

GET URL?number=+8613812341234&customer=C-1001 answers with a JSON object, or 404. What it says while he waits is in
the pop, and what comes later pops late, up to a bound. A CRM that is slow or away again and again is left alone for a
while, and then tried with one call: if that goes well, it is asked for all again.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import msgspec

log = logging.getLogger(__name__)

Json = Mapping[str, Any]

BUDGET_S = 0.3  # Slower than this counts against it.
_GIVEN_UP_S = 5.0
_LARGEST = 16 * 1024  # It goes to every screen that shows the call.
_DEEPEST = 20  # So do its objects within objects: what could be read must be written again, too.
_KEPT_S = 60.0
_MOST_KEPT = 10_000
_STRIKES = 5  # In a row; then it is left alone.
_LEFT_ALONE_S = 30.0
_AT_ONCE = 20  # A CRM that hangs holds no more sockets of ours.


class Crm:
    """A CRM. `clock` is in seconds, and never goes back."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        budget_s: float = BUDGET_S,
        given_up_s: float = _GIVEN_UP_S,
        clock: Callable[[], float],
    ) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._budget_s = budget_s
        self._given_up_s = given_up_s
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], tuple[float, Json | None]] = OrderedDict()
        self._strikes = 0
        self._closed_until = 0.0
        self._on_trial = False
        self._asked = 0
        self._session: aiohttp.ClientSession | None = None

    @property
    def left_alone(self) -> bool:
        """Whether it is not asked for now, because it failed again and again."""
        return self._clock() < self._closed_until

    async def ask(self, number: str, customer: str) -> Json | None:
        """What it says, or None: it knows nothing, is left alone, or has failed."""
        key = (number, customer)
        kept = self._kept.get(key)
        if kept is not None and self._clock() - kept[0] < _KEPT_S:
            return kept[1]
        if self.left_alone or self._asked >= (1 if self._on_trial else _AT_ONCE):
            return None
        began = self._clock()
        self._asked += 1
        try:
            async with asyncio.timeout(self._given_up_s):
                said = await self._fetch(number, customer)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, RecursionError) as error:
            self._strike(type(error).__name__)
            return None
        finally:
            self._asked -= 1
        if self._clock() - began > self._budget_s:
            self._strike("slow")
        else:
            self._strikes, self._on_trial = 0, False
        self._kept[key] = (self._clock(), said)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return said

    async def close(self) -> None:
        """Ask no more."""
        if self._session is not None:
            await self._session.close()

    async def _fetch(self, number: str, customer: str) -> Json | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        asked = {"number": number, "customer": customer}
        async with self._session.get(self._url, params=asked, allow_redirects=False) as reply:
            if reply.status in (204, 404):
                return None
            reply.raise_for_status()
            body = b""
            async for piece in reply.content.iter_any():
                body += piece
                if len(body) > _LARGEST:
                    raise aiohttp.ClientPayloadError("more than a screen can show")
            said = msgspec.json.decode(body, type=dict[str, Any])
            if not _is_flat(said, _DEEPEST):
                raise ValueError("deeper than a screen can show")
            return said

    def _strike(self, why: str) -> None:
        self._strikes += 1
        if self._on_trial or self._strikes >= _STRIKES:
            self._strikes, self._on_trial = 0, True
            self._closed_until = self._clock() + _LEFT_ALONE_S
            log.warning("the CRM is left alone for %.0f s: %s, again and again", _LEFT_ALONE_S, why)


def _is_flat(said: object, levels: int) -> bool:
    """Whether nothing in it lies deeper than so many levels."""
    within = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return levels >= 0 and all(_is_flat(one, levels - 1) for one in within)
