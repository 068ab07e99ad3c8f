"""A listener may ask for less: of these topics, of these queues; what concerns himself he is told all the same."""

import asyncio
from itertools import product
from typing import get_args

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

import cordboard_client
from acd.core.ids import QueueId
from cordboard_client import AsyncClient
from cti_api.asyncapi import document, names_of_events
from cti_api.interests import _TOPIC_OF, EVERYTHING, TOPICS, interest_in
from tests.cti_api.desk import Desk
from tests.cti_api.test_events import heard, listening, names
from tests.play import call_id

ALL = {
    "agents": "agent-changed",
    "queues": "queue-changed",
    "calls": "call-queued",
    "centre": "node-changed",
}


def test_every_event_is_of_a_topic_and_the_document_says_which() -> None:
    assert set(_TOPIC_OF) <= set(names_of_events())
    assert set(_TOPIC_OF.values()) | {"calls"} == set(TOPICS)
    messages = document("1")["components"]["messages"]
    assert messages["QueueChanged"]["tags"] == [{"name": "queues"}]
    assert messages["CallQueued"]["tags"] == [{"name": "calls"}]
    assert messages["Snapshot"]["tags"] == []


def test_whoever_names_nothing_wants_everything() -> None:
    assert interest_in((), ()) is EVERYTHING
    assert interest_in(TOPICS, ()) is EVERYTHING
    for topic, about in product(TOPICS, (None, (), (None,), ("support",))):
        assert EVERYTHING.hears(topic, about)


def test_of_what_is_in_no_queue_a_queue_says_nothing() -> None:
    support = interest_in((), (QueueId("support"),))
    assert support.hears("centre", None)
    assert support.hears("calls", (QueueId("sales"), QueueId("support")))
    assert not support.hears("calls", (QueueId("sales"), None))
    assert not support.hears("calls", ())


@pytest.mark.parametrize("topic", ALL)
async def test_a_topic_alone(desk: Desk, topic: str) -> None:
    await desk.ready("ana")
    desk.arrives("c0")
    async with desk.server() as at, listening(desk, at, "sue", f"?topic={topic}") as sue:
        await desk.ready("bob")
        desk.arrives("c1")
        desk.arrives("c2")
        desk.services.feed.tell_queues()
        snapshot, *frames = await heard(sue)
    shown = {"agents": "agents", "queues": "queues", "calls": "calls", "centre": "nodes"}
    assert {part for part in shown.values() if snapshot[part]} == {shown[topic]}
    told = set(names(frames))
    assert told == {ALL[topic]} - {"node-changed"} or (topic == "calls" and ALL[topic] in told)
    assert not told & (set(ALL.values()) - {ALL[topic]})


async def test_a_queue_alone_and_a_call_that_leaves_it(desk: Desk) -> None:
    async with (
        desk.server() as at,
        listening(desk, at, "sue", "?queue=sales&topic=calls&topic=queues&topic=agents") as sales,
        listening(desk, at, "sue", "?queue=support&topic=calls") as support,
    ):
        (first,) = await heard(sales)
        assert [queue["id"] for queue in first["queues"]] == ["sales"]
        assert [agent["id"] for agent in first["agents"]] == ["sol"]
        await desk.ready("ana", "sol")
        desk.arrives("c1")  # To Ana, at once.
        desk.arrives("c2")
        assert set(names(await heard(sales))) == {"agent-changed"}
        await heard(support)
        async with desk.client("sue") as client:
            moved = await client.put(f"/v1/calls/{call_id('c2')}/queue", json={"queue": "sales"})
            assert moved.status_code == 200, moved.text
        by_support, by_sales = await heard(support), await heard(sales)
        assert names(by_support) == ["call-changed"]
        assert by_support[0]["view"]["queue"]["id"] == "sales"
        assert names(by_sales)[:1] == ["call-changed"] and "call-offered" in names(by_sales)
        desk.hangs_up("c2")
        assert await heard(support) == []
        assert "call-ended" in names(await heard(sales))


async def test_what_concerns_an_agent_he_is_told_of_whatever_queue_it_is(desk: Desk) -> None:
    async with (
        desk.server() as at,
        listening(desk, at, "ana", "?queue=sales") as ana,
        listening(desk, at, "bob", "?queue=sales") as bob,
    ):
        await desk.ready("ana")
        desk.arrives("c1")
        snapshot, *frames = await heard(ana)
        assert [agent["id"] for agent in snapshot["agents"]] == ["ana"]
        assert "call-offered" in names(frames) and "agent-changed" in names(frames)
        assert names(await heard(bob)) == ["snapshot"]
        async with listening(desk, at, "ana", "?queue=sales&topic=calls") as again:
            (now,) = await heard(again)
        assert [call["id"] for call in now["calls"]] == [call_id("c1")] and now["agents"] == []


async def test_the_client_asks_for_it(desk: Desk) -> None:
    assert get_args(cordboard_client.Topic) == TOPICS
    async with desk.server() as at, AsyncClient(f"http://{at}") as client:
        client.token = await desk.token("sue")
        wanted = client.events(topics=("agents", "calls"), queues=("sales", "support"))
        snapshot = await anext(wanted)
        assert snapshot["type"] == "snapshot"
        assert snapshot["queues"] == [] and len(snapshot["agents"]) == 3
        await wanted.aclose()


async def test_an_interest_holds_for_what_was_missed(desk: Desk) -> None:
    async with desk.server() as at:
        seq = desk.services.feed.seq
        await desk.ready("ana")
        desk.arrives("c1")
        async with listening(desk, at, "sue", f"?topic=agents&resume={seq}") as sue:
            assert set(names(await heard(sue))) == {"resumed", "agent-changed"}


@pytest.mark.parametrize(
    ("query", "status"),
    [("queue=suport", 404), ("queue=", 422), ("topic=call", 422), ("topic=calls&topic=", 422)],
)
async def test_what_there_is_not_is_refused(desk: Desk, query: str, status: int) -> None:
    async with desk.server() as at:
        token = {"Authorization": f"Bearer {await desk.token('ana')}"}
        with pytest.raises(InvalidStatus) as refused:
            async with (
                asyncio.timeout(10),
                connect(f"ws://{at}/v1/events?{query}", additional_headers=token),
            ):
                pass
        assert refused.value.response.status_code == status
        async with desk.client("ana") as client:
            assert (await client.get(f"/v1/events/stream?{query}")).status_code == status
