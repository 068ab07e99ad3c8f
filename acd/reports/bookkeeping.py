"""Makes facts of notices: what begins is remembered, what ends becomes a fact; never asks anybody else.

It is fed by notices and by nothing else, so a simulated day gives the same books as a real one. After a
restart it is told what had begun (`resume`), and goes on: what was written already has the same name and
is not written twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from acd.core.agent import AgentState, PauseCause
from acd.core.customer import CAN_REPEAT, UNIDENTIFIED, Identity
from acd.core.estimate import Forecast
from acd.core.ids import (
    AgentId,
    CallId,
    Direction,
    OfferId,
    QueueId,
    agent_leg,
    direction_of,
    offered_at,
    read_agent_leg,
)
from acd.core.notices import (
    AgentStateChanged,
    CallChanged,
    CallConnected,
    CallEnded,
    CallerRecognised,
    CallHandedOut,
    CallOffered,
    CallOverflowed,
    CallQueued,
    CallStarted,
    CallTakenOver,
    CallTransferred,
    Ending,
    MenuEntered,
    Misconfigured,
    NodeStateChanged,
    Notice,
    OfferEnded,
    OutcomeRecorded,
    OutsiderLeft,
    PartyLeft,
    Repaired,
    Supervised,
    SurveyAnswered,
    SurveyBegan,
)
from acd.reports.facts import (
    ANSWERED,
    ENDED,
    FORGOTTEN,
    HEARD,
    MOVED,
    OUTSIDE,
    OVERFLOW,
    TAKEN_OVER,
    TRANSFERRED,
    UNANSWERED,
    Fact,
    Kind,
    quarters,
)
from acd.reports.outsider_facts import outsider_fact

# After a restart, an agent's state that nobody has seen for so long has not gone on meanwhile.
UNSEEN_MS = 15 * 60_000
KEYS = "keys"  # How an answer to a survey came in.


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenState:
    """What an agent does, and since when."""

    state: str
    since: int
    detail: str | None = None  # Why he is not ready.
    conversation: str | None = None
    queue: str | None = None
    dialled: str | None = None
    person: str | None = None
    seen_at: int | None = None  # After a restart: when we last knew of it.


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A call that had begun when we stopped, and the parts of it that are written: stays, talks."""

    call: CallId
    started_at: int
    queue: str | None = None
    queued_at: int | None = None
    agent: str | None = None
    answered_at: int | None = None
    dialled: str | None = None
    person: str | None = None
    written: tuple[Fact, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Stay:
    queued: CallQueued
    began_at: int


@dataclass(slots=True, kw_only=True)
class _Talk:
    kind: Kind = Kind.TALK
    offer: OfferId
    agent: AgentId
    queue: QueueId
    began_at: int


@dataclass(slots=True, kw_only=True)
class _Call:
    """What is known of a call that goes on."""

    started_at: int
    dialled: str | None = None
    identity: Identity = UNIDENTIFIED
    person: str | None = None
    menu: MenuEntered | None = None
    stay: _Stay | None = None
    talk: _Talk | None = None
    survey: SurveyBegan | None = None
    scored: bool = False  # He has answered one of its questions.
    first_agent: AgentId | None = None
    parts_end: int = 0  # When the last of its parts that are over ended; 0: it had none.
    queued: bool = False  # It has been in some queue.
    last_queue: QueueId | None = None  # For which it was left to a number.


class Bookkeeper:
    """Hears all notices of one process, in order. `teams` are the agents' teams, as they are now."""

    def __init__(self, teams: Mapping[AgentId, str | None] | None = None) -> None:
        self.teams: Mapping[AgentId, str | None] = teams or {}
        self.states: dict[AgentId, OpenState] = {}
        self._calls: dict[CallId, _Call] = {}
        self._offers: dict[OfferId, CallOffered] = {}

    def hear(self, notice: Notice) -> list[Fact]:
        """What is over by this."""
        heard = _HEARD.get(type(notice))
        return list(heard(self, notice)) if heard is not None else []

    def resume(self, calls: Iterable[OpenCall], states: Mapping[AgentId, OpenState]) -> None:
        """What had begun when the process before us stopped."""
        self.states = {**states, **self.states}
        for one in calls:
            self._calls.setdefault(one.call, _resumed(one))

    # Calls.

    def _call(self, call: CallId, at: int) -> _Call:
        return self._calls.setdefault(call, _Call(started_at=at))

    def _started(self, notice: CallStarted) -> Iterator[Fact]:
        self._call(notice.call, notice.at).dialled = notice.dialled
        yield from ()

    def _recognised(self, notice: CallerRecognised) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        call.identity = notice.identity
        call.person = person_of(notice.identity)
        yield from ()

    def _menu_entered(self, notice: MenuEntered) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        yield from self._leave_menu(notice.call, call, notice.at, notice.menu)
        if call.stay is not None:  # The note of his place was lost, and then we were restarted.
            yield from self._leave_queue(notice.call, call, notice.at, FORGOTTEN, notice.menu)
        call.menu = notice

    def _queued(self, notice: CallQueued) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        yield from self._leave_menu(notice.call, call, notice.at, notice.queue)
        if call.stay is not None:
            if call.stay.queued.queue == notice.queue:
                return  # Told again, after a restart.
            yield from self._leave_queue(notice.call, call, notice.at, OVERFLOW, notice.queue)
        if call.talk is not None:
            yield from self._leave_talk(notice.call, call, notice.at, TRANSFERRED)
        # He may have waited before we let him go by mistake: that is written, and this is another stay.
        began_at = min(notice.at, max(notice.joined_at, call.parts_end, call.started_at))
        call.stay = _Stay(queued=notice, began_at=began_at)
        call.queued = True

    def _overflowed(self, notice: CallOverflowed) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        if notice.result is not None and call.stay is not None:  # Else he waits on.
            yield from self._leave_queue(notice.call, call, notice.at, OVERFLOW, notice.result)

    def _changed(self, notice: CallChanged) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        if call.stay is not None and call.stay.queued.queue != notice.queue:
            yield from self._leave_queue(notice.call, call, notice.at, MOVED, notice.queue)
        elif call.stay is not None:
            call.stay.queued = replace(
                call.stay.queued, priority=notice.priority, requires=notice.requires
            )
        yield Fact(
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

    def _connected(self, notice: CallConnected) -> Iterator[Fact]:
        at, name = notice.connected_at, notice.call
        call = self._call(name, at - notice.waited_ms)
        if call.talk is not None:
            if call.talk.offer == notice.offer:
                return  # Told again, after a restart.
            yield from self._leave_talk(name, call, at, TRANSFERRED)
        placed = direction_of(name) is Direction.OUT and not call.queued
        if call.stay is None and call.parts_end < at and not placed:
            # The process before us fell between his waiting and our being told of it.
            queued = CallQueued(
                at=at,
                call=name,
                queue=notice.queue,
                priority=0,
                joined_at=at - notice.waited_ms,
            )
            yield from self._queued(queued)
        if (
            call.stay is not None
        ):  # Else that is written, or he was handed over by whom he had before.
            yield from self._leave_queue(name, call, at, ANSWERED, None, notice.agent)
            offered = self._offers.pop(notice.offer, None)
            yield self._offer(notice.offer, offered, notice, at, ANSWERED)
        call.first_agent = call.first_agent or notice.agent
        call.talk = _Talk(
            kind=Kind.TALK_OUT if placed else Kind.TALK,
            offer=notice.offer,
            agent=notice.agent,
            queue=notice.queue,
            began_at=max(at, call.parts_end),
        )

    def _transferred(self, notice: CallTransferred) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        if call.talk is not None:
            to = notice.to_agent or notice.to_queue
            yield from self._leave_talk(
                notice.call, call, notice.at, TRANSFERRED, to, notice.held_ms
            )

    def _survey_began(self, notice: SurveyBegan) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        if call.talk is not None:
            yield from self._leave_talk(notice.call, call, notice.at, ENDED, held_ms=notice.held_ms)
        call.survey = notice
        call.menu = MenuEntered(at=notice.at, call=notice.call, menu=notice.menu)

    def _survey_answered(self, notice: SurveyAnswered) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        call.scored = True
        yield Fact(
            kind=Kind.SCORE,
            began_at=notice.at,
            ended_at=notice.at,
            subject=f"{notice.call} {notice.question}",
            conversation=notice.call,
            queue=notice.queue,
            agent=notice.agent,
            team=self.teams.get(notice.agent) if notice.agent is not None else None,
            dialled=call.dialled,
            person=call.person,
            result=notice.scale,
            detail=str(notice.score),
            body={"question": notice.question, "by": KEYS},
        )

    def _survey_over(self, call: _Call, at: int) -> Iterator[Fact]:
        asked, call.survey = call.survey, None
        if asked is None:
            return
        yield Fact(
            kind=Kind.SURVEY,
            began_at=asked.at,
            ended_at=max(at, asked.at),
            subject=asked.call,
            conversation=asked.call,
            queue=asked.queue,
            agent=asked.agent,
            team=self.teams.get(asked.agent) if asked.agent is not None else None,
            dialled=call.dialled,
            person=call.person,
            result=ANSWERED if call.scored else UNANSWERED,
            detail=asked.menu,
        )

    def _consult(self, notice: PartyLeft | CallTakenOver, result: str) -> Fact:
        call = self._call(notice.call, notice.at)
        return Fact(
            kind=Kind.CONSULT,
            began_at=offered_at(notice.offer),
            ended_at=notice.at,
            subject=notice.offer,
            conversation=notice.call,
            queue=call.talk.queue if call.talk is not None else None,
            agent=notice.agent,
            team=self.teams.get(notice.agent),
            dialled=call.dialled,
            person=call.person,
            result=result,
            detail=call.talk.agent if call.talk is not None else None,
        )

    def _party_left(self, notice: PartyLeft) -> Iterator[Fact]:
        yield self._consult(notice, HEARD if notice.outcome is None else notice.outcome.value)

    def _outsider_left(self, notice: OutsiderLeft) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        yield outsider_fact(
            notice,
            queue=call.talk.queue if call.talk is not None else call.last_queue,
            dialled=call.dialled,
            person=call.person,
            team=self.teams.get(notice.by),
        )

    def _handed_out(self, notice: CallHandedOut) -> Iterator[Fact]:
        name, call = notice.call, self._call(notice.call, notice.at)
        call.last_queue = notice.queue
        if call.talk is not None:
            yield from self._leave_talk(name, call, notice.at, TRANSFERRED, OUTSIDE, notice.held_ms)

    def _taken_over(self, notice: CallTakenOver) -> Iterator[Fact]:
        if not notice.supervised:  # Who has heard the call was not asked about it.
            yield self._consult(notice, TAKEN_OVER)
        call = self._call(notice.call, notice.at)
        kind = call.talk.kind if call.talk is not None else Kind.TALK
        if call.talk is not None:
            yield from self._leave_talk(
                notice.call, call, notice.at, TRANSFERRED, notice.agent, notice.held_ms
            )
        call.talk = _Talk(
            kind=kind,
            offer=notice.offer,
            agent=notice.agent,
            queue=notice.queue,
            began_at=notice.at,
        )

    def _ended(self, notice: CallEnded) -> Iterator[Fact]:
        name = notice.call
        call = self._calls.pop(name, None)
        if call is None:
            call = _Call(started_at=notice.at - notice.waited_ms - notice.talked_ms)
            call.queued = bool(notice.waited_ms or notice.agent)  # Heard of in the middle.
        released = notice.ending is Ending.RELEASED
        left = (notice.detail if released else "") or notice.ending.value
        yield from self._leave_menu(name, call, notice.at, left)
        yield from self._survey_over(call, notice.at)
        if call.stay is not None:
            upto = call.stay.queued.joined_at + notice.waited_ms
            yield from self._leave_queue(name, call, min(upto, notice.at), left, None)
        if call.talk is not None:
            upto = min(call.talk.began_at + notice.talked_ms, notice.at)
            yield from self._leave_talk(name, call, upto, ENDED, None, notice.held_ms)
        common: dict[str, Any] = {
            "conversation": name,
            "dialled": call.dialled,
            "person": call.person,
        }
        out = direction_of(name) is Direction.OUT
        if notice.queue is not None and not call.queued and not out:
            yield Fact(
                kind=Kind.REFUSAL,
                began_at=notice.at,
                ended_at=notice.at,
                subject=_in_queue(name, notice.queue),
                queue=notice.queue,
                result=left,
                **common,
            )
        agent = call.first_agent or notice.agent
        yield Fact(
            kind=Kind.CALL_OUT if out else Kind.CALL,
            began_at=call.started_at,
            ended_at=notice.at,
            subject=name,
            queue=notice.queue,
            agent=agent,
            team=self.teams.get(agent) if agent else None,
            result=notice.ending.value,
            detail=notice.detail or None,
            body={
                "direction": direction_of(name).value,
                "waited_ms": notice.waited_ms,
                "talked_ms": notice.talked_ms,
                "confidence": call.identity.confidence.value,
                "repeats": call.identity.repeats,  # As the rule of his queue saw it.
            },
            **common,
        )

    def _leave_menu(self, name: CallId, call: _Call, at: int, to: str) -> Iterator[Fact]:
        menu, call.menu = call.menu, None
        if menu is None:
            return
        call.parts_end = max(at, menu.at)
        if at > menu.at:  # One that leads on at once was not heard.
            yield Fact(
                kind=Kind.MENU,
                began_at=menu.at,
                ended_at=at,
                subject=name,
                conversation=name,
                dialled=call.dialled,
                person=call.person,
                result=to,
                detail=menu.menu,
            )

    def _leave_queue(
        self,
        name: CallId,
        call: _Call,
        at: int,
        result: str,
        detail: str | None,
        agent: AgentId | None = None,
    ) -> Iterator[Fact]:
        stay, call.stay = call.stay, None
        assert stay is not None
        queued, ended_at = stay.queued, max(at, stay.began_at)
        call.parts_end = ended_at
        subject = _in_queue(name, queued.queue)
        common: dict[str, Any] = {
            "subject": subject,
            "conversation": name,
            "queue": queued.queue,
            "dialled": call.dialled,
        }
        yield Fact(
            kind=Kind.STAY,
            began_at=stay.began_at,
            ended_at=ended_at,
            agent=agent,
            team=self.teams.get(agent) if agent else None,
            person=call.person,
            result=result,
            detail=detail,
            body={
                "priority": queued.priority,
                "bonus_ms": queued.bonus_ms,
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

    def _leave_talk(
        self,
        name: CallId,
        call: _Call,
        at: int,
        result: str,
        detail: str | None = None,
        held_ms: int = 0,
    ) -> Iterator[Fact]:
        talk, call.talk = call.talk, None
        assert talk is not None
        call.parts_end = max(at, talk.began_at)
        yield Fact(
            kind=talk.kind,
            began_at=talk.began_at,
            ended_at=call.parts_end,
            subject=talk.offer,
            conversation=name,
            queue=talk.queue,
            agent=talk.agent,
            team=self.teams.get(talk.agent),
            dialled=call.dialled,
            person=call.person,
            result=result,
            detail=detail,
            body={"held_ms": held_ms} if held_ms else None,
        )

    # Offers.

    def _offered(self, notice: CallOffered) -> Iterator[Fact]:
        self._offers[notice.offer] = notice
        yield from ()

    def _offer_ended(self, notice: OfferEnded) -> Iterator[Fact]:
        offered = self._offers.pop(notice.offer, None)
        if offered is not None:
            yield self._offer(notice.offer, offered, offered, notice.at, notice.outcome.value)

    def _offer(
        self,
        name: OfferId,
        offered: CallOffered | None,
        notice: CallOffered | CallConnected,
        at: int,
        result: str,
    ) -> Fact:
        began_at = at
        if offered is not None:
            began_at = offered.at
        elif read_agent_leg(agent_leg(name)) is not None:
            began_at = offered_at(name)  # By the process before us, which has said so in its name.
        call = self._calls.get(notice.call)
        return Fact(
            kind=Kind.OFFER,
            began_at=began_at,
            ended_at=max(at, began_at),
            subject=name,
            conversation=notice.call,
            queue=notice.queue,
            agent=notice.agent,
            team=self.teams.get(notice.agent),
            dialled=call.dialled if call else None,
            person=call.person if call else None,
            result=result,
            body={"attempt": offered.attempt, "waited_ms": offered.waited_ms} if offered else None,
        )

    # Agents.

    def _agent_changed(self, notice: AgentStateChanged) -> Iterator[Fact]:
        old = self.states.get(notice.agent)
        new = self._open_state(notice, old)
        seen_at = old.seen_at if old is not None else None
        unseen = seen_at is not None and notice.at - seen_at > UNSEEN_MS
        if old is not None and not unseen and _same(old, new):
            self.states[notice.agent] = replace(old, seen_at=None)
            return
        self.states[notice.agent] = new
        if old is not None:
            upto = seen_at if unseen and seen_at is not None else notice.at
            yield from state_facts(notice.agent, old, upto, self.teams.get(notice.agent))

    def _open_state(self, notice: AgentStateChanged, old: OpenState | None) -> OpenState:
        if notice.state is AgentState.WRAP_UP and notice.call is None and old is not None:
            # Work after the call he had.
            return replace(
                old, state=notice.state.value, since=notice.at, detail=None, seen_at=None
            )
        call = self._calls.get(notice.call) if notice.call is not None else None
        queue: str | None = None
        if call is not None:
            part = call.talk or (call.stay.queued if call.stay else None)
            queue = part.queue if part else None
        return OpenState(
            state=notice.state.value,
            since=notice.at,
            detail=why_not_ready(notice) if notice.state is AgentState.NOT_READY else None,
            conversation=notice.call,
            queue=queue,
            dialled=call.dialled if call else None,
            person=call.person if call else None,
        )

    # The rest.

    def _outcome(self, notice: OutcomeRecorded) -> Iterator[Fact]:
        yield Fact(
            kind=Kind.OUTCOME,
            began_at=notice.at,
            ended_at=notice.at,
            subject=notice.call,
            conversation=notice.call,
            agent=notice.agent,
            team=self.teams.get(notice.agent),
            result=notice.outcome,
        )

    def _act(self, notice: Supervised) -> Iterator[Fact]:
        yield Fact(
            kind=Kind.ACT,
            began_at=notice.at,
            ended_at=notice.at,
            subject=f"{notice.agent or 'centre'} {notice.action}",
            agent=notice.agent,
            team=self.teams.get(notice.agent) if notice.agent is not None else None,
            result=notice.action,
            detail=notice.by,
            body={"reason": notice.reason, "detail": notice.detail},
        )

    def _trouble(self, notice: Misconfigured | Repaired) -> Iterator[Fact]:
        sort = "misconfigured" if isinstance(notice, Misconfigured) else "repaired"
        yield Fact(
            kind=Kind.TROUBLE,
            began_at=notice.at,
            ended_at=notice.at,
            subject=f"{sort} {notice.call or ''}".strip(),
            conversation=notice.call,
            result=sort,
            detail=notice.problem,
        )

    def _node(self, notice: NodeStateChanged) -> Iterator[Fact]:
        yield Fact(
            kind=Kind.TROUBLE,
            began_at=notice.at,
            ended_at=notice.at,
            subject=notice.node,
            result="heard" if notice.connected else "not-heard",
        )


def person_of(identity: Identity) -> str | None:
    """Who calls, if he can be told: a customer's id, or the number that stands for itself."""
    if identity.confidence not in CAN_REPEAT:
        return None
    return identity.customer.id if identity.customer is not None else identity.number


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


def _resumed(one: OpenCall) -> _Call:
    call = _Call(started_at=one.started_at, dialled=one.dialled, person=one.person)
    if direction_of(one.call) is Direction.OUT:  # It has the queue by whose rules it goes.
        call.queued = one.queued_at is not None
    else:
        call.queued = one.queue is not None or bool(one.written)
    call.parts_end = max((fact.ended_at for fact in one.written), default=0)
    if one.answered_at is not None and one.agent is not None:
        call.first_agent = AgentId(one.agent)
    elif one.queue is not None and one.queued_at is not None:
        queued = CallQueued(
            at=one.queued_at,
            call=one.call,
            queue=QueueId(one.queue),
            priority=0,
            joined_at=one.queued_at,
        )
        call.stay = _Stay(queued=queued, began_at=max(one.queued_at, call.parts_end))
    return call


def _held(forecast: Forecast, waited_ms: int) -> str:
    if waited_ms > forecast.upper_ms:
        return "late"
    return "within-median" if waited_ms <= forecast.median_ms else "within-upper"


def _in_queue(call: CallId, queue: str) -> str:
    return f"{call}@{queue}"


def _same(one: OpenState, other: OpenState) -> bool:
    return (one.state, one.detail, one.conversation) == (
        other.state,
        other.detail,
        other.conversation,
    )


def why_not_ready(notice: AgentStateChanged) -> str:
    """His own reasons in his words; those of the system by their names."""
    return " + ".join(
        reason if cause == PauseCause.MANUAL and reason else cause
        for cause, reason in notice.causes
    )


_Hear: TypeAlias = Callable[[Bookkeeper, Any], Iterator[Fact]]

_HEARD: Mapping[type, _Hear] = {
    CallStarted: Bookkeeper._started,
    CallerRecognised: Bookkeeper._recognised,
    MenuEntered: Bookkeeper._menu_entered,
    CallQueued: Bookkeeper._queued,
    CallOverflowed: Bookkeeper._overflowed,
    CallChanged: Bookkeeper._changed,
    CallOffered: Bookkeeper._offered,
    OfferEnded: Bookkeeper._offer_ended,
    CallConnected: Bookkeeper._connected,
    CallTransferred: Bookkeeper._transferred,
    PartyLeft: Bookkeeper._party_left,
    CallTakenOver: Bookkeeper._taken_over,
    SurveyBegan: Bookkeeper._survey_began,
    SurveyAnswered: Bookkeeper._survey_answered,
    OutsiderLeft: Bookkeeper._outsider_left,
    CallHandedOut: Bookkeeper._handed_out,
    CallEnded: Bookkeeper._ended,
    AgentStateChanged: Bookkeeper._agent_changed,
    OutcomeRecorded: Bookkeeper._outcome,
    Misconfigured: Bookkeeper._trouble,
    Supervised: Bookkeeper._act,
    Repaired: Bookkeeper._trouble,
    NodeStateChanged: Bookkeeper._node,
}
