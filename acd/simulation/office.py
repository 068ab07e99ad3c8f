"""People who call and people who answer, around the real engine; every whim of theirs comes from one seed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from acd.core import commands, events, notices, requests
from acd.core.agent import AgentState, PauseCause
from acd.core.callback import Callback, CallbackId
from acd.core.configuration import Configuration
from acd.core.engine import Engine, Input
from acd.core.events import DeviceState, Entry, RestoredAgent
from acd.core.ids import (
    AgentId,
    CallId,
    ChannelId,
    NodeId,
    agent_leg,
    caller_leg,
    read_ear,
)
from acd.core.matching import Output
from acd.core.outbound import Number, NumberKind
from acd.core.preview import AcceptPreview, PreviewOffered, SkipPreview, Work
from acd.simulation.acquaintance import Acquaintance
from acd.simulation.agenda import Agenda
from acd.simulation.asterisk import SimAsterisk
from acd.simulation.buttons import in_a_call, of_a_supervisor
from acd.simulation.scenario import Scenario
from acd.simulation.stage import Hears, carry_out, go_on

START_MS = 1_750_000_000_000
LOOK_EVERY_MS = 60_000
NODE = NodeId("pbx1")


@dataclass(slots=True)
class Fate:
    """What really became of a caller."""

    arrived_at: int
    number: str = ""
    talked: int = 0  # How often he was put through.
    gone: bool = False


Watch = Callable[["Office", Input, list[Output]], None]


class Office:
    """A scenario being played. `watch` sees every input and what followed from it."""

    def __init__(self, scenario: Scenario, random: Random, watch: Watch) -> None:
        self.scenario = scenario
        self._configuration = scenario.configuration
        self.agenda = Agenda(START_MS)
        self.engine: Engine | None = None
        self.lives = 0  # How often the engine was started.
        self.fates: dict[CallId, Fate] = {}
        self.ends_at = START_MS + scenario.duration_ms
        self.asterisk = SimAsterisk(
            node=NODE,
            agenda=self.agenda,
            random=random,
            manners=scenario.manners,
            deliver=self.tell,
            rings=self._phone_rings,
            dials=self._number_rings,
            talks=self._they_talk,
            left=self._caller_is_gone,
        )
        self._random = random
        self._watch = watch
        self._shift: dict[AgentId, notices.AgentStateChanged] = {}  # As the ledger would know it.
        self._owed: dict[CallbackId, Callback] = {}  # The same, of those who are to be called back.
        self._came = 0  # How many have called, those whom an agent calls apart.
        self._requests = 0
        self._shown = 0  # How often somebody was to be shown whom he might call.
        self._known = Acquaintance(scenario.people, random)
        self._hears: Hears = {
            commands.IdentifyCaller: self._look_up,
            commands.ReadNumber: self._read,
            notices.AgentStateChanged: self._agent_reacts,
            notices.CallConnected: self._connected,
            notices.CallbackChanged: self._owe,
            notices.CallbackEnded: self._owe_no_more,
            notices.RouteRequested: self._choose,
            PreviewOffered: self._look_at,
            notices.SurveyBegan: self._opine,
        }

    def play(self) -> None:
        """From the first log-in until everybody has gone home."""
        self._start()
        for agent in self.scenario.configuration.agents:
            self._log_in(agent)
            self._ask(requests.BecomeReady, agent)
        for when, ms in self.scenario.crashes:
            self.agenda.after(when, partial(self._crash, ms))
        for when, configuration in self.scenario.reloads:
            self.agenda.after(when, partial(self._reload, configuration))
        for when, ms in self.scenario.cuts:
            self.agenda.after(when, partial(self._cut, ms))
        self.agenda.after(self._around(self.scenario.people.between_calls_ms), self._somebody_calls)
        if self.scenario.people.between_calls_out_ms:
            self._call_out_later()
        if self.scenario.people.between_previews_ms:
            self._show_later()
        self.agenda.after(LOOK_EVERY_MS, self._look_around)
        self._go_on()

    def _go_on(self) -> None:
        """Until the end, and then for as long as somebody is still there, within reason."""
        while self.agenda.now < self.ends_at + 3_600_000:
            if self.agenda.now >= self.ends_at and not self.asterisk.channels and self._quiet():
                return
            go_on(self.engine, self.agenda, self.tell)

    def _quiet(self) -> bool:
        return self.engine is not None and not self.engine.state.calls

    def tell(self, happening: Input) -> None:
        """Give the engine this input, and let what follows be carried out."""
        if self.engine is None:
            return
        outputs = self.engine.handle(happening)
        self._watch(self, happening, outputs)
        carry_out(outputs, self.asterisk, self._hears)

    def _connected(self, said: notices.CallConnected) -> None:
        self._known.was_served(self.fates[said.call].number, said.call, said.agent)
        self._consult(said.call)
        self._supervise(said.call)

    def _owe(self, said: notices.CallbackChanged) -> None:
        self._owed[said.id] = said.callback

    def _owe_no_more(self, said: notices.CallbackEnded) -> None:
        self._owed.pop(said.id, None)

    # The process and the wire.

    def _start(self) -> None:
        self.engine = Engine()
        self.lives += 1
        at = self.agenda.now
        on_shift = tuple(
            RestoredAgent(agent=name, causes=told.causes, desk=told.desk.id if told.desk else None)
            for name, told in self._shift.items()
            if AgentState.LOGGED_OUT not in (told.state, told.pending)
        )
        self.tell(events.Configured(at=at, configuration=self._configuration))
        self.tell(events.ShiftRestored(at=at, agents=on_shift))
        self.tell(events.CallbacksRestored(at=at, callbacks=tuple(self._owed.values())))
        for name, profile in self.scenario.configuration.agents.items():
            self.tell(events.ClientFound(at=at, agent=name))
            state = self._phone_state(name)
            if profile.device:
                self.tell(
                    events.DeviceChanged(at=at, node=NODE, device=profile.device, state=state)
                )
        self.asterisk.connect()

    def _reload(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self.tell(events.Configured(at=self.agenda.now, configuration=configuration))

    def _crash(self, ms: int) -> None:
        if self.engine is not None:
            self.engine = None
            self.asterisk.cut()
            self.agenda.after(ms, self._start)

    def _cut(self, ms: int) -> None:
        if self.asterisk.heard:
            self.asterisk.cut()
            self.tell(events.NodeLost(at=self.agenda.now, node=NODE))
            self.agenda.after(ms, self._mend)

    def _mend(self) -> None:
        if self.engine is not None:
            self.asterisk.connect()

    def _look_around(self) -> None:
        self.asterisk.look()
        self.agenda.after(LOOK_EVERY_MS, self._look_around)

    def _look_up(self, asked: commands.IdentifyCaller) -> None:
        people = self.scenario.people
        if self._random.random() < people.never_identify:
            return
        identity = self._known.identity(asked.number, at=asked.at, window_ms=asked.window_ms)
        found = partial(events.CallerIdentified, call=asked.call, identity=identity)
        self.agenda.after(
            self._around(people.identify_ms), lambda: self.tell(found(at=self.agenda.now))
        )

    def _read(self, asked: commands.ReadNumber) -> None:
        read = Number(digits=asked.text, kind=NumberKind.SUBSCRIBER) if asked.text else None
        heard = partial(events.NumberRead, call=asked.call, number=read)
        self.agenda.after(self._around(5), lambda: self.tell(heard(at=self.agenda.now)))

    def _around(self, mean_ms: float) -> float:
        return self._random.expovariate(1 / mean_ms) if mean_ms else 0.0

    # Callers.

    def _somebody_calls(self) -> None:
        people = self.scenario.people
        if self.agenda.now >= self.ends_at or self._came == people.calls:
            self.ends_at = min(self.ends_at, self.agenda.now)
            return
        entry, target = self._random.choice(self.scenario.doors)
        number = self._known.number_of(len(self.fates))
        name = f"c{len(self.fates)}"
        self._came += 1
        call = CallId(f"{NODE}:{name}")
        self._known.has_called(number, call, self.agenda.now)
        self.fates[call] = Fate(self.agenda.now, number)
        self.asterisk.arrive(name, entry=entry, target=target, number=number)
        self._grow_impatient(call)
        if entry is Entry.MENU:
            self._fumble(call)
        if people.ask_back:
            self._ask_back(call)
        self.agenda.after(self._around(people.between_calls_ms), self._somebody_calls)

    def _grow_impatient(self, call: CallId) -> None:
        patience_ms = self.scenario.people.patience_ms
        fate = self.fates[call]
        talked = fate.talked

        def give_up() -> None:
            if fate.talked == talked:
                self.asterisk.end(caller_leg(call))

        if patience_ms is not None:
            self.agenda.after(self._around(patience_ms), give_up)

    def _fumble(self, call: CallId) -> None:
        def press() -> None:
            if not self.fates[call].gone and not self.fates[call].talked:
                self.asterisk.press(caller_leg(call), self._random.choice("123"))
                self._fumble(call)

        self.agenda.after(self._around(4_000), press)

    def _ask_back(self, call: CallId) -> None:
        """He has waited for a while and would rather not, whether his queue cares or not."""

        def press() -> None:
            if not self.fates[call].gone and not self.fates[call].talked:
                self.asterisk.press(caller_leg(call), self.scenario.people.key_for_callback)

        if self._random.random() < self.scenario.people.ask_back:
            self.agenda.after(self._around(10_000), press)

    def _opine(self, asked: notices.SurveyBegan) -> None:
        """He presses a key now and then, of those that mean something and others, or hangs up."""
        call = asked.call

        def press() -> None:
            if not self.fates[call].gone:
                if self._random.random() < 0.2:
                    self.asterisk.end(caller_leg(call))
                else:
                    self.asterisk.press(caller_leg(call), self._random.choice("01459#"))
                    self._opine(asked)

        self.agenda.after(self._around(3_000), press)

    def _caller_is_gone(self, call: CallId) -> None:
        self.fates[call].gone = True

    def _they_talk(self, call: CallId, leg: ChannelId) -> None:
        self.fates[call].talked += 1

        def enough() -> None:
            if leg in self.asterisk.channels and caller_leg(call) in self.asterisk.channels:
                self.asterisk.end(self._random.choice((leg, caller_leg(call))))
            self._grow_impatient(call)

        # Nobody is so quick that he hangs up before it is known that he talks.
        known_ms = 4 * self.scenario.manners.latency_ms
        self.agenda.after(known_ms + self._around(self.scenario.people.talk_ms), enough)

    # Agents.

    def _phone_state(self, agent: AgentId) -> DeviceState:
        mine = (
            name
            for name in self.asterisk.channels
            if f"~{agent}~" in name and read_ear(name) is None
        )
        return DeviceState.INUSE if any(mine) else DeviceState.NOT_INUSE

    def _phone_rings(self, ring: commands.RingAgent) -> None:
        people, random = self.scenario.people, self._random
        leg = agent_leg(ring.offer)
        whim = random.random()
        if whim < people.ignore:
            return
        if whim < people.ignore + people.reject:
            self.agenda.after(self._around(people.pick_up_ms), lambda: self._say_no(leg))
        else:
            self.agenda.after(self._around(people.pick_up_ms), lambda: self.asterisk.pick_up(leg))

    def _say_no(self, leg: ChannelId) -> None:
        if leg in self.asterisk.channels and not self.asterisk.channels[leg].up:
            self.asterisk.end(leg, cause=21)

    def _agent_reacts(self, told: notices.AgentStateChanged) -> None:
        self._shift[told.agent] = told
        people, random = self.scenario.people, self._random
        if told.state is AgentState.WRAP_UP:
            whim = random.random()
            if whim < people.pause:
                self._soon(5_000, requests.BecomeNotReady, told.agent, reason="break")
            elif whim < people.pause + people.go_home:
                self._soon(5_000, requests.LogOut, told.agent)
            elif whim < 0.5:
                self._soon(5_000, requests.FinishWrapUp, told.agent)
        elif told.state is AgentState.NOT_READY:
            let_go = (PauseCause.RING_NO_ANSWER, PauseCause.REJECTED)
            missed = any(cause in let_go for cause, _ in told.causes)
            self._soon(15_000 if missed else 60_000, requests.BecomeReady, told.agent)
        elif told.state is AgentState.LOGGED_OUT:
            self.agenda.after(self._around(300_000), partial(self._log_in, told.agent))

    def _consult(self, call: CallId) -> None:
        """Whoever has this call now presses buttons, sensible or not, for as long as it lasts."""
        people, random = self.scenario.people, self._random
        if not people.consult or random.random() >= people.consult:
            return

        def press() -> None:
            if self.fates[call].gone:
                return
            configuration = self.scenario.configuration
            agent = random.choice(list(configuration.agents))
            kind, fields = in_a_call(random, configuration, agent)
            self._request(kind, by=agent, call=call, **fields)
            self.agenda.after(self._around(5_000), press)

        self.agenda.after(self._around(5_000), press)

    def _supervise(self, call: CallId) -> None:
        """Others press the buttons of supervisors, sensible or not, for as long as this call lasts."""
        people, random = self.scenario.people, self._random
        if not people.supervise or random.random() >= people.supervise:
            return
        agents = list(self.scenario.configuration.agents)
        supervisor = random.choice(agents)

        def press() -> None:
            if self.fates[call].gone:
                return
            kind, fields = of_a_supervisor(random, agents, call)
            self._request(kind, by=supervisor, agent=supervisor, **fields)
            self.agenda.after(self._around(4_000), press)

        self.agenda.after(self._around(4_000), press)

    def _call_out_later(self) -> None:
        pause_ms = self._around(self.scenario.people.between_calls_out_ms)
        self.agenda.after(pause_ms, self._call_out)

    def _call_out(self) -> None:
        """Somebody wants to call somebody, whether he may or not; and some think better of it."""
        if self.agenda.now >= self.ends_at:
            return
        random = self._random
        agent = random.choice(list(self.scenario.configuration.agents))
        number = Number(digits=f"+86138{random.randrange(10**8):08}", kind=NumberKind.SUBSCRIBER)
        self._ask(requests.MakeCall, agent, number=number)
        if self.engine is not None and random.random() < 0.2:
            placed = [call.id for call in self.engine.state.calls.values() if call.way is not None]
            if placed:
                self._request(requests.ClearCall, by=agent, call=placed[-1])
        self._call_out_later()

    def _show_later(self) -> None:
        pause_ms = self._around(self.scenario.people.between_previews_ms)
        self.agenda.after(pause_ms, self._show)

    def _show(self) -> None:
        """Somebody is shown whom he might call, whether he has nothing to do or not."""
        if self.agenda.now >= self.ends_at:
            return
        random, configuration = self._random, self.scenario.configuration
        agent = random.choice(list(configuration.agents))
        number = Number(digits=f"+86138{random.randrange(10**8):08}", kind=NumberKind.SUBSCRIBER)
        queue = random.choice(list(configuration.queues))
        self._shown += 1
        work = Work(task=f"t{self._shown}", list="l", queue=queue, number=number)
        at = self.agenda.now
        self.tell(events.WorkOffered(at=at, agent=agent, work=work, idle_ms=0, answer_ms=10_000))
        self._show_later()

    def _look_at(self, shown: PreviewOffered) -> None:
        """He calls him, or does not, or says nothing in time; or nobody need be called any more."""
        task, whim = shown.work.task, self._random.random()
        if whim < 0.6:
            self._soon(4_000, AcceptPreview, shown.agent, task=task)
        elif whim < 0.8:
            self._soon(4_000, SkipPreview, shown.agent, task=task, reason="lunch")
        elif whim < 0.9:

            def settled() -> None:
                at = self.agenda.now
                self.tell(events.WorkWithdrawn(at=at, agent=shown.agent, task=task))

            self.agenda.after(3_000, settled)

    def _choose(self, asked: notices.RouteRequested) -> None:
        """The external router names some, or nobody yet, or strangers, or is late, or dead."""
        people, random = self.scenario.people, self._random
        if random.random() < people.router_dead:
            return
        names = [one.agent for one in asked.candidates]
        others = list(self.scenario.configuration.agents)
        chosen = random.choice((names[-1:], names[::-1], random.sample(others, 1), []))
        later_ms = self._around(300)

        def answer() -> None:
            self._request(
                requests.SelectRoute,
                by="router",
                call=asked.call,
                route=asked.route,
                agents=tuple(chosen),
                again_ms=random.choice((500, 5_000)),
            )

        self.agenda.after(later_ms, answer)

    def _number_rings(self, dialled: commands.DialNumber) -> None:
        people, random, leg = self.scenario.people, self._random, dialled.leg
        if leg == caller_leg(dialled.call):
            self.fates[dialled.call] = Fate(self.agenda.now, dialled.number)
        rings_ms = self._around(people.pick_up_ms)
        if random.random() >= people.not_there:
            self.agenda.after(rings_ms, lambda: self.asterisk.pick_up(leg))
            if leg != caller_leg(dialled.call):  # Nobody talks for ever.
                talks_ms = rings_ms + self._around(people.talk_ms)
                self.agenda.after(talks_ms, lambda: self.asterisk.end(leg))
        elif random.random() < 0.5:
            self.agenda.after(rings_ms, lambda: self.asterisk.end(leg, cause=17))

    def _soon(self, ms: float, kind: Any, agent: AgentId, **fields: Any) -> None:
        self.agenda.after(self._around(ms), lambda: self._ask(kind, agent, **fields))

    def _log_in(self, agent: AgentId) -> None:
        """At his own phone, or, if he has none, at the first desk that nobody has."""
        # He may be taken out of the file meanwhile.
        profile = self._configuration.agents.get(agent)
        taken = [told.desk for told in self._shift.values()]
        free = (desk.id for desk in self._configuration.desks.values() if desk not in taken)
        self._ask(
            requests.LogIn,
            agent,
            desk=None if profile is None or profile.device else next(free, None),
        )

    def _ask(self, kind: Any, agent: AgentId, **fields: Any) -> None:
        self._request(kind, by=agent, agent=agent, **fields)

    def _request(self, kind: Any, **fields: Any) -> None:
        self._requests += 1
        self.tell(kind(at=self.agenda.now, request=f"r{self._requests}", **fields))
