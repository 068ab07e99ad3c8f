"""What the demo shows: the frames of one supervisor's WebSocket, folded and drawn; asks nothing and decides nothing."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from acd.demo import script

Frame = Mapping[str, Any]

_STATES = {
    "logged-out": "dim",
    "not-ready": "yellow",
    "ready": "green",
    "offered": "bold magenta",
    "busy-acd": "bold cyan",
    "busy-consult": "cyan",
    "wrap-up": "blue",
}
_ENDINGS = {
    "completed": "talked",
    "abandoned": "gave up waiting",
    "left-menu": "hung up in the menu",
    "released": "given back",
    "taken-back": "taken back",
    "lost": "lost",
}
_NEWEST = 11


@dataclass(slots=True, kw_only=True)
class Row:
    """One call, as the last table tells it."""

    view: Frame
    pop: str = ""
    rang: list[str] = field(default_factory=list)
    waited_ms: int = 0
    talked_ms: int = 0
    ending: str = "…"
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A conversation is over, and this is what its agent writes down."""

    call: str
    outcome: str


class Stage:
    """Everything seen so far."""

    def __init__(self) -> None:
        self.lines: list[Text] = []
        self.ended = 0
        self._rows: dict[str, Row] = {}
        self._live: dict[str, Frame] = {}
        self._agents: dict[str, Frame] = {}
        self._outcomes = {
            number: [caller.solved for caller in script.CALLERS if caller.number == number]
            for number in {caller.number for caller in script.CALLERS}
        }

    def hear(self, frame: Frame) -> Finished | None:
        """Take in one frame; says so if an agent should now write down what came of a call."""
        if frame["type"] == "snapshot":
            self._agents = {agent["id"]: agent for agent in frame["agents"]}
            return None
        if frame.get("event") == "agent-changed":
            self._agents[frame["agent"]] = frame["view"]
        elif frame.get("event") == "outcome-recorded":
            if frame["call"] in self._rows:
                self._rows[frame["call"]].outcome = frame["outcome"]
        elif "call" in frame and "view" in frame:
            return self._hear_call(frame)
        return None

    def _hear_call(self, frame: Frame) -> Finished | None:
        call, view = frame["call"], frame["view"]
        row = self._rows.setdefault(call, Row(view=view))
        row.view = view
        self._live[call] = view
        who = escape(_who(view).plain)
        match frame["event"]:
            case "call-started":
                self._say(
                    f"[dim]●[/] {escape(view['caller']['number'] or 'a caller')} dials {escape(view['dialled'])}"
                )
            case "call-queued":
                self._say(f"[yellow]…[/] {who} waits in [b]{view['queue']['name']}[/]")
            case "call-offered":
                row.pop = pop(view)
                row.rang.append(self._name(frame["agent"]))
                self._say(
                    f"[magenta]☎[/] {who} → [b]{row.rang[-1]}[/]'s screen: [b]{escape(row.pop)}[/]"
                )
            case "offer-ended":
                self._say(
                    f"[red]✗[/] {self._name(frame['agent'])}: {frame['outcome']}; {who} waits on"
                )
            case "call-connected":
                row.waited_ms = frame["waited_ms"]
                self._say(f"[cyan]⇄[/] {self._name(frame['agent'])} talks with {who}")
            case "call-ended":
                del self._live[call]
                self.ended += 1
                row.waited_ms, row.talked_ms = frame["waited_ms"], frame["talked_ms"]
                row.ending = _ENDINGS[frame["ending"]]
                self._say(f"[green]✓[/] {who}: {row.ending}")
                if frame["ending"] == "completed":
                    return Finished(call=call, outcome=self._outcome_of(view))
        return None

    def _outcome_of(self, view: Frame) -> str:
        """What the script says: the first call of those who call twice is not solved."""
        number = view["caller"]["number"]
        for told, results in self._outcomes.items():
            if results and number.endswith(told.lstrip("+0")):
                return "solved" if results.pop(0) else "not-solved"
        return "solved"

    def _say(self, text: str) -> None:
        clock = time.strftime("%H:%M:%S")
        self.lines.append(Text.from_markup(f"[dim]{clock}[/] {text}"))

    def _name(self, agent: str | None) -> str:
        return self._agents[agent]["name"] if agent in self._agents else "–"

    # Drawn.

    def screen(self) -> RenderableType:
        """The picture while it happens: agents, callers, and what has been said."""
        tables = Columns([self._agent_table(), self._call_table()], padding=(0, 2))
        said = Group(*self.lines[-_NEWEST:])
        return Group(
            tables, Panel(said, title="what happens", height=_NEWEST + 2, border_style="dim")
        )

    def _agent_table(self) -> Table:
        table = Table(
            "agent",
            "state",
            "with",
            title="Agents",
            title_justify="left",
            min_width=44,
            box=SIMPLE_HEAD,
        )
        for agent in self._agents.values():
            state = agent["state"]
            if agent["causes"] and state == "not-ready":
                state += f" ({agent['causes'][0]['cause']})"
            call = self._live.get(agent["call"] or "")
            table.add_row(
                agent["name"],
                Text(state, style=_STATES.get(agent["state"], "")),
                _who(call) if call else "",
            )
        return table

    def _call_table(self) -> Table:
        table = Table(
            "caller",
            "where",
            "since",
            title="Callers",
            title_justify="left",
            min_width=58,
            box=SIMPLE_HEAD,
        )
        now = time.time() * 1000
        for view in list(self._live.values())[-8:]:
            since = view["connected_at"] or view["joined_at"] or view["started_at"]
            where = view["phase"]
            if view["queue"] and where in ("waiting", "offered"):
                where = f"waits in {view['queue']['name']}"
            if view["agent"]:
                verb = "talks with" if view["phase"] == "talking" else "rings"
                where = f"{verb} {self._name(view['agent'])}"
            table.add_row(_who(view), where, f"{max(0, now - since) / 1000:.0f} s")
        return table

    def table(self) -> Table:
        """What happened, call by call."""
        table = Table(title="What happened", title_justify="left", box=SIMPLE_HEAD)
        for name in ("#", "who", "the agent read", "queue", "rang", "waited", "how it ended"):
            table.add_column(name, justify="right" if name in ("#", "waited") else "left")
        for number, row in enumerate(self._rows.values(), 1):
            talked = f" {row.talked_ms / 1000:.1f} s" if row.talked_ms else ""
            outcome = f", {row.outcome.replace('-', ' ')}" if row.outcome else ""
            table.add_row(
                str(number),
                _who(row.view),
                Text(row.pop),
                row.view["queue"]["name"] if row.view["queue"] else "–",
                " → ".join(row.rang),
                f"{row.waited_ms / 1000:.1f} s",
                row.ending + talked + outcome,
            )
        return table

    def summary(self) -> str:
        """One line that checks: every call that came has ended somehow."""
        ends = [row.ending for row in self._rows.values()]
        answered = ends.count(_ENDINGS["completed"])
        abandoned = ends.count(_ENDINGS["abandoned"])
        other = len(ends) - answered - abandoned
        repeats = sum(
            "call in 24 h" in row.pop and "1st" not in row.pop for row in self._rows.values()
        )
        return (
            f"{len(ends)} calls = {answered} answered + {abandoned} abandoned + {other} other; "
            f"{repeats} recognised as repeat callers."
        )


