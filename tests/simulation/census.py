"""Counts callers: what became of each in truth, beside what was told of him; never corrects a number."""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random

from acd.core import notices
from acd.core.engine import Input
from acd.core.ids import CallId, caller_leg
from acd.core.matching import Output
from acd.core.notices import Ending
from acd.core.whole import check
from acd.simulation.office import LOOK_EVERY_MS, Office
from acd.simulation.scenario import Scenario
from tests.simulation.auditor import Auditor

CHECK_EVERY = 50
# What the deadlines and retries take, beside the looks around, until nobody is left alone in a bridge.
RETRIES_MS = 30_000


@dataclass
class Told:
    """What was told of one caller, over all lives of the engine."""

    joined_at: int | None = None
    connected: int = 0
    started: int = 0
    endings: list[Ending] = field(default_factory=list)


class Census:
    """Plays a scenario under an auditor, and settles accounts at the end."""

    def __init__(self, scenario: Scenario, seed: int, *, looks: int = 1) -> None:
        """`looks`: after so many looks around, whatever got lost, nobody may be left alone in a bridge."""
        self.told: dict[CallId, Told] = {}
        self.tally: Counter[str] = Counter()
        self.waits_ms: list[int] = []
        self.inputs = 0
        self.longest_alone_ms = looks * LOOK_EVERY_MS + RETRIES_MS
        self.auditor = Auditor()
        self._life = 1
        self._digest = blake2b(digest_size=8)
        self.office = Office(scenario, Random(seed), self.watch)

    @property
    def digest(self) -> str:
        """Every input and output of the run in one word."""
        return self._digest.hexdigest()

    def play(self) -> "Census":
        """To the end, and everything must add up."""
        self.office.play()
        self.settle()
        return self

    def watch(self, office: Office, happening: Input, outputs: list[Output]) -> None:
        """Every input and what followed from it."""
        engine = office.engine
        assert engine is not None
        if office.lives != self._life:
            self._life = office.lives
            self.auditor = Auditor()
        self.inputs += 1
        self._digest.update(repr((happening, outputs)).encode())
        self.auditor.heard(happening, outputs)
        if self.inputs % CHECK_EVERY == 0:
            check(engine.state)
            self.auditor.agrees_with(engine)
        for output in outputs:
            self._count(output)

    def _count(self, said: Output) -> None:
        self.tally[type(said).__name__] += 1
        match said:
            case notices.CallStarted():
                self.told.setdefault(said.call, Told()).started += 1
            case notices.CallQueued():
                told = self.told[said.call]
                # A caller's place is his over restarts, unless the note of it was lost with a command.
                kept = told.joined_at in (None, said.joined_at)
                assert kept or self.office.asterisk.notes_lost, f"{said.call} lost his place"
                told.joined_at = said.joined_at
            case notices.CallTransferred() | notices.CallHandedOut():
                self.told[said.call].joined_at = None  # He waits anew.
            case notices.CallConnected():
                self.told[said.call].connected += 1
                assert self.office.callers.fates[said.call].talked, (
                    "connected, and never put through"
                )
                self.waits_ms.append(said.waited_ms)
            case notices.CallEnded():
                self.told[said.call].endings.append(said.ending)
                self.tally[said.ending.value] += 1
                here = caller_leg(said.call) in self.office.asterisk.channels
                # A leg that Asterisk has not said to be there is told to end, and not waited for.
                given_up = (Ending.LOST, Ending.NOT_REACHED)
                assert not here or said.ending in given_up, (said, "and he is still there")

    def settle(self) -> None:
        """When all is over, nobody is left anywhere, and every caller is accounted for once."""
        office, engine = self.office, self.office.engine
        assert engine is not None
        assert not office.asterisk.channels, "somebody was forgotten on the line"
        assert all(fate.gone for fate in office.callers.fates.values())
        check(engine.state)
        self.auditor.agrees_with(engine)
        assert not engine.state.calls
        outages = office.scenario.crashes + office.scenario.cuts
        slack_ms = sum(ms for _, ms in outages)
        assert office.asterisk.bridges.longest_alone_ms <= self.longest_alone_ms + slack_ms
        assert not office.asterisk.bridges.strangers_met, "a stranger was in a conversation"
        for told in self.told.values():
            assert told.started - len(told.endings) in range(office.lives), told

    def settle_a_peaceful_day(self) -> None:
        """With machines that work, the books agree to the last caller: offered = answered + abandoned + given back."""
        fates = self.office.callers.fates
        assert set(self.told) == set(fates)
        for call, told in self.told.items():
            assert told.started == len(told.endings) == 1, told
            assert told.connected == fates[call].talked <= 1
            assert (told.endings[0] is Ending.COMPLETED) == bool(told.connected), told
        queued = [told for told in self.told.values() if told.joined_at is not None]
        answered = sum(told.connected for told in queued)
        abandoned = sum(told.endings[0] is Ending.ABANDONED for told in queued)
        released = sum(told.endings[0] is Ending.RELEASED for told in queued)
        assert len(queued) == answered + abandoned + released
        assert self.tally["lost"] == self.tally["taken-back"] == 0
        assert self.office.asterisk.bridges.longest_alone_ms <= 1_000
