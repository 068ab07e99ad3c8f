"""An Asterisk's manager with the bad manners of the real one, and some worse; it never routes a call."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Headers = dict[str, str]


@dataclass
class AmiPeer:
    """What it says is what Asterisk 22 was heard to say; how it misbehaves is set by its fields."""

    secret: str = "s3cret"
    devices: dict[str, str] = field(default_factory=dict)
    # queue → device → (name, paused, dynamic)
    queues: dict[str, dict[str, tuple[str, bool, bool]]] = field(default_factory=dict)

    greeting: bytes = b"Asterisk Call Manager/11.0.0\r\n"
    boots: bool = True  # Says FullyBooted after a log-in.
    deaf_to: set[str] = field(default_factory=set)  # Actions that get no answer.
    denied: set[str] = field(default_factory=set)
    byte_by_byte: bool = False
    break_list_after: int | None = None  # Drops the connection after so many items of a list.
    drops_logins: bool = False

    received: list[Headers] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _server: asyncio.Server | None = None

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def vanish(self) -> None:
        """Nobody listens any more, and who was connected is thrown out."""
        assert self._server is not None
        self._server.close()
        self.drop()
        await self._server.wait_closed()

    def actions(self, name: str) -> list[Headers]:
        return [headers for headers in self.received if headers["Action"] == name]

    def say(self, **headers: str) -> None:
        """An event, to everybody."""
        self.say_bytes(_render(headers))

    def say_bytes(self, data: bytes) -> None:
        for writer in self._writers:
            writer.write(data)

    def device_is(self, device: str, state: str) -> None:
        self.devices[device] = state
        self.say(Event="DeviceStateChange", Device=device, State=state)

    def drop(self) -> None:
        for writer in self._writers:
            writer.close()

    def reset(self) -> None:
        """As a firewall or a killed process does it: RST, no FIN."""
        for writer in self._writers:
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            writer.write(self.greeting)
            while True:
                data = await reader.readuntil(b"\r\n\r\n")
                headers = dict(line.split(": ", 1) for line in data.decode().splitlines() if line)
                self.received.append(headers)
                await self._answer(headers, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.remove(writer)
            writer.close()

    async def _answer(self, asked: Headers, writer: asyncio.StreamWriter) -> None:
        action = asked["Action"]
        if action in self.deaf_to:
            return
        if action in self.denied:
            said: list[Headers] = [{"Response": "Error", "Message": "Permission denied"}]
        else:
            said = getattr(self, "_" + action.lower())(asked)
        for count, headers in enumerate(said):
            if self.break_list_after is not None and count > self.break_list_after:
                writer.close()
                return
            if asked.get("ActionID"):
                headers = {**headers, "ActionID": asked["ActionID"]}
            await self._write(writer, _render(headers))
        if action == "Login":
            if said[0]["Response"] == "Error" or self.drops_logins:
                writer.close()
            elif self.boots:
                await self._write(writer, _render({"Event": "FullyBooted"}))

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if not self.byte_by_byte:
            writer.write(data)
            return
        for byte in data:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)

    def _login(self, asked: Headers) -> list[Headers]:
        if asked["Secret"] == self.secret:
            return [{"Response": "Success", "Message": "Authentication accepted"}]
        return [{"Response": "Error", "Message": "Authentication failed"}]

    def _ping(self, _: Headers) -> list[Headers]:
        return [{"Response": "Success", "Ping": "Pong"}]

    def _devicestatelist(self, _: Headers) -> list[Headers]:
        items = [
            {"Event": "DeviceStateChange", "Device": device, "State": state}
            for device, state in self.devices.items()
        ]
        return _list(items, "DeviceStateListComplete")

    def _queuestatus(self, _: Headers) -> list[Headers]:
        items: list[Headers] = []
        for queue, members in self.queues.items():
            items.append({"Event": "QueueParams", "Queue": queue})
            for device, (name, paused, dynamic) in members.items():
                items.append(
                    {
                        "Event": "QueueMember",
                        "Queue": queue,
                        "Name": name,
                        "Location": device,
                        "Membership": "dynamic" if dynamic else "static",
                        "Paused": "1" if paused else "0",
                    }
                )
        return _list(items, "QueueStatusComplete")

    def _queueadd(self, asked: Headers) -> list[Headers]:
        members = self.queues.get(asked["Queue"])
        if members is None:
            return _error("Unable to add interface to queue: No such queue")
        if asked["Interface"] in members:
            return _error("Unable to add interface: Already there")
        name = asked.get("MemberName") or asked["Interface"]
        members[asked["Interface"]] = (name, asked.get("Paused") == "true", True)
        return [{"Response": "Success", "Message": "Added interface to queue"}]

    def _queueremove(self, asked: Headers) -> list[Headers]:
        members = self.queues.get(asked["Queue"])
        if members is None:
            return _error("Unable to remove interface from queue: No such queue")
        if asked["Interface"] not in members:
            return _error("Unable to remove interface: Not there")
        del members[asked["Interface"]]
        return [{"Response": "Success", "Message": "Removed interface from queue"}]

    def _queuepause(self, asked: Headers) -> list[Headers]:
        member = self.queues.get(asked["Queue"], {}).get(asked["Interface"])
        if member is None:
            return _error("Interface not found")
        self.queues[asked["Queue"]][asked["Interface"]] = (
            member[0],
            asked["Paused"] == "true",
            member[2],
        )
        return [{"Response": "Success", "Message": "Interface paused successfully"}]


@asynccontextmanager
async def ami_peer(**manners: object) -> AsyncIterator[AmiPeer]:
    """One that listens; at the end it is gone."""
    peer = AmiPeer(**manners)  # type: ignore[arg-type]  # the fields check themselves
    await peer.listen()
    try:
        yield peer
    finally:
        await peer.vanish()


async def until(condition: Callable[[], object], within_s: float = 10.0) -> None:
    """Wait for what a real socket must bring about; how long it takes is no part of the test."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  # a state of the peer's comes with no event
            await asyncio.sleep(0.001)


def _list(items: list[Headers], end: str) -> list[Headers]:
    count = str(len(items))
    return [
        {"Response": "Success", "EventList": "start"},
        *items,
        {"Event": end, "EventList": "Complete", "ListItems": count},
    ]


def _error(message: str) -> list[Headers]:
    return [{"Response": "Error", "Message": message}]


def _render(headers: Headers) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    return "".join(lines).encode() + b"\r\n"
