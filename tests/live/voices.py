"""Phones that sing: each has a tone of its own and says whose tones it hears, so that who hears whom is no guess."""

from __future__ import annotations

import math
import re
import secrets
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Self
from urllib.parse import quote

from acd.adapters.asterisk.lab import Lab

# Far enough from each other and from each other's overtones.
TONES: Mapping[str, int] = {
    "caller": 440,
    "ana": 620,
    "bob": 860,
    "chen": 1210,
    "dora": 1690,
    "wang": 2010,
    "liu": 2790,
}
CARD_NUMBER = 2390  # What the caller sings when nobody may keep it.

_RATE = 8_000
_FRAME = 160  # 20 ms.
_LISTENS_TO = 2_400  # Samples: what was heard in the last 300 ms.
_AUDIBLE = 300.0  # Amplitude, of 32,767; our tones have 6,000.


def _decoded(byte: int) -> int:
    """One sample of G.711 µ-law."""
    byte = ~byte & 0xFF
    value = (((byte & 0x0F) << 3) + 0x84) << ((byte & 0x70) >> 4)
    return 0x84 - value if byte & 0x80 else value - 0x84


_LINEAR = [_decoded(byte) for byte in range(256)]
_MU_LAW = {value: byte for byte, value in enumerate(_LINEAR)}
_LEVELS = sorted(_MU_LAW)


def loudness(samples: Sequence[int], hz: int) -> float:
    """The amplitude of this tone, by Goertzel's algorithm."""
    if not samples:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * hz / _RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + turn * last - before
    power = before * before + last * last - turn * before * last
    return 2 * math.sqrt(max(0.0, power)) / len(samples)


def heard_in(samples: Sequence[int], tones: Iterable[int]) -> set[int]:
    return {hz for hz in tones if loudness(samples, hz) > _AUDIBLE}


def parts_with(samples: Sequence[int], hz: int) -> int:
    """In how many tenths of a second of this sound the tone is heard."""
    step = _RATE // 10
    pieces = [samples[i : i + step] for i in range(0, len(samples) - step + 1, step)]
    return sum(loudness(piece, hz) > _AUDIBLE for piece in pieces)


def _tone(hz: int, first: int) -> bytes:
    wave = (6_000 * math.sin(2 * math.pi * hz * (first + n) / _RATE) for n in range(_FRAME))
    return bytes(_MU_LAW[_nearest(round(value))] for value in wave) if hz else b"\xff" * _FRAME


def _nearest(value: int) -> int:
    low, high = 0, len(_LEVELS) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if _LEVELS[middle] < value else (low, middle)
    return _LEVELS[low]


@dataclass(eq=False)
class Voice:
    """One phone in one call."""

    name: str
    hz: int
    rtp: socket.socket
    line: socket.socket
    call_id: str
    local: str  # Our From or To, with its tag.
    remote: str = ""
    target: str = ""
    address: tuple[str, int] | None = None  # Where our sound goes.
    sent: int = 0
    over: bool = False
    answer: bytes = b""
    branch: str = ""
    rings: str = ""  # The INVITE of one that nobody picks up.
    said: int = 0  # How many requests we have sent in it.
    replies: list[str] = field(default_factory=list)  # To REFER, and what NOTIFY told.
    samples: deque[int] = field(default_factory=lambda: deque(maxlen=_LISTENS_TO))
    last_at: float = 0.0  # When something came that can be heard.

    def hears(self) -> set[str]:
        """Whose tones were in what came in the last 300 ms; to who is alone, Asterisk sends nothing."""
        if time.monotonic() - self.last_at > _LISTENS_TO / _RATE:
            return set()
        samples = list(self.samples)
        return {name for name, hz in TONES.items() if loudness(samples, hz) > _AUDIBLE}


