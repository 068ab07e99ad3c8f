"""Makes facts of a queue_log's calls, as if we had been there; asks nobody, and adds nothing of its own.

How long somebody waited or talked is what app_queue says in its line, so that a report over these facts agrees with
app_queue's own figures of the same file. A line is told by what came before it: what began before the file, or goes on
after it, is counted and left out; given again with more of the file, it is there.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from acd.core.agent import AgentState
from acd.core.notices import Ending
from acd.core.offer import OfferOutcome
from acd.queue_log.line import Line
from acd.queue_log.members import MEMBER_EVENTS, Members, Names
from acd.reports.facts import ABANDONED, ANSWERED, ENDED, MAX_WAIT, TRANSFERRED, Fact, Kind
from acd.reports.going_on import OpenState

NODE = "queue-log"  # Calls of a file have names of their own: they are never taken for one that we had.
# Who left a queue and has not come to another within this has left for good.
_ON_HIS_WAY_MS = 30 * 60_000
# Nobody waits or talks for longer: its end is not in the file.
_FOREVER_MS = 24 * 3_600_000

_OUR_WORD = re.compile("[a-z]+(-[a-z]+){0,3}")
# How a stay ends by each line: (result, where in the data the wait stands).
_LEFT = {
    "ABANDON": (ABANDONED, 2),
    "EXITWITHTIMEOUT": (MAX_WAIT, 2),
    "EXITWITHKEY": ("exit-key", 3),
    "EXITEMPTY": ("unstaffed", 2),
    "WITHDRAW": ("withdrawn", 2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who called, as far as his number tells."""

    number: str | None  # E.164
    person: str | None  # As facts call him; None: nobody can be told.
    customer: str | None
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """A call that is over, as the table of calls has it; the times are milliseconds since 1970."""

    id: str
    started_at: int
    ended_at: int
    number_raw: str
    who: Who
    dialled: str | None
    queue: str
    queued_at: int
    agent: str | None
    answered_at: int | None
    ending: str
    waited_ms: int
    talked_ms: int


@dataclass(slots=True)
class _Stay:
    queue: str
    began_at: int


@dataclass(slots=True)
class _Talk:
    queue: str
    agent: str
    began_at: int
    offer: str


@dataclass(slots=True)
class _Call:
    began_at: int
    number: str
    who: Who
    dialled: str | None
    queue: str
    queued_at: int
    facts: list[Fact] = field(default_factory=list)
    stay: _Stay | None = None
    talk: _Talk | None = None
    first_agent: str | None = None
    answered_at: int | None = None
    left_at: int = 0  # When the last part of it that is over ended.
    waited_ms: int = 0
    talked_ms: int = 0
    ending: Ending = Ending.RELEASED


