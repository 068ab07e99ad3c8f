"""People who call a simulated office, or are called by it: when they come, what they bear; know nothing of agents."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from acd.core import commands, notices
from acd.core.events import Entry
from acd.core.ids import CallId, ChannelId, caller_leg, channel_on
from acd.simulation.acquaintance import Acquaintance

if TYPE_CHECKING:
    from acd.simulation.office import Office


@dataclass(slots=True)
class Fate:
    """What really became of a caller."""

    arrived_at: int
    number: str = ""
    talked: int = 0  # How often he was put through.
    gone: bool = False


class Callers:
    """All of them, and what became of each."""

    def __init__(self, office: "Office", random: Random) -> None:
        self.fates: dict[CallId, Fate] = {}
        self.known = Acquaintance(office.scenario.people, random)
        self._office = office
        self._people = office.scenario.people
        self._random = random
        self._came = 0  # How many have called, those whom an agent calls apart.

    def begin(self) -> None:
        """From now on somebody calls now and then."""
        self._office.later(self._people.between_calls_ms, self._somebody_calls)

    def _somebody_calls(self) -> None:
        people = self._people
        if self._office.agenda.now >= self._office.ends_at or self._came == people.calls:
            self._office.ends_at = min(self._office.ends_at, self._office.agenda.now)
            return
        entry, target = self._random.choice(self._office.scenario.doors)
        number = self.known.number_of(len(self.fates))
        name = f"c{len(self.fates)}"
        self._came += 1
        call = CallId(channel_on(self._office.asterisk.node, name))
        self.known.has_called(number, call, self._office.agenda.now)
        self.fates[call] = Fate(self._office.agenda.now, number)
        self._office.asterisk.arrive(name, entry=entry, target=target, number=number)
        self._grow_impatient(call)
        if entry is Entry.MENU:
            self._fumble(call)
        if people.ask_back:
            self._ask_back(call)
        self._office.later(people.between_calls_ms, self._somebody_calls)

    def _grow_impatient(self, call: CallId) -> None:
        patience_ms = self._people.patience_ms
        fate = self.fates[call]
        talked = fate.talked

        def give_up() -> None:
            if fate.talked == talked:
                self._office.asterisk.end(caller_leg(call))

        if patience_ms is not None:
            self._office.later(patience_ms, give_up)

    def _fumble(self, call: CallId) -> None:
        def press() -> None:
            if not self.fates[call].gone and not self.fates[call].talked:
                self._office.asterisk.press(caller_leg(call), self._random.choice("123"))
                self._fumble(call)

        self._office.later(4_000, press)

    def _ask_back(self, call: CallId) -> None:
        """He has waited for a while and would rather not, whether his queue cares or not."""

        def press() -> None:
            if not self.fates[call].gone and not self.fates[call].talked:
                self._office.asterisk.press(caller_leg(call), self._people.key_for_callback)

        if self._random.random() < self._people.ask_back:
            self._office.later(10_000, press)

    def opine(self, asked: notices.SurveyBegan) -> None:
        """He presses a key now and then, of those that mean something and others, or hangs up."""
        call = asked.call

        def press() -> None:
            if not self.fates[call].gone:
                if self._random.random() < 0.2:
                    self._office.asterisk.end(caller_leg(call))
                else:
                    self._office.asterisk.press(caller_leg(call), self._random.choice("01459#"))
                    self.opine(asked)

        self._office.later(3_000, press)

    def are_served(self, said: notices.CallConnected) -> None:
        """Who calls again is known by who served him."""
        self.known.was_served(self.fates[said.call].number, said.call, said.agent)

    def is_gone(self, call: CallId) -> None:
        """He has hung up, or was let go."""
        self.fates[call].gone = True

    def they_talk(self, call: CallId, leg: ChannelId) -> None:
        """He was put through, and one of the two will have had enough."""
        self.fates[call].talked += 1

        def enough() -> None:
            if (
                leg in self._office.asterisk.channels
                and caller_leg(call) in self._office.asterisk.channels
            ):
                self._office.asterisk.end(self._random.choice((leg, caller_leg(call))))
            self._grow_impatient(call)

        # Nobody is so quick that he hangs up before it is known that he talks.
        known_ms = 4 * self._office.scenario.manners.latency_ms
        self._office.agenda.after(known_ms + self._office.around(self._people.talk_ms), enough)

    def number_rings(self, dialled: commands.DialNumber) -> None:
        """Somebody is called: he picks up, or is on the phone, or is not there."""
        people, random, leg = self._people, self._random, dialled.leg
        agenda, asterisk = self._office.agenda, self._office.asterisk
        if leg == caller_leg(dialled.call):
            self.fates[dialled.call] = Fate(self._office.agenda.now, dialled.number)
        rings_ms = self._office.around(people.pick_up_ms)
        if random.random() >= people.not_there:
            agenda.after(rings_ms, lambda: asterisk.pick_up(leg))
            if leg != caller_leg(dialled.call):  # Nobody talks for ever.
                talks_ms = rings_ms + self._office.around(people.talk_ms)
                agenda.after(talks_ms, lambda: asterisk.end(leg))
        elif random.random() < 0.5:
            agenda.after(rings_ms, lambda: asterisk.end(leg, cause=17))
