"""Who does not want to wait on the line keeps his place and is called at his turn: one entry, one call at most."""

from dataclasses import replace
from typing import Any

import pytest

from acd.core.callback import (
    CallbackId,
    CallbackOutcome,
    CallbackRule,
    CallbacksRestored,
    CancelCallback,
    NumberRead,
    RegisterCallback,
)
from acd.core.commands import DialNumber, HangUp, PlayPrompts, ReadNumber, RingAgent
from acd.core.configuration import Configuration
from acd.core.customer import Confidence
from acd.core.events import (
    CallLeft,
    CommandFailed,
    Configured,
    Failure,
    KeyPressed,
    LegAnswered,
    LegBridged,
    NodeFound,
    PromptsFinished,
)
from acd.core.hours import FOREVER, Calendar
from acd.core.ids import (
    AgentId,
    CallId,
    CustomerId,
    MenuId,
    OfferId,
    QueueId,
    bridge_for,
    caller_leg,
)
from acd.core.notices import (
    CallbackChanged,
    CallbackEnded,
    CallConnected,
    CallEnded,
    CallOffered,
    CallQueued,
    Ending,
    OfferEnded,
    PlaceResumed,
    Reason,
    Refused,
)
from acd.core.offer import OfferOutcome
from acd.core.outbound import Number, NumberKind, Outbound, Route
from acd.core.requests import MoveToFront, SetPriority, SwitchOutbound
from ivr.steps import CallBack, Choose, Enqueue, Menu, Type
from ivr.steps import HangUp as Goodbye
from tests.core.rules import arrives, known, released, with_rules
from tests.play import NODE, SALES, START, SUPPORT, Play, call_id, centre, channel, seen

ONE = {"ana": ("support",)}
SHE, HE = known("+8613800000001"), known("+8613800000002")
COUNTRY = Route(
    name="country",
    endpoint="trunk",
    prefixes=("+86",),
    numbers=("95588",),
    emergency=("110",),
    ring_ms=30_000,
)
RULE = CallbackRule(key="1", attempts=2, again_ms=60_000, keep_ms=3_600_000)


def calls_back(rule: CallbackRule = RULE, **rules: Any) -> Configuration:
    """A centre whose callers may press 1 to be called back."""
    configuration = with_rules(centre(ONE), callback=rule, wrap_up_ms=0, **rules)
    return replace(configuration, outbound=Outbound(routes=(COUNTRY,), queue=SUPPORT))


def number(digits: str = "+8613800000001") -> Number:
    return Number(digits=digits, kind=NumberKind.SUBSCRIBER)


def presses(play: Play, name: str, key: str = "1") -> Play:
    """A caller presses a key, and the number that is asked about is read."""
    play.tell(KeyPressed(at=play.now, channel=channel(name), key=key))
    return reads(play)


def reads(play: Play) -> Play:
    asked = [one for one in play.said if isinstance(one, ReadNumber)]
    play.skip()
    for one in asked:
        full = one.text.startswith("+") and len(one.text) == 14
        read = number(one.text) if full else None
        play.tell(NumberRead(at=play.now, call=one.call, number=read))
    return play


def asked(rule: CallbackRule = RULE, **rules: Any) -> Play:
    """She waited from second 0, he from 10; at 20 she asked to be called back, and has hung up."""
    play = Play(calls_back(rule, **rules), ready=())
    arrives(play, "hers", SHE).after(seconds=10)
    arrives(play, "his", HE).after(seconds=10)
    presses(play, "hers")
    return play.hangs_up("hers").skip()


def owed(play: Play) -> CallId:
    """The entry of the one who is to be called back."""
    (name,) = play.engine.state.callbacks.values()
    return name


def offered(play: Play) -> str:
    return str(play.told(CallOffered)[-1].call)


def agent_picks_up(play: Play) -> Play:
    call = play.engine.state.calls[owed(play)]
    (leg,) = call.offers.values()
    play.tell(LegAnswered(at=play.now, channel=leg))  # type: ignore[arg-type]
    return play.tell(LegBridged(at=play.now, channel=leg, offer=leg))  # type: ignore[arg-type]


def she_picks_up(play: Play) -> Play:
    name = owed(play)
    call = play.engine.state.calls[name]
    assert call.picked_up is not None
    leg = caller_leg(name)
    play.tell(LegBridged(at=play.now, channel=leg, offer=call.picked_up))
    return play.tell(LegAnswered(at=play.now, channel=leg))


