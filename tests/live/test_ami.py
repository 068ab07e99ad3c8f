"""The AMI link and the mirror of the agents, on a real Asterisk of their own with a thousand phones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from acd.adapters.asterisk.ami_client import AmiRefused
from acd.adapters.asterisk.ami_link import AmiLink
from acd.adapters.asterisk.fallback import FallbackMirror
from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.lab_parts import Parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.core.agent import AgentState
from acd.core.configuration import AgentProfile
from acd.core.events import DeviceChanged, DeviceState, Event
from acd.core.ids import AgentId, NodeId, QueueId
from acd.core.notices import AgentStateChanged
from tests.adapters.asterisk.ami_peer import until

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

NODE = NodeId("pbx1")
CROWD = tuple(f"a{number:04}" for number in range(1000))
NAMED = ("ana", "bob")
QUEUES = (QueueId("support"), QueueId("sales"))
AGENTS = {
    AgentId(name): AgentProfile(
        id=AgentId(name), name=name, device=f"PJSIP/{name}", queues=QUEUES, node=NODE
    )
    for name in NAMED
}


@pytest.fixture(scope="module")
def crowded(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Its queues have no members: who is in them is what is tested."""
    folder = tmp_path_factory.mktemp("ami")
    queues: dict[str, tuple[str, ...]] = {"support": (), "sales": ()}
    with Lab("ami", folder, (*NAMED, *CROWD), queues, browsers=("eva",), parts=parts) as running:
        yield running


class Told(list[DeviceChanged]):
    """The engine's inbox."""

    def deliver(self, event: Event) -> None:
        assert isinstance(event, DeviceChanged)
        self.append(event)

    def states(self, name: str) -> list[DeviceState]:
        return [event.state for event in self if event.device == f"PJSIP/{name}"]


def link_to(lab: Lab, told: Told, secret: str | None = None) -> AmiLink:
    return AmiLink(
        NODE,
        lab.ami_host,
        lab.ami_port,
        lab.ami_user,
        secret or lab.ami_secret,
        deliver=told.deliver,
        now_ms=lambda: 0,
    )


@asynccontextmanager
async def linked(lab: Lab, told: Told) -> AsyncIterator[AmiLink]:
    link = link_to(lab, told)
    await link.start()
    try:
        yield link
    finally:
        await link.stop()


def on_shift(agent: str, state: AgentState = AgentState.READY) -> AgentStateChanged:
    causes = (("manual", ""),) if state is AgentState.NOT_READY else ()
    return AgentStateChanged(
        at=0,
        agent=AgentId(agent),
        state=state,
        causes=causes,
        pending=None,
        device=DeviceState.NOT_INUSE,
        call=None,
        until=None,
    )


async def test_all_phones_are_told_at_once(crowded: Lab) -> None:
    told = Told()
    async with linked(crowded, told):
        await until(lambda: len(told) == len(CROWD) + len(NAMED) + 2)
    assert {event.device for event in told} == {
        f"PJSIP/{name}" for name in (*CROWD, *NAMED, "eva", "trunk")
    }
    assert told.states("ana") == [DeviceState.NOT_INUSE]
    # A browser that has not registered.
    assert told.states("eva") == [DeviceState.UNAVAILABLE]


async def test_a_wrong_secret_is_told_from_an_asterisk_that_is_away(crowded: Lab) -> None:
    with pytest.raises(AmiRefused, match=r"check \[cordboard\] in manager.conf"):
        await link_to(crowded, Told(), secret="wrong").start()


async def test_when_we_are_gone_app_queue_rings_our_agents(crowded: Lab) -> None:
    """And their phones' states come and go with calls that are not ours."""
    told = Told()
    async with linked(crowded, told) as link:
        mirror = FallbackMirror(link, AGENTS)
        mirror.start()
        mirror.hear(on_shift("ana"))
        mirror.hear(on_shift("bob", AgentState.NOT_READY))
        await until(lambda: "bob (PJSIP/bob)" in crowded.cli("queue show sales"))
        await mirror.stop()
        shown = crowded.cli("queue show support")
        (bob,) = [line for line in shown.splitlines() if "PJSIP/bob" in line]
        assert "paused" in bob
        with (
            AgentPhones(crowded, default=Phone(ring_ms=100)) as phones,
            Callers(crowded, [Call(extension="4009", talk_ms=200)]) as callers,
        ):
            await until(lambda: told.states("ana")[-2:] == ["BUSY", "NOT_INUSE"])
            assert callers.wait(5), callers.errors()
            assert [agent for _, agent in phones.rung()] == ["ana"]
        assert told.states("bob") == [DeviceState.NOT_INUSE]


async def test_the_members_are_mended_whoever_touched_them(crowded: Lab) -> None:
    crowded.cli("queue remove member PJSIP/ana from support")
    crowded.cli("queue add member PJSIP/bob to support")
    crowded.cli("queue add member Local/100@nowhere to support")
    async with linked(crowded, Told()) as link:
        mirror = FallbackMirror(link, AGENTS)
        mirror.hear(on_shift("ana"))
        mirror.start()
        await until(lambda: "ana (PJSIP/ana)" in crowded.cli("queue show sales"))
        await until(lambda: "PJSIP/bob" not in crowded.cli("queue show sales"))
        await until(lambda: "ana (PJSIP/ana)" in crowded.cli("queue show support"))
        await until(lambda: "PJSIP/bob" not in crowded.cli("queue show support"))
        assert "Local/100@nowhere" in crowded.cli("queue show support")
        mirror.hear(on_shift("ana", AgentState.LOGGED_OUT))
        await until(lambda: "PJSIP/ana" not in crowded.cli("queue show sales"))
        await mirror.stop()


async def test_a_restarted_asterisk_is_found_again(crowded: Lab) -> None:
    told = Told()
    async with linked(crowded, told) as link:
        mirror = FallbackMirror(link, AGENTS)
        mirror.start()
        mirror.hear(on_shift("bob"))
        await until(lambda: "PJSIP/bob" in crowded.cli("queue show sales"))
        crowded.cli("queue remove member PJSIP/bob from sales")
        crowded.cli("core restart now")
        await until(lambda: not link.connected)
        told.clear()
        await until(lambda: len(told) >= len(CROWD) and told.states("ana"), within_s=30)
        assert told.states("ana") == [DeviceState.NOT_INUSE]
        await until(lambda: "PJSIP/bob" in crowded.cli("queue show sales"))
        await mirror.stop()
