"""Tables of moves: which state may follow which; a missing entry is the error. Never decides to move."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)


def check_move(table: Mapping[S, frozenset[S]], noun: str, name: object, old: S, new: S) -> None:
    """Fail loudly if what has this name may not go from `old` to `new`: a fault of ours, never of the world."""
    assert new in table[old], f"{noun} {name}: {old} → {new} is not in the table of moves"
