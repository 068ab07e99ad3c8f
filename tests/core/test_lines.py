"""Lines and pools are always in order, whoever comes and goes, and empty ones do not exist."""

from hypothesis import given
from hypothesis import strategies as st

from acd.core.demand import Ability, Demand
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.lines import Lines, Pools

Q, R = QueueId("q"), QueueId("r")
DEMANDS = (Demand(Q), Demand(Q, requires=("a",)), Demand(R))
ABILITIES = (Ability(None, ()), Ability("t", (("a", 1),)))
NAMES = st.sampled_from("abcdef")


@given(st.lists(st.tuples(NAMES, st.sampled_from([*DEMANDS, None]), st.integers(0, 3))))
def test_a_call_stands_in_one_line_at_the_place_of_its_rank(acts):
    lines, model = Lines(), {}
    for name, demand, waited in acts:
        if demand is None:
            lines.remove(CallId(name))
            model.pop(name, None)
        else:
            lines.add(demand, (0, waited, CallId(name)))
            model[name] = (demand, waited)
    for demand in DEMANDS:
        wanted = sorted(
            (waited, name) for name, (asked, waited) in model.items() if asked == demand
        )
        line = lines.of(demand.queue).get(demand)
        assert [name for _, name in wanted] == [call for *_, call in line or ()]
        assert line is None or line, "an empty line is none"
    assert lines.anybody() == bool(model)
    assert lines.length(Q) + lines.length(R) == len(model)


@given(st.lists(st.tuples(NAMES, st.sampled_from([*ABILITIES, None]), st.integers(0, 3))))
def test_an_idle_agent_stands_in_each_of_his_queues(acts):
    pools, model = Pools(), {}
    for name, ability, idle_since in acts:
        if ability is None:
            pools.remove(AgentId(name))
            model.pop(name, None)
        else:
            place = (ability, (0, idle_since, 0, AgentId(name)))
            pools.add(AgentId(name), {Q: place, R: place})
            model[name] = (ability, idle_since)
    for queue in (Q, R):
        for ability in ABILITIES:
            wanted = sorted(
                (since, name) for name, (kind, since) in model.items() if kind == ability
            )
            pool = pools.of(queue).get(ability)
            assert [name for _, name in wanted] == [agent for *_, agent in pool or ()]
            assert pool is None or pool, "an empty pool is none"
        firsts = sorted((*pool[0], kind) for kind, pool in pools.of(queue).items())
        assert list(pools.by_first(queue)) == firsts
        assert pools.size(queue) == len(model)


def test_of_a_queue_where_nobody_waits_nobody_is_the_first():
    lines = Lines()
    assert lines.first(Q) is None
    lines.add(DEMANDS[1], (0, 5, CallId("b")))
    lines.add(DEMANDS[0], (0, 7, CallId("a")))
    assert lines.first(Q) == (0, 5, "b")
    assert lines.ahead_of(Q, (0, 9, "")) == 2 and lines.ahead_of(Q, (0, 6, "")) == 1
