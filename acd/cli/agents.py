"""Commands `agents`, `force`, `outbound`, `audit`, `reload`: what supervisors do on a terminal; asks the API alone."""

import time
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.table import Table
from rich.text import Text

from acd.cli.terminal import HERE, Password, Url, User, ask, print_table

if TYPE_CHECKING:
    from cordboard_client import Client
    from cordboard_client.shapes import Act, Agent, Forced, ForcedLogOut, OutboundState

# Parts are imported where they are used: `cordboard --help` answers at once.


class Forcing(StrEnum):
    """What a supervisor can make an agent."""

    READY = "ready"
    NOT_READY = "not-ready"
    FINISH_WRAP_UP = "finish-wrap-up"
    LOG_OUT = "log-out"


_Who = Annotated[str, typer.Argument(help="The agent's id.")]


def agents(url: Url = HERE, user: User = None, password: Password = None) -> None:
    """Every agent: what he does, for how long, why he is not ready, and with which call."""
    found = ask(url, user, password, lambda api: api.list_agents())
    print_table(table_of_agents(found, at=time.time()))


def force(
    agent: _Who,
    what: Annotated[Forcing, typer.Argument(help="What he is to be, or to do.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept, with who did it.")],
    after_call: Annotated[
        bool, typer.Option(help="log-out: when the call in hand is over, and wrap-up if locked.")
    ] = False,
    url: Url = HERE,
    user: User = None,
    password: Password = None,
) -> None:
    """Make an agent ready, not ready, done with wrap-up, or off shift. A conversation is never cut."""
    if after_call and what is not Forcing.LOG_OUT:
        raise typer.BadParameter("only log-out can wait for the end of a call", param_hint="what")
    wanted = {"action": f"force-{what.value}", "reason": reason}
    if after_call:
        wanted["when"] = "after-call"
    forced = cast("Forced | ForcedLogOut", wanted)
    found = ask(url, user, password, lambda api: api.force_agent(agent, forced))
    print_table(table_of_agents([found], at=time.time()))


def audit(
    agent: Annotated[str | None, typer.Option(help="Only what was done to this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    url: Url = HERE,
    user: User = None,
    password: Password = None,
) -> None:
    """Who has acted on an agent who is not himself, or on the whole centre, and why; the newest first."""
    print_table(
        table_of_acts(ask(url, user, password, lambda api: api.list_acts(agent=agent, limit=limit)))
    )


def reload(url: Url = HERE, user: User = None, password: Password = None) -> None:
    """Have the server read its centre file, menus and hours again: as a whole, or not at all. For admins."""
    changes = ask(url, user, password, lambda api: api.reload())["changes"]
    table = Table("what", "", "is different", box=None)
    for change in changes:
        words = ", ".join(change["words"]) or change["how"]
        table.add_row(*map(Text, (change["kind"], change["id"], words)))
    if changes:
        print_table(table)
    else:
        print("Read again: nothing is different.")  # noqa: T201 # The answer.


class Switching(StrEnum):
    """What an admin can do to calling out."""

    STOP = "stop"
    ALLOW = "allow"


def outbound(
    what: Annotated[
        Switching | None, typer.Argument(help="Nothing: say whether agents can call out.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it is kept, with who did it.")] = "",
    url: Url = HERE,
    user: User = None,
    password: Password = None,
) -> None:
    """Stop all calling out at once, emergency numbers apart, or allow it again. For admins."""
    if what is not None and not reason:
        raise typer.BadParameter("say why: it is kept", param_hint="--reason")

    def switch(api: "Client") -> "OutboundState":
        if what is None:
            return api.outbound()
        return api.switch_outbound({"stopped": what is Switching.STOP, "reason": reason})

    found = ask(url, user, password, switch)
    said = "agents can call out" if found["routes"] else "there is no route: nobody can call out"
    print("calling out is STOPPED" if found["stopped"] else said)  # noqa: T201 # The answer.


def table_of_agents(agents: "Sequence[Agent]", *, at: float) -> Table:
    """Agents as a table; `at` is now, in seconds."""
    table = Table("agent", "state", "for", "then", "why not ready", "phone", "call", box=None)
    for one in agents:
        why = (
            f"{cause['cause']} ({cause['reason']})".removesuffix(" ()") for cause in one["causes"]
        )
        cells = (
            f"{one['name']} ({one['id']})",
            one["state"],
            _duration(at - one["since"] / 1000) if one["since"] else "",
            one["pending"] or "",
            ", ".join(why),
            one["device_state"] or "",
            one["call"] or "",
        )
        table.add_row(*map(Text, cells))  # As they are: a name is no markup.
    return table


def table_of_acts(acts: "Sequence[Act]") -> Table:
    """The record as a table, in the time of this machine."""
    table = Table("when", "who", "did", "to", "why", "what", box=None)
    for act in acts:
        when = datetime.fromtimestamp(act["at"] / 1000).isoformat(" ", "seconds")  # noqa: DTZ006
        table.add_row(
            *map(
                Text,
                (when, act["by"], act["action"], act["agent"] or "", act["reason"], act["detail"]),
            )
        )
    return table


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
