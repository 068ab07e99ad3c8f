"""Notices become numbered frames, each encoded once for all who see it in full and once for the rest.

It is encoded when the first of them is to have it: a phone that is to ring must not wait for what others will
read of it. It never waits for a listener, and never raises into the engine's step: a frame that cannot be made
ends every socket, and whoever comes back begins with a snapshot. What an event shows is how things are after
the whole step, for a step is all or nothing.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, TypeAlias

from acd.cases.news import CaseNews, PromiseChanged
from acd.core import notices
from acd.core.board import CallView, QueueView
from acd.core.customer import UNIDENTIFIED
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.outsider import OutsiderNotice
from acd.core.supervision import SUPERVISION_ACTS
from acd.pop import Backgrounds
from cti_api import rights, views
from cti_api.call_events import NAMES, SHOWN, CallNotice
from cti_api.frames.stream import Snapshot
from cti_api.interests import EVERYTHING, Interest, topic_of
from cti_api.masks import Masks
from cti_api.ports import Switchboard, User
from cti_api.rights import Sight
from cti_api.shapes.agents import Agent
from cti_api.texts import Text, encoded

log = logging.getLogger(__name__)

HISTORY = 10_000
QUEUES_EVERY_S = 0.25  # Counts change with every call; nobody reads faster.
# After a fault everybody comes at once, and a snapshot of a large centre is megabytes.
_MOMENT_S = 0.25
_MOST_SNAPSHOTS = 16
_QUEUE_MOVES = (notices.CallQueued, notices.CallConnected, notices.CallEnded)

_Render: TypeAlias = Callable[[], Any]  # Of a view, which never changes, so it can wait.


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One event, for everybody."""

    seq: int
    full: Text
    part: Text | None = None  # For those whom it does not concern; None if they do not see it.
    # Whom it concerns, besides the supervisors, and what each is told: he may do less than they.
    agents: Mapping[AgentId, Text] = field(default_factory=dict)
    queues: tuple[QueueId, ...] | None = None  # Only who serves one of these sees it in part.
    routers: bool = False  # It concerns those who choose agents.
    supervisors: bool = True
    colleague: bool = False  # How a colleague is: not everybody wants to know.
    about: Sequence[QueueId | None] | None = None  # The queues it is told of; None: it is of none.


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """One who listens; with `mine_only` he is not told how his colleagues are. What concerns him he is told of

    whatever queues he wants to hear of.
    """

    user: User
    mine_only: bool = False
    interest: Interest = EVERYTHING


Hear: TypeAlias = Callable[[Sequence[Frame]], None]
Overhear: TypeAlias = Callable[[str, Callable[[], bytes]], None]


