"""Keeps complaints of customers: opens them and brings them on by their table of moves; judges none.

Whatever changes one writes the customer's card, on which the screen pop shows those that have not ended, and the
record of changes, in one transaction.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.case_book import CaseBook, Row, must_be_there, new_id, note_change
from acd.adapters.database.connection import storable
from acd.adapters.database.customer_book import write_cards
from acd.adapters.database.tables import complaints
from acd.cases.complaint import ENDED, MOVES, ComplaintState
from acd.cases.refused import CaseRefusedError, Why
from acd.core.ids import CustomerId

_KIND = "complaint"


class ComplaintBook(CaseBook):
    """The complaints of all customers."""

    _table = complaints

    async def make(
        self,
        customer: str,
        *,
        what: str,
        category: str | None,
        owner: str | None,
        due_at: int,
        call: str | None,
        by: str,
        at: int,
    ) -> Row:
        """Open one. Raises CaseRefusedError."""
        row = {
            "id": new_id("k"),
            "customer_id": customer,
            "what": storable(what),
            "category": category,
            "owner": owner,
            "state": ComplaintState.OPEN.value,
            "due_at": due_at,
            "call": call,
            "opened_at": at,
            "opened_by": by,
            "changed_at": at,
        }
        return await self._database.write(_make, row)

    async def change(self, complaint: str, said: Mapping[str, Any], *, by: str, at: int) -> Row:
        """Change `state`, `owner` or `due_at`, whichever is said, with a `note`. Raises CaseRefusedError."""
        return await self._database.write(_change, complaint, said, by, at)

    async def find(self, complaint: str) -> Row:
        """One complaint. Raises CaseRefusedError."""
        return await self._database.read(_find, complaint)


def _find(connection: sa.Connection, complaint: str) -> Row:
    asked = sa.select(complaints).where(complaints.c.id == complaint)
    row = connection.execute(asked).mappings().first()
    if row is None:
        raise CaseRefusedError(Why.UNKNOWN_COMPLAINT)
    return dict(row)


def _make(connection: sa.Connection, row: Row) -> Row:
    customer = must_be_there(connection, row["customer_id"])
    connection.execute(complaints.insert().values({**row, "customer_id": customer}))
    at, by, call = row["opened_at"], row["opened_by"], row["call"]
    note_change(connection, _KIND, customer, row["id"], "open", at=at, by=by, call=call)
    write_cards(connection, [customer])
    return _find(connection, row["id"])


def _change(
    connection: sa.Connection, complaint: str, said: Mapping[str, Any], by: str, at: int
) -> Row:
    row = _find(connection, complaint)
    state = ComplaintState(row["state"])
    new: Row = {"changed_at": at}
    done: list[str] = []
    if said.get("owner") is not None and said["owner"] != row["owner"]:
        new["owner"] = said["owner"]
        done.append("given")
    if said.get("due_at") is not None:
        new["due_at"] = said["due_at"]
        done.append("moved")
    if said.get("state") is not None:
        wanted = ComplaintState(said["state"])
        new |= {"state": wanted.value, **_follows(row, state, wanted, by, at)}
        done.append(wanted.value)
    elif state in ENDED:
        raise CaseRefusedError(Why.NOT_NOW, f"it is {state}")
    connection.execute(sa.update(complaints).where(complaints.c.id == complaint).values(new))
    for what in done:
        note = said.get("note")
        note_change(connection, _KIND, row["customer_id"], complaint, what, at=at, by=by, note=note)
    write_cards(connection, [CustomerId(row["customer_id"])])
    return _find(connection, complaint)


def _follows(row: Row, state: ComplaintState, wanted: ComplaintState, by: str, at: int) -> Row:
    """What else is written when it comes into this state. Raises CaseRefusedError if it cannot."""
    if wanted not in MOVES[state]:
        allowed = ", ".join(sorted(MOVES[state]))
        raise CaseRefusedError(Why.NOT_NOW, f"it is {state}, and can become {allowed}")
    if wanted is ComplaintState.ANSWERED:
        return {"answered_by": by}
    if wanted is ComplaintState.VERIFIED:
        if by == row["answered_by"]:
            raise CaseRefusedError(Why.NOT_BY_YOU)
        return {"verified_by": by}
    if wanted in ENDED:
        return {"ended_at": at}
    # It is not settled after all: nobody has answered or verified what is done from now on.
    return {"answered_by": None, "verified_by": None, "ended_at": None}
