"""The AsyncAPI document against a whole day: all that is sent is described, and all that is described is sent."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from acd.cases.news import PromiseChanged, TaskChanged
from acd.core import events
from acd.core.callback import CallbackRule
from acd.core.commands import Connect, DialNumber, RingAgent
from acd.core.configuration import Configuration, Overflow
from acd.core.events import Entry
from acd.core.ids import AgentId, ChannelId, caller_leg
from acd.core.notices import Accepted
from acd.core.preview import Work
from acd.core.recording import RecordWhen
from acd.core.requests import FinishWrapUp, LogIn, LogOut, StopSupervising, SuperviseCall
from acd.core.supervision import Mode
from cti_api import asyncapi
from cti_api.refusals import REFUSALS, Denial
from tests.core.rules import with_rules
from tests.core.test_calling import WANG as CALLED
from tests.core.test_calling import calls_out
from tests.core.test_menus import MAIN
from tests.core.test_surveying import MENU as AFTER_CALL
from tests.core.test_surveying import RULE
from tests.cti_api.desk import AGENTS, NUMBER, SECOND_TIME, Desk
from tests.play import NODE, SALES, SUPPORT, call_id, centre, channel

Json = dict[str, Any]
LONG_MS = 120_000


def validator(document: Json, message: str) -> Draft202012Validator:
    """What checks a payload of this message, with the document's own schemas."""
    payload = document["components"]["messages"][message]["payload"]
    return Draft202012Validator({"components": document["components"], **payload})


def kind(frame: Json) -> str:
    """The message's name, as the document has it: call-offered is CallOffered."""
    name = frame.get("event", frame["type"])
    return "".join(word.title() for word in name.split("-"))


async def all_frames(client: ClientConnection) -> list[Json]:
    """All so far, the pong included."""
    await client.send('{"type":"ping"}')
    frames: list[Json] = []
    while not frames or frames[-1]["type"] != "pong":
        frames.append(json.loads(await asyncio.wait_for(client.recv(), 10)))
    return frames


async def whole_day(desk: Desk) -> None:
    """Everything that an administrator can be told of, once at least."""
    desk.tell(
        events.CallArrived(
            at=desk.now, channel=channel("m1"), entry=Entry.MENU, target="main", number=NUMBER
        )
    )
    desk.tell(events.CallerIdentified(at=desk.now, call=call_id("m1"), identity=SECOND_TIME))
    desk.hangs_up("m1")
    desk.arrives("lost", queue="suport")
    desk.arrives("o1")
    desk.now += LONG_MS
    desk.time()  # It waits on in another queue.
    desk.hangs_up("o1")
    await desk.ready("ana", "bob")
    desk.arrives("c1", caller="王芳")
    anas = desk.leg("c1")
    desk.now += 15_000
    desk.time()  # Ana does not answer, and Bob is rung.
    desk.tell(events.LegEnded(at=desk.now, channel=anas, cause=19))
    desk.talks("c1")
    desk.backgrounds.learn(call_id("c1"), {"balance": "12.00"})
    async with desk.client("bob") as bob:
        said = await bob.put(f"/v1/calls/{call_id('c1')}/outcome", json={"outcome": "solved"})
        assert said.status_code == 200, said.text
        address = f"/v1/calls/{call_id('c1')}"
        await bob.put(f"{address}/data", json={"data": {"order": "A-4711"}})
        await bob.put(f"{address}/hold")
        await bob.delete(f"{address}/hold")
        await a_supervisor_listens(desk)
        await desk.ready("ana")
        await bob.post(f"{address}/consult", json={"agent": "ana"})
        desk.tell(events.LegEnded(at=desk.now, channel=desk.leg("c1"), cause=21))
        desk.now += 10_000
        desk.time()  # Her phone may be rung again.
        await bob.post(f"{address}/consult", json={"agent": "ana"})
        desk.comes("c1")
        said = await bob.post(f"{address}/consult/complete")
        assert said.status_code == 200, said.text
        bobs = ChannelId(next(c.offer for c in desk.performed[::-1] if isinstance(c, Connect)))
        desk.tell(events.LegEnded(at=desk.now, channel=bobs, cause=16))
    async with desk.client("ana") as ana:
        said = await ana.post(f"{address}/transfer", json={"queue": "sales"})
        assert said.status_code == 200, said.text
    desk.hangs_up("c1")
    await a_caller_is_handed_on_to_a_number(desk)
    await a_supervisor_steps_in(desk)
    a_promise_lapses(desk)
    await a_supervisor_forces_an_agent(desk)
    await a_router_is_asked(desk)
    await a_caller_is_asked(desk)
    await an_agent_calls_somebody(desk)
    await somebody_is_called_back(desk)
    await an_agent_is_shown_whom_to_call(desk)
    await a_fault_is_mended(desk)
    desk.tell(events.NodeLost(at=desk.now, node=NODE))
    desk.services.feed.tell_queues()


