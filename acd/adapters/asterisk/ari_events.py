"""Reads what one Asterisk says over ARI as events of ours; pure, and never raises over what it is sent.

Only the fields that we read are decoded; whatever else an event carries is skipped by the decoder.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import unquote

import msgspec
from msgspec import Struct, field

from acd.adapters.asterisk.ari_commands import (
    CONSENT,
    LANGUAGE,
    PRIORITY,
    REASON,
    REQUIRES,
    STATE,
    TRANSFER_CONTEXT,
    read_playback,
)
from acd.adapters.asterisk.ari_requests import APPLICATION, DIALLING
from acd.core.events import (
    CallArrived,
    CallLeft,
    ChannelSeen,
    Entry,
    Event,
    KeyPressed,
    LegAnswered,
    LegBridged,
    LegEnded,
    LegLeaving,
    LegReferred,
    LegReplaced,
    PromptsFinished,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
    WhisperFinished,
)
from acd.core.ids import (
    ChannelId,
    Direction,
    NodeId,
    Side,
    call_of,
    channel_on,
    direction_of,
    node_of,
    read_agent_leg,
    read_bridge,
    read_ear,
    read_outside_leg,
    read_recording,
    read_side,
)
from acd.core.wishes import LONGEST_WISH, NO_WISHES, Wishes

log = logging.getLogger(__name__)

# All that we want to be sent. Asterisk drops the rest (every variable set, every step of a dialplan)
# before it costs a write there and a wake-up here. The states of a channel are several events for each
# leg of each call, and of use for one kind of leg only: these have an application to themselves.
EVENTS_READ: Mapping[str, tuple[str, ...]] = {
    APPLICATION: (
        "StasisStart",
        "StasisEnd",
        "ChannelHangupRequest",
        "ChannelDestroyed",
        "ChannelEnteredBridge",
        "ChannelLeftBridge",
        "ChannelDtmfReceived",
        "PlaybackFinished",
        "RecordingStarted",
        "RecordingFinished",
        "RecordingFailed",
        "ChannelUserevent",
        "ApplicationReplaced",
    ),
    DIALLING: ("ChannelStateChange",),
}

_LONGEST_TEXT = 64


class Caller(Struct, gc=False):
    """The caller's own words."""

    name: str = ""
    number: str = ""


class Place(Struct, gc=False):
    """Where in the dialplan a channel is."""

    context: str = ""
    exten: str = ""
    app_name: str = ""
    app_data: str = ""


class Channel(Struct):
    """A channel, wherever ARI shows one."""

    id: str
    name: str = ""
    state: str = ""
    creationtime: str = ""
    caller: Caller = field(default_factory=Caller)
    dialplan: Place = field(default_factory=Place)
    channelvars: dict[str, str] = field(default_factory=dict)


class Bridge(Struct):
    """A bridge, wherever ARI shows one."""

    id: str
    channels: list[str] = field(default_factory=list)


class Application(Struct):
    """What Asterisk tells an application of."""

    channel_ids: list[str] = field(default_factory=list)


class Playback(Struct, gc=False):
    """What is or was played."""

    id: str


class LiveRecording(Struct, gc=False):
    """What is or was recorded."""

    name: str


class Message(Struct):
    """Any event of ARI: one shape for all, for they share their fields."""

    type: str
    args: list[str] = field(default_factory=list)
    channel: Channel | None = None
    replace_channel: Channel | None = None
    bridge: Bridge | None = None
    playback: Playback | None = None
    recording: LiveRecording | None = None
    digit: str = ""
    cause: int = 0
    eventname: str = ""
    userevent: dict[str, object] = field(default_factory=dict)


_MESSAGE = msgspec.json.Decoder(Message)


def read_message(frame: str | bytes) -> Message | None:
    """One frame of the socket, or None if it is not what ARI documents."""
    try:
        return _MESSAGE.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # What it says may be about a caller.
        log.warning("ARI sent %d bytes that we cannot read: %s", len(frame), error)
        return None


