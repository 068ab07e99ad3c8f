"""What supervisors have done lately, in bounded memory; forgets everything with the process."""

from collections import deque
from collections.abc import Sequence
from itertools import islice

from acd.core.ids import AgentId
from acd.core.notices import Notice, Supervised

_MOST = 10_000


class RecentActs:
    """Hears notices, and remembers the newest acts."""

    def __init__(self) -> None:
        self._acts: deque[Supervised] = deque(maxlen=_MOST)

    def hear(self, heard: Sequence[Notice]) -> None:
        """Remember what is done."""
        self._acts.extendleft(notice for notice in heard if isinstance(notice, Supervised))

    async def acts(
        self, *, agent: AgentId | None, before: int | None, limit: int
    ) -> Sequence[Supervised]:
        """The newest so many, newest first."""
        fitting = (
            act
            for act in self._acts
            if agent in (None, act.agent) and (before is None or act.at < before)
        )
        return list(islice(fitting, limit))
