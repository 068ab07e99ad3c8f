"""An idle agent is shown whom to call: he calls, skips, is late, or a caller comes first."""

from dataclasses import replace

import pytest

from acd.core.commands import DialNumber, HangUp, IdentifyCaller, RingAgent
from acd.core.events import Configured, WorkOffered, WorkWithdrawn
from acd.core.ids import AgentId, CustomerId, QueueId
from acd.core.notices import (
    Accepted,
    AgentStateChanged,
    CallConnected,
    CallEnded,
    CallOffered,
    CallPlaced,
    CallStarted,
    Ending,
    PreviewEnded,
    PreviewOffered,
    Reason,
    Refused,
    Repaired,
    Supervised,
)
from acd.core.outbound import Number
from acd.core.preview import AcceptPreview, PreviewOutcome, SkipPreview, Work
from acd.core.requests import LogOut, SwitchOutbound
from tests.core.test_calling import POLICE, WANG, calls_out, dialling, his_leg, talking
from tests.play import SALES, SUPPORT, Play, Said

NOWHERE = Number(digits="+4930123456", kind=WANG.kind)


def offered(
    play: Play | None = None, number: Number = WANG, queue: QueueId = SUPPORT, after_s: float = 30
) -> Play:
    """Ana has nothing to do, and is shown whom to call."""
    play = play or Play(calls_out({"ana": ("support",)}))
    work = Work(task="t-1", list="l-1", queue=queue, number=number, why="does it work?")
    play.after(seconds=after_s).skip()
    return play.tell(
        WorkOffered(at=play.now, agent=AgentId("ana"), work=work, idle_ms=20_000, answer_ms=30_000)
    )


def accepts(play: Play, task: str = "t-1") -> Play:
    name = AgentId("ana")
    return play.tell(AcceptPreview(at=play.now, request="q", by="ana", agent=name, task=task))


def outcome(play: Play) -> tuple[PreviewOutcome, str]:
    (ended,) = play.told(PreviewEnded)
    return ended.outcome, ended.reason


def test_she_calls_him_and_they_talk():
    play = offered().then(Said(PreviewOffered, agent="ana"))
    assert play.state("ana") == "ready", "she takes calls all the while"
    accepts(play).then(
        Accepted,
        Said(PreviewEnded, outcome=PreviewOutcome.ACCEPTED, task="t-1", list="l-1"),
        CallStarted,
        IdentifyCaller,
        Said(CallPlaced, agent="ana", queue=SUPPORT),
        Said(RingAgent, first=True),
    )
    (ended,), (placed,) = play.told(PreviewEnded), play.told(CallPlaced)
    assert ended.call == placed.call
    talking(play).then(Said(CallConnected, agent="ana"))
    assert play.told(DialNumber)[0].digits == "01065551234"
    play.hangs_up(his_leg(play))
    assert [one.ending for one in play.told(CallEnded)] == [Ending.COMPLETED]


def test_a_caller_comes_first():
    play = offered().skip().arrives("c1")
    (call,) = play.told(CallOffered)
    assert call.agent == "ana" and outcome(play) == (PreviewOutcome.TAKEN_BACK, "")
    of_her = [one for one in play.history if isinstance(one, PreviewEnded | AgentStateChanged)]
    assert isinstance(of_her[-1], AgentStateChanged), "whoever watches her is shown her without it"
    accepts(play.skip()).then(Said(Refused, reason=Reason.NO_PREVIEW))


def test_one_who_waits_is_before_all_who_are_to_be_called():
    play = Play(calls_out({"ana": ("support",), "bob": ("support",)}), ready=("ana", "bob"))
    play.after(seconds=30)
    play.arrives("c1").arrives("c2").arrives("c3")
    play.after(seconds=16)
    work = Work(task="t-1", list="l-1", queue=SUPPORT, number=WANG)
    play.tell(
        WorkOffered(at=play.now, agent=AgentId("ana"), work=work, idle_ms=0, answer_ms=30_000)
    )
    assert outcome(play) == (PreviewOutcome.NOT_OFFERED, "agent-not-free")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"after_s": 10}, "agent-not-free"),
        ({"queue": SALES}, "unknown-queue"),
        ({"number": NOWHERE}, "no-route"),
    ],
)
def test_what_may_not_be_is_not_shown(said, reason):
    play = offered(**said)
    assert not play.told(PreviewOffered)
    assert outcome(play) == (PreviewOutcome.NOT_OFFERED, reason)


