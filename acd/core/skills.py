"""What a call asks of an agent's skills: the tree of it, its text, asking it of an agent; never picks the agent.

    chinese and (fridge >= 60 or washer > 40) and not trainee

An agent has each skill at a level from 0 to 100, and a skill that he was not given at level 0. A skill
by itself asks for any level above 0. `not` binds first, then `and`, then `or`; `!`, `&` and `|` mean the
same. The empty text asks for nothing.

A requirement travels as text, in configuration and in events, so that a journal can hold it and a person
can read it there. `skill_parser` makes a tree of it, and `written` the one text that everybody sees: parsed
again, it gives an equal tree. Whoever asks often keeps the tree, and what `compiled` made of it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from typing import TypeAlias

from acd.core.record import record

MAX_LEVEL = 100
MAX_STEPS = 10_000  # Of one `can_ever_match`: some 40 ms, and no real requirement needs 100.

_ID = re.compile(r"[a-z][a-z0-9_-]{0,31}")
RESERVED = ("and", "or", "not")


def is_skill_id(text: str) -> bool:
    """Whether a skill may be called this. Ids are for typing on any keyboard; people see its name."""
    return _ID.fullmatch(text) is not None and text not in RESERVED


class Op(StrEnum):
    """How a level is compared."""

    EQUAL = "="
    OTHER = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


_COMPARE: Mapping[Op, Callable[[int, int], bool]] = {
    Op.EQUAL: eq,
    Op.OTHER: ne,
    Op.LESS: lt,
    Op.AT_MOST: le,
    Op.MORE: gt,
    Op.AT_LEAST: ge,
}

_OPPOSITE: Mapping[Op, Op] = {
    Op.EQUAL: Op.OTHER,
    Op.OTHER: Op.EQUAL,
    Op.LESS: Op.AT_LEAST,
    Op.AT_LEAST: Op.LESS,
    Op.MORE: Op.AT_MOST,
    Op.AT_MOST: Op.MORE,
}


# The tree. The parser and `both` keep it in one form, and the asserts hold everybody else to it: else two
# texts of the same meaning would be unequal, or a tree would have no text.


@record
class Anything:
    """No requirement at all. It stands alone, never inside another."""


@record
class Has:
    """One skill at certain levels; at any above 0, unless told otherwise."""

    skill: str
    op: Op = Op.MORE
    level: int = 0

    def __post_init__(self) -> None:
        assert is_skill_id(self.skill), f"no skill can be called {self.skill!r}"
        assert 0 <= self.level <= MAX_LEVEL, f"{self.level} is no level"


@record
class Not:
    """The part must not be met."""

    part: "Part"


@record
class And:
    """Every part must be met."""

    parts: "tuple[Part, ...]"

    def __post_init__(self) -> None:
        _check_parts(self)


@record
class Or:
    """At least one part must be met."""

    parts: "tuple[Part, ...]"

    def __post_init__(self) -> None:
        _check_parts(self)


Part: TypeAlias = Has | Not | And | Or
Requirement: TypeAlias = Anything | Part
Test: TypeAlias = Callable[[Mapping[str, int]], bool]


def _check_parts(whole: And | Or) -> None:
    assert len(set(whole.parts)) == len(whole.parts) > 1, "two different parts or more"
    assert not any(isinstance(part, type(whole)) for part in whole.parts), "its parts belong here"


def joined(kind: type[And] | type[Or], parts: Iterable[Part]) -> Part:
    """These parts as one: those of the same kind dissolve, and nothing is said twice."""
    flat: list[Part] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And | Or) and type(part) is kind else (part,))
    distinct = tuple(dict.fromkeys(flat))
    return distinct[0] if len(distinct) == 1 else kind(parts=distinct)


def both(a: Requirement, b: Requirement) -> Requirement:
    """What a queue asks and what a call asks, together.

    This is for matching. Written, it may be longer and deeper than `parse` takes: send the two texts.
    """
    if isinstance(a, Anything):
        return b
    return a if isinstance(b, Anything) else joined(And, (a, b))


# Asking.


def compiled(requirement: Requirement) -> Test:
    """The requirement as a function of an agent's levels, for whoever asks it of many agents."""
    match requirement:
        case Anything():
            return lambda skills: True
        case Has(skill=skill, op=op, level=level):
            return _level_test(skill, _COMPARE[op], level)
        case Not(part=part):
            unwanted = compiled(part)
            return lambda skills: not unwanted(skills)
        case And(parts=parts):
            return _fold(tuple(map(compiled, parts)), until=False)
        case Or(parts=parts):
            return _fold(tuple(map(compiled, parts)), until=True)


def _level_test(skill: str, compare: Callable[[int, int], bool], level: int) -> Test:
    return lambda skills: compare(skills.get(skill, 0), level)


