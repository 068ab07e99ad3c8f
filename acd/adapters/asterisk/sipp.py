"""Plays phones with SIPp for demo, tests and bench: callers and agents; must never outlive its lab."""

from __future__ import annotations

import re
import secrets
import shutil
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Literal, Self

import asterisk_conf
from acd.adapters.asterisk import lab_config
from acd.adapters.asterisk.lab import Lab, LabError
from acd.adapters.asterisk.lab_parts import which
from acd.adapters.asterisk.lab_process import GuardedProcess

_SCENARIOS = Path(asterisk_conf.__file__).parent / "lab" / "sipp"
_LONGEST_RUN_S = 3600
_SILENCE = "silence.ulaw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """How an agent's phone behaves."""

    what: Literal["answer", "ring", "busy", "decline"] = "answer"
    ring_ms: int = 200  # how long it rings before it is answered
    talk_ms: int = 0  # 0: the caller hangs up


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a caller does."""

    number: str = "13800138000"
    name: str = "Caller"
    extension: str = "4001"
    patience_ms: int = 0  # gives up when nobody has answered by then; 0: never
    talk_ms: int = 0  # hangs up so long after the answer and the digits; 0: the other side does
    digits: str = ""  # pressed after the answer, the first one `digits_after_ms` later
    digits_after_ms: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A SIP message as SIPp saw it; `at` is the wall clock's time in seconds."""

    at: float
    received: bool
    text: str

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0].strip()

    def header(self, name: str) -> str:
        found = re.search(rf"^{name}:\s*(.*?)\s*$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class _Way:
    """A stretch of a scenario, the test for going there, and the label where it begins."""

    test: str
    entry: str
    xml: str = ""


class Sipp:
    """One SIPp process in a folder of its own."""

    def __init__(self, lab: Lab, folder_name: str) -> None:
        self._lab = lab
        self.folder = lab.folder / "sipp" / folder_name
        self._process: GuardedProcess | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def wait(self, timeout_s: float) -> bool:
        """Whether all calls went as written; raises LabError when they are not over by then."""
        assert self._process is not None, "not started"
        code = self._process.wait(timeout_s)
        if code is None:
            raise LabError(
                f"SIPp still has calls after {timeout_s} s; its files are in {self.folder}"
            )
        return code == 0

    def stop(self) -> None:
        """End the process without a word to anybody, as a phone does whose cable is pulled."""
        if self._process is not None:
            self._process.stop(grace_s=0)
            self._process = None

    def errors(self) -> str:
        """What SIPp found wrong, for the message of a failed test."""
        return "\n".join(file.read_text(errors="replace") for file in self.folder.glob("*errors*"))

    def messages(self) -> list[Message]:
        """All SIP messages so far, if the process was started with `trace`."""
        return list(_parse_messages(self.folder / "messages.log"))

    def _start(
        self, scenario: str, address: str, port: int, arguments: Sequence[str], *, trace: bool
    ) -> None:
        assert self._process is None, "started twice"
        program = which("sipp")
        if program is None:
            raise LabError(
                "SIPp is not installed: ensure_parts() does it, or `apt-get install sip-tester`."
            )
        argv = [program, "-sf", scenario, "-i", address, "-mi", address, "-p", str(port)]
        argv += ["-nostdin", "-timeout", f"{_LONGEST_RUN_S}s", "-skip_rlimit"]
        argv += ["-trace_err", "-error_file", "errors.log", *arguments]
        if trace:
            argv += ["-trace_msg", "-message_file", "messages.log"]
        self._process = GuardedProcess(
            [*argv, f"{self._lab.sip_address}:{self._lab.sip_port}"],
            output=self.folder / "console.log",
            cwd=self.folder,
            env={"TERM": "dumb", "PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC0"},
        )

    def _touch(self, address: str, port: int, call_id: str) -> None:
        """Move a phone of ours by hand: it takes a MESSAGE in its call for a finger on the key.

        SIPp itself offers no way to act on one call at a moment that the scenario does not know.
        """
        finger = (
            "MESSAGE sip:phone SIP/2.0\r\n"
            # Each one new, or SIPp takes it for the same one sent again.
            f"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK-{secrets.token_hex(8)}\r\n"
            "From: <sip:finger@127.0.0.1>;tag=finger\r\nTo: <sip:phone>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(finger.encode(), (address, port))

    def _write(self, scenario: str, rows: Sequence[str], ways: Sequence[_Way]) -> None:
        jumps = (f'<nop next="{way.entry}" test="way_{i}" />' for i, way in enumerate(ways))
        values = {
            "CHOICES": "\n".join(
                f'<test assign_to="way_{i}" {way.test} />' for i, way in enumerate(ways)
            ),
            "JUMPS": "\n".join(jumps),
            "WAYS": "\n".join(way.xml for way in ways),
        }
        (self.folder / f"{scenario}.xml").write_text(_fill(scenario, values))
        text = "\n".join(("SEQUENTIAL", *rows, ""))
        (self.folder / f"{scenario}.csv").write_text(text, encoding="utf-8")

    def _empty_folder(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)


class _Phones(Sipp, ABC):
    """Phones at one address, each of which is called by its name."""

    def __init__(
        self,
        lab: Lab,
        folder_name: str,
        phones: Mapping[str, Phone],
        *,
        speak: bool = False,
        trace: bool,
    ) -> None:
        """What is said to them they say back; those who `speak` say something of their own instead."""
        super().__init__(lab, folder_name)
        self._phones = dict(phones)
        self._speak = speak
        self._trace = trace

    @property
    @abstractmethod
    def _address(self) -> str:
        """Where they are called."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        self._empty_folder()
        by_way: dict[Phone, list[str]] = {}
        for agent, phone in self._phones.items():
            by_way.setdefault(phone, []).append(agent)
        rows = [agent for agents in by_way.values() for agent in agents]
        ends = accumulate(len(agents) for agents in by_way.values())
        self._write(
            "agents",
            rows,
            [
                _agent_way(i, phone, end, self._speak)
                for i, (phone, end) in enumerate(zip(by_way, ends, strict=True))
            ],
        )
        data = ["-inf", "agents.csv", "-infindex", "agents.csv", "0"]
        if self._speak:
            (self.folder / _SILENCE).write_bytes(b"\xff" * 8000)
        # Echo: what the caller says comes back, so there is voice both ways without a sound file.
        echo = [] if self._speak else ["-rtp_echo"]
        self._start("agents.xml", self._address, 5060, [*data, *echo], trace=self._trace)

    def change(self, agent: str, phone: Phone) -> None:
        """Takes a restart of SIPp: calls that it holds at this moment are forgotten."""
        self._phones[agent] = phone
        self.stop()
        self.start()

    def rung(self) -> list[tuple[float, str]]:
        """When which agent's phone was rung, in order; needs `trace`."""
        return [(message.at, agent) for message, agent in self.invitations()]

    def press(self, agent: str) -> None:
        """Answer the call that rings at this agent's phone, or hang up the one it talks in."""
        calls = [message for message, who in self.invitations() if who == agent]
        if not calls:
            raise LabError(f"{agent}'s phone has not rung")
        self._touch(self._address, 5060, calls[-1].header("Call-ID"))

    def invitations(self) -> Iterator[tuple[Message, str]]:
        """Each INVITE at an agent's phone, and whose phone it is; needs `trace`."""
        for message in self.messages():
            if message.received and (to := re.match(r"INVITE sip:([^@]+)@", message.first_line)):
                yield message, to[1]


class AgentPhones(_Phones):
    """The phones of all agents of a lab, except those in browsers."""

    def __init__(
        self,
        lab: Lab,
        phones: Mapping[str, Phone] | None = None,
        *,
        default: Phone | None = None,
        trace: bool = True,
    ) -> None:
        everybody = {agent: default or Phone() for agent in lab.agents} | dict(phones or {})
        super().__init__(lab, "agents", everybody, trace=trace)

    @property
    def _address(self) -> str:
        return self._lab.agents_address


class Subscribers(_Phones):
    """Who can be called by the trunk: phones by their numbers, as they are dialled there."""

    def __init__(self, lab: Lab, phones: Mapping[str, Phone], *, trace: bool = True) -> None:
        super().__init__(lab, "subscribers", phones, speak=True, trace=trace)

    @property
    def _address(self) -> str:
        return self._lab.trunk_address


class Callers(Sipp):
    """Places calls from the trunk, one after the other at a given rate."""

    def __init__(
        self,
        lab: Lab,
        calls: Iterable[Call],
        *,
        per_second: float = 10,
        repeat_to: int | None = None,
        media: bool = False,
        trace: bool = True,
        name: str = "callers",
        port: int = 5060,
    ) -> None:
        """`repeat_to` goes through the calls again and again until so many have been placed."""
        super().__init__(lab, name)
        self._calls = list(calls)
        self._per_second = per_second
        self._count = repeat_to or len(self._calls)
        self._media = media
        self._trace = trace
        self._port = port
        self._ids = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        self._empty_folder()
        # Who calls whom is data for each call; how they behave is a part of the scenario.
        plain = [replace(call, number="", name="", extension="") for call in self._calls]
        ways = list(dict.fromkeys(plain))
        rows = [
            f"{_plain(call.number)};{_plain(call.name)};{_plain(call.extension)};{ways.index(way)}"
            for call, way in zip(self._calls, plain, strict=True)
        ]
        self._write(
            "callers", rows, [_caller_way(i, way, self._media) for i, way in enumerate(ways)]
        )
        if self._media:
            (self.folder / _SILENCE).write_bytes(b"\xff" * 8000)
        # Call ids that hang_up knows, and that no earlier caller had.
        self._ids = secrets.token_hex(4)
        ids = ["-cid_str", f"%u-{self._ids}"]
        rate = ["-r", str(max(1, round(self._per_second * 10))), "-rp", "10s"]
        limit = ["-m", str(self._count), "-l", str(self._count)]
        self._start(
            "callers.xml",
            self._lab.trunk_address,
            self._port,
            ["-inf", "callers.csv", *ids, *rate, *limit],
            trace=self._trace,
        )

    def hang_up(self, call: int | None = None) -> None:
        """End one call (the first is 1) or all of them now, whether it still rings or they talk."""
        for number in range(1, self._count + 1) if call is None else (call,):
            self._touch(self._lab.trunk_address, self._port, f"{number}-{self._ids}")


def _agent_way(i: int, phone: Phone, end: int, speaks: bool) -> _Way:
    test = f'variable="row" compare="less_than" value="{end}"'
    if phone.what in {"busy", "decline"}:
        return _Way(test, phone.what)
    values = {
        "I": str(i),
        "RING": "" if phone.what == "ring" else _timeout(max(1, phone.ring_ms), f"pick_up_{i}"),
        "TALK": _timeout(phone.talk_ms, "hang_up"),
        **_media(speaks),
    }
    return _Way(test, f"answer_{i}", _fill("agent", values))


def _caller_way(i: int, call: Call, media: bool) -> _Way:
    if not re.fullmatch(r"[0-9A-D*#]*", call.digits):
        raise ValueError(f"no phone has the keys {call.digits!r}")
    digits = (
        {
            "I": str(i),
            "N": str(n),
            "CSEQ": str(n + 2),
            "DIGIT": digit,
            "PAUSE": str(max(1, 200 if n else call.digits_after_ms)),
        }
        for n, digit in enumerate(call.digits)
    )
    values = {
        "I": str(i),
        "PATIENCE": _timeout(call.patience_ms, "cancel"),
        "TALK": _timeout(call.talk_ms, "hang_up"),
        **_media(media),
        "DIGITS": "".join(_fill("digit", values) for values in digits),
    }
    test = f'variable="way" compare="equal" value="{i}"'
    return _Way(test, f"call_{i}", _fill("caller", values))


def _media(speaks: bool) -> dict[str, str]:
    """From the answer on, sound; or none, on the port where it would be echoed."""
    stream = f'<action><exec rtp_stream="{_SILENCE},-1,0" /></action>'
    return {
        "MEDIA": stream if speaks else "",
        "MEDIA_PORT": "[rtpstream_audio_port]" if speaks else "[media_port]",
    }


def _timeout(after_ms: int, label: str) -> str:
    return f'timeout="{after_ms}" ontimeout="{label}"' if after_ms > 0 else ""


def _plain(text: str) -> str:
    """Text that goes into the middle of a header; these would end it, or SIPp would expand them."""
    if re.search(r'[;\r\n\["]', text):
        raise ValueError(f"SIPp cannot send {text!r}")
    return text


def _fill(scenario: str, values: Mapping[str, str]) -> str:
    return lab_config.render((_SCENARIOS / f"{scenario}.xml").read_text(), values)


def _parse_messages(file: Path) -> Iterator[Message]:
    if not file.exists():
        return
    text = file.read_text(errors="replace")
    # A block: a line of dashes with the time, "UDP message received [n] bytes :", the message.
    for block in re.split(r"^-{20,} (?=\d{4}-)", text, flags=re.MULTILINE)[1:]:
        stamp, _, rest = block.partition("\n")
        kind, _, message = rest.partition("\n")
        # It may have been cut off in the middle of a write: the next look sees the whole.
        if message.strip():
            at = datetime.fromisoformat(f"{stamp.strip()}+00:00").timestamp()
            yield Message(at=at, received="received" in kind, text=message.strip() + "\n")
