"""What each agent does, and since when: the facts of a state that is over; knows of calls what it is told."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from acd.core.agent import AgentState
from acd.core.ids import AgentId
from acd.core.notices import AgentStateChanged
from acd.reports.agent_facts import state_facts, why_not_ready
from acd.reports.facts import Fact
from acd.reports.going_on import Call, OpenState

# After a restart, an agent's state that nobody has seen for so long has not gone on meanwhile.
UNSEEN_MS = 15 * 60_000


class AgentStates:
    """The state of each agent of whom anything was heard."""

    def __init__(self) -> None:
        self.now: dict[AgentId, OpenState] = {}

    def resume(self, states: Mapping[AgentId, OpenState]) -> None:
        """What they did when the process before us stopped; what was heard since is so."""
        self.now = {**states, **self.now}

    def change(
        self, notice: AgentStateChanged, call: Call | None, team: str | None
    ) -> Iterator[Fact]:
        """He does something else, for this call if there is one: what is over by it."""
        old = self.now.get(notice.agent)
        new = _state_of(notice, old, call)
        seen_at = old.seen_at if old is not None else None
        unseen = seen_at is not None and notice.at - seen_at > UNSEEN_MS
        if old is not None and not unseen and _same(old, new):
            self.now[notice.agent] = replace(old, seen_at=None)
            return
        self.now[notice.agent] = new
        if old is not None:
            upto = seen_at if unseen and seen_at is not None else notice.at
            yield from state_facts(notice.agent, old, upto, team)


def _state_of(notice: AgentStateChanged, old: OpenState | None, call: Call | None) -> OpenState:
    if notice.state is AgentState.WRAP_UP and notice.call is None and old is not None:
        # Work after the call he had.
        return replace(old, state=notice.state.value, since=notice.at, detail=None, seen_at=None)
    queue: str | None = None
    if call is not None:
        part = call.talk or (call.stay.queued if call.stay else None)
        queue = part.queue if part else None
    return OpenState(
        state=notice.state.value,
        since=notice.at,
        detail=why_not_ready(notice) if notice.state is AgentState.NOT_READY else None,
        conversation=notice.call,
        queue=queue,
        dialled=call.dialled if call else None,
        person=call.person if call else None,
    )


def _same(one: OpenState, other: OpenState) -> bool:
    """Whether he does the same thing, however long."""
    return (one.state, one.detail, one.conversation) == (
        other.state,
        other.detail,
        other.conversation,
    )
