"""What people and systems write down with a call for whoever has it on the screen; it means nothing to routing."""

from collections.abc import Mapping

from acd.core.asked import AskedOfCall
from acd.core.ids import CallId
from acd.core.record import record

MOST = 20  # Of one call. What is longer belongs into a CRM, under a key that is noted here.


@record
class WriteData(AskedOfCall):
    """Note these with a call, beside what is noted already; None takes a note away."""

    data: Mapping[str, str | None]


@record
class DataChanged:
    """What is noted with a call, all of it, is this now. `by` is empty if a restart has found it so."""

    at: int
    call: CallId
    by: str
    data: Mapping[str, str]


@record
class DataRestored:
    """What was noted with calls that had not ended when we last stopped: for those that go on."""

    at: int
    data: Mapping[CallId, Mapping[str, str]]


def changed(before: Mapping[str, str], by: Mapping[str, str | None]) -> dict[str, str]:
    """What is noted after this, in the order in which it was first written."""
    both = {**before, **by}
    return {key: text for key, text in both.items() if text is not None}
