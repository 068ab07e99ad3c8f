"""The note that we leave on a caller's channel, so that a restart finds his place in the queue; never trusted."""

from dataclasses import dataclass

from acd.core.ids import QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlace:
    """Where the caller waits, and since when."""

    queue: QueueId
    priority: int
    joined_at: int


def write_saved(place: SavedPlace) -> str:
    """The note as text."""
    return f"{place.queue}|{place.priority}|{place.joined_at}"


def read_saved(text: str) -> SavedPlace | None:
    """The place that a note tells, or None if it is none of ours."""
    parts = text.rsplit("|", 2)
    if len(parts) != 3:
        return None
    try:
        return SavedPlace(queue=QueueId(parts[0]), priority=int(parts[1]), joined_at=int(parts[2]))
    except ValueError:
        return None
