"""What is told of promises, and of who is to be called, when it changes: ids and words, and nothing of a person."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseChanged:
    """Somebody has made, kept or changed a promise; or time, or the customer by calling, has."""

    at: int
    customer: str
    promise: str
    change: str  # made, moved, given, kept, broken, lapsed, reopened
    state: str  # See `acd.cases.promise`.
    owner: str | None
    due_at: int
    by: str | None = None  # A user.
    call: str | None = None  # During which.


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChanged:
    """Somebody is to be called, or was, or need not be any more."""

    at: int
    task: str
    kind: str  # promise, follow-up
    state: str  # open, done, dropped
    customer: str | None = None
    subject: str | None = None  # The promise, or the call that is followed up.
    agent: str | None = None  # Whose it is; None: anybody's in the queue.
    queue: str | None = None
    outcome: str | None = None


CaseNews: TypeAlias = PromiseChanged | TaskChanged
Tell: TypeAlias = Callable[[CaseNews], None]


class CaseTeller:
    """Between the books, which come first, and whoever tells their news: until somebody listens, nobody is told."""

    def __init__(self) -> None:
        self._heard: Tell = lambda news: None

    def listen(self, hear: Tell) -> None:
        """Let `hear` have all news. It must be quick, and must not raise."""
        self._heard = hear

    def tell(self, news: Iterable[CaseNews]) -> None:
        """This is so now: it has been written."""
        for one in news:
            self._heard(one)
