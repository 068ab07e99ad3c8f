"""The walker: what callers do and hear, and what it promises for every menu there can be."""

from collections.abc import Iterator
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.arrows import arrows, silent_circles, unreachable
from ivr.steps import (
    KEYS,
    SCALES,
    Ask,
    Branch,
    Choose,
    Condition,
    Dialplan,
    Enqueue,
    Facts,
    HangUp,
    Menu,
    Say,
    Step,
)
from ivr.walk import (
    Action,
    EndCall,
    LeaveToDialplan,
    Listen,
    Place,
    Play,
    QueueCall,
    StopPrompts,
    Walk,
    enter,
    key_pressed,
    prompts_finished,
    timed_out,
)

FINISHED = "finished"
TIMEOUT = "timeout"
Happening: TypeAlias = str  # a key, or one of the two above

FIRST_CALL = Facts()
SECOND_CALL = Facts(repeat_count=1)

MENU = Menu(
    id="main",
    start="hello",
    steps={
        "hello": Branch(
            cases=((Condition(repeat_caller=True), "welcome_back"),), otherwise="welcome"
        ),
        "welcome": Say(prompts=("hello-world",), then="nothing"),
        "welcome_back": Say(prompts=("queue-thankyou",), then="team"),
        "nothing": Say(prompts=(), then="team"),
        "team": Choose(
            prompts=("vm-press", "digits/1"),
            keys={"1": "support", "8": "bye", "9": "hello", "0": "desk", "*": "slam"},
            otherwise="desk",
            timeout_ms=5_000,
            attempts=2,
        ),
        "support": Enqueue(queue="support", priority=3),
        "desk": Dialplan(result="desk"),
        "bye": HangUp(prompts=("vm-goodbye",)),
        "slam": HangUp(),
    },
)

HELLO = Play(prompts=("hello-world",))
HELLO_AGAIN = Play(prompts=("queue-thankyou",))
ASK = Play(prompts=("vm-press", "digits/1"))
LISTEN = Listen(timeout_ms=5_000)
GOODBYE = Play(prompts=("vm-goodbye",))
STOP = StopPrompts()
SUPPORT = QueueCall(queue="support", priority=3)
DESK = LeaveToDialplan(result="desk")


def happen(menu: Menu, place: Place, happening: Happening, facts: Facts) -> Walk:
    if happening == FINISHED:
        return prompts_finished(menu, place, facts)
    if happening == TIMEOUT:
        return timed_out(menu, place, facts)
    return key_pressed(menu, place, happening, facts)


def heard(*happenings: Happening, facts: Facts = FIRST_CALL) -> list[Action]:
    """All actions of a walk through MENU, from its door to the last happening."""
    walk = enter(MENU, facts)
    actions = [*walk.actions]
    for happening in happenings:
        assert walk.place is not None, f"the walk was over before {happening!r}"
        walk = happen(MENU, walk.place, happening, facts)
        actions.extend(walk.actions)
    if actions[-1:] and isinstance(actions[-1], QueueCall | EndCall | LeaveToDialplan):
        assert walk.place is None
    else:
        assert walk.place is not None
    return actions


F, T = FINISHED, TIMEOUT


@pytest.mark.parametrize(
    ("happenings", "expected"),
    [
        pytest.param([], [HELLO], id="greeted"),
        pytest.param([F], [HELLO, ASK], id="asked"),
        pytest.param([F, F], [HELLO, ASK, LISTEN], id="listened to"),
        pytest.param([F, F, "1"], [HELLO, ASK, LISTEN, SUPPORT], id="a key in time"),
        pytest.param([F, "1"], [HELLO, ASK, STOP, SUPPORT], id="a key during the prompt"),
        pytest.param(["1", F], [HELLO, ASK], id="a key during the greeting is ignored"),
        pytest.param(
            [F, F, T, F, "1"],
            [HELLO, ASK, LISTEN, ASK, LISTEN, SUPPORT],
            id="asked twice",
        ),
        pytest.param(
            [F, F, T, F, T], [HELLO, ASK, LISTEN, ASK, LISTEN, DESK], id="silent to the end"
        ),
        pytest.param([F, F, "7"], [HELLO, ASK, LISTEN, ASK], id="a wrong key costs an attempt"),
        pytest.param([F, "7"], [HELLO, ASK, STOP, ASK], id="a wrong key during the prompt"),
        pytest.param([F, "7", "7"], [HELLO, ASK, STOP, ASK, STOP, DESK], id="wrong to the end"),
        pytest.param([F, "9"], [HELLO, ASK, STOP, HELLO], id="back to the start"),
        pytest.param(
            [F, F, T, "9", F, F, T],
            [HELLO, ASK, LISTEN, ASK, STOP, HELLO, ASK, LISTEN, ASK],
            id="attempts count anew",
        ),
        pytest.param([F, "8", F], [HELLO, ASK, STOP, GOODBYE, EndCall()], id="goodbye"),
        pytest.param([F, "8", "1", F], [HELLO, ASK, STOP, GOODBYE, EndCall()], id="too late"),
        pytest.param([F, "*"], [HELLO, ASK, STOP, EndCall()], id="hung up without a word"),
        pytest.param([F, T, F], [HELLO, ASK, LISTEN], id="a late time-out is no news"),
        pytest.param([F, F, F], [HELLO, ASK, LISTEN], id="a late end of a prompt is no news"),
    ],
)
def test_what_a_caller_hears(happenings: list[Happening], expected: list[Action]) -> None:
    assert heard(*happenings) == expected


