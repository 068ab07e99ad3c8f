"""A ledger in which there is what a test says, for reports to be made of."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from acd.reports.calendar import Interval, midnight
from acd.reports.facts import ABANDONED, ANSWERED
from acd.reports.formula import Terms
from acd.reports.questions import Cut, GaveUp, Grouped, Key, Only, Turn, Work
from acd.reports.sums import Sums

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 21)
NINE = midnight(DAY, SHANGHAI) + 9 * 3_600_000
EVIL = '=HYPERLINK("http://x")<script>alert(1)</script>'


class Told:
    """A ledger in which there is what a test says."""

    def __init__(
        self,
        sums: Grouped | None = None,
        turns: Sequence[Turn] = (),
        by_key: Grouped | None = None,
    ) -> None:
        self.by_time = sums or {}
        self.by_key = by_key
        self.turns = list(turns)

    async def sums(
        self,
        lines: Sequence[Interval],
        *,
        by: Sequence[Key] = (),
        only: Only,
        terms: Terms,
        as_of: int,
    ) -> Grouped:
        if not by:
            return self.by_time
        if self.by_key is not None:
            return self.by_key
        total = Sums()
        for sums in self.by_time.values():
            total += sums
        return {(0, *(EVIL for _ in by)): total} if self.by_time else {}

    async def cut(
        self,
        lines: Sequence[Interval],
        cuts: Sequence[Cut],
        *,
        only: Only,
        terms: Terms,
        as_of: int,
    ) -> list[Grouped]:
        return [
            await self.sums(lines, by=cut.by, only=only, terms=terms, as_of=as_of) for cut in cuts
        ]

    async def gave_up(self, span: Interval, *, only: Only) -> list[GaveUp]:
        if not self.by_time:
            return []
        one = GaveUp(
            person=None,
            number="+8613800138000",
            name=EVIL,
            queue="hotline",
            times=2,
            first_at=NINE,
            last_at=NINE + 60_000,
            longest_ms=61_000,
        )
        return [one]

    async def one_by_one(self, span: Interval, *, only: Only) -> list[Turn]:
        return self.turns

    async def work(self, span: Interval, *, only: Only, least_ms: int) -> list[Work]:
        return [Work(agent="ana", queue="hotline", talks=3, long_enough=2)]


def a_morning() -> Told:
    """Ten answered at once and five who gave up, at nine."""
    sums = Sums(talks=10, talk_ms=600_000)
    for _ in range(10):
        sums.stay(ANSWERED).wait(3_000)
    for _ in range(5):
        sums.stay(ABANDONED).wait(40_000)
    return Told({(18,): sums, (20,): Sums(talks=1)})
