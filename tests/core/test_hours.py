"""Open or not, and until when: at every edge, and against a look at every instant."""

import msgspec
import pytest
from cattrs.preconf.msgspec import make_converter
from hypothesis import given
from hypothesis import strategies as st

from acd.core.hours import ALWAYS_OPEN, FOREVER, Calendar, is_open, next_change

OFFICE = Calendar(spans=((10, 20), (30, 40)), known_until=50)


@pytest.mark.parametrize(
    ("at", "open_then", "change"),
    [
        (0, False, 10),
        (9, False, 10),
        (10, True, 20),
        (19, True, 20),
        (20, False, 30),
        (39, True, 40),
        (40, False, None),
        (49, False, None),
        (50, True, None),  # Nothing is known: nobody is sent away.
        (99, True, None),
    ],
)
def test_the_edges(at: int, open_then: bool, change: int | None):
    assert is_open(OFFICE, at) is open_then
    assert next_change(OFFICE, at) == change


def test_a_span_that_was_cut_by_the_horizon_does_not_close_there():
    cut = Calendar(spans=((10, 50),), known_until=50)
    assert (is_open(cut, 49), next_change(cut, 49)) == (True, None)


def test_never_open():
    never = Calendar(spans=(), known_until=50)
    assert (is_open(never, 0), next_change(never, 0)) == (False, None)


@pytest.mark.parametrize("at", [0, 1_780_000_000_000, FOREVER - 1, FOREVER])
def test_always_open(at: int):
    assert (is_open(ALWAYS_OPEN, at), next_change(ALWAYS_OPEN, at)) == (True, None)


@pytest.mark.parametrize(
    "spans", [((10, 10),), ((20, 10),), ((10, 20), (20, 30)), ((30, 40), (10, 20)), ((40, 51),)]
)
def test_spans_that_no_edge_of_ours_makes_are_our_bug(spans: tuple[tuple[int, int], ...]):
    with pytest.raises(AssertionError):
        Calendar(spans=spans, known_until=50)


@pytest.mark.parametrize("calendar", [OFFICE, ALWAYS_OPEN])
def test_a_journal_keeps_it(calendar: Calendar):
    converter = make_converter(forbid_extra_keys=True)
    line = msgspec.json.encode(converter.unstructure(calendar))
    assert line == msgspec.json.encode(calendar)
    assert converter.structure(msgspec.json.decode(line), Calendar) == calendar


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    edges = sorted(draw(st.sets(st.integers(0, 60), max_size=12)))
    spans = tuple(zip(edges[::2], edges[1::2], strict=False))
    end = spans[-1][1] if spans else 0
    return Calendar(spans=spans, known_until=end + draw(st.integers(0, 5)))


@given(calendars())
def test_as_a_look_at_every_instant_says(calendar: Calendar):
    known = range(calendar.known_until)
    looks = [any(begin <= at < end for begin, end in calendar.spans) for at in known]
    assert [is_open(calendar, at) for at in known] == looks
    for at in known:
        changed = (later for later in known[at + 1 :] if looks[later] != looks[at])
        assert next_change(calendar, at) == next(changed, None)
