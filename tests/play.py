"""A call as a play: inputs on one side, what the engine says on the other, and a diff when they differ.

    play = Play(centre())
    play.when(arrives("c1")).then(CallStarted, IdentifyCaller)
    play.after(seconds=15).then(OfferEnded, HangUp, ...)

`then` names every output, in order: a type, or a type with the fields that matter. What is not worth a
word in most plays (how agents' states are told, the dead man's switch) is left out unless asked for.
"""

import difflib
from dataclasses import fields, is_dataclass
from typing import Any

from acd.core import events, notices, timers
from acd.core.call import IN_QUEUE, CallState, Hearing
from acd.core.commands import RenewDeadMan, SaveCall
from acd.core.configuration import AgentProfile, Configuration, MissedPolicy, QueueRules
from acd.core.customer import Confidence, Identity
from acd.core.engine import Engine, Input
from acd.core.events import Entry
from acd.core.ids import AgentId, CallId, ChannelId, NodeId, OfferId, QueueId
from acd.core.matching import Output
from acd.core.notices import AgentStateChanged
from acd.core.offer import OfferState
from acd.core.state import State
from acd.core.whole import check

START = 1_750_000_000_000
NODE = NodeId("pbx1")
SUPPORT = QueueId("support")
SALES = QueueId("sales")
QUIET: tuple[type, ...] = (AgentStateChanged, RenewDeadMan, SaveCall)


def centre(
    agents: dict[str, tuple[str, ...]] | None = None,
    menus: dict[str, Any] | None = None,
    **rules: Any,
) -> Configuration:
    """A small call centre: agents by name with the queues they serve; rules hold for every queue."""
    agents = {"ana": ("support",), "bob": ("support",)} if agents is None else agents
    rules = {"no_answer": MissedPolicy.RETRY} | rules
    return Configuration(
        queues={name: QueueRules(id=name, name=name.title(), **rules) for name in (SUPPORT, SALES)},
        agents={
            AgentId(name): AgentProfile(
                id=AgentId(name),
                name=name.title(),
                device=f"PJSIP/{name}",
                queues=tuple(QueueId(queue) for queue in queues),
            )
            for name, queues in agents.items()
        },
        menus=menus or {},  # type: ignore[arg-type]
    )


def channel(name: str) -> ChannelId:
    """The channel that a play calls `name`."""
    return ChannelId(f"{NODE}:{name}")


def call_id(name: str) -> CallId:
    """The call that a play calls `name`."""
    return CallId(f"{NODE}:{name}")


def seen(
    name: str,
    *,
    up: bool = True,
    bridge: str | None = None,
    saved: str = "",
    target: str = "support",
    created_at: int = START,
) -> events.ChannelSeen:
    """A channel as a look at Asterisk finds it: a caller's by its name, an agent's leg by its offer's."""
    ours = name.startswith(NODE)
    return events.ChannelSeen(
        channel=ChannelId(name) if ours else channel(name),
        up=up,
        created_at=created_at,
        bridge=bridge,
        saved=saved,
        entry=None if ours else Entry.QUEUE,
        target="" if ours else target,
    )


