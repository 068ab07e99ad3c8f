"""Who was answered after a caller who had joined later, how often, and by which rule; blames nobody.

Looked at are the moments in which an agent was given a call, as in them it was decided: in the same queue, whatever
the reason; in another queue, if she serves both and one order over all queues put that caller first.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from acd.reports.facts import ANSWERED, Kind
from acd.reports.questions import Turn


@dataclass(slots=True, kw_only=True)
class Overtaken:
    """A caller before whom later ones were served."""

    stay: Turn
    why: Counter[str] = field(default_factory=Counter)

    @property
    def times(self) -> int:
        """By so many callers."""
        return self.why.total()


def overtaken(turns: Sequence[Turn]) -> list[Overtaken]:
    """From the stays and offers of some span, in any order; those who were overtaken most come first."""
    offers: dict[tuple[str | None, str | None], list[Turn]] = {}
    serves: dict[str | None, set[str | None]] = {}
    for turn in turns:
        if turn.kind is Kind.OFFER:
            offers.setdefault((turn.conversation, turn.queue), []).append(turn)
            serves.setdefault(turn.agent, set()).add(turn.queue)
    found: dict[str, Overtaken] = {}
    waiting: dict[str | None, list[Turn]] = {}
    stays = (turn for turn in turns if turn.kind is Kind.STAY)
    for winner in sorted(stays, key=lambda stay: (stay.began_at, stay.subject)):
        if winner.result == ANSWERED:
            decided_at = _decided_at(winner, offers)
            for queue in sorted({winner.queue} | serves.get(winner.agent, set()), key=str):
                there = waiting.get(queue, [])
                waiting[queue] = [stay for stay in there if stay.ended_at > winner.began_at]
                for loser in waiting[queue]:
                    if loser.began_at < winner.began_at and loser.ended_at > winner.ended_at:
                        his = offers.get((loser.conversation, loser.queue), [])
                        if why := _why(loser, winner, his, decided_at):
                            found.setdefault(loser.subject, Overtaken(stay=loser)).why[why] += 1
        waiting.setdefault(winner.queue, []).append(winner)
    return sorted(found.values(), key=lambda one: (-one.times, one.stay.began_at, one.stay.subject))


def _decided_at(winner: Turn, offers: dict[tuple[str | None, str | None], list[Turn]]) -> int:
    for offer in offers.get((winner.conversation, winner.queue), ()):
        if offer.result == ANSWERED and offer.ended_at == winner.ended_at:
            return offer.began_at
    return winner.ended_at


def _why(loser: Turn, winner: Turn, his_offers: Sequence[Turn], decided_at: int) -> str | None:
    """The first rule by which the later one came before him; None if he was not in that line."""
    rule = _rule_of_order(loser, winner, decided_at)
    elsewhere = loser.queue != winner.queue
    if any(offer.began_at <= decided_at < offer.ended_at for offer in his_offers):
        return None if elsewhere else rule if rule == "priority" else "ringing"
    if rule is not None or elsewhere:
        return rule
    if any(
        offer.agent == winner.agent and offer.ended_at <= decided_at and offer.result != ANSWERED
        for offer in his_offers
    ):
        return "spared"
    his, others = _read(loser.body), _read(winner.body)
    if his.get("last_agent"):
        return "last-agent"
    return "skills" if his.get("requires") != others.get("requires") else "other"


def _rule_of_order(loser: Turn, winner: Turn, at: int) -> str | None:
    """What put the later one first in the order over all queues; None if nothing did. See `State.rank_of`."""
    his, others = _Place(loser, at), _Place(winner, at)
    if others.priority != his.priority:
        return "priority" if others.priority > his.priority else None
    if others.aged + others.bonus_ms < his.aged + his.bonus_ms:
        return None
    if others.waited_ms >= his.waited_ms:
        return "place"
    return "weight" if others.aged >= his.aged else "bonus"


class _Place:
    """Where a caller stands in the order at this moment."""

    def __init__(self, stay: Turn, at: int) -> None:
        body = _read(stay.body)
        placed_at = body.get("placed_at")
        self.priority: int = body.get("priority") or 0
        self.bonus_ms: int = body.get("bonus_ms") or 0
        self.waited_ms = at - (stay.began_at if placed_at is None else int(placed_at))
        self.aged = (body.get("weight") or 1) * self.waited_ms


@lru_cache(maxsize=1024)
def _read(body: str | None) -> Mapping[str, Any]:
    """Many are the same. Who was read from another's log has none."""
    return json.loads(body or "null") or {}
