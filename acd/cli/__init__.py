"""The `cordboard` command: thin words over the parts that do the work; decides nothing and hides no error."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from acd.cli import agents, customers, follow_ups, privacy, queue_log, webhooks
from acd.cli.report import report_app
from acd.cli.staffing import staffing

if TYPE_CHECKING:
    from cordboard_client.shapes import Agent, Candidate, Queue

app = typer.Typer(
    help="Cordboard: ACD and CTI server for Asterisk.", no_args_is_help=True, add_completion=False
)
lab_app = typer.Typer(help="A real Asterisk of one's own, to try things on.", no_args_is_help=True)
app.add_typer(lab_app, name="lab")
app.add_typer(report_app, name="report")
app.add_typer(customers.app, name="customers")
app.add_typer(privacy.app, name="privacy")
app.add_typer(follow_ups.app, name="follow-ups")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(queue_log.import_app, name="import")
app.add_typer(queue_log.export_app, name="export")
for command in ("agents", "force", "audit", "reload", "outbound"):
    app.command()(getattr(agents, command))
app.command()(staffing)
# Where nobody watches (a file, a CI log) there is no width to keep to.
console = Console(width=None if sys.stdout.isatty() else 150)
errors = Console(stderr=True)

# Parts are imported where they are used: `cordboard --help` answers at once.


def _fail(message: object, code: int = 1) -> typer.Exit:
    errors.print(str(message), style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(code)


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
        raise _fail(error) from error
    except KeyboardInterrupt:
        console.print("Stopped. Nothing is left running.")
        raise typer.Exit(130) from None


@app.command()
def status(
    url: Annotated[str, typer.Option(envvar="CORDBOARD_API")] = "http://127.0.0.1:8080",
    user: Annotated[str | None, typer.Option(envvar="CORDBOARD_USER")] = None,
    password: Annotated[str | None, typer.Option(envvar="CORDBOARD_PASSWORD")] = None,
) -> None:
    """Is it well? With a user: who waits, who is ready. The exit code says it too: 0 is well."""
    from cordboard_client import ApiError

    try:
        well = _status(url, user, password)
    except ApiError as error:
        raise _fail(error) from error
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
        raise _fail(error, 78) from error
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
        if user is not None:
            api.log_in(user, password or typer.prompt("Password", hide_input=True))
            console.print(_queues(api.list_queues()))
            console.print(_agents(api.list_agents()))
    return well


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A part of a journal; those before it are found.")],
    show: Annotated[bool, typer.Option(help="Print every input and what followed.")] = False,
    config: Annotated[
        Path | None, typer.Option(help="Another centre file: play the day under its rules.")
    ] = None,
    menus: Annotated[Path | None, typer.Option(help="The menus of that centre.")] = None,
) -> None:
    """Run a journal through the engine again, and say whether it decides as it did then.

    With --config: what would have been under other rules, beside what was. Nobody is rung.
    """
    if config is not None:
        _what_if(file, config, menus)
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
        raise _fail(error) from error
    table = Table("what the engine said", "times", box=None)
    for kind, count in sorted(said.items()):
        table.add_row(kind, str(count))
    console.print(table)
    if differing:
        raise _fail(
            f"{inputs} inputs; {len(differing)} answered differently, the first at {differing[0]}: "
            "this is not the version that wrote the journal, or a fault of ours"
        )
    console.print(f"{inputs} inputs, all answered as they were then.")


def _what_if(file: Path, config: Path, menus: Path | None) -> None:
    from acd import journal, what_if
    from acd.centre.file import load_centre, with_calendars
    from ivr.plain_yaml import BrokenFile

    try:
        day, was = what_if.recorded(file)
        centre = load_centre(config, menus=menus, node=day.node)
    except (journal.JournalError, BrokenFile) as error:
        raise _fail(error) from error
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


@app.command()
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
    menus: Annotated[Path | None, typer.Option(help="The menus of that centre.")] = None,
) -> None:
    """An invented day in this centre, decided by the real engine. Nobody is rung."""
    from acd import what_if
    from acd.centre.file import load_centre
    from acd.core.configuration import DEFAULT_NODE
    from acd.simulation.scenario import People
    from ivr.plain_yaml import BrokenFile

    try:
        loaded = load_centre(centre, menus=menus, node=DEFAULT_NODE)
    except BrokenFile as error:
        raise _fail(error) from error
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


Journal = Annotated[
    Path | None,
    typer.Option("--journal", help="Ask a journal, or a folder of them: how it was at each offer."),
]
Api = Annotated[str, typer.Option("--url", envvar="CORDBOARD_API")]
User = Annotated[str | None, typer.Option(envvar="CORDBOARD_USER", help="A supervisor.")]
Password = Annotated[str | None, typer.Option(envvar="CORDBOARD_PASSWORD")]
_HERE = "http://127.0.0.1:8080"


@app.command()
def why(
    call: Annotated[str, typer.Argument(help="The call's id, such as pbx1:1750003600.9")],
    journal: Journal = None,
    url: Api = _HERE,
    user: User = None,
    password: Password = None,
) -> None:
    """Why a call goes to whom it goes, and the first rule that keeps each other agent from it."""
    _explain(call, None, journal, url, user, password)


@app.command("why-not")
def why_not(
    agent: Annotated[str, typer.Argument(help="The agent's id.")],
    call: Annotated[
        str | None, typer.Argument(help="The call's id; none: every call that waits now.")
    ] = None,
    journal: Journal = None,
    url: Api = _HERE,
    user: User = None,
    password: Password = None,
) -> None:
    """Why this agent does not get this call, or any."""
    if call is not None:
        _explain(call, agent, journal, url, user, password)
        return
    if journal is not None:
        raise typer.BadParameter("a journal is asked about one call", param_hint="CALL")
    from cordboard_client import ApiError

    try:
        table = _why_none(url, agent, user, password)
    except ApiError as error:
        raise _fail(error) from error
    console.print(table)


def _explain(
    call: str,
    agent: str | None,
    journal: Path | None,
    url: str,
    user: str | None,
    password: str | None,
) -> None:
    if journal is not None:
        _explain_from_journal(journal, call, agent)
        return
    from cordboard_client import ApiError

    try:
        told = _ask_why(url, call, agent, user, password)
    except ApiError as error:
        raise _fail(error) from error
    console.print(_candidates([(one["agent"], one["rule"], one["detail"]) for one in told]))


def _why_none(url: str, agent: str, user: str | None, password: str | None) -> Table:
    """Why an agent gets none of the calls that wait."""
    from cordboard_client import Client

    table = Table("call", "queue", "", "why", box=None)
    with Client(url) as api:
        api.log_in(
            user or typer.prompt("User"), password or typer.prompt("Password", hide_input=True)
        )
        doing = api.one_agent(agent)
        waiting = [call for call in api.list_calls() if call["phase"] in ("waiting", "offered")]
        for call in sorted(waiting, key=lambda call: call["joined_at"] or 0):
            for one in api.explain_call(call["id"], agent=agent):
                rule = "→ gets it" if one["rule"] is None else one["rule"]
                queue = call["queue"]["name"] if call["queue"] else ""
                table.add_row(call["id"], queue, rule, one["detail"])
    console.print(f"{doing['name']} is {doing['state']}; {len(waiting)} calls wait.", markup=False)
    return table


def _ask_why(
    url: str, call: str, agent: str | None, user: str | None, password: str | None
) -> "list[Candidate]":
    from cordboard_client import Client

    with Client(url) as api:
        name = user or typer.prompt("User")
        api.log_in(name, password or typer.prompt("Password", hide_input=True))
        return api.explain_call(call, agent=agent)


def _explain_from_journal(place: Path, call: str, agent: str | None) -> None:
    """Play the journal again, and ask whenever the call begins to wait or is offered to somebody."""
    from datetime import datetime

    from acd.core.ids import AgentId, CallId
    from acd.journal import JournalError
    from acd.past_decisions import moments

    found = False
    try:
        for moment in moments(place, CallId(call), AgentId(agent) if agent else None):
            found = True
            stamp = datetime.fromtimestamp(moment.at / 1000).strftime("%H:%M:%S.%f")[:-3]  # noqa: DTZ006
            console.print(f"{stamp} {moment.what} ({moment.where})", highlight=False)
            console.print(_candidates([(c.agent, c.rule, c.detail) for c in moment.candidates]))
    except JournalError as error:
        raise _fail(error) from error
    if not found:
        raise _fail(f"{place}: no call {call} has waited there")


def _candidates(told: list[tuple[str, str | None, str]]) -> Table:
    table = Table("agent", "", "why", box=None)
    for agent, rule, detail in told:
        table.add_row(agent, "→ gets it" if rule is None else rule, detail)
    return table


@app.command("hash-password")
def hash_password() -> None:
    """Turn a password, asked for or piped in as a line, into what a user in the centre file needs."""
    from argon2 import PasswordHasher

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    elif not (password := sys.stdin.readline().rstrip("\r\n")):
        raise _fail("there is no password: pipe it in as one line, or run this on a terminal")
    console.print(PasswordHasher().hash(password), highlight=False, markup=False, soft_wrap=True)


@lab_app.command()
def up(name: str = "lab") -> None:
    """Start an Asterisk of one's own that goes on when this command is over."""
    from acd.adapters.asterisk import lab
    from acd.adapters.asterisk.lab_parts import LabError

    try:
        lab.ensure_parts(console.print)
        started = lab.up(name)
    except LabError as error:
        raise _fail(error) from error
    console.print_json(json.dumps(_plain(started)))


