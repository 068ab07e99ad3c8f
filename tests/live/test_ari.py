"""One Asterisk commanded by hand: what the engine would be told by the real one, and that nothing is left."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from acd.adapters.asterisk.ari_client import AriClient, AriRefused
from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.node import AsteriskNode, NodeTimings
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.core.commands import (
    AnswerCall,
    Connect,
    HangUp,
    PlayPrompts,
    ReleaseToDialplan,
    RenewDeadMan,
    RingAgent,
    SaveCall,
    StartHoldMusic,
    StartRinging,
    StopPrompts,
)
from acd.core.events import (
    CallArrived,
    CallLeft,
    CommandFailed,
    Entry,
    Failure,
    KeyPressed,
    LegAnswered,
    LegBridged,
    LegEnded,
    NodeFound,
    NodeLost,
    PromptsFinished,
)
from acd.core.ids import (
    AgentId,
    CallId,
    NodeId,
    OfferId,
    agent_leg,
    bridge_for,
    call_of,
    caller_leg,
    offer_to,
    uniqueid_of,
)
from tests.adapters.asterisk.inbox import Inbox, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

NO_ANSWER, BUSY, REJECTED = 19, 17, 21


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def connection(lab: Lab, inbox: Inbox, **more: Any) -> AsteriskNode:
    return AsteriskNode(
        NodeId(lab.node),
        lab.ari_url,
        lab.ari_user,
        more.pop("password", lab.ari_password),
        deliver=inbox.deliver,
        now_ms=inbox.now_ms,
        **more,
    )


@pytest.fixture
async def node(lab: Lab, inbox: Inbox) -> AsyncIterator[AsteriskNode]:
    """Connected; and when the test is over, Asterisk has nothing left of it."""
    node = connection(lab, inbox)
    await node.start()
    await inbox.next(NodeFound)
    yield node
    lab.cli("channel request hangup all")
    await until(lambda: look(lab, "/channels") == [])
    await until(lambda: look(lab, "/bridges") == [])
    await node.stop()


def look(lab: Lab, path: str) -> Any:
    status, body = lab.ari("GET", path)
    return json.loads(body) if status == 200 else None


def packets_to(lab: Lab, call: CallId) -> int:
    statistics = look(lab, f"/channels/{uniqueid_of(call)}/rtp_statistics")
    return int(statistics["txcount"]) if statistics else 0


@contextmanager
def phones(lab: Lab, **phone: Any) -> Iterator[AgentPhones]:
    with AgentPhones(lab, default=Phone(**phone)) as ready:
        yield ready


async def arrival(inbox: Inbox) -> CallId:
    return call_of((await inbox.next(CallArrived)).channel)


def ring(
    node: AsteriskNode, call: CallId, agent: str = "ana", timeout_ms: int = 15_000, at: int = 1
) -> OfferId:
    offer = offer_to(call, AgentId(agent), at)
    node.perform(
        RingAgent(
            call=call,
            offer=offer,
            agent=AgentId(agent),
            device=f"PJSIP/{agent}",
            timeout_ms=timeout_ms,
            number="13800138000",
            name="王小明😀",
        )
    )
    return offer


async def connect(
    node: AsteriskNode, inbox: Inbox, call: CallId, agent: str = "ana", *, answer: bool
) -> OfferId:
    offer = ring(node, call, agent)
    await inbox.next(LegAnswered, channel=agent_leg(offer))
    node.perform(Connect(call=call, offer=offer, answer=answer))
    there = {caller_leg(call), agent_leg(offer)}
    while there:
        there.discard((await inbox.next(LegBridged, offer=offer)).channel)
    return offer


def failures(inbox: Inbox) -> list[CommandFailed]:
    return [event for event in inbox.all if isinstance(event, CommandFailed)]


async def test_a_call_is_connected_and_nothing_is_left(
    lab: Lab, inbox: Inbox, node: AsteriskNode
) -> None:
    caller = Call(name="王小明😀", number="13800138000", extension="4001", talk_ms=300)
    with phones(lab, ring_ms=50) as agents, Callers(lab, [caller], media=True) as callers:
        arrived = await inbox.next(CallArrived)
        assert (arrived.entry, arrived.target) == (Entry.QUEUE, "support")
        assert (arrived.number, arrived.name) == ("13800138000", "王小明😀")
        call = call_of(arrived.channel)
        node.perform(SaveCall(call=call, saved="support|0|1"))
        node.perform(StartRinging(call=call))
        offer = await connect(node, inbox, call, answer=True)
        node.perform(RenewDeadMan(call=call, timeout_ms=0))
        await inbox.next(LegEnded, channel=caller_leg(call))
        node.perform(HangUp(call=call, channel=agent_leg(offer)))
        await inbox.next(LegEnded, channel=agent_leg(offer), cause=16)
        assert callers.wait(5), callers.errors()
        (invite,) = (m for m in agents.messages() if m.first_line.startswith("INVITE"))
        assert "王小明😀" in invite.header("From")
        assert "<sip:13800138000@" in invite.header("From")
    await until(lambda: look(lab, "/bridges") == [])
    assert not failures(inbox)
    # The hang-up is told before the caller leaves Stasis, or it would look as if he was taken back.
    ends = [type(e) for e in inbox.all if getattr(e, "channel", "") == caller_leg(call)][-2:]
    assert ends == [LegEnded, CallLeft]


async def test_music_ends_when_the_agent_is_there(
    lab: Lab, inbox: Inbox, node: AsteriskNode
) -> None:
    with phones(lab, talk_ms=500), Callers(lab, [Call()]):
        call = await arrival(inbox)
        node.perform(AnswerCall(call=call))
        node.perform(StartHoldMusic(call=call, music="default"))
        await until(lambda: packets_to(lab, call) > 10)
        offer = await connect(node, inbox, call, answer=False)
        before = packets_to(lab, call)
        await inbox.next(LegEnded, channel=agent_leg(offer))
        assert packets_to(lab, call) - before < 5, "neither phone says a word: what is it he hears?"
        node.perform(StartHoldMusic(call=call, music="default"))
        await until(lambda: packets_to(lab, call) > before + 10)
        node.perform(ReleaseToDialplan(call=call, result="done", silence=True))
        await inbox.next(CallLeft, channel=caller_leg(call))
    assert not failures(inbox)


async def test_two_agents_are_never_in_one_conversation(
    lab: Lab, inbox: Inbox, node: AsteriskNode
) -> None:
    """The first was connected though we were told otherwise, and is not hung up: the second comes all the same."""
    with phones(lab), Callers(lab, [Call()]):
        call = await arrival(inbox)
        first = await connect(node, inbox, call, "ana", answer=True)
        node.perform(StartHoldMusic(call=call, music="default"))
        second = await connect(node, inbox, call, "bob", answer=False)
        inside = {bridge["id"]: bridge["channels"] for bridge in look(lab, "/bridges")}
        assert inside[bridge_for(first)] == [uniqueid_of(first)]
        assert set(inside[bridge_for(second)]) == {uniqueid_of(call), uniqueid_of(second)}
        node.perform(HangUp(call=call, channel=agent_leg(first)))
        await inbox.next(LegEnded, channel=agent_leg(first))
        await until(lambda: [one["id"] for one in look(lab, "/bridges")] == [bridge_for(second)])
        # And the other way round: the first one's leg goes, and the bridge that he had to himself with it.
        third = await connect(node, inbox, call, "chen", answer=False)
        node.perform(HangUp(call=call, channel=agent_leg(second)))
        await until(lambda: [one["id"] for one in look(lab, "/bridges")] == [bridge_for(third)])
        # Connected twice, as when the answer to the first request was lost: they stay together.
        node.perform(Connect(call=call, offer=third, answer=False))
        await inbox.next(LegBridged, offer=third, channel=agent_leg(third))
        (bridge,) = look(lab, "/bridges")
        assert set(bridge["channels"]) == {uniqueid_of(call), uniqueid_of(third)}
    assert not failures(inbox)


async def test_an_agent_who_hangs_up_leaves_the_caller_to_us(
    lab: Lab, inbox: Inbox, node: AsteriskNode
) -> None:
    with phones(lab, talk_ms=100), Callers(lab, [Call()]) as callers:
        call = await arrival(inbox)
        offer = await connect(node, inbox, call, answer=True)
        await inbox.next(LegEnded, channel=agent_leg(offer))
        assert [c["id"] for c in look(lab, "/channels")] == [uniqueid_of(call)]
        node.perform(ReleaseToDialplan(call=call, result="done", silence=True))
        await inbox.next(CallLeft)
        callers.wait(5)


async def test_a_caller_who_gives_up_while_a_phone_rings(
    lab: Lab, inbox: Inbox, node: AsteriskNode
) -> None:
    with phones(lab, what="ring") as agents, Callers(lab, [Call(patience_ms=500)]) as callers:
        call = await arrival(inbox)
        node.perform(StartRinging(call=call))
        offer = ring(node, call)
        await inbox.next(LegEnded, channel=caller_leg(call))
        node.perform(HangUp(call=call, channel=agent_leg(offer)))
        await inbox.next(LegEnded, channel=agent_leg(offer))
        await until(lambda: any(m.first_line.startswith("CANCEL") for m in agents.messages()))
        assert callers.wait(5), callers.errors()
        # Too late: nobody's phone rings for a caller who has gone.
        ring(node, call, at=2)
        await inbox.next(CommandFailed, command="RingAgent", failure=Failure.GONE)


async def test_why_a_phone_was_not_picked_up(lab: Lab, inbox: Inbox, node: AsteriskNode) -> None:
    behaviour = {
        "ana": Phone(what="busy"),
        "bob": Phone(what="decline"),
        "chen": Phone(what="ring"),
    }
    with AgentPhones(lab, behaviour), Callers(lab, [Call()]):
        call = await arrival(inbox)
        causes = {}
        for agent in behaviour:
            # Our own timer ends it earlier; this is what Asterisk does if we are not there to.
            offer = ring(node, call, agent, timeout_ms=-4000)
            causes[agent] = (await inbox.next(LegEnded, channel=agent_leg(offer))).cause
        assert causes == {"ana": BUSY, "bob": REJECTED, "chen": NO_ANSWER}
        ring(node, call, "nobody")
        await inbox.next(CommandFailed, command="RingAgent", failure=Failure.REFUSED)


async def test_keys_and_prompts(lab: Lab, inbox: Inbox, node: AsteriskNode) -> None:
    caller = Call(extension="4000", digits="5#", digits_after_ms=300)
    with Callers(lab, [caller]):
        arrived = await inbox.next(CallArrived)
        assert (arrived.entry, arrived.target) == (Entry.MENU, "main")
        call = call_of(arrived.channel)
        node.perform(AnswerCall(call=call))
        node.perform(PlayPrompts(call=call, playback=1, prompts=("silence/10", "silence/10")))
        await inbox.next(KeyPressed, channel=caller_leg(call), key="5")
        node.perform(StopPrompts(call=call, playback=1))
        await inbox.next(PromptsFinished, call=call, playback=1)
        await inbox.next(KeyPressed, key="#")
        node.perform(
            PlayPrompts(call=call, playback=2, prompts=("digits/1", "no-such", "digits/2"))
        )
        await inbox.next(PromptsFinished, call=call, playback=2)
    assert len([e for e in inbox.all if isinstance(e, PromptsFinished)]) == 2
    assert not failures(inbox)


async def test_the_dead_man_is_put_off_and_then_takes_the_caller_back(
    lab: Lab, inbox: Inbox, node: AsteriskNode
) -> None:
    with Callers(lab, [Call()]):
        call = await arrival(inbox)
        node.perform(RenewDeadMan(call=call, timeout_ms=0))
        node.perform(PlayPrompts(call=call, playback=1, prompts=("silence/1",)))
        await inbox.next(PromptsFinished)
        node.perform(RenewDeadMan(call=call, timeout_ms=1000))
        await inbox.next(CallLeft, channel=caller_leg(call))
        assert not [e for e in inbox.all if isinstance(e, LegEnded)]
        await until(
            lambda: look(lab, f"/channels/{uniqueid_of(call)}")["dialplan"]["app_name"] == "Queue"
        )


async def test_a_lost_socket_and_the_truth_after_it(
    lab: Lab, inbox: Inbox, node: AsteriskNode
) -> None:
    with phones(lab), Callers(lab, [Call(), Call()], per_second=10):
        talks, waits = await arrival(inbox), await arrival(inbox)
        offer = await connect(node, inbox, talks, answer=True)
        node.perform(SaveCall(call=waits, saved="support|0|7"))
        await until(
            lambda: "support|0|7" in json.dumps(look(lab, f"/channels/{uniqueid_of(waits)}"))
        )
        assert node._socket is not None
        await node._socket.close()
        await inbox.next(NodeLost)
        found = await inbox.next(NodeFound)
        there = {seen.channel: seen for seen in found.channels}
        assert set(there) == {caller_leg(talks), caller_leg(waits), agent_leg(offer)}
        assert there[caller_leg(talks)].bridge == bridge_for(offer)
        assert there[agent_leg(offer)].bridge == bridge_for(offer)
        assert there[caller_leg(talks)].up and not there[caller_leg(waits)].up
        waiting = there[caller_leg(waits)]
        assert (waiting.saved, waiting.entry, waiting.target) == (
            "support|0|7",
            Entry.QUEUE,
            "support",
        )
        # And events of the survivors come to us as before.
        node.perform(HangUp(call=waits, channel=caller_leg(waits)))
        await inbox.next(LegEnded, channel=caller_leg(waits))


async def test_looking_around_again_and_again_finds_the_same(lab: Lab, inbox: Inbox) -> None:
    node = connection(lab, inbox, timings=NodeTimings(probe_every_s=0.01, survey_every_s=0))
    await node.start()
    with Callers(lab, [Call()]):
        call = await arrival(inbox)
        for _ in range(20):
            assert [seen.channel for seen in (await inbox.next(NodeFound)).channels] in (
                [],
                [caller_leg(call)],
            )
        assert [seen.channel for seen in (await inbox.next(NodeFound)).channels] == [
            caller_leg(call)
        ]
        node.perform(HangUp(call=call, channel=caller_leg(call)))
        await inbox.next(LegEnded)
        assert (await inbox.next(NodeFound)).channels == ()
    await node.stop()


async def test_a_channel_of_which_nothing_is_told_is_asked_for(lab: Lab, inbox: Inbox) -> None:
    node = connection(lab, inbox, timings=NodeTimings(probe_every_s=0.01, survey_every_s=0))
    await node.start()
    with Callers(lab, [Call()]):
        call = await arrival(inbox)
        told_of = "/applications/cordboard"
        source = f"eventSource=channel:{uniqueid_of(call)}"
        status, _ = lab.ari("DELETE", f"{told_of}/subscription?{source}")
        assert status == 200
        await until(lambda: uniqueid_of(call) in look(lab, told_of)["channel_ids"])
        node.perform(HangUp(call=call, channel=caller_leg(call)))
        await inbox.next(LegEnded)
    await node.stop()


async def test_the_first_of_two_steps_down(lab: Lab, inbox: Inbox, node: AsteriskNode) -> None:
    replaced: list[str] = []
    node._on_replaced = lambda: replaced.append("first")
    second_inbox = Inbox()
    second = connection(lab, second_inbox)
    await second.start()
    await until(lambda: replaced)
    assert not node.connected and second.connected
    await inbox.next(NodeLost)
    with Callers(lab, [Call()]):
        call = await arrival(second_inbox)
        node.perform(AnswerCall(call=call))
        await inbox.next(CommandFailed, failure=Failure.UNREACHABLE)
    await second.stop()


async def test_a_wrong_password_is_told_in_words(lab: Lab, inbox: Inbox) -> None:
    with pytest.raises(AriRefused, match=r"refuses user cordboard \(401\): check \[cordboard\]"):
        await connection(lab, inbox, password="wrong").start()


async def test_it_says_what_version_it_is(lab: Lab) -> None:
    client = AriClient(lab.ari_url, lab.ari_user, lab.ari_password, deadline_s=5)
    assert (await client.check()).startswith("22.")
    await client.close()
