"""Reads the record of who has acted on an agent who is not himself; the ledger writes it, and nobody changes it."""

from collections.abc import Sequence

import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.tables import facts
from acd.core.ids import AgentId
from acd.core.notices import Supervised
from acd.reports.facts import Kind


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
