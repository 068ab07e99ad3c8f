"""Reads the text of a requirement (see `skills`), and says at which column it is none; never what it means."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import NoReturn

from acd.core.record import record
from acd.core.skills import (
    MAX_LEVEL,
    RESERVED,
    And,
    Anything,
    Has,
    Not,
    Op,
    Or,
    Part,
    Requirement,
    is_skill_id,
    joined,
    written,
)

MAX_LENGTH = 500  # Characters, also of the text that `written` makes: what was read can be sent on.
MAX_DEPTH = 20  # Of brackets and `not` inside each other; also what keeps our own recursion short.


class BadRequirement(Exception):
    """A text is no requirement: at which column, counted from 1, and what to do about it."""

    def __init__(self, text: str, column: int, message: str) -> None:
        super().__init__(text, column, message)
        self.text = text
        self.column = column
        self.message = message

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}"


def parse(text: str, known: Collection[str] | None = None) -> Requirement:
    """The requirement that a text makes, of skills that are `known`; None lets it name any.

    Raises BadRequirement, and nothing else, whatever the text.
    """
    if len(text) > MAX_LENGTH:
        raise BadRequirement(text, MAX_LENGTH + 1, f"longer than {MAX_LENGTH} characters")
    if not text.strip():
        return Anything()
    requirement = _Parser(text, known).whole()
    if len(written(requirement)) > MAX_LENGTH:
        message = f"longer than {MAX_LENGTH} characters when its signs are written as words"
        raise BadRequirement(text, 1, message)
    return requirement


# A word takes in what only looks like one (`60.5`, `80%`, `冰箱`), so that the whole of it is blamed.
_TOKEN = re.compile(r"[\w.%-]+|[<>!]=|==|<>|=>|=<|&&|\|\||\S")
_WORD_FOR = {"&": "and", "|": "or", "!": "not"}
_MISSPELT = {"==": "=", "<>": "!=", "=>": ">=", "=<": "<=", "&&": "&", "||": "|"}
_OPS = frozenset(Op)
_OPERAND = "a skill, 'not' or '('"
_LEVEL = f"a level, a whole number from 0 to {MAX_LEVEL}"


@record
class _Token:
    text: str
    column: int

    @property
    def meaning(self) -> str:
        return _WORD_FOR.get(self.text, self.text)


class _Parser:
    """Goes through a text once, from left to right. Each method reads one thing of its name."""

    def __init__(self, text: str, known: Collection[str] | None) -> None:
        self._text = text
        self._known = known
        self._tokens = [
            _Token(text=found[0], column=found.start() + 1) for found in _TOKEN.finditer(text)
        ]
        self._tokens.append(_Token(text="", column=len(text.rstrip()) + 1))
        self._at = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def whole(self) -> Part:
        requirement = self._choice(0)
        if self._next.text == ")":
            self._refuse(self._next, "this ')' closes no '('")
        if self._next.text:
            self._expected("'and', 'or' or the end")
        return requirement

    def _choice(self, depth: int) -> Part:
        parts = [self._conjunction(depth)]
        while self._next.meaning == "or":
            self._take()
            parts.append(self._conjunction(depth))
        return joined(Or, parts)

    def _conjunction(self, depth: int) -> Part:
        parts = [self._operand(depth)]
        while self._next.meaning == "and":
            self._take()
            parts.append(self._operand(depth))
        return joined(And, parts)

    def _operand(self, depth: int) -> Part:
        if depth > MAX_DEPTH:
            self._refuse(self._next, f"nested deeper than {MAX_DEPTH}")
        if self._next.meaning == "not":
            self._take()
            return Not(part=self._operand(depth + 1))
        if self._next.text == "(":
            opening = self._take()
            inner = self._choice(depth + 1)
            if self._next.text != ")":
                self._expected(f"'and', 'or' or the ')' for the '(' at column {opening.column}")
            self._take()
            return inner
        return self._comparison()

    def _comparison(self) -> Has:
        skill = self._skill()
        if self._next.text not in _OPS:
            return Has(skill=skill)
        op = Op(self._take().text)
        if not re.fullmatch("[0-9]{1,3}", self._next.text) or int(self._next.text) > MAX_LEVEL:
            self._expected(_LEVEL)
        return Has(skill=skill, op=op, level=int(self._take().text))

    def _skill(self) -> str:
        token = self._next
        if re.match(r"[0-9]", token.text):
            self._expected(f"{_OPERAND}, since the level comes last, as in fridge >= 60")
        if token.text.lower() in RESERVED or not re.match(r"\w", token.text):
            self._expected(_OPERAND)
        if not is_skill_id(token.text):
            message = (
                f"{_quoted(token.text)} is no skill's id: it begins with a-z and has a-z, 0-9, - and _, "
                f"32 at most"
            )
            self._refuse(token, message + self._nearest(token.text))
        if self._known is not None and token.text not in self._known:
            known = ", ".join(sorted(self._known)[:12]) or "none"
            near = self._nearest(token.text) or f"; skills here: {known}"
            self._refuse(token, f"there is no skill {_quoted(token.text)}{near}")
        return self._take().text

    def _nearest(self, word: str) -> str:
        # Sorted, since `known` may be a set, and a replay must say the same words.
        near = get_close_matches(word.lower()[:64], sorted(self._known or ()), n=1)
        return f"; did you mean {near[0]!r}?" if near else ""

    def _expected(self, what: str) -> NoReturn:
        found = _quoted(self._next.text) if self._next.text else "the end"
        self._refuse(self._next, f"expected {what}, found {found}{_hint(self._next.text)}")

    def _refuse(self, token: _Token, message: str) -> NoReturn:
        raise BadRequirement(self._text, token.column, message)


def _hint(text: str) -> str:
    """What the writer probably meant: habits of other languages, and of Chinese keyboards."""
    if right := _MISSPELT.get(text):
        return f"; write {right!r}"
    if text.lower() in RESERVED and text != text.lower():
        return f"; write {text.lower()!r} in small letters"
    if len(text) == 1 and "！" <= text <= "～":
        return f"; write {chr(ord(text) - 0xFEE0)!r}, this one is full-width"
    return ""


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 64 else text[:63] + "…")
