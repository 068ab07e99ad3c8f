"""Which buttons an agent is shown, and who supervises him: what is shown works, what is not would change nothing."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

import pytest

from acd.core import requests
from acd.core.commands import Command
from acd.core.configuration import Duties, MissedPolicy, WrapUpMode
from acd.core.events import DeviceState
from acd.core.ids import AgentId
from acd.core.notices import Refused
from acd.core.permits import Action, allowed, forcible, standing_of
from acd.core.preview import AcceptPreview, SkipPreview
from tests.core.test_agent_states import ONE_AGENT, ask, force, misses, phone, talking, wrapping_up
from tests.core.test_desks import gives_up, whose_phone_is_taken_away
from tests.core.test_dispositions import wrapping_up as owing
from tests.core.test_previewing import offered as shown_whom_to_call
from tests.play import Play, centre

ANA = AgentId("ana")
Situation: TypeAlias = Callable[[], Play]


def on_shift() -> Play:
    return Play(centre(ONE_AGENT))


def leaving(play: Play) -> Play:
    """She wants to go when this is over."""
    return ask(play, requests.LogOut)


def on_a_break(play: Play) -> Play:
    return ask(play, requests.BecomeNotReady, reason="lunch")


def without_answer() -> Play:
    return misses(Play(centre(ONE_AGENT, no_answer=MissedPolicy.NOT_READY)), "c1")


def phone_away(play: Play) -> Play:
    return phone(play, DeviceState.UNAVAILABLE).after(seconds=10)


def locked() -> Play:
    return wrapping_up(wrap_up=WrapUpMode.LOCKED)


def timed() -> Play:
    return wrapping_up(wrap_up=WrapUpMode.TIMED)


# How ana stands, what she is shown, and what her supervisor.
BUTTONS: Mapping[str, tuple[Situation, str, str]] = {
    "off shift": (lambda: Play(centre(ONE_AGENT), ready=()), "log-in", "change-duties"),
    "ready": (
        on_shift,
        "become-not-ready set-do-not-disturb log-out",
        "force-not-ready force-log-out change-duties",
    ),
    "shown whom to call": (
        shown_whom_to_call,
        "become-not-ready set-do-not-disturb accept-preview skip-preview log-out",
        "force-not-ready force-log-out change-duties",
    ),
    "on a break": (
        lambda: on_a_break(on_shift()),
        "become-ready become-not-ready set-do-not-disturb log-out",
        "force-ready force-not-ready force-log-out change-duties",
    ),
    "has let a call ring out": (
        without_answer,
        "become-ready become-not-ready set-do-not-disturb log-out",
        "force-ready force-not-ready force-log-out change-duties",
    ),
    "not to be disturbed, which is lifted alone": (
        lambda: ask(on_shift(), requests.SetDoNotDisturb),
        "become-not-ready lift-do-not-disturb log-out",
        "force-ready force-not-ready force-log-out change-duties",
    ),
    "held by a supervisor": (
        lambda: force(on_shift(), requests.ForceNotReady),
        "become-not-ready set-do-not-disturb log-out",
        "force-ready force-not-ready force-log-out change-duties",
    ),
    "without her phone, which nobody brings back": (
        lambda: phone_away(on_shift()),
        "become-not-ready set-do-not-disturb log-out",
        "force-not-ready force-log-out change-duties",
    ),
    "rung": (
        lambda: on_shift().arrives("c1"),
        "become-not-ready set-do-not-disturb log-out",
        "force-not-ready force-log-out change-duties",
    ),
    "rung, and about to go": (
        lambda: leaving(on_shift().arrives("c1")),
        "log-in become-ready become-not-ready set-do-not-disturb",
        "force-ready force-not-ready force-log-out change-duties",
    ),
    "talking": (
        talking,
        "become-not-ready set-do-not-disturb log-out",
        "force-not-ready force-log-out change-duties",
    ),
    "talking, with a break to follow": (
        lambda: on_a_break(talking()),
        "become-ready become-not-ready set-do-not-disturb log-out",
        "force-ready force-not-ready force-log-out change-duties",
    ),
    "talking, and about to go: nobody cuts that": (
        lambda: leaving(talking()),
        "log-in become-ready become-not-ready set-do-not-disturb",
        "force-ready force-not-ready change-duties",
    ),
    "in a wrap-up that she may end": (
        timed,
        "become-ready become-not-ready set-do-not-disturb finish-wrap-up log-out",
        "force-ready force-not-ready force-finish-wrap-up force-log-out change-duties",
    ),
    "in one that may be longer": (
        lambda: wrapping_up(wrap_up_extension_ms=20_000),
        "become-ready become-not-ready set-do-not-disturb finish-wrap-up extend-wrap-up log-out",
        "force-ready force-not-ready force-finish-wrap-up force-log-out change-duties",
    ),
    "in one that is locked": (
        locked,
        "become-not-ready set-do-not-disturb log-out",
        "force-ready force-not-ready force-finish-wrap-up force-log-out change-duties",
    ),
    "in one that is locked, and about to go": (
        lambda: leaving(locked()),
        "log-in become-not-ready set-do-not-disturb",
        "force-ready force-not-ready force-finish-wrap-up force-log-out change-duties",
    ),
    "in one that does not end before she has said what came of the call": (
        owing,
        "become-not-ready set-do-not-disturb log-out",
        "force-ready force-not-ready force-finish-wrap-up force-log-out change-duties",
    ),
    "in such a one, and about to go": (
        lambda: leaving(owing()),
        "log-in become-not-ready set-do-not-disturb",
        "force-ready force-not-ready force-finish-wrap-up force-log-out change-duties",
    ),
    "in her last one at a phone that was taken away: she may go sooner": (
        lambda: gives_up(whose_phone_is_taken_away(), "c1"),
        "log-in become-ready become-not-ready set-do-not-disturb finish-wrap-up log-out",
        "force-ready force-not-ready force-finish-wrap-up force-log-out change-duties",
    ),
}

ASKED: Mapping[Action, tuple[type, Mapping[str, Any]]] = {
    Action.BECOME_READY: (requests.BecomeReady, {}),
    Action.BECOME_NOT_READY: (requests.BecomeNotReady, {"reason": "training"}),
    Action.SET_DO_NOT_DISTURB: (requests.SetDoNotDisturb, {}),
    Action.LIFT_DO_NOT_DISTURB: (requests.LiftDoNotDisturb, {}),
    Action.FINISH_WRAP_UP: (requests.FinishWrapUp, {}),
    Action.EXTEND_WRAP_UP: (requests.ExtendWrapUp, {}),
    Action.ACCEPT_PREVIEW: (AcceptPreview, {"task": "t-1"}),
    Action.SKIP_PREVIEW: (SkipPreview, {"task": "t-1", "reason": "later"}),
    Action.LOG_OUT: (requests.LogOut, {}),
    Action.FORCE_READY: (requests.ForceReady, {}),
    Action.FORCE_NOT_READY: (requests.ForceNotReady, {"reason": "come and see me"}),
    Action.FORCE_FINISH_WRAP_UP: (requests.ForceFinishWrapUp, {}),
    Action.FORCE_LOG_OUT: (requests.ForceLogOut, {}),
    Action.CHANGE_DUTIES: (requests.ChangeDuties, {"duties": Duties(queues=())}),
}


@pytest.mark.parametrize(("situation", "hers", "supervisors"), BUTTONS.values(), ids=BUTTONS)
def test_what_is_shown_works_and_what_is_not_would_change_nothing(
    situation: Situation, hers: str, supervisors: str
) -> None:
    play = situation()
    standing = standing_of(play.engine.state.agents[ANA])
    assert " ".join(allowed(standing)) == hers
    assert " ".join(forcible(standing)) == supervisors
    desk = next(
        iter(play.engine.state.configuration.desks), None
    )  # She logs in at one, or at none.
    for action, (kind, fields) in {
        **ASKED,
        Action.LOG_IN: (requests.LogIn, {"desk": desk}),
    }.items():
        shown = action in (*allowed(standing), *forcible(standing))
        assert works(deepcopy(play), kind, fields) is shown, action


def works(play: Play, kind: type, fields: Mapping[str, Any]) -> bool:
    """Whether this is granted, and she is another way by it, or Asterisk has to do something."""
    before = deepcopy(play.engine.state.agents[ANA])
    ask(play.skip(), kind, by="ana", **fields)
    commands = any(isinstance(said, Command) for said in play.said)
    changed = commands or play.engine.state.agents[ANA] != before
    assert not (changed and any(isinstance(said, Refused) for said in play.said))
    return changed
