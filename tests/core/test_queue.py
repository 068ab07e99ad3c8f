"""A queue's two lists, always in order, whoever comes and goes."""

from hypothesis import given
from hypothesis import strategies as st

from acd.core.agent import Agent
from acd.core.call import Call
from acd.core.configuration import AgentProfile, QueueRules
from acd.core.events import Entry
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.queue import Queue

RULES = QueueRules(id=QueueId("q"), name="q")


def call(name: str, priority: int, joined_at: int) -> Call:
    return Call(
        id=CallId(name),
        number="",
        name="",
        dialled="",
        entry=Entry.QUEUE,
        target="q",
        arrived_at=0,
        priority=priority,
        joined_at=joined_at,
    )


def agent(name: str, idle_since: int) -> Agent:
    profile = AgentProfile(id=AgentId(name), name=name, device="", queues=(QueueId("q"),))
    return Agent(profile=profile, idle_since=idle_since)


def test_who_comes_twice_stands_once_at_his_new_place():
    queue = Queue(RULES)
    ana, bob = agent("ana", 1), agent("bob", 2)
    for idle in (ana, bob):
        queue.add_agent(idle)
    ana.idle_since = 3
    queue.add_agent(ana)
    assert list(queue.idle()) == ["bob", "ana"]
    queue.remove_agent(AgentId("ana"))
    queue.remove_agent(AgentId("ana"))
    assert list(queue.idle()) == ["bob"] and not queue.is_idle(AgentId("ana"))


NAMES = st.sampled_from("abcdef")


@given(st.lists(st.tuples(st.booleans(), NAMES, st.integers(0, 2), st.integers(0, 3))))
def test_higher_priority_then_longer_wait_then_the_name(acts):
    queue, model = Queue(RULES), {}
    for comes, name, priority, joined_at in acts:
        if comes:
            model[name] = call(name, priority, joined_at)
            queue.add_call(model[name])
        else:
            model.pop(name, None)
            queue.remove_call(CallId(name))
        expected = sorted(model.values(), key=lambda c: (-c.priority, c.joined_at, c.id))
        assert [name for _, name in queue.waiting()] == [c.id for c in expected]
        assert queue.length == len(model)