class Voices:
    """All phones of a lab, each picking up at once; callers from the trunk, and who is called there by his number.

    Those who are in `away` let it ring.
    """

    def __init__(self, lab: Lab, people: Mapping[str, str] | None = None) -> None:
        """`people` are those who can be called over the trunk: their names by what is dialled."""
        self._lab = lab
        self._people = people or {}
        self.away: set[str] = set()
        self._asterisk = (lab.sip_address, lab.sip_port)
        self._phones = _bound(lab.agents_address, 5060)
        self._trunk = _bound(lab.trunk_address, 5060 if people else 0)
        self._voices: dict[str, Voice] = {}
        self._lock = Lock()
        self._ends = False
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for voice in self._alive():
            self.hang_up(voice)
        self._ends = True
        self._thread.join()
        for voice in self._voices.values():
            voice.rtp.close()
        self._phones.close()
        self._trunk.close()

    def __getitem__(self, name: str) -> Voice:
        """The newest call of this agent's phone, of the caller, or of who is called."""
        return [one for one in self._alive() if one.name == name][-1]

    def of(self, name: str) -> list[Voice]:
        """All calls that this phone is in, or rings for."""
        return [one for one in self._alive() if one.name == name]

    def has(self, name: str) -> bool:
        """Whether this agent, or the caller, is in a call."""
        return any(one.name == name and one.address for one in self._alive())

    def call(self, extension: str = "4001") -> Voice:
        """The caller calls."""
        return self._call("caller", "13800138000@trunk", self._trunk, extension)

    def dial(self, agent: str, extension: str) -> Voice:
        """An agent's phone calls by itself, beside the call that it has."""
        return self._call(agent, f"{agent}@{self._lab.agents_address}", self._phones, extension)

    def _call(self, name: str, who: str, line: socket.socket, extension: str) -> Voice:
        voice = Voice(
            name=name,
            hz=TONES[name],
            rtp=_bound(line.getsockname()[0], 0),
            line=line,
            call_id=secrets.token_hex(8),
            local=f"<sip:{who}>;tag={secrets.token_hex(6)}",
            remote=f"<sip:{extension}@{self._lab.sip_address}>",
            target=f"sip:{extension}@{self._lab.sip_address}",
            branch=f"z9hG4bK{secrets.token_hex(8)}",
        )
        with self._lock:
            self._voices[voice.call_id] = voice
        self._say(line, voice, "INVITE", 1, body=_sdp(voice.rtp))
        return voice

    def hang_up(self, voice: Voice) -> None:
        """Put the receiver down."""
        voice.over = True
        voice.branch = f"z9hG4bK{secrets.token_hex(8)}"
        voice.said += 1
        self._say(voice.line, voice, "BYE", 1 + voice.said)

    def refer(self, voice: Voice, to: str, replaces: Voice | None = None) -> None:
        """Press the phone's own transfer button: to a number, or, of a call that this phone has, to who is in that."""
        voice.said += 1
        voice.branch = f"z9hG4bK{secrets.token_hex(8)}"
        target = f"sip:{to}@{self._lab.sip_address}"
        if replaces is not None:
            tags = [re.search(r";tag=([^;>]+)", text) for text in (replaces.remote, replaces.local)]
            assert tags[0] is not None and tags[1] is not None
            dialog = f"{replaces.call_id};to-tag={tags[0][1]};from-tag={tags[1][1]}"
            target += f"?Replaces={quote(dialog, safe='')}"
        self._say(voice.line, voice, "REFER", 1 + voice.said, more=f"Refer-To: <{target}>\r\n")

    def _alive(self) -> list[Voice]:
        with self._lock:
            return [one for one in self._voices.values() if not one.over]

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ends:
            lines = {self._phones: None, self._trunk: None}
            lines |= {voice.rtp: voice for voice in self._alive()}  # type: ignore[dict-item]
            ready, _, _ = select.select(list(lines), [], [], max(0.0, due - time.monotonic()))
            for line in ready:
                data, _ = line.recvfrom(65_535)
                voice = lines[line]
                if voice is None:
                    self._read(line, data.decode("utf-8", "replace"))
                elif len(data) > 12 and data[1] & 0x7F == 0:
                    voice.samples.extend(_LINEAR[byte] for byte in data[12:])  # type: ignore[attr-defined]
                    voice.last_at = time.monotonic()  # type: ignore[attr-defined]
            if time.monotonic() >= due:
                due += 0.02
                for voice in self._alive():
                    _sing(voice)

    def _read(self, line: socket.socket, text: str) -> None:
        call_id = _header(text, "Call-ID")
        voice = self._voices.get(call_id)
        if text.startswith("SIP/2.0 "):
            if voice is not None and "INVITE" in _header(text, "CSeq"):
                self._answered(line, voice, text)
            elif voice is not None and "REFER" in _header(text, "CSeq"):
                voice.replies.append(text[8:11])
        elif text.startswith("INVITE ") and voice is None:
            self._rung(line, text, call_id)
        elif text.startswith("INVITE ") and voice is not None:
            self._send(line, _reply(line, text, 200, voice.local, _sdp(voice.rtp)))
        elif not text.startswith("ACK "):
            if voice is not None and text.startswith(("BYE ", "CANCEL ")):
                voice.over = True
                if voice.rings:
                    self._send(line, _reply(line, voice.rings, 487, voice.local))
            if voice is not None and text.startswith("NOTIFY "):
                voice.replies.append(text.rpartition("\r\n\r\n")[2].strip()[8:11])
            self._send(line, _reply(line, text, 200))

    def _rung(self, line: socket.socket, text: str, call_id: str) -> None:
        called = re.match(r"INVITE sip:([^@;> ]+)@", text)
        assert called is not None, text
        name = self._people.get(called[1], called[1])
        voice = Voice(
            name=name,
            hz=TONES[name],
            rtp=_bound(line.getsockname()[0], 0),
            line=line,
            call_id=call_id,
            local=f"{_header(text, 'To')};tag={secrets.token_hex(6)}",
            remote=_header(text, "From"),
            target=_uri(_header(text, "Contact")),
        )
        with self._lock:
            self._voices[call_id] = voice
        self._send(line, _reply(line, text, 180, voice.local))
        if name in self.away:
            voice.rings = text
            return
        voice.address = _media(text)
        self._send(line, _reply(line, text, 200, voice.local, _sdp(voice.rtp)))

    def _answered(self, line: socket.socket, voice: Voice, text: str) -> None:
        status = int(text[8:11])
        if status < 200:
            return
        voice.remote = _header(text, "To")
        if status == 200:
            voice.target = _uri(_header(text, "Contact")) or voice.target
            voice.address = _media(text)
            voice.branch = f"z9hG4bK{secrets.token_hex(8)}"
        voice.over = voice.over or status >= 300
        self._say(line, voice, "ACK", 1)

    def _say(
        self,
        line: socket.socket,
        voice: Voice,
        method: str,
        number: int,
        *,
        body: str = "",
        more: str = "",
    ) -> None:
        here = "{}:{}".format(*line.getsockname())
        head = (
            f"{method} {voice.target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {here};branch={voice.branch}\r\nMax-Forwards: 70\r\n"
            f"From: {voice.local}\r\nTo: {voice.remote}\r\nCall-ID: {voice.call_id}\r\n"
            f"CSeq: {number} {method}\r\nContact: <sip:{voice.name}@{here}>\r\n{more}"
        )
        self._send(line, (head + _with(body)).encode())

    def _send(self, line: socket.socket, data: bytes) -> None:
        line.sendto(data, self._asterisk)


