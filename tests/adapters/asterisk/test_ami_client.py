"""The AMI client against a peer that misbehaves in every way that was seen, and some that were not."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.asterisk.ami_client import (
    Action,
    Ami,
    AmiLost,
    AmiRefused,
    AmiTimings,
    Message,
)
from tests.adapters.asterisk.ami_peer import AmiPeer, ami_peer, until

QUICK = AmiTimings(
    connect_s=2.0,
    answer_s=0.3,
    boot_s=0.3,
    ping_every_s=0.05,
    ping_answer_s=0.2,
    retry_first_s=0.01,
    retry_last_s=0.05,
    refused_retry_last_s=0.2,
)
PATIENT = AmiTimings(answer_s=20.0, ping_every_s=60.0, retry_first_s=0.01)


class Ear:
    """Remembers all that the client says, in order."""

    def __init__(self) -> None:
        self.events: list[Message] = []
        self.ups = 0
        self.downs: list[str] = []

    def hear(self, message: Message) -> None:
        if message.text("Event") != "FullyBooted":
            self.events.append(message)

    def up(self) -> None:
        self.ups += 1


def client(peer: AmiPeer, ear: Ear, timings: AmiTimings = QUICK, secret: str = "s3cret") -> Ami:
    return Ami(
        "127.0.0.1",
        peer.port,
        "cordboard",
        secret,
        hear=ear.hear,
        on_up=ear.up,
        on_down=ear.downs.append,
        timings=timings,
    )


@asynccontextmanager
async def connected(
    peer: AmiPeer, ear: Ear | None = None, timings: AmiTimings = QUICK
) -> AsyncIterator[Ami]:
    ami = client(peer, ear or Ear(), timings)
    await ami.start()
    try:
        yield ami
    finally:
        await ami.close()


async def test_logs_in_once_and_asks() -> None:
    ear = Ear()
    async with ami_peer() as peer, connected(peer, ear) as ami:
        assert ami.connected
        assert ear.ups == 1
        assert (await ami.request("Ping")).text("Ping") == "Pong"
        login = peer.received[0]
        assert (login["Action"], login["Username"], login["Secret"]) == (
            "Login",
            "cordboard",
            "s3cret",
        )


async def test_a_list_ends_where_asterisk_says_so() -> None:
    states = {f"PJSIP/{name}": "NOT_INUSE" for name in ("ana", "bob", "张三李四")}
    async with ami_peer(devices=states) as peer, connected(peer) as ami:
        seen: list[str] = []
        answer = await ami.request(
            "DeviceStateList", each=lambda item: seen.append(item.text("Device"))
        )
        assert answer.ok
        assert seen == list(states)


async def test_an_answer_that_sounds_like_a_list_is_none() -> None:
    """panoramisk waits for ever after "Added interface to queue"."""
    async with ami_peer(queues={"support": {}}) as peer, connected(peer) as ami:
        member = {"Queue": "support", "Interface": "PJSIP/ana"}
        assert (await ami.request("QueueAdd", member)).ok
        assert not (await ami.request("QueueAdd", member)).ok


async def test_a_refused_list_is_an_answer() -> None:
    async with ami_peer(denied={"DeviceStateList"}) as peer, connected(peer) as ami:
        answer = await ami.request("DeviceStateList")
        assert not answer.ok
        assert answer.text("Message") == "Permission denied"


async def test_text_that_arrives_byte_by_byte_is_whole() -> None:
    ear = Ear()
    async with (
        ami_peer(byte_by_byte=True, devices={"PJSIP/张三李四👩‍💻": "INUSE"}) as peer,
        connected(peer, ear, PATIENT) as ami,
    ):
        seen: list[str] = []
        await ami.request("DeviceStateList", each=lambda item: seen.append(item.text("Device")))
        assert seen == ["PJSIP/张三李四👩‍💻"]


async def test_bytes_that_are_no_text_do_not_hide() -> None:
    ear = Ear()
    async with ami_peer() as peer, connected(peer, ear):
        peer.say_bytes(b"Event: X\r\nName: \xff\xfe\r\n\r\n")
        await until(lambda: ear.events)
        assert ear.events[0].text("Name") == "\ufffd\ufffd"


async def test_a_bare_line_feed_begins_no_header() -> None:
    ear = Ear()
    async with ami_peer() as peer, connected(peer, ear):
        peer.say_bytes(b"Event: X\r\nName: Eve\nDevice: PJSIP/ana\n\nEvent: Y\r\n\r\n")
        peer.say_bytes(b"Event: Z\r\n\r\n")
        await until(lambda: len(ear.events) == 2)
        first, second = ear.events
        assert (first.text("Event"), first.text("Device")) == ("X", "")
        assert second.text("Event") == "Z"


async def test_the_first_of_two_equal_headers_counts() -> None:
    message = Message.parse(b"Event: DeviceStateChange\r\nState: INUSE\r\nstate: NOT_INUSE")
    assert message is not None
    assert message.text("State") == "INUSE"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_parser(frame: bytes) -> None:
    message = Message.parse(frame)
    if message is not None:
        assert all(isinstance(value, str) for value in message.values())


async def test_a_peer_that_answers_no_pings_is_left() -> None:
    ear = Ear()
    async with ami_peer() as peer, connected(peer, ear) as ami:
        peer.deaf_to.add("Ping")
        await until(lambda: ear.downs)
        assert ear.downs == ["Ping: no answer within 0.2 s"]
        peer.deaf_to.clear()
        await until(lambda: ear.ups == 2)
        assert ami.connected


async def test_a_drop_in_the_middle_of_a_list_is_lost_and_not_repeated() -> None:
    ear = Ear()
    devices = {f"PJSIP/a{number}": "INUSE" for number in range(10)}
    async with ami_peer(devices=devices) as peer, connected(peer, ear, PATIENT) as ami:
        peer.break_list_after = 5
        with pytest.raises(AmiLost):
            await ami.request("DeviceStateList")
        peer.break_list_after = None
        await until(lambda: ear.ups == 2)
        assert (await ami.request("Ping")).ok
        assert len(peer.actions("DeviceStateList")) == 1


@pytest.mark.parametrize("how", ["drop", "reset"])
async def test_what_was_in_flight_is_never_sent_again(how: str) -> None:
    ear = Ear()
    async with ami_peer(deaf_to={"QueueAdd"}) as peer, connected(peer, ear, PATIENT) as ami:
        member = {"Queue": "support", "Interface": "PJSIP/ana"}
        asking = asyncio.create_task(ami.request("QueueAdd", member))
        await until(lambda: peer.actions("QueueAdd"))
        getattr(peer, how)()
        with pytest.raises(AmiLost):
            await asking
        await until(lambda: ear.ups == 2)
        assert (await ami.request("Ping")).ok
        assert len(peer.actions("QueueAdd")) == 1


async def test_no_answer_is_lost_and_leaves_nothing_behind() -> None:
    async with ami_peer(deaf_to={"QueueStatus"}) as peer, connected(peer) as ami:
        for _ in range(3):
            with pytest.raises(AmiLost, match="no answer"):
                await ami.request("QueueStatus")
        await until(lambda: not ami.protocol.responses)


async def test_nothing_is_kept_for_later_while_down() -> None:
    async with ami_peer() as peer, connected(peer) as ami:
        await peer.vanish()
        await until(lambda: not ami.connected)
        with pytest.raises(AmiLost, match="not connected"):
            await ami.request("QueueAdd", {"Queue": "support", "Interface": "PJSIP/ana"})
        await peer.listen()
        await until(lambda: ami.connected)
        assert peer.actions("QueueAdd") == []


async def test_many_unanswered_actions_are_not_piled_up() -> None:
    async with ami_peer(deaf_to={"QueueStatus"}) as peer, connected(peer, None, PATIENT) as ami:
        asking = [asyncio.create_task(ami.request("QueueStatus")) for _ in range(200)]
        await until(lambda: sum(task.done() for task in asking) == 100)
        assert len(ami.protocol.responses) == 100
        peer.drop()
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(result, AmiLost) for result in results)


async def test_a_wrong_secret_is_fatal_at_the_start() -> None:
    async with ami_peer() as peer:
        ami = client(peer, Ear(), secret="wrong")
        with pytest.raises(AmiRefused) as refused:
            await ami.start()
        assert str(refused.value) == (
            f"Asterisk's manager at 127.0.0.1:{peer.port} refuses user cordboard: "
            "check [cordboard] in manager.conf and CORDBOARD_AMI_SECRET"
        )
        assert peer.connections == 1


async def test_a_secret_changed_later_is_tried_now_and_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ear = Ear()
    async with ami_peer() as peer, connected(peer, ear):
        peer.secret = "another"
        peer.drop()
        await until(lambda: len(peer.actions("Login")) == 4)
        assert "refuses user cordboard" in caplog.text
        assert "s3cret" not in caplog.text
        peer.secret = "s3cret"
        await until(lambda: ear.ups == 2)


async def test_an_asterisk_that_is_not_there_yet_is_waited_for() -> None:
    ear = Ear()
    async with ami_peer() as peer:
        await peer.vanish()
        ami = client(peer, ear)
        await ami.start()
        assert not ami.connected
        await peer.listen()
        await until(lambda: ear.ups)
        await ami.close()


async def test_asterisk_that_boots_late_is_asked_again() -> None:
    ear = Ear()
    async with ami_peer(boots=False) as peer, connected(peer, ear):
        assert ear.ups == 1
        peer.say(Event="FullyBooted")
        await until(lambda: ear.ups == 2)


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-x\r\n", b""])
async def test_the_secret_is_told_to_asterisk_only(greeting: bytes) -> None:
    async with ami_peer(greeting=greeting) as peer:
        ami = client(peer, Ear())
        await ami.start()
        await until(lambda: peer.connections > 1)
        await ami.close()
        assert peer.received == []


async def test_a_message_without_an_end_ends_the_connection() -> None:
    ear = Ear()
    async with ami_peer() as peer, connected(peer, ear, PATIENT):
        peer.say_bytes(b"Event: X\r\nName: " + b"x" * 1_000_000)
        await until(lambda: ear.downs)
        assert ear.downs == ["a message without an end"]


async def test_a_flood_arrives_in_order_and_leaves_the_loop_to_others() -> None:
    ear = Ear()
    count = 20_000
    async with ami_peer() as peer, connected(peer, ear, PATIENT) as ami:
        frames = [b"Event: Flood\r\nNumber: %d\r\n\r\n" % number for number in range(count)]
        peer.say_bytes(b"".join(frames))
        turns = 0
        while len(ear.events) < count:
            before = len(ear.events)
            await asyncio.sleep(0)
            # However much is there, others have their turn after a handful.
            assert len(ear.events) - before <= 100
            turns += 1
            assert len(ami.protocol._unread) <= 3 * 262_144
        assert turns >= count / 100
        assert [event.text("Number") for event in ear.events] == [str(n) for n in range(count)]
        assert (await ami.request("Ping")).ok


async def test_a_failing_listener_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    def hear(message: Message) -> None:
        heard.append(message.text("Event"))
        raise RuntimeError("a fault of the listener")

    async with ami_peer(devices={"PJSIP/ana": "INUSE"}) as peer:
        ami = Ami("127.0.0.1", peer.port, "cordboard", "s3cret", hear=hear,
                  on_up=lambda: hear(Message({})), on_down=lambda _: None, timings=QUICK)  # fmt: skip
        await ami.start()
        peer.say(Event="A")
        peer.say(Event="B")
        await until(lambda: heard[-1:] == ["B"])
        assert (await ami.request("DeviceStateList", each=hear)).ok
        assert peer.connections == 1
        await ami.close()
    assert "a fault of the listener" in caplog.text


async def test_close_means_close(caplog: pytest.LogCaptureFixture) -> None:
    before = asyncio.all_tasks()
    async with ami_peer() as peer:
        ami = client(peer, Ear())
        await ami.start()
        await peer.vanish()
        await until(lambda: not ami.connected)
        await ami.close()  # In the middle of its attempts to come back.
        await ami.close()
        await peer.listen()
        caplog.set_level(logging.DEBUG)
        assert len([task for task in asyncio.all_tasks() - before if task.get_name() == "ami"]) == 0
        assert peer.connections == 1


async def test_a_start_that_is_cancelled_leaves_nothing() -> None:
    async with ami_peer(deaf_to={"Login"}) as peer:
        ami = client(peer, Ear(), PATIENT)
        starting = asyncio.create_task(ami.start())
        await until(lambda: peer.received)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        await until(lambda: not peer._writers)


async def test_a_login_that_is_thrown_out_at_once_is_not_hammered() -> None:
    slow = AmiTimings(retry_first_s=0.02, retry_last_s=0.4)
    async with ami_peer(drops_logins=True) as peer, connected(peer, Ear(), slow):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await until(lambda: peer.connections == 5)
        assert loop.time() - began >= (0.02 + 0.04 + 0.08 + 0.16) / 2 * 0.9


@pytest.mark.parametrize("code", [*range(32), 127])
async def test_no_control_character_leaves(code: int) -> None:
    with pytest.raises(ValueError, match="control character"):
        Action("QueueAdd", {"Queue": f"a{chr(code)}Action: Originate"}, lambda _: None)


@pytest.mark.parametrize("header", ["", "A b", "Queue: x\r\nY", "A:", "Größe"])
async def test_no_strange_header_leaves(header: str) -> None:
    with pytest.raises(ValueError, match="no AMI header"):
        Action("QueueAdd", {header: "x"}, lambda _: None)


@pytest.mark.parametrize("name", ["Originate", "Command", "Redirect", "Hangup", "AGI", "ping", ""])
async def test_what_makes_calls_or_runs_commands_cannot_be_sent(name: str) -> None:
    with pytest.raises(ValueError, match="may be sent"):
        Action(name, {}, lambda _: None)


async def test_what_asterisk_would_split_or_discard_is_refused() -> None:
    with pytest.raises(ValueError, match="comma"):
        Action("QueueAdd", {"Variable": "a=b,c=d"}, lambda _: None)
    with pytest.raises(ValueError, match="longer"):
        Action("QueueAdd", {"MemberName": "张" * 400}, lambda _: None)
    with pytest.raises(ValueError, match="surrogates"):
        Action("QueueAdd", {"MemberName": "\ud800"}, lambda _: None)


@given(st.text(max_size=80))
async def test_an_action_is_as_many_lines_as_it_has_headers(value: str) -> None:
    try:
        action = Action("QueueAdd", {"Queue": "support", "MemberName": value}, lambda _: None)
    except ValueError:
        return
    lines = str(action).encode().replace(b"\r\n", b"\n").split(b"\n")
    assert sorted(line.partition(b":")[0] for line in lines if line) == [
        b"Action",
        b"ActionID",
        b"MemberName",
        b"Queue",
    ]
    assert lines[-2:] == [b"", b""]
