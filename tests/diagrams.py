"""Draws the tables of moves into ARCHITECTURE.md, so that the page and the code cannot differ."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from acd.cases import complaint, promise
from acd.core import agent, call, offer, party, recording

PAGE = Path(__file__).parent.parent / "ARCHITECTURE.md"
BEGIN, END = "<!-- diagrams: begin -->\n", "<!-- diagrams: end -->\n"


def drawn() -> str:
    """The diagrams, as mermaid text."""
    tables: list[tuple[str, Mapping[StrEnum, frozenset[StrEnum]]]] = [
        ("A call", call.MOVES),
        ("An agent", agent.MOVES),
        ("An offer", offer.MOVES),
        ("An agent beside a call", party.MOVES),
        ("A recording", recording.MOVES),
        ("A promise", promise.MOVES),
        ("A complaint", complaint.MOVES),
    ]
    return "\n".join(_diagram(title, table) for title, table in tables)


def _diagram(title: str, table: Mapping[StrEnum, frozenset[StrEnum]]) -> str:
    lines = [f"**{title}**", "", "```mermaid", "stateDiagram-v2"]
    for state, successors in table.items():
        lines += [f"    {_name(state)} --> {_name(new)}" for new in sorted(successors)]
    return "\n".join([*lines, "```", ""])


def _name(state: StrEnum) -> str:
    return state.value.replace("-", "_")


def with_diagrams(page: str) -> str:
    """The page with the diagrams as they should be."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}{drawn()}{END}{tail}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(with_diagrams(PAGE.read_text()))
    else:
        print(drawn())
