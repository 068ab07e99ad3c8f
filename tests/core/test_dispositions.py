"""An agent says what came of a call, from the tree; where his queue wants it, his wrap-up does not end without."""

from dataclasses import replace

import pytest

from acd.core import requests
from acd.core.configuration import Configuration, WrapUpMode
from acd.core.disposition import Disposition, choices, why_not
from acd.core.events import RestoredAgent, ShiftRestored
from acd.core.ids import AgentId
from acd.core.notices import (
    Accepted,
    AgentStateChanged,
    CallQueued,
    OutcomeRecorded,
    Reason,
    Refused,
)
from acd.core.permits import Action, allowed, standing_of
from ivr.steps import Enqueue, Menu
from tests.play import START, SUPPORT, Play, Said, call_id, centre

ANA = AgentId("ana")
CALL = call_id("c1")
TREE = {
    code: Disposition(code=code, name=code.title(), above=above, is_reason=reason)
    for code, above, reason in (
        ("solved", None, False),
        ("complaint", None, True),
        ("delivery", "complaint", True),
        ("late", "delivery", True),
        ("damaged", "delivery", True),
        ("rude", "complaint", True),
    )
}


def disposing(**rules) -> Configuration:
    return replace(centre({"ana": ("support",)}, must_dispose=True, **rules), dispositions=TREE)


def wrapping_up(**rules) -> Play:
    play = Play(disposing(**rules)).arrives("c1").picks_up("c1").bridged("c1")
    return play.hangs_up(play.leg("c1")).hangs_up("c1").skip()


def says(play: Play, code: str) -> Play:
    return ask(play, requests.RecordOutcome, call=CALL, outcome=code)


def ask(play: Play, kind: type, **fields) -> Play:
    return play.tell(kind(at=play.now, request="r", by="ana", agent=ANA, **fields))


def may(play: Play) -> tuple[Action, ...]:
    return allowed(standing_of(play.engine.state.agents[ANA]))


def outcomes(play: Play) -> list[tuple[str, str | None]]:
    return [(one.outcome, one.reason) for one in play.told(OutcomeRecorded)]


def test_only_what_is_divided_no_further_can_be_chosen():
    assert choices(TREE) == ("solved", "late", "damaged", "rude")
    assert choices(TREE, ("delivery",)) == ("late", "damaged")
    assert why_not(TREE, (), "late") is None
    assert why_not(TREE, (), "delivery") == "delivery is divided further: late, damaged"
    assert why_not(TREE, ("solved",), "late") == "it takes one of: solved"


def test_his_wrap_up_does_not_end_before_he_has_said_what_came_of_the_call():
    play = wrapping_up()
    assert play.told(AgentStateChanged)[-1].undisposed == CALL
    assert Action.FINISH_WRAP_UP not in may(play)
    ask(play, requests.FinishWrapUp).then(Said(Refused, reason=Reason.NOT_DISPOSED))
    ask(play, requests.BecomeReady).then(Said(Refused, reason=Reason.NOT_DISPOSED))
    assert Action.BECOME_READY not in may(play), "ready would leave what he owes"
    ask(play, requests.BecomeNotReady, reason="lunch").then(Accepted)
    assert play.state("ana") == "wrap-up", "a break comes after it"
    ask(play, requests.BecomeReady).then(Said(Refused, reason=Reason.NOT_DISPOSED))
    says(play, "late").then(Accepted, Said(OutcomeRecorded, outcome="late", reason="late"))
    assert Action.FINISH_WRAP_UP in may(play)
    assert Action.BECOME_READY in may(play)
    ask(play, requests.FinishWrapUp).then(Accepted)
    assert play.state("ana") == "not-ready" and outcomes(play) == [("late", "late")]


def test_what_is_unknown_is_refused_with_what_there_is():
    play = wrapping_up(dispositions=("solved", "delivery"))
    says(play, "happy").then(
        Said(
            Refused,
            reason=Reason.UNKNOWN_DISPOSITION,
            detail="it takes one of: solved, late, damaged",
        )
    )
    says(play, "rude").then(Said(Refused, reason=Reason.UNKNOWN_DISPOSITION))
    says(play, "solved").then(Accepted, Said(OutcomeRecorded, outcome="solved", reason=None))


def test_when_his_time_is_up_callers_come_first_and_it_is_on_record():
    play = wrapping_up(wrap_up_ms=30_000)
    play.after(seconds=29).then_nothing().after(seconds=1)
    assert play.state("ana") == "ready" and outcomes(play) == [("undisposed", None)]
    says(play.skip(), "solved").then(Accepted, OutcomeRecorded)
    assert outcomes(play)[-1] == ("solved", None), "the last word counts, also a late one"


