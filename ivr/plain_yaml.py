"""Reads YAML text with the line of every word at hand; knows no menus and guesses nothing.

A text is composed into YAML nodes, never into objects: nodes know their lines, and nothing in a
text can name a Python type. A scalar counts as the text that is written there, so `language: no` is
Norwegian and `queue: 0800` keeps its zero.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml

MAX_DEPTH = 10  # a whole menu needs 7
MAX_PROBLEMS = 50  # nobody reads more, and each costs a search for the nearest word

BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason to refuse a file, and what to do about it."""

    file: str
    line: int | None = None
    message: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.message}"


class BrokenFile(Exception):
    """A file, or a folder of files, is refused; `problems` says why, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line or 0)))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def text_of(path: Path, hint: str = "") -> str:
    """What stands in a file; raises BrokenFile, with a hint of who names it if it is not there."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"cannot be read: {error.strerror}{hint and '; '}{hint}"
        raise BrokenFile([Problem(file=str(path), message=message)]) from error
    except UnicodeDecodeError as error:
        raise BrokenFile([Problem(file=str(path), message="is not UTF-8 text")]) from error


class _Composer(yaml.SafeLoader):
    """Builds plain nodes: no tags, and no aliases (a few lines of those can mean gigabytes)."""

    _PLAIN = frozenset(
        f"tag:yaml.org,2002:{kind}"
        for kind in (
            "str",
            "int",
            "float",
            "bool",
            "null",
            "timestamp",
            "value",
            "merge",
            "map",
            "seq",
        )
    )
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise _refusal("this file takes no aliases; write the words out", mark)
        if self._depth == MAX_DEPTH:
            raise _refusal("too many levels inside each other; no file of ours needs that", mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None and node.tag not in self._PLAIN:
            raise _refusal(f"this file takes no tags; remove {quoted(node.tag)}", mark)
        return node


def _refusal(message: str, mark: yaml.Mark) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=message, problem_mark=mark)


def compose(text: str, file: str) -> yaml.Node | None:
    """The root of a text's only document, None if there is nothing in it, or BrokenFile."""

    def refused(message: str, line: int | None = None) -> BrokenFile:
        return BrokenFile([Problem(file=file, line=line, message=message)])

    # A bare # begins a comment, so this key would be lost without any error from YAML.
    if bare := re.search(r"^(?:[^#\n]*[{,])?[ \t]*(#:)", text, re.MULTILINE):
        line = text.count("\n", 0, bare.start(1)) + 1
        raise refused('a bare # begins a comment in YAML; write the key "#" in quotes', line)
    try:
        return yaml.compose(text, Loader=_Composer)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise refused("has a character that nobody can see; remove it", line) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = ": ".join(part for part in (error.context, error.problem) if part)
        if error.context == "while scanning an alias":
            message = 'a bare * is an alias in YAML; write the key "*" in quotes'
        raise refused(message, mark.line + 1 if mark else None) from error
    except (ValueError, OverflowError) as error:  # the library passes chr() and int() anything
        raise refused("is not YAML: a \\U escape or a %YAML line means nothing") from error


class Reader:
    """Reads a text to its end whatever is wrong with it, and keeps a list of the problems.

    A value which is refused becomes None or a harmless default, so that one mistake is told once;
    who reads must look at `problems` before using anything.
    """

    def __init__(self, *, file: str, meaning: Mapping[str, str]) -> None:
        self.file = file
        self.meaning = meaning  # what each required word is for, told to those who left it out
        self.problems: list[Problem] = []
        self.complete = True  # False once something was left unread: then absence proves nothing
        self.scope = ""  # begins each message, like "step 'choose': "

    def blame(self, node: yaml.Node | None, message: str) -> None:
        line = node.start_mark.line + 1 if node else 1
        self.problems.append(Problem(file=self.file, line=line, message=self.scope + message))
        if len(self.problems) == MAX_PROBLEMS:
            more = f"has more problems than these {MAX_PROBLEMS}, and is read no further"
            raise BrokenFile([Problem(file=self.file, message=more), *self.problems])

    def number(
        self, node: yaml.Node | None, what: str, least: int, most: int, *, default: int
    ) -> int:
        text = self.text(node, what)
        if text is None:
            return default
        if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        self.blame(node, f"{what} is {quoted(text)}; it takes a whole number, {least} to {most}")
        return default

    def boolean(self, node: yaml.Node | None, what: str) -> bool | None:
        text = self.text(node, what)
        if text is not None and text.lower() not in BOOLEANS:
            self.blame(node, f"{what} is {quoted(text)}; it takes true or false")
        return BOOLEANS.get(text.lower()) if text is not None else None

    def text(self, node: yaml.Node | None, what: str) -> str | None:
        """The text as it is written, or None: for a word left out, and (blamed) for a bad one."""
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.blame(node, f"{what} takes one word here, not {_shape(node)}")
        elif is_empty(node):
            self.blame(node, f"{what} is empty")
        elif not node.value.isprintable():
            self.blame(node, f"{what} has characters that nobody can see; remove them")
        else:
            return str(node.value)
        return None

    def words(
        self,
        node: yaml.Node,
        what: str,
        *,
        required: tuple[str, ...] = (),
        optional: tuple[str, ...] = (),
    ) -> dict[str, yaml.Node]:
        """The values by word, of a mapping whose words are known."""
        entries = self.entries(node, what)
        self.known_words(entries, (*required, *optional), what)
        for word in required:
            if entries and word not in entries:
                self.blame(node, f"{what} needs {word!r}: {self.meaning[word]}")
                self.complete = False
        return {word: value for word, (_, value) in entries.items()}

    def known_words(
        self, entries: Mapping[str, tuple[yaml.Node, yaml.Node]], known: tuple[str, ...], what: str
    ) -> None:
        for word, (key, _) in entries.items():
            if word not in known:
                self.blame(
                    key,
                    f"{what} has no word {quoted(word)}{nearest(word, known)} "
                    f"Its words: {', '.join(known)}",
                )
                self.complete = False

    def entries(self, node: yaml.Node, what: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Key and value nodes by the key's text. YAML itself would let the last of two win."""
        if not isinstance(node, yaml.MappingNode) or is_empty(node):
            self.blame(node, f"{what} takes 'word: value' lines, not {_shape(node)}")
            self.complete = False
            return {}
        entries: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.blame(key, f"{what} takes one word before the colon, not {_shape(key)}")
                self.complete = False
            elif not key.value.isprintable():
                self.blame(key, f"{what} takes no word with characters that nobody can see")
                self.complete = False
            elif key.value in entries:
                first = entries[key.value][0].start_mark.line + 1
                self.blame(
                    key,
                    f"{quoted(key.value)} is already given on line {first}; remove one of the two",
                )
                self.complete = False
            else:
                entries[key.value] = (key, value)
        return entries


def is_empty(node: yaml.Node) -> bool:
    return not node.value or node.tag == "tag:yaml.org,2002:null"


def _shape(node: yaml.Node) -> str:
    match node:
        case _ if is_empty(node):
            return "nothing"
        case yaml.MappingNode():
            return "a mapping"
        case yaml.SequenceNode():
            return "a list"
        case _:
            return f"the text {quoted(node.value)}"


def quoted(text: str) -> str:
    return repr(text if len(text) <= 64 else text[:63] + "…")


def nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word[:64], list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else "."


def listed(names: Collection[str]) -> str:
    shown = ", ".join(name[:64] for name in list(names)[:12]) or "none"
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")
