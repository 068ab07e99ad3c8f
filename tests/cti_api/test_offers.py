"""What rings at an agent's phone is rejected and deflected over the API, by him or by a supervisor."""

from acd.core.commands import RingAgent
from tests.cti_api.desk import Desk
from tests.cti_api.test_events import heard, listening
from tests.play import call_id

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
        assert pop["view"]["allowed"] == ["reject", "deflect"]
        assert (await by_bob.delete(f"{CALL}/offers/ana")).status_code == 403
        said = await by_ana.delete(f"{CALL}/offers/ana")
        assert said.status_code == 200 and said.json()["ringing"] == ["bob"]
        assert (await by_ana.delete(f"{CALL}/offers/ana")).status_code == 409
        assert rung(desk) == ["ana", "bob"]


async def test_a_supervisor_deflects_for_an_agent(desk: Desk) -> None:
    await desk.ready("ana", "sol")
    desk.arrives("c1")
    async with desk.client("sue") as sue:
        assert (await sue.get(CALL)).json()["allowed"] == ["reject", "deflect"]
        said = await sue.post(f"{CALL}/offers/ana/deflect", json={"agent": "sol"})
        assert said.status_code == 200 and said.json()["ringing"] == ["sol"]
        said = await sue.post(f"{CALL}/offers/sol/deflect", json={"queue": "sales"})
        assert said.status_code == 200
        assert (said.json()["queue"]["id"], said.json()["phase"]) == ("sales", "waiting")
        bad = await sue.post(f"{CALL}/offers/sol/deflect", json={"number": "110"})
        assert bad.status_code == 422
