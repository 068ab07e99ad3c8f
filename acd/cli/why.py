"""Commands `why` and `why-not`: who gets a call, and what keeps the others from it; explains nothing itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from acd.cli.terminal import HERE, Password, Url, User, ask, console, fail

if TYPE_CHECKING:
    from cordboard_client import Client

# Parts are imported where they are used: `cordboard --help` answers at once.

_Journal = Annotated[
    Path | None,
    typer.Option("--journal", help="Ask a journal, or a folder of them: how it was at each offer."),
]


def why(
    call: Annotated[str, typer.Argument(help="The call's id, such as pbx1:1750003600.9")],
    journal: _Journal = None,
    url: Url = HERE,
    user: User = None,
    password: Password = None,
) -> None:
    """Why a call goes to whom it goes, and the first rule that keeps each other agent from it."""
    _explain(call, None, journal, url, user, password)


def why_not(
    agent: Annotated[str, typer.Argument(help="The agent's id.")],
    call: Annotated[
        str | None, typer.Argument(help="The call's id; none: every call that waits now.")
    ] = None,
    journal: _Journal = None,
    url: Url = HERE,
    user: User = None,
    password: Password = None,
) -> None:
    """Why this agent does not get this call, or any."""
    if call is not None:
        _explain(call, agent, journal, url, user, password)
    elif journal is not None:
        raise typer.BadParameter("a journal is asked about one call", param_hint="CALL")
    else:
        console.print(ask(url, user, password, lambda api: _why_none(api, agent)))


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
    told = ask(url, user, password, lambda api: api.explain_call(call, agent=agent))
    console.print(_candidates([(one["agent"], one["rule"], one["detail"]) for one in told]))


def _why_none(api: "Client", agent: str) -> Table:
    """Why an agent gets none of the calls that wait."""
    table = Table("call", "queue", "", "why", box=None)
    doing = api.one_agent(agent)
    waiting = [call for call in api.list_calls() if call["phase"] in ("waiting", "offered")]
    for call in sorted(waiting, key=lambda call: call["joined_at"] or 0):
        for one in api.explain_call(call["id"], agent=agent):
            rule = "→ gets it" if one["rule"] is None else one["rule"]
            queue = call["queue"]["name"] if call["queue"] else ""
            table.add_row(call["id"], queue, rule, one["detail"])
    causes = ", ".join(f"{one['cause']} {one['reason']}".strip() for one in doing["causes"])
    state = f"{doing['state']} ({causes})" if causes else doing["state"]
    console.print(f"{doing['name']} is {state}; {len(waiting)} calls wait.", markup=False)
    return table


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
        raise fail(error) from error
    if not found:
        raise fail(f"{place}: no call {call} has waited there")


def _candidates(told: list[tuple[str, str | None, str]]) -> Table:
    table = Table("agent", "", "why", box=None)
    for agent, rule, detail in told:
        table.add_row(agent, "→ gets it" if rule is None else rule, detail)
    return table
