"""Our commands as requests: names that we chose, and nobody's text where it could do harm."""

from dataclasses import replace

import pytest

from acd.adapters.asterisk.ari_commands import (
    RemoveBridge,
    caller_id,
    failure_of,
    lane_of,
    playback_for,
    read_playback,
    requests_for,
    subject_of,
)
from acd.adapters.asterisk.ari_requests import Request
from acd.core.commands import (
    AnswerCall,
    Connect,
    DialNumber,
    HangUp,
    HoldLeg,
    JoinLeg,
    MuteLeg,
    Overhear,
    PauseRecording,
    PlayPrompts,
    ReleaseToDialplan,
    RenewDeadMan,
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
from acd.core.events import Failure
from acd.core.ids import (
    AgentId,
    CallId,
    NodeId,
    agent_leg,
    bridge_for,
    caller_leg,
    dialled_call,
    ear_of,
    offer_to,
)

CALL = CallId("pbx1:17.1")
OFFER = offer_to(CALL, AgentId("ana"), 1000)
LEG = "/channels/17.1~ana~1000"
LEG_NAME = "17.1~ana~1000"
BRIDGE = "/bridges/cordboard~17.1~ana~1000"
RING = RingAgent(
    call=CALL,
    offer=OFFER,
    agent=AgentId("ana"),
    device="PJSIP/ana",
    timeout_ms=15_001,
    number="13800138000",
    name="王小明😀",
)


def test_ring_an_agent() -> None:
    assert requests_for(RING) == (
        Request(
            "POST",
            LEG,
            {
                "endpoint": "PJSIP/ana",
                "app": "cordboard",
                "appArgs": "agent",
                "timeout": 21,
                "originator": "17.1",
                "callerId": '"王小明😀" <13800138000>',
                "variables": {"TRANSFER_CONTEXT": "cordboard-transfer"},
            },
            as_good=(409,),
        ),
    )


@pytest.mark.parametrize(
    ("how", "header"),
    [
        (AutoAnswer.CALL_INFO, {"PJSIP_HEADER(add,Call-Info)": "<sip:cordboard>;answer-after=0"}),
        (
            AutoAnswer.ALERT_INFO,
            {"PJSIP_HEADER(add,Alert-Info)": "<http://cordboard>;info=alert-autoanswer"},
        ),
        (AutoAnswer.ANSWER_MODE, {"PJSIP_HEADER(add,Answer-Mode)": "Auto"}),
    ],
)
def test_a_phone_that_picks_up_by_itself_is_told_so_in_our_words_alone(
    how: AutoAnswer, header: dict[str, str]
) -> None:
    evil = replace(RING, auto_answer=how, name="x\r\nAlert-Info: y", number="1;answer-after=9")
    (request,) = requests_for(evil)
    transfers = {"TRANSFER_CONTEXT": "cordboard-transfer"}
    assert request.body is not None and request.body["variables"] == transfers | header
    (plain,) = requests_for(RING)
    assert plain.body is not None and plain.body["variables"] == transfers


def test_connect_a_caller_who_has_not_been_answered() -> None:
    build, join, answer = requests_for(Connect(call=CALL, offer=OFFER, answer=True))
    assert build == Request(
        "POST", "/bridges/cordboard~17.1~ana~1000", {"type": "mixing"}, as_good=(409,)
    )
    assert join.path == "/bridges/cordboard~17.1~ana~1000/addChannel"
    assert join.body == {"channel": ["17.1", "17.1~ana~1000"]}
    assert answer == Request("POST", "/channels/17.1/answer")


def test_connect_a_caller_who_hears_music() -> None:
    silence, build, join = requests_for(Connect(call=CALL, offer=OFFER, answer=False))
    assert silence == Request("DELETE", "/channels/17.1/moh")
    assert build.path == "/bridges/cordboard~17.1~ana~1000"
    assert join.path == "/bridges/cordboard~17.1~ana~1000/addChannel"


def test_hold_and_retrieve() -> None:
    caller = caller_leg(CALL)
    part, music = requests_for(HoldLeg(call=CALL, channel=caller, offer=OFFER, music="jazz"))
    assert (part.method, part.path) == ("POST", f"{BRIDGE}/removeChannel")
    assert part.body == {"channel": "17.1"}
    assert 422 in part.as_good, "he is out of the bridge already"
    assert (music.path, music.body) == ("/channels/17.1/moh", {"mohClass": "jazz"})
    silence, build, join = requests_for(JoinLeg(call=CALL, channel=caller, offer=OFFER))
    assert (silence.method, silence.path) == ("DELETE", "/channels/17.1/moh")
    assert (build.path, build.as_good) == (BRIDGE, (409,))
    assert (join.path, join.body) == (f"{BRIDGE}/addChannel", {"channel": "17.1"})


def test_an_agents_leg_is_held_joined_and_muted_in_the_order_of_its_call() -> None:
    leg = agent_leg(offer_to(CALL, AgentId("bob"), 2000))
    hold = HoldLeg(call=CALL, channel=leg, offer=OFFER, music="jazz")
    join = JoinLeg(call=CALL, channel=leg, offer=OFFER)
    mute = MuteLeg(call=CALL, channel=leg, muted=True)
    for command in (hold, join, mute):
        assert (lane_of(command), subject_of(command)) == (caller_leg(CALL), leg)
    assert requests_for(hold)[0].body == requests_for(join)[-1].body == {"channel": "17.1~bob~2000"}
    note, silence = requests_for(mute)  # Should we die between the two, a restart mutes him.
    assert (silence.method, silence.path) == ("POST", "/channels/17.1~bob~2000/mute")
    assert note.body == {"variable": "CORDBOARD_STATE", "value": "muted"}
    heard, forget = requests_for(replace(mute, muted=False))
    assert heard.method == "DELETE" and silence.body == heard.body == {"direction": "in"}
    assert forget.body == {"variable": "CORDBOARD_STATE", "value": ""}


def test_an_ear_is_made_at_the_agents_leg_and_nobody_hears_through_it_before_he_is_muted() -> None:
    sues = offer_to(CALL, AgentId("sue"), 2000)
    command = Overhear(call=CALL, offer=sues, of=OFFER, muted=True)
    mute, build, snoop, join = requests_for(command)
    assert (mute.method, mute.path) == ("POST", "/channels/17.1~sue~2000/mute")
    assert build.path == "/bridges/cordboard~17.1~sue~2000"
    assert snoop.path == f"{LEG}/snoop/17.1~sue~2000~ear"
    assert snoop.body is not None
    assert (snoop.body["spy"], snoop.body["whisper"]) == ("both", "out")
    assert join.body == {"channel": ["17.1~sue~2000", "17.1~sue~2000~ear"]}
    assert join.tries > 1, "an ear takes a moment to be there"
    assert requests_for(replace(command, muted=False))[0].method == "DELETE"
    # It is hung up after it was made, and an agent's leg without waiting for anything.
    ear, leg = (HangUp(call=CALL, channel=name) for name in (ear_of(sues), agent_leg(sues)))
    assert lane_of(ear) == lane_of(command) == caller_leg(CALL)
    assert lane_of(leg) == subject_of(command) == agent_leg(sues)


def test_the_small_ones() -> None:
    caller = "/channels/17.1"
    for command, request in (
        (AnswerCall(call=CALL), Request("POST", f"{caller}/answer")),
        (StartRinging(call=CALL), Request("POST", f"{caller}/ring")),
        (
            StartHoldMusic(call=CALL, music="jazz"),
            Request("POST", f"{caller}/moh", {"mohClass": "jazz"}),
        ),
        (
            PlayPrompts(call=CALL, playback=2, prompts=("hello", "digits/1")),
            Request("POST", f"{caller}/play/17.1~2", {"media": ["sound:hello", "sound:digits/1"]}),
        ),
        (
            StopPrompts(call=CALL, playback=2),
            Request("DELETE", "/playbacks/17.1~2", as_good=(404,)),
        ),
        (
            Whisper(call=CALL, offer=OFFER, prompts=("support", "again")),
            Request(
                "POST", f"{LEG}/play/{LEG_NAME}~1", {"media": ["sound:support", "sound:again"]}
            ),
        ),
        (
            StopWhisper(call=CALL, offer=OFFER),
            Request("DELETE", f"/playbacks/{LEG_NAME}~1", as_good=(404,)),
        ),
        (
            SaveCall(call=CALL, saved="support|0|1"),
            Request(
                "POST",
                f"{caller}/variable",
                {"variable": "CORDBOARD_STATE", "value": "support|0|1"},
            ),
        ),
        (HangUp(call=CALL, channel=agent_leg(OFFER)), Request("DELETE", LEG, as_good=(404,))),
        (
            HangUp(call=CALL, channel=agent_leg(OFFER), elsewhere=True),
            Request("DELETE", LEG, {"reason": "answered_elsewhere"}, as_good=(404,)),
        ),
    ):
        assert requests_for(command) == (request,)


@pytest.mark.parametrize(
    ("answer", "empty"),
    [
        (b'{"id":"b","channels":[]}', True),
        (b'{"id":"b","channels":["17.1"]}', False),
        (b'{"id":"b"}', False),
        (b"[]", False),
        (b"<html>", False),
    ],
)
def test_a_bridge_is_looked_at_before_it_is_removed(answer: bytes, empty: bool) -> None:
    look, remove = requests_for(RemoveBridge(offer=OFFER))
    assert (look.method, remove.method) == ("GET", "DELETE")
    assert look.path == remove.path
    assert look.go_on(answer) is empty
    assert requests_for(RemoveBridge(offer=OFFER, over=True)) == (remove,)


def test_give_a_caller_back() -> None:
    result, silence, leave = requests_for(ReleaseToDialplan(call=CALL, result="done", silence=True))
    assert result.body == {"variable": "CORDBOARD_RESULT", "value": "done"}
    assert silence == Request("DELETE", "/channels/17.1/moh")
    assert leave == Request("POST", "/channels/17.1/continue")
    assert requests_for(ReleaseToDialplan(call=CALL, result="done")) == (result, leave)


@pytest.mark.parametrize(
    ("timeout_ms", "seconds"), [(0, "0"), (1, "1"), (1000, "1"), (60_000, "60")]
)
def test_the_dead_man_gets_whole_seconds_and_never_too_few(timeout_ms: int, seconds: str) -> None:
    (request,) = requests_for(RenewDeadMan(call=CALL, timeout_ms=timeout_ms))
    assert request.body == {"variable": "TIMEOUT(absolute)", "value": seconds}


@pytest.mark.parametrize(
    ("name", "number", "shown"),
    [
        ("Ana Li", "+4930123", '"Ana Li" <+4930123>'),
        ("", "4930123", '"4930123" <4930123>'),
        ("Ana", "", '"Ana" <anonymous>'),
        ("", "", '"anonymous" <anonymous>'),
        ('x" <911>', "1>;tag=2", '"x 911" <1tag2>'),
        ("a\\\r\nX-Evil: 1", "1\r\n2", '"aX-Evil: 1" <12>'),
        ("y" * 100, "5" * 100, f'"{"y" * 64}" <{"5" * 64}>'),
    ],
)
def test_the_caller_on_the_agents_phone(name: str, number: str, shown: str) -> None:
    assert caller_id(name, number) == shown


def test_an_agents_name_cannot_leave_its_place_in_a_path() -> None:
    odd = offer_to(CALL, AgentId("a/../b?x=1#é"), 5)
    (request,) = requests_for(replace(RING, offer=odd))
    assert request.path == "/channels/17.1~a%2F..%2Fb%3Fx%3D1%23%C3%A9~5"


def test_playbacks_are_named_and_read_back() -> None:
    assert read_playback(NodeId("pbx1"), playback_for(CALL, 12)) == (CALL, 12)
    assert read_playback(NodeId("pbx1"), "17.1~ana~x") is None


def test_ringing_does_not_wait_for_the_caller_and_a_hang_up_waits_for_the_ringing() -> None:
    hang_up = HangUp(call=CALL, channel=agent_leg(OFFER))
    assert lane_of(RING) == lane_of(hang_up) == agent_leg(OFFER)
    connect = Connect(call=CALL, offer=OFFER, answer=True)
    for command in (connect, SaveCall(call=CALL, saved=""), RemoveBridge(offer=OFFER)):
        assert lane_of(command) == caller_leg(CALL)
    assert subject_of(connect) == subject_of(RING) == agent_leg(OFFER)


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (404, b'{"message":"Channel not found"}', Failure.GONE),
        (409, b'{"message":"Channel not in Stasis application"}', Failure.GONE),
        (422, b'{"message":"Channel not in Stasis application"}', Failure.GONE),
        (400, b'{"message":"Provided originator channel was not found"}', Failure.GONE),
        (400, b'{"message":"Invalid endpoint"}', Failure.REFUSED),
        (401, b"", Failure.REFUSED),
        (500, b'{"error":"Allocation failed"}', Failure.REFUSED),
        (503, b"", Failure.UNREACHABLE),
    ],
)
def test_what_a_refusal_means(status: int, body: bytes, failure: Failure) -> None:
    assert failure_of(status, body) is failure


