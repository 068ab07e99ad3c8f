"""The lab itself, and the dialplan of asterisk_conf on a real Asterisk."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from acd.adapters.asterisk import lab as lab_module
from acd.adapters.asterisk.lab import Lab, LabError
from acd.adapters.asterisk.lab_addresses import held, ports_are_free
from acd.adapters.asterisk.lab_parts import Parts
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from tests.live.ami import Ami
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

IDLE = "0 active channels"


@contextmanager
def cordboard(lab: Lab) -> Iterator[ClientConnection]:
    """The application as Asterisk sees it: a socket that listens, and does nothing of itself."""
    token = base64.b64encode(f"{lab.ari_user}:{lab.ari_password}".encode()).decode()
    url = f"ws://{lab.ari_host}:{lab.ari_port}/ari/events?app=cordboard"
    with connect(url, additional_headers={"Authorization": f"Basic {token}"}) as socket:
        yield socket


def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    deadline = time.monotonic() + 10
    while True:
        event: dict[str, Any] = json.loads(socket.recv(timeout=deadline - time.monotonic()))
        if event["type"] == kind:
            return event


@pytest.fixture(autouse=True)
def quiet_lab(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test leaves the shared lab without a channel, or fails by it."""
    yield
    if "lab" in request.fixturenames:
        shared: Lab = request.getfixturevalue("lab")
        shared.cli("channel request hangup all")
        until(lambda: IDLE in shared.cli("core show channels"), what="all channels gone")


@pytest.fixture(autouse=True)
def as_new(request: pytest.FixtureRequest) -> Iterator[None]:
    """The fallback's members as they were before a Cordboard was here, and afterwards no call left in it."""
    shared = request.getfixturevalue("lab") if "lab" in request.fixturenames else None
    if shared is not None:
        shared.reset_queue_members()
    yield
    if shared is not None:
        shared.cli("channel request hangup all")


def test_it_runs_what_it_says(parts: Parts, folder: Path) -> None:
    with Lab("fresh", folder, parts=parts) as lab:
        it_runs_what_it_says(lab)


def it_runs_what_it_says(lab: Lab) -> None:
    assert "22." in lab.cli("core show version")
    status, info = lab.ari("GET", "/asterisk/info")
    assert status == 200
    assert json.loads(info)["system"]["version"].startswith("22.")
    assert lab.sip_address in lab.ari_url
    for line in lab.log_file.read_text(errors="replace").splitlines():
        assert " ERROR[" not in line, "a lab that starts with errors teaches people to ignore them"


def test_without_cordboard_app_queue_serves_the_caller_with_voice_both_ways(lab: Lab) -> None:
    with (
        AgentPhones(lab, default=Phone(ring_ms=100)) as phones,
        Callers(lab, [Call(extension="4001", talk_ms=3000)], media=True) as callers,
    ):
        until(lambda: "2 active channels" in lab.cli("core show channels"), what="talking")
        until(lambda: len(voice(lab)) == 2 and min(voice(lab)) > 10, what="packets from both")
        assert callers.wait(10), callers.errors()
        assert len(phones.rung()) == 1


def voice(lab: Lab) -> list[int]:
    """Packets that Asterisk has received on each channel."""
    rows = re.findall(
        r"^\s*\S+\s+(?:ana|bob|chen|dora|trunk)-\S+\s+\d\d:\d\d:\d\d\s+\w+\s+(\d+)",
        lab.cli("pjsip show channelstats"),
        re.MULTILINE,
    )
    return [int(packets) for packets in rows]


def test_a_menu_falls_back_to_the_queue_that_is_named_for_menus(lab: Lab) -> None:
    with AgentPhones(lab), Callers(lab, [Call(extension="4000", talk_ms=500)]) as callers:
        assert callers.wait(10), callers.errors()
    assert "menu main: FAILED ), now in app_queue support" in lab.log_file.read_text(
        errors="replace"
    )


