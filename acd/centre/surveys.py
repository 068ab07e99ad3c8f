"""Reads what a queue asks its callers after a conversation, and blames what cannot be meant; mends nothing."""

from collections.abc import Iterator, Mapping

import yaml

from acd.core.configuration import QueueRules
from acd.core.customer import DAY_MS
from acd.core.ids import MenuId, QueueId
from acd.core.survey import SurveyRule
from ivr.plain_yaml import Problem, Reader, listed, nearest, quoted
from ivr.steps import Ask, Enqueue, Menu

MEANING: Mapping[str, str] = {"menu": "the menu that asks, of the folder of menus"}


def read_survey(reader: Reader, node: yaml.Node | None) -> SurveyRule | None:
    """`survey:` of a queue: a menu's name, or with whom it is asked."""
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        menu = reader.text(node, "survey")
        return SurveyRule(menu=MenuId(menu)) if menu is not None else None
    words = reader.words(
        node, "a survey", required=("menu",), optional=("share_percent", "not_again_days")
    )
    days = reader.number(words.get("not_again_days"), "not_again_days", 0, 3660, default=30)
    return SurveyRule(
        menu=MenuId(reader.text(words.get("menu"), "menu") or ""),
        share_percent=reader.number(
            words.get("share_percent"), "share_percent", 0, 100, default=100
        ),
        not_again_ms=days * DAY_MS,
    )


def faults_of_surveys(
    queues: Mapping[QueueId, QueueRules], menus: Mapping[MenuId, Menu], file: str
) -> Iterator[Problem]:
    """Surveys that no caller could answer, or that would let him wait once more."""
    for queue in queues.values():
        if queue.survey is None:
            continue
        name, menu = queue.survey.menu, menus.get(queue.survey.menu)
        fault = None
        if menu is None:
            fault = f"there is no menu {quoted(name)}{nearest(name, menus)} Menus: {listed(list(menus))}"
        elif not any(isinstance(step, Ask) for step in menu.steps.values()):
            fault = f"menu {quoted(name)} asks nothing: it has no step 'survey'"
        elif any(isinstance(step, Enqueue) for step in menu.steps.values()):
            fault = f"menu {quoted(name)} has a step 'queue', and who is asked has been served"
        if fault is not None:
            yield Problem(file=file, message=f"queue {queue.id!r}: survey: {fault}")