def outcomes(play: Play) -> list[CallbackOutcome]:
    return [one.outcome for one in play.told(CallbackEnded)]


def test_she_presses_hangs_up_and_is_called_before_him_who_came_after_her():
    play = asked()
    assert [one.detail for one in play.told(CallEnded)] == ["callback"]
    assert released(play) == [("hers", "callback")]
    entry = play.engine.state.calls[owed(play)]
    assert (entry.joined_at, entry.queue, entry.number) == (START, SUPPORT, "+8613800000001")
    assert len(play.told(CallQueued)) == 2, "she is offered once in the books"

    play.skip().ready("ana")
    assert offered(play) == owed(play), "it was hers to be served first"
    assert play.told(RingAgent)[-1].first, "as for any call that he is to make"
    assert not play.told(DialNumber), "nobody is called before an agent is there"
    agent_picks_up(play)
    assert play.state("ana") == "dialling"
    assert play.told(DialNumber)[-1].digits == "+8613800000001"
    name = owed(play)
    she_picks_up(play)
    assert play.told(CallConnected)[-1].call == name
    assert outcomes(play) == [CallbackOutcome.REACHED]
    play.hangs_up(caller_leg(name))
    (leg,) = play.engine.state.offers
    play.hangs_up(leg)
    assert offered(play) == call_id("his")


def test_who_is_not_reached_is_called_again_after_a_while_and_then_no_more():
    play = asked()
    play.hangs_up("his").ready("ana")
    for cause, tries in ((17, 1), (19, 2)):
        assert offered(play) == owed(play)
        agent_picks_up(play)
        leg = caller_leg(owed(play))
        play.hangs_up(leg, cause)
        assert play.engine.state.agents[AgentId("ana")].state.value == "dialling"
        (mine,) = play.engine.state.offers
        play.hangs_up(mine)
        assert play.state("ana") == "ready", "it is held against nobody"
        if tries == 1:
            told = play.told(CallbackChanged)[-1].callback
            assert (told.tries, told.due_at - play.now) == (1, 60_000)
            assert play.engine.state.calls[owed(play)].state.value == "paused"
            rung = len(play.told(RingAgent))
            play.after(seconds=59)
            assert len(play.told(RingAgent)) == rung
            play.after(seconds=1)
    (over,) = play.told(CallbackEnded)
    assert (over.outcome, over.by, over.reason, over.callback.tries) == (
        CallbackOutcome.GIVEN_UP,
        "",
        "no-answer",
        2,
    )
    assert not play.engine.state.callbacks and not play.engine.state.calls


def test_an_agent_who_lets_it_ring_or_hangs_up_while_it_dials_costs_her_nothing():
    play = asked()
    play.hangs_up("his").ready("ana")
    play.after(seconds=15)
    (leg,) = play.engine.state.offers
    play.hangs_up(leg)
    play.after(seconds=30)
    assert offered(play) == owed(play)
    agent_picks_up(play)
    mine = next(iter(play.engine.state.offers))
    play.hangs_up(mine)
    assert any(one.channel == caller_leg(owed(play)) for one in play.told(HangUp))
    play.hangs_up(caller_leg(owed(play)), 16)
    assert play.told(CallbackChanged)[-1].callback.tries == 0
    play.after(seconds=6)
    assert offered(play) == owed(play)


def test_she_calls_again_herself_and_has_her_place_and_is_not_called():
    play = asked()
    arrives(play.after(seconds=5), "again", SHE)
    (told,) = play.told(PlaceResumed)
    assert (told.earlier, told.placed_at) == (call_id("hers"), START)
    assert outcomes(play) == [CallbackOutcome.RESUMED]
    play.after(seconds=0).ready("ana")
    assert offered(play) == call_id("again")
    assert {str(one) for one in play.engine.state.calls} == {call_id("again"), call_id("his")}


@pytest.mark.parametrize(
    ("who", "queue"),
    [(replace(SHE, confidence=Confidence.SHARED), SUPPORT), (SHE, SALES)],
)
def test_whoever_is_perhaps_another_or_calls_for_something_else_leaves_her_entry(who, queue):
    play = asked()
    arrives(play, "other", who, queue=queue)
    assert not play.told(PlaceResumed) and not outcomes(play)
    assert play.engine.state.calls[owed(play)].state.value == "waiting"


