"""A working ARI in miniature, with the bad manners of the real one that its users must live with.

It keeps channels and bridges, refuses what Asterisk refuses with the same statuses and words, tells an
event before the response to the request that caused it, gives the socket to the last who asks for it,
and can fall silent or drop the socket at any moment. Its manners were seen on Asterisk 22.10.1.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import unquote

import aiohttp
from aiohttp import web

USER, PASSWORD = "cordboard", "secret"


@dataclass
class FakeChannel:
    id: str
    state: str
    app_data: str = ""
    number: str = "13800138000"
    name: str = "Caller"
    variables: dict[str, str] = field(default_factory=dict)
    music: str | None = None

    @property
    def in_stasis(self) -> bool:
        return bool(self.app_data)

    def json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state,
            "name": f"PJSIP/{self.id}",
            "caller": {"name": self.name, "number": self.number},
            "dialplan": {
                "exten": "s",
                "app_name": "Stasis" if self.in_stasis else "",
                "app_data": self.app_data,
            },
            "creationtime": "2026-11-21T22:02:19.534+0000",
            "channelvars": {"CORDBOARD_STATE": self.variables.get("CORDBOARD_STATE", "")},
        }


class FakeAri:
    """One Asterisk. `async with FakeAri.running() as ari`, then use `ari.url`."""

    def __init__(self) -> None:
        self.version = "22.10.1"
        self.url = ""
        self.password = PASSWORD
        self.deaf = False  # The socket stays open and silent.
        self.booting = False
        self.channels: dict[str, FakeChannel] = {}
        self.bridges: dict[str, list[str]] = {}
        self.playbacks: dict[str, str] = {}
        # Channels of which an application is told nothing.
        self.untold: dict[str, set[str]] = {"cordboard": set(), "cordboard-dialling": set()}
        self.requests: list[tuple[str, str, Any]] = []
        self.responses: dict[
            str, list[int]
        ] = {}  # Path → statuses to answer with instead; 0: hang up.
        self.before_answer: dict[str, Any] = {}  # Path → awaited before its answer is sent.
        self._socket: web.WebSocketResponse | None = None
        self._sockets: list[web.WebSocketResponse] = []
        self._numbers = count(1)

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator["FakeAri"]:
        ari = cls()
        app = web.Application()
        app.router.add_route("*", "/ari/{path:.*}", ari._serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        ari.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ari"
        try:
            yield ari
        finally:
            await ari.drop_socket()
            await runner.cleanup()

    # What phones and people do.

    async def call_arrives(
        self, args: str = "enter,queue,support,4001", **about: Any
    ) -> FakeChannel:
        channel = FakeChannel(f"17.{next(self._numbers)}", "Ring", f"cordboard,{args}", **about)
        self.channels[channel.id] = channel
        await self.tell("StasisStart", channel, args=args.split(","))
        return channel

    async def pick_up(self, leg: str) -> None:
        channel = self.channels[leg]
        channel.state = "Up"
        channel.app_data = "cordboard,agent"
        await self.tell("StasisStart", channel, args=["agent"])

    async def end(self, name: str, cause: int = 16) -> None:
        """A channel hangs up. A caller's end is told by ChannelHangupRequest, never by its destruction."""
        channel = self.channels.pop(name)
        if channel.in_stasis:
            await self.tell("ChannelHangupRequest", channel)
            await self._leave_bridges(channel)
            await self.tell("StasisEnd", channel)
        if "~" in name:
            await self.tell("ChannelDestroyed", channel, cause=cause)

    async def take_back(self, name: str) -> None:
        """The dead man's switch: no hang-up comes before StasisEnd."""
        channel = self.channels[name]
        await self._leave_bridges(channel)
        await self.tell("StasisEnd", channel)
        channel.app_data = ""

    async def press(self, name: str, digit: str) -> None:
        await self.tell("ChannelDtmfReceived", self.channels[name], digit=digit)

    async def finish(self, playback: str) -> None:
        del self.playbacks[playback]
        await self.tell("PlaybackFinished", playback={"id": playback, "state": "done"})

    async def replace(self) -> None:
        """Another process connects under the same name: the old socket stays open, and silent."""
        await self.tell("ApplicationReplaced")
        self._socket = None

    async def drop_socket(self) -> None:
        self._socket = None
        for socket in self._sockets:
            await socket.close()
        self._sockets.clear()

    async def tell(self, kind: str, channel: FakeChannel | None = None, **more: Any) -> None:
        if self._socket is None or self.deaf:
            return  # Nothing is kept for later.
        about = {} if channel is None else {"channel": channel.json()}
        await self._socket.send_str(
            json.dumps({"type": kind, "application": "cordboard", **about, **more})
        )

    async def say(self, frame: str) -> None:
        assert self._socket is not None
        await self._socket.send_str(frame)

    # The wire.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != aiohttp.encode_basic_auth(USER, self.password):
            return web.json_response({"message": "Unauthorized"}, status=401)
        path = request.match_info["path"]
        if path == "events" and request.method == "GET":
            return await self._listen(request)
        body = await request.json() if request.can_read_body else {}
        query = f"?{request.query_string}" if request.query_string else ""
        self.requests.append((request.method, f"/{path}{query}", body))
        if (planned := self.responses.get("/" + path)) and (status := planned.pop(0)) != 200:
            if status == 0:
                assert request.transport is not None
                request.transport.close()
            return web.json_response({"message": "as planned"}, status=status)
        status, answer = (503, {}) if self.booting else await self._do(request, path, body)
        if (wait := self.before_answer.get("/" + path)) is not None:
            await wait.wait()
        return web.json_response(answer, status=status)

    async def _listen(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self.tell("ApplicationReplaced")
        self._socket = socket
        self._sockets.append(socket)
        async for _ in socket:
            pass
        if self._socket is socket:
            self._socket = None
        return socket

    async def _do(self, request: web.Request, path: str, body: Any) -> tuple[int, Any]:
        parts = [unquote(part) for part in path.split("/")]
        match request.method, parts:
            case "GET", ["asterisk", "info"]:
                return 200, {"system": {"version": self.version}}
            case "GET", ["channels"]:
                return 200, [channel.json() for channel in self.channels.values()]
            case "GET", ["bridges"]:
                return 200, [
                    {"id": name, "channels": inside} for name, inside in self.bridges.items()
                ]
            case "GET", ["applications", application] if application in self.untold:
                told = [name for name in self.channels if name not in self.untold[application]]
                return 200, {"name": application, "channel_ids": told}
            case "POST", ["applications", application, "subscription"] if (
                application in self.untold
            ):
                name = request.query["eventSource"].removeprefix("channel:")
                self.untold[application].discard(name)
                return (200, {}) if name in self.channels else (404, {})
            case "PUT", ["applications", application, "eventFilter"] if application in self.untold:
                return 200, {}
            case "POST", ["events", "user", name]:
                variables = body["variables"] | {"eventname": name}
                await self.tell("ChannelUserevent", eventname=name, userevent=variables)
                return 204, None
            case _, ["channels", name, *action]:
                return await self._channel(request.method, name, action, body)
            case _, ["bridges", name, *action]:
                return await self._bridge(request.method, name, action, body)
            case "DELETE", ["playbacks", name]:
                if name not in self.playbacks:
                    return 404, {"message": "Playback not found"}
                await self.finish(name)
                return 204, None
        return 404, {"message": "Invalid method"}

    async def _channel(
        self, method: str, name: str, action: list[str], body: Any
    ) -> tuple[int, Any]:
        if method == "POST" and not action:
            return self._originate(name, body)
        channel = self.channels.get(name)
        if channel is None:
            return 404, {"message": "Channel not found"}
        if method == "DELETE" and not action:
            await self.end(name)
            return 204, None
        if not channel.in_stasis:
            return 409, {"message": "Channel not in Stasis application"}
        match method, action:
            case "POST", ["variable"]:
                channel.variables[body["variable"]] = body["value"]
            case "POST", ["answer"]:
                channel.state = "Up"
            case "POST", ["moh"]:
                channel.music = body["mohClass"]
            case "DELETE", ["moh"]:
                channel.music = None
            case "POST", ["ring"]:
                pass
            case "POST", ["continue"]:
                await self.take_back(name)
            case "POST", ["play", playback]:
                self.playbacks[playback] = name
                return 201, {"id": playback}
            case _:
                return 404, {"message": "Invalid method"}
        return 204, None

    def _originate(self, name: str, body: Any) -> tuple[int, Any]:
        if name in self.channels:
            return 409, {"message": "Channel with given unique ID already exists"}
        if body["originator"] not in self.channels:
            return 400, {"message": "Provided originator channel was not found"}
        if body["endpoint"] == "PJSIP/nobody":
            return 500, {"error": "Allocation failed"}
        self.channels[name] = FakeChannel(name, "Ringing")
        return 200, self.channels[name].json()

    async def _bridge(
        self, method: str, name: str, action: list[str], body: Any
    ) -> tuple[int, Any]:
        match method, action:
            case "POST", []:
                if name in self.bridges:
                    return 409, {"message": f"Bridge with id '{name}' already exists"}
                self.bridges[name] = []
                return 200, {"id": name, "channels": []}
            case _ if name not in self.bridges:
                return 404, {"message": "Bridge not found"}
            case "GET", []:
                return 200, {"id": name, "channels": self.bridges[name]}
            case "DELETE", []:
                del self.bridges[name]
                return 204, None
            case "POST", ["addChannel"]:
                return await self._add(name, body["channel"])
        return 404, {"message": "Invalid method"}

    async def _add(self, bridge: str, names: list[str]) -> tuple[int, Any]:
        if any(name not in self.channels for name in names):
            return 400, {"message": "Channel not found"}
        if any(not self.channels[name].in_stasis for name in names):
            return 422, {"message": "Channel not in Stasis application"}
        for name in names:
            # A channel is in one bridge at most: the way into the next leads out of the last.
            await self._leave_bridges(self.channels[name])
            self.bridges[bridge].append(name)
            about = {"id": bridge, "channels": list(self.bridges[bridge])}
            await self.tell("ChannelEnteredBridge", self.channels[name], bridge=about)
        return 204, None

    async def _leave_bridges(self, channel: FakeChannel) -> None:
        for name, inside in list(self.bridges.items()):
            if channel.id in inside:
                inside.remove(channel.id)
                about = {"id": name, "channels": list(inside)}
                await self.tell("ChannelLeftBridge", channel, bridge=about)
