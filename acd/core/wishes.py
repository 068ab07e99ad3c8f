"""What the dialplan wishes for a call, as text that nobody has checked: a bad wish is told of and left out.

It never costs the caller anything but the wish: who cannot be understood is served like everybody else.
"""

import re
from collections.abc import Collection

from acd.core.ids import CustomerId
from acd.core.record import record
from acd.core.skill_parser import MAX_LENGTH, BadRequirement, parse
from acd.core.skills import can_ever_match, written
from ivr.steps import REASON

HIGHEST_PRIORITY = 100
# An edge cuts what is longer: it is refused by its length all the same.
LONGEST_WISH = MAX_LENGTH + 1

_PRIORITY = re.compile("[0-9]{1,3}", re.ASCII)
_CUSTOMER = re.compile(r"[^\s\x00-\x1f\x7f]{1,64}")
_LANGUAGE = re.compile("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}", re.ASCII)


@record
class Wishes:
    """The dialplan's variables, as they were when it gave us the call. Empty: not wished."""

    requires: str = ""  # CORDBOARD_REQUIRES: an expression over skills.
    priority: str = ""  # CORDBOARD_PRIORITY: 0 to 100, higher first.
    language: str = ""  # CORDBOARD_LANGUAGE: in which the menu speaks, such as zh or pt-BR.
    reason: str = ""  # CORDBOARD_REASON: why he calls, a code.
    consent: str = ""  # CORDBOARD_CONSENT: yes or no, whether he has agreed to be recorded.
    customer: str = ""  # ARG4 of the Gosub: which customer he is, by his id.


NO_WISHES = Wishes()


class BadWish(Exception):
    """A wish cannot be granted; the text says which, why, and what would do."""


def requirement_of(text: str, known: Collection[str]) -> str:
    """The requirement in its one way of writing. Raises BadWish, and nothing else, whatever the text."""
    try:
        requirement = parse(text, known)
    except BadRequirement as error:
        raise BadWish(f"requirement, {error}") from error
    if not can_ever_match(requirement):
        raise BadWish("requirement: nobody can ever be like that")
    return written(requirement)


def priority_of(text: str) -> int:
    """The priority that a text names; 0 if it is empty. Raises BadWish."""
    text = text.strip()
    if not text:
        return 0
    if not _PRIORITY.fullmatch(text) or int(text) > HIGHEST_PRIORITY:
        raise BadWish(f"priority: it takes a whole number, 0 to {HIGHEST_PRIORITY}")
    return int(text)


def reason_of(text: str) -> str | None:
    """The reason that a text names, or None if it is empty. Raises BadWish."""
    text = text.strip()
    if not text:
        return None
    if not REASON.fullmatch(text):
        raise BadWish("reason: it takes a code of a-z, 0-9 and -, 40 at most")
    return text


def consent_of(text: str) -> bool | None:
    """Whether he has agreed, or None if the text is empty. Raises BadWish."""
    text = text.strip().lower()
    if text not in ("", "yes", "no"):
        raise BadWish("consent: it takes yes or no")
    return text == "yes" if text else None


def customer_of(text: str) -> CustomerId | None:
    """The id of a customer, or None if the text is empty; there may be nobody of this id. Raises BadWish."""
    if not text:
        return None
    if not _CUSTOMER.fullmatch(text) or not text.isprintable():
        raise BadWish("customer: it takes his id, 1 to 64 characters without blanks")
    return CustomerId(text)


def language_of(text: str) -> str | None:
    """The language that a text names, or None if it is empty. Raises BadWish."""
    text = text.strip()
    if not text:
        return None
    if not _LANGUAGE.fullmatch(text):
        raise BadWish("language: it takes a code such as zh, en or pt-BR")
    return text
