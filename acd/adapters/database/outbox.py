"""Keeps what webhooks have still to tell, over restarts, and what nobody took; knows no network.

What was delivered is gone from here. What a target has not taken after many attempts stays, for people to see, for
a month; so does what waits for a target that there is no longer. A target that is away for very long has no more than
so much waiting for it: what is newer is not kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.connection import Database, storable
from acd.adapters.database.tables import webhook_deliveries as deliveries

WAITING, DEAD = "waiting", "dead"
MOST_WAITING = 50_000  # For one target.
_KEPT_MS = 30 * 24 * 60 * 60 * 1000
_MOST_LISTED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one target. `id` is the same at every attempt."""

    id: str
    target: str
    event: str
    at: int
    body: str
    customer_id: str | None = None  # Of whom it tells: who is erased is erased here too.
    number: str | None = None
    attempts: int = 0
    next_at: int = 0
    error: str | None = None


_COLUMNS = tuple(Delivery.__dataclass_fields__)


class Outbox:
    """The deliveries of all targets."""

    def __init__(self, database: Database, *, most_waiting: int = MOST_WAITING) -> None:
        self._database = database
        self._most_waiting = most_waiting

    async def add(self, new: Sequence[Delivery]) -> int:
        """Keep these to be delivered; returns how many there was no room for. Raises DatabaseError."""
        return await self._database.write(self._add, new)

    async def due(self, target: str, *, at: int, most: int) -> list[Delivery]:
        """What this target is to be told now, the oldest first. Raises DatabaseError."""
        asked = (
            _those(WAITING)
            .where(deliveries.c.target == target, deliveries.c.next_at <= at)
            .order_by(deliveries.c.next_at, deliveries.c.at, deliveries.c.id)
        )
        return await self._database.read(_deliveries, asked.limit(most))

    async def settle(
        self, taken: Collection[str], missed: Sequence[Mapping[str, Any]], *, at: int
    ) -> None:
        """These were taken; of those say when they are tried again (`next_at`), or never. Raises DatabaseError."""
        await self._database.write(_settle, list(taken), missed, at)

    async def dead(self) -> list[Delivery]:
        """What nobody took, the newest first. Raises DatabaseError."""
        asked = _those(DEAD).order_by(deliveries.c.at.desc(), deliveries.c.id)
        return await self._database.read(_deliveries, asked.limit(_MOST_LISTED))

    async def revive(self, ids: Collection[str], *, at: int) -> int:
        """Try these dead ones anew, all if none is named; returns how many. Raises DatabaseError."""
        which = deliveries.c.state == DEAD
        if ids:
            which = sa.and_(which, deliveries.c.id.in_(list(ids)))
        anew = sa.update(deliveries).where(which).values(state=WAITING, attempts=0, next_at=at)
        return await self._database.write(lambda connection: connection.execute(anew).rowcount)

    def _add(self, connection: sa.Connection, new: Sequence[Delivery]) -> int:
        room: dict[str, int] = {}
        rows = []
        for one in new:
            if one.target not in room:
                there = sa.select(sa.func.count()).where(
                    deliveries.c.target == one.target, deliveries.c.state == WAITING
                )
                room[one.target] = self._most_waiting - connection.execute(there).scalar_one()
            if room[one.target] > 0:
                room[one.target] -= 1
                row = {name: getattr(one, name) for name in _COLUMNS}
                rows.append(row | {"state": WAITING})
        if rows:
            connection.execute(deliveries.insert(), rows)
        return len(new) - len(rows)


def _those(state: str) -> sa.Select[Any]:
    columns = (deliveries.c[name] for name in _COLUMNS)
    return sa.select(*columns).where(deliveries.c.state == state)


def _deliveries(connection: sa.Connection, asked: sa.Select[Any]) -> list[Delivery]:
    return [Delivery(**row) for row in connection.execute(asked).mappings()]


def _settle(
    connection: sa.Connection, taken: list[str], missed: Sequence[Mapping[str, Any]], at: int
) -> None:
    too_old = deliveries.c.at < at - _KEPT_MS
    connection.execute(sa.delete(deliveries).where(sa.or_(deliveries.c.id.in_(taken), too_old)))
    for one in missed:
        again = one["next_at"] is not None
        values = {
            "attempts": one["attempts"],
            "error": storable(one["error"]),
            "state": WAITING if again else DEAD,
        }
        if again:
            values["next_at"] = one["next_at"]
        connection.execute(sa.update(deliveries).where(deliveries.c.id == one["id"]).values(values))