OUT = dialled_call(NodeId("pbx1"), AgentId("ana"), 1000)
OUT_OFFER = offer_to(OUT, AgentId("ana"), 1000)


def test_a_number_is_dialled_from_within_the_bridge_and_our_caller_id_is_the_last_word() -> None:
    dial = DialNumber(
        call=OUT,
        leg=caller_leg(OUT),
        sake=agent_leg(OUT_OFFER),
        offer=OUT_OFFER,
        endpoint="trunk",
        digits="01065551234",
        number="+861065551234",
        caller_id="+861065550000",
        timeout_ms=30_000,
    )
    create, build, join, present, tell, ring = requests_for(dial)
    assert build.path == f"/bridges/{bridge_for(OUT_OFFER)}"
    assert create.path == "/channels/create" and create.body is not None
    assert create.body["endpoint"] == "PJSIP/01065551234@trunk"
    assert create.body["channelId"] == "dialled~ana-1000~out"
    assert create.body["originator"] == "dialled~ana-1000~ana~1000"
    # Or Asterisk refuses it: no name may begin another one's.
    assert not str(create.body["originator"]).startswith(str(create.body["channelId"]))
    assert join.path.endswith("/addChannel") and join.body == {"channel": "dialled~ana-1000~out"}
    assert present.body == {
        "variable": "CONNECTEDLINE(all,i)",
        "value": '"+861065550000" <+861065550000>',
    }
    # It could be picked up at once.
    assert tell.path.endswith(
        "cordboard-dialling/subscription?eventSource=channel%3Adialled~ana-1000~out"
    )
    assert (ring.path, ring.body) == ("/channels/dialled~ana-1000~out/dial", {"timeout": 35})
    assert lane_of(dial) == subject_of(dial) == caller_leg(OUT)


