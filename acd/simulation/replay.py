"""Plays a recorded day again, under its own rules or under others; draws no number and asks no clock.

Callers come to the queue to which they came, when they did. Agents come, pause and go when they did; they pick up, let
ring and refuse as they did at that time of the day, and take as long for the work after a call. Who is called picks up
as often as he did: each time as that time, after the last as the last. Who never was called picks up.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from acd.core import commands, events, notices, requests
from acd.core.agent import AgentState
from acd.core.callback import NumberRead
from acd.core.configuration import AutoAnswer, Configuration
from acd.core.customer import UNIDENTIFIED
from acd.core.engine import Engine, Input
from acd.core.ids import (
    AgentId,
    CallId,
    ChannelId,
    Direction,
    agent_leg,
    callback_of,
    caller_leg,
    read_agent_leg,
    uniqueid_of,
)
from acd.core.matching import Output
from acd.core.outbound import as_written
from acd.simulation.agenda import Agenda
from acd.simulation.asterisk import SimAsterisk
from acd.simulation.day import Called, Caller, CallOut, Day, PhoneChange, Ring
from acd.simulation.scenario import Manners
from acd.simulation.stage import Hears, carry_out, go_on

# By it a caller asks to be called back, whatever key his queue has for it: no phone sends it, and no menu follows.
ASKS_BACK = "callback"
_HOW_LONG_AFTER_MS = 2 * 3_600_000
_SOON_MS = 5_000
_GIVES_UP_CALLING_MS = 3_600_000

Watch = Callable[[Input, list[Output]], None]


def asked_at_once(configuration: Configuration) -> Configuration:
    """The same, but that who asks to be called back is asked nothing more: `ASKS_BACK` is the key for it."""
    queues = {
        name: replace(rules, callback=replace(rules.callback, key=ASKS_BACK, menu=None))
        if rules.callback is not None
        else rules
        for name, rules in configuration.queues.items()
    }
    return replace(configuration, queues=queues)


class Replay:
    """A day being played. Without a `configuration` it has its own, as it was changed in its course."""

    def __init__(self, day: Day, configuration: Configuration | None, watch: Watch) -> None:
        self.amiss: Counter[str] = Counter()  # What these rules do not know, or refuse.
        self._day = day
        self._reloads = day.reloads if configuration is None else []
        self._configuration = configuration or day.configuration
        self._watch = watch
        self._agenda = Agenda(day.begins_at)
        self._engine = Engine()
        self._talks: Counter[CallId] = Counter()
        self._impatient: dict[tuple[CallId, int], None] = {}
        self._last_call: dict[AgentId, CallId] = {}
        self._wrapping: dict[AgentId, None] = {}
        self._numbers: dict[CallId, str] = {}  # Of those who are called back.
        self._placed: dict[CallId, CallOut] = {}
        self._calling: CallOut | None = None  # While it is asked for.
        self._called: Counter[int] = Counter()  # How often each was.
        self._asterisk = SimAsterisk(
            node=day.node,
            agenda=self._agenda,
            random=Random(0),  # noqa: S311 # Its manners are perfect: it draws nothing.
            manners=Manners(),
            deliver=self._tell,
            rings=self._phone_rings,
            dials=self._number_rings,
            talks=self._they_talk,
            left=lambda call: None,
        )
        self._hears: Hears = {
            commands.IdentifyCaller: self._look_up,
            commands.ReadNumber: self._read,
            notices.CallQueued: self._grow_impatient,
            notices.CallStarted: self._began,
            notices.CallConnected: self._connected,
            notices.AgentStateChanged: self._agent_changed,
            notices.RouteRequested: self._choose,
            notices.Misconfigured: self._misconfigured,
        }

    def play(self) -> None:
        """From the first input of that day until everybody has been served or has gone."""
        day = self._day
        self._configure(self._configuration)
        for happening in day.restored:
            self._tell(replace(happening, at=self._agenda.now))
        self._asterisk.connect()
        for reload in self._reloads:
            self._at(reload.at, partial(self._configure, reload.configuration))
        for caller in day.callers.values():
            if caller.queue:  # Who hung up in a menu, or was never queued, competes with nobody.
                came_at = caller.arrived.at if caller.came_at is None else caller.came_at
                self._at(came_at, partial(self._arrive, caller))
        for request in day.asked:
            self._at(request.at, partial(self._ask, request))
        for told in day.clients:
            self._at(told.at, partial(self._client, told))
        for change in day.phones:
            self._at(change.at, partial(self._phone, change))
        for out in day.calls_out.values():
            self._at(out.wanted.at, partial(self._call_out, out))
        self._go_on()

    def _go_on(self) -> None:
        last = self._day.ends_at + _HOW_LONG_AFTER_MS
        while self._agenda.now < last:
            if self._agenda.next_at() is None and not self._engine.state.calls:
                return
            if not go_on(self._engine, self._agenda, self._tell):
                return

    def _at(self, when: int, do: Callable[[], None]) -> None:
        self._agenda.after(when - self._agenda.now, do)

    def _tell(self, happening: Input) -> None:
        self._answer_to(happening)

    def _answer_to(self, happening: Input) -> list[Output]:
        outputs = self._engine.handle(happening)
        self._watch(happening, outputs)
        carry_out(outputs, self._asterisk, self._hears)
        return outputs

    def _again(self, happening: Any) -> list[Output]:
        return self._answer_to(replace(happening, at=self._agenda.now))

    def _configure(self, configuration: Configuration) -> None:
        rules = asked_at_once(configuration)
        self._tell(events.Configured(at=self._agenda.now, configuration=rules))

    def _ask(self, request: requests.Request) -> None:
        for said in self._again(request):
            if isinstance(said, notices.Refused):
                self.amiss[f"{type(request).__name__} refused: {said.reason.value}"] += 1

    # Callers.

    def _arrive(self, caller: Caller) -> None:
        call = CallId(caller.arrived.channel)
        self._asterisk.arrive(
            uniqueid_of(call),
            entry=events.Entry.QUEUE,
            target=caller.queue,
            number=caller.arrived.number,
            name=caller.arrived.name,
            dialled=caller.arrived.dialled,
            wishes=caller.wishes,
        )
        if caller.key is not None:
            self._agenda.after(caller.key[0], partial(self._press, call, caller.key[1]))
        if caller.asks_back_ms is not None:
            self._agenda.after(caller.asks_back_ms, partial(self._press, call, ASKS_BACK))

    def _press(self, call: CallId, key: str) -> None:
        if not self._talks[call]:
            self._asterisk.press(caller_leg(call), key)

    def _look_up(self, asked: commands.IdentifyCaller) -> None:
        caller = self._day.callers.get(asked.call)
        identity = caller.identity if caller is not None else UNIDENTIFIED
        known = partial(events.CallerIdentified, call=asked.call, identity=identity)
        self._agenda.after(0, lambda: self._tell(known(at=self._agenda.now)))

    def _read(self, asked: commands.ReadNumber) -> None:
        caller = self._day.callers.get(asked.call)
        number = caller.number if caller is not None else as_written(asked.text)
        known = partial(NumberRead, call=asked.call, number=number)
        self._agenda.after(0, lambda: self._tell(known(at=self._agenda.now)))

    def _grow_impatient(self, said: notices.CallQueued) -> None:
        """He gives up in the last of the queues in which he waited, if he did at all."""
        caller, talked = self._day.callers.get(said.call), self._talks[said.call]
        if caller is None or caller.patience_ms is None or talked < len(caller.handed_on):
            return
        if (said.call, said.joined_at) in self._impatient:
            return
        self._impatient[said.call, said.joined_at] = None

        def give_up() -> None:
            if self._talks[said.call] == talked:
                self._asterisk.end(caller_leg(said.call))

        self._at(said.joined_at + caller.patience_ms, give_up)

    def _misconfigured(self, said: notices.Misconfigured) -> None:
        self.amiss[said.problem] += 1

    # Conversations.

    def _they_talk(self, call: CallId, leg: ChannelId) -> None:
        caller, before = self._day.callers.get(call), self._talks[call]
        self._talks[call] += 1
        if caller is not None and before < len(caller.handed_on):
            handed = caller.handed_on[before]
            self._agenda.after(handed.talk_ms, lambda: self._hand_on(call, leg, before))
            return
        called = self._whom(call)
        talk_ms = caller.talk_ms if caller is not None else called.talk_ms if called else None

        def enough() -> None:
            if leg in self._asterisk.channels and caller_leg(call) in self._asterisk.channels:
                self._asterisk.end(caller_leg(call))

        self._agenda.after(talk_ms or self._day.talk_ms, enough)

    def _hand_on(self, call: CallId, leg: ChannelId, nth: int) -> None:
        """To whom he was handed on then; if that agent is not free now, to his queue; if it cannot be, he has done."""
        his = read_agent_leg(leg)
        if his is None or self._talks[call] != nth + 1:
            return
        to = self._day.callers[call].handed_on[nth]
        tried: list[requests.Request] = []
        fields: dict[str, Any] = {"at": self._agenda.now, "by": his[1], "call": call}
        if to.to_agent is not None:
            tried.append(requests.TransferToAgent(request="hand-on", agent=to.to_agent, **fields))
        tried.append(requests.TransferToQueue(request="hand-on", queue=to.to_queue, **fields))
        for request in tried:
            if any(isinstance(said, notices.Accepted) for said in self._answer_to(request)):
                return
        self.amiss["callers could not be handed on"] += 1
        self._asterisk.end(caller_leg(call))

    def _connected(self, said: notices.CallConnected) -> None:
        self._last_call[said.agent] = said.call

    # Those who are called.

    def _call_out(self, out: CallOut) -> None:
        """He calls as he did then; if he is in a call now, as soon as he is not."""
        self._calling = out
        said = self._again(out.wanted)
        self._calling = None
        refused = next((one for one in said if isinstance(one, notices.Refused)), None)
        if refused is None:
            return
        if (
            refused.reason is notices.Reason.AGENT_NOT_FREE
            and self._agenda.now - out.wanted.at < _GIVES_UP_CALLING_MS
        ):
            self._agenda.after(_SOON_MS, partial(self._call_out, out))
        else:
            self.amiss[f"MakeCall refused: {refused.reason.value}"] += 1

    def _began(self, said: notices.CallStarted) -> None:
        if said.direction is Direction.OUT:
            self._numbers[said.call] = said.number
            if self._calling is not None:
                self._placed[said.call] = self._calling

    def _whom(self, call: CallId) -> Called | None:
        if call in self._placed:
            return self._placed[call].went
        if callback_of(call) is not None:
            return self._day.called_back.get(self._numbers[call])
        return None

    def _number_rings(self, dialled: commands.DialNumber) -> None:
        called = self._whom(dialled.call)
        ring = Ring(at=0, rang_ms=round(self._day.pick_up_ms), answered=True)
        if called is not None and called.rings:
            nth = min(self._called[id(called)], len(called.rings) - 1)
            self._called[id(called)] += 1
            ring = called.rings[nth]
        leg = dialled.leg
        if ring.answered:
            self._agenda.after(ring.rang_ms, lambda: self._asterisk.pick_up(leg))
        else:
            self._agenda.after(ring.rang_ms, lambda: self._asterisk.end(leg, cause=ring.cause))

    # Agents.

    def _client(self, told: events.ClientFound | events.ClientGone) -> None:
        self._again(told)

    def _phone(self, change: PhoneChange) -> None:
        agent = self._engine.state.agents.get(change.agent)
        if agent is not None:
            node, device = agent.profile.phone
            at, state = self._agenda.now, change.state
            self._tell(events.DeviceChanged(at=at, node=node, device=device, state=state))

    def _phone_rings(self, ring: commands.RingAgent) -> None:
        leg = agent_leg(ring.offer)
        then = self._day.ring_of(ring.agent, self._agenda.now)
        if ring.auto_answer is not AutoAnswer.NO:
            self._agenda.after(0, lambda: self._asterisk.pick_up(leg))
        elif then is None:
            self._agenda.after(self._day.pick_up_ms, lambda: self._asterisk.pick_up(leg))
        elif then.answered:
            self._agenda.after(then.rang_ms, lambda: self._asterisk.pick_up(leg))
        elif then.cause:
            self._agenda.after(then.rang_ms, lambda: self._asterisk.end(leg, cause=then.cause))

    def _agent_changed(self, said: notices.AgentStateChanged) -> None:
        if said.state is not AgentState.WRAP_UP:
            self._wrapping.pop(said.agent, None)
            return
        call = self._last_call.get(said.agent)
        if said.agent in self._wrapping or call is None:
            return
        self._wrapping[said.agent] = None
        day, out = self._day, self._placed.get(call)
        named = next((name for name, one in day.calls_out.items() if one is out), call)
        ms = day.wrap_ups.get(named)
        if ms is not None:
            outcome = day.outcomes.get(named)
            self._agenda.after(ms, partial(self._finish, said.agent, call, outcome))

    def _finish(self, agent: AgentId, call: CallId, outcome: str | None) -> None:
        """He has done with the work after this call; what came of it he says if he must."""
        if agent not in self._wrapping or self._last_call.get(agent) != call:
            return
        known = self._engine.state.agents[agent]
        at = self._agenda.now
        asked: dict[str, Any] = {"at": at, "request": "done", "by": agent, "agent": agent}
        if known.undisposed is not None and outcome is not None:
            self._tell(requests.RecordOutcome(call=call, outcome=outcome, **asked))
        self._tell(requests.FinishWrapUp(**asked))

    def _choose(self, asked: notices.RouteRequested) -> None:
        """A router outside chooses whom it chose then; else, whom the queue's own strategy would take."""
        candidates = [one.agent for one in asked.candidates]
        wanted = [name for name in self._day.routed.get(asked.call, ()) if name in candidates]

        def answer() -> None:
            self._tell(
                requests.SelectRoute(
                    at=self._agenda.now,
                    request="route",
                    by="router",
                    call=asked.call,
                    route=asked.route,
                    agents=tuple(wanted + candidates),
                )
            )

        self._agenda.after(0, answer)
