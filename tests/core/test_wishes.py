"""What the dialplan wishes for a call is granted, or told of and left out; it never costs the caller his call."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.call import Call
from acd.core.commands import IdentifyCaller, SaveCall, StartRecording
from acd.core.customer import UNIDENTIFIED, Confidence, Customer, Identity
from acd.core.engine import Engine
from acd.core.events import CallArrived, CallerIdentified, ChannelSeen, Configured, Entry, NodeFound
from acd.core.ids import CustomerId
from acd.core.notices import CallQueued, Misconfigured
from acd.core.recording import RecordWhen
from acd.core.wishes import LONGEST_WISH, Wishes
from ivr.steps import Branch, Condition, Enqueue, Menu
from tests.core.rules import rung, with_agent
from tests.play import NODE, Play, call_id, centre, channel, seen


def skilled() -> Play:
    """Ana knows fridges; Bob, who has been idle longer, knows washers."""
    configuration = with_agent(centre(), "ana", skills={"fridge": 80})
    configuration = with_agent(configuration, "bob", skills={"washer": 60})
    return Play(configuration, ready=("bob", "ana"))


def arrives(play: Play, name: str, **wishes: str) -> Play:
    arrived = CallArrived(
        at=play.now,
        channel=channel(name),
        entry=Entry.QUEUE,
        target="support",
        dialled="4001",
        wishes=Wishes(**wishes),
    )
    return play.tell(arrived).after(seconds=0.3)


def test_a_call_reaches_an_agent_who_has_what_the_dialplan_asks_for():
    play = skilled()
    arrives(play, "c1", requires="fridge >= 60")
    assert rung(play) == [("c1", "ana")]
    assert not play.told(Misconfigured)


def test_a_higher_priority_comes_first():
    play = Play(centre({"ana": ("support",)}), ready=())
    arrives(play, "first")
    arrives(play, "urgent", priority="7")
    play.ready("ana")
    assert rung(play) == [("urgent", "ana")]
    assert [queued.priority for queued in play.told(CallQueued)] == [0, 7]


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"requires": "fridg >= 60"}, "did you mean 'fridge'?"),
        ({"requires": "fridge >"}, "column 9: expected a level"),
        ({"requires": "fridge > 60 and fridge < 50"}, "nobody can ever be like that"),
        ({"requires": "fridge or " * 80}, "longer than 500 characters"),
        ({"requires": "$(reboot)"}, "column 1"),
        ({"priority": "-1"}, "a whole number, 0 to 100"),
        ({"priority": "101"}, "a whole number, 0 to 100"),
        ({"priority": "１"}, "a whole number, 0 to 100"),
        ({"priority": "high"}, "a whole number, 0 to 100"),
        ({"language": "中文"}, "a code such as zh, en or pt-BR"),
        ({"language": "../../etc"}, "a code such as zh"),
        ({"consent": "sure"}, "consent: it takes yes or no"),
        ({"reason": "Repair!"}, "a code of a-z"),
        ({"reason": "a|b"}, "a code of a-z"),
        ({"reason": "x" * 41}, "40 at most"),
        ({"customer": "x" * 65}, "1 to 64 characters"),
        ({"customer": "C 1"}, "without blanks"),
        ({"customer": "C-1\x00"}, "without blanks"),
        ({"customer": "C-1\u202e"}, "without blanks"),
    ],
)
def test_a_wish_that_cannot_be_understood_is_told_and_the_caller_is_served(wish, why):
    play = skilled()
    arrives(play, "c1", **wish)
    (told,) = play.told(Misconfigured)
    (variable,) = wish
    topic = "requirement" if variable == "requires" else variable
    variable = "ARG4" if variable == "customer" else f"CORDBOARD_{variable.upper()}"
    said = f"the dialplan's {variable} for extension '4001' is ignored: {topic}"
    assert told.problem.startswith(said) and why in told.problem, told.problem
    assert told.call == call_id("c1")
    assert rung(play) == [("c1", "bob")], "as if nothing had been wished"


def test_who_wishes_for_one_thing_has_said_nothing_of_the_others():
    """Of no urgency, and recorded as everybody is where nobody need agree."""
    play = Play(centre({"ana": ("support",)}, record=RecordWhen.ALWAYS))
    arrives(play, "c1", language="zh")
    assert [queued.priority for queued in play.told(CallQueued)] == [0]
    play.picks_up("c1").bridged("c1")
    assert play.told(StartRecording)


def test_the_highest_priority_can_be_wished_for():
    play = skilled()
    arrives(play, "c1", priority="100")
    assert [queued.priority for queued in play.told(CallQueued)] == [100]


def test_a_bad_wish_does_not_take_a_good_one_with_it():
    play = skilled()
    arrives(play, "c1", requires="fridge", priority="high")
    assert rung(play) == [("c1", "ana")]


@given(st.text(max_size=LONGEST_WISH), st.text(max_size=20), st.text(max_size=20))
def test_whatever_the_dialplan_says_the_caller_is_served(requires, priority, language):
    play = skilled()
    arrives(play, "c1", requires=requires, priority=priority, language=language)
    assert len(rung(play)) == 1 or "fridge" in requires or "washer" in requires


def test_the_menu_speaks_the_language_of_the_dialplan_and_the_higher_priority_counts():
    asks = Branch(cases=((Condition(language="zh"), "urgent"),), otherwise="plain")
    steps = {
        "ask": asks,
        "urgent": Enqueue(queue="support", priority=2, requires="fridge & fridge > 5"),
        "plain": Enqueue(queue="support", priority=9),
    }
    configuration = with_agent(centre(), "ana", skills={"fridge": 80, "washer": 1})
    menus = {"main": Menu(id="main", start="ask", steps=steps)}
    play = Play(replace(configuration, menus=menus), ready=())
    wishes = Wishes(priority="3", language="zh", requires="washer")
    arrived = CallArrived(
        at=play.now, channel=channel("c1"), entry=Entry.MENU, target="main", wishes=wishes
    )
    play.tell(arrived).after(seconds=0.3)
    assert [queued.priority for queued in play.told(CallQueued)] == [3]
    call = play.engine.state.calls[call_id("c1")]
    assert call.requires == ("washer", "fridge and fridge > 5")


WANG = Customer(id=CustomerId("C-1"), name="王芳")


@pytest.mark.parametrize(
    ("found", "believed"),
    [
        (Identity(confidence=Confidence.TOLD, customers=(WANG,), at=7), True),
        (Identity(confidence=Confidence.OWN, customers=(WANG,), at=7), True),
        (UNIDENTIFIED, True),  # Nobody could look.
        (Identity(confidence=Confidence.SHARED, at=7), False),
        (Identity(confidence=Confidence.OWN, customers=(replace(WANG, id="C-9"),), at=7), False),
    ],
)
def test_who_the_dialplan_says_he_is_is_looked_up_and_told_of_if_there_is_nobody(found, believed):
    play = Play(centre({"ana": ("support",)}), ready=())
    wishes = Wishes(customer="C-1")
    play.tell(
        CallArrived(
            at=play.now, channel=channel("c1"), entry=Entry.QUEUE, target="support", wishes=wishes
        )
    )
    assert play.told(IdentifyCaller)[-1].told == "C-1"
    play.tell(CallerIdentified(at=play.now, call=call_id("c1"), identity=found))
    assert play.engine.state.calls[call_id("c1")].identity.customers == found.customers
    problems = [told.problem for told in play.told(Misconfigured)]
    nobody = (
        "the dialplan's ARG4 for extension '' is ignored: customer: nobody of this id is listed"
    )
    assert problems == ([] if believed else [nobody])
    assert len(play.told(CallQueued)) == 1
    restarted(play, replace(seen("c1"), wishes=wishes))
    assert play.told(IdentifyCaller)[-1].told == "C-1", "over a restart, too"


# Restarts.


def restarted(play: Play, *channels: ChannelSeen) -> Call:
    """The call, as a new process finds it."""
    configuration = play.engine.state.configuration
    play.engine = Engine()
    play.tell(Configured(at=play.now, configuration=configuration))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=channels))
    play.after(seconds=0.3)
    return play.engine.state.calls[call_id("c1")]


def test_what_he_asks_for_is_in_the_note_on_his_channel():
    play = skilled()
    arrives(play, "c1", requires="fridge >= 99 | washer >= 99", priority="4")
    note = play.told(SaveCall)[-1].saved
    call = restarted(play, seen("c1", saved=note))
    assert call.requires == ("fridge >= 99 or washer >= 99",)
    assert call.priority == 4


def test_who_was_not_queued_yet_is_asked_again_what_he_wishes():
    wishes = Wishes(requires="fridge >= 60", priority="4")
    call = restarted(skilled(), replace(seen("c1"), wishes=wishes))
    assert (call.requires, call.priority) == (("fridge >= 60",), 4)


def test_why_he_calls_is_kept_over_a_crash_and_a_menu_knows_better():
    play = skilled()
    arrives(play, "c1", reason="repair")
    assert play.told(CallQueued)[-1].reason == "repair"
    call = restarted(play, seen("c1", saved=play.told(SaveCall)[-1].saved))
    assert call.reason == "repair"
    menus = {
        "main": Menu(id="main", start="in", steps={"in": Enqueue(queue="support", reason="bill")})
    }
    play = Play(centre(menus=menus), ready=())
    wishes = Wishes(reason="repair")
    arrived = CallArrived(
        at=play.now, channel=channel("c1"), entry=Entry.MENU, target="main", wishes=wishes
    )
    play.tell(arrived).after(seconds=0.3)
    assert play.told(CallQueued)[-1].reason == "bill"
    call = restarted(play, seen("c1", saved=play.told(SaveCall)[-1].saved))
    assert call.reason == "bill"


def test_an_older_note_knows_less_and_is_read():
    call = restarted(skilled(), seen("c1", saved="support|5|1750000000000"))
    assert (call.requires, call.priority) == ((), 5)
