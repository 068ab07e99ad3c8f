"""Draws a whole call centre, its people and its bad luck from one seed; runs nothing."""

from dataclasses import replace
from random import Random
from typing import Any

from acd.core.callback import CallbackRule
from acd.core.configuration import (
    RING_ALL,
    AgentProfile,
    Announcements,
    Configuration,
    Limits,
    Membership,
    MissedPolicy,
    Overflow,
    QueueRules,
    Ring,
    WhenUnstaffed,
)
from acd.core.customer import DAY_MS, RepeatRule
from acd.core.events import Entry
from acd.core.ids import AgentId, MenuId, QueueId
from acd.core.outbound import Caps, Outbound, Route
from acd.core.strategies import STRATEGIES
from acd.core.survey import SurveyRule
from acd.simulation.scenario import Manners, People, Scenario
from ivr.steps import Ask, Choose, Enqueue, HangUp, Menu, Say

MINUTE = 60_000
SKILLS = ("fridge", "gas-boiler", "english")
TEAMS = ("early", "late")
OPS = ("<", "<=", "=", "!=", ">=", ">")


def ruled(plain: Scenario, seed: int) -> Scenario:
    """The same day with skills, rings, overflow, strategies and reloads, and callers who are known."""
    random = Random(f"rules {seed}")
    people = replace(plain.people, again=random.choice((0.0, 0.4)), vip=random.choice((0.0, 0.2)))
    configuration = _ruled(random, plain.configuration)
    reloads = tuple(
        (random.randrange(plain.duration_ms), _reloaded(random, configuration))
        for _ in range(random.choice((0, 0, 1, 4)))
    )
    return replace(plain, configuration=configuration, people=people, reloads=reloads)


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


def asking(plain: Scenario) -> Scenario:
    """The same day with agents who hold their callers, ask each other and numbers, and hand over what was asked."""
    return replace(_with_routes(plain), people=replace(plain.people, consult=0.5))


def supervising(plain: Scenario) -> Scenario:
    """The same day with supervisors who listen, and press all that they have."""
    return replace(plain, people=replace(plain.people, supervise=0.6))


def calling(plain: Scenario) -> Scenario:
    """The same day with agents who call people, too, as often as they may."""
    return replace(_with_routes(plain), people=replace(plain.people, between_calls_out_ms=15_000))


def previewing(plain: Scenario) -> Scenario:
    """The same day with agents who are shown whom they might call when nobody waits."""
    return replace(_with_routes(plain), people=replace(plain.people, between_previews_ms=5_000))


def routing(plain: Scenario) -> Scenario:
    """The same day with an external router for some queues, which answers when it likes."""

    def asked(configuration: Configuration) -> Configuration:
        queues = {
            name: replace(rules, route_ms=(0, 500, 3_000)[(place + 1) % 3])
            for place, (name, rules) in enumerate(configuration.queues.items())
        }
        return replace(configuration, queues=queues)

    return replace(
        plain,
        configuration=asked(plain.configuration),
        reloads=tuple((at, asked(one)) for at, one in plain.reloads),
    )


def calling_back(plain: Scenario) -> Scenario:
    """The same day with callers who are called back. The caps of agents are no part of it: nobody tells of them."""
    rule = CallbackRule(key="*", attempts=2, again_ms=60_000, keep_ms=15 * MINUTE)

    def owing(configuration: Configuration) -> Configuration:
        uncapped = replace(configuration.outbound, caps=Caps(agent_per_hour=0, agent_at_once=0))
        queues = {
            name: replace(rules, callback=rule) for name, rules in configuration.queues.items()
        }
        return replace(configuration, outbound=uncapped, queues=queues)

    routed = _with_routes(plain)
    return replace(
        routed,
        configuration=owing(routed.configuration),
        reloads=tuple((at, owing(one)) for at, one in routed.reloads),
        people=replace(plain.people, ask_back=0.5),
    )


def _with_routes(plain: Scenario) -> Scenario:
    queue = next(iter(plain.configuration.queues))
    trunk = Route(
        name="all", endpoint="trunk", prefixes=("+86",), strip="+86", caller_id="1", ring_ms=20_000
    )
    outbound = Outbound(routes=(trunk,), queue=queue, caps=Caps(agent_per_hour=20))

    def with_routes(configuration: Configuration) -> Configuration:
        return replace(configuration, outbound=outbound)

    return replace(
        plain,
        configuration=with_routes(plain.configuration),
        reloads=tuple((at, with_routes(one)) for at, one in plain.reloads),
    )


def surveying(plain: Scenario) -> Scenario:
    """The same day with callers who are asked what they think when the agent has hung up."""
    after = Menu(
        id="after",
        start="pleased",
        steps={
            "pleased": Ask(
                scale="csat", question="csat", prompts=("pleased",), then="tell", otherwise="bye"
            ),
            "tell": Ask(
                scale="nps", question="nps", prompts=("tell",), then="bye", otherwise="bye"
            ),
            "bye": HangUp(prompts=("bye",)),
        },
    )
    survey = SurveyRule(menu=MenuId("after"), share_percent=80)

    def with_surveys(configuration: Configuration) -> Configuration:
        return replace(
            configuration,
            queues={
                name: replace(rules, survey=survey) for name, rules in configuration.queues.items()
            },
            menus={**configuration.menus, survey.menu: after},
        )

    return replace(
        plain,
        configuration=with_surveys(plain.configuration),
        reloads=tuple((at, with_surveys(one)) for at, one in plain.reloads),
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
                ring_timeout_ms=random.choice((8_000, 15_000, 25_000)),
                wrap_up_ms=random.choice((0, 5_000, 30_000)),
                no_answer=random.choice(list(MissedPolicy)),
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
        menus={MenuId("main"): menu},
        limits=Limits(menu_ms=MINUTE),
    )


