"""Keeps what callers think of their calls; of keys that they press the ledger hears by itself.

A score is a fact of the ledger, and a row here, by which he is not asked again too soon and his screen shows what he
thought last. A question of one call is answered once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from acd.adapters.database.case_book import Row, new_id
from acd.adapters.database.connection import Database, storable
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.tables import calls, customers, facts, surveys
from acd.cases.refused import CaseRefusedError, Why
from acd.reports.facts import Kind


class SurveyBook:
    """The answers of the centre."""

    def __init__(self, database: Database, ledger: LastMoments) -> None:
        self._database = database
        self._ledger = ledger

    async def of_call(self, call: str) -> Row | None:
        """Who called, and who had him last: `customer_id`, `number`, `queue`, `agent`, `team`."""
        await self._ledger.flush()
        return await self._database.read(_of_call, call)

    async def give(
        self,
        said: Mapping[str, Any],
        *,
        of: Mapping[str, Any],
        by: str,
        at: int,
    ) -> Row:
        """Keep an answer, of who is said in `of`. Raises CaseRefusedError if it was answered before."""
        return await self._database.write(_give, said, of, by, at)

    async def listed(
        self, *, queue: str | None, agent: str | None, before: int | None, limit: int
    ) -> Sequence[Row]:
        """The newest so many answers, newest first."""
        asked = (
            sa.select(surveys)
            .where(surveys.c.score.is_not(None))
            .order_by(surveys.c.at.desc(), surveys.c.id)
            .limit(limit)
        )
        for wanted, column in ((queue, surveys.c.queue), (agent, surveys.c.agent)):
            if wanted is not None:
                asked = asked.where(column == wanted)
        if before is not None:
            asked = asked.where(surveys.c.at < before)
        return await self._database.read(
            lambda connection: [dict(row) for row in connection.execute(asked).mappings()]
        )


def _of_call(connection: sa.Connection, call: str) -> Row | None:
    asked = sa.select(calls.c.customer_id, calls.c.number, calls.c.queue, calls.c.agent)
    row = connection.execute(asked.where(calls.c.id == call)).mappings().first()
    if row is None:
        return None
    talk = (
        sa.select(facts.c.team)
        .where(facts.c.conversation == call, facts.c.agent == row["agent"])
        .order_by(facts.c.began_at.desc())
        .limit(1)
    )
    return {**row, "call": call, "team": connection.execute(talk).scalar()}


def _give(
    connection: sa.Connection, said: Mapping[str, Any], of: Mapping[str, Any], by: str, at: int
) -> Row:
    call, question = of.get("call"), said["question"]
    customer = of.get("customer_id")
    if customer is not None:
        known = sa.select(customers.c.id).where(customers.c.id == customer)
        if call is None and connection.execute(known).scalar() is None:
            raise CaseRefusedError(Why.UNKNOWN_CUSTOMER)
    name = f"{call} {question}" if call is not None else new_id("s")
    if connection.execute(sa.select(surveys.c.id).where(surveys.c.id == name)).scalar():
        raise CaseRefusedError(Why.NOT_NOW, "this question of this call is answered already")
    row: Row = {
        "id": name,
        "at": at,
        **{key: of.get(key) for key in ("customer_id", "number", "call", "queue", "agent")},
        **{key: said[key] for key in ("question", "scale", "score", "source")},
        "given_by": by,
    }
    connection.execute(surveys.insert().values(row))
    connection.execute(
        facts.insert().values(
            kind=Kind.SCORE.value,
            began_at=at,
            ended_at=at,
            subject=name,
            conversation=call,
            queue=storable(of.get("queue")),
            agent=of.get("agent"),
            team=of.get("team"),
            person=customer or of.get("number"),
            result=said["scale"],
            detail=str(said["score"]),
            body={"question": question, "by": said["source"]},
        )
    )
    return row
