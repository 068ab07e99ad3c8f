"""Makes a call centre of a centre file, and refuses a broken one with every reason at once; mends nothing.

Every word, with what holds if it is not given: docs/centre/centre.yaml.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import yaml

from acd.cases.follow_up import FollowUpRule
from acd.centre import dispositions as disposition_rules
from acd.centre import follow_ups as follow_up_rules
from acd.centre import hours
from acd.centre import outbound as outbound_rules
from acd.centre import queues as queue_rules
from acd.centre import surveys as survey_rules
from acd.centre.callbacks import faults_of_callbacks
from acd.centre.dispositions import read_dispositions
from acd.centre.follow_ups import read_follow_ups
from acd.centre.hours import HORIZON_DAYS, Schedule, expand, read_schedule
from acd.centre.outbound import read_outbound
from acd.centre.overflow import circles
from acd.centre.queues import read_queue
from acd.centre.reminders import Reminders, read_reminders_of
from acd.centre.repeats import read_repeat_rule
from acd.centre.surveys import faults_of_surveys
from acd.centre.webhooks import Target, read_targets_of
from acd.centre.words import Known, choice_of, fault_of, items_of, name_of, names_of, one_of
from acd.core.configuration import (
    AgentProfile,
    AutoAnswer,
    Configuration,
    Desk,
    Membership,
    QueueRules,
    RemoteAnswer,
)
from acd.core.customer import DAY_MS, RepeatRule
from acd.core.ids import AgentId, DeskId, MenuId, NodeId, QueueId
from acd.core.skills import is_skill_id
from acd.pop import HIDEABLE
from acd.reports.pay import PayRule, read_rule_of
from ivr.loader import load_menus
from ivr.plain_yaml import BrokenFile, Problem, Reader, compose, nearest, quoted, text_of

T = TypeVar("T")

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
# One phone of ours and nothing else: & forks, a second / is any SIP address, @ changes the trunk.
PHONE = re.compile(r"PJSIP/[A-Za-z0-9_-]{1,64}")
USUAL_VIP = ("vip",)
ROLES = ("agent", "supervisor", "admin", "router", "back-office", "auditor")
OUR_MENUS = Path(__file__).parent.parent.parent / "ivr" / "menus"

_OPTIONAL = (
    "users",
    "hours",
    "repeat",
    "vip",
    "hides",
    "dispositions",
    "reminders",
    "agents_hear",
    "agents_see_supervision",
    "outbound",
    "follow_ups",
    "desks",
)

_COMES_ALONG = Problem(
    file="main.yaml",
    message="this menu comes along; CORDBOARD_MENUS names a folder of your own, or give the centre those queues",
)

MEANING: Mapping[str, str] = {
    "queues": "the queues by id",
    "agents": "the agents by id",
    "desks": "phones that are nobody's own, by id",
    "name": "what people call it",
    "phone": "the phone that rings, such as PJSIP/ana",
    "client_grace_s": "how long the agent's client may be away",
    "role": "one of " + ", ".join(ROLES),
    "password_hash": "what `cordboard hash-password` prints; a system that has an API key needs none",
    **hours.MEANING,
    **queue_rules.MEANING,
    **disposition_rules.MEANING,
    **outbound_rules.MEANING,
    **survey_rules.MEANING,
    **follow_up_rules.MEANING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreUser:
    """Somebody who may use the API."""

    id: str
    role: str
    agent: AgentId | None
    password_hash: str | None  # None: a system, which has keys.


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A call centre and the people who may use it."""

    configuration: Configuration  # Without calendars: see `with_calendars`.
    users: Mapping[str, CentreUser]
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    follow_ups: Mapping[str, FollowUpRule] = field(default_factory=dict)
    skills: tuple[str, ...] = ()
    vip: tuple[str, ...] = USUAL_VIP  # The segments that a dialplan is told are VIPs.
    hides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # By role, of a caller.
    agents_hear: bool = False  # The recordings of their own calls.
    agents_see_supervision: bool = True  # That a supervisor hears his call, on the agent's screen.
    reminders_file: str | None = None  # Beside the centre's own.
    reminders: Reminders = ()
    webhooks: tuple[Target, ...] = ()
    pay_rule: PayRule | None = None


