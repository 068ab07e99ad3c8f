"""What is known of whom we owe a call goes with it: over attempts, other queues, closed hours and our restart."""

from dataclasses import replace
from typing import Any

import pytest

from acd.core.call_data import WriteData
from acd.core.callback import (
    Callback,
    CallbackId,
    CallbackOutcome,
    CallbackRule,
    CallbacksRestored,
    NumberRead,
)
from acd.core.commands import RingAgent, StopPrompts
from acd.core.configuration import Announcements, Configuration
from acd.core.events import CallArrived, Entry, KeyPressed, NodeFound
from acd.core.hours import FOREVER, Calendar
from acd.core.ids import AgentId, CustomerId, MenuId, QueueId, bridge_for, caller_leg
from acd.core.notices import CallbackChanged, CallbackEnded, CallEnded, Reason, Refused
from acd.core.outbound import Caps, Outbound
from acd.core.requests import BecomeNotReady, MoveCall, SetPriority, SetRequirement
from acd.core.wishes import Wishes
from ivr.steps import CallBack, Choose, Menu
from ivr.steps import HangUp as Goodbye
from tests.core.rules import arrives, rung
from tests.core.test_calling_back import (
    COUNTRY,
    HE,
    MENU,
    RULE,
    SHE,
    agent_picks_up,
    asked,
    calls_back,
    dialling,
    number,
    outcomes,
    owed,
    presses,
    registers,
    she_picks_up,
)
from tests.play import NODE, SALES, START, SUPPORT, Play, call_id, centre, channel, seen

DATA = {"order": "4711"}
NIGHT = Calendar(spans=(), known_until=FOREVER)


def both_queues(rule: CallbackRule = RULE, caps: Caps | None = None, **rules: Any) -> Configuration:
    """Both queues call back, and both agents serve both and can do everything."""
    who = {"ana": ("support", "sales"), "bob": ("support", "sales")}
    configuration = centre(who, wrap_up_ms=0, callback=rule, **rules)
    skilled = {
        name: replace(profile, skills={"fridge": 50, "gas": 50})
        for name, profile in configuration.agents.items()
    }
    outbound = Outbound(routes=(COUNTRY,), queue=SUPPORT, caps=caps or Caps())
    return replace(configuration, agents=skilled, outbound=outbound)


def she_comes(play: Play, name: str) -> Play:
    """With all that a dialplan can say of her."""
    wishes = Wishes(requires="fridge", priority="7", reason="broken")
    arrived = CallArrived(
        at=play.now,
        channel=channel(name),
        entry=Entry.QUEUE,
        target=SUPPORT,
        name="Wang Fang",
        wishes=wishes,
    )
    return play.tell(arrived).identified(name, SHE)


def asked_with_all() -> Play:
    """She waited ten seconds, hung up, called again and had her place, and asked to be called back."""
    play = Play(both_queues(resume_ms=60_000), ready=())
    she_comes(play, "first").after(seconds=10).hangs_up("first").after(seconds=5)
    she_comes(play, "hers").after(seconds=5)
    play.tell(WriteData(at=play.now, request="q", by="crm", call=call_id("hers"), data=DATA))
    return presses(play, "hers").hangs_up("hers").skip()


ALL = Callback(
    id=CallbackId("hers"),
    node=NODE,
    queue=SUPPORT,
    number=number(),
    name="Wang Fang",
    customer=CustomerId("c"),
    asked_at=START + 20_000,
    origin=call_id("hers"),
    arrived_at=START + 15_000,
    joined_at=START + 15_000,
    placed_at=START,
    priority=7,
    requires=("fridge",),
    reason="broken",
    data=DATA,
)


def is_she(play: Play, callback: Callback) -> None:
    """The entry in the queue is all that the callback says."""
    entry = play.engine.state.calls[owed(play)]
    assert entry.callback == callback == play.told(CallbackChanged)[-1].callback
    shown = (entry.name, entry.number, entry.dialled, entry.customer, entry.came_to, entry.queue)
    name, digits, queue = callback.name, callback.number.digits, callback.queue
    assert shown == (name, digits, digits, callback.customer, SUPPORT, queue)
    place = (entry.arrived_at, entry.joined_at, entry.placed_at, entry.priority)
    meant = (callback.arrived_at, callback.joined_at, callback.placed_at, callback.priority)
    assert place == meant
    told = (entry.requires, entry.reason, entry.data)
    assert told == (callback.requires, callback.reason, callback.data)


