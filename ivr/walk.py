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
    Choose,
    Dialplan,
    Enqueue,
    Facts,
    HangUp,
    Menu,
    Prompt,
    Say,
    StepName,
)

TYPING_MS = 2_000  # For the second key of a score that may have one.


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a caller stands: in front of a prompt that plays, or (in a Choose or an Ask) of silence."""

    menu: str
    step: StepName
    attempt: int = 1
    playing: bool = True
    typed: str = ""  # Of a score that is not whole yet.


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


Action: TypeAlias = Play | StopPrompts | Listen | Scored | QueueCall | EndCall | LeaveToDialplan


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
        case Choose(timeout_ms=timeout_ms) | Ask(timeout_ms=timeout_ms):
            return Walk(
                place=replace(place, playing=False), actions=(Listen(timeout_ms=timeout_ms),)
            )
        case HangUp():
            return Walk(place=None, actions=(EndCall(),))
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
        case None:
            walk = enter(menu, facts)
        case Say() | HangUp():
            return Walk(place=place)
    # Any key at a choice silences the prompt, also a wrong one: who presses has stopped listening.
    return replace(walk, actions=(StopPrompts(), *walk.actions)) if place.playing else walk


def timed_out(menu: Menu, place: Place, facts: Facts) -> Walk:
    if place.playing:
        return Walk(place=place)
    match _step_at(menu, place):
        case Ask() as ask if place.typed:
            return _score(menu, ask, place.typed, facts)
        case Choose() | Ask() as step:
            return _try_again(menu, place, step, facts)
        case _:
            return enter(menu, facts)


def _step_at(menu: Menu, place: Place) -> Say | Choose | Ask | HangUp | None:
    """The step a caller stands at, or None if the menu was changed under the caller's feet.

    Menus may be loaded anew while people listen to them. Who stands where nobody can stand any more
    starts over: that is a moment's annoyance, and a lost caller would wait forever.
    """
    assert place.menu == menu.id, f"a place in {place.menu!r} was taken to menu {menu.id!r}"
    match menu.steps.get(place.step):
        case Choose() | Ask() as step:
            return step
        case Say() | HangUp() as step if place.playing:
            return step
        case _:
            return None


def _try_again(menu: Menu, place: Place, step: Choose | Ask, facts: Facts) -> Walk:
    if place.attempt >= step.attempts:
        return _go(menu, step.otherwise, facts)
    return Walk(
        place=replace(place, attempt=place.attempt + 1, playing=True),
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
    walk = _go(menu, ask.then, facts)
    scored = Scored(question=ask.question, scale=ask.scale, score=int(typed))
    return replace(walk, actions=(scored, *walk.actions))


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
                | HangUp(prompts=prompts)
            ):
                assert prompts, f"step {name!r} asks for a key without saying so"
                return Walk(place=Place(menu=menu.id, step=name), actions=(Play(prompts=prompts),))
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
