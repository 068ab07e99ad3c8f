"""Which recordings there are, who may know of them, and what became of their files; never touches a file itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.connection import Database
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.tables import facts, recordings
from acd.core.ids import AgentId, CallId
from acd.reports.facts import Kind

Row = Mapping[str, Any]

_SHOWN = tuple(column for column in recordings.columns if column.name != "doomed_at")


class RecordingBook:
    """Reads what the ledger writes, and adds what is known of the files."""

    def __init__(self, database: Database, ledger: LastMoments | None = None) -> None:
        """Without a ledger, what was heard in its last moments is not there yet."""
        self._database = database
        self._ledger = ledger

    async def listed(
        self,
        *,
        call: CallId | None = None,
        queue: str | None = None,
        agent: AgentId | None = None,
        of: AgentId | None = None,
        since: int | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[Row]:
        """The newest so many, newest first, in which `agent` has talked; and `of`, who asks for his own."""
        asked = _heard(of).order_by(recordings.c.started_at.desc(), recordings.c.id).limit(limit)
        for wanted, column in ((call, recordings.c.call), (queue, recordings.c.queue)):
            if wanted is not None:
                asked = asked.where(column == wanted)
        if agent is not None:
            asked = asked.where(_talked(agent))
        if since is not None:
            asked = asked.where(recordings.c.started_at >= since)
        if before is not None:
            asked = asked.where(recordings.c.started_at < before)
        return await self._rows(asked)

    async def find(self, name: str, *, of: AgentId | None = None) -> Row | None:
        """One part."""
        rows = await self._rows(_heard(of).where(recordings.c.id == name))
        return rows[0] if rows else None

    async def unmeasured(self, *, before: int) -> Sequence[str]:
        """Parts of which nobody has looked at the file, though they should be whole."""
        asked = sa.select(recordings.c.id).where(
            recordings.c.bytes.is_(None),
            recordings.c.doomed_at.is_(None),
            recordings.c.started_at < before,
        )
        return [row["id"] for row in await self._rows(asked)]

    async def measured(self, name: str, found: tuple[int, str] | None, *, at: int) -> None:
        """The file is whole: so many bytes with that digest; None: there is none, so it has failed."""
        size, digest = found if found is not None else (0, None)
        change = (
            sa.update(recordings)
            .where(recordings.c.id == name)
            .values(
                bytes=size,
                sha256=digest,
                failed=sa.func.coalesce(recordings.c.failed, sa.false())
                if found is not None
                else sa.true(),
                ended_at=sa.func.coalesce(recordings.c.ended_at, at),
            )
        )
        if self._ledger is not None:
            await self._ledger.flush()
        await self._database.write(lambda connection: connection.execute(change).rowcount)

    async def _rows(self, asked: sa.Select[Any]) -> Sequence[Row]:
        if self._ledger is not None:
            await self._ledger.flush()
        return await self._database.read(
            lambda connection: [dict(row) for row in connection.execute(asked).mappings()]
        )


def _heard(of: AgentId | None) -> sa.Select[Any]:
    asked = sa.select(*_SHOWN).where(recordings.c.doomed_at.is_(None))
    return asked if of is None else asked.where(_talked(of))


def _talked(agent: AgentId) -> sa.ColumnElement[bool]:
    """He has talked in it: had the call, or was beside the one who had it."""
    return sa.exists().where(
        facts.c.conversation == recordings.c.call,
        facts.c.kind.in_((Kind.TALK, Kind.CONSULT)),
        facts.c.agent == agent,
        facts.c.began_at <= sa.func.coalesce(recordings.c.ended_at, recordings.c.started_at),
        facts.c.ended_at >= recordings.c.started_at,
    )
