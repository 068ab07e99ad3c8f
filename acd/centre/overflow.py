"""Reads the steps by which a queue is relieved, and blames what cannot be meant; mends nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from acd.centre.words import DAY_S, MOST_CALLS, Known, items_of, name_of, names_of, result_of
from acd.core.configuration import Overflow, QueueRules
from acd.core.ids import QueueId
from ivr.plain_yaml import Reader

MOST_STEPS = 10

# When a step of overflow is done, and what it does.
WHEN = ("after_s", "expected_wait_s", "waiting", "ahead", "waiting_per_agent")
WHAT = ("also", "queue", "leave")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What of its own queue a step of overflow must come before; 0: no limit."""

    name: str
    longest_wait_s: int
    most_waiting: int


def read_overflow(
    reader: Reader, queue: Limits, node: yaml.Node | None, known: Known
) -> tuple[Overflow, ...]:
    """`overflow:` of a queue."""
    items = items_of(reader, node, "overflow")
    if len(items) > MOST_STEPS:
        reader.blame(node, f"has {len(items)} steps of overflow; {MOST_STEPS} are the most")
    found: list[Overflow] = []
    gone_s: int | None = None  # By then a step has taken every caller away.
    for item in items:
        step = _step(reader, queue, item, known)
        if step in found:
            reader.blame(item, "is there already; a step is done once for each caller")
        elif gone_s is not None and step.after_ms >= 1000 * gone_s:
            reader.blame(
                item, f"is never reached: after {gone_s} s a step before it takes everybody"
            )
        if not (step.also or step.expected_ms or step.waiting or step.ahead or step.per_agent):
            gone_s = min(step.after_ms // 1000, gone_s or step.after_ms // 1000)
        found.append(step)
    return tuple(found)


def _step(reader: Reader, queue: Limits, item: yaml.Node, known: Known) -> Overflow:
    words = reader.words(item, "a step of overflow", optional=(*WHEN, *WHAT))

    def number(word: str, most: int, limit: int = 0, because: str = "") -> int:
        value = reader.number(words.get(word), word, 1, most, default=0)
        if limit and value >= limit:
            reader.blame(words[word], f"{word} is {value}, which is never reached: {because}")
        return value

    if words and not any(word in words for word in WHEN):
        reader.blame(item, f"does not say when: give it one or more of {', '.join(WHEN)}")
    if words and sum(word in words for word in WHAT) != 1:
        reader.blame(item, f"does one thing: give it one of {', '.join(WHAT)}")
    most, longest_s = queue.most_waiting, queue.longest_wait_s
    also = names_of(reader, words.get("also"), "also", known.queues)
    if queue.name in also:
        reader.blame(words["also"], "names the queue itself, whose agents are asked anyway")
    to = name_of(reader, words.get("queue"), "queue", known.queues)
    return Overflow(
        after_ms=1000 * number("after_s", DAY_S, longest_s, f"longest_wait_s is {longest_s}"),
        expected_ms=1000 * number("expected_wait_s", DAY_S),
        waiting=number("waiting", MOST_CALLS, most and most + 1, f"most_waiting is {most}"),
        ahead=number("ahead", MOST_CALLS, most, f"most_waiting is {most}"),
        per_agent=number("waiting_per_agent", 1000),
        also=tuple(QueueId(name) for name in also),
        queue=QueueId(to) if to is not None else None,
        leave=result_of(reader, words.get("leave"), "leave"),
    )


def circles(queues: Mapping[QueueId, QueueRules]) -> list[tuple[QueueId, ...]]:
    """The ways on which a caller would overflow in a circle for ever, each from its first queue back to it."""
    found: list[tuple[QueueId, ...]] = []
    done: dict[QueueId, None] = {}
    for start in queues:
        way: dict[QueueId, Iterator[QueueId]] = {}
        if start not in done:
            way[start] = _leads_to(queues, start)
        while way:
            here = next(reversed(way))
            there = next(way[here], None)
            if there is None:
                done[here] = None
                del way[here]
            elif there in way:
                names = list(way)
                found.append((*names[names.index(there) :], there))
            elif there not in done:
                way[there] = _leads_to(queues, there)
    return found


def _leads_to(queues: Mapping[QueueId, QueueRules], name: QueueId) -> Iterator[QueueId]:
    to = (step.queue for step in queues[name].overflow)
    return iter(dict.fromkeys(queue for queue in to if queue is not None and queue in queues))