def test_a_silent_cordboard_loses_the_caller_to_app_queue(lab: Lab) -> None:
    lab.cli("dialplan set global CORDBOARD_DEADMAN 2")
    try:
        with (
            cordboard(lab) as socket,
            AgentPhones(lab) as phones,
            Callers(lab, [Call(extension="4002", talk_ms=500)]) as callers,
        ):
            heard(socket, "StasisStart")
            entered_at = time.time()
            heard(socket, "StasisEnd")
            assert callers.wait(10), callers.errors()
            (rung_at, _agent), *_ = phones.rung()
            assert 1.5 < rung_at - entered_at < 4
    finally:
        lab.cli("dialplan set global CORDBOARD_DEADMAN 60")
    assert "queue sales: TIMEOUT ), now in app_queue sales" in lab.log_file.read_text(
        errors="replace"
    )


def test_those_who_waited_longer_are_served_first_after_a_silence(lab: Lab) -> None:
    """Both clocks ran out, the later caller's first: the earlier one is still at the head."""
    with cordboard(lab) as socket, Callers(lab, [Call(number="1")], name="first"):
        first = heard(socket, "StasisStart")["channel"]["id"]
        with Callers(lab, [Call(number="2")], name="second", port=5070):
            second = heard(socket, "StasisStart")["channel"]["id"]
            # The order comes from whole seconds, and this test has no second to wait.
            query = "variable=CORDBOARD_JOINED&value=1700000000"
            assert lab.ari("POST", f"/channels/{first}/variable?{query}")[0] == 204
            lab.ari("POST", f"/channels/{second}/continue")
            until(lambda: "support has 1 calls" in lab.cli("queue show support"))
            lab.ari("POST", f"/channels/{first}/continue")
            until(lambda: "support has 2 calls" in lab.cli("queue show support"))
            lines = lab.cli("queue show support").partition("Callers:")[2]
            assert re.search(r"1\. PJSIP/trunk-\S+ \(wait: \d+:\d+, prio: 447483647\)", lines), (
                lines
            )
            # Nothing is said of the second one: his channel is named after the second in which it was made.
            assert f"prio: {2147483647 - int(second.partition('.')[0])})" in lines, lines


@pytest.mark.parametrize(
    ("result", "queued"),
    [
        ("done", False),
        ("closed", False),
        ("voicemail", False),
        ("unknown-queue", True),
        ("unknown-menu", True),
        ("", True),
    ],
)
def test_a_decision_goes_home_and_a_name_nobody_knows_to_the_fallback(
    lab: Lab, result: str, queued: bool
) -> None:
    with (
        cordboard(lab) as socket,
        Callers(lab, [Call(extension="4001")]) as callers,
    ):
        channel = heard(socket, "StasisStart")["channel"]["id"]
        query = f"variable=CORDBOARD_RESULT&value={result}"
        assert lab.ari("POST", f"/channels/{channel}/variable?{query}")[0] == 204
        assert lab.ari("POST", f"/channels/{channel}/continue")[0] == 204
        if queued:
            until(lambda: "Queue(support" in lab.cli("core show channels"), what="in the fallback")
        else:
            callers.wait(5)
            assert IDLE in until(lambda: lab.cli("core show channels"))


def test_a_callers_name_is_data_and_nothing_else(lab: Lab) -> None:
    name = "${GLOBAL(CORDBOARD_DEADMAN)},b)=$(reboot)&PJSIP/ana"
    with (
        cordboard(lab) as socket,
        Callers(lab, [Call(name=name, extension="4001", number="+861380*1")]),
    ):
        event = heard(socket, "StasisStart")
    assert event["args"] == ["enter", "queue", "support", "4001", ""]
    assert event["channel"]["caller"]["name"] == name
    assert "CORDBOARD_STATE" in event["channel"]["channelvars"]