def test_repeat_callers_are_greeted_differently() -> None:
    assert heard(FINISHED, facts=SECOND_CALL) == [HELLO_AGAIN, ASK]


def test_a_place_is_all_there_is_to_remember() -> None:
    place = Place(menu="main", step="team", attempt=2, playing=False)
    assert timed_out(MENU, place, FIRST_CALL) == Walk(place=None, actions=(DESK,))


VIP = Facts(repeat_count=2, known_customer=True, segment="vip", language="de")


@pytest.mark.parametrize(
    ("condition", "first_call", "vip"),
    [
        (Condition(), True, True),
        (Condition(repeat_caller=True), False, True),
        (Condition(repeat_caller=False), True, False),
        (Condition(repeat_count_at_least=2), False, True),
        (Condition(repeat_count_at_least=3), False, False),
        (Condition(known_customer=True), False, True),
        (Condition(known_customer=False), True, False),
        (Condition(segment="vip"), False, True),
        (Condition(segment="gold"), False, False),
        (Condition(language="en"), True, False),
        (Condition(language="de", segment="vip", repeat_caller=True), False, True),
        (Condition(language="de", segment="gold", repeat_caller=True), False, False),
    ],
)
def test_conditions(condition: Condition, first_call: bool, vip: bool) -> None:
    assert condition.holds(FIRST_CALL) is first_call
    assert condition.holds(VIP) is vip


@pytest.mark.parametrize(
    ("step", "playing", "happening", "actions"),
    [
        ("gone", True, FINISHED, (HELLO,)),
        ("gone", False, TIMEOUT, (HELLO,)),
        ("gone", True, "1", (STOP, HELLO)),
        ("support", False, "1", (HELLO,)),  # nobody stands in a queue step
        ("welcome", False, TIMEOUT, (HELLO,)),  # nor listens in a greeting
        ("welcome", False, "1", (HELLO,)),
    ],
)
def test_who_stands_in_a_step_that_a_new_menu_lacks_starts_over(
    step: str, playing: bool, happening: Happening, actions: tuple[Action, ...]
) -> None:
    place = Place(menu="main", step=step, playing=playing)
    again = Place(menu="main", step="welcome")
    assert happen(MENU, place, happening, FIRST_CALL) == Walk(place=again, actions=actions)


def test_a_menu_that_goes_in_circles_is_our_bug() -> None:
    menu = Menu(id="m", start="a", steps={"a": Say(prompts=(), then="a")})
    with pytest.raises(AssertionError, match="goes in circles"):
        enter(menu, FIRST_CALL)


def test_a_place_of_another_menu_is_our_bug() -> None:
    with pytest.raises(AssertionError, match="was taken to menu"):
        timed_out(MENU, Place(menu="other", step="team", playing=False), FIRST_CALL)


# --- what holds for every menu there can be ---------------------------------------------------

conditions = st.builds(
    Condition,
    repeat_caller=st.none() | st.booleans(),
    repeat_count_at_least=st.none() | st.integers(1, 3),
    known_customer=st.none() | st.booleans(),
    segment=st.none() | st.sampled_from(["vip", "gold"]),
    language=st.none() | st.sampled_from(["en", "de"]),
)
facts_of_callers = st.builds(
    Facts,
    repeat_count=st.integers(0, 3),
    known_customer=st.booleans(),
    segment=st.none() | st.sampled_from(["vip", "gold"]),
    language=st.sampled_from(["en", "de"]),
)
happenings_of_callers = st.lists(st.sampled_from([FINISHED, TIMEOUT, *KEYS, "A"]), max_size=60)
prompts = st.lists(st.sampled_from(["hello-world", "digits/1"]), max_size=2).map(tuple)
ends: st.SearchStrategy[Step] = st.one_of(
    st.builds(Enqueue, queue=st.just("support"), priority=st.integers(0, 100)),
    st.builds(HangUp, prompts=prompts),
    st.just(Dialplan(result="done")),
)


def steps_between(silent: list[str], pressed: list[str]) -> st.SearchStrategy[Step]:
    """Steps whose arrows go to `silent`, or for a pressed key to `pressed`."""
    target = st.sampled_from(silent)
    return st.one_of(
        st.builds(Say, prompts=prompts, then=target),
        st.builds(
            Branch, cases=st.lists(st.tuples(conditions, target)).map(tuple), otherwise=target
        ),
        st.builds(
            Choose,
            prompts=st.just(("vm-press",)),
            keys=st.dictionaries(st.sampled_from(KEYS), st.sampled_from(pressed), max_size=4),
            otherwise=target,
            timeout_ms=st.integers(1_000, 60_000),
            attempts=st.integers(1, 3),
        ),
        st.builds(
            Ask,
            scale=st.sampled_from(sorted(SCALES)),
            question=st.just("pleased"),
            prompts=st.just(("vm-press",)),
            then=target,
            otherwise=target,
            attempts=st.integers(1, 3),
        ),
    )


