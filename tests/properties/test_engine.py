"""Whatever happens in whatever order, the engine keeps its promises; the auditor says which.

Asterisk is played by a model that obeys commands or does not, and whose events wait in a line for each
channel until they are delivered, lost or told twice. CORDBOARD_HEAVY=1 plays longer and more often.
"""

import os
from collections import deque
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acd.core import commands, events, requests
from acd.core.agent import ENGAGED, AgentState, PauseCause
from acd.core.board import PartyView
from acd.core.call import CallState
from acd.core.call_permits import CallAction, consulted_of
from acd.core.call_permits import refusal as refusal_of
from acd.core.callback import (
    CallbackChanged,
    CallbackRule,
    CancelCallback,
    NumberRead,
    RegisterCallback,
)
from acd.core.configuration import (
    Announcements,
    Configuration,
    Desk,
    Duties,
    MissedPolicy,
    Overflow,
    Ring,
    WhenUnstaffed,
    WrapUpMode,
)
from acd.core.customer import Confidence, Contact, Identity
from acd.core.disposition import Disposition
from acd.core.engine import Engine, Input
from acd.core.events import ChannelSeen, DeviceState, Entry, Failure
from acd.core.ids import (
    AgentId,
    CallId,
    ChannelId,
    DeskId,
    NodeId,
    QueueId,
    agent_leg,
    bridge_for,
    caller_leg,
    ear_of,
)
from acd.core.matching import Output
from acd.core.notices import Reason, Refused, RouteRequested
from acd.core.outbound import HOUR_MS, Caps, Number, NumberKind, Outbound, Route
from acd.core.party import MUTED, PartyState
from acd.core.permits import Action, allowed, forcible
from acd.core.preview import AcceptPreview, PreviewOffered, SkipPreview, Work
from acd.core.recording import RecordWhen
from acd.core.supervision import Mode
from acd.core.supervision import allowed as may_supervise
from acd.core.whole import check
from ivr.steps import CallBack, Choose, Enqueue, HangUp, Menu
from tests.core.test_menus import MAIN, ROUND
from tests.play import SALES, START, SUPPORT, centre
from tests.simulation.auditor import Auditor

CONTROL = {
    requests.HoldCall: CallAction.HOLD,
    requests.RetrieveCall: CallAction.RETRIEVE,
    requests.ClearCall: CallAction.CLEAR,
    requests.SendTones: CallAction.SEND_TONES,
    requests.TransferToQueue: CallAction.TRANSFER,
    requests.TransferToAgent: CallAction.TRANSFER,
    requests.ConsultAgent: CallAction.CONSULT,
    requests.ConsultQueue: CallAction.CONSULT,
    requests.Alternate: CallAction.ALTERNATE,
    requests.CompleteConsult: CallAction.COMPLETE_CONSULT,
    requests.CancelConsult: CallAction.CANCEL_CONSULT,
    requests.StartConference: CallAction.CONFERENCE,
    requests.RemoveParty: CallAction.REMOVE_PARTY,
    requests.MuteParty: CallAction.MUTE_PARTY,
    requests.BeginRecording: CallAction.RECORD,
    requests.EndRecording: CallAction.STOP_RECORDING,
    requests.SuspendRecording: CallAction.PAUSE_RECORDING,
    requests.ContinueRecording: CallAction.RESUME_RECORDING,
}
WANG = Number(digits="+861065551234", kind=NumberKind.SUBSCRIBER)
LIU = Number(digits="+861065554321", kind=NumberKind.SUBSCRIBER)
NOWHERE = Number(digits="+4930123456", kind=NumberKind.SUBSCRIBER)  # No route goes there.
WAY_OUT = Outbound(
    routes=(Route(name="all", endpoint="trunk", prefixes=("+86",), strip="+", ring_ms=20_000),),
    queue=SUPPORT,
    caps=Caps(agent_per_hour=3),
)
# Why a number is not called with which all else is well.
NOT_CALLED = (
    Reason.NO_ROUTE,
    Reason.AGENT_CAP,
    Reason.IN_CALL_ALREADY,
    Reason.OUTBOUND_STOPPED,
)
# It may be done, but not with this one.
NOT_THERE = (
    Reason.AGENT_NOT_FREE,
    Reason.NOBODY_FREE,
    Reason.UNKNOWN_AGENT,
    Reason.UNKNOWN_QUEUE,
    Reason.QUEUE_REFUSES,
)


def could(action, view, parties):
    return refusal_of(action, view.held_since is not None, parties, view.recording) is None


EITHER = ("Connect", "HoldLeg", "JoinLeg", "Overhear", "MuteLeg")
HEAVY = bool(os.environ.get("CORDBOARD_HEAVY"))
NODES = [NodeId("pbx1"), NodeId("pbx2")]
DESKS = {
    DeskId(name): Desk(id=DeskId(name), name=name, device=f"PJSIP/{name}")
    for name in ("window", "door")
}
AGENTS = [AgentId(name) for name in ("ana", "bob", "cy", "dee")]
QUEUES: dict[str, tuple[str, ...]] = {
    "ana": ("support",),
    "bob": ("support", "sales"),
    "cy": ("sales",),
    "dee": ("support",),
}


BACK = Menu(
    id="back",
    start="which",
    steps={
        "which": Choose(prompts=("which",), keys={"1": "call", "2": "wait"}, otherwise="bye"),
        "call": CallBack(queue="support", then="bye", otherwise="wait"),
        "wait": Enqueue(queue="support"),
        "bye": HangUp(prompts=("bye",)),
    },
)
# Twice at most, and not for ever.
CALLED_BACK = CallbackRule(key="*", attempts=2, again_ms=5_000, keep_ms=60_000)


def configuration(
    agents=tuple(QUEUES), queues=("support", "sales"), menus=("main", "round", "back"), **rules
):
    """A centre in which dee shares ana's phone, cy sits at another Asterisk, and callers may be called back."""
    whole = centre(
        {name: QUEUES[name] for name in agents},
        {name: {"main": MAIN, "round": ROUND, "back": BACK}[name] for name in menus},
        **({"callback": CALLED_BACK} | rules),
    )
    profiles = dict(whole.agents)
    if "dee" in profiles:
        profiles["dee"] = replace(profiles["dee"], device="PJSIP/ana")
    if "cy" in profiles:
        profiles["cy"] = replace(profiles["cy"], node=NODES[1])
    return replace(
        whole,
        agents=profiles,
        queues={name: whole.queues[name] for name in queues},
        limits=replace(whole.limits, menu_ms=60_000),
    )


