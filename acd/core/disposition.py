"""What may come of a call, as a tree of codes: which of them an agent may choose; never what he chose.

A code is stable: it stays the same when it is put elsewhere in the tree, and reports of years can be read
by it. Only what is divided no further can be chosen, so that no figure hides others.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from acd.core.record import record

UNDISPOSED = "undisposed"  # The outcome of a call for which the agent owed one and did not say any.


@record
class Disposition:
    """One of the things that may come of a call, or several of them together."""

    code: str
    name: str  # For people.
    above: str | None = None  # The code of what it is a part of.
    is_reason: bool = False  # The code also says why he called, as those below it do.


# By code; whatever is above another comes first.
Dispositions: TypeAlias = Mapping[str, Disposition]


def under(dispositions: Dispositions, roots: Iterable[str]) -> Iterator[Disposition]:
    """These and all that is below them, in order; all there is if none is named."""
    wanted = dict.fromkeys(roots)
    everything = not wanted
    for one in dispositions.values():
        if everything or one.code in wanted or one.above in wanted:
            wanted[one.code] = None
            yield one


def akin(dispositions: Dispositions, code: str) -> tuple[str, ...]:
    """This code, what is below it, and all that it is a part of: a menu knows less than who has talked to him."""
    above: dict[str, None] = {}
    one = dispositions.get(code)
    while one is not None and one.above is not None:
        above[one.above] = None
        one = dispositions.get(one.above)
    below = (one.code for one in under(dispositions, (code,)))
    return tuple(dict.fromkeys((code, *below, *above)))


def choices(dispositions: Dispositions, roots: Iterable[str] = ()) -> tuple[str, ...]:
    """The codes that may be chosen under these."""
    divided = {one.above: None for one in dispositions.values()}
    return tuple(one.code for one in under(dispositions, roots) if one.code not in divided)


def why_not(dispositions: Dispositions, roots: Iterable[str], code: str) -> str | None:
    """Why this may not be chosen under these, and what may; None if it may."""
    roots = tuple(roots)
    allowed = choices(dispositions, roots)
    if code in allowed:
        return None
    if any(one.code == code for one in under(dispositions, roots)):
        return f"{code} is divided further: {', '.join(choices(dispositions, (code,)))}"
    return f"it takes one of: {', '.join(allowed)}"
