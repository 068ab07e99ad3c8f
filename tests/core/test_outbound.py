"""Which numbers may be called: whatever no route allows is refused, and nothing but digits is ever dialled."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.ids import AgentId, CallId
from acd.core.outbound import (
    HOUR_MS,
    Allowed,
    Barred,
    Caps,
    Denied,
    Number,
    NumberKind,
    Route,
    Usage,
    as_written,
    decide,
)

CITY = Route(
    name="city", endpoint="trunk", prefixes=("+8610",), strip="+8610", caller_id="+861065550000"
)
COUNTRY = Route(
    name="country",
    endpoint="trunk",
    prefixes=("+86",),
    barred=("+8690", "+86109"),
    strip="+86",
    prepend="0",
    numbers=("95588",),
    emergency=("110", "119"),
    hours="office",
)
ABROAD = Route(name="abroad", endpoint="carrier-2", prefixes=("+44", "+881"), premium=True)
ROUTES = (CITY, COUNTRY, ABROAD)
ANA, BOB = AgentId("ana"), AgentId("bob")


def number(digits: str, kind: NumberKind = NumberKind.SUBSCRIBER) -> Number:
    return Number(digits=digits, kind=kind)


def found(digits: str, kind: NumberKind = NumberKind.SUBSCRIBER, *, opened: bool = True):
    match decide(ROUTES, number(digits, kind), lambda calendar: opened):
        case Allowed() as way:
            return way.route.name, way.dialled
        case Denied(why=why):
            return why


def test_the_longest_prefix_decides_and_the_number_is_dialled_as_its_trunk_wants_it():
    assert found("+861065551234") == ("city", "65551234")
    assert found("+862165551234") == ("country", "02165551234")
    assert found("+442071234567") == ("abroad", "+442071234567")


def test_what_no_route_allows_is_refused():
    assert found("+12125550100") is Barred.NO_ROUTE
    assert found("+8690012345") is Barred.NO_ROUTE
    # Barred by one, and as exactly as that allowed by none.
    assert found("+8610912345") is Barred.NO_ROUTE
    assert decide((), number("+861065551234"), bool) == Denied(why=Barred.NO_ROUTE)


def test_short_numbers_are_dialled_only_if_they_are_listed():
    assert found("95588", NumberKind.SHORT) == ("country", "95588")
    assert found("95533", NumberKind.SHORT) is Barred.NO_ROUTE
    assert found("+86", NumberKind.SHORT) is Barred.NO_ROUTE


def test_numbers_that_pay_their_owner_and_satellites_want_a_word_of_their_own():
    assert found("+861060012345", NumberKind.PREMIUM) is Barred.PREMIUM
    assert found("+449012345678", NumberKind.PREMIUM) == ("abroad", "+449012345678")
    assert found("+88165551234", NumberKind.SATELLITE) is Barred.SATELLITE


def test_a_route_is_closed_when_its_hours_say_so_and_emergencies_never_are():
    assert found("+862165551234", opened=False) is Barred.HOURS
    assert found("95588", NumberKind.SHORT, opened=False) is Barred.HOURS
    assert found("+861065551234", opened=False) == ("city", "65551234")
    assert found("110", NumberKind.SHORT, opened=False) == ("country", "110")


@given(st.text("+0123456789", min_size=1, max_size=20), st.sampled_from(NumberKind))
def test_nothing_but_digits_is_dialled(digits, kind):
    if not re.fullmatch(r"\+?[0-9]+", digits):
        return
    way = decide(ROUTES, number(digits, kind), lambda calendar: True)
    if isinstance(way, Allowed):
        assert re.fullmatch(r"\+?[0-9]{1,20}", way.dialled)
        named = digits in way.route.numbers + way.route.emergency
        assert named or digits.startswith(way.route.prefixes)


def test_whatever_is_no_number_is_our_fault_and_never_a_dial_string():
    for text in ("110@evil", "1,1", "1&PJSIP/x", "110\r\n"):
        with pytest.raises(AssertionError):
            decide((Route(name="x", endpoint="t", numbers=(text,)),), number(text), bool)


def test_an_agent_may_begin_so_many_calls_within_an_hour():
    usage, caps = Usage(), Caps(agent_per_hour=2, agent_at_once=0)
    for n in range(2):
        assert usage.refusal(caps, ANA, n) is None
        usage.begin(CallId(f"c{n}"), ANA, n)
    assert usage.refusal(caps, ANA, HOUR_MS - 1) is Barred.AGENT_CAP
    assert usage.refusal(caps, BOB, HOUR_MS - 1) is None
    assert usage.refusal(caps, ANA, HOUR_MS) is None


def test_an_agent_may_have_so_many_at_once_and_the_centre_too():
    usage, caps = Usage(), Caps(agent_at_once=1, centre_at_once=2, centre_per_hour=3)
    usage.begin(CallId("a"), ANA, 0)
    assert usage.refusal(caps, ANA, 0) is Barred.AGENT_CAP
    usage.found(CallId("b"), BOB, 0)
    assert usage.refusal(caps, AgentId("cy"), 0) is Barred.CENTRE_CAP
    for name in ("a", "b"):
        usage.end(CallId(name))
    assert usage.refusal(caps, ANA, 2) is None
    usage.begin(CallId("c"), BOB, 1)
    usage.end(CallId("c"))
    assert usage.refusal(caps, ANA, 2) is Barred.CENTRE_CAP
    usage.end(CallId("never heard of"))


def test_who_is_called_by_name_of_his_number_is_dialled_just_so():
    listed = Route(name="x", endpoint="t", numbers=("+868001234",), strip="+86", prepend="9")
    way = decide((listed,), number("+868001234"), bool)
    assert isinstance(way, Allowed) and way.dialled == "+868001234"


def test_of_two_calls_within_an_hour_the_second_counts_on_when_the_first_is_over_an_hour_ago():
    usage = Usage()
    for n in range(3):
        usage.begin(CallId(f"c{n}"), ANA, n)
        usage.end(CallId(f"c{n}"))
    two = Caps(agent_per_hour=2, agent_at_once=0)
    assert usage.full(two, ANA, HOUR_MS)
    assert not usage.full(two, ANA, HOUR_MS + 1)


def test_where_nobody_reads_numbers_one_is_what_it_looks_like():
    assert as_written("+8610") == number("+8610")
    assert as_written("110") == number("110", NumberKind.SHORT)
    assert as_written("call me") is None
