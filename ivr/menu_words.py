"""Reads the words of a menu's file that many steps share: arrows, queues, sounds, numbers; mends nothing."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

import yaml

from ivr.plain_yaml import Reader, is_empty, listed, nearest, quoted
from ivr.steps import REASON, Prompt, StepName

RESULT = re.compile(r"[A-Za-z0-9_-]{1,64}")  # becomes a channel variable: nothing to interpret
PROMPT = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")  # below Asterisk's sounds, never elsewhere

# What a word is for, told to those who left it out.
MEANING: Mapping[str, str] = {
    "menu": "the menu's name",
    "start": "the step where callers start",
    "steps": "the steps by name",
    "then": "the step that follows",
    "prompts": "what the caller hears",
    "keys": "the step for each key, like {1: support}",
    "scale": "how it is answered: csat is 1 to 5, nps is 0 to 10",
    "otherwise": "the step for everybody else",
    "when": "what to ask about the caller, like {repeat_caller: true}",
    "go": "the step to take",
}

# What is wrong with what a caller of this queue would require; nothing, if nothing is. We know no skills here.
Fault: TypeAlias = Callable[[str, str], str]


class MenuWords(Reader):
    """A reader that knows the names of a menu's steps, and of the queues."""

    def __init__(
        self, *, file: str, known_queues: Collection[str] | None, fault: Fault | None
    ) -> None:
        super().__init__(file=file, meaning=MEANING)
        self.known_queues = known_queues
        self.fault = fault
        self.names: Mapping[StepName, yaml.Node] = {}  # where each step's name is written

    def target(self, node: yaml.Node | None, arrow: str) -> StepName | None:
        """The step an arrow goes to; a missing arrow is told by whoever missed it."""
        name = self.text(node, arrow)
        if name is not None and name in self.names:
            return name
        if name is not None:
            self.blame(
                node,
                f"{arrow} goes to {quoted(name)}, which is no step{nearest(name, self.names)} "
                f"Steps here: {listed(list(self.names))}",
            )
        self.complete = False
        return None

    def queue(self, node: yaml.Node) -> str:
        queue = self.text(node, "'queue'") or ""
        if queue and self.known_queues is not None and queue not in self.known_queues:
            known = sorted(self.known_queues)
            self.blame(
                node,
                f"there is no queue {quoted(queue)}{nearest(queue, known)} Queues: {listed(known)}",
            )
        return queue

    def requires(self, node: yaml.Node | None, queue: str) -> str:
        text = self.text(node, "'requires'") or ""
        if text and self.fault is not None and (fault := self.fault(queue, text)):
            self.blame(node, fault)
        return text

    def reason(self, node: yaml.Node | None, what: str = "reason") -> str:
        reason = self.text(node, f"'{what}'") or ""
        if reason and not REASON.fullmatch(reason):
            self.blame(node, f"{what} {quoted(reason)} may have a-z 0-9 and - (at most 40)")
        return reason

    def consent(self, node: yaml.Node | None) -> bool | None:
        consent = (self.text(node, "'consent'") or "").lower()
        if consent not in ("", "yes", "no"):
            self.blame(node, "'consent' is yes or no: whether who comes this way may be recorded")
        return consent == "yes" if consent else None

    def result(self, node: yaml.Node) -> str:
        result = self.text(node, "'dialplan'") or ""
        if result and not RESULT.fullmatch(result):
            self.blame(node, f"result {quoted(result)} may have A-Z a-z 0-9 _ - (at most 64)")
        return result

    def prompts(self, node: yaml.Node, what: str) -> tuple[Prompt, ...]:
        """A list of prompts; a single one needs no brackets, and none may be written as nothing."""
        if is_empty(node):
            return ()
        items: list[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else [node]
        prompts = []
        for item in items:
            prompt = self.text(item, f"a prompt of {what}")
            if prompt is not None and not PROMPT.fullmatch(prompt):
                self.blame(
                    item,
                    f"prompt {quoted(prompt)} is no name of a sound: use A-Z a-z 0-9 _ - and / "
                    "between folders, without 'sound:' and without the file's ending",
                )
            prompts.append(prompt or "")
        return tuple(prompts)
