"""What the arrows between steps promise about every caller; never sees a file or a caller.

Both questions take the steps as they are, known targets or not: an arrow to nowhere is the business
of the loader, which knows the line it was written on.
"""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from ivr.steps import (
    Ask,
    Branch,
    CallBack,
    Choose,
    Dialplan,
    Enqueue,
    HangUp,
    Say,
    Step,
    StepName,
    Type,
)


def silent_arrows(step: Step) -> tuple[StepName, ...]:
    """Where a caller may get to who presses nothing."""
    match step:
        case Say(then=then):
            return (then,)
        case Choose(otherwise=otherwise) | Ask(otherwise=otherwise) | Type(otherwise=otherwise):
            return (otherwise,)
        case CallBack(then=then, otherwise=otherwise):
            return (then, otherwise)
        case Branch(cases=cases, otherwise=otherwise):
            return (*(target for _, target in cases), otherwise)
        case Enqueue() | HangUp() | Dialplan():
            return ()


def arrows(step: Step) -> tuple[StepName, ...]:
    """Where any caller may get to."""
    match step:
        case Choose(keys=keys):
            return (*keys.values(), *silent_arrows(step))
        case Ask(then=then) | Type(then=then):
            return (then, *silent_arrows(step))
        case _:
            return silent_arrows(step)


def unreachable(start: StepName, steps: Mapping[StepName, Step]) -> list[StepName]:
    """The steps which no caller can ever come to, in the order of the menu."""
    reached = {start}
    ahead = [start]
    while ahead:
        step = steps.get(ahead.pop())
        fresh = [name for name in (arrows(step) if step else ()) if name not in reached]
        reached.update(fresh)
        ahead.extend(fresh)
    return [name for name in steps if name not in reached]


def silent_circles(steps: Mapping[StepName, Step]) -> Iterator[list[StepName]]:
    """Ways on which a silent caller would go round forever; each begins with its first step.

    Which case of a branch holds is not asked: a circle that today's facts happen to avoid is still
    a trap for tomorrow's caller. A circle that needs a key press is the caller's own doing.
    """
    order = {name: position for position, name in enumerate(steps)}
    rest = {name: silent_arrows(step) for name, step in steps.items()}
    while True:
        try:
            TopologicalSorter(rest).prepare()
        except CycleError as error:
            # The sorter reads arrows as "comes after", so its circle is written backwards; its
            # last name repeats the first.
            circle = list(reversed(error.args[1]))[1:]
            first = circle.index(min(circle, key=order.__getitem__))
            yield circle[first:] + circle[:first]
            for name in circle:  # a step is blamed once
                del rest[name]
        else:
            return
