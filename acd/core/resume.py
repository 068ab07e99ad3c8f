"""Remembers who hung up while he waited, for the short time in which he may have his place again; knows no rule.

It is forgotten with the process: see DECISIONS.md.
"""

from collections.abc import Iterator

from acd.core.ids import CallId, QueueId
from acd.core.record import record


@record
class Dropout:
    """The place that a caller has given up, perhaps without wanting to."""

    call: CallId
    priority: int
    placed_at: int  # From when his place in the line counted.
    left_at: int


class Dropouts:
    """By queue and number, those who left first in front."""

    __slots__ = ("_by_queue",)

    def __init__(self) -> None:
        self._by_queue: dict[QueueId, dict[str, Dropout]] = {}

    def add(self, queue: QueueId, number: str, place: Dropout, *, within_ms: int) -> None:
        """He has just hung up; who did so too long ago is forgotten."""
        places = self._by_queue.setdefault(queue, {})
        places.pop(number, None)
        for old in list(self._over(places, place.left_at - within_ms)):
            del places[old]
        places[number] = place

    def take(self, queue: QueueId, number: str, *, within_ms: int, at: int) -> Dropout | None:
        """The place that this number left here within that time, once."""
        place = self._by_queue.get(queue, {}).pop(number, None)
        return place if place is not None and at - place.left_at <= within_ms else None

    def _over(self, places: dict[str, Dropout], before: int) -> Iterator[str]:
        for number, place in places.items():
            if place.left_at >= before:
                return
            yield number
