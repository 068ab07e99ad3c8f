"""Plays a centre without ringing anybody: a recorded day under other rules, or an invented day; for the command line.

Results stand side by side with what they are compared with, from one run each; nothing is measured here
that the real engine has not decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from rich.table import Table

from acd import journal
from acd.core.configuration import Configuration
from acd.core.engine import Input
from acd.core.events import Entry
from acd.core.matching import Output
from acd.simulation.day import Day
from acd.simulation.office import Office
from acd.simulation.recorded import taken_from
from acd.simulation.replay import ASKS_BACK, Replay, asked_at_once
from acd.simulation.results import Load, Results
from acd.simulation.scenario import People, Scenario

_MOST_SAID = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Results under a heading."""

    heading: str
    results: Results


def recorded(file: Path) -> tuple[Day, Results]:
    """The day that a journal tells, and how it went. Raises JournalError."""
    results = Results()
    steps: list[tuple[Input, list[Output]]] = []
    for step in journal.replay(journal.parts(file)):
        results.hear_all(step.outputs)
        steps.append((step.happening, step.outputs))
    return taken_from(steps), results


def under(day: Day, configuration: Configuration | None = None) -> Results:
    """How the same day goes under these rules, or under its own, and what of it they do not know or refuse."""
    results = Results()
    replay = Replay(day, configuration, lambda _, outputs: results.hear_all(outputs))
    replay.play()
    results.amiss = replay.amiss
    return results


def invented(
    configuration: Configuration, *, calls: int, seed: int, people: People, hours: float
) -> Results:
    """How an invented day goes: callers evenly over all queues, everything else from the seed."""
    results = Results(agents={agent: Load() for agent in configuration.agents})
    doors = tuple((Entry.QUEUE, str(name)) for name in configuration.queues)
    scenario = Scenario(
        configuration=asked_at_once(configuration),
        doors=doors,
        people=replace(people, key_for_callback=ASKS_BACK, numbers=_callable(configuration)),
        duration_ms=round(hours * 3_600_000),
    )
    random = Random(seed)  # noqa: S311 # Not a secret, but a seed that has to give the same again.
    Office(scenario, random, lambda _o, _i, outputs: results.hear_all(outputs)).play()
    assert calls >= results.offered
    return results


def _callable(configuration: Configuration) -> str:
    """How the numbers of callers begin, so that they may be called back by some route."""
    prefixes = [prefix for route in configuration.outbound.routes for prefix in route.prefixes]
    return f"{prefixes[0]}138" if prefixes else "+86138"


def not_played(day: Day) -> str:
    """What a replay of this day leaves out, in one line; empty if nothing."""
    left_out = ", ".join(f"{count} {kind}" for kind, count in sorted(day.left_out.items()))
    return f"Left out of what is played: {left_out}." if left_out else ""


def amiss(column: "Column") -> str:
    """What the rules of a column do not know, or refuse, in one line; empty if nothing."""
    most = column.results.amiss.most_common(_MOST_SAID)
    if not most:
        return ""
    said = "; ".join(f"{problem} ({count} times)" for problem, count in most)
    more = len(column.results.amiss) - len(most)
    return f"{column.heading}: {said}{f'; and {more} more' if more else ''}."


def compared(columns: Sequence[Column]) -> Table:
    """The figures of each, side by side, with the formula of what could be meant in several ways."""
    table = Table("", *(column.heading for column in columns), box=None)
    figures = [(column.results) for column in columns]

    def row(label: str, *cells: str) -> None:
        table.add_row(label, *cells)

    row("offered = answered + abandoned + flowed out", *(str(r.offered) for r in figures))
    row("refused: closed, full, or nobody there", *(str(r.refused) for r in figures))
    row("answered", *(str(r.answered) for r in figures))
    row("abandoned", *(str(r.abandoned) for r in figures))
    row("flowed out", *(str(r.flowed_out) for r in figures))
    row("sl.offered, 20 s, without short abandons", *(f"{r.service_level:.1%}" for r in figures))
    row("wait of the answered, average", *(_s(r.average_wait_ms) for r in figures))
    row("  half within", *(_s(r.wait_ms(0.5)) for r in figures))
    row("  95 of 100 within", *(_s(r.wait_ms(0.95)) for r in figures))
    row("  longest", *(_s(r.wait_ms(1.0)) for r in figures))
    row(
        "rung for before an earlier one of the queue",
        *(str(r.overtakes) for r in figures),
    )
    if any(r.promised for r in figures):
        row("asked to be called back, or owed it", *(str(r.promised) for r in figures))
        row("  called back and reached", *(str(r.paid) for r in figures))
        row("    after, on average", *(_min(r.average_debt_ms) if r.paid else "–" for r in figures))
        row("  has called again himself", *(str(r.resumed) for r in figures))
        row("  not reached, given up", *(str(r.unpaid) for r in figures))
        row("  owed still", *(str(r.owed) for r in figures))
    if any(r.called_out for r in figures):
        row("calls out that were answered", *(str(r.called_out) for r in figures))
    for agent in sorted({agent for result in figures for agent in result.agents}):
        loads = [result.agents.get(agent) for result in figures]
        row(
            f"{agent}: calls in and out, talk, missed",
            *(
                f"{load.calls} + {load.called}, {load.talked_ms / 60_000:.0f} min, {load.missed}"
                if load
                else "–"
                for load in loads
            ),
        )
    return table


def _min(duration_ms: float) -> str:
    return f"{duration_ms / 60_000:.1f} min"


def _s(duration_ms: float) -> str:
    return f"{duration_ms / 1000:.1f} s"
