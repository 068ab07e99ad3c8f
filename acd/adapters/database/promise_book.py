"""Keeps promises to customers: makes, moves, closes and reopens them by their table of moves; calls nobody.

Whatever changes one writes the customer's card, on which the screen pop shows what is owed, and the record of
changes, in one transaction. What lapses becomes a task in the same; what is settled drops its task.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from acd.adapters.database.case_book import CaseBook, Row, must_be_there, new_id, note_change
from acd.adapters.database.connection import Database, storable
from acd.adapters.database.customer_book import PROMISE_ON_CARD, write_cards
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.merged import living
from acd.adapters.database.tables import calls, case_changes, promises, tasks
from acd.adapters.database.task_book import task_news
from acd.cases.news import CaseNews, CaseTeller, PromiseChanged, TaskChanged
from acd.cases.promise import CLOSED, MOVES, OWED, REOPENED_FOR_MS, PromiseState
from acd.cases.refused import CaseRefusedError, Why
from acd.core.ids import CallId, CustomerId

T = TypeVar("T")

_KIND = "promise"
_AT_ONCE = 200  # So many lapse in one transaction.


class PromiseBook(CaseBook):
    """The promises of all customers."""

    _table = promises

    def __init__(
        self, database: Database, ledger: LastMoments, teller: CaseTeller | None = None
    ) -> None:
        super().__init__(database, ledger)
        self._teller = teller or CaseTeller()

    async def make(
        self,
        customer: str,
        *,
        what: str,
        owner: str | None,
        due_at: int,
        call: str | None,
        by: str,
        at: int,
    ) -> Row:
        """Owe this customer something. Raises CaseRefusedError."""
        row = {
            "customer_id": customer,
            "id": new_id("p"),
            "what": storable(what),
            "owner": owner,
            "due_at": due_at,
            "state": PromiseState.OPEN.value,
            "created_at": at,
            "made_by": by,
            "call": call,
        }
        return self._told(await self._database.write(_make, row, at))

    async def change(
        self, customer: str, promise: str, said: Mapping[str, Any], *, by: str, at: int
    ) -> Row:
        """Change `state`, `due_at` or `owner`, whichever is said, with a `note`. Raises CaseRefusedError."""
        return self._told(await self._database.write(_change, customer, promise, said, by, at))

    async def find(self, customer: str, promise: str) -> Row:
        """One promise. Raises CaseRefusedError."""
        return await self._database.read(_find, customer, promise)

    async def lapse(self, *, at: int) -> int:
        """Let those lapse whose time has come, each with a task to call; returns how many."""
        lapsed = 0
        while done := self._told(await self._database.write(_lapse, at)):
            lapsed += done
        return lapsed

    async def reopen(
        self, customer: CustomerId, call: CallId, *, at: int, within_ms: int
    ) -> Sequence[Row] | None:
        """He calls again: what was closed so shortly before is not settled. What he is owed then; None: no change."""
        since = at - within_ms
        if not await self._database.read(_any_closed, customer, since):
            return None  # As nearly always.
        await self._ledger.flush()  # When this call began may not be written yet.
        return self._told(await self._database.write(_reopen, customer, call, at, within_ms))

    def _told(self, done: tuple[T, Sequence[CaseNews]]) -> T:
        """What has come of it, when its news have been told."""
        found, news = done
        self._teller.tell(news)
        return found


def _find(connection: sa.Connection, customer: str, promise: str) -> Row:
    """This customer's, or that of who he was made one with. Raises CaseRefusedError."""
    his = promises.c.customer_id == living(connection, customer)
    asked = sa.select(promises).where(his, promises.c.id == promise)
    row = connection.execute(asked).mappings().first()
    if row is None:
        raise CaseRefusedError(Why.UNKNOWN_PROMISE)
    return dict(row)


def _make(connection: sa.Connection, row: Row, at: int) -> tuple[Row, Sequence[CaseNews]]:
    customer = must_be_there(connection, row["customer_id"])
    connection.execute(promises.insert().values({**row, "customer_id": customer}))
    note_change(
        connection, _KIND, customer, row["id"], "made", at=at, by=row["made_by"], call=row["call"]
    )
    write_cards(connection, [customer])
    made = _find(connection, customer, row["id"])
    return made, [_news(made, "made", at, by=made["made_by"], call=made["call"])]


def _news(
    row: Row, change: str, at: int, *, by: str | None = None, call: str | None = None
) -> PromiseChanged:
    return PromiseChanged(
        at=at,
        customer=row["customer_id"],
        promise=row["id"],
        change=change,
        state=row["state"],
        owner=row["owner"],
        due_at=row["due_at"],
        by=by,
        call=call,
    )


