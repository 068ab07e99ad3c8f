"""A bad line: relays to the real server, and cuts connections in the middle of whatever is on its way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random


class BadLine:
    """Every connection lasts for so many bytes from the server; a seed says how many.

    The first ones come about: whoever has never been connected does not try again.
    """

    def __init__(self, to: str, seed: int, longest: int) -> None:
        self.cuts = 0
        self._spared = 2
        self._relays: set[asyncio.Task[None]] = set()
        self._host, port = to.split(":")
        self._port = int(port)
        self._random = Random(seed)
        self._longest = longest

    def _taken(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        relay = asyncio.create_task(self._relay(near, back))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)

    async def _relay(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, there = await asyncio.open_connection(self._host, self._port)
        except OSError:
            back.transport.abort()
            return
        upwards = asyncio.create_task(self._up(near, there))
        self._spared, spared = max(0, self._spared - 1), self._spared
        left = self._random.randrange(1, self._longest) + (2_000 if spared else 0)
        try:
            with suppress(OSError):
                while data := await far.read(4096):
                    back.write(data[:left])
                    left -= len(data)
                    if left <= 0:
                        self.cuts += 1
                        break
        finally:
            upwards.cancel()
            there.close()
            back.close()

    async def _up(self, near: asyncio.StreamReader, there: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await near.read(4096):
                there.write(data)
            there.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """The line, while it is there; yields its URL."""
        server = await asyncio.start_server(self._taken, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        try:
            yield f"http://{host}:{port}"
        finally:
            server.close()
            for relay in self._relays:
                relay.cancel()
            await asyncio.gather(*self._relays, return_exceptions=True)
