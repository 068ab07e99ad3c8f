"""The note that we leave on a caller's channel, so that a restart finds his place; never trusted.

`queue|priority|joined|connected|placed|requirements|reason|consent|recording|over`: times in milliseconds, empty where
there is none, requirements in the one way of writing that has neither `|` nor `;`. What is empty at the end is left
out, so an older note, which knew less, is read as well.
"""

from acd.core.ids import QueueId
from acd.core.record import record
from acd.core.recording import Recording, read_note
from acd.core.skill_parser import BadRequirement, parse
from ivr.steps import REASON

_FIELDS = 10
_CONSENT = {"": None, "yes": True, "no": False}
_CONSENT_WORD = {meant: word for word, meant in _CONSENT.items()}


@record
class SavedPlace:
    """Where the caller waits or waited, since when, and since when he talks if he does."""

    queue: QueueId
    priority: int
    joined_at: int
    connected_at: int | None = None
    placed_at: int | None = None  # From when his place in the line counts, if not from `joined_at`.
    requires: tuple[str, ...] = ()
    reason: str | None = None  # Why he calls.
    consent: bool | None = None  # Whether he has agreed to be recorded.
    recording: Recording | None = None
    over_at: int | None = None  # When his conversation was over: he is done but for a survey.


def write_saved(place: SavedPlace) -> str:
    """The note as text."""
    connected = "" if place.connected_at is None else place.connected_at
    placed = "" if place.placed_at is None else place.placed_at
    waits = f"{place.queue}|{place.priority}|{place.joined_at}|{connected}|{placed}"
    recording = place.recording.note if place.recording is not None else ""
    over = "" if place.over_at is None else place.over_at
    recorded = f"{_CONSENT_WORD[place.consent]}|{recording}|{over}"
    return f"{waits}|{';'.join(place.requires)}|{place.reason or ''}|{recorded}".rstrip("|")


def read_saved(text: str) -> SavedPlace | None:
    """The place that a note tells, or None if it is none of ours."""
    parts = text.split("|")
    if not 3 <= len(parts) <= _FIELDS:
        return None
    parts += [""] * (_FIELDS - len(parts))
    queue, priority, joined_at, connected_at, placed_at, requires, reason = parts[:7]
    consent, recording, over_at = parts[7:]
    texts = tuple(requires.split(";")) if requires else ()
    try:
        for one in texts:
            parse(one)
        if reason and not REASON.fullmatch(reason):
            return None
        return SavedPlace(
            queue=QueueId(queue),
            priority=int(priority),
            joined_at=int(joined_at),
            connected_at=int(connected_at) if connected_at else None,
            placed_at=int(placed_at) if placed_at else None,
            requires=texts,
            reason=reason or None,
            consent=_CONSENT[consent],
            recording=read_note(recording),
            over_at=int(over_at) if over_at else None,
        )
    except (ValueError, KeyError, BadRequirement):
        return None
