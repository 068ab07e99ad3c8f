"""The loop: one thing after the other; the pop, then the phone, then those who keep records; and one timer."""

import asyncio
from collections.abc import Sequence

import pytest

from acd.core import events
from acd.core.commands import Command, RingAgent
from acd.core.engine import HANDLERS, Engine, Input
from acd.core.handlers import mending
from acd.core.ids import AgentId
from acd.core.notices import Accepted, CallOffered, Reason, Refused, Repaired
from acd.core.requests import BecomeReady, LogIn
from acd.core.state import State
from acd.switchboard import Switchboard
from tests.play import START, centre, channel


class Centre:
    """A switchboard with everything around it written down in one list."""

    def __init__(self) -> None:
        self.now = START
        self.said: list[object] = []
        self.looked = self.recorded = 0
        self.switchboard = Switchboard(
            engine=Engine(), now_ms=lambda: self.now, perform=self.perform, recorder=self
        )
        self.switchboard.look_around = self.look_around
        self.switchboard.listen(self.said.extend)
        self.switchboard.deliver(events.Configured(at=self.now, configuration=centre()))

    def perform(self, command: Command) -> None:
        self.said.append(command)

    def look_around(self) -> None:
        self.looked += 1

    def record_all(self, steps: Sequence[tuple[Input, object]]) -> str:
        self.said += [happening for happening, _ in steps]
        self.recorded += len(steps)
        return f"part:{self.recorded}"

    async def ready(self, agent: str) -> None:
        for kind in (LogIn, BecomeReady):
            answer = await self.switchboard.submit(kind(by="x", agent=AgentId(agent)))
            assert isinstance(answer, Accepted)

    def arrives(self, at: int | None = None) -> events.CallArrived:
        return events.CallArrived(
            at=at or self.now, channel=channel("c1"), entry=events.Entry.QUEUE, target="support"
        )


async def test_the_pop_is_told_then_the_phone_is_rung_then_records_are_kept():
    around = Centre()
    first: list[object] = []
    late: tuple[object, ...] = ()
    around.switchboard.listen(lambda notices: around.said.append(first), first=True)
    around.switchboard.listen(lambda notices: around.said.append(late), late=True)
    await around.ready("ana")
    around.switchboard.deliver(around.arrives())
    around.switchboard.write_down()
    around.said.clear()
    around.switchboard.deliver(events.TimeReached(at=around.now + 1000))
    kinds = [type(item) for item in around.said]
    assert kinds[0] is list
    assert kinds[1] is RingAgent
    assert kinds.index(RingAgent) < kinds.index(CallOffered)
    assert tuple not in kinds and events.TimeReached not in kinds
    around.switchboard.write_down()
    kinds = [type(item) for item in around.said]
    assert kinds[-2:] == [tuple, events.TimeReached]


async def test_records_are_kept_by_themselves_in_order_and_once():
    around = Centre()
    both = asyncio.Event()
    recorded: list[int] = []

    def record_all(steps: Sequence[tuple[Input, object]]) -> str:
        recorded.extend(happening.at for happening, _ in steps)
        if len(recorded) == 3:  # The first one was Configured.
            both.set()
        return ""

    around.record_all = record_all  # type: ignore[method-assign]
    for at in (START + 1, START + 2):
        around.switchboard.deliver(events.TimeReached(at=at))
    assert not recorded
    await asyncio.wait_for(both.wait(), 2)
    around.switchboard.stop()
    assert recorded == [START, START + 1, START + 2]


async def test_what_somebody_asked_for_is_recorded_before_he_is_answered():
    around = Centre()
    await around.ready("ana")
    assert isinstance(around.said[-1], BecomeReady)


async def test_nothing_is_left_unrecorded_at_the_end():
    around = Centre()
    around.switchboard.deliver(events.TimeReached(at=START + 1))
    around.switchboard.stop()
    assert isinstance(around.said[-1], events.TimeReached)


async def test_a_request_is_answered_with_what_the_engine_says():
    around = Centre()
    refused = await around.switchboard.submit(BecomeReady(by="x", agent=AgentId("nobody")))
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.UNKNOWN_AGENT


async def test_what_a_listener_brings_comes_after_what_is_being_done():
    around = Centre()
    order: list[str] = []

    def listener(notices: object) -> None:
        if not order:
            order.append("listener")
            around.switchboard.deliver(events.TimeReached(at=around.now))
            order.append("listener done")

    around.switchboard.listen(listener)
    around.said.clear()
    await around.ready("ana")
    assert order == ["listener", "listener done"]
    assert any(isinstance(item, events.TimeReached) for item in around.said)


async def test_time_never_goes_back_for_the_engine():
    around = Centre()
    around.switchboard.deliver(events.TimeReached(at=START + 50))
    around.switchboard.deliver(around.arrives(at=START + 10))
    around.switchboard.write_down()
    told = [item for item in around.said if isinstance(item, events.CallArrived)]
    assert told[0].at == START + 50
    assert not around.switchboard.failed.done()


