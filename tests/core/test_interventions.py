"""A person steps in for a waiting call: what he may change, what becomes of the order, and when the answer is no."""

from dataclasses import replace

import pytest

from acd.core.commands import SaveCall
from acd.core.configuration import Ring, WhenUnstaffed
from acd.core.ids import QueueId
from acd.core.notices import CallChanged, CallQueued, Change, Reason, Refused
from acd.core.requests import CallRequest, MoveCall, MoveToFront, SetPriority, SetRequirement
from tests.core.rules import arrives, known, released, rung, with_agent, with_rules
from tests.core.test_waiting import busy
from tests.play import SALES, Play, call_id, centre

ONE = {"ana": ("support", "sales")}


def ask(play: Play, kind: type[CallRequest], name: str = "c1", **fields: object) -> Play:
    request = kind(at=play.now, request="q", by="sue", call=call_id(name), **fields)
    return play.tell(request)


def refusals(play: Play) -> list[Reason]:
    return [refused.reason for refused in play.told(Refused)]


def order(play: Play, *names: str) -> list[str]:
    """In which order ana takes these calls."""
    for _ in names:
        play.ready("ana")
        name = rung(play)[-1][0]
        leg = play.leg(name)
        play.hangs_up(name).hangs_up(leg)
    return [call for call, _ in rung(play)]


def test_a_priority_is_heard_told_and_noted_on_the_channel():
    play = Play(centre(ONE), ready=())
    for name in ("c1", "c2", "c3"):
        arrives(play, name).after(seconds=10)
    ask(play, SetPriority, "c3", priority=5)
    (changed,) = play.told(CallChanged)
    assert (changed.by, changed.change, changed.priority) == ("sue", Change.PRIORITY, 5)
    assert play.told(SaveCall)[-1].saved.startswith("support|5|")
    assert order(play, "c1", "c2", "c3") == ["c3", "c1", "c2"]


def test_the_front_is_before_everybody_of_the_queue_whatever_his_priority():
    play = Play(centre(ONE), ready=())
    for name in ("c1", "c2", "c3"):
        arrives(play, name).after(seconds=10)
    ask(play, SetPriority, "c2", priority=100)
    ask(play, MoveToFront, "c3")
    ask(play, MoveToFront, "c3")  # Where he is already.
    assert [changed.priority for changed in play.told(CallChanged)] == [100, 101, 101]
    assert order(play, "c1", "c2", "c3") == ["c3", "c2", "c1"]


def test_another_queue_keeps_the_time_waited_and_begins_its_own_search():
    rings = (Ring(requires="", for_ms=10_000), Ring(), Ring())
    play = busy(centre(ONE), rings=rings)
    arrives(play, "c1").after(seconds=30)
    ask(play, MoveCall, queue=SALES)
    first, second = play.told(CallQueued)
    assert (second.queue, second.joined_at) == (SALES, first.joined_at)
    assert play.engine.state.calls[call_id("c1")].ring == 0
    ask(play, MoveCall, queue=SALES)
    assert len(play.told(CallQueued)) == 2, "he is there already"


def test_nobody_is_moved_to_where_nobody_is_and_nobody_waits():
    agents = {"ana": ("support",), "bob": ("sales",)}
    configuration = with_rules(centre(agents), "sales", when_unstaffed=WhenUnstaffed.LEAVE)
    play = Play(configuration, ready=())
    arrives(play, "c1")
    ask(play, MoveCall, queue=SALES)
    assert refusals(play) == [Reason.QUEUE_REFUSES]
    assert play.engine.state.calls[call_id("c1")].queue == "support"


def test_another_requirement_reaches_whom_it_asks_for_and_forgets_the_last_agent():
    configuration = with_agent(centre(), "ana", skills={"fridge": 20})
    configuration = with_agent(configuration, "bob", skills={"fridge": 80})
    play = busy(with_rules(configuration, last_agent_ms=60_000))
    arrives(play, "c1", known(last="ana"))
    ask(play, SetRequirement, requires="fridge >= 60")
    play.ready("ana")
    assert rung(play) == []
    play.ready("bob")
    assert rung(play) == [("c1", "bob")]


def test_a_requirement_that_nobody_on_shift_meets_is_treated_as_an_unstaffed_queue():
    configuration = with_agent(centre(), "ana", skills={"fridge": 20})
    configuration = with_agent(configuration, "bob", skills={"fridge": 80})
    rules = {"when_unstaffed": WhenUnstaffed.LEAVE}
    play = Play(with_rules(configuration, **rules), ready=("ana",))
    arrives(play, "c1")
    arrives(play, "c2")
    ask(play, SetRequirement, "c2", requires="fridge >= 60")
    assert released(play) == [("c2", "unstaffed")]


def test_of_what_dialplan_and_menu_asked_nothing_is_left_but_the_queues_own_rule_is():
    configuration = with_agent(centre(ONE), "ana", skills={"fridge": 20, "chinese": 1})
    play = busy(with_rules(configuration, requires="chinese"))
    arrives(play, "c1")
    call = play.engine.state.calls[call_id("c1")]
    call.requires = ("fridge >= 60",)
    ask(play, SetRequirement, requires=" ")
    assert call.requires == ()
    assert play.engine.state.demand_of(call).requires == ("chinese",)


@pytest.mark.parametrize("text", ["klingon", "fridge >", "fridge > 9 and fridge < 3", "x" * 501])
def test_what_nobody_could_meet_is_refused_and_changes_nothing(text):
    play = busy(with_agent(centre(), "ana", skills={"fridge": 20}))
    arrives(play, "c1")
    ask(play, SetRequirement, requires=text)
    assert refusals(play) == [Reason.BAD_REQUIREMENT]
    assert not play.told(CallChanged)


def test_it_is_said_which_skill_nobody_has():
    play = busy(with_agent(centre(), "ana", skills={"fridge": 20}))
    arrives(play, "c1")
    ask(play, SetRequirement, requires="klingon")
    assert "klingon" in play.told(Refused)[-1].detail


REQUESTS = [
    (SetRequirement, {"requires": ""}),
    (SetPriority, {"priority": 3}),
    (MoveCall, {"queue": SALES}),
    (MoveToFront, {}),
]


@pytest.mark.parametrize(("kind", "fields"), REQUESTS)
def test_only_who_waits_can_be_changed(kind, fields):
    play = Play(centre(ONE))
    ask(play, kind, "nobody", **fields)
    arrives(play, "c1")
    ask(play, kind, **fields)
    play.picks_up("c1").bridged("c1")
    ask(play, kind, **fields)
    play.hangs_up("c1")
    ask(play, kind, **fields)
    no = [Reason.UNKNOWN_CALL, Reason.NOT_WAITING, Reason.NOT_WAITING, Reason.UNKNOWN_CALL]
    assert refusals(play) == no


def test_there_is_no_moving_to_a_queue_that_is_not_there():
    play = busy()
    arrives(play, "c1")
    ask(play, MoveCall, queue=QueueId("nowhere"))
    assert refusals(play) == [Reason.UNKNOWN_QUEUE]


def test_who_waits_at_an_asterisk_that_we_do_not_hear_is_changed_for_when_we_do():
    from acd.core.events import NodeFound, NodeLost
    from tests.play import NODE, seen

    play = Play(centre(ONE), ready=())
    arrives(play, "c1").after(seconds=10)
    arrives(play, "c2").after(seconds=10)
    play.tell(NodeLost(at=play.now, node=NODE))
    ask(play, SetPriority, "c2", priority=3)
    there = tuple(replace(seen(name)) for name in ("c1", "c2"))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    assert order(play, "c1", "c2") == ["c2", "c1"]
