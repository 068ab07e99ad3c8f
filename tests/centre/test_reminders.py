"""Offers and reminders: a rule file is refused with its lines, or judged, for one customer and no other."""

from dataclasses import replace

import pytest

from acd.centre.changes import changes_between
from acd.centre.file import load_centre
from acd.centre.reminders import LONGEST_TEXT, MOST_RULES, read_reminders, reminders_for
from acd.core.board import CallView
from acd.core.customer import Confidence, Contact, Customer, Identity
from acd.core.ids import AgentId, CallId, CustomerId, NodeId, QueueId
from acd.pop import Background, Profile
from ivr.plain_yaml import BrokenFile
from tests.centre.test_file import GOOD

AT = 1_750_000_000_000  # 2025-06-15
QUEUES = ("support", "sales")
WANG = Customer(id=CustomerId("C-1"), name="王芳", segment="gold")
LI = Customer(id=CustomerId("C-2"), name="李", segment="gold")
KNOWN = Background(
    profiles={
        WANG.id: Profile(
            region="华东",
            card={
                "products": [
                    {"name": "Fridge X", "installed_on": "2025-06-05"},
                    {"name": "Boiler", "installed_on": None},
                    {"name": "Oven", "installed_on": "2023-06-15"},
                ],
                "promises": [{"id": "p"}],
            },
        )
    },
    history=(
        Contact(call=CallId("c2"), at=AT - 2),
        Contact(call=CallId("c1"), at=AT - 9, agent=AgentId("bob"), outcome="not-solved"),
    ),
)
SECOND = Identity(
    number="+8613800138000",
    confidence=Confidence.OWN,
    customers=(WANG,),
    earlier=KNOWN.history[:1],
    at=AT,
)


def rules(*whens: str) -> str:
    return "".join(f"r{n}: {{text: hello, when: {when}}}\n" for n, when in enumerate(whens))


def call(identity: Identity) -> CallView:
    return CallView(
        id=CallId("c3"),
        phase="offered",
        number="",
        name="",
        dialled="",
        started_at=AT,
        identity=identity,
        queue=QueueId("support"),
        reason="repair",
    )


def told(when: str, identity: Identity = SECOND) -> bool:
    read = read_reminders(rules(when), "reminders.yaml", queues=QUEUES)
    return bool(list(reminders_for(read, call(identity), KNOWN)))


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("{segments: [gold, vip]}", True),
        ("{segments: [vip]}", False),
        ("{regions: [华东]}", True),
        ("{regions: [华南]}", False),
        ("{product: fridge}", True),
        ("{product: washer}", False),
        ("{product_age_days: {from: 10, to: 10}}", True),
        ("{product_age_days: {from: 11, to: 700}}", False),
        ("{product: oven, product_age_days: {from: 731}}", True),
        # One thing has to be all of it, and a boiler of unknown age has none.
        ("{product: fridge, product_age_days: {from: 300}}", False),
        ("{product: boiler, product_age_days: {from: 0}}", False),
        ("{promises: {from: 1}}", True),
        ("{promises: {to: 0}}", False),
        ("{contact_number: {from: 2, to: 2}}", True),
        ("{contact_number: {from: 3}}", False),
        ("{outcomes: [not-solved]}", True),
        ("{outcomes: [solved]}", False),
        ("{queues: [support]}", True),
        ("{queues: [sales]}", False),
        ("{reasons: [repair, bill]}", True),
        ("{reasons: [bill]}", False),
        ("{queues: [support], segments: [gold], contact_number: {from: 3}}", False),
    ],
)
def test_a_rule_is_shown_when_all_that_it_asks_for_holds(when, holds):
    assert told(when) is holds