def load_files(
    path: Path,
    *,
    menus: Path | None = None,
    webhooks: Path | None = None,
    pay_rule: Path | None = None,
    events: Collection[str] = (),
    node: NodeId,
) -> Centre:
    """The centre, who is told of which `events`, and what calls pay; raises BrokenFile with all that is wrong."""
    problems: list[Problem] = []

    def read(load: Callable[[], T]) -> T | None:
        try:
            return load()
        except BrokenFile as error:
            problems.extend(error.problems)
            return None

    centre = read(lambda: load_centre(path, menus=menus, node=node))
    targets = read(lambda: read_targets_of(webhooks, events=events)) if webhooks else None
    rule = read(lambda: read_rule_of(pay_rule)) if pay_rule else None
    if problems or centre is None:
        raise BrokenFile(problems)
    return replace(centre, webhooks=targets or (), pay_rule=rule)


def load_centre(path: Path, *, menus: Path | None = None, node: NodeId) -> Centre:
    """Read the centre file and its menus; raises BrokenFile with all that is wrong."""
    centre = load_rules(path, "CORDBOARD_CENTRE says where it is", node=node)
    queues = {str(name): rules for name, rules in centre.configuration.queues.items()}

    def fault(queue: str, requires: str) -> str:
        of_queue = queues[queue].requires if queue in queues else ""
        return fault_of(requires, centre.skills, of_queue)

    try:
        found = load_menus(menus or OUR_MENUS, known_queues=list(queues), fault=fault)
    except BrokenFile as error:
        raise error if menus else BrokenFile([*error.problems, _COMES_ALONG]) from error
    by_id = {MenuId(name): menu for name, menu in found.items()}
    problems = [
        *faults_of_surveys(centre.configuration.queues, by_id, path.name),
        *faults_of_callbacks(centre.configuration, by_id, path.name),
    ]
    if problems:
        raise BrokenFile(problems)
    centre = replace(centre, configuration=replace(centre.configuration, menus=by_id))
    if centre.reminders_file is None:
        return centre
    file = path.parent / centre.reminders_file
    return replace(centre, reminders=read_reminders_of(file, queues=list(queues)))


def load_rules(path: Path, hint: str = "", *, node: NodeId) -> Centre:
    """The centre file by itself, for who walks no menu; raises BrokenFile with all that is wrong."""
    return parse_centre(text_of(path, hint), file=path.name, node=node)


def parse_centre(text: str, *, file: str, node: NodeId) -> Centre:
    """The centre that a text describes, without menus and reminders, which are files of their own."""
    root = compose(text, file)
    reader = Reader(file=file, meaning=MEANING)
    if root is None:
        reader.blame(None, "is empty; it needs queues and agents")
        raise BrokenFile(reader.problems)
    words = reader.words(root, "the centre", required=("queues", "agents"), optional=_OPTIONAL)
    queue_nodes = dict(_named(reader, words.get("queues"), "queue"))
    agents = {
        AgentId(name): _agent(reader, name, value, queue_nodes, node, desks="desks" in words)
        for name, value in _named(reader, words.get("agents"), "agent")
    }
    desks = _desks(reader, words.get("desks"), agents)
    schedules = {}
    for name, value in _named(reader, words.get("hours"), "hour"):
        reader.scope = f"hours {name!r}: "
        schedules[name] = read_schedule(reader, value)
    reader.scope = ""
    dispositions = read_dispositions(reader, words.get("dispositions"))
    repeat = read_repeat_rule(reader, words.get("repeat"), dispositions=dispositions)
    known = Known(
        queues=queue_nodes,
        agents=agents,
        teams=sorted({agent.team for agent in agents.values() if agent.team}),
        skills=sorted({skill for agent in agents.values() for skill in agent.skills}),
        calendars=schedules,
        repeat=repeat,
        dispositions=dispositions,
    )
    queues = _queues(reader, queue_nodes, known)
    named = _named(reader, words.get("users"), "user")
    users = {name: _user(reader, name, value, agents) for name, value in named}
    reader.scope = ""
    vip = _vip(reader, words.get("vip"))
    hides = _hides(reader, words.get("hides"))
    follow_ups = read_follow_ups(reader, words.get("follow_ups"), known)
    outbound = read_outbound(reader, words.get("outbound"), queue_nodes, schedules)
    reminders_file = reader.text(words.get("reminders"), "reminders")
    hear = _either(reader, words, "agents_hear", ("own", "nothing"), "nothing")
    see = _either(reader, words, "agents_see_supervision", ("always", "never"), "always")
    if reader.problems:
        raise BrokenFile(reader.problems)
    configuration = Configuration(
        queues=queues,
        agents=agents,
        desks=desks,
        dispositions=dispositions,
        outbound=outbound,
        repeat=repeat,
        repeat_window_ms=max(rule.window_ms for rule in (repeat, *_repeats(queues))),
    )
    return Centre(
        configuration=configuration,
        users=users,
        schedules=schedules,
        skills=tuple(known.skills),
        vip=vip or USUAL_VIP,
        hides=hides,
        agents_hear=hear,
        agents_see_supervision=see,
        follow_ups=follow_ups,
        reminders_file=reminders_file,
    )