def test_all_that_is_known_of_her_stays_with_what_she_is_owed_over_attempts_and_our_restart():
    play = asked_with_all()
    is_she(play, ALL)
    after = Play(both_queues(), ready=())
    after.now = play.now + 1_000
    after.tell(CallbacksRestored(at=after.now, callbacks=(ALL,)))
    is_she(after, replace(ALL, due_at=after.now + 5_000))
    after.after(seconds=6).ready("ana")
    agent_picks_up(after)
    after.hangs_up(caller_leg(owed(after)), 17)
    is_she(after, replace(ALL, tries=1, due_at=after.now + 60_000))


def test_what_people_change_about_her_is_known_over_our_restart():
    play = asked_with_all()
    name, said = owed(play), {"at": play.now, "request": "q", "by": "sue"}
    play.tell(MoveCall(**said, call=name, queue=SALES))
    play.tell(SetRequirement(**said, call=name, requires="gas"))
    play.tell(SetPriority(**said, call=name, priority=3))
    play.tell(WriteData(**said, call=name, data={"order": None, "van": "2"}))
    told = play.told(CallbackChanged)[-1].callback
    assert (told.queue, told.priority, told.data) == (SALES, 3, {"van": "2"})
    assert told.requires == play.engine.state.calls[name].requires == ("gas",)


def test_people_who_register_say_who_it_is_and_why():
    play = Play(both_queues(), ready=())
    registers(play, name="Li", customer=CustomerId("c5"), data=DATA, priority=9)
    (told,) = play.told(CallbackChanged)
    assert told.callback == Callback(
        id=CallbackId(f"{play.now}-r"),
        node=NODE,
        queue=SUPPORT,
        number=number("+8613800000005"),
        name="Li",
        customer=CustomerId("c5"),
        asked_at=play.now,
        by="boss",
        arrived_at=play.now,
        joined_at=play.now,
        priority=9,
        data=DATA,
    )


def test_a_queue_that_does_not_call_back_or_that_nobody_serves_is_owed_nothing():
    configuration = both_queues()
    plain = replace(configuration.queues[SALES], callback=None)
    play = Play(replace(configuration, queues={**configuration.queues, SALES: plain}), ready=())
    nobody = Play(replace(configuration, agents={}), ready=())
    for told in (registers(play, queue=SALES), registers(nobody)):
        assert [one.reason for one in told.told(Refused)] == [Reason.NO_CALLBACKS]


def test_who_asks_for_another_queue_waits_there_from_now_on():
    to_sales = Menu(
        id="offer",
        start="which",
        steps={
            "which": Choose(prompts=("which",), keys={"1": "sales"}, otherwise="bye"),
            "sales": CallBack(queue="sales", then="bye", otherwise="bye"),
            "bye": Goodbye(prompts=("bye",)),
        },
    )
    rule = replace(RULE, menu=MenuId("offer"))
    play = Play(replace(both_queues(rule), menus={MenuId("offer"): to_sales}), ready=())
    arrives(play, "hers", SHE).after(seconds=10)
    presses(presses(play, "hers"), "hers")
    told = play.told(CallbackChanged)[-1].callback
    assert (told.queue, told.joined_at, told.arrived_at) == (SALES, play.now, START)


def test_the_hours_of_the_way_out_hold_up_a_call_and_not_the_promise():
    day = replace(COUNTRY, hours="night")
    configuration = replace(
        calls_back(), calendars={"night": NIGHT}, outbound=Outbound(routes=(day,), queue=SUPPORT)
    )
    play = Play(configuration, ready=())
    arrives(play, "hers", SHE)
    presses(play, "hers").hangs_up("hers")
    play.ready("ana").after(seconds=30)
    assert owed(play) and not play.told(RingAgent)


@pytest.mark.parametrize("where", ["rule", "queue"])
def test_she_is_called_in_the_hours_of_the_rule_or_else_of_the_queue(where: str):
    rule = replace(RULE, hours="night") if where == "rule" else RULE
    hours = "" if where == "rule" else "night"
    play = Play(replace(calls_back(rule, hours=hours), calendars={"night": NIGHT}), ready=())
    registers(play)
    assert play.told(CallbackChanged)[-1].callback.due_at == play.now + 60_000, "asked again then"
    play.ready("ana").after(seconds=150)
    assert not play.told(RingAgent)
    assert play.told(CallbackChanged)[-1].callback.due_at == START + 180_000


def busy(play: Play) -> Play:
    """An agent has her called, and her line is busy; he is free again."""
    agent_picks_up(play)
    play.hangs_up(caller_leg(owed(play)), 17)
    (leg,) = play.engine.state.offers
    return play.hangs_up(leg)


