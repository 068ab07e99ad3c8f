"""The facts of agents and of the centre: what is written of a state or an act; never when it is over."""

from collections.abc import Iterator

from acd.core.agent import AgentState, PauseCause
from acd.core.notices import (
    AgentStateChanged,
    Misconfigured,
    NodeStateChanged,
    OutcomeRecorded,
    Repaired,
    Supervised,
)
from acd.reports.facts import Fact, Kind, quarters
from acd.reports.going_on import OpenState


def state_facts(
    agent: str, state: OpenState, ended_at: int, team: str | None = None
) -> Iterator[Fact]:
    """This state until then, in pieces; nothing for one who is not on shift."""
    if state.state == AgentState.LOGGED_OUT:
        return
    for began_at, upto in quarters(state.since, ended_at):
        yield Fact(
            kind=Kind.STATE,
            began_at=began_at,
            ended_at=upto,
            subject=agent,
            conversation=state.conversation,
            queue=state.queue,
            agent=agent,
            team=team,
            dialled=state.dialled,
            person=state.person,
            result=state.state,
            detail=state.detail,
        )


def why_not_ready(notice: AgentStateChanged) -> str:
    """His own reasons in his words; those of the system by their names."""
    return " + ".join(
        reason if cause == PauseCause.MANUAL and reason else cause
        for cause, reason in notice.causes
    )


def outcome_fact(notice: OutcomeRecorded, team: str | None) -> Fact:
    """What came of a call."""
    return Fact(
        kind=Kind.OUTCOME,
        began_at=notice.at,
        ended_at=notice.at,
        subject=notice.call,
        conversation=notice.call,
        agent=notice.agent,
        team=team,
        result=notice.outcome,
    )


def act_fact(notice: Supervised, team: str | None, name: str) -> Fact:
    """What somebody has done to an agent who is not himself, or to the centre; `name` tells it from others like it."""
    return Fact(
        kind=Kind.ACT,
        began_at=notice.at,
        ended_at=notice.at,
        subject=f"{notice.agent or 'centre'} {notice.action} {name}",
        agent=notice.agent,
        team=team,
        result=notice.action,
        detail=notice.by,
        body={"reason": notice.reason, "detail": notice.detail},
    )


def trouble_fact(notice: Misconfigured | Repaired) -> Fact:
    """What somebody has to look into."""
    sort = "misconfigured" if isinstance(notice, Misconfigured) else "repaired"
    return Fact(
        kind=Kind.TROUBLE,
        began_at=notice.at,
        ended_at=notice.at,
        subject=f"{sort} {notice.call or ''}".strip(),
        conversation=notice.call,
        result=sort,
        detail=notice.problem,
    )


def node_fact(notice: NodeStateChanged) -> Fact:
    """An Asterisk is heard, or is not."""
    return Fact(
        kind=Kind.TROUBLE,
        began_at=notice.at,
        ended_at=notice.at,
        subject=notice.node,
        result="heard" if notice.connected else "not-heard",
    )
