"""The single loop: an input goes to the engine, what follows is told and performed, and all is written down.

One writer, and no `await` between the engine's decision and its performance: everything that happens,
happens here, one after the other. Commands are performed first, for that is what a caller waits for; but where a
phone is to ring, who sits at it is told before, so that the screen pop is on its way before the INVITE. Records are
kept a moment later, of several steps together: they must not compete with Asterisk, nor with the look-up, for what a
caller waits for just then. What a person asked for is written down before he is answered. This module never
decides anything.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from traceback import extract_tb
from typing import Protocol

from acd.core.board import Board
from acd.core.commands import Command, RingAgent
from acd.core.engine import Engine, Input
from acd.core.events import Configured, Event, TimeReached
from acd.core.explain import Candidate, why, why_not
from acd.core.ids import AgentId, CallId
from acd.core.matching import Output
from acd.core.notices import Accepted, Notice, Refused
from acd.core.requests import Request

log = logging.getLogger(__name__)

Listener = Callable[[Sequence[Notice]], None]

_MOMENT_S = 0.02  # In which a caller is looked up, and an INVITE is on its way.
# So many faults are mended within this time. With more we would only go round in circles.
_MOST_FAULTS = 20
_FAULTS_WITHIN_MS = 60_000


class EngineAway(Exception):
    """The engine is in another process and does not answer: what was asked may have been done, or not."""


class Recorder(Protocol):
    """Keeps every input, with what followed from it."""

    def record_all(self, steps: Sequence[tuple[Input, Sequence[Output]]]) -> str:
        """Keep these inputs, in their order; returns where the last of them is."""


class Switchboard:
    """The engine with a loop and a timer around it; must be used from one event loop only."""

    def __init__(
        self,
        *,
        engine: Engine,
        now_ms: Callable[[], int],
        perform: Callable[[Command], None],
        recorder: Recorder | None = None,
    ) -> None:
        self.board = Board()
        self.reachable = True  # The engine is here.
        self.redis_heard: bool | None = (
            None  # Whether other processes hear us; None: there are none.
        )
        self.now_ms = now_ms
        self.look_around: Callable[[], None] = lambda: None  # Have all there is told of, soon.
        self.failed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._engine = engine
        self._perform = perform
        self._recorder = recorder
        self._faults_at: deque[int] = deque(maxlen=_MOST_FAULTS)
        self._first: list[Listener] = []
        self._listeners: list[Listener] = []
        self._late: list[Listener] = []
        self._unrecorded: list[tuple[Input, Sequence[Output], Sequence[Notice]]] = []
        self._recording: asyncio.TimerHandle | None = None
        self._inbox: deque[Input] = deque()
        self._busy = False
        self._last_at = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: int | None = None
        self._requests = 0

    def listen(self, listener: Listener, *, first: bool = False, late: bool = False) -> None:
        """Let `listener` hear all notices of each step. It must be quick; its own faults are logged and harm nobody.

        `first`: before a phone rings. `late`: a moment after, for those
        who keep records; the board may be further by then.
        """
        (self._first if first else self._late if late else self._listeners).append(listener)

    def deliver(self, event: Event) -> None:
        """Something has happened."""
        self._inbox.append(event)
        self._work()

    async def submit(self, request: Request) -> Accepted | Refused:
        """Somebody asks for something; time and name of the request are given here."""
        self._requests += 1
        name = f"r{self._requests}"
        answer: list[Accepted | Refused] = []

        def hear(notices: Sequence[Notice]) -> None:
            answer.extend(
                n for n in notices if isinstance(n, Accepted | Refused) and n.request == name
            )

        self._listeners.append(hear)
        try:
            self._inbox.append(replace(request, at=self.now_ms(), request=name))
            self._work()
        finally:
            self._listeners.remove(hear)
        self.write_down()
        assert answer, f"{type(request).__name__} was neither accepted nor refused"
        return answer[0]

    async def explain(self, call: CallId, agent: AgentId | None) -> Sequence[Candidate]:
        """Who gets this call and who does not, and why; of one agent, or of all in its queue."""
        state, at = self._engine.state, self.now_ms()
        return (why_not(state, agent, call, at),) if agent is not None else why(state, call, at)

    def stop(self) -> None:
        """Fire no more deadlines, and leave nothing unrecorded."""
        if self._timer is not None:
            self._timer.cancel()
        self.write_down()

    def write_down(self) -> str:
        """Record what is not yet recorded; returns where the last of it stands."""
        if self._recording is not None:
            self._recording.cancel()
            self._recording = None
        steps, self._unrecorded = self._unrecorded, []
        for _, _, notices in steps:
            _tell(self._late, notices)
        if self._recorder is None:
            return ""
        return self._recorder.record_all([(happening, outputs) for happening, outputs, _ in steps])

    def _work(self) -> None:
        if self._busy:
            return  # A listener has brought this: it comes after what is being done.
        self._busy = True
        try:
            while self._inbox:
                self._handle(self._inbox.popleft())
        finally:
            self._busy = False
        self._set_timer()

    def _handle(self, happening: Input) -> None:
        if self.failed.done():
            return
        if happening.at < self._last_at:  # Two edges have stamped within the same moment.
            happening = replace(happening, at=self._last_at)
        self._last_at = happening.at
        try:
            outputs, fault = self._engine.withstand(happening)
        except Exception as error:
            # What is left contradicts itself. A restart falls in with what Asterisk has.
            self._give_up(happening, error)
            return
        if isinstance(happening, Configured):
            self.board.configure(happening.configuration)
        commands: list[Command] = []
        notices: list[Notice] = []
        for output in outputs:
            if isinstance(output, Command):
                commands.append(output)
            else:
                notices.append(output)
        rings = any(isinstance(command, RingAgent) for command in commands)
        if rings:
            self._show(notices)
            # Phones first: that is what a caller waits for. What else was decided can wait its millisecond.
            commands.sort(key=lambda command: not isinstance(command, RingAgent))
        for command in commands:
            try:
                self._perform(command)
            except Exception as error:  # As if it had been lost on the way.
                _log_fault(logging.ERROR, "lost a command", happening, error, "")
                self.look_around()
        if not rings:  # The caller waits for the look-up, or for a voice.
            self._show(notices)
        _tell(self._listeners, notices)
        self._unrecorded.append((happening, outputs, notices))
        if fault is not None:
            self._survive(happening, fault)
        elif self._recording is None:
            loop = asyncio.get_running_loop()
            self._recording = loop.call_later(_MOMENT_S, self.write_down)

    def _show(self, notices: Sequence[Notice]) -> None:
        self.board.hear_all(notices)
        _tell(self._first, notices)

    def _survive(self, happening: Input, fault: Exception) -> None:
        """A fault was mended: say where it can be replayed. Too many in a short time are as bad as a broken state."""
        _log_fault(logging.ERROR, "was mended", happening, fault, self.write_down())
        self.look_around()
        first = self._faults_at[0] if len(self._faults_at) == _MOST_FAULTS else None
        self._faults_at.append(happening.at)
        if first is not None and happening.at - first < _FAULTS_WITHIN_MS:
            log.critical("%d faults in so short a time: we end, to begin anew", _MOST_FAULTS + 1)
            self.failed.set_result(fault)

    def _give_up(self, happening: Input, error: Exception) -> None:
        self._unrecorded.append((happening, [], []))
        _log_fault(logging.CRITICAL, "ends this process", happening, error, self.write_down())
        self.failed.set_result(error)

    def _set_timer(self) -> None:
        due = self._engine.next_deadline()
        if due == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = None
        if due is not None:
            delay = max(0, due - self.now_ms()) / 1000
            self._timer = asyncio.get_running_loop().call_later(delay, self._time_reached)

    def _time_reached(self) -> None:
        self._timer_at = None
        self.deliver(TimeReached(at=self.now_ms()))


def _log_fault(level: int, what: str, happening: object, fault: Exception, position: str) -> None:
    """Where it failed, line by line; not the words of the error, which may name a caller."""
    frames = extract_tb(fault.__traceback__)
    steps = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    kind, where = type(happening).__name__, position or "no journal"
    log.log(
        level,
        "a fault of ours %s: %s on %s (%s): %s",
        what,
        type(fault).__name__,
        kind,
        where,
        steps,
    )


def _tell(listeners: Sequence[Listener], notices: Sequence[Notice]) -> None:
    if notices:
        for listener in tuple(listeners):
            try:
                listener(notices)
            except Exception as fault:  # Neither the others nor the callers have to do with it.
                _log_fault(logging.ERROR, "kept a listener from hearing", notices[-1], fault, "")


def each(hear: Callable[[Notice], None]) -> Listener:
    """A listener who hears one notice after the other."""

    def hear_all(notices: Sequence[Notice]) -> None:
        for notice in notices:
            hear(notice)

    return hear_all
