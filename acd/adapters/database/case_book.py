"""What all cases of customers have in common: that there is such a customer, and the record of who changed what."""

import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.connection import Database, storable
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.merged import living
from acd.adapters.database.tables import calls, case_changes, customers
from acd.cases.refused import CaseRefusedError, Why
from acd.core.ids import AgentId, CustomerId

Row = dict[str, Any]
_MOST_LISTED = 1_000


class CaseBook:
    """The base of the books of cases."""

    _table: sa.Table

    def __init__(self, database: Database, ledger: LastMoments) -> None:
        self._database = database
        self._ledger = ledger

    async def served(self, agent: AgentId, customer: str, *, since: int) -> bool:
        """Whether this agent has talked to this customer since then, on a call that is over or not."""
        await self._ledger.flush()

        def has_served(connection: sa.Connection) -> bool:
            his = calls.c.customer_id == living(connection, customer)
            asked = sa.exists().where(his, calls.c.started_at >= since, calls.c.agent == agent)
            return bool(connection.execute(sa.select(asked)).scalar())

        return await self._database.read(has_served)

    async def listed(
        self, *, owner: str | None, state: str | None, due_before: int | None
    ) -> Sequence[Row]:
        """Those of this owner, in this state, due before then; whatever is not said is any. The soonest first."""
        table = self._table
        asked = sa.select(table).order_by(table.c.due_at, *table.primary_key)
        if owner is not None:
            asked = asked.where(table.c.owner == owner)
        if state is not None:
            asked = asked.where(table.c.state == state)
        if due_before is not None:
            asked = asked.where(table.c.due_at < due_before)
        return await self._database.read(
            lambda connection: [
                dict(row) for row in connection.execute(asked.limit(_MOST_LISTED)).mappings()
            ]
        )

    async def changes(self, kind: str, customer: str, subject: str) -> Sequence[Row]:
        """Who has changed what of this case, oldest first."""

        def told(connection: sa.Connection) -> list[Row]:
            asked = (
                sa.select(*(case_changes.c[name] for name in ("at", "by", "what", "call", "note")))
                .where(
                    case_changes.c.customer_id == living(connection, customer),
                    case_changes.c.kind == kind,
                    case_changes.c.subject == subject,
                )
                .order_by(case_changes.c.id)
            )
            return [dict(row) for row in connection.execute(asked).mappings()]

        return await self._database.read(told)


def must_be_there(connection: sa.Connection, name: str) -> CustomerId:
    """The customer, or who he was made one with. Raises CaseRefusedError if there is none."""
    customer = living(connection, name)
    asked = sa.select(customers.c.id).where(customers.c.id == customer)
    if connection.execute(asked).scalar() is None:
        raise CaseRefusedError(Why.UNKNOWN_CUSTOMER)
    return customer


def new_id(prefix: str) -> str:
    """A name that nothing has yet."""
    return f"{prefix}-{secrets.token_hex(6)}"


def note_change(
    connection: sa.Connection,
    kind: str,
    customer: str | None,
    subject: str,
    what: str,
    *,
    at: int,
    by: str | None,
    call: str | None = None,
    note: str | None = None,
) -> None:
    """Keep for good who has changed what."""
    connection.execute(
        case_changes.insert().values(
            at=at,
            kind=kind,
            customer_id=customer,
            subject=subject,
            by=by,
            what=what,
            call=call,
            note=storable(note),
        )
    )
