"""What users of other systems suffer from machines that are slow, late, restarted or lost, as far as routing helps."""

import sys
from dataclasses import replace
from itertools import permutations

import pytest

from acd.core.commands import HangUp, RingAgent, SaveCall
from acd.core.configuration import AgentProfile, QueueRules
from acd.core.engine import Engine
from acd.core.events import (
    CallArrived,
    CallerIdentified,
    Configured,
    DeviceChanged,
    DeviceState,
    Entry,
    LegAnswered,
    LegBridged,
    NodeFound,
    NodeLost,
)
from acd.core.ids import AgentId, ChannelId, NodeId, QueueId, call_of, channel_on
from acd.core.notices import CallConnected, CallEnded, CallQueued, Ending, Repaired
from acd.core.requests import BecomeReady, LogIn
from tests.core.rules import arrives, known, rung
from tests.play import NODE, START, Play, call_id, centre, channel, seen

pytestmark = pytest.mark.slow

ALONE = {"ana": ("support",)}


def work_of(step) -> int:
    """How many functions of ours are called: what it costs, on any machine."""
    calls = 0

    def count(frame, event, _):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        step()
    finally:
        sys.setprofile(None)
    return calls


def one_call_among(queues: int, agents: int, waiting: int) -> int:
    """The work of one caller who is rung for, in a centre of this size."""
    names = [QueueId(f"q{n}") for n in range(queues)]
    whole = replace(
        centre({}),
        queues={name: QueueRules(id=name, name=name) for name in names},
        agents={
            AgentId(f"a{n}"): AgentProfile(
                id=AgentId(f"a{n}"),
                name="A",
                device=f"PJSIP/a{n}",
                queues=tuple(names[(n + k) % queues] for k in range(3)),
            )
            for n in range(agents)
        },
    )
    engine, busy = Engine(), QueueId("busy")
    whole = replace(whole, queues=whole.queues | {busy: QueueRules(id=busy, name="Busy")})
    engine.handle(Configured(at=START, configuration=whole))
    for n in range(agents):
        for kind in (LogIn, BecomeReady):
            engine.handle(kind(at=START, request="r", by="x", agent=AgentId(f"a{n}")))

    def call(name: str, queue: QueueId) -> None:
        engine.handle(
            CallArrived(at=START + 1, channel=channel(name), entry=Entry.QUEUE, target=queue)
        )
        engine.handle(CallerIdentified(at=START + 1, call=call_id(name), identity=known()))

    for n in range(waiting):
        call(f"w{n}", busy)
    return work_of(lambda: call("c", names[0]))


def test_a_call_costs_the_same_however_many_queues_and_members_there_are():
    """3: everything slows or locks with many queues and members."""
    assert one_call_among(1_000, 3_000, 0) <= 1.2 * one_call_among(10, 30, 0)


def test_a_call_costs_the_same_however_many_wait():
    """5: overload at a small load."""
    assert one_call_among(10, 30, 2_000) <= 1.2 * one_call_among(10, 30, 0)


def test_one_phone_that_cannot_be_reached_does_not_hold_up_the_others():
    """4: the dispatcher stops silently, or one unavailable agent halts all."""
    play = Play(centre(dict.fromkeys(("ana", "bob", "cy"), ("support",))))
    for n in range(4):
        arrives(play, f"c{n}")
        if rung(play)[-1][1] == "ana":
            play.hangs_up(play.leg(f"c{n}"), cause=3)  # Ana's phone is gone, and nobody told us.
    assert {agent for _, agent in rung(play)} == {"ana", "bob", "cy"}
    assert [len(play.engine.state.calls[call_id(f"c{n}")].offers) for n in (0, 1)] == [1, 1]


def test_a_caller_who_is_left_beside_an_idle_agent_is_found_and_told(monkeypatch):
    """4: and nobody notices."""
    play = Play(centre(ALONE), ready=())
    arrives(play, "c1")
    state, call = play.engine.state, call_id("c1")
    demand, rank = state.demand_of(state.calls[call]), state.rank_of(state.calls[call])
    state.lines.remove(call)  # A fault of ours: he waits, and stands nowhere.
    monkeypatch.setattr("tests.play.check", lambda state: None)
    play.ready("ana")
    state.lines.add(demand, rank)
    play.after(seconds=2)
    assert len(play.told(Repaired)) == 1 and rung(play) == [("c1", "ana")]


def test_five_hundred_who_wait_are_there_in_their_order_after_a_power_cut():
    """6: waiting callers vanish on a restart."""
    play = Play(centre(ALONE), ready=())
    for n in range(500):
        arrives(play, f"c{n:03}").after(seconds=0.1)
    notes = {said.call: said.saved for said in play.told(SaveCall)}
    there = tuple(
        seen(f"c{n:03}", saved=notes[call_id(f"c{n:03}")], created_at=START + n * 100)
        for n in reversed(range(500))
    )
    again = Play(centre(ALONE, wrap_up_ms=0), ready=())
    again.now = play.now + 5_000
    again.tell(NodeFound(at=again.now, node=NODE, seen_at=again.now, channels=there))
    queued = again.told(CallQueued)
    assert len(queued) == 500
    assert {said.call: said.joined_at for said in queued} == {
        said.call: said.joined_at for said in play.told(CallQueued)
    }
    again.ready("ana")
    for n in range(5):
        leg = again.picks_up(f"c{n:03}").bridged(f"c{n:03}").leg(f"c{n:03}")
        again.hangs_up(f"c{n:03}").hangs_up(leg)
    assert [name for name, _ in rung(again)[:5]] == [f"c{n:03}" for n in range(5)]


