"""How long a caller will wait: a median and an upper figure, scored against what happened; silent while it is poor.

The caller is served when k calls have been taken: those ahead of him, less the share that gives up, and
he himself. There is one order over all queues, so of the other queues that his agents serve those count who
come before him there, as far as they fall to his agents; who comes after him does not, whatever his queue.
With n agents at work, and h the mean handling time of these calls, calls are taken at rate n / h, and the time
until the k-th is taken is gamma distributed:

    median ≈ k h / n (1 - 1/(9k))³          (Wilson and Hilferty, 1931, also for any quantile)

`python -m bench.estimate` shows how far this is off over simulated days, beside the published formulas.

h and the share that gives up are what this queue has lately seen. A forecast is scored by whether the
caller was served within it: the upper figure should hold for 80 of 100, and the median for half.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from acd.core.record import record

UPPER = 0.8
_Z_UPPER = 0.8416212  # The standard normal's 0.8 quantile.
_REMEMBERED = 200  # Calls, for handling times, giving up, and the score.
_LEAST = 20  # Fewer scored forecasts are no score.
# The upper figure is good enough to be told if it held for this share of callers.
_GOOD = (0.65, 0.95)


@record
class Forecast:
    """What is expected for one caller, from when it was made. Milliseconds."""

    at: int
    median_ms: int
    upper_ms: int  # Eight of ten are served within this.


class Lately:
    """The mean of the last so many figures, always at hand: every caller who is queued asks for several."""

    __slots__ = ("_figures", "_sum")

    def __init__(self) -> None:
        self._figures: deque[int] = deque()
        self._sum = 0

    def __len__(self) -> int:
        return len(self._figures)

    def add(self, figure: int) -> None:
        """One more; the oldest is forgotten when there are enough."""
        self._figures.append(figure)
        self._sum += figure
        if len(self._figures) > _REMEMBERED:
            self._sum -= self._figures.popleft()

    @property
    def mean(self) -> float:
        """Their mean; 0 if there are none."""
        return self._sum / max(1, len(self._figures))


@dataclass(slots=True)
class Experience:
    """What one queue has lately seen."""

    _handling_ms: Lately = field(default_factory=Lately)
    _gave_up: Lately = field(default_factory=Lately)  # 1 or 0, as are those below.
    _median_held: Lately = field(default_factory=Lately)
    _upper_held: Lately = field(default_factory=Lately)

    def handled(self, handling_ms: int) -> None:
        """A call has taken an agent so long, work after it included."""
        self._handling_ms.add(handling_ms)

    def left(self, *, gave_up: bool) -> None:
        """A caller has left the queue: answered, or because he had enough of it."""
        self._gave_up.add(gave_up)

    def served(self, forecast: Forecast, at: int) -> None:
        """A caller for whom there was a forecast is served: it held, or it did not."""
        waited = at - forecast.at
        self._median_held.add(waited <= forecast.median_ms)
        self._upper_held.add(waited <= forecast.upper_ms)

    @property
    def good(self) -> bool:
        """Whether callers may be told: enough forecasts are scored, and they held as often as they should."""
        if len(self._upper_held) < _LEAST:
            return False
        return _GOOD[0] <= self.upper_held <= _GOOD[1]

    @property
    def upper_held(self) -> float:
        """The share of callers who were served within the upper figure; should be near `UPPER`."""
        return self._upper_held.mean

    @property
    def median_held(self) -> float:
        """The share of callers who were served within the median; should be near a half."""
        return self._median_held.mean

    @property
    def handling_ms(self) -> float | None:
        """What a call has lately taken of an agent, on average; None if none was handled yet."""
        return self._handling_ms.mean if self._handling_ms else None

    @property
    def stays(self) -> float:
        """The share of callers who wait until they are answered."""
        return 1 - self._gave_up.mean

    def forecast(
        self,
        *,
        ahead: int,
        free: int,
        agents: int,
        at: int,
        others: "Iterable[tuple[float, Experience]]" = (),
    ) -> Forecast | None:
        """For a caller with so many ahead of him in his queue, and in `others` as far as they fall to his agents.

        None if nothing is known: no call was handled yet, or nobody is at work.
        """
        if free > ahead:
            return Forecast(at=at, median_ms=0, upper_ms=0)
        handling_ms = self.handling_ms
        if handling_ms is None or agents <= 0:
            return None
        taken, work_ms = 1.0, handling_ms
        for callers, experience in ((ahead, self), *others):
            stay = callers * experience.stays
            taken += stay
            work_ms += stay * (experience.handling_ms or handling_ms)
        scale = work_ms / taken / agents
        return Forecast(
            at=at,
            median_ms=round(_gamma_quantile(taken, scale, 0.0)),
            upper_ms=round(_gamma_quantile(taken, scale, _Z_UPPER)),
        )


def _gamma_quantile(shape: float, scale: float, z: float) -> float:
    """The quantile at the standard normal's `z` of a gamma distribution, within a percent or two for shape >= 1."""
    root = 1 - 1 / (9 * shape) + z / (3 * shape**0.5)
    return float(shape * scale * max(0.0, root) ** 3)