def test_an_agent_who_calls_is_rung_for_nobody_who_must_be_there() -> None:
    ring = RingAgent(
        call=OUT,
        offer=OUT_OFFER,
        agent=AgentId("ana"),
        device="PJSIP/ana",
        timeout_ms=1,
        number="1",
        name="",
        first=True,
    )
    (request,) = requests_for(ring)
    assert request.body is not None and "originator" not in request.body


def test_a_recording_that_asterisk_has_not_begun_is_looked_for() -> None:
    begin, look = requests_for(StartRecording(call=CALL, offer=OFFER, part=1))
    assert 409 in begin.as_good and look.method == "GET" and 404 not in look.as_good
    assert not begin.go_on(b'{"name": "cordboard~x", "state": "queued"}')
    assert begin.go_on(b'{"message": "A recording with that name exists"}')


def test_in_stereo_both_ears_are_there_before_either_is_recorded() -> None:
    start = StartRecording(call=CALL, offer=OFFER, part=1, stereo=True)
    requests = requests_for(start)
    heard, said = "cordboard~pbx1%253A17.1~1~heard", "cordboard~pbx1%253A17.1~1~said"
    assert [(one.method, one.path) for one in requests] == [
        ("POST", f"/channels/17.1/snoop/{heard}"),
        ("POST", f"/channels/17.1/snoop/{said}"),
        ("POST", f"/channels/{heard}/record"),
        ("POST", f"/channels/{said}/record"),
        ("GET", f"/recordings/live/{heard}"),
        ("GET", f"/recordings/live/{said}"),
    ]
    bodies = [one.body or {} for one in requests]
    assert [body.get("spy") for body in bodies[:2]] == ["out", "in"]
    assert [body.get("name") for body in bodies[2:4]] == [
        "cordboard~pbx1%3A17.1~1~heard",
        "cordboard~pbx1%3A17.1~1~said",
    ]
    assert all(409 in one.as_good for one in requests[:4]), "asked twice, it is done once"
    assert not any(one.as_good for one in requests[4:]), "and whether it is done is seen"
    paused = requests_for(PauseRecording(call=CALL, part=1, stereo=True))
    assert [one.path for one in paused] == [f"/recordings/live/{n}/pause" for n in (heard, said)]
    assert not any(one.as_good for one in paused), "a pause of one half alone has failed"
    stopped = requests_for(StopRecording(call=CALL, part=1, stereo=True))
    assert [(one.method, one.path, one.as_good) for one in stopped] == [
        ("DELETE", f"/channels/{name}", (404,)) for name in (heard, said)
    ]


@pytest.mark.parametrize(("stereo", "kind"), [(True, "mixing,video_sfu"), (False, "mixing")])
def test_where_a_leg_may_be_recorded_by_itself_asterisk_mixes_even_two(
    stereo: bool, kind: str
) -> None:
    leg = caller_leg(CALL)
    for command in (
        Connect(call=CALL, offer=OFFER, answer=True, stereo=stereo),
        JoinLeg(call=CALL, channel=leg, offer=OFFER, stereo=stereo),
    ):
        (build,) = [one for one in requests_for(command) if one.body and "type" in one.body]
        assert build.body == {"type": kind}
