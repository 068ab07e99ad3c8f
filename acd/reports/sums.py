"""Sums over facts, which can be added to each other: what every formula is computed from; never a ratio.

A wait is counted by the second in which it ended, rounded up: whether somebody was answered within X
seconds is then exact for every whole X, and a percentile is right to the second, over any number of
calls and any union of queues and days.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from math import ceil

from acd.reports.facts import ABANDONED, ANSWERED, MAX_WAIT, OVERFLOW

# Who left because it took too long; others left by their own choice, or for a reason of ours.
FLOWED_OUT_BY_TIME = (MAX_WAIT, OVERFLOW)
CALLBACK = "callback"  # He took a callback instead of waiting on.


@dataclass(slots=True)
class Waits:
    """How long so many have waited."""

    by_second: Counter[int] = field(default_factory=Counter)
    total_ms: int = 0
    longest_ms: int = 0

    @property
    def n(self) -> int:
        """So many."""
        return self.by_second.total()

    def add(self, seconds: int, n: int, total_ms: int, longest_ms: int) -> None:
        """`n` who waited at most `seconds` and more than a second less."""
        self.by_second[seconds] += n
        self.total_ms += total_ms
        self.longest_ms = max(self.longest_ms, longest_ms)

    def wait(self, ms: int) -> None:
        """One who waited so long."""
        self.add(-(-ms // 1000), 1, ms, ms)

    def within(self, seconds: int) -> int:
        """How many waited no longer than this."""
        return sum(n for second, n in self.by_second.items() if second <= seconds)

    def quantile_ms(self, share: float) -> int | None:
        """The least whole second within which this share of them was; None if there are none."""
        needed = ceil(share * self.n - 1e-9)
        for second in sorted(self.by_second):
            needed -= self.by_second[second]
            if needed <= 0:
                return min(1000 * second, self.longest_ms)
        return None

    def __iadd__(self, other: "Waits") -> "Waits":
        self.by_second.update(other.by_second)
        self.total_ms += other.total_ms
        self.longest_ms = max(self.longest_ms, other.longest_ms)
        return self


@dataclass(slots=True)
class Sums:
    """What happened within some span, for some queue, agent or whatever they are summed by."""

    # Callers, by when they joined the queue.
    stays: dict[str, Waits] = field(default_factory=dict)  # By how they ended.
    refused: Counter[str] = field(default_factory=Counter)  # By why.
    # Talks, by when they began.
    talks: int = 0
    talk_ms: int = 0
    transferred: int = 0
    wrap_up_ms: int = 0  # Of these queues, where `state_ms` has all of an agent's time.
    # Agents, by the clock.
    state_ms: Counter[str] = field(default_factory=Counter)
    # Offers, by when the phone began to ring; by what came of them.
    offers: Counter[str] = field(default_factory=Counter)
    # Calls, by when they came in.
    calls: int = 0
    identified: int = 0
    repeats: int = 0
    untold: Counter[str] = field(default_factory=Counter)  # The others, by why nobody can be told.
    # Calls that an agent has had, of customers who can be told: old enough to say, and called again.
    settled: int = 0
    followed: int = 0
    provisional: int = 0
    forecasts: Counter[str] = field(default_factory=Counter)
    # Surveys, by when they were asked and answered: how they ended; answers by their scale and score.
    surveys: Counter[str] = field(default_factory=Counter)
    scores: Counter[tuple[str, int]] = field(default_factory=Counter)
    # By how they ended, and when asked for.
    callbacks: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)  # To call who is on a list; by outcome.

    def scored(self, scale: str) -> Counter[int]:
        """How often which score was given on this scale."""
        return Counter({score: n for (which, score), n in self.scores.items() if which == scale})

    def left(self, result: str) -> Waits:
        """Those whose stay ended so."""
        return self.stays.get(result) or Waits()

    @property
    def answered(self) -> Waits:
        """A."""
        return self.left(ANSWERED)

    @property
    def abandoned(self) -> Waits:
        """B."""
        return self.left(ABANDONED)

    @property
    def flowed_out(self) -> int:
        """F."""
        return sum(w.n for name, w in self.stays.items() if name not in (ANSWERED, ABANDONED))

    @property
    def flowed_out_by_time(self) -> int:
        """Those of F who left because it took too long."""
        return sum(self.left(name).n for name in FLOWED_OUT_BY_TIME)

    @property
    def offered(self) -> int:
        """O."""
        return sum(waits.n for waits in self.stays.values())

    def stay(self, result: str) -> Waits:
        """Where to add those whose stay ended so."""
        return self.stays.setdefault(result, Waits())

    def __iadd__(self, other: "Sums") -> "Sums":
        for result, waits in other.stays.items():
            self.stay(result).__iadd__(waits)
        for part in fields(self):
            mine, theirs = getattr(self, part.name), getattr(other, part.name)
            if not theirs:
                continue  # Most of what could have happened has not.
            if isinstance(mine, Counter):
                mine.update(theirs)
            elif isinstance(mine, int):
                setattr(self, part.name, mine + theirs)
        return self


def added(parts: Iterable[Sums]) -> Sums:
    """All of these."""
    total = Sums()
    for part in parts:
        total += part
    return total
