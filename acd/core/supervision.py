"""A supervision: a supervisor at the ear of the agent who has a call; knows neither wire nor rule.

He hears what the agent hears and says: the caller, or whom the agent consults, or, while the caller is on hold, the
agent alone. So it lasts as long as that agent has that call: it follows neither a caller who is handed on, nor, but
by a rule of its own (`Following`), the agent to his next call. Whoever has barged in is in the conversation itself.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from acd.core.asked import Asked, AskedOfCall
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.offer import OfferOutcome
from acd.core.reasons import Reason
from acd.core.record import record


class Mode(StrEnum):
    """Who hears the supervisor."""

    LISTEN = "listen"  # Nobody.
    WHISPER = "whisper"  # The agent alone.
    BARGE = "barge"  # Everybody.


# What is written down of it, beside the three modes.
TAKE_OVER = "take-over"
STOP_SUPERVISING = "stop-supervising"
FOLLOW = "follow"
STOP_FOLLOWING = "stop-following"
SUPERVISION_ACTS = (*Mode, TAKE_OVER, STOP_SUPERVISING, FOLLOW, STOP_FOLLOWING)


@dataclass(slots=True, kw_only=True)
class Supervision:
    """One supervisor in one call. Only the handlers change it."""

    agent: AgentId  # The supervisor, who is an agent of the centre too: he has a phone.
    of: AgentId  # Who has the call.
    by: str  # The user who he is.
    offer: OfferId
    mode: Mode
    since: int | None = None  # When he began to hear; None: his phone rings.
    ear: bool = False  # There is one at the agent's leg.
    joined: bool = False  # Has been seen in the conversation itself.
    takes_over: bool = False  # As soon as that is so, he has the call.

    def as_it_may_be(self, connected: bool) -> bool:
        """Whether he hears when his leg does, and is heard by whom he may be: for `State.check`."""
        in_conversation = self.mode is Mode.BARGE or not (self.joined or self.takes_over)
        return connected == (self.since is not None) and in_conversation


@dataclass(slots=True, kw_only=True)
class Following:
    """Whose calls a supervisor hears, one after the other, until he ends it or logs out."""

    of: AgentId
    by: str
    mode: Mode
    rung_for: OfferId | None = None  # The last talk of theirs for which his phone has rung.


def take_over_refusal(heard: bool, consulting: bool) -> Reason | None:
    """Why a supervisor may not have the call that he hears, or is rung for; None if he may."""
    if not heard:
        return Reason.SUPERVISION_NOT_ANSWERED
    return Reason.CONSULTING if consulting else None


def allowed(mode: Mode, *, heard: bool, consulting: bool) -> tuple[str, ...]:
    """What a supervisor may ask for who is in a call like this."""
    others = tuple(other.value for other in Mode if other is not mode)
    may = (TAKE_OVER,) if take_over_refusal(heard, consulting) is None else ()
    return (*others, *may, STOP_SUPERVISING)


# What people ask for: see `requests`.


@record
class SuperviseCall(AskedOfCall):
    """Ring this supervisor's phone, so that he hears the call; if he is in it already, let others hear him or not."""

    agent: AgentId
    mode: Mode


@record
class StopSupervising(AskedOfCall):
    """The supervisor leaves the call; it goes on without him."""

    agent: AgentId


@record
class TakeOverCall(AskedOfCall):
    """The supervisor has the call as soon as he is in the conversation; the agent has done with it."""

    agent: AgentId


@record
class FollowAgent(Asked):
    """Let this supervisor hear the call that `of` has, and every one that he will have."""

    agent: AgentId
    of: AgentId
    mode: Mode


@record
class StopFollowing(Asked):
    """No call of `of` rings this supervisor's phone any more; he leaves the one that he hears."""

    agent: AgentId
    of: AgentId


# What people are told. Each supervision that was told of ends once.


@record
class SupervisionChanged:
    """A supervisor's phone rings for a call of `of`, or he hears it, or others hear him or not."""

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    of: AgentId
    mode: Mode
    since: int | None  # When he began to hear; None: his phone rings.


@record
class SupervisionEnded:
    """A supervisor is in the call no more, or has it; `outcome` says why he never was, None: he has heard it."""

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    of: AgentId
    mode: Mode  # The last.
    outcome: OfferOutcome | None
    heard_ms: int


@record
class FollowingChanged:
    """A supervisor follows this agent from now on; None: nobody."""

    at: int
    agent: AgentId
    follows: AgentId | None
    mode: Mode
    by: str


SupervisionNotice: TypeAlias = SupervisionChanged | SupervisionEnded | FollowingChanged
