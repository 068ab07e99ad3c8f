"""What the ledger has heard and not yet written, as those meet it who read its tables; the ledger may be elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from acd.core.ids import CallId

CallChanges: TypeAlias = Mapping[str, Any]  # Column of `calls` → its new value.


class LastMoments(Protocol):
    """Of the ledger in this process, or of the engine's."""

    async def flush(self) -> None:
        """Return when all that was heard is written."""

    def unwritten_calls(self) -> Sequence[Mapping[CallId, CallChanges]]:
        """What the table `calls` does not say yet, the oldest first; nothing of a ledger that is elsewhere."""
