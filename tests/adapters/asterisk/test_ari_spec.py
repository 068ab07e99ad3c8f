"""Every word that we say to ARI and read from it, against the specification that Asterisk ships."""

import itertools
import json
import re
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qsl

import msgspec
import pytest

from acd.adapters.asterisk.ari_commands import RemoveBridge, Task, requests_for
from acd.adapters.asterisk.ari_events import (
    EVENTS_READ,
    Application,
    Bridge,
    Caller,
    Channel,
    Message,
    Place,
    Playback,
)
from acd.adapters.asterisk.ari_requests import Request
from acd.adapters.asterisk.lab import LabError
from acd.adapters.asterisk.lab_parts import find_parts
from acd.adapters.asterisk.node import AsteriskNode
from acd.core.commands import (
    AnswerCall,
    Connect,
    DialNumber,
    HangUp,
    HoldLeg,
    IdentifyCaller,
    JoinLeg,
    MuteLeg,
    Overhear,
    PauseRecording,
    PickUp,
    PlayPrompts,
    PlayTones,
    ReadNumber,
    ReleaseToDialplan,
    RenewDeadMan,
    ResumeRecording,
    RingAgent,
    SaveCall,
    StartHoldMusic,
    StartRecording,
    StartRinging,
    StopPrompts,
    StopRecording,
    StopWhisper,
    Whisper,
)
from acd.core.configuration import AutoAnswer
from acd.core.events import NodeFound
from acd.core.ids import (
    AgentId,
    CallId,
    NodeId,
    agent_leg,
    caller_leg,
    dialled_call,
    ear_of,
    offer_to,
)
from tests.adapters.asterisk.fake_ari import PASSWORD, USER, FakeAri
from tests.adapters.asterisk.inbox import Inbox, until

pytestmark = pytest.mark.live

CALL = CallId("pbx1:17.1")
ANA = AgentId("ana")
OFFER = offer_to(CALL, ANA, 1000)
SUPERVISES = offer_to(CALL, AgentId("sue"), 2000)
OUT = dialled_call(NodeId("pbx1"), ANA, 1)
COMMANDS: tuple[Task, ...] = (
    AnswerCall(call=CALL),
    PlayPrompts(call=CALL, playback=1, prompts=("hello",)),
    StopPrompts(call=CALL, playback=1),
    DialNumber(
        call=OUT,
        leg=caller_leg(OUT),
        sake=agent_leg(offer_to(OUT, ANA, 1)),
        offer=offer_to(OUT, ANA, 1),
        endpoint="trunk",
        digits="110",
        number="110",
        caller_id="1",
        timeout_ms=1,
    ),
    Whisper(call=CALL, offer=OFFER, prompts=("hello",)),
    StopWhisper(call=CALL, offer=OFFER),
    StartRinging(call=CALL),
    StartHoldMusic(call=CALL, music="default"),
    SaveCall(call=CALL, saved="x"),
    RenewDeadMan(call=CALL, timeout_ms=1),
    RingAgent(
        call=CALL, offer=OFFER, agent=ANA, device="PJSIP/ana", timeout_ms=1, number="1", name="x"
    ),
    RingAgent(
        call=CALL,
        offer=OFFER,
        agent=ANA,
        device="PJSIP/ana",
        timeout_ms=1,
        number="1",
        name="x",
        auto_answer=AutoAnswer.CALL_INFO,
    ),
    Connect(call=CALL, offer=OFFER, answer=True),
    Connect(call=CALL, offer=OFFER, answer=False),
    Connect(call=CALL, offer=OFFER, answer=True, stereo=True),
    HoldLeg(call=CALL, channel=caller_leg(CALL), offer=OFFER, music="default"),
    JoinLeg(call=CALL, channel=caller_leg(CALL), offer=OFFER),
    MuteLeg(call=CALL, channel=agent_leg(OFFER), muted=True),
    MuteLeg(call=CALL, channel=agent_leg(OFFER), muted=False),
    Overhear(call=CALL, offer=SUPERVISES, of=OFFER, muted=True),
    Overhear(call=CALL, offer=SUPERVISES, of=OFFER, muted=False),
    HangUp(call=CALL, channel=ear_of(SUPERVISES)),
    PlayTones(call=CALL, keys="12#"),
    StartRecording(call=CALL, offer=OFFER, part=1),
    PauseRecording(call=CALL, part=1),
    ResumeRecording(call=CALL, part=1),
    StopRecording(call=CALL, part=1),
    StartRecording(call=CALL, offer=OFFER, part=1, stereo=True),
    PauseRecording(call=CALL, part=1, stereo=True),
    ResumeRecording(call=CALL, part=1, stereo=True),
    StopRecording(call=CALL, part=1, stereo=True),
    HangUp(call=CALL, channel=agent_leg(OFFER)),
    HangUp(call=CALL, channel=agent_leg(OFFER), elsewhere=True),
    ReleaseToDialplan(call=CALL, result="done"),
    RemoveBridge(offer=OFFER),
)


