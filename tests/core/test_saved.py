"""The note on a caller's channel: what is written is read, and what is not ours is nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.centre.file import ID
from acd.core.ids import QueueId
from acd.core.recording import Recording, RecordingState
from acd.core.saved import SavedPlace, read_saved, write_saved

TIMES = st.none() | st.integers()
REQUIRED = st.lists(
    st.sampled_from(["fridge", "a >= 60 or not b", "(a or b) and c < 5"]), unique=True
)


@given(
    st.from_regex(ID, fullmatch=True),
    st.integers(),
    st.integers(),
    TIMES,
    TIMES,
    REQUIRED.map(tuple),
    st.none() | st.sampled_from(["repair", "4-g"]),
    st.sampled_from([None, True, False]),
    st.none()
    | st.builds(
        Recording,
        part=st.integers(1),
        state=st.sampled_from(sorted({*RecordingState} - {RecordingState.STARTING})),
        withheld=st.booleans(),
    ),
)
def test_what_is_written_is_read(
    queue, priority, joined_at, connected_at, placed_at, requires, reason, consent, recording
):
    place = SavedPlace(
        queue=QueueId(queue),
        priority=priority,
        joined_at=joined_at,
        connected_at=connected_at,
        placed_at=placed_at,
        requires=requires,
        reason=reason,
        consent=consent,
        recording=recording,
    )
    assert read_saved(write_saved(place)) == place


def test_a_note_says_no_more_than_there_is_and_an_older_one_is_read():
    waits = SavedPlace(queue=QueueId("support"), priority=5, joined_at=7)
    assert write_saved(waits) == "support|5|7"
    assert read_saved("support|5|7") == waits
    assert read_saved("support|5|7|9") == replace(waits, connected_at=9)


@given(st.text())
def test_any_text_is_read_without_harm(text):
    read_saved(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "support",
        "a|1",
        "a|1|x",
        "a||5",
        "||",
        "a|1|2|x",
        "a|1|2|3|4|b c",
        "a|1|2||||||||",
        "a|1|2|||||maybe",
        "a|1|2||||||1:loud",
        "a|1|2||||||one:running",
        "a|1|2||||B",
    ],
)
def test_what_is_not_ours_is_nothing(text):
    assert read_saved(text) is None