def test_whose_agent_has_called_enough_is_called_by_another_or_when_the_hour_is_over():
    rule = replace(RULE, again_ms=1_000, keep_ms=7_200_000)
    play = busy(registers(Play(both_queues(rule, Caps(agent_per_hour=1)), ready=("ana",))))
    play.after(seconds=10)
    assert [agent for _, agent in rung(play)] == ["ana"]
    entry = play.engine.state.calls[owed(play)]
    assert entry.spares == {AgentId("ana"): START + 1 + 1_000 + 60_000}, "and is not tried on end"
    play.ready("bob")
    assert [agent for _, agent in rung(play)] == ["ana", "bob"]
    play.after(seconds=15)  # He lets it ring, and pauses.
    (leg,) = play.engine.state.offers
    play.hangs_up(leg)
    pause = BecomeNotReady(at=play.now, request="q", by="bob", agent=AgentId("bob"), reason="x")
    play.tell(pause).after(seconds=3_500)
    assert len(rung(play)) == 2
    play.after(seconds=120)
    assert [agent for _, agent in rung(play)] == ["ana", "bob", "ana"]


def test_it_is_kept_from_when_it_was_to_be_and_not_longer_for_its_attempts():
    play = registers(Play(calls_back()), due_at=START + 2 * 3_600_000)
    assert play.after(seconds=2 * 3_600).told(RingAgent), "an hour begins when it is due"

    play = busy(registers(Play(calls_back(replace(RULE, again_ms=3_000_000, attempts=9)))))
    play.after(seconds=3_000)
    busy(play).after(seconds=599)
    assert outcomes(play) == []
    play.after(seconds=1)
    (over,) = play.told(CallbackEnded)
    assert (over.outcome, over.by, over.reason) == (CallbackOutcome.EXPIRED, "", "")
    assert play.after(seconds=0).told(CallEnded)[-1].detail == "expired"


def test_who_is_being_called_when_it_expires_is_called_to_the_end():
    play = busy(registers(Play(calls_back(replace(RULE, again_ms=3_590_000)))))
    agent_picks_up(play.after(seconds=3_590)).after(seconds=20)
    assert outcomes(play) == []
    she_picks_up(play)
    (over,) = play.told(CallbackEnded)
    assert (over.outcome, over.by, over.reason) == (CallbackOutcome.REACHED, "", "")


def test_she_calls_again_while_it_is_too_soon_to_call_her_again():
    play = busy(registers(Play(calls_back()), SHE.number or ""))
    arrives(play.after(seconds=10), "again", SHE).after(seconds=120)
    assert [(one.outcome, one.by, one.reason) for one in play.told(CallbackEnded)] == [
        (CallbackOutcome.RESUMED, "", "")
    ]
    assert rung(play)[-1][0] == "again"


def test_a_restart_that_finds_one_talking_pays_him_and_nobody_else():
    before, name, leg = dialling()
    hers = before.told(CallbackChanged)[-1].callback
    his = replace(hers, id=CallbackId("his"), number=number(HE.number or ""))
    play = Play(calls_back(), ready=())
    play.tell(CallbacksRestored(at=play.now, callbacks=(hers, his)))
    both = [
        seen(one, bridge=bridge_for(leg), created_at=before.now) for one in (caller_leg(name), leg)
    ]
    play.now = before.now + 1_000
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=tuple(both)))
    assert [one.id for one in play.told(CallbackEnded)] == [hers.id]


@pytest.mark.parametrize("announced", [True, False])
def test_the_key_leads_out_of_an_announcement_and_out_of_music(announced: bool):
    rules = {"announcements": Announcements(first_ms=5_000, every_ms=0, position=True)}
    rule = replace(RULE, menu=MenuId("offer"))
    play = Play(replace(both_queues(rule, **rules), menus={MenuId("offer"): MENU}), ready=())
    arrives(play, "hers", SHE).after(seconds=5 if announced else 4).skip()
    play.tell(KeyPressed(at=play.now, channel=channel("hers"), key="1"))
    assert len([one for one in play.said if isinstance(one, StopPrompts)]) == announced


def test_whose_number_is_read_when_he_talks_already_is_owed_nothing():
    play = Play(calls_back())
    arrives(play, "hers", SHE)
    play.tell(KeyPressed(at=play.now, channel=channel("hers"), key="1")).picks_up("hers")
    play.bridged("hers").skip()
    play.tell(NumberRead(at=play.now, call=call_id("hers"), number=number())).then_nothing()
    assert not play.engine.state.callbacks


def test_whoever_calls_off_what_has_no_queue_any_more_is_told_why():
    play = asked()
    kept = replace(play.told(CallbackChanged)[-1].callback, queue=QueueId("closed"))
    play = Play(calls_back(), ready=())
    play.tell(CallbacksRestored(at=play.now, callbacks=(kept,))).after(seconds=6)
    assert [one.reason for one in play.told(CallbackEnded)] == ["unknown-queue"]
