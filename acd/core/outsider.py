"""An outsider: a number beside a call, called by the agent who has it, or to which the caller is handed on.

He is in the conversation's bridge from before his phone rings, so the agent hears what the network says; the caller
hears music until the two are to hear each other. He never has the call: no button of ours is his.
"""

from dataclasses import dataclass
from typing import TypeAlias

from acd.core.asked import AskedOfCall
from acd.core.ids import AgentId, CallId, ChannelId, OfferId, QueueId
from acd.core.moves import check_move
from acd.core.outbound import Number
from acd.core.party import MOVES, PartyState
from acd.core.record import record


@dataclass(slots=True, kw_only=True)
class Outsider:
    """One number beside a call. Only the handlers change it."""

    number: str  # As E.164, or a short one as it is dialled.
    leg: ChannelId
    by: AgentId  # In whose name it is called: it counts towards his caps.
    transfer: bool = False  # The caller is handed on to it, unannounced.
    deflected: bool = False  # The same, and out of a queue: until it picks up, he waits there.
    emergency: bool = False
    state: PartyState = PartyState.RINGING
    since: int | None = None  # When he picked up.
    muted: bool = False  # Hears, and is not heard.

    def move(self, new: PartyState) -> None:
        """Go to another state; an illegal move is our fault and fails."""
        check_move(MOVES, "outsider", self.leg, self.state, new)
        self.state = new

    def check(self) -> None:
        """Assert what must hold after every input."""
        assert self.state is not PartyState.GONE, self
        assert (self.since is None) == (self.state is PartyState.RINGING), self


# What people ask for: see `requests`.


@record
class TransferToNumber(AskedOfCall):
    """Hand the caller on, unannounced, to a number; if nobody picks up there, he is with the agent again."""

    number: Number


@record
class ConsultNumber(AskedOfCall):
    """Call a number that some route allows, to ask there in private; the caller hears music meanwhile."""

    number: Number


@record
class RemoveNumber(AskedOfCall):
    """Let go a number that is beside the call."""

    number: str


@record
class MuteNumber(AskedOfCall):
    """Let a number that is beside the call be heard no more, or again."""

    number: str
    muted: bool


NumberRequest: TypeAlias = TransferToNumber | ConsultNumber | RemoveNumber | MuteNumber


# What people are told of outsiders. Each who was dialled leaves once.


@record
class OutsiderNotice:
    """Something has become of a number beside a call."""

    at: int
    call: CallId
    number: str


@record
class OutsiderDialled(OutsiderNotice):
    """A number is being called for a call that goes on; `transfer`: so that the caller is handed on to it."""

    leg: ChannelId
    by: AgentId
    queue: QueueId
    route: str
    transfer: bool


@record
class OutsiderChanged(OutsiderNotice):
    """Where an outsider is now. After a restart it is told of all who are there."""

    leg: ChannelId
    by: AgentId
    state: PartyState
    muted: bool


@record
class OutsiderLeft(OutsiderNotice):
    """An outsider is no longer beside the call; `result` says why nobody heard him, empty: he was heard."""

    leg: ChannelId
    by: AgentId
    result: str
    talked_ms: int


@record
class CallHandedOut(OutsiderNotice):
    """No agent has the caller any more, who is left to a number that rings for him, or that talks to him.

    If nobody picks up there, a CallQueued follows. Of who had him before it is told how long; who had nobody yet
    waits on in his queue until the number picks up.
    """

    queue: QueueId
    agent: AgentId | None  # Who had him; None: nobody, or a restart finds him so.
    offer: OfferId | None = None  # Of the conversation that is over.
    talked_ms: int = 0
    held_ms: int = 0
