"""What a run amounts to, folded from notices: service level, waits, who gave up, who overtook, load; decides nothing.

The cohort is every call that was queued. offered = answered + abandoned + flowed out, always.
Service level is `sl.offered`: answered within the threshold / (answered + abandoned - short abandons +
flowed out), where a short abandon is one within the threshold.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from acd.core import notices
from acd.core.ids import AgentId, CallId

THRESHOLD_MS = 20_000


@dataclass(slots=True)
class Load:
    """What one agent has done."""

    calls: int = 0
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
    overtakes: int = 0  # Answered before an earlier caller of the same queue and priority.
    waits_ms: list[int] = field(default_factory=list)  # Of the answered.
    agents: dict[AgentId, Load] = field(default_factory=dict)
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
            case notices.OfferEnded(outcome=outcome) if outcome in ("no-answer", "rejected"):
                self._load(said.agent).missed += 1
            case notices.CallConnected() if said.call in self._joined:
                self._answer(said)
            case notices.CallEnded():
                self._end(said)

    def _answer(self, said: notices.CallConnected) -> None:
        mine = self._joined.pop(said.call)
        self.overtakes += any(
            other.queue == mine.queue
            and other.priority == mine.priority
            and other.joined_at < mine.joined_at
            for other in self._joined.values()
        )
        self._talking[said.call] = said.agent
        self.answered += 1
        self.waits_ms.append(said.waited_ms)
        self.in_time += said.waited_ms <= THRESHOLD_MS
        self._load(said.agent).calls += 1

    def _end(self, said: notices.CallEnded) -> None:
        if (agent := self._talking.pop(said.call, None)) is not None:
            self._load(agent).talked_ms += said.talked_ms
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