def _fold(tests: tuple[Test, ...], *, until: bool) -> Test:
    def fold(skills: Mapping[str, int]) -> bool:
        for test in tests:  # all() and any() take twice as long, for every agent of every decision.
            if test(skills) is until:
                return until
        return not until

    return fold


def fits(requirement: Requirement, skills: Mapping[str, int]) -> bool:
    """Whether an agent with these levels meets the requirement."""
    return compiled(requirement)(skills)


def why_not(requirement: Requirement, skills: Mapping[str, int]) -> str | None:
    """The first part that is not met and what the agent has instead, for people; None if he fits."""
    for part in requirement.parts if isinstance(requirement, And) else (requirement,):
        if not fits(part, skills):
            return f"{written(part)}: has {_held(skills_named(part), skills)}"
    return None


def _held(named: tuple[str, ...], skills: Mapping[str, int]) -> str:
    levels = [(skill, skills.get(skill, 0)) for skill in named]
    if len(levels) == 1:
        return str(levels[0][1] or "none")
    return ", ".join(f"{skill} {level}" if level else f"no {skill}" for skill, level in levels)


# Knowing something about every agent who could match, without looking at any.


def skills_named(requirement: Requirement) -> tuple[str, ...]:
    """Every skill that the requirement mentions, in the order of the alphabet."""
    return tuple(sorted({leaf.skill for leaf in _leaves(requirement)}))


def _leaves(requirement: Requirement) -> Iterator[Has]:
    match requirement:
        case Has():
            yield requirement
        case Not(part=part):
            yield from _leaves(part)
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _leaves(part)
        case Anything():
            pass


def can_ever_match(requirement: Requirement) -> bool:
    """False if no levels at all meet the requirement, like `a > 50 and a < 40`; for whoever writes it.

    False is always a proof. True is one too within MAX_STEPS; after them it means "not that we can
    see", which only a text made on purpose comes to, since the question is as hard as they get.
    """
    # Each entry is one way that is still open: what remains to be met, and the levels left by the rest.
    ways: list[tuple[tuple[Requirement, ...], dict[str, frozenset[int]]]] = [
        ((_without_not(requirement),), {})
    ]
    for _ in range(MAX_STEPS):
        if not ways:
            return False
        remaining, levels = ways.pop()
        if not remaining:
            return True
        part, rest = remaining[0], remaining[1:]
        match part:
            case Has(skill=skill, op=op, level=level):
                left = _levels(op, level) & levels.get(skill, _levels(Op.AT_LEAST, 0))
                if left:
                    ways.append((rest, {**levels, skill: left}))
            case And(parts=parts):
                # Choices last: a contradiction outside of them need not be found in each anew.
                ways.append((tuple(sorted((*parts, *rest), key=_is_choice)), levels))
            case Or(parts=parts):
                ways.extend(((option, *rest), levels) for option in reversed(parts))
            case _:
                ways.append((rest, levels))
    return True


def _is_choice(part: Requirement) -> bool:
    return isinstance(part, Or)


@cache
def _levels(op: Op, level: int) -> frozenset[int]:
    return frozenset(own for own in range(MAX_LEVEL + 1) if _COMPARE[op](own, level))


def _without_not(requirement: Requirement) -> Requirement:
    """The same in other words: every `not` pushed down into the comparisons, where it vanishes."""
    return requirement if isinstance(requirement, Anything) else _plain(requirement, wanted=True)


def _plain(part: Part, *, wanted: bool) -> Part:
    match part:
        case Has(skill=skill, op=op, level=level):
            return part if wanted else Has(skill=skill, op=_OPPOSITE[op], level=level)
        case Not(part=inner):
            return _plain(inner, wanted=not wanted)
        case And(parts=parts):
            return joined(And if wanted else Or, (_plain(p, wanted=wanted) for p in parts))
        case Or(parts=parts):
            return joined(Or if wanted else And, (_plain(p, wanted=wanted) for p in parts))


# Writing and reading.


def written(requirement: Requirement) -> str:
    """The requirement as text, with no more brackets than it needs."""
    match requirement:
        case Anything():
            return ""
        case Has(skill=skill, op=Op.MORE, level=0):
            return skill
        case Has(skill=skill, op=op, level=level):
            return f"{skill} {op} {level}"
        case Not(part=part):
            return f"not {_bracketed(part, And, Or)}"
        case And(parts=parts):
            return " and ".join(_bracketed(part, Or) for part in parts)
        case Or(parts=parts):
            return " or ".join(map(written, parts))


def _bracketed(part: Part, *looser: type[And] | type[Or]) -> str:
    return f"({written(part)})" if isinstance(part, looser) else written(part)
