"""Makes facts of notices: what begins is remembered, what ends becomes a fact; never asks anybody else.

It is fed by notices and by nothing else, so a simulated day gives the same books as a real one. After a
restart it is told what had begun (`resume`), and goes on: what was written already has the same name and
is not written twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from acd.core.ids import (
    AgentId,
    CallId,
    Direction,
    OfferId,
    direction_of,
)
from acd.core.notices import (
    AgentStateChanged,
    CallbackEnded,
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
    NumberDialled,
    OfferEnded,
    OutcomeRecorded,
    OutsiderChanged,
    OutsiderLeft,
    PartyLeft,
    Repaired,
    Supervised,
    SurveyAnswered,
    SurveyBegan,
)
from acd.core.party import PartyState
from acd.reports.agent_facts import (
    act_fact,
    node_fact,
    outcome_fact,
    trouble_fact,
)
from acd.reports.agent_states import AgentStates
from acd.reports.call_facts import (
    call_fact,
    callback_fact,
    change_fact,
    consult_fact,
    menu_fact,
    offer_fact,
    outsider_fact,
    refusal_fact,
    score_fact,
    stay_facts,
    survey_fact,
    talk_fact,
)
from acd.reports.facts import (
    ANSWERED,
    DEFLECTED,
    ENDED,
    FORGOTTEN,
    HEARD,
    MOVED,
    OUTSIDE,
    OVERFLOW,
    TAKEN_OVER,
    TRANSFERRED,
    Fact,
    Kind,
)
from acd.reports.going_on import (
    Call,
    OpenCall,
    OpenState,
    Stay,
    Talk,
    person_of,
    resumed,
)


class Bookkeeper:
    """Hears all notices of one process, in order. `teams` are the agents' teams, as they are now."""

    def __init__(self, teams: Mapping[AgentId, str | None] | None = None) -> None:
        self.teams: Mapping[AgentId, str | None] = teams or {}
        self.agents = AgentStates()
        self._calls: dict[CallId, Call] = {}
        self._offers: dict[OfferId, CallOffered] = {}
        self._acts = 0

    def hear(self, notice: Notice) -> list[Fact]:
        """What is over by this."""
        heard = _HEARD.get(type(notice))
        return list(heard(self, notice)) if heard is not None else []

    def resume(self, calls: Iterable[OpenCall], states: Mapping[AgentId, OpenState]) -> None:
        """What had begun when the process before us stopped."""
        self.agents.resume(states)
        for one in calls:
            self._calls.setdefault(one.call, resumed(one))

    # Calls.

    def _call(self, call: CallId, at: int) -> Call:
        return self._calls.setdefault(call, Call(started_at=at))

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
        call.stay = Stay(queued=notice, began_at=began_at)
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
        yield change_fact(notice, call)

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
        # Else that is written, or he was handed over by whom he had before.
        if call.stay is not None:
            yield from self._leave_queue(name, call, at, ANSWERED, None, notice.agent)
            offered = self._offers.pop(notice.offer, None)
            yield self._offer(notice.offer, offered, notice, at, ANSWERED)
        call.first_agent = call.first_agent or notice.agent
        call.talk = Talk(
            kind=Kind.TALK_OUT if placed else Kind.TALK,
            offer=notice.offer,
            agent=notice.agent,
            queue=notice.queue,
            began_at=max(at, call.parts_end),
        )

    def _dialled(self, notice: NumberDialled) -> Iterator[Fact]:
        """An agent has picked up to call somebody back: that is what he made of the offer, and when the call began."""
        offers = [o for o in self._offers.values() if o.call == notice.call]
        for offered in offers:
            self._call(notice.call, notice.at).started_at = offered.at
            del self._offers[offered.offer]
            yield self._offer(offered.offer, offered, offered, notice.at, ANSWERED)

    def _paid(self, notice: CallbackEnded) -> Iterator[Fact]:
        yield callback_fact(notice, person=self._call(notice.call, notice.at).person, team=None)

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
        yield score_fact(notice, call, team=self._team(notice.agent))

    def _survey_over(self, call: Call, at: int) -> Iterator[Fact]:
        asked, call.survey = call.survey, None
        if asked is not None:
            yield survey_fact(asked, call, at, team=self._team(asked.agent))

    def _consult(self, notice: PartyLeft | CallTakenOver, result: str) -> Fact:
        call = self._call(notice.call, notice.at)
        return consult_fact(notice, call, result, team=self._team(notice.agent))

    def _party_left(self, notice: PartyLeft) -> Iterator[Fact]:
        yield self._consult(notice, HEARD if notice.outcome is None else notice.outcome.value)

    def _outsider_changed(self, notice: OutsiderChanged) -> Iterator[Fact]:
        """A number has picked up to which he was sent on out of a queue: that is how he has left it."""
        name, call = notice.call, self._call(notice.call, notice.at)
        if notice.state is PartyState.JOINED and call.stay is not None:
            yield from self._leave_queue(name, call, notice.at, DEFLECTED, None)

    def _outsider_left(self, notice: OutsiderLeft) -> Iterator[Fact]:
        call = self._call(notice.call, notice.at)
        yield outsider_fact(notice, call, team=self._team(notice.by))

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
        call.talk = Talk(
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
            call = Call(started_at=notice.at - notice.waited_ms - notice.talked_ms)
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
        out = direction_of(name) is Direction.OUT
        if notice.queue is not None and not call.queued and not out:
            yield refusal_fact(name, call, notice.queue, notice.at, left)
        agent = call.first_agent or notice.agent
        if out and agent is None:
            return  # A call that was owed, and that nobody has begun to make.
        yield call_fact(notice, call, agent=agent, team=self._team(agent))

    def _leave_menu(self, name: CallId, call: Call, at: int, to: str) -> Iterator[Fact]:
        menu, call.menu = call.menu, None
        if menu is None:
            return
        call.parts_end = max(at, menu.at)
        if at > menu.at:  # One that leads on at once was not heard.
            yield menu_fact(menu, call, at, to)

    def _leave_queue(
        self,
        name: CallId,
        call: Call,
        at: int,
        result: str,
        detail: str | None,
        agent: AgentId | None = None,
    ) -> Iterator[Fact]:
        stay, call.stay = call.stay, None
        assert stay is not None
        call.parts_end = max(at, stay.began_at)
        yield from stay_facts(
            stay,
            call,
            call.parts_end,
            result,
            detail=detail,
            agent=agent,
            team=self._team(agent),
        )

    def _leave_talk(
        self,
        name: CallId,
        call: Call,
        at: int,
        result: str,
        detail: str | None = None,
        held_ms: int = 0,
    ) -> Iterator[Fact]:
        talk, call.talk = call.talk, None
        assert talk is not None
        call.parts_end = max(at, talk.began_at)
        yield talk_fact(
            name,
            talk,
            call,
            call.parts_end,
            result,
            detail=detail,
            held_ms=held_ms,
            team=self._team(talk.agent),
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
        call, team = self._calls.get(notice.call), self._team(notice.agent)
        return offer_fact(name, offered, notice, call, at, result, team=team)

    # Agents.

    def _agent_changed(self, notice: AgentStateChanged) -> Iterator[Fact]:
        call = self._calls.get(notice.call) if notice.call is not None else None
        yield from self.agents.change(notice, call, self._team(notice.agent))

    # The rest.

    def _outcome(self, notice: OutcomeRecorded) -> Iterator[Fact]:
        yield outcome_fact(notice, self._team(notice.agent))

    def _act(self, notice: Supervised) -> Iterator[Fact]:
        self._acts += 1  # Of one moment there may be several alike.
        yield act_fact(notice, self._team(notice.agent), str(self._acts))

    def _trouble(self, notice: Misconfigured | Repaired) -> Iterator[Fact]:
        yield trouble_fact(notice)

    def _node(self, notice: NodeStateChanged) -> Iterator[Fact]:
        yield node_fact(notice)

    def _team(self, agent: AgentId | None) -> str | None:
        return self.teams.get(agent) if agent is not None else None


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
    NumberDialled: Bookkeeper._dialled,
    CallbackEnded: Bookkeeper._paid,
    CallTransferred: Bookkeeper._transferred,
    PartyLeft: Bookkeeper._party_left,
    CallTakenOver: Bookkeeper._taken_over,
    SurveyBegan: Bookkeeper._survey_began,
    SurveyAnswered: Bookkeeper._survey_answered,
    OutsiderChanged: Bookkeeper._outsider_changed,
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
