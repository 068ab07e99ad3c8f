"""The two formulas: what was published of them, what must hold of them, and what they say of each other."""

from fractions import Fraction
from math import exp, inf, isclose

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from acd.staffing.erlang import Served, erlang_a, erlang_b, erlang_c

AHT = 180_000.0


def c(agents: int, load: float, within_ms: float = 20_000) -> Served:
    return erlang_c(agents, load, aht_ms=AHT, within_ms=within_ms)


def a(agents: int, load: float, patience_ms: float, within_ms: float = 20_000) -> Served:
    return erlang_a(agents, load, aht_ms=AHT, within_ms=within_ms, patience_ms=patience_ms)


@pytest.mark.parametrize(
    ("agents", "load", "blocked"),
    [(1, 1.0, 0.5), (2, 1.0, 0.2), (5, 3.0, 0.1101), (10, 10.0, 0.2146), (100, 84.06, 0.01)],
)
def test_blocking_is_that_of_the_printed_tables(agents: int, load: float, blocked: float) -> None:
    assert erlang_b(agents, load) == pytest.approx(blocked, abs=1e-4)


@given(st.integers(1, 40), st.integers(1, 400))
def test_blocking_and_waiting_are_those_of_their_definitions_in_fractions(
    agents: int, tenths: int
) -> None:
    """B is the last term of the sum of a^k / k!, over the sum (Erlang, 1917); C = B / (1 - rho (1 - B))."""
    load = Fraction(tenths, 10)
    terms = [Fraction(1)]
    for k in range(1, agents + 1):
        terms.append(terms[-1] * load / k)
    blocked = terms[-1] / sum(terms)
    assert erlang_b(agents, float(load)) == pytest.approx(float(blocked), rel=1e-12)
    if load < agents:
        waits = blocked / (1 - load / agents * (1 - blocked))
        served = c(agents, float(load))
        assert served.waits == pytest.approx(float(waits), rel=1e-9)
        asa_ms = waits * Fraction(AHT) / (agents - load)
        assert served.asa_ms == pytest.approx(float(asa_ms), rel=1e-9)


def test_the_textbook_example_of_erlang_c() -> None:
    """100 calls of three minutes in half an hour, 14 agents (callcentrehelper.com, "How to work out Erlang C")."""
    served = c(14, 10.0)
    assert served.waits == pytest.approx(0.174, abs=5e-4)
    assert served.in_time == pytest.approx(0.888, abs=5e-4)
    assert served.asa_ms == pytest.approx(7_800, abs=50)
    assert served.occupancy == pytest.approx(0.714, abs=5e-4)


def test_the_example_of_garnett_mandelbaum_and_reiman() -> None:
    """48 calls of a minute in each minute, 50 agents, patience of two minutes (M&SOM 4, 2002, table 1)."""
    patient = erlang_c(50, 48.0, aht_ms=60_000, within_ms=0)
    assert patient.asa_ms == pytest.approx(20_800, abs=50)
    assert patient.occupancy == pytest.approx(0.96)
    served = erlang_a(50, 48.0, aht_ms=60_000, within_ms=0, patience_ms=120_000)
    assert served.abandoned == pytest.approx(0.031, abs=5e-4)
    assert served.abandoned * 120_000 == pytest.approx(3_700, abs=50), "the average wait of all"
    assert served.occupancy == pytest.approx(0.93, abs=5e-3)


def by_hand(agents: int, load: float, theta: float, limit: float) -> tuple[float, float, float]:
    """In time, given up, wait of the answered: state by state, each wait a phase after the other, in small steps."""
    weights = [1.0]
    while len(weights) < 400:
        n = len(weights)
        weights.append(weights[-1] * load / (min(n, agents) + max(0, n - agents) * theta))
    total = sum(weights)
    idle = sum(weights[:agents]) / total
    in_time, answered, waited = idle, idle, 0.0
    for j in range(60):
        weight = weights[agents + j] / total
        # He is `left` places from an agent: density over time by Euler's steps, backwards from j.
        phases, step, now = [0.0] * j + [1.0], 1e-4, 0.0
        while sum(phases) > 1e-7:
            served = phases[0] * agents * step
            in_time += weight * served * (now <= limit)
            answered += weight * served
            waited += weight * served * now
            rates = [agents + i * theta + theta for i in range(j + 1)]
            moved = [p * (rate - theta) * step for p, rate in zip(phases, rates, strict=True)]
            phases = [
                p - p * rate * step + (moved[i + 1] if i < j else 0.0)
                for i, (p, rate) in enumerate(zip(phases, rates, strict=True))
            ]
            now += step
        if weight < 1e-9:
            break
    return in_time, 1 - answered, waited / answered


