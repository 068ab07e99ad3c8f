"""Tables of moves: which state may follow which; a missing entry is the error. Never decides to move."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)


def check_move(table: Mapping[S, frozenset[S]], thing: str, old: S, new: S) -> None:
    """Fail loudly if `thing` may not go from `old` to `new`: that is a fault of ours, never of the world."""
    assert new in table[old], f"{thing}: {old} → {new} is not in the table of moves"
