"""Figures for Prometheus: true of the centre as it is, read by its own parser, and of nobody in particular."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from acd.core import events
from acd.core.events import DeviceState
from cti_api.lag import Lag
from tests.cti_api.desk import NUMBER, WANG, Desk
from tests.play import NODE

DOCS = Path(__file__).parent.parent.parent / "docs"


@dataclass
class Ledger:
    behind: int = 7
    waits: bool = True
    lost: int = 2


class Files:
    reload_good = True


async def figures(desk: Desk, user: str = "aude") -> dict[tuple[str, ...], float]:
    """Each value by its name and labels' values."""
    async with desk.client(user) as client:
        told = await client.get("/metrics")
        assert told.status_code == 200
        assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
        for private in (NUMBER, WANG.name, str(WANG.id), "ana"):
            assert private not in told.text
        return {
            (sample.name.removeprefix("cordboard_"), *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(told.text)
            for sample in family.samples
        }


async def test_how_queues_agents_and_calls_stand():
    desk = Desk(nodes=[NODE], ledger=Ledger())
    try:
        before = await figures(desk)
        assert before["ready",] == 1
        assert before["queue_agents", "support", "ready"] == 0
        await desk.ready("ana", "sol")
        desk.arrives("first")
        desk.talks("first")
        desk.arrives("second")
        desk.now += 4_500
        now = await figures(desk)
        assert now["queue_answered_total", "support"] == 1
        assert now["queue_waiting", "support"] == 1
        assert now["queue_longest_wait_seconds", "support"] == 4.5
        assert now["queue_longest_wait_seconds", "sales"] == 0
        assert now["queue_estimates_good", "support"] == 0
        assert now["queue_agents", "support", "busy-acd"] == 1
        assert now["queue_agents", "sales", "ready"] == 1
        assert now["agents", "logged-out"] == 1
        assert now["calls", "in", "waiting"] == 1
        assert now["calls", "in", "talking"] == 1
        assert now["ledger_waits",] == 1
        assert (now["ledger_behind",], now["ledger_lost_total",]) == (7, 2)
        assert now["process_resident_memory_bytes",] > 10_000_000
        desk.tell(events.NodeLost(at=desk.now, node=NODE))
        away = await figures(desk)
        assert (away["ready",], away["node_heard", NODE]) == (0, 0)
    finally:
        desk.switchboard.stop()


async def test_a_database_that_is_away_is_told_to_probes_too():
    desk = Desk(ledger=Ledger())
    try:
        async with desk.client() as client:
            assert (await client.get("/ready")).json()["database"] == "waited-for"
    finally:
        desk.switchboard.stop()


async def test_a_phone_that_is_gone_is_seen():
    desk = Desk()
    try:
        await desk.ready("ana")
        for state, lost in ((DeviceState.INUSE, 0), (DeviceState.UNAVAILABLE, 1)):
            desk.tell(events.DeviceChanged(at=desk.now, node=NODE, device="PJSIP/ana", state=state))
            assert (await figures(desk))["agents_without_phone",] == lost
    finally:
        desk.switchboard.stop()


async def test_every_alert_asks_for_figures_that_there_are():
    desk = Desk(nodes=[NODE], ledger=Ledger(), centre=Files())
    desk.switchboard.redis_heard = False
    try:
        there = {f"cordboard_{name}" for name, *_ in await figures(desk)}
    finally:
        desk.switchboard.stop()
    rules = yaml.safe_load((DOCS / "alerts.yaml").read_text())["groups"][0]["rules"]
    page = (DOCS / "operations.md").read_text()
    for rule in rules:
        asked = set(re.findall(r"cordboard_[a-z_]+", rule["expr"]))
        assert asked <= there, rule["alert"]
        assert f"| {rule['alert'].removeprefix('Cordboard')} |" in page


@pytest.mark.parametrize("late_s", [0.0, 0.001, 0.0011, 3.0])
def test_the_lag_is_a_histogram(late_s: float) -> None:
    lag = Lag()
    lag.see(late_s)
    buckets = lag.buckets()
    assert buckets[-1] == ("+Inf", 1)
    assert all((number == 1) == (late_s <= float(limit)) for limit, number in buckets)
    assert lag.sum_s == late_s
