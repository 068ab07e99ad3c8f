"""What has happened, told by Asterisk, the directory and the clock; it cannot be refused, only be late.

Every event carries `at`, milliseconds since 1970 in UTC, stamped once where it came in. `at` never
decreases from one input to the next: the edge sees to that.
"""

from enum import StrEnum
from typing import TypeAlias

from acd.core.call_data import DataRestored as DataRestored
from acd.core.callback import CallbacksRestored as CallbacksRestored
from acd.core.callback import NumberRead as NumberRead
from acd.core.configuration import Configuration
from acd.core.customer import Identity
from acd.core.ids import AgentId, CallId, ChannelId, DeskId, NodeId, OfferId, QueueId
from acd.core.outbound import CallsOutRestored as CallsOutRestored
from acd.core.outbound import Number
from acd.core.preview import WorkOffered as WorkOffered
from acd.core.preview import WorkWithdrawn as WorkWithdrawn
from acd.core.record import record
from acd.core.wishes import NO_WISHES, Wishes


class Entry(StrEnum):
    """Where the dialplan wants a call to begin."""

    QUEUE = "queue"
    MENU = "menu"


class DeviceState(StrEnum):
    """A phone as Asterisk sees it, calls that are not ours included. Asterisk's own words."""

    UNKNOWN = "UNKNOWN"
    NOT_INUSE = "NOT_INUSE"
    INUSE = "INUSE"
    BUSY = "BUSY"
    INVALID = "INVALID"
    UNAVAILABLE = "UNAVAILABLE"
    RINGING = "RINGING"
    RINGINUSE = "RINGINUSE"
    ONHOLD = "ONHOLD"


@record
class Configured:
    """The call centre is set up like this from now on. The first input of every journal."""

    at: int
    configuration: Configuration
    by: str = ""  # Who had the files read again; nobody, when we start or the day has changed.
    changes: str = ""  # What is different by it, in words.


@record
class RestoredAgent:
    """An agent who was logged in when we last stopped, and why he was not ready, if he was not."""

    agent: AgentId
    causes: tuple[tuple[str, str], ...] = ()  # (cause, reason)
    wrap_up: str | None = None  # Its mode, if he was in one.
    wrap_up_until: int = 0
    wrap_up_call: CallId | None = None  # After which it is, and of which queue.
    wrap_up_queue: QueueId | None = None
    undisposed: bool = False  # He owes a disposition of that call.
    desk: DeskId | None = None  # Where he sat, unless it was at his own phone.


@record
class ShiftRestored:
    """These agents are still on shift after our restart: nobody has to log in again."""

    at: int
    agents: tuple[RestoredAgent, ...]


@record
class CallArrived:
    """The dialplan gave us a call. `number` and `name` are the caller's own words: never trusted."""

    at: int
    channel: ChannelId
    entry: Entry
    target: str  # The queue or menu that the dialplan named; it may not exist.
    number: str = ""
    name: str = ""
    dialled: str = ""
    wishes: Wishes = NO_WISHES


@record
class CallerIdentified:
    """The directory's answer to IdentifyCaller."""

    at: int
    call: CallId
    identity: Identity


@record
class KeyPressed:
    """A caller pressed a key (0-9, *, #)."""

    at: int
    channel: ChannelId
    key: str


@record
class PromptsFinished:
    """The prompts of `PlayPrompts` number `playback` have been heard, or were stopped."""

    at: int
    call: CallId
    playback: int


@record
class LegAnswered:
    """An agent has picked up the leg that rang him."""

    at: int
    channel: ChannelId


@record
class WhisperFinished:
    """What an agent was to hear on this leg before the caller has been heard, or was stopped."""

    at: int
    channel: ChannelId


@record
class LegBridged:
    """A leg is in the bridge of this offer: the only proof that it can hear the other one."""

    at: int
    channel: ChannelId
    offer: OfferId


@record
class LegLeaving:
    """An agent has hung up. His leg is not gone yet, nor is his phone free; what he heard is over."""

    at: int
    channel: ChannelId


