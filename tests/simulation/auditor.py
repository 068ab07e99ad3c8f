"""Predicts what an engine may say from what it was told and has said; never looks inside the engine.

The invariants are those of an honest call centre: an agent has one call at a time and is rung only when
he may be, nobody is overtaken, nobody waits while somebody fit is idle, answered means that both legs
were seen in one bridge, and every call ends once. A second opinion is worth something only if it was
formed alone: this file shares the vocabulary with the engine and none of its code.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from acd.core import commands, events, notices, requests
from acd.core.agent import IN_CALL, AgentState
from acd.core.board import Board
from acd.core.callback import Callback, CallbackOutcome
from acd.core.configuration import Configuration
from acd.core.engine import Engine, Input
from acd.core.events import DeviceState
from acd.core.ids import (
    AgentId,
    CallId,
    ChannelId,
    Direction,
    MenuId,
    NodeId,
    OfferId,
    QueueId,
    call_of,
    callback_of,
    caller_leg,
    direction_of,
    read_outside_leg,
)
from acd.core.matching import Output
from acd.core.offer import OfferOutcome
from acd.core.party import PartyState
from acd.core.permits import standing_of
from acd.core.preview import PreviewOutcome
from acd.core.route import RouteEnding
from acd.core.saved import read_saved
from ivr.steps import Enqueue
from tests.simulation.claims import Claim, Claims, can
from tests.simulation.misses import Misses
from tests.simulation.outside import Outside

LONGEST_HOLD_MS = 30_000  # A router does not keep a caller longer without being asked again.
BUSY = (
    AgentState.OFFERED,
    AgentState.DIALLING,
    AgentState.TALKING,
    AgentState.CONSULTED,
    AgentState.SUPERVISING,
)


@dataclass
class Caller:
    """What the auditor believes of a call."""

    queued_at: int  # When he last came into a queue, or began.
    phase: str = "arrived"
    menu: MenuId | None = None
    queue: QueueId | None = None
    joined_at: int = 0
    ringing: dict[AgentId, OfferId] = field(default_factory=dict)
    offer: OfferId | None = None  # The one that was picked up first.
    attempts: int = 0
    connected: bool = False
    had_talked: bool = False  # Before a restart found him done with it.
    heard: bool = False  # By whoever called him, or whom he was left to; once is for ever.
    held: bool = False
    released: bool = False
    called: bool = False  # By an agent.
    answers: bool = False  # Has picked up, who is called.
    handed_to: AgentId | None = None  # By whoever had him before.
    bridge: OfferId | None = None  # Whose bridge they are in.
    outside: bool = False  # Was left to a number once.
    deflected: bool = False  # A number rings for him, and until it picks up he waits in his queue.
    # A router is asked about these, or has asked for time.
    asked: tuple[AgentId, ...] | None = None
    route: int = 0  # The number of the last question.
    held_until: int = 0  # Then the router is asked again.
    owed: Callback | None = None  # He is to be called back.
    called_off: bool = False  # And is not any more.
    parties: dict[AgentId, notices.PartyChanged | notices.PartyOffered] = field(
        default_factory=dict
    )
    supervisors: dict[AgentId, notices.SupervisionChanged] = field(default_factory=dict)


@dataclass
class Leg:
    """What the auditor believes of an offer, until its agent is told to be free."""

    call: CallId
    agent: AgentId
    queue: QueueId
    phone: tuple[NodeId, str] | None = None
    open: bool = True
    rung: bool = False
    up: bool = False
    whispers: bool = False  # Its agent hears who calls, and not the caller.
    connected: bool = False
    beside: bool = False  # Another agent has the call.
    placed: bool = False  # He makes the call.
    supervises: bool = False  # He hears another agent's.
    over: bool = False  # We were told that the channel is gone, or never was.
    released_at: int | None = None  # When it was told to end.
    outcome: OfferOutcome | None = None
    bridged: set[ChannelId] = field(default_factory=set)


class Auditor:
    """Hears every input and what followed from it."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.configured_at = 0
        self.board = Board()
        self.calls: dict[CallId, Caller] = {}
        self.outside = Outside()
        self.outside_ended: list[
            CallId
        ] = []  # Whose numbers are to be gone by the end of the step.
        self.legs: dict[OfferId, Leg] = {}
        self.agents: dict[AgentId, notices.AgentStateChanged] = {}
        self.devices: dict[tuple[NodeId, str], DeviceState] = {}
        self.lost: set[NodeId] = set()
        self.met: set[NodeId] = set()  # Found once; never decides an order.
        self.claims = Claims()
        self.called_out: Counter[AgentId] = Counter()  # How many numbers, ever.
        self.least_cap = 0  # The narrowest that agents have had; 0: none.
        self.worked: dict[AgentId, Counter[str]] = {}  # What strategies go by.
        self.misses = Misses()
        self.changed_queues: tuple[QueueId, ...] = ()
        self.other_node: NodeId | None = None  # It is lost, or found, just now.
        self.chosen: dict[CallId, tuple[AgentId, ...]] = {}  # By a router, of these, a moment ago.
        self.shown: dict[AgentId, str] = {}  # Whom he might call, by the task.
        self.tally: Counter[str] = Counter()
        self.inside: dict[ChannelId, OfferId] = {}  # In whose bridge a leg was last seen.
        self.now = 0
        # Whom we call back: until when his phone rings, if nobody tells that it rings no more.
        self.rings_until: dict[ChannelId, int] = {}
        self.told: dict[CallId, int] = {}  # Who hears an announcement, and its number.
        self._seen: dict[ChannelId, events.ChannelSeen] = {}
        self._looked: NodeId | None = None

    def step(self, engine: Engine, happening: Input) -> list[Output]:
        """Give the engine the time, then the input; what is due before it is thus known to be before it."""
        outputs = []
        for one in (events.TimeReached(at=happening.at), happening):
            said = engine.handle(one)
            self.heard(one, said)
            outputs += said
        return outputs

    def heard(self, happening: Input, outputs: list[Output]) -> None:
        """Check what followed from this input."""
        self.now = happening.at
        self._learn(happening)
        if isinstance(happening, events.LegAnswered):
            self._nobody_left_holding(happening.channel, outputs)
        if isinstance(happening, events.Configured):
            self.board.configure(happening.configuration)
        self._holds_that_end(happening)
        accepted = any(isinstance(output, notices.Accepted) for output in outputs)
        if isinstance(happening, requests.BecomeReady | requests.ForceReady) and accepted:
            self.misses.answers_again(happening.agent)
        if isinstance(happening, requests.SelectRoute) and accepted:
            again_ms = min(happening.again_ms, LONGEST_HOLD_MS)
            self.calls[happening.call].held_until = happening.at + again_ms
        if isinstance(happening, requests.DeflectToAgent) and accepted:
            self.calls[happening.call].handed_to = happening.to
        for output in outputs:
            if (check := CHECKS.get(type(output))) is not None:
                check(self, output, happening.at)
            self.tally[type(output).__name__] += 1
            if isinstance(output, notices.Notice):
                self.board.hear(output)
        for call in self.told:
            assert self.calls[call].phase == "waiting", f"{call} is told where he stood"
        self._settle(happening.at)
        self._nobody_left_over(happening.at)
        self._nobody_overhears()
        self._nobody_looks_on()

    # What the inputs tell.

    def _learn(self, happening: Input) -> None:
        self._seen, self._looked = {}, None
        match happening:
            case events.Configured(configuration=configuration):
                self._reconfigure(configuration)
            case events.DeviceChanged():
                self.devices[happening.node, happening.device] = happening.state
            case events.NodeLost():
                self.other_node = None if happening.node in self.lost else happening.node
                self.lost.add(happening.node)
            case events.NodeFound():
                heard = happening.node in self.met and happening.node not in self.lost
                self.other_node = None if heard else happening.node
                self.met.add(happening.node)
                self.lost.discard(happening.node)
                self.claims.hear_of_node()
                self._looked = happening.node
                self._seen = {seen.channel: seen for seen in happening.channels}
                for seen in happening.channels:
                    if seen.up:
                        self._picks_up(seen.channel)
                        self.outside.picks_up(seen.channel)
                    if seen.channel in self.legs:
                        self.legs[OfferId(seen.channel)].up |= seen.up
                for name in list(self.rings_until):
                    if name.startswith(f"{happening.node}:") and name not in self._seen:
                        del self.rings_until[name]
                for name, leg in self.legs.items():
                    leg.bridged |= self._in_bridge_of(name)
                    self.inside |= dict.fromkeys(self._in_bridge_of(name), name)
                for caller in self.calls.values():
                    if caller.bridge is not None:
                        self.inside |= dict.fromkeys(
                            self._in_bridge_of(caller.bridge), caller.bridge
                        )
            case events.LegAnswered(channel=channel) if call_of(channel) in self.calls:
                self._picks_up(channel)
            case events.LegAnswered(channel=channel) if read_outside_leg(channel) is not None:
                self.outside.picks_up(channel)
            case events.PromptsFinished(call=call, playback=playback):
                if self.told.get(call) == playback:
                    del self.told[call]
            case events.CommandFailed(command="PlayPrompts", channel=channel):
                self.told.pop(call_of(channel), None)
            case events.LegAnswered(channel=channel) if channel in self.legs:
                self.legs[OfferId(channel)].up = True
            case events.LegBridged(channel=channel, offer=offer):
                self.inside[channel] = offer
                if offer in self.legs:
                    self.legs[offer].bridged.add(channel)
            case events.LegEnded(channel=channel) if channel in self.legs:
                self.legs[OfferId(channel)].over = True
            case events.LegEnded(channel=channel) | events.CallLeft(channel=channel):
                self.rings_until.pop(channel, None)
            case events.CommandFailed(command="DialNumber", channel=channel, failure=failure):
                if failure is not events.Failure.UNREACHABLE:
                    self.rings_until.pop(channel, None)
            case events.CommandFailed(command="RingAgent", channel=channel, failure=failure):
                if channel in self.legs and failure is not events.Failure.UNREACHABLE:
                    self.legs[OfferId(channel)].over = True

    def _picks_up(self, channel: ChannelId) -> None:
        """Who is called; too late, if who calls has given up meanwhile."""
        caller = self.calls.get(call_of(channel))
        if caller is not None and caller.phase == "dialling":
            caller.answers = True

    def _nobody_left_holding(self, channel: ChannelId, outputs: list[Output]) -> None:
        """Who picks up is connected, or let go at once: a phone at an ear is never forgotten."""
        leg, caller = self.legs.get(OfferId(channel)), self.calls.get(call_of(channel))
        if (
            direction_of(channel) is Direction.OUT
        ):  # Who is called: he is in the bridge of who calls.
            waited_for = caller is not None and caller.phase != "leaving"
        else:
            waited_for = channel in self.outside.states or (leg is not None and leg.open)
        if not waited_for:
            let_go = [o for o in outputs if isinstance(o, commands.HangUp) and o.channel == channel]
            assert let_go or "~" not in channel, f"{channel} was picked up for nobody"

    def _in_bridge_of(self, offer: OfferId) -> set[ChannelId]:
        bridge = f"cordboard~{offer.partition(':')[2]}"
        return {name for name, seen in self._seen.items() if seen.bridge == bridge}

    def _reconfigure(self, configuration: Configuration) -> None:
        self.configured_at = self.now
        queues = configuration.queues
        self.changed_queues = tuple(
            name for name, rules in self.configuration.queues.items() if queues.get(name) != rules
        )
        profiles = {name: configuration.profile_of(name) for name in configuration.agents}
        configuration = replace(configuration, agents=profiles)
        self.configuration = configuration
        for name, caller in self.calls.items():
            if caller.owed is not None and caller.queue not in queues and caller.phase == "waiting":
                self._is_called_off(name, caller)
        self.claims.configure(configuration)
        self.misses.configuration = configuration
        for name in list(self.agents):
            if name not in configuration.agents and self.agents[name].state not in BUSY:
                self._forget(name)

    def _forget(self, agent: AgentId) -> None:
        self.agents.pop(agent)
        self.misses.forget(agent)
        self.worked.pop(agent, None)
        self.claims.forget_agent(agent)

    # What the outputs say, one method for each.

    def _call_started(self, said: notices.CallStarted, at: int) -> None:
        assert said.call not in self.calls, f"{said.call} started twice"
        found = self._seen.get(caller_leg(said.call))
        self.calls[said.call] = Caller(queued_at=at, answers=found is not None and found.up)
        self.calls[said.call].called = said.direction is Direction.OUT
        note = read_saved(found.saved) if found is not None else None
        self.calls[said.call].had_talked = note is not None and note.over_at is not None
        self.calls[said.call].heard = note is not None
        assert direction_of(said.call) is said.direction

    def _caller_recognised(self, said: notices.CallerRecognised, at: int) -> None:
        self.claims.identities[said.call] = said.identity

    def _call_queued(self, said: notices.CallQueued, at: int) -> None:
        caller = self.calls[said.call]
        assert said.queue in self.configuration.queues
        assert said.joined_at <= at
        begins_again = caller.phase == "handed on" and said.joined_at == at
        begins_again |= caller.phase == "outside"
        if caller.deflected:
            assert caller.phase == "outside" and said.joined_at == caller.joined_at, (
                "lost his place"
            )
            caller.deflected = False
        assert caller.phase in ("arrived", "menu", "waiting") or begins_again, caller
        if caller.phase == "waiting":
            self._moved(caller, said, at)
        if caller.phase == "menu":
            self._comes_out_of(caller, said)
        node = NodeId(said.call.partition(":")[0])
        claim = Claim(
            said.queue, said.priority, said.joined_at, node, said.requires, said.placed_at
        )
        claim.survivor = self._looked is not None
        if said.call in self.claims.of:
            claim.missed = self.claims.of[said.call].missed
        self.claims.begin(said.call, claim)
        caller.phase, caller.queue, caller.joined_at = "waiting", said.queue, said.joined_at
        caller.queued_at, caller.heard = at, True

    def _callback_changed(self, said: notices.CallbackChanged, at: int) -> None:
        """His place without him: one for a number, and only where a way leads."""
        caller, owed = self.calls[said.call], said.callback
        twice = [c for c in self.calls.values() if c.owed and c.owed.number == owed.number]
        assert caller.called and twice in ([], [caller]), f"{owed.number} is owed two calls"
        assert caller.owed is not None or any(
            owed.number.digits.startswith(route.prefixes)
            for route in self.configuration.outbound.routes
        )
        tries = caller.owed.tries if caller.owed is not None else owed.tries
        caller.owed, caller.queue, caller.joined_at = owed, owed.queue, owed.joined_at
        if owed.origin is not None:
            self.claims.owe(owed.origin, owed.priority)
        if owed.tries > tries:
            self._is_called_back(said.call, caller)
        elif caller.phase in ("arrived", "waiting", "paused"):
            self._waits_without_a_line(said.call, caller, owed, at)

    def _is_called_back(self, name: CallId, caller: Caller) -> None:
        """An agent has picked up for him: from now on it is a call that this agent makes."""
        (offer,) = caller.ringing.values()
        assert caller.phase == "offered" and self.legs[offer].up, "called back by nobody"
        caller.phase, self.legs[offer].placed = "placed", True
        self.called_out[self.legs[offer].agent] += 1
        self.claims.end(name)

    def _waits_without_a_line(self, name: CallId, caller: Caller, owed: Callback, at: int) -> None:
        before = self.claims.of.get(name)
        if owed.due_at > at:
            caller.phase = "paused"
            self.claims.end(name)
        elif before is None or before.queue != owed.queue:
            caller.phase = "waiting"
            claim = Claim(
                owed.queue,
                owed.priority,
                owed.joined_at,
                owed.node,
                owed.requires,
                owed.placed_at,
                survivor=True,  # Nobody is there who could be sent home.
            )
            if before is not None:
                claim.missed = before.missed
            self.claims.begin(name, claim)

    def _callback_ended(self, said: notices.CallbackEnded, at: int) -> None:
        caller = self.calls.get(said.call)
        if caller is None:
            return  # The last attempt is over.
        reached = said.outcome is CallbackOutcome.REACHED
        heard = [name for name, one in self.calls.items() if one.phase == "talking"]
        # In this call; or in the one that was begun before a restart, and is found again.
        assert not reached or said.call in heard or said.id in map(callback_of, heard), said
        caller.owed, caller.called_off = None, caller.phase != "talking"
        if caller.phase in ("waiting", "paused"):
            caller.phase = "leaving"
        if caller.called_off:
            self.claims.end(said.call)

    def _is_called_off(self, name: CallId, caller: Caller) -> None:
        """His queue was taken away, and nobody is there who could be given back: it ends without a word."""
        caller.phase = "leaving"
        self.claims.end(name)

    def _holds_that_end(self, happening: Input) -> None:
        """What ends, without a word, a wait for which a router has asked: other rules, a lost Asterisk, time."""
        for name, caller in self.calls.items():
            if caller.asked != ():
                continue
            elsewhere = self.other_node == NodeId(name.partition(":")[0])
            over = happening.at >= caller.held_until
            if over or elsewhere or caller.queue in self.changed_queues:
                caller.asked = None
        self.changed_queues, self.other_node = (), None

    def _route_requested(self, said: notices.RouteRequested, at: int) -> None:
        """It is his turn, and those whom the router may choose are kept for him: nobody else is offered to them."""
        self._settle(at)
        caller, rules = self.calls[said.call], self.configuration.queues[said.queue]
        assert self.wants(said.call) and caller.phase == "waiting" and caller.queue == said.queue
        assert rules.route_ms and said.answer_by == at + rules.route_ms
        assert said.route > caller.route, "the same question twice"
        names = tuple(one.agent for one in said.candidates)
        assert names and len(set(names)) == len(names)
        for name in names:
            assert self.fit(name, at) and self.fits(said.call, name, at), (said, name)
        caller.asked, caller.route = names, said.route

    def _route_ended(self, said: notices.RouteEnded, at: int) -> None:
        caller = self.calls[said.call]
        assert caller.asked and caller.route == said.route, "the end of no question"
        if said.ending is RouteEnding.SELECTED:
            self.chosen[said.call] = caller.asked
        caller.asked = () if said.ending is RouteEnding.LATER else None

    def _reserved(self) -> dict[AgentId, CallId]:
        return {
            agent: name
            for name, caller in self.calls.items()
            for agent in (caller.asked or ())
            if caller.phase == "waiting"
        }

    def _preview_offered(self, said: notices.PreviewOffered, at: int) -> None:
        """Only to who has nothing to do, and in whose queues nobody waits."""
        self._settle(at)
        assert said.agent not in self.shown and self.fit(said.agent, at), said
        serves = self.configuration.agents[said.agent].queues
        assert said.work.queue in serves and said.until > at
        waits = [name for name in self._waiting() if self.claims.of[name].queue in serves]
        assert not waits, f"{said.agent} is shown somebody, and {waits} wait"
        self.shown[said.agent] = said.work.task

    def _preview_ended(self, said: notices.PreviewEnded, at: int) -> None:
        if said.outcome is PreviewOutcome.NOT_OFFERED:
            assert self.shown.get(said.agent) != said.task
            return
        assert self.shown.pop(said.agent) == said.task
        assert (said.call is not None) == (said.outcome is PreviewOutcome.ACCEPTED)

    def _nobody_looks_on(self) -> None:
        """Who has anything else to do by now looks at nobody whom he might call."""
        for name in self.shown:
            assert self.agents[name].state is AgentState.READY, (
                f"{name} looks at {self.shown[name]}"
            )

    def _place_resumed(self, said: notices.PlaceResumed, at: int) -> None:
        assert said.placed_at <= at - said.away_ms <= at
        self.claims.resume(said)

    def _moved(self, caller: Caller, said: notices.CallQueued, at: int) -> None:
        """He waits on in another queue: because of the rules of his own, or because a person has said so."""
        assert said.joined_at == caller.joined_at, f"{said.call} lost his place"
        assert said.requires == self.claims.of[said.call].requires
        if caller.queue != said.queue:
            assert caller.queue is not None
            steps = self.configuration.queues[caller.queue].overflow
            due = [caller.joined_at + step.after_ms for step in steps if step.queue == said.queue]
            assert any(at >= due_at for due_at in due), (said, caller)

    def _comes_out_of(self, caller: Caller, said: notices.CallQueued) -> None:
        """One way through his menu ends in this queue, at this priority, with this asked of agents."""
        assert caller.menu is not None
        steps = self.configuration.menus[caller.menu].steps.values()
        agents = self.configuration.agents.values()

        def same(text: str) -> bool:
            asked = [[can(agent.skills, one) for one in said.requires] for agent in agents]
            return [can(agent.skills, text) for agent in agents] == [all(one) for one in asked]

        assert any(
            isinstance(step, Enqueue)
            and step.queue == said.queue
            and (step.priority == said.priority or said.placed_at is not None)
            and same(step.requires)
            for step in steps
        ), f"{said} is at the end of no way through {caller.menu}"

    def _call_overflowed(self, said: notices.CallOverflowed, at: int) -> None:
        self._settle(at)
        caller = self.calls[said.call]
        assert caller.phase == "waiting" and caller.queue == said.queue, "taken from under a phone"
        assert bool(said.also) + bool(said.to) + bool(said.result) == 1
        idle = [
            name for name in self.agents if self.fit(name, at) and self.fits(said.call, name, at)
        ]
        assert not idle, f"{said.call} overflows beside {idle}"
        self.claims.overflow(said)
        assert not caller.asked, "a router is still asked about him"
        if said.to is not None:
            caller.asked = None

    def _call_changed(self, said: notices.CallChanged, at: int) -> None:
        caller = self.calls[said.call]
        if caller.phase == "paused":  # He waits when it is time to call him again.
            assert said.change is notices.Change.PRIORITY and said.queue == caller.queue
            return
        assert caller.phase == "waiting" or caller.deflected, "only who waits can be changed"
        assert not caller.asked, "a router is still asked about what he asked for before"
        caller.queue, caller.asked = said.queue, None
        if caller.deflected:
            return  # He stands in no line; the one to which he comes next is told.
        self.claims.change(said)

    def _menu_entered(self, said: notices.MenuEntered, at: int) -> None:
        assert self.calls[said.call].phase == "arrived"
        self.calls[said.call].phase, self.calls[said.call].menu = "menu", said.menu

    def _survey_began(self, said: notices.SurveyBegan, at: int) -> None:
        caller = self.calls[said.call]
        assert caller.phase == "talking" and caller.connected and not caller.parties
        assert 0 <= said.held_ms <= said.talked_ms
        assert self.legs[caller.offer].agent == said.agent if caller.offer else False
        caller.phase, caller.menu, caller.held = "menu", said.menu, False

    def _call_offered(self, said: notices.CallOffered, at: int) -> None:
        self._settle(at)
        caller, agent = self.calls[said.call], said.agent
        assert self.wants(said.call) and caller.queue == said.queue, (said, caller)
        assert self.fit(agent, at), f"{agent} may not be rung: {self.agents.get(agent)}"
        assert not caller.asked, "a router is still asked about him"
        caller.asked = None
        routed = self.chosen.pop(said.call, None)
        assert routed is None or agent in routed, "the router has chosen somebody else"
        if caller.handed_to != agent and routed is None:
            assert self.fits(said.call, agent, at), (said, self.claims.of[said.call])
            order = self.claims.order(said.call, at)
            overtaken = [
                name
                for name in self._wanting()
                if self.fits(name, agent, at)
                and self.claims.order(name, at) < order
                and not self._called_enough(name, agent)
            ]
            assert not overtaken, f"{said.call} overtakes {overtaken}"
            self._is_his_turn(said.call, agent, at)
        caller.handed_to = None
        caller.attempts += 1
        assert said.attempt == caller.attempts
        assert said.waited_ms == at - caller.joined_at >= 0
        caller.phase = "offered"
        caller.ringing[agent] = said.offer
        assert said.offer not in self.legs
        self.legs[said.offer] = Leg(said.call, agent, said.queue, self._phone(agent))
        self.worked.setdefault(agent, Counter())["last-rung"] = at

    def _is_his_turn(self, call: CallId, agent: AgentId, at: int) -> None:
        free = [name for name in self.agents if self.fit(name, at) and self.fits(call, name, at)]
        first = self.claims.in_turn(
            call, free, lambda what, name: self.worked.get(name, Counter())[what], at
        )
        assert first in (None, agent) or self._called_enough(call, first), (
            f"{call} is offered to {agent}, it is the turn of {first}"
        )

    def _play_prompts(self, said: commands.PlayPrompts, at: int) -> None:
        """Over the music: only to who waits, only what the rules say, and his place as it is."""
        caller = self.calls[said.call]
        if caller.phase == "menu":
            return
        assert caller.phase == "waiting" and said.call not in self.told
        rules = self.configuration.queues[self.claims.of[said.call].queue].announcements
        assert rules is not None and at >= caller.joined_at + rules.first_ms
        if rules.position:
            place = self._place(said.call, at)
            assert said.prompts[0] == ("queue-thereare" if place > 1 else "queue-youarenext")
            assert place == 1 or said.prompts[1] == place, (said, place)
        self.told[said.call] = said.playback

    def _place(self, call: CallId, at: int) -> int:
        """Where he stands among those of his queue for whom no phone rings."""
        queue, order = self.claims.of[call].queue, self.claims.order(call, at)
        return 1 + sum(
            claim.queue == queue
            and self.calls[name].phase == "waiting"
            and NodeId(name.partition(":")[0]) not in self.lost
            and self.claims.order(name, at) < order
            for name, claim in self.claims.of.items()
        )

    def _stop_prompts(self, said: commands.StopPrompts, at: int) -> None:
        if self.told.get(said.call) == said.playback:
            del self.told[said.call]

    def _call_placed(self, said: notices.CallPlaced, at: int) -> None:
        self._settle(at)
        caller, agent, phone = self.calls[said.call], said.agent, self._phone(said.agent)
        assert caller.called and caller.phase == "arrived"
        assert self.agents[agent].state in (AgentState.READY, AgentState.NOT_READY)
        assert phone is not None and phone[0] not in self.lost
        assert all(leg.agent != agent and leg.phone != phone for leg in self.legs.values())
        caller.phase, caller.queue, caller.ringing[agent] = "placed", said.queue, said.offer
        self.legs[said.offer] = Leg(said.call, agent, said.queue, phone, placed=True)
        self.called_out[agent] += 1
        self.worked.setdefault(agent, Counter())["last-rung"] = at

    def _outsider_dialled(self, said: notices.OutsiderDialled, at: int) -> None:
        caller = self.calls[said.call]
        assert caller.phase == "outside" or (caller.phase == "talking" and caller.held)
        self.outside.dialled(said)
        self.called_out[said.by] += 1

    def _outsider_changed(self, said: notices.OutsiderChanged, at: int) -> None:
        assert self.calls[said.call].phase in ("talking", "outside")
        found = self._seen.get(said.leg)
        self.outside.changed(said, seen_up=found is not None and found.up)
        if said.state is PartyState.JOINED:
            self.calls[said.call].deflected = False

    def _outsider_left(self, said: notices.OutsiderLeft, at: int) -> None:
        self.outside.left(said)

    def _call_handed_out(self, said: notices.CallHandedOut, at: int) -> None:
        caller = self.calls[said.call]
        assert 0 <= said.held_ms <= said.talked_ms and not caller.parties
        if said.offer is not None:
            assert caller.phase == "talking" and caller.offer == said.offer
            self.legs[said.offer].open = False
        else:
            assert caller.phase in ("arrived", "waiting")
            caller.deflected = caller.phase == "waiting"
        caller.phase, caller.offer, caller.queue = "outside", None, said.queue
        caller.connected, caller.held, caller.outside = False, False, True
        caller.heard = True
        caller.ringing.clear()
        self.claims.end(said.call, deflected=caller.deflected)

    def _dial_number(self, said: commands.DialNumber, at: int) -> None:
        if read_outside_leg(said.leg) is not None:
            self.outside.is_called(said, self.configuration.outbound)
            return
        caller, leg = self.calls[said.call], self.legs[said.offer]
        assert caller.phase == "placed" and leg.placed and leg.up, "dialled for nobody"
        routes = self.configuration.outbound.routes
        (route,) = (one for one in routes if one.endpoint == said.endpoint)
        assert said.number.startswith(route.prefixes) and said.digits.isdecimal()
        caller.phase, caller.offer = "dialling", said.offer
        if (owed := callback_of(said.call)) is not None:
            rings = [name for name, until in self.rings_until.items() if until > at]
            twice = [name for name in rings if callback_of(call_of(name)) == owed]
            assert not twice, f"{said.call} is dialled while {twice} rings"
            self.rings_until[said.leg] = at + said.timeout_ms

    def _ring_agent(self, said: commands.RingAgent, at: int) -> None:
        leg = self.legs[said.offer]
        caller = self.calls[said.call]
        asked = [one.offer for one in caller.parties.values()]
        asked += [one.offer for one in caller.supervisors.values()]
        rings = caller.ringing.get(said.agent) == said.offer or said.offer in asked
        assert rings, "a dial without a live caller"
        assert leg.open and not leg.rung and (leg.call, leg.agent) == (said.call, said.agent)
        phone = self._phone(said.agent)
        assert phone is not None and said.device == phone[1]
        assert said.call.startswith(f"{phone[0]}:"), "they could not hear each other"
        leg.rung = True

    def _connect(self, said: commands.Connect, at: int) -> None:
        caller, leg = self.calls[said.call], self.legs[said.offer]
        assert leg.up, "connected to a phone that was not picked up"
        assert caller.ringing[leg.agent] == said.offer
        assert caller.offer == (said.offer if leg.whispers else None), "two agents for one caller"
        caller.offer, leg.whispers = said.offer, False

    def _whisper(self, said: commands.Whisper, at: int) -> None:
        caller, leg = self.calls[said.call], self.legs[said.offer]
        rules = self.configuration.queues[leg.queue]
        assert leg.up and caller.ringing[leg.agent] == said.offer
        assert said.prompts in (rules.whisper, rules.whisper + rules.whisper_repeat) != ((), ())
        assert caller.offer is None, "two agents for one caller"
        caller.offer, leg.whispers = said.offer, True

    def _offer_ended(self, said: notices.OfferEnded, at: int) -> None:
        leg = self.legs[said.offer]
        assert leg.open and not leg.connected and not leg.beside, leg
        assert said.rang_ms >= 0
        leg.open, leg.outcome = False, said.outcome
        caller = self.calls.get(said.call)
        elsewhere = said.outcome is OfferOutcome.ELSEWHERE
        assert not elsewhere or (caller is not None and caller.offer not in (None, said.offer))
        if caller is None:
            return
        del caller.ringing[said.agent]
        caller.offer = None if caller.offer == said.offer else caller.offer
        if caller.phase == "talking":
            assert elsewhere, "who rings beside a conversation was too slow, and nothing else"
            return
        if caller.called_off:
            caller.phase = "leaving"
            return
        caller.phase = "offered" if caller.ringing else "waiting"
        if caller.owed is not None and caller.queue not in self.configuration.queues:
            self._is_called_off(said.call, caller)
            return
        self.claims.refused(said.call, said.agent, said.outcome, at)

    def _call_connected(self, said: notices.CallConnected, at: int) -> None:
        caller = self.calls[said.call]
        caller.bridge = said.offer
        if said.offer not in self.legs:  # Found so after a restart.
            assert ChannelId(said.offer) in self._seen, "a conversation out of nowhere"
            bridge = self._seen[ChannelId(said.offer)].bridge or ""
            caller.bridge = OfferId(f"{said.call.partition(':')[0]}:{bridge.partition('~')[2]}")
            self.legs[said.offer] = Leg(
                said.call,
                said.agent,
                said.queue,
                self._phone(said.agent),
                up=self._seen[ChannelId(said.offer)].up,
                bridged=self._in_bridge_of(caller.bridge),
            )
            caller.offer, caller.queue = said.offer, said.queue
            caller.ringing[said.agent] = said.offer
        else:
            assert said.connected_at == at
        leg = self.legs[said.offer]
        assert leg.open and leg.up and caller.offer == said.offer
        found = self._seen.get(caller_leg(said.call))
        on_hold = said.connected_at < at and found is not None and found.bridge is None
        assert caller.answers or not leg.placed, "put through to who has not picked up"
        both = {caller_leg(said.call), ChannelId(said.offer)}
        assert (both - {caller_leg(said.call)} if on_hold else both) <= leg.bridged, (
            "one hears nobody"
        )
        assert said.waited_ms >= 0 and said.connected_at <= at
        leg.connected = caller.connected = caller.heard = True
        caller.phase = "talking"
        self.claims.end(said.call)
        self.worked.setdefault(said.agent, Counter())["calls"] += 1

    def _call_held(self, said: notices.CallHeld, at: int) -> None:
        caller = self.calls[said.call]
        assert caller.phase == "talking" and not caller.held
        assert caller.offer is not None and self.legs[caller.offer].agent == said.agent
        caller.held = True

    def _call_retrieved(self, said: notices.CallRetrieved, at: int) -> None:
        caller = self.calls[said.call]
        assert caller.phase == "talking" and caller.held and said.held_ms >= 0
        caller.held = False

    def _call_transferred(self, said: notices.CallTransferred, at: int) -> None:
        caller = self.calls[said.call]
        assert caller.phase == "talking" and caller.offer == said.offer
        assert 0 <= said.held_ms <= said.talked_ms
        self.legs[said.offer].open = False
        caller.phase, caller.offer, caller.handed_to = "handed on", None, said.to_agent
        caller.connected = caller.held = False
        caller.ringing.clear()
        if (rules := self.configuration.queues.get(said.to_queue)) is not None:
            self.claims.spares[said.call, said.agent] = at + rules.spare_ms

    def _party_offered(self, said: notices.PartyOffered, at: int) -> None:
        self._settle(at)
        caller = self.calls[said.call]
        assert caller.phase == "talking" and caller.held, "the caller hears a phone ring"
        assert caller.offer is not None and self.legs[caller.offer].agent == said.by
        assert self.fit(said.agent, at), f"{said.agent} may not be rung"
        assert said.agent not in caller.parties and said.offer not in self.legs
        caller.parties[said.agent] = said
        phone = self._phone(said.agent)
        self.legs[said.offer] = Leg(said.call, said.agent, said.queue, phone, beside=True)
        self.worked.setdefault(said.agent, Counter())["last-rung"] = at

    def _party_changed(self, said: notices.PartyChanged, at: int) -> None:
        caller = self.calls[said.call]
        assert caller.phase == "talking"
        if said.agent not in caller.parties:  # Found so after a restart.
            assert self._seen[ChannelId(said.offer)].up
            assert caller.queue is not None
            phone = self._phone(said.agent)
            self.legs[said.offer] = Leg(
                said.call, said.agent, caller.queue, phone, up=True, beside=True
            )
        elif not self.legs[said.offer].connected:
            assert self.inside.get(ChannelId(said.offer)) == caller.bridge, "he hears nobody"
        leg = self.legs[said.offer]
        assert leg.open and leg.up and leg.beside
        leg.connected = True
        caller.parties[said.agent] = said

    def _party_left(self, said: notices.PartyLeft, at: int) -> None:
        leg, caller = self.legs[said.offer], self.calls[said.call]
        assert leg.open and leg.beside and said.talked_ms >= 0
        assert (said.outcome is None) == leg.connected
        leg.open, leg.outcome = False, said.outcome
        del caller.parties[said.agent]

    def _supervision_changed(self, said: notices.SupervisionChanged, at: int) -> None:
        caller = self.calls[said.call]
        assert caller.phase == "talking" and caller.offer is not None
        assert self.legs[caller.offer].agent == said.of != said.agent
        if said.agent not in caller.supervisors:
            self._settle(at)
            phone = self._phone(said.agent)
            assert said.since is None and phone is not None and phone[0] not in self.lost
            assert self.agents[said.agent].state in (AgentState.READY, AgentState.NOT_READY)
            assert all(leg.agent != said.agent and leg.phone != phone for leg in self.legs.values())
            assert caller.queue is not None
            self.legs[said.offer] = Leg(said.call, said.agent, caller.queue, phone, supervises=True)
            self.worked.setdefault(said.agent, Counter())["last-rung"] = at
        leg = self.legs[said.offer]
        assert leg.open and leg.supervises
        if said.since is not None and not leg.connected:
            assert leg.up and self.inside.get(ChannelId(said.offer)) == said.offer, "hears nothing"
            leg.connected = True
        assert leg.connected == (said.since is not None)
        caller.supervisors[said.agent] = said

    def _supervision_ended(self, said: notices.SupervisionEnded, at: int) -> None:
        leg, caller = self.legs[said.offer], self.calls[said.call]
        assert leg.open and leg.supervises and said.heard_ms >= 0
        assert (said.outcome is None) == leg.connected
        leg.open = False
        del caller.supervisors[said.agent]

    def _overhear(self, said: commands.Overhear, at: int) -> None:
        caller, leg = self.calls[said.call], self.legs[said.offer]
        assert leg.up and leg.supervises and said.of == caller.offer
        self._heard_by_whom_he_may_be(leg, muted=said.muted)

    def _mute_leg(self, said: commands.MuteLeg, at: int) -> None:
        leg = self.legs.get(OfferId(said.channel))
        if leg is not None and leg.supervises:
            self._heard_by_whom_he_may_be(leg, muted=said.muted)

    def _join_leg(self, said: commands.JoinLeg, at: int) -> None:
        leg = self.legs.get(OfferId(said.channel))
        if leg is not None and leg.supervises:
            barges = self.calls[leg.call].supervisors[leg.agent].mode == "barge"
            assert barges == (said.offer == self.calls[leg.call].bridge), "where he must not be"

    def _heard_by_whom_he_may_be(self, leg: Leg, *, muted: bool) -> None:
        assert muted or self.calls[leg.call].supervisors[leg.agent].mode != "listen", (
            f"{leg.agent} is heard"
        )

    def _call_taken_over(self, said: notices.CallTakenOver, at: int) -> None:
        caller, leg = self.calls[said.call], self.legs[said.offer]
        assert caller.phase == "talking" and caller.offer == said.by_offer
        if said.supervised:
            assert leg.supervises and self.inside.get(ChannelId(said.offer)) == caller.bridge
            leg.open, leg.supervises = True, False
        elif leg.call != said.call:
            assert leg.call not in self.calls, "he was asked in another call, which is to be over"
            leg.call = said.call
        else:
            assert said.agent == next(iter(caller.parties)), "another was beside him longer"
            assert leg.beside
            del caller.parties[said.agent]
        assert leg.open and leg.connected, "handed to nobody"
        assert not caller.held and 0 <= said.held_ms <= said.talked_ms
        for one in caller.parties.values():
            assert isinstance(one, notices.PartyChanged) and one.state is PartyState.JOINED
        self.legs[said.by_offer].open, leg.beside, leg.queue = False, False, said.queue
        caller.offer, caller.ringing = said.offer, {said.agent: said.offer}
        self.worked.setdefault(said.agent, Counter())["calls"] += 1

    def _nobody_overhears(self) -> None:
        """What two agents say of a caller is not for him; and nobody is beside a call that nobody has."""
        while self.outside_ended:
            self.outside.is_over(self.outside_ended.pop())
        for name, caller in self.calls.items():
            assert not caller.supervisors or caller.phase == "talking", caller.supervisors
            assert not caller.parties or caller.phase == "talking", (
                f"{caller.parties} are left over"
            )
            states = [
                one.state if isinstance(one, notices.PartyChanged) else PartyState.RINGING
                for one in caller.parties.values()
            ]
            numbers = self.outside.states_of(name)
            assert not numbers or caller.phase in ("talking", "outside"), f"{name} has {numbers}"
            assert numbers or caller.phase != "outside", f"{name} is left to nobody"
            states += numbers
            asked = [state for state in states if state is not PartyState.JOINED]
            assert len(asked) <= 1, asked
            apart = asked and asked[0] is not PartyState.ON_HOLD
            alone = caller.held or caller.phase == "outside"
            assert alone or not apart, f"{name} hears what is said of him"

    def _release_to_dialplan(self, said: commands.ReleaseToDialplan, at: int) -> None:
        caller = self.calls[said.call]
        assert caller.phase != "offered" and not caller.released
        caller.phase, caller.released = "leaving", True
        self.claims.end(said.call)

    def _call_ended(self, said: notices.CallEnded, at: int) -> None:
        caller = self.calls.pop(said.call)
        self.told.pop(said.call, None)
        assert not caller.asked, "a router is still asked about him"
        assert said.waited_ms >= 0 and 0 <= said.held_ms <= said.talked_ms
        assert caller.connected or caller.had_talked or said.talked_ms == 0
        assert said.agent is not None or not caller.connected
        assert said.agent is None or caller.connected or caller.called
        # Who has picked up is not reached by that: somebody must hear him.
        unheard = caller.called and not caller.heard
        taken_back = said.ending is notices.Ending.TAKEN_BACK
        assert taken_back or (said.ending is notices.Ending.NOT_REACHED) == unheard, (said, caller)
        if caller.deflected:
            assert said.ending is not notices.Ending.COMPLETED or caller.released, (
                "nobody was heard"
            )
            assert said.waited_ms == at - caller.joined_at or caller.released
        if said.ending is notices.Ending.COMPLETED:
            assert caller.connected or caller.had_talked or caller.outside
        if said.ending is notices.Ending.ABANDONED:
            assert caller.phase in ("waiting", "offered", "outside") and said.queue == caller.queue
        self.outside_ended.append(said.call)
        if said.ending is notices.Ending.LEFT_MENU:
            assert caller.queue is None
        assert not caller.parties, f"{caller.parties} are left over"
        self.tally[f"ended:{said.ending.value}"] += 1
        self.claims.end(said.call)
        self.claims.identities.pop(said.call, None)

    def _hang_up(self, said: commands.HangUp, at: int) -> None:
        leg = self.legs.get(OfferId(said.channel))
        if leg is not None:
            caller = self.calls.get(leg.call)
            talks = (
                caller is not None and caller.phase == "talking" and caller.offer == said.channel
            )
            assert not (leg.connected and talks), "a conversation was cut"
            leg.released_at = at if leg.released_at is None else leg.released_at
        elif (called := self.calls.get(call_of(said.channel))) is not None and called.called:
            called.phase = "leaving"
            self.told.pop(call_of(said.channel), None)  # With him, what he heard is over.
            self.claims.end(call_of(said.channel))
        elif said.channel in self.calls:  # The menu has said goodbye.
            assert self.calls[CallId(said.channel)].phase == "menu"
            self.calls[CallId(said.channel)].phase = "leaving"

    def _agent_state_changed(self, said: notices.AgentStateChanged, at: int) -> None:
        held = [(name, leg) for name, leg in self.legs.items() if leg.agent == said.agent]
        assert len(held) <= 1, f"{said.agent} has two calls in hand"
        if said.state in BUSY:
            assert held, f"{said.agent} is {said.state} without a call"
            assert said.call == held[0][1].call
            leg = held[0][1]
            aside = leg.beside or leg.supervises
            assert (said.state is AgentState.TALKING) == (leg.connected and not aside)
            assert (said.state is AgentState.SUPERVISING) == leg.supervises
            assert (said.state is AgentState.DIALLING) == (leg.placed and not leg.connected)
            assert (said.state is AgentState.CONSULTED) == (leg.connected and leg.beside)
        elif held:
            self._freed(*held[0], at)
        assert (said.state is AgentState.WRAP_UP) == (said.until is not None)
        assert said.state is not AgentState.READY or not said.causes
        self._count_work(said, at)
        self.misses.hear(self.agents.get(said.agent), said)
        self.agents[said.agent] = said
        self.claims.hear_of_agent(said)
        if said.agent not in self.configuration.agents:
            assert said.state not in (AgentState.READY, AgentState.NOT_READY), "he was taken away"
            if said.state is AgentState.LOGGED_OUT:
                self._forget(said.agent)

    def _repaired(self, said: notices.Repaired, at: int) -> None:
        raise AssertionError(f"the engine found {said.call} where nobody may be: {said.problem}")

    def _duties_changed(self, said: notices.DutiesChanged, at: int) -> None:
        agents = dict(self.configuration.agents)
        agents[said.agent] = replace(agents[said.agent], queues=said.queues, skills=said.skills)
        self.configuration = replace(self.configuration, agents=agents)
        self.claims.change_agents(self.configuration)

    def _count_work(self, said: notices.AgentStateChanged, at: int) -> None:
        was = self.agents.get(said.agent)
        worked = self.worked.setdefault(said.agent, Counter())
        if was is None or was.state is AgentState.LOGGED_OUT:
            worked["calls"] = worked["busy-ms"] = 0
            worked["shift-since"] = at
        busy = (*IN_CALL, AgentState.WRAP_UP)
        was_busy = was is not None and was.state in busy
        if said.state in IN_CALL and not was_busy:
            worked["busy-since"] = at
        elif was_busy and said.state not in busy:
            worked["busy-ms"] += at - worked["busy-since"]
        idle_before = was is not None and was.state in (AgentState.READY, AgentState.OFFERED)
        if said.state is AgentState.READY and not idle_before:
            worked["idle-since"] = at

    def _freed(self, name: OfferId, leg: Leg, at: int) -> None:
        release_ms = self.configuration.limits.release_ms
        overdue = leg.released_at is not None and at >= leg.released_at + release_ms
        missed = self._looked is not None and ChannelId(name) not in self._seen
        assert leg.over or overdue or missed, f"{leg.agent} is free while {name} may still ring"
        # A call that he made and that came to nothing says nothing of him, nor does what he supervises.
        if not leg.supervises and (leg.connected or not leg.placed):
            outcome = None if leg.connected else leg.outcome
            self.misses.freed(leg.agent, leg.queue, outcome, at)
        del self.legs[name]

    # Who may have whom.

    def fit(self, agent: AgentId, at: int) -> bool:
        """Whether this agent may be rung now."""
        phone = self._phone(agent)
        if phone is None or agent not in self.agents or phone[0] in self.lost:
            return False
        return (
            self.agents[agent].state is AgentState.READY
            and self.devices.get(phone, DeviceState.UNKNOWN)
            in (DeviceState.UNKNOWN, DeviceState.NOT_INUSE)
            and self.misses.resting_until.get(agent, 0) <= at
            and all(leg.agent != agent and leg.phone != phone for leg in self.legs.values())
            and agent not in self._reserved()
        )

    def _phone(self, agent: AgentId) -> tuple[NodeId, str] | None:
        profile, told = self.configuration.agents.get(agent), self.agents.get(agent)
        if profile is None:
            return None
        desk = told.desk if told is not None else None
        return profile.node, desk.device if desk is not None else profile.device

    def fits(self, call: CallId, agent: AgentId, at: int) -> bool:
        """Whether this call may be offered to this agent, as far as the two are concerned."""
        heard = NodeId(call.partition(":")[0]) not in self.lost
        return heard and self.claims.may_have(call, agent, at)

    def _called_enough(self, call: CallId, agent: AgentId) -> bool:
        """Whether he may be spared a caller who is to be called back: once he has called as many as his caps allow."""
        caps = self.configuration.outbound.caps
        self.least_cap = min(
            (cap for cap in (self.least_cap, caps.agent_per_hour, caps.agent_at_once) if cap),
            default=0,
        )
        owed = self.calls[call].owed is not None
        return owed and 0 < self.least_cap <= self.called_out[agent]

    def _waiting(self) -> list[CallId]:
        """Who waits, as far as we hear him."""
        return [
            name
            for name, caller in self.calls.items()
            if caller.phase == "waiting"
            and caller.asked is None
            and NodeId(name.partition(":")[0]) not in self.lost
        ]

    def _wanting(self) -> list[CallId]:
        """For whom a phone, or one more, may ring, as far as we hear him."""
        return [
            name
            for name in self.calls
            if self.wants(name) and NodeId(name.partition(":")[0]) not in self.lost
        ]

    def _settle(self, at: int) -> None:
        self.claims.settle(at, self._waiting())

    def wants(self, call: CallId) -> bool:
        """Whether a phone, or one more, may ring for this call."""
        caller = self.calls[call]
        rules = self.configuration.queues.get(caller.queue) if caller.queue else None
        at_most = rules.ring_at_most if rules and rules.strategy == "ring-all" else 1
        at_most = 1 if caller.owed is not None or (rules and rules.route_ms) else at_most
        rings = caller.phase == "offered" and caller.offer is None and rules is not None
        if rings and rules.longest_wait_ms and caller.owed is None:
            # Who is about to be given back has the phones he has. Who has waited too long by a new rule,
            # or by that of the queue that he comes into, is given back in the step after.
            due = caller.joined_at + rules.longest_wait_ms
            rings = self.now < due or self.now in (caller.queued_at, self.configured_at)
        if caller.phase == "waiting":
            return caller.asked is None
        return rings and len(caller.ringing) < at_most

    def _nobody_left_over(self, at: int) -> None:
        idle = [name for name in self.agents if self.fit(name, at)]
        for call in self._wanting():
            fit = [
                name
                for name in idle
                if self.claims.may_have(call, name, at) and not self._called_enough(call, name)
            ]
            assert not fit, f"{call} waits while {fit} are idle"
        for call in self._waiting():
            assert not self.claims.must_leave(call), f"{call} waits, and nobody is there"

    def agrees_with(self, engine: Engine) -> None:
        """What was told adds up to what is: the board, and the auditor's own books."""
        phases = {"in-menu": "menu", "connecting": "offered", "routing": "waiting"}
        assert list(self.board.calls) == list(engine.state.calls)
        for name, call in engine.state.calls.items():
            phase = phases.get(call.state.value, call.state.value)
            if phase == "leaving" and self.calls[name].called:
                continue  # Nobody may be there who could be told to leave.
            assert phase == self.calls[name].phase, (call, self.calls[name])
            if phase != "leaving":
                shown_as = "survey" if phase == "menu" and call.over_at is not None else phase
                assert shown_as == self.board.calls[name].phase, call
            if phase == "offered":
                assert set(self.board.calls[name].ringing) == set(self.calls[name].ringing)
            if phase == "talking":
                shown = [(p.agent, p.state, p.muted) for p in self.board.calls[name].parties]
                meant = [(p.agent, p.state, p.muted) for p in call.parties.values()]
                assert shown == meant and list(self.calls[name].parties) == list(call.parties)
                hear = [(s.agent, s.of, s.mode, s.since) for s in call.supervisors.values()]
                told = [
                    (s.agent, s.of, s.mode, s.since) for s in self.board.calls[name].supervisors
                ]
                assert hear == told and list(self.calls[name].supervisors) == list(call.supervisors)
                assert self.board.calls[name].held_since == call.held_since
            if phase in ("talking", "outside"):
                board = [(o.number, o.state, o.muted) for o in self.board.calls[name].outsiders]
                there = [(o.number, o.state, o.muted) for o in call.outsiders.values()]
                assert board == there and list(self.outside.of.get(name, ())) == list(
                    call.outsiders
                )
        assert set(self.legs) == set(engine.state.offers)
        for name, view in self.board.agents.items():
            agent = engine.state.agents[name]
            causes = {cause.value: reason for cause, reason in agent.causes.items()}
            assert (view.state, dict(view.causes)) == (agent.state, causes), (view, agent)
            assert view.call == engine.state.call_in_hand(agent)
            assert view.until == (agent.wrap_up.until if agent.wrap_up else None)
            assert view.undisposed == agent.undisposed
            assert view.standing == standing_of(agent)
            following = engine.state.followings.get(name)
            follows = (following.of, following.mode) if following is not None else None
            assert follows == (view.follows and (view.follows.agent, view.follows.mode))