class Play:
    """An engine, a clock, and what was said since the last line."""

    def __init__(self, configuration: Configuration, ready: tuple[str, ...] | None = None) -> None:
        self.engine = Engine()
        self.now = START
        self.said: list[Output] = []
        self.history: list[Output] = []
        self.tell(events.Configured(at=self.now, configuration=configuration))
        self.tell(events.NodeFound(at=self.now, node=NODE, seen_at=self.now))
        for name in configuration.agents if ready is None else ready:
            self.ready(name)
        self.said.clear()

    # Inputs.

    def tell(self, happening: Input) -> "Play":
        """Give the engine one input."""
        outputs = self.engine.handle(happening)
        check(self.engine.state)
        nothing_is_due_in_vain(self.engine.state)
        self.said += outputs
        self.history += outputs
        return self

    when = tell

    def arrives(self, name: str, queue: str = "support", number: str = "+8613800000001") -> "Play":
        """A call arrives and is identified at once."""
        self.tell(
            events.CallArrived(
                at=self.now,
                channel=channel(name),
                entry=Entry.QUEUE,
                target=queue,
                number=number,
            )
        )
        return self.identified(name, Identity(number=number, confidence=Confidence.UNLISTED))

    def identified(self, name: str, identity: Identity) -> "Play":
        """The directory answers."""
        return self.tell(
            events.CallerIdentified(at=self.now, call=call_id(name), identity=identity)
        )

    def ready(self, agent: str) -> "Play":
        """An agent logs in, if need be, and is ready. A millisecond passes, so that idle times differ."""
        from acd.core.requests import BecomeReady, LogIn

        name = AgentId(agent)
        self.now += 1
        self.tell(LogIn(at=self.now, request="r", by=agent, agent=name))
        return self.tell(BecomeReady(at=self.now, request="r", by=agent, agent=name))

    def leg(self, call: str, agent: str | None = None) -> OfferId:
        """The offer of this call: to this agent, or the one that was picked up, or the first that is open."""
        found = self.engine.state.calls[call_id(call)]
        if agent is not None:
            return found.offers[AgentId(agent)]
        assert found.offers, f"nobody is offered {call}"
        return found.picked_up or next(iter(found.offers.values()))

    def picks_up(self, call: str, agent: str | None = None) -> "Play":
        """The agent who is rung for this call, or this one of several, picks up."""
        return self.tell(events.LegAnswered(at=self.now, channel=ChannelId(self.leg(call, agent))))

    def bridged(self, call: str) -> "Play":
        """Both legs are in the bridge."""
        offer = self.leg(call)
        for side in (channel(call), ChannelId(offer)):
            self.tell(events.LegBridged(at=self.now, channel=side, offer=offer))
        return self

    def hangs_up(self, leg: str, cause: int = 16) -> "Play":
        """A channel ends: a caller's by its name, an agent's by the name of its offer."""
        name = leg if leg.startswith(NODE) else channel(leg)
        return self.tell(events.LegEnded(at=self.now, channel=ChannelId(name), cause=cause))

    def after(self, seconds: float) -> "Play":
        """Time passes, and every deadline fires at its own moment."""
        end = self.now + round(seconds * 1000)
        while (due := self.engine.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            self.tell(events.TimeReached(at=self.now))
        self.now = end
        return self

    # Expectations.

    def then(self, *expected: Any) -> "Play":
        """All that was said since the last line, in order, the quiet kinds left out; `...` at the end: and more."""
        more = bool(expected) and expected[-1] is ...
        wanted = [_expectation(item) for item in expected if item is not ...]
        kinds = {kind for kind, _ in wanted}
        said = [o for o in self.said if not isinstance(o, QUIET) or type(o) in kinds]
        self.said.clear()
        if more:
            said = said[: len(wanted)]
        shown = [
            _shown(
                output,
                tuple(given) if (given := wanted[index][1] if index < len(wanted) else {}) else (),
            )
            for index, output in enumerate(said)
        ]
        meant = [_shown_expectation(kind, given) for kind, given in wanted]
        assert shown == meant, "\n" + "\n".join(
            difflib.unified_diff(meant, shown, "as written", "as played", lineterm="", n=9)
        )
        return self

    def then_nothing(self) -> "Play":
        """Nothing was said since the last line, the quiet kinds left out."""
        return self.then()

    def skip(self) -> "Play":
        """Whatever was said does not matter here."""
        self.said.clear()
        return self

    def state(self, agent: str) -> str:
        """What the agent is doing."""
        return self.engine.state.agents[AgentId(agent)].state.value

    def told(self, kind: type) -> list[Any]:
        """Everything of this kind that was ever said."""
        return [output for output in self.history if isinstance(output, kind)]

    def told_quietly(self, kind: str) -> list[Any]:
        """Everything of the kind of this name that was ever said."""
        return [output for output in self.history if type(output).__name__ == kind]


def nothing_is_due_in_vain(state: State) -> None:
    """No deadline is left behind by what it was set for."""
    calls = dict(state.calls)
    for due in state.timers._pending.values():
        match due:
            case timers.JoinOverdue(pair):
                meant = pair in state.joining
            case timers.MenuTimeout(name) | timers.MenuOverdue(name):
                meant = calls[name].place is not None
            case timers.LastAgentOver(name):
                meant = calls[name].last_agent is not None
            case timers.WidenDue(name):
                meant = calls[name].ring + 1 < len(_rules(state, name).rings)
            case timers.DelayOver(name):
                meant = bool(state.delays_for(calls[name]))
            case timers.OverflowDue(name):
                meant = bool(_rules(state, name).overflow)
            case timers.AnnouncementOverdue(name):
                meant = calls[name].hearing is Hearing.ANNOUNCEMENT
            case timers.WaitOver(name) | timers.AnnouncementDue(name):
                meant = calls[name].state in IN_QUEUE
            case timers.CallbackDue(name):
                meant = calls[name].state is CallState.PAUSED
            case timers.CallbackOver(name):
                meant = calls[name].callback is not None
            case timers.SpareOver(name, agent):
                meant = agent in calls[name].spares
            case timers.RenewDue(name):
                alone = calls[name].state in (CallState.TALKING, CallState.OUTSIDE)
                meant = not alone or calls[name].needs_us
            case timers.OutsiderOverdue(name, number):
                meant = calls[name].outsiders[number].since is None
            case (
                timers.IdentifyOverdue()
                | timers.RouteDue()
                | timers.DialOverdue()
                | timers.LeaveOverdue()
            ):
                meant = calls[due.call].state is _DUE_IN[type(due)]
            case timers.WrapUpOver(name):
                meant = state.agents[name].wrap_up is not None
            case timers.PhoneLostDue(name) | timers.ClientLostDue(name):
                meant = state.agents[name].logged_in
            case timers.OwnCallDue():
                meant = due.about in state.own_calls
            case timers.PreviewOver(name):
                meant = state.agents[name].preview is not None
            case timers.CapLapses(name):
                meant = state.agents[name].barred
            case timers.RestOver(name):
                meant = name in state.agents
            case timers.HoursChange(name):
                meant = name not in state.queues or bool(state.queues[name].hours)
            case timers.AuditDue():
                meant = True
            case _:
                meant = state.offers[due.offer].state is _DUE_IN[type(due)]
        assert meant, due


def _rules(state: State, name: CallId) -> QueueRules:
    """Those of the queue in which this call is."""
    call = state.calls[name]
    assert call.state in IN_QUEUE and call.queue is not None, call
    return state.queues[call.queue]


_DUE_IN: dict[type, CallState | OfferState] = {
    timers.IdentifyOverdue: CallState.ARRIVED,
    timers.RouteDue: CallState.ROUTING,
    timers.DialOverdue: CallState.DIALLING,
    timers.LeaveOverdue: CallState.LEAVING,
    timers.RingTimeout: OfferState.RINGING,
    timers.WhisperOver: OfferState.WHISPERING,
    timers.ConnectOverdue: OfferState.ANSWERED,
    timers.ReleaseOverdue: OfferState.WITHDRAWN,
}


class Said:
    """An output with the fields that matter: `Said(RingAgent, agent="ana")`."""

    def __init__(self, kind: type, **given: Any) -> None:
        assert is_dataclass(kind)
        unknown = set(given) - {field.name for field in fields(kind)}
        assert not unknown, f"{kind.__name__} has no {unknown}"
        self.kind = kind
        self.given = given


def _expectation(item: Any) -> tuple[type, dict[str, Any]]:
    return (item.kind, item.given) if isinstance(item, Said) else (item, {})


def _shown(output: Output, names: tuple[str, ...]) -> str:
    values = ", ".join(f"{name}={getattr(output, name, '<none>')!r}" for name in sorted(names))
    return f"{type(output).__name__}({values})"


def _shown_expectation(kind: type, given: dict[str, Any]) -> str:
    values = ", ".join(f"{name}={given[name]!r}" for name in sorted(given))
    return f"{kind.__name__}({values})"


__all__ = [
    "NODE",
    "SALES",
    "START",
    "SUPPORT",
    "Play",
    "Said",
    "call_id",
    "centre",
    "channel",
    "notices",
    "seen",
]
