"""Sums up what the ledger holds of a span, by time and by keys; must never read the same facts once for each of them.

The facts of a kind are one range of the ledger's key, (kind, began_at). They are read, what is known of their calls
and callers besides is looked up, and whether somebody called again; and every cut is made of that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.had_begun import last_sign_of_life
from acd.adapters.database.tables import agent_shifts, calls, customers, facts
from acd.core.agent import AgentState
from acd.reports.agent_facts import state_facts
from acd.reports.agent_states import UNSEEN_MS
from acd.reports.calendar import Interval, runs
from acd.reports.facts import TRANSFERRED, Kind
from acd.reports.formula import Terms
from acd.reports.going_on import OpenState
from acd.reports.questions import Cut, Group, Grouped, Key, Only
from acd.reports.sums import Sums

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is read of the facts of one kind, and how that is added up; each row has their number, `n`, besides."""

    add: Callable[[Sums, Any], None]
    kind: Kind
    apart: Mapping[str, sa.ColumnElement[Any]] = field(default_factory=dict)  # Told apart by these.
    total: Mapping[str, sa.ColumnElement[Any]] = field(default_factory=dict)
    most: Mapping[str, sa.ColumnElement[Any]] = field(default_factory=dict)
    where: Sequence[sa.ColumnElement[bool]] = ()
    asked_with: Kind | None = (
        None  # It is a part of what is asked of these facts, instead of its own.
    )


