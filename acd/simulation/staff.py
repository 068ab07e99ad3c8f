"""People who answer in a simulated office: what they do at their phones and desks, sensible or not; route nothing."""

from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from acd.core import commands, events, notices, requests
from acd.core.agent import AgentState, PauseCause
from acd.core.events import DeviceState
from acd.core.ids import AgentId, CallId, ChannelId, agent_leg, read_ear
from acd.core.outbound import Number, NumberKind
from acd.core.preview import AcceptPreview, PreviewOffered, SkipPreview, Work
from acd.simulation.buttons import in_a_call, of_a_supervisor

if TYPE_CHECKING:
    from acd.simulation.office import Office


class Staff:
    """All agents and supervisors, and who of them is on shift."""

    def __init__(self, office: "Office", random: Random) -> None:
        self.shift: dict[AgentId, notices.AgentStateChanged] = {}  # As the ledger would know it.
        self._office = office
        self._people = office.scenario.people
        self._random = random
        self._shown = 0  # How often somebody was to be shown whom he might call.

    def come(self, agent: AgentId) -> None:
        """His shift begins."""
        self._log_in(agent)
        self._ask(requests.BecomeReady, agent)

    def begin(self) -> None:
        """From now on some call somebody now and then, or are shown whom they might call."""
        if self._people.between_calls_out_ms:
            self._call_out_later()
        if self._people.between_previews_ms:
            self._show_later()

    def phone_state(self, agent: AgentId) -> DeviceState:
        """Whether he is on the phone."""
        mine = (
            name
            for name in self._office.asterisk.channels
            if f"~{agent}~" in name and read_ear(name) is None
        )
        return DeviceState.INUSE if any(mine) else DeviceState.NOT_INUSE

    def phone_rings(self, ring: commands.RingAgent) -> None:
        """He picks up, or refuses, or lets it ring."""
        people, random = self._people, self._random
        leg = agent_leg(ring.offer)
        whim = random.random()
        if whim < people.ignore:
            return
        if whim < people.ignore + people.reject:
            self._office.later(people.pick_up_ms, lambda: self._say_no(leg))
        else:
            self._office.later(people.pick_up_ms, lambda: self._office.asterisk.pick_up(leg))

    def _say_no(self, leg: ChannelId) -> None:
        if leg in self._office.asterisk.channels and not self._office.asterisk.channels[leg].up:
            self._office.asterisk.end(leg, cause=21)

    def react(self, told: notices.AgentStateChanged) -> None:
        """Who has had a call wants a break, or to go home; who was paused wants to go on."""
        self.shift[told.agent] = told
        people, random = self._people, self._random
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
            self._office.later(300_000, partial(self._log_in, told.agent))

    def have_a_call(self, call: CallId) -> None:
        """Some begin to press buttons."""
        self._consult(call)
        self._supervise(call)

    def _consult(self, call: CallId) -> None:
        """Whoever has this call now presses buttons, sensible or not, for as long as it lasts."""
        people, random = self._people, self._random
        if not people.consult or random.random() >= people.consult:
            return

        def press() -> None:
            if self._office.callers.fates[call].gone:
                return
            configuration = self._office.scenario.configuration
            agent = random.choice(list(configuration.agents))
            kind, fields = in_a_call(random, configuration, agent)
            self._office.request(kind, by=agent, call=call, **fields)
            self._office.later(5_000, press)

        self._office.later(5_000, press)

    def _supervise(self, call: CallId) -> None:
        """Others press the buttons of supervisors, sensible or not, for as long as this call lasts."""
        people, random = self._people, self._random
        if not people.supervise or random.random() >= people.supervise:
            return
        agents = list(self._office.scenario.configuration.agents)
        supervisor = random.choice(agents)

        def press() -> None:
            if self._office.callers.fates[call].gone:
                return
            kind, fields = of_a_supervisor(random, agents, call)
            self._office.request(kind, by=supervisor, agent=supervisor, **fields)
            self._office.later(4_000, press)

        self._office.later(4_000, press)

    def _call_out_later(self) -> None:
        self._office.later(self._people.between_calls_out_ms, self._call_out)

    def _call_out(self) -> None:
        """Somebody wants to call somebody, whether he may or not; and some think better of it."""
        if self._office.agenda.now >= self._office.ends_at:
            return
        random = self._random
        agent = random.choice(list(self._office.scenario.configuration.agents))
        number = Number(digits=f"+86138{random.randrange(10**8):08}", kind=NumberKind.SUBSCRIBER)
        self._ask(requests.MakeCall, agent, number=number)
        if self._office.engine is not None and random.random() < 0.2:
            placed = [
                call.id for call in self._office.engine.state.calls.values() if call.way is not None
            ]
            if placed:
                self._office.request(requests.ClearCall, by=agent, call=placed[-1])
        self._call_out_later()

    def _show_later(self) -> None:
        self._office.later(self._people.between_previews_ms, self._show)

    def _show(self) -> None:
        """Somebody is shown whom he might call, whether he has nothing to do or not."""
        if self._office.agenda.now >= self._office.ends_at:
            return
        random, configuration = self._random, self._office.scenario.configuration
        agent = random.choice(list(configuration.agents))
        number = Number(digits=f"+86138{random.randrange(10**8):08}", kind=NumberKind.SUBSCRIBER)
        queue = random.choice(list(configuration.queues))
        self._shown += 1
        work = Work(task=f"t{self._shown}", list="l", queue=queue, number=number)
        at = self._office.agenda.now
        self._office.tell(
            events.WorkOffered(at=at, agent=agent, work=work, idle_ms=0, answer_ms=10_000)
        )
        self._show_later()

    def look_at(self, shown: PreviewOffered) -> None:
        """He calls him, or does not, or says nothing in time; or nobody need be called any more."""
        task, whim = shown.work.task, self._random.random()
        if whim < 0.6:
            self._soon(4_000, AcceptPreview, shown.agent, task=task)
        elif whim < 0.8:
            self._soon(4_000, SkipPreview, shown.agent, task=task, reason="lunch")
        elif whim < 0.9:

            def settled() -> None:
                at = self._office.agenda.now
                self._office.tell(events.WorkWithdrawn(at=at, agent=shown.agent, task=task))

            self._office.agenda.after(3_000, settled)

    def _soon(self, ms: float, kind: Any, agent: AgentId, **fields: Any) -> None:
        self._office.later(ms, lambda: self._ask(kind, agent, **fields))

    def _log_in(self, agent: AgentId) -> None:
        """At his own phone, or, if he has none, at the first desk that nobody has."""
        # He may be taken out of the file meanwhile.
        profile = self._office.configuration.agents.get(agent)
        taken = [told.desk for told in self.shift.values()]
        free = (desk.id for desk in self._office.configuration.desks.values() if desk not in taken)
        self._ask(
            requests.LogIn,
            agent,
            desk=None if profile is None or profile.device else next(free, None),
        )

    def _ask(self, kind: Any, agent: AgentId, **fields: Any) -> None:
        self._office.request(kind, by=agent, agent=agent, **fields)
