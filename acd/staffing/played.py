"""An expected day, played by the real engine with so many agents: what formulas cannot know is in it; rings nobody.

Calls come at random, last and wait as the formulas suppose. But an interval begins with those whom the last one
left waiting, and agents who go home finish their talk: nothing here has been so for long.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random

from acd.core import requests
from acd.core.configuration import DEFAULT_NODE, AgentProfile, Configuration, QueueRules
from acd.core.engine import Input
from acd.core.events import CallArrived, Entry
from acd.core.ids import AgentId, CallId, QueueId, caller_leg, channel_on
from acd.core.matching import Output
from acd.core.notices import Notice
from acd.reports.agent_facts import state_facts
from acd.reports.bookkeeping import Bookkeeper
from acd.reports.facts import Fact, Kind
from acd.reports.formula import Terms
from acd.reports.formulas import FORMULAS
from acd.reports.sums import Sums
from acd.simulation.day import Caller, Day
from acd.simulation.replay import Replay
from acd.staffing.demand import Expected
from acd.staffing.erlang import Served
from acd.staffing.plan import Target

START_MS = 1_750_032_000_000  # At a quarter of an hour, as intervals begin.
_QUEUE = QueueId("queue")
_MOST_ROUNDS = 40


def played(
    lines: Sequence[Expected], agents: Sequence[int], *, patience_ms: float, days: int, seed: int
) -> list[Sums]:
    """What became of the callers of each interval, over so many days; the same seed gives the same callers."""
    found = [Sums() for _ in lines]
    for n in range(days):
        # Not a secret, but a seed that has to give the same again.
        random = Random(f"{seed} {n}")  # noqa: S311
        for line, fact in _one_day(lines, agents, patience_ms, random):
            sums = found[line]
            ms = fact.ended_at - fact.began_at
            if fact.kind is Kind.STAY:
                sums.stay(fact.result or "").wait(ms)
            else:
                sums.state_ms[fact.result or ""] += ms
    return found


def settled(
    lines: Sequence[Expected],
    agents: Sequence[int],
    target: Target,
    *,
    patience_ms: float,
    days: int,
    seed: int,
) -> tuple[list[int], list[Sums]]:
    """This plan with as many more agents as it takes until every interval reaches the target when it is played."""
    plan = list(agents)
    for _ in range(_MOST_ROUNDS):
        found = played(lines, plan, patience_ms=patience_ms, days=days, seed=seed)
        short = [n for n, sums in enumerate(found) if not target.reached(served(sums, target))]
        if not short:
            break
        for n in short:
            plan[n] += max(1, plan[n] // 50)
    return plan, found


def served(sums: Sums, target: Target) -> Served:
    """The same figures as the formulas give, by the reports' formulas."""
    terms = Terms(within_s=target.within_ms // 1000)
    level, asa, abandoned, occupancy = (
        FORMULAS[name].compute(sums, terms)
        for name in ("sl.offered", "wait.asa", "abandon.rate", "agent.occupancy")
    )
    return Served(
        in_time=1.0 if level is None else level,
        asa_ms=asa if asa is not None or sums.offered else 0.0,
        abandoned=abandoned or 0.0,
        occupancy=occupancy or 0.0,
        waits=0.0,
    )


def _one_day(
    lines: Sequence[Expected], agents: Sequence[int], patience_ms: float, random: Random
) -> Iterator[tuple[int, Fact]]:
    """Every stay and every stretch of an agent's time, with the number of its interval."""
    ends = [START_MS + upto for upto in accumulate(line.length_ms for line in lines)]
    day = Day(
        configuration=_centre(max(agents, default=0)),
        begins_at=START_MS,
        ends_at=ends[-1],
        callers=dict(_callers(lines, patience_ms, random)),
        asked=list(_shifts(lines, agents)),
        pick_up_ms=0,
    )
    books = Bookkeeper()
    facts: list[Fact] = []

    def watch(_: Input, outputs: list[Output]) -> None:
        for said in outputs:
            if isinstance(said, Notice):
                facts.extend(books.hear(said))

    Replay(day, day.configuration, watch).play()
    for (
        agent,
        state,
    ) in books.agents.now.items():  # Nobody goes home at the end: callers may still wait.
        facts.extend(state_facts(agent, state, ends[-1]))
    for fact in facts:
        line = bisect_right(ends, fact.began_at)
        if fact.kind in (Kind.STAY, Kind.STATE) and line < len(ends):
            yield line, fact


def _centre(agents: int) -> Configuration:
    """One queue, and no work after a call: it is in the AHT."""
    profiles = [
        AgentProfile(id=name, name=name, device=f"PJSIP/{name}", queues=(_QUEUE,))
        for name in map(_agent, range(agents))
    ]
    return Configuration(
        queues={_QUEUE: QueueRules(id=_QUEUE, name=_QUEUE, wrap_up_ms=0)},
        agents={profile.id: profile for profile in profiles},
    )


def _agent(n: int) -> AgentId:
    return AgentId(f"a{n:05}")


def _callers(
    lines: Sequence[Expected], patience_ms: float, random: Random
) -> Iterator[tuple[CallId, Caller]]:
    begins_at, number = START_MS, 0
    for line in lines:
        at = float(begins_at)
        while line.calls:
            at += random.expovariate(line.calls / line.length_ms)
            if at >= begins_at + line.length_ms:
                break
            number += 1
            call = CallId(channel_on(DEFAULT_NODE, f"c{number}"))
            arrived = CallArrived(
                at=round(at), channel=caller_leg(call), entry=Entry.QUEUE, target=_QUEUE, number=""
            )
            yield (
                call,
                Caller(
                    arrived=arrived,
                    queue=_QUEUE,
                    patience_ms=round(random.expovariate(1 / patience_ms)),
                    talk_ms=max(1, round(random.expovariate(1 / line.aht_ms))),
                ),
            )
        begins_at += line.length_ms


def _shifts(lines: Sequence[Expected], agents: Sequence[int]) -> Iterator[requests.Request]:
    """Who comes and who goes when an interval begins; who goes ends his talk first."""
    at, there = START_MS, 0
    for line, wanted in zip(lines, agents, strict=True):
        for n in range(there, wanted):
            for kind in (requests.LogIn, requests.BecomeReady):
                yield kind(at=at, request=f"{kind.__name__} {at} {n}", by="plan", agent=_agent(n))
        for n in range(wanted, there):
            yield requests.LogOut(at=at, request=f"out {at} {n}", by="plan", agent=_agent(n))
        at, there = at + line.length_ms, wanted