def test_digits_arrive_after_the_answer(lab: Lab) -> None:
    with (
        cordboard(lab) as socket,
        Callers(lab, [Call(digits="1*0#", digits_after_ms=50, talk_ms=100)]) as callers,
    ):
        channel = heard(socket, "StasisStart")["channel"]["id"]
        lab.ari("POST", f"/channels/{channel}/answer")
        pressed = [heard(socket, "ChannelDtmfReceived")["digit"] for _ in range(4)]
        assert pressed == ["1", "*", "0", "#"]
        assert callers.wait(5), callers.errors()


def test_a_caller_gives_up_while_it_rings(lab: Lab) -> None:
    with cordboard(lab) as socket, Callers(lab, [Call(patience_ms=200)]) as callers:
        heard(socket, "StasisStart")
        assert callers.wait(5), callers.errors()
        heard(socket, "StasisEnd")


def test_a_caller_hangs_up_when_told_to(lab: Lab) -> None:
    with cordboard(lab) as socket, Callers(lab, [Call()]) as callers:
        heard(socket, "StasisStart")
        callers.hang_up()
        heard(socket, "StasisEnd")


@pytest.mark.parametrize(("what", "cause"), [("busy", 17), ("decline", 21), ("ring", 0)])
def test_agents_phones_behave_as_told(lab: Lab, what: Any, cause: int) -> None:
    with cordboard(lab) as socket, AgentPhones(lab, {"bob": Phone(what=what)}) as phones:
        channel = f"leg-{what}"
        query = f"endpoint=PJSIP/bob&app=cordboard&channelId={channel}"
        assert lab.ari("POST", f"/channels?{query}")[0] == 200
        until(phones.rung, what="bob's phone rings")
        if what == "ring":
            assert lab.ari("DELETE", f"/channels/{channel}")[0] == 204
        gone = heard(socket, "ChannelDestroyed")
        assert gone["channel"]["id"] == channel
        assert not cause or gone["cause"] == cause
        until(lambda: IDLE in lab.cli("core show channels"))


def test_ami_may_do_what_we_need_and_no_more(lab: Lab) -> None:
    with Ami(lab) as ami:
        assert ami.ask("Ping")["Response"] == "Success"
        assert ami.list("DeviceStateList", "DeviceStateChange")
        assert ami.list("QueueStatus", "QueueMember")
        member = {"Queue": "sales", "Interface": "PJSIP/ana"}
        assert ami.ask("QueueRemove", **member)["Response"] == "Success"
        assert ami.ask("QueueAdd", **member, MemberName="ana")["Response"] == "Success"
        assert ami.ask("QueuePause", **member, Paused="true")["Response"] == "Success"
        assert ami.ask("QueuePause", **member, Paused="false")["Response"] == "Success"
        for forbidden in (
            "Originate",
            "Command",
            "GetConfig",
            "UpdateConfig",
            "Redirect",
            "Setvar",
        ):
            assert "ermission denied" in ami.ask(forbidden).get("Message", ""), forbidden
        with AgentPhones(lab), Callers(lab, [Call(extension="4009", talk_ms=300)]) as callers:
            assert callers.wait(10), callers.errors()
            states = {ami.event("DeviceStateChange")["State"] for _ in range(3)}
        assert "RINGING" in states or "INUSE" in states or "BUSY" in states
        assert not {"Newchannel", "VarSet", "Newexten"} & ami.seen


def test_an_agent_answers_and_hangs_up_by_hand(lab: Lab) -> None:
    with (
        AgentPhones(lab, default=Phone(what="ring")) as phones,
        Callers(lab, [Call(extension="4001")]) as callers,
    ):
        ((_, agent),) = until(phones.rung)
        # A phone that was only invited takes no finger yet.
        until(lambda: rings(phones), what="the phone's 180")
        phones.press(agent)
        until(lambda: talking(lab), what="talk")
        # Asterisk knows of the talk a moment before the phone does, and a phone takes no finger before.
        until(lambda: acknowledged(phones), what="the phone's ACK")
        phones.press(agent)
        assert callers.wait(5), callers.errors()


