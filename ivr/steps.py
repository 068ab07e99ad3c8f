"""The words of a menu: its steps and what they may ask about a caller; data which never acts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

StepName: TypeAlias = str
# A media id of Asterisk without its scheme: "queue-thankyou" is sent as "sound:queue-thankyou".
Prompt: TypeAlias = str

KEYS = "0123456789*#"
# How a caller may answer a survey's question, by the name of the scale.
SCALES: Mapping[str, range] = {"csat": range(1, 6), "nps": range(11)}
REASON = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")  # as a code of what may come of a call


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a menu may know about the caller."""

    repeat_count: int = 0  # earlier calls of the same customer in the window; 0 is a first call
    known_customer: bool = False
    segment: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A question about the facts: all that is not None must hold."""

    repeat_caller: bool | None = None
    repeat_count_at_least: int | None = None
    known_customer: bool | None = None
    segment: str | None = None
    language: str | None = None

    def holds(self, facts: Facts) -> bool:
        return (
            self.repeat_caller in (None, facts.repeat_count > 0)
            and facts.repeat_count >= (self.repeat_count_at_least or 0)
            and self.known_customer in (None, facts.known_customer)
            and self.segment in (None, facts.segment)
            and self.language in (None, facts.language)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Play the prompts to their end; without prompts the caller falls straight through."""

    prompts: tuple[Prompt, ...]
    then: StepName


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Ask for one key, which may be pressed while the prompts (at least one) still play."""

    prompts: tuple[Prompt, ...]
    keys: Mapping[str, StepName]
    otherwise: StepName  # after the last attempt: silence and wrong keys both end here
    timeout_ms: int = 5_000
    attempts: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A survey's question (at least one prompt): a score on the scale, by keys; ten is 1 and then 0."""

    scale: str
    question: str  # What was asked, as a code.
    prompts: tuple[Prompt, ...]
    then: StepName
    otherwise: StepName  # As for Choose.
    timeout_ms: int = 5_000
    attempts: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """Ask (with at least one prompt) for a telephone number by keys, ended by # or a pause; * begins it anew."""

    prompts: tuple[Prompt, ...]
    then: StepName
    otherwise: StepName  # After the last attempt without one.
    timeout_ms: int = 5_000
    attempts: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """Have him called back from this queue, with the place that he has in it; the caller hears nothing of it."""

    queue: str
    then: StepName
    otherwise: StepName  # It cannot be: the queue calls nobody back, or not that number.


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Take the first case that holds; the caller hears nothing of it."""

    cases: tuple[tuple[Condition, StepName], ...]
    otherwise: StepName


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueue:
    """The end: let the call wait in a queue."""

    queue: str
    priority: int = 0
    requires: str = ""  # An expression over skills, of which this package knows nothing.
    reason: str = ""  # Why the caller calls, as his way through the menu says; a code.
    consent: bool | None = None  # Whether he has agreed to be recorded, as his way says.


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """The end: say goodbye, if there is something to say, and hang up."""

    prompts: tuple[Prompt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialplan:
    """The end: hand the call back to the dialplan, which reads the result in CORDBOARD_RESULT."""

    result: str


Step: TypeAlias = Say | Choose | Ask | Type | CallBack | Branch | Enqueue | HangUp | Dialplan


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Steps by name, in the order of their file, and the one where callers start."""

    id: str
    start: StepName
    steps: Mapping[StepName, Step]
