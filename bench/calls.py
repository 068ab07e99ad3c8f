"""Makes figures of captured SIP messages: who was rung when, who stood idle; must never guess a missing one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

from bench.capture import Packet

_USER = re.compile(r"sips?:\+?([^@;>]+)@")
_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What became of the calls of one run, or of several."""

    placed: int = 0
    rung: int = 0  # Callers for whom an agent's phone rang.
    answered: int = 0  # Callers whom Asterisk told so.
    rings: int = 0  # More than `rung` if a phone rang twice for one caller.
    latency_ms: tuple[float, ...] = field(default=(), repr=False)
    idle_ms: tuple[float, ...] = field(default=(), repr=False)

    @property
    def lost(self) -> int:
        """Callers whom nobody answered: there must be none."""
        return self.placed - self.answered

    def __add__(self, other: "Calls") -> "Calls":
        return Calls(
            placed=self.placed + other.placed,
            rung=self.rung + other.rung,
            answered=self.answered + other.answered,
            rings=self.rings + other.rings,
            latency_ms=self.latency_ms + other.latency_ms,
            idle_ms=self.idle_ms + other.idle_ms,
        )


def read_calls(
    packets: Iterable[Packet], *, trunk: str, phones: str, agents: int, warm_up_s: float
) -> Calls:
    """What the packets tell. Callers are told apart by their numbers, so no two may have the same.

    Callers of the first `warm_up_s` are counted but not timed.
    """
    placed: dict[str, int] = {}
    rung: dict[str, int] = {}
    answered: set[str] = set()
    agent_of: dict[str, str] = {}  # By the Call-ID of the leg.
    turns: dict[str, list[tuple[int, bool]]] = {}  # Of each agent: when, and whether it rang.
    over: set[str] = set()
    for packet in packets:
        word = packet.text[:3]
        if word == "INV" and ";tag=" not in packet.header("To"):
            # The first one counts: a repeated INVITE is the network's, or a busy switch's.
            number = user_of(packet.header("From"))
            if packet.source == trunk:
                placed.setdefault(number, packet.at)
            elif packet.target == phones and (leg := packet.header("Call-ID")) not in agent_of:
                agent_of[leg] = user_of(packet.text)
                rung.setdefault(number, packet.at)
                turns.setdefault(agent_of[leg], []).append((packet.at, True))
        elif word == "BYE":
            leg = packet.header("Call-ID")
            if leg in agent_of and leg not in over:
                over.add(leg)
                turns[agent_of[leg]].append((packet.at, False))
        elif word == "SIP" and packet.target == trunk and packet.header("CSeq").endswith("INVITE"):
            answered.add(user_of(packet.header("From")))
    timed_from = min(placed.values(), default=0) + int(warm_up_s * 1000) * _MS
    return Calls(
        placed=len(placed),
        rung=len(placed.keys() & rung.keys()),
        answered=len(answered),
        rings=len(agent_of),
        latency_ms=tuple(
            (rung[number] - at) / _MS
            for number, at in placed.items()
            if at >= timed_from and number in rung
        ),
        idle_ms=tuple(_idle(turns.values(), placed, rung, agents)),
    )


def _idle(
    turns: Iterable[Sequence[tuple[int, bool]]],
    placed: dict[str, int],
    rung: dict[str, int],
    agents: int,
) -> Iterable[float]:
    """From a BYE to the next ring of the same phone, where callers enough for every agent waited."""
    for happened in turns:
        for (ended, rang_then), (next_at, rings) in pairwise(happened):
            if rang_then or not rings:
                continue
            waiting = sum(
                at < ended and rung.get(number, ended + 1) > ended for number, at in placed.items()
            )
            if waiting >= agents:
                yield (next_at - ended) / _MS


def percentile(values: Sequence[float], percent: float) -> float | None:
    """By nearest rank: a value that was measured, never one between two. None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, ceil(len(ranked) * percent / 100) - 1)]


def user_of(text: str) -> str:
    """Of the first SIP URI in this text, without the plus."""
    found = _USER.search(text)
    return found[1] if found else ""
