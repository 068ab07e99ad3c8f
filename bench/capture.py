"""Sees a lab's SIP, or what a server says over TCP, by the kernel's own clock; must never disturb what it watches.

A packet socket, not tcpdump: nothing to install, no file to read, and the kernel itself throws away
all but what matters (of SIP the first lines INVITE, BYE, 200 OK). It stamps each packet on arrival, so it does not
matter when we read it: between two readings nothing of ours runs, and on two cores that matters.
"""

import ctypes
import re
import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

_SO_ATTACH_FILTER = 26
_SO_TIMESTAMPNS = 35
_SO_RCVBUFFORCE = 33
_SOL_PACKET = 263
_PACKET_STATISTICS = 6
_PACKET_IGNORE_OUTGOING = 23
_ETH_P_IP = 0x0800
_BUFFER = 256 << 20
_SNAP = 1500
_LARGEST = 1 << 16  # Of a segment on the loopback.

_STAMP = socket.CMSG_SPACE(16)

# Of the classic BPF, what is needed here; offsets count from the IP header, which has no options on lo.
_LOAD_WORD, _LOAD_HALF, _LOAD_BYTE = 0x20, 0x28, 0x30
_AND, _RETURN, _EQUAL = 0x54, 0x06, 0x15
_PROTOCOL, _SOURCE, _DESTINATION, _SOURCE_PORT, _PORT, _PAYLOAD = 9, 12, 16, 20, 22, 28
_TCP_HEADER = 32  # Its length is the upper half of this byte, in words.


class CaptureError(Exception):
    """We may not look at the loopback, or have not seen all of it; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One SIP message on the wire, or one segment of TCP; `at` is the kernel's time in nanoseconds."""

    at: int
    source: str
    target: str
    target_port: int
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode(errors="replace")

    def header(self, name: str) -> str:
        found = re.search(rf"^{name}:[ \t]*(.*?)\r?$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""


class Capture:
    """What `sip_of` or `said_by` let through."""

    def __init__(self, program: bytes) -> None:
        try:
            self._socket = socket.socket(
                socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_IP)
            )
        except PermissionError as error:
            raise CaptureError(
                "Only root may look at the loopback (CAP_NET_RAW): run with sudo."
            ) from error
        self._attach(program)
        # Without this, each packet on the loopback is seen twice, as it goes and as it comes.
        self._socket.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.setblocking(False)
        self._socket.bind(("lo", _ETH_P_IP))
        self._packets: list[Packet] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def read(self) -> list[Packet]:
        """All so far, in order; raises CaptureError if the kernel had to drop one."""
        self._packets += self._arrived()
        counters = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        _, dropped = struct.unpack("II", counters)
        if dropped:
            raise CaptureError(f"{dropped} packets came too fast for the capture: no figures.")
        return self._packets

    def _arrived(self) -> Iterator[Packet]:
        while True:
            try:
                data, ancillary, _, _ = self._socket.recvmsg(_LARGEST, _STAMP)
            except BlockingIOError:
                return
            for level, kind, value in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                    seconds, nanoseconds = struct.unpack("qq", value[:16])
                    yield Packet(
                        at=seconds * 1_000_000_000 + nanoseconds,
                        source=socket.inet_ntoa(data[12:16]),
                        target=socket.inet_ntoa(data[16:20]),
                        target_port=int.from_bytes(data[_PORT : _PORT + 2]),
                        data=data[_payload(data) :],
                    )

    def _attach(self, program: bytes) -> None:
        code = ctypes.create_string_buffer(program)
        argument = struct.pack("HP", len(program) // 8, ctypes.addressof(code))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, argument)


def _payload(data: bytes) -> int:
    """Where it begins."""
    if data[_PROTOCOL] == socket.IPPROTO_UDP:
        return _PAYLOAD
    return _SOURCE_PORT + (data[_TCP_HEADER] >> 4) * 4


def said_by(address: str, port: int) -> bytes:
    """A program: TCP from this address and port."""
    refuse, accept = 6, 7
    return _assembled(
        [
            (_LOAD_BYTE, _PROTOCOL),
            (_EQUAL, socket.IPPROTO_TCP, 2, refuse),
            (_LOAD_WORD, _SOURCE),
            (_EQUAL, _word(socket.inet_aton(address)), 4, refuse),
            (_LOAD_HALF, _SOURCE_PORT),
            (_EQUAL, port, accept, refuse),
            (_RETURN, 0),
            (_RETURN, _LARGEST),
        ]
    )


def sip_of(index: int) -> bytes:
    """A program: UDP to 127.77.<index>.x:5060 that begins with INVITE, BYE or SIP/2.0 200."""
    refuse, accept = 13, 14  # The last two lines.
    program = [
        (_LOAD_BYTE, _PROTOCOL),
        (_EQUAL, socket.IPPROTO_UDP, 2, refuse),
        (_LOAD_WORD, _DESTINATION),
        (_AND, 0xFFFFFF00),
        (_EQUAL, _word(bytes((127, 77, index, 0))), 5, refuse),
        (_LOAD_HALF, _PORT),
        (_EQUAL, 5060, 7, refuse),
        (_LOAD_WORD, _PAYLOAD),
        (_EQUAL, _word(b"INVI"), accept, 9),
        (_EQUAL, _word(b"BYE "), accept, 10),
        (_EQUAL, _word(b"SIP/"), 11, refuse),
        (_LOAD_WORD, _PAYLOAD + len("SIP/2.0 ")),
        (_EQUAL, _word(b"200 "), accept, refuse),
        (_RETURN, 0),
        (_RETURN, _SNAP),
    ]
    return _assembled(program)


def _assembled(program: Sequence[tuple[int, ...]]) -> bytes:
    lines = []
    for at, (code, value, *jumps) in enumerate(program):
        # Jumps are written as the line to go to, and counted from the next one.
        true, false = (line - at - 1 for line in jumps) if jumps else (0, 0)
        lines.append(struct.pack("HBBI", code, true, false, value))
    return b"".join(lines)


def _word(four: bytes) -> int:
    return int.from_bytes(four)
