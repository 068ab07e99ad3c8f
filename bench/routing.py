"""Routing latency, idle agents and cost per call of Cordboard, beside app_queue and the barest ARI application.

All three route the same calls on the same Asterisk, one after the other and back again, so that a noisy
moment of the machine does not meet one of them only. It prints what it saw and what is owed
(`met` or `NOT MET`), and must never fail over a figure: a bench is not a test.
"""

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from os import cpu_count, getloadavg
from pathlib import Path

from acd.adapters.asterisk.lab import Lab, LabError
from acd.adapters.asterisk.lab_parts import Parts, ensure_parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from bench.calls import Calls, percentile, read_calls
from bench.capture import Capture, CaptureError, sip_of
from bench.subjects import (
    Running,
    SubjectError,
    app_queue,
    bare_ari,
    cordboard,
    log_as_in_production,
)
from bench.usage import descendant, usage_of
from bench.waiting import until

ROUNDS = 2
_WARM_UP_S = 2.0  # The first calls open connections and fill caches: counted, not timed.
_SETTLE_S = 1.0
_PATIENCE_MS = 60_000  # A caller who is lost must not hold up the bench for ever.
_RING_MS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """So many agents, and callers who come at a steady rate or all at once, again and again."""

    name: str
    title: str
    agents: int
    per_second: int
    at_once: int = 0
    talk_ms: int = 2000
    on_request: bool = False  # Takes too long for every day.

    def waves(self, seconds: float) -> list[int]:
        """How many callers come together; the next wave comes when the last one is over."""
        if not self.at_once:
            return [round(self.per_second * seconds)]
        wave_s = self.at_once / self.agents * (self.talk_ms + _RING_MS) / 1000
        return [self.at_once] * max(1, round(seconds / wave_s))


SCENARIOS = (
    Scenario(name="50x15", title="50 agents, 15 calls/s", agents=50, per_second=15),
    Scenario(name="1000x40", title="1,000 agents, 40 calls/s", agents=1000, per_second=40),
    Scenario(
        name="5x40",
        title="5 agents, 40 callers at once, again and again",
        agents=5,
        per_second=400,
        at_once=40,
        talk_ms=600,
    ),
    Scenario(
        name="50x40",
        title="50 agents, 40 calls/s",
        agents=50,
        per_second=40,
        talk_ms=800,
        on_request=True,
    ),
    Scenario(
        name="1000x15",
        title="1,000 agents, 15 calls/s",
        agents=1000,
        per_second=15,
        on_request=True,
    ),
    Scenario(
        name="10000x10",
        title="10,000 agents, 10 calls/s",
        agents=10_000,
        per_second=10,
        on_request=True,
    ),
    Scenario(
        name="10000x40",
        title="10,000 agents, 40 calls/s",
        agents=10_000,
        per_second=40,
        on_request=True,
    ),
)

