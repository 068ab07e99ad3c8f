"""Who is in which bridge of a simulated Asterisk, and how long anybody was alone: what really is; tells nobody."""

from acd.core.ids import (
    CallId,
    ChannelId,
    Direction,
    OfferId,
    bridge_for,
    caller_leg,
    direction_of,
    offered_call,
)
from acd.simulation.agenda import Agenda
from acd.simulation.channel import Channel


class Bridges:
    """All channels of one Asterisk, and who of a call is with whom."""

    def __init__(self, agenda: Agenda) -> None:
        self.channels: dict[ChannelId, Channel] = {}
        self.dialled: dict[CallId, None] = {}  # Calls out whose number was dialled.
        self.longest_alone_ms = 0
        self.strangers_met = False  # Somebody has been in another call's bridge.
        self._by_call: dict[CallId, dict[ChannelId, Channel]] = {}
        self._agenda = agenda

    def add(self, channel: Channel) -> None:
        """There is one more."""
        self.channels[channel.id] = channel
        self._by_call.setdefault(channel.call, {})[channel.id] = channel

    def remove(self, name: ChannelId) -> Channel | None:
        """This one is gone; None: it was already."""
        channel = self.channels.pop(name, None)
        if channel is None:
            return None
        others = self._by_call[channel.call]
        del others[name]
        if not others:
            del self._by_call[channel.call]
        self._not_alone(channel)
        self._look_after(channel.call)
        return channel

    def join(self, channel: Channel, offer: OfferId) -> None:
        """Put this one into the bridge of that offer, out of any other."""
        channel.bridge, channel.music = bridge_for(offer), False
        # Whom he leaves behind, as an agent whose hang-up was lost, is alone.
        self._look_after(channel.call)
        self.strangers_met |= offered_call(offer) != channel.call

    def part(self, channel: Channel, *, music: bool) -> None:
        """Put this one out of its bridge."""
        channel.bridge, channel.music = None, music
        self._look_after(channel.call)

    def play_music(self, channel: Channel) -> None:
        """Let this one hear music where he is."""
        channel.music = True
        self._look_after(channel.call)

    def beside(self, channel: Channel) -> ChannelId:
        """Another one of the same call; himself if there is none."""
        there = self._by_call[channel.call].values()
        return next((one.id for one in there if one is not channel), channel.id)

    def ears_at(self, channel: Channel) -> list[ChannelId]:
        """The ears at this leg."""
        there = self._by_call.get(channel.call, {}).values()
        return [one.id for one in there if one.spies == channel.id]

    def _look_after(self, call: CallId) -> None:
        """Note who of this call is alone from now on, and who is not any more."""
        there = list(self._by_call.get(call, {}).values())
        caller = self.channels.get(caller_leg(call))
        for channel in [one for one in there if one.spies is None]:
            others = [one for one in there if one is not channel and one.bridge == channel.bridge]
            by_itself = channel.bridge is not None and not others
            on_hold = caller is not None and caller.music
            # Who calls somebody is alone until the number is dialled.
            without = caller is None and not (
                direction_of(call) is Direction.OUT and call not in self.dialled
            )
            if (by_itself and not on_hold and caller is not None) or without:
                channel.alone_since = channel.alone_since or self._agenda.now
            else:
                self._not_alone(channel)

    def _not_alone(self, channel: Channel) -> None:
        if channel.alone_since is not None:
            alone_ms = self._agenda.now - channel.alone_since
            self.longest_alone_ms = max(self.longest_alone_ms, alone_ms)
            channel.alone_since = None
