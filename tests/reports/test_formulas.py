"""The formulas give the numbers of the page that defines them, and say nothing when there is nothing to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.agent import AgentState
from acd.reports.formula import Terms
from acd.reports.formulas import FORMULAS, SIDE_BY_SIDE
from acd.reports.sums import Sums, Waits
from acd.reports.survey_formulas import score_interval, wilson


def a_hundred() -> Sums:
    """100 offered, 60 answered within 20 s, 20 later, 5 abandoned shortly, 15 later."""
    sums = Sums()
    for result, n, seconds in (
        ("answered", 59, 7),
        ("answered", 1, 20),
        ("answered", 20, 45),
        ("abandoned", 5, 4),
        ("abandoned", 15, 90),
    ):
        for _ in range(n):
            sums.stay(result).wait(1000 * seconds)
    return sums


@pytest.mark.parametrize(
    ("name", "percent"),
    [
        ("sl.answered", 75.0),
        ("sl.answered_or_abandoned_within", 65.0),
        ("sl.removed_within", 65.0),
        ("sl.offered", 60.0),
        ("sl.offered.without_short", 63.2),
        ("abandon.rate", 20.0),
        ("answer.rate", 80.0),
    ],
)
def test_the_same_hundred_calls_under_each_formula(name: str, percent: float) -> None:
    found = FORMULAS[name].compute(a_hundred(), Terms())
    assert found is not None
    assert round(100 * found, 1) == percent


def test_who_leaves_because_it_takes_too_long_counts_against_us_and_who_presses_a_key_does_not() -> (
    None
):
    sums = a_hundred()
    sums.stay("max-wait").wait(300_000)
    sums.stay("voicemail").wait(5_000)
    assert sums.offered == 102 == sums.answered.n + sums.abandoned.n + sums.flowed_out
    assert FORMULAS["sl.offered"].compute(sums, Terms()) == 60 / 101
    assert FORMULAS["sl.answered"].compute(sums, Terms()) == 0.75


def test_waits_of_the_hundred() -> None:
    sums = a_hundred()
    found = {
        name: FORMULAS[f"wait.{name}"].compute(sums, Terms()) for name in ("p50", "p90", "max")
    }
    assert found == {"p50": 7_000, "p90": 45_000, "max": 45_000}
    assert FORMULAS["wait.asa"].compute(sums, Terms()) == (59 * 7 + 20 + 20 * 45) / 80 * 1000
    assert FORMULAS["abandon.time"].compute(sums, Terms()) == (5 * 4 + 15 * 90) / 20 * 1000


def test_of_nothing_no_formula_says_anything_but_that_it_is_nothing() -> None:
    for formula in FORMULAS.values():
        assert not formula.compute(Sums(), Terms()), formula.name


def test_an_agents_hour() -> None:
    minute = 60_000
    sums = Sums(talks=5, talk_ms=20 * minute, wrap_up_ms=9 * minute)
    sums.state_ms.update(
        {
            AgentState.TALKING: 21 * minute,
            AgentState.WRAP_UP: 9 * minute,
            AgentState.READY: 10 * minute,
            AgentState.NOT_READY: 20 * minute,
        }
    )
    sums.offers.update({"answered": 5, "no-answer": 2, "caller-left": 3, "answered-elsewhere": 9})
    assert FORMULAS["agent.occupancy"].compute(sums, Terms()) == 0.75
    assert FORMULAS["handle.aht"].compute(sums, Terms()) == 29 * minute / 5
    assert FORMULAS["offer.no_answer_rate"].compute(sums, Terms()) == 2 / 7


def test_first_contact_resolution_waits_until_it_can_be_said() -> None:
    sums = Sums(settled=10, followed=3, provisional=7)
    assert FORMULAS["fcr"].compute(sums, Terms()) == 0.7
    assert FORMULAS["fcr"].compute(Sums(provisional=7), Terms()) is None
    assert FORMULAS["repeat.rate"].compute(Sums(calls=9, identified=8, repeats=2), Terms()) == 0.25


@pytest.mark.parametrize(("n", "shown"), [(29, False), (30, True)])
def test_few_answers_are_no_survey(n: int, shown: bool) -> None:
    sums = Sums()
    sums.scores.update({("csat", 5): n, ("nps", 5): n, ("csat", 2): 0})
    for name, value in (
        ("csat", 1.0),
        ("csat.low", 0.8865),
        ("csat.high", 1.0),
        ("dsat", 0.0),
        ("dsat.low", 0.0),
        ("dsat.high", 0.1135),
        ("nps", -100.0),
        ("nps.low", -100.0),
        ("nps.high", -77.2973),
    ):
        found = FORMULAS[name].compute(sums, Terms())
        assert found == (pytest.approx(value, abs=1e-4) if shown else None), name
    for name in ("csat.answers", "nps.answers"):
        assert FORMULAS[name].compute(sums, Terms()) == n


def test_each_scale_has_its_own_number_of_answers() -> None:
    sums = Sums()
    sums.scores.update({("csat", 5): 40, ("nps", 10): 3})
    told = {name: FORMULAS[name].compute(sums, Terms()) for name in ("csat.answers", "nps.answers")}
    assert told == {"csat.answers": 40, "nps.answers": 3}
    assert FORMULAS["nps"].compute(sums, Terms()) is None
    assert FORMULAS["nps.low"].compute(sums, Terms()) is None


def test_wilson() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for part, whole, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson(part, whole)
        assert found is not None
        assert (round(found[0], 4), round(found[1], 4)) == (low, high)
    assert wilson(0, 0) is None


def test_what_nps_may_be() -> None:
    # Found by hand: the score test with the most likely shares under it, sought for by trial.
    for for_us, against, whole, low, high in (
        (20, 10, 40, -0.018613, 0.481797),
        (60, 20, 100, 0.231969, 0.542802),
        (0, 0, 50, -0.071348, 0.071348),
        (30, 0, 30, 0.772973, 1.0),
        (0, 30, 30, -1.0, -0.772973),
    ):
        found = score_interval(for_us, against, whole)
        assert found == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))
    assert score_interval(0, 0, 0) is None


@pytest.mark.parametrize("for_us", [0, 1, 17, 30])
def test_where_nobody_is_between_nps_is_twice_a_share_less_one(for_us: int) -> None:
    found, share = score_interval(for_us, 30 - for_us, 30), wilson(for_us, 30)
    assert found is not None and share is not None
    assert found == pytest.approx([2 * end - 1 for end in share], abs=1e-6)


def test_every_formula_says_what_it_is_in_both_languages_and_where_it_is_from() -> None:
    for name, formula in FORMULAS.items():
        assert formula.key == f"{name}@{formula.version}"
        assert all((*formula.title, *formula.text, formula.source))
    assert set(SIDE_BY_SIDE) <= set(FORMULAS)


waits = st.lists(st.integers(0, 600_000), max_size=60)


@given(waits, waits, st.floats(0, 1))
def test_sums_add_up_and_a_percentile_of_them_is_one_of_all(
    some: list[int], others: list[int], share: float
) -> None:
    one, two, both = Waits(), Waits(), Waits()
    for ms in some:
        one.wait(ms)
    for ms in others:
        two.wait(ms)
    for ms in some + others:
        both.wait(ms)
    one += two
    assert one == both
    found = one.quantile_ms(share)
    assert (found is None) == (not some + others)
    if found is not None:
        within = sum(ms <= found for ms in some + others)
        assert within >= share * len(some + others) - 1e-6
    assert one.within(20) == sum(ms <= 20_000 for ms in some + others)


def test_who_sets_up_a_call_of_his_own_is_occupied() -> None:
    hour = 3_600_000
    sums = Sums()
    sums.state_ms.update({"dialling": hour, "busy-acd": hour, "ready": 2 * hour, "offered": hour})
    occupancy = FORMULAS["agent.occupancy"]
    assert occupancy.key == "agent.occupancy@2" and occupancy.compute(sums, Terms()) == 0.5