class Feed:
    """The events of this process. Numbers begin with the time, so those of an earlier run are behind it."""

    def __init__(
        self,
        switchboard: Switchboard,
        *,
        history: int = HISTORY,
        seq: int | None = None,
        backgrounds: Backgrounds | None = None,
        masks: Masks | None = None,
    ) -> None:
        """`seq`: the engine and its feed are elsewhere, and this one counts on from there as that one does."""
        backgrounds, masks = backgrounds or Backgrounds(), masks or Masks()
        backgrounds.on_change(self.caller_changed)
        self.views = views.Views(backgrounds, masks, self._picks_up)
        self._switchboard = switchboard
        self._seq = switchboard.now_ms() * 1000 if seq is None else seq
        self._own_time = seq is None
        self.told_caller: Callable[[CallId], None] = lambda call: None  # For the feeds elsewhere.
        self.told_case: Callable[[CaseNews], None] = lambda news: None  # For the feeds elsewhere.
        self.told_queues: Callable[[int], None] = lambda at: None  # When, for the feeds elsewhere.
        self._frames: deque[Frame] = deque(maxlen=history)
        self._hear: Hear = lambda frames: None
        self._overhear: Overhear | None = None
        self._broken: Callable[[], None] = lambda: None
        self._calls: dict[CallId, CallView] = {}  # As they were last told of: the board forgets.
        self._colleagues: dict[AgentId, Agent] = {}  # As was last told of them in part.
        self._served: dict[AgentId, tuple[QueueId, ...]] = {}  # As was last told.
        self._queues: Mapping[QueueId, QueueView] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._snapshots: dict[Audience, bytes] = {}
        self._look_at_queues()

    def publish(self, hear: Hear, *, broken: Callable[[], None]) -> None:
        """Give the frames of each step to `hear`; `broken` is called when frames have been lost for everybody."""
        self._hear = hear
        self._broken = broken
        self._calls = dict(self._switchboard.board.calls)
        self._switchboard.listen(self._told, first=True)

    def let_overhear(self, overhear: Overhear) -> None:
        """Tell somebody besides of every event that supervisors hear: its name, and how to have its text."""
        self._overhear = overhear

    @property
    def seq(self) -> int:
        """The number of the newest event."""
        return self._seq

    def since(self, seq: int, audience: Audience) -> list[bytes] | None:
        """What this audience has missed after event `seq`, or None if that is no longer known."""
        oldest = self._frames[0].seq if self._frames else self._seq + 1
        if not oldest - 1 <= seq <= self._seq:
            return None
        missed = (frame for frame in self._frames if frame.seq > seq)
        seen = (self.seen(frame, audience) for frame in missed)
        return [text.frame() for text in seen if text is not None]

    def seen(self, frame: Frame, audience: Audience) -> Text | None:
        """What this audience sees of a frame."""
        user = audience.user
        if audience.interest is not EVERYTHING:
            about = None if user.agent in frame.agents else frame.about
            if not audience.interest.hears(topic_of(frame.full.event), about):
                return None
        if frame.routers and user.routes:
            return frame.full
        if user.supervises:
            return frame.full if frame.supervisors else None
        if user.agent is not None and user.agent in frame.agents:
            return frame.agents[user.agent]
        if frame.part is None or (audience.mine_only and frame.colleague):
            return None
        if frame.queues is None:
            return frame.part
        serves = self.serves(user)
        return frame.part if any(queue in serves for queue in frame.queues) else None

    def snapshot(self, audience: Audience) -> bytes:
        """All that this audience sees now; made once for all who come at the same moment."""
        snapshot = self._snapshots.get(audience)
        if snapshot is None:
            snapshot = self._snapshot(audience)
            if len(self._snapshots) < _MOST_SNAPSHOTS:
                self._snapshots[audience] = snapshot
                asyncio.get_running_loop().call_later(_MOMENT_S, self._snapshots.clear)
        return snapshot

    def _snapshot(self, audience: Audience) -> bytes:
        board, user = self._switchboard.board, audience.user
        serves, hears = self.serves(user), audience.interest.hears
        agents = [
            views.agent(view, full=sight is Sight.FULL)
            for view in board.agents.values()
            if (sight := rights.sight_of_agent(user, serves, view)) is Sight.FULL
            or (sight is Sight.PART and not audience.mine_only)
            if hears("agents", None if view.id == user.agent else view.queues)
        ]
        calls = [
            self.views.call(view, full=True, supervises=user.supervises, agent=user.agent)
            for view in board.calls.values()
            if rights.sight_of_call(user, serves, view) is Sight.FULL
            and hears("calls", None if rights.has_in_hand(user, view) else (view.queue,))
        ]
        queues = [
            views.queue(view)
            for name, view in board.queues().items()
            if rights.sees_queue(user, serves, name) and hears("queues", (name,))
        ]
        frame: Snapshot = {
            "type": "snapshot",
            "seq": self._seq,
            "at": self._switchboard.now_ms(),
            "you": views.you(user),
            "agents": agents,
            "queues": queues,
            "calls": calls,
            "nodes": {str(node): up for node, up in board.nodes.items() if hears("centre", None)},
        }
        return encoded(frame)

    def serves(self, user: User) -> tuple[QueueId, ...]:
        """The queues that this user serves."""
        return self._served_by(user.agent) if user.agent else ()

    def close(self) -> None:
        """Tell no more about queues."""
        if self._timer is not None:
            self._timer.cancel()

    # What comes in.

    def _told(self, heard: Sequence[notices.Notice]) -> None:
        try:
            moved = [notice for notice in heard if isinstance(notice, _QUEUE_MOVES)]
            if any(n.queue and n.queue not in self.views.queue_names for n in moved):
                self._learn_names(self._switchboard.board.queues())
            self._tell(list(self._frames_of(heard)))
            for notice in heard:
                if isinstance(notice, notices.CallEnded):
                    self._calls.pop(notice.call, None)
            if moved and self._own_time and self._timer is None:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(QUEUES_EVERY_S, self.tell_queues)
        except Exception:
            self.fail()

    def fail(self) -> None:
        """Events are lost, by the fault that is being handled: everybody has to begin anew."""
        log.exception("an event could not be told: every listener has to begin anew")
        self._frames.clear()
        self._snapshots.clear()
        self._colleagues.clear()
        self._seq += 1  # Nobody can resume from before this.
        self._broken()

    def begin_anew(self, seq: int) -> None:
        """Whatever has happened is not known here: all is as the board says after event `seq`."""
        self._frames.clear()
        self._colleagues.clear()
        self._seq = seq
        self._calls = dict(self._switchboard.board.calls)
        self._look_at_queues()
        self.part()

    def part(self) -> None:
        """End every listener: he must come back, and then hears how everything is."""
        self._snapshots.clear()
        self._broken()

    def tell_queues(self, at: int | None = None) -> None:
        """Tell of the queues that are different from when they were last told of."""
        self._timer = None
        at = self._switchboard.now_ms() if at is None else at
        before = self._queues
        self._look_at_queues()
        frames = []
        for name, view in self._queues.items():
            if before.get(name) != view:
                rendered = partial(views.queue, view)
                event = self._event(at, "queue-changed", {"queue": name}, rendered, state_of=name)
                frames.append(
                    Frame(seq=self._seq, full=event, part=event, queues=(name,), about=(name,))
                )
        self._tell(frames)
        self.told_queues(at)

    def _tell(self, frames: Sequence[Frame]) -> None:
        self._snapshots.clear()
        self._frames.extend(frames)
        self._hear(frames)
        if (overhear := self._overhear) is not None:
            for frame in frames:
                if frame.supervisors:
                    overhear(frame.full.event, frame.full.message)

    def _look_at_queues(self) -> None:
        self._queues = self._switchboard.board.queues()
        self._learn_names(self._queues)

    def _learn_names(self, queues: Mapping[QueueId, QueueView]) -> None:
        self.views.queue_names = {name: view.name for name, view in queues.items()}

    def _frames_of(self, heard: Sequence[notices.Notice]) -> Iterator[Frame]:
        # An agent who becomes ready and is offered a call in one step was never seen idle.
        last = {n.agent: n for n in heard if isinstance(n, notices.AgentStateChanged)}
        for notice in heard:
            match notice:
                case notices.AgentStateChanged():
                    if last[notice.agent] is notice:
                        yield from self._agent(notice)
                case notices.DutiesChanged() | notices.FollowingChanged():
                    pass  # The agent's state is told after it, and the view says it all.
                case notices.Supervised():
                    fields: dict[str, Any] = {
                        "agent": notice.agent,
                        "by": notice.by,
                        "action": notice.action,
                        "reason": views.plain(notice.reason),
                    }
                    of_calls = notice.action in SUPERVISION_ACTS
                    told = not of_calls or self.views.masks.agents_see_supervision
                    yield self._supervisors(
                        notice.at, "supervised", fields, notice.agent if told else None
                    )
                case notices.NodeStateChanged():
                    fields = {"node": notice.node, "connected": notice.connected}
                    event = self._event(notice.at, "node-changed", fields, state_of=notice.node)
                    yield Frame(seq=self._seq, full=event, part=event)
                case notices.Misconfigured():
                    fields = {
                        "call": notice.call,
                        "problem": views.plain(notice.problem, views.LONGEST_PROBLEM),
                    }
                    yield self._supervisors(notice.at, "misconfigured", fields)
                case notices.Repaired():
                    fields = {"call": notice.call, "problem": notice.problem}
                    yield self._supervisors(notice.at, "repaired", fields)
                case notices.OutcomeRecorded():
                    fields = {
                        "call": notice.call,
                        "agent": notice.agent,
                        "outcome": notice.outcome,
                    }
                    yield self._supervisors(notice.at, "outcome-recorded", fields, notice.agent)
                case notices.RouteRequested():
                    yield self._question(notice)
                case notices.RouteEnded():
                    fields = {
                        "call": notice.call,
                        "route": notice.route,
                        "queue": notice.queue,
                        "ending": notice.ending.value,
                        "by": notice.by,
                    }
                    ended = self._supervisors(notice.at, "route-ended", fields)
                    yield replace(ended, routers=True, about=(notice.queue,))
                case notices.PreviewOffered():
                    yield self._preview(notice)
                case notices.PreviewEnded() | notices.SurveyAnswered():
                    yield self._follow_up(notice)
                case notices.Accepted() | notices.Refused() | notices.RecordingKept():
                    pass  # Told to whoever asked; or nothing that a screen would show.
                case _:
                    yield self._call(notice)

    def _preview(self, notice: notices.PreviewOffered) -> Frame:
        """For the agent, and the supervisors: each is shown of the customer what he may see."""

        def shown(supervises: bool) -> Mapping[str, Any]:
            preview = self.views.preview(notice, supervises=supervises)
            return {"agent": notice.agent, "preview": preview}

        full = self._event(notice.at, "preview-offered", shown(True))
        his = self._text(notice.at, "preview-offered", shown(False), None)
        return Frame(
            seq=self._seq,
            full=full,
            agents={notice.agent: his},
            about=self._served_by(notice.agent) or None,
        )

    def _follow_up(self, notice: notices.PreviewEnded | notices.SurveyAnswered) -> Frame:
        """A score is not for the agent: he would know which caller thinks what of him."""
        if isinstance(notice, notices.PreviewEnded):
            shown = ("agent", "task", "list", "outcome", "call")
            fields = {name: getattr(notice, name) for name in shown}
            fields["reason"] = views.plain(notice.reason)
            return self._supervisors(notice.at, "preview-ended", fields, notice.agent)
        names = ("call", "agent", "queue", "question", "scale", "score")
        fields = {name: getattr(notice, name) for name in names}
        return self._supervisors(notice.at, "survey-answered", fields)

    def _question(self, notice: notices.RouteRequested) -> Frame:
        """For those who choose agents, and for nobody else: it is many, and says much."""
        view = self._switchboard.board.calls.get(notice.call) or self._calls[notice.call]
        fields = {
            "call": notice.call,
            "route": notice.route,
            "queue": notice.queue,
            "requires": list(notice.requires),
            "waited_ms": notice.waited_ms,
            "attempts": notice.attempts,
            "answer_by": notice.answer_by,
            "candidates": [views.candidate(one) for one in notice.candidates],
            "view": self.views.call(view, full=True, supervises=False),
        }
        event = self._event(notice.at, "route-requested", fields)
        return Frame(
            seq=self._seq, full=event, routers=True, supervisors=False, about=(notice.queue,)
        )

    def _agent(self, notice: notices.AgentStateChanged) -> Iterator[Frame]:
        view = self._switchboard.board.agents.get(notice.agent)
        if view is None:
            return  # No longer configured.
        fields = {"agent": view.id}
        full = self._event(
            notice.at,
            "agent-changed",
            fields,
            partial(views.agent, view, full=True),
            state_of=view.id,
        )
        before, self._served[view.id] = self._served.get(view.id, ()), view.queues
        part: Text | None = None
        news = views.agent(view, full=False)
        if self._colleagues.get(view.id) != news:
            self._colleagues[view.id] = news
            part = self._text(notice.at, "agent-changed", fields, lambda: news, state_of=view.id)
        yield Frame(
            seq=self._seq,
            full=full,
            part=part,
            agents={view.id: full},
            queues=view.queues,
            colleague=True,
            about=(*view.queues, *before),
        )

    def _call(self, notice: CallNotice) -> Frame:
        before = self._calls.get(notice.call)
        view = self._view_of(notice)
        name, shown = NAMES[type(notice)], SHOWN.get(type(notice), ())
        fields: dict[str, Any] = {"call": notice.call}
        fields |= {field: getattr(notice, field) for field in shown}
        agents: tuple[AgentId | None, ...] = ()
        if isinstance(notice, notices.CallerRecognised):
            # Else the agent hears it from the offer, which comes after.
            agents = (view.agent, *view.ringing) if notice.late else ()
        elif isinstance(notice, notices.DataChanged):
            agents = (view.agent, *view.ringing)
        elif "agent" in shown:
            agents = (fields["agent"],)
        if isinstance(notice, notices.CallTakenOver):
            agents += (notice.by,)
        if isinstance(notice, notices.SupervisionChanged | notices.SupervisionEnded):
            agents += (notice.of,) if self.views.masks.agents_see_supervision else ()
        if view.parties or isinstance(notice, notices.PartyLeft | OutsiderNotice):
            agents += (view.agent, *(one.agent for one in view.parties))
        # Whoever watches the queue that it leaves is told, too.
        left = before.queue if before is not None else None
        return self._of_call(notice.at, name, fields, view, agents, left=left)

    def _of_call(
        self,
        at: int,
        name: str,
        fields: Mapping[str, Any],
        view: CallView,
        agents: Iterable[AgentId | None],
        *,
        left: QueueId | None = None,
    ) -> Frame:
        """An event of a call, for the supervisors and these agents: each is shown what he may do with it."""
        event = self._event(at, name, fields, self._shown(view, supervises=True))
        mine = event
        # It rang at their phones and is theirs no more; or they may not do, or see, all that supervisors may.
        if view.phase in ("waiting", "talking", "outside") or self.views.masks.differ:
            mine = self._text(at, name, fields, self._shown(view, supervises=False))
        told: dict[AgentId, Text] = {}
        for agent in agents:
            if agent is None or agent in told:
                continue
            told[agent] = mine
            beside = view.phase == "talking" and agent != view.agent
            if beside or (rights.rings_at(agent, view) and self._picks_up(agent)):
                his = self._shown(view, supervises=False, agent=agent)
                told[agent] = self._text(at, name, fields, his)
        return Frame(seq=self._seq, full=event, agents=told, about=(view.queue, left))

    def _shown(self, view: CallView, *, supervises: bool, agent: AgentId | None = None) -> _Render:
        """The call as it will be shown, with what is known of its caller now."""
        background = self.views.backgrounds.of(view.id)
        return partial(
            self.views.call,
            view,
            full=True,
            supervises=supervises,
            agent=agent,
            background=background,
        )

    def caller_changed(self, call: CallId) -> None:
        """More is known of a caller: whoever has him on the screen already is told."""
        view = self._switchboard.board.calls.get(call)
        if view is None or view.identity is UNIDENTIFIED:
            return  # Who hears of him later hears it all at once.
        agents = (view.agent, *view.ringing, *(one.agent for one in view.parties))
        at, fields = self._switchboard.now_ms(), {"call": call}
        self._tell([self._of_call(at, "caller-changed", fields, view, agents)])
        self.told_caller(call)

    def case_changed(self, news: CaseNews) -> None:
        """Something owed is different: for the supervisors, whose it is, or, if nobody's, who serves the queue."""
        self._tell([self._case(news)])
        self.told_case(news)

    def _case(self, news: CaseNews) -> Frame:
        shown = {field.name: getattr(news, field.name) for field in fields(news)}
        at = shown.pop("at")
        if isinstance(news, PromiseChanged):
            owner = AgentId(news.owner) if news.owner is not None else None
            return replace(self._supervisors(at, "promise-changed", shown, owner), about=None)
        agent = AgentId(news.agent) if news.agent is not None else None
        frame = self._supervisors(at, "task-changed", shown, agent)
        if news.queue is None:
            return replace(frame, about=None)
        queues = (QueueId(news.queue),)
        return replace(
            frame, about=queues, queues=queues, part=frame.full if agent is None else None
        )

    def _view_of(self, notice: CallNotice) -> CallView:
        """The call after this step; one that is over, as it was last told of."""
        view = self._switchboard.board.calls.get(notice.call)
        if view is not None:
            self._calls[notice.call] = view
            return view
        view = self._calls.get(notice.call)
        if view is None:  # It has come and gone in one step.
            view = CallView(
                id=notice.call, phase="ended", number="", name="", dialled="", started_at=notice.at
            )
        if isinstance(notice, notices.CallEnded):
            view = replace(view, phase="ended", queue=notice.queue, agent=notice.agent)
            self._calls[notice.call] = view  # Until the end of the step: its offer ends after it.
        return view

    def _supervisors(
        self, at: int, name: str, fields: Mapping[str, Any], *agents: AgentId | None
    ) -> Frame:
        """An event for the supervisors, and for the agents whom it concerns."""
        event = self._event(at, name, fields)
        return Frame(
            seq=self._seq,
            full=event,
            agents={agent: event for agent in agents if agent},
            about=[queue for agent in agents if agent for queue in self._served_by(agent)] or None,
        )

    def _picks_up(self, agent: AgentId) -> bool:
        view = self._switchboard.board.agents.get(agent)
        return view is not None and view.remote_answer

    def _served_by(self, agent: AgentId) -> tuple[QueueId, ...]:
        view = self._switchboard.board.agents.get(agent)
        return view.queues if view is not None else ()

    def _event(
        self,
        at: int,
        name: str,
        fields: Mapping[str, Any],
        view: _Render | None = None,
        *,
        state_of: str | None = None,
    ) -> Text:
        self._seq += 1
        return self._text(at, name, fields, view, state_of=state_of)

    def _text(
        self,
        at: int,
        name: str,
        fields: Mapping[str, Any],
        view: _Render | None,
        *,
        state_of: str | None = None,
    ) -> Text:
        event = {"type": "event", "seq": self._seq, "at": at, "event": name, **fields}
        make = (lambda: event) if view is None else (lambda: {**event, "view": view()})
        return Text(name, make, state_of=state_of)
