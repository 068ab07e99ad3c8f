"""Twenty days of bad luck, twenty of good; the same seed gives the same day; and theory agrees."""

import os
import subprocess
import sys
from math import sqrt
from statistics import mean, stdev
from typing import Any

import pytest

from acd.core.configuration import AgentProfile, Configuration, QueueRules
from acd.core.events import Entry
from acd.core.ids import AgentId, QueueId
from acd.core.notices import Ending
from acd.simulation.scenario import People, Scenario
from acd.staffing.erlang import erlang_a, erlang_c
from tests.simulation.census import Census
from tests.simulation.swarm import (
    asking,
    calling,
    calling_back,
    hostile,
    peaceful,
    previewing,
    routing,
    ruled,
    scenario,
    supervising,
    surveying,
)


def days(seeds: range, every_day: range) -> list[Any]:
    """One day for each of these seeds; some are played every day, twenty in all, and more where there is time."""
    return [
        pytest.param(seed, marks=[] if seed in every_day else [pytest.mark.slow]) for seed in seeds
    ]


@pytest.mark.parametrize("seed", days(range(20), range(4, 12)))
def test_a_day_on_which_things_go_wrong(seed):
    print(f"seed {seed}")
    Census(ruled(scenario(seed), seed), seed).play()


@pytest.mark.parametrize("seed", days(range(100, 110), range(100, 108)))
def test_a_day_on_which_nothing_goes_wrong(seed):
    print(f"seed {seed}")
    Census(ruled(peaceful(seed), seed), seed).play().settle_a_peaceful_day()


@pytest.mark.parametrize("seed", days(range(200, 204), range(200, 202)))
def test_a_day_on_which_agents_ask_each_other(seed):
    print(f"seed {seed}")
    day = Census(asking(ruled(peaceful(seed), seed)), seed).play()
    assert day.office.asterisk.bridges.longest_alone_ms <= 1_000


@pytest.mark.parametrize("seed", days(range(20, 40), range(20, 22)))
def test_a_day_on_which_agents_ask_each_other_and_things_go_wrong(seed):
    print(f"seed {seed}")
    Census(asking(ruled(scenario(seed), seed)), seed).play()


@pytest.mark.parametrize("seed", days(range(500, 506), range(500, 502)))
def test_a_day_on_which_supervisors_listen(seed):
    print(f"seed {seed}")
    day = Census(supervising(asking(ruled(peaceful(seed), seed))), seed).play()
    assert day.office.asterisk.bridges.longest_alone_ms <= 1_000
    assert day.tally["SupervisionEnded"]


@pytest.mark.parametrize("seed", days(range(520, 540), range(520, 522)))
def test_a_day_on_which_supervisors_listen_and_things_go_wrong(seed):
    print(f"seed {seed}")
    Census(supervising(asking(ruled(scenario(seed), seed))), seed).play()


@pytest.mark.parametrize("seed", days(range(300, 306), range(300, 302)))
def test_a_day_on_which_agents_call_people(seed):
    print(f"seed {seed}")
    day = Census(calling(ruled(peaceful(seed), seed)), seed).play()
    assert day.office.asterisk.bridges.longest_alone_ms <= 1_000
    assert day.tally["NumberDialled"] and day.tally[Ending.NOT_REACHED.value]


@pytest.mark.parametrize("seed", days(range(320, 340), range(320, 323)))
def test_a_day_on_which_agents_call_people_and_ask_each_other_and_things_go_wrong(seed):
    print(f"seed {seed}")
    Census(calling(asking(ruled(scenario(seed), seed))), seed).play()


@pytest.mark.parametrize("seed", days(range(600, 606), range(600, 602)))
def test_a_day_on_which_callers_are_called_back(seed):
    print(f"seed {seed}")
    day = Census(calling_back(ruled(peaceful(seed), seed)), seed).play()
    assert day.office.asterisk.bridges.longest_alone_ms <= 1_000
    assert day.tally["CallbackEnded"]


@pytest.mark.parametrize("seed", days(range(620, 640), range(620, 623)))
def test_a_day_on_which_callers_are_called_back_and_things_go_wrong(seed):
    print(f"seed {seed}")
    Census(calling_back(calling(asking(ruled(scenario(seed), seed)))), seed).play()


@pytest.mark.parametrize("seed", days(range(640, 650), range(640, 642)))
def test_a_day_on_which_agents_are_shown_whom_to_call_and_things_go_wrong(seed):
    print(f"seed {seed}")
    day = Census(calling_back(previewing(ruled(scenario(seed), seed))), seed).play()
    assert day.tally["PreviewEnded"]


