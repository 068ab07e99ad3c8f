"""A fit pair that is left over is found within seconds, mended and told; when all is well, nothing is said."""

from acd.core.commands import RingAgent
from acd.core.notices import Repaired
from tests.core.rules import arrives
from tests.play import Play, centre


def test_all_is_well():
    play = Play(centre(), ready=())
    arrives(play, "c1").after(seconds=60)
    assert play.told(Repaired) == []
    assert not play.engine.state.audit_wanted, "nobody looks before it is time again"


def test_a_caller_left_beside_a_free_agent_is_found():
    play = Play(centre(), ready=())
    arrives(play, "c1")
    play.engine.state.calls_to_match.clear()
    play.ready("ana")
    # What a fault of ours might do: the agent is idle, and nobody has looked.
    leg = play.leg("c1")
    play.hangs_up(leg, cause=21).after(seconds=30)
    assert play.told(RingAgent)


def test_a_fault_is_mended_within_two_seconds(monkeypatch):
    play = Play(centre(), ready=())
    arrives(play, "c1")
    state = play.engine.state
    demand = state.demand_of(state.calls[next(iter(state.calls))])
    call = next(iter(state.calls))
    rank = state.rank_of(state.calls[call])
    state.lines.remove(call)  # The fault: it waits, and stands nowhere.
    monkeypatch.setattr("tests.play.check", lambda state: None)
    play.ready("ana")
    state.lines.add(demand, rank)
    assert play.told(RingAgent) == []
    play.after(seconds=2)
    (told,) = play.told(Repaired)
    assert (told.call, told.problem) == (call, "waited beside ana, who is free")
    assert play.told(RingAgent)[0].agent == "ana"
