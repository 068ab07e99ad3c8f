"""How what happens, what is decided and what is known is written down: made once, never changed.

The types see to that, and nothing looks again when the program runs: a frozen dataclass takes three times as long to
make, and each call makes hundreds.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def record(kind: type[T]) -> type[T]:
    """A dataclass with named fields alone, equal by what it holds, that no code may change."""
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(kind)