@pytest.mark.slow
def test_the_beta_functions_say_what_small_steps_say() -> None:
    served = erlang_a(3, 3.5, aht_ms=1.0, within_ms=0.15, patience_ms=1 / 1.5)
    in_time, abandoned, waited = by_hand(3, 3.5, 1.5, 0.15)
    assert served.in_time == pytest.approx(in_time, abs=1e-3)
    assert served.abandoned == pytest.approx(abandoned, abs=1e-3)
    assert served.asa_ms == pytest.approx(waited, rel=1e-2)


loads = st.floats(0.01, 3_000)
agents = st.integers(1, 3_500)
patiences = st.floats(1_000, 3_600_000)
limits = st.floats(0, 600_000)


@given(agents, loads, patiences, limits)
@example(22, 14 * 210 / 1800, 120_000, 20_000)
def test_shares_are_shares_and_the_three_ways_of_counting_agree(
    n: int, load: float, patience: float, limit: float
) -> None:
    served = a(n, load, patience, limit)
    for share in (served.in_time, served.abandoned, served.occupancy, served.waits):
        assert 0 <= share <= 1 + 1e-9
    assert served.in_time <= 1 - served.abandoned + 1e-9, "who gave up was not answered"
    assert served.in_time >= 1 - served.waits - 1e-9, "who need not wait is answered in time"
    work = load * (1 - served.abandoned) / n
    assert isclose(served.occupancy, work, abs_tol=1e-9), "who is answered keeps an agent busy"


@settings(max_examples=50)
@given(agents, loads, patiences, limits)
def test_one_agent_more_is_never_worse(n: int, load: float, patience: float, limit: float) -> None:
    for fewer, more in (
        (c(n, load, limit), c(n + 1, load, limit)),
        (a(n, load, patience, limit), a(n + 1, load, patience, limit)),
    ):
        assert more.in_time >= fewer.in_time - 1e-9
        assert more.abandoned <= fewer.abandoned + 1e-9
        assert more.occupancy <= fewer.occupancy + 1e-9
        less_ms = inf if fewer.asa_ms is None else fewer.asa_ms
        assert (inf if more.asa_ms is None else more.asa_ms) <= less_ms * (1 + 1e-6) + 1e-3


@given(st.integers(1, 300), st.floats(0.01, 250), limits)
def test_with_endless_patience_palm_says_what_erlang_said(
    n: int, load: float, limit: float
) -> None:
    if load > 0.97 * n:
        load = 0.97 * n
    patient, other = c(n, load, limit), a(n, load, 1e12, limit)
    assert other.in_time == pytest.approx(patient.in_time, abs=1e-4)
    assert other.asa_ms == pytest.approx(patient.asa_ms, rel=1e-3, abs=1.0)


def test_of_one_agent_everything_is_known() -> None:
    """M/M/1: waits with probability ρ, longer than t with ρ e^(−(1 − ρ) t)."""
    served = c(1, 0.6, within_ms=90_000)
    assert served.waits == pytest.approx(0.6)
    assert served.in_time == pytest.approx(1 - 0.6 * exp(-0.4 * 0.5))
    assert served.asa_ms == pytest.approx(AHT * 0.6 / 0.4)


@pytest.mark.parametrize(("n", "load"), [(10_500, 10_000.0), (10_000, 10_000.0), (5_000, 10_000.0)])
def test_ten_thousand_agents_overflow_nothing(n: int, load: float) -> None:
    served = a(n, load, 120_000)
    enough = max(0.0, 1 - n / load)
    assert served.abandoned == pytest.approx(enough, abs=6e-3), (
        "in a large centre only what is too much goes"
    )
    if n > load:
        assert c(n, load).in_time > 0.999


def test_who_can_only_grow_says_so() -> None:
    assert c(10, 10.0) == Served(in_time=0, asa_ms=None, abandoned=0, occupancy=1, waits=1)
    for served in (c(0, 0.0), a(0, 0.0, 60_000), a(3, 0.0, 60_000)):
        assert (served.in_time, served.asa_ms, served.abandoned) == (1.0, 0.0, 0.0)
    nobody = a(0, 2.0, 60_000)
    assert (nobody.in_time, nobody.abandoned, nobody.asa_ms) == (0.0, 1.0, None)
