"""Calls that have ended lately and who had them, in bounded memory; forgets everything with the process."""

from collections.abc import Sequence

from acd.core.ids import AgentId, CallId
from acd.core.notices import CallEnded, Notice

_MOST = 20_000


class RecentCalls:
    """Hears notices, and remembers the newest calls that somebody has talked to."""

    def __init__(self) -> None:
        self._served_by: dict[CallId, AgentId] = {}

    def hear(self, heard: Sequence[Notice]) -> None:
        """Remember the calls that end."""
        for notice in heard:
            if isinstance(notice, CallEnded) and notice.agent is not None:
                self._served_by[notice.call] = notice.agent
                if len(self._served_by) > _MOST:
                    del self._served_by[next(iter(self._served_by))]

    async def served_by(self, call: CallId) -> AgentId | None:
        """The agent who talked to this caller."""
        return self._served_by.get(call)