def read_event(node: NodeId, message: Message, at: int) -> Event | None:
    """What this message means to the engine; None if nothing."""
    if message.type == "PlaybackFinished":
        return _playback_finished(node, message, at)
    if message.recording is not None:
        return _recorded(message, message.recording, at)
    if message.channel is None:
        return None
    if read_side(message.channel.id) is not None:
        return None  # It listens for a recording, which tells of itself.
    channel = channel_on(node, message.channel.id)
    if read_ear(channel) is not None:
        over = message.type in ("StasisEnd", "ChannelDestroyed")
        return LegEnded(at=at, channel=channel) if over else None
    match message.type:
        case "StasisStart":
            return _entered(channel, message.channel, message, at)
        case "ChannelStateChange":
            # Whom an agent calls has picked up. Of other legs this is known by other events.
            picked_up = message.channel.state == "Up" and _over_a_trunk(channel)
            return LegAnswered(at=at, channel=channel) if picked_up else None
        case "StasisEnd" if not _ours(channel):
            # After a hang-up this is said too, but ChannelHangupRequest comes before it, so that
            # the engine knows better. Without one, the dialplan has the caller back.
            return CallLeft(at=at, channel=channel)
        case "ChannelHangupRequest" if not _ours(channel):
            # Leaving Stasis ends our subscription, so a caller's ChannelDestroyed is not told to us:
            # this is all we hear of a hang-up. A leg of our own making is told to the end, and it is
            # only then that its phone is free.
            return LegEnded(at=at, channel=channel, cause=message.cause)
        case "ChannelHangupRequest":
            return LegLeaving(at=at, channel=channel)
        case "ChannelDestroyed":
            return LegEnded(at=at, channel=channel, cause=message.cause)
        case "ChannelEnteredBridge" if message.bridge is not None:
            return _bridged(node, channel, message.bridge, at)
        case "ChannelDtmfReceived" if message.digit and (
            read_agent_leg(channel) is None and read_outside_leg(channel) is None
        ):
            return KeyPressed(at=at, channel=channel, key=message.digit)
    return None


def _ours(channel: ChannelId) -> bool:
    """Whether we have made this leg: to ring an agent, or to call somebody for him."""
    return read_agent_leg(channel) is not None or _over_a_trunk(channel)


def _over_a_trunk(channel: ChannelId) -> bool:
    """Whether we have made this leg to call somebody."""
    return direction_of(channel) is Direction.OUT or read_outside_leg(channel) is not None


def _entered(
    channel: ChannelId, described: Channel, message: Message, at: int
) -> CallArrived | LegAnswered | LegReferred | LegReplaced | None:
    if message.replace_channel is not None:
        return _referred(channel, described, message.replace_channel, at)
    if _over_a_trunk(channel):
        return None  # Made by us, and not dialled yet.
    if read_agent_leg(channel) is not None:
        return LegAnswered(at=at, channel=channel)
    entry, target, dialled, customer = read_arguments(message.args)
    return CallArrived(
        at=at,
        channel=channel,
        entry=entry,
        target=target,
        number=clean(described.caller.number),
        name=clean(described.caller.name),
        dialled=clean(dialled),
        wishes=_wishes(described, customer),
    )


def _referred(
    channel: ChannelId, described: Channel, replaced: Channel, at: int
) -> LegReferred | LegReplaced | None:
    """A transfer made on the phone: Asterisk puts a channel of its own in the place of the phone's.

    It is one half of a pair: to an extension the other half goes by itself, between two calls it is in the other one.
    """
    leg = channel_on(node_of(channel), replaced.id)
    if described.dialplan.context == TRANSFER_CONTEXT and read_agent_leg(leg) is not None:
        to = clean(described.dialplan.exten)
        return LegReferred(at=at, channel=leg, stand_in=channel, to=to)
    pair = described.name.rpartition(";")[0]
    if pair.startswith("Local/"):
        return LegReplaced(at=at, channel=leg, stand_in=channel, pair=pair)
    # As when another phone picks it up. What it replaced ends as any leg does.
    log.warning("%s takes the place of %s", channel, replaced.id)
    return None


def _bridged(node: NodeId, channel: ChannelId, bridge: Bridge, at: int) -> LegBridged | None:
    offer = read_bridge(node, bridge.id)
    return LegBridged(at=at, channel=channel, offer=offer) if offer is not None else None