@st.composite
def menus(draw: st.DrawFn, *, keys_lead_anywhere: bool = True) -> Menu:
    """Menus as the loader lets them in: silence leads onwards, keys may lead back."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 8)))]
    steps: dict[str, Step] = {}
    for number, name in enumerate(names):
        onwards = names[number + 1 :]
        between = steps_between(onwards, names if keys_lead_anywhere else onwards)
        steps[name] = draw(ends | between if onwards else ends)
    return Menu(id="any", start="s0", steps=steps)


def patience(menu: Menu) -> int:
    """No silent caller is told or asked more often than this."""
    return sum(2 * s.attempts if isinstance(s, Choose | Ask) else 1 for s in menu.steps.values())


def silence(menu: Menu, walk: Walk, facts: Facts) -> Iterator[Walk]:
    while walk.place is not None:
        happening = FINISHED if walk.place.playing else TIMEOUT
        walk = happen(menu, walk.place, happening, facts)
        yield walk


@given(menus(), facts_of_callers, happenings_of_callers)
def test_silence_ends_a_walk_after_anything_whatsoever(
    menu: Menu, facts: Facts, happenings: list[Happening]
) -> None:
    walk = enter(menu, facts)
    for happening in happenings:
        if walk.place is None:
            break
        walk = happen(menu, walk.place, happening, facts)
        assert len(walk.actions) <= 3  # Silence, a score, and what follows.
    assert len(list(silence(menu, walk, facts))) <= patience(menu)


@given(menus(keys_lead_anywhere=False), facts_of_callers, st.data())
def test_without_keys_that_lead_back_every_walk_is_short(
    menu: Menu, facts: Facts, data: st.DataObject
) -> None:
    walk = enter(menu, facts)
    news = 0
    while walk.place is not None:
        late = TIMEOUT if walk.place.playing else FINISHED
        assert happen(menu, walk.place, late, facts) == Walk(place=walk.place)
        due = FINISHED if walk.place.playing else TIMEOUT
        happening = data.draw(st.sampled_from([due, *KEYS]))
        following = happen(menu, walk.place, happening, facts)
        if following.place == walk.place:  # only a key at a place which takes none
            assert happening in KEYS and following.actions == ()
            following = happen(menu, walk.place, due, facts)
        walk = following
        news += 1
        assert news <= patience(menu)


@given(menus(), facts_of_callers, happenings_of_callers)
def test_actions_and_places_agree(menu: Menu, facts: Facts, happenings: list[Happening]) -> None:
    """A playing place was told to play, a listening one to listen, and no place means one end."""
    walk = enter(menu, facts)
    for happening in happenings:
        last = walk.actions[-1]
        match walk.place:
            case None:
                assert isinstance(last, QueueCall | EndCall | LeaveToDialplan)
                return
            case Place(playing=True):
                assert isinstance(last, Play) and last.prompts
            case Place(playing=False):
                assert isinstance(last, Listen)
        following = happen(menu, walk.place, happening, facts)
        if following.actions:
            stopped = StopPrompts() in following.actions
            assert stopped == (walk.place.playing and happening not in (FINISHED, TIMEOUT))
            walk = following
        else:
            assert following.place == walk.place


# --- arrows -----------------------------------------------------------------------------------


@st.composite
def tangles(draw: st.DrawFn) -> dict[str, Step]:
    """Steps with arrows to anywhere, as only a careless hand writes them."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 7)))]
    return {name: draw(ends | steps_between(names, names)) for name in names}


@given(tangles(), facts_of_callers)
def test_only_circles_keep_a_silent_caller(steps: dict[str, Step], facts: Facts) -> None:
    if list(silent_circles(steps)):
        return
    menu = Menu(id="any", start="s0", steps=steps)
    assert len(list(silence(menu, enter(menu, facts), facts))) <= patience(menu)


@given(tangles())
def test_circles_are_ways_that_exist(steps: dict[str, Step]) -> None:
    for circle in silent_circles(steps):
        assert circle[0] == min(circle)
        for name, following in zip(circle, [*circle[1:], circle[0]], strict=True):
            assert following in arrows(steps[name])


@given(tangles(), facts_of_callers, happenings_of_callers)
def test_nobody_gets_where_nobody_gets(
    steps: dict[str, Step], facts: Facts, happenings: list[Happening]
) -> None:
    if list(silent_circles(steps)):
        return
    menu = Menu(id="any", start="s0", steps=steps)
    closed = unreachable("s0", steps)
    walk = enter(menu, facts)
    for happening in happenings:
        if walk.place is None:
            break
        assert walk.place.step not in closed
        walk = happen(menu, walk.place, happening, facts)
