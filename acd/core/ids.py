"""Names of things, each saying on which Asterisk it lives; never how a thing is stored or sent.

A channel is named `node:uniqueid`. A call has the name of its caller's channel. The leg that rings an
agent is named by us before it exists, after the call, the agent and the moment of the offer, so a
second attempt is refused by Asterisk instead of ringing twice, and a restart can read from the name
alone what the leg was for. The same holds for the leg on which an agent calls somebody: the call has its name,
or, if he has a call already, it has the name of that and of him.
"""

from enum import StrEnum
from typing import NewType
from urllib.parse import quote, unquote

NodeId = NewType("NodeId", str)
ChannelId = NewType("ChannelId", str)
CallId = NewType("CallId", str)
OfferId = NewType("OfferId", str)
AgentId = NewType("AgentId", str)
DeskId = NewType("DeskId", str)
QueueId = NewType("QueueId", str)
MenuId = NewType("MenuId", str)
CustomerId = NewType("CustomerId", str)

_PART = "~"  # Never part of a uniqueid that Asterisk makes, nor of an agent's id.
_BRIDGE = f"cordboard{_PART}"
_DIALLED = f"dialled{_PART}"
_BACK = f"{_DIALLED}."  # No agent's id begins with a dot.
# Asterisk refuses a name with which that of another channel begins, as the agent's leg does with his call's.
_OUT = f"{_PART}out"
_EAR = f"{_PART}ear"


class Side(StrEnum):
    """Half of a recording in stereo: what the caller says, left, and what he hears, right."""

    SAID = "said"
    HEARD = "heard"


_SIDES = {side.value: side for side in Side}


class Direction(StrEnum):
    """Who has called whom."""

    IN = "in"
    OUT = "out"


def channel_on(node: NodeId, uniqueid: str) -> ChannelId:
    """The channel that Asterisk `node` calls `uniqueid`."""
    return ChannelId(f"{node}:{uniqueid}")


def node_of(name: ChannelId | CallId | OfferId) -> NodeId:
    """The Asterisk on which this channel, call or offer lives."""
    return NodeId(name.partition(":")[0])


def uniqueid_of(name: ChannelId | CallId | OfferId) -> str:
    """What its own Asterisk calls this channel."""
    return name.partition(":")[2]


def call_of(channel: ChannelId) -> CallId:
    """The call whose caller is on this channel."""
    return CallId(channel.removesuffix(_OUT))


def caller_leg(call: CallId) -> ChannelId:
    """The caller's channel of this call, or that of whom an agent calls."""
    return ChannelId(call + _OUT if direction_of(call) is Direction.OUT else call)


def dialled_call(node: NodeId, agent: AgentId, at: int) -> CallId:
    """The name of the call that this agent begins at `at`."""
    return CallId(f"{node}:{_DIALLED}{agent}-{at}")


def callback_call(node: NodeId, callback: str, at: int) -> CallId:
    """The name of the call by which we pay this callback, from `at` on."""
    return CallId(f"{node}:{_BACK}{callback}-{at}")


def callback_of(call: CallId) -> str | None:
    """Which callback this call pays, or None if it is another call."""
    name = uniqueid_of(call)
    return name.removeprefix(_BACK).rpartition("-")[0] if name.startswith(_BACK) else None


def read_dialled(call: CallId) -> tuple[AgentId, int] | None:
    """The agent who began this call, and when; None if none did."""
    name = uniqueid_of(call)
    agent, _, at = name.removeprefix(_DIALLED).rpartition("-")
    ours = name.startswith(_DIALLED) and not name.startswith(_BACK) and at.isdecimal()
    return (AgentId(agent), int(at)) if ours else None


def direction_of(call: CallId | ChannelId) -> Direction:
    """Whether somebody has called us, or an agent somebody: its name says so."""
    if _DIALLED not in call:
        return Direction.IN  # Nearly always, and asked of every call again and again.
    name = uniqueid_of(call)
    ours = name.startswith(_DIALLED) and name.removesuffix(_OUT).count(_PART) == 1
    return Direction.OUT if ours else Direction.IN


def offer_to(call: CallId, agent: AgentId, at: int) -> OfferId:
    """The name of the offer of `call` to `agent` made at `at`; also the name of the leg that rings."""
    return OfferId(f"{call}{_PART}{agent}{_PART}{at}")