async def a_caller_is_handed_on_to_a_number(desk: Desk) -> None:
    await desk.ready("bob")
    desk.arrives("h1")
    desk.talks("h1")
    async with desk.client("sue") as sue:
        said = await sue.post(f"/v1/calls/{call_id('h1')}/transfer", json={"number": NUMBER})
        assert said.status_code == 200, said.text
    (dialled,) = (c for c in desk.performed if isinstance(c, DialNumber))
    desk.tell(events.LegAnswered(at=desk.now, channel=dialled.leg))
    desk.hangs_up("h1")


async def a_supervisor_listens(desk: Desk) -> None:
    """Sol is one for a moment: to the API anybody with a phone could be."""
    who: Json = {"at": 0, "request": "", "by": "sue", "agent": AgentId("sol")}
    call = {"call": call_id("c1")}
    for request in (
        LogIn(**who),
        SuperviseCall(**who, **call, mode=Mode.LISTEN),
        StopSupervising(**who, **call),
    ):
        assert isinstance(await desk.switchboard.submit(request), Accepted)
    desk.tell(events.LegEnded(at=desk.now, channel=desk.leg("c1"), cause=16))
    await desk.switchboard.submit(LogOut(**who))


async def an_agent_calls_somebody(desk: Desk) -> None:
    async with desk.client("sol") as sol:
        said = await sol.post("/v1/calls", json={"number": NUMBER, "data": {"list": "spring"}})
        assert said.status_code == 201, said.text
    call = said.json()["id"]
    (leg,) = [
        ChannelId(c.offer) for c in desk.performed if isinstance(c, RingAgent) and c.call == call
    ]
    desk.tell(events.LegAnswered(at=desk.now, channel=leg))
    for channel_of in (caller_leg(call), leg):
        desk.tell(events.LegEnded(at=desk.now, channel=channel_of, cause=17))


async def somebody_is_called_back(desk: Desk) -> None:
    """Or would have been."""
    async with desk.client("sue") as sue:
        said = await sue.post("/v1/callbacks", json={"number": NUMBER, "queue": "sales"})
        assert said.status_code == 201, said.text
        name = said.json()["callback"]["id"]
        assert (await sue.delete(f"/v1/callbacks/{name}")).status_code == 204
    desk.time()


async def an_agent_is_shown_whom_to_call(desk: Desk) -> None:
    work = Work(task="t-1", list="l-1", queue=SALES, number=CALLED, identity=SECOND_TIME)
    offered = {"work": work, "idle_ms": 0, "answer_ms": 30_000}
    desk.tell(events.WorkOffered(at=desk.now, agent=AgentId("sol"), **offered))
    async with desk.client("sol") as sol:
        answer = {"task": "t-1", "answer": "skip", "reason": "lunch"}
        said = await sol.put("/v1/agents/sol/preview", json=answer)
    assert said.status_code == 200, said.text


async def a_supervisor_steps_in(desk: Desk) -> None:
    """A caller waits in a queue that nobody serves just now, drops out, comes back, and is moved to its front."""
    desk.arrives("s0", queue="sales")
    desk.hangs_up("s0")
    desk.arrives("s1", queue="sales")
    async with desk.client("sue") as sue:
        said = await sue.put(f"/v1/calls/{call_id('s1')}/place", json={"place": "first"})
    assert said.status_code == 200, said.text
    desk.now += 1_000
    desk.time()  # It overflows.
    desk.hangs_up("s1")


async def a_router_is_asked(desk: Desk) -> None:
    await desk.ready("sol")
    desk.arrives("r1", queue="sales")
    async with desk.client("ruth") as ruth:
        said = await ruth.put(
            f"/v1/calls/{call_id('r1')}/route", json={"route": 1, "agents": ["sol"]}
        )
    assert said.status_code == 200, said.text
    desk.hangs_up("r1")


async def a_caller_is_asked(desk: Desk) -> None:
    """The agent of sales hangs up, and the caller says what he thinks."""
    desk.arrives("v1", queue="sales")
    async with desk.client("ruth") as ruth:
        await ruth.put(f"/v1/calls/{call_id('v1')}/route", json={"route": 1, "agents": ["sol"]})
    desk.talks("v1")
    desk.tell(events.LegEnded(at=desk.now, channel=desk.leg("v1"), cause=16))
    desk.tell(events.KeyPressed(at=desk.now, channel=channel("v1"), key="4"))
    desk.hangs_up("v1")
    await desk.switchboard.submit(FinishWrapUp(by="sol", agent=AgentId("sol")))


