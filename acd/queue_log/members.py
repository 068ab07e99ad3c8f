"""What agents did by the lines of a queue_log: ready, away, in a talk; knows of no call but that there is one.

Who is never seen to log in or to pause has no state: his calls alone would be an occupancy of 100 %.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from acd.core.agent import AgentState
from acd.queue_log.line import Line
from acd.reports.agent_facts import state_facts
from acd.reports.facts import Fact
from acd.reports.going_on import OpenState

MEMBER_EVENTS = frozenset(
    (
        *("ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL"),
        *("AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a file's queues and agents are called here, and in which team an agent is."""

    queues: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str | None] = field(default_factory=dict)

    def queue(self, name: str) -> str:
        """What this queue is called here."""
        return self.queues.get(name, name)

    def agent(self, name: str) -> str:
        """What this agent is called here."""
        return self.agents.get(name, name)


@dataclass(slots=True)
class _Member:
    # Logging in, out, or pausing. Of a member of queues.conf only calls are known.
    seen: bool = False
    queues: dict[str, bool] = field(default_factory=dict)  # Where he is a member → paused there.
    everywhere: bool = False  # Logged in as an agent, by himself.
    paused: bool = False  # In all queues.
    reason: str | None = None
    talk: OpenState | None = None
    state: OpenState | None = None


class Members:
    """Hears lines of `MEMBER_EVENTS` in order, and whose talks begin and end."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._members: dict[str, _Member] = {}

    def hear(self, line: Line) -> Iterator[Fact]:
        """What this agent has done until now, if he does something else from now on."""
        name = self._names.agent(line.agent)
        member = self._members.setdefault(name, _Member())
        member.seen = True
        queue = self._names.queue(line.queue)
        match line.event:
            case "ADDMEMBER":
                member.queues[queue] = line.text(0) == "PAUSED"
            case "REMOVEMEMBER":
                member.queues.pop(queue, None)
            case "AGENTLOGIN" | "AGENTCALLBACKLOGIN":
                member.everywhere = True
            case "AGENTLOGOFF" | "AGENTCALLBACKLOGOFF":
                member.everywhere = False
            case "PAUSEALL" | "UNPAUSEALL":
                member.paused = line.event == "PAUSEALL"
                member.queues = dict.fromkeys(member.queues, member.paused)
            case "PAUSE" | "UNPAUSE":
                # Who was a member before the file began, is one.
                member.queues[queue] = line.event == "PAUSE"
                member.paused = member.paused and line.event == "PAUSE"
        if line.event.startswith("PAUSE"):
            member.reason = line.text(0) or None
        yield from self._stand(name, member, line.at)

    def talks(self, name: str, talk: OpenState | None, at: int) -> Iterator[Fact]:
        """The same when a talk of his begins, or (None) is over; `name`: as he is called here."""
        member = self._members.setdefault(name, _Member())
        member.talk = talk
        yield from self._stand(name, member, at)

    def _stand(self, name: str, member: _Member, at: int) -> Iterator[Fact]:
        if not member.seen:
            return
        old, new = member.state, _state_of(member, at)
        if old is None:
            member.state = new
            return
        if (old.state, old.detail, old.conversation) == (new.state, new.detail, new.conversation):
            return
        member.state = new
        yield from state_facts(name, old, at, self._names.teams.get(name))


def _state_of(member: _Member, at: int) -> OpenState:
    if member.talk is not None:
        return replace(member.talk, since=at)
    if not member.queues and not member.everywhere:
        return OpenState(state=AgentState.LOGGED_OUT.value, since=at)
    if member.paused or (member.queues and all(member.queues.values())):
        why = member.reason or "manual"
        return OpenState(state=AgentState.NOT_READY.value, since=at, detail=why)
    return OpenState(state=AgentState.READY.value, since=at)
