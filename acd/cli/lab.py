"""Commands `lab …`: a real Asterisk of one's own, up, down and away; knows nothing of the server's settings."""

import json

import typer
from rich.table import Table

from acd.cli.terminal import console, fail

app = typer.Typer(help="A real Asterisk of one's own, to try things on.", no_args_is_help=True)

# Parts are imported where they are used: `cordboard --help` answers at once.


@app.command()
def up(name: str = "lab") -> None:
    """Start an Asterisk of one's own that goes on when this command is over."""
    from acd.adapters.asterisk import lab
    from acd.adapters.asterisk.lab_parts import LabError

    try:
        lab.ensure_parts(console.print)
        started = lab.up(name)
    except LabError as error:
        raise fail(error) from error
    console.print_json(json.dumps(_plain(started)))


@app.command()
def down(name: str = "lab") -> None:
    """Stop it."""
    from acd.adapters.asterisk import lab
    from acd.adapters.asterisk.lab_parts import LabError

    try:
        lab.down(name)
    except LabError as error:
        raise fail(error) from error
    console.print(f"{name} is down.")


@app.command("status")
def lab_status() -> None:
    """Which are there."""
    from acd.adapters.asterisk import lab

    table = Table("name", "running", "Asterisk", "ARI", "SIP", "folder", box=None)
    for one in lab.status():
        running = "yes" if one.running else "no"
        table.add_row(one.name, running, one.asterisk, one.ari_url, one.sip_address, one.folder)
    console.print(table)


@app.command()
def remove() -> None:
    """Take away the Asterisk that the lab has built for itself; the next start builds it anew."""
    import shutil

    from acd.adapters.asterisk import lab
    from acd.adapters.asterisk.lab_parts import lab_root

    if running := [one.name for one in lab.status() if one.running]:
        raise fail(f"still running: {', '.join(running)}. First: cordboard lab down NAME")
    shutil.rmtree(lab_root(), ignore_errors=True)
    console.print(f"{lab_root()} is gone.")


def _plain(status: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(status)  # type: ignore[call-overload, no-any-return] # A dataclass of the lab's.