def test_who_waits_on_after_all_is_not_called_and_leaves_as_one_who_waited():
    """A menu may lead back to the queue from where it has promised a call."""
    same = CallBack(queue="support", then="back", otherwise="back")
    menu = replace(MENU, steps={**MENU.steps, "same": same})
    configuration = calls_back(replace(RULE, menu=MenuId("offer")))
    play = Play(replace(configuration, menus={MenuId("offer"): menu}), ready=())
    arrives(play, "hers", SHE)
    presses(presses(play, "hers"), "hers")
    assert outcomes(play) == [CallbackOutcome.RESUMED]
    play.hangs_up("hers")
    gone = [one for one in play.told(CallEnded) if one.call == call_id("hers")]
    assert [(one.ending, one.detail) for one in gone] == [(Ending.ABANDONED, "")]


def test_who_asks_for_a_call_from_another_queue_begins_there_anew():
    """Also who had the place of an earlier call where he waited."""
    there = replace(
        MENU, steps={**MENU.steps, "same": CallBack(queue="sales", then="bye", otherwise="bye")}
    )
    configuration = calls_back(replace(RULE, menu=MenuId("offer")), resume_ms=60_000)
    configuration = with_rules(configuration, SALES, callback=RULE)
    play = Play(replace(configuration, menus={MenuId("offer"): there}), ready=())
    arrives(play, "first", SHE).after(seconds=10).hangs_up("first")
    arrives(play, "hers", SHE).after(seconds=10)
    presses(presses(play, "hers"), "hers")
    entry = play.engine.state.calls[owed(play)]
    assert (entry.queue, entry.joined_at, entry.placed_at) == (SALES, play.now, None)


@pytest.mark.parametrize("moment", ["rings", "dials"])
def test_she_calls_again_while_she_is_being_called(moment: str):
    play = asked()
    play.hangs_up("his").ready("ana")
    if moment == "dials":
        agent_picks_up(play)
    name = owed(play)
    arrives(play, "again", SHE)
    assert outcomes(play) == [CallbackOutcome.RESUMED]
    if moment == "dials":
        play.hangs_up(caller_leg(name))
    (leg,) = [one for one in play.engine.state.offers if str(one).startswith(name)]
    play.hangs_up(leg).after(seconds=1)
    assert offered(play) == call_id("again")


def test_one_call_for_a_number_and_none_where_no_route_goes_or_the_number_cannot_be_read():
    play = asked()
    strange = replace(SHE, number="+4930123456789")
    for name, identity in (("abroad", strange), ("hidden", replace(SHE, number=None))):
        arrives(play, name, identity)
        presses(play, name)
        assert play.engine.state.calls[call_id(name)].state.value == "waiting", "he waits on"
    assert list(play.engine.state.callbacks) == ["+8613800000001"]


def test_who_asks_for_it_while_his_agents_phone_rings_has_it_and_who_is_being_connected_has_the_agent():
    play = Play(calls_back())
    arrives(play, "hers", SHE)
    presses(play, "hers")
    assert len(play.engine.state.callbacks) == 1
    play = Play(calls_back())
    arrives(play, "hers", SHE)
    play.tell(KeyPressed(at=play.now, channel=channel("hers"), key="1"))
    play.picks_up("hers").tell(NumberRead(at=play.now, call=call_id("hers"), number=number()))
    assert not play.engine.state.callbacks
    play.bridged("hers")
    assert play.state("ana") == "busy-acd"


@pytest.mark.parametrize("menu", [None, MenuId("offer")])
def test_who_has_waited_too_long_and_asks_for_it_while_a_phone_rings_is_not_sent_home_for_that(
    menu,
):
    configuration = calls_back(replace(RULE, menu=menu), longest_wait_ms=5_000)
    play = Play(replace(configuration, menus={MenuId("offer"): MENU}))
    arrives(play, "hers", SHE).after(seconds=6)
    presses(play, "hers")
    if menu is not None:
        presses(play, "hers")
    assert released(play) == ([] if menu else [("hers", "callback")])
    assert list(play.engine.state.callbacks) == [SHE.number]


MENU = Menu(
    id="offer",
    start="really",
    steps={
        "really": Choose(
            prompts=("call-you-back",), keys={"1": "same", "2": "other"}, otherwise="back"
        ),
        "other": Type(prompts=("your-number",), then="same", otherwise="back"),
        "same": CallBack(queue="support", then="bye", otherwise="back"),
        "bye": Goodbye(prompts=("we-call-you",)),
        "back": Enqueue(queue="support"),
    },
)


