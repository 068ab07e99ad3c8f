"""Simulated days as the notices that were told on them, by life of the process; for the books to be kept of."""

from random import Random

from acd.core.notices import Notice
from acd.reports.bookkeeping import Bookkeeper
from acd.reports.facts import Fact
from acd.simulation.office import Office
from acd.simulation.results import Results
from acd.simulation.scenario import Scenario


def lives(scenario: Scenario, seed: int) -> tuple[list[list[Notice]], Results]:
    """What each life of the process told, in order; and what the simulation itself makes of the day."""
    told: list[list[Notice]] = []
    results = Results()

    def watch(office: Office, _happening: object, outputs: list[object]) -> None:
        while len(told) < office.lives:
            told.append([])
        told[-1] += [said for said in outputs if isinstance(said, Notice)]
        results.hear_all(outputs)

    Office(scenario, Random(seed), watch).play()
    return told, results


def books(notices: list[Notice]) -> list[Fact]:
    """All facts of a day on which the process did not fall."""
    bookkeeper = Bookkeeper()
    return [fact for notice in notices for fact in bookkeeper.hear(notice)]
