"""Reads how a queue calls its callers back, and blames what cannot be meant; mends nothing."""

from collections.abc import Iterator, Mapping

import yaml

from acd.centre.words import Known, name_of
from acd.core.callback import PLAIN, CallbackRule
from acd.core.configuration import Configuration
from acd.core.ids import MenuId
from ivr.plain_yaml import Problem, Reader, listed, nearest, quoted
from ivr.steps import KEYS, CallBack, Menu

_WORDS = ("key", "menu", "other_number", "hours", "attempts", "again_after_min", "keep_h")


def read_callback(reader: Reader, node: yaml.Node | None, known: Known) -> CallbackRule | None:
    """`callback:` of a queue."""
    if node is None:
        return None
    words = reader.words(node, "callback", optional=_WORDS)

    def number(word: str, most: int, default: int) -> int:
        return reader.number(words.get(word), word, 1, most, default=default)

    key = reader.text(words.get("key"), "key") or ""
    if key and (len(key) != 1 or key not in KEYS):
        reader.blame(words["key"], f"{quoted(key)} is no key of a phone")
    menu = reader.text(words.get("menu"), "menu")
    if menu is not None and "key" not in words:
        reader.blame(words["menu"], "menu is where the key leads; give it a key")
    return CallbackRule(
        key=key,
        menu=MenuId(menu) if menu is not None else None,
        other_number=reader.boolean(words.get("other_number"), "other_number") or False,
        hours=name_of(reader, words.get("hours"), "hours", known.calendars) or "",
        attempts=number("attempts", 20, PLAIN.attempts),
        again_ms=60_000 * number("again_after_min", 1_440, PLAIN.again_ms // 60_000),
        keep_ms=3_600_000 * number("keep_h", 720, PLAIN.keep_ms // 3_600_000),
    )


def faults_of_callbacks(
    configuration: Configuration, menus: Mapping[MenuId, Menu], file: str
) -> Iterator[Problem]:
    """Callbacks that nobody could be paid, and menus that promise them for a queue which owes none."""
    for queue in configuration.queues.values():
        rule = queue.callback
        if rule is None:
            continue
        fault = None
        if not configuration.outbound.routes:
            fault = "nobody can be called: this file has no outbound routes"
        elif rule.key and rule.key in queue.exit_keys:
            fault = f"key {rule.key} is an exit key already"
        elif rule.menu is not None and rule.menu not in menus:
            near = nearest(rule.menu, menus)
            fault = f"there is no menu {quoted(rule.menu)}{near} Menus: {listed(list(menus))}"
        elif rule.menu is not None and not _calls_back(menus[rule.menu]):
            fault = f"menu {quoted(rule.menu)} calls nobody back: it has no step 'call_back'"
        if fault is not None:
            yield Problem(file=file, message=f"queue {queue.id!r}: callback: {fault}")
    owing = [name for name, queue in configuration.queues.items() if queue.callback is not None]
    for menu in menus.values():
        for name, step in menu.steps.items():
            if isinstance(step, CallBack) and step.queue not in owing:
                message = f"queue {step.queue!r} has no 'callback', which step {name!r} promises"
                yield Problem(file=f"menu {menu.id!r}", message=message)


def _calls_back(menu: Menu) -> bool:
    return any(isinstance(step, CallBack) for step in menu.steps.values())
