"""Walks a caller through a menu, one happening at a time; never waits, plays or remembers anything.

`enter` the menu, perform the actions, and report what came of them:

    Play    → `prompts_finished`, also when a prompt could not be played
    Listen  → `key_pressed` or `timed_out`, whichever is first
    a key   → `key_pressed`, at any time

until the place is None. A report that fits no longer (a time-out while a prompt plays) is late, and
late is normal: same place, no actions. What the walker cannot see is a report about an *earlier*
prompt or timer; whoever performs knows their ids and must drop those.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from ivr.steps import (
    SCALES,
    Ask,
    Branch,
    CallBack,
    Choose,
    Dialplan,
    Enqueue,
    Facts,
    HangUp,
    Menu,
    Prompt,
    Say,
    StepName,
    Type,
)

TYPING_MS = 2_000  # For the second key of a score that may have one.
DIGIT_MS = 4_000  # For the next digit of a number.
MOST_DIGITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a caller stands: in front of a prompt that plays, or (in a Choose or an Ask) of silence."""

    menu: str
    step: StepName
    attempt: int = 1
    playing: bool = True
    typed: str = ""  # Of a score or a number that is not whole yet.


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Play these prompts in order, then report `prompts_finished`."""

    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPrompts:
    """Stop what plays; its end is no longer to be reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Start the timer; a key ends it, otherwise report `timed_out`."""

    timeout_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCall:
    """The walk is over: queue the call."""

    queue: str
    priority: int = 0
    requires: str = ""
    reason: str = ""
    consent: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCall:
    """The walk is over: hang up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveToDialplan:
    """The walk is over: set CORDBOARD_RESULT and let the dialplan continue."""

    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The caller has answered a question of a survey; the walk goes on."""

    question: str
    scale: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The caller has typed a number; the walk goes on."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCallBack:
    """See that he is called back from this queue, then report `called_back`."""

    queue: str


Action: TypeAlias = (
    Play
    | StopPrompts
    | Listen
    | Scored
    | Typed
    | AskCallBack
    | QueueCall
    | EndCall
    | LeaveToDialplan
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What follows from a happening; a place of None means that the walk is over."""

    place: Place | None
    actions: tuple[Action, ...] = ()


def enter(menu: Menu, facts: Facts) -> Walk:
    return _go(menu, menu.start, facts)


def prompts_finished(menu: Menu, place: Place, facts: Facts) -> Walk:
    if not place.playing:
        return Walk(place=place)
    match _step_at(menu, place):
        case Say(then=then):
            return _go(menu, then, facts)
        case (
            Choose(timeout_ms=timeout_ms) | Ask(timeout_ms=timeout_ms) | Type(timeout_ms=timeout_ms)
        ):
            return Walk(
                place=replace(place, playing=False), actions=(Listen(timeout_ms=timeout_ms),)
            )
        case HangUp():
            return Walk(place=None, actions=(EndCall(),))
        case CallBack():
            return Walk(place=place)
        case None:
            return enter(menu, facts)


def key_pressed(menu: Menu, place: Place, key: str, facts: Facts) -> Walk:
    match _step_at(menu, place):
        case Choose() as choose:
            walk = (
                _go(menu, choose.keys[key], facts)
                if key in choose.keys
                else _try_again(menu, place, choose, facts)
            )
        case Ask() as ask:
            walk = _type(menu, place, ask, key, facts)
        case Type() as step:
            walk = _dial(menu, place, step, key, facts)
        case None:
            walk = enter(menu, facts)
        case Say() | HangUp() | CallBack():
            return Walk(place=place)
    # Any key at a choice silences the prompt, also a wrong one: who presses has stopped listening.
    return replace(walk, actions=(StopPrompts(), *walk.actions)) if place.playing else walk


def timed_out(menu: Menu, place: Place, facts: Facts) -> Walk:
    if place.playing:
        return Walk(place=place)
    match _step_at(menu, place):
        case Ask() as ask if place.typed:
            return _score(menu, ask, place.typed, facts)
        case Type() as step if place.typed:
            return _go_with(menu, step.then, Typed(digits=place.typed), facts)
        case Choose() | Ask() | Type() as step:
            return _try_again(menu, place, step, facts)
        case CallBack():
            return Walk(place=place)
        case _:
            return enter(menu, facts)


def called_back(menu: Menu, place: Place, agreed: bool, facts: Facts) -> Walk:
    """He will be called back, or cannot be."""
    match _step_at(menu, place):
        case CallBack() as step:
            return _go(menu, step.then if agreed else step.otherwise, facts)
        case _:
            return Walk(place=place)