def test_an_agent_hangs_up_after_the_talk(lab: Lab) -> None:
    with (
        AgentPhones(lab, default=Phone(ring_ms=50, talk_ms=300)),
        Callers(lab, [Call(extension="4001")]) as callers,
    ):
        assert callers.wait(10), callers.errors()


def rings(phones: AgentPhones) -> bool:
    return any(not m.received and "180 Ringing" in m.first_line for m in phones.messages())


def acknowledged(phones: AgentPhones) -> bool:
    return any(m.received and m.first_line.startswith("ACK") for m in phones.messages())


def talking(lab: Lab) -> bool:
    return "2 active channels" in lab.cli("core show channels") and "in call" in lab.cli(
        "queue show"
    )


def test_two_labs_side_by_side(lab: Lab, parts: Parts, folder: Path) -> None:
    with Lab("second", folder, parts=parts) as other:
        assert other.sip_address != lab.sip_address
        for one in (lab, other):
            with AgentPhones(one), Callers(one, [Call(talk_ms=200)]) as callers:
                assert callers.wait(10), callers.errors()


def test_stop_leaves_nothing(parts: Parts, folder: Path) -> None:
    lab = Lab("brief", folder, parts=parts)
    lab.start()
    index = lab.index
    started_s = time.monotonic()
    lab.stop()
    lab.stop()
    assert time.monotonic() - started_s < 3
    assert_nothing_left(folder, index)


def test_a_killed_parent_leaves_nothing(folder: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers
lab = Lab("orphan", Path(sys.argv[1]))
lab.start()
phones = AgentPhones(lab); phones.start()
callers = Callers(lab, [Call()]); callers.start()
print(lab.index, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        index = int(parent.stdout.readline())
        assert processes_in(folder), "they do run before"
        parent.send_signal(signal.SIGKILL)
    until(lambda: not processes_in(folder), within_s=5, what="all gone with their parent")
    until(lambda: not held(index), within_s=5, what="its addresses free again")
    assert_nothing_left(folder, index)


def test_a_lab_that_stays_until_it_is_taken_down(parts: Parts, folder: Path) -> None:
    name = f"stays-{os.getpid()}"
    try:
        facts = lab_module.up(name, folder)
        assert lab_module.up(name, folder) == facts, "once is enough"
        assert facts in lab_module.status()
    finally:
        assert lab_module.down(name)
    assert not lab_module.down(name)
    assert_nothing_left(folder, facts.index)


def test_a_broken_lab_says_what_and_where(parts: Parts, folder: Path) -> None:
    with pytest.raises(LabError, match="no name for"):
        Lab("x", folder, agents=["ana\n[trunk]"])
    (folder / "etc").parent.mkdir()
    nothing = Parts(root=parts.root, asterisk="/usr/bin/false", version="none")
    with pytest.raises(LabError, match="ended while starting"):
        Lab("x", folder, parts=nothing).start()
    until(lambda: not processes_in(folder), within_s=2, what="nothing left of it")


def processes_in(folder: Path) -> list[str]:
    """Processes that name this folder, work in it, or see it mounted, as the lab's Asterisk does."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            uses = (line, str((process / "cwd").readlink()), (process / "mountinfo").read_text())
        except OSError:
            continue
        if int(process.name) != os.getpid() and any(str(folder) in use for use in uses):
            found.append(line)
    return found


def assert_nothing_left(folder: Path, index: int) -> None:
    # A guard's shell ends a moment after what it guards.
    until(lambda: not processes_in(folder), within_s=5, what="all its processes gone")
    assert str(folder) not in Path("/proc/mounts").read_text()
    # The kernel closes a killed process's sockets a moment after the process is gone.
    until(lambda: ports_are_free(f"127.77.{index}.1"), within_s=2, what="its ports free again")
    assert not held(index)
