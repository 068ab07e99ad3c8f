"""A whole centre being played: the real engine, an Asterisk, other systems; what people do in it is theirs.

Every whim, of whomever, comes from one seed.
"""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from acd.core import commands, events, notices, requests
from acd.core.agent import AgentState
from acd.core.callback import Callback, CallbackId
from acd.core.configuration import Configuration
from acd.core.engine import Engine, Input
from acd.core.events import RestoredAgent
from acd.core.ids import (
    NodeId,
)
from acd.core.matching import Output
from acd.core.outbound import Number, NumberKind
from acd.core.preview import PreviewOffered
from acd.simulation.agenda import Agenda
from acd.simulation.asterisk import SimAsterisk
from acd.simulation.callers import Callers
from acd.simulation.scenario import Scenario
from acd.simulation.staff import Staff
from acd.simulation.stage import Hears, carry_out, go_on

START_MS = 1_750_000_000_000
LOOK_EVERY_MS = 60_000
NODE = NodeId("pbx1")


Watch = Callable[["Office", Input, list[Output]], None]


class Office:
    """A scenario being played. `watch` sees every input and what followed from it."""

    def __init__(self, scenario: Scenario, random: Random, watch: Watch) -> None:
        self.scenario = scenario
        self.configuration = scenario.configuration  # The one that is in force.
        self.agenda = Agenda(START_MS)
        self.engine: Engine | None = None
        self.lives = 0  # How often the engine was started.
        self.ends_at = START_MS + scenario.duration_ms
        self.callers, self.staff = Callers(self, random), Staff(self, random)
        self.asterisk = SimAsterisk(
            node=NODE,
            agenda=self.agenda,
            random=random,
            manners=scenario.manners,
            deliver=self.tell,
            rings=self.staff.phone_rings,
            dials=self.callers.number_rings,
            talks=self.callers.they_talk,
            left=self.callers.is_gone,
        )
        self._random = random
        self._watch = watch
        self._owed: dict[CallbackId, Callback] = {}  # As the ledger would know it.
        self._requests = 0
        self._hears: Hears = {
            commands.IdentifyCaller: self._look_up,
            commands.ReadNumber: self._read,
            notices.AgentStateChanged: self.staff.react,
            notices.CallConnected: self._connected,
            notices.CallbackChanged: self._owe,
            notices.CallbackEnded: self._owe_no_more,
            notices.RouteRequested: self._choose,
            PreviewOffered: self.staff.look_at,
            notices.SurveyBegan: self.callers.opine,
        }

    def play(self) -> None:
        """From the first log-in until everybody has gone home."""
        self._start()
        for agent in self.scenario.configuration.agents:
            self.staff.come(agent)
        for when, ms in self.scenario.crashes:
            self.agenda.after(when, partial(self._crash, ms))
        for when, configuration in self.scenario.reloads:
            self.agenda.after(when, partial(self._reload, configuration))
        for when, ms in self.scenario.cuts:
            self.agenda.after(when, partial(self._cut, ms))
        self.callers.begin()
        self.staff.begin()
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

    def around(self, mean_ms: float) -> float:
        """About so long."""
        return self._random.expovariate(1 / mean_ms) if mean_ms else 0.0

    def later(self, mean_ms: float, do: Callable[[], None]) -> None:
        """Do this in about so long."""
        self.agenda.after(self.around(mean_ms), do)

    def request(self, kind: Any, **fields: Any) -> None:
        """Somebody presses a button, or a router answers."""
        self._requests += 1
        self.tell(kind(at=self.agenda.now, request=f"r{self._requests}", **fields))

    def _connected(self, said: notices.CallConnected) -> None:
        self.callers.are_served(said)
        self.staff.have_a_call(said.call)

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
            for name, told in self.staff.shift.items()
            if AgentState.LOGGED_OUT not in (told.state, told.pending)
        )
        self.tell(events.Configured(at=at, configuration=self.configuration))
        self.tell(events.ShiftRestored(at=at, agents=on_shift))
        self.tell(events.CallbacksRestored(at=at, callbacks=tuple(self._owed.values())))
        for name, profile in self.scenario.configuration.agents.items():
            self.tell(events.ClientFound(at=at, agent=name))
            state = self.staff.phone_state(name)
            if profile.device:
                self.tell(
                    events.DeviceChanged(at=at, node=NODE, device=profile.device, state=state)
                )
        self.asterisk.connect()

    def _reload(self, configuration: Configuration) -> None:
        self.configuration = configuration
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

    # Other systems.

    def _look_up(self, asked: commands.IdentifyCaller) -> None:
        people = self.scenario.people
        if self._random.random() < people.never_identify:
            return
        identity = self.callers.known.identity(asked.number, at=asked.at, window_ms=asked.window_ms)
        found = partial(events.CallerIdentified, call=asked.call, identity=identity)
        self.later(people.identify_ms, lambda: self.tell(found(at=self.agenda.now)))

    def _read(self, asked: commands.ReadNumber) -> None:
        read = Number(digits=asked.text, kind=NumberKind.SUBSCRIBER) if asked.text else None
        heard = partial(events.NumberRead, call=asked.call, number=read)
        self.later(5, lambda: self.tell(heard(at=self.agenda.now)))

    def _choose(self, asked: notices.RouteRequested) -> None:
        """The external router names some, or nobody yet, or strangers, or is late, or dead."""
        people, random = self.scenario.people, self._random
        if random.random() < people.router_dead:
            return
        names = [one.agent for one in asked.candidates]
        others = list(self.scenario.configuration.agents)
        chosen = random.choice((names[-1:], names[::-1], random.sample(others, 1), []))

        def answer() -> None:
            self.request(
                requests.SelectRoute,
                by="router",
                call=asked.call,
                route=asked.route,
                agents=tuple(chosen),
                again_ms=random.choice((500, 5_000)),
            )

        self.later(300, answer)
