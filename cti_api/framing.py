"""Makes the frames of which listeners are told: of each notice, for everybody whom it may concern; tells nobody.

A frame says who sees what of it. What it shows is rendered when the first of them is to have it, and is how things
stood when it was made.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, fields, replace
from functools import partial
from typing import Any, TypeAlias

from acd.cases.news import CaseNews, PromiseChanged
from acd.core import notices
from acd.core.board import CallView, QueueView
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.outsider import OutsiderNotice
from acd.core.record import record
from acd.core.supervision import SUPERVISION_ACTS
from cti_api import rights, views
from cti_api.call_events import NAMES, SHOWN, CallNotice
from cti_api.ports import Switchboard
from cti_api.shapes.agents import Agent
from cti_api.texts import Text

_Render: TypeAlias = Callable[[], Any]  # Of a view, which never changes, so it can wait.


@record
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
    by_phone: "ByPhone | None" = None  # What supervisors are told, where it matters who is asking.
    colleague: bool = False  # How a colleague is: not everybody wants to know.
    about: Sequence[QueueId | None] | None = None  # The queues it is told of; None: it is of none.


class ByPhone:
    """What supervisors are told of a call: those whose phone is in it, those who have none, and all others alike."""

    __slots__ = ("_alike", "_make", "_others", "_view")

    def __init__(self, view: CallView, alike: Text, make: Callable[[AgentId | None], Text]) -> None:
        self._view = view
        self._alike = alike
        self._make = make
        self._others: dict[AgentId | None, Text] = {}

    def of(self, phone: AgentId | None) -> Text:
        """For who has this agent's phone; None: he has none."""
        if phone is not None and not rights.is_in(phone, self._view):
            return self._alike
        text = self._others.get(phone)
        if text is None:
            text = self._others[phone] = self._make(phone)
        return text


