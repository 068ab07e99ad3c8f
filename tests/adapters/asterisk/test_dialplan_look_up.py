"""What a dialplan is told that asks who calls: all in one line that nothing can break, or nothing, and soon."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.asterisk.ari_client import AriUnreachable
from acd.adapters.asterisk.ari_events import Caller, Channel, Message, Place
from acd.adapters.asterisk.dialplan_look_up import (
    BUDGET_S,
    DialplanLookUps,
    answer,
    is_look_up,
)
from acd.core.customer import Confidence, Contact, Customer, Identity, RepeatRule
from acd.core.ids import AgentId, CallId, CustomerId

T = 1_800_000_000_000
LAST = Contact(call=CallId("a"), at=T - 60_000, agent=AgentId("ana"), outcome="not-solved")
WANG = Customer(id=CustomerId("C-1"), name="王芳", segment="gold")
KNOWN = Identity(
    number="+8613800138000",
    confidence=Confidence.OWN,
    customers=(WANG,),
    earlier=(LAST, Contact(call=CallId("b"), at=T - 70_000)),
    at=T,
)
ASKS = Place(app_name="Stasis", app_data="cordboard,lookup")


class Reply:
    ok = True


class Asterisk:
    """Notes what it is asked to do."""

    def __init__(self, ok: bool = True, away: bool = False) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._ok = ok
        self._away = away

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        self.asked.append((path, body))
        if self._away:
            raise AriUnreachable("away")
        reply = Reply()
        reply.ok = self._ok
        return reply


def message(kind: str, name: str = "1.1", **fields: Any) -> Message:
    channel = Channel(id=name, caller=Caller(number="13800138000"))
    return Message(type=kind, channel=channel, **fields)


async def settled(look_ups: DialplanLookUps) -> None:
    tasks = [task for task in look_ups._here.values() if task is not None]
    await asyncio.gather(*tasks, return_exceptions=True)


def look_ups(asterisk: Asterisk, ask: Any = None, budget_s: float = BUDGET_S) -> DialplanLookUps:
    return DialplanLookUps(asterisk, ask, budget_s=budget_s)  # type: ignore[arg-type]


async def say(number: str) -> str:
    return f"own|1||||{number}||"


def test_all_that_is_known_stands_in_one_line():
    told = answer(KNOWN, ("vip", "gold"))
    assert told == f"own|2|{(T - 60_000) // 1000}|ana|not-solved|C-1|gold|1"
    assert answer(KNOWN, ("vip",)).endswith("|gold|")
    assert answer(KNOWN.under(RepeatRule(window_ms=1), T), ()) == "own|0||||C-1|gold|"


def test_nobody_is_told_to_have_called_who_cannot_be_told():
    assert answer(Identity(confidence=Confidence.SWITCHBOARD, at=T), ()) == "switchboard|||||||"
    assert answer(Identity(at=T), ()) == "anonymous|||||||"


@given(st.text(), st.text(), st.text())
def test_nothing_that_anybody_wrote_can_break_the_line_or_a_dialplan(name, segment, outcome):
    customer = Customer(id=CustomerId(name), name="x", segment=segment)
    contact = Contact(call=CallId("a"), at=T - 1, agent=AgentId("ana"), outcome=outcome)
    identity = Identity(confidence=Confidence.OWN, customers=(customer,), earlier=(contact,), at=T)
    told = answer(identity, ())
    assert told.count("|") == 7
    assert not set(told) & set("\"\\${}[](),;&<>\n\r'`")


async def test_a_call_that_asks_is_answered_and_goes_on():
    asterisk = Asterisk()
    asking = look_ups(asterisk, say)
    assert asking.takes(message("StasisStart", args=["lookup"]))
    await settled(asking)
    assert asterisk.asked == [
        (
            "/channels/1.1/variable",
            {"variable": "CORDBOARD_LOOKUP", "value": "own|1||||13800138000||"},
        ),
        ("/channels/1.1/continue", None),
    ]
    assert asking.takes(message("StasisEnd"))
    assert not asking.takes(message("ChannelDtmfReceived"))


async def test_calls_of_the_engine_are_left_to_it():
    asking = look_ups(Asterisk(), say)
    assert not asking.takes(message("StasisStart", args=["enter", "queue", "support"]))
    assert not asking.takes(Message(type="PlaybackFinished"))


async def test_a_directory_that_hangs_or_fails_holds_nobody_up():
    async def hang(number: str) -> str:
        await asyncio.Event().wait()
        return ""

    async def fail(number: str) -> str:
        raise RuntimeError(number)

    for ask in (hang, fail, None):
        asterisk = Asterisk()
        asking = look_ups(asterisk, ask, budget_s=0.001)
        asking.takes(message("StasisStart", args=["lookup"]))
        await settled(asking)
        assert asterisk.asked == [("/channels/1.1/continue", None)]


async def test_who_has_hung_up_meanwhile_is_forgotten():
    for asterisk in (Asterisk(ok=False), Asterisk(away=True)):
        asking = look_ups(asterisk, say)
        asking.takes(message("StasisStart", args=["lookup"]))
        await settled(asking)
        assert len(asterisk.asked) == 2
    asking = look_ups(Asterisk(ok=False), say)
    asking.takes(message("StasisStart", args=["lookup"]))
    await settled(asking)
    assert not asking.takes(message("StasisEnd"))


async def test_who_asked_while_we_were_away_goes_on():
    asterisk = Asterisk()
    asking = look_ups(asterisk, say)
    left, other = Channel(id="7.7", dialplan=ASKS), Channel(id="8.8")
    asking.let_go([left, other])
    await settled(asking)
    asking.let_go([left])
    await settled(asking)
    assert asterisk.asked == [("/channels/7.7/continue", None)]
    await asking.stop()


async def test_who_could_not_be_given_back_is_when_asterisk_is_there_again_and_who_is_gone_is_forgotten():
    asterisk = Asterisk(away=True)
    asking = look_ups(asterisk, say)
    asking.takes(message("StasisStart", "7.7", args=["lookup"]))
    asking.takes(message("StasisStart", "8.8", args=["lookup"]))
    await settled(asking)
    asterisk._away, asterisk.asked = False, []
    asking.let_go([Channel(id="7.7", dialplan=ASKS)])
    await settled(asking)
    assert asterisk.asked == [("/channels/7.7/continue", None)]
    assert list(asking._here) == ["7.7"]
    asking.let_go([])
    assert not asking._here
    await asking.stop()


@pytest.mark.parametrize(
    ("place", "asks"),
    [
        (ASKS, True),
        (Place(app_name="Stasis", app_data="cordboard,enter,queue,lookup"), False),
        (Place(app_name="Stasis", app_data="other,lookup"), False),
        (Place(app_name="Queue", app_data="cordboard,lookup"), False),
    ],
)
def test_who_asks_is_known_by_where_he_is(place: Place, asks: bool):
    assert is_look_up(Channel(id="1", dialplan=place)) is asks
