"""What a storm of callers leaves behind: a thousand in ten seconds, and the calls before and after it.

    python -m bench.storm

Fifty agents can take a third of them as fast as they come. Nobody may be lost, and thirty seconds after the last one
has called a phone must ring as soon as it did before. It prints what it saw and what is owed, and must never fail
over a figure: a bench is not a test.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.lab_parts import ensure_parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from bench.calls import Calls, percentile, read_calls
from bench.capture import Capture, CaptureError, sip_of
from bench.subjects import cordboard, log_as_in_production
from bench.usage import usage_of
from bench.waiting import until

_AGENTS = 50
_CALM, _CALM_PER_SECOND = 150, 15
_STORM, _STORM_PER_SECOND = 1000, 100
_RING_MS, _TALK_MS = 100, 1500
_PATIENCE_MS = 60_000
_NORMAL_AFTER_S = 30  # From the last caller of the storm.
_WARM_UP = 30


@contextmanager
def _calling(lab: Lab, first: int, callers: int, per_second: int) -> Iterator[Callers]:
    calls = [
        Call(number=f"+8613800{first + n:06}", extension="4001", patience_ms=_PATIENCE_MS)
        for n in range(callers)
    ]
    with Callers(lab, calls, per_second=per_second, trace=False) as running:
        yield running


def _seen(lab: Lab, first: int, callers: int, per_second: int) -> Calls:
    """What became of so many callers, all over now."""
    with Capture(sip_of(lab.index)) as capture:
        with _calling(lab, first, callers, per_second) as running:
            if not running.wait(callers / per_second + 2 * _PATIENCE_MS / 1000):
                print(f"not every caller had the call he wanted: {running.errors()[:300]}")
        until(lambda: "0 active channels" in lab.cli("core show channels count"))
        return read_calls(
            capture.read(),
            trunk=lab.trunk_address,
            phones=lab.agents_address,
            agents=_AGENTS,
            warm_up_s=0,
        )


def _line(name: str, calls: Calls) -> str:
    figures = (percentile(calls.latency_ms, percent) for percent in (50, 90, 99, 100))
    shown = "".join(f"{'-' if one is None else format(one, '.1f'):>10}" for one in figures)
    return (
        f"  {name:<14}{shown}{calls.placed:>9}{calls.answered:>10}{calls.lost:>6}{calls.rings:>7}"
    )


def main() -> None:
    """The three parts on one Asterisk and one server."""
    agents = [f"a{n:04}" for n in range(1, _AGENTS + 1)]
    phones = {
        agent: Phone(ring_ms=_RING_MS, talk_ms=_TALK_MS + n % 7 * _TALK_MS // 50)
        for n, agent in enumerate(agents)
    }
    with (
        tempfile.TemporaryDirectory(prefix="cordboard-bench-") as folder,
        Lab("bench", Path(folder), agents, {"support": ()}, parts=ensure_parts()) as lab,
    ):
        log_as_in_production(lab)
        with cordboard(lab) as server, AgentPhones(lab, phones, trace=False):
            time.sleep(1)
            _seen(lab, 0, _WARM_UP, _CALM_PER_SECOND)
            before = _seen(lab, 1_000, _CALM, _CALM_PER_SECOND)
            began = time.monotonic()
            storm = _seen(lab, 10_000, _STORM, _STORM_PER_SECOND)
            took = time.monotonic() - began
            # Not sooner than owed, and not later if the storm is over by then.
            time.sleep(max(0.0, _STORM / _STORM_PER_SECOND + _NORMAL_AFTER_S - took))
            after = _seen(lab, 20_000, _CALM, _CALM_PER_SECOND)
            usage = usage_of(server.pid) if server.pid else None
            listeners = server.listeners
    print(f"\n{_STORM:,} callers in {_STORM / _STORM_PER_SECOND:.0f} s for {_AGENTS} agents")
    heads = f"{'p50':>6}{'p90':>10}{'p99':>10}{'max':>10}{'placed':>9}{'answered':>10}{'lost':>6}"
    print(f"  INVITE to INVITE, ms{heads}{'rings':>7}")
    for name, calls in (("before", before), ("the storm", storm), ("after", after)):
        print(_line(name, calls))
    print(f"  all of them had been served {took:.1f} s after the first had called")
    if usage is not None:
        print(f"  resident: {usage.resident_mb:.0f} MB")
    if listeners is not None:
        print(f"  listeners: {listeners.lost} cut off, {listeners.frames:,} frames")
    lost = before.lost + storm.lost + after.lost
    print(f"lost: {lost} (owed: none): {'met' if not lost else 'NOT MET'}")
    was, is_now = percentile(before.latency_ms, 50), percentile(after.latency_ms, 50)
    if was and is_now:
        met = "met" if is_now <= 1.5 * was else "NOT MET"
        print(f"p50 after / before: {is_now / was:.2f} (normal again: at most 1.5): {met}")


if __name__ == "__main__":
    try:
        main()
    except CaptureError as error:
        sys.exit(str(error))
