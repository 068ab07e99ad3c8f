"""Commands `replay` and `simulate`: a recorded day again, or an invented one, by the real engine; nobody is rung."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from acd.cli.terminal import console, fail

# Parts are imported where they are used: `cordboard --help` answers at once.


def replay(
    file: Annotated[Path, typer.Argument(help="A part of a journal; those before it are found.")],
    show: Annotated[bool, typer.Option(help="Print every input and what followed.")] = False,
    config: Annotated[
        Path | None, typer.Option(help="Another centre file: play the day under its rules.")
    ] = None,
) -> None:
    """Run a journal through the engine again, and say whether it decides as it did then.

    With --config: what would have been under other rules, beside what was. Nobody is rung.
    """
    if config is not None:
        _what_if(file, config)
        return
    from collections import Counter

    from acd import journal

    inputs = 0
    said: Counter[str] = Counter()
    differing: list[str] = []
    try:
        for step in journal.replay(journal.parts(file)):
            inputs += 1
            said.update(type(output).__name__ for output in step.outputs)
            if show:
                console.print(f"[b]{step.where}[/b] {step.happening}", highlight=False)
                for output in step.outputs:
                    console.print(f"    {output}", highlight=False, markup=False)
            if not step.same:
                differing.append(step.where)
    except journal.JournalError as error:
        raise fail(error) from error
    table = Table("what the engine said", "times", box=None)
    for kind, count in sorted(said.items()):
        table.add_row(kind, str(count))
    console.print(table)
    if differing:
        raise fail(
            f"{inputs} inputs; {len(differing)} answered differently, the first at {differing[0]}: "
            "this is not the version that wrote the journal, or a fault of ours"
        )
    console.print(f"{inputs} inputs, all answered as they were then.")


def _what_if(file: Path, config: Path) -> None:
    from acd import journal, what_if
    from acd.centre.file import load_rules, with_calendars
    from ivr.plain_yaml import BrokenFile

    try:
        day, was = what_if.recorded(file)
        centre = load_rules(config, node=day.node)
    except (journal.JournalError, BrokenFile) as error:
        raise fail(error) from error
    columns = [
        what_if.Column(heading="as it was", results=was),
        what_if.Column(heading="played again", results=what_if.under(day)),
        what_if.Column(
            heading=config.name,
            results=what_if.under(day, with_calendars(centre, day.begins_at)),
        ),
    ]
    console.print(what_if.compared(columns))
    console.print(
        "The second column is the first one's day under the same rules: what differs between them "
        "is what a replay cannot know. Menus are not walked again: callers come to the queues to "
        "which they came, when they did."
    )
    for line in (what_if.not_played(day), *map(what_if.amiss, columns)):
        if line:
            console.print(line, highlight=False, markup=False)


def simulate(
    centre: Annotated[Path, typer.Argument(help="The centre file.")],
    calls: Annotated[int, typer.Option(min=1, max=1_000_000, help="About so many calls.")] = 1_000,
    hours: Annotated[float, typer.Option(min=0.1, max=24, help="Over so many hours.")] = 8,
    talk_s: Annotated[float, typer.Option(min=1, help="Average talk.")] = 180,
    patience_s: Annotated[float, typer.Option(min=1, help="Average patience.")] = 120,
    call_back: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="The share of callers who ask to be called back, if they may."
        ),
    ] = 0,
    not_there: Annotated[
        float, typer.Option(min=0, max=1, help="The share of those who do not pick up then.")
    ] = 0.3,
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = 1,
) -> None:
    """An invented day in this centre, decided by the real engine. Nobody is rung, and no menu is walked."""
    from acd import what_if
    from acd.centre.file import load_rules
    from acd.core.configuration import DEFAULT_NODE
    from acd.simulation.scenario import People
    from ivr.plain_yaml import BrokenFile

    try:
        loaded = load_rules(centre, node=DEFAULT_NODE)
    except BrokenFile as error:
        raise fail(error) from error
    people = People(
        calls=calls,
        between_calls_ms=hours * 3_600_000 / calls,
        patience_ms=patience_s * 1000,
        talk_ms=talk_s * 1000,
        ask_back=call_back,
        not_there=not_there,
    )
    console.print(f"seed {seed}")
    results = what_if.invented(
        loaded.configuration, calls=calls, seed=seed, people=people, hours=hours
    )
    console.print(what_if.compared([what_if.Column(heading=centre.name, results=results)]))
    if loaded.schedules:
        console.print("The hours of the queues are left out: it is a day on which all are open.")
