"""The note on a caller's channel: what is written is read, and what is not ours is nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.centre import ID
from acd.core.ids import QueueId
from acd.core.saved import SavedPlace, read_saved, write_saved


@given(st.from_regex(ID, fullmatch=True), st.integers(), st.integers(), st.none() | st.integers())
def test_what_is_written_is_read(queue, priority, joined_at, connected_at):
    place = SavedPlace(
        queue=QueueId(queue), priority=priority, joined_at=joined_at, connected_at=connected_at
    )
    assert read_saved(write_saved(place)) == place


def test_the_note_of_who_waits_is_shorter_than_that_of_who_talks():
    waits = SavedPlace(queue=QueueId("support"), priority=5, joined_at=7)
    assert read_saved("support|5|7") == waits
    assert read_saved("support|5|7|9") == replace(waits, connected_at=9)


@given(st.text())
def test_any_text_is_read_without_harm(text):
    read_saved(text)


@pytest.mark.parametrize(
    "text", ["", "support", "support|1", "support|1|x", "support||5", "||", "a|1|2|", "a|1|2|3|4"]
)
def test_what_is_not_ours_is_nothing(text):
    assert read_saved(text) is None