def _step_at(menu: Menu, place: Place) -> Say | Choose | Ask | Type | CallBack | HangUp | None:
    """The step a caller stands at, or None if the menu was changed under the caller's feet.

    Menus may be loaded anew while people listen to them. Who stands where nobody can stand any more
    starts over: that is a moment's annoyance, and a lost caller would wait forever.
    """
    assert place.menu == menu.id, f"a place in {place.menu!r} was taken to menu {menu.id!r}"
    match menu.steps.get(place.step):
        case Choose() | Ask() | Type() | CallBack() as step:
            return step
        case Say() | HangUp() as step if place.playing:
            return step
        case _:
            return None


def _try_again(menu: Menu, place: Place, step: Choose | Ask | Type, facts: Facts) -> Walk:
    if place.attempt >= step.attempts:
        return _go(menu, step.otherwise, facts)
    return Walk(
        place=replace(place, attempt=place.attempt + 1, playing=True, typed=""),
        actions=(Play(prompts=step.prompts),),
    )


def _type(menu: Menu, place: Place, ask: Ask, key: str, facts: Facts) -> Walk:
    """One more key of a score. Who has typed 1 may mean ten, so there is a moment for the 0."""
    scores = [str(score) for score in SCALES[ask.scale]]
    typed = place.typed + key
    if any(score != typed and score.startswith(typed) for score in scores):
        return Walk(
            place=replace(place, typed=typed, playing=False),
            actions=(Listen(timeout_ms=TYPING_MS),),
        )
    if typed in scores:
        return _score(menu, ask, typed, facts)
    # Another key after a whole score: that he meant, and the key is none of it.
    return (
        _score(menu, ask, place.typed, facts)
        if place.typed in scores
        else _try_again(menu, place, ask, facts)
    )


def _score(menu: Menu, ask: Ask, typed: str, facts: Facts) -> Walk:
    scored = Scored(question=ask.question, scale=ask.scale, score=int(typed))
    return _go_with(menu, ask.then, scored, facts)


def _dial(menu: Menu, place: Place, step: Type, key: str, facts: Facts) -> Walk:
    """One more digit of a number."""
    if key == "#":
        if not place.typed:
            return _try_again(menu, place, step, facts)
        return _go_with(menu, step.then, Typed(digits=place.typed), facts)
    typed = "" if key == "*" else (place.typed + key)[:MOST_DIGITS]
    timeout_ms = DIGIT_MS if typed else step.timeout_ms
    return Walk(
        place=replace(place, typed=typed, playing=False), actions=(Listen(timeout_ms=timeout_ms),)
    )


def _go_with(menu: Menu, name: StepName, said: Scored | Typed, facts: Facts) -> Walk:
    walk = _go(menu, name, facts)
    return replace(walk, actions=(said, *walk.actions))


def _go(menu: Menu, name: StepName, facts: Facts) -> Walk:
    """Walk on from a step's door until there is something to hear, or the menu ends."""
    for _ in menu.steps:  # falling through more steps than there are would be going in circles
        match menu.steps[name]:
            case Say(prompts=(), then=then):
                name = then
            case Branch(cases=cases, otherwise=otherwise):
                name = next((step for case, step in cases if case.holds(facts)), otherwise)
            case HangUp(prompts=()):
                return Walk(place=None, actions=(EndCall(),))
            case (
                Say(prompts=prompts)
                | Choose(prompts=prompts)
                | Ask(prompts=prompts)
                | Type(prompts=prompts)
                | HangUp(prompts=prompts)
            ):
                assert prompts, f"step {name!r} asks for a key without saying so"
                return Walk(place=Place(menu=menu.id, step=name), actions=(Play(prompts=prompts),))
            case CallBack(queue=queue):
                waits = Place(menu=menu.id, step=name, playing=False)
                return Walk(place=waits, actions=(AskCallBack(queue=queue),))
            case Enqueue() as end:
                queued = QueueCall(
                    queue=end.queue,
                    priority=end.priority,
                    requires=end.requires,
                    reason=end.reason,
                    consent=end.consent,
                )
                return Walk(place=None, actions=(queued,))
            case Dialplan(result=result):
                return Walk(place=None, actions=(LeaveToDialplan(result=result),))
            case _ as never:
                assert_never(never)
    raise AssertionError(f"menu {menu.id!r} goes in circles at step {name!r}")