@record
class LegReferred:
    """An agent has pressed the transfer button of his phone: his leg is out of the bridge, `stand_in` is for it."""

    at: int
    channel: ChannelId
    stand_in: ChannelId  # Of Asterisk's making, and of no use to us.
    to: str  # What he has dialled: never trusted.
    number: Number | None = None  # As a number, if it can be one.


@record
class LegReplaced:
    """A phone has joined two of its calls: `stand_in`, of Asterisk's making, is where this leg of one of them was."""

    at: int
    channel: ChannelId
    stand_in: ChannelId
    pair: str  # What the stand-ins of the two have in common.


@record
class LegEnded:
    """A channel is gone. `cause` is the Q.850 cause, 0 if unknown."""

    at: int
    channel: ChannelId
    cause: int = 0


@record
class CallLeft:
    """A caller's channel is back in the dialplan: released by us, or taken by the dead man's switch."""

    at: int
    channel: ChannelId


@record
class RecordingStarted:
    """This part of what is said in a call is being recorded."""

    at: int
    call: CallId
    part: int


@record
class RecordingFinished:
    """This part is whole: it was stopped, or its bridge is gone. One in stereo has two halves: it is said of each."""

    at: int
    call: CallId
    part: int


@record
class RecordingFailed:
    """This part cannot be recorded, or not any more."""

    at: int
    call: CallId
    part: int


class Failure(StrEnum):
    """Why a command could not be carried out."""

    GONE = "gone"  # The channel has hung up. Ordinary.
    REFUSED = "refused"  # Asterisk said no.
    UNREACHABLE = "unreachable"  # Asterisk did not answer; what became of it is unknown.


@record
class CommandFailed:
    """The command of this kind for this channel was not carried out."""

    at: int
    command: str
    channel: ChannelId
    failure: Failure
    detail: str = ""


@record
class DeviceChanged:
    """A phone's state, of an agent or of anybody."""

    at: int
    node: NodeId
    device: str
    state: DeviceState


@record
class ClientFound:
    """This agent has a client: a softphone or a page that hears our events."""

    at: int
    agent: AgentId


@record
class ClientGone:
    """This agent's last client is gone."""

    at: int
    agent: AgentId


@record
class NodeLost:
    """We no longer hear this Asterisk. Its calls go on without us."""

    at: int
    node: NodeId


@record
class ChannelSeen:
    """One channel in our hands, as Asterisk describes it now."""

    channel: ChannelId
    up: bool
    created_at: int
    bridge: str | None = None
    saved: str = ""  # What SaveCall last wrote on it.
    entry: Entry | None = None  # How the dialplan sent it to us; None for a leg of ours.
    target: str = ""
    number: str = ""
    name: str = ""
    dialled: str = ""
    wishes: Wishes = NO_WISHES


@record
class NodeFound:
    """We hear this Asterisk (again), and this is all of ours that is there: the truth to fall in with.

    What has been told to be over since `seen_at` is left out: or a dead call would rise again.
    """

    at: int
    node: NodeId
    seen_at: int  # When the looking began: what came after it may be missing here.
    channels: tuple[ChannelSeen, ...] = ()


@record
class TimeReached:
    """It is now `at`. Sent when the engine's next deadline has come, or at any other time."""

    at: int


Event: TypeAlias = (
    Configured
    | ShiftRestored
    | DataRestored
    | CallsOutRestored
    | CallbacksRestored
    | CallArrived
    | CallerIdentified
    | NumberRead
    | KeyPressed
    | PromptsFinished
    | LegAnswered
    | WhisperFinished
    | LegBridged
    | LegLeaving
    | LegReferred
    | LegReplaced
    | LegEnded
    | CallLeft
    | RecordingStarted
    | RecordingFinished
    | RecordingFailed
    | CommandFailed
    | DeviceChanged
    | ClientFound
    | ClientGone
    | NodeLost
    | NodeFound
    | WorkOffered
    | WorkWithdrawn
    | TimeReached
)
