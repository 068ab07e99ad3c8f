"""How many agents a target takes, by formula; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from acd.staffing.demand import Expected
from acd.staffing.erlang import Served, erlang_a, erlang_c

Formula = Callable[[int, Expected], Served]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is to be reached in every interval: all of these that are given."""

    service_level: float | None = 0.8  # This share of callers …
    within_ms: int = 20_000  # … is answered within this.
    asa_ms: float | None = None  # The average wait of the answered is at most this.
    occupancy: float | None = None  # Agents are busy for at most this share of their time.
    abandoned: float | None = None  # At most this share gives up.
    shrinkage: float = 0.0  # The share of paid time in which who is on the rota takes no calls.

    @property
    def wants_something(self) -> bool:
        """Whether there is anything to be reached."""
        wanted = (self.service_level, self.asa_ms, self.occupancy, self.abandoned)
        return any(one is not None for one in wanted)

    def reached(self, served: Served) -> bool:
        """Whether it is."""
        return (
            (self.service_level is None or served.in_time >= self.service_level)
            and (
                self.asa_ms is None or (served.asa_ms is not None and served.asa_ms <= self.asa_ms)
            )
            and (self.occupancy is None or served.occupancy <= self.occupancy)
            and (self.abandoned is None or served.abandoned <= self.abandoned)
        )

    def on_the_rota(self, agents: int) -> int:
        """How many must be on the rota for so many to be there."""
        return ceil(agents / (1 - self.shrinkage) - 1e-9)


def by_erlang_c(target: Target) -> Formula:
    """Nobody gives up."""

    def served(agents: int, expected: Expected) -> Served:
        return erlang_c(agents, expected.load, aht_ms=expected.aht_ms, within_ms=target.within_ms)

    return served


def by_erlang_a(target: Target, patience_ms: float) -> Formula:
    """Callers give up."""

    def served(agents: int, expected: Expected) -> Served:
        return erlang_a(
            agents,
            expected.load,
            aht_ms=expected.aht_ms,
            within_ms=target.within_ms,
            patience_ms=patience_ms,
        )

    return served


def needed(target: Target, expected: Expected, served: Formula) -> int:
    """The least number of agents that reaches the target; every figure gets better with each one more."""
    if not expected.load:
        return 0
    enough = ceil(expected.load) + 1
    while not target.reached(served(enough, expected)):
        enough *= 2
    too_few = 0
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if target.reached(served(middle, expected)):
            enough = middle
        else:
            too_few = middle
    return enough
