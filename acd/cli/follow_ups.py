"""Commands `follow-ups …`: lists of those who are to be called, on a terminal; asks the API alone."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.table import Table
from rich.text import Text

from acd.cli.terminal import HERE, Password, Url, User, ask, fail, print_table

if TYPE_CHECKING:
    from acd.follow_up_file import FollowUpFile
    from cordboard_client import Client
    from cordboard_client.shapes import CallList, EntryWanted

AT_ONCE = 500

app = typer.Typer(help="Lists of those who are to be called.", no_args_is_help=True)

_List = Annotated[str, typer.Argument(help="The list's id.")]


@app.command("lists")
def lists(url: Url = HERE, user: User = None, password: Password = None) -> None:
    """All lists, and how those on them stand."""
    print_table(table_of_lists(ask(url, user, password, lambda api: api.list_call_lists())))


@app.command("create")
def create(
    rule: Annotated[str, typer.Argument(help="A follow-up of the centre's file.")],
    name: Annotated[str, typer.Argument(help="What people call it.")],
    url: Url = HERE,
    user: User = None,
    password: Password = None,
) -> None:
    """Make a list with nobody on it; its id is printed."""
    made = ask(url, user, password, lambda api: api.create_call_list({"rule": rule, "name": name}))
    print(made["id"])  # noqa: T201 # The answer.


@app.command("fill")
def fill(
    call_list: _List,
    day: Annotated[str | None, typer.Option(help="By its rule, of this day: 2026-11-21.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            help="With these: columns number, customer, what, zone; whatever else there is, is for the screen. "
            "Or with those of `cordboard report abandoned --format csv` whom nobody has talked to since.",
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of the file: utf-8, gb18030 …; found out if not given.")
    ] = None,
    url: Url = HERE,
    user: User = None,
    password: Password = None,
) -> None:
    """Put people on a list. Who is on it already, or does not want to be called, is passed over."""
    if (day is None) == (file is None):
        raise typer.BadParameter("name one of the two", param_hint="--day or --csv")

    def put_on(api: "Client") -> tuple[int, list[str]]:
        if day is not None:
            found = api.fill_call_list(call_list, {"day": day})
            return found["taken"], list(found["problems"])
        taken, problems = 0, []
        for at in range(0, len(entries), AT_ONCE):
            found = api.add_entries(call_list, {"entries": entries[at : at + AT_ONCE]})
            taken += found["taken"]
            problems += [f"after row {at}: {one}" for one in found["problems"]]
        return taken, problems

    read = _read(file, encoding) if file is not None else None
    entries = entries_of(read) if read is not None else []
    taken, problems = ask(url, user, password, put_on)
    print(f"{taken} are new on the list.")  # noqa: T201 # The answer.
    if read is not None and (read.reached or read.numberless):
        left = f"{read.reached} talked to since, {read.numberless} without a number"
        print(f"Left out: {left}.")  # noqa: T201
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201
    if problems:
        raise typer.Exit(1)


@app.command("show")
def show(call_list: _List, url: Url = HERE, user: User = None, password: Password = None) -> None:
    """Who is on a list, in the order in which they are due."""
    found = ask(url, user, password, lambda api: api.list_entries(call_list))
    table = Table("task", "state", "attempts", "outcome", "agent", "why", box=None)
    for one in found:
        words = (one["id"], one["state"], str(one["attempts"]), one["outcome"] or "")
        table.add_row(*map(Text, (*words, one["agent"] or "", one["what"])))
    print_table(table)


@app.command("close")
def close(call_list: _List, url: Url = HERE, user: User = None, password: Password = None) -> None:
    """Nobody on it is called any more; who is being called, is."""
    print_table(
        table_of_lists([ask(url, user, password, lambda api: api.close_call_list(call_list))])
    )


def entries_of(read: "FollowUpFile") -> "list[EntryWanted]":
    """As the API takes them."""
    return [cast("EntryWanted", {**entry.said, "data": dict(entry.data)}) for entry in read.entries]


def _read(file: Path, encoding: str | None) -> "FollowUpFile":
    from acd.follow_up_file import read_file
    from acd.spreadsheet import BadFile

    try:
        return read_file(file, encoding)
    except BadFile as error:
        raise fail(f"{file} {error}") from error
    except OSError as error:
        raise fail(f"{file} cannot be read: {error.strerror}") from error


def table_of_lists(found: "Sequence[CallList]") -> Table:
    """Each list as a line."""
    table = Table(
        "list", "rule", "name", "", "open", "calling", "done", "what came of it", box=None
    )
    for one in found:
        states, outcomes = one["states"], one["outcomes"]
        said = ", ".join(f"{name} {n}" for name, n in sorted(outcomes.items()))
        calling = states.get("offered", 0) + states.get("calling", 0)
        counts = (str(states.get("open", 0)), str(calling), str(states.get("done", 0)))
        closed = "closed" if one["closed_at"] is not None else ""
        table.add_row(*map(Text, (one["id"], one["rule"], one["name"], closed, *counts, said)))
    return table