def in_menu(*, other: bool) -> Play:
    rule = replace(RULE, menu=MenuId("offer"), other_number=other)
    play = Play(replace(calls_back(rule), menus={MenuId("offer"): MENU}), ready=())
    arrives(play, "hers", SHE).after(seconds=10)
    arrives(play, "his", HE).after(seconds=10)
    return presses(play, "hers")


def test_in_the_menu_her_place_is_kept_and_silence_leads_back_to_it():
    play = in_menu(other=False)
    assert play.engine.state.calls[call_id("hers")].state.value == "in-menu"
    for _ in range(2):
        playback = play.engine.state.calls[call_id("hers")].playback
        play.tell(PromptsFinished(at=play.now, call=call_id("hers"), playback=playback))
        play.after(seconds=5)
    hers = play.engine.state.calls[call_id("hers")]
    assert (hers.state.value, hers.joined_at) == ("waiting", START)
    play.ready("ana")
    assert offered(play) == call_id("hers")


def test_who_hangs_up_in_that_menu_has_abandoned_and_who_has_been_promised_has_not():
    play = in_menu(other=False).hangs_up("hers")
    (gone,) = play.told(CallEnded)
    assert (gone.ending.value, gone.waited_ms) == ("abandoned", 20_000)
    play = in_menu(other=False)
    presses(play, "hers")
    assert play.told(PlayPrompts)[-1].prompts == ("we-call-you",)
    play.hangs_up("hers")
    (gone,) = play.told(CallEnded)
    assert (gone.ending.value, gone.detail, gone.waited_ms) == ("released", "callback", 20_000)
    # The same if he hears it to the end.
    play = presses(in_menu(other=False), "hers")
    playback = play.told(PlayPrompts)[-1].playback
    play.tell(PromptsFinished(at=play.now, call=call_id("hers"), playback=playback))
    assert play.told(HangUp)
    play.hangs_up("hers")
    assert play.told(CallEnded)[-1].waited_ms == 20_000


@pytest.mark.parametrize("allowed", [True, False])
def test_another_number_is_typed_and_called_only_where_the_queue_says_so(allowed: bool):
    play = in_menu(other=allowed)
    presses(play, "hers", "2")
    for key in "00861380000*008613800000009#":
        presses(play, "hers", key)
    assert not play.engine.state.callbacks, "this is not a full number"
    assert play.engine.state.calls[call_id("hers")].state.value == "waiting", "she has her place"
    presses(play, "hers")
    presses(play, "hers", "2")
    call = play.engine.state.calls[call_id("hers")]
    for key in "008613800000009#":
        play.tell(KeyPressed(at=play.now, channel=channel("hers"), key=key))
    assert call.typed == "008613800000009"
    play.tell(NumberRead(at=play.now, call=call.id, number=number("+8613800000009")))
    assert list(play.engine.state.callbacks) == (["+8613800000009"] if allowed else [])


def test_she_is_not_called_when_it_is_closed_nor_while_calling_out_is_stopped_and_keeps_her_place():
    night = Calendar(
        spans=((START, START + 30_000), (START + 90_000, FOREVER)), known_until=FOREVER
    )
    configuration = replace(calls_back(replace(RULE, hours="day")), calendars={"day": night})
    play = Play(configuration, ready=())
    arrives(play, "hers", SHE)
    presses(play, "hers").hangs_up("hers").after(seconds=40)
    play.ready("ana")
    assert not play.told(RingAgent)
    assert play.told(CallbackChanged)[-1].callback.due_at == START + 90_000
    play.tell(SetPriority(at=play.now, request="r", by="boss", call=owed(play), priority=3))
    assert play.told(CallbackChanged)[-1].callback.priority == 3, "it waits for its time"
    play.tell(MoveToFront(at=play.now, request="r", by="boss", call=owed(play)))
    assert play.told(Refused)[-1].reason is Reason.NOT_WAITING, "but not in any line"
    play.tell(SwitchOutbound(at=play.now, request="r", by="boss", stopped=True))
    play.after(seconds=60)
    assert not play.told(RingAgent)
    play.tell(SwitchOutbound(at=play.now, request="r", by="boss", stopped=False))
    play.after(seconds=60)
    (ring,) = play.told(RingAgent)
    assert play.engine.state.calls[ring.call].joined_at == START


