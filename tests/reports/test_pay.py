"""Pay is base + calls × rate − deductions, to the cent; a rule that cannot be meant is refused with its line."""

from decimal import Decimal

import pytest

from acd.reports.pay import PayRule, pay, read_rule
from acd.reports.questions import Work
from acd.reports.sums import Sums
from ivr.plain_yaml import BrokenFile

RULE = """\
base: 3000
per_call: 0.80
per_call_of: {vip: 1.50}
shortest_s: 10
deductions: {missed: 1.00, transferred: 0.20, called_again: 2.00}
"""


def test_pay() -> None:
    rule = read_rule(RULE, "pay.yaml")
    assert rule.shortest_s == 10
    work = [
        Work(agent="ana", queue="hotline", talks=101, long_enough=100),
        Work(agent="ana", queue="vip", talks=7, long_enough=7),
    ]
    sums = Sums(transferred=3, followed=2)
    sums.offers.update({"answered": 108, "no-answer": 3, "rejected": 1, "caller-left": 9})
    bo = Sums()
    bo.offers.update({"no-answer": 4_000})
    first, second = pay(rule, work, {"ana": sums, "bo": bo})
    assert (first.talks, first.counted, first.missed) == (108, 107, 4)
    assert (first.earned, first.deducted) == (Decimal("90.50"), Decimal("8.60"))
    assert first.sum == Decimal("3081.90")
    assert (second.agent, second.sum) == ("bo", 0)  # Never less than nothing.
    for part in ("3000", "0.80", "vip 1.50", "10 s", "missed 1.00"):
        assert part in rule.text()


def test_a_tenth_of_a_cent_is_never_lost_in_between() -> None:
    work = [Work(agent="ana", queue="q", talks=3, long_enough=3)]
    (one,) = pay(PayRule(per_call=Decimal("0.10")), work, {})
    assert one.sum == Decimal("0.30")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("base: 1", "per_call"),
        ("per_call: -1", "pay.yaml:1: per_call is '-1'"),
        ("per_call: nan", "amount such as"),
        ("per_call: 1e9", "amount such as"),
        ("per_call: 0.005", "amount such as"),
        ("per_call: 1\nper_kall: 2", "per_kall"),
        ("per_call: 1\ndeductions: {mised: 2}", "mised"),
        ("per_call: 1\nshortest_s: soon", "shortest_s"),
        ("per_call: 1\nper_call_of: {q: much}", "per_call_of"),
    ],
)
def test_a_rule_that_cannot_be_meant(text: str, says: str) -> None:
    with pytest.raises(BrokenFile) as refused:
        read_rule(text, "pay.yaml")
    assert says in str(refused.value)