def _change(
    connection: sa.Connection,
    customer: str,
    promise: str,
    said: Mapping[str, Any],
    by: str,
    at: int,
) -> tuple[Row, Sequence[CaseNews]]:
    row = _find(connection, customer, promise)
    customer = row["customer_id"]
    state = PromiseState(row["state"])
    new: Row = {}
    done: list[str] = []
    if said.get("owner") is not None and said["owner"] != row["owner"]:
        new["owner"] = said["owner"]
        done.append("given")
    if said.get("state") is not None:
        state = _moved(state, PromiseState(said["state"]), said.get("due_at"))
        closed = state in CLOSED
        new |= {"state": state.value, "closed_at": at if closed else None}
        if row["state"] in CLOSED:
            new |= {"reopened": row["reopened"] + 1, "due_at": at + REOPENED_FOR_MS}
        done.append(state.value if closed else "reopened")
    if said.get("due_at") is not None:
        if state in CLOSED:
            raise CaseRefusedError(Why.NOT_NOW, f"it is {state}; it can be opened again")
        new |= {"due_at": said["due_at"], "moved": row["moved"] + 1, "state": "open"}
        done.append("moved")
    _write(connection, row, new)
    for what in done:
        note_change(connection, _KIND, customer, promise, what, at=at, by=by, note=said.get("note"))
    dropped: Sequence[CaseNews] = ()
    if new.get("state") not in (None, PromiseState.LAPSED.value):
        dropped = _drop_tasks(connection, row, at)
    write_cards(connection, [CustomerId(customer)])
    found = _find(connection, customer, promise)
    return found, [*(_news(found, what, at, by=by) for what in done), *dropped]


def _moved(state: PromiseState, wanted: PromiseState, due_at: int | None) -> PromiseState:
    if wanted not in MOVES[state]:
        raise CaseRefusedError(Why.NOT_NOW, f"it is {state}")
    if state is PromiseState.LAPSED and wanted is PromiseState.OPEN and due_at is None:
        raise CaseRefusedError(Why.NOT_NOW, "it has lapsed; say until when, with due_at")
    return wanted


def _write(connection: sa.Connection, row: Row, new: Row) -> None:
    if new:
        connection.execute(
            sa.update(promises)
            .where(promises.c.customer_id == row["customer_id"], promises.c.id == row["id"])
            .values(new)
        )


def _drop_tasks(connection: sa.Connection, row: Row, at: int) -> list[TaskChanged]:
    """Nobody is to be called for this promise any more."""
    its = sa.and_(
        tasks.c.customer_id == row["customer_id"],
        tasks.c.kind == _KIND,
        tasks.c.subject == row["id"],
        tasks.c.state.in_(("open", "offered")),
    )
    found = [dict(task) for task in connection.execute(sa.select(tasks).where(its)).mappings()]
    connection.execute(sa.update(tasks).where(its).values(state="dropped", changed_at=at))
    return [task_news({**task, "state": "dropped"}, at) for task in found]


def _lapse(connection: sa.Connection, at: int) -> tuple[int, Sequence[CaseNews]]:
    due = (
        sa.select(promises, calls.c.queue)
        .select_from(promises.outerjoin(calls, calls.c.id == promises.c.call))
        .where(promises.c.state == sa.literal_column("'open'"), promises.c.due_at <= at)
        .order_by(promises.c.due_at, promises.c.customer_id, promises.c.id)
        .limit(_AT_ONCE)
    )
    rows = [dict(row) for row in connection.execute(due).mappings()]
    news: list[CaseNews] = []
    for row in rows:
        _write(connection, row, {"state": PromiseState.LAPSED.value})
        note_change(connection, _KIND, row["customer_id"], row["id"], "lapsed", at=at, by=None)
        task: Row = {
            "id": new_id("t"),
            "kind": _KIND,
            "customer_id": row["customer_id"],
            "what": row["what"],
            "subject": row["id"],
            "agent": row["owner"],
            "queue": row["queue"],
            "state": "open",
            "due_at": at,
            "created_at": at,
            "changed_at": at,
        }
        connection.execute(tasks.insert().values(task))
        news += [_news({**row, "state": "lapsed"}, "lapsed", at), task_news(task, at)]
    write_cards(connection, list(dict.fromkeys(row["customer_id"] for row in rows)))
    return len(rows), news


def _any_closed(connection: sa.Connection, customer: CustomerId, since: int) -> bool:
    asked = sa.exists().where(promises.c.customer_id == customer, promises.c.closed_at >= since)
    return bool(connection.execute(sa.select(asked)).scalar())


def _reopen(
    connection: sa.Connection, customer: CustomerId, call: CallId, at: int, within_ms: int
) -> tuple[Sequence[Row] | None, Sequence[CaseNews]]:
    # After a restart of ours he is recognised again, in the same call: what was closed in it stays so.
    began = sa.select(calls.c.started_at).where(calls.c.id == call).scalar_subquery()
    since = sa.func.coalesce(began, at)
    asked = sa.select(promises).where(
        promises.c.customer_id == customer,
        promises.c.state.in_([state.value for state in CLOSED]),
        promises.c.closed_at >= since - within_ms,
        promises.c.closed_at < since,
        ~sa.exists().where(
            case_changes.c.customer_id == customer,
            case_changes.c.subject == promises.c.id,
            case_changes.c.call == call,
            case_changes.c.what == "reopened",
        ),
    )
    rows = [dict(row) for row in connection.execute(asked).mappings()]
    news = []
    for row in rows:
        new = {"state": "open", "closed_at": None, "due_at": at + REOPENED_FOR_MS}
        news.append(_news({**row, **new}, "reopened", at, call=call))
        _write(connection, row, {**new, "reopened": row["reopened"] + 1})
        note_change(connection, _KIND, customer, row["id"], "reopened", at=at, by=None, call=call)
    if not rows:
        return None, ()
    write_cards(connection, [customer])
    owed = sa.select(promises).where(
        promises.c.customer_id == customer,
        promises.c.state.in_([state.value for state in OWED]),
    )
    found = connection.execute(owed.order_by(promises.c.due_at, promises.c.id)).mappings()
    return [{name: row[name] for name in PROMISE_ON_CARD} for row in found], news
