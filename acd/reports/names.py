"""What people call queues, agents and dispositions, of which the ledger knows only ids; looks nothing up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.core.disposition import UNDISPOSED, Dispositions
from acd.reports.questions import Key
from acd.reports.words import Language, say

TREES = (Key.REASON, Key.OUTCOME)  # Of dispositions: a branch is what is below it.


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What people call them."""

    queues: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    dispositions: Dispositions = field(default_factory=dict)

    def of(self, key: Key, value: str | None, language: Language) -> str:
        """The name, or the id that has none."""
        if value is None:
            return say("nobody", language)
        if key in TREES:
            if value == UNDISPOSED:
                return say("undisposed", language)
            return self.dispositions[value].name if value in self.dispositions else value
        known = {Key.QUEUE: self.queues, Key.AGENT: self.agents}.get(key, {})
        return known.get(value, value)
