"""Whatever is on its way somewhere has a deadline; one that a fault of ours has lost is found, told and set anew."""

from collections.abc import Callable

import pytest

from acd.core import requests, timers
from acd.core.events import CallArrived, Entry, LegAnswered
from acd.core.notices import Repaired
from ivr.steps import HangUp, Menu
from tests.core import test_calling as calling
from tests.core import test_calling_back as calling_back
from tests.core import test_menus as menus
from tests.core import test_outsiders as outsiders
from tests.core.rules import arrives
from tests.core.test_audit import looked_over
from tests.core.test_routing import routed
from tests.core.test_whispering import whispering
from tests.play import Play, centre, channel


def arrived() -> Play:
    play = Play(centre())
    return play.tell(
        CallArrived(at=play.now, channel=channel("c1"), entry=Entry.QUEUE, target="support")
    )


def connecting() -> Play:
    return arrives(Play(centre()), "c1").picks_up("c1")


def told_to_go() -> Play:
    return menus.in_menu(Menu(id="main", start="bye", steps={"bye": HangUp()}))


def let_go() -> Play:
    """Ana's phone has rung for long enough."""
    return arrives(Play(centre({"ana": ("support",)})), "c1").after(seconds=15)


def owed() -> Play:
    """Somebody is to be called, and not now."""
    play = Play(calling_back.calls_back())
    return calling_back.registers(play, due_at=play.now + 600_000)


def picked_up() -> Play:
    """Who is called is not in the bridge yet."""
    play = calling.placed()
    play.tell(LegAnswered(at=play.now, channel=calling.own_leg(play)))
    return play.tell(LegAnswered(at=play.now, channel=calling.his_leg(play)))


def asks_a_number() -> Play:
    return outsiders.asks(outsiders.talking(), requests.ConsultNumber, number=outsiders.WANG)


@pytest.mark.parametrize(
    ("begun", "kind"),
    [
        (arrived, timers.IdentifyOverdue),
        (menus.in_menu, timers.MenuOverdue),
        (menus.in_menu, timers.RenewDue),
        (told_to_go, timers.LeaveOverdue),
        (lambda: arrives(Play(routed()), "c1"), timers.RouteDue),
        (whispering, timers.WhisperOver),
        (connecting, timers.ConnectOverdue),
        (let_go, timers.ReleaseOverdue),
        (owed, timers.CallbackDue),
        (owed, timers.CallbackOver),
        (calling.dialling, timers.DialOverdue),
        (picked_up, timers.ConnectOverdue),
        (asks_a_number, timers.OutsiderOverdue),
    ],
)
def test_what_would_last_for_ever_is_found_and_its_deadline_set_anew(
    begun: Callable[[], Play], kind: type[timers.Deadline]
) -> None:
    play = begun()
    assert looked_over(play) == [], "nothing is amiss"
    book = play.engine.state.timers
    lost = [due for due in book._pending.values() if type(due) is kind]
    for due in lost:
        book.cancel(due.about, kind)  # What a fault of ours might do.
    assert lost and looked_over(play) == [f"{kind.__name__} was due at no time"] * len(lost)
    assert {told.call for told in play.told(Repaired)} == set(play.engine.state.calls)
    assert set(lost) <= set(book._pending.values())
