"""Makes menus of YAML files and refuses a broken one with every reason at once; never mends one."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

from ivr.arrows import silent_circles, unreachable
from ivr.menu_words import MEANING, Fault, MenuWords
from ivr.menu_words import PROMPT as PROMPT
from ivr.plain_yaml import BrokenFile, Problem, compose, is_empty, listed, nearest, quoted
from ivr.steps import (
    KEYS,
    SCALES,
    Ask,
    Branch,
    CallBack,
    Choose,
    Condition,
    Dialplan,
    Enqueue,
    HangUp,
    Menu,
    Prompt,
    Say,
    Step,
    StepName,
    Type,
)

MAX_BYTES = 256 * 1024

NAME = re.compile(r"[\w-]{1,64}")

# Each kind of step: the word that makes it, and the words that may stand beside it.
KINDS: Mapping[str, tuple[str, ...]] = {
    "say": ("then",),
    "choose": (),
    "survey": (),
    "number": (),
    "call_back": ("then", "otherwise"),
    "branch": (),
    "queue": ("priority", "requires", "reason", "consent"),
    "hang_up": (),
    "dialplan": (),
}

_ASKING = ("timeout_s", "attempts")

# What a caller may be asked about, in the words of Condition.
ASKED = ("repeat_caller", "repeat_count_at_least", "known_customer", "segment", "language")


def load_menus(
    folder: Path, known_queues: Collection[str] | None = None, fault: Fault | None = None
) -> dict[str, Menu]:
    """All menus of a folder by id; one broken file refuses them all, each with its problems."""
    menus: dict[str, Menu] = {}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    # A missing folder lists nothing, and is told like an empty one. Editors leave dot files behind.
    paths = sorted(p for p in folder.glob("[!.]*") if p.suffix in (".yaml", ".yml"))
    if not paths:
        message = "no menu is here; put a file such as main.yaml into this folder"
        problems.append(Problem(file=str(folder), message=message))
    for path in paths:
        try:
            menu = load_menu(path, known_queues, fault)
        except BrokenFile as error:
            problems.extend(error.problems)
            continue
        if menu.id in menus:
            message = f"menu {menu.id!r} is already in {files[menu.id]}; rename one of the two"
            problems.append(Problem(file=path.name, message=message))
        menus[menu.id] = menu
        files.setdefault(menu.id, path.name)
    if problems:
        raise BrokenFile(problems)
    return menus


def load_menu(
    path: Path, known_queues: Collection[str] | None = None, fault: Fault | None = None
) -> Menu:
    def refused(message: str, line: int | None = None) -> BrokenFile:
        return BrokenFile([Problem(file=path.name, line=line, message=message)])

    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise refused(f"cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise refused(f"is larger than {MAX_BYTES // 1024} kB; split it into several menus")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refused("is not UTF-8; save it with that encoding", line) from error
    return parse_menu(text, file=path.name, known_queues=known_queues, fault=fault)


def parse_menu(
    text: str,
    *,
    file: str = "menu",
    known_queues: Collection[str] | None = None,
    fault: Fault | None = None,
) -> Menu:
    """The menu that a text describes, or BrokenFile; `file` is only its name in the messages."""
    reader = _MenuReader(file=file, known_queues=known_queues, fault=fault)
    menu = reader.menu(compose(text, file))
    if reader.problems or menu is None:
        raise BrokenFile(reader.problems)
    return menu


class _MenuReader(MenuWords):
    """Reads one menu. An arrow to nowhere leaves its step out; any other refused value is replaced
    by a harmless one, so that one mistake is told once and hides no other."""

    # --- the menu and its steps ---------------------------------------------------------------

    def menu(self, root: yaml.Node | None) -> Menu | None:
        if root is None:
            self.blame(None, "the file is empty; a menu has the words: menu, start, steps")
            return None
        words = self.words(root, "a menu", required=("menu", "start", "steps"))
        menu_id = self.text(words.get("menu"), "'menu'")
        if menu_id is not None and not NAME.fullmatch(menu_id):
            self.blame(words["menu"], "a menu's name takes letters, digits, - and _ (at most 64)")
        if "steps" not in words:
            return None
        entries = self.entries(words["steps"], "'steps'")
        self.names = {name: key for name, (key, _) in entries.items()}
        start = self.target(words.get("start"), "'start'") if entries else None
        steps: dict[StepName, Step] = {}
        for name, (key, value) in entries.items():
            self.scope = f"step {quoted(name)}: "
            if not NAME.fullmatch(name):
                self.blame(key, "a step's name takes letters, digits, - and _ (at most 64)")
            if (step := self.step(key, value)) is not None:
                steps[name] = step
        self.scope = ""
        self.check_promises(start, steps)
        if menu_id is None or start is None:
            return None
        return Menu(id=menu_id, start=start, steps=steps)

    def check_promises(self, start: StepName | None, steps: Mapping[StepName, Step]) -> None:
        """Every step can be reached, and a caller who stays silent always reaches an end."""
        for circle in silent_circles(steps):
            way = " → ".join(map(quoted, [*circle, circle[0]]))
            self.blame(
                self.names[circle[0]],
                f"a caller who presses nothing goes round forever: {way}; "
                "let one of these steps go to an end (queue, hang_up, dialplan)",
            )
        # With an arrow unread, every step behind it would be blamed for that.
        if start is not None and self.complete and len(steps) == len(self.names):
            for name in unreachable(start, steps):
                message = (
                    f"step {quoted(name)}: no caller gets here; let a step go here or remove it"
                )
                self.blame(self.names[name], message)

    def step(self, key: yaml.Node, node: yaml.Node) -> Step | None:
        entries = self.entries(node, "a step")
        kinds = [word for word in entries if word in KINDS]
        if len(kinds) != 1:
            known = ", ".join(KINDS)
            if kinds:
                self.blame(key, f"is {' and '.join(kinds)} at once; make it {len(kinds)} steps")
            elif entries:
                found = ", ".join(map(quoted, entries))
                hint = nearest(next(iter(entries)), KINDS)
                self.blame(key, f"{found} makes no step{hint} A step is one of: {known}")
            return None
        kind = kinds[0]
        self.known_words(entries, (kind, *KINDS[kind]), f"a step with {kind!r}")
        body = entries[kind][1]
        words = {word: value for word, (_, value) in entries.items()}
        match kind:
            case "say":
                prompts = self.prompts(body, "'say'")
                then = self.target(words.get("then"), "'then'")
                if "then" not in words:
                    self.blame(key, f"is a dead end; it needs 'then': {MEANING['then']}")
                return Say(prompts=prompts, then=then) if then is not None else None
            case "choose":
                return self.choose(body)
            case "survey":
                return self.ask(body)
            case "number":
                return self.type_number(body)
            case "call_back":
                return self.call_back(key, body, words)
            case "branch":
                return self.branch(body)
            case "queue":
                priority = self.number(words.get("priority"), "'priority'", 0, 100, default=0)
                queue = self.queue(body)
                return Enqueue(
                    queue=queue,
                    priority=priority,
                    requires=self.requires(words.get("requires"), queue),
                    reason=self.reason(words.get("reason")),
                    consent=self.consent(words.get("consent")),
                )
            case "hang_up":
                return HangUp(prompts=self.prompts(body, "'hang_up'"))
            case _:
                return Dialplan(result=self.result(body))

    def choose(self, node: yaml.Node) -> Choose | None:
        words = self.words(
            node, "'choose'", required=("prompts", "keys", "otherwise"), optional=_ASKING
        )
        prompts, timeout_ms, attempts = self.asking(words)
        keys: dict[str, StepName] = {}
        entries = self.entries(words["keys"], "'keys'") if "keys" in words else {}
        for key, (key_node, value) in entries.items():
            if len(key) != 1 or key not in KEYS:
                self.blame(key_node, f"{quoted(key)} is no key of a telephone; those are 0-9 * #")
            if (target := self.target(value, f"key {quoted(key)}")) is not None:
                keys[key] = target
        otherwise = self.target(words.get("otherwise"), "'otherwise'")
        if otherwise is None:
            return None
        return Choose(
            prompts=prompts,
            keys=keys,
            otherwise=otherwise,
            timeout_ms=timeout_ms,
            attempts=attempts,
        )

    def ask(self, node: yaml.Node) -> Ask | None:
        required = ("scale", "prompts", "then", "otherwise")
        words = self.words(node, "'survey'", required=required, optional=("question", *_ASKING))
        prompts, timeout_ms, attempts = self.asking(words)
        scale = self.text(words.get("scale"), "'scale'") or ""
        if scale and scale not in SCALES:
            known = listed(list(SCALES))
            self.blame(words["scale"], f"there is no scale {quoted(scale)}. Scales: {known}")
        then = self.target(words.get("then"), "'then'")
        otherwise = self.target(words.get("otherwise"), "'otherwise'")
        question = self.reason(words.get("question"), "question") or scale
        if then is None or otherwise is None:
            return None
        return Ask(
            scale=scale,
            question=question,
            prompts=prompts,
            then=then,
            otherwise=otherwise,
            timeout_ms=timeout_ms,
            attempts=attempts,
        )

    def type_number(self, node: yaml.Node) -> Type | None:
        required = ("prompts", "then", "otherwise")
        words = self.words(node, "'number'", required=required, optional=_ASKING)
        prompts, timeout_ms, attempts = self.asking(words)
        then = self.target(words.get("then"), "'then'")
        otherwise = self.target(words.get("otherwise"), "'otherwise'")
        if then is None or otherwise is None:
            return None
        return Type(
            prompts=prompts,
            then=then,
            otherwise=otherwise,
            timeout_ms=timeout_ms,
            attempts=attempts,
        )

    def call_back(
        self, key: yaml.Node, node: yaml.Node, words: Mapping[str, yaml.Node]
    ) -> CallBack | None:
        queue = self.queue(node)
        arrows = [self.target(words.get(word), f"'{word}'") for word in ("then", "otherwise")]
        for word in ("then", "otherwise"):
            if word not in words:
                self.blame(key, f"is a dead end; it needs '{word}': {MEANING[word]}")
        then, otherwise = arrows
        if then is None or otherwise is None:
            return None
        return CallBack(queue=queue, then=then, otherwise=otherwise)

    def asking(self, words: Mapping[str, yaml.Node]) -> tuple[tuple[Prompt, ...], int, int]:
        """What is said before a key is pressed, for how long it is waited for, and how often."""
        prompts = self.prompts(words["prompts"], "'prompts'") if "prompts" in words else ()
        if "prompts" in words and not prompts:
            self.blame(words["prompts"], "'prompts' is empty; say which keys there are to press")
        seconds = self.number(words.get("timeout_s"), "'timeout_s'", 1, 60, default=5)
        attempts = self.number(words.get("attempts"), "'attempts'", 1, 9, default=2)
        return prompts, seconds * 1000, attempts

    def branch(self, node: yaml.Node) -> Branch | None:
        """Lines from top to bottom, like if, elif, else."""
        form = "lines of '- {when: …, go: step}', and '- otherwise: step' as the last"
        if not isinstance(node, yaml.SequenceNode) or is_empty(node):
            self.blame(node, f"'branch' is a list: {form}")
            return None
        cases: list[tuple[Condition, StepName]] = []
        for line in node.value[:-1]:
            words = self.words(line, "a line of a branch", required=("when", "go"))
            target = self.target(words.get("go"), "'go'")
            if "when" in words and target is not None:
                cases.append((self.condition(words["when"]), target))
        last = node.value[-1]
        if isinstance(last, yaml.MappingNode) and any(k.value == "when" for k, _ in last.value):
            self.blame(
                last, f"a caller for whom no line fits has nowhere to go; a branch is {form}"
            )
            return None
        words = self.words(last, "the last line of a branch", required=("otherwise",))
        otherwise = self.target(words.get("otherwise"), "'otherwise'")
        if len(node.value) == 1:
            self.blame(node, f"'branch' asks nothing; it is {form}")
        return Branch(cases=tuple(cases), otherwise=otherwise) if otherwise is not None else None

    def condition(self, node: yaml.Node) -> Condition:
        words = self.words(node, "'when'", optional=ASKED)
        least = words.get("repeat_count_at_least")
        return Condition(
            repeat_caller=self.boolean(words.get("repeat_caller"), "'repeat_caller'"),
            repeat_count_at_least=(
                self.number(least, "'repeat_count_at_least'", 1, 99, default=1) if least else None
            ),
            known_customer=self.boolean(words.get("known_customer"), "'known_customer'"),
            segment=self.text(words.get("segment"), "'segment'"),
            language=self.text(words.get("language"), "'language'"),
        )
