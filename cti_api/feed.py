"""Notices become numbered frames, each encoded once for all who see it in full and once for the rest.

It is encoded when the first of them is to have it: a phone that is to ring must not wait for what others will
read of it. It never waits for a listener, and never raises into the engine's step: a frame that cannot be made
ends every socket, and whoever comes back begins with a snapshot. What an event shows is how things are after
the whole step, for a step is all or nothing.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from acd.cases.news import CaseNews
from acd.core import notices
from acd.core.board import QueueView
from acd.core.customer import UNIDENTIFIED
from acd.core.ids import AgentId, CallId, QueueId
from acd.pop import Backgrounds
from cti_api import rights, views
from cti_api.frames.stream import Snapshot
from cti_api.framing import Frame, Framing
from cti_api.interests import EVERYTHING, Interest, topic_of
from cti_api.masks import Masks
from cti_api.ports import Switchboard, User
from cti_api.rights import Sight
from cti_api.texts import Text, encoded

log = logging.getLogger(__name__)

HISTORY = 10_000
QUEUES_EVERY_S = 0.25  # Counts change with every call; nobody reads faster.
# After a fault everybody comes at once, and a snapshot of a large centre is megabytes.
_MOMENT_S = 0.25
_MOST_SNAPSHOTS = 16
_QUEUE_MOVES = (notices.CallQueued, notices.CallConnected, notices.CallEnded)


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
        self.views = views.Views(
            backgrounds, masks, self._picks_up, lambda: switchboard.board.calls_out
        )
        self._switchboard = switchboard
        self._framing = Framing(
            switchboard, self.views, switchboard.now_ms() * 1000 if seq is None else seq
        )
        self._own_time = seq is None
        # For the feeds elsewhere, with the time that it is told by: their clocks are others.
        self.told_caller: Callable[[CallId, int], None] = lambda call, at: None
        self.told_case: Callable[[CaseNews], None] = lambda news: None  # For the feeds elsewhere.
        self.told_queues: Callable[[int], None] = lambda at: None  # When, for the feeds elsewhere.
        self._frames: deque[Frame] = deque(maxlen=history)
        self._hear: Hear = lambda frames: None
        self._overhear: Overhear | None = None
        self._broken: Callable[[], None] = lambda: None
        self._queues: Mapping[QueueId, QueueView] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._snapshots: dict[Audience, bytes] = {}
        self._look_at_queues()

    def publish(self, hear: Hear, *, broken: Callable[[], None]) -> None:
        """Give the frames of each step to `hear`; `broken` is called when frames have been lost for everybody."""
        self._hear = hear
        self._broken = broken
        self._framing.begin(self.seq)
        self._switchboard.listen(self._told, first=True)

    def let_overhear(self, overhear: Overhear) -> None:
        """Tell somebody besides of every event that supervisors hear: its name, and how to have its text."""
        self._overhear = overhear

    @property
    def seq(self) -> int:
        """The number of the newest event."""
        return self._framing.seq

    def since(self, seq: int, audience: Audience) -> list[bytes] | None:
        """What this audience has missed after event `seq`, or None if that is no longer known."""
        oldest = self._frames[0].seq if self._frames else self.seq + 1
        if not oldest - 1 <= seq <= self.seq:
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
            if not frame.supervisors:
                return None
            return frame.full if frame.by_phone is None else frame.by_phone.of(user.agent)
        if user.agent is not None and user.agent in frame.agents:
            return frame.agents[user.agent]
        if frame.part is None or (audience.mine_only and frame.colleague):
            return None
        if frame.queues is None:
            return frame.part
        serves = self.serves(user)
        for queue in frame.queues:
            if queue in serves:
                return frame.part
        return None

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
            "seq": self.seq,
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
        return self._framing.served_by(user.agent) if user.agent else ()

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
            self._tell(self._framing.of_step(heard))
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
        self._framing.lose()
        self._broken()

    def begin_anew(self, seq: int) -> None:
        """Whatever has happened is not known here: all is as the board says after event `seq`."""
        self._frames.clear()
        self._framing.begin(seq)
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
        changed = [view for name, view in self._queues.items() if before.get(name) != view]
        self._tell([self._framing.of_queue(view, at) for view in changed])
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

    def caller_changed(self, call: CallId, at: int | None = None) -> None:
        """More is known of a caller: whoever has him on the screen already is told."""
        at = self._switchboard.now_ms() if at is None else at
        view = self._switchboard.board.calls.get(call)
        if view is None or view.identity is UNIDENTIFIED:
            return  # Who hears of him later hears it all at once.
        self._tell([self._framing.of_caller(view, at)])
        self.told_caller(call, at)

    def case_changed(self, news: CaseNews) -> None:
        """Something owed is different: for the supervisors, whose it is, or, if nobody's, who serves the queue."""
        self._tell([self._framing.of_case(news)])
        self.told_case(news)

    def _picks_up(self, agent: AgentId) -> bool:
        view = self._switchboard.board.agents.get(agent)
        return view is not None and view.remote_answer
