"""The facts of a call and its parts: what is written when one is over; never when that is."""

from collections.abc import Iterator
from typing import Any

from acd.core.callback import CallbackEnded
from acd.core.estimate import Forecast
from acd.core.ids import (
    CallId,
    Direction,
    OfferId,
    agent_leg,
    dialled_at,
    direction_of,
    offered_at,
    read_agent_leg,
)
from acd.core.notices import (
    CallChanged,
    CallConnected,
    CallEnded,
    CallOffered,
    CallTakenOver,
    MenuEntered,
    OutsiderLeft,
    PartyLeft,
    SurveyAnswered,
    SurveyBegan,
)
from acd.reports.facts import ANSWERED, HEARD, UNANSWERED, Fact, Kind
from acd.reports.going_on import Call, Stay, Talk

KEYS = "keys"  # How an answer to a survey came in.


def call_fact(notice: CallEnded, call: Call, *, agent: str | None, team: str | None) -> Fact:
    """The caller's whole stay with us; the agent is the first who had him."""
    name = notice.call
    out = direction_of(name) is Direction.OUT
    return Fact(
        kind=Kind.CALL_OUT if out else Kind.CALL,
        began_at=call.started_at,
        ended_at=notice.at,
        subject=name,
        conversation=name,
        queue=notice.queue,
        agent=agent,
        team=team,
        dialled=call.dialled,
        person=call.person,
        result=notice.ending.value,
        detail=notice.detail or None,
        body={
            "direction": direction_of(name).value,
            "waited_ms": notice.waited_ms,
            "talked_ms": notice.talked_ms,
            "confidence": call.identity.confidence.value,
            "repeats": call.identity.repeats,  # As the rule of his queue saw it.
        },
    )


def callback_fact(notice: CallbackEnded, *, person: str | None, team: str | None) -> Fact:
    """A call was owed; beside the stay of who asked for it, which is over with that."""
    owed = notice.callback
    return Fact(
        kind=Kind.CALLBACK,
        began_at=owed.asked_at,
        ended_at=notice.at,
        subject=owed.id,
        conversation=notice.call,
        queue=owed.queue,
        team=team,
        person=person,
        result=notice.outcome.value,
        detail=notice.reason or None,
        body={"tries": owed.tries, "by": notice.by, "asked_by": owed.by},
    )


def refusal_fact(name: CallId, call: Call, queue: str, at: int, result: str) -> Fact:
    """A queue would not have him."""
    return Fact(
        kind=Kind.REFUSAL,
        began_at=at,
        ended_at=at,
        subject=_in_queue(name, queue),
        conversation=name,
        queue=queue,
        dialled=call.dialled,
        person=call.person,
        result=result,
    )


def menu_fact(menu: MenuEntered, call: Call, ended_at: int, led_to: str) -> Fact:
    """He has heard a menu."""
    return Fact(
        kind=Kind.MENU,
        began_at=menu.at,
        ended_at=ended_at,
        subject=menu.call,
        conversation=menu.call,
        dialled=call.dialled,
        person=call.person,
        result=led_to,
        detail=menu.menu,
    )


def stay_facts(
    stay: Stay,
    call: Call,
    ended_at: int,
    result: str,
    *,
    detail: str | None,
    agent: str | None,
    team: str | None,
) -> Iterator[Fact]:
    """He was in a queue; and what he could have been told of his wait."""
    queued = stay.queued
    common: dict[str, Any] = {
        "subject": _in_queue(queued.call, queued.queue),
        "conversation": queued.call,
        "queue": queued.queue,
        "dialled": call.dialled,
    }
    yield Fact(
        kind=Kind.STAY,
        began_at=stay.began_at,
        ended_at=ended_at,
        agent=agent,
        team=team,
        person=call.person,
        result=result,
        detail=detail,
        body={
            "priority": queued.priority,
            "bonus_ms": queued.bonus_ms,
            "weight": queued.weight,
            "placed_at": queued.placed_at,
            "requires": queued.requires,
            "last_agent": queued.last_agent,
        },
        **common,
    )
    if (forecast := queued.forecast) is not None:
        answered = result == ANSWERED
        yield Fact(
            kind=Kind.FORECAST,
            began_at=forecast.at,
            ended_at=max(ended_at, forecast.at),
            result=_held(forecast, ended_at - forecast.at) if answered else "unknown",
            body={
                "median_ms": forecast.median_ms,
                "upper_ms": forecast.upper_ms,
                "good": queued.forecast_good,
            },
            **common,
        )


