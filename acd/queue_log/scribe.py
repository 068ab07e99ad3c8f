"""Makes lines of a queue_log of our facts, for tools that read app_queue's; pure, and for no eyes of ours.

What app_queue has no event for is written as the nearest one that it has, with our word in a field of its own at the
end. Waits are rounded up to whole seconds, as our reports count them, so a service level is the same by both.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from acd.core.agent import AgentState
from acd.core.ids import CallId, uniqueid_of
from acd.core.offer import OfferOutcome
from acd.queue_log.line import NOBODY, Line
from acd.reports.facts import ABANDONED, ANSWERED, MAX_WAIT, OVERFLOW, TRANSFERRED, Fact, Kind

_LET_RING = {OfferOutcome.NO_ANSWER, OfferOutcome.REJECTED, OfferOutcome.UNREACHABLE}
# A queue that he left for one of these, he left because it took too long.
_BY_TIME = (MAX_WAIT, OVERFLOW)
# How long an agent may be unseen before he has gone home and come back.
_UNSEEN_MS = 60_000


@dataclass(slots=True)
class _Waits:
    """One who is in a queue, or was in one and talks."""

    queue: str
    position: int
    waited_s: int = 0


@dataclass(slots=True)
class _Shift:
    state: str
    why: str
    until: int


@dataclass(slots=True)
class Scribe:
    """Hears who comes into a queue, and facts in the order in which things ended. `agents` is what tools call them."""

    agents: Mapping[str, str] = field(default_factory=dict)
    resumed: dict[str, str] = field(default_factory=dict)  # Who waits where, by his uniqueid.
    _calls: dict[str, _Waits] = field(default_factory=dict)
    _waiting: Counter[str] = field(default_factory=Counter)
    _shifts: dict[str, _Shift] = field(default_factory=dict)

    def resume(self, lines: Iterable[Line]) -> None:
        """These were the last lines: who waits by them is not told again, nor who is logged in or on a break."""
        theirs = {name: agent for agent, name in self.agents.items()}
        for line in lines:
            agent = theirs.get(line.agent, line.agent)
            match line.event:
                case "ENTERQUEUE":
                    self._calls[line.call] = _Waits(line.queue, 1)
                    self._waiting[line.queue] += 1
                    self.resumed[line.call] = line.queue
                case "CONNECT" | "ABANDON" | "EXITWITHTIMEOUT" | "WITHDRAW":
                    if (queue := self.resumed.pop(line.call, None)) is not None:
                        self._waiting[queue] -= 1
                case "AGENTLOGIN" | "UNPAUSEALL":
                    self._shifts[agent] = _Shift(AgentState.READY.value, "", line.at)
                case "PAUSEALL":
                    self._shifts[agent] = _Shift(AgentState.NOT_READY.value, line.text(0), line.at)
                case "AGENTLOGOFF":
                    self._shifts.pop(agent, None)

    def enters(
        self, at: int, call: str, queue: str, number: str, dialled: str | None
    ) -> Iterator[Line]:
        """He waits from now on."""
        if self.resumed.pop(_uniqueid(call), None) == queue:
            return
        position = max(0, self._waiting[queue]) + 1
        self._waiting[queue] += 1
        self._calls[_uniqueid(call)] = _Waits(queue, position)
        if dialled:
            yield Line(at, _uniqueid(call), queue, NOBODY, "DID", (dialled,))
        yield Line(at, _uniqueid(call), queue, NOBODY, "ENTERQUEUE", ("", number, str(position)))

    def over(self, fact: Fact) -> Iterator[Line]:
        """This is over."""
        match fact.kind:
            case Kind.STAY:
                yield from self._left(fact)
            case Kind.OFFER:
                yield from self._offered(fact)
            case Kind.TALK:
                yield from self._talked(fact)
            case Kind.CALL:
                self._calls.pop(_uniqueid(fact.conversation or ""), None)
            case _:
                return

    def _left(self, fact: Fact) -> Iterator[Line]:
        call = _uniqueid(fact.conversation or "")
        queue, result = fact.queue or NOBODY, fact.result or ""
        waits = self._calls.setdefault(call, _Waits(queue, 1))
        waits.waited_s = -(-(fact.ended_at - fact.began_at) // 1000)
        if waits.queue == queue:
            self._waiting[queue] -= 1
        if result == ANSWERED:
            return  # With the offer, which follows, there is all that CONNECT says.
        event, own = "WITHDRAW", [result]
        if result == ABANDONED:
            event, own = "ABANDON", []
        elif result in _BY_TIME:
            event, own = "EXITWITHTIMEOUT", [result]
        place = (str(waits.position), str(waits.position), str(waits.waited_s))
        yield Line(fact.ended_at, call, queue, NOBODY, event, (*place, *own))

    def _offered(self, fact: Fact) -> Iterator[Line]:
        call, rang_ms = _uniqueid(fact.conversation or ""), fact.ended_at - fact.began_at
        event, data = "RINGCANCELED", [str(rang_ms)]
        if fact.result == ANSWERED:
            waits = self._calls.get(call)
            held = str(waits.waited_s if waits is not None else 0)
            event, data = "CONNECT", [held, _uniqueid(fact.subject), str(rang_ms // 1000)]
        elif fact.result in _LET_RING:
            not_there = fact.result == OfferOutcome.UNREACHABLE
            event, data = "RINGNOANSWER", ["0" if not_there else str(rang_ms)]
        yield self._line(fact, fact.ended_at, event, tuple(data))

    def _talked(self, fact: Fact) -> Iterator[Line]:
        waits = self._calls.get(_uniqueid(fact.conversation or ""))
        held, position = (waits.waited_s, waits.position) if waits is not None else (0, 1)
        talked = str(-(-(fact.ended_at - fact.began_at) // 1000))
        data = (str(held), talked, str(position))
        if fact.result == TRANSFERRED:
            to = (fact.detail or "", "cordboard")
            yield self._line(fact, fact.ended_at, "BLINDTRANSFER", (*to, *data))
        else:
            yield self._line(fact, fact.ended_at, "COMPLETECALLER", data)

    def stands(self, at: int, agent: str, state: str, why: str) -> Iterator[Line]:
        """What he does from now on, and of a break why."""
        before = self._shifts.get(agent)
        name = self.agents.get(agent, agent)

        def line(event: str, *data: str) -> Line:
            return Line(at, NOBODY, NOBODY, name, event, data)

        if state == AgentState.LOGGED_OUT:
            if self._shifts.pop(agent, None) is not None:
                yield line("AGENTLOGOFF", "", "")
            return
        if before is None:
            yield line("AGENTLOGIN", "")
        rested = before is not None and before.state == AgentState.NOT_READY
        if state == AgentState.NOT_READY and not (before and rested and before.why == why):
            yield line("PAUSEALL", why)
        elif state != AgentState.NOT_READY and rested:
            yield line("UNPAUSEALL", "")
        self._shifts[agent] = _Shift(state, why, at)

    def worked(self, fact: Fact) -> Iterator[Line]:
        """A stretch of an agent's time, of which these come in order: who is not seen between two, was not there."""
        agent = fact.agent or ""
        before = self._shifts.get(agent)
        if before is not None and fact.began_at - before.until > _UNSEEN_MS:
            yield from self.stands(before.until, agent, AgentState.LOGGED_OUT.value, "")
        yield from self.stands(fact.began_at, agent, fact.result or "", fact.detail or "")
        self._shifts[agent].until = fact.ended_at

    def all_go_home(self) -> Iterator[Line]:
        """There is no more: who is still there has gone when he was last seen."""
        for agent, shift in list(self._shifts.items()):
            yield from self.stands(shift.until, agent, AgentState.LOGGED_OUT.value, "")

    def _line(self, fact: Fact, at: int, event: str, data: tuple[str, ...]) -> Line:
        agent = self.agents.get(fact.agent or "", fact.agent or NOBODY)
        return Line(
            at, _uniqueid(fact.conversation or ""), fact.queue or NOBODY, agent, event, data
        )


def _uniqueid(call: str) -> str:
    """As Asterisk calls it: without the name of the Asterisk."""
    return uniqueid_of(CallId(call)) or call
