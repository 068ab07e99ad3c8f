"""What is going on now, folded from notices alone; any process that hears them can show it. Decides nothing.

Live calls, agents and queues as they are shown to people. A snapshot of the board and the notices after
it give the same picture as all notices from the beginning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from acd.core import notices
from acd.core.board_views import AgentView as AgentView
from acd.core.board_views import CallView as CallView
from acd.core.board_views import NotOfCalls, begun, owed, renamed
from acd.core.board_views import OutsiderView as OutsiderView
from acd.core.board_views import PartyView as PartyView
from acd.core.board_views import QueueDispositions as QueueDispositions
from acd.core.board_views import QueueView as QueueView
from acd.core.board_views import RecordingView as RecordingView
from acd.core.configuration import Configuration, Desk, Duties
from acd.core.disposition import under
from acd.core.ids import AgentId, CallId, DeskId, NodeId, QueueId
from acd.core.outbound import ALLOWED, STOPPED
from acd.core.outsider import OutsiderNotice
from acd.core.recording import RecordingState
from acd.core.supervision_views import following, supervised


@dataclass(slots=True)
class Board:
    """The live picture. `hear` every notice, in order."""

    calls: dict[CallId, CallView] = field(default_factory=dict)
    agents: dict[AgentId, AgentView] = field(default_factory=dict)
    nodes: dict[NodeId, bool] = field(default_factory=dict)
    faults: int = 0  # Of ours, mended, since we started.
    unrecorded: int = 0  # Parts of recordings that failed, since we started.
    outbound: bool = False  # Whether there are routes by which anybody could call out.
    outbound_stopped: bool = False  # Somebody has seen to it that nobody calls out.
    emergency: bool = False  # Whether there are routes for numbers that this does not hold up.
    desks: Mapping[DeskId, Desk] = field(default_factory=dict)
    dispositions: dict[QueueId, QueueDispositions] = field(default_factory=dict)
    _names: dict[QueueId, str] = field(default_factory=dict)
    _answered: dict[QueueId, int] = field(default_factory=dict)
    _abandoned: dict[QueueId, int] = field(default_factory=dict)
    _estimates_good: dict[QueueId, bool] = field(default_factory=dict)

    def configure(self, configuration: Configuration) -> None:
        """Take over the names of agents and queues; what is going on stays."""
        self.outbound = bool(configuration.outbound.routes)
        self.outbound_stopped = configuration.outbound_stopped
        self.emergency = configuration.outbound.emergency
        self.desks = configuration.desks
        self._names = {name: rules.name for name, rules in configuration.queues.items()}
        self.dispositions = {
            name: QueueDispositions(
                required=rules.must_dispose,
                tree=tuple(under(configuration.dispositions, rules.dispositions)),
            )
            for name, rules in configuration.queues.items()
        }
        self.agents = {
            name: renamed(
                self.agents.get(name),
                configuration.profile_of(name),
                configuration.duties.get(name, Duties()),
                outbound=self.outbound,
            )
            for name in configuration.agents
        }

    @property
    def calls_out(self) -> bool:
        """Whether any number may be called at all."""
        return self.outbound and (self.emergency or not self.outbound_stopped)

    def queues(self) -> Mapping[QueueId, QueueView]:
        """Every queue, with who waits in it now."""
        joined: dict[QueueId, list[int]] = {name: [] for name in self._names}
        for call in self.calls.values():
            here = call.phase in ("waiting", "offered") and call.callback is None
            if here and call.queue in joined and call.joined_at:
                joined[call.queue].append(call.joined_at)
        return {
            name: QueueView(
                id=name,
                name=label,
                waiting=len(joined[name]),
                longest_since=min(joined[name], default=None),
                answered=self._answered.get(name, 0),
                abandoned=self._abandoned.get(name, 0),
                estimates_good=self._estimates_good.get(name, False),
            )
            for name, label in self._names.items()
        }

    def hear_all(self, heard: Iterable[notices.Notice]) -> None:
        """Hear several, in order."""
        for notice in heard:
            self.hear(notice)

    def hear(self, notice: notices.Notice) -> None:
        """Change the picture by what this notice tells."""
        match notice:
            case notices.AgentStateChanged():  # Half of all that is heard.
                self._agent(notice)
            case notices.CallStarted():
                self.calls[notice.call] = begun(notice)
            case notices.CallerRecognised():
                self._change(notice.call, identity=notice.identity)
            case notices.MenuEntered() | notices.SurveyBegan():
                self._enter(notice)
            case notices.CallQueued():
                self._estimates_good[notice.queue] = notice.forecast_good
                self._change(
                    notice.call,
                    phase="waiting",
                    queue=notice.queue,
                    priority=notice.priority,
                    requires=notice.requires,
                    reason=notice.reason,
                    joined_at=notice.joined_at,
                    expected=notice.forecast if notice.forecast_good else None,
                )
            case notices.DataChanged():
                self._change(notice.call, data=notice.data)
            case notices.PlaceResumed():
                self._change(notice.call, resumed=notice.earlier)
            case notices.CallChanged():
                self._changed(notice)
            case notices.CallOffered() | notices.OfferEnded():
                self._rings(notice)
            case notices.CallPlaced() | notices.NumberDialled():
                self._made(notice)
            case notices.CallConnected():
                self._connected(notice)
            case notices.CallHeld() | notices.CallRetrieved():
                self._held(notice)
            case notices.CallTransferred():
                self._handed_on(notice)
            case notices.PartyOffered() | notices.PartyChanged() | notices.PartyLeft():
                self._beside(notice)
            case OutsiderNotice():
                self._outside(notice)
            case notices.CallTakenOver():
                self._taken_over(notice)
            case notices.RecordingChanged():
                self._recorded(notice)
            case notices.CallEnded():
                self._end(notice)
            case _:
                self._hear_of_others(notice)

    def _hear_of_others(self, notice: NotOfCalls) -> None:
        match notice:
            case notices.SupervisionChanged() | notices.SupervisionEnded():
                self._supervised(notice)
            case notices.FollowingChanged():
                self._follows(notice)
            case notices.CallbackChanged() | notices.CallbackEnded():
                self._owed(notice)
            case notices.PreviewOffered() | notices.PreviewEnded():
                self._preview(notice)
            case notices.DutiesChanged():
                self._duties(notice)
            case notices.Supervised():
                self._switched(notice)
            case notices.Repaired():
                self.faults += 1
            case notices.NodeStateChanged():
                self.nodes[notice.node] = notice.connected
            case (
                notices.OutcomeRecorded()
                | notices.SurveyAnswered()
                | notices.RecordingKept()
                | notices.RouteRequested()
                | notices.RouteEnded()
                | notices.CallOverflowed()
                | notices.Accepted()
                | notices.Refused()
                | notices.Misconfigured()
            ):
                pass  # Nothing that is shown as a state.
            case _:
                assert_never(notice)

    def _end(self, notice: notices.CallEnded) -> None:
        self.calls.pop(notice.call, None)
        if notice.ending is notices.Ending.ABANDONED and notice.queue is not None:
            self._abandoned[notice.queue] = self._abandoned.get(notice.queue, 0) + 1

    def _switched(self, notice: notices.Supervised) -> None:
        if notice.action in (STOPPED, ALLOWED):
            self.outbound_stopped = notice.action == STOPPED

    def _enter(self, notice: notices.MenuEntered | notices.SurveyBegan) -> None:
        if isinstance(notice, notices.SurveyBegan):
            self._change(notice.call, phase="survey", held_since=None, parties=())
            return
        view = self.calls.get(notice.call)
        menus = (*view.menus, notice.menu) if view is not None else ()
        self._change(notice.call, phase="menu", menus=menus)

    def _changed(self, notice: notices.CallChanged) -> None:
        self._change(
            notice.call,
            queue=notice.queue,
            priority=notice.priority,
            requires=notice.requires,
        )

    def _rings(self, notice: notices.CallOffered | notices.OfferEnded) -> None:
        """One phone more rings for a call, or one less; who talks does not care."""
        view = self.calls.get(notice.call)
        if view is None or view.phase == "talking":
            return
        ringing = tuple(name for name in view.ringing if name != notice.agent)
        attempts, identity = view.attempts, view.identity
        if isinstance(notice, notices.CallOffered):
            ringing, attempts = (*ringing, notice.agent), notice.attempt
            identity = notice.identity  # As the rules of his queue see him.
        self._change(
            notice.call,
            phase="offered" if ringing else "waiting",
            agent=ringing[0] if ringing else None,
            ringing=ringing,
            attempts=attempts,
            identity=identity,
        )

    def _made(self, notice: notices.CallPlaced | notices.NumberDialled) -> None:
        if isinstance(notice, notices.NumberDialled):
            self._change(notice.call, phase="dialling", ringing=())
            return
        self._change(
            notice.call,
            phase="placed",
            queue=notice.queue,
            agent=notice.agent,
            ringing=(notice.agent,),
            data=notice.data,
        )

    def _connected(self, notice: notices.CallConnected) -> None:
        view = self.calls.get(notice.call)
        waited = view is None or view.phase not in ("placed", "dialling")
        self._change(
            notice.call,
            phase="talking",
            agent=notice.agent,
            ringing=(),
            queue=notice.queue,
            connected_at=notice.connected_at,
        )
        # Not told again: it left the queue just now.
        if waited and notice.connected_at == notice.at:
            self._answered[notice.queue] = self._answered.get(notice.queue, 0) + 1

    def _held(self, notice: notices.CallHeld | notices.CallRetrieved) -> None:
        held = isinstance(notice, notices.CallHeld)
        self._change(notice.call, held_since=notice.at if held else None)

    def _handed_on(self, notice: notices.CallTransferred) -> None:
        """The caller has nobody for a moment: the queue he comes to is told next."""
        view = self.calls.get(notice.call)
        if view is not None:
            before = (*view.handed_on_by, notice.agent)
            self._change(
                notice.call,
                phase="waiting",
                agent=None,
                connected_at=None,
                held_since=None,
                handed_on_by=before,
            )

    def _beside(
        self, notice: notices.PartyOffered | notices.PartyChanged | notices.PartyLeft
    ) -> None:
        """One who is beside the call comes, goes or is elsewhere."""
        view = self.calls.get(notice.call)
        if view is None:
            return
        new: tuple[PartyView, ...] = ()
        if isinstance(notice, notices.PartyOffered):
            new = (PartyView(agent=notice.agent),)
        elif isinstance(notice, notices.PartyChanged):
            new = (PartyView(agent=notice.agent, state=notice.state, muted=notice.muted),)
        places = [one.agent for one in view.parties]
        at = places.index(notice.agent) if notice.agent in places else len(places)
        self._change(notice.call, parties=(*view.parties[:at], *new, *view.parties[at + 1 :]))

    def _outside(self, notice: OutsiderNotice) -> None:
        """A number beside the call comes, goes or is elsewhere, or no agent has the caller any more."""
        view = self.calls.get(notice.call)
        if view is None:
            return
        if isinstance(notice, notices.CallHandedOut):
            self._handed_out(view, notice)
            return
        there = {one.number: one for one in view.outsiders}
        if isinstance(notice, notices.OutsiderLeft):
            there.pop(notice.number, None)
        elif isinstance(notice, notices.OutsiderDialled):
            there[notice.number] = OutsiderView(number=notice.number, transfer=notice.transfer)
        elif isinstance(notice, notices.OutsiderChanged):
            before = there.get(notice.number, OutsiderView(number=notice.number))
            there[notice.number] = replace(before, state=notice.state, muted=notice.muted)
        self._change(notice.call, outsiders=tuple(there.values()))

    def _handed_out(self, view: CallView, notice: notices.CallHandedOut) -> None:
        had = (notice.agent,) if notice.agent is not None else ()
        self._change(
            notice.call,
            phase="outside",
            agent=None,
            ringing=(),
            connected_at=None,
            held_since=None,
            handed_on_by=(*view.handed_on_by, *had),
        )

    def _taken_over(self, notice: notices.CallTakenOver) -> None:
        """Somebody who was beside the call has it."""
        view = self.calls.get(notice.call)
        if view is not None:
            self._change(
                notice.call,
                agent=notice.agent,
                connected_at=notice.at,
                held_since=None,
                handed_on_by=(*view.handed_on_by, notice.by),
                parties=tuple(one for one in view.parties if one.agent != notice.agent),
            )

    def _supervised(self, notice: notices.SupervisionChanged | notices.SupervisionEnded) -> None:
        if (view := self.calls.get(notice.call)) is not None:
            self._change(notice.call, supervisors=supervised(view.supervisors, notice))

    def _follows(self, notice: notices.FollowingChanged) -> None:
        if (view := self.agents.get(notice.agent)) is not None:
            self.agents[notice.agent] = replace(view, follows=following(notice))

    def _recorded(self, notice: notices.RecordingChanged) -> None:
        self.unrecorded += notice.state is RecordingState.FAILED
        view: RecordingView | None = None
        if notice.state is not None:
            view = RecordingView(part=notice.part, state=notice.state, withheld=notice.withheld)
        self._change(notice.call, recording=view)

    def _change(self, call: CallId, **changes: object) -> None:
        view = self.calls.get(call)
        if view is not None:  # An offer may end after its caller has gone.
            self.calls[call] = replace(view, **changes)  # type: ignore[arg-type] # Checked by every caller above.

    def _owed(self, notice: notices.CallbackChanged | notices.CallbackEnded) -> None:
        """Who is to be called back waits as others do, and in no queue's figures."""
        if (view := self.calls.get(notice.call)) is not None:
            self.calls[notice.call] = owed(view, notice)

    def _agent(self, notice: notices.AgentStateChanged) -> None:
        view = self.agents.get(notice.agent)
        if view is None:
            return
        self.agents[notice.agent] = replace(
            view,
            state=notice.state,
            since=notice.at if notice.state is not view.state else view.since,
            causes=notice.causes,
            pending=notice.pending,
            device_state=notice.device,
            call=notice.call,
            until=notice.until,
            wrap_up=notice.wrap_up,
            extensible=notice.extensible,
            undisposed=notice.undisposed,
            desk=notice.desk,
            barred=notice.barred,
            own_call=notice.own_call,
        )

    def _preview(self, notice: notices.PreviewOffered | notices.PreviewEnded) -> None:
        view = self.agents.get(notice.agent)
        if view is None:
            return
        if isinstance(notice, notices.PreviewOffered):
            self.agents[notice.agent] = replace(view, preview=notice)
        elif view.preview is not None and view.preview.work.task == notice.task:
            self.agents[notice.agent] = replace(view, preview=None)

    def _duties(self, notice: notices.DutiesChanged) -> None:
        if (view := self.agents.get(notice.agent)) is not None:
            self.agents[notice.agent] = replace(
                view, queues=notice.queues, skills=notice.skills, duties=notice.duties
            )
