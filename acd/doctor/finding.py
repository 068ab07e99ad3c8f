"""What a look at one part has found; never how it was looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_MOST_NAMES = 8


class Verdict(StrEnum):
    """How well a part is. Cordboard does its work with what is doubtful, and not with what is bad."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part, how well it is, and what is to be done."""

    part: str
    verdict: Verdict
    said: str
    todo: str = ""


def good(part: str, said: str) -> Finding:
    """All is well with it."""
    return Finding(part=part, verdict=Verdict.GOOD, said=said)


def doubtful(part: str, said: str, todo: str) -> Finding:
    """Calls are routed, but somebody will be sorry."""
    return Finding(part=part, verdict=Verdict.DOUBTFUL, said=said, todo=todo)


def bad(part: str, said: str, todo: str) -> Finding:
    """Calls, or some of them, are not routed."""
    return Finding(part=part, verdict=Verdict.BAD, said=said, todo=todo)


def some(names: Sequence[str]) -> str:
    """These names, or the first of them."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
