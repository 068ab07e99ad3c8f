"""Numbers beside a call, over the API: what is shown, to whom, and all that is refused."""

from urllib.parse import quote

from acd.core import events
from acd.core.commands import DialNumber
from tests.cti_api.desk import Desk
from tests.cti_api.test_outbound import WANG, a_desk
from tests.play import call_id

CALL = f"/v1/calls/{call_id('c1')}"
THERE = f"{CALL}/outsiders/{quote('+861065551234')}"


def number_picks_up(desk: Desk) -> None:
    (*_, dialled) = (c for c in desk.performed if isinstance(c, DialNumber))
    desk.tell(events.LegAnswered(at=desk.now, channel=dialled.leg))


async def talking() -> Desk:
    desk = a_desk()
    await desk.ready("ana")
    desk.arrives("c1")
    desk.talks("c1")
    await desk.ready("bob")
    return desk


async def test_over_the_api_with_all_that_is_refused():
    desk = await talking()
    async with desk.client("ana") as ana, desk.client("bob") as bob, desk.client("sue") as sue:
        for path in ("transfer", "consult"):
            assert (await bob.post(f"{CALL}/{path}", json=WANG)).status_code == 404
            for number, reason in (
                ("+1 212 555 2368", "no-route"),
                ("1&PJSIP/bob", "bad-number"),
                ("01065551234@evil", "bad-number"),
            ):
                said = await ana.post(f"{CALL}/{path}", json={"number": number})
                assert said.json()["error"]["reason"] == reason
        shown = (await ana.post(f"{CALL}/consult", json=WANG)).json()
        (one,) = shown["outsiders"]
        assert one == {
            "number": "+861065551234",
            "transfer": False,
            "state": "ringing",
            "muted": False,
        }
        assert {"cancel-consult", "remove-party"} <= set(shown["allowed"])
        assert (await ana.put(f"{THERE}/mute")).json()["error"]["reason"] == "consult-not-answered"
        number_picks_up(desk)
        shown = (await ana.post(f"{CALL}/conference")).json()
        assert shown["outsiders"][0]["state"] == "joined"
        again = await ana.post(f"{CALL}/consult", json=WANG)
        assert again.json()["error"]["reason"] == "in-call-already"
        assert (await bob.put(f"{THERE}/mute")).status_code == 404
        assert (await ana.put(f"{THERE}/mute")).json()["outsiders"][0]["muted"]
        assert not (await ana.delete(f"{THERE}/mute")).json()["outsiders"][0]["muted"]
        assert (await ana.delete(THERE)).json()["outsiders"] == []
        assert (await ana.delete(THERE)).json()["error"]["reason"] == "not-in-call"

        await ana.post(f"{CALL}/transfer", json=WANG)
        number_picks_up(desk)
        shown = (await sue.get(CALL)).json()
        assert (shown["phase"], shown["agent"], shown["allowed"]) == (
            "outside",
            None,
            ["transfer", "clear", "write-data"],
        )
        assert (await ana.get(CALL)).status_code == 404, "it is hers no more"
        assert (await ana.delete(CALL)).status_code == 404
        said = await sue.post(f"{CALL}/transfer", json=WANG)
        assert said.json()["error"]["reason"] == "in-call-already"
        said = await sue.post(f"{CALL}/transfer", json={"number": "010 6555 4321"})
        assert [one["number"] for one in said.json()["outsiders"]] == ["+861065554321"]
        number_picks_up(desk)
        said = await sue.post(f"{CALL}/transfer", json={"queue": "support"})
        assert (said.json()["phase"], said.json()["outsiders"]) == ("offered", [])
