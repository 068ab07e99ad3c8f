"""Calls that are owed, over the API: registered, listed, put first, paid and called off."""

from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from acd.adapters.database.numbers import read_dialled
from acd.core import events
from acd.core.callback import CallbackRule
from acd.core.commands import DialNumber
from acd.core.ids import CallId, caller_leg
from acd.core.outbound import Outbound, Route
from cti_api.feed import Audience
from tests.core.rules import with_rules
from tests.core.test_calling import calls_out
from tests.cti_api.desk import AGENTS, Desk
from tests.cti_api.test_outbound import picks_up
from tests.play import SUPPORT

WANG = {"number": "010 6555 1234", "queue": "support", "data": {"case": "S-1"}}


def a_desk(**parts: Any) -> Desk:
    """A desk at which support calls back."""
    country = Route(name="country", endpoint="trunk", prefixes=("+86",), caller_id="1")
    configuration = with_rules(calls_out(AGENTS), callback=CallbackRule(attempts=1))
    configuration = replace(configuration, outbound=Outbound(routes=(country,), queue=SUPPORT))
    return Desk(configuration, read_number=partial(read_dialled, region="CN"), **parts)


async def test_registered_listed_put_first_and_paid():
    desk = a_desk()
    async with desk.client("ana") as ana, desk.client("sue") as sue:
        before_all = await ana.post("/v1/callbacks", json=WANG | {"priority": 9})
        assert before_all.status_code == 403, "only supervisors put anybody before the others"
        said = await ana.post("/v1/callbacks", json=WANG)
        assert said.status_code == 201, said.text
        shown: dict[str, Any] = said.json()
        assert (shown["phase"], shown["direction"]) == ("waiting", "out")
        assert (shown["caller"]["number"], shown["data"]) == ("+861065551234", {"case": "S-1"})
        assert (shown["callback"]["by"], shown["callback"]["tries"]) == ("ana", 0)
        (listed,) = (await sue.get("/v1/callbacks?queue=support")).json()
        assert listed["id"] == shown["id"] and "cancel-callback" in listed["allowed"]
        assert (await sue.get("/v1/callbacks?queue=sales")).json() == []
        (queue,) = [q for q in (await sue.get("/v1/queues")).json() if q["id"] == "support"]
        assert queue["waiting"] == 0  # Nobody is on the line.
        first = await sue.put(f"/v1/calls/{shown['id']}/priority", json={"priority": 5})
        assert first.status_code == 200, first.text
        call = CallId(shown["id"])
        await desk.ready("ana")
        rings = (await ana.get(f"/v1/calls/{call}")).json()
        assert (rings["phase"], rings["callback"]["id"]) == ("offered", shown["callback"]["id"])
        picks_up(desk, call)
        (dialled,) = [one for one in desk.performed if isinstance(one, DialNumber)]
        assert dialled.digits == "+861065551234"
        desk.tell(events.LegAnswered(at=desk.now, channel=caller_leg(call)))
        talks = (await ana.get(f"/v1/calls/{call}")).json()
        assert (talks["phase"], talks["callback"]) == ("talking", None)
        assert (await sue.get("/v1/callbacks")).json() == []


async def test_called_off_while_it_rings_and_for_later():
    desk = a_desk()
    await desk.ready("ana")
    async with desk.client("sue") as sue:
        shown = (await sue.post("/v1/callbacks", json=WANG)).json()
        assert shown["phase"] == "offered"
        ana = await desk.users.find("ana")
        assert ana is not None
        frame = next(f for f in desk.services.feed._frames if f.full.event == "call-offered")
        seen = desk.services.feed.seen(frame, Audience(user=ana))
        assert seen is not None
        allowed = msgspec.json.decode(seen.message())["view"]["allowed"]
        assert allowed == ["reject", "deflect", "write-data"], "the rest is for supervisors"
        name = shown["callback"]["id"]
        assert (await sue.delete(f"/v1/callbacks/{name}?reason=asked")).status_code == 204
        assert (await sue.delete(f"/v1/callbacks/{name}")).json()["error"]["reason"] == (
            "unknown-callback"
        )
        assert not any(isinstance(one, DialNumber) for one in desk.performed)
        later = (await sue.post("/v1/callbacks", json=WANG | {"due_at": desk.now + 60_000})).json()
        assert (later["phase"], later["joined_at"]) == ("paused", desk.now + 60_000)
        assert later["allowed"] == ["set-priority", "cancel-callback", "write-data"]
        first = await sue.put(f"/v1/calls/{later['id']}/priority", json={"priority": 5})
        assert first.json()["priority"] == 5
