"""A party: an agent beside the one who has the call, asked by him or in conference; never has the call himself.

All of them are in the bridge of the agent who has the call, or hear music. The caller, and whoever is in
conference with him, hear music while the agent consults another; so at most one is consulted at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from acd.core.customer import Identity
from acd.core.ids import AgentId, CallId, ChannelId, OfferId, QueueId, agent_leg
from acd.core.moves import check_move
from acd.core.offer import OfferOutcome
from acd.core.record import record

MUTED = "muted"  # The note on the leg of one who is not heard.


class PartyState(StrEnum):
    """Where a party is."""

    RINGING = "ringing"  # Until the agent who asks is heard.
    CONSULTED = "consulted"  # The two are by themselves; the caller hears music.
    ON_HOLD = "on-hold"  # Hears music, while the agent is with the caller.
    JOINED = "joined"  # In conference: with the caller, wherever the caller is.
    GONE = "gone"  # Or has the call now.


MOVES: Mapping[PartyState, frozenset[PartyState]] = {
    PartyState.RINGING: frozenset({PartyState.CONSULTED, PartyState.GONE}),
    PartyState.CONSULTED: frozenset({PartyState.ON_HOLD, PartyState.JOINED, PartyState.GONE}),
    PartyState.ON_HOLD: frozenset({PartyState.CONSULTED, PartyState.JOINED, PartyState.GONE}),
    PartyState.JOINED: frozenset({PartyState.GONE}),
    PartyState.GONE: frozenset(),
}


@dataclass(slots=True, kw_only=True)
class Party:
    """One agent beside the one who has the call. Only the handlers change it."""

    agent: AgentId
    offer: OfferId
    state: PartyState = PartyState.RINGING
    since: int | None = None  # When he was first heard.
    muted: bool = False  # Hears, and is not heard.

    @property
    def leg(self) -> ChannelId:
        """His channel."""
        return agent_leg(self.offer)

    def move(self, new: PartyState) -> None:
        """Go to another state; an illegal move is our fault and fails."""
        check_move(MOVES, "party", self.offer, self.state, new)
        self.state = new


# What people are told of parties. Each who was offered leaves once, or takes the call over.


@record
class PartyOffered:
    """An agent is about to be rung because `by`, who has the call, asks for him: the screen pop."""

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    by: AgentId
    queue: QueueId  # By whose rules the phone rings.
    number: str
    name: str
    identity: Identity


@record
class PartyChanged:
    """Where a party is now. After a restart it is told of all who are there."""

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    state: PartyState
    muted: bool


@record
class PartyLeft:
    """An agent is no longer beside the call; `outcome` says why nobody heard him, None: he was heard."""

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    outcome: OfferOutcome | None
    talked_ms: int


@record
class CallTakenOver:
    """A party has the call now; `by`, who had it for `talked_ms`, `held_ms` of it on hold, has done with it.

    Or a supervisor who has heard it.
    """

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    by: AgentId
    by_offer: OfferId
    queue: QueueId
    talked_ms: int
    held_ms: int
    supervised: bool = False  # By a supervisor.


PartyNotice: TypeAlias = PartyOffered | PartyChanged | PartyLeft | CallTakenOver
