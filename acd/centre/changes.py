"""What is different between two centres, in the words of their files; shows no value: some are secret, or people's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from acd.centre.file import Centre

# Where a word of the file is not our name with `_s` for `_ms`.
_WORDS: Mapping[str, str] = {
    "route_ms": "route_ms",
    "resume_ms": "resume_within_s",
    "device": "phone",
    "memberships": "queues",
    # Of follow-ups.
    "of_queue": "calls",
    "outcomes": "calls",
    "share_percent": "calls",
    "again_ms": "again_after_min",
    "begins_min": "between",
    "ends_min": "between",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A queue, agent, user, menu or opening hours came, went, or is different in these words of the file."""

    kind: str
    id: str
    how: str  # added, removed or changed
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.id}".strip() + ": " + (", ".join(self.words) or self.how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What came of reading the files again: what is different now, or why they are refused and nothing is."""

    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join(map(str, self.changes)) or "nothing is different"


def changes_between(before: Centre, after: Centre) -> tuple[Change, ...]:
    """All that is different, by kind and then by id."""
    was, now = before.configuration, after.configuration
    found = [
        *_each("queue", was.queues, now.queues),
        *_each("agent", was.agents, now.agents),
        *_each("desk", was.desks, now.desks),
        *_each("user", before.users, after.users),
        *_each("menu", was.menus, now.menus, whole=True),
        *_each("hours", before.schedules, after.schedules, whole=True),
        *_each("follow-up", before.follow_ups, after.follow_ups),
        *_each("webhook", *({one.name: one for one in of.webhooks} for of in (before, after))),
    ]
    centre = {
        "repeat": (was.repeat, now.repeat),
        "dispositions": (was.dispositions, now.dispositions),
        "outbound": (was.outbound, now.outbound),
        "vip": (before.vip, after.vip),
        "hides": (before.hides, after.hides),
        "agents_see_supervision": (before.agents_see_supervision, after.agents_see_supervision),
        "reminders": (before.reminders, after.reminders),
        "agents_hear": (before.agents_hear, after.agents_hear),
        "pay_rule": (before.pay_rule, after.pay_rule),
    }
    if words := tuple(word for word, (old, new) in centre.items() if old != new):
        found.append(Change(kind="centre", id="", how="changed", words=words))
    return tuple(found)


def _each(
    kind: str, before: Mapping[Any, Any], after: Mapping[Any, Any], *, whole: bool = False
) -> Iterator[Change]:
    for name in sorted({**before, **after}):
        if name not in before:
            yield Change(kind=kind, id=name, how="added")
        elif name not in after:
            yield Change(kind=kind, id=name, how="removed")
        elif before[name] != after[name]:
            words = () if whole else _words(before[name], after[name])
            yield Change(kind=kind, id=name, how="changed", words=words)


def _words(before: Any, after: Any) -> tuple[str, ...]:
    names = [f.name for f in fields(before) if getattr(before, f.name) != getattr(after, f.name)]
    words = (
        _WORDS.get(name) or name.removesuffix("_ms") + "_s" * name.endswith("_ms") for name in names
    )
    return tuple(dict.fromkeys(words))