def relieved(whole):
    """Support asks sales for help, and sends its last callers there; sales gives callers back. Places are kept."""
    support = (
        Overflow(after_ms=10_000, also=(QueueId("sales"),)),
        Overflow(waiting=3, queue=QueueId("sales")),
        Overflow(per_agent=2, after_ms=5_000, queue=QueueId("sales")),
    )
    sales = (Overflow(ahead=2, leave="callback"), Overflow(after_ms=20_000, leave="voicemail"))
    steps = {"support": support, "sales": sales}
    rules = {
        name: replace(one, overflow=steps[name], resume_ms=60_000)
        for name, one in whole.queues.items()
    }
    return replace(whole, queues=rules)


def ruled():
    """The same with skills, rings, overflow and every kind of bonus."""
    whole = configuration(wrap_up_ms=5_000)
    support = replace(
        whole.queues[SUPPORT],
        strategy="best-skill",
        skill="fridge",
        rings=(
            Ring(requires="fridge >= 60", for_ms=5_000),
            Ring(teams=("late",), for_ms=5_000),
            Ring(),
        ),
        last_agent_ms=20_000,
        whisper=("support",),
        announcements=Announcements(first_ms=1_000, every_ms=10_000, position=True),
        when_unstaffed=WhenUnstaffed.LEAVE,
        overflow=(Overflow(after_ms=30_000, queue=SALES),),
    )
    sales = replace(
        whole.queues[SALES],
        requires="not trainee or fridge",
        weight=3,
        repeat_bonus_ms=60_000,
        strategy="round-robin",
    )
    can = {"ana": {"fridge": 40}, "bob": {"fridge": 80, "trainee": 1}, "cy": {"trainee": 20}}
    return replace(
        whole,
        queues={SUPPORT: support, SALES: sales},
        agents={
            name: replace(
                profile, skills=can.get(name, {}), team="late" if name in ("ana", "cy") else None
            )
            for name, profile in whole.agents.items()
        },
    )


def with_clients(whole: Configuration) -> Configuration:
    """Ana and bob need their clients."""
    needs = {
        name: replace(whole.agents[name], client_grace_ms=20_000) for name in list(whole.agents)[:2]
    }
    return replace(whole, agents={**whole.agents, **needs})


CONFIGURATIONS = {
    "ruled": ruled(),
    "whole": configuration(),
    "strict": configuration(no_answer=MissedPolicy.NOT_READY, wrap_up_ms=0, spare_ms=8_000),
    "ring all": configuration(strategy="ring-all"),
    "ring two": configuration(strategy="ring-all", ring_at_most=2, spare_ms=8_000),
    "relieved": relieved(configuration(spare_ms=8_000)),
    "one queue": configuration(agents=("ana", "bob"), queues=("support",)),
    "without ana": configuration(
        agents=("bob", "cy", "dee"), menus=("main",), ring_timeout_ms=3_000
    ),
    "empty": configuration(agents=(), queues=(), menus=()),
    "locked": with_clients(
        configuration(
            wrap_up=WrapUpMode.LOCKED,
            wrap_up_extension_ms=20_000,
            no_answer=MissedPolicy.NOT_READY,
            no_answers=2,
        )
    ),
    "timed": configuration(wrap_up=WrapUpMode.TIMED, wrap_up_extension_ms=5_000),
    "not called back": configuration(callback=None, wrap_up_ms=0),
    "routed": configuration(route_ms=2_000, wrap_up_ms=0, spare_ms=8_000),
    "recorded": configuration(record=RecordWhen.ALWAYS),
    "recorded on request": configuration(record=RecordWhen.ON_REQUEST, record_aside=True),
    "recorded in stereo": configuration(record=RecordWhen.ALWAYS, record_stereo=True),
    "disposed": replace(
        configuration(must_dispose=True),
        dispositions={"solved": Disposition(code="solved", name="Solved", is_reason=True)},
    ),
}
CONFIGURATIONS = {
    name: one if name == "empty" else replace(one, outbound=WAY_OUT, desks=DESKS)
    for name, one in CONFIGURATIONS.items()
}
CONFIGURATIONS["whole"] = replace(CONFIGURATIONS["whole"], desks={})
# Cy and dee have no phone of their own.
CONFIGURATIONS["without ana"] = replace(
    CONFIGURATIONS["without ana"],
    agents={
        name: replace(one, device="") if name in ("cy", "dee") else one
        for name, one in CONFIGURATIONS["without ana"].agents.items()
    },
)
ACTIONS = {
    requests.LogIn: Action.LOG_IN,
    requests.LogOut: Action.LOG_OUT,
    requests.BecomeReady: Action.BECOME_READY,
    requests.BecomeNotReady: Action.BECOME_NOT_READY,
    requests.SetDoNotDisturb: Action.SET_DO_NOT_DISTURB,
    requests.LiftDoNotDisturb: Action.LIFT_DO_NOT_DISTURB,
    requests.FinishWrapUp: Action.FINISH_WRAP_UP,
    requests.ExtendWrapUp: Action.EXTEND_WRAP_UP,
    requests.ForceReady: Action.FORCE_READY,
    requests.ForceNotReady: Action.FORCE_NOT_READY,
    requests.ForceFinishWrapUp: Action.FORCE_FINISH_WRAP_UP,
    requests.ForceLogOut: Action.FORCE_LOG_OUT,
}
ANY_AGENT = st.sampled_from(AGENTS)
ANY_NODE = st.sampled_from(NODES)
PICK = st.integers(0, 1_000)


