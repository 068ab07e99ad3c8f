"""How the centre and this process stand, as figures that Prometheus can read; looks when it is asked, and names nobody.

Nothing is counted on a call's path for it: all but the lag is read off the board, when somebody scrapes.
"""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from acd.core.agent import DEVICE_LOST, AgentState
from acd.core.board import Board
from cti_api.access import Services

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_ON_SHIFT = tuple(state for state in AgentState if state is not AgentState.LOGGED_OUT)


def exposition(has: Services) -> bytes:
    """All figures as they are now, in Prometheus' text format."""
    registry = CollectorRegistry()
    for one in (_Cordboard(has), PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
        registry.register(one)
    return generate_latest(registry)


class _Cordboard(Collector):
    def __init__(self, has: Services) -> None:
        self._has = has

    def describe(self) -> list[Metric]:
        """Nothing beforehand: the registry would collect to learn the names, and then again for the figures."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Each metric, with what it is now."""
        board = self._has.switchboard.board
        yield from _of_process(self._has)
        yield from _of_queues(board, self._has.switchboard.now_ms())
        yield from _of_agents(board)
        yield _of_calls(board)


def _of_process(has: Services) -> Iterator[Metric]:
    board = has.switchboard.board
    yield _gauge("ready", "1: every Asterisk is heard; as /ready says.", has.ready)
    heard = _gauge("node_heard", "1: this Asterisk is heard.", labels=["node"])
    for node, is_heard in has.heard().items():
        heard.add_metric([node], is_heard)
    yield heard
    if (redis_heard := has.switchboard.redis_heard) is not None:
        yield _gauge("redis_heard", "1: what goes over Redis gets through.", redis_heard)
    yield _counter("faults", "Faults of ours that were mended: should stay 0.", board.faults)
    yield _counter("recordings_failed", "Parts of recordings that failed.", board.unrecorded)
    yield _gauge("outbound_stopped", "1: nobody may call out.", board.outbound_stopped)
    if has.centre is not None:
        good = "1: the rules in force are those of the files that were read last."
        yield _gauge("reload_good", good, has.centre.reload_good)
    yield _gauge("sockets", "WebSockets and event streams here.", has.sockets.open)
    lag = has.lag
    yield HistogramMetricFamily(
        "cordboard_loop_lag_seconds",
        "How late this process is with what it does by the clock.",
        buckets=lag.buckets(),
        sum_value=lag.sum_s,
    )
    if (ledger := has.ledger) is not None:
        yield _gauge("ledger_waits", "1: the database is away.", ledger.waits)
        yield _gauge("ledger_behind", "Facts that are not yet in the database.", ledger.behind)
        yield _counter("ledger_lost", "Facts given up for want of a database.", ledger.lost)


def _of_queues(board: Board, now: int) -> Iterator[Metric]:
    waiting = _gauge("queue_waiting", "Callers, with those for whom a phone rings.", labels=_QUEUE)
    longest = _gauge("queue_longest_wait_seconds", "Of those; 0: nobody waits.", labels=_QUEUE)
    owed = _gauge("queue_callbacks", "Who is to be called back.", labels=_QUEUE)
    answered = _counter("queue_answered", "Callers who came to an agent.", labels=_QUEUE)
    abandoned = _counter("queue_abandoned", "Callers who gave up.", labels=_QUEUE)
    good = _gauge("queue_estimates_good", "1: callers may be told their wait.", labels=_QUEUE)
    agents = _gauge("queue_agents", "Its agents on shift.", labels=[*_QUEUE, "state"])
    callbacks = Counter(call.queue for call in board.calls.values() if call.callback is not None)
    states = Counter((queue, one.state) for one in board.agents.values() for queue in one.queues)
    for queue in board.queues().values():
        name = [queue.id]
        since = queue.longest_since
        waiting.add_metric(name, queue.waiting)
        longest.add_metric(name, max(0, now - since) / 1000 if since is not None else 0)
        owed.add_metric(name, callbacks[queue.id])
        answered.add_metric(name, queue.answered)
        abandoned.add_metric(name, queue.abandoned)
        good.add_metric(name, queue.estimates_good)
        for state in _ON_SHIFT:
            agents.add_metric([queue.id, state], states[queue.id, state])
    yield from (waiting, longest, owed, answered, abandoned, good, agents)


def _of_agents(board: Board) -> Iterator[Metric]:
    states = Counter(one.state for one in board.agents.values())
    agents = _gauge("agents", "Agents, each once.", labels=["state"])
    for state in AgentState:
        agents.add_metric([state], states[state])
    yield agents
    on_shift = (one for one in board.agents.values() if one.state in _ON_SHIFT)
    lost = sum(one.device_state in DEVICE_LOST for one in on_shift)
    yield _gauge("agents_without_phone", "On shift, and the phone is not to be reached.", lost)


def _of_calls(board: Board) -> Metric:
    calls = _gauge("calls", "Live calls.", labels=["phase", "direction"])
    now = Counter((call.phase, call.direction) for call in board.calls.values())
    for (phase, direction), number in sorted(now.items()):
        calls.add_metric([phase, direction], number)
    return calls


_QUEUE = ["queue"]


def _gauge(
    name: str, meaning: str, value: float | None = None, labels: list[str] | None = None
) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"cordboard_{name}", meaning, value=value, labels=labels)


def _counter(
    name: str, meaning: str, value: float | None = None, labels: list[str] | None = None
) -> CounterMetricFamily:
    return CounterMetricFamily(f"cordboard_{name}", meaning, value=value, labels=labels)
