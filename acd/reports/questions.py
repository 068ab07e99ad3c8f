"""What a report asks of the ledger, and gets; how it is found out is the database's affair."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from acd.reports.calendar import Interval, Step, span
from acd.reports.facts import Kind
from acd.reports.formula import USUAL_TERMS, Terms
from acd.reports.sums import Sums
from acd.reports.words import Language


class Key(StrEnum):
    """By what a report sums."""

    QUEUE = "queue"
    TEAM = "team"
    AGENT = "agent"
    DIALLED = "dialled"
    REGION = "region"  # The customer's, as it is now.
    REASON = "reason"  # As a menu learned it, or the disposition says.
    LIST = "list"  # Of those who are to be called.
    OUTCOME = "outcome"  # What came of it: the disposition, or `undisposed`.


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """What a report is confined to; None: to nothing."""

    queue: str | None = None
    team: str | None = None
    agent: str | None = None
    dialled: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One way to sum the same days up: by these keys at once, by time or not, and what of: no other sum is right."""

    by: tuple[Key, ...] = ()
    by_time: bool = False
    of: Collection[Kind] = frozenset(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody wants to know. Both days are included; `as_of` is now, in milliseconds."""

    first: date
    last: date
    zone: ZoneInfo
    as_of: int
    step: Step = Step.HALF
    only: Only = Only()
    terms: Terms = USUAL_TERMS
    language: Language = Language.EN

    @property
    def whole(self) -> Interval:
        """All of it as one line."""
        began_at, ended_at = span(self.first, self.last, self.zone)
        return Interval(began_at=began_at, ended_at=ended_at, label="")


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp:
    """A caller who hung up while he waited, and whether we have talked since."""

    person: str | None
    number: str | None
    name: str | None
    queue: str
    times: int
    first_at: int
    last_at: int
    longest_ms: int
    reached_at: int | None = None
    reached_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one agent did for one queue: talks, and those of them that were long enough to be paid."""

    agent: str
    queue: str
    talks: int
    long_enough: int


class Turn(NamedTuple):
    """A stay in a queue, or an offer: what it takes to see who was before whom. A week has a hundred thousand."""

    kind: Kind
    began_at: int
    ended_at: int
    subject: str
    conversation: str | None = None
    queue: str | None = None
    agent: str | None = None
    result: str | None = None
    body: str | None = None  # Of a stay, as JSON: few are ever looked at.


Group: TypeAlias = tuple[Any, ...]  # (number of the line, value of each key)
Grouped: TypeAlias = dict[Group, Sums]


class Books(Protocol):
    """The ledger, as reports read it. Every method raises the database's error when it is away."""

    async def sums(
        self,
        lines: Sequence[Interval],
        *,
        by: Sequence[Key] = (),
        only: Only,
        terms: Terms,
        as_of: int,
    ) -> Grouped:
        """What happened in each line, by each key; what has not is not there."""

    async def cut(
        self,
        lines: Sequence[Interval],
        cuts: Sequence[Cut],
        *,
        only: Only,
        terms: Terms,
        as_of: int,
    ) -> list[Grouped]:
        """The same, cut in several ways for the price of little more than one; not by time, all is in line 0."""

    async def gave_up(self, span: Interval, *, only: Only) -> list[GaveUp]:
        """Who hung up while waiting, each caller once, those we have not talked to since first."""

    async def one_by_one(self, span: Interval, *, only: Only) -> list[Turn]:
        """Every stay and offer of callers who joined then."""

    async def work(self, span: Interval, *, only: Only, least_ms: int) -> list[Work]:
        """The talks that began then, by agent and queue."""
