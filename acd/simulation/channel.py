"""What a simulated Asterisk has: channels, sounds, and which of them a command is about; does nothing with them."""

from dataclasses import dataclass
from enum import Enum

from acd.core import commands
from acd.core.commands import Command
from acd.core.events import Entry
from acd.core.ids import CallId, ChannelId, agent_leg, caller_leg


@dataclass(slots=True, kw_only=True)
class Channel:
    """One channel in our hands."""

    id: ChannelId
    call: CallId
    caller: bool
    outside: bool = False  # A number that is called beside.
    spies: ChannelId | None = None  # An ear: at whose leg it is, with which it ends.
    created_at: int
    up: bool = False
    bridge: str | None = None
    saved: str = ""
    entry: Entry | None = None
    target: str = ""
    number: str = ""
    dead_man_at: int | None = None
    playback: int = 0
    music: bool = False
    # In a bridge by itself, while nobody hears music for its sake; or a leg without its caller.
    alone_since: int | None = None


class Sound(Enum):
    """What becomes of what is said, in one part of a recording."""

    KEPT = "kept"
    PAUSED = "paused"
    WHOLE = "whole"  # Nothing is added any more.


def subject_of(command: Command) -> ChannelId:
    """The channel that this command is about."""
    match command:
        case (
            commands.RingAgent()
            | commands.PickUp()
            | commands.Connect()
            | commands.Whisper()
            | commands.StopWhisper()
            | commands.Overhear()
        ):
            return agent_leg(command.offer)
        case commands.DialNumber():
            return command.leg
        case commands.HangUp() | commands.HoldLeg() | commands.JoinLeg() | commands.MuteLeg():
            return command.channel
        case _:
            return caller_leg(command.call)