def _sing(voice: Voice) -> None:
    if voice.address is None:
        return
    head = struct.pack("!BBHII", 0x80, 0, voice.sent & 0xFFFF, voice.sent * _FRAME, 0x51)
    voice.rtp.sendto(head + _tone(voice.hz, voice.sent * _FRAME), voice.address)
    voice.sent += 1


def _bound(address: str, port: int) -> socket.socket:
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind((address, port))
    return line


def _sdp(rtp: socket.socket) -> str:
    address, port = rtp.getsockname()
    return (
        f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    )


def _media(text: str) -> tuple[str, int]:
    address, port = (
        re.search(r"^c=IN IP4 (\S+)", text, re.M),
        re.search(r"^m=audio (\d+)", text, re.M),
    )
    assert address is not None and port is not None, text
    return address[1], int(port[1])


def _reply(line: socket.socket, request: str, status: int, to: str = "", body: str = "") -> bytes:
    kept = [
        line
        for line in request.split("\r\n")
        if re.match(r"(Via|From|Call-ID|CSeq):", line, re.IGNORECASE)
    ]
    contact = "Contact: <sip:phone@{}:{}>\r\n".format(*line.getsockname())
    head = "\r\n".join([f"SIP/2.0 {status} x", *kept, f"To: {to or _header(request, 'To')}", ""])
    return (head + contact + _with(body)).encode()


def _with(body: str) -> str:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _uri(contact: str) -> str:
    found = re.search(r"<([^>]+)>", contact)
    return found[1] if found else contact