async def test_one_timer_fires_the_next_deadline():
    around = Centre()
    await around.ready("ana")
    around.switchboard.deliver(around.arrives())
    around.now += 300  # The directory's time is up; the timer was set 300 ms ahead.
    rung = asyncio.Event()
    around.switchboard.listen(lambda notices: rung.set())
    await asyncio.wait_for(rung.wait(), 2)
    assert any(isinstance(item, RingAgent) for item in around.said)
    around.switchboard.stop()


PERSONAL = "+8613800000042"


def sabotage(monkeypatch: pytest.MonkeyPatch, name: str, where: object = State) -> None:
    """From now on the engine cannot do this, and says so with a caller's number in its words."""

    def fails(*_: object, **__: object) -> None:
        raise KeyError(PERSONAL)

    monkeypatch.setattr(where, name, fails)


async def test_a_fault_is_counted_told_logged_with_its_place_and_nobodys_name_and_all_goes_on(
    caplog, monkeypatch
):
    around = Centre()
    await around.ready("ana")
    around.switchboard.deliver(around.arrives())
    with monkeypatch.context() as broken:
        sabotage(broken, "experience_of")
        around.switchboard.deliver(events.TimeReached(at=around.now + 1_000))  # He is queued.
    assert around.switchboard.board.faults == 1
    (told,) = [item for item in around.said if isinstance(item, Repaired)]
    assert told.problem == "TimeReached failed: KeyError in fails"
    assert "KeyError on TimeReached (part:5)" in caplog.text, "where to replay it from"
    assert PERSONAL not in caplog.text + told.problem
    assert around.looked == 1, "Asterisk is asked what there is"
    assert not around.switchboard.failed.done()
    around.switchboard.deliver(events.TimeReached(at=around.now + 3_100))
    assert any(isinstance(item, RingAgent) for item in around.said), "the caller is not lost"


async def test_what_is_not_whole_after_a_fault_ends_the_process_and_is_recorded(
    caplog, monkeypatch
):
    around = Centre()
    sabotage(monkeypatch, "check", mending)
    sabotage(monkeypatch, "hears")
    around.switchboard.deliver(around.arrives())
    around.switchboard.deliver(events.TimeReached(at=around.now + 1_000))
    assert isinstance(around.switchboard.failed.result(), KeyError)
    assert isinstance(around.said[-1], events.TimeReached)
    assert "a fault of ours ends this process" in caplog.text
    assert PERSONAL not in caplog.text
    around.said.clear()
    around.switchboard.deliver(around.arrives())
    assert not around.said, "after that nothing is done any more"


async def test_faults_in_a_row_are_no_endless_loop(monkeypatch):
    around = Centre()
    monkeypatch.setitem(HANDLERS, events.KeyPressed, lambda *_: 1 // 0)
    pressed = events.KeyPressed(at=around.now, channel=channel("c1"), key="1")
    for _ in range(20):
        around.switchboard.deliver(pressed)
    assert not around.switchboard.failed.done()
    around.switchboard.deliver(pressed)
    assert isinstance(around.switchboard.failed.result(), ZeroDivisionError)


async def test_faults_now_and_then_end_nothing(monkeypatch):
    around = Centre()
    monkeypatch.setitem(HANDLERS, events.KeyPressed, lambda *_: 1 // 0)
    for n in range(60):
        at = around.now + 4_000 * n
        around.switchboard.deliver(events.KeyPressed(at=at, channel=channel("c1"), key="1"))
    assert not around.switchboard.failed.done()
    assert around.switchboard.board.faults == 60


async def test_an_engine_that_answers_nobody_is_a_fault():
    around = Centre()
    around.switchboard._engine.withstand = lambda _: ([], None)  # type: ignore[method-assign,assignment]
    with pytest.raises(AssertionError, match="neither accepted nor refused"):
        await around.ready("ana")


async def test_a_listener_or_a_command_that_fails_holds_nothing_up_and_is_told_without_a_name(
    caplog: pytest.LogCaptureFixture,
):
    around = Centre()
    looked: list[str] = []
    around.switchboard.look_around = lambda: looked.append("around")

    def fail(*_: object) -> None:
        raise KeyError(PERSONAL)

    for options in ({"first": True}, {}, {"late": True}):
        around.switchboard.listen(fail, **options)
    around.switchboard.listen(around.said.append, late=True)
    await around.ready("ana")
    perform, around.switchboard._perform = around.switchboard._perform, fail
    around.said.clear()
    around.switchboard.deliver(around.arrives())
    around.switchboard._perform = perform
    around.switchboard.write_down()
    assert looked and any(isinstance(one, list) for one in around.said)
    assert around.switchboard._timer is not None
    assert "kept a listener from hearing" in caplog.text and "lost a command" in caplog.text
    assert PERSONAL not in caplog.text
