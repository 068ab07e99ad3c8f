"""Each queue has its own rule of who is a repeat caller, and everything that asks goes by the queue he is in."""

from dataclasses import replace

from acd.core.commands import IdentifyCaller
from acd.core.configuration import Overflow
from acd.core.customer import Confidence, Contact, Identity, RepeatRule
from acd.core.events import CallArrived, Entry
from acd.core.ids import AgentId, QueueId
from acd.core.notices import CallerRecognised, CallOffered
from acd.core.wishes import Wishes
from tests.core.rules import arrives, known, rung, with_rules
from tests.core.test_dispositions import TREE
from tests.play import SALES, START, SUPPORT, Play, call_id, centre, channel

HOUR_MS = 3_600_000
HOUR = RepeatRule(window_ms=HOUR_MS)
# Served by ana two hours ago, and gave up half an hour ago.
TWICE = Identity(
    confidence=Confidence.OWN,
    earlier=(
        Contact(call=call_id("b"), at=START - HOUR_MS // 2),
        Contact(call=call_id("a"), at=START - 2 * HOUR_MS, agent=AgentId("ana")),
    ),
)


def recognised(play: Play) -> int:
    return play.told(CallerRecognised)[-1].identity.repeats


def test_the_directory_is_asked_for_the_widest_window():
    configuration = replace(centre(), repeat_window_ms=5 * HOUR_MS)
    play = Play(configuration, ready=())
    play.tell(CallArrived(at=play.now, channel=channel("c1"), entry=Entry.QUEUE, target=SUPPORT))
    assert play.told(IdentifyCaller)[-1].window_ms == 5 * HOUR_MS


def test_a_call_goes_by_the_rule_of_its_queue():
    assert recognised(arrives(Play(centre(), ready=()), "c1", TWICE)) == 2
    hour = with_rules(repeat=HOUR)
    assert recognised(arrives(Play(hour, ready=()), "c1", TWICE)) == 1
    served = with_rules(repeat=RepeatRule(answered_only=True))
    assert recognised(arrives(Play(served, ready=()), "c1", TWICE)) == 1
    neither = with_rules(repeat=replace(HOUR, answered_only=True))
    assert recognised(arrives(Play(neither, ready=()), "c1", TWICE)) == 0


def test_where_only_the_same_reason_counts_what_a_menu_knows_is_a_part_of_what_was_written_down():
    """Ana served him for what came late, bob for a bill; he complains again, as a menu or the dialplan says."""
    about = (("late", "ana", 2), ("bill", "bob", 1), (None, "cleo", 3))
    earlier = tuple(
        Contact(call=call_id(agent), at=START - at * 60_000, agent=AgentId(agent), reason=reason)
        for reason, agent, at in sorted(about, key=lambda one: one[2])
    )
    caller = Identity(confidence=Confidence.OWN, earlier=earlier)
    agents = dict.fromkeys(("bob", "ana"), (SUPPORT,))
    rule = RepeatRule(same_reason=True)
    configuration = replace(
        with_rules(centre(agents), repeat=rule, last_agent_ms=20_000), dispositions=TREE
    )
    for reason, repeats, first in (
        ("complaint", 2, "ana"),  # Who knows no reason of an earlier one counts it.
        ("late", 2, "ana"),
        ("rude", 1, "bob"),
        ("", 3, "bob"),
    ):
        play = Play(configuration, ready=("bob", "ana"))
        play.tell(
            CallArrived(
                at=play.now,
                channel=channel("c1"),
                entry=Entry.QUEUE,
                target=SUPPORT,
                wishes=Wishes(reason=reason),
            )
        )
        play.identified("c1", caller)
        assert play.told(CallOffered)[-1].identity.repeats == repeats, reason
        assert rung(play) == [("c1", first)], reason


def test_who_overflows_is_seen_by_the_next_queue_with_its_own_eyes():
    configuration = with_rules(
        centre({"sol": (SALES,)}),
        repeat=HOUR,
        overflow=(Overflow(after_ms=1_000, queue=QueueId(SALES)),),
    )
    play = arrives(Play(configuration, ready=()), "c1", TWICE)
    assert recognised(play) == 1
    play.after(seconds=2).ready("sol")
    assert play.told(CallOffered)[-1].identity.repeats == 2


def test_the_last_agent_is_one_of_the_window():
    """Ana served him two hours ago: within a day she is waited for, within an hour she is a stranger."""
    for rule, first in ((RepeatRule(), "ana"), (HOUR, "bob")):
        configuration = with_rules(repeat=rule, last_agent_ms=20_000)
        play = Play(configuration, ready=("bob", "ana"))
        arrives(play, "c1", TWICE)
        assert rung(play) == [("c1", first)]


def test_the_bonus_goes_to_who_repeats_by_the_rule():
    """The second caller has called before, and overtakes the first if that counts here."""
    for rule, order in ((RepeatRule(), ["c2", "c1"]), (HOUR, ["c1", "c2"])):
        configuration = with_rules(repeat=rule, repeat_bonus_ms=60_000)
        play = Play(configuration, ready=())
        arrives(play, "c1", known())
        play.after(seconds=1)
        once = replace(TWICE, earlier=TWICE.earlier[1:])
        arrives(play, "c2", once)
        play.ready("ana").ready("bob")
        assert [call for call, _ in rung(play)] == order
