"""Whether the screen pop is ahead of the phone, with a long history behind it; on a real Asterisk.

python -m bench.pops [--calls 1000000] [--postgresql] [--per-second 15] [--seconds 40]

Every agent has a socket of his own. For each caller three packets are looked for, with the kernel's time: his INVITE,
the pop as it leaves for the socket of the agent who is rung, and that agent's INVITE as it leaves Asterisk. It prints
what it saw and what is owed (`met` or `NOT MET`), and must never fail over a figure: a bench is not a test.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import getloadavg
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from acd.adapters.asterisk.lab import Lab, LabError
from acd.adapters.asterisk.lab_parts import ensure_parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.adapters.database.connection import Database
from bench.calls import percentile, user_of
from bench.capture import Capture, CaptureError, Packet, said_by, sip_of
from bench.history import EACH, fill, number_of
from bench.subjects import API_PORT, SubjectError, cordboard, log_as_in_production
from bench.waiting import until

_OWED_PERCENT = 99.0
_TALK_MS = 1500
_PATIENCE_MS = 60_000
_NS_IN_MS = 1_000_000
_TEXT, _LENGTH_IN_2, _LENGTH_IN_8 = 0x81, 126, 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Of one caller, in nanoseconds; None where no such packet was."""

    called_at: int
    rung_at: int | None = None
    told_at: int | None = None
    known: bool = False  # The pop names a customer,
    remembered: bool = False  # and earlier calls.

    @property
    def ahead_ms(self) -> float:
        """By how much the pop was ahead of the phone; nothing, where either was not seen."""
        if self.told_at is None or self.rung_at is None:
            return 0.0
        return (self.rung_at - self.told_at) / _NS_IN_MS

    @property
    def in_time(self) -> bool:
        return self.ahead_ms > 0


def messages(segments: Iterable[Packet]) -> Iterator[tuple[int, dict[str, Any]]]:
    """What a server said to one WebSocket, each message with the time at which the last of it left."""
    unread, upgraded = bytearray(), False
    for segment in segments:
        unread += segment.data
        if not upgraded:
            _, found, rest = unread.partition(b"\r\n\r\n")
            if not found:
                continue
            unread, upgraded = rest, True
        while (whole := _first_frame(unread)) is not None:
            start, end = whole
            if unread[0] == _TEXT:
                yield segment.at, json.loads(unread[start:end])
            del unread[:end]


def _first_frame(unread: bytearray) -> tuple[int, int] | None:
    """Where its payload begins and ends (RFC 6455, 5.2), when all of it is there."""
    if len(unread) < 2:
        return None
    length, head = unread[1], {_LENGTH_IN_2: 4, _LENGTH_IN_8: 10}.get(unread[1], 2)
    if len(unread) < head:
        return None
    if head > 2:
        length = int.from_bytes(unread[2:head])
    return (head, head + length) if len(unread) >= head + length else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pop:
    at: int
    caller: dict[str, Any]


def read(
    sip: Iterable[Packet], api: Iterable[Packet], ports: Mapping[str, int], lab: Lab
) -> Iterator[Seen]:
    """What became of each caller. `ports` are those of the agents' sockets."""
    called: dict[str, int] = {}
    rung: dict[str, tuple[int, str]] = {}
    for packet in sip:
        if packet.text.startswith("INVITE") and ";tag=" not in packet.header("To"):
            number = user_of(packet.header("From"))
            if packet.source == lab.trunk_address:
                called.setdefault(number, packet.at)
            elif packet.target == lab.agents_address:
                rung.setdefault(number, (packet.at, user_of(packet.text)))
    pops = dict(_pops(api, ports))
    for number, called_at in called.items():
        rung_at, agent = rung.get(number, (None, ""))
        pop = pops.get((number, agent))
        yield Seen(
            called_at=called_at,
            rung_at=rung_at,
            told_at=pop and pop.at,
            known=pop is not None and bool(pop.caller["customers"]),
            remembered=pop is not None and bool(pop.caller["earlier"]),
        )


def _pops(
    api: Iterable[Packet], ports: Mapping[str, int]
) -> Iterator[tuple[tuple[str, str], _Pop]]:
    """By caller and agent, as each agent is told of his own."""
    said: dict[int, list[Packet]] = {port: [] for port in ports.values()}
    for packet in api:
        if packet.target_port in said:
            said[packet.target_port].append(packet)
    for agent, port in ports.items():
        for at, message in messages(said[port]):
            if message.get("event") == "call-offered" and message["agent"] == agent:
                caller = message["view"]["caller"]
                yield (caller["number"].lstrip("+"), agent), _Pop(at=at, caller=caller)


