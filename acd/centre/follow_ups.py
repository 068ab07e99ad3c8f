"""Reads how customers are followed up from the centre file, and blames what cannot be meant; mends nothing."""

import re
from collections.abc import Mapping

import yaml

from acd.cases.follow_up import FollowUpRule
from acd.centre.words import Known, items_of, name_of, names_of
from acd.core.ids import QueueId
from ivr.plain_yaml import Reader, quoted

MEANING: Mapping[str, str] = {"why": "what the agent is told, in a sentence"}
_OPTIONAL = (
    "calls",
    "promises",
    "attempts",
    "again_after_min",
    "between",
    "hours",
    "idle_s",
    "answer_s",
)
_CALLS = ("queue", "outcomes", "share_percent", "every_day")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_BETWEEN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


def read_follow_ups(
    reader: Reader, node: yaml.Node | None, known: Known
) -> dict[str, FollowUpRule]:
    """The rules by name; none if nothing is said."""
    found = {}
    for name, (key, value) in (reader.entries(node, "follow_ups") if node else {}).items():
        if not _NAME.fullmatch(name):
            reader.blame(key, f"follow-up {quoted(name)}: a name has a-z, 0-9, - and _, 32 at most")
            continue
        reader.scope = f"follow-up {name!r}: "
        found[name] = rule = _rule(reader, name, value, known)
        if rule.promises and any(one.promises for one in list(found.values())[:-1]):
            reader.blame(key, "promises: another follow-up has them already")
    reader.scope = ""
    return found


def _rule(reader: Reader, name: str, node: yaml.Node, known: Known) -> FollowUpRule:
    words = reader.words(node, "a follow-up", required=("queue", "why"), optional=_OPTIONAL)

    def number(word: str, least: int, most: int, default: int) -> int:
        return reader.number(words.get(word), word, least, most, default=default)

    queue = name_of(reader, words.get("queue"), "queue", known.queues) or ""
    calls: dict[str, yaml.Node] = {}
    if (of := words.get("calls")) is not None:
        calls = reader.words(of, "calls", optional=_CALLS)
    outcomes = calls.get("outcomes")
    begins, ends = _between(reader, words.get("between"))
    return FollowUpRule(
        id=name,
        queue=QueueId(queue),
        why=(reader.text(words.get("why"), "why") or "")[:200],
        of_queue=QueueId(name_of(reader, calls.get("queue"), "queue", known.queues) or queue),
        outcomes=_outcomes(reader, outcomes, known),
        share_percent=reader.number(
            calls.get("share_percent"), "share_percent", 0, 100, default=100
        ),
        promises=reader.boolean(words.get("promises"), "promises") or False,
        every_day=reader.boolean(calls.get("every_day"), "every_day") or False,
        attempts=number("attempts", 1, 20, 3),
        again_ms=60_000 * number("again_after_min", 1, 10_080, 120),
        begins_min=begins,
        ends_min=ends,
        hours=name_of(reader, words.get("hours"), "hours", known.calendars) or "",
        idle_ms=1000 * number("idle_s", 0, 3600, 20),
        answer_ms=1000 * number("answer_s", 5, 600, 30),
    )


def _outcomes(reader: Reader, node: yaml.Node | None, known: Known) -> tuple[str, ...]:
    """Of the centre's tree, if it has one; else whatever agents write."""
    if known.dispositions:
        return names_of(reader, node, "disposition", known.dispositions)
    return tuple(reader.text(item, "outcome") or "" for item in items_of(reader, node, "outcomes"))


def _between(reader: Reader, node: yaml.Node | None) -> tuple[int, int]:
    usual = (9 * 60, 20 * 60)
    text = reader.text(node, "between")
    if text is None:
        return usual
    parts = _BETWEEN.fullmatch(text)
    if parts is None:
        reader.blame(node, f"between {quoted(text)} is not of the form 09:00-20:00")
        return usual
    begins = 60 * int(parts[1]) + int(parts[2])
    ends = 60 * int(parts[3]) + int(parts[4])
    if not begins < ends <= 24 * 60:
        reader.blame(node, f"between {quoted(text)} ends before it begins")
    return begins, ends