class Centre(RuleBasedStateMachine):
    """An engine, an auditor, and a model of what is really there."""

    @initialize(
        chosen=st.sampled_from(
            [
                "relieved",
                "ruled",
                "whole",
                "strict",
                "ring all",
                "locked",
                "timed",
                "disposed",
                "routed",
            ]
        ),
        ready=st.booleans(),
    )
    def open(self, chosen, ready):
        self.engine = Engine()
        # Told the same without being told the time first: it must only not fail.
        self.shadow = Engine()
        self.auditor = Auditor()
        self.broken = False
        self.now = START
        self.inputs: list[Input] = []
        self.outputs: list[list[Output]] = []
        self.there: dict[ChannelId, ChannelSeen] = {}
        self.under_way: dict[ChannelId, deque] = {}  # Events by channel, in their order.
        self.told: list[Input] = []
        self.playing: dict[CallId, int] = {}
        self.names = 0
        self.on_break: dict[AgentId, None] = {}  # Who has asked for one and has not taken it back.
        self.obeys = True
        self.tell(events.Configured(at=self.now, configuration=CONFIGURATIONS[chosen]))
        if ready:
            for name in AGENTS:
                self.log_in(name)
                self.be_ready(name)

    def tell(self, happening: Input) -> None:
        self.inputs.append(happening)
        self.broken = True
        outputs = self.auditor.step(self.engine, happening)
        check(self.engine.state)
        self.shadow.handle(happening)
        check(self.shadow.state)
        self.broken = False
        self.outputs.append(outputs)
        for output in outputs:
            if self.obeys:
                self.obey(output)

    # What Asterisk does.

    def happens(self, channel: ChannelId, kind: type, **fields) -> None:
        line = self.under_way.setdefault(channel, deque())
        line.append((kind, {"channel": channel} | fields))

    def obey(self, said: Output) -> None:
        match said:
            case commands.RingAgent():
                leg = agent_leg(said.offer)
                if said.first or caller_leg(said.call) in self.there:
                    self.there[leg] = ChannelSeen(channel=leg, up=False, created_at=self.now)
                else:
                    self.happens(
                        leg, events.CommandFailed, command="RingAgent", failure=Failure.GONE
                    )
            case commands.Connect():
                legs = (caller_leg(said.call), agent_leg(said.offer))
                if all(leg in self.there for leg in legs):
                    for leg in legs:
                        bridge = bridge_for(said.offer)
                        self.there[leg] = replace(self.there[leg], up=True, bridge=bridge)
                        self.happens(leg, events.LegBridged, offer=said.offer)
                else:
                    self.happens(
                        legs[1], events.CommandFailed, command="Connect", failure=Failure.GONE
                    )
            case commands.Overhear():
                leg, of, ear = agent_leg(said.offer), agent_leg(said.of), ear_of(said.offer)
                if leg in self.there and of in self.there:
                    where = bridge_for(said.offer)
                    self.there[leg] = replace(self.there[leg], bridge=where)
                    self.there[ear] = ChannelSeen(
                        channel=ear, up=True, created_at=self.now, bridge=where
                    )
                    self.happens(leg, events.LegBridged, offer=said.offer)
                else:
                    self.happens(
                        leg, events.CommandFailed, command="Overhear", failure=Failure.GONE
                    )
            case commands.DialNumber():
                if said.sake in self.there:
                    self.there[said.leg] = ChannelSeen(
                        channel=said.leg,
                        up=False,
                        created_at=self.now,
                        bridge=bridge_for(said.offer),
                        number=said.number,
                    )
                    self.happens(said.leg, events.LegBridged, offer=said.offer)
                else:
                    self.happens(
                        said.leg, events.CommandFailed, command="DialNumber", failure=Failure.GONE
                    )
            case commands.HangUp():
                self.gone(said.channel, events.LegEnded, cause=16)
            case commands.ReleaseToDialplan():
                self.gone(ChannelId(said.call), events.CallLeft)
            case commands.SaveCall() if caller_leg(said.call) in self.there:
                channel = caller_leg(said.call)
                self.there[channel] = replace(self.there[channel], saved=said.saved)
            case commands.HoldLeg() if said.channel in self.there:
                self.there[said.channel] = replace(self.there[said.channel], bridge=None)
            case commands.JoinLeg() if said.channel in self.there:
                bridge = bridge_for(said.offer)
                self.there[said.channel] = replace(self.there[said.channel], bridge=bridge)
                self.happens(said.channel, events.LegBridged, offer=said.offer)
            case commands.MuteLeg() if said.channel in self.there:
                note = MUTED if said.muted else ""
                self.there[said.channel] = replace(self.there[said.channel], saved=note)
            case commands.StartRecording() if caller_leg(said.call) in self.there:
                started = (events.RecordingStarted, {"call": said.call, "part": said.part})
                self.under_way.setdefault(caller_leg(said.call), deque()).append(started)
            case commands.StopRecording():
                finished = (events.RecordingFinished, {"call": said.call, "part": said.part})
                self.under_way.setdefault(caller_leg(said.call), deque()).append(finished)
            case commands.PlayPrompts():
                self.playing[said.call] = said.playback

    def gone(self, channel: ChannelId, kind: type, **fields) -> None:
        if self.there.pop(channel, None) is not None:
            self.happens(channel, kind, **fields)

    def legs(self, ours: bool) -> list[ChannelId]:
        return [name for name in self.there if ("~" in name) == ours]

    # What people and phones do.

    @rule(
        node=ANY_NODE, to=st.sampled_from(["support", "sales", "nowhere", "main", "round", "back"])
    )
    def a_call_arrives(self, node, to):
        self.names += 1
        channel = ChannelId(f"{node}:c{self.names}")
        entry = Entry.MENU if to in ("main", "round", "back") else Entry.QUEUE
        self.there[channel] = ChannelSeen(
            channel=channel, up=False, created_at=self.now, entry=entry, target=to
        )
        self.happens(channel, events.CallArrived, entry=entry, target=to)

    @rule(pick=PICK, repeat=st.booleans())
    def the_directory_answers(self, pick, repeat):
        if calls := [
            o.call for said in self.outputs for o in said if type(o) is commands.IdentifyCaller
        ]:
            contact = Contact(
                call=CallId("pbx1:old"), at=START - 1, agent=AGENTS[pick % len(AGENTS)]
            )
            identity = Identity(
                number=f"+86{pick % 3}",
                confidence=Confidence.OWN,
                earlier=(contact,) if repeat else (),
            )
            call = calls[-1 - pick % len(calls)]
            self.tell(events.CallerIdentified(at=self.now, call=call, identity=identity))

    @rule(pick=PICK, key=st.sampled_from("129#*"))
    def a_key_is_pressed(self, pick, key):
        if legs := self.legs(ours=False):
            self.happens(legs[pick % len(legs)], events.KeyPressed, key=key)

    @rule(pick=PICK)
    def prompts_finish(self, pick):
        if self.playing:
            call = list(self.playing)[pick % len(self.playing)]
            self.tell(
                events.PromptsFinished(at=self.now, call=call, playback=self.playing.pop(call))
            )

    @rule(pick=PICK)
    def a_phone_is_picked_up(self, pick):
        if legs := [name for name in self.legs(ours=True) if not self.there[name].up]:
            leg = legs[pick % len(legs)]
            self.there[leg] = replace(self.there[leg], up=True)
            self.happens(leg, events.LegAnswered)

    @rule(pick=PICK, ours=st.booleans(), cause=st.sampled_from([0, 3, 16, 17, 19, 21]))
    def somebody_hangs_up(self, pick, ours, cause):
        if legs := self.legs(ours):
            self.gone(legs[pick % len(legs)], events.LegEnded, cause=cause)

    @rule(pick=PICK)
    def asterisk_takes_a_caller_back(self, pick):
        if legs := self.legs(ours=False):
            self.gone(legs[pick % len(legs)], events.CallLeft)

    @rule(
        device=st.sampled_from(["ana", "bob", "cy", *DESKS]),
        node=ANY_NODE,
        state=st.sampled_from(DeviceState),
    )
    def a_phone_changes(self, device, node, state):
        self.tell(
            events.DeviceChanged(at=self.now, node=node, device=f"PJSIP/{device}", state=state)
        )

    @rule(obeys=st.booleans())
    def asterisk_changes_its_mind(self, obeys):
        self.obeys = obeys

    # What goes well, so that what goes wrong is not always the beginning.

    @rule(node=ANY_NODE, to=st.sampled_from(["support", "sales"]))
    def a_call_is_queued(self, node, to):
        self.a_call_arrives(node, to)
        self.all_news()
        self.the_directory_answers(0, False)

    @rule(pick=PICK)
    def a_conversation_begins(self, pick):
        self.a_phone_is_picked_up(pick)
        self.all_news()

    @rule(
        agents=st.permutations(["ana", "bob", "cy"]),
        steps=st.lists(
            st.sampled_from(
                [
                    requests.Alternate,
                    requests.StartConference,
                    requests.CompleteConsult,
                    requests.CancelConsult,
                ]
            ),
            max_size=3,
        ),
    )
    def an_agent_asks_another(self, agents, steps):
        self.two_people_talk(AgentId(agents[0]), "sales" if agents[0] == "cy" else "support")
        self.log_in(AgentId(agents[1]))
        self.be_ready(AgentId(agents[1]))
        talks = [c for c in self.engine.state.calls.values() if c.served_by == agents[0]]
        for call in talks[:1]:
            self.ask_of(requests.ConsultAgent, call=call.id, agent=AgentId(agents[1]))
            self.a_conversation_begins(0)
            for step in steps:
                self.ask_of(step, call=call.id)

    @rule(
        agents=st.permutations(["ana", "bob"]),
        mode=st.sampled_from(Mode),
        follows=st.booleans(),
        steps=st.lists(
            st.one_of(
                st.tuples(st.just(requests.SuperviseCall), st.sampled_from(Mode)),
                st.tuples(
                    st.sampled_from([requests.TakeOverCall, requests.StopSupervising]), st.none()
                ),
                st.tuples(st.just(requests.HoldCall), st.none()),
            ),
            max_size=3,
        ),
    )
    def a_supervisor_hears_a_call(self, agents, mode, follows, steps):
        of, supervisor = AgentId(agents[0]), AgentId(agents[1])
        self.log_in(supervisor)
        if follows:
            self.ask_of(requests.FollowAgent, agent=supervisor, of=of, mode=mode)
        self.two_people_talk(of, "support")
        for call in [c for c in self.engine.state.calls.values() if c.served_by == of][:1]:
            self.ask_of(requests.SuperviseCall, call=call.id, agent=supervisor, mode=mode)
            self.a_conversation_begins(0)
            for kind, wanted in steps:
                if kind is requests.HoldCall:
                    self.ask_of(kind, call=call.id)
                else:
                    fields = {} if wanted is None else {"mode": wanted}
                    self.ask_of(kind, call=call.id, agent=supervisor, **fields)
                self.all_news()

    @rule(
        pick=PICK,
        agent=ANY_AGENT,
        of=ANY_AGENT,
        mode=st.sampled_from(Mode),
        kind=st.sampled_from(
            [
                requests.SuperviseCall,
                requests.StopSupervising,
                requests.TakeOverCall,
                requests.FollowAgent,
                requests.StopFollowing,
            ]
        ),
    )
    def a_supervisor_asks(self, pick, agent, of, mode, kind):
        """What is shown to who is in the call is not refused; what is not shown, is."""
        self.tell(events.TimeReached(at=self.now))
        calls = list(self.auditor.board.calls.values())
        in_one = [call for call in calls if call.supervisors]
        if in_one and pick % 2:
            calls, agent = in_one, in_one[0].supervisors[0].agent
        fields: dict[str, Any] = {"agent": agent}
        if kind in (requests.SuperviseCall, requests.FollowAgent):
            fields["mode"] = mode
        if kind in (requests.FollowAgent, requests.StopFollowing):
            self.ask_of(kind, of=of, **fields)
            return
        if not calls:
            return
        view = calls[pick % len(calls)]
        self.ask_of(kind, call=view.id, **fields)
        refused = any(type(said) is Refused for said in self.outputs[-1])
        mine = [one for one in view.supervisors if one.agent == agent]
        consulting = consulted_of(view.beside) is not None
        shown = [
            action
            for one in mine
            for action in may_supervise(
                one.mode, heard=one.since is not None, consulting=consulting
            )
        ]
        if kind is requests.StopSupervising:
            assert ("stop-supervising" in shown) is not refused
        elif kind is requests.TakeOverCall:
            assert ("take-over" in shown) is not refused
        else:
            assert not (mine and refused), view

    @rule(agent=ANY_AGENT, to=st.sampled_from(["support", "sales"]))
    def two_people_talk(self, agent, to):
        self.obeys = True
        self.log_in(agent)
        self.be_ready(agent)
        self.a_call_is_queued(NODES[AGENTS.index(agent) == 2], to)
        for leg in self.legs(ours=True):
            if not self.there[leg].up:
                self.there[leg] = replace(self.there[leg], up=True)
                self.happens(leg, events.LegAnswered)
        self.all_news()

    @rule(pick=PICK, ours=st.booleans())
    def somebody_ends_it(self, pick, ours):
        self.somebody_hangs_up(pick, ours, 16)
        self.all_news()

    @rule(agents=st.sets(ANY_AGENT, min_size=1))
    def a_shift_begins(self, agents):
        for agent in sorted(agents):
            self.log_in(agent)
            self.be_ready(agent)

    # How we hear of it.

    @precondition(lambda self: any(self.under_way.values()))
    @rule(pick=PICK, how=st.sampled_from(["told", "told", "told", "told", "twice", "lost"]))
    def news(self, pick, how):
        lines = [line for line in self.under_way.values() if line]
        kind, fields = lines[pick % len(lines)].popleft()
        for _ in range({"told": 1, "twice": 2, "lost": 0}[how]):
            self.told.append(kind(at=self.now, **fields))
            self.tell(self.told[-1])

    @rule()
    def all_news(self):
        while lines := [line for line in self.under_way.values() if line]:
            kind, fields = lines[0].popleft()
            self.told.append(kind(at=self.now, **fields))
            self.tell(self.told[-1])

    @precondition(lambda self: self.told)
    @rule(pick=PICK)
    def old_news(self, pick):
        self.tell(replace(self.told[pick % len(self.told)], at=self.now))

    @rule(
        pick=PICK,
        command=st.sampled_from(
            [
                "RingAgent",
                "DialNumber",
                "Connect",
                "HoldLeg",
                "JoinLeg",
                "PlayPrompts",
                "HangUp",
                "ReleaseToDialplan",
                "StartHoldMusic",
                "StartRecording",
                "PauseRecording",
                "ResumeRecording",
                "Overhear",
                "MuteLeg",
            ]
        ),
        failure=st.sampled_from(Failure),
        ours=st.booleans(),
    )
    def a_command_fails(self, pick, command, failure, ours):
        calls = (call for call in self.engine.state.calls.values() if not call.absent)
        names = list(self.engine.state.offers) if ours else [caller_leg(one.id) for one in calls]
        if names:
            channel = ChannelId(names[pick % len(names)])
            if (command == "RingAgent") == ours or command in EITHER:
                self.tell(
                    events.CommandFailed(
                        at=self.now, command=command, channel=channel, failure=failure
                    )
                )

    @rule(node=ANY_NODE)
    def a_node_is_lost(self, node):
        self.tell(events.NodeLost(at=self.now, node=node))

    @rule(node=ANY_NODE, age=st.sampled_from([0, 0, 50, 7_000]))
    def a_node_is_found(self, node, age):
        there = tuple(seen for name, seen in self.there.items() if name.startswith(node))
        self.tell(
            events.NodeFound(
                at=self.now, node=node, seen_at=max(START, self.now - age), channels=there
            )
        )

    @rule(chosen=st.sampled_from(list(CONFIGURATIONS)))
    def the_centre_is_configured(self, chosen):
        self.tell(events.Configured(at=self.now, configuration=CONFIGURATIONS[chosen]))

    @rule(
        ms=st.sampled_from([1, 300, 1_000, 5_000, 15_000, 30_000, 61_000]),
        step=st.booleans(),
    )
    def time_passes(self, ms, step):
        end = self.now + ms
        while step and (due := self.engine.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            self.tell(events.TimeReached(at=self.now))
        self.now = end

    # What agents ask for.

    def ask(self, kind: type, agent: AgentId, **fields) -> None:
        self.ask_of(kind, agent=agent, **fields)

    def ask_of(self, kind: type, **fields) -> None:
        if kind in (requests.BecomeReady, requests.ForceReady):
            self.on_break.pop(fields["agent"], None)
        name = f"r{len(self.inputs)}"
        self.tell(kind(at=self.now, request=name, by="somebody", **fields))
        answers = [o for o in self.outputs[-1] if getattr(o, "request", None) == name]
        assert len(answers) == 1, "every request has one answer"

    def ask_as_shown(self, kind: type, agent: AgentId, **fields) -> None:
        """What is shown as allowed is not refused; what is not shown is refused, or changes nothing."""
        self.tell(events.TimeReached(at=self.now))
        view = self.auditor.board.agents.get(agent)
        self.ask(kind, agent, **fields)
        if view is None:
            return
        shown = ACTIONS[kind] in (*allowed(view.standing), *forcible(view.standing))
        no = [said.reason for said in self.outputs[-1] if type(said) is Refused]
        refused = no and no != [Reason.NO_PHONE]  # He has to say at which desk.
        assert not (shown and refused), f"{kind.__name__} was refused to {view}"
        after = self.auditor.board.agents[agent]
        assert shown or after == view, f"{kind.__name__} was not shown to {view}: {after}"

    @rule(
        agent=ANY_AGENT,
        asked=st.sampled_from(
            [
                (requests.SetDoNotDisturb, {}),
                (requests.LiftDoNotDisturb, {}),
                (requests.ExtendWrapUp, {}),
                (requests.ForceReady, {}),
                (requests.ForceNotReady, {"reason": "come and see me"}),
                (requests.ForceFinishWrapUp, {}),
                (requests.ForceLogOut, {}),
                (requests.ForceLogOut, {"after_call": True}),
                (requests.ChangeDuties, {"duties": Duties(queues=(QueueId("support"),))}),
                (requests.ChangeDuties, {"duties": Duties(queues=())}),
                (requests.ChangeDuties, {"duties": Duties()}),
            ]
        ),
    )
    def somebody_else_steps_in(self, agent, asked):
        if asked[0] is requests.ChangeDuties:
            self.ask(asked[0], agent, **asked[1])
        else:
            self.ask_as_shown(asked[0], agent, **asked[1])

    @rule(agent=ANY_AGENT, found=st.booleans())
    def a_client_comes_or_goes(self, agent, found):
        kind = events.ClientFound if found else events.ClientGone
        self.tell(kind(at=self.now, agent=agent))

    @rule(agent=ANY_AGENT, reason=st.sampled_from(["lunch", "break"]))
    def a_break_after_this_call_comes_after_it(self, agent, reason):
        """Whatever happens to the call: from now on he is never ready until somebody says so."""
        self.ask_as_shown(requests.BecomeNotReady, agent, reason=reason)
        view = self.auditor.board.agents.get(agent)
        if view is not None and view.state is not AgentState.LOGGED_OUT:
            assert (view.pending or view.state) is not AgentState.READY
            self.on_break[agent] = None

    @invariant()
    def a_break_that_was_asked_for_is_kept(self):
        for name in list(getattr(self, "on_break", ())):
            agent = self.engine.state.agents.get(name)
            if agent is None or not agent.logged_in:
                del self.on_break[name]
            else:
                assert PauseCause.MANUAL in agent.causes, f"{name}'s break is forgotten: {agent}"

    @rule(agent=ANY_AGENT)
    def log_in(self, agent):
        self.ask_as_shown(requests.LogIn, agent)

    @rule(agent=ANY_AGENT, desk=st.sampled_from(list(DESKS)))
    def sit_down(self, agent, desk):
        """Who sits where is told, and nobody sits at another's desk."""
        self.ask(requests.LogIn, agent, desk=desk)
        views = self.auditor.board.agents
        seats = [
            (one.profile.node, one.desk.id)
            for one in self.engine.state.agents.values()
            if one.desk is not None
        ]
        assert len(seats) == len(dict.fromkeys(seats))
        for name, view in views.items():
            agent = self.engine.state.agents[name]
            assert view.desk == agent.desk
            # Whose phone was taken away in the middle of a call has it until that is over.
            assert agent.unseated or view.phone == agent.profile.device

    @rule(agent=ANY_AGENT)
    def log_out(self, agent):
        self.ask_as_shown(requests.LogOut, agent)

    @rule(agent=ANY_AGENT)
    def be_ready(self, agent):
        self.ask_as_shown(requests.BecomeReady, agent)

    @rule(agent=ANY_AGENT)
    def be_not_ready(self, agent):
        self.ask_as_shown(requests.BecomeNotReady, agent, reason="break")

    @rule(agent=ANY_AGENT)
    def finish(self, agent):
        self.ask_as_shown(requests.FinishWrapUp, agent)

    @rule(agent=ANY_AGENT, pick=PICK)
    def record(self, agent, pick):
        owed = [one.undisposed for one in self.engine.state.agents.values() if one.undisposed]
        if calls := [*owed, *self.engine.state.calls]:
            self.ask(requests.RecordOutcome, agent, call=calls[pick % len(calls)], outcome="solved")

    @rule(
        pick=PICK,
        kind=st.sampled_from(
            [
                (requests.TransferToNumber, {"number": WANG}),
                (requests.ConsultNumber, {"number": WANG}),
                (requests.ConsultNumber, {"number": LIU}),
                (requests.RemoveNumber, {"number": WANG.digits}),
                (requests.MuteNumber, {"number": WANG.digits, "muted": True}),
                (requests.MuteNumber, {"number": LIU.digits, "muted": False}),
            ]
        ),
    )
    def a_number_is_called_or_let_go(self, pick, kind):
        """As with agents; that no route, or no cap, allows it is another matter."""
        calls = self.engine.state.calls.values()
        if not (talks := [call.id for call in calls if call.state is CallState.TALKING]):
            return
        asked, fields = kind
        self.tell(events.TimeReached(at=self.now))
        view = self.auditor.board.calls.get(talks[pick % len(talks)])
        if view is None or view.phase != "talking":
            return
        self.ask_of(asked, call=view.id, **fields)
        no = [said.reason for said in self.outputs[-1] if type(said) is Refused]
        if asked in (requests.TransferToNumber, requests.ConsultNumber):
            transfer = asked is requests.TransferToNumber
            action = CallAction.TRANSFER if transfer else CallAction.CONSULT
            shown = could(action, view, list(view.beside))
            assert not (shown and no) or no[0] in NOT_CALLED, f"{asked.__name__}: {no}, {view}"
            assert shown or no, f"{asked.__name__} was not shown to {view}"
        else:
            there = [one for one in view.outsiders if one.number == fields["number"]]
            assert bool(no) == (
                not there or (asked is requests.MuteNumber and there[0].state is PartyState.RINGING)
            )

    @rule(
        pick=PICK,
        kind=st.sampled_from(
            [
                (requests.ClearCall, {}),
                (requests.TransferToQueue, {"queue": "support"}),
                (requests.TransferToAgent, {"agent": "bob"}),
                (requests.TransferToNumber, {"number": WANG}),
                (requests.TransferToNumber, {"number": LIU}),
            ]
        ),
    )
    def who_is_left_to_a_number_is_taken_back(self, pick, kind):
        self.tell(events.TimeReached(at=self.now))
        calls = self.engine.state.calls.values()
        if left := [call.id for call in calls if call.state is CallState.OUTSIDE]:
            asked, fields = kind
            self.ask_of(asked, call=left[pick % len(left)], **fields)
            no = [said.reason for said in self.outputs[-1] if type(said) is Refused]
            assert not no or no[0] in (*NOT_THERE, *NOT_CALLED), no

    @rule(agent=ANY_AGENT, number=st.sampled_from([WANG, LIU, NOWHERE]))
    def an_agent_calls_somebody(self, agent, number):
        self.ask(requests.MakeCall, agent, number=number)

    @rule(agent=ANY_AGENT, number=st.sampled_from([WANG, LIU]), answers=st.booleans())
    def an_agent_reaches_somebody(self, agent, number, answers):
        """He picks up his own phone, and who is called picks up his, or does not."""
        self.obeys = True
        self.log_in(agent)
        self.ask(requests.MakeCall, agent, number=number)
        self.a_leg_is_picked_up(agent)
        if answers:
            self.a_leg_is_picked_up("out")

    def a_leg_is_picked_up(self, whose):
        for leg in [name for name in self.legs(ours=True) if f"~{whose}" in name]:
            if not self.there[leg].up:
                self.there[leg] = replace(self.there[leg], up=True)
                self.happens(leg, events.LegAnswered)
        self.all_news()

    @rule(stopped=st.booleans())
    def calling_out_is_stopped_or_goes_on(self, stopped):
        self.ask_of(requests.SwitchOutbound, stopped=stopped)

    @rule(
        agent=ANY_AGENT,
        queue=st.sampled_from(["support", "sales"]),
        number=st.sampled_from([WANG, LIU, NOWHERE]),
    )
    def somebody_to_call_is_shown(self, agent, queue, number):
        work = Work(task=f"t{len(self.inputs)}", list="l", queue=QueueId(queue), number=number)
        self.tell(
            events.WorkOffered(at=self.now, agent=agent, work=work, idle_ms=0, answer_ms=10_000)
        )

    @rule(pick=PICK, accepts=st.booleans(), late=st.booleans())
    def he_calls_who_is_shown_or_somebody_else_may(self, pick, accepts, late):
        shown = [one.preview for one in self.engine.state.agents.values() if one.preview]
        names = [one.id for one in self.engine.state.agents.values() if one.preview]
        if late:  # Shown once, to somebody.
            shown = [o.work for said in self.outputs for o in said if type(o) is PreviewOffered]
            names = list(AGENTS)
        if shown and names:
            agent, task = names[pick % len(names)], shown[pick % len(shown)].task
            if accepts:
                self.ask(AcceptPreview, agent, task=task)
            else:
                self.ask(SkipPreview, agent, task=task, reason="lunch")

    # Who is called back.

    @rule(pick=PICK, readable=st.booleans())
    def a_number_is_read(self, pick, readable):
        asked = [o for said in self.outputs for o in said if type(o) is commands.ReadNumber]
        if asked:
            one = asked[-1 - pick % len(asked)]
            number = Number(digits=one.text or "+860", kind=NumberKind.SUBSCRIBER)
            self.tell(NumberRead(at=self.now, call=one.call, number=number if readable else None))

    @rule(node=ANY_NODE, to=st.sampled_from(["support", "sales"]), who=PICK, hangs_up=st.booleans())
    def a_caller_would_rather_be_called_back(self, node, to, who, hangs_up):
        self.a_call_arrives(node, to)
        self.all_news()
        self.the_directory_answers(3 * who, False)
        channel = ChannelId(f"{node}:c{self.names}")
        self.tell(events.KeyPressed(at=self.now, channel=channel, key="*"))
        self.a_number_is_read(0, True)
        if hangs_up:
            self.gone(channel, events.LegEnded, cause=16)
        self.all_news()

    @rule(agent=ANY_AGENT, answers=st.booleans())
    def somebody_is_called_back(self, agent, answers):
        """An agent picks up for him, if it is his turn, and then he does, or his line is busy."""
        self.obeys = True
        self.log_in(agent)
        self.be_ready(agent)
        self.a_leg_is_picked_up(agent)
        for leg in [one for one in self.legs(ours=True) if one.endswith("~out")]:
            if answers and not self.there[leg].up:
                self.a_leg_is_picked_up("out")
            elif not answers:
                self.gone(leg, events.LegEnded, cause=17)
        self.all_news()

    @rule(
        queue=st.sampled_from(["support", "sales", "nowhere"]),
        number=st.sampled_from([WANG, LIU, NOWHERE]),
        later_ms=st.sampled_from([0, 0, 20_000]),
    )
    def people_register_a_callback(self, queue, number, later_ms):
        due_at = self.now + later_ms if later_ms else 0
        self.ask_of(RegisterCallback, queue=QueueId(queue), number=number, due_at=due_at)

    @rule(pick=PICK)
    def people_cancel_a_callback(self, pick):
        known = [o.id for said in self.outputs for o in said if type(o) is CallbackChanged]
        if known:
            self.ask_of(CancelCallback, callback=known[pick % len(known)])

    # An external router.

    @rule(
        pick=PICK,
        agents=st.lists(ANY_AGENT, max_size=2, unique=True),
        candidates=st.booleans(),
        again_ms=st.sampled_from([0, 500, 60_000]),
    )
    def the_router_answers(self, pick, agents, candidates, again_ms):
        """It names candidates, or others, or nobody yet; now, or long after."""
        asked = [o for said in self.outputs for o in said if type(o) is RouteRequested]
        if asked:
            one = asked[-1 - pick % min(3, len(asked))]
            names = [candidate.agent for candidate in one.candidates] if candidates else agents
            self.ask_of(
                requests.SelectRoute,
                call=one.call,
                route=one.route,
                agents=tuple(names),
                again_ms=again_ms,
            )

    @rule(pick=PICK, to=st.sampled_from(["sales", "bob", "nowhere", WANG.digits]))
    def the_transfer_button_of_a_phone_is_pressed(self, pick, to):
        legs = [name for name in self.legs(ours=True) if self.there[name].up]
        if legs:
            leg = legs[pick % len(legs)]
            self.there[leg] = replace(self.there[leg], bridge=None)
            number = WANG if to == WANG.digits else None
            stand_in = ChannelId(f"{leg.partition(':')[0]}:stand-in")
            self.happens(leg, events.LegReferred, stand_in=stand_in, to=to, number=number)

    @rule(pick=PICK, other=PICK, ours=st.booleans())
    def a_phone_joins_two_of_its_calls(self, pick, other, ours):
        """Of an agent's, or of a caller's; the other one is with us, or not."""
        legs = [name for name in self.legs(ours=ours) if self.there[name].up]
        if not legs:
            return
        here = legs[pick % len(legs)].partition(":")[0]
        callers = [name for name in self.legs(ours=False) if name.startswith(here)]
        self.names += 1
        pair, halves = f"Local/{self.names}", [legs[pick % len(legs)]]
        if callers and (second := callers[other % len(callers)]) not in halves:
            halves.append(second)
        for leg in halves:
            stand_in = ChannelId(f"{leg.partition(':')[0]}:{self.names}.{len(halves)}")
            self.happens(leg, events.LegReplaced, stand_in=stand_in, pair=pair)
            if leg in self.legs(ours=False):
                self.gone(leg, events.CallLeft)
            else:
                self.there[leg] = replace(self.there[leg], bridge=None)

    @rule(
        pick=PICK,
        kind=st.sampled_from(
            [
                (requests.HoldCall, {}),
                (requests.RetrieveCall, {}),
                (requests.ClearCall, {}),
                (requests.SendTones, {"keys": "1"}),
                (requests.TransferToQueue, {"queue": "support"}),
                (requests.TransferToQueue, {"queue": "sales"}),
                (requests.TransferToAgent, {"agent": "bob"}),
                (requests.TransferToAgent, {"agent": "cy"}),
                (requests.ConsultAgent, {"agent": "bob"}),
                (requests.ConsultAgent, {"agent": "cy"}),
                (requests.ConsultQueue, {"queue": "support"}),
                (requests.ConsultQueue, {"queue": "sales"}),
                (requests.Alternate, {}),
                (requests.CompleteConsult, {}),
                (requests.CancelConsult, {}),
                (requests.StartConference, {}),
                (requests.RemoveParty, {}),
                (requests.MuteParty, {"muted": True}),
                (requests.MuteParty, {"muted": False}),
                (requests.BeginRecording, {}),
                (requests.EndRecording, {}),
                (requests.SuspendRecording, {}),
                (requests.ContinueRecording, {}),
            ]
        ),
    )
    def the_call_is_controlled(self, pick, kind):
        """What is shown as allowed is not refused as such; what is not shown, is."""
        self.tell(events.TimeReached(at=self.now))
        calls = self.engine.state.calls.values()
        if not (talks := [call.id for call in calls if call.state is CallState.TALKING]):
            return
        asked, fields = kind
        view = self.auditor.board.calls[talks[pick % len(talks)]]
        action, beside = CONTROL[asked], list(view.beside)
        if asked in (requests.RemoveParty, requests.MuteParty):
            beside = list(view.parties)
            if asked is requests.MuteParty and not fields["muted"]:
                action = CallAction.UNMUTE_PARTY
            fits = [one for one in beside if could(action, view, [one])]
            fields = fields | {"agent": (fits or [PartyView(agent=AgentId("ana"))])[0].agent}
        shown = could(action, view, beside)
        self.ask_of(asked, call=view.id, **fields)
        no = [said.reason for said in self.outputs[-1] if type(said) is Refused]
        assert not (shown and no) or no[0] in NOT_THERE, f"{asked.__name__} was refused to {view}"
        again = asked is requests.MuteParty  # Who is muted may be so twice.
        assert shown or no or again, f"{asked.__name__} was not shown to {view}"

    @rule(
        pick=PICK,
        kind=st.sampled_from(
            [
                (requests.SetPriority, {"priority": 5}),
                (requests.SetPriority, {"priority": 0}),
                (requests.MoveToFront, {}),
                (requests.MoveCall, {"queue": "support"}),
                (requests.MoveCall, {"queue": "sales"}),
                (requests.SetRequirement, {"requires": "klingon"}),
                (requests.SetRequirement, {"requires": ""}),
                (requests.DeflectWaiting, {"agent": "ana", "number": WANG}),
            ]
        ),
    )
    def a_supervisor_steps_in(self, pick, kind):
        if calls := list(self.engine.state.calls):
            self.ask_of(kind[0], call=calls[pick % len(calls)], **kind[1])

    @rule(
        pick=PICK,
        kind=st.sampled_from(
            [
                (requests.RejectOffer, {}),
                (requests.DeflectToQueue, {"queue": "support"}),
                (requests.DeflectToQueue, {"queue": "sales"}),
                (requests.DeflectToAgent, {"to": "bob"}),
                (requests.DeflectToAgent, {"to": "cy"}),
                (requests.DeflectToNumber, {"number": WANG}),
            ]
        ),
    )
    def what_rings_is_sent_away(self, pick, kind):
        if offers := list(self.engine.state.offers.values()):
            one = offers[pick % len(offers)]
            self.ask_of(kind[0], call=one.call, agent=one.agent, **kind[1])

    # Promises.

    @invariant()
    def what_was_told_adds_up(self):
        self.auditor.agrees_with(self.engine)

    @invariant()
    def whoever_is_on_his_way_has_a_deadline(self):
        on_his_way = [
            c for c in self.auditor.calls.values() if c.phase not in ("talking", "outside")
        ]
        on_his_way += [leg for leg in self.auditor.legs.values() if not leg.connected]
        assert not on_his_way or self.engine.next_deadline() is not None

    def teardown(self):
        if not hasattr(self, "engine") or self.broken:
            return
        # When everybody has hung up, nothing is left but agents who are free.
        self.obeys = False
        for owed in [c.callback for c in self.engine.state.calls.values() if c.callback]:
            self.ask_of(CancelCallback, callback=owed.id)
        for call in list(self.engine.state.calls):
            self.tell(events.LegEnded(at=self.now, channel=caller_leg(call)))
        self.time_passes(HOUR_MS + 600_000, True)  # Caps look back an hour.
        assert not self.engine.state.calls and not self.engine.state.offers
        assert self.engine.next_deadline() is None
        assert all(agent.state not in ENGAGED for agent in self.engine.state.agents.values())
        assert set(self.engine.state.agents) == set(self.engine.state.configuration.agents)
        # And the same inputs give the same outputs.
        again = Engine()
        for happening, said in zip(self.inputs, self.outputs, strict=True):
            repeated = again.handle(events.TimeReached(at=happening.at)) + again.handle(happening)
            assert repeated == said


TestCentre = Centre.TestCase
TestCentre.settings = settings(
    max_examples=1_000 if HEAVY else settings.default.max_examples * 3 // 2,
    stateful_step_count=200 if HEAVY else 80,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=[phase for phase in Phase if phase is not Phase.explain],
)
