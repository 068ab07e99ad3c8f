"""Reads what many rules of the centre's file say alike: names, one of a few words, requirements; mends nothing."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import yaml

from acd.core.customer import USUAL_RULE, RepeatRule
from acd.core.disposition import Dispositions
from acd.core.skill_parser import BadRequirement, parse
from acd.core.skills import can_ever_match
from ivr.plain_yaml import Reader, listed, nearest, quoted

Choice = TypeVar("Choice", bound=StrEnum)
MOST_CALLS = 1_000_000
DAY_S = 86_400
_RESULT = re.compile(r"[A-Za-z0-9_-]{1,64}")  # Becomes a channel variable: nothing to interpret.


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What else is in the centre file, by name."""

    queues: Collection[str]
    agents: Collection[str]
    teams: Collection[str]
    skills: Collection[str]
    calendars: Collection[str]
    repeat: RepeatRule = USUAL_RULE  # Of the centre.
    dispositions: Dispositions = field(default_factory=dict)


def requirement(
    reader: Reader, node: yaml.Node | None, skills: Collection[str], of_queue: str = ""
) -> str:
    """An expression over skills that somebody of the queue can fit, as it is written."""
    text = reader.text(node, "requires")
    if text is None:
        return ""
    if fault := fault_of(text, skills, of_queue):
        reader.blame(node, fault)
    return text


def fault_of(text: str, skills: Collection[str], of_queue: str = "") -> str:
    """What is wrong with an expression for agents who are as their queue requires besides; nothing: no fault."""
    known = frozenset(skills)
    try:
        if not can_ever_match(parse(text, known)):
            return (
                f"requires {quoted(text)}: nobody can ever be like that. "
                "Change one of the parts that contradict each other"
            )
    except BadRequirement as error:
        return f"requires {quoted(text)}: {error}"
    try:
        if not of_queue or not can_ever_match(parse(of_queue, known)):
            return ""
        if can_ever_match(parse(f"({of_queue}) and ({text})", known)):
            return ""
    except BadRequirement:
        return ""  # Of the queue's own words, it is told where they stand.
    return (
        f"requires {quoted(text)}: nobody can ever be like that and like the queue requires, "
        f"{quoted(of_queue)}. Change one of the two"
    )


def name_of(
    reader: Reader, node: yaml.Node | None, what: str, known: Collection[str]
) -> str | None:
    """A name of something that is there."""
    text = reader.text(node, what)
    if text is not None and text not in known:
        reader.blame(
            node,
            f"{what} {quoted(text)} is not there{nearest(text, known)} There are: {listed(known)}",
        )
    return text


def names_of(
    reader: Reader, node: yaml.Node | None, what: str, known: Collection[str]
) -> tuple[str, ...]:
    """A list of names of things that are there."""
    items = items_of(reader, node, what)
    return tuple(dict.fromkeys(n for i in items if (n := name_of(reader, i, what, known))))


def items_of(reader: Reader, node: yaml.Node | None, what: str) -> list[yaml.Node]:
    """The items of a list."""
    if node is None:
        return []
    if not isinstance(node, yaml.SequenceNode):
        reader.blame(node, f"{what} takes a list, like [a, b]")
        return []
    return list(node.value)


def one_of(
    reader: Reader, node: yaml.Node | None, what: str, allowed: tuple[str, ...], usual: str
) -> str:
    """One of a few words; an unknown one is refused, never replaced."""
    text = reader.text(node, what)
    if text is None:
        return usual
    if text not in allowed:
        takes = f"it takes one of {', '.join(allowed)}{nearest(text, allowed)}"
        reader.blame(node, f"{what} is {quoted(text)}; {takes}")
        return usual
    return text


def choice_of(reader: Reader, words: Mapping[str, yaml.Node], word: str, usual: Choice) -> Choice:
    """One of the words of a kind, or the usual one."""
    kind = type(usual)
    allowed = tuple(choice.value for choice in kind)
    return kind(one_of(reader, words.get(word), word, allowed, usual.value))


def result_of(reader: Reader, node: yaml.Node | None, what: str) -> str:
    """A word with which a caller is given back to the dialplan."""
    result = reader.text(node, what) or ""
    if result and not _RESULT.fullmatch(result):
        reader.blame(node, f"{quoted(result)} cannot be a CORDBOARD_RESULT: letters, digits, - _")
    return result