def pop(view: Frame) -> str:
    """What the agent reads at a glance, before the phone rings."""
    caller = view["caller"]
    nth = caller["contact_number"]
    if nth is None:
        return {
            "shared": "number shared by " + " / ".join(c["name"] for c in caller["customers"]),
            "switchboard": "a switchboard: anybody may be calling",
            "short": "a short number: nobody's",
            "anonymous": "number withheld",
        }.get(caller["confidence"], "not known")
    hours = round(caller["window_ms"] / 3_600_000)
    text = f"{_ordinal(nth)} call in {hours} h"
    last = caller["last_contact"]
    if last is not None:
        text += f", last at {datetime.fromtimestamp(last['at'] / 1000):%H:%M}"  # noqa: DTZ006 # The agent's own clock.
        if last["agent"]:
            text += f" with {last['agent']['name']}"
        text += f", {last['outcome'].replace('-', ' ')}" if last["outcome"] else ""
    return text


def _ordinal(number: int) -> str:
    ending = (
        "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


def _who(view: Frame) -> Text:
    """The customer, or else the number; other people's text is never markup."""
    customers = view["caller"]["customers"]
    if len(customers) == 1:
        vip = " ★" if customers[0]["segment"] == "vip" else ""
        return Text(customers[0]["name"] + vip)
    return Text(view["caller"]["number"] or view["caller"]["name"] or "unknown")
