"""Draws a whole call centre, its people and its bad luck from one seed; runs nothing."""

from dataclasses import replace
from random import Random

from acd.core.configuration import (
    AgentProfile,
    Configuration,
    Limits,
    NoAnswerPolicy,
    QueueRules,
)
from acd.core.events import Entry
from acd.core.ids import AgentId, QueueId
from acd.simulation.asterisk import Manners
from acd.simulation.office import People, Scenario
from ivr.steps import Choose, Enqueue, HangUp, Menu, Say

MINUTE = 60_000


def scenario(seed: int) -> Scenario:
    """Each kind of trouble is there in some runs and absent in others: it is the mixture that finds bugs."""
    random = Random(seed)
    queues = [QueueId(f"q{n}") for n in range(random.randint(1, 4))]
    agents = [AgentId(f"a{n}") for n in range(random.randint(1, 10))]
    duration_ms = random.randint(15, 40) * MINUTE
    return Scenario(
        configuration=_configuration(random, queues, agents),
        doors=(
            *((Entry.QUEUE, name) for name in queues),
            (Entry.MENU, "main"),
            (Entry.QUEUE, "nowhere"),
        ),
        people=_people(random, len(agents)),
        manners=_manners(random),
        duration_ms=duration_ms,
        crashes=_troubles(random, duration_ms),
        cuts=_troubles(random, duration_ms),
    )


def peaceful(seed: int) -> Scenario:
    """The same centre on a day on which nothing goes wrong with the machines."""
    manners = Manners(latency_ms=20)
    return replace(scenario(seed), manners=manners, crashes=(), cuts=())


def hostile(seed: int) -> Scenario:
    """The same centre on a wire on which every sixth word is lost, whichever way it goes."""
    manners = Manners(
        latency_ms=50, lose_command=0.15, lose_answer=0.15, lose_event=0.15, give_up_ms=1_000
    )
    return replace(scenario(seed), manners=manners)


def _configuration(random: Random, queues: list[QueueId], agents: list[AgentId]) -> Configuration:
    menu = Menu(
        id="main",
        start="hello",
        steps={
            "hello": Say(prompts=("hello",), then="ask"),
            "ask": Choose(
                prompts=("press",), keys={"1": "queue", "2": "urgent", "3": "ask"}, otherwise="bye"
            ),
            "queue": Enqueue(queue=random.choice(queues)),
            "urgent": Enqueue(queue=random.choice(queues), priority=5),
            "bye": HangUp(prompts=("bye",)),
        },
    )
    return Configuration(
        queues={
            name: QueueRules(
                id=name,
                name=name,
                strategy=random.choice(("longest-idle", "round-robin", "ring-all")),
                ring_at_most=random.choice((2, 3, 20)),
                ring_timeout_ms=random.choice((8_000, 15_000, 25_000)),
                wrap_up_ms=random.choice((0, 5_000, 30_000)),
                no_answer=random.choice(list(NoAnswerPolicy)),
                spare_ms=random.choice((5_000, 30_000)),
            )
            for name in queues
        },
        agents={
            name: AgentProfile(
                id=name,
                name=name,
                device=f"PJSIP/{name}",
                queues=tuple(random.sample(queues, random.randint(1, len(queues)))),
            )
            for name in agents
        },
        menus={"main": menu},
        limits=Limits(menu_ms=MINUTE),
    )


def _people(random: Random, agents: int) -> People:
    talk_ms = random.choice((20_000, 60_000, 180_000))
    load = random.choice((0.3, 0.8, 1.2))
    return People(
        between_calls_ms=talk_ms / agents / load,
        patience_ms=random.choice((15_000, 60_000, 240_000)),
        talk_ms=talk_ms,
        pick_up_ms=random.choice((500, 3_000, 8_000)),
        ignore=random.choice((0.0, 0.1, 0.5)),
        reject=random.choice((0.0, 0.1)),
        pause=random.choice((0.0, 0.1)),
        go_home=random.choice((0.0, 0.1)),
        identify_ms=random.choice((5, 100, 600)),
        never_identify=random.choice((0.0, 0.1)),
    )


def _manners(random: Random) -> Manners:
    def sometimes(probability: float) -> float:
        return random.choice((0.0, 0.0, probability))

    return Manners(
        latency_ms=random.choice((0, 5, 50, 400)),
        lose_command=sometimes(0.02),
        lose_answer=sometimes(0.05),
        refuse_ring=sometimes(0.05),
        lose_event=sometimes(0.03),
        repeat_event=sometimes(0.05),
        delay_event=sometimes(0.05),
        delay_ms=random.choice((200, 4_000, 10_000)),
        give_up_ms=random.choice((1_000, 5_000)),
    )


def _troubles(random: Random, duration_ms: int) -> tuple[tuple[int, int], ...]:
    times = random.choice((0, 0, 1, 3))
    return tuple(
        sorted(
            (random.randrange(duration_ms), random.choice((100, 3_000, 20_000, 90_000)))
            for _ in range(times)
        )
    )