SUBJECTS: dict[str, Callable[[Lab], AbstractContextManager[Running]]] = {
    "cordboard": cordboard,
    "floor": bare_ari,
    "app_queue": app_queue,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one subject did in one scenario, all rounds together."""

    calls: Calls
    asterisk_cpu_s: float
    cpu_s: float | None  # None: it is Asterisk itself.
    resident_mb: float | None
    complaints: tuple[str, ...] = ()

    def __add__(self, other: "Result") -> "Result":
        return Result(
            calls=self.calls + other.calls,
            asterisk_cpu_s=self.asterisk_cpu_s + other.asterisk_cpu_s,
            cpu_s=None if self.cpu_s is None else self.cpu_s + (other.cpu_s or 0),
            resident_mb=self.resident_mb and max(self.resident_mb, other.resident_mb or 0),
            complaints=self.complaints + other.complaints,
        )

    @property
    def asterisk_ms(self) -> float:
        """Of processor time, per call."""
        return 1000 * self.asterisk_cpu_s / max(1, self.calls.placed)

    @property
    def own_ms(self) -> float | None:
        """Of processor time, per call."""
        return None if self.cpu_s is None else 1000 * self.cpu_s / max(1, self.calls.placed)

    def latency(self, percent: float) -> float | None:
        return percentile(self.calls.latency_ms, percent)

    def idle(self, percent: float) -> float | None:
        return percentile(self.calls.idle_ms, percent)


Results = dict[str, dict[str, Result]]  # By scenario and subject.


# Measuring.


def measure(lab: Lab, name: str, scenario: Scenario, seconds: float) -> Result:
    """One round of one subject."""
    phones = {
        # Not all to the same millisecond, or five agents come free at once, and wait for each other.
        agent: Phone(ring_ms=_RING_MS, talk_ms=scenario.talk_ms + n % 7 * scenario.talk_ms // 50)
        for n, agent in enumerate(lab.agents)
    }
    with (
        SUBJECTS[name](lab) as subject,
        AgentPhones(lab, phones, trace=False),
        Capture(sip_of(lab.index)) as capture,
    ):
        time.sleep(_SETTLE_S)
        asterisk = descendant(lab.pid, "asterisk")
        asterisk_before = usage_of(asterisk)
        before = usage_of(subject.pid) if subject.pid else None
        complaints = list(_place(lab, scenario, seconds, subject.extension))
        asterisk_after = usage_of(asterisk)
        after = usage_of(subject.pid) if subject.pid else None
        if (heard := subject.listeners) and (heard.lost or not heard.frames):
            complaints.append(f"{heard.lost} listeners were cut off; {heard.frames} frames came")
        calls = read_calls(
            capture.read(),
            trunk=lab.trunk_address,
            phones=lab.agents_address,
            agents=scenario.agents,
            warm_up_s=0 if scenario.at_once else min(_WARM_UP_S, seconds / 3),
        )
    return Result(
        # What was waited for is not what was routed: latency has no meaning with a backlog.
        calls=replace(calls, latency_ms=()) if scenario.at_once else replace(calls, idle_ms=()),
        asterisk_cpu_s=asterisk_after.cpu_s - asterisk_before.cpu_s,
        cpu_s=after.cpu_s - before.cpu_s if after and before else None,
        resident_mb=after.resident_mb if after else None,
        complaints=tuple(complaints),
    )


def _place(lab: Lab, scenario: Scenario, seconds: float, extension: str) -> Iterator[str]:
    """All calls, until nobody talks any more; yields what went wrong."""
    number = 0
    for wave in scenario.waves(seconds):
        calls = [
            Call(number=f"+8613800{number + n:06}", extension=extension, patience_ms=_PATIENCE_MS)
            for n in range(wave)
        ]
        number += wave
        with Callers(lab, calls, per_second=scenario.per_second, trace=False) as callers:
            if not callers.wait(wave / scenario.per_second + 2 * _PATIENCE_MS / 1000):
                yield f"not every caller had the call he wanted: {callers.errors()[:300]}"
        until(lambda: "0 active channels" in lab.cli("core show channels count"))


def run(
    parts: Parts, scenarios: Sequence[Scenario], subjects: Sequence[str], seconds: float
) -> Results:
    """Everything, on one Asterisk for each scenario."""
    results: Results = {}
    for scenario in scenarios:
        found = results.setdefault(scenario.name, {})
        agents = [f"a{n:04}" for n in range(1, scenario.agents + 1)]
        with (
            tempfile.TemporaryDirectory(prefix="cordboard-bench-") as folder,
            # The fallback's queue is empty: who logs in to Cordboard joins it.
            Lab("bench", Path(folder), agents, {"support": ()}, parts=parts) as lab,
        ):
            log_as_in_production(lab)
            for turn in range(ROUNDS):
                for name in subjects[:: -1 if turn % 2 else 1]:
                    _say(f"{scenario.title}: {name}, round {turn + 1} of {ROUNDS}")
                    try:
                        result = measure(lab, name, scenario, seconds / ROUNDS)
                    except (SubjectError, LabError, TimeoutError) as error:
                        _say("")
                        print(f"{scenario.name}: {name} was not measured: {error}", file=sys.stderr)
                        lab.cli("channel request hangup all")
                        continue
                    found[name] = found[name] + result if name in found else result
    _say("")
    return results


# Printing.


def table(results: Results) -> str:
    lines = []
    for scenario in SCENARIOS:
        found = results.get(scenario.name, {})
        if not found:
            continue
        measured = "idle with callers waiting" if scenario.at_once else "routing latency"
        lines += [
            "",
            scenario.title,
            f"  {'':<10}{measured + ', ms':^32}{'CPU per call, ms':^20}{'':>8}{'calls':^26}",
            f"  {'':<10}{'p50':>8}{'p90':>8}{'p99':>8}{'max':>8}{'Asterisk':>11}{'own':>9}{'MB':>8}"
            f"{'placed':>8}{'answered':>10}{'lost':>6}",
        ]
        for name, result in found.items():
            of = result.idle if scenario.at_once else result.latency
            spread = "".join(_number(of(percent), 8) for percent in (50, 90, 99, 100))
            lines.append(
                f"  {name:<10}{spread}{_number(result.asterisk_ms, 11)}{_number(result.own_ms, 9)}"
                f"{_number(result.resident_mb, 8, 0)}"
                f"{result.calls.placed:>8}{result.calls.answered:>10}{result.calls.lost:>6}"
            )
        for name, result in found.items():
            if result.calls.rings != result.calls.rung:
                lines.append(
                    f"  {name}: phones rang {result.calls.rings} times for {result.calls.rung} callers"
                )
            lines += [f"  {name}: {complaint}" for complaint in result.complaints]
    return "\n".join(lines)


def owed(results: Results) -> str:
    """What Cordboard owes, and whether it was met in this run."""
    lines = ["", "Owed"]
    for scenario in SCENARIOS:
        found = results.get(scenario.name, {})
        ours, floor, theirs = (found.get(name) for name in ("cordboard", "floor", "app_queue"))
        if ours is None:
            continue
        if ours.calls.lost:
            lines.append(_verdict(scenario, "callers lost", ours.calls.lost, "= 0", met=False))
        if scenario.at_once:
            idle = ours.idle(99)
            lines.append(_verdict(scenario, "idle p99, ms", idle, "≤ 10", met=_most(idle, 10)))
        elif floor:
            for percent, most in ((50, 1.5), (99, 2.0)):
                ratio = _ratio(ours.latency(percent), floor.latency(percent))
                what = f"latency p{percent} / floor"
                lines.append(_verdict(scenario, what, ratio, f"≤ {most}", met=_most(ratio, most)))
        if not scenario.at_once and theirs:
            mine, other = ours.latency(50), theirs.latency(50)
            behind = None if mine is None or other is None else mine - other
            most = 0 if scenario.agents >= 1000 else 2
            what = "latency p50 behind app_queue, ms"
            lines.append(_verdict(scenario, what, behind, f"≤ {most}", met=_most(behind, most)))
        if floor:
            ratio = _ratio(ours.own_ms, floor.own_ms)
            lines.append(_verdict(scenario, "CPU / floor", ratio, "≤ 3", met=_most(ratio, 3)))
        if ours.resident_mb:
            # Owed at 10,000 agents; whoever is above it with fewer is above it there too.
            most = 200
            met = _most(ours.resident_mb, most)
            lines.append(_verdict(scenario, "resident, MB", ours.resident_mb, f"≤ {most}", met=met))
    return "\n".join(lines) if len(lines) > 2 else ""


def _verdict(scenario: Scenario, what: str, value: float | None, limit: str, *, met: bool) -> str:
    said = "not measured" if value is None else "met" if met else "NOT MET"
    return f"  {scenario.name:<9}{what:<36}{_number(value, 8, 2)}  {limit:<7} {said}"


def _most(value: float | None, limit: float) -> bool:
    return value is not None and value <= limit


def _ratio(ours: float | None, other: float | None) -> float | None:
    return ours / other if ours is not None and other else None


def _number(value: float | None, width: int, digits: int = 1) -> str:
    return f"{'–' if value is None else f'{value:.{digits}f}':>{width}}"


def _say(line: str) -> None:
    """What is being done, on one line that the next one replaces; nothing when nobody looks."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.routing", description=__doc__)
    names = ", ".join(one.name + " (on request)" * one.on_request for one in SCENARIOS)
    parser.add_argument(
        "--only",
        action="append",
        metavar="SCENARIO",
        choices=[one.name for one in SCENARIOS],
        help=f"one or more of {names}",
    )
    parser.add_argument(
        "--subject", action="append", choices=list(SUBJECTS), help="one or more of the three"
    )
    parser.add_argument(
        "--seconds", type=float, default=24, help="of calls for each subject (default: 24)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every figure there")
    wanted = parser.parse_args()
    usual = [one.name for one in SCENARIOS if not one.on_request]
    load = getloadavg()[0]
    try:
        parts = ensure_parts(_say)
        results = run(
            parts,
            [one for one in SCENARIOS if one.name in (wanted.only or usual)],
            [name for name in SUBJECTS if not wanted.subject or name in wanted.subject],
            wanted.seconds,
        )
    except (LabError, CaptureError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{parts.version}, Python {platform.python_version()}, {cpu_count()} processors, "
        f"load before we began {load:.1f}: {wanted.seconds:g} s of calls each, in {ROUNDS} rounds"
    )
    print(table(results))
    print(owed(results))
    if wanted.json:
        plain = {
            scenario: {name: asdict(result) for name, result in found.items()}
            for scenario, found in results.items()
        }
        wanted.json.write_text(json.dumps(plain, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
