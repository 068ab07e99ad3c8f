"""How far waiting-time estimates are off, ours beside the published formulas, over simulated days; decides nothing.

    python -m bench.estimate [--days 3]

Every formula gets the same figures from the same centre at the same moment: when a caller begins to wait
because nobody is free. What he really waited is known when he is answered; those who give up are left out
for all alike. The published formulas are those of the survey of queue systems: Asterisk, OpenSIPS, VICIdial, Cisco,
Google CCAI and Genesys Engage.
"""

import argparse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from statistics import mean

from acd.core import notices
from acd.core.configuration import AgentProfile, Configuration, QueueRules
from acd.core.engine import Input
from acd.core.events import Entry
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.matching import Output
from acd.simulation.office import Office
from acd.simulation.scenario import People, Scenario

HOUR_MS = 3_600_000
A, B, C = QueueId("a"), QueueId("b"), QueueId("c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What can be known when a caller begins to wait. Times in milliseconds."""

    ahead: int  # Before him in his queue.
    handling_ms: float  # One call, work after it included, on average.
    agents: int  # On shift in his queue.
    weighed: float  # The same, each counted by one over the number of his queues.
    share: float  # Of what these agents have worked, this was for his queue.
    hold_ms: float  # Asterisk's running average of waits.
    last_waits_ms: tuple[int, ...]  # Of the last five who were answered.
    waits_ms: tuple[int, ...]  # Of those who wait now.


def asterisk(now: Moment) -> float:
    """abs(average hold + 30 s - waited): neither position nor staff."""
    return abs(now.hold_ms + 30_000)


def opensips(now: Moment) -> float:
    """Average call × queued / agents."""
    return now.handling_ms * now.ahead / now.agents


def vicidial(now: Moment) -> float:
    """The last five waits, averaged with those that are longer already; ten seconds at least."""
    usual = mean(now.last_waits_ms) if now.last_waits_ms else 0.0
    return max(10_000.0, mean([usual, *(wait for wait in now.waits_ms if wait > usual)]))


def cisco(now: Moment) -> float:
    """Position × average talk / agents."""
    return (now.ahead + 1) * now.handling_ms / now.agents


def google(now: Moment) -> float:
    """Average call / agents counted by their queues × queued, and ten seconds."""
    return now.handling_ms / now.weighed * (now.ahead + 1) + 10_000


def genesys(now: Moment) -> float:
    """Average handling × calls in the queue / (agents × the measured share of their time)."""
    return now.handling_ms * (now.ahead + 1) / (now.agents * max(0.01, now.share))


FORMULAS: dict[str, Callable[[Moment], float]] = {
    "Asterisk": asterisk,
    "OpenSIPS": opensips,
    "VICIdial": vicidial,
    "Cisco": cisco,
    "Google CCAI": google,
    "Genesys Engage": genesys,
}


@dataclass(slots=True)
class Errors:
    """What one formula said, and what came."""

    off_ms: list[float] = field(default_factory=list)

    @property
    def text(self) -> str:
        """How far off on average, and to which side."""
        off = mean(abs(one) for one in self.off_ms) / 1000
        bias = mean(self.off_ms) / 1000
        return f"{off:7.1f} s  {bias:+7.1f} s"


class Watch:
    """Sees a day go by, notes what each formula says, and what comes of it."""

    def __init__(self) -> None:
        self.errors = {name: Errors() for name in (*FORMULAS, "ours")}
        self.upper: list[bool] = []
        self.median: list[bool] = []
        self._said: dict[CallId, dict[str, float]] = {}
        self._upper: dict[CallId, tuple[int, int]] = {}
        self._hold_ms: dict[QueueId, float] = {}
        self._waits: dict[QueueId, deque[int]] = {}
        self._worked: dict[tuple[AgentId, QueueId], int] = {}

    def see(self, office: Office, happening: Input, outputs: list[Output]) -> None:
        """One step of the day."""
        for said in outputs:
            match said:
                case notices.CallQueued():
                    self._ask(office, said)
                case notices.CallConnected():
                    self._answered(said)
                case notices.CallEnded(agent=str() as agent, queue=str() as queue):
                    worked = self._worked.get((agent, queue), 0) + said.talked_ms
                    self._worked[agent, queue] = worked
                case _:
                    pass

    def _ask(self, office: Office, said: notices.CallQueued) -> None:
        assert office.engine is not None
        state = office.engine.state
        call = state.calls.get(said.call)
        forecast = said.forecast
        handled = state.experience_of(said.queue).handling_ms
        if call is None or call.state != "waiting" or forecast is None or handled is None:
            return  # An agent was free, or nothing is known yet.
        names = [name for name, agent in state.agents.items() if said.queue in agent.profile.queues]
        staff = [name for name in names if state.agents[name].logged_in]
        his = sum(self._worked.get((name, said.queue), 0) for name in staff)
        all_work = sum(
            self._worked.get((name, queue), 0) for name in staff for queue in state.queues
        )
        now = Moment(
            ahead=state.lines.ahead_of(said.queue, state.rank_of(call)),
            handling_ms=handled,
            agents=len(staff),
            weighed=sum(1 / len(state.agents[name].profile.queues) for name in staff),
            share=his / all_work if all_work else 1.0,
            hold_ms=self._hold_ms.get(said.queue, 0.0),
            last_waits_ms=tuple(self._waits.get(said.queue, ())),
            waits_ms=tuple(
                said.at - (state.calls[name].joined_at or said.at)
                for name in state.lines.calls(said.queue)
            ),
        )
        told = {name: formula(now) for name, formula in FORMULAS.items()}
        self._said[said.call] = told | {"ours": float(forecast.median_ms)}
        self._upper[said.call] = (forecast.median_ms, forecast.upper_ms)

    def _answered(self, said: notices.CallConnected) -> None:
        waited = said.waited_ms
        self._hold_ms[said.queue] = (3 * self._hold_ms.get(said.queue, 0.0) + waited) / 4
        self._waits.setdefault(said.queue, deque(maxlen=5)).append(waited)
        for name, expected in self._said.pop(said.call, {}).items():
            self.errors[name].off_ms.append(expected - waited)
        if (told := self._upper.pop(said.call, None)) is not None:
            self.median.append(waited <= told[0])
            self.upper.append(waited <= told[1])


def centre(serves: dict[str, tuple[QueueId, ...]]) -> Configuration:
    """Agents by name, with the queues that they serve."""
    return Configuration(
        queues={
            name: QueueRules(id=name, name=name, wrap_up_ms=15_000, ring_timeout_ms=20_000)
            for name in dict.fromkeys(queue for queues in serves.values() for queue in queues)
        },
        agents={
            AgentId(name): AgentProfile(
                id=AgentId(name), name=name, device=f"PJSIP/{name}", queues=queues
            )
            for name, queues in serves.items()
        },
    )


def staff(count: int, *queues: QueueId, first: int = 0) -> dict[str, tuple[QueueId, ...]]:
    """So many agents of these queues."""
    return {f"agent{n}": queues for n in range(first, first + count)}


# What is played: who serves what, where callers begin (each entry as likely), and the load on all agents.
CENTRES: dict[str, tuple[dict[str, tuple[QueueId, ...]], tuple[QueueId, ...], float]] = {
    "one queue": (staff(10, A), (A,), 0.97),
    "one queue, small": (staff(3, A), (A,), 0.9),
    "two queues, all agents serve both, 4 calls of 5 for a": (
        staff(10, A, B),
        (A, A, A, A, B),
        0.97,
    ),
    "three queues that share some agents": (
        staff(4, A) | staff(4, A, B, first=4) | staff(4, B, C, first=8) | staff(2, C, first=12),
        (A, A, B, C),
        0.95,
    ),
    "more callers than agents, who give up": (staff(8, A, B), (A, B), 1.2),
}
TALK_MS = 150_000
WORK_MS = TALK_MS + 15_000 / 2 + 4_000  # Half of all agents end their work after a call early.


def day(name: str, seed: int, watch: Watch) -> None:
    """One day of eight hours, with its own luck."""
    serves, doors, load = CENTRES[name]
    people = People(
        between_calls_ms=WORK_MS / len(serves) / load,
        patience_ms=600_000 if load < 1 else 240_000,
        talk_ms=TALK_MS,
    )
    scenario = Scenario(
        configuration=centre(serves),
        doors=tuple((Entry.QUEUE, str(queue)) for queue in doors),
        people=people,
        duration_ms=8 * HOUR_MS,
    )
    Office(scenario, Random(seed), watch.see).play()  # A seed, not a secret.


def main() -> None:
    """Play the days, and print how far each formula was off."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--days", type=int, default=3)
    days = parser.parse_args().days
    for name in CENTRES:
        watch = Watch()
        for seed in range(days):
            day(name, seed, watch)
        asked = len(watch.upper)
        print(f"\n{name}: {asked} who had to wait and were answered; off by, and to which side")
        for formula, errors in sorted(watch.errors.items(), key=lambda one: one[1].text):
            print(f"  {formula:16}{errors.text}")
        held = sum(watch.median) / asked, sum(watch.upper) / asked
        print(f"  ours held: median {held[0]:.0%} (50), upper figure {held[1]:.0%} (80)")


if __name__ == "__main__":
    main()
