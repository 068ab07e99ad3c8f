"""Takes a day out of what a journal tells: inputs, and what the engine made of them then; plays nothing."""

from collections.abc import Iterable, Sequence

from acd.core import commands, events, notices, preview, requests
from acd.core.agent import DEVICE_LOST, OUTSIDE, AgentState
from acd.core.callback import Callback, NumberRead
from acd.core.configuration import Configuration
from acd.core.engine import Input
from acd.core.events import DeviceState
from acd.core.handlers.dialling import BUSY, NO_ANSWER
from acd.core.ids import (
    AgentId,
    CallId,
    ChannelId,
    Direction,
    agent_leg,
    callback_of,
    direction_of,
    node_of,
)
from acd.core.matching import Output
from acd.core.outbound import as_written
from acd.core.wishes import Wishes
from acd.simulation.day import (
    USUAL_PICK_UP_MS,
    USUAL_TALK_MS,
    Called,
    Caller,
    CallOut,
    Day,
    HandedOn,
    PhoneChange,
    Ring,
)
from acd.simulation.results import REFUSALS

# What people asked for at their own time, whatever the engine was about.
_ASKED = (
    requests.LogIn,
    requests.LogOut,
    requests.BecomeReady,
    requests.BecomeNotReady,
    requests.SetDoNotDisturb,
    requests.LiftDoNotDisturb,
    requests.ForceReady,
    requests.ForceNotReady,
    requests.ForceLogOut,
    requests.ChangeDuties,
    requests.SetRequirement,
    requests.SetPriority,
    requests.MoveCall,
    requests.MoveToFront,
    requests.SwitchOutbound,
    requests.RegisterCallback,
    requests.CancelCallback,
)
_ENDS_WRAP_UP = (
    requests.FinishWrapUp,
    requests.ForceFinishWrapUp,
    requests.BecomeReady,
    requests.ForceReady,
)
# What they did within a conversation that was, and may never be when it is played again.
_LEFT_OUT = {
    requests.ConsultAgent: "consultations",
    requests.ConsultQueue: "consultations",
    requests.ConsultNumber: "consultations",
    requests.TransferToNumber: "transfers to numbers",
    requests.DeflectToNumber: "deflections",
    requests.DeflectWaiting: "deflections",
    requests.DeflectToQueue: "deflections",
    requests.DeflectToAgent: "deflections",
    requests.SuperviseCall: "supervisions",
    requests.FollowAgent: "supervisions",
    requests.ExtendWrapUp: "longer wrap-ups",
}
_CAUSES = {BUSY: 17, NO_ANSWER: 19}


def taken_from(steps: Iterable[tuple[Input, list[Output]]]) -> Day:
    """The day that a journal tells: its inputs, and what the engine made of them then."""
    recorder = _Recorder()
    for happening, outputs in steps:
        recorder.hear(happening, outputs)
    return recorder.day()