class Specification:
    def __init__(self, folder: Path) -> None:
        self.models: dict[str, Any] = {}
        self.operations: list[tuple[str, re.Pattern[str], dict[str, Any]]] = []
        for file in sorted(folder.glob("*.json")):
            resource = json.loads(file.read_text())
            self.models |= resource.get("models", {})
            for api in resource["apis"] if "models" in resource else ():
                path = re.compile(re.sub(r"\{\w+\}", "([^/]+)", api["path"]))
                for operation in api["operations"]:
                    self.operations.append((operation["httpMethod"], path, operation))

    def check(self, method: str, path: str, body: Any) -> None:
        path, _, query = path.partition("?")
        fits = [
            operation
            for verb, pattern, operation in self.operations
            if verb == method and pattern.fullmatch(path)
        ]
        assert fits, f"ARI has no {method} {path}"
        # `/channels/create` fits `/channels/{channelId}` as well: any of them will do.
        assert any(
            self._takes(operation, body or {}, dict(parse_qsl(query))) for operation in fits
        ), f"{method} {path} does not take {body}"

    def _takes(
        self, operation: dict[str, Any], body: dict[str, Any], query: dict[str, str]
    ) -> bool:
        parameters = operation.get("parameters", [])
        known = {one["name"] for one in parameters if one["paramType"] != "path"}
        if any(one["paramType"] == "body" and one["name"] == "filter" for one in parameters):
            return body.keys() <= {"allowed", "disallowed"}  # The body as a whole is the parameter.
        needed = {
            one["name"] for one in parameters if one["paramType"] != "path" and one["required"]
        }
        given = body.keys() | query.keys()
        lists = {one["name"] for one in parameters if one.get("allowMultiple")}
        return (
            needed <= given <= known
            and {name for name, value in body.items() if isinstance(value, list)} <= lists
        )

    def properties(self, model: str) -> dict[str, Any]:
        """Those of the model and of what it inherits from."""
        found = dict(self.models[model].get("properties", {}))
        for name, parent in self.models.items():
            if model in parent.get("subTypes", ()):
                found |= self.properties(name)
        return found


@pytest.fixture(scope="module")
def specification() -> Specification:
    try:
        parts = find_parts()
    except LabError as why:
        pytest.fail(f"the specification comes with Asterisk, and there is none: {why}")
    folder = parts.root / "usr/share/asterisk/rest-api"
    assert folder.is_dir(), f"{folder} is missing: Debian ships it in the package asterisk"
    return Specification(folder)


def test_no_command_is_forgotten() -> None:
    elsewhere = {IdentifyCaller, ReadNumber, PickUp}  # The directory's, and AMI's.
    assert {type(command) for command in COMMANDS} | elsewhere == set(get_args(Task))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_what_commands_say(specification: Specification, command: Task) -> None:
    for request in requests_for(command):
        assert isinstance(request, Request)
        specification.check(request.method, request.path, request.body)


async def test_what_the_connection_says(specification: Specification) -> None:
    inbox = Inbox()
    async with FakeAri.running() as ari:
        ari.bridges["cordboard~17.9~ana~1"] = []
        ari.untold["cordboard"].add((await ari.call_arrives()).id)
        node = AsteriskNode(
            NodeId("pbx1"), ari.url, USER, PASSWORD, deliver=inbox.deliver, now_ms=inbox.now_ms
        )
        await node.start()
        await inbox.next(NodeFound)
        await until(lambda: not ari.bridges and not ari.untold["cordboard"])
        await node.stop()
    assert len(ari.requests) >= 6
    for method, path, body in ari.requests:
        specification.check(method, path, body)


def test_the_events_that_we_read(specification: Specification) -> None:
    everything: set[str] = set()
    for kind in itertools.chain.from_iterable(EVENTS_READ.values()):
        assert kind in specification.models, f"ARI has no event {kind}"
        everything |= specification.properties(kind).keys()
    assert {field.name for field in msgspec.structs.fields(Message)} <= everything


@pytest.mark.parametrize(
    ("ours", "model"),
    [
        (Channel, "Channel"),
        (Caller, "CallerID"),
        (Place, "DialplanCEP"),
        (Bridge, "Bridge"),
        (Application, "Application"),
        (Playback, "Playback"),
    ],
)
def test_what_we_read_of_things(
    specification: Specification, ours: type[msgspec.Struct], model: str
) -> None:
    assert {field.name for field in msgspec.structs.fields(ours)} <= specification.properties(
        model
    ).keys()