@pytest.mark.parametrize("seed", days(range(660, 670), range(660, 662)))
def test_a_day_on_which_an_external_router_is_asked(seed):
    print(f"seed {seed}")
    day = Census(routing(ruled(peaceful(seed), seed)), seed).play()
    assert day.tally["RouteRequested"] or seed > 661


@pytest.mark.parametrize("seed", days(range(680, 700), range(680, 682)))
def test_a_day_on_which_an_external_router_is_asked_and_things_go_wrong(seed):
    print(f"seed {seed}")
    Census(routing(ruled(scenario(seed), seed)), seed).play()


@pytest.mark.parametrize("seed", days(range(400, 420), range(400, 402)))
def test_a_day_on_which_callers_say_what_they_think_and_things_go_wrong(seed):
    print(f"seed {seed}")
    day = Census(surveying(asking(ruled(scenario(seed), seed))), seed).play()
    asked = day.tally["SurveyBegan"] and day.tally["SurveyAnswered"]
    assert asked or seed > 401, "on some of these days nobody stays"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 11))
def test_a_day_on_which_hardly_anything_arrives(seed):
    print(f"seed {seed}")
    # What a look around finds has to be said over the same wire.
    Census(ruled(hostile(seed), seed), seed, looks=4).play()


# Days on which something was found once.


@pytest.mark.parametrize("seed", [100, 122])
def test_a_day_without_rules_on_which_things_go_wrong(seed):
    Census(scenario(seed), seed).play()


def test_music_that_got_lost_is_started_anew():
    Census(hostile(288), 288, looks=4).play()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1037, 2003, 2010, 2042])
def test_a_day_of_callbacks_on_which_hardly_anything_arrives(seed):
    Census(calling_back(calling(asking(ruled(hostile(seed), seed)))), seed, looks=4).play()
    Census(calling_back(previewing(ruled(hostile(seed), seed))), seed, looks=4).play()


@pytest.mark.slow
def test_a_caller_who_overflows_when_nobody_is_there_and_a_router_is_asked():
    Census(routing(calling_back(calling(asking(ruled(scenario(2042), 2042))))), 2042).play()


def test_a_day_is_the_same_under_every_hash_seed():
    def digest(hash_seed: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seed", "4"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[2]

    assert digest("1") == digest("2") == Census(ruled(scenario(4), 4), 4).play().digest


WARM_UP = 100  # Calls.


@pytest.mark.slow
@pytest.mark.parametrize(("agents", "load", "days"), [(1, 0.5, 8), (5, 4.0, 20)])
def test_with_patient_callers_and_quick_agents_it_is_the_queue_that_erlang_knew(agents, load, days):
    played = (Census(_textbook(agents, load), seed).play() for seed in range(days))
    # A day begins with everybody idle, which the theory never saw.
    shares = [mean(wait > 0 for wait in day.waits_ms[WARM_UP:]) for day in played]
    error = stdev(shares) / sqrt(days)
    assert error < 0.03, "too few days to say anything"
    said = erlang_c(agents, load, aht_ms=1, within_ms=0)
    assert mean(shares) == pytest.approx(said.waits, abs=3 * error)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("agents", "load", "patience", "days"),
    [(1, 0.8, 1.0, 20), (5, 5.5, 0.5, 20), (5, 6.0, 2.0, 20)],
)
def test_with_impatient_callers_as_many_give_up_as_palm_said(agents, load, patience, days):
    textbook = _textbook(agents, load, patience)
    played = [Census(textbook, seed).play() for seed in range(days)]
    # Calls in the order of their arrival; the first of a day meet agents who are all idle.
    fates = [list(day.told.values())[WARM_UP:] for day in played]
    shares = [mean(Ending.ABANDONED in told.endings for told in day) for day in fates]
    error = stdev(shares) / sqrt(days)
    assert error < 0.02, "too few days to say anything"
    said = erlang_a(agents, load, aht_ms=1, within_ms=0, patience_ms=patience)
    assert mean(shares) == pytest.approx(said.abandoned, abs=3 * error)


def _textbook(agents: int, load: float, patience: float | None = None) -> Scenario:
    talk_ms = 10_000
    queue = QueueId("q")
    names = [AgentId(f"a{n}") for n in range(agents)]
    return Scenario(
        configuration=Configuration(
            queues={queue: QueueRules(id=queue, name="q", wrap_up_ms=0)},
            agents={
                name: AgentProfile(id=name, name=name, device=f"PJSIP/{name}", queues=(queue,))
                for name in names
            },
        ),
        doors=((Entry.QUEUE, queue),),
        people=People(
            calls=500,
            between_calls_ms=talk_ms / load,
            patience_ms=None if patience is None else patience * talk_ms,
            talk_ms=talk_ms,
            pick_up_ms=0,
            identify_ms=0,
        ),
        duration_ms=10**12,
    )