def _ruled(random: Random, plain: Configuration) -> Configuration:
    """Each rule is there in some queues and absent in others; nobody overflows in a circle."""
    queues = list(plain.queues)
    menu = plain.menus[MenuId("main")]
    steps = menu.steps | {
        name: replace(step, requires=_requirement(random))
        for name, step in menu.steps.items()
        if isinstance(step, Enqueue)
    }
    return replace(
        plain,
        queues={
            name: replace(rules, **_rules(random, list(plain.agents), queues[place + 1 :]))
            for place, (name, rules) in enumerate(plain.queues.items())
        },
        agents={
            name: replace(
                profile,
                team=random.choice((None, *TEAMS)),
                memberships=_memberships(random, profile.queues),
                skills={skill: random.randint(1, 100) for skill in SKILLS if random.random() < 0.6},
            )
            for name, profile in plain.agents.items()
        },
        menus={MenuId("main"): replace(menu, steps=steps)},
    )


def _reloaded(random: Random, plain: Configuration) -> Configuration:
    """One queue has other rules, or an agent is missing, or nothing is different."""
    agents, name = dict(plain.agents), random.choice(list(plain.queues))
    if len(agents) > 1 and random.random() < 0.4:
        del agents[random.choice(list(agents))]
    rules = plain.queues[name]
    if random.random() < 0.6:
        rules = replace(rules, **_rules(random, list(agents), []))
    order = tuple(agent for agent in rules.order if agent in agents)
    queues = {**plain.queues, name: replace(rules, order=order)}
    return replace(plain, queues=queues, agents=agents)


def _rules(random: Random, agents: list[AgentId], later: list[QueueId]) -> dict[str, Any]:
    steps = (_overflow(random, later) for _ in range(random.choice((0, 0, 1, 3))))
    return {
        "strategy": random.choice((*STRATEGIES, RING_ALL)),
        "no_answer_rest_ms": random.choice((0, 0, 10_000)),
        "reject": random.choice(list(MissedPolicy)),
        "rejects": random.choice((1, 2)),
        "reject_rest_ms": random.choice((0, 5_000, 20_000)),
        "ring_at_most": random.choice((2, 3, 20)),
        "skill": random.choice(SKILLS),
        "order": tuple(random.sample(agents, random.randint(0, len(agents)))),
        "requires": _requirement(random),
        "rings": tuple(_ring(random) for _ in range(random.choice((0, 0, 1, 2, 4)))),
        "repeat": RepeatRule(
            window_ms=random.choice((300_000, DAY_MS)), answered_only=random.random() < 0.5
        ),
        "resume_ms": random.choice((0, 600_000)),
        "last_agent_ms": random.choice((0, 20_000)),
        "announcements": random.choice((None, _announcements(random))),
        "whisper": random.choice(((), (), ("queue",), ("a", "b", "c", "d", "e", "f"))),
        "whisper_repeat": random.choice(((), ("again",))),
        "weight": random.choice((1, 1, 2, 5)),
        "repeat_bonus_ms": random.choice((0, 60_000)),
        "segment_bonus_ms": random.choice(({}, {"vip": 90_000})),
        "most_waiting": random.choice((0, 0, 3)),
        "longest_wait_ms": random.choice((0, 0, 40_000)),
        "when_unstaffed": random.choice(list(WhenUnstaffed)),
        "overflow": tuple(dict.fromkeys(steps)),
    }


def _announcements(random: Random) -> Announcements:
    return Announcements(
        first_ms=random.choice((1_000, 8_000)),
        every_ms=random.choice((0, 10_000)),
        position=random.random() < 0.7,
        wait=random.random() < 0.5,
        prompts=random.choice(((), ("queue-thankyou",))),
    )


def _overflow(random: Random, later: list[QueueId]) -> Overflow:
    when = {
        "after_ms": random.choice((0, 10_000, 45_000)),
        random.choice(("waiting", "ahead", "per_agent")): random.choice((0, 1, 4)),
    }
    ways: list[dict[str, Any]] = [{"leave": "voicemail"}]
    if later:
        ways += [{"queue": random.choice(later)}, {"also": tuple(later[:2])}]
    return Overflow(**when | random.choice(ways))


def _memberships(random: Random, queues: tuple[QueueId, ...]) -> dict[QueueId, Membership]:
    return {
        name: Membership(level=random.choice((0, 1)), after_ms=random.choice((0, 5_000, 20_000)))
        for name in queues
        if random.random() < 0.3
    }


def _ring(random: Random) -> Ring:
    teams = random.choice(((), (), TEAMS[:1], TEAMS))
    for_ms = random.choice((0, 5_000, 20_000, 60_000))
    return Ring(requires=_requirement(random), teams=teams, for_ms=for_ms)


def _requirement(random: Random) -> str:
    one, other, third = (
        f"{skill} {random.choice(OPS)} {random.randint(0, 60)}" for skill in SKILLS
    )
    easy = (
        "",
        "",
        "",
        SKILLS[0],
        f"{one} or {other}",
        f"not {SKILLS[1]}",
        f"not ({one} and {third})",
    )
    return random.choice((*easy, one, f"{SKILLS[0]} and ({other} or {third})"))


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
