"""An Asterisk that obeys like the real one, bad manners included; knows nothing of queues and agents.

Answers get lost though the command was carried out, commands get lost, events come late, twice or not
at all, nobody is told anything while nobody listens, and whoever is not renewed is taken back by the
dead man's switch. What really is, are its `bridges`: the truth against which everything else is measured.
"""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from acd.core import commands, events
from acd.core.commands import Command
from acd.core.events import ChannelSeen, Entry, Event, Failure
from acd.core.ids import (
    CallId,
    ChannelId,
    Direction,
    NodeId,
    OfferId,
    agent_leg,
    bridge_for,
    caller_leg,
    channel_on,
    direction_of,
    ear_of,
    read_ear,
)
from acd.core.party import MUTED
from acd.core.wishes import NO_WISHES, Wishes
from acd.simulation.agenda import Agenda
from acd.simulation.bridges import Bridges
from acd.simulation.channel import Channel, Sound, subject_of
from acd.simulation.scenario import Manners
from acd.simulation.wire import Wire

DEAD_MAN_MS = 60_000  # What the dialplan sets before it gives us a call.
_RING_MARGIN_MS = 2_000
_PROMPT_MS = 1_500


class SimAsterisk:
    """One Asterisk. `deliver` hears its events; `rings`, `talks` and `left` are for the people."""

    def __init__(
        self,
        *,
        node: NodeId,
        agenda: Agenda,
        random: Random,
        manners: Manners,
        deliver: Callable[[Event], None],
        rings: Callable[[commands.RingAgent], None],
        dials: Callable[[commands.DialNumber], None] = lambda dialled: None,
        talks: Callable[[CallId, ChannelId], None],
        left: Callable[[CallId], None],
    ) -> None:
        self.node = node
        self.manners = manners
        self.bridges = Bridges(agenda)
        self.channels = self.bridges.channels
        self.recordings: dict[CallId, dict[int, Sound]] = {}  # Parts, by their numbers.
        self._halved: set[tuple[CallId, int]] = set()  # Those of them that are in stereo.
        self.notes_lost = False  # A note on a channel may be missing or old.
        self._agenda = agenda
        self._random = random
        self._wire = Wire(node=node, agenda=agenda, random=random, manners=manners, deliver=deliver)
        self._deliver = deliver
        self._rings = rings
        self._dials = dials
        self._talks = talks
        self._left = left
        self._lanes: dict[ChannelId, int] = {}  # When the last command of a lane will be done.

    # The listener.

    @property
    def heard(self) -> bool:
        """Whether somebody listens."""
        return self._wire.heard

    def cut(self) -> None:
        """Nobody listens any more; what is on its way is lost."""
        self._wire.cut()

    def connect(self) -> None:
        """Somebody listens: he is told what is there, and after that what happened meanwhile."""
        if not self.heard:
            self._wire.connect()
            self.look()

    def look(self) -> None:
        """Tell what is there, a moment later."""
        if self.heard:
            self._wire.tell_all([self._seen(channel) for channel in self.channels.values()])

    def _seen(self, channel: Channel) -> ChannelSeen:
        return ChannelSeen(
            channel=channel.id,
            up=channel.up,
            created_at=channel.created_at,
            bridge=channel.bridge,
            saved=channel.saved,
            entry=channel.entry,
            target=channel.target,
            number=channel.number,
        )

    # What callers and phones do.

    def arrive(
        self,
        uniqueid: str,
        *,
        entry: Entry,
        target: str,
        number: str,
        name: str = "",
        dialled: str = "",
        wishes: Wishes = NO_WISHES,
    ) -> CallId:
        """The dialplan gives us a call."""
        channel = channel_on(self.node, uniqueid)
        call = CallId(channel)
        self.bridges.add(
            Channel(
                id=channel,
                call=call,
                caller=True,
                created_at=self._agenda.now,
                entry=entry,
                target=target,
                number=number,
            )
        )
        self._renew(channel, DEAD_MAN_MS)
        arrived = partial(
            events.CallArrived,
            channel=channel,
            entry=entry,
            target=target,
            number=number,
            name=name,
            dialled=dialled,
            wishes=wishes,
        )
        self._wire.say(channel, arrived)
        return call

    def press(self, channel: ChannelId, key: str) -> None:
        """The caller presses a key."""
        if channel in self.channels:
            self._wire.say(channel, partial(events.KeyPressed, channel=channel, key=key))

    def pick_up(self, leg: ChannelId) -> None:
        """The phone is picked up."""
        channel = self.channels.get(leg)
        if channel is not None and not channel.up:
            channel.up = True
            self._wire.say(leg, partial(events.LegAnswered, channel=leg))
            if channel.caller:  # Somebody whom an agent calls.
                self._talks(channel.call, self.bridges.beside(channel))

    def end(self, name: ChannelId, cause: int = 16) -> None:
        """This channel hangs up."""
        channel = self.channels.get(name)
        if channel is not None and channel.up and not (channel.caller or channel.spies):
            self._wire.say(name, partial(events.LegLeaving, channel=name))
        self._remove(name, partial(events.LegEnded, channel=name, cause=cause))

    def _leave(self, name: ChannelId) -> None:
        self._remove(name, partial(events.CallLeft, channel=name))

    def _remove(self, name: ChannelId, event: Callable[..., Event]) -> None:
        channel = self.bridges.remove(name)
        if channel is None:
            return
        self._wire.say(name, event)
        for ear in self.bridges.ears_at(channel):
            self.end(ear)
        if channel.caller:
            for part in self.recordings.get(channel.call, ()):
                self._stop_recording(channel.call, part)
            self._left(channel.call)

    def _renew(self, name: ChannelId, timeout_ms: int) -> None:
        channel = self.channels[name]
        channel.dead_man_at = self._agenda.now + timeout_ms if timeout_ms else None

        def fire() -> None:
            if name in self.channels and self.channels[name].dead_man_at == self._agenda.now:
                self._leave(name)

        if timeout_ms:
            self._agenda.after(timeout_ms, fire)

    # Commands.

    def obey(self, command: Command) -> None:
        """Carry this out, after those of the same lane; the answer may get lost on the way."""
        directorys = isinstance(command, commands.IdentifyCaller | commands.ReadNumber)
        assert not directorys, "the directory's command"
        subject = subject_of(command)
        own = commands.RingAgent | commands.HangUp | commands.DialNumber
        lane = subject if isinstance(command, own) and read_ear(subject) is None else None
        lane = lane or caller_leg(command.call)
        manners, random, connection = self.manners, self._random, self._wire.connection
        if not self.heard:
            self._fail(command, subject, Failure.UNREACHABLE)
            return
        lost = random.random() < manners.lose_command
        unheard = lost or random.random() < manners.lose_answer
        at = max(self._agenda.now, self._lanes.get(lane, 0)) + self._wire.latency()
        self._lanes[lane] = at + (manners.give_up_ms if unheard else 0)

        def carry_out() -> None:
            cut = connection != self._wire.connection
            self.notes_lost |= lost or cut
            if cut and random.random() < 0.5:
                return  # It was not on the wire yet when its sender died.
            failure = None if lost else self._carry_out(command)
            if unheard:
                failure = Failure.UNREACHABLE
            if failure is not None:
                self._fail(command, subject, failure)

        self._agenda.after(at - self._agenda.now, carry_out)

    def _fail(self, command: Command, subject: ChannelId, failure: Failure) -> None:
        if failure is Failure.UNREACHABLE:
            self.notes_lost |= isinstance(command, commands.SaveCall | commands.RenewDeadMan)

        def tell() -> None:
            self._deliver(
                events.CommandFailed(
                    at=self._agenda.now,
                    command=type(command).__name__,
                    channel=subject,
                    failure=failure,
                )
            )

        patience_ms = self._wire.latency()
        if failure is Failure.UNREACHABLE and self.heard:
            patience_ms += self.manners.give_up_ms
        self._agenda.after(patience_ms, tell)

    def _carry_out(self, command: Command) -> Failure | None:
        caller = self.channels.get(caller_leg(command.call))
        match command:
            case commands.RingAgent():
                return self._ring(command, caller)
            case commands.DialNumber():
                return self._dial(command)
            case commands.JoinLeg() if direction_of(command.call) is Direction.OUT:
                return self._hold_or_join(command)  # Before there is anybody who is called.
            case commands.HangUp():
                self.end(command.channel)
                return None  # To find nothing to hang up is as good.
            case commands.StopPrompts():
                if caller is not None and caller.playback == command.playback:
                    self._played(caller.id, command.playback)
                return None
        if caller is None:
            return Failure.GONE
        match command:
            case commands.Whisper() | commands.StopWhisper():
                return self._whisper(command)
            case commands.Connect():
                return self._connect(command, caller)
            case commands.AnswerCall():
                caller.up = True
            case commands.SaveCall():
                caller.saved = command.saved
            case commands.RenewDeadMan():
                self._renew(caller.id, command.timeout_ms)
            case commands.ReleaseToDialplan():
                self._leave(caller.id)
            case commands.PlayPrompts():
                caller.playback = command.playback
                self._agenda.after(
                    _PROMPT_MS * len(command.prompts),
                    partial(self._played, caller.id, command.playback),
                )
            case commands.HoldLeg() | commands.JoinLeg():
                return self._hold_or_join(command)
            case commands.Overhear():
                return self._overhear(command)
            case commands.MuteLeg():
                if (leg := self.channels.get(command.channel)) is None:
                    return Failure.GONE
                leg.saved = MUTED if command.muted else ""
            case commands.StartHoldMusic():
                self.bridges.play_music(caller)
            case (
                commands.StartRecording()
                | commands.PauseRecording()
                | commands.ResumeRecording()
                | commands.StopRecording()
            ):
                return self._record(command)
            case commands.StartRinging() | commands.PlayTones() | commands.PickUp():
                pass
            case _:
                raise AssertionError(f"nobody has taught Asterisk to {type(command).__name__}")
        return None

    def _ring(self, command: commands.RingAgent, caller: Channel | None) -> Failure | None:
        leg = agent_leg(command.offer)
        if caller is None and not command.first:
            return Failure.GONE
        if self._random.random() < self.manners.refuse_ring:
            return Failure.REFUSED
        assert leg not in self.channels, "the same offer was rung twice"
        self.bridges.add(
            Channel(id=leg, call=command.call, caller=False, created_at=self._agenda.now)
        )

        def ring_out() -> None:
            if leg in self.channels and not self.channels[leg].up:
                self.end(leg, cause=19)

        self._agenda.after(command.timeout_ms + _RING_MARGIN_MS, ring_out)
        self._rings(command)
        return None

    def _dial(self, command: commands.DialNumber) -> Failure | None:
        """Who is called is in the bridge of who calls, from before his phone rings."""
        if command.sake not in self.channels:
            return Failure.GONE
        if self._random.random() < self.manners.refuse_ring:
            return Failure.REFUSED
        leg = command.leg
        outside = leg != caller_leg(command.call)
        if not outside:
            self.bridges.dialled[command.call] = None
        assert leg not in self.channels, "the same number was dialled twice"
        called = Channel(
            id=leg,
            call=command.call,
            caller=not outside,
            outside=outside,
            created_at=self._agenda.now,
            number=command.number,
        )
        self.bridges.add(called)
        self._join(called, command.offer)

        def ring_out() -> None:
            if leg in self.channels and not self.channels[leg].up:
                self.end(leg, cause=19)

        self._agenda.after(command.timeout_ms + _RING_MARGIN_MS, ring_out)
        self._dials(command)
        return None

    def _connect(self, command: commands.Connect, caller: Channel) -> Failure | None:
        leg = self.channels.get(agent_leg(command.offer))
        if leg is None:
            return Failure.GONE
        assert leg.up, "connected to a phone that was not picked up"
        caller.up = True
        for channel in (caller, leg):
            self._join(channel, command.offer)
        self._talks(command.call, leg.id)
        return None

    def _whisper(self, command: commands.Whisper | commands.StopWhisper) -> Failure | None:
        leg = agent_leg(command.offer)
        if leg not in self.channels:
            return Failure.GONE
        if isinstance(command, commands.Whisper):
            assert self.channels[leg].up, "whispered to a phone that was not picked up"
            said = partial(self._wire.say, leg, partial(events.WhisperFinished, channel=leg))
            self._agenda.after(_PROMPT_MS * len(command.prompts), said)
        return None

    def _hold_or_join(self, command: commands.HoldLeg | commands.JoinLeg) -> Failure | None:
        channel = self.channels.get(command.channel)
        if channel is None:
            return Failure.GONE
        assert channel.up, "a phone that was not picked up is in a conversation"
        if isinstance(command, commands.JoinLeg):
            self._join(channel, command.offer)
        else:
            self.bridges.part(channel, music=bool(command.music))
        return None

    def _overhear(self, command: commands.Overhear) -> Failure | None:
        leg, ear = self.channels.get(agent_leg(command.offer)), ear_of(command.offer)
        if leg is None or agent_leg(command.of) not in self.channels:
            return Failure.GONE
        assert leg.up, "a phone that was not picked up hears a conversation"
        if ear not in self.channels:
            self.bridges.add(
                Channel(
                    id=ear,
                    call=command.call,
                    caller=False,
                    created_at=self._agenda.now,
                    up=True,
                    bridge=bridge_for(command.offer),
                    spies=agent_leg(command.of),
                )
            )
        self._join(leg, command.offer)
        return None

    def _join(self, channel: Channel, offer: OfferId) -> None:
        self.bridges.join(channel, offer)
        self._wire.say(channel.id, partial(events.LegBridged, channel=channel.id, offer=offer))

    def _record(
        self,
        command: commands.StartRecording
        | commands.PauseRecording
        | commands.ResumeRecording
        | commands.StopRecording,
    ) -> Failure | None:
        live = self.recordings.setdefault(command.call, {})
        if isinstance(command, commands.StartRecording):
            assert command.part not in live, "the same part is recorded twice"
            live[command.part] = Sound.KEPT
            if command.stereo:
                self._halved.add((command.call, command.part))
            self._tell_of(command.call, events.RecordingStarted, command.part)
        elif isinstance(command, commands.StopRecording):
            self._stop_recording(command.call, command.part)
        elif live.get(command.part, Sound.WHOLE) is Sound.WHOLE:
            return Failure.GONE
        else:
            paused = isinstance(command, commands.PauseRecording)
            live[command.part] = Sound.PAUSED if paused else Sound.KEPT
        return None

    def _stop_recording(self, call: CallId, part: int) -> None:
        live = self.recordings.get(call, {})
        if live.get(part, Sound.WHOLE) is not Sound.WHOLE:
            live[part] = Sound.WHOLE
            for _ in range(2 if (call, part) in self._halved else 1):
                self._tell_of(call, events.RecordingFinished, part)

    def _tell_of(self, call: CallId, kind: Any, part: int) -> None:
        self._wire.say(caller_leg(call), partial(kind, call=call, part=part))

    def _played(self, name: ChannelId, playback: int) -> None:
        channel = self.channels.get(name)
        if channel is not None:
            call = channel.call
            self._wire.say(name, partial(events.PromptsFinished, call=call, playback=playback))
