"""Writes our commands as ARI requests, under names that we choose; pure, and decides nothing.

Every name is chosen before the request, because an event about a thing may come before the response
that would have told its name, and because a request that is sent twice must not do its work twice.
What people typed travels in JSON bodies only: never in a path, a query, an argument list or a variable's name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import msgspec

from acd.adapters.asterisk.ari_recordings import record_requests
from acd.adapters.asterisk.ari_requests import (
    APPLICATION,
    DIALLING,
    TRIES,
    Request,
    at_bridge,
    at_caller,
    at_channel,
    in_path,
    subscription,
)
from acd.core.commands import (
    AnswerCall,
    Command,
    Connect,
    DialNumber,
    HangUp,
    HoldLeg,
    IdentifyCaller,
    JoinLeg,
    Media,
    MuteLeg,
    Overhear,
    PauseRecording,
    PickUp,
    PlayPrompts,
    PlayTones,
    ReadNumber,
    ReleaseToDialplan,
    RenewDeadMan,
    ResumeRecording,
    RingAgent,
    SaveCall,
    StartHoldMusic,
    StartRecording,
    StartRinging,
    StopPrompts,
    StopRecording,
    StopWhisper,
    Whisper,
)
from acd.core.configuration import AutoAnswer
from acd.core.events import Failure
from acd.core.ids import (
    CallId,
    ChannelId,
    NodeId,
    OfferId,
    agent_leg,
    caller_leg,
    channel_on,
    ear_of,
    is_leg_of,
    offered_call,
    read_ear,
    uniqueid_of,
)
from acd.core.party import MUTED

# Variables on the caller's channel. All but RESULT stand in `channelvars` of ari.conf.
STATE = "CORDBOARD_STATE"
RESULT = "CORDBOARD_RESULT"
REQUIRES = "CORDBOARD_REQUIRES"
PRIORITY = "CORDBOARD_PRIORITY"
LANGUAGE = "CORDBOARD_LANGUAGE"
REASON = "CORDBOARD_REASON"
CONSENT = "CORDBOARD_CONSENT"

# Our own timer ends the ringing; Asterisk's is there for the case that we have died meanwhile.
_RING_MARGIN_S = 5
_LONGEST_NAME = 64
_PLAYBACK = "~"
_WHISPER = 1  # An agent's leg hears one thing of ours.
# Headers of the INVITE by which phones pick up by themselves; all of them are written here and nowhere else.
_AUTO_ANSWER: Mapping[AutoAnswer, Mapping[str, str]] = {
    AutoAnswer.CALL_INFO: {"PJSIP_HEADER(add,Call-Info)": "<sip:cordboard>;answer-after=0"},
    AutoAnswer.ALERT_INFO: {
        "PJSIP_HEADER(add,Alert-Info)": "<http://cordboard>;info=alert-autoanswer"
    },
    AutoAnswer.ANSWER_MODE: {"PJSIP_HEADER(add,Answer-Mode)": "Auto"},
}

# Where in the dialplan a phone's own transfer leads: what it dials there is for us to read, and goes nowhere by itself.
TRANSFER_CONTEXT = "cordboard-transfer"
_TRANSFERS: Mapping[str, str] = {"TRANSFER_CONTEXT": TRANSFER_CONTEXT}
# Who is called over a trunk transfers nobody: there is nothing in this one.
_NO_TRANSFERS: Mapping[str, str] = {"TRANSFER_CONTEXT": "cordboard-no-transfer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveBridge:
    """Clear away the bridge of an offer, if nobody is in it: our own housekeeping, not the engine's.

    `over`: the caller has left us since, so nobody can be on his way back into it.
    """

    offer: OfferId
    over: bool = False


Task: TypeAlias = Command | RemoveBridge


def requests_for(command: Task) -> tuple[Request, ...]:
    """The requests that carry this out, one after the other; the first one that fails ends it."""
    match command:
        case RingAgent():
            return (_ring(command),)
        case DialNumber() | Connect():
            return _dial(command) if isinstance(command, DialNumber) else _connect(command)
        case HoldLeg():
            leg = {"channel": uniqueid_of(command.channel)}
            path, body = f"{at_channel(command.channel)}/moh", {"mohClass": command.music}
            music = Request("POST", path, body) if command.music else _stop_music(command.channel)
            # Not there: it has left it already, and hears music or is about to.
            bridge = at_bridge(command.offer)
            return (Request("POST", f"{bridge}/removeChannel", leg, as_good=(404, 422)), music)
        case JoinLeg():
            leg = {"channel": uniqueid_of(command.channel)}
            return (
                _stop_music(command.channel),
                # Gone if the agent has hung up while he held all others.
                _build(command.offer, stereo=command.stereo),
                Request("POST", f"{at_bridge(command.offer)}/addChannel", leg),
            )
        case MuteLeg():
            # If we die between the two, he is noted as muted, and a restart has him so.
            note = _set(command.channel, STATE, MUTED if command.muted else "")
            mute = _mute(command.channel, muted=command.muted)
            return (note, mute) if command.muted else (mute, note)
        case Overhear():
            return _overhear(command)
        case StartRecording() | PauseRecording() | ResumeRecording() | StopRecording():
            return record_requests(command)
        case PlayTones():
            return (Request("POST", f"{at_caller(command.call)}/dtmf", {"dtmf": command.keys}),)
        case AnswerCall():
            return (Request("POST", f"{at_caller(command.call)}/answer"),)
        case StartRinging():
            return (Request("POST", f"{at_caller(command.call)}/ring"),)
        case StartHoldMusic():
            body = {"mohClass": command.music}
            return (Request("POST", f"{at_caller(command.call)}/moh", body),)
        case PlayPrompts():
            return (_play(caller_leg(command.call), command.playback, command.prompts),)
        case StopPrompts():
            return (_stop_playing(caller_leg(command.call), command.playback),)
        case Whisper():
            return (_play(agent_leg(command.offer), _WHISPER, command.prompts),)
        case StopWhisper():
            return (_stop_playing(agent_leg(command.offer), _WHISPER),)
        case SaveCall():
            return (_set(caller_leg(command.call), STATE, command.saved),)
        case RenewDeadMan():
            seconds = str(-(-command.timeout_ms // 1000))
            return (_set(caller_leg(command.call), "TIMEOUT(absolute)", seconds),)
        case HangUp():
            return (_hang_up(command),)
        case ReleaseToDialplan():
            return (
                _set(caller_leg(command.call), RESULT, command.result),
                *((_stop_music(caller_leg(command.call)),) if command.silence else ()),
                Request("POST", f"{at_caller(command.call)}/continue"),
            )
        case RemoveBridge():
            bridge = at_bridge(command.offer)
            remove = Request("DELETE", bridge, as_good=(404,))
            if command.over:
                return (remove,)
            # The last one has left it; but a caller may be on his way back.
            return (Request("GET", bridge, go_on=partial(_nobody_in, command.offer)), remove)
        case IdentifyCaller() | ReadNumber() | PickUp():
            raise AssertionError(f"{type(command).__name__} came to ARI")


def _ring(command: RingAgent) -> Request:
    body = {
        "endpoint": command.device,
        "app": APPLICATION,
        "appArgs": "agent",
        "timeout": _ring_s(command.timeout_ms),
        # Refused when the caller has gone: nobody's phone rings for a ghost.
        **({} if command.first else {"originator": uniqueid_of(caller_leg(command.call))}),
        "callerId": caller_id(command.name, command.number),
        "variables": {**_TRANSFERS, **_AUTO_ANSWER.get(command.auto_answer, {})},
    }
    return Request("POST", at_channel(agent_leg(command.offer)), body, as_good=(409,))


def _dial(command: DialNumber) -> tuple[Request, ...]:
    """The leg is in the bridge before it is dialled: what the network says to the agent, he hears.

    Refused when the one has gone for whose sake it is. The caller's id is set last: in the bridge it was another one.
    """
    leg = command.leg
    body = {
        "endpoint": f"PJSIP/{command.digits}@{command.endpoint}",
        "app": APPLICATION,
        "appArgs": "dialled",
        "channelId": uniqueid_of(leg),
        "originator": uniqueid_of(command.sake),
        "variables": {**_NO_TRANSFERS, "CALLERID(num)": command.number},
    }
    presented = command.caller_id or "anonymous"
    return (
        Request("POST", "/channels/create", body, as_good=(409,)),
        _build(command.offer),
        Request(
            "POST",
            f"{at_bridge(command.offer)}/addChannel",
            {"channel": uniqueid_of(leg)},
            tries=TRIES,
        ),
        _set(leg, "CONNECTEDLINE(all,i)", f'"{presented}" <{presented}>'),
        Request("POST", subscription(DIALLING, uniqueid_of(leg))),
        Request("POST", f"{at_channel(leg)}/dial", {"timeout": _ring_s(command.timeout_ms)}),
    )


def _ring_s(timeout_ms: int) -> int:
    return -(-timeout_ms // 1000) + _RING_MARGIN_S


def _hang_up(command: HangUp) -> Request:
    # In SIP: CANCEL with `Reason: SIP;cause=200`, by which a phone knows that it has missed nothing.
    reason = {"reason": "answered_elsewhere"} if command.elsewhere else None
    return Request("DELETE", at_channel(command.channel), reason, as_good=(404,))


def _connect(command: Connect) -> tuple[Request, ...]:
    """The bridge first, the answer last: an agent who has gone meanwhile costs the caller nothing.

    A caller who is in the bridge of an earlier offer is moved out of it by Asterisk: nobody is in two.
    """
    legs = [uniqueid_of(caller_leg(command.call)), uniqueid_of(agent_leg(command.offer))]
    build = _build(command.offer, stereo=command.stereo)
    join = Request("POST", f"{at_bridge(command.offer)}/addChannel", {"channel": legs})
    if command.answer:
        return (build, join, Request("POST", f"{at_caller(command.call)}/answer"))
    # Music does not end by itself in a bridge: the caller would go on hearing it.
    return (_stop_music(caller_leg(command.call)), build, join)


def _overhear(command: Overhear) -> tuple[Request, ...]:
    """An ear at the agent's leg, in a bridge with the supervisor, who is muted before anybody could hear him.

    The ear says to the agent what it hears there, and ends with the agent's leg.
    """
    leg, ear = agent_leg(command.offer), uniqueid_of(ear_of(command.offer))
    snoop = {"spy": "both", "whisper": "out", "app": APPLICATION, "appArgs": "ear"}
    return (
        _mute(leg, muted=command.muted),
        _build(command.offer),
        Request(
            "POST",
            f"{at_channel(agent_leg(command.of))}/snoop/{in_path(ear)}",
            snoop,
            as_good=(409,),
        ),
        Request(
            "POST",
            f"{at_bridge(command.offer)}/addChannel",
            {"channel": [uniqueid_of(leg), ear]},
            tries=TRIES,
        ),
    )


def _mute(channel: ChannelId, *, muted: bool) -> Request:
    method = "POST" if muted else "DELETE"
    return Request(method, f"{at_channel(channel)}/mute", {"direction": "in"})


def _build(offer: OfferId, *, stereo: bool = False) -> Request:
    # The second always mixes, be it two alone: see `ari_recordings`.
    kind = "mixing,video_sfu" if stereo else "mixing"
    return Request("POST", at_bridge(offer), {"type": kind}, as_good=(409,))


def _stop_music(channel: ChannelId) -> Request:
    return Request("DELETE", f"{at_channel(channel)}/moh")


def _play(channel: ChannelId, playback: int, prompts: Sequence[Media]) -> Request:
    path = f"{at_channel(channel)}/play/{in_path(playback_for(channel, playback))}"
    media = [f"number:{one}" if isinstance(one, int) else f"sound:{one}" for one in prompts]
    return Request("POST", path, {"media": media})


def _stop_playing(channel: ChannelId, playback: int) -> Request:
    path = f"/playbacks/{in_path(playback_for(channel, playback))}"
    return Request("DELETE", path, as_good=(404,))


class _Inside(msgspec.Struct):
    channels: list[str]


def _nobody_in(offer: OfferId, bridge: bytes) -> bool:
    try:
        inside = msgspec.json.decode(bridge, type=_Inside).channels
    except msgspec.DecodeError:
        return False
    return is_deserted(offer, inside)


def is_deserted(offer: OfferId, channels: Iterable[str]) -> bool:
    """Whether nobody of the call is in the bridge of this offer. Asterisk shows a recorder there while it goes."""
    return not any(is_leg_of(offer, name) for name in channels)


def _set(channel: ChannelId, variable: str, value: str) -> Request:
    return Request(
        "POST", f"{at_channel(channel)}/variable", {"variable": variable, "value": value}
    )


def caller_id(name: str, number: str) -> str:
    """The caller as the agent's phone shows him; nothing in his own words can end the quotes.

    Neither part is ever empty: Asterisk would fill it in with the caller's words as they came.
    """
    number = re.sub(r"[^0-9A-Za-z+*#._-]", "", number)[:_LONGEST_NAME] or "anonymous"
    name = "".join(letter for letter in name if letter not in '"<>\\' and letter.isprintable())
    return f'"{name.strip()[:_LONGEST_NAME] or number}" <{number}>'


def playback_for(heard_by: CallId | ChannelId, playback: int) -> str:
    """What Asterisk calls this playback."""
    return f"{uniqueid_of(heard_by)}{_PLAYBACK}{playback}"


def read_playback(node: NodeId, name: str) -> tuple[ChannelId, int] | None:
    """Who hears a playback, and its number, or None if it is not of our naming."""
    channel, separator, number = name.rpartition(_PLAYBACK)
    if not separator or not re.fullmatch(r"[0-9]{1,9}", number):
        return None
    return channel_on(node, channel), int(number)


def lane_of(command: Task) -> ChannelId:
    """Commands of one lane are carried out in order: those that act on the same channel.

    To ring an agent is the work of a channel of its own, so it does not wait for what the caller is
    to hear; and a hang-up waits for the ringing that it ends, or it would find nothing to hang up. So does that of
    an ear, which is made in the lane of its call.
    """
    match command:
        case RingAgent():
            return agent_leg(command.offer)
        case HangUp() if read_ear(command.channel) is None:
            return command.channel
        case DialNumber():
            return command.leg
        case RemoveBridge():  # Not between a Connect that has made the bridge and the legs' coming.
            return caller_leg(offered_call(command.offer))
        case _:
            return caller_leg(command.call)


def subject_of(command: Task) -> ChannelId:
    """The channel that a failure of this command is about."""
    match command:
        case Connect() | Whisper() | StopWhisper() | Overhear():
            return agent_leg(command.offer)
        case HoldLeg() | JoinLeg() | MuteLeg():
            return command.channel
        case _:
            return lane_of(command)


def failure_of(status: int, body: bytes) -> Failure:
    """What a status that is no success means."""
    if status in (404, 409, 422) or (status == 400 and b"not found" in body):
        return Failure.GONE
    # 500 is Asterisk's answer for a phone that has no address to be called at.
    if status == 500 or 400 <= status < 500:
        return Failure.REFUSED
    return Failure.UNREACHABLE
