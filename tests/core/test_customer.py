"""Repeat callers: the half-open window to the millisecond, and numbers behind which are many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.customer import (
    CAN_REPEAT,
    DAY_MS,
    Confidence,
    Contact,
    Customer,
    Identity,
    RepeatRule,
    earlier_contacts,
)
from acd.core.ids import AgentId, CallId, CustomerId

NOW = 1_750_000_000_000


def contact(at: int, name: str = "c") -> Contact:
    return Contact(call=CallId(name), at=at)


def found(*contacts: Contact, confidence: Confidence = Confidence.OWN, at: int = NOW):
    return earlier_contacts(confidence, contacts, at=at, window_ms=DAY_MS)


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (NOW - DAY_MS - 1, False),
        (NOW - DAY_MS, True),
        (NOW - 1, True),
        (NOW, False),
        (NOW + 1, False),
    ],
)
def test_the_window_includes_its_first_millisecond_and_not_the_call_itself(at, counts):
    assert bool(found(contact(at))) is counts


@pytest.mark.parametrize("confidence", list(Confidence))
def test_only_who_stands_for_himself_can_repeat(confidence):
    assert bool(found(contact(NOW - 1), confidence=confidence)) is (confidence in CAN_REPEAT)


@given(st.lists(st.integers(NOW - 2 * DAY_MS, NOW + 5)))
def test_newest_first_and_all_within(times):
    contacts = [contact(at, str(n)) for n, at in enumerate(times)]
    earlier = found(*contacts)
    assert [c.at for c in earlier] == sorted((c.at for c in earlier), reverse=True)
    assert len(earlier) == sum(NOW - DAY_MS <= at < NOW for at in times)


def test_two_candidates_are_no_customer():
    one, two = (Customer(id=CustomerId(name), name=name) for name in "ab")
    assert Identity(customers=(one,)).customer == one
    assert Identity(customers=(one, two)).customer is None


def seen(rule: RepeatRule, *earlier: Contact, confidence: Confidence = Confidence.OWN) -> int:
    return Identity(confidence=confidence, earlier=earlier).under(rule, NOW).repeats


def test_a_rule_counts_within_its_own_window():
    minute = RepeatRule(window_ms=60_000)
    assert seen(minute, contact(NOW - 60_000), contact(NOW - 60_001)) == 1
    assert seen(RepeatRule(), contact(NOW - 60_000), contact(NOW - 60_001)) == 2


def test_a_rule_may_count_only_who_was_served():
    served = Contact(call=CallId("s"), at=NOW - 1, agent=AgentId("ana"))
    assert seen(RepeatRule(answered_only=True), contact(NOW - 1), served) == 1
    assert seen(RepeatRule(), contact(NOW - 1), served) == 2


def test_other_channels_count_if_the_rule_names_them():
    chat = Contact(call=CallId("chat-1"), at=NOW - 1, channel="chat")
    assert seen(RepeatRule(), chat) == 0
    assert seen(RepeatRule(channels=("call", "chat")), chat, contact(NOW - 1)) == 2


def test_a_reason_that_is_another_one_does_not_count_and_one_unknown_does():
    fridge = RepeatRule(reasons=("fridge",))
    about = [Contact(call=CallId(r), at=NOW - 1, reason=r) for r in ("fridge", "invoice")]
    assert seen(fridge, *about, contact(NOW - 1)) == 2


@pytest.mark.parametrize("confidence", list(Confidence))
def test_no_rule_counts_who_cannot_be_told(confidence):
    assert bool(seen(RepeatRule(), contact(NOW - 1), confidence=confidence)) is (
        confidence in CAN_REPEAT
    )
