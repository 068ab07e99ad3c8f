"""The note that we leave on a caller's channel, so that a restart finds his place; never trusted."""

from dataclasses import dataclass

from acd.core.ids import QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlace:
    """Where the caller waits or waited, since when, and since when he talks if he does."""

    queue: QueueId
    priority: int
    joined_at: int
    connected_at: int | None = None


def write_saved(place: SavedPlace) -> str:
    """The note as text."""
    talks = "" if place.connected_at is None else f"|{place.connected_at}"
    return f"{place.queue}|{place.priority}|{place.joined_at}{talks}"


def read_saved(text: str) -> SavedPlace | None:
    """The place that a note tells, or None if it is none of ours."""
    queue, *numbers = text.split("|")
    try:
        priority, joined_at, *talks = (int(number) for number in numbers)
        (connected_at,) = talks or (None,)
    except ValueError:
        return None
    return SavedPlace(
        queue=QueueId(queue), priority=priority, joined_at=joined_at, connected_at=connected_at
    )