def run(lab: Lab, database: str, asked: argparse.Namespace) -> list[Seen]:
    """All calls, on this database."""
    draw = random.Random(2)
    count = round(asked.per_second * asked.seconds)
    numbers = [number_of(one) for one in draw.sample(range(asked.calls // EACH), count)]
    phones = {agent: Phone(ring_ms=100, talk_ms=_TALK_MS) for agent in lab.agents}
    with (
        Capture(said_by(lab.ari_host, API_PORT)) as api,
        cordboard(
            lab, database=database, listening=len(lab.agents), sockets=len(lab.agents) + 1
        ) as subject,
        AgentPhones(lab, phones, trace=False),
        Capture(sip_of(lab.index)) as sip,
    ):
        calls = [Call(number=number, patience_ms=_PATIENCE_MS) for number in numbers]
        with Callers(lab, calls, per_second=asked.per_second, trace=False) as callers:
            if not callers.wait(asked.seconds + 2 * _PATIENCE_MS / 1000):
                print(f"Not every caller had the call he wanted: {callers.errors()[:300]}")
        until(lambda: "0 active channels" in lab.cli("core show channels count"))
        assert subject.listeners is not None
        ports = dict(zip(lab.agents, subject.listeners.ports[1:], strict=True))
        return list(read(sip.read(), api.read(), ports, lab))


def report(seen: Sequence[Seen]) -> str:
    """What was seen, and what is owed."""
    rung = [one for one in seen if one.rung_at is not None]
    told = [one for one in rung if one.told_at is not None]
    to_pop = [(one.told_at - one.called_at) / _NS_IN_MS for one in told if one.told_at is not None]
    ahead = [one.ahead_ms for one in told]
    lines = [
        f"  {len(seen)} callers, {len(rung)} for whom a phone rang, {len(told)} whose pop was seen, "
        f"{sum(one.known for one in told)} of them with a customer",
        _spread("the caller's INVITE to the pop, ms", to_pop),
        _spread("the pop to the agent's INVITE, ms", ahead),
        "",
        "Owed",
        _verdict("pop before the phone", sum(one.in_time for one in seen), len(seen)),
        _verdict("… with the calls he made before", sum(one.remembered for one in told), len(seen)),
    ]
    return "\n".join(lines)


def _spread(what: str, values: Sequence[float]) -> str:
    percents = ((0, "min"), (1, "p1"), (50, "p50"), (99, "p99"), (100, "max"))
    cuts = "".join(f"  {name} {percentile(values, at) or 0:6.2f}" for at, name in percents)
    return f"  {what:36}{cuts}"


def _verdict(what: str, met: int, of: int) -> str:
    share = 100 * met / max(1, of)
    said = "met" if share >= _OWED_PERCENT else "NOT MET"
    return f"  {what:36}{share:7.2f} %  >= {_OWED_PERCENT:g} %  {said}"


async def fill_new(url: str, calls: int) -> str:
    """Make the history there, the newest of it just over; says how much it is."""
    database = Database(url)
    await database.open()
    began = time.perf_counter()
    await database.write(fill, calls, round(time.time() * 1000), facts=True)
    rows = await database.read(
        lambda connection: [
            connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))
            for table in ("calls", "facts")
        ]
    )
    await database.close()
    took = time.perf_counter() - began
    return f"{database.dialect}: {rows[0]} calls and {rows[1]} facts in the tables ({took:.0f} s)"


@contextmanager
def _database(folder: Path, *, postgresql: bool) -> Iterator[str]:
    """The URL of an empty one."""
    if not postgresql:
        yield f"sqlite:///{folder / 'history.db'}"
        return
    from tests.adapters.database.conftest import Server

    server = Server()
    try:
        yield server.new_database()
    finally:
        server.remove()


def main() -> int:
    """As the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m bench.pops", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000, help="history in the tables")
    parser.add_argument("--agents", type=int, default=60)
    parser.add_argument("--per-second", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=40, help="of calls")
    parser.add_argument("--postgresql", action="store_true", help="on a server of our own instead")
    asked = parser.parse_args()
    agents = [f"a{n:04}" for n in range(1, asked.agents + 1)]
    load = getloadavg()[0]
    try:
        parts = ensure_parts(lambda line: None)
        with (
            tempfile.TemporaryDirectory(prefix="cordboard-bench-") as name,
            _database(Path(name), postgresql=asked.postgresql) as url,
        ):
            filled = asyncio.run(fill_new(url, asked.calls))
            with Lab("bench", Path(name), agents, {"support": ()}, parts=parts) as lab:
                log_as_in_production(lab)
                seen = run(lab, url, asked)
    except (LabError, CaptureError, SubjectError, TimeoutError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{parts.version}, {filled}; {asked.agents} agents, {asked.per_second} calls/s, "
        f"load before we began {load:.1f}"
    )
    print(report(seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