def a_promise_lapses(desk: Desk) -> None:
    """As the book of promises tells it."""
    promise = PromiseChanged(
        at=desk.now,
        customer="C-4711",
        promise="p-1",
        change="lapsed",
        state="lapsed",
        owner="ana",
        due_at=desk.now,
    )
    task = TaskChanged(at=desk.now, task="t-1", kind="promise", state="open", agent="ana")
    for one in (promise, task):
        desk.services.feed.case_changed(one)


async def a_supervisor_forces_an_agent(desk: Desk) -> None:
    async with desk.client("sue") as sue:
        forced = {"action": "force-not-ready", "reason": "come and see me"}
        said = await sue.post("/v1/agents/ana/force", json=forced)
    assert said.status_code == 200, said.text


async def a_fault_is_mended(desk: Desk) -> None:
    """A caller waits beside an agent who is free, until the audit looks."""
    for name in ("ana", "bob"):
        await desk.switchboard.submit(LogOut(by=name, agent=AgentId(name)))
    desk.arrives("w1")
    state = desk.switchboard._engine.state
    call = state.calls[call_id("w1")]
    demand, rank = state.demand_of(call), state.rank_of(call)
    state.lines.remove(call.id)
    await desk.ready("ana")
    state.lines.add(demand, rank)
    desk.now += 2_000
    desk.time()


def days_centre() -> Configuration:
    """A centre in which all of the day can happen."""
    support = centre(
        AGENTS,
        menus={"main": MAIN, AFTER_CALL.id: AFTER_CALL},
        overflow=(Overflow(after_ms=LONG_MS, queue=SALES),),
        record=RecordWhen.ALWAYS,
    )
    steps = (Overflow(after_ms=1_000, also=(SUPPORT,)),)
    sales: dict[str, Any] = {
        "overflow": steps,
        "resume_ms": 60_000,
        "route_ms": 500,
        "survey": RULE,
    }
    sales["callback"] = CallbackRule()
    return replace(with_rules(support, queue=SALES, **sales), outbound=calls_out().outbound)


async def test_every_frame_of_a_whole_day_is_as_described_and_nothing_described_is_never_sent():
    desk = Desk(days_centre())
    async with desk.server() as at, desk.client("root") as rest:
        document = (await rest.get("/v1/asyncapi.json")).json()
        headers = {"Authorization": f"Bearer {await desk.token('root')}"}
        async with connect(f"ws://{at}/v1/events", additional_headers=headers) as client:
            frames = await all_frames(client)
            await whole_day(desk)
            frames += await all_frames(client)
        uri = f"ws://{at}/v1/events?resume={frames[0]['seq']}"
        async with connect(uri, additional_headers=headers) as client:
            frames += await all_frames(client)
    for frame in frames:
        validator(document, kind(frame)).validate(frame)
    sent = {kind(frame) for frame in frames}
    described = {
        one["$ref"].rpartition("/")[2] for one in document["operations"]["hear"]["messages"]
    }
    assert sent == described


async def test_what_is_not_described_would_be_noticed(desk: Desk):
    document = asyncapi.document("1")
    (example,) = document["components"]["messages"]["CallOffered"]["examples"]
    validator(document, "CallOffered").validate(example["payload"])
    with pytest.raises(ValidationError):
        validator(document, "CallOffered").validate(example["payload"] | {"mood": "fine"})


def test_every_message_has_an_example_that_is_true():
    document = asyncapi.document("1")
    for name, message in document["components"]["messages"].items():
        assert message["examples"], name
        for example in message["examples"]:
            validator(document, name).validate(example["payload"])


def test_every_reference_in_the_document_leads_somewhere():
    document = asyncapi.document("1")
    text = json.dumps(document)
    for reference in {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}:
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


@pytest.mark.parametrize(
    ("offered", "spoken"),
    [
        ([], None),
        (["cordboard.v1"], "cordboard.v1"),
        (["cordboard.v9", "cordboard.v1"], "cordboard.v1"),
    ],
)
async def test_the_subprotocol_is_agreed_upon(desk: Desk, offered: list[Any], spoken: str | None):
    headers = {"Authorization": f"Bearer {await desk.token('ana')}"}
    async with (
        desk.server() as at,
        connect(
            f"ws://{at}/v1/events", additional_headers=headers, subprotocols=offered or None
        ) as client,
    ):
        assert client.subprotocol == spoken


async def test_a_version_that_we_do_not_speak_is_refused(desk: Desk):
    headers = {"Authorization": f"Bearer {await desk.token('ana')}"}
    versions: list[Any] = ["cordboard.v9"]
    async with desk.server() as at:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(
                f"ws://{at}/v1/events", additional_headers=headers, subprotocols=versions
            ):
                pass
    answer = refused.value.response
    assert answer.status_code == REFUSALS[Denial.UNKNOWN_SUBPROTOCOL].status
    assert json.loads(answer.body)["error"]["reason"] == "unknown-subprotocol"
