"""The `cordboard` command: thin words over the parts that do the work; decides nothing and hides no error."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from acd.cli import agents, customers, follow_ups, lab, played, privacy, queue_log, webhooks
from acd.cli.report import report_app
from acd.cli.staffing import staffing
from acd.cli.terminal import HERE, Password, Url, User, console, fail
from acd.cli.why import why, why_not

if TYPE_CHECKING:
    from cordboard_client.shapes import Agent, Queue

app = typer.Typer(
    help="Cordboard: ACD and CTI server for Asterisk.", no_args_is_help=True, add_completion=False
)
app.add_typer(lab.app, name="lab")
app.add_typer(report_app, name="report")
app.add_typer(customers.app, name="customers")
app.add_typer(privacy.app, name="privacy")
app.add_typer(follow_ups.app, name="follow-ups")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(queue_log.import_app, name="import")
app.add_typer(queue_log.export_app, name="export")

# Parts are imported where they are used: `cordboard --help` answers at once.


@app.command()
def serve() -> None:
    """Run the server. Settings come from CORDBOARD_… or the file that CORDBOARD_SETTINGS names."""
    from acd.__main__ import main as run

    raise typer.Exit(run())


@app.command()
def api() -> None:
    """Run one more API process, without an engine: it hears the engine through CORDBOARD_REDIS."""
    from acd.api_process import main as run

    raise typer.Exit(run())


@app.command()
def demo(
    speed: Annotated[float, typer.Option(min=0.5, max=10, help="How fast callers come.")] = 1.0,
    picture: Annotated[Path | None, typer.Option(help="Keep one screen as an SVG file.")] = None,
) -> None:
    """Real calls on a real Asterisk, on this terminal."""
    from acd.adapters.asterisk.lab_parts import LabError
    from acd.demo import run

    try:
        raise typer.Exit(run(console, speed=speed, picture=picture))
    except LabError as error:
        raise fail(error) from error
    except KeyboardInterrupt:
        console.print("Stopped. Nothing is left running.")
        raise typer.Exit(130) from None


@app.command()
def status(url: Url = HERE, user: User = None, password: Password = None) -> None:
    """Is it well? With a user: who waits, who is ready. The exit code says it too: 0 is well."""
    from cordboard_client import ApiError

    try:
        well = _status(url, user, password)
    except ApiError as error:
        raise fail(error) from error
    if not well:
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Is all there that the server needs, here and in Asterisk? Says what to do.

    The exit code is 0 if calls can be routed.
    """
    import asyncio

    from acd.doctor import Finding, Verdict, examine
    from acd.settings import Settings, SettingsError, load_settings

    marks = {
        Verdict.GOOD: "[green]✓[/]",
        Verdict.DOUBTFUL: "[yellow]![/]",
        Verdict.BAD: "[red]✗[/]",
    }
    found: list[Finding] = []

    async def look(settings: Settings) -> None:
        async for finding in examine(settings):
            found.append(finding)
            console.print(f"{marks[finding.verdict]} [b]{finding.part:<15}[/b]", end=" ")
            console.print(finding.said, markup=False, highlight=False, soft_wrap=True)
            if finding.todo:
                console.print(f"  {finding.todo}", markup=False, highlight=False, soft_wrap=True)

    try:
        asyncio.run(look(load_settings(Settings)))
    except SettingsError as error:
        raise fail(error, 78) from error
    if any(finding.verdict is Verdict.BAD for finding in found):
        raise typer.Exit(1)


def _status(url: str, user: str | None, password: str | None) -> bool:
    from cordboard_client import Client

    with Client(url) as api:
        ready = api.ready()
        links = ", ".join(
            f"{name} {'connected' if up else 'NOT CONNECTED'}"
            for name, up in sorted(ready["nodes"].items())
        )
        well = ready["ready"]
        console.print(f"{url}: {'ready' if well else 'NOT READY'} ({links or 'no Asterisk yet'})")
        if ready["outbound"] == "stopped":
            console.print("calling out is STOPPED: `cordboard outbound allow` ends that")
        if ready["faults"]:
            console.print(f"{ready['faults']} faults of ours were mended: see the log, and tell us")
        if ready["unrecorded"]:
            console.print(f"{ready['unrecorded']} parts of recordings FAILED: see Asterisk's log")
        if ready["database"] == "waited-for":
            console.print(
                "the DATABASE is away: calls go on, what happens is kept until it is back"
            )
        if ready["redis"] == "away":
            console.print(
                "REDIS is away, or the engine is: calls go on; API processes hear nothing"
            )
        if user is not None:
            api.log_in(user, password or typer.prompt("Password", hide_input=True))
            console.print(_queues(api.list_queues()))
            console.print(_agents(api.list_agents()))
    return well


@app.command("hash-password")
def hash_password() -> None:
    """Turn a password, asked for or piped in as a line, into what a user in the centre file needs."""
    from argon2 import PasswordHasher

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    elif not (password := sys.stdin.readline().rstrip("\r\n")):
        raise fail("there is no password: pipe it in as one line, or run this on a terminal")
    console.print(PasswordHasher().hash(password), highlight=False, markup=False, soft_wrap=True)


for command in ("agents", "force", "audit", "reload", "outbound"):
    app.command()(getattr(agents, command))
app.command()(staffing)
app.command()(played.replay)
app.command()(played.simulate)
app.command()(why)
app.command("why-not")(why_not)


def _queues(queues: "list[Queue]") -> Table:
    table = Table("queue", "waiting", "answered", "abandoned", box=None)
    for queue in queues:
        counts = (queue["waiting"], queue["answered"], queue["abandoned"])
        table.add_row(queue["name"], *map(str, counts))
    return table


def _agents(agents: "list[Agent]") -> Table:
    table = Table("agent", "state", "phone", box=None)
    for agent in agents:
        table.add_row(agent["name"], agent["state"], agent["device_state"])
    return table


def main() -> None:
    """The entry point of the `cordboard` command."""
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    try:
        app()
    except BrokenPipeError:  # `cordboard replay … | head`
        sys.exit(0)
