"""What only the engine's process has, as API processes ask for it: the ledger's last moments, the journal, the centre.

Both sides of each question stand here together. Whatever can be read from the database is not asked.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from acd.adapters.redis import link
from acd.adapters.redis.broadcast import Questions
from acd.adapters.redis.remote import RemoteSwitchboard
from acd.apart import TooLongError
from acd.cases.news import Tell
from acd.centre.changes import Reloaded
from acd.core.explain import Candidate
from acd.core.ids import AgentId, CallId
from acd.core.notices import Supervised
from acd.past_decisions import PATIENCE_S
from acd.switchboard import EngineAway

log = logging.getLogger(__name__)

_TOO_LONG = "too long"


class _Ledger(Protocol):
    async def flush(self) -> None: ...

    async def note(self, act: Supervised) -> None: ...


class _Decisions(Protocol):
    async def explain(self, call: CallId, agent: AgentId | None) -> Sequence[Candidate] | None: ...


def questions_to(
    ledger: _Ledger,
    decisions: _Decisions,
    reload: Callable[[str], Awaitable[Reloaded]],
    tell: Tell,
) -> Questions:
    """What the engine's process answers besides what its switchboard does."""

    async def flush(_: Any) -> bool:
        await ledger.flush()
        return True

    async def note(act: Any) -> bool:
        await ledger.note(link.thing_of(act))
        return True

    async def decided(asked: Any) -> Any:
        call, agent = asked
        try:
            found = await decisions.explain(CallId(call), AgentId(agent) if agent else None)
        except TooLongError:
            return _TOO_LONG
        return [None if found is None else [link.plain(one) for one in found]]

    async def read_again(by: Any) -> Any:
        return link.plain(await reload(by))

    async def case(news: Any) -> None:
        tell(link.thing_of(news))

    return {
        "flush": flush,
        "note": note,
        "decided": decided,
        "reload": read_again,
        "case": case,
    }


class RemoteLedger:
    """As much of the engine's ledger as those need who read what it writes."""

    def __init__(self, engine: RemoteSwitchboard) -> None:
        self._engine = engine

    async def flush(self) -> None:
        """Return when all that the engine has heard is written; of one who is away nothing is to come."""
        try:
            await self._engine.ask("flush", None)
        except EngineAway:
            log.warning("the engine is away: its last moments are not in what is read now")

    def unwritten_calls(self) -> Sequence[Mapping[CallId, Any]]:
        """None that is known here; `flush` first."""
        return ()

    async def note(self, act: Supervised) -> None:
        """Write down that somebody did this; raises EngineAway."""
        await self._engine.ask("note", link.plain(act))


class RemoteDecisions:
    """The port of the API for decisions of the past."""

    def __init__(self, engine: RemoteSwitchboard) -> None:
        self._engine = engine

    async def explain(self, call: CallId, agent: AgentId | None) -> Sequence[Candidate] | None:
        """As in the engine's process. Raises TooLongError and EngineAway."""
        found = await self._engine.ask("decided", [call, agent], within_s=PATIENCE_S + 2)
        if found == _TOO_LONG:
            raise TooLongError
        (told,) = found
        return None if told is None else [link.thing_of(one) for one in told]


async def reload(engine: RemoteSwitchboard, by: str) -> Reloaded:
    """Have the engine's process read the centre's files again; raises EngineAway."""
    done: Reloaded = link.thing_of(await engine.ask("reload", by))
    return done