class History:
    """Hears lines in order. `who` tells whose a number is; a call that is `known` is in the ledger, and passed over."""

    def __init__(
        self, names: Names, who: Callable[[str], Who], known: Callable[[str], bool]
    ) -> None:
        self.seen: Counter[str] = Counter()  # Calls, by what became of them here.
        self._names = names
        self._members = Members(names)
        self._who = who
        self._known = known
        self._calls: dict[str, _Call] = {}
        self._dialled: dict[str, str] = {}
        self._passed: dict[str, None] = {}
        self._now = 0

    def hear(self, line: Line) -> Iterator[Fact | PastCall]:
        """What is over by this line. Raises BadLineError before anything is changed."""
        self._now = max(self._now, line.at)
        match line.event:
            case "QUEUESTART":
                yield from self._all_lost()
            case "DID":
                self._dialled[line.call] = line.text(0)
            case "ENTERQUEUE":
                yield from self._enter(line)
            case _ if line.event in MEMBER_EVENTS:
                yield from self._members.hear(line)
            case _ if line.event != "CONFIGRELOAD":
                call = self._calls.get(line.call)
                if call is not None:
                    yield from _CALLS[line.event](self, line, call)
                elif line.call not in self._passed:
                    self._passed[line.call] = None
                    self.seen["began before the file"] += 1

    def gone(self) -> Iterator[Fact | PastCall]:
        """The calls that have left for good by now; those who may come to another queue are waited for."""
        for name, call in list(self._calls.items()):
            idle = call.stay is None and call.talk is None
            if idle and self._now - call.left_at > _ON_HIS_WAY_MS:
                yield from self._close(name, call)
            elif self._now - max(call.left_at, call.queued_at) > _FOREVER_MS:
                yield from self._lost(name, call)
        for name in [n for n in self._dialled if n not in self._calls][:-1000]:
            del self._dialled[name]

    def open_at_the_end(self) -> int:
        """How many calls the file does not tell the end of. Those who have left, but lately, are not told yet."""
        return len(self._calls)

    def _enter(self, line: Line) -> Iterator[Fact | PastCall]:
        if line.call in self._passed:
            return
        queue = self._names.queue(line.queue)
        call = self._calls.get(line.call)
        if call is None:
            if self._known(line.call):
                self._passed[line.call] = None
                self.seen["in the ledger already"] += 1
                return
            number = line.text(1)
            dialled = self._dialled.pop(line.call, None) or None
            call = _Call(line.at, number, self._who(number), dialled, queue, line.at)
            self._calls[line.call] = call
        if call.stay is not None and call.stay.queue == queue:
            return  # Told again.
        if call.stay is not None:  # The end of that was lost.
            self._leave(line.call, call, "lost", line.at - call.stay.began_at)
        if call.talk is not None:
            yield from self._hang_up(line, call, TRANSFERRED, None)
        began_at = max(line.at, call.left_at)
        call.stay = _Stay(queue, began_at)
        call.queue, call.queued_at = queue, began_at
        call.ending = Ending.RELEASED

    def _left(self, line: Line, call: _Call) -> Iterator[Fact | PastCall]:
        result, place = _LEFT[line.event]
        waited_ms = 1000 * line.number(place)
        if call.stay is None:
            return
        if place >= len(line.data):  # Asterisk of long ago said only the position.
            waited_ms = line.at - call.stay.began_at
        own = line.text(place + 1)  # Of Asterisk, why somebody withdrew him; of ours, our own word.
        if result != ABANDONED and _OUR_WORD.fullmatch(own):
            result = own
        self._leave(line.call, call, result, waited_ms)
        if result == ABANDONED:
            call.ending = Ending.ABANDONED
            yield from self._close(line.call, call)

    def _connect(self, line: Line, call: _Call) -> Iterator[Fact | PastCall]:
        waited_ms, rang_ms = 1000 * line.number(0), 1000 * line.number(2)
        if call.stay is None:
            return
        agent = self._names.agent(line.agent)
        queue, at = call.stay.queue, call.stay.began_at + waited_ms
        self._leave(line.call, call, ANSWERED, waited_ms, agent)
        offer = self._offer(line, call, queue, agent, at - rang_ms, at, ANSWERED)
        call.talk = _Talk(queue, agent, at, offer)
        call.first_agent = call.first_agent or agent
        call.answered_at = call.answered_at or at
        talks = OpenState(
            state=AgentState.TALKING.value,
            since=line.at,
            conversation=_name(line.call),
            queue=call.queue,
            dialled=call.dialled,
            person=call.who.person,
        )
        yield from self._members.talks(agent, talks, line.at)

    def _complete(self, line: Line, call: _Call) -> Iterator[Fact | PastCall]:
        transferred = line.event.endswith("TRANSFER")
        # A transfer says first to where; the last three are always held, talked, position.
        talked_ms = 1000 * (line.number(-2) if transferred else line.number(1))
        if transferred and len(line.data) == 4:  # Of before Asterisk 1.6: without the position.
            talked_ms = 1000 * line.number(3)
        if call.talk is None:
            return
        to = line.text(0) if line.event != "ATTENDEDTRANSFER" else line.text(1)
        result = TRANSFERRED if transferred else ENDED
        yield from self._hang_up(line, call, result, to if transferred else None, talked_ms)
        call.ending = Ending.COMPLETED
        if not transferred:  # Else he may come to another queue.
            yield from self._close(line.call, call)

    def _rang(self, line: Line, call: _Call) -> Iterator[Fact | PastCall]:
        ms = line.number(0)
        outcome = OfferOutcome.WITHDRAWN
        if line.event == "RINGNOANSWER":
            # app_queue says 0 of a phone that was busy, or not there.
            outcome = OfferOutcome.NO_ANSWER if ms else OfferOutcome.UNREACHABLE
        queue = self._names.queue(line.queue)
        agent = self._names.agent(line.agent)
        self._offer(line, call, queue, agent, line.at - ms, line.at, outcome.value)
        yield from ()

    def _offer(
        self,
        line: Line,
        call: _Call,
        queue: str,
        agent: str,
        began_at: int,
        ended_at: int,
        result: str,
    ) -> str:
        subject = f"{_name(line.call)}~{agent}~{len(call.facts)}"
        call.facts.append(
            self._fact(
                Kind.OFFER, line.call, call, subject, began_at, ended_at, queue, agent, result
            )
        )
        return subject

    def _leave(
        self, name: str, call: _Call, result: str, waited_ms: int, agent: str | None = None
    ) -> None:
        stay, call.stay = call.stay, None
        assert stay is not None
        ended_at = stay.began_at + max(0, waited_ms)
        call.left_at = ended_at
        call.waited_ms += max(0, waited_ms)
        subject = f"{_name(name)}@{stay.queue}"
        call.facts.append(
            self._fact(
                Kind.STAY, name, call, subject, stay.began_at, ended_at, stay.queue, agent, result
            )
        )

    def _hang_up(
        self, line: Line, call: _Call, result: str, to: str | None, talked_ms: int | None = None
    ) -> Iterator[Fact]:
        talk, call.talk = call.talk, None
        assert talk is not None
        if talked_ms is None:
            talked_ms = max(0, line.at - talk.began_at)
        call.left_at = talk.began_at + talked_ms
        call.talked_ms += talked_ms
        call.facts.append(
            self._fact(
                Kind.TALK,
                line.call,
                call,
                talk.offer,
                talk.began_at,
                call.left_at,
                talk.queue,
                talk.agent,
                result,
                to,
            )
        )
        yield from self._members.talks(talk.agent, None, line.at)

    def _lost(self, name: str, call: _Call) -> Iterator[Fact | PastCall]:
        """Asterisk was restarted, or the end of it is in no file."""
        at = max(call.left_at, call.queued_at)
        if call.stay is not None:
            self._leave(name, call, Ending.LOST.value, 0)
        if call.talk is not None:
            line = Line(at, name, call.talk.queue, call.talk.agent, "COMPLETEAGENT")
            yield from self._hang_up(line, call, ENDED, None, 0)
        call.ending = Ending.LOST
        yield from self._close(name, call)

    def _all_lost(self) -> Iterator[Fact | PastCall]:
        for name, call in list(self._calls.items()):
            yield from self._lost(name, call)

    def _close(self, name: str, call: _Call) -> Iterator[Fact | PastCall]:
        del self._calls[name]
        self.seen["calls"] += 1
        body = {
            "direction": "in",
            "waited_ms": call.waited_ms,
            "talked_ms": call.talked_ms,
            "confidence": call.who.confidence,
            "repeats": 0,  # No rule of ours has seen it.
        }
        whole = self._fact(
            Kind.CALL,
            name,
            call,
            _name(name),
            call.began_at,
            max(call.left_at, call.began_at),
            call.queue,
            call.first_agent,
            call.ending.value,
            body=body,
        )
        yield from (*call.facts, whole)
        yield PastCall(
            id=_name(name),
            started_at=call.began_at,
            ended_at=whole.ended_at,
            number_raw=call.number,
            who=call.who,
            dialled=call.dialled,
            queue=call.queue,
            queued_at=call.queued_at,
            agent=call.first_agent,
            answered_at=call.answered_at,
            ending=call.ending.value,
            waited_ms=call.waited_ms,
            talked_ms=call.talked_ms,
        )

    def _fact(
        self,
        kind: Kind,
        name: str,
        call: _Call,
        subject: str,
        began_at: int,
        ended_at: int,
        queue: str,
        agent: str | None,
        result: str,
        detail: str | None = None,
        *,
        body: Mapping[str, Any] | None = None,
    ) -> Fact:
        return Fact(
            kind=kind,
            began_at=began_at,
            ended_at=ended_at,
            subject=subject,
            conversation=_name(name),
            queue=queue,
            agent=agent,
            team=self._names.teams.get(agent) if agent is not None else None,
            dialled=call.dialled,
            person=call.who.person,
            result=result,
            detail=detail,
            body=body,
        )


_CALLS: Mapping[str, Callable[[History, Line, _Call], Iterator[Fact | PastCall]]] = {
    **dict.fromkeys(_LEFT, History._left),
    "CONNECT": History._connect,
    "COMPLETEAGENT": History._complete,
    "COMPLETECALLER": History._complete,
    "TRANSFER": History._complete,
    "BLINDTRANSFER": History._complete,
    "ATTENDEDTRANSFER": History._complete,
    "RINGNOANSWER": History._rang,
    "RINGCANCELED": History._rang,
}


def _name(uniqueid: str) -> str:
    return f"{NODE}:{uniqueid}"
