"""A call centre with rules of every kind, for plays about them."""

from dataclasses import replace
from typing import Any

from acd.core.configuration import Configuration
from acd.core.customer import Confidence, Contact, Customer, Identity
from acd.core.ids import AgentId, CustomerId, QueueId
from tests.play import START, SUPPORT, Play, call_id, centre


def with_rules(
    configuration: Configuration | None = None, queue: str = SUPPORT, **rules: Any
) -> Configuration:
    """The same centre with other rules for one queue."""
    configuration = configuration or centre()
    name = QueueId(queue)
    changed = replace(configuration.queues[name], **rules)
    return replace(configuration, queues={**configuration.queues, name: changed})


def with_agent(configuration: Configuration, name: str, **profile: Any) -> Configuration:
    """The same centre with an agent who can do something."""
    agent = AgentId(name)
    changed = replace(configuration.agents[agent], **profile)
    return replace(configuration, agents={**configuration.agents, agent: changed})


def known(
    number: str = "+8613800000001",
    *,
    last: str | None = None,
    segment: str | None = None,
    language: str | None = None,
) -> Identity:
    """A caller: perhaps of a segment, perhaps one who was served before by `last`."""
    earlier = ()
    if last is not None:
        contact = Contact(call=call_id("before"), at=START - 60_000, agent=AgentId(last))
        earlier = (contact,)
    customer = Customer(id=CustomerId("c"), name="C", segment=segment, language=language)
    return Identity(
        number=number, confidence=Confidence.OWN, customers=(customer,), earlier=earlier
    )


def arrives(play: Play, name: str, identity: Identity | None = None, queue: str = SUPPORT) -> Play:
    """A call of somebody who is known, or of a stranger."""
    from acd.core.events import CallArrived, Entry
    from tests.play import channel

    play.tell(CallArrived(at=play.now, channel=channel(name), entry=Entry.QUEUE, target=queue))
    return play.identified(name, identity or known())


def rung(play: Play) -> list[tuple[str, str]]:
    """Which agents were rung for which calls, in order."""
    from acd.core.commands import RingAgent

    return [(ring.call.partition(":")[2], str(ring.agent)) for ring in play.told(RingAgent)]


def released(play: Play) -> list[tuple[str, str]]:
    """Which calls were given back with what, in order."""
    from acd.core.commands import ReleaseToDialplan

    return [(one.call.partition(":")[2], one.result) for one in play.told(ReleaseToDialplan)]
