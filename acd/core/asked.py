"""What every request carries, whatever it asks for; means nothing by itself."""

from acd.core.ids import AgentId, CallId
from acd.core.record import record


@record
class Asked:
    """Who asks, settled at the edge. `at`, and `request`, by which the answer is known, the switchboard gives."""

    at: int = 0
    request: str = ""
    by: str


@record
class AskedOfCall(Asked):
    """About a call that there is."""

    call: CallId


@record
class AskedOfAgent(Asked):
    """About an agent; what `by_another`, who is not himself, asks for is written down."""

    agent: AgentId
    by_another: bool = False
