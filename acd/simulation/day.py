"""A recorded day, taken out of a journal and played again under other rules; draws no number and asks no clock.

What callers and agents did by themselves is kept: who called when and was who, how long those who gave up
had waited, how long each talk took, when agents came, paused and went. What the engine decided is left out and
decided anew. Two things cannot be known and are assumed: who was answered would have waited as long as it
takes, and a talk that never came to be would have taken as long as the talks of that day did on average.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from acd.core import commands, events, notices, requests
from acd.core.configuration import DEFAULT_NODE, Configuration
from acd.core.customer import UNIDENTIFIED, Identity
from acd.core.engine import Engine, Input
from acd.core.ids import CallId, ChannelId, NodeId, agent_leg, caller_leg, node_of, uniqueid_of
from acd.core.matching import Output
from acd.simulation.agenda import Agenda
from acd.simulation.asterisk import SimAsterisk
from acd.simulation.scenario import Manners

_USUAL_TALK_MS = 120_000
_USUAL_PICK_UP_MS = 3_000
_HOW_LONG_AFTER_MS = 2 * 3_600_000

Watch = Callable[[Input, list[Output]], None]


@dataclass(slots=True, kw_only=True)
class Caller:
    """One caller of that day."""

    arrived: events.CallArrived
    identity: Identity = UNIDENTIFIED
    queue: str = ""  # Where he ended up: menus are not walked again.
    patience_ms: int | None = None  # From joining the queue; None: as long as it takes.
    talk_ms: int | None = None


@dataclass(slots=True, kw_only=True)
class Day:
    """Everything that people did by themselves."""

    node: NodeId = DEFAULT_NODE
    configuration: Configuration = field(default_factory=Configuration)
    begins_at: int = 0
    ends_at: int = 0
    callers: dict[CallId, Caller] = field(default_factory=dict)
    asked: list[requests.Request] = field(default_factory=list)
    talk_ms: float = _USUAL_TALK_MS
    pick_up_ms: float = _USUAL_PICK_UP_MS


def taken_from(steps: Iterable[tuple[Input, list[Output]]]) -> Day:
    """The day that a journal tells: its inputs, and what the engine made of them then."""
    day = Day()
    rung: dict[str, int] = {}
    picked_up: list[int] = []
    for happening, outputs in steps:
        day.begins_at = day.begins_at or happening.at
        day.ends_at = happening.at
        match happening:
            case events.Configured():
                day.configuration = happening.configuration
            case events.CallArrived():
                name = CallId(happening.channel)
                day.node = node_of(happening.channel)
                day.callers.setdefault(name, Caller(arrived=happening))
            case events.CallerIdentified() if happening.call in day.callers:
                day.callers[happening.call].identity = happening.identity
            case events.LegAnswered() if happening.channel in rung:
                picked_up.append(happening.at - rung.pop(happening.channel))
            case (
                requests.LogIn()
                | requests.LogOut()
                | requests.BecomeReady()
                | requests.BecomeNotReady()
            ):
                day.asked.append(happening)
        for said in outputs:
            _learn(day, said, rung, happening.at)
    talks = [caller.talk_ms for caller in day.callers.values() if caller.talk_ms]
    day.talk_ms = sum(talks) / len(talks) if talks else _USUAL_TALK_MS
    day.pick_up_ms = sum(picked_up) / len(picked_up) if picked_up else _USUAL_PICK_UP_MS
    return day


def _learn(day: Day, said: Output, rung: dict[str, int], at: int) -> None:
    match said:
        case commands.RingAgent():
            rung[agent_leg(said.offer)] = at
        case notices.CallQueued() if said.call in day.callers:
            day.callers[said.call].queue = said.queue
        case notices.CallEnded() if said.call in day.callers:
            caller = day.callers[said.call]
            if said.talked_ms:
                caller.talk_ms = said.talked_ms
            elif said.ending is notices.Ending.ABANDONED:
                caller.patience_ms = said.waited_ms


class Replay:
    """A day being played under some configuration."""

    def __init__(self, day: Day, configuration: Configuration, watch: Watch) -> None:
        self._day = day
        self._configuration = configuration
        self._watch = watch
        self._agenda = Agenda(day.begins_at)
        self._engine = Engine()
        self._talked: dict[CallId, None] = {}
        self._waiting: dict[CallId, None] = {}
        self._asterisk = SimAsterisk(
            node=day.node,
            agenda=self._agenda,
            random=Random(0),  # noqa: S311 # Its manners are perfect: it draws nothing.
            manners=Manners(),
            deliver=self._tell,
            rings=self._phone_rings,
            talks=self._they_talk,
            left=lambda call: None,
        )

    def play(self) -> None:
        """From the first input of that day until everybody has been served or has gone."""
        self._tell(events.Configured(at=self._agenda.now, configuration=self._configuration))
        self._asterisk.connect()
        for caller in self._day.callers.values():
            if caller.queue:  # Who hung up in a menu, or was never queued, competes with nobody.
                self._at(caller.arrived.at, partial(self._arrive, caller))
        for request in self._day.asked:
            self._at(request.at, partial(self._ask, request))
        last = self._day.ends_at + _HOW_LONG_AFTER_MS
        while self._agenda.now < last:
            due, coming = self._engine.next_deadline(), self._agenda.next_at()
            if coming is None and not self._engine.state.calls:
                return
            if due is not None and (coming is None or due <= coming):
                self._agenda.now = max(self._agenda.now, due)
                self._tell(events.TimeReached(at=self._agenda.now))
            elif coming is not None:
                self._agenda.do_next()
            else:
                return

    def _at(self, when: int, do: Callable[[], None]) -> None:
        self._agenda.after(when - self._agenda.now, do)

    def _tell(self, happening: Input) -> None:
        outputs = self._engine.handle(happening)
        self._watch(happening, outputs)
        for output in outputs:
            if isinstance(output, commands.IdentifyCaller):
                self._look_up(output)
            elif isinstance(output, commands.Command):
                self._asterisk.obey(output)
            elif isinstance(output, notices.CallQueued):
                self._grow_impatient(output)

    def _ask(self, request: requests.Request) -> None:
        self._tell(replace(request, at=self._agenda.now))

    def _arrive(self, caller: Caller) -> None:
        self._asterisk.arrive(
            uniqueid_of(CallId(caller.arrived.channel)),
            entry=events.Entry.QUEUE,
            target=caller.queue,
            number=caller.arrived.number,
        )

    def _look_up(self, asked: commands.IdentifyCaller) -> None:
        caller = self._day.callers.get(asked.call)
        identity = caller.identity if caller is not None else UNIDENTIFIED
        self._agenda.after(
            0,
            lambda: self._tell(
                events.CallerIdentified(at=self._agenda.now, call=asked.call, identity=identity)
            ),
        )

    def _grow_impatient(self, said: notices.CallQueued) -> None:
        caller = self._day.callers.get(said.call)
        if caller is None or caller.patience_ms is None or said.call in self._waiting:
            return
        self._waiting[said.call] = None

        def give_up() -> None:
            if said.call not in self._talked:
                self._asterisk.end(caller_leg(said.call))

        self._agenda.after(caller.patience_ms, give_up)

    def _phone_rings(self, ring: commands.RingAgent) -> None:
        leg = agent_leg(ring.offer)
        self._agenda.after(self._day.pick_up_ms, lambda: self._asterisk.pick_up(leg))

    def _they_talk(self, call: CallId, leg: ChannelId) -> None:
        self._talked[call] = None
        caller = self._day.callers.get(call)
        talk_ms = caller.talk_ms if caller is not None else None

        def enough() -> None:
            if leg in self._asterisk.channels and caller_leg(call) in self._asterisk.channels:
                self._asterisk.end(caller_leg(call))

        self._agenda.after(talk_ms or self._day.talk_ms, enough)
