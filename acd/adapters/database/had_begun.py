"""Reads out of the ledger's tables what had begun when we last stopped, or fell; writes nothing."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from acd.adapters.database.tables import agent_duties, agent_shifts, callbacks, calls, facts
from acd.core.callback import Callback
from acd.core.configuration import Duties
from acd.core.customer import Confidence
from acd.core.events import RestoredAgent
from acd.core.ids import (
    AgentId,
    CallId,
    ChannelId,
    DeskId,
    QueueId,
    dialled_at,
    read_dialled,
    read_outside_leg,
)
from acd.core.outbound import ALLOWED, STOPPED
from acd.reports.facts import Fact, Kind
from acd.reports.going_on import OpenCall, OpenState

log = logging.getLogger(__name__)


def data_of_open_calls(connection: sa.Connection) -> Mapping[CallId, Mapping[str, str]]:
    """What was noted with calls that have not ended."""
    asked = sa.select(calls.c.id, calls.c.data).where(
        calls.c.ended_at.is_(None), calls.c.data.is_not(None)
    )
    return {CallId(row.id): row.data for row in connection.execute(asked) if row.data}


def calls_owed(connection: sa.Connection) -> tuple[Callback, ...]:
    """Who is to be called back. What cannot be read any more is left out."""
    found = []
    still = sa.select(callbacks).where(callbacks.c.number != "").order_by(callbacks.c.id)
    for row in connection.execute(still):
        try:
            found.append(msgspec.convert(row.body, Callback))
        except msgspec.ValidationError:
            log.error("a call that was owed cannot be read any more: %s", row.id)
    return tuple(found)


def agents_on_shift(connection: sa.Connection) -> tuple[RestoredAgent, ...]:
    """Who is logged in, and what he does."""
    rows = connection.execute(
        sa.select(agent_shifts).where(agent_shifts.c.logged_in).order_by(agent_shifts.c.agent)
    )
    return tuple(
        RestoredAgent(
            agent=AgentId(row.agent),
            causes=tuple((cause, reason) for cause, reason in row.causes),
            wrap_up=row.wrap_up,
            wrap_up_until=row.wrap_up_until or 0,
            wrap_up_call=row.undisposed or row.conversation if row.wrap_up else None,
            wrap_up_queue=row.queue if row.wrap_up else None,
            undisposed=row.undisposed is not None,
            desk=DeskId(row.desk) if row.desk is not None else None,
        )
        for row in rows
    )


def changed_duties(connection: sa.Connection) -> dict[AgentId, Duties]:
    """What supervisors have put in the place of the centre file's word."""
    rows = connection.execute(sa.select(agent_duties).order_by(agent_duties.c.agent))
    return {
        AgentId(row.agent): Duties(
            queues=None if row.queues is None else tuple(QueueId(queue) for queue in row.queues),
            skills=row.skills,
        )
        for row in rows
        if row.queues is not None or row.skills is not None
    }


def calls_out(connection: sa.Connection, *, since: int) -> tuple[tuple[int, AgentId], ...]:
    """Who has called somebody since then, and when, of what is over by now."""
    kinds = (Kind.CALL_OUT.value, Kind.OUTSIDER.value)
    asked = sa.select(facts.c.kind, facts.c.subject, facts.c.agent, facts.c.began_at).where(
        facts.c.kind.in_(kinds), facts.c.began_at >= since
    )
    found = []
    for row in connection.execute(asked):
        if row.kind == Kind.CALL_OUT.value:
            if (placed := read_dialled(CallId(row.subject))) is not None:
                found.append((placed[1], placed[0]))
            elif row.agent is not None:
                # He has called one back: the call is named after the caller.
                found.append((row.began_at, AgentId(row.agent)))
        elif (outside := read_outside_leg(ChannelId(row.subject))) is not None:
            found.append((dialled_at(ChannelId(row.subject)), outside[1]))
    return tuple(sorted(found))


def outbound_stopped(connection: sa.Connection) -> bool:
    """Whether the last word of an admin is that nobody calls out."""
    said = (
        sa.select(facts.c.result)
        .where(facts.c.kind == Kind.ACT.value, facts.c.result.in_((STOPPED, ALLOWED)))
        .order_by(facts.c.began_at.desc())
        .limit(1)
    )
    return bool(connection.execute(said).scalar() == STOPPED)


def open_calls(connection: sa.Connection, *, before: int) -> Sequence[Any]:
    """The calls that began before then and have not ended, the oldest first."""
    return connection.execute(
        sa.select(calls.c.id, calls.c.queue, calls.c.agent, calls.c.waited_ms, calls.c.talked_ms)
        .where(calls.c.ended_at.is_(None), calls.c.started_at < before)
        .order_by(calls.c.started_at, calls.c.id)
    ).all()


def what_had_begun(
    connection: sa.Connection,
) -> tuple[Sequence[OpenCall], Mapping[AgentId, OpenState]]:
    """The calls that have not ended, with what is written of them, and what each agent does."""
    parts: dict[str, list[Fact]] = {}
    of_open_calls = (
        sa.select(facts)
        .join(calls, calls.c.id == facts.c.conversation)
        .where(calls.c.ended_at.is_(None), facts.c.kind.in_((Kind.STAY, Kind.TALK, Kind.TALK_OUT)))
    )
    for row in connection.execute(of_open_calls).mappings():
        fact = Fact(**{**row, "kind": Kind(row["kind"])})
        parts.setdefault(row["conversation"], []).append(fact)
    begun = [
        OpenCall(
            call=CallId(row.id),
            started_at=row.started_at,
            queue=row.queue,
            queued_at=row.queued_at,
            agent=row.agent,
            answered_at=row.answered_at,
            dialled=row.dialled,
            person=row.customer_id
            or (row.number if row.confidence == Confidence.UNLISTED else None),
            written=tuple(parts.get(row.id, ())),
        )
        for row in connection.execute(sa.select(calls).where(calls.c.ended_at.is_(None)))
    ]
    shifts = connection.execute(sa.select(agent_shifts)).all()
    seen_at = last_sign_of_life(connection)
    states = {
        AgentId(row.agent): OpenState(
            state=row.state,
            since=row.since,
            detail=row.detail,
            conversation=row.conversation,
            queue=row.queue,
            seen_at=max(seen_at, row.since),
        )
        for row in shifts
        if row.state is not None and row.since is not None
    }
    return begun, states


def last_sign_of_life(connection: sa.Connection) -> int:
    """About when the ledger was last written: what is open then, was still so."""
    newest = [sa.select(sa.func.max(facts.c.began_at)).where(facts.c.kind == kind) for kind in Kind]
    newest += [sa.select(sa.func.max(agent_shifts.c.changed_at))]
    newest += [sa.select(sa.func.max(calls.c.started_at)).where(calls.c.ended_at.is_(None))]
    return max(connection.execute(one).scalar() or 0 for one in newest)
