"""A call comes and is recognised, and begins in a menu or a queue; nothing here rings an agent."""

from collections.abc import Iterator

from acd.core.call import IN_QUEUE, Call, CallState
from acd.core.commands import IdentifyCaller
from acd.core.events import CallArrived, CallerIdentified, Entry
from acd.core.handlers import walking
from acd.core.handlers.saving import keep
from acd.core.handlers.waiting import (
    UNKNOWN_MENU,
    enqueue,
    release,
    resume_callback,
    resume_place,
)
from acd.core.ids import MenuId, QueueId, call_of
from acd.core.matching import Output
from acd.core.notices import CallerRecognised, CallStarted, Misconfigured
from acd.core.state import State
from acd.core.timers import IdentifyOverdue, RenewDue
from acd.core.wishes import (
    NO_WISHES,
    BadWish,
    Wishes,
    consent_of,
    customer_of,
    language_of,
    priority_of,
    reason_of,
    requirement_of,
)


def call_arrived(state: State, event: CallArrived) -> Iterator[Output]:
    """The dialplan gives us a call: ask who it is before anything else."""
    if call_of(event.channel) in state.calls:
        return  # Late: told twice, by an event and by a look at what is there.
    call = Call(
        id=call_of(event.channel),
        number=event.number,
        name=event.name,
        dialled=event.dialled,
        entry=event.entry,
        target=event.target,
        arrived_at=event.at,
    )
    yield from admit(state, call, event.wishes, event.at)
    state.timers.set(IdentifyOverdue(call.id), event.at + state.configuration.limits.identify_ms)


def admit(state: State, call: Call, wishes: Wishes, at: int) -> Iterator[Output]:
    """This call is ours from now on."""
    state.calls[call.id] = call
    state.timers.set(RenewDue(call.id), at + state.configuration.limits.dead_man_ms // 3)
    yield CallStarted(
        at=at,
        call=call.id,
        number=call.number,
        name=call.name,
        dialled=call.dialled,
        entry=call.entry,
        target=call.target,
        direction=call.direction,
    )
    yield from _grant(state, call, wishes, at)
    yield IdentifyCaller(
        call=call.id,
        number=call.number,
        at=call.arrived_at,
        window_ms=state.configuration.repeat_window_ms,
        customer=call.customer,
        told=call.told,
    )


def _grant(state: State, call: Call, wishes: Wishes, at: int) -> Iterator[Output]:
    """What the dialplan wishes for this call; a wish that cannot be understood is told of, and left out."""
    if wishes == NO_WISHES:
        return
    try:
        if text := requirement_of(wishes.requires, state.skills):
            call.requires = (text,)
    except BadWish as error:
        yield _misunderstood(call, "CORDBOARD_REQUIRES", error, at)
    try:
        call.priority = priority_of(wishes.priority)
    except BadWish as error:
        yield _misunderstood(call, "CORDBOARD_PRIORITY", error, at)
    try:
        call.language = language_of(wishes.language)
    except BadWish as error:
        yield _misunderstood(call, "CORDBOARD_LANGUAGE", error, at)
    try:
        call.reason = reason_of(wishes.reason)
    except BadWish as error:
        yield _misunderstood(call, "CORDBOARD_REASON", error, at)
    try:
        call.consent = consent_of(wishes.consent)
    except BadWish as error:
        call.consent = False  # Whatever was meant, it was not a yes.
        yield _misunderstood(call, "CORDBOARD_CONSENT", error, at)
    try:
        call.told = customer_of(wishes.customer)
    except BadWish as error:
        yield _misunderstood(call, "ARG4", error, at)


def _misunderstood(call: Call, variable: str, why: BadWish, at: int) -> Misconfigured:
    problem = f"the dialplan's {variable} for extension {call.dialled!r} is ignored: {why}"
    return Misconfigured(at=at, call=call.id, problem=problem)


def caller_identified(state: State, event: CallerIdentified) -> Iterator[Output]:
    """The directory has answered, in time or late; an agent who already talks gets a late pop."""
    call = state.calls.get(event.call)
    if call is None or call.identified:
        return  # Late: the caller has gone, or we have been told.
    call.identity = event.identity
    call.identity = state.identity_of(call)
    call.identified = True
    if call.told is not None and not event.identity.is_told(call.told):
        nobody = BadWish("customer: nobody of this id is listed")
        yield _misunderstood(call, "ARG4", nobody, event.at)
    in_time = call.state is CallState.ARRIVED
    yield CallerRecognised(at=event.at, call=call.id, identity=call.identity, late=not in_time)
    if in_time:
        state.timers.cancel(call.id, IdentifyOverdue)
        yield from begin(state, call, event.at)
    elif call.state in IN_QUEUE and call.queue in state.queues:
        yield from resume_callback(state, call, event.at)
        yield from resume_place(state, call, event.at)
        state.wait(call)  # What he is worth is known now.
        yield keep(call, event.at)


def identify_overdue(state: State, deadline: IdentifyOverdue, at: int) -> Iterator[Output]:
    """A directory that hangs must not delay a caller."""
    call = state.calls.get(deadline.call)
    if call is not None and call.state is CallState.ARRIVED:
        yield from begin(state, call, at)


def begin(state: State, call: Call, at: int) -> Iterator[Output]:
    """Begin where the dialplan wants it: in a queue or in a menu."""
    match call.entry:
        case Entry.QUEUE:
            yield from enqueue(state, call, QueueId(call.target), 0, at)
        case Entry.MENU:
            menu = state.configuration.menus.get(MenuId(call.target))
            if menu is None:
                yield Misconfigured(
                    at=at,
                    call=call.id,
                    problem=f"the dialplan names menu {call.target!r}: there is none",
                )
                yield from release(state, call, UNKNOWN_MENU, at)
            else:
                yield from walking.begin(state, call, menu, at)