def talk_fact(
    name: CallId,
    talk: Talk,
    call: Call,
    ended_at: int,
    result: str,
    *,
    detail: str | None,
    held_ms: int,
    team: str | None,
) -> Fact:
    """He has talked to an agent."""
    return Fact(
        kind=talk.kind,
        began_at=talk.began_at,
        ended_at=ended_at,
        subject=talk.offer,
        conversation=name,
        queue=talk.queue,
        agent=talk.agent,
        team=team,
        dialled=call.dialled,
        person=call.person,
        result=result,
        detail=detail,
        body={"held_ms": held_ms} if held_ms else None,
    )


def change_fact(notice: CallChanged, call: Call) -> Fact:
    """A person has changed what a waiting call asks for, or its place."""
    return Fact(
        kind=Kind.CHANGE,
        began_at=notice.at,
        ended_at=notice.at,
        subject=notice.call,
        conversation=notice.call,
        queue=notice.queue,
        dialled=call.dialled,
        person=call.person,
        result=notice.change.value,
        detail=notice.by,
    )


def offer_fact(
    name: OfferId,
    offered: CallOffered | None,
    notice: CallOffered | CallConnected,
    call: Call | None,
    at: int,
    result: str,
    *,
    team: str | None,
) -> Fact:
    """An agent was to have the call; `offered` is None if the process before us said so."""
    began_at = at
    if offered is not None:
        began_at = offered.at
    elif read_agent_leg(agent_leg(name)) is not None:
        began_at = offered_at(name)  # By the process before us, which has said so in its name.
    return Fact(
        kind=Kind.OFFER,
        began_at=began_at,
        ended_at=max(at, began_at),
        subject=name,
        conversation=notice.call,
        queue=notice.queue,
        agent=notice.agent,
        team=team,
        dialled=call.dialled if call else None,
        person=call.person if call else None,
        result=result,
        body={"attempt": offered.attempt, "waited_ms": offered.waited_ms} if offered else None,
    )


def consult_fact(
    notice: PartyLeft | CallTakenOver, call: Call, result: str, *, team: str | None
) -> Fact:
    """An agent was beside the one who had the call."""
    return Fact(
        kind=Kind.CONSULT,
        began_at=offered_at(notice.offer),
        ended_at=notice.at,
        subject=notice.offer,
        conversation=notice.call,
        queue=call.talk.queue if call.talk is not None else None,
        agent=notice.agent,
        team=team,
        dialled=call.dialled,
        person=call.person,
        result=result,
        detail=call.talk.agent if call.talk is not None else None,
    )


def outsider_fact(notice: OutsiderLeft, call: Call, *, team: str | None) -> Fact:
    """A number was beside the call; never says which. It was called by the moment that its leg is named after."""
    return Fact(
        kind=Kind.OUTSIDER,
        began_at=dialled_at(notice.leg),
        ended_at=notice.at,
        subject=notice.leg,
        conversation=notice.call,
        queue=call.talk.queue if call.talk is not None else call.last_queue,
        agent=notice.by,
        team=team,
        dialled=call.dialled,
        person=call.person,
        result=notice.result or HEARD,
        body={"talked_ms": notice.talked_ms} if notice.talked_ms else None,
    )


def survey_fact(asked: SurveyBegan, call: Call, at: int, *, team: str | None) -> Fact:
    """He was asked what he thought of it."""
    return Fact(
        kind=Kind.SURVEY,
        began_at=asked.at,
        ended_at=max(at, asked.at),
        subject=asked.call,
        conversation=asked.call,
        queue=asked.queue,
        agent=asked.agent,
        team=team,
        dialled=call.dialled,
        person=call.person,
        result=ANSWERED if call.scored else UNANSWERED,
        detail=asked.menu,
    )


def score_fact(notice: SurveyAnswered, call: Call, *, team: str | None) -> Fact:
    """He has answered a question by keys."""
    return Fact(
        kind=Kind.SCORE,
        began_at=notice.at,
        ended_at=notice.at,
        subject=f"{notice.call} {notice.question}",
        conversation=notice.call,
        queue=notice.queue,
        agent=notice.agent,
        team=team,
        dialled=call.dialled,
        person=call.person,
        result=notice.scale,
        detail=str(notice.score),
        body={"question": notice.question, "by": KEYS},
    )


def _held(forecast: Forecast, waited_ms: int) -> str:
    if waited_ms > forecast.upper_ms:
        return "late"
    return "within-median" if waited_ms <= forecast.median_ms else "within-upper"


def _in_queue(call: CallId, queue: str) -> str:
    return f"{call}@{queue}"
