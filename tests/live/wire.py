"""Watches the loopback: what went over it and when, by the kernel's clock alone; must never send anything.

A test process that shares two processors with all it tests reads late; the kernel does not.
"""

from __future__ import annotations

import socket
import struct
from threading import Event, Thread
from typing import Self

_ETH_P_IP = 0x0800
_SO_TIMESTAMPNS = 35
_SO_RCVBUFFORCE = 33
_OUTGOING = 4  # On the loopback everything comes by twice.


class Wire:
    """Keeps the packets that contain one of `marks`, each with its time in seconds."""

    def __init__(self, *marks: bytes) -> None:
        self.seen: list[tuple[float, bytes]] = []
        self._marks = marks
        self._over = Event()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 26)
        self._socket.settimeout(0.1)
        self._watcher = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._socket.bind(("lo", _ETH_P_IP))
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watcher.join()
        self._socket.close()

    def _watch(self) -> None:
        while not self._over.is_set():
            try:
                packet, told, _, sender = self._socket.recvmsg(65536, 64)
            except TimeoutError:
                continue
            if sender[2] != _OUTGOING and any(mark in packet for mark in self._marks):
                seconds, nanoseconds = struct.unpack("qq", told[0][2])
                self.seen.append((seconds + nanoseconds / 1e9, packet))
