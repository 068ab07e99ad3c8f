"""What Asterisk and the directory are told to do; the result, if any, comes back as an event.

Commands for one channel are carried out in the order given; those for different channels side by side.
"""

from typing import TypeAlias

from acd.core.configuration import AutoAnswer
from acd.core.ids import AgentId, CallId, ChannelId, CustomerId, OfferId
from acd.core.record import record

Media: TypeAlias = str | int  # A sound, or a number that is said in the caller's language.


@record
class IdentifyCaller:
    """Find out who calls from `number`, and his contacts in the window before `at`. → CallerIdentified"""

    call: CallId
    number: str
    at: int
    window_ms: int
    customer: CustomerId | None = None  # Who of several is meant, if an agent calls him.
    told: CustomerId | None = None  # Who he is, whatever his number, as the dialplan says.


@record
class ReadNumber:
    """Find out whether what a caller has, or has typed, is a number that can be called. → NumberRead"""

    call: CallId
    text: str


@record
class AnswerCall:
    """Pick up the caller's leg: from now on he hears us, and may be charged."""

    call: CallId


@record
class PlayPrompts:
    """Play these, in order. → PromptsFinished with the same `playback`"""

    call: CallId
    playback: int
    prompts: tuple[Media, ...]


@record
class StopPrompts:
    """Silence that playback: the caller has pressed a key, or a phone rings for him."""

    call: CallId
    playback: int


@record
class StartRinging:
    """Let the caller hear that a phone rings."""

    call: CallId


@record
class StartHoldMusic:
    """Let the caller hear music until he is connected. Asterisk plays it by itself, even without us."""

    call: CallId
    music: str


@record
class SaveCall:
    """Write this on the caller's channel, to be read back by NodeFound when we have forgotten."""

    call: CallId
    saved: str


@record
class RenewDeadMan:
    """Let Asterisk take the caller back after `timeout_ms` unless renewed; 0: never."""

    call: CallId
    timeout_ms: int


@record
class RingAgent:
    """Ring the agent's phone for this call. → LegAnswered, or LegEnded with the cause"""

    call: CallId
    offer: OfferId
    agent: AgentId
    device: str
    timeout_ms: int
    number: str
    name: str
    auto_answer: AutoAnswer = AutoAnswer.NO
    first: bool = False  # He calls somebody: there is no caller whose leg must be there.


@record
class PickUp:
    """Have the agent's phone, which rings for this offer, pick up. → LegAnswered, if it does as it is told"""

    call: CallId
    offer: OfferId


@record
class DialNumber:
    """Call `digits` by this endpoint, on this leg and in the bridge of this offer: who is there hears it ring.

    → LegBridged, LegAnswered when it is picked up, or LegEnded with the cause
    """

    call: CallId
    leg: ChannelId
    sake: ChannelId  # For whose sake: if that channel is gone, nobody is called.
    offer: OfferId
    endpoint: str
    digits: str
    number: str  # As we know it: what the leg is known by after a restart.
    caller_id: str
    timeout_ms: int


@record
class Whisper:
    """Let the agent whom this offer has rung hear these, and nobody else. → WhisperFinished"""

    call: CallId
    offer: OfferId
    prompts: tuple[str, ...]


@record
class StopWhisper:
    """He has heard enough of it. → WhisperFinished"""

    call: CallId
    offer: OfferId


@record
class Connect:
    """Put caller and agent into the bridge of this offer, out of any other. → LegBridged for each"""

    call: CallId
    offer: OfferId
    answer: bool  # The caller's leg has not been answered yet.
    stereo: bool = False  # What a leg hears there can be recorded by itself.


@record
class HoldLeg:
    """Take a leg of this call out of this offer's bridge, and let it hear this music, or none."""

    call: CallId
    channel: ChannelId
    offer: OfferId
    music: str


@record
class JoinLeg:
    """Put a leg of this call, the caller's or an agent's, into this offer's bridge, without music. → LegBridged"""

    call: CallId
    channel: ChannelId
    offer: OfferId
    stereo: bool = False  # See Connect; if the bridge has to be made.


@record
class MuteLeg:
    """Let nobody hear this agent's leg, or let them again; noted on the leg itself."""

    call: CallId
    channel: ChannelId
    muted: bool


@record
class Overhear:
    """Let a supervisor, whose phone this offer has rung, hear what an agent's leg hears and says. → LegBridged

    What the supervisor says, that agent hears and nobody else; not even he, if the supervisor is muted.
    """

    call: CallId
    offer: OfferId
    of: OfferId  # The agent's.
    muted: bool


@record
class PlayTones:
    """Let the caller's side hear these keys as DTMF."""

    call: CallId
    keys: str


@record
class StartRecording:
    """Record what is said in this offer's bridge. → RecordingStarted, RecordingFailed, at last RecordingFinished

    In stereo it is what the caller says and what he hears, each by itself; and each half tells that it has finished.
    """

    call: CallId
    offer: OfferId
    part: int
    stereo: bool = False


@record
class PauseRecording:
    """Keep nothing of what is said from now on."""

    call: CallId
    part: int
    stereo: bool = False


@record
class ResumeRecording:
    """Keep again what is said."""

    call: CallId
    part: int
    stereo: bool = False


@record
class StopRecording:
    """Record no more, and keep what there is. → RecordingFinished"""

    call: CallId
    part: int
    stereo: bool = False


@record
class HangUp:
    """End this channel. → LegEnded"""

    call: CallId
    channel: ChannelId
    elsewhere: bool = False  # Somebody else has the call: this phone is to show no missed one.


@record
class ReleaseToDialplan:
    """Give the caller back to the dialplan's next line, with this as CORDBOARD_RESULT. → CallLeft"""

    call: CallId
    result: str
    silence: bool = False  # He hears something of ours: it must not play on there.


Command: TypeAlias = (
    IdentifyCaller
    | ReadNumber
    | AnswerCall
    | PlayPrompts
    | StopPrompts
    | StartRinging
    | StartHoldMusic
    | SaveCall
    | RenewDeadMan
    | RingAgent
    | PickUp
    | DialNumber
    | Whisper
    | StopWhisper
    | Connect
    | HoldLeg
    | JoinLeg
    | MuteLeg
    | Overhear
    | PlayTones
    | StartRecording
    | PauseRecording
    | ResumeRecording
    | StopRecording
    | HangUp
    | ReleaseToDialplan
)