def test_calling_out_is_stopped_while_the_agents_phone_rings():
    play = asked()
    play.hangs_up("his").ready("ana")
    play.tell(SwitchOutbound(at=play.now, request="r", by="boss", stopped=True))
    agent_picks_up(play)
    assert not play.told(DialNumber)
    (leg,) = play.engine.state.offers
    play.hangs_up(leg).after(seconds=30)
    assert play.engine.state.calls[owed(play)].state.value == "paused"


def test_what_takes_too_long_expires_whatever_it_does():
    play = asked().after(seconds=3600)
    assert outcomes(play) == [CallbackOutcome.EXPIRED]
    play.after(seconds=0)
    assert list(play.engine.state.calls) == [call_id("his")]


def registers(play: Play, digits: str = "+8613800000005", **said: Any) -> Play:
    request = RegisterCallback(
        at=play.now, request="r", by="boss", queue=SUPPORT, number=number(digits)
    )
    return play.tell(replace(request, **said))


def test_people_register_put_first_and_cancel():
    play = Play(calls_back(), ready=())
    arrives(play, "his", HE).after(seconds=10)
    registers(play, customer=CustomerId("c5"), data={"case": "7"})
    (told,) = play.told(CallbackChanged)
    name = told.callback.id
    play.tell(SetPriority(at=play.now, request="r", by="boss", call=owed(play), priority=5))
    assert play.told(CallbackChanged)[-1].callback.priority == 5
    play.ready("ana")
    assert offered(play) == owed(play)
    play.tell(CancelCallback(at=play.now, request="r", by="boss", callback=name, reason="asked"))
    (over,) = play.told(CallbackEnded)
    assert (over.outcome, over.by, over.reason) == (CallbackOutcome.CANCELLED, "boss", "asked")
    play.after(seconds=0)
    assert list(play.engine.state.calls) == [call_id("his")]


def test_it_may_be_for_later_and_waits_from_then():
    play = Play(calls_back())
    registers(play, due_at=play.now + 600_000).after(seconds=599)
    assert not play.told(RingAgent)
    play.after(seconds=1)
    (ring,) = play.told(RingAgent)
    assert play.engine.state.calls[ring.call].joined_at == play.now


def test_one_that_is_for_later_and_whose_queue_is_taken_away_may_be_changed_until_it_is_given_up():
    play = registers(Play(calls_back()), due_at=START + 600_000)
    without = {SALES: calls_back().queues[SALES]}
    play.tell(Configured(at=play.now, configuration=replace(calls_back(), queues=without)))
    play.tell(SetPriority(at=play.now, request="r", by="boss", call=owed(play), priority=5))
    assert play.told(CallbackChanged)[-1].callback.priority == 5
    play.after(seconds=600)
    assert outcomes(play) == [CallbackOutcome.GIVEN_UP]


def test_what_is_refused():
    play = asked()
    for said in (
        {"queue": "nowhere"},
        {"queue": "sales"},
        {"number": number()},
        {"number": number("+4930123456789")},
        {"number": Number(digits="110", kind=NumberKind.SHORT)},
        {"number": Number(digits="95588", kind=NumberKind.SHORT)},
    ):
        registers(play, **said)
    none = CallbackId("none")
    play.tell(CancelCallback(at=play.now, request="r", by="boss", callback=none))
    assert [one.reason for one in play.told(Refused)] == [
        Reason.UNKNOWN_QUEUE,
        Reason.NO_CALLBACKS,
        Reason.CALLED_BACK_ALREADY,
        *(Reason.NO_ROUTE,) * 3,
        Reason.UNKNOWN_CALLBACK,
    ]


def test_over_our_restart_she_keeps_her_place_and_is_called_once():
    kept = asked().told(CallbackChanged)[-1].callback
    play = Play(calls_back(), ready=())
    play.tell(CallbacksRestored(at=play.now, callbacks=(kept, kept)))
    arrives(play, "his", HE).ready("ana")
    assert offered(play) == call_id("his"), "what is there is seen first"
    (leg,) = play.engine.state.offers
    play.hangs_up("his").hangs_up(leg).after(seconds=6)
    assert offered(play) == owed(play)
    assert play.engine.state.calls[owed(play)].joined_at == START