class Framing:
    """Frames with their numbers. It remembers what was told last, for the board forgets."""

    def __init__(self, switchboard: Switchboard, shown: views.Views, seq: int) -> None:
        """`seq` is the number of the newest event so far."""
        self.seq = seq
        self._switchboard = switchboard
        self._views = shown
        self._calls: dict[CallId, CallView] = {}
        self._colleagues: dict[AgentId, Agent] = {}  # As was told of them in part.
        self._served: dict[AgentId, tuple[QueueId, ...]] = {}

    def begin(self, seq: int) -> None:
        """All that is known by event `seq` is how the board stands."""
        self.seq = seq
        self._calls = dict(self._switchboard.board.calls)
        self._colleagues.clear()

    def lose(self) -> None:
        """Events were lost: nobody can resume from before this, nor knows how his colleagues are."""
        self.seq += 1
        self._colleagues.clear()

    def of_step(self, heard: Sequence[notices.Notice]) -> list[Frame]:
        """What is told of one step of the engine."""
        frames = list(self._of_notices(heard))
        for notice in heard:
            if isinstance(notice, notices.CallEnded):
                self._calls.pop(notice.call, None)
        return frames

    def of_queue(self, view: QueueView, at: int) -> Frame:
        """How a queue stands."""
        name = view.id
        rendered = partial(views.queue, view)
        event = self._event(at, "queue-changed", {"queue": name}, rendered, state_of=name)
        return Frame(seq=self.seq, full=event, part=event, queues=(name,), about=(name,))

    def of_caller(self, view: CallView, at: int) -> Frame:
        """More is known of a caller: for whoever has him on the screen already."""
        agents = (view.agent, *view.ringing, *(one.agent for one in view.parties))
        return self._of_call(at, "caller-changed", {"call": view.id}, view, agents)

    def of_case(self, news: CaseNews) -> Frame:
        """Something owed is different: for the supervisors, whose it is, or, if nobody's, who serves the queue."""
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

    def served_by(self, agent: AgentId) -> tuple[QueueId, ...]:
        """The queues that this agent serves."""
        view = self._switchboard.board.agents.get(agent)
        return view.queues if view is not None else ()

    def _of_notices(self, heard: Sequence[notices.Notice]) -> Iterator[Frame]:
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
                    told = not of_calls or self._views.masks.agents_see_supervision
                    yield self._supervisors(
                        notice.at, "supervised", fields, notice.agent if told else None
                    )
                case notices.NodeStateChanged():
                    fields = {"node": notice.node, "connected": notice.connected}
                    event = self._event(notice.at, "node-changed", fields, state_of=notice.node)
                    yield Frame(seq=self.seq, full=event, part=event)
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
            preview = self._views.preview(notice, supervises=supervises)
            return {"agent": notice.agent, "preview": preview}

        full = self._event(notice.at, "preview-offered", shown(True))
        his = self._text(notice.at, "preview-offered", shown(False), None)
        return Frame(
            seq=self.seq,
            full=full,
            agents={notice.agent: his},
            about=self.served_by(notice.agent) or None,
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
            "view": self._views.call(view, full=True, supervises=False),
        }
        event = self._event(notice.at, "route-requested", fields)
        return Frame(
            seq=self.seq, full=event, routers=True, supervisors=False, about=(notice.queue,)
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
            seq=self.seq,
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
            agents += (notice.of,) if self._views.masks.agents_see_supervision else ()
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
        shown = self._shown(view, supervises=True, agent=rights.SOME_PHONE)
        event = self._event(at, name, fields, shown)
        by_phone: ByPhone | None = None
        if view.phase in ("waiting", "talking") or any(map(self._views.picks_up, view.ringing)):
            seq = self.seq

            def to_phone(phone: AgentId | None) -> Text:
                shown = self._shown(view, supervises=True, agent=phone)
                return self._text(at, name, fields, shown, seq=seq)

            by_phone = ByPhone(view, event, to_phone)
        mine = event
        # They may not do, or see, all that supervisors may.
        if view.phase == "talking" or view.callback is not None or self._views.masks.differ:
            mine = self._text(at, name, fields, self._shown(view, supervises=False))
        told: dict[AgentId, Text] = {}
        for agent in agents:
            if agent is None or agent in told:
                continue
            told[agent] = mine
            # He is beside it, or it is not his any more; or his phone picks up.
            others = agent != view.agent and agent not in view.ringing
            if (
                others
                or agent in view.handed_on_by
                or (rights.rings_at(agent, view) and self._views.picks_up(agent))
            ):
                his = self._shown(view, supervises=False, agent=agent)
                told[agent] = self._text(at, name, fields, his)
        return Frame(
            seq=self.seq, full=event, agents=told, about=(view.queue, left), by_phone=by_phone
        )

    def _shown(self, view: CallView, *, supervises: bool, agent: AgentId | None = None) -> _Render:
        """The call as it will be shown, with what is known of its caller now."""
        background = self._views.backgrounds.of(view.id)
        return partial(
            self._views.call,
            view,
            full=True,
            supervises=supervises,
            agent=agent,
            background=background,
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
            seq=self.seq,
            full=event,
            agents={agent: event for agent in agents if agent},
            about=[queue for agent in agents if agent for queue in self.served_by(agent)] or None,
        )

    def _event(
        self,
        at: int,
        name: str,
        fields: Mapping[str, Any],
        view: _Render | None = None,
        *,
        state_of: str | None = None,
    ) -> Text:
        self.seq += 1
        return self._text(at, name, fields, view, state_of=state_of)

    def _text(
        self,
        at: int,
        name: str,
        fields: Mapping[str, Any],
        view: _Render | None,
        *,
        state_of: str | None = None,
        seq: int | None = None,
    ) -> Text:
        event = {
            "type": "event",
            "seq": self.seq if seq is None else seq,
            "at": at,
            "event": name,
            **fields,
        }
        make = (lambda: event) if view is None else (lambda: {**event, "view": view()})
        return Text(name, make, state_of=state_of)
