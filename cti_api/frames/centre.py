"""The events of queues and of the centre as a whole; never who may see them."""

from typing import Literal

from pydantic import with_config

from cti_api.frames.head import EventHead, example
from cti_api.shapes.calls import CALL
from cti_api.shapes.forms import like
from cti_api.shapes.queues import QUEUE, Queue


@with_config(like(example("queue-changed", queue="support", view=QUEUE)))
class QueueChanged(EventHead):
    """What waits in a queue is different; told a few times a second at most."""

    event: Literal["queue-changed"]
    queue: str
    view: Queue


@with_config(like(example("node-changed", node="pbx1", connected=True)))
class NodeChanged(EventHead):
    """We hear this Asterisk, or we do not."""

    event: Literal["node-changed"]
    node: str
    connected: bool


@with_config(like(example("misconfigured", call=CALL["id"], problem="there is no queue 'suport'")))
class Misconfigured(EventHead):
    """Somebody must look at the dialplan or the configuration."""

    event: Literal["misconfigured"]
    call: str | None
    problem: str


@with_config(like(example("repaired", call=CALL["id"], problem="a fit pair was left over")))
class Repaired(EventHead):
    """Something was as it must never be, and was mended: a fault of ours; please tell us."""

    event: Literal["repaired"]
    call: str | None
    problem: str
