"""Each strategy says who comes first, in a total order, and an unknown one does not exist."""

from collections import Counter
from decimal import Decimal, localcontext
from math import log2

import pytest

from acd.core.agent import Agent
from acd.core.configuration import AgentProfile, QueueRules
from acd.core.ids import AgentId, QueueId
from acd.core.strategies import STRATEGIES, _minus_log2

Q = QueueId("q")


def agent(name: str, **known: object) -> Agent:
    skills = known.pop("skills", {})
    profile = AgentProfile(id=AgentId(name), name=name, device="", queues=(Q,), skills=skills)
    return Agent(profile=profile, **known)


def first(strategy: str, *agents: Agent, **rules: object) -> list[str]:
    of_queue = QueueRules(id=Q, name="q", strategy=strategy, **rules)
    return [a.id for a in sorted(agents, key=lambda a: STRATEGIES[strategy](a, of_queue))]


def test_longest_idle():
    assert first("longest-idle", agent("a", idle_since=2), agent("b", idle_since=1)) == ["b", "a"]


def test_fewest_calls_then_longest_idle():
    a, b, c = agent("a", calls=1), agent("b", idle_since=5), agent("c", idle_since=4)
    assert first("fewest-calls", a, b, c) == ["c", "b", "a"]


def test_least_occupied_is_a_share_of_the_shift_and_not_a_sum():
    old = agent("old", shift_since=0, idle_since=100_000, busy_ms=30_000)
    new = agent("new", shift_since=80_000, idle_since=100_000, busy_ms=10_000)
    assert first("least-occupied", new, old) == ["old", "new"]


def test_who_has_been_busy_for_less_than_a_thousandth_of_his_shift_has_not_been_busy():
    """What is less than a thousandth is nothing: then who has been without a call for longer comes first."""
    long = agent("long", shift_since=0, idle_since=2_000_000, busy_ms=1_999)
    new = agent("new", shift_since=2_000_000, idle_since=2_000_001)
    assert first("least-occupied", new, long) == ["long", "new"]


def test_round_robin_counts_rings_and_not_answers():
    assert first("round-robin", agent("a", last_rung=9), agent("b", last_rung=3)) == ["b", "a"]


def test_linear_follows_the_list_and_the_rest_comes_after():
    order = (AgentId("c"), AgentId("a"))
    assert first("linear", agent("a"), agent("b"), agent("c"), order=order) == ["c", "a", "b"]


def test_best_skill_then_longest_idle():
    a = agent("a", skills={"fridge": 40}, idle_since=1)
    b = agent("b", skills={"fridge": 90}, idle_since=9)
    assert first("best-skill", a, b, agent("c"), skill="fridge") == ["b", "a", "c"]


def test_best_skill_prefers_a_beginner_to_one_who_cannot():
    beginner = agent("beginner", skills={"fridge": 1}, idle_since=9)
    assert first("best-skill", agent("a"), beginner, skill="fridge") == ["beginner", "a"]


def test_weighted_random_is_by_lot_repeatable_and_has_the_chances_it_says():
    wins: Counter[str] = Counter()
    for since in range(4000):
        a = agent("a", skills={"x": 30}, idle_since=since)
        b = agent("b", skills={"x": 10}, idle_since=since)
        order = first("weighted-random", a, b, skill="x")
        assert order == first("weighted-random", b, a, skill="x")
        wins[order[0]] += 1
    assert 0.72 < wins["a"] / 4000 < 0.78, "three times the level, three times the chance"


def test_who_has_not_the_skill_comes_after_all_who_have_it_whatever_the_lot():
    for since in range(100):
        beginner = agent("beginner", skills={"x": 1}, idle_since=since)
        assert first("weighted-random", agent("a"), beginner, skill="x") == ["beginner", "a"]


def test_without_a_skill_all_have_the_same_chance():
    wins: Counter[str] = Counter()
    for since in range(1000):
        wins[
            first("weighted-random", agent("a", idle_since=since), agent("b", idle_since=since))[0]
        ] += 1
    assert 450 < wins["a"] < 550


@pytest.mark.parametrize("word", [1, 2, 3, 1 << 32, (1 << 64) - 1, 0xDEADBEEF, 12345678901234567])
def test_the_integer_logarithm_is_one(word):
    assert _minus_log2(word) / 2**32 == pytest.approx(64 - log2(word), abs=1e-6)


def test_the_integer_logarithm_is_right_to_its_last_digit():
    """Or two machines, or two of our versions, would draw two lots."""
    for bits in range(64):
        assert _minus_log2(1 << bits) == 64 - bits << 32
    with localcontext(prec=50):
        for word in (3, 0xDEADBEEF, 12345678901234567, (1 << 64) - 1):
            exact = (64 - Decimal(word).ln() / Decimal(2).ln()) * 2**32
            assert abs(_minus_log2(word) - exact) < 1