def _repeats(queues: Mapping[QueueId, QueueRules]) -> list[RepeatRule]:
    return [rules.repeat for rules in queues.values()]


def with_calendars(centre: Centre, at: int) -> Configuration:
    """The configuration with its hours resolved from a day before `at` on; to be renewed well within `HORIZON_DAYS`."""
    calendars = {
        name: expand(schedule, at - DAY_MS, HORIZON_DAYS)
        for name, schedule in centre.schedules.items()
    }
    return replace(centre.configuration, calendars=calendars)


def _named(reader: Reader, node: yaml.Node | None, kind: str) -> list[tuple[str, yaml.Node]]:
    if node is None:
        return []
    reader.scope = ""
    found = []
    for name, (key, value) in reader.entries(node, f"{kind}s").items():
        if not ID.fullmatch(name):
            reader.blame(
                key,
                f"{kind} {quoted(name)}: an id has a-z, 0-9, - and _, 32 at most; people see the name",
            )
        else:
            found.append((name, value))
    return found


def _queues(
    reader: Reader, nodes: Mapping[str, yaml.Node], known: Known
) -> dict[QueueId, QueueRules]:
    queues = {}
    for name, value in nodes.items():
        reader.scope = f"queue {name!r}: "
        queues[QueueId(name)] = read_queue(reader, name, value, known)
    reader.scope = ""
    for circle in circles(queues):
        way = " → ".join(circle)
        reader.blame(
            nodes[circle[0]],
            f"callers would overflow in a circle for ever: {way}. Take one of these steps out",
        )
    return queues


def _either(
    reader: Reader, words: Mapping[str, yaml.Node], what: str, two: tuple[str, str], usual: str
) -> bool:
    """Whether the first of these two words is said, or nothing is, and it is the usual one."""
    return one_of(reader, words.get(what), what, two, usual) == two[0]


def _vip(reader: Reader, node: yaml.Node | None) -> tuple[str, ...]:
    return tuple(reader.text(item, "vip") or "" for item in items_of(reader, node, "vip"))


def _hides(reader: Reader, node: yaml.Node | None) -> dict[str, tuple[str, ...]]:
    if node is None:
        return {}
    words = reader.words(node, "hides", optional=("agent", "supervisor"))
    return {
        role: names_of(reader, value, "field", tuple(HIDEABLE)) for role, value in words.items()
    }


def _agent(
    reader: Reader,
    name: str,
    node: yaml.Node,
    queues: Collection[str],
    pbx: NodeId,
    *,
    desks: bool,
) -> AgentProfile:
    reader.scope = f"agent {name!r}: "
    optional = ("queues", "team", "skills", "auto_answer", "remote_answer", "client_grace_s")
    words = reader.words(node, "an agent", required=("name",), optional=("phone", *optional))
    if "phone" not in words and not desks:
        reader.blame(node, "has no phone, such as PJSIP/ana, and there are no desks to log in at")
    served, memberships = _served(reader, words.get("queues"), queues)
    grace = words.get("client_grace_s")
    return AgentProfile(
        id=AgentId(name),
        name=reader.text(words.get("name"), "name") or name,
        device=_phone(reader, words),
        queues=tuple(QueueId(queue) for queue in served),
        memberships=memberships,
        node=pbx,
        team=reader.text(words.get("team"), "team"),
        skills=_skills(reader, words.get("skills")),
        auto_answer=choice_of(reader, words, "auto_answer", AutoAnswer.NO),
        remote_answer=choice_of(reader, words, "remote_answer", RemoteAnswer.NO),
        client_grace_ms=1000 * reader.number(grace, "client_grace_s", 1, 3600, default=0) or None,
    )