class _Recorder:
    """Hears a day, step by step."""

    def __init__(self) -> None:
        self._day = Day()
        self._begun = False
        self._configuration = Configuration()
        self._agents: dict[AgentId, notices.AgentStateChanged] = {}
        self._wrapping: dict[AgentId, int] = {}  # Since when.
        self._last_call: dict[AgentId, CallId] = {}
        self._rung: dict[ChannelId, tuple[AgentId, int]] = {}
        self._dialled: dict[CallId, int] = {}
        self._numbers: dict[CallId, str] = {}  # Of those who are called.
        self._owed: dict[str, None] = {}

    def day(self) -> Day:
        """What was heard."""
        day = self._day
        talks = [caller.talk_ms for caller in day.callers.values() if caller.talk_ms]
        day.talk_ms = sum(talks) / len(talks) if talks else USUAL_TALK_MS
        answered = [one.rang_ms for rings in day.rings.values() for one in rings if one.answered]
        day.pick_up_ms = sum(answered) / len(answered) if answered else USUAL_PICK_UP_MS
        for rings in day.rings.values():
            rings.sort(key=lambda ring: ring.at)
        menus = sum(1 for caller in day.callers.values() if not caller.queue)
        if menus:
            day.left_out["callers who came to no queue"] = menus
        return day

    def hear(self, happening: Input, outputs: Sequence[Output]) -> None:
        """One step."""
        day = self._day
        day.begins_at = day.begins_at or happening.at
        day.ends_at = happening.at
        refused = any(isinstance(said, notices.Refused) for said in outputs)
        if not refused:
            self._learn(happening)
        for said in outputs:
            self._made(said, happening)

    # What came in.

    def _learn(self, happening: Input) -> None:
        day = self._day
        match happening:
            case events.Configured():
                self._configuration = happening.configuration
                if self._begun:
                    day.reloads.append(happening)
                else:
                    day.configuration, self._begun = happening.configuration, True
            case events.ShiftRestored() | events.CallbacksRestored() | events.CallsOutRestored():
                day.restored.append(happening)
            case events.CallArrived():
                day.node = node_of(happening.channel)
                caller = Caller(arrived=happening, wishes=happening.wishes)
                day.callers.setdefault(CallId(happening.channel), caller)
            case events.CallerIdentified() if happening.call in day.callers:
                day.callers[happening.call].identity = happening.identity
            case NumberRead() if happening.call in day.callers:
                day.callers[happening.call].number = happening.number
            case events.LegAnswered() if happening.channel in self._rung:
                self._rang(happening.channel, happening.at, answered=True)
            case events.ClientFound() | events.ClientGone():
                day.clients.append(happening)
            case events.DeviceChanged():
                self._phone(happening)
            case events.NodeFound():
                there = sum(1 for seen in happening.channels if seen.entry is not None)
                known = sum(1 for s in happening.channels if CallId(s.channel) in day.callers)
                if there > known:
                    day.left_out["calls that were there before"] += there - known
            case events.NodeLost():
                day.left_out["times that an Asterisk was lost"] += 1
            case requests.SelectRoute():
                day.routed[happening.call] = happening.agents
            case requests.RecordOutcome():
                day.outcomes[happening.call] = happening.outcome
            case _:
                self._asked(happening)

    def _asked(self, happening: Input) -> None:
        day = self._day
        if isinstance(happening, _ENDS_WRAP_UP) and happening.agent in self._wrapping:
            began_at = self._wrapping[happening.agent]
            if (call := self._last_call.get(happening.agent)) is not None:
                day.wrap_ups[call] = happening.at - began_at
            if not self._agents[happening.agent].causes:
                return  # He did not mean more by it.
        if isinstance(happening, _ASKED):
            day.asked.append(happening)
        elif (kind := _LEFT_OUT.get(type(happening))) is not None:
            day.left_out[kind] += 1

    def _phone(self, told: events.DeviceChanged) -> None:
        """An agent's phone is away, or is there again: nothing of ours does that."""
        lost = told.state in DEVICE_LOST
        for agent, profile in self._configuration.agents.items():
            if profile.phone != (told.node, told.device):
                continue
            before = next((one for one in self._day.phones[::-1] if one.agent == agent), None)
            was_lost = before is not None and before.state in DEVICE_LOST
            if lost != was_lost:
                state = told.state if lost else DeviceState.NOT_INUSE
                self._day.phones.append(PhoneChange(at=told.at, agent=agent, state=state))

    # What the engine made of it.

    def _made(self, said: Output, happening: Input) -> None:
        day, at = self._day, happening.at
        match said:
            case commands.RingAgent():
                self._rung[agent_leg(said.offer)] = (said.agent, at)
            case notices.OfferEnded() if agent_leg(said.offer) in self._rung:
                if said.outcome in ("no-answer", "rejected"):
                    cause = 21 if said.outcome == "rejected" else 0
                    self._rang(agent_leg(said.offer), at, answered=False, cause=cause)
            case notices.AgentStateChanged():
                self._agent(said)
            case notices.CallStarted() if said.direction is Direction.OUT:
                self._numbers[said.call] = said.number
            case notices.CallPlaced():
                self._placed(said, happening)
            case notices.NumberDialled():
                self._dialled[said.call] = at
            case notices.CallConnected():
                self._last_call[said.agent] = said.call
                self._reached(said.call, at, answered=True)
            case notices.CallbackChanged():
                self._owes(said.callback, at)
            case notices.CallEnded() if direction_of(said.call) is Direction.OUT:
                self._reached(said.call, at, answered=False, cause=_CAUSES.get(said.detail, 16))
                if said.talked_ms and (called := self._called(said.call)) is not None:
                    called.talk_ms = said.talked_ms
            case notices.CallQueued() | notices.CallTransferred() | notices.CallEnded():
                if said.call in day.callers:
                    self._caller(day.callers[said.call], said)

    def _caller(
        self,
        caller: Caller,
        said: notices.CallQueued | notices.CallTransferred | notices.CallEnded,
    ) -> None:
        if isinstance(said, notices.CallTransferred):
            handed = HandedOn(
                talk_ms=said.talked_ms, to_queue=said.to_queue, to_agent=said.to_agent
            )
            caller.handed_on.append(handed)
        elif isinstance(said, notices.CallQueued):
            if not caller.queue:
                caller.queue, caller.came_at = said.queue, said.at
                caller.wishes = Wishes(
                    requires=" and ".join(f"({one})" for one in said.requires),
                    priority=str(said.priority),
                    reason=said.reason or "",
                )
        elif said.talked_ms:
            caller.talk_ms = said.talked_ms
        elif said.ending is notices.Ending.ABANDONED:
            caller.patience_ms = said.waited_ms
        elif said.ending is notices.Ending.RELEASED and said.detail in REFUSALS:
            if not caller.queue:  # He was not even let in, and might be by other rules.
                caller.queue = said.queue or ""
        elif said.ending is notices.Ending.RELEASED and caller.came_at is not None:
            keys = self._configuration.queues[said.queue].exit_keys if said.queue else {}
            key = next((key for key, result in keys.items() if result == said.detail), None)
            if key is not None:
                caller.key = (said.waited_ms, key)

    def _owes(self, callback: Callback, at: int) -> None:
        """Somebody is to be called back, for the first time that we hear of it."""
        if callback.id in self._owed or callback.by:
            return  # Who was promised it by an agent is in what that one asked for.
        self._owed[callback.id] = None
        caller = self._day.callers.get(callback.origin) if callback.origin is not None else None
        if caller is None:
            return  # It was owed when we began.
        caller.number = callback.number
        if caller.came_at is not None and not caller.handed_on:
            caller.asks_back_ms = at - caller.came_at
        else:  # In a menu, before he was in any queue: he had no place yet.
            caller.queue = ""
            self._day.asked.append(
                requests.RegisterCallback(
                    at=at,
                    request=f"menu-{callback.id}",
                    by="",
                    queue=callback.queue,
                    number=callback.number,
                    name=callback.name,
                    customer=callback.customer,
                    priority=callback.priority,
                    data=callback.data,
                )
            )

    def _agent(self, said: notices.AgentStateChanged) -> None:
        before = self._agents.get(said.agent)
        self._agents[said.agent] = said
        if said.state is AgentState.WRAP_UP:
            self._wrapping.setdefault(said.agent, said.at)
        else:
            self._wrapping.pop(said.agent, None)
        outside = said.state in OUTSIDE
        if outside != (before is not None and before.state in OUTSIDE):
            state = DeviceState.INUSE if outside else DeviceState.NOT_INUSE
            self._day.phones.append(PhoneChange(at=said.at, agent=said.agent, state=state))

    def _rang(self, leg: ChannelId, at: int, *, answered: bool, cause: int = 0) -> None:
        agent, began_at = self._rung.pop(leg)
        ring = Ring(at=began_at, rang_ms=at - began_at, answered=answered, cause=cause)
        self._day.rings.setdefault(agent, []).append(ring)

    def _placed(self, said: notices.CallPlaced, happening: Input) -> None:
        """He calls somebody: because he wants to, or was shown whom he might call."""
        number = as_written(self._numbers.get(said.call, ""))
        if isinstance(happening, requests.MakeCall):
            wanted = happening
        elif number is not None:
            assert isinstance(happening, preview.AcceptPreview), "a call out of nobody's"
            wanted = requests.MakeCall(
                at=happening.at,
                request=happening.request,
                by=happening.by,
                agent=said.agent,
                number=number,
                queue=said.queue,
                customer=said.customer,
                data=said.data,
            )
        else:
            return
        self._day.calls_out[said.call] = CallOut(wanted=wanted)

    def _called(self, call: CallId) -> Called | None:
        """Whoever is called in this call."""
        if call in self._day.calls_out:
            return self._day.calls_out[call].went
        if callback_of(call) is None or call not in self._numbers:
            return None
        return self._day.called_back.setdefault(self._numbers[call], Called())

    def _reached(self, call: CallId, at: int, *, answered: bool, cause: int = 0) -> None:
        dialled_at = self._dialled.pop(call, None)
        called = self._called(call)
        if dialled_at is not None and called is not None:
            ring = Ring(at=dialled_at, rang_ms=at - dialled_at, answered=answered, cause=cause)
            called.rings.append(ring)
