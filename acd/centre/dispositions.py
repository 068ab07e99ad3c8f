"""Reads the tree of dispositions from the centre file, and blames what cannot be meant; mends nothing."""

import re
from collections.abc import Iterable, Mapping

import yaml

from acd.core.disposition import UNDISPOSED, Disposition, Dispositions, under
from ivr.plain_yaml import Reader, quoted

MEANING: Mapping[str, str] = {"below": "what it is divided into, by code"}
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MOST = 1_000
_DEEPEST = 6


def read_dispositions(reader: Reader, node: yaml.Node | None) -> Dispositions:
    """The tree that is written here; empty if there is none."""
    found: dict[str, Disposition] = {}
    if node is not None:
        _read(reader, node, found, (), False)
    if len(found) > _MOST:
        reader.blame(node, f"dispositions: more than {_MOST}; nobody finds one of them in time")
    return found


def _read(
    reader: Reader,
    node: yaml.Node,
    found: dict[str, Disposition],
    above: tuple[str, ...],
    is_reason: bool,
) -> None:
    for code, (key, value) in reader.entries(node, "dispositions").items():
        if not _CODE.fullmatch(code) or code == UNDISPOSED:
            why = (
                "is what we say where nobody said anything"
                if code == UNDISPOSED
                else "is no code: a-z, 0-9 and -, 40 at most; people see the name"
            )
            reader.blame(key, f"disposition {quoted(code)} {why}")
            continue
        if code in found:
            reader.blame(
                key, f"disposition {quoted(code)} is in the tree already: a code is one thing"
            )
            continue
        words = reader.words(
            value, f"disposition {code}", required=("name",), optional=("reason", "below")
        )
        says = reader.boolean(words.get("reason"), "reason")
        if says is False and is_reason:
            reader.blame(words["reason"], f"reason: {above[-1]}, which it is a part of, is one")
        one = Disposition(
            code=code,
            name=reader.text(words.get("name"), "name") or code,
            above=above[-1] if above else None,
            is_reason=is_reason or bool(says),
        )
        found[code] = one
        if "below" not in words:
            continue
        if len(above) + 1 == _DEEPEST:
            reader.blame(words["below"], f"below: {_DEEPEST} levels at most")
        else:
            _read(reader, words["below"], found, (*above, code), one.is_reason)


def with_all_below(dispositions: Dispositions, reasons: Iterable[str]) -> tuple[str, ...]:
    """These reasons, and of those that are dispositions all that is below them."""
    named = tuple(reasons)
    if not named:
        return ()
    below = (one.code for one in under(dispositions, named))
    return tuple(dict.fromkeys((*named, *below)))
