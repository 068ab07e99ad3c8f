"""How long a decision takes, from the smallest call centre to the largest: it should hardly depend on the size.

`python -m bench.engine` plays the life of calls against the bare engine: no Asterisk, no database, one
core. A decision is the one step in which an agent is chosen: a freed agent takes a waiting call, or, when
nobody waits, a new call takes an idle agent. What matters is the last column: all sizes are measured in
one run on one machine, as ratios to the smallest. Never part of a test: times are not facts.
"""

import argparse
import gc
import time
from random import Random
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

from acd.core import events, requests
from acd.core.commands import RingAgent
from acd.core.configuration import AgentProfile, Configuration, QueueRules
from acd.core.customer import Confidence, Identity
from acd.core.engine import Engine, Input
from acd.core.events import Entry
from acd.core.ids import AgentId, CallId, ChannelId, OfferId, QueueId, agent_leg, caller_leg
from acd.core.matching import Output

AGENTS = (100, 1_000, 10_000)
QUEUES = (1, 100, 1_000)
WAITING = (0, 2_000, 50_000)
QUEUES_OF_ONE_AGENT = 3
START = 1_750_000_000_000


class Centre:
    """An engine at a given size, and the events that keep it there."""

    def __init__(self, agents: int, queues: int, waiting: int) -> None:
        self.random = Random(1)
        self.engine = Engine()
        self.now = START
        self.calls = 0
        self.events = 0
        self.spent_ns = 0
        self.decisions_us: list[float] = []
        self.talking: list[OfferId] = []
        self.queues = [QueueId(f"q{n}") for n in range(queues)]
        self.tell(events.Configured(at=self.now, configuration=self._configuration(agents)))
        if waiting:
            self._fill(agents, waiting)
        else:
            self._all_ready(agents)
        gc.collect()
        gc.freeze()  # What was there before is not what is measured.
        self.events, self.spent_ns = 0, 0
        self.decisions_us.clear()

    def _configuration(self, agents: int) -> Configuration:
        served = min(QUEUES_OF_ONE_AGENT, len(self.queues))
        # The first queues have an agent for certain, so that no call waits for ever for nobody.
        sure = [self.queues[n % len(self.queues)] for n in range(agents)]
        return Configuration(
            queues={name: QueueRules(id=name, name=name, wrap_up_ms=0) for name in self.queues},
            agents={
                AgentId(f"a{n}"): AgentProfile(
                    id=AgentId(f"a{n}"),
                    name=f"a{n}",
                    device=f"PJSIP/a{n}",
                    queues=tuple(
                        dict.fromkeys([sure[n], *self.random.sample(self.queues, served)])
                    ),
                )
                for n in range(agents)
            },
        )

    def _all_ready(self, agents: int) -> None:
        for n in range(agents):
            self.now += 1
            name = AgentId(f"a{n}")
            for kind in (requests.LogIn, requests.BecomeReady):
                self.tell(kind(at=self.now, request="r", by=name, agent=name))

    def _fill(self, agents: int, waiting: int) -> None:
        for _ in range(waiting + agents):
            self.arrive()
        for n in range(agents):
            name = AgentId(f"a{n}")
            said = self.tell(requests.LogIn(at=self.now, request="r", by=name, agent=name))
            said = self.tell(requests.BecomeReady(at=self.now, request="r", by=name, agent=name))
            self.connect(said)

    def tell(self, happening: Input) -> list[Output]:
        """One input, timed; a decision if somebody is rung because of it."""
        began = time.perf_counter_ns()
        said = self.engine.handle(happening)
        took = time.perf_counter_ns() - began
        self.events += 1
        self.spent_ns += took
        if any(isinstance(output, RingAgent) for output in said):
            self.decisions_us.append(took / 1_000)
        return said

    def arrive(self) -> list[Output]:
        """A new call, recognised at once."""
        self.calls += 1
        call = CallId(f"pbx1:c{self.calls}")
        target = self.random.choice(self.queues)
        self.tell(
            events.CallArrived(
                at=self.now, channel=caller_leg(call), entry=Entry.QUEUE, target=target
            )
        )
        identity = Identity(confidence=Confidence.UNLISTED)
        return self.tell(events.CallerIdentified(at=self.now, call=call, identity=identity))

    def connect(self, said: list[Output]) -> None:
        """Whoever is rung picks up and talks."""
        for ring in [output for output in said if isinstance(output, RingAgent)]:
            leg = agent_leg(ring.offer)
            self.tell(events.LegAnswered(at=self.now, channel=leg))
            for side in (caller_leg(ring.call), leg):
                self.tell(events.LegBridged(at=self.now, channel=side, offer=ring.offer))
            self.talking.append(ring.offer)

    def finish(self, offer: OfferId) -> list[Output]:
        """A conversation ends: the agent hangs up, the caller goes home."""
        call = self.engine.state.offers[offer].call
        said = self.tell(events.LegEnded(at=self.now, channel=agent_leg(offer)))
        self.tell(events.CallLeft(at=self.now, channel=ChannelId(call)))
        return said

    def turn(self) -> None:
        """One call comes, one conversation begins, one ends: the size stays as it is."""
        self.now += 1
        self.connect(self.arrive())
        if self.talking:
            at = self.random.randrange(len(self.talking))
            self.talking[at], self.talking[-1] = self.talking[-1], self.talking[at]
            self.connect(self.finish(self.talking.pop()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--turns", type=int, default=1_000, help="conversations at each size")
    turns = parser.parse_args().turns
    table = Table(title="One decision of the engine", box=None, header_style="bold")
    for name in ("agents", "queues", "waiting", "p50 µs", "p99 µs", "events/s", "p50 ratio"):
        table.add_column(name, justify="right")
    smallest: float | None = None
    for agents in AGENTS:
        for queues in QUEUES:
            for waiting in WAITING:
                centre = Centre(agents, queues, waiting)
                for _ in range(turns):
                    centre.turn()
                p50 = median(centre.decisions_us)
                p99 = quantiles(centre.decisions_us, n=100)[98]
                smallest = smallest or p50
                rate = centre.events / centre.spent_ns * 1e9
                table.add_row(
                    f"{agents:,}",
                    f"{queues:,}",
                    f"{waiting:,}",
                    f"{p50:.0f}",
                    f"{p99:.0f}",
                    f"{rate:,.0f}",
                    f"{p50 / smallest:.1f}",
                )
                del centre
                gc.unfreeze()
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