@lab_app.command()
def down(name: str = "lab") -> None:
    """Stop it."""
    from acd.adapters.asterisk import lab
    from acd.adapters.asterisk.lab_parts import LabError

    try:
        lab.down(name)
    except LabError as error:
        raise _fail(error) from error
    console.print(f"{name} is down.")


@lab_app.command("status")
def lab_status() -> None:
    """Which are there."""
    from acd.adapters.asterisk import lab

    table = Table("name", "running", "Asterisk", "ARI", "SIP", "folder", box=None)
    for one in lab.status():
        running = "yes" if one.running else "no"
        table.add_row(one.name, running, one.asterisk, one.ari_url, one.sip_address, one.folder)
    console.print(table)


@lab_app.command()
def remove() -> None:
    """Take away the Asterisk that the lab has built for itself; the next start builds it anew."""
    import shutil

    from acd.adapters.asterisk import lab
    from acd.adapters.asterisk.lab_parts import lab_root

    if running := [one.name for one in lab.status() if one.running]:
        raise _fail(f"still running: {', '.join(running)}. First: cordboard lab down NAME")
    shutil.rmtree(lab_root(), ignore_errors=True)
    console.print(f"{lab_root()} is gone.")


def _plain(status: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(status)  # type: ignore[call-overload, no-any-return] # A dataclass of the lab's.


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
