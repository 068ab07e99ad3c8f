"""What an agent is paid for calls: base + calls × rate − deductions, by a rule that is printed with it; pays nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

from acd.reports.agent_formulas import missed
from acd.reports.questions import Work
from acd.reports.sums import Sums
from ivr.plain_yaml import BrokenFile, Reader, compose, quoted, text_of

_MOST = Decimal(1_000_000)
_CENT = Decimal("0.01")

MEANING: Mapping[str, str] = {
    "base": "what an agent is paid for these days without any call",
    "per_call": "what a talk that counts adds",
    "per_call_of": "the same for the talks of one queue",
    "shortest_s": "a talk that is shorter does not count",
    "deductions": "what is taken off, for each",
    "missed": "an offer that rang out, was refused, or found no phone",
    "transferred": "a talk that ended in a transfer",
    "called_again": "a call after which the customer called again within the window",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRule:
    """The rule. Amounts are in whatever money the centre pays in."""

    base: Decimal = Decimal(0)
    per_call: Decimal = Decimal(0)
    per_call_of: Mapping[str, Decimal] = field(default_factory=dict)
    shortest_s: int = 0
    missed: Decimal = Decimal(0)
    transferred: Decimal = Decimal(0)
    called_again: Decimal = Decimal(0)

    def text(self) -> str:
        """The rule in one line."""
        rates = [f"{self.per_call}", *(f"{q} {rate}" for q, rate in self.per_call_of.items())]
        deductions = [
            f"missed {self.missed}",
            f"transferred {self.transferred}",
            f"called again {self.called_again}",
        ]
        return (
            f"{self.base} + talks of {self.shortest_s} s or more × {', '.join(rates)}"
            f" − ({' + '.join(deductions)})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """One agent's pay, and what it is made of."""

    agent: str
    talks: int
    counted: int
    missed: int
    base: Decimal
    earned: Decimal
    deducted: Decimal

    @property
    def sum(self) -> Decimal:
        """What he gets; never less than nothing."""
        return max(Decimal(0), self.base + self.earned - self.deducted)


def pay(rule: PayRule, work: Sequence[Work], by_agent: Mapping[str, Sums]) -> list[Pay]:
    """Everybody's, in the order of their ids."""
    found = []
    for agent in sorted({one.agent for one in work} | set(by_agent)):
        his = [one for one in work if one.agent == agent]
        sums = by_agent.get(agent, Sums())
        earned = sum(
            (one.long_enough * rule.per_call_of.get(one.queue, rule.per_call) for one in his),
            Decimal(0),
        )
        deducted = (
            missed(sums) * rule.missed
            + sums.transferred * rule.transferred
            + sums.followed * rule.called_again
        )
        found.append(
            Pay(
                agent=agent,
                talks=sum(one.talks for one in his),
                counted=sum(one.long_enough for one in his),
                missed=missed(sums),
                base=rule.base,
                earned=earned.quantize(_CENT),
                deducted=deducted.quantize(_CENT),
            )
        )
    return found


def read_rule_of(file: Path) -> PayRule:
    """The rule in this file; raises BrokenFile."""
    return read_rule(text_of(file), file.name)


def read_rule(text: str, file: str) -> PayRule:
    """The rule that a file describes; raises BrokenFile with all that is wrong."""
    reader = Reader(file=file, meaning=MEANING)
    root = compose(text, file)
    if root is None:
        reader.blame(None, "is empty; it needs per_call")
        raise BrokenFile(reader.problems)
    optional = ("base", "per_call_of", "shortest_s", "deductions")
    words = reader.words(root, "a pay rule", required=("per_call",), optional=optional)
    per_call_of = {}
    if (of := words.get("per_call_of")) is not None:
        for queue, (_, node) in reader.entries(of, "per_call_of").items():
            per_call_of[queue] = _amount(reader, node, f"per_call_of {quoted(queue)}")
    taken: dict[str, yaml.Node] = {}
    names = ("missed", "transferred", "called_again")
    if (deductions := words.get("deductions")) is not None:
        taken = dict(reader.words(deductions, "deductions", optional=names))
    rule = PayRule(
        base=_amount(reader, words.get("base"), "base"),
        per_call=_amount(reader, words.get("per_call"), "per_call"),
        per_call_of=per_call_of,
        shortest_s=reader.number(words.get("shortest_s"), "shortest_s", 0, 3600, default=0),
        missed=_amount(reader, taken.get("missed"), "missed"),
        transferred=_amount(reader, taken.get("transferred"), "transferred"),
        called_again=_amount(reader, taken.get("called_again"), "called_again"),
    )
    if reader.problems:
        raise BrokenFile(reader.problems)
    return rule


def _amount(reader: Reader, node: yaml.Node | None, what: str) -> Decimal:
    text = reader.text(node, what)
    if text is None:
        return Decimal(0)
    try:
        amount = Decimal(text)
        if amount.is_finite() and 0 <= amount <= _MOST and amount == amount.quantize(_CENT):
            return amount
    except InvalidOperation:
        pass
    reader.blame(node, f"{what} is {quoted(text)}; it takes an amount such as 0.80, 0 to {_MOST}")
    return Decimal(0)