@pytest.mark.parametrize(
    "when", ["{segments: [gold]}", "{product: fridge}", "{promises: {to: 9}}", "{regions: [华东]}"]
)
def test_what_is_meant_for_one_customer_is_not_said_to_another(when):
    for other in (
        replace(SECOND, customers=(WANG, LI), confidence=Confidence.SHARED),
        replace(SECOND, confidence=Confidence.SWITCHBOARD),
        replace(SECOND, customers=()),
        Identity(),
    ):
        assert not told(when, other)


def test_who_cannot_be_told_is_nobodys_third_call():
    anonymous = replace(SECOND, confidence=Confidence.ANONYMOUS)
    assert not told("{contact_number: {from: 1}}", anonymous)
    assert told("{queues: [support]}", anonymous)


def test_five_at_most_in_the_order_of_the_file_and_none_that_betrays_what_is_hidden():
    text = rules(*["{segments: [gold]}"] * 2, *["{queues: [support]}"] * 6)
    read = read_reminders(text, "reminders.yaml", queues=QUEUES)

    def shown(hidden):
        found = reminders_for(read, call(SECOND), KNOWN, hidden=hidden)
        return [one.id for one in found]

    assert shown(()) == ["r0", "r1", "r2", "r3", "r4"]
    assert shown(("segment",)) == ["r2", "r3", "r4", "r5", "r6"]


BROKEN = {
    "a: {text: hi, when: {queues: [suport]}}": "1: rule 'a': queue 'suport' is not there; did you mean",
    "a: {text: hi, when: {segment: [x]}}": "1: rule 'a': when has no word 'segment'; did you mean",
    "a: {text: hi, when: {promises: {from: 2, to: 1}}}": "nothing is from 2 to 1",
    "a: {text: hi, when: {promises: {from: lots}}}": "it takes a whole number",
    "a: {text: hi, when: {segments: []}}": "is an empty list",
    "a: {text: hi}": "a rule needs 'when': what has to hold",
    "a: {when: {queues: [sales]}}": "a rule needs 'text'",
    "a: {text: hi, kind: shout, when: {queues: [sales]}}": "it takes one of reminder, offer",
    "\na: {text: %s, when: {queues: [sales]}}"
    % ("x" * (LONGEST_TEXT + 1)): "2: rule 'a': text has",
    "a: {text: hi, when: {queues: [sales]}}\n" * 2: "2: 'a' is already given on line 1",
    "just words": "takes 'word: value' lines",
    "".join(f"r{n}: {{text: x, when: {{queues: [sales]}}}}\n" for n in range(MOST_RULES + 1)): (
        f"{MOST_RULES + 1}: rule 'r{MOST_RULES}': is one more than"
    ),
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_refused_with_its_line(text):
    with pytest.raises(BrokenFile) as refused:
        read_reminders(text, "reminders.yaml", queues=QUEUES)
    (problem,) = map(str, refused.value.problems)
    assert problem.startswith("reminders.yaml:") and BROKEN[text] in problem


def test_the_file_stands_beside_the_centres_and_is_read_with_it(tmp_path):
    centre, beside = tmp_path / "centre.yaml", tmp_path / "reminders.yaml"
    centre.write_text(GOOD + "reminders: reminders.yaml\n")
    with pytest.raises(BrokenFile, match="cannot be read"):
        load_centre(centre, node=NodeId("pbx1"))
    beside.write_text("")
    before = load_centre(centre, node=NodeId("pbx1"))
    beside.write_text(rules("{queues: [sales]}"))
    after = load_centre(centre, node=NodeId("pbx1"))
    assert (before.reminders, len(after.reminders)) == ((), 1)
    assert [str(one) for one in changes_between(before, after)] == ["centre: reminders"]
    beside.write_text(rules("{queues: [sale]}"))
    with pytest.raises(BrokenFile, match="did you mean 'sales'"):
        load_centre(centre, node=NodeId("pbx1"))
    beside.write_bytes(b"\xff")
    with pytest.raises(BrokenFile, match="UTF-8"):
        load_centre(centre, node=NodeId("pbx1"))
