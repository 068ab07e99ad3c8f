"""One Asterisk with bad manners, played by a twin: what the engine is told of it all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from acd.adapters.asterisk.ari_client import AriRefused, AsteriskTooOld, read_major_version
from acd.adapters.asterisk.node import AsteriskNode, NodeTimings
from acd.core.commands import (
    AnswerCall,
    Connect,
    DialNumber,
    HangUp,
    Overhear,
    PlayPrompts,
    ReleaseToDialplan,
    RenewDeadMan,
    RingAgent,
    SaveCall,
    StartRinging,
    StopPrompts,
)
from acd.core.events import (
    CallArrived,
    CallLeft,
    CommandFailed,
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
    agent_leg,
    bridge_for,
    call_of,
    caller_leg,
    dialled_call,
    offer_to,
    uniqueid_of,
)
from tests.adapters.asterisk.fake_ari import PASSWORD, USER, FakeAri, FakeChannel
from tests.adapters.asterisk.inbox import Inbox, until

NODE = NodeId("pbx1")
QUICK = NodeTimings(
    request_s=1,
    probe_every_s=0.02,
    probe_s=0.2,
    survey_every_s=3600,
    deserted_s=0.02,
    retry_first_s=0.001,
    retry_longest_s=0.01,
)


@asynccontextmanager
async def node_at(
    ari: FakeAri,
    inbox: Inbox,
    *,
    password: str = PASSWORD,
    timings: NodeTimings = QUICK,
    **more: Any,
) -> AsyncIterator[AsteriskNode]:
    node = AsteriskNode(
        NODE,
        ari.url,
        USER,
        password,
        deliver=inbox.deliver,
        now_ms=inbox.now_ms,
        timings=timings,
        **more,
    )
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


@pytest.fixture
async def ari() -> AsyncIterator[FakeAri]:
    async with FakeAri.running() as running:
        yield running


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def node(ari: FakeAri, inbox: Inbox) -> AsyncIterator[AsteriskNode]:
    async with node_at(ari, inbox) as connected:
        await inbox.next(NodeFound)
        yield connected


def ring(call: CallId, *, agent: str = "ana", device: str = "PJSIP/ana", at: int = 1) -> RingAgent:
    return RingAgent(
        call=call,
        offer=offer_to(call, AgentId(agent), at),
        agent=AgentId(agent),
        device=device,
        timeout_ms=15_000,
        number="1",
        name="x",
    )


async def test_a_call_from_beginning_to_end(ari: FakeAri, inbox: Inbox, node: AsteriskNode) -> None:
    caller = await ari.call_arrives()
    call = call_of((await inbox.next(CallArrived)).channel)
    ringing = ring(call)
    leg = agent_leg(ringing.offer)
    node.perform(SaveCall(call=call, saved="support|0|1"))
    node.perform(ringing)
    await until(lambda: len(ari.channels) == 2)
    await ari.pick_up(f"{caller.id}~ana~1")
    await inbox.next(LegAnswered, channel=leg)
    node.perform(Connect(call=call, offer=ringing.offer, answer=True))
    await inbox.next(LegBridged, channel=caller_leg(call), offer=ringing.offer)
    await inbox.next(LegBridged, channel=leg, offer=ringing.offer)
    await until(lambda: caller.state == "Up")
    assert caller.variables == {"CORDBOARD_STATE": "support|0|1"}
    await ari.end(caller.id)
    await inbox.next(LegEnded, channel=caller_leg(call))
    node.perform(HangUp(call=call, channel=leg))
    await inbox.next(LegEnded, channel=leg)
    await until(lambda: not ari.channels and not ari.bridges)
    assert ("GET", f"/bridges/{bridge_for(ringing.offer)}", {}) not in ari.requests  # He has gone.
    assert not [event for event in inbox.all if isinstance(event, CommandFailed)]


async def test_the_next_agent_has_the_caller_alone_though_the_first_never_hung_up(
    ari: FakeAri, inbox: Inbox, node: AsteriskNode
) -> None:
    caller = await ari.call_arrives()
    call = call_of((await inbox.next(CallArrived)).channel)
    first, second = ring(call), ring(call, agent="bob", at=2)
    for ringing in (first, second):
        leg = uniqueid_of(ringing.offer)
        node.perform(ringing)
        await until(lambda leg=leg: leg in ari.channels)
        await ari.pick_up(leg)
        await inbox.next(LegAnswered)
        node.perform(Connect(call=call, offer=ringing.offer, answer=ringing is first))
        for side in (caller_leg(call), agent_leg(ringing.offer)):
            await inbox.next(LegBridged, channel=side, offer=ringing.offer)
    left_alone, talking = uniqueid_of(first.offer), uniqueid_of(second.offer)
    assert ari.bridges == {
        bridge_for(first.offer): [left_alone],
        bridge_for(second.offer): [caller.id, talking],
    }
    node.perform(HangUp(call=call, channel=agent_leg(first.offer)))
    await until(lambda: list(ari.bridges) == [bridge_for(second.offer)])
    assert ("GET", f"/bridges/{bridge_for(first.offer)}", {}) in ari.requests  # He might come back.


async def test_a_menu(ari: FakeAri, inbox: Inbox, node: AsteriskNode) -> None:
    caller = await ari.call_arrives("enter,menu,main,4000")
    call = call_of((await inbox.next(CallArrived, target="main")).channel)
    node.perform(AnswerCall(call=call))
    node.perform(PlayPrompts(call=call, playback=1, prompts=("hello",)))
    await until(lambda: ari.playbacks)
    await ari.press(caller.id, "5")
    await inbox.next(KeyPressed, key="5")
    node.perform(StopPrompts(call=call, playback=1))
    await inbox.next(PromptsFinished, call=call, playback=1)
    node.perform(StopPrompts(call=call, playback=1))  # It is over already: no failure.
    node.perform(ReleaseToDialplan(call=call, result="done"))
    await inbox.next(CallLeft, channel=caller_leg(call))
    assert caller.variables["CORDBOARD_RESULT"] == "done"
    assert not [event for event in inbox.all if isinstance(event, CommandFailed)]


async def test_failures_are_told_by_what_they_mean(
    ari: FakeAri, inbox: Inbox, node: AsteriskNode
) -> None:
    caller = await ari.call_arrives()
    call = call_of((await inbox.next(CallArrived)).channel)
    node.perform(ring(call, device="PJSIP/nobody"))
    await inbox.next(CommandFailed, command="RingAgent", failure=Failure.REFUSED)
    node.perform(Connect(call=call, offer=offer_to(call, AgentId("ana"), 9), answer=True))
    failed = await inbox.next(CommandFailed, command="Connect", failure=Failure.GONE)
    assert failed.channel == agent_leg(offer_to(call, AgentId("ana"), 9))
    await until(lambda: not ari.bridges)
    ear, gone = offer_to(call, AgentId("sue"), 9), offer_to(call, AgentId("ana"), 8)
    ari.responses["/channels/17.1~sue~9/mute"] = [204]
    node.perform(Overhear(call=call, offer=ear, of=gone, muted=True))
    await inbox.next(CommandFailed, command="Overhear", failure=Failure.GONE)
    assert ("POST", f"/bridges/{bridge_for(ear)}", {"type": "mixing"}) in ari.requests
    await until(lambda: not ari.bridges)
    await ari.take_back(caller.id)
    node.perform(AnswerCall(call=call))
    await inbox.next(CommandFailed, command="AnswerCall", failure=Failure.GONE)
    await ari.end(caller.id)
    node.perform(ring(call))
    await inbox.next(CommandFailed, command="RingAgent", failure=Failure.GONE)
    node.perform(HangUp(call=call, channel=caller_leg(call)))  # Has what it wants.
    node.perform(SaveCall(call=call, saved=""))
    await inbox.next(CommandFailed)
    assert [e.command for e in inbox.all if isinstance(e, CommandFailed)][-1] == "SaveCall"
    ari.responses["/channels/17.1/answer"] = [503]
    node.perform(AnswerCall(call=call))
    await inbox.next(CommandFailed, command="AnswerCall", failure=Failure.UNREACHABLE)


async def test_a_connection_that_closes_under_a_request_is_no_failure(
    ari: FakeAri, inbox: Inbox, node: AsteriskNode
) -> None:
    caller = await ari.call_arrives()
    call = call_of((await inbox.next(CallArrived)).channel)
    ari.responses[f"/channels/{caller.id}~ana~1"] = [0]
    node.perform(ring(call))
    await until(lambda: f"{caller.id}~ana~1" in ari.channels)
    node.perform(ring(call))  # As if the first try had been heard: what is there is what we wanted.
    ari.responses[f"/channels/{caller.id}~ana~2"] = [0, 0]
    node.perform(ring(call, at=2))
    failed = await inbox.next(CommandFailed)
    assert failed.failure is Failure.UNREACHABLE
    assert failed.channel == agent_leg(ring(call, at=2).offer)


async def test_an_event_may_come_before_the_response(
    ari: FakeAri, inbox: Inbox, node: AsteriskNode
) -> None:
    caller = await ari.call_arrives()
    call = call_of((await inbox.next(CallArrived)).channel)
    name = f"{caller.id}~ana~1"
    held = ari.before_answer[f"/channels/{name}"] = asyncio.Event()
    node.perform(ring(call))
    await until(lambda: name in ari.channels)
    await ari.pick_up(name)
    await inbox.next(LegAnswered)
    node.perform(HangUp(call=call, channel=agent_leg(ring(call).offer)))
    node.perform(SaveCall(call=call, saved="beside"))
    await until(lambda: caller.variables)  # Another channel's command does not wait.
    assert name in ari.channels  # The hang-up does, for the ringing that it ends.
    held.set()
    await inbox.next(LegEnded)


async def test_an_agents_phone_is_rung_before_anything_is_said_of_it(
    ari: FakeAri, inbox: Inbox, node: AsteriskNode
) -> None:
    caller = await ari.call_arrives()
    call = call_of((await inbox.next(CallArrived)).channel)
    ringing = ring(call)
    before = len(ari.requests)
    node.perform(ringing)
    node.perform(StartRinging(call=call))
    node.perform(SaveCall(call=call, saved="support|0|1"))
    await until(lambda: caller.variables)
    said = [path for _, path, _ in ari.requests[before:] if path.startswith("/channels/")]
    own = f"/channels/{caller.id}"
    assert said == [f"{own}~ana~1", f"{own}/ring", f"{own}/variable"]


async def test_a_hung_request_has_a_deadline(ari: FakeAri, inbox: Inbox) -> None:
    # Long enough for the second request on a busy machine.
    timings = NodeTimings(request_s=1.0)
    async with node_at(ari, inbox, timings=timings) as node:
        caller = await ari.call_arrives()
        call = call_of((await inbox.next(CallArrived)).channel)
        ari.before_answer[f"/channels/{caller.id}/answer"] = asyncio.Event()
        node.perform(AnswerCall(call=call))
        node.perform(SaveCall(call=call, saved="next"))
        await inbox.next(CommandFailed, command="AnswerCall", failure=Failure.UNREACHABLE)
        await until(lambda: caller.variables)


async def test_after_the_socket_dropped_the_truth_is_told(
    ari: FakeAri, inbox: Inbox, node: AsteriskNode
) -> None:
    stays = await ari.call_arrives()
    goes = await ari.call_arrives()
    await inbox.next(CallArrived)
    await inbox.next(CallArrived)
    ari.booting = True
    await ari.drop_socket()
    await inbox.next(NodeLost)
    assert not node.connected
    call = call_of(caller_leg(CallId(f"{NODE}:{stays.id}")))
    node.perform(RenewDeadMan(call=call, timeout_ms=1000))
    await inbox.next(CommandFailed, failure=Failure.UNREACHABLE)
    await ari.end(goes.id)
    comes = await ari.call_arrives()
    ari.booting = False
    found = await inbox.next(NodeFound)
    assert node.connected
    assert [seen.channel for seen in found.channels] == [f"pbx1:{stays.id}", f"pbx1:{comes.id}"]
    assert found.seen_at <= found.at


async def test_a_fault_of_ours_costs_the_connection_and_not_the_asterisk(
    inbox: Inbox, node: AsteriskNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = iter((KeyError("while looking"), KeyError("while connecting")))
    survey = node._survey

    async def survey_or_fail() -> Any:
        if fault := next(faults, None):
            raise fault
        return await survey()

    monkeypatch.setattr(node, "_survey", survey_or_fail)
    node.look_around()
    await inbox.next(NodeLost)
    await inbox.next(NodeFound)


async def test_what_happens_while_we_look_is_told_after_what_we_saw(
    ari: FakeAri, inbox: Inbox
) -> None:
    looking = ari.before_answer["/channels"] = asyncio.Event()
    early = await ari.call_arrives()
    node = AsteriskNode(
        NODE, ari.url, USER, PASSWORD, deliver=inbox.deliver, now_ms=inbox.now_ms, timings=QUICK
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(node.start())
        await until(lambda: ("GET", "/channels", {}) in ari.requests)
        late = await ari.call_arrives()
        await ari.end(early.id)
        looking.set()
    await node.stop()
    found, arrived, ended = inbox.all[:3]
    assert isinstance(found, NodeFound)
    assert isinstance(arrived, CallArrived) and arrived.channel == f"pbx1:{late.id}"
    assert isinstance(ended, LegEnded) and ended.channel == f"pbx1:{early.id}"
    assert [event.at for event in inbox.all] == sorted(event.at for event in inbox.all)


async def test_a_look_around_does_not_raise_the_dead(ari: FakeAri, inbox: Inbox) -> None:
    timings = NodeTimings(probe_every_s=0.01, survey_every_s=0)
    async with node_at(ari, inbox, timings=timings):
        await inbox.next(NodeFound)
        caller = await ari.call_arrives()
        await inbox.next(CallArrived)
        looking = ari.before_answer["/channels"] = asyncio.Event()
        before = len(ari.requests)
        await until(lambda: ("GET", "/channels", {}) in ari.requests[before:])
        await ari.end(caller.id)
        await inbox.next(LegEnded)  # Told at once, although we are looking.
        looking.set()
        found = await inbox.next(NodeFound)
        assert found.channels == ()


async def test_a_channel_of_which_nothing_is_told_is_asked_for(ari: FakeAri, inbox: Inbox) -> None:
    timings = NodeTimings(probe_every_s=0.01, survey_every_s=0)
    async with node_at(ari, inbox, timings=timings):
        caller = await ari.call_arrives()
        await inbox.next(CallArrived)
        ari.untold["cordboard"].add(caller.id)
        await until(lambda: not ari.untold["cordboard"])


async def test_that_a_dialled_leg_is_picked_up_is_asked_for_if_nothing_would_be_told(
    ari: FakeAri, inbox: Inbox
) -> None:
    dialled, caller = "dialled~ana-1000~out", "1795.1"
    for name in (dialled, caller):
        ari.channels[name] = FakeChannel(name, "Ringing")
        ari.untold["cordboard-dialling"].add(name)
    async with node_at(ari, inbox):
        await inbox.next(NodeFound)
        assert ari.untold["cordboard-dialling"] == {caller}


async def test_a_silent_socket_is_noticed(ari: FakeAri, inbox: Inbox, node: AsteriskNode) -> None:
    ari.deaf = True
    await inbox.next(NodeLost)
    ari.deaf = False
    await inbox.next(NodeFound)


async def test_a_silent_socket_is_noticed_before_it_is_used(ari: FakeAri, inbox: Inbox) -> None:
    ari.deaf = True
    async with node_at(ari, inbox) as node:
        assert isinstance(inbox.all[0], NodeLost)
        assert not node.connected
        ari.deaf = False
        await inbox.next(NodeFound)


async def test_who_is_replaced_does_nothing_any_more(ari: FakeAri, inbox: Inbox) -> None:
    stepped_down = asyncio.Event()
    async with node_at(ari, inbox, on_replaced=stepped_down.set) as node:
        await inbox.next(NodeFound)
        caller = await ari.call_arrives()
        call = call_of((await inbox.next(CallArrived)).channel)
        await ari.replace()
        await stepped_down.wait()
        assert not node.connected
        node.perform(AnswerCall(call=call))
        await inbox.next(NodeLost)
        await until(lambda: any(isinstance(event, CommandFailed) for event in inbox.all))
        assert caller.state == "Ring"
        assert not [e for e in inbox.all[1:] if isinstance(e, NodeFound)]


async def test_a_wrong_password_ends_the_start_and_says_what_to_do(
    ari: FakeAri, inbox: Inbox
) -> None:
    with pytest.raises(AriRefused, match=r"check \[cordboard\] in ari.conf and CORDBOARD_ARI"):
        async with node_at(ari, inbox, password="wrong"):
            pass


async def test_a_wrong_password_later_is_waited_out(
    ari: FakeAri, inbox: Inbox, node: AsteriskNode
) -> None:
    ari.password = "changed"
    await ari.drop_socket()
    await inbox.next(NodeLost)
    ari.password = PASSWORD
    await inbox.next(NodeFound)


async def test_an_old_asterisk_ends_the_start(ari: FakeAri, inbox: Inbox) -> None:
    ari.version = "18.26.4"
    with pytest.raises(AsteriskTooOld, match=r"18\.26\.4.*needs 20 or newer"):
        async with node_at(ari, inbox):
            pass


async def test_an_asterisk_that_still_boots_is_waited_for(ari: FakeAri, inbox: Inbox) -> None:
    ari.booting = True
    async with node_at(ari, inbox) as node:
        assert not node.connected
        ari.booting = False
        await inbox.next(NodeFound)
        assert node.connected


async def test_nonsense_on_the_socket_is_passed_over(
    ari: FakeAri, inbox: Inbox, node: AsteriskNode
) -> None:
    for frame in (
        "",
        "[]",
        "{",
        '{"type": "StasisStart"}',
        '{"type": "StasisStart", "channel": 1}',
    ):
        await ari.say(frame)
    await ari.call_arrives()
    await inbox.next(CallArrived)


async def test_bridges_that_nobody_is_in_are_cleared_away_but_only_ours(
    ari: FakeAri, inbox: Inbox
) -> None:
    empty, used = "cordboard~17.9~ana~1", "cordboard~17.8~ana~1"
    ear = "cordboard~17.8~sue~2"  # She has barged in, and will come back to it.
    ari.bridges = {empty: [], used: ["17.8"], ear: ["17.8~sue~2~ear"], "conference": []}
    async with node_at(ari, inbox):
        await until(lambda: empty not in ari.bridges)
    assert set(ari.bridges) == {used, ear, "conference"}


@pytest.mark.parametrize(
    ("version", "major"),
    [
        ("22.10.1", 22),
        ("22.10.1+dfsg+~cs6.17.60671434-1", 22),
        ("certified/20.7-cert1", 20),
        ("certified-18.9-cert5", 18),
        ("GIT-22-1a2b3c", 22),
        ("GIT-master-1a2b3c", None),
        ("UNKNOWN", None),
    ],
)
def test_versions(version: str, major: int | None) -> None:
    assert read_major_version(version) == major


async def test_a_leg_that_is_not_in_stasis_yet_is_asked_for_again(
    ari: FakeAri, inbox: Inbox, node: AsteriskNode
) -> None:
    call = dialled_call(NODE, AgentId("ana"), 1)
    offer = offer_to(call, AgentId("ana"), 1)
    path = f"/bridges/{bridge_for(offer)}/addChannel"
    ari.responses |= {"/channels/create": [409], path: [422, 422, 404]}
    node.perform(
        DialNumber(
            call=call,
            leg=caller_leg(call),
            sake=agent_leg(offer),
            offer=offer,
            endpoint="trunk",
            digits="110",
            number="110",
            caller_id="1",
            timeout_ms=1_000,
        )
    )
    await inbox.next(CommandFailed, command="DialNumber", failure=Failure.GONE)
    assert not ari.responses[path]
