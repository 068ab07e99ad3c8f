"""Adds up what is below each branch of the tree of dispositions; must never count a call twice at one level.

The lines of the first level are all calls together. Those right below a branch are the branch, so what was said of it
alone (by a menu, or before it was divided) stands below it too, as a line of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from acd.core.disposition import Dispositions
from acd.reports.sums import Sums, added


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the tree; `code` None: nobody said anything."""

    code: str | None
    level: int  # From 0.
    sums: Sums
    undivided: bool = False  # What was said of a branch, and no further.


def rolled_up(found: Mapping[str | None, Sums], tree: Dispositions) -> list[Line]:
    """In the tree's order, as far as there is anything; then what is not in it, by code, and at the end nobody's."""
    below: dict[str | None, list[str]] = {}
    for one in tree.values():
        below.setdefault(one.above if one.above in tree else None, []).append(one.code)

    def lines_of(code: str, level: int) -> Iterator[Line]:
        under = [line for one in below.get(code, ()) for line in lines_of(one, level + 1)]
        if not under:
            if code in found:
                yield Line(code=code, level=level, sums=found[code])
            return
        if code in found:
            under.append(Line(code=code, level=level + 1, sums=found[code], undivided=True))
        children = (line.sums for line in under if line.level == level + 1)
        yield Line(code=code, level=level, sums=added(children))
        yield from under

    lines = [line for root in below.get(None, ()) for line in lines_of(root, 0)]
    strangers = sorted(code for code in found if code is not None and code not in tree)
    lines += [Line(code=code, level=0, sums=found[code]) for code in strangers]
    if None in found:
        lines.append(Line(code=None, level=0, sums=found[None]))
    return lines
