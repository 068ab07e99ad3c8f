"""What rings at an agent's phone is rejected and deflected over the API, by him or by a supervisor."""

from acd.core.commands import PickUp, RingAgent
from acd.core.configuration import RemoteAnswer
from acd.core.ids import AgentId
from acd.core.requests import ConsultAgent
from tests.core.rules import with_agent
from tests.cti_api.desk import AGENTS, Desk
from tests.cti_api.test_events import heard, listening
from tests.play import call_id, centre

CALL = f"/v1/calls/{call_id('c1')}"


def rung(desk: Desk) -> list[str]:
    return [str(one.agent) for one in desk.performed if isinstance(one, RingAgent)]


async def test_whose_phone_rings_sends_the_caller_away_and_sees_that_he_may(desk: Desk) -> None:
    await desk.ready("ana", "bob")
    async with (
        desk.server() as at,
        listening(desk, at, "ana") as ana,
        desk.client("ana") as by_ana,
        desk.client("bob") as by_bob,
    ):
        await heard(ana)
        desk.arrives("c1")
        (pop,) = [one for one in await heard(ana) if one.get("event") == "call-offered"]
        assert pop["view"]["allowed"] == ["reject", "deflect", "write-data"]
        assert (await by_bob.delete(f"{CALL}/offers/ana")).status_code == 403
        said = await by_ana.delete(f"{CALL}/offers/ana")
        assert said.status_code == 200 and said.json()["ringing"] == ["bob"]
        assert (await by_ana.delete(f"{CALL}/offers/ana")).status_code == 409
        assert rung(desk) == ["ana", "bob"]


async def test_a_supervisor_deflects_for_an_agent(desk: Desk) -> None:
    await desk.ready("ana", "sol")
    desk.arrives("c1")
    async with desk.client("sue") as sue:
        assert (await sue.get(CALL)).json()["allowed"] == ["reject", "deflect", "write-data"]
        said = await sue.post(f"{CALL}/offers/ana/deflect", json={"agent": "sol"})
        assert said.status_code == 200 and said.json()["ringing"] == ["sol"]
        said = await sue.post(f"{CALL}/offers/sol/deflect", json={"queue": "sales"})
        assert said.status_code == 200
        assert (said.json()["queue"]["id"], said.json()["phase"]) == ("sales", "waiting")
        bad = await sue.post(f"{CALL}/offers/sol/deflect", json={"number": "110"})
        assert bad.status_code == 422


async def test_whose_phone_can_picks_up_by_the_screen_and_nobody_else() -> None:
    obedient = with_agent(centre(AGENTS), "ana", remote_answer=RemoteAnswer.TALK)
    obedient = with_agent(obedient, "bob", remote_answer=RemoteAnswer.TALK)
    desk = Desk(obedient)
    await desk.ready("ana")
    async with (
        desk.server() as at,
        listening(desk, at, "ana") as ana,
        listening(desk, at, "bob") as bob,
        listening(desk, at, "sue") as sue,
        desk.client("ana") as by_ana,
        desk.client("sue") as by_sue,
    ):
        for screen in (ana, bob, sue):
            await heard(screen)
        desk.arrives("c1")
        (pop,) = [one for one in await heard(ana) if one.get("event") == "call-offered"]
        assert pop["view"]["allowed"] == ["answer", "reject", "deflect", "write-data"]
        (told,) = [one for one in await heard(sue) if one.get("event") == "call-offered"]
        assert told["view"]["allowed"] == ["reject", "deflect", "write-data"]
        assert (await by_sue.post(f"{CALL}/answer")).status_code == 403
        said = await by_ana.post(f"{CALL}/answer")
        assert said.status_code == 200 and "answer" in said.json()["allowed"]
        assert [one.offer for one in desk.performed if isinstance(one, PickUp)] == [pop["offer"]]
        desk.talks("c1")
        late = await by_ana.post(f"{CALL}/answer")
        assert (late.status_code, late.json()["error"]["reason"]) == (409, "not-ringing")

        await desk.ready("sol", "bob")
        asked = ConsultAgent(at=0, request="", by="ana", call=call_id("c1"), agent=AgentId("sol"))
        await desk.switchboard.submit(asked)
        async with desk.client("sol") as by_sol:
            assert (await by_sol.get(CALL)).json()["allowed"] == ["leave", "write-data"]
            no = await by_sol.post(f"{CALL}/answer")
        assert (no.status_code, no.json()["error"]["reason"]) == (409, "phone-cannot")
        await by_ana.delete(f"{CALL}/consult")
        await heard(bob)
        asked = ConsultAgent(at=0, request="", by="ana", call=call_id("c1"), agent=AgentId("bob"))
        await desk.switchboard.submit(asked)
        (pop,) = [one for one in await heard(bob) if one.get("event") == "party-offered"]
        assert pop["view"]["allowed"] == ["answer", "leave", "write-data"]