def test_whose_queue_is_gone_when_we_are_back_is_owed_nothing_any_more_and_that_is_told():
    kept = replace(asked().told(CallbackChanged)[-1].callback, queue=QueueId("closed"))
    play = Play(calls_back(), ready=())
    play.tell(CallbacksRestored(at=play.now, callbacks=(kept,))).after(seconds=6)
    assert outcomes(play) == [CallbackOutcome.GIVEN_UP]
    assert not play.engine.state.calls and not play.engine.state.callbacks


def dialling() -> tuple[Play, CallId, OfferId]:
    """She is being called."""
    play = asked()
    play.hangs_up("his").ready("ana")
    agent_picks_up(play)
    (leg,) = play.engine.state.offers
    return play, owed(play), leg


def test_who_has_no_channel_is_not_missed_in_a_look_around_and_whose_call_is_gone_is_called_again():
    play = asked()
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(seen("his"),)))
    assert play.engine.state.calls[owed(play)].state.value == "waiting"
    play, name, _ = dialling()
    play.after(seconds=10)
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now))
    assert owed(play) != name
    assert play.told(CallbackChanged)[-1].callback.tries == 0, "Asterisk was gone, not she"


def test_a_restart_that_finds_them_talking_has_nothing_to_pay():
    before, name, leg = dialling()
    kept = before.told(CallbackChanged)[-1].callback
    play = Play(calls_back(), ready=())
    play.tell(CallbacksRestored(at=play.now, callbacks=(kept,)))
    both = [
        seen(one, bridge=bridge_for(leg), created_at=before.now) for one in (caller_leg(name), leg)
    ]
    play.now = before.now + 1_000
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=tuple(both)))
    assert outcomes(play) == [CallbackOutcome.REACHED]
    assert list(play.engine.state.calls) == [name] or play.after(seconds=0)
    assert list(play.engine.state.calls) == [name]
    assert play.state("ana") == "busy-acd"


def test_who_picks_up_and_hangs_up_before_he_is_heard_was_not_reached():
    play, name, leg = dialling()
    play.tell(LegAnswered(at=play.now, channel=caller_leg(name))).hangs_up(caller_leg(name))
    ended = play.told(CallEnded)[-1]
    assert (ended.call, ended.ending.value, ended.detail) == (name, "not-reached", "no-answer")
    play.hangs_up(leg)
    assert play.told(CallbackChanged)[-1].callback.tries == 1


def test_who_has_picked_up_when_the_agent_had_gone_was_not_reached_and_is_called_again():
    """A look around tells both at once: nobody has heard him."""
    play, name, leg = dialling()
    play.tell(LegBridged(at=play.now, channel=caller_leg(name), offer=leg)).after(seconds=10)
    his = seen(caller_leg(name), bridge=bridge_for(leg))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(his,)))
    play.tell(LegAnswered(at=play.now, channel=caller_leg(name))).hangs_up(caller_leg(name))
    assert play.told(CallEnded)[-1].ending is Ending.NOT_REACHED
    play.after(seconds=5)
    assert outcomes(play) == [] and offered(play) == owed(play) != name


def test_what_is_told_of_her_while_nobody_has_called_her_yet_is_of_before():
    """A leg that ends late, a channel given back twice, no caller to ring for: she is owed her call still."""
    play = asked()
    play.hangs_up("his").ready("ana")
    name, (leg,) = owed(play), play.engine.state.offers
    play.hangs_up(caller_leg(name)).tell(CallLeft(at=play.now, channel=caller_leg(name)))
    assert (owed(play), play.told(CallEnded)[-1].call) == (name, call_id("his"))
    gone = CommandFailed(
        at=play.now, command="RingAgent", channel=leg, failure=Failure.GONE, detail="404"
    )
    play.tell(gone)
    assert (owed(play), play.told(OfferEnded)[-1].outcome) == (name, OfferOutcome.UNREACHABLE)
    assert play.told(CallEnded)[-1].call == call_id("his")


def test_who_may_still_hear_it_ring_waits_until_it_rings_no_more_and_is_not_called_twice():
    """Neither word that she is not to be called any more was heard: Asterisk gives up by itself, and not before."""
    play, name, leg = dialling()
    play.after(seconds=2).hangs_up(leg).after(seconds=5)
    assert [one.channel for one in play.told(HangUp)].count(caller_leg(name)) == 2
    assert play.told(CallEnded)[-1].call == name and owed(play) != name
    rung = len(play.told(RingAgent))
    play.after(seconds=27)
    assert len(play.told(RingAgent)) == rung and play.state("ana") == "ready"
    play.after(seconds=1)
    assert offered(play) == owed(play)
