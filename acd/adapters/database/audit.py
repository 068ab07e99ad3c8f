"""The record of who has acted on an agent who is not himself, or on the centre: read, and added to; nobody changes it.

The ledger writes what the server does. Who has the database in hand, on a terminal, writes each act down himself, in
the transaction in which it is done.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.ledger_rows import fact_row, statements_of
from acd.adapters.database.tables import facts
from acd.core.ids import AgentId
from acd.core.notices import Supervised
from acd.reports.agent_facts import act_fact
from acd.reports.facts import Kind


class Note(Protocol):
    """Writes down that this was done."""

    def __call__(self, connection: sa.Connection, action: str, detail: str = "") -> None:
        """Within the transaction of this connection."""


def writer_of(database: Database, *, by: str, reason: str, now_ms: Callable[[], int]) -> Note:
    """For one who does something with this database in hand, and says why."""
    said = statements_of(database)[facts.name]

    def note(connection: sa.Connection, action: str, detail: str = "") -> None:
        act = Supervised(
            at=now_ms(), by=by, agent=None, action=action, reason=reason, detail=detail
        )
        fact = act_fact(act, team=None, name=secrets.token_hex(8))
        connection.exec_driver_sql(said, [fact_row(fact)])

    return note


class DatabaseAudit:
    """The acts in the ledger, those included that are on their way there."""

    def __init__(self, database: Database, ledger: LastMoments | None = None) -> None:
        """Without a ledger, because it is in the engine's process, acts of its last moments are not there yet."""
        self._database = database
        self._ledger = ledger

    async def acts(
        self, *, agent: AgentId | None, before: int | None, limit: int
    ) -> Sequence[Supervised]:
        """The newest so many, newest first."""
        if self._ledger is not None:
            await self._ledger.flush()
        asked = (
            sa.select(facts.c.began_at, facts.c.agent, facts.c.result, facts.c.detail, facts.c.body)
            .where(facts.c.kind == Kind.ACT)
            .order_by(facts.c.began_at.desc(), facts.c.subject)
            .limit(limit)
        )
        if agent is not None:
            asked = asked.where(facts.c.agent == agent)
        if before is not None:
            asked = asked.where(facts.c.began_at < before)
        rows = await self._database.read(lambda connection: connection.execute(asked).all())
        return [
            Supervised(
                at=row.began_at,
                by=row.detail,
                agent=AgentId(row.agent) if row.agent is not None else None,
                action=row.result,
                reason=row.body["reason"],
                detail=row.body["detail"],
            )
            for row in rows
        ]
