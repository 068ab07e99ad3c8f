"""A real client routes over the API: it hears the question on its socket, and answers it with a request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from acd.core.commands import RingAgent
from cordboard_client import AsyncClient
from cordboard_client.errors import RefusedError
from tests.core.rules import with_agent, with_rules
from tests.cti_api.desk import AGENTS, NUMBER, PASSWORD, Desk
from tests.play import call_id, centre

CALL = str(call_id("c1"))


class Router:
    """A client with an ear on the events."""

    def __init__(self, api: AsyncClient) -> None:
        self.api = api
        self._events = api.events()

    async def hears(self, event: str) -> Any:
        """The next event of this kind."""
        async with asyncio.timeout(10):
            while True:
                frame: Any = await anext(self._events)
                if frame.get("event", frame["type"]) == event:
                    return frame

    async def hears_any(self) -> Any:
        """The next event."""
        async with asyncio.timeout(10):
            return await anext(self._events)

    async def says(self, **wanted: Any) -> Any:
        """Answer a question about the call."""
        return await self.api.select_route(CALL, wanted)


def routed() -> Desk:
    configuration = with_rules(centre(AGENTS), route_ms=500)
    return Desk(with_agent(configuration, "bob", skills={"fridge": 60}, team="hotline"))


@asynccontextmanager
async def router(desk: Desk, user: str = "ruth") -> AsyncIterator[Router]:
    async with desk.server() as at, AsyncClient(f"http://{at}") as api:
        await api.log_in(user, PASSWORD)
        one = Router(api)
        snapshot = await one.hears("snapshot")
        assert user != "ruth" or not (snapshot["calls"] or snapshot["agents"])
        yield one


def rung(desk: Desk) -> list[str]:
    return [str(one.agent) for one in desk.performed if isinstance(one, RingAgent)]


async def test_the_client_is_asked_and_whom_it_chooses_is_rung():
    desk = routed()
    await desk.ready("ana", "bob")
    async with router(desk) as ruth:
        desk.arrives("c1")
        asked = await ruth.hears("route-requested")
        assert asked["view"]["caller"]["number"] == NUMBER
        assert asked["view"]["caller"]["customers"][0]["segment"] == "gold"
        assert [one["agent"] for one in asked["candidates"]] == ["ana", "bob"]
        assert asked["candidates"][1]["skills"] == {"fridge": 60}
        assert asked["answer_by"] == desk.now + 500 and rung(desk) == []
        said = await ruth.says(route=asked["route"], agents=["bob"])
        assert said == {"call": CALL, "route": 1, "agent": "bob"} and rung(desk) == ["bob"]
        ended = await ruth.hears("route-ended")
        assert (ended["ending"], ended["by"]) == ("selected", "ruth")


async def test_late_wrong_and_gone_are_refused_and_the_queue_decides_at_the_deadline():
    desk = routed()
    await desk.ready("ana", "bob")
    async with router(desk) as ruth:
        desk.arrives("c1")
        asked = await ruth.hears("route-requested")
        for wrong in (["sol"], ["nobody"]):
            with pytest.raises(RefusedError) as refused:
                await ruth.says(route=asked["route"], agents=wrong)
            assert (refused.value.status, refused.value.reason) == (409, "not-a-candidate")
        async with desk.client("bob") as bob:
            await bob.put("/v1/agents/bob/state", json={"state": "not-ready", "reason": "break"})
        with pytest.raises(RefusedError) as refused:
            await ruth.says(route=asked["route"], agents=["bob"])
        assert refused.value.reason == "not-a-candidate"
        desk.now += 500
        desk.time()
        assert rung(desk) == ["ana"]
        assert (await ruth.hears("route-ended"))["ending"] == "overdue"
        with pytest.raises(RefusedError) as refused:
            await ruth.says(route=asked["route"], agents=["ana"])
        assert (refused.value.status, refused.value.reason) == (409, "not-asked")


async def test_nobody_yet():
    desk = routed()
    await desk.ready("ana")
    async with router(desk) as ruth:
        desk.arrives("c1")
        await ruth.hears("route-requested")
        said = await ruth.says(route=1, again_ms=2_000)
        assert said["agent"] is None
        desk.now += 2_000
        desk.time()
        assert (await ruth.hears("route-requested"))["route"] == 2
        await ruth.says(route=2, agents=["ana"])
        assert rung(desk) == ["ana"]


async def test_whoever_thinks_about_a_caller_who_hangs_up_is_told_that_he_need_not():
    desk = routed()
    await desk.ready("ana")
    async with router(desk) as ruth:
        desk.arrives("c1")
        await ruth.hears("route-requested")
        desk.hangs_up("c1")
        over = await ruth.hears("route-ended")
        assert (over["route"], over["ending"], over["by"]) == (1, "withdrawn", "")


async def test_a_client_that_dies_costs_a_caller_half_a_second():
    desk = routed()
    await desk.ready("ana")
    async with router(desk):
        pass
    desk.arrives("c1")
    desk.now += 500
    desk.time()
    assert rung(desk) == ["ana"]


@pytest.mark.parametrize(
    ("user", "status"), [("ana", 403), ("sue", 403), ("ruth", 200), ("root", 200)]
)
async def test_only_a_router_or_an_administrator_may_choose(user, status):
    desk = routed()
    await desk.ready("ana", "bob")
    desk.arrives("c1")
    async with desk.client(user) as client:
        said = await client.put(f"/v1/calls/{CALL}/route", json={"route": 1, "agents": ["bob"]})
    assert said.status_code == status, said.text


async def test_a_router_may_do_nothing_else():
    desk = routed()
    await desk.ready("ana")
    desk.arrives("c1")
    async with desk.client("ruth") as ruth:
        assert (await ruth.get("/v1/calls")).json() == []
        assert (await ruth.get("/v1/agents")).json() == []
        assert (await ruth.get(f"/v1/calls/{CALL}/why")).status_code == 403
        state = await ruth.put("/v1/agents/ana/state", json={"state": "ready"})
        assert state.status_code == 403


async def test_supervisors_and_agents_are_not_told_of_the_questions():
    desk = routed()
    await desk.ready("ana")
    async with router(desk, "sue") as sue:
        desk.arrives("c1")
        desk.now += 500
        desk.time()
        told = []
        while "call-offered" not in told:
            told.append((await sue.hears_any())["event"])
        assert "route-ended" in told and "route-requested" not in told


@pytest.mark.parametrize(
    "body",
    [{"agents": ["bob"]}, {"route": 0}, {"route": 1, "agents": "bob"}, {"route": 1, "again_ms": 1}],
)
async def test_an_answer_that_cannot_be_meant_is_refused(body):
    desk = routed()
    async with desk.client("ruth") as ruth:
        assert (await ruth.put(f"/v1/calls/{CALL}/route", json=body)).status_code == 422
