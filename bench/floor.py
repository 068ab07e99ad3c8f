"""The barest application that routes calls over ARI: the limit that Cordboard is measured against.

It must never learn anything: no skills, no history, no failures, nothing but a line of callers and a line
of free agents. What it costs is what Asterisk, HTTP and Python cost whoever asks.

    CORDBOARD_BENCH_PASSWORD=… python -m bench.floor http://127.0.0.1:8088/ari user agent agent …
"""

import asyncio
import os
import sys
from collections import deque
from collections.abc import Coroutine
from typing import Any

import aiohttp
import msgspec
import uvloop

APPLICATION = "floor"
PASSWORD = "CORDBOARD_BENCH_PASSWORD"
_READ = ("StasisStart", "StasisEnd", "ChannelDestroyed")


class Party(msgspec.Struct):
    name: str
    number: str


class Channel(msgspec.Struct):
    id: str
    caller: Party


class Message(msgspec.Struct):
    type: str
    channel: Channel | None = None
    args: list[str] = []


class Floor:
    """A line of callers, a line of agents."""

    def __init__(self, session: aiohttp.ClientSession, url: str, agents: list[str]) -> None:
        self._session = session
        self._url = url
        self._free = deque(agents)
        self._waiting: deque[Channel] = deque()
        self._agent_on: dict[
            str, str
        ] = {}  # By the agent's leg, which is named after the caller's.
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        decode = msgspec.json.Decoder(Message).decode
        listen = self._session.ws_connect(f"{self._url}/events?app={APPLICATION}", max_msg_size=0)
        async with listen as socket:
            await self._ask(
                "PUT",
                f"/applications/{APPLICATION}/eventFilter",
                {"allowed": [{"type": name} for name in _READ]},
            )
            async for frame in socket:
                message = decode(frame.data)
                if message.channel is not None:
                    self._hear(message, message.channel)

    def _hear(self, message: Message, channel: Channel) -> None:
        leg = f"{channel.id}-agent"
        if message.type == "StasisStart":
            if message.args:
                self._start(self._connect(channel.id.removesuffix("-agent"), channel.id))
                return
            self._waiting.append(channel)
        elif (agent := self._agent_on.pop(channel.id, None)) is not None:
            self._free.append(agent)
            caller = channel.id.removesuffix("-agent")
            self._start(self._ask("DELETE", f"/channels/{caller}"))
            self._start(self._ask("DELETE", f"/bridges/{caller}"))
        elif leg in self._agent_on:
            self._start(self._ask("DELETE", f"/channels/{leg}"))
        while self._free and self._waiting:
            self._ring(self._free.popleft(), self._waiting.popleft())

    def _ring(self, agent: str, caller: Channel) -> None:
        leg = f"{caller.id}-agent"
        self._agent_on[leg] = agent
        body = {
            "endpoint": f"PJSIP/{agent}",
            "app": APPLICATION,
            "appArgs": "agent",
            "originator": caller.id,
            "callerId": f'"{caller.caller.name}" <{caller.caller.number}>',
        }
        self._start(self._ask("POST", f"/channels/{leg}", body))

    async def _connect(self, caller: str, leg: str) -> None:
        # Answered last: Asterisk holds a channel for half a second there, to wait for its voice.
        await self._ask("POST", f"/bridges/{caller}", {"type": "mixing"})
        await self._ask("POST", f"/bridges/{caller}/addChannel", {"channel": [caller, leg]})
        await self._ask("POST", f"/channels/{caller}/answer")

    async def _ask(self, method: str, path: str, body: object = None) -> None:
        data = None if body is None else msgspec.json.encode(body)
        headers = None if body is None else {"Content-Type": "application/json"}
        async with self._session.request(
            method, self._url + path, data=data, headers=headers
        ) as response:
            await response.read()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def main() -> None:
    url, user, *agents = sys.argv[1:]
    async with aiohttp.ClientSession(
        headers={"Authorization": aiohttp.encode_basic_auth(user, os.environ[PASSWORD])},
        connector=aiohttp.TCPConnector(limit=33, keepalive_timeout=10),
    ) as session:
        await Floor(session, url, agents).run()


if __name__ == "__main__":
    uvloop.run(main())