def _phone(reader: Reader, words: Mapping[str, yaml.Node]) -> str:
    phone = reader.text(words.get("phone"), "phone") or ""
    if phone and not PHONE.fullmatch(phone):
        reader.blame(words["phone"], f"phone {quoted(phone)} is not of the form PJSIP/name")
    return phone


def _desks(
    reader: Reader, node: yaml.Node | None, agents: Mapping[AgentId, AgentProfile]
) -> dict[DeskId, Desk]:
    """The desks; the phone of each is nobody's own, nor another desk's."""
    own = (profile for profile in agents.values() if profile.device)
    taken = {profile.device: f"agent {quoted(profile.id)}" for profile in own}
    desks = {}
    for name, value in _named(reader, node, "desk"):
        reader.scope = f"desk {name!r}: "
        words = reader.words(value, "a desk", required=("name", "phone"))
        phone = _phone(reader, words)
        if phone and phone in taken:
            reader.blame(
                words["phone"],
                f"{phone} is the phone of {taken[phone]}; a desk has one of its own",
            )
        taken.setdefault(phone, f"desk {quoted(name)}")
        label = reader.text(words.get("name"), "name") or name
        desks[DeskId(name)] = Desk(id=DeskId(name), name=label, device=phone)
    reader.scope = ""
    return desks


def _served(
    reader: Reader, node: yaml.Node | None, known: Collection[str]
) -> tuple[tuple[str, ...], dict[QueueId, Membership]]:
    """The queues an agent serves: a list, or with a word about each."""
    if not isinstance(node, yaml.MappingNode):
        return names_of(reader, node, "queue", known), {}
    served, memberships = [], {}
    for queue, (key, value) in reader.entries(node, "queues").items():
        if name_of(reader, key, "queue", known) is None or queue not in known:
            continue
        served.append(queue)
        words = {}
        if value.value:  # Else there is nothing special about it.
            words = reader.words(value, f"queue {queue}", optional=("level", "after_s"))
        membership = Membership(
            level=reader.number(words.get("level"), "level", 0, 100, default=0),
            after_ms=1000 * reader.number(words.get("after_s"), "after_s", 0, 86_400, default=0),
        )
        if membership != Membership():
            memberships[QueueId(queue)] = membership
    return tuple(served), memberships


def _skills(reader: Reader, node: yaml.Node | None) -> dict[str, int]:
    if node is None:
        return {}
    found = {}
    for skill, (key, value) in reader.entries(node, "skills").items():
        if not is_skill_id(skill):
            reader.blame(
                key, f"{quoted(skill)} is no name for a skill: a-z, 0-9, - and _, 32 at most"
            )
        found[skill] = reader.number(value, f"level of {quoted(skill)}", 0, 100, default=0)
    return found


def _user(
    reader: Reader, name: str, node: yaml.Node, agents: Mapping[AgentId, AgentProfile]
) -> CentreUser:
    reader.scope = f"user {name!r}: "
    words = reader.words(node, "a user", required=("role",), optional=("password_hash", "agent"))
    agent = reader.text(words.get("agent"), "agent")
    role = one_of(reader, words.get("role"), "role", ROLES, "supervisor")
    if agent is not None and agent not in agents:
        reader.blame(
            words["agent"], f"is agent {quoted(agent)}, and there is none{nearest(agent, agents)}"
        )
    if role == "agent" and agent is None:
        reader.blame(node, "has the role agent and needs 'agent': which one")
    password_hash = reader.text(words.get("password_hash"), "password_hash")
    if password_hash and not password_hash.startswith("$argon2id$"):
        reader.blame(
            words["password_hash"],
            "password_hash is not of argon2id; `cordboard hash-password` makes one",
        )
    return CentreUser(
        id=name,
        role=role,
        agent=AgentId(agent) if agent is not None else None,
        password_hash=password_hash,
    )
