"""Who had a call that is over, from the ledger's table; so an outcome can be written down after our restart."""

import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.tables import calls
from acd.core.ids import AgentId, CallId


class DatabasePastCalls:
    """The table of calls, after the ledger has written all it knows into it."""

    def __init__(self, database: Database, ledger: LastMoments) -> None:
        self._database = database
        self._ledger = ledger

    async def served_by(self, call: CallId) -> AgentId | None:
        """The agent who talked to this caller, or None if the call is not known or nobody did."""
        await self._ledger.flush()
        asked = sa.select(calls.c.agent).where(calls.c.id == call)
        found = await self._database.read(lambda connection: connection.execute(asked).scalar())
        return AgentId(found) if found is not None else None
