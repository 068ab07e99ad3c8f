"""A call that we owe to a caller who did not want to wait on the line: his place without him; knows no state.

While it waits for its turn it is a call of its own in the queue, with the time that he had waited and his priority, and
no channel: see `handlers.calling_back`.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import NewType, TypeAlias

from acd.core.asked import Asked
from acd.core.ids import CallId, CustomerId, MenuId, NodeId, QueueId
from acd.core.outbound import Number
from acd.core.record import record

CallbackId = NewType("CallbackId", str)

# What CORDBOARD_RESULT says when a caller has left for it.
CALLBACK = "callback"


@record
class CallbackRule:
    """How a queue calls back."""

    key: str = ""  # Who presses it while he waits asks for it; none: only menus and people do.
    menu: MenuId | None = None  # Where the key leads; none: what he asks for is done at once.
    other_number: bool = False  # He may type another number than the one that he calls from.
    hours: str = ""  # The calendar by which people are called; none: that of the queue.
    attempts: int = 3
    again_ms: int = 600_000  # So long after one who was not reached, the next.
    keep_ms: int = 86_400_000  # Who was not reached by then is not called any more.


PLAIN = CallbackRule()


@record
class Callback:
    """All that is to be known of it, also over a restart."""

    id: CallbackId
    node: NodeId  # The Asterisk from which he is called.
    queue: QueueId
    number: Number
    name: str = ""
    customer: CustomerId | None = None  # Who of those who have the number is meant.
    asked_at: int
    by: str = ""  # Who asked for it; empty: the caller.
    origin: CallId | None = None  # The call in which he did.
    arrived_at: int  # When that came: what was before it makes him a repeat caller.
    joined_at: int  # Since when he waits …
    placed_at: int | None = None  # … and from when his place in the line counts, if not from then.
    priority: int = 0
    requires: tuple[str, ...] = ()
    reason: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)  # For the agent's screen.
    tries: int = 0  # How often he was called.
    due_at: int = 0  # Not before then.


class CallbackOutcome(StrEnum):
    """How it ended."""

    REACHED = "reached"
    RESUMED = "resumed"  # He has called again himself, and has his place.
    CANCELLED = "cancelled"
    GIVEN_UP = "given-up"  # He was not reached as often as the queue tries it.
    EXPIRED = "expired"  # It has taken too long.


# Somebody still owes him a call.
UNDONE = (CallbackOutcome.GIVEN_UP, CallbackOutcome.EXPIRED)


# What has happened.


@record
class NumberRead:
    """The answer to ReadNumber; None: it is none that could be called."""

    at: int
    call: CallId
    number: Number | None


@record
class CallbacksRestored:
    """These were owed when we last stopped."""

    at: int
    callbacks: tuple[Callback, ...]


# What people ask for.


@record
class RegisterCallback(Asked):
    """Call this number when it is its turn in this queue, as if it had called now; not before `due_at`."""

    queue: QueueId
    number: Number
    name: str = ""
    customer: CustomerId | None = None
    priority: int = 0
    data: Mapping[str, str] = field(default_factory=dict)
    due_at: int = 0


@record
class CancelCallback(Asked):
    """Do not call him any more."""

    callback: CallbackId
    reason: str = ""


CallbackRequest: TypeAlias = RegisterCallback | CancelCallback


# What people are told.


@record
class CallbackChanged:
    """We owe this call, and this is how it stands; `call` is the entry in the queue."""

    at: int
    call: CallId
    callback: Callback

    @property
    def id(self) -> CallbackId:
        """Its name, which stays from one call to the next."""
        return self.callback.id


@record
class CallbackEnded:
    """We do not owe it any more, or cannot pay it; `reason` is why he was not reached, or why it was cancelled."""

    at: int
    call: CallId
    callback: Callback
    outcome: CallbackOutcome
    by: str = ""
    reason: str = ""

    @property
    def id(self) -> CallbackId:
        """Its name."""
        return self.callback.id


CallbackNotice: TypeAlias = CallbackChanged | CallbackEnded
