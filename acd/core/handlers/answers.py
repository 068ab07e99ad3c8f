"""How a request is answered: accepted with the first that it does, or refused before anything has changed."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeAlias

from acd.core.asked import Asked
from acd.core.matching import Output
from acd.core.notices import Accepted, Reason, Refused
from acd.core.state import State

Handler: TypeAlias = Callable[[State, Any], Iterator[Output]]


class Refusal(Exception):
    """What is asked may not be done now, and nothing has been done of it."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail


def accept(request: Asked) -> Accepted:
    """It is done."""
    return Accepted(at=request.at, request=request.request)


def answered(handler: Handler) -> Handler:
    """Such a handler, whose Refusal is the answer; one that comes after its first output is a fault of ours."""

    @wraps(handler)
    def answer(state: State, request: Asked) -> Iterator[Output]:
        outputs = handler(state, request)
        try:
            first = next(outputs)
        except Refusal as no:
            yield Refused(
                at=request.at, request=request.request, reason=no.reason, detail=no.detail
            )
            return
        yield first
        yield from outputs

    return answer
