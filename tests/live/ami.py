"""Just enough AMI, blocking, to see what a manager user may do; the product has its own client."""

from __future__ import annotations

import socket
from collections import deque
from typing import Self

from acd.adapters.asterisk.lab import Lab


class Ami:
    def __init__(self, lab: Lab) -> None:
        self._socket = socket.create_connection((lab.ami_host, lab.ami_port), timeout=5)
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\r\n")
        self._events: deque[dict[str, str]] = deque()
        self.seen: set[str] = set()
        assert "Asterisk Call Manager" in self._lines.readline()
        answer = self.ask("Login", Username=lab.ami_user, Secret=lab.ami_secret)
        assert answer["Response"] == "Success", answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, action: str, **fields: str) -> dict[str, str]:
        self._send(action, fields)
        while True:
            packet = self._packet()
            if "Response" in packet:
                return packet
            self._note(packet)

    def list(self, action: str, item: str) -> list[dict[str, str]]:
        """The items of an action that answers with a list."""
        answer = self.ask(action, ActionID="list")
        assert answer["Response"] == "Success", answer
        items = []
        while "Complete" not in (packet := self._packet()).get("EventList", ""):
            if packet.get("Event") == item and packet.get("ActionID") == "list":
                items.append(packet)
            else:
                self._note(packet)
        return items

    def event(self, name: str) -> dict[str, str]:
        while True:
            packet = self._events.popleft() if self._events else self._packet()
            self.seen.add(packet.get("Event", ""))
            if packet.get("Event") == name:
                return packet

    def _note(self, packet: dict[str, str]) -> None:
        self.seen.add(packet.get("Event", ""))
        self._events.append(packet)

    def _send(self, action: str, fields: dict[str, str]) -> None:
        lines = [f"Action: {action}", *(f"{key}: {value}" for key, value in fields.items())]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def _packet(self) -> dict[str, str]:
        packet: dict[str, str] = {}
        while line := self._lines.readline().rstrip("\r\n"):
            key, _, value = line.partition(": ")
            packet[key] = value
        return packet