def test_who_has_said_it_during_the_call_owes_nothing():
    play = Play(disposing()).arrives("c1").picks_up("c1").bridged("c1")
    says(play, "solved")
    play.hangs_up(play.leg("c1"))
    assert play.state("ana") == "wrap-up" and Action.FINISH_WRAP_UP in may(play)
    ask(play, requests.BecomeReady)
    assert play.state("ana") == "ready" and outcomes(play) == [("solved", None)]


@pytest.mark.parametrize("mode", [WrapUpMode.OPTIONAL, WrapUpMode.TIMED])
def test_to_go_home_is_no_way_around_it(mode):
    play = Play(disposing(wrap_up=mode)).arrives("c1").picks_up("c1").bridged("c1")
    ask(play, requests.LogOut)
    play.hangs_up(play.leg("c1"))
    assert play.state("ana") == "wrap-up"
    says(play, "solved")
    assert play.state("ana") == "logged-out", "that was all that kept him"
    play = wrapping_up(wrap_up=mode)
    ask(play, requests.LogOut)
    assert play.state("ana") == "wrap-up"
    play.after(seconds=30)
    assert play.state("ana") == "logged-out" and outcomes(play) == [("undisposed", None)]


def test_a_locked_wrap_up_lasts_its_time_whatever_he_says():
    play = wrapping_up(wrap_up=WrapUpMode.LOCKED)
    ask(play, requests.LogOut)
    says(play, "solved")
    assert play.state("ana") == "wrap-up"


@pytest.mark.parametrize(
    "kind", [requests.ForceReady, requests.ForceFinishWrapUp, requests.ForceLogOut]
)
def test_a_supervisor_may_end_it_and_then_it_is_undisposed(kind):
    play = wrapping_up()
    ask(play, kind)
    assert play.state("ana") != "wrap-up" and outcomes(play) == [("undisposed", None)]


def test_he_owes_it_still_after_a_restart():
    def restored(until: int) -> Play:
        agent = RestoredAgent(
            agent=ANA,
            wrap_up="optional",
            wrap_up_until=until,
            wrap_up_call=CALL,
            wrap_up_queue=SUPPORT,
            undisposed=True,
        )
        play = Play(disposing(dispositions=("solved",)), ready=())
        return play.tell(ShiftRestored(at=play.now, agents=(agent,)))

    play = restored(START + 20_000).skip()
    ask(play, requests.FinishWrapUp).then(Said(Refused, reason=Reason.NOT_DISPOSED))
    says(play, "late").then(Said(Refused, reason=Reason.UNKNOWN_DISPOSITION))
    says(play, "solved").then(Accepted, OutcomeRecorded)
    ask(play, requests.FinishWrapUp).then(Accepted)
    gone = restored(START)
    assert gone.state("ana") != "wrap-up" and outcomes(gone) == [("undisposed", None)]


def test_a_centre_without_dispositions_takes_any_word():
    play = Play(centre({"ana": ("support",)})).arrives("c1").picks_up("c1").bridged("c1").skip()
    says(play, "whatever").then(Accepted, Said(OutcomeRecorded, outcome="whatever", reason=None))


def test_what_a_menu_has_learned_is_told_with_the_queue():
    menu = Menu(id="main", start="q", steps={"q": Enqueue(queue="support", reason="fridge")})
    play = Play(centre({"ana": ("support",)}, menus={"main": menu}), ready=())
    from acd.core.events import CallArrived, Entry
    from tests.play import channel

    play.tell(CallArrived(at=play.now, channel=channel("c1"), entry=Entry.MENU, target="main"))
    play.after(seconds=1)
    assert [one.reason for one in play.told(CallQueued)] == ["fridge"]


def test_what_a_queue_takes_is_asked_of_the_queue_for_which_he_has_or_had_the_call():
    kept = centre({"ana": ("support",)}, dispositions=("solved",), wrap_up_ms=0)
    play = Play(replace(kept, dispositions=TREE)).arrives("c1").picks_up("c1").bridged("c1")
    says(play.skip(), "late").then(Said(Refused, reason=Reason.UNKNOWN_DISPOSITION))
    play.hangs_up(play.leg("c1")).hangs_up("c1").arrives("c2").picks_up("c2").bridged("c2").skip()
    says(play, "late").then(Accepted, OutcomeRecorded)  # The queue of c1 is not known any more.
