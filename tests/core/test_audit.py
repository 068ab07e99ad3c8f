"""A fit pair that is left over is found within seconds, mended and told; when all is well, nothing is said."""

from acd.core.agent import AgentState
from acd.core.commands import RingAgent
from acd.core.events import NodeFound
from acd.core.ids import AgentId, Direction, caller_leg
from acd.core.notices import Repaired
from acd.core.timers import RingTimeout, WrapUpOver
from tests.core.rules import arrives, rung
from tests.play import NODE, Play, centre, seen

ONE = {"ana": ("support",)}


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


def looked_over(play: Play) -> list[str]:
    """What a look at Asterisk finds amiss with us."""
    state = play.engine.state
    legs = [seen(name, up=False) for name in state.offers]
    callers = []
    for name, call in state.calls.items():
        if call.direction is Direction.IN:
            callers.append(seen(name.partition(":")[2]))
        elif not call.absent:
            legs.append(seen(caller_leg(name), up=False))
        legs += [seen(one.leg, up=False) for one in call.outsiders.values()]
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(*callers, *legs)))
    return [told.problem for told in play.told(Repaired)]


def test_a_phone_that_would_ring_for_ever_is_found_and_stops():
    play = Play(centre())
    arrives(play, "c1")
    assert looked_over(play) == []
    (offer,) = play.engine.state.offers
    play.engine.state.timers.cancel(offer, RingTimeout)  # What a fault of ours might do.
    assert looked_over(play) == ["RingTimeout was due at no time"]
    play.after(seconds=6).hangs_up(offer)
    assert [ring.agent for ring in play.told(RingAgent)] == ["ana", "bob"], "the next one is rung"


def test_work_after_a_call_that_would_never_end_is_found_and_ends():
    play = Play(centre(ONE, wrap_up_ms=30_000))
    arrives(play, "c1").picks_up("c1").bridged("c1").hangs_up("c1")
    (offer,) = play.engine.state.offers
    play.hangs_up(offer)
    assert (play.state("ana"), looked_over(play)) == ("wrap-up", [])
    play.engine.state.timers.cancel(AgentId("ana"), WrapUpOver)
    assert looked_over(play) == ["WrapUpOver was due at no time"]
    assert play.after(seconds=31).state("ana") == "ready"


def test_an_agent_who_is_engaged_in_nothing_is_found_and_free(monkeypatch):
    monkeypatch.setattr("tests.play.check", lambda state: None)
    play = Play(centre(ONE))
    play.engine.state.agents[AgentId("ana")].state = AgentState.TALKING
    assert looked_over(play) == ["ana was busy-acd, with nothing"]
    assert play.state("ana") == "ready"
    assert rung(arrives(play, "c1")) == [("c1", "ana")]


def test_one_of_two_who_are_engaged_in_nothing_is_no_agent_any_more(monkeypatch):
    monkeypatch.setattr("tests.play.check", lambda state: None)
    play = Play(centre())
    for name in ("ana", "bob"):
        agent = play.engine.state.agents[AgentId(name)]
        agent.state, agent.removed = AgentState.TALKING, name == "ana"
    assert sorted(looked_over(play)) == [
        "ana was busy-acd, with nothing",
        "bob was busy-acd, with nothing",
    ]
    assert AgentId("ana") not in play.engine.state.agents and play.state("bob") == "ready"
