"""What a formula is: a figure over sums, with its text and its source; never which there are."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from acd.reports.sums import Sums


class Unit(StrEnum):
    """What a figure is."""

    COUNT = "count"
    SHARE = "share"  # 0 to 1.
    DURATION = "ms"
    NUMBER = "number"
    POINTS = "points"  # -100 to 100.
    TEXT = "text"
    TIME = "time"  # Milliseconds since 1970.
    MONEY = "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a formula is told beside the sums. Printed on the report."""

    within_s: int = 20  # X
    short_s: int = 5  # s
    window_h: int = 24  # Of a repeat, and of first-contact resolution.


USUAL_TERMS = Terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One figure. `source` says where it is from, or who else calculates so."""

    name: str
    unit: Unit
    title: tuple[str, str]  # English, Chinese: short, for the head of a column.
    text: tuple[str, str]
    source: str
    compute: Callable[[Sums, Terms], float | None]
    version: int = 1

    @property
    def key(self) -> str:
        """Its name with its version."""
        return f"{self.name}@{self.version}"


def share(part: float, whole: float) -> float | None:
    """A part of the whole, if there is one."""
    return part / whole if whole else None