CHECKS: Mapping[type, Callable[[Auditor, Any, int], None]] = {
    notices.CallStarted: Auditor._call_started,
    notices.CallerRecognised: Auditor._caller_recognised,
    notices.CallQueued: Auditor._call_queued,
    notices.CallbackChanged: Auditor._callback_changed,
    notices.CallbackEnded: Auditor._callback_ended,
    notices.RouteRequested: Auditor._route_requested,
    notices.RouteEnded: Auditor._route_ended,
    notices.PreviewOffered: Auditor._preview_offered,
    notices.PreviewEnded: Auditor._preview_ended,
    notices.PlaceResumed: Auditor._place_resumed,
    notices.CallOverflowed: Auditor._call_overflowed,
    notices.CallChanged: Auditor._call_changed,
    notices.MenuEntered: Auditor._menu_entered,
    notices.SurveyBegan: Auditor._survey_began,
    notices.CallOffered: Auditor._call_offered,
    commands.PlayPrompts: Auditor._play_prompts,
    commands.StopPrompts: Auditor._stop_prompts,
    notices.CallPlaced: Auditor._call_placed,
    commands.DialNumber: Auditor._dial_number,
    notices.OutsiderDialled: Auditor._outsider_dialled,
    notices.OutsiderChanged: Auditor._outsider_changed,
    notices.OutsiderLeft: Auditor._outsider_left,
    notices.CallHandedOut: Auditor._call_handed_out,
    commands.RingAgent: Auditor._ring_agent,
    commands.Whisper: Auditor._whisper,
    commands.Connect: Auditor._connect,
    notices.OfferEnded: Auditor._offer_ended,
    notices.CallConnected: Auditor._call_connected,
    notices.CallHeld: Auditor._call_held,
    notices.CallRetrieved: Auditor._call_retrieved,
    notices.CallTransferred: Auditor._call_transferred,
    notices.PartyOffered: Auditor._party_offered,
    notices.PartyChanged: Auditor._party_changed,
    notices.PartyLeft: Auditor._party_left,
    notices.CallTakenOver: Auditor._call_taken_over,
    notices.SupervisionChanged: Auditor._supervision_changed,
    notices.SupervisionEnded: Auditor._supervision_ended,
    commands.Overhear: Auditor._overhear,
    commands.MuteLeg: Auditor._mute_leg,
    commands.JoinLeg: Auditor._join_leg,
    commands.ReleaseToDialplan: Auditor._release_to_dialplan,
    notices.CallEnded: Auditor._call_ended,
    commands.HangUp: Auditor._hang_up,
    notices.AgentStateChanged: Auditor._agent_state_changed,
    notices.DutiesChanged: Auditor._duties_changed,
    notices.Repaired: Auditor._repaired,
}
