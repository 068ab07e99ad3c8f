"""What a run amounts to, folded from notices: service level, waits, who gave up, who overtook, load; decides nothing.

The cohort is every call that was queued. offered = answered + abandoned + flowed out, always.
Service level is `sl.offered`: answered within the threshold / (answered + abandoned - short abandons +
flowed out), where a short abandon is one within the threshold.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from acd.core import notices
from acd.core.callback import UNDONE, CallbackId, CallbackOutcome
from acd.core.handlers.waiting import CLOSED, QUEUE_FULL, UNSTAFFED
from acd.core.ids import AgentId, CallId, Direction, callback_of, direction_of
from acd.core.offer import OfferOutcome

THRESHOLD_MS = 20_000
_MISSED = (OfferOutcome.NO_ANSWER, OfferOutcome.REJECTED)
REFUSALS = (CLOSED, QUEUE_FULL, UNSTAFFED)  # As the dialplan is told.


@dataclass(slots=True)
class Load:
    """What one agent has done."""

    calls: int = 0  # Answered.
    called: int = 0  # Made: callbacks, and calls of his own.
    talked_ms: int = 0
    missed: int = 0


@dataclass(slots=True)
class Results:
    """Hear all notices of a run, in order; then ask."""

    answered: int = 0
    abandoned: int = 0
    flowed_out: int = 0
    in_time: int = 0
    short: int = 0
    # A phone rang for them before one did for an earlier caller of the same queue and priority.
    overtakes: int = 0
    waits_ms: list[int] = field(default_factory=list)  # Of the answered.
    agents: dict[AgentId, Load] = field(default_factory=dict)
    refused: int = 0  # Never let into a queue: closed, full, or nobody there.
    promised: int = 0  # Callbacks.
    paid: int = 0
    resumed: int = 0
    unpaid: int = 0
    debts_ms: int = 0  # From asking until they were reached, of those who were.
    called_out: int = 0  # Calls of agents' own that were answered.
    amiss: Counter[str] = field(default_factory=Counter)  # What these rules do not know, or refuse.
    _owed: dict[CallbackId, None] = field(default_factory=dict)
    _ringing: Counter[CallId] = field(default_factory=Counter)
    _joined: dict[CallId, notices.CallQueued] = field(default_factory=dict)
    _talking: dict[CallId, AgentId] = field(default_factory=dict)

    def hear_all(self, heard: Iterable[object]) -> None:
        """Hear what one step said; what is no notice is passed over."""
        for said in heard:
            self._hear(said)

    def _hear(self, said: object) -> None:
        match said:
            case notices.CallQueued():
                self._joined[said.call] = said
            case notices.CallOffered():
                self._offer(said)
            case notices.OfferEnded():
                self._ringing[said.call] -= said.call in self._ringing
                self._load(said.agent).missed += said.outcome in _MISSED
            case notices.CallConnected() if said.call in self._joined:
                self._answer(said)
            case notices.CallConnected() if direction_of(said.call) is Direction.OUT:
                self._call_out(said)
            case notices.CallTransferred() if said.agent in self.agents:
                self._load(said.agent).talked_ms += said.talked_ms
                self._talking.pop(said.call, None)
            case notices.CallEnded():
                self._end(said)
            case notices.CallbackChanged() if said.id not in self._owed:
                self._owed[said.id] = None
                self.promised += 1
            case notices.CallbackEnded():
                self._pay(said)

    def _offer(self, said: notices.CallOffered) -> None:
        mine = self._joined.get(said.call)
        self._ringing[said.call] += 1
        if mine is not None and said.attempt == 1:
            self.overtakes += any(
                other.queue == mine.queue
                and other.priority == mine.priority
                and other.joined_at < mine.joined_at
                and not self._ringing[call]
                for call, other in self._joined.items()
            )

    def _answer(self, said: notices.CallConnected) -> None:
        del self._joined[said.call]
        self._talking[said.call] = said.agent
        self.answered += 1
        self.waits_ms.append(said.waited_ms)
        self.in_time += said.waited_ms <= THRESHOLD_MS
        self._load(said.agent).calls += 1

    def _call_out(self, said: notices.CallConnected) -> None:
        self._talking[said.call] = said.agent
        self._load(said.agent).called += 1
        self.called_out += callback_of(said.call) is None

    def _pay(self, said: notices.CallbackEnded) -> None:
        self._owed.pop(said.id, None)
        if said.outcome is CallbackOutcome.REACHED:
            self.paid += 1
            self.debts_ms += said.at - said.callback.asked_at
        self.resumed += said.outcome is CallbackOutcome.RESUMED
        self.unpaid += said.outcome in UNDONE

    def _end(self, said: notices.CallEnded) -> None:
        self._ringing.pop(said.call, None)
        if (agent := self._talking.pop(said.call, None)) is not None:
            self._load(agent).talked_ms += said.talked_ms
        elif said.call not in self._joined and said.detail in REFUSALS:
            self.refused += 1
        elif self._joined.pop(said.call, None) is not None:
            if said.ending is notices.Ending.ABANDONED:
                self.abandoned += 1
                self.short += said.waited_ms <= THRESHOLD_MS
            else:
                self.flowed_out += 1

    def _load(self, agent: AgentId) -> Load:
        return self.agents.setdefault(agent, Load())

    @property
    def offered(self) -> int:
        """Calls that were queued and have left the queue."""
        return self.answered + self.abandoned + self.flowed_out

    @property
    def owed(self) -> int:
        """Callers who are still to be called back."""
        return len(self._owed)

    @property
    def average_debt_ms(self) -> float:
        """How long it took until a caller was called back, on average of those who were reached."""
        return self.debts_ms / max(1, self.paid)

    @property
    def service_level(self) -> float:
        """The share that counts as served in time; 0 to 1."""
        return self.in_time / max(1, self.offered - self.short)

    def wait_ms(self, quantile: float) -> int:
        """This quantile of the waits of the answered; 0 if there are none."""
        waits = sorted(self.waits_ms)
        return waits[min(len(waits) - 1, int(quantile * len(waits)))] if waits else 0

    @property
    def average_wait_ms(self) -> float:
        """ASA: the waits of the answered, on average."""
        return sum(self.waits_ms) / max(1, len(self.waits_ms))
