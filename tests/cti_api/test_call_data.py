"""What is noted with a call over the API, and who sees it."""

from acd.core.call_data import MOST
from tests.cti_api.desk import Desk
from tests.cti_api.test_events import heard, listening, names
from tests.play import call_id

PATH = f"/v1/calls/{call_id('c1')}/data"


async def test_whoever_has_the_call_and_supervisors_note_and_all_of_them_see_it(desk: Desk) -> None:
    await desk.ready("ana")
    desk.arrives("c1")
    async with (
        desk.server() as at,
        listening(desk, at, "ana") as ana,
        listening(desk, at, "bob") as bob,
        desk.client("ana") as by_ana,
        desk.client("bob") as by_bob,
        desk.client("sue") as by_sue,
    ):
        await heard(ana)
        await heard(bob)
        said = await by_sue.put(PATH, json={"data": {"order": "A-4711"}})
        assert said.status_code == 200 and said.json()["data"] == {"order": "A-4711"}
        (told,) = await heard(ana)  # Her phone rings for it.
        assert told["event"] == "data-changed" and told["by"] == "sue"
        assert told["view"]["data"] == {"order": "A-4711"}
        desk.talks("c1")
        said = await by_ana.put(PATH, json={"data": {"mood": "😊", "order": None}})
        assert said.json()["data"] == {"mood": "😊"}
        assert (await by_bob.put(PATH, json={"data": {"x": "y"}})).status_code == 404
        assert "data-changed" in names(await heard(ana))
        assert "data-changed" not in names(await heard(bob))
        assert (await by_ana.get(f"/v1/calls/{call_id('c1')}")).json()["data"] == {"mood": "😊"}


async def test_what_cannot_be_noted_is_refused(desk: Desk) -> None:
    desk.arrives("c1")
    async with desk.client("sue") as sue:
        for bad in (
            {},
            {"data": {}},
            {"data": {"": "x"}},
            {"data": {"a": 1}},
            {"data": {"a": "x" * 201}},
            {"data": {"a\n": "x"}},
            {"data": {str(n): "x" for n in range(MOST + 1)}},
        ):
            assert (await sue.put(PATH, json=bad)).status_code == 422, bad
        gone = await sue.put(f"/v1/calls/{call_id('c9')}/data", json={"data": {"a": "x"}})
        assert gone.status_code == 404