def test_those_who_wait_and_their_order_survive_a_reload():
    """6: or on a reload."""
    play = Play(centre(ALONE), ready=())
    for n in range(20):
        arrives(play, f"c{n:02}").after(seconds=1)
    play.tell(Configured(at=play.now, configuration=centre({"bob": ("support",)})))
    play.ready("bob")
    assert rung(play) == [("c00", "bob")]
    assert play.engine.state.lines.length(QueueId("support")) == 19
    assert not play.told(CallEnded)


def test_what_ended_and_what_was_left_behind_while_we_did_not_hear_is_found():
    """7: events are lost while the application is away, and channels are orphaned."""
    play = Play(centre(ALONE))
    arrives(play, "c1").picks_up("c1").bridged("c1")
    leg = play.leg("c1")
    arrives(play, "c2")
    play.tell(NodeLost(at=play.now, node=NODE)).after(seconds=30).skip()
    # Both callers have hung up; ana's leg is still there.
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(seen(leg),)))
    assert [said.ending for said in play.told(CallEnded)] == [Ending.LOST, Ending.LOST]
    assert leg in [said.channel for said in play.told(HangUp)]
    play.hangs_up(leg).after(seconds=60)
    assert play.state("ana") == "ready" and not play.engine.state.calls


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_events_of_one_conversation_may_come_in_any_order_and_twice(order):
    """8: an event that comes before the answer to a request, or twice, leaves the two unconnected."""
    play = Play(centre(ALONE))
    arrives(play, "c1")
    offer = play.leg("c1")
    leg = ChannelId(offer)
    happenings = (
        lambda: LegAnswered(at=play.now, channel=leg),
        lambda: LegBridged(at=play.now, channel=channel("c1"), offer=offer),
        lambda: LegBridged(at=play.now, channel=leg, offer=offer),
    )
    for n in order:
        play.tell(happenings[n]()).tell(happenings[n]())
    # What came too early is seen when we look around.
    bridge = f"cordboard~{offer.partition(':')[2]}"
    there = (seen("c1", bridge=bridge), seen(leg, bridge=bridge))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=there))
    assert len(play.told(CallConnected)) == 1
    assert play.state("ana") == "busy-acd"


def test_phones_of_which_nothing_is_heard_any_more_are_rung():
    """9: AMI is late or lost, and agents are unavailable for it."""
    play = Play(centre(ALONE))

    def phone(state: DeviceState) -> None:
        play.tell(DeviceChanged(at=play.now, node=NODE, device="PJSIP/ana", state=state))

    phone(DeviceState.INUSE)
    play.after(seconds=5)
    arrives(play, "c1")
    assert rung(play) == []
    phone(DeviceState.UNKNOWN)  # What the link says when it can vouch for nothing.
    assert rung(play) == [("c1", "ana")]


def test_what_is_told_late_of_a_phone_makes_nobody_free_who_has_a_call():
    """20: the device state is wrong, so routing is wrong."""
    play = Play(centre(ALONE))
    arrives(play, "c1").picks_up("c1").bridged("c1")
    arrives(play, "c2")
    free = DeviceState.NOT_INUSE
    play.tell(DeviceChanged(at=play.now, node=NODE, device="PJSIP/ana", state=free))
    play.after(seconds=30)
    assert rung(play) == [("c1", "ana")], "our own ledger comes first"


def test_a_phone_that_is_said_to_be_in_use_for_ever_holds_up_its_agent_only():
    """20: and everybody waits for one phone."""
    play = Play(centre({"ana": ("support",), "bob": ("support",)}))
    stuck = DeviceState.INUSE
    play.tell(DeviceChanged(at=play.now, node=NODE, device="PJSIP/ana", state=stuck))
    arrives(play, "c1")
    assert rung(play) == [("c1", "bob")]


def test_callers_on_several_machines_stand_in_one_line():
    """23: queues on two machines are effectively separate."""
    other = NodeId("pbx2")
    play = Play(centre(ALONE, wrap_up_ms=0), ready=())
    play.tell(NodeFound(at=play.now, node=other, seen_at=play.now))
    names = [channel_on((NODE, other)[n % 2], f"c{n}") for n in range(6)]
    for name in names:
        at = play.now
        play.tell(CallArrived(at=at, channel=name, entry=Entry.QUEUE, target="support"))
        play.tell(CallerIdentified(at=at, call=call_of(name), identity=known()))
        play.after(seconds=1)
    state = play.engine.state
    ranks = [state.rank_of(state.calls[call_of(name)]) for name in names]
    assert ranks == sorted(ranks)
    assert [state.lines.ahead_of(QueueId("support"), rank) for rank in ranks] == list(range(6))
    play.tell(NodeLost(at=play.now, node=other)).skip()
    play.ready("ana")
    assert [ring.call for ring in play.told(RingAgent)] == [names[0]]
    assert state.lines.length(QueueId("support")) == 2, "those we do not hear keep their place"
    play.tell(NodeFound(at=play.now, node=other, seen_at=START, channels=()))
    assert state.lines.length(QueueId("support")) == 5
    assert not play.told(CallEnded)