def test_what_is_settled_meanwhile_goes_from_her_screen():
    play = offered().skip()
    ana = AgentId("ana")
    play.tell(WorkWithdrawn(at=play.now, agent=ana, task="t-0"))
    play.tell(WorkWithdrawn(at=play.now, agent=AgentId("nobody"), task="t-1"))
    assert not play.told(PreviewEnded), "that is none of hers"
    play.tell(WorkWithdrawn(at=play.now, agent=ana, task="t-1"))
    assert outcome(play) == (PreviewOutcome.TAKEN_BACK, "settled")
    accepts(play.skip()).then(Said(Refused, reason=Reason.NO_PREVIEW))
    play.tell(WorkWithdrawn(at=play.now, agent=ana, task="t-1")).then()


def test_she_skips_it_and_says_why():
    play = offered().skip()
    name = AgentId("ana")
    play.tell(
        SkipPreview(at=play.now, request="q", by="ana", agent=name, task="t-1", reason="lunch")
    ).then(Accepted, Said(PreviewEnded, outcome=PreviewOutcome.SKIPPED, reason="lunch"))
    accepts(play).then(Said(Refused, reason=Reason.NO_PREVIEW))


@pytest.mark.parametrize("said", ["accept-preview", "skip-preview"])
def test_what_a_supervisor_says_for_her_is_on_record(said: str):
    play = offered()
    asked = {"at": play.now, "request": "q", "by": "sue", "agent": AgentId("ana"), "task": "t-1"}
    if said == "accept-preview":
        play.tell(AcceptPreview(**asked, by_another=True))
    else:
        play.tell(SkipPreview(**asked, by_another=True, reason="she is asked for elsewhere"))
    (act,) = play.told(Supervised)
    assert (act.by, act.agent, act.action, act.detail) == ("sue", "ana", said, "t-1")
    assert act.reason == ("she is asked for elsewhere" if said == "skip-preview" else "")


def test_she_says_nothing_or_means_another():
    play = accepts(offered().skip(), "t-2").then(Said(Refused, reason=Reason.NO_PREVIEW))
    play.after(seconds=30).then(Said(PreviewEnded, outcome=PreviewOutcome.EXPIRED))


def test_who_has_gone_home_is_told_that_and_not_that_there_is_none():
    play = offered()
    ana = AgentId("ana")
    play.tell(LogOut(at=play.now, request="q", by="ana", agent=ana)).skip()
    accepts(play).then(Said(Refused, reason=Reason.NOT_LOGGED_IN))


def test_a_second_one_waits_for_the_first():
    play = offered(offered())
    assert [one.outcome for one in play.told(PreviewEnded)] == [PreviewOutcome.EXPIRED]
    play = offered(offered(), after_s=1)
    assert outcome(play) == (PreviewOutcome.NOT_OFFERED, "agent-not-free")


def test_who_is_not_reached_leaves_her_ready():
    play = dialling(accepts(offered()).skip())
    play.hangs_up(his_leg(play), cause=17)
    assert play.told(CallEnded)[0].detail == "busy"
    assert POLICE and play.told(HangUp)


def test_who_is_taken_away_while_she_looks_at_it_leaves_it_to_others():
    play = offered()
    configuration = replace(play.engine.state.configuration, agents={})
    play.tell(Configured(at=play.now, configuration=configuration))
    assert outcome(play) == (PreviewOutcome.TAKEN_BACK, "")
    assert AgentId("ana") not in play.engine.state.agents
    assert play.after(seconds=60).told(Repaired) == []


def test_who_has_just_been_idle_long_enough_is_shown_it_with_whom_it_means():
    play = Play(calls_out({"ana": ("support",)})).after(seconds=20).skip()
    work = Work(task="t-1", list="l", queue=SUPPORT, number=WANG, customer=CustomerId("c7"))
    play.tell(
        WorkOffered(at=play.now, agent=AgentId("ana"), work=work, idle_ms=20_000, answer_ms=30_000)
    )
    accepts(play)
    assert play.told(CallPlaced)[0].customer == play.told(IdentifyCaller)[-1].customer == "c7"


def test_what_may_not_be_called_any_more_is_taken_back_and_says_why():
    play = offered()
    play.tell(SwitchOutbound(at=play.now, request="q", by="sue", stopped=True))
    accepts(play)
    assert play.told(Refused)[-1].reason is Reason.OUTBOUND_STOPPED
    assert outcome(play) == (PreviewOutcome.TAKEN_BACK, "outbound-stopped")
