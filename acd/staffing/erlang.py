"""The two formulas by which call centres are staffed, Erlang C and Erlang A; pure, and exact for thousands of agents.

Both suppose that calls come independently of each other (Poisson), that the time they take is exponential,
and that things have been so for long. Erlang C supposes besides that nobody ever gives up, so it needs more
agents than there are calls' worth of work; Erlang A that callers have a patience, which is exponential too.

The load is in erlangs: calls per hour × hours per call. Times are milliseconds, shares 0 to 1.
"""

from dataclasses import dataclass
from math import exp, expm1, floor, log, log1p

# States and sums that weigh less than this make no difference that a float could show.
_NOTHING = 1e-18


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How so many agents serve such a load.

    `in_time` is the share of all callers who are answered within the limit, which is what `sl.offered` becomes;
    `asa_ms` the average wait of the answered, None if the queue only grows.
    """

    in_time: float
    asa_ms: float | None
    abandoned: float
    occupancy: float
    waits: float  # The share of callers who have to wait at all.


def erlang_b(agents: int, load: float) -> float:
    """The share of calls that find all agents busy, if such calls go away (M/M/c/c).

    A. K. Erlang, 1917; by the recursion over agents, which has nothing to overflow:
    B(n) = a B(n − 1) / (n + a B(n − 1)), B(0) = 1.
    """
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(agents: int, load: float, *, aht_ms: float, within_ms: float) -> Served:
    """Callers who wait for as long as it takes (M/M/c).

    A. K. Erlang, 1917: who has to wait, C = B / (1 − ρ (1 − B)) with ρ = a / n; of these, e^(−(n − a) T / AHT)
    wait longer than T; on average AHT / (n − a).
    """
    if not load:
        return Served(in_time=1.0, asa_ms=0.0, abandoned=0.0, occupancy=0.0, waits=0.0)
    if load >= agents:
        return Served(in_time=0.0, asa_ms=None, abandoned=0.0, occupancy=1.0, waits=1.0)
    blocked = erlang_b(agents, load)
    occupancy = load / agents
    waits = blocked / (1 - occupancy * (1 - blocked))
    return Served(
        in_time=1 - waits * exp(-(agents - load) * within_ms / aht_ms),
        asa_ms=waits * aht_ms / (agents - load),
        abandoned=0.0,
        occupancy=occupancy,
        waits=waits,
    )


def erlang_a(
    agents: int, load: float, *, aht_ms: float, within_ms: float, patience_ms: float
) -> Served:
    """Callers who give up when their patience ends; its mean is `patience_ms` (M/M/c+M).

    C. Palm, 1957; as in Garnett, Mandelbaum and Reiman, "Designing a Call Center with Impatient Customers",
    M&SOM 4 (2002), and Mandelbaum and Zeltyn, "Service Engineering in Action" (2007). With k callers in the
    system, one leaves at the rate min(k, n) + (k − n)⁺ θ, where θ = AHT / patience and time is counted in AHTs.

    Who finds j others waiting is served after j + 1 such departures, at rates n + iθ for i = 0 … j: that takes a
    time V with e^(−θV) distributed as Beta(n/θ, j + 1), so what he may expect are beta functions: P(V ≤ T, and his
    patience lasts) = E[e^(−θV); V ≤ T].
    """
    if not load:
        return Served(in_time=1.0, asa_ms=0.0, abandoned=0.0, occupancy=0.0, waits=0.0)
    theta = aht_ms / patience_ms
    c = agents / theta
    at_once, first, queue = _states(agents, load, theta)
    answered = in_time = at_once
    waited = 0.0
    chances = _within(c, theta * within_ms / aht_ms, first + len(queue))
    for j, weight in enumerate(queue, first):
        lasts = c / (c + j + 1)  # E[e^(−θV)]: his patience is longer than his wait.
        answered += weight * lasts
        waited += weight * lasts * (_digamma(c + j + 2) - _digamma(c + 1)) / theta
        if j < len(chances):
            in_time += weight * lasts * chances[j]
    waits = sum(queue)
    answered = min(1.0, answered)  # A sum of shares, each rounded, is 1 and a trifle.
    return Served(
        in_time=min(in_time, answered),
        asa_ms=aht_ms * waited / answered if answered else None,
        abandoned=1 - answered,
        occupancy=min(1.0, load * answered / agents) if agents else 1.0,
        waits=waits,
    )


def _states(agents: int, load: float, theta: float) -> tuple[float, int, list[float]]:
    """How often fewer than all agents are busy; and, from some j on, how often j callers wait.

    The weights are reckoned from the likeliest state outwards, so none is larger than 1 and what is left out is
    nothing.
    """

    def leaving(k: int) -> float:
        return min(k, agents) + max(0, k - agents) * theta

    likeliest = floor(load) if load < agents else agents + floor((load - agents) / theta)
    above, weight, k = [], 1.0, likeliest
    while weight > _NOTHING:
        above.append(weight)
        k += 1
        weight *= load / leaving(k)
    below, weight, k = [], 1.0, likeliest
    while k > 0:
        weight *= leaving(k) / load
        if weight <= _NOTHING:
            break
        k -= 1
        below.append(weight)
    total = sum(above) + sum(below)
    weights = [one / total for one in (*reversed(below), *above)]
    lowest = likeliest - len(below)
    idle = max(0, min(len(weights), agents - lowest))
    return sum(weights[:idle]), max(0, lowest - agents), weights[idle:]


def _within(c: float, limit: float, most: int) -> list[float]:
    """For j = 0, 1 …: how likely V ≤ T is, counting by who is patient enough: 1 − I(e^(−θT); c + 1, j + 1).

    The incomplete beta function of whole b is x^a Σ Γ(a + i) / (Γ(a) i!) (1 − x)^i over i < b, so each is the last
    one and a term. The list ends where it is nothing.
    """
    found: list[float] = []
    if not limit:
        return found
    term, left = -(c + 1) * limit, 1.0
    more = log(-expm1(-limit))
    for i in range(most):
        left -= exp(term)
        if left <= _NOTHING:
            break
        found.append(left)
        term += more + log1p(c / (i + 1))
    return found


def _digamma(x: float) -> float:
    """ψ(x) for x > 0, by its recurrence and asymptotic series (Abramowitz and Stegun 6.3.5, 6.3.18)."""
    less = 0.0
    while x < 10:
        less += 1 / x
        x += 1
    y = 1 / (x * x)
    return log(x) - 0.5 / x - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y / 240))) - less
