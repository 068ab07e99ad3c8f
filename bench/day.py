"""A bank's day on the bare engine: how long it takes to play, and whether memory stays flat; never part of a test.

`python -m bench.day` plays 200,000 calls, 2,000 agents and 40 skills under a virtual clock, from one seed. The
callers, the agents and the Asterisk are the plainest that keep the engine busy: what is measured is the
engine. Every hour it prints what is there and what it weighs.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.table import Table

from acd.core import commands, events, requests
from acd.core.configuration import AgentProfile, Configuration, MissedPolicy, QueueRules
from acd.core.customer import Confidence, Identity
from acd.core.engine import Engine, Input
from acd.core.events import Entry
from acd.core.ids import AgentId, CallId, ChannelId, QueueId, agent_leg, caller_leg
from acd.core.notices import CallConnected
from acd.simulation.agenda import Agenda
from bench.engine import said

START = 1_750_000_000_000
HOUR_MS = 3_600_000
HOURS = 10
SKILLS_OF_ONE_AGENT = 4
MOST_GROWN = 1.1
PICK_UP_MS, TALK_MS, WRAP_UP_MS, PATIENCE_MS = 3_000, 270_000, 20_000, 180_000


class Day:
    """One day of a centre."""

    def __init__(self, *, calls: int, agents: int, skills: int) -> None:
        self.random = Random(1)
        self.agenda = Agenda(START)
        self.engine = Engine()
        self.inputs = self.came = self.talked = 0
        self._follows: Mapping[type, Callable[[Any], None]] = {
            commands.RingAgent: self._rings,
            commands.Connect: self._connects,
            CallConnected: self._talk,
            commands.ReleaseToDialplan: self._leaves,
            commands.HangUp: self._hangs_up,
        }
        self.skills = [f"s{n}" for n in range(skills)]
        self.apart_ms = HOURS * HOUR_MS / calls
        self.tell(events.Configured(at=START, configuration=self._configuration(agents)))
        for n in range(agents):
            name = AgentId(f"a{n}")
            for kind in (requests.LogIn, requests.BecomeReady):
                self.tell(kind(at=START, request="r", by=name, agent=name))
        self._expect_call()

    def _configuration(self, agents: int) -> Configuration:
        profiles = (self._profile(n) for n in range(agents))
        return Configuration(
            queues={
                QueueId(skill): QueueRules(
                    id=QueueId(skill),
                    name=skill,
                    requires=f"{skill}>=20",
                    wrap_up_ms=WRAP_UP_MS,
                    no_answer=MissedPolicy.RETRY,  # Or all agents would be away by noon.
                )
                for skill in self.skills
            },
            agents={profile.id: profile for profile in profiles},
        )

    def _profile(self, n: int) -> AgentProfile:
        """Everybody has skills and levels of his own: hardly two are alike."""
        first = self.skills[n % len(self.skills)]
        others = self.random.sample(self.skills, SKILLS_OF_ONE_AGENT - 1)
        levels = {skill: self.random.randint(1, 100) for skill in (first, *others)}
        return AgentProfile(
            id=AgentId(f"a{n}"),
            name=f"a{n}",
            device=f"PJSIP/a{n}",
            queues=tuple(QueueId(skill) for skill in levels),
            skills=levels,
        )

    def until(self, at: int) -> None:
        """Play on until then."""
        while True:
            due = self.engine.next_deadline()
            coming = self.agenda.next_at()
            if due is not None and (coming is None or due <= coming):
                if due > at:
                    return
                self.agenda.now = max(self.agenda.now, due)
                self.tell(events.TimeReached(at=self.agenda.now))
            elif coming is None or coming > at:
                return
            else:
                self.agenda.do_next()

    def tell(self, happening: Input) -> None:
        """One input, and what people do because of it."""
        self.inputs += 1
        for output in self.engine.handle(happening):
            follows = self._follows.get(type(output))
            if follows is not None:
                follows(output)

    def _rings(self, ring: commands.RingAgent) -> None:
        self._after(PICK_UP_MS, events.LegAnswered, channel=agent_leg(ring.offer))

    def _connects(self, connect: commands.Connect) -> None:
        for side in (caller_leg(connect.call), agent_leg(connect.offer)):
            self._after(0, events.LegBridged, channel=side, offer=connect.offer)

    def _talk(self, connected: CallConnected) -> None:
        self.talked += 1
        self._after(TALK_MS, events.LegEnded, channel=agent_leg(connected.offer))

    def _leaves(self, release: commands.ReleaseToDialplan) -> None:
        self._after(0, events.CallLeft, channel=ChannelId(release.call))

    def _hangs_up(self, hang_up: commands.HangUp) -> None:
        self._after(0, events.LegEnded, channel=hang_up.channel)

    def _after(self, mean_ms: float, kind: type, **fields: object) -> None:
        wait_ms = self.random.expovariate(1 / mean_ms) if mean_ms else 0
        self.agenda.after(wait_ms, lambda: self.tell(kind(at=self.agenda.now, **fields)))

    def _expect_call(self) -> None:
        self.agenda.after(self.random.expovariate(1 / self.apart_ms), self._somebody_calls)

    def _somebody_calls(self) -> None:
        self.came += 1
        call, now = CallId(f"pbx1:c{self.came}"), self.agenda.now
        target = self.random.choice(self.skills)
        self.tell(
            events.CallArrived(at=now, channel=caller_leg(call), entry=Entry.QUEUE, target=target)
        )
        identity = Identity(confidence=Confidence.UNLISTED, at=now)
        self.tell(events.CallerIdentified(at=now, call=call, identity=identity))
        self.agenda.after(
            self.random.expovariate(1 / PATIENCE_MS), lambda: self._grow_impatient(call)
        )
        self._expect_call()

    def _grow_impatient(self, call: CallId) -> None:
        known = self.engine.state.calls.get(call)
        if known is not None and known.connected_at is None:
            self.tell(events.LegEnded(at=self.agenda.now, channel=caller_leg(call)))


def resident_mb() -> int:
    """What this process weighs."""
    line = next(
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    return int(line.split()[1]) // 1024


def main() -> None:
    """Play the day and print a line for each hour."""
    parser = argparse.ArgumentParser(prog="python -m bench.day", description=__doc__)
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--agents", type=int, default=2_000)
    parser.add_argument("--skills", type=int, default=40)
    asked = parser.parse_args()
    wall, cpu = time.perf_counter(), time.process_time()
    day = Day(calls=asked.calls, agents=asked.agents, skills=asked.skills)
    table = Table(
        title=f"A day of {asked.calls:,} calls, {asked.agents:,} agents, {asked.skills} skills",
        box=None,
    )
    for name in ("hour", "calls", "talked", "there", "offers", "memory MB", "CPU s"):
        table.add_column(name, justify="right")
    weights = []
    for hour in range(1, HOURS + 1):
        day.until(START + hour * HOUR_MS)
        weights.append(resident_mb())
        table.add_row(
            str(hour),
            f"{day.came:,}",
            f"{day.talked:,}",
            f"{len(day.engine.state.calls):,}",
            f"{len(day.engine.state.offers):,}",
            str(weights[-1]),
            f"{time.process_time() - cpu:.1f}",
        )
    spent = time.process_time() - cpu
    grown = weights[-1] / weights[1]
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"{day.came:,} calls in {spent:.1f} s of CPU (owed: under 60): {said(spent < 60)}; "
        f"{time.perf_counter() - wall:.1f} s by the clock, {day.inputs / spent:,.0f} inputs/s"
    )
    console.print(
        f"memory after the last hour / after the second: {grown:.2f} (owed: flat, "
        f"at most {MOST_GROWN}): {said(grown <= MOST_GROWN)}"
    )


if __name__ == "__main__":
    main()