def agent_leg(offer: OfferId) -> ChannelId:
    """The channel that rings the agent for this offer."""
    return ChannelId(offer)


def read_agent_leg(channel: ChannelId) -> tuple[CallId, AgentId] | None:
    """The call and the agent that this leg was made for, or None if it is not a leg of ours."""
    parts = channel.rsplit(_PART, 2)
    if len(parts) != 3 or not parts[2].isdecimal():
        return None
    return CallId(parts[0]), AgentId(parts[1])


def ear_of(offer: OfferId) -> ChannelId:
    """The channel by which a supervisor, whose phone this offer has rung, is at his agent's ear."""
    return ChannelId(offer + _EAR)


def read_ear(channel: ChannelId) -> OfferId | None:
    """Whose ear this channel is, or None if it is none of ours."""
    offer = ChannelId(channel.removesuffix(_EAR))
    return OfferId(offer) if offer != channel and read_agent_leg(offer) is not None else None


def offered_call(offer: OfferId) -> CallId:
    """The call that this offer offers."""
    return CallId(offer.rsplit(_PART, 2)[0])


def offered_at(offer: OfferId) -> int:
    """When this offer was made, by our own clock."""
    return int(offer.rpartition(_PART)[2])


def outside_leg(call: CallId, by: AgentId, at: int) -> ChannelId:
    """The channel on which a number is called at `at` for the sake of this call; `by` answers for it."""
    return ChannelId(f"{offer_to(call, by, at)}{_OUT}")


def read_outside_leg(channel: ChannelId) -> tuple[CallId, AgentId] | None:
    """The call for which a number is called on this channel, and who answers for it; None if it is no such leg."""
    return read_agent_leg(ChannelId(channel.removesuffix(_OUT))) if channel.endswith(_OUT) else None


def dialled_at(leg: ChannelId) -> int:
    """When the number on this leg was called, by our own clock."""
    return offered_at(OfferId(leg.removesuffix(_OUT)))


def bridge_for(offer: OfferId) -> str:
    """What Asterisk calls the bridge of the conversation that began by this offer: no two calls meet in one."""
    return f"{_BRIDGE}{uniqueid_of(offer)}"


def is_leg_of(offer: OfferId, uniqueid: str) -> bool:
    """Whether the channel of this name is one of the people in the bridge of this offer; a recorder is not.

    A supervisor's ear is: while he is in the conversation himself, it is there alone.
    """
    call, leg = uniqueid_of(offered_call(offer)), ChannelId(uniqueid.removesuffix(_OUT))
    return uniqueid == call or read_agent_leg(leg) is not None or read_ear(leg) is not None


def recording_name(call: CallId, part: int) -> str:
    """What we call this part of what is said in a call, in Asterisk and wherever it is kept; also a file's name."""
    return f"{_BRIDGE}{quote(call, safe='')}{_PART}{part}"


def read_recording(name: str) -> tuple[CallId, int] | None:
    """The call and the part that were recorded under this name, or None if it is not of our naming."""
    call, separator, part = name.removeprefix(_BRIDGE).rpartition(_PART)
    ours = name.startswith(_BRIDGE) and separator and part.isdecimal() and len(part) < 10
    found = (CallId(unquote(call)), int(part)) if ours else None
    return found if found is not None and recording_name(*found) == name else None


def side_name(call: CallId, part: int, side: Side) -> str:
    """What we call one half of this part: the recording, its file, and the channel that listens for its sake."""
    return f"{recording_name(call, part)}{_PART}{side}"


def read_side(name: str) -> tuple[CallId, int, Side] | None:
    """The part of which this is the half, and which half; None if it is no such name of ours."""
    whole, _, word = name.rpartition(_PART)
    side = _SIDES.get(word)  # Asked of every channel in every event: nearly always none.
    part = read_recording(whole) if side is not None else None
    return (*part, side) if part is not None and side is not None else None


def read_bridge(node: NodeId, name: str) -> OfferId | None:
    """The offer for which this bridge on `node` was made, or None if it is not a bridge of ours."""
    leg = channel_on(node, name.removeprefix(_BRIDGE))
    if not name.startswith(_BRIDGE) or read_agent_leg(leg) is None:
        return None
    return OfferId(leg)