def _playback_finished(
    node: NodeId, message: Message, at: int
) -> PromptsFinished | WhisperFinished | None:
    ours = read_playback(node, message.playback.id) if message.playback is not None else None
    if ours is None:
        return None
    channel, playback = ours
    if read_agent_leg(channel) is not None:
        return WhisperFinished(at=at, channel=channel)
    return PromptsFinished(at=at, call=call_of(channel), playback=playback)


_RECORDED: Mapping[
    str, type[RecordingStarted] | type[RecordingFinished] | type[RecordingFailed]
] = {
    "RecordingStarted": RecordingStarted,
    "RecordingFinished": RecordingFinished,
    "RecordingFailed": RecordingFailed,
}


def _recorded(message: Message, recording: LiveRecording, at: int) -> Event | None:
    kind = _RECORDED.get(message.type)
    half = read_side(recording.name)
    if kind is None or (kind is RecordingStarted and half is not None and half[2] is Side.HEARD):
        return None  # What the caller says is recorded last, and says it for both.
    ours = half[:2] if half is not None else read_recording(recording.name)
    return kind(at=at, call=ours[0], part=ours[1]) if ours is not None else None


def read_arguments(arguments: list[str]) -> tuple[Entry, str, str, str]:
    """What the dialplan gave Stasis: `enter`, queue or menu, its name, what the caller dialled, which customer he is.

    The last is percent-encoded, and not there in a dialplan of before.
    A dialplan that says something else has no name for us that exists: the engine gives the call back.
    """
    if len(arguments) in (4, 5) and arguments[0] == "enter" and arguments[1] in tuple(Entry):
        customer = unquote(arguments[4][: 3 * LONGEST_WISH]) if len(arguments) == 5 else ""
        return Entry(arguments[1]), arguments[2], arguments[3], customer
    log.warning(
        "The dialplan gives us a call with Stasis arguments that we do not know: %s", arguments
    )
    return Entry.QUEUE, "", "", ""


def clean(text: str) -> str:
    """A caller's own words as one short line: nothing in it moves a cursor or turns the text around."""
    text = " ".join(text[: 4 * _LONGEST_TEXT].split())
    if not text.isprintable():
        text = "".join(letter for letter in text if letter.isprintable())
    return text[:_LONGEST_TEXT]


def _wishes(channel: Channel, customer: str) -> Wishes:
    said = channel.channelvars
    requires, priority, language, reason, consent = (
        " ".join(said.get(name, "")[:LONGEST_WISH].split())
        for name in (REQUIRES, PRIORITY, LANGUAGE, REASON, CONSENT)
    )
    if not (requires or priority or language or reason or consent or customer):
        return NO_WISHES
    return Wishes(
        requires=requires,
        priority=priority,
        language=language,
        reason=reason,
        consent=consent,
        customer=customer[:LONGEST_WISH],
    )


def channels_seen(
    node: NodeId, channels: Iterable[Channel], bridges: Iterable[Bridge]
) -> tuple[ChannelSeen, ...]:
    """Those of all the channels on this Asterisk that are ours, the oldest first."""
    inside = {name: bridge.id for bridge in bridges for name in bridge.channels}
    seen = []
    for channel in channels:
        if read_side(channel.id) is not None:
            continue
        name = channel_on(node, channel.id)
        application, *arguments = channel.dialplan.app_data.split(",")
        if read_agent_leg(name) is not None or read_ear(name) is not None:
            entry, target, dialled, customer = None, "", "", ""
        elif _over_a_trunk(name):
            entry, target, dialled, customer = None, "", channel.caller.number, ""
        elif channel.dialplan.app_name == "Stasis" and application == APPLICATION and arguments:
            entry, target, dialled, customer = read_arguments(arguments)
        else:
            continue
        seen.append(
            ChannelSeen(
                channel=name,
                up=channel.state == "Up",
                created_at=_milliseconds(channel.creationtime),
                bridge=inside.get(channel.id),
                saved=channel.channelvars.get(STATE, ""),
                entry=entry,
                target=target,
                number=clean(channel.caller.number),
                name=clean(channel.caller.name),
                dialled=clean(dialled),
                wishes=_wishes(channel, customer),
            )
        )
    return tuple(sorted(seen, key=lambda one: (one.created_at, one.channel)))


def _milliseconds(time: str) -> int:
    try:
        return round(datetime.fromisoformat(time).timestamp() * 1000)
    except ValueError:
        return 0