class SumsQuestion:
    """One set of sums: every query has the same lines, cuts and confines."""

    def __init__(
        self,
        lines: Sequence[Interval],
        cuts: Sequence[Cut],
        only: Only,
        terms: Terms,
        as_of: int,
    ) -> None:
        self._lines = lines
        self._cuts = cuts
        self._only = only
        self._as_of = as_of
        self._window_ms = terms.window_h * HOUR_MS
        self.found: list[Grouped] = [{} for _ in cuts]

    def statements(self) -> Iterator[tuple[Callable[[Sums, Any], None], sa.CompoundSelect[Any]]]:
        """Every query, with what its rows mean; those that take longest come first."""
        for part in (self._calls(), *_PARTS):
            wanted = part.asked_with or part.kind
            cuts = [n for n, cut in enumerate(self._cuts) if wanted in cut.of]
            if cuts and self._lines:
                yield part.add, self._statement(part, cuts)

    def take(self, add: Callable[[Sums, Any], None], rows: Sequence[Any]) -> None:
        """What one of them has found."""
        for row in rows:
            if row.n:
                keys = row[2 : 2 + len(self._cuts[row[0]].by)]
                add(self._sums_of(row[0], (int(row[1]), *keys)), row)

    def take_open_states(self, connection: sa.Connection) -> None:
        """What agents do just now is no fact yet, and counts until now."""
        cuts = [n for n, cut in enumerate(self._cuts) if not set(cut.by) - {Key.AGENT, Key.LIST}]
        if not self._lines or not cuts or self._only != Only():
            return
        since, until = self._lines[0].began_at, self._lines[-1].ended_at
        if self._as_of < since:
            return
        upto = min(self._as_of, last_sign_of_life(connection) + UNSEEN_MS)
        shifts = connection.execute(
            sa.select(agent_shifts).where(agent_shifts.c.state.is_not(None))
        )
        for row in shifts:
            state = OpenState(state=row.state, since=max(row.since, since))
            for fact in state_facts(row.agent, state, min(upto, until)):
                line = next(n for n, one in enumerate(self._lines) if fact.began_at < one.ended_at)
                for n in cuts:
                    cut = self._cuts[n]
                    keys = (row.agent if key is Key.AGENT else None for key in cut.by)
                    sums = self._sums_of(n, (line if cut.by_time else 0, *keys))
                    sums.state_ms[row.state] += fact.ended_at - fact.began_at
                    if row.state == AgentState.WRAP_UP:
                        sums.wrap_up_ms += fact.ended_at - fact.began_at

    def _sums_of(self, cut: int, group: Group) -> Sums:
        found = self.found[cut].get(group)
        if found is None:  # Many rows are of few groups, and an empty one is a dozen counters.
            found = self.found[cut][group] = Sums()
        return found

    def _statement(self, part: Part, cuts: Sequence[int]) -> sa.CompoundSelect[Any]:
        """The facts, read once, and each of these cuts of them."""
        told = self._told(part, {key for n in cuts for key in self._cuts[n].by}).cte("told")
        width = max(len(self._cuts[n].by) for n in cuts)
        selects = []
        for n in cuts:
            cut = self._cuts[n]
            keys = [told.c[key] for key in cut.by]
            apart = [told.c[name] for name in part.apart]
            selects.append(
                sa.select(
                    _number(n).label("cut"),
                    (told.c.line if cut.by_time else _number(0)).label("line"),
                    *(key.label(f"key_{at}") for at, key in enumerate(keys)),
                    *(
                        sa.cast(sa.null(), sa.Text).label(f"key_{at}")
                        for at in range(len(keys), width)
                    ),
                    *apart,
                    sa.func.count().label("n"),
                    *(sa.func.sum(told.c[name]).label(name) for name in part.total),
                    *(sa.func.max(told.c[name]).label(name) for name in part.most),
                ).group_by(*([told.c.line] if cut.by_time else []), *keys, *apart)
            )
        return sa.union_all(*selects)

    def _told(self, part: Part, keys: Iterable[Key]) -> sa.Select[Any]:
        """Each fact of a part, with its line and these keys."""
        keys = sorted(keys)
        since, until = self._lines[0].began_at, self._lines[-1].ended_at
        joined: sa.FromClause = facts
        if Key.REGION in keys:
            joined = joined.outerjoin(customers, customers.c.id == facts.c.person)
        if Key.REASON in keys or Key.OUTCOME in keys:
            joined = joined.outerjoin(calls, calls.c.id == facts.c.conversation)
        columns = {**part.apart, **part.total, **part.most}
        whole_time = part.kind is Kind.STATE and part.asked_with is None
        return (
            sa.select(
                _line_of(self._lines).label("line"),
                *(_KEYS[key].label(key.value) for key in keys),
                *(column.label(name) for name, column in columns.items()),
            )
            .select_from(joined)
            .where(
                # Written out: only so can an index of one kind be used.
                facts.c.kind == sa.literal_column(f"'{part.kind}'"),
                facts.c.began_at >= since,
                facts.c.began_at < until,
                *part.where,
                *self._confined(whole_time, since, until),
            )
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

    def _calls(self) -> Part:
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
        known = facts.c.person.is_not(None)
        handled = sa.and_(facts.c.agent.is_not(None), known)
        old = facts.c.began_at < self._as_of - w
        return Part(
            add=_add_calls,
            kind=Kind.CALL,
            apart={"confidence": facts.c.body["confidence"].as_string()},
            total={
                "identified": _one_if(known),
                "repeats": _one_if(known, repeated),
                "settled": _one_if(handled, old),
                "followed": _one_if(handled, old, followed),
                "provisional": _one_if(handled, sa.not_(old)),
            },
        )


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


def _one_if(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((sa.and_(*conditions), 1), else_=0)


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


_LONG_MS = facts.c.ended_at - facts.c.began_at
_RESULT = {"result": facts.c.result}
_PARTS = (
    Part(
        add=_add_stays,
        kind=Kind.STAY,
        apart={**_RESULT, "second": (_LONG_MS + 999) // _number(1000)},
        total={"total": _LONG_MS},
        most={"longest": _LONG_MS},
    ),
    Part(add=_add_refused, kind=Kind.REFUSAL, apart=_RESULT),
    Part(
        add=_add_talks,
        kind=Kind.TALK,
        total={"total": _LONG_MS, "transferred": _one_if(facts.c.result == TRANSFERRED)},
    ),
    Part(add=_add_offers, kind=Kind.OFFER, apart=_RESULT),
    Part(add=_add_states, kind=Kind.STATE, apart=_RESULT, total={"total": _LONG_MS}),
    # Of these queues, where the states are the whole time of those who serve them: so a part of handling their calls.
    Part(
        add=_add_wrap_up,
        kind=Kind.STATE,
        total={"total": _LONG_MS},
        where=(facts.c.result == sa.literal_column(f"'{AgentState.WRAP_UP}'"),),
        asked_with=Kind.TALK,
    ),
    Part(add=_add_forecasts, kind=Kind.FORECAST, apart=_RESULT),
    Part(add=_add_surveys, kind=Kind.SURVEY, apart=_RESULT),
    Part(add=_add_callbacks, kind=Kind.CALLBACK, apart=_RESULT),
    Part(add=_add_attempts, kind=Kind.ATTEMPT, apart=_RESULT),
    Part(add=_add_scores, kind=Kind.SCORE, apart={**_RESULT, "detail": facts.c.detail}),
)
