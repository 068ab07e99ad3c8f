"""What every play of a day does: the next thing happens, what the engine decides is carried out; knows no people."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from acd.core import events
from acd.core.commands import Command
from acd.core.engine import Engine, Input
from acd.core.matching import Output
from acd.simulation.agenda import Agenda
from acd.simulation.asterisk import SimAsterisk

Hears = Mapping[type, Callable[[Any], None]]


def go_on(engine: Engine | None, agenda: Agenda, tell: Callable[[Input], object]) -> bool:
    """Let the next thing happen: a deadline of the engine, or what somebody does. Whether there was any."""
    due = engine.next_deadline() if engine is not None else None
    coming = agenda.next_at()
    if due is not None and (coming is None or due <= coming):
        agenda.now = max(agenda.now, due)
        tell(events.TimeReached(at=agenda.now))
    elif coming is not None:
        agenda.do_next()
    return due is not None or coming is not None


def carry_out(outputs: Iterable[Output], asterisk: SimAsterisk, hears: Hears) -> None:
    """Tell each output to who hears such; the other commands are Asterisk's."""
    for output in outputs:
        hear = hears.get(type(output))
        if hear is not None:
            hear(output)
        elif isinstance(output, Command):
            asterisk.obey(output)
