"""Keeps who is to be called, and why; which agent calls is decided elsewhere."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from acd.adapters.database.case_book import Row
from acd.adapters.database.connection import Database, storable
from acd.adapters.database.tables import tasks
from acd.cases.news import CaseTeller, TaskChanged
from acd.cases.refused import CaseRefusedError, Why

_MOST_LISTED = 1_000


class TaskBook:
    """The tasks of the centre."""

    def __init__(self, database: Database, teller: CaseTeller | None = None) -> None:
        self._database = database
        self._teller = teller or CaseTeller()

    async def listed(
        self, *, state: str, agent: str | None = None, queues: Collection[str] = ()
    ) -> Sequence[Row]:
        """Those in this state, the oldest first; for an agent his own, and those of these queues that are anybody's."""
        asked = sa.select(tasks).where(tasks.c.state == state)
        if agent is not None:
            anybodys = sa.and_(tasks.c.agent.is_(None), tasks.c.queue.in_(list(queues)))
            asked = asked.where(sa.or_(tasks.c.agent == agent, anybodys))
        ordered = asked.order_by(tasks.c.due_at, tasks.c.id).limit(_MOST_LISTED)
        return await self._database.read(
            lambda connection: [dict(row) for row in connection.execute(ordered).mappings()]
        )

    async def find(self, task: str) -> Row:
        """One task. Raises CaseRefusedError."""
        return await self._database.read(_find, task)

    async def close(self, task: str, *, outcome: str, at: int) -> Row:
        """He was called, and this came of it. Raises CaseRefusedError."""
        row = await self._database.write(_close, task, outcome, at)
        self._teller.tell([task_news(row, at)])
        return row


def task_news(row: Row, at: int) -> TaskChanged:
    """How this task stands now."""
    return TaskChanged(
        at=at,
        task=row["id"],
        kind=row["kind"],
        state=row["state"],
        customer=row["customer_id"],
        subject=row["subject"],
        agent=row["agent"],
        queue=row["queue"],
        outcome=row.get("outcome"),
    )


def _find(connection: sa.Connection, task: str) -> Row:
    row = connection.execute(sa.select(tasks).where(tasks.c.id == task)).mappings().first()
    if row is None:
        raise CaseRefusedError(Why.UNKNOWN_TASK)
    return dict(row)


def _close(connection: sa.Connection, task: str, outcome: str, at: int) -> Row:
    state = _find(connection, task)["state"]
    if state != "open":
        raise CaseRefusedError(Why.NOT_NOW, f"it is {state}")
    connection.execute(
        sa.update(tasks)
        .where(tasks.c.id == task)
        .values(state="done", outcome=storable(outcome), changed_at=at)
    )
    return _find(connection, task)
