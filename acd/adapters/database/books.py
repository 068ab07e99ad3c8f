"""Reads the ledger for reports: sums by database, lists by row; writes nothing, and decides nothing."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.ledger_sums import SumsQuestion
from acd.adapters.database.tables import calls, customers, facts
from acd.reports.calendar import Interval
from acd.reports.facts import ABANDONED, Kind
from acd.reports.formula import Terms
from acd.reports.questions import Cut, GaveUp, Grouped, Key, Only, Turn, Work

MOST_LISTED = 10_000  # Lines of a list: nobody reads more, and a browser holds them.


class DatabaseBooks:
    """The ledger, as reports read it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sums(
        self,
        lines: Sequence[Interval],
        *,
        by: Sequence[Key] = (),
        only: Only,
        terms: Terms,
        as_of: int,
    ) -> Grouped:
        """What happened in each line, by each key; what has not is not there. Raises DatabaseError."""
        cut = Cut(by=tuple(by), by_time=True)
        (found,) = await self.cut(lines, [cut], only=only, terms=terms, as_of=as_of)
        return found

    async def cut(
        self,
        lines: Sequence[Interval],
        cuts: Sequence[Cut],
        *,
        only: Only,
        terms: Terms,
        as_of: int,
    ) -> list[Grouped]:
        """The same, cut in several ways for the price of little more than one. Raises DatabaseError."""
        question = SumsQuestion(lines, cuts, only, terms, as_of)
        asked = list(question.statements())
        # Not one after the other: each is another range of the ledger.
        found = await asyncio.gather(*(self._database.report(_rows, one) for _, one in asked))
        for (add, _), rows in zip(asked, found, strict=True):
            question.take(add, rows)
        await self._database.report(question.take_open_states)
        return question.found

    async def gave_up(self, span: Interval, *, only: Only) -> list[GaveUp]:
        """Who hung up while waiting, each caller once, those we have not talked to since first."""
        return await self._database.report(_gave_up, span, only)

    async def one_by_one(self, span: Interval, *, only: Only) -> list[Turn]:
        """Every stay and offer of callers who joined then. Raises DatabaseError."""
        return await self._database.report(_one_by_one, span, only)

    async def work(self, span: Interval, *, only: Only, least_ms: int) -> list[Work]:
        """The talks that began then, by agent and queue."""
        return await self._database.report(_work, span, only, least_ms)


def _rows(connection: sa.Connection, asked: sa.CompoundSelect[Any]) -> Sequence[sa.Row[Any]]:
    return connection.execute(asked).all()  # At once: one by one takes twice as long.


def _within(kinds: Iterable[Kind], span: Interval, only: Only) -> sa.ColumnElement[bool]:
    named = [
        facts.c[name] == getattr(only, name)
        for name in ("queue", "team", "agent", "dialled")
        if getattr(only, name) is not None
    ]
    return sa.and_(
        facts.c.kind.in_([sa.literal_column(f"'{kind}'") for kind in kinds]),
        facts.c.began_at >= span.began_at,
        facts.c.began_at < span.ended_at,
        *named,
    )


def _one_by_one(connection: sa.Connection, span: Interval, only: Only) -> list[Turn]:
    columns = [facts.c[name] for name in Turn._fields[1:-1]]
    found = []
    for kind, body in ((Kind.STAY, sa.cast(facts.c.body, sa.Text)), (Kind.OFFER, sa.null())):
        asked = sa.select(*columns, body).where(_within((kind,), span, only))
        found += [Turn._make((kind, *row)) for row in connection.execute(asked).all()]
    return found


def _work(connection: sa.Connection, span: Interval, only: Only, least_ms: int) -> list[Work]:
    enough = sa.case((facts.c.ended_at - facts.c.began_at >= least_ms, 1), else_=0)
    asked = (
        sa.select(
            facts.c.agent,
            facts.c.queue,
            sa.func.count().label("talks"),
            sa.func.sum(enough).label("long_enough"),
        )
        .where(_within((Kind.TALK,), span, only))
        .group_by(facts.c.agent, facts.c.queue)
        .order_by(facts.c.agent, facts.c.queue)
    )
    rows = connection.execute(asked)
    return [
        Work(agent=row.agent, queue=row.queue, talks=row.talks, long_enough=int(row.long_enough))
        for row in rows
    ]


def _gave_up(connection: sa.Connection, span: Interval, only: Only) -> list[GaveUp]:
    number = sa.func.coalesce(calls.c.number, calls.c.number_raw)
    gone = (
        sa.select(
            facts.c.person,
            number.label("number"),
            sa.func.max(sa.func.coalesce(customers.c.name, calls.c.caller_name)).label("name"),
            facts.c.queue,
            sa.func.count().label("times"),
            sa.func.min(facts.c.began_at).label("first_at"),
            sa.func.max(facts.c.ended_at).label("last_at"),
            sa.func.max(facts.c.ended_at - facts.c.began_at).label("longest_ms"),
        )
        .select_from(
            facts.outerjoin(calls, calls.c.id == facts.c.conversation).outerjoin(
                customers, customers.c.id == facts.c.person
            )
        )
        .where(_within((Kind.STAY,), span, only), facts.c.result == ABANDONED)
        .group_by(facts.c.person, number, facts.c.queue)
        .order_by(sa.desc("last_at"), facts.c.person, sa.text("number"))
        .limit(MOST_LISTED)
        .subquery("gone")
    )
    columns: list[Any] = [gone, *_reached(gone, "reached_at", 0), *_reached(gone, "reached_by", 1)]
    rows = connection.execute(sa.select(*columns).order_by(gone.c.last_at)).mappings()
    found = [
        GaveUp(
            **{column.name: row[column.name] for column in gone.c},
            reached_at=row["reached_at"] or row["reached_at_by_number"],
            reached_by=row["reached_by"] or row["reached_by_by_number"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.reached_at is not None, one.last_at))


def _reached(gone: sa.Subquery, name: str, column: int) -> Iterable[sa.ColumnElement[Any]]:
    """When (0), or by whom (1), he was next talked to; whoever cannot be told is looked for by his number."""
    later = facts.alias("later")
    yield (
        sa.select((later.c.began_at, later.c.agent)[column])
        .where(
            later.c.kind == sa.literal_column(f"'{Kind.CALL}'"),
            later.c.person == gone.c.person,
            later.c.began_at >= gone.c.last_at,
            later.c.agent.is_not(None),
        )
        .order_by(later.c.began_at)
        .limit(1)
        .scalar_subquery()
        .label(name)
    )
    others = calls.alias("others")
    yield (
        sa.select((others.c.answered_at, others.c.agent)[column])
        .where(
            gone.c.person.is_(None),
            others.c.number == gone.c.number,
            others.c.started_at >= gone.c.last_at,
            others.c.answered_at.is_not(None),
        )
        .order_by(others.c.started_at)
        .limit(1)
        .scalar_subquery()
        .label(f"{name}_by_number")
    )
