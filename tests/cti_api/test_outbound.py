"""An agent calls somebody over the API, and every reason for which he may not; and an admin stops it all."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from acd.adapters.database.numbers import read_dialled
from acd.core import events
from acd.core.callback import CallbackRule
from acd.core.commands import DialNumber, RingAgent
from acd.core.hours import Calendar
from acd.core.ids import CallId, ChannelId, OfferId, caller_leg
from acd.core.outbound import Caps, Outbound, Route
from tests.core.test_calling import calls_out
from tests.cti_api.desk import AGENTS, SECOND_TIME, Desk
from tests.play import NODE, START, SUPPORT

WANG = {"number": "010 6555 1234"}
ROUTES = (
    Route(
        name="country",
        endpoint="trunk",
        prefixes=("+86",),
        barred=("+8690",),
        emergency=("110",),
        caller_id="+861065550000",
    ),
    Route(name="night", endpoint="trunk", prefixes=("+49",), hours="never", caller_id="1"),
    Route(name="sky", endpoint="trunk", prefixes=("+881", "+44"), caller_id="1"),
)


def a_desk(caps: Caps | None = None, callback: CallbackRule | None = None, **options: Any) -> Desk:
    outbound = Outbound(routes=ROUTES, queue=SUPPORT, caps=caps or Caps())
    never = Calendar(spans=(), known_until=2 * START)
    configuration = replace(
        calls_out(AGENTS, callback=callback), outbound=outbound, calendars={"never": never}
    )
    return Desk(configuration, read_number=partial(read_dialled, region="CN"), **options)


def picks_up(desk: Desk, call: CallId) -> ChannelId:
    leg = next(
        ChannelId(c.offer)
        for c in desk.performed[::-1]
        if isinstance(c, RingAgent) and c.call == call
    )
    desk.tell(events.LegAnswered(at=desk.now, channel=leg))
    for channel in (leg, caller_leg(call)):
        desk.tell(events.LegBridged(at=desk.now, channel=channel, offer=OfferId(leg)))
    return leg


async def test_an_agent_calls_a_customer_and_sees_who_he_is():
    desk = a_desk()
    await desk.ready("ana")
    async with desk.client("ana") as ana:
        assert "make-call" in (await ana.get("/v1/me")).json()["view"]["allowed"]
        said = await ana.post("/v1/calls", json=WANG | {"data": {"list": "spring"}})
        assert "make-call" not in (await ana.get("/v1/me")).json()["view"]["allowed"]
        assert said.status_code == 201, said.text
        shown = said.json()
        assert (shown["phase"], shown["direction"], shown["agent"]) == ("placed", "out", "ana")
        assert (shown["caller"]["number"], shown["data"]) == ("+861065551234", {"list": "spring"})
        assert shown["allowed"] == ["clear", "write-data"]
        call = shown["id"]
        desk.tell(events.CallerIdentified(at=desk.now, call=call, identity=SECOND_TIME))
        picks_up(desk, call)
        (dialled,) = [c for c in desk.performed if isinstance(c, DialNumber)]
        assert (dialled.digits, dialled.endpoint) == ("+861065551234", "trunk")
        assert (await ana.get(f"/v1/calls/{call}")).json()["phase"] == "dialling"
        assert (await ana.get("/v1/agents/ana")).json()["state"] == "dialling"
        desk.tell(events.LegAnswered(at=desk.now, channel=caller_leg(call)))
        shown = (await ana.get(f"/v1/calls/{call}")).json()
        assert (shown["phase"], shown["queue"]["id"]) == ("talking", "support")
        assert [one["name"] for one in shown["caller"]["customers"]] == ["王芳"]
        assert {"hold", "transfer", "consult", "clear", "record-outcome"} <= set(shown["allowed"])
        assert (await ana.put(f"/v1/calls/{call}/hold")).status_code == 200
        (queue,) = [q for q in (await ana.get("/v1/queues")).json() if q["id"] == "support"]
        assert queue["answered"] == 0  # Nobody has waited there.


async def test_who_has_nothing_to_do_with_it_does_not_see_whom_he_calls():
    desk = a_desk()
    await desk.ready("ana", "bob")
    async with desk.client("ana") as ana, desk.client("bob") as bob:
        call = CallId((await ana.post("/v1/calls", json=WANG)).json()["id"])
        assert (await bob.get(f"/v1/calls/{call}")).status_code == 404
        assert (await bob.delete(f"/v1/calls/{call}")).status_code == 404
        assert (await ana.delete(f"/v1/calls/{call}")).status_code == 200


async def test_asked_twice_under_one_key_it_is_one_call():
    desk = a_desk()
    await desk.ready("ana")
    async with desk.client("ana") as ana:
        key = {"Idempotency-Key": "once"}
        first = await ana.post("/v1/calls", json=WANG, headers=key)
        again = await ana.post("/v1/calls", json=WANG, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert sum(isinstance(c, RingAgent) for c in desk.performed) == 1


async def test_a_supervisor_has_an_agent_call_and_that_is_on_record():
    desk = a_desk()
    await desk.ready("ana")
    async with desk.client("sue") as sue:
        assert (await sue.post("/v1/calls", json=WANG)).status_code == 403
        said = await sue.post("/v1/calls", json=WANG | {"agent": "ana"})
        assert said.status_code == 201, said.text
        (act, *_) = (await sue.get("/v1/audit")).json()
    assert (act["by"], act["agent"], act["action"]) == ("sue", "ana", "make-call")


async def test_nobody_has_a_colleague_call():
    desk = a_desk()
    await desk.ready("ana", "bob")
    async with desk.client("bob") as bob:
        assert (await bob.post("/v1/calls", json=WANG | {"agent": "ana"})).status_code == 403


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("+1 212 555 2368", "no-route"),
        ("95588", "no-route"),
        ("+44 909 8790123", "premium-number"),
        ("+8816 3141 5926", "satellite-number"),
        ("+49 30 123456", "outside-hours"),
    ],
)
async def test_a_number_that_may_not_be_called_is_refused_and_nothing_rings(number, reason):
    desk = a_desk()
    await desk.ready("ana")
    async with desk.client("ana") as ana:
        said = await ana.post("/v1/calls", json={"number": number})
    assert (said.status_code, said.json()["error"]["reason"]) == (409, reason)
    assert desk.performed == []


@pytest.mark.parametrize(
    "number",
    [
        "wang",
        "+861065551234@evil.example",
        "+861065551234&PJSIP/bob",
        "+861065551234,30,g",
        "+861065551234/sip:x@y",
        "sip:+861065551234@evil.example;transport=tcp&x",
        "+86 10 6555 1234 ext 5",
        "*72",
        "000",
    ],
)
async def test_what_is_no_number_reaches_nobody(number):
    desk = a_desk()
    await desk.ready("ana")
    async with desk.client("ana") as ana:
        said = await ana.post("/v1/calls", json={"number": number})
    if said.status_code == 201:  # What can be read of it is a number, and nothing else is dialled.
        picks_up(desk, said.json()["id"])
        (dialled,) = [c for c in desk.performed if isinstance(c, DialNumber)]
        assert dialled.digits == "+861065551234"
    else:
        assert (said.status_code, said.json()["error"]["reason"]) == (422, "bad-number")
        assert desk.performed == []


async def test_who_cannot_call_out_is_not_shown_that_he_may():
    desk = a_desk()
    await desk.ready("ana")
    async with desk.client("ana") as ana, desk.client("bob") as bob:
        assert "make-call" not in (await bob.get("/v1/me")).json()["view"]["allowed"]
        desk.tell(
            events.DeviceChanged(
                at=desk.now, node=NODE, device="PJSIP/ana", state=events.DeviceState.UNAVAILABLE
            )
        )
        assert "make-call" not in (await ana.get("/v1/me")).json()["view"]["allowed"]
    without = Desk()
    await without.ready("ana")
    async with without.client("ana") as ana:
        assert "make-call" not in (await ana.get("/v1/me")).json()["view"]["allowed"]


async def test_who_is_busy_off_shift_or_over_his_cap_is_told_so():
    desk = a_desk(Caps(agent_per_hour=1, centre_per_hour=2))
    await desk.ready("ana", "bob", "sol")
    async with desk.client("sue") as sue:

        async def asks(agent: str, **more: str) -> Any:
            said = await sue.post("/v1/calls", json=WANG | {"agent": agent} | more)
            call = said.json().get("id")
            if call is None:
                return said.json()["error"]["reason"]
            leg = picks_up(desk, call)
            for channel in (caller_leg(call), leg):
                desk.tell(events.LegEnded(at=desk.now, channel=channel, cause=17))
            desk.now += 1
            return said.status_code

        assert await asks("nobody") == "unknown-agent"
        assert await asks("ana", queue="nowhere") == "unknown-queue"
        assert await asks("ana") == 201
        assert await asks("ana") == "agent-cap"
        assert await asks("bob") == 201
        assert await asks("sol") == "centre-cap"
        await sue.delete("/v1/agents/sol/shift")
        assert await asks("sol") == "not-logged-in"
        desk.arrives("c1")
        assert await asks("ana") == "agent-not-free"


async def test_an_admin_stops_it_and_everybody_sees_that():
    desk = a_desk()
    await desk.ready("ana")
    async with desk.client("root") as root, desk.client("ana") as ana, desk.client("sue") as sue:
        state = (await sue.get("/v1/outbound")).json()
        assert state == {"routes": True, "stopped": False}
        assert (await root.get("/ready")).json()["outbound"] == "allowed"
        stop = {"stopped": True, "reason": "calls at night"}
        assert (await sue.put("/v1/outbound", json=stop)).status_code == 403
        said = await root.put("/v1/outbound", json=stop)
        assert said.json() == {"routes": True, "stopped": True}
        assert (await root.get("/ready")).json()["outbound"] == "stopped"
        (act, *_) = (await root.get("/v1/audit")).json()
        assert (act["by"], act["agent"], act["action"], act["reason"]) == (
            "root",
            None,
            "stop-outbound",
            "calls at night",
        )
        refused = await ana.post("/v1/calls", json=WANG)
        assert refused.json()["error"]["reason"] == "outbound-stopped"
        assert (await ana.post("/v1/calls", json={"number": "110"})).status_code == 201
        await root.put("/v1/outbound", json={"stopped": False, "reason": "it was us"})
        assert (await sue.get("/v1/outbound")).json()["stopped"] is False
