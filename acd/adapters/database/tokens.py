"""Keeps log-ins and keys over a restart, so that nobody has to log in again; knows hashes, never tokens or rights."""

from collections.abc import Sequence

import sqlalchemy as sa

from acd.adapters.database.connection import Database, storable
from acd.adapters.database.tables import tokens


class DatabaseTokens:
    """The table of tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(
        self, digest: str, user_id: str, created_at: int, expires_at: int, key: str | None
    ) -> None:
        """Keep this log-in, or the key of this name, and forget those that are over."""
        row = {
            "hash": digest,
            "user_id": storable(user_id),
            "created_at": created_at,
            "expires_at": expires_at,
            "key_name": storable(key),
        }

        def change(connection: sa.Connection) -> None:
            connection.execute(sa.delete(tokens).where(tokens.c.expires_at <= created_at))
            connection.execute(self._database.insert(tokens).on_conflict_do_nothing(), row)

        await self._database.write(change)

    async def revoke(self, digest: str, at: int) -> None:
        """This log-in is over."""
        revoked = sa.update(tokens).where(tokens.c.hash == digest).values(revoked_at=at)
        await self._database.write(lambda connection: connection.execute(revoked))

    async def valid(self, at: int) -> Sequence[tuple[str, str, int, int, str | None]]:
        """All that are neither over nor revoked: (digest, user id, created at, expires at, name of the key)."""
        asked = sa.select(
            tokens.c.hash,
            tokens.c.user_id,
            tokens.c.created_at,
            tokens.c.expires_at,
            tokens.c.key_name,
        ).where(tokens.c.expires_at > at, tokens.c.revoked_at.is_(None))
        rows = await self._database.read(lambda connection: connection.execute(asked).all())
        return [(one[0], one[1], one[2], one[3], one[4]) for one in rows]
