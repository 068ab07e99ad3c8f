"""What a listener has asked to be told of; pure, and never decides what he may be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from acd.core.ids import QueueId

Topic: TypeAlias = Literal["calls", "agents", "queues", "routes", "cases", "centre"]
TOPICS: tuple[Topic, ...] = get_args(Topic)

# What is not listed is said of a call.
_TOPIC_OF: Mapping[str, Topic] = {
    "agent-changed": "agents",
    "supervised": "agents",
    "queue-changed": "queues",
    "route-requested": "routes",
    "route-ended": "routes",
    "promise-changed": "cases",
    "task-changed": "cases",
    "node-changed": "centre",
    "misconfigured": "centre",
    "repaired": "centre",
}


def topic_of(event: str) -> Topic:
    """The topic under which this event is told."""
    return _TOPIC_OF.get(event, "calls")


@dataclass(frozen=True, slots=True)
class Interest:
    """What somebody wants to hear of: these topics and, if any are named, of these queues."""

    topics: frozenset[Topic] = frozenset(TOPICS)
    queues: frozenset[QueueId] = frozenset()

    def hears(self, topic: Topic, about: Sequence[QueueId | None] | None) -> bool:
        """Whether he wants to hear of something that is in these queues; None: it is in no queue at all."""
        if topic not in self.topics:
            return False
        return not self.queues or about is None or not self.queues.isdisjoint(about)


EVERYTHING = Interest()


def interest_in(topics: Iterable[Topic], queues: Iterable[QueueId]) -> Interest:
    """Of no topics and no queues named: everything."""
    found = Interest(frozenset(topics) or frozenset(TOPICS), frozenset(queues))
    return EVERYTHING if found == EVERYTHING else found
