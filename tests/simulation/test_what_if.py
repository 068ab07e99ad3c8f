"""A recorded day under other rules: what people did stays, what the engine decides is decided anew, and sums check."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from acd import journal, what_if
from acd.cli import app
from acd.core.configuration import Configuration
from acd.core.events import Entry
from acd.simulation.office import START_MS, Office
from acd.simulation.results import Results
from acd.simulation.scenario import People, Scenario
from tests.play import centre

pytestmark = pytest.mark.slow

CENTRE = """\
queues:
  support: {name: Support, wrap_up_s: 30, no_answer: retry}
  sales: {name: Sales, wrap_up_s: 30, no_answer: retry}
agents:
  ana: {name: Ana, phone: PJSIP/ana, queues: [support]}
  bob: {name: Bob, phone: PJSIP/bob, queues: [support]}
"""


def recorded_day(folder: Path, configuration: Configuration) -> Path:
    kept = journal.Journal(folder, at=START_MS, retention_days=36_500)
    people = People(calls=120, between_calls_ms=40_000, talk_ms=60_000, patience_ms=90_000)
    scenario = Scenario(
        configuration=configuration,
        doors=((Entry.QUEUE, "support"),),
        people=people,
        duration_ms=3 * 3_600_000,
    )
    Office(scenario, Random(5), lambda _, happening, said: kept.record(happening, said)).play()
    kept.close()
    return kept.path


def adds_up(results: Results) -> bool:
    return sum(load.calls for load in results.agents.values()) == results.answered


def test_the_same_day_under_the_same_rules_and_under_others(tmp_path):
    day, was = what_if.recorded(recorded_day(tmp_path, centre()))
    again = what_if.under(day, day.configuration)
    assert was.offered == again.offered == 120
    assert adds_up(was) and adds_up(again)
    assert abs(was.answered - again.answered) <= 10, "people do what they did"

    one = {name: agent for name, agent in day.configuration.agents.items() if name == "ana"}
    alone = what_if.under(day, replace(day.configuration, agents=one))
    assert alone.offered == 120
    assert set(alone.agents) == {"ana"}
    assert alone.service_level < again.service_level
    assert alone.average_wait_ms > again.average_wait_ms


def test_a_replay_of_a_replay_is_the_same(tmp_path):
    day, _ = what_if.recorded(recorded_day(tmp_path, centre()))
    first, second = (what_if.under(day, day.configuration) for _ in range(2))
    assert first.waits_ms == second.waits_ms


def test_nobody_of_one_queue_is_overtaken_by_a_plain_rule(tmp_path):
    day, _ = what_if.recorded(recorded_day(tmp_path, centre()))
    assert what_if.under(day, day.configuration).overtakes == 0


def test_on_the_command_line(tmp_path):
    file = recorded_day(tmp_path / "journal", centre())
    other = tmp_path / "other.yaml"
    other.write_text(CENTRE)
    result = CliRunner().invoke(app, ["replay", str(file), "--config", str(other)])
    assert result.exit_code == 0, result.output
    for heading in ("as it was", "played again", "other.yaml", "sl.offered"):
        assert heading in result.output
    other.write_text(CENTRE.replace("[support]", "[suport]"))
    result = CliRunner().invoke(app, ["replay", str(file), "--config", str(other)])
    assert result.exit_code == 1
    assert "other.yaml:5" in result.output


def test_an_invented_day_is_the_same_for_the_same_seed(tmp_path):
    file = tmp_path / "centre.yaml"
    file.write_text(CENTRE)
    said = [
        CliRunner().invoke(app, ["simulate", str(file), "--calls", "60", "--seed", seed]).output
        for seed in ("7", "7", "8")
    ]
    assert said[0] == said[1] != said[2]
    assert "seed 7" in said[0]


CALLED_BACK = (
    CENTRE.replace("Support, ", "Support, callback: {key: '1'}, ")
    + """\
outbound:
  queue: support
  routes:
    country: {endpoint: trunk, prefixes: ['+4930'], caller_id: '+4930123456'}
"""
)


def test_an_invented_day_has_callers_who_would_rather_be_called_back(tmp_path):
    file = tmp_path / "centre.yaml"
    file.write_text(CALLED_BACK)
    asked = ["simulate", str(file), "--calls", "300", "--hours", "4", "--call-back", "0.5"]
    said = CliRunner().invoke(app, asked).output
    assert "called back and reached" in said
    nobody = CliRunner().invoke(app, [*asked, "--not-there", "1"]).output
    reached = next(line for line in nobody.splitlines() if "called back and reached" in line)
    assert reached.split()[-1] == "0", "people who do not pick up are not reached"
    assert "not reached, given up" in nobody


# Without the queues of the menu that comes along, and with menus of its own that stand elsewhere.
ONE_QUEUE = """\
queues:
  hotline: {name: Hotline, survey: after-call}
agents:
  ana: {name: Ana, phone: PJSIP/ana, queues: [hotline], client_grace_s: 1}
  zoe: {name: Zoe, phone: PJSIP/zoe}
"""


def test_menus_that_no_played_day_walks_keep_no_centre_from_being_played(tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(ONE_QUEUE.replace("hotline:", "support:").replace("[hotline]", "[support]"))
    file = recorded_day(tmp_path / "journal", centre())
    for asked in (
        ["simulate", str(other), "--calls", "20"],
        ["replay", str(file), "--config", str(other)],
    ):
        result = CliRunner().invoke(app, asked)
        assert result.exit_code == 0, result.output


def test_in_an_invented_day_everybody_has_his_screen_and_who_has_no_call_is_named(tmp_path):
    file = tmp_path / "centre.yaml"
    file.write_text(ONE_QUEUE)
    said = CliRunner().invoke(app, ["simulate", str(file), "--calls", "60"]).output
    rows = {
        row.partition(":")[0].strip(): row.partition("missed")[2].split()
        for row in said.splitlines()
    }
    assert rows["zoe"] == ["0", "+", "0,", "0", "min,", "0"]
    assert int(rows["ana"][0]) > 10, "a rule about screens took nobody off for the day"
