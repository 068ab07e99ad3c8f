"""Who was answered after a caller who had joined the same queue later, how often, and by which rule; blames nobody.

Looked at are the moments in which an agent was given a call, as in them it was decided.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from acd.reports.facts import ANSWERED, Fact, Kind


@dataclass(slots=True, kw_only=True)
class Overtaken:
    """A caller before whom later ones were served."""

    stay: Fact
    why: Counter[str] = field(default_factory=Counter)

    @property
    def times(self) -> int:
        """By so many callers."""
        return self.why.total()


def overtaken(facts: Sequence[Fact]) -> list[Overtaken]:
    """From the stays and offers of some span; those who were overtaken most come first."""
    offers: dict[tuple[str | None, str | None], list[Fact]] = {}
    for fact in facts:
        if fact.kind is Kind.OFFER:
            offers.setdefault((fact.conversation, fact.queue), []).append(fact)
    queues: dict[str | None, list[Fact]] = {}
    for fact in facts:
        if fact.kind is Kind.STAY:
            queues.setdefault(fact.queue, []).append(fact)
    found: dict[str, Overtaken] = {}
    for stays in queues.values():
        _in_one_queue(sorted(stays, key=lambda stay: (stay.began_at, stay.subject)), offers, found)
    return sorted(found.values(), key=lambda one: (-one.times, one.stay.began_at, one.stay.subject))


def _in_one_queue(
    stays: list[Fact],
    offers: dict[tuple[str | None, str | None], list[Fact]],
    found: dict[str, Overtaken],
) -> None:
    waiting: list[Fact] = []
    for winner in stays:
        waiting = [stay for stay in waiting if stay.ended_at > winner.began_at]
        if winner.result == ANSWERED:
            given = [
                offer
                for offer in offers.get((winner.conversation, winner.queue), ())
                if offer.result == ANSWERED and offer.ended_at == winner.ended_at
            ]
            decided_at = given[0].began_at if given else winner.ended_at
            for loser in waiting:
                if loser.began_at < winner.began_at and loser.ended_at > winner.ended_at:
                    his = offers.get((loser.conversation, loser.queue), [])
                    why = _why(loser, winner, his, decided_at)
                    found.setdefault(loser.subject, Overtaken(stay=loser)).why[why] += 1
        waiting.append(winner)


def _why(loser: Fact, winner: Fact, his_offers: Sequence[Fact], decided_at: int) -> str:
    """The first rule by which the later one came before him."""
    his, others = loser.body or {}, winner.body or {}

    def value(body: Any, name: str) -> Any:
        return body.get(name) or 0

    if value(others, "priority") > value(his, "priority"):
        return "priority"
    if any(offer.began_at <= decided_at < offer.ended_at for offer in his_offers):
        return "ringing"
    ahead_ms = winner.began_at - loser.began_at
    if value(others, "bonus_ms") - value(his, "bonus_ms") >= ahead_ms:
        return "bonus"
    if any(
        offer.agent == winner.agent and offer.ended_at <= decided_at and offer.result != ANSWERED
        for offer in his_offers
    ):
        return "spared"
    if his.get("last_agent"):
        return "last-agent"
    return "skills" if his.get("requires") != others.get("requires") else "other"
