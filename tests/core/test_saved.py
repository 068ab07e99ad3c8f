"""The note on a caller's channel: what is written is read, and what is not ours is nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.ids import QueueId
from acd.core.saved import SavedPlace, read_saved, write_saved


@given(st.text(), st.integers(), st.integers())
def test_what_is_written_is_read(queue, priority, joined_at):
    place = SavedPlace(queue=QueueId(queue), priority=priority, joined_at=joined_at)
    assert read_saved(write_saved(place)) == place


@given(st.text())
def test_any_text_is_read_without_harm(text):
    read_saved(text)


@pytest.mark.parametrize("text", ["", "support", "support|1", "support|1|x", "support||5", "||"])
def test_what_is_not_ours_is_nothing(text):
    assert read_saved(text) is None
