"""Reads the ledger for reports: sums by database, lists by row; writes nothing, and decides nothing.

Each sum is one range of the ledger's key, (kind, began_at), whatever it is summed by.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.had_begun import last_sign_of_life
from acd.adapters.database.tables import agent_shifts, calls, customers, facts
from acd.core.agent import AgentState
from acd.reports.agent_facts import state_facts
from acd.reports.bookkeeping import UNSEEN_MS
from acd.reports.calendar import Interval, runs
from acd.reports.facts import ABANDONED, TRANSFERRED, Fact, Kind
from acd.reports.formula import Terms
from acd.reports.going_on import OpenState
from acd.reports.questions import GaveUp, Group, Grouped, Key, Only, Work
from acd.reports.sums import Sums

HOUR_MS = 3_600_000
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
        question = _Question(lines, tuple(by), only, terms, as_of)
        return await self._database.report(question.answer)

    async def gave_up(self, span: Interval, *, only: Only) -> list[GaveUp]:
        """Who hung up while waiting, each caller once, those we have not talked to since first."""
        return await self._database.report(_gave_up, span, only)

    async def one_by_one(self, span: Interval, *, only: Only) -> list[Fact]:
        """Every stay and offer of callers who joined then, in order of time."""
        return await self._database.report(_one_by_one, span, only)

    async def work(self, span: Interval, *, only: Only, least_ms: int) -> list[Work]:
        """The talks that began then, by agent and queue."""
        return await self._database.report(_work, span, only, least_ms)


class _Question:
    """One set of sums: every query has the same lines, keys and confines."""

    def __init__(
        self,
        lines: Sequence[Interval],
        by: tuple[Key, ...],
        only: Only,
        terms: Terms,
        as_of: int,
    ) -> None:
        self._lines = lines
        self._by = by
        self._only = only
        self._as_of = as_of
        self._window_ms = terms.window_h * HOUR_MS
        self._found: Grouped = {}

    def answer(self, connection: sa.Connection) -> Grouped:
        """In a thread."""
        if not self._lines:
            return {}
        for ask in self.statements().items():
            self._take(connection, *ask)
        self._open_states(connection)
        return self._found

    def statements(self) -> Mapping[Callable[[Sums, Any], None], sa.Select[Any]]:
        """Every query, with what its rows mean."""
        long_ms = facts.c.ended_at - facts.c.began_at
        second = (long_ms + 999) // _number(1000)
        n, total = sa.func.count().label("n"), sa.func.sum(long_ms).label("total")
        result = facts.c.result
        is_transfer = sa.case((result == TRANSFERRED, 1), else_=0)
        return {
            _add_stays: self._select(
                Kind.STAY,
                result,
                second.label("second"),
                n,
                total,
                sa.func.max(long_ms).label("longest"),
            ).group_by(result, sa.text("second")),
            _add_refused: self._select(Kind.REFUSAL, result, n).group_by(result),
            _add_talks: self._select(
                Kind.TALK, n, total, sa.func.sum(is_transfer).label("transferred")
            ),
            _add_offers: self._select(Kind.OFFER, result, n).group_by(result),
            **self._states(result, total),
            _add_forecasts: self._select(Kind.FORECAST, result, n).group_by(result),
            _add_surveys: self._select(Kind.SURVEY, result, n).group_by(result),
            _add_callbacks: self._select(Kind.CALLBACK, result, n).group_by(result),
            _add_attempts: self._select(Kind.ATTEMPT, result, n).group_by(result),
            _add_scores: self._select(Kind.SCORE, result, facts.c.detail, n).group_by(
                result, facts.c.detail
            ),
            _add_calls: self._calls(),
        }

    def _states(
        self, result: sa.ColumnElement[Any], total: sa.ColumnElement[Any]
    ) -> Mapping[Callable[[Sums, Any], None], sa.Select[Any]]:
        """What agents did, and their wrap-up for these queues: apart, where their whole time is more than that."""
        states = self._select(Kind.STATE, result, total).group_by(result)
        if self._only.queue is None and self._only.dialled is None:
            return {_add_states_and_wrap_up: states}
        wrap_up = self._select(Kind.STATE, total, only_its_own=True).where(
            result == sa.literal_column(f"'{AgentState.WRAP_UP}'")
        )
        return {_add_states: states, _add_wrap_up: wrap_up}

    def _select(self, kind: Kind, *columns: Any, only_its_own: bool = False) -> sa.Select[Any]:
        """These, of facts of this kind, by line and keys; of states `only_its_own`, or the whole time of who serves."""
        keys = [_KEYS[key].label(key.value) for key in self._by]
        since, until = self._lines[0].began_at, self._lines[-1].ended_at
        asked = sa.select(_line_of(self._lines).label("line"), *keys, *columns).where(
            # Written out: only so can an index of one kind be used.
            facts.c.kind == sa.literal_column(f"'{kind}'"),
            facts.c.began_at >= since,
            facts.c.began_at < until,
            *self._confined(kind is Kind.STATE and not only_its_own, since, until),
        )
        joined: sa.FromClause = facts
        if Key.REGION in self._by:
            joined = joined.outerjoin(customers, customers.c.id == facts.c.person)
        if Key.REASON in self._by or Key.OUTCOME in self._by:
            joined = joined.outerjoin(calls, calls.c.id == facts.c.conversation)
        return asked.select_from(joined).group_by(
            sa.text("line"), *(_KEYS[key] for key in self._by)
        )

    def _confined(
        self, whole_time: bool, since: int, until: int
    ) -> Iterable[sa.ColumnElement[bool]]:
        for name in ("queue", "team", "agent", "dialled"):
            value = getattr(self._only, name)
            if value is None:
                continue
            if whole_time and name == "dialled":
                yield sa.false()  # Nobody is ready for a number.
            elif whole_time and name == "queue":
                # The whole time of those who were offered calls of this queue.
                offered = sa.select(facts.c.agent).where(
                    facts.c.kind == sa.literal_column(f"'{Kind.OFFER}'"),
                    facts.c.began_at >= since,
                    facts.c.began_at < until,
                    facts.c.queue == value,
                )
                yield facts.c.agent.in_(offered)
            else:
                yield facts.c[name] == value

    def _calls(self) -> sa.Select[Any]:
        """How many came in, of how many the customer is known or why not, and whether he called before, or again."""
        before, after = facts.alias("before"), facts.alias("after")
        his_kind: sa.ColumnElement[Any] = sa.literal_column(f"'{Kind.CALL}'")
        w = self._window_ms
        repeated = sa.exists().where(
            before.c.kind == his_kind,
            before.c.person == facts.c.person,
            before.c.began_at >= facts.c.began_at - w,
            before.c.began_at < facts.c.began_at,
        )
        followed = sa.exists().where(
            after.c.kind == his_kind,
            after.c.person == facts.c.person,
            after.c.began_at > facts.c.began_at,
            after.c.began_at <= facts.c.began_at + w,
            after.c.queue == facts.c.queue,
        )
        handled = sa.and_(facts.c.agent.is_not(None), facts.c.person.is_not(None))
        old = facts.c.began_at < self._as_of - w

        def how_many(*conditions: Any) -> Any:
            return sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0))

        return self._select(
            Kind.CALL,
            _CONFIDENCE,
            sa.func.count().label("n"),
            sa.func.count(facts.c.person).label("identified"),
            how_many(facts.c.person.is_not(None), repeated).label("repeats"),
            how_many(handled, old).label("settled"),
            how_many(handled, old, followed).label("followed"),
            how_many(handled, sa.not_(old)).label("provisional"),
        ).group_by(_CONFIDENCE)

    def _take(
        self, connection: sa.Connection, add: Callable[[Sums, Any], None], asked: sa.Select[Any]
    ) -> None:
        for row in connection.execute(asked).all():  # At once: one by one takes twice as long.
            group = (int(row[0]), *row[1 : 1 + len(self._by)])
            add(self._sums_of(group), row)

    def _sums_of(self, group: Group) -> Sums:
        found = self._found.get(group)
        if found is None:  # Many rows are of few groups, and an empty one is a dozen counters.
            found = self._found[group] = Sums()
        return found

    def _open_states(self, connection: sa.Connection) -> None:
        """What agents do just now is no fact yet, and counts until now."""
        since, until = self._lines[0].began_at, self._lines[-1].ended_at
        if self._as_of < since or set(self._by) - {Key.AGENT, Key.LIST} or self._only != Only():
            return
        upto = min(self._as_of, last_sign_of_life(connection) + UNSEEN_MS)
        shifts = connection.execute(
            sa.select(agent_shifts).where(agent_shifts.c.state.is_not(None))
        )
        for row in shifts:
            state = OpenState(state=row.state, since=max(row.since, since))
            for fact in state_facts(row.agent, state, min(upto, until)):
                line = next(n for n, one in enumerate(self._lines) if fact.began_at < one.ended_at)
                group = (line, *(row.agent if key is Key.AGENT else None for key in self._by))
                sums = self._sums_of(group)
                sums.state_ms[row.state] += fact.ended_at - fact.began_at
                if row.state == AgentState.WRAP_UP:
                    sums.wrap_up_ms += fact.ended_at - fact.began_at


_CONFIDENCE = facts.c.body["confidence"].as_string().label("confidence")

_KEYS: Mapping[Key, sa.ColumnElement[Any]] = {
    Key.QUEUE: facts.c.queue,
    Key.TEAM: facts.c.team,
    Key.AGENT: facts.c.agent,
    Key.DIALLED: facts.c.dialled,
    Key.REGION: customers.c.region,
    Key.REASON: calls.c.reason,
    Key.OUTCOME: calls.c.outcome,
    Key.LIST: sa.case((facts.c.kind == sa.literal_column(f"'{Kind.ATTEMPT}'"), facts.c.detail)),
}


def _line_of(lines: Sequence[Interval]) -> sa.ColumnElement[int]:
    """The number of the line in which a fact began, by arithmetic: days of 23 and 25 hours included."""
    cases = [
        (
            facts.c.began_at < _number(run.ended_at),
            _number(run.first)
            + (facts.c.began_at - _number(run.began_at)) // _number(run.length_ms),
        )
        for run in runs(lines)
    ]
    return sa.cast(sa.case(*cases), sa.BigInteger)


def _number(n: int) -> sa.ColumnElement[int]:
    """Written out, so that a group and a column are seen to be the same."""
    return sa.literal_column(str(n), sa.BigInteger)


def _add_stays(sums: Sums, row: Any) -> None:
    sums.stay(row.result).add(int(row.second), row.n, int(row.total), int(row.longest))


def _add_refused(sums: Sums, row: Any) -> None:
    sums.refused[row.result] += row.n


def _add_talks(sums: Sums, row: Any) -> None:
    sums.talks += row.n
    sums.talk_ms += int(row.total)
    sums.transferred += int(row.transferred)


def _add_offers(sums: Sums, row: Any) -> None:
    sums.offers[row.result] += row.n


def _add_states(sums: Sums, row: Any) -> None:
    sums.state_ms[row.result] += int(row.total)


def _add_states_and_wrap_up(sums: Sums, row: Any) -> None:
    _add_states(sums, row)
    if row.result == AgentState.WRAP_UP:
        _add_wrap_up(sums, row)


def _add_wrap_up(sums: Sums, row: Any) -> None:
    sums.wrap_up_ms += int(row.total)


def _add_forecasts(sums: Sums, row: Any) -> None:
    sums.forecasts[row.result] += row.n


def _add_surveys(sums: Sums, row: Any) -> None:
    sums.surveys[row.result] += row.n


def _add_attempts(sums: Sums, row: Any) -> None:
    sums.attempts[row.result] += row.n


def _add_callbacks(sums: Sums, row: Any) -> None:
    sums.callbacks[row.result] += row.n


def _add_scores(sums: Sums, row: Any) -> None:
    sums.scores[row.result, int(row.detail)] += row.n


def _add_calls(sums: Sums, row: Any) -> None:
    sums.calls += row.n
    sums.identified += int(row.identified)
    sums.repeats += int(row.repeats)
    sums.settled += int(row.settled)
    sums.followed += int(row.followed)
    sums.provisional += int(row.provisional)
    untold = row.n - int(row.identified)
    if row.confidence is not None and untold:  # Versions of before did not keep it.
        sums.untold[row.confidence] += untold


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


# What it takes to see who was before whom; the body only where it is looked at.
_SHORT = ("began_at", "ended_at", "subject", "conversation", "queue", "agent", "result")


def _one_by_one(connection: sa.Connection, span: Interval, only: Only) -> list[Fact]:
    columns = [facts.c[name] for name in _SHORT]
    found = []
    for kind, body in ((Kind.STAY, facts.c.body), (Kind.OFFER, sa.null())):
        asked = sa.select(*columns, body).where(_within((kind,), span, only))
        found += [
            Fact(kind=kind, body=body, **dict(zip(_SHORT, row, strict=True)))
            for *row, body in connection.execute(asked).all()
        ]
    return sorted(found, key=lambda fact: (fact.began_at, fact.subject))


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
