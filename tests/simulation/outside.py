"""The auditor's book of numbers beside calls: who was dialled, by which way, who was heard; never looks inside."""

from dataclasses import dataclass, field

from acd.core import notices
from acd.core.commands import DialNumber
from acd.core.ids import CallId, ChannelId, read_outside_leg
from acd.core.outbound import Outbound
from acd.core.party import PartyState


@dataclass
class Outside:
    """What is believed of the numbers beside every call."""

    of: dict[CallId, dict[str, ChannelId]] = field(default_factory=dict)
    states: dict[ChannelId, PartyState] = field(default_factory=dict)
    up: set[ChannelId] = field(default_factory=set)  # Never decides anything.

    def picks_up(self, channel: ChannelId) -> None:
        self.up.add(channel)

    def dialled(self, said: notices.OutsiderDialled) -> None:
        there = self.of.setdefault(said.call, {})
        assert said.number not in there and said.leg not in self.states
        ours = read_outside_leg(said.leg)
        assert ours == (said.call, said.by), said
        there[said.number] = said.leg
        self.states[said.leg] = PartyState.RINGING

    def is_called(self, said: DialNumber, outbound: Outbound) -> None:
        """Only what was told before, and by a way that the centre's file has."""
        assert self.states[said.leg] is PartyState.RINGING
        (route,) = (one for one in outbound.routes if one.endpoint == said.endpoint)
        assert said.number.startswith(route.prefixes) and said.digits.isdecimal()

    def changed(self, said: notices.OutsiderChanged, *, seen_up: bool) -> None:
        there = self.of.setdefault(said.call, {})
        assert there.setdefault(said.number, said.leg) == said.leg
        if said.leg not in self.states:  # Found so after a restart.
            assert seen_up, "somebody outside out of nowhere"
        elif self.states[said.leg] is PartyState.RINGING:
            assert said.leg in self.up or seen_up, "heard, and has not picked up"
        self.states[said.leg] = said.state

    def left(self, said: notices.OutsiderLeft) -> None:
        assert self.of[said.call].pop(said.number) == said.leg
        heard = self.states.pop(said.leg) is not PartyState.RINGING
        assert heard == (not said.result) and said.talked_ms >= 0, said
        assert heard or said.talked_ms == 0

    def states_of(self, call: CallId) -> list[PartyState]:
        return [self.states[leg] for leg in self.of.get(call, {}).values()]

    def is_over(self, call: CallId) -> None:
        assert not self.of.pop(call, {}), "a number talks to nobody"
