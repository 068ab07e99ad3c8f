"""Makes a call centre of a centre file, and refuses a broken one with every reason at once; mends nothing.

queues:
  support: {name: Support, ring_timeout_s: 15, wrap_up_s: 30, no_answer: retry}
agents:
  ana: {name: Anna, phone: PJSIP/ana, queues: [support, sales]}
users:
  ana: {role: agent, agent: ana, password_hash: $argon2id$…}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from acd.core.configuration import (
    AgentProfile,
    Configuration,
    NoAnswerPolicy,
    QueueRules,
)
from acd.core.ids import AgentId, MenuId, NodeId, QueueId
from acd.core.strategies import STRATEGIES
from ivr.loader import load_menus
from ivr.plain_yaml import BrokenFile, Problem, Reader, compose, listed, nearest, quoted

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
# One phone of ours and nothing else: & forks, a second / is any SIP address, @ changes the trunk.
PHONE = re.compile(r"PJSIP/[A-Za-z0-9_-]{1,64}")
ROLES = ("agent", "supervisor", "admin")
OUR_MENUS = Path(__file__).parent.parent / "ivr" / "menus"

MEANING: Mapping[str, str] = {
    "queues": "the queues by id",
    "agents": "the agents by id",
    "name": "what people call it",
    "phone": "the phone that rings, such as PJSIP/ana",
    "role": "one of " + ", ".join(ROLES),
    "password_hash": "what `cordboard hash-password` prints",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreUser:
    """Somebody who may use the API."""

    id: str
    role: str
    agent: AgentId | None
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A call centre and the people who may use it."""

    configuration: Configuration
    users: Mapping[str, CentreUser]


def load_centre(path: Path, *, menus: Path | None = None, node: NodeId) -> Centre:
    """Read the centre file and its menus; raises BrokenFile with all that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"cannot be read: {error.strerror}; CORDBOARD_CENTRE says where it is"
        raise BrokenFile([Problem(file=str(path), message=message)]) from error
    except UnicodeDecodeError as error:
        raise BrokenFile([Problem(file=str(path), message="is not UTF-8 text")]) from error
    centre = parse_centre(text, file=path.name, node=node)
    known = centre.configuration.queues
    found = load_menus(menus or OUR_MENUS, known_queues=[str(name) for name in known])
    configuration = Configuration(
        queues=known,
        agents=centre.configuration.agents,
        menus={MenuId(name): menu for name, menu in found.items()},
    )
    return Centre(configuration=configuration, users=centre.users)


def parse_centre(text: str, *, file: str, node: NodeId) -> Centre:
    """The centre that a text describes, without menus."""
    root = compose(text, file)
    reader = Reader(file=file, meaning=MEANING)
    if root is None:
        reader.blame(None, "is empty; it needs queues and agents")
        raise BrokenFile(reader.problems)
    words = reader.words(root, "the centre", required=("queues", "agents"), optional=("users",))
    queues = {
        QueueId(name): _queue(reader, name, value)
        for name, value in _named(reader, words.get("queues"), "queue")
    }
    agents = {
        AgentId(name): _agent(reader, name, value, queues, node)
        for name, value in _named(reader, words.get("agents"), "agent")
    }
    users = {
        name: _user(reader, name, value, agents)
        for name, value in _named(reader, words.get("users"), "user")
    }
    if reader.problems:
        raise BrokenFile(reader.problems)
    return Centre(configuration=Configuration(queues=queues, agents=agents), users=users)


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


def _queue(reader: Reader, name: str, node: yaml.Node) -> QueueRules:
    reader.scope = f"queue {name!r}: "
    optional = ("strategy", "ring_timeout_s", "wrap_up_s", "no_answer", "spare_s", "hold_music")
    words = reader.words(node, "a queue", required=("name",), optional=optional)
    usual = QueueRules(id=QueueId(name), name=name)

    def seconds(word: str, least: int, most: int, usual_ms: int) -> int:
        return 1000 * reader.number(words.get(word), word, least, most, default=usual_ms // 1000)

    return QueueRules(
        id=QueueId(name),
        name=reader.text(words.get("name"), "name") or name,
        strategy=_one_of(
            reader, words.get("strategy"), "strategy", tuple(STRATEGIES), usual.strategy
        ),
        ring_timeout_ms=seconds("ring_timeout_s", 3, 300, usual.ring_timeout_ms),
        wrap_up_ms=seconds("wrap_up_s", 0, 999, usual.wrap_up_ms),
        no_answer=NoAnswerPolicy(
            _one_of(
                reader,
                words.get("no_answer"),
                "no_answer",
                tuple(policy.value for policy in NoAnswerPolicy),
                usual.no_answer.value,
            )
        ),
        spare_ms=seconds("spare_s", 1, 999, usual.spare_ms),
        hold_music=reader.text(words.get("hold_music"), "hold_music") or usual.hold_music,
    )


def _agent(
    reader: Reader, name: str, node: yaml.Node, queues: Mapping[QueueId, QueueRules], pbx: NodeId
) -> AgentProfile:
    reader.scope = f"agent {name!r}: "
    words = reader.words(node, "an agent", required=("name", "phone"), optional=("queues",))
    phone = reader.text(words.get("phone"), "phone") or ""
    if phone and not PHONE.fullmatch(phone):
        reader.blame(words["phone"], f"phone {quoted(phone)} is not of the form PJSIP/name")
    served = words.get("queues")
    names: list[QueueId] = []
    if isinstance(served, yaml.SequenceNode):
        for item in served.value:
            queue = QueueId(reader.text(item, "a queue's id") or "")
            if queue and queue not in queues:
                reader.blame(
                    item,
                    f"serves queue {quoted(queue)}, and there is none{nearest(queue, queues)} "
                    f"Queues here: {listed(queues)}",
                )
            names.append(queue)
    elif served is not None:
        reader.blame(served, "queues takes a list, like [support, sales]")
    return AgentProfile(
        id=AgentId(name),
        name=reader.text(words.get("name"), "name") or name,
        device=phone,
        queues=tuple(dict.fromkeys(names)),
        node=pbx,
    )


def _user(
    reader: Reader, name: str, node: yaml.Node, agents: Mapping[AgentId, AgentProfile]
) -> CentreUser:
    reader.scope = f"user {name!r}: "
    words = reader.words(node, "a user", required=("role", "password_hash"), optional=("agent",))
    agent = reader.text(words.get("agent"), "agent")
    role = _one_of(reader, words.get("role"), "role", ROLES, "supervisor")
    if agent is not None and agent not in agents:
        reader.blame(
            words["agent"], f"is agent {quoted(agent)}, and there is none{nearest(agent, agents)}"
        )
    if role == "agent" and agent is None:
        reader.blame(node, "has the role agent and needs 'agent': which one")
    password_hash = reader.text(words.get("password_hash"), "password_hash") or ""
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


def _one_of(
    reader: Reader, node: yaml.Node | None, what: str, allowed: tuple[str, ...], usual: str
) -> str:
    text = reader.text(node, what)
    if text is None:
        return usual
    if text not in allowed:
        reader.blame(node, f"{what} is {quoted(text)}; it takes one of {', '.join(allowed)}")
        return usual
    return text
