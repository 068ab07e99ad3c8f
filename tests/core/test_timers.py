"""Deadlines: one per key, in order of time, ties as they were set, none left behind."""

from hypothesis import given
from hypothesis import strategies as st

from acd.core.ids import CallId
from acd.core.timers import MenuTimeout, RenewDue, RestOver, Timers

ONE, TWO = MenuTimeout(CallId("1")), MenuTimeout(CallId("2"))


def test_in_order_of_time_and_ties_as_they_were_set():
    timers = Timers()
    timers.set(TWO, 5)
    timers.set(RenewDue(CallId("1")), 5)
    timers.set(ONE, 4)
    assert list(timers.due(5)) == [ONE, TWO, RenewDue(CallId("1"))]
    assert timers.next_at() is None


def test_set_again_it_moves_and_cancelled_it_is_gone():
    timers = Timers()
    timers.set(ONE, 5)
    timers.set(ONE, 9)
    timers.set(TWO, 7)
    timers.cancel("2", MenuTimeout)
    timers.cancel("ana", RestOver)
    assert timers.next_at() == 9
    assert list(timers.due(8)) == []
    assert list(timers.due(9)) == [ONE]


def test_what_is_set_while_others_fire_is_seen():
    timers = Timers()
    timers.set(ONE, 1)
    fired = []
    for deadline in timers.due(3):
        fired.append(deadline)
        if deadline == ONE:
            timers.set(TWO, 2)
    assert fired == [ONE, TWO]


def test_a_deadline_that_is_moved_without_end_takes_no_room():
    timers = Timers()
    for at in range(10_000):
        timers.set(ONE, at)
    assert len(timers._heap) < 100


def test_what_is_swept_out_is_what_is_due_no_more():
    timers = Timers()
    others = [RenewDue(CallId(str(number))) for number in range(100)]
    for at, other in enumerate(others):
        timers.set(other, at)
    for at in range(300):
        timers.set(ONE, at)
    assert len(timers._heap) == 400, "one sweep is a walk over all of them: not at every step"
    for at in range(1_000):
        timers.set(ONE, 1_000 + at)
    assert list(timers.due(2_000)) == [*others, ONE]


KEYS = [MenuTimeout(CallId(name)) for name in "abc"]
ACTS = st.tuples(
    st.sampled_from(["set", "cancel", "due"]), st.sampled_from(KEYS), st.integers(0, 50)
)


@given(st.lists(ACTS, max_size=200))
def test_like_a_dictionary_of_deadlines(acts):
    timers, model, now = Timers(), {}, 0
    for act, key, delay in acts:
        if act == "set":
            timers.set(key, now + delay)
            model[key] = now + delay
        elif act == "cancel":
            timers.cancel(key.call, MenuTimeout)
            model.pop(key, None)
        else:
            now += delay
            fired = list(timers.due(now))
            assert sorted(fired, key=KEYS.index) == [
                k for k in KEYS if model.get(k, now + 1) <= now
            ]
            times = [model.pop(key) for key in fired]
            assert times == sorted(times)
        assert timers.next_at() == min(model.values(), default=None)
